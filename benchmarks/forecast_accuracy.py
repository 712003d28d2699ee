"""Forecast benchmark: our forecaster on a folder of tasks.

The folder holds `history.parquet` (item_id, date, cost, freq) and `tasks.parquet` (task_id, item_id, freq, cutoff,
period, start, end, budget; ends inclusive); the prediction file gets one row per task with mean, nine quantiles and
the probability that the total exceeds the budget.

    python benchmarks/forecast_accuracy.py TASKS_DIR -o predictions.parquet

Measured in November 2026 on the development half of a collection of public usage and spend series and generated bills
(1,742 totals of month, quarter and year of 174 series, late last days included; each series weighs the same):

                          WAPE   CRPS   in 80 %   in 95 %   Brier   CPU s per 1,000 series
    this forecaster       0.174  0.119  0.79      0.93      0.12    48
    run-rate              0.220  0.220  -         -         0.30     1
    seasonal naive        0.221  0.221  -         -         0.28     1
"""

import argparse
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from finops.forecast.forecaster import Forecast, forecast_all
from finops.forecast.late_days import split_incomplete
from finops.forecast.months import forecast_months
from finops.periods import Period

LEVELS = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
SEED = 1


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


def main() -> None:
    """Read the tasks, write the predictions."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", type=Path, help="folder with history.parquet and tasks.parquet")
    parser.add_argument("-o", "--output", type=Path, required=True, help="prediction file (Parquet)")
    arguments = parser.parse_args()
    history = pd.read_parquet(arguments.tasks / "history.parquet")
    tasks = pd.read_parquet(arguments.tasks / "tasks.parquet")
    predictions(history, tasks).to_parquet(arguments.output, index=False)


if __name__ == "__main__":
    main()
