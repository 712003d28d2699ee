"""Backtest: forecasts of past months, made again as they would have been, beside what came."""

import calendar
import math
from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from finops.forecast.forecaster import DRAWS, History, forecast_all
from finops.forecast.naive import run_rate, seasonal_naive
from finops.periods import Period, month_of, previous_month


@dataclass(frozen=True, slots=True, kw_only=True)
class PastMonth:
    """A month's total as forecast on an earlier day, beside what came.

    Attributes:
        month: the month, `2026-09`.
        made_on: last day the forecast knew, inclusive; nothing after it was used.
        mean: point forecast of the month's total; `low_80` and `high_80` its 80 % range, `median` its middle.
        actual: what came.
        naive: the straight line: the month's days up to `made_on` at their mean, to the end of the month.
        seasonal: every later day as 364 days before, or else whole weeks before; nan where it was not asked.
        as_known: whether it rests on the days as they were known then, and not on those of today.
        issued_on: when it was issued; None where it was made again.
    """

    month: str
    made_on: date
    mean: float
    low_80: float
    high_80: float
    actual: float
    naive: float
    seasonal: float = math.nan
    median: float = math.nan
    as_known: bool = False
    issued_on: date | None = None

    @property
    def hit(self) -> bool:
        """Whether what came lies in the 80 % range."""
        return self.low_80 <= self.actual <= self.high_80


def past_months(
    history: History,
    *,
    cut_off_day: int,
    months: int = 6,
    seed: int,
    leave_out: Container[str] = (),
    draws: int = DRAWS,
    known: Mapping[date, History] = MappingProxyType({}),
) -> list[PastMonth]:
    """Forecast the last whole months of a history again, each from the same day of the month.

    Days after the cut-off are not used. Where it is not told what was known then, the days before are final figures:
    what they looked like before late charges came in is not in a history, so forecasts made then had less to go on.

    Args:
        history: complete days.
        cut_off_day: last day of the month known to the forecast; the month's last day but one where it is shorter.
        months: how many at most.
        seed: same seed, same ranges.
        leave_out: labels of months that count, but are not forecast again.
        draws: number of paths; one where no range is asked for.
        known: the series as it was known by the end of the day after a cut-off, by that cut-off; its last days may be
            left out as incomplete.

    Returns:
        Oldest first; months before the first charge and those whose cut-off lies on the first day of the history or
        before it are left out.

    Raises:
        ValueError: if the cut-off day is not between 1 and 30.
    """
    if not 1 <= cut_off_day <= 30:  # noqa: PLR2004 - the last day of a month leaves nothing to forecast
        message = f"A cut-off day lies between 1 and 30, not at {cut_off_day}"
        raise ValueError(message)
    found: list[PastMonth] = []
    period = previous_month(month_of(history.end))
    first_charge = next((at for at, value in enumerate(history.values) if value), len(history.values))
    known_from = history.start + timedelta(days=first_charge)
    left = months
    while left > 0:
        last_day = calendar.monthrange(period.start.year, period.start.month)[1]
        made_on = period.start.replace(day=min(cut_off_day, last_day - 1))
        if made_on <= known_from or period.start < history.start:
            break
        left -= 1
        if period.months()[0] not in leave_out:
            found.append(_again(history, period, made_on, seed=seed, draws=draws, then=known.get(made_on)))
        period = previous_month(period)
    return found[::-1]


def _again(
    history: History, period: Period, made_on: date, *, seed: int, draws: int, then: History | None
) -> PastMonth:
    cut = then or history.until(made_on + timedelta(days=1))
    forecast = forecast_all({"again": cut}, until=period.end, seed=seed, draws=draws)["again"]
    total = forecast.total(period)
    low, high = total.interval(0.8)
    offset = (period.start - history.start).days
    straight, seasonal = run_rate(cut, period), seasonal_naive(cut, period)
    return PastMonth(
        month=period.months()[0],
        made_on=made_on,
        mean=total.mean,
        low_80=low,
        high_80=high,
        median=total.quantile(0.5),
        actual=sum(history.values[offset : offset + period.days]),
        naive=math.nan if straight is None else straight,
        seasonal=math.nan if seasonal is None else seasonal,
        as_known=then is not None,
    )
