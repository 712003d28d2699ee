"""Depreciation: what an asset loses in value, year by year (F-DEP-1 to F-DEP-4).

Schedules are tuples over years; the first is the year of purchase. They add up to cost less residual, save that of
technology decline, which never ends.
"""

import math
from itertools import pairwise

from finops.tco.reasons import NoFigure

ML_ACCELERATOR_DECLINE = 0.14
"""Orders of magnitude per year by which the price of ML compute falls (Cottier et al. 2024, Epoch, 2024-05)."""

_MOST_YEARS = 200


def straight_line(cost: float, residual: float, life_years: float) -> float:
    """Depreciation per year (F-DEP-1): (C-S)/L.

    Raises:
        NoFigure: without a life.

    >>> straight_line(1000, 100, 3)
    300.0
    """
    _need_life(life_years)
    return (cost - residual) / life_years


def declining_balance(cost: float, residual: float, life_years: float, factor: float = 2.0) -> tuple[float, ...]:
    """Depreciation of each year (F-DEP-2): f/L of the book value, straight line from the year in which that is more.

    A life that ends within a year gives that year its part. The book value never falls below the residual.

    >>> [round(year, 2) for year in declining_balance(1000, 0, 5)]
    [400.0, 240.0, 144.0, 108.0, 108.0]
    """
    _need_life(life_years)
    _need_factor(factor)
    if residual > cost:
        raise NoFigure(f"a residual of {residual:g} exceeds the cost of {cost:g}")
    book, switched, years = cost, False, []
    for at in range(math.ceil(life_years)):
        remaining = life_years - at
        length = min(1.0, remaining)
        line = (book - residual) * length / remaining
        share = min(1.0, factor / life_years) * book * length
        switched = switched or line >= share
        year = book - residual if remaining <= 1 else min(line if switched else share, book - residual)
        years.append(year)
        book -= year
    return tuple(years)


def macrs(class_years: float, factor: float = 2.0) -> tuple[float, ...]:
    """Shares of cost per year (F-DEP-3), US half-year convention: half a first year, and the rest after the life.

    Year 1: f/(2L); later max(q·B, B/(L-(t-1.5))), never more than the book value. IRS Publication 946 prints these with
    last digits adjusted by up to 0.01 percent so that its columns add up.

    >>> [round(100 * year, 2) for year in macrs(5)]
    [20.0, 32.0, 19.2, 11.52, 11.52, 5.76]
    """
    _need_life(class_years)
    _need_factor(factor)
    quota, book, years = min(1.0, factor / class_years), 1.0, []
    for number in range(1, math.ceil(class_years) + 2):
        remaining = class_years - (number - 1.5)
        if number == 1:
            year = quota / 2
        elif remaining <= 1:
            year = book
        else:
            year = min(book, max(quota * book, book / remaining))
        years.append(year)
        book -= year
    return tuple(years)


def technology_decline(price: float, years: float, decline: float = ML_ACCELERATOR_DECLINE) -> float:
    """Value after so many years (F-DEP-4): V0·10^(-k·t), k in orders of magnitude per year.

    >>> round(technology_decline(1000, 1 / 0.14), 6)
    100.0
    """
    return price * math.pow(10.0, -decline * years)


def technology_schedule(cost: float, life_years: float, decline: float = ML_ACCELERATOR_DECLINE) -> tuple[float, ...]:
    """What technology decline takes from the value in each year of a life."""
    _need_life(life_years)
    ends = [min(float(year), life_years) for year in range(math.ceil(life_years) + 1)]
    values = [technology_decline(cost, end, decline) for end in ends]
    return tuple(before - after for before, after in pairwise(values))


def _need_life(years: float) -> None:
    if not 0 < years <= _MOST_YEARS:
        raise NoFigure(f"a life of {years:g} years has no schedule")


def _need_factor(factor: float) -> None:
    if factor <= 0:
        raise NoFigure(f"a declining-balance factor of {factor:g} depreciates nothing")
