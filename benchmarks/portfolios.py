"""Portfolio benchmark: how well totals of many series are forecast by adding up the futures of each.

    ./run bench portfolios
    ./run bench portfolios --history FILE.parquet

The file holds days of many series: table, series_id, date, cost, as for own_ranges.py. Without one, its made-up tables
are taken. Every series is moved so that all end on the same day and divided by its mean. Portfolios are picked at
random, 40 of each size; each is forecast from eight cut-offs, 30 days apart, for 20 and for 91 days. `above` is how far
what came lies above the point forecast on average, `told` the same of the mean of all futures.
"""

import os
import sys
from collections.abc import Mapping
from datetime import date, timedelta
from multiprocessing import get_context

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: threads only cost on arrays of this size

import numpy as np
import numpy.typing as npt
from own_ranges import asked_tables  # type: ignore[import-not-found]  # beside this script

from finops.forecast.forecaster import History, forecast_all

Floats = npt.NDArray[np.float64]
Known = dict[tuple[int, int], tuple[float, float, Floats]]

SIZES, PORTFOLIOS, CUT_OFFS = (5, 20, 60), 40, 8
HORIZONS = (20, 91)
APART, FEWEST_DAYS, FEWEST_SERIES = 30, 60, 3
LAST_DAY = date(2026, 6, 30)
SEED, DRAWS = 1, 500


def known(history: History) -> Known:
    """By cut-off and horizon: what came, the point forecast, the futures' totals."""
    values = np.array(history.values)
    values = values / max(float(np.mean(np.abs(values))), 1e-9)
    start, found = LAST_DAY - timedelta(days=len(values) - 1), {}
    for back in range(CUT_OFFS):
        for horizon in HORIZONS:
            days = len(values) - APART * back - horizon
            if days < FEWEST_DAYS:
                continue
            cut = History(start=start, values=tuple(values[:days].tolist()))
            until = cut.end + timedelta(days=horizon)
            one = forecast_all({"one": cut}, until=until, seed=SEED, draws=DRAWS)["one"]
            came = float(values[days : days + horizon].sum())
            found[back, horizon] = (came, float(one.mean.sum()), one.paths.sum(axis=1))
    return found


def scores(picked: list[list[Known]], horizon: int) -> tuple[float, float, float, float, float]:
    """Share in the 80 % range, in the 95 % range, of point forecasts in their 80 % range; `above` and `told`."""
    rows = []
    for portfolio in picked:
        for back in range(CUT_OFFS):
            ones = [one[back, horizon] for one in portfolio if (back, horizon) in one]
            if len(ones) < FEWEST_SERIES:
                continue
            came, point, futures = (sum(column) for column in zip(*ones, strict=True))
            low95, low, high, high95 = np.quantile(futures, (0.025, 0.1, 0.9, 0.975))
            told = float(np.mean(futures))
            rows.append(
                (
                    low <= came <= high,
                    low95 <= came <= high95,
                    low <= point <= high,
                    (came - point) / came,
                    (came - told) / came,
                )
            )
    in80, in95, inside, above, beyond = np.array(rows, dtype=np.float64).mean(axis=0).tolist()
    return in80, in95, inside, above, beyond


def measure(tables: Mapping[str, Mapping[str, History]]) -> str:
    """The table of results."""
    with get_context("spawn").Pool() as pool:
        series = pool.map(known, [one for members in tables.values() for one in members.values()], chunksize=4)
    random = np.random.default_rng(SEED)
    lines = [
        "| series | days | in 80 % | in 95 % | point forecast inside | above | told |",
        "|---|---|---|---|---|---|---|",
    ]
    for size in (size for size in SIZES if size <= len(series)):
        picked = [[series[at] for at in random.choice(len(series), size, replace=False)] for _ in range(PORTFOLIOS)]
        for horizon in HORIZONS:
            in80, in95, inside, above, told = scores(picked, horizon)
            lines.append(
                f"| {size} | {horizon} | {in80:.3f} | {in95:.3f} | {inside:.2f} | {above:+.1%} | {told:+.1%} |"
            )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(measure(asked_tables("How well totals of many series are forecast.")) + "\n")
