"""Skill: how far forecasts of past months were off, beside what the two simplest methods would have said."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Literal

from finops.forecast.backtest import past_months
from finops.forecast.forecaster import History

Band = Literal["run", "walk", "crawl", "below crawl"]

BANDS: tuple[tuple[float, Band], ...] = ((0.12, "run"), (0.15, "walk"), (0.20, "crawl"))
"""FinOps Foundation, KPI "forecast accuracy": at most so far off, absolute over actual, at each level of maturity."""

_CLEARLY = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """Errors over some past months of one series; shares, 0.05 is five per cent.

    Attributes:
        months: how many were forecast again.
        error: sum of absolute errors over the sum of what came.
        run_rate, seasonal_naive: the same of these two.
        variance: what came less the forecast, over the forecast: plus is more spent than forecast.
        hits: share of totals inside their 80 % range.
        totals: how many were forecast again: each month from one or more days.
        as_known: how many of them by what was known then; the others by what is known today.
    """

    months: int
    error: float
    run_rate: float
    seasonal_naive: float
    variance: float
    hits: float
    totals: int = 0
    as_known: int = 0

    @property
    def band(self) -> Band:
        """The FinOps level of maturity that the error stands for."""
        return next((name for most, name in BANDS if self.error <= most), "below crawl")

    @property
    def naive_is_as_good(self) -> bool:
        """Whether one of the simple methods is no more than 5 % worse, or better."""
        return min(self.run_rate, self.seasonal_naive) * _CLEARLY <= self.error


def skill(
    history: History,
    *,
    cut_off_days: Sequence[int],
    months: int,
    seed: int,
    known: Mapping[date, History] = MappingProxyType({}),
) -> Skill | None:
    """Forecast the last whole months again, from each of these days of the month.

    Args:
        history: complete days.
        cut_off_days: last days known, 1 to 30.
        months: how many at most.
        seed: same seed, same ranges.
        known: the series as it was known then, as `past_months` takes it.

    Returns:
        None where no month can be forecast again, or nothing was charged in any.
    """
    past = [
        one
        for day in cut_off_days
        for one in past_months(history, cut_off_day=day, months=months, seed=seed, known=known)
        if not (math.isnan(one.naive) or math.isnan(one.seasonal))
    ]
    came = sum(abs(one.actual) for one in past)
    forecast = sum(one.mean for one in past)
    if not came:
        return None
    return Skill(
        months=len({one.month for one in past}),
        error=sum(abs(one.mean - one.actual) for one in past) / came,
        run_rate=sum(abs(one.naive - one.actual) for one in past) / came,
        seasonal_naive=sum(abs(one.seasonal - one.actual) for one in past) / came,
        variance=(sum(one.actual for one in past) - forecast) / abs(forecast) if forecast else 0.0,
        hits=sum(one.hit for one in past) / len(past),
        totals=len(past),
        as_known=sum(one.as_known for one in past),
    )
