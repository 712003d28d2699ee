"""Public holidays: which days are holidays where, as the library `holidays` knows it; nothing is fetched."""

import difflib
from collections.abc import Mapping, Sequence
from datetime import date

from finops.forecast.holidays import Holidays


class NoSuchPlace(Exception):
    """A place whose holidays are not known; with the nearest one that is, where there is any."""

    def __init__(self, what: str, todo: str) -> None:
        super().__init__(what)
        self.what, self.todo = what, todo


def check(place: str) -> None:
    """Whether the holidays of a place are known.

    Args:
        place: a country's code of two letters, as `DE`, and where wanted its part, as `DE-BY`.

    Raises:
        NoSuchPlace: if not.
    """
    country, _, part = place.partition("-")
    known = _known()
    if country not in known:
        raise NoSuchPlace(f"no country {country!r} is known", _near(country))
    if "-" in place and part not in known[country]:
        if not known[country]:
            raise NoSuchPlace(
                f"{country} has no part {part!r}", f"Write {country!r}: its holidays are known as a whole."
            )
        near = difflib.get_close_matches(part, known[country], n=1, cutoff=0.5)
        todo = f"Did you mean {f'{country}-{near[0]}'!r}?" if near else f"It has {', '.join(known[country])}."
        raise NoSuchPlace(f"{country} has no part {part!r}", todo)


def of_places(places: Sequence[str], *, start: date, end: date) -> tuple[Holidays, ...]:
    """The holidays of places, those on their weekend left out, place by place in alphabetical order.

    Args:
        places: as `check` takes them.
        start: first day.
        end: first day after.
    """
    import holidays

    found = []
    for place in sorted(set(places)):
        country, _, part = place.partition("-")
        days = holidays.country_holidays(country, subdiv=part or None, years=range(start.year, end.year + 1))
        inside = frozenset(day for day in days if start <= day < end and day.weekday() not in days.weekend)
        found.append(Holidays(place=place, days=inside))
    return tuple(found)


def source() -> str:
    """Whose word the holidays are."""
    from importlib.metadata import version  # noqa: PLC0415 - as above

    return f"Python library holidays {version('holidays')}"


def _known() -> Mapping[str, Sequence[str]]:
    """The parts of every country, by its code."""
    import holidays

    return {code: parts for code, parts in holidays.list_supported_countries().items() if len(code) == 2}  # noqa: PLR2004 - of ISO 3166


def _near(country: str) -> str:
    from holidays.registry import COUNTRIES

    codes = {name.lower(): code for module, (_, code, *others) in COUNTRIES.items() for name in (module, code, *others)}
    written = country.lower().replace(" ", "_")
    near = difflib.get_close_matches(written, codes, n=1, cutoff=0.5)
    return f"Did you mean {codes[near[0]]!r}?" if near else "Write a country's code of two letters, such as 'DE'."
