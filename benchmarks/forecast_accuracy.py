"""Forecast benchmark: our forecaster on a folder of tasks.

The folder holds `history.parquet` (item_id, date, cost, freq) and `tasks.parquet` (task_id, item_id, freq, cutoff,
period, start, end, budget; ends inclusive); the prediction file gets one row per task with mean, nine quantiles and
the probability that the total exceeds the budget.

    python benchmarks/forecast_accuracy.py TASKS_DIR -o predictions.parquet

Without a folder it forecasts made-up daily bills and prints errors beside those of a straight line (run-rate).

Measured in November 2026 on the development half of a collection of public usage and spend series and generated bills
(1,742 totals of month, quarter and year of 174 series, late last days included; each series weighs the same):

                          WAPE   CRPS   in 80 %   in 95 %   Brier   CPU s per 1,000 series
    this forecaster       0.174  0.119  0.79      0.93      0.12    48
    run-rate              0.220  0.220  -         -         0.30     1
    seasonal naive        0.221  0.221  -         -         0.28     1
"""

import argparse
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from finops.forecast.backtest import past_months
from finops.forecast.forecaster import Forecast, History, forecast_all
from finops.forecast.late_days import split_incomplete
from finops.forecast.months import forecast_months
from finops.periods import Period

LEVELS = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
SEED = 1
FIRST_DAY = date(2025, 1, 1)
SATURDAY = 5


def predictions(history: pd.DataFrame, tasks: pd.DataFrame) -> pd.DataFrame:
    """One row per task: `task_id`, `mean`, the quantiles `q0.025` to `q0.975`, `p_overrun`."""
    values = {str(name): group for name, group in history.groupby("item_id", sort=False)}
    rows = [row for name, group in tasks.groupby("item_id", sort=False) for row in _of_item(values[str(name)], group)]
    return pd.DataFrame(rows)


def _of_item(values: pd.DataFrame, tasks: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """The predictions of one series at one cut-off."""
    periods = {
        str(task["task_id"]): Period(start=task["start"].date(), end=task["end"].date() + timedelta(days=1))
        for task in tasks.to_dict("records")
    }
    forecast = _forecast(values, until=max(period.end for period in periods.values()))
    for name, budget in zip(periods, tasks["budget"].astype(float), strict=True):
        total = forecast.total(periods[name])
        quantiles = {f"q{level:g}": total.quantile(level) for level in LEVELS}
        yield {"task_id": name, "mean": total.mean, **quantiles, "p_overrun": total.chance_over(budget)}


def _forecast(values: pd.DataFrame, *, until: date) -> Forecast:
    start = date.fromisoformat(str(values["date"].iloc[0])[:10])
    costs = values["cost"].astype(float).tolist()
    if values["freq"].iloc[0] == "M":
        return forecast_months(start, costs, until=until, seed=SEED)
    # the cut-off itself is a whole day of the history, so the clock stands on the day after
    history = split_incomplete(start, costs, as_of=start + timedelta(days=len(costs)))
    return forecast_all({"item": history}, until=until, seed=SEED)["item"]


def made_up_bills(kinds: int = 24, days: int = 500) -> dict[str, list[float]]:
    """Daily bills with weekdays, growth, a fee on the first, noise, spikes and level shifts; seeded."""
    random = np.random.default_rng(SEED)
    bills = {}
    for kind in range(kinds):
        at = np.arange(days)
        level = 100 * np.exp((kind % 4 - 1) * 0.3 * at / 365)
        level[random.integers(100, days) :] *= (1, 1, 1.5, 0.7)[kind // 4 % 4]
        daily = (
            level
            * np.where(at % 7 >= SATURDAY, 1 - 0.15 * (kind % 3), 1)
            * random.lognormal(0, 0.03 + 0.04 * (kind % 5), days)
        )
        daily[random.integers(0, days, 3)] *= 3
        daily[np.array([day.day == 1 for day in (FIRST_DAY + timedelta(days=int(n)) for n in at)])] += 300 * (kind % 2)
        bills[f"bill {kind}"] = daily.tolist()
    return bills


def measure(bills: dict[str, list[float]]) -> str:
    """Errors of month totals forecast on the 10th and 20th of the last six months, beside a straight line's."""
    past = [
        one
        for values in bills.values()
        for cut_off in (10, 20)
        for one in past_months(History(start=FIRST_DAY, values=tuple(values)), cut_off_day=cut_off, seed=SEED)
    ]
    spent = sum(abs(one.actual) for one in past)
    ours, line = (
        sum(abs(value - one.actual) for value, one in pairs) / spent
        for pairs in ([(one.mean, one) for one in past], [(one.naive, one) for one in past])
    )
    hits = sum(one.hit for one in past) / len(past)
    return (
        f"{len(past)} month totals of {len(bills)} made-up bills: WAPE {ours:.3f}, run-rate {line:.3f}, "
        f"ratio {ours / line:.2f}; in the 80 % range {hits:.2f}"
    )


def main() -> None:
    """Read the tasks, write the predictions; without tasks measure on made-up bills."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", type=Path, nargs="?", help="folder with history.parquet and tasks.parquet")
    parser.add_argument(
        "-o", "--output", type=Path, default=Path("predictions.parquet"), help="prediction file (Parquet)"
    )
    arguments = parser.parse_args()
    if arguments.tasks is None:
        sys.stdout.write(measure(made_up_bills()) + "\n")
        return
    history = pd.read_parquet(arguments.tasks / "history.parquet")
    tasks = pd.read_parquet(arguments.tasks / "tasks.parquet")
    predictions(history, tasks).to_parquet(arguments.output, index=False)


if __name__ == "__main__":
    main()
