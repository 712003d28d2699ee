"""Pace: how a month's budget is spread over its days: as the months before were spent, as fees fall on fixed days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate

from finops.money import add
from finops.periods import Period, previous_month

_MOST_MONTHS = 6
_FEWEST_MONTHS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The share of a month's budget that is due by the end of each day.

    Attributes:
        shares: cumulative, one per day, the last one 1.
        months: labels of the months it was learnt from, oldest first; empty where the budget is spread evenly.
    """

    shares: tuple[Decimal, ...]
    months: tuple[str, ...]


def pace(daily: Mapping[date, Decimal], period: Period, *, first_day: date) -> Pace:
    """Learn the pace from the whole months before the period.

    Args:
        daily: exact amounts per day.
        period: a month; other periods are spread evenly.
        first_day: first day with data; months that start before it are not whole.
    """
    months = _months_before(daily, period, first_day) if period.start.day == 1 and len(period.months()) == 1 else []
    if len(months) < _FEWEST_MONTHS:
        return Pace(shares=tuple(Decimal(day + 1) / period.days for day in range(period.days)), months=())
    profiles = [[daily.get(day, Decimal(0)) for day in month] for month in months]
    expected = [_mean([profile[day] for profile in profiles if day < len(profile)]) for day in range(period.days)]
    total = add(*expected)
    shares = [running / total for running in accumulate(expected, add)]
    return Pace(shares=(*shares[:-1], Decimal(1)), months=tuple(month.months()[0] for month in months))


def _months_before(daily: Mapping[date, Decimal], period: Period, first_day: date) -> list[Period]:
    """Up to six whole months with spend, oldest first."""
    found: list[Period] = []
    month = previous_month(period)
    while len(found) < _MOST_MONTHS and month.start >= first_day:
        if add(*(daily.get(day, Decimal(0)) for day in month)) <= 0:
            break
        found.insert(0, month)
        month = previous_month(month)
    return found


def _mean(amounts: list[Decimal]) -> Decimal:
    """The mean; zero where no month was that long."""
    return add(*amounts) / len(amounts) if amounts else Decimal(0)
