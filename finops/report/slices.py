"""Slices: a month's spend by service or account, and what is expected of each so that they add up to the forecast."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from finops.money import add, subtract
from finops.periods import Period, previous_month

_PACE_DAYS = 14
"""Two weeks: what a slice has cost lately decides its share of what is still to come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """One service in a project, or one account: exact amounts per day of this month and the one before.

    Attributes:
        part: project the slice belongs to, whose forecast its own is a share of; the whole for accounts.
        group: provider; `name`: service or account.
        by_rates: what dated rates add to this month's days over the mean rate of the month before.
        rates_before: what they add to the days of that month.
        by_plan, plan_before: what that mean rate adds to the budget rate, in this month and the one before.
    """

    part: str
    group: str
    name: str
    daily: Mapping[date, Decimal]
    by_rates: Decimal = Decimal(0)
    rates_before: Decimal = Decimal(0)
    by_plan: Decimal = Decimal(0)
    plan_before: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewcomerFact:
    """A kind of instance of a service in a project that the month before did not have."""

    part: str
    service: str
    name: str
    first_day: date
    to_date: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A slice with its month before, its complete days, and its whole month as expected."""

    slice: Slice
    previous: Decimal
    to_date: Decimal
    forecast: Decimal
    days_charged: int

    @property
    def by_rates(self) -> Decimal:
        """What moved exchange rates change over the whole month, if they stay where they are."""
        return subtract(self._whole(self.slice.by_rates), self.slice.rates_before)

    @property
    def by_plan(self) -> Decimal:
        """What the mean rate of the month before changes against the budget rate, over the whole month."""
        return subtract(self._whole(self.slice.by_plan), self.slice.plan_before)

    def _whole(self, so_far: Decimal) -> Decimal:
        return so_far * self.forecast / self.to_date if self.to_date else so_far

    @property
    def change(self) -> Decimal:
        """Forecast minus the month before."""
        return subtract(self.forecast, self.previous)


def expected(
    slices: Sequence[Slice], forecasts: Mapping[str, Decimal], period: Period, data_to: date | None
) -> list[Expected]:
    """What each slice will cost: its complete days, and its share of what is still to come in its part.

    Args:
        slices: of the period and the month before.
        forecasts: whole month per part; slices of a part add up to it exactly.
        period: the month.
        data_to: last complete day.
    """
    found: list[Expected] = []
    for part in dict.fromkeys(one.part for one in slices):
        mine = [one for one in slices if one.part == part]
        known = [_sum(one, period, data_to) for one in mine]
        rest = subtract(forecasts[part], *known) if part in forecasts else Decimal(0)
        shares = _shares(mine, rest, data_to)
        found += [
            Expected(
                slice=one,
                previous=_sum(one, previous_month(period), None),
                to_date=so_far,
                forecast=add(so_far, share),
                days_charged=sum(1 for day in one.daily if day in previous_month(period) and one.daily[day]),
            )
            for one, so_far, share in zip(mine, known, shares, strict=True)
        ]
    return found


def _sum(one: Slice, period: Period, data_to: date | None) -> Decimal:
    return add(*(a for day, a in one.daily.items() if day in period and (data_to is None or day <= data_to)))


def _shares(slices: Sequence[Slice], rest: Decimal, data_to: date | None) -> list[Decimal]:
    """What is still to come, in proportion to the pace of the last days; the largest takes what division leaves."""
    if data_to is None or not rest:
        return [Decimal(0)] * len(slices)
    lately = Period(start=data_to - timedelta(days=_PACE_DAYS - 1), end=data_to + timedelta(days=1))
    paces = [max(_sum(one, lately, data_to), Decimal(0)) for one in slices]
    total = add(*paces)
    if not total:
        paces, total = [Decimal(1)] * len(slices), Decimal(len(slices))
    shares = [rest * pace / total for pace in paces]
    largest = max(range(len(slices)), key=lambda at: paces[at])
    shares[largest] = add(shares[largest], subtract(rest, *shares))
    return shares
