"""Quantities in words, for messages of the terminal: `1 row`, `12,003 rows`."""


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number of things, in English.

    Args:
        number: how many.
        one: what one of them is called.
        many: what several are called; `one` with an s where left out.

    >>> counted(1, "row"), counted(12003, "row"), counted(0, "delivery", "deliveries")
    ('1 row', '12,003 rows', '0 deliveries')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"
