"""Choice: whether a simple method does better on a series than the usual model, judged by its own past months."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

import numpy as np
import numpy.typing as npt

from finops.forecast.backtest import PastMonth, past_months
from finops.forecast.forecaster import Forecast, History
from finops.forecast.naive import seasonal_naive
from finops.periods import Period

Floats = npt.NDArray[np.float64]
Method = Literal["run-rate", "seasonal naive"]

CUT_OFF_DAYS = (10, 20)
"""Days of the month from which past months are forecast again."""

FEWEST_TOTALS = 12
_MONTHS = 6
_DRAWS = 200
_CLEARLY = 2.0
_FEWEST_DAYS = 7
_RECENT = 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A simple method that did better.

    Attributes:
        method: which.
        totals: how many past totals were compared.
        error, usual: errors of the simple method and of the usual model over what came; 0.05 is five per cent.
    """

    method: Method
    totals: int
    error: float
    usual: float

    @property
    def reason(self) -> str:
        """In a sentence."""
        return (
            f"{self.method.capitalize()} did clearly better on {self.totals} past totals "
            f"({self.error:.1%} off, the usual model {self.usual:.1%}), so it is used."
        )


def past_half_year(history: History, *, seed: int) -> list[PastMonth]:
    """The last six months forecast again, from each of CUT_OFF_DAYS: what `judge` and `width.own_width` go by.

    Args:
        history: complete days.
        seed: of the ranges.
    """
    return [
        one
        for day in CUT_OFF_DAYS
        for one in past_months(history, cut_off_day=day, months=_MONTHS, seed=seed, draws=_DRAWS)
    ]


def judge(past: Sequence[PastMonth]) -> Choice | None:
    """The better of run-rate and seasonal naive, where it beats the usual model by more than chance would let it.

    The months' differences in absolute error must be above zero by twice their standard error, over six months
    forecast again from two days each. A lead that is less says little about the next month: on 265 daily series at
    a cut-off (docs/forecasts.md), taking whatever had erred less made the errors of the coming month 6 % larger,
    taking it wherever the usual model was not better for sure 17 %, and this rule less than 1 %.

    Args:
        past: forecasts of one series, made again from each of CUT_OFF_DAYS.

    Returns:
        None where the usual model stays, or fewer totals than FEWEST_TOTALS can be compared.
    """
    came = sum(abs(one.actual) for one in past)
    if len(past) < FEWEST_TOTALS or not came:
        return None
    methods: dict[Method, list[float]] = {
        "run-rate": [abs(one.naive - one.actual) for one in past],
        "seasonal naive": [abs(one.seasonal - one.actual) for one in past],
    }
    method = min(methods, key=lambda name: (sum(methods[name]), name))
    usual = [abs(one.mean - one.actual) for one in past]
    leads: dict[str, list[float]] = {}
    for one, ours, simple in zip(past, usual, methods[method], strict=True):
        leads.setdefault(one.month, []).append(ours - simple)
    by_month = np.array([np.mean(lead) for lead in leads.values()])
    noise = float(by_month.std(ddof=1)) / len(by_month) ** 0.5
    if float(by_month.mean()) <= _CLEARLY * noise:
        return None
    return Choice(method=method, totals=len(past), error=sum(methods[method]) / came, usual=sum(usual) / came)


def chosen(forecast: Forecast, choice: Choice) -> Forecast:
    """The forecast with the simple method's days as its point forecast; its futures move along and stay as wide.

    Args:
        forecast: of the usual model.
        choice: what is used instead.
    """
    mean = _days(forecast.history, choice.method, len(forecast.mean))
    floor = np.zeros(len(mean))
    booked = forecast.history.booked[: len(mean)]
    floor[: len(booked)] = booked
    if min(forecast.history.values) >= 0:
        varied = forecast.mean > 0
        factors = mean / np.where(varied, forecast.mean, 1.0)
        futures = forecast.futures.changed(lambda paths: np.maximum(np.where(varied, paths * factors, mean), floor))
        return replace(
            forecast, mean=np.maximum(mean, floor), futures=futures, model=choice.method, reason=choice.reason
        )
    futures = forecast.futures.changed(lambda paths: paths + (mean - forecast.mean))
    return replace(forecast, mean=mean, futures=futures, model=choice.method, reason=choice.reason)


def _days(history: History, method: Method, days: int) -> Floats:
    """Each coming day by a simple method."""
    if method == "run-rate":
        known = history.end.day - 1
        values = history.values[-known:] if known >= _FEWEST_DAYS else history.values[-_RECENT:]
        return np.full(days, float(np.mean(values)))
    one_day = (Period(start=day, end=day + timedelta(days=1)) for day in _coming(history, days))
    return np.array([seasonal_naive(history, day) or 0.0 for day in one_day])


def _coming(history: History, days: int) -> Period:
    return Period(start=history.end, end=history.end + timedelta(days=days))
