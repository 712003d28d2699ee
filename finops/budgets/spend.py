"""Spend: what a scope has cost day by day, exactly, and what it will cost, as draws."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from finops.forecast.forecaster import Forecast
from finops.money import add, from_float, subtract, to_float
from finops.periods import Period


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spend:
    """One scope's past and future in one measure.

    Attributes:
        name: in words.
        daily: exact amount per day; days without charges may be left out. Days after `data_to` are seen but incomplete.
        data_to: last complete day, inclusive; None when there is none.
        forecast: draws after `data_to`; None where it is not computable.
        unknown: why there is no forecast; None where there is one.
    """

    name: str
    daily: Mapping[date, Decimal]
    data_to: date | None
    forecast: Forecast | None
    unknown: str | None = None

    def to_date(self, period: Period) -> Decimal:
        """Exact amount of the complete days inside the period."""
        return add(*(amount for day, amount in self.daily.items() if day in period and self._complete(day)))

    def closed(self, period: Period) -> bool:
        """Whether every day of the period is complete."""
        return self._complete(period.last_day)

    def outlook(self, period: Period) -> "PeriodOutlook | NotForecast":
        """The whole period: complete days as they are, the rest as forecast."""
        so_far = self.to_date(period)
        if self.closed(period):
            return PeriodOutlook(period=period, to_date=so_far, amount=so_far, spread=None)
        if self.forecast is None:
            return NotForecast(reason=self.unknown or f"{self.name} has no forecast")
        # The complete days stay exact; only what is forecast crosses from statistics to money.
        rest = self.forecast.total(self._ahead(period))
        draws = tuple(sorted(float(value) for value in rest.draws))
        return PeriodOutlook(period=period, to_date=so_far, amount=add(so_far, from_float(rest.mean)), spread=draws)

    def overrun_on(self, period: Period, limit: Decimal) -> date | None:
        """First day on which the running total of the period is above the limit; None if it never is."""
        running = Decimal(0)
        for day in period:
            if not self._complete(day):
                break
            running = add(running, self.daily.get(day, Decimal(0)))
            if running > limit:
                return day
        if self.forecast is None or self.closed(period):
            return None
        return self.forecast.overrun_day(self._ahead(period), to_float(subtract(limit, running)))

    def _ahead(self, period: Period) -> Period:
        """The days of a period that is not closed which are not complete: the forecast knows no day before them."""
        begun = period.start if self.data_to is None else self.data_to + timedelta(days=1)
        return Period(start=max(period.start, begun), end=period.end)

    def _complete(self, day: date) -> bool:
        return self.data_to is not None and day <= self.data_to


@dataclass(frozen=True, slots=True, kw_only=True)
class NotForecast:
    """A total that is not computable, and why."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PeriodOutlook:
    """A period's total.

    Attributes:
        to_date: complete days, exact.
        amount: the whole period, point forecast.
        spread: sorted draws of what is still to come; None for a closed period, which has no spread.
    """

    period: Period
    to_date: Decimal
    amount: Decimal
    spread: tuple[float, ...] | None

    def range(self, level: float) -> tuple[Decimal, Decimal] | None:
        """The central range of the total, for example of level 0.8; None for a closed period."""
        if self.spread is None:
            return None
        low, high = (add(self.to_date, from_float(self._quantile(q))) for q in ((1 - level) / 2, (1 + level) / 2))
        return low, high

    def chance_over(self, limit: Decimal) -> float:
        """Probability of ending above the limit: 0 or 1 for a closed period."""
        if self.spread is None:
            return 1.0 if self.amount > limit else 0.0
        room = to_float(subtract(limit, self.to_date))
        return sum(value > room for value in self.spread) / len(self.spread)

    def _quantile(self, q: float) -> float:
        """Linear interpolation between the sorted draws."""
        assert self.spread is not None  # noqa: S101 - both callers have looked
        at = q * (len(self.spread) - 1)
        below = int(at)
        above = min(below + 1, len(self.spread) - 1)
        return self.spread[below] + (at - below) * (self.spread[above] - self.spread[below])


def last_days(data_to: date, left_out: int) -> tuple[date, ...]:
    """The days after the last complete one that were seen but left out."""
    return tuple(data_to + timedelta(days=n + 1) for n in range(left_out))
