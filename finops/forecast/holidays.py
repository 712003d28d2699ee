"""Holidays: the days off of a place, as a forecast is told them."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Holidays:
    """The public holidays of one country or part of it that do not fall on its weekend.

    Attributes:
        place: for example `DE` or `DE-BY`.
        days: past and coming ones.
    """

    place: str
    days: frozenset[date]
