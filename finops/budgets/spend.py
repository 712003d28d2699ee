"""Spend: what a scope has cost day by day, exactly, and what it will cost, as draws."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from finops.forecast.forecaster import Forecast
from finops.forecast.steps import Step
from finops.money import add, from_float, subtract, to_float
from finops.periods import Period


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spend:
    """One scope's past and future in one measure.

    Attributes:
        name: in words.
        daily: exact amount per day; days without charges may be left out. Days after `data_to` are seen but incomplete.
        data_to: last complete day, inclusive; None when there is none.
        forecast: draws after `data_to`, events included; None where it is not computable.
        base: the same without events; None where there is none that changes it.
        steps: what each event adds to the base.
        unknown: why there is no forecast; None where there is one.
    """

    name: str
    daily: Mapping[date, Decimal]
    data_to: date | None
    forecast: Forecast | None
    unknown: str | None = None
    base: Forecast | None = None
    steps: tuple[Step, ...] = ()

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
        ahead = self._ahead(period)
        rest = self.forecast.total(ahead)
        draws = tuple(sorted(float(value) for value in rest.draws))
        base = add(so_far, from_float((self.base or self.forecast).total(ahead).mean))
        steps = tuple((step.event.name, amount) for step in self.steps if (amount := step.amount(ahead)))
        amount = add(base, *(step for _, step in steps))
        return PeriodOutlook(period=period, to_date=so_far, amount=amount, spread=draws, steps=steps)

    def overrun_by(
        self, period: Period, limit: Decimal, chances: Sequence[Decimal]
    ) -> tuple[tuple[Decimal, date], ...]:
        """For each chance, the first day by whose end the running total has been above the limit with that chance.

        Args:
            period: any.
            limit: of the period.
            chances: over 0 to 1; one that is not reached within the period is left out.
        """
        running = self.to_date(period)
        if self.forecast is None or self.closed(period) or running > limit:
            return ()
        ahead = self._ahead(period)
        reached = self.forecast.overrun_chances(ahead, to_float(subtract(limit, running)))
        first = [next((at for at, share in enumerate(reached) if share >= float(chance)), None) for chance in chances]
        return tuple(
            (chance, ahead.start + timedelta(days=at))
            for chance, at in zip(chances, first, strict=True)
            if at is not None
        )

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
        amount: the whole period, point forecast, events included.
        steps: name and amount of every event that changes the period.
        spread: sorted draws of what is still to come; None for a closed period, which has no spread.
    """

    period: Period
    to_date: Decimal
    amount: Decimal
    spread: tuple[float, ...] | None
    steps: tuple[tuple[str, Decimal], ...] = ()

    @property
    def base(self) -> Decimal:
        """The whole period without events: base and steps add up to the amount, exactly."""
        return subtract(self.amount, *(step for _, step in self.steps))

    def range(self, level: float) -> tuple[Decimal, Decimal] | None:
        """The central range of the total, for example of level 0.8; None for a closed period."""
        if self.spread is None:
            return None
        low, high = (add(self.to_date, from_float(self._quantile(q))) for q in ((1 - level) / 2, (1 + level) / 2))
        return low, high

    def quantiles(self, levels: Sequence[Decimal]) -> tuple[Decimal, ...]:
        """The total at each level, over 0 and below 1; the amount itself for a closed period."""
        if self.spread is None:
            return (self.amount,) * len(levels)
        return tuple(add(self.to_date, from_float(self._quantile(float(level)))) for level in levels)

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
