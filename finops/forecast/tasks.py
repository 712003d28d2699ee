"""Tasks: totals of somebody else's series, as `finops backtest --tasks` forecasts them.

A folder holds `history.parquet` (item_id, date, cost, freq D or M) and `tasks.parquet` (task_id, item_id, freq, cutoff,
period, start, end, budget; `cutoff` is the last visible day, `start` and `end` are inclusive). One item is one series
at one cut-off. What lies after the cut-off is not used, gaps count as zero, several rows of a day add up.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from finops.forecast.beginning import Beginnings, beginnings
from finops.forecast.forecaster import CalendarForecaster, Forecast, forecast_all
from finops.forecast.late_days import split_incomplete
from finops.forecast.learnt import LEARNT, Learnt
from finops.forecast.months import forecast_months
from finops.periods import Period, month_after
from finops.processes import done_by

QUANTILES = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
DRAWS = 500
"""Paths per item: a quarter of what reports use, as totals are all that is asked for."""

SECONDS_EACH = 0.014
"""That an item takes about, on a core of 2026."""

_CHUNK = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One total wanted: `period` (end exclusive), and the probability that it exceeds `budget` (may be nan)."""

    name: str
    period: Period
    budget: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One series at one cut-off.

    Attributes:
        freq: D: one value per day from `start`; M: one per month, `start` is the first of one.
        values: up to the cut-off, without gaps; empty where nothing is known.
        tasks: what is asked.
    """

    name: str
    freq: Literal["D", "M"]
    start: date
    values: tuple[float, ...]
    tasks: tuple[Task, ...]

    @property
    def end(self) -> date:
        """First day, or the first of the month, after the last value (exclusive end)."""
        days = timedelta(days=len(self.values))
        return month_after(self.start, len(self.values)) if self.freq == "M" else self.start + days


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """The total of one task; everything is nan where no forecast is computable.

    Attributes:
        mean: point forecast.
        quantiles: in the order of QUANTILES.
        over: probability that the total exceeds the budget.
    """

    task: str
    mean: float
    quantiles: tuple[float, ...]
    over: float


def beginnings_by_end(items: Sequence[Item]) -> dict[date, Beginnings]:
    """How daily items began, by the day they end before: nothing that came later is used.

    Days on which no item is still waiting for its first charge, or all are, are left out.
    """
    by_end: dict[date, dict[str, tuple[float, ...]]] = {}
    for item in items:
        if item.freq == "D" and item.values:
            by_end.setdefault(item.end, {})[item.name] = item.values
    found = {end: beginnings(values) for end, values in by_end.items()}
    return {end: one for end, one in found.items() if one is not None}


def predict(
    item: Item, *, seed: int, learnt: Learnt = LEARNT, beginnings: Beginnings | None = None
) -> list[Prediction]:
    """Forecast every task of one item; equal whatever else is forecast, and in which process.

    Args:
        item: the series and what is asked of it.
        seed: same seed, same quantiles.
        learnt: shares and sizes of errors; others than the ones in use to try them.
        beginnings: of the items that end on the same day; without them what was never charged stays zero.
    """
    if not item.values:
        nothing = (math.nan,) * len(QUANTILES)
        return [Prediction(task=task.name, mean=math.nan, quantiles=nothing, over=math.nan) for task in item.tasks]
    forecast = _forecast(item, seed, learnt, beginnings)
    return [_prediction(forecast, task) for task in item.tasks]


def predict_all(
    items: Sequence[Item], *, seed: int, processes: int, progress: Callable[[int], None] = lambda _: None
) -> list[Prediction]:
    """Forecast all items, in the order given.

    Args:
        items: any number.
        seed: same seed, same predictions, for any number of processes.
        processes: how many work; 1 stays in this one.
        progress: called with the number of items done so far.
    """
    chunks = [items[at : at + _CHUNK] for at in range(0, len(items), _CHUNK)]
    found: list[Prediction] = []
    count = 0
    begun = beginnings_by_end(items)
    work = [(chunk, seed, {item.end: begun[item.end] for item in chunk if item.end in begun}) for chunk in chunks]
    for done, predictions in zip(chunks, done_by(_predict_some, work, processes), strict=True):
        found += predictions
        count += len(done)
        progress(count)
    return found


def _predict_some(work: tuple[Sequence[Item], int, dict[date, Beginnings]]) -> list[Prediction]:
    items, seed, begun = work
    return [one for item in items for one in predict(item, seed=seed, beginnings=begun.get(item.end))]


def _forecast(item: Item, seed: int, learnt: Learnt, beginnings: Beginnings | None) -> Forecast:
    until = max(task.period.end for task in item.tasks)
    if item.freq == "M":
        until = max(until, item.end + timedelta(days=1))
        return forecast_months(item.start, item.values, until=until, seed=seed, draws=DRAWS, learnt=learnt)
    # the cut-off itself is a whole day of the history, so the clock stands on the day after
    history = split_incomplete(item.start, item.values, as_of=item.end)
    until = max(until, history.end + timedelta(days=1))
    forecaster = CalendarForecaster(learnt=learnt, beginnings=beginnings)
    return forecast_all({"item": history}, until=until, seed=seed, draws=DRAWS, forecaster=forecaster)["item"]


def _prediction(forecast: Forecast, task: Task) -> Prediction:
    import numpy as np  # noqa: PLC0415 - kept out of start-up: `finops --help` lists this command

    total = forecast.total(task.period)
    quantiles = np.quantile(total.draws, QUANTILES)
    over = math.nan if math.isnan(task.budget) else total.chance_over(task.budget)
    return Prediction(task=task.name, mean=total.mean, quantiles=tuple(quantiles.tolist()), over=over)
