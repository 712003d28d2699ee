"""Double counting: two sources that both hold the whole of one bill are refused before anything is read."""

from finops import plugins
from finops.config import Config
from finops.connector import Whole
from finops.errors import ConfigurationError, FinopsError
from finops.store.scratch import scratch


def refuse(config: Config) -> None:
    """Raise where two sources name the same bill; nothing is read and nobody is asked.

    Raises:
        CountedTwice: names both.
    """
    first: dict[str, str] = {}
    with scratch(config.store.spill) as folder:
        for entry in config.sources:
            try:
                connector = plugins.connector(entry.connector, entry.source, folder)
                bill = connector.bill() if isinstance(connector, Whole) else None
            except FinopsError:  # what is wrong with one source is said where that one is read
                continue
            if bill is not None and first.setdefault(bill, entry.source.name) != entry.source.name:
                raise CountedTwice(bill, first[bill], entry.source.name)


class CountedTwice(ConfigurationError):
    """Two sources hold the same bill."""

    def __init__(self, bill: str, one: str, other: str) -> None:
        super().__init__(
            f"Sources {one!r} and {other!r} both hold {bill}: all of its cost would count twice.",
            "Remove one of them from finops.toml; of a standard and a detailed export, the detailed one says more.",
        )
