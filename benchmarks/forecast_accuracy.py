"""Forecast benchmark: totals of months, quarters and years beside what came and beside other forecasters.

    ./run bench forecast_accuracy
    ./run bench forecast_accuracy --folder DIR [--teachers DIR] [--peers DIR] [--output FILE]
    ./run bench forecast_accuracy --teachers DIR --learn

Without a folder: month totals of made-up daily bills beside those of a straight line. A folder holds
`input/history.parquet`, `input/tasks.parquet` (as for `finops backtest --tasks`) and `truth.parquet` (task_id,
series_id, group, period, actual). Its series are forecast cross-fitted: they fall into five parts by a hash of their
names, and each part is forecast with what the series of the other four teach (finops/forecast/learning.py), those of
`--teachers` too, where they are not in the part. `--peers` is what `./run peers` wrote. `--learn` prints what all
series of a folder teach: finops/forecast/learnt.py.

Scores, of totals, each series weighing the same: WAPE is the sum of absolute errors over the sum of what came, at most
2; CRPS twice the mean pinball loss of nine quantiles over what came, at most 2; Brier the mean squared error of the
probability that the budget is exceeded. Intervals are 2,000 bootstrap draws of series.
"""

import argparse
import hashlib
import os
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: threads only cost on arrays of this size

import numpy as np
import pandas as pd

from finops.forecast.backtest import past_months
from finops.forecast.forecaster import History
from finops.forecast.learning import Lesson, learn, lessons
from finops.forecast.tasks import QUANTILES, Item, beginnings_by_end, predict
from finops.task_files import read_tasks, write_predictions

PARTS = 5
GENERATED = "synthetic"
REAL_DAILY_WEIGHT = 5.0
"""A real daily series counts as much as five generated ones: there are few, and they are what matters."""

BOOTSTRAPS = 2000
COLUMNS = [f"q{level:g}" for level in QUANTILES]
SEED = 1
FIRST_DAY = date(2025, 1, 1)
SATURDAY = 5


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


def part_of(series: str) -> int:
    """The part a series belongs to, by its name alone."""
    return int(hashlib.sha256(series.encode()).hexdigest(), 16) % PARTS


def taught_by(folder: Path) -> list[Lesson]:
    """The lessons of all series of a folder."""
    truth = pd.read_parquet(folder / "truth.parquet").set_index("task_id")
    came = {str(task): float(total) for task, total in truth["actual"].items()}
    names, groups = truth["series_id"].to_dict(), truth["group"].to_dict()
    found: list[Lesson] = []
    for item in read_tasks(folder / "input"):
        task = item.tasks[0].name
        real_daily = item.freq == "D" and groups[task] != GENERATED
        weight = REAL_DAILY_WEIGHT if real_daily else 1.0
        found += lessons(item, came, series=str(names[task]), weight=weight)
    return found


def cross_fitted(folder: Path, taught: Sequence[Lesson], output: Path) -> None:
    """Forecast each part with what the others teach, and write the predictions."""
    series = pd.read_parquet(folder / "truth.parquet").set_index("task_id")["series_id"].to_dict()
    parts: dict[int, list[Item]] = {}
    every = read_tasks(folder / "input")
    begun = beginnings_by_end(every)
    for item in every:
        parts.setdefault(part_of(series[item.tasks[0].name]), []).append(item)
    predictions = []
    for part, items in sorted(parts.items()):
        learnt = learn([one for one in taught if part_of(one.series) != part])
        predictions += [
            one for item in items for one in predict(item, seed=SEED, learnt=learnt, beginnings=begun.get(item.end))
        ]
    write_predictions(output, predictions)


def scored(folder: Path, predictions: Path) -> pd.DataFrame:
    """One row per task: what came, pinball loss, whether in the ranges, squared error of the probability."""
    truth = pd.read_parquet(folder / "truth.parquet")
    budgets = pd.read_parquet(folder / "input" / "tasks.parquet")[["task_id", "budget"]]
    found = truth.merge(budgets, on="task_id").merge(pd.read_parquet(predictions), on="task_id")
    if len(found) < len(truth) or found["mean"].isna().any():
        raise SystemExit(f"{predictions} does not answer every task of {folder}.")
    came = found["actual"].to_numpy()
    quantiles = np.sort(found[COLUMNS].to_numpy(), axis=1)
    over = came[:, None] - quantiles
    levels = np.array(QUANTILES)
    exceeded = found["budget"].to_numpy() < came
    chance = _chances(quantiles, found["budget"].to_numpy())
    if "p_overrun" in found:
        chance = found["p_overrun"].to_numpy()
    return found.assign(
        off=np.abs(found["mean"] - came),
        came=np.abs(came),
        pinball=2 * np.maximum(levels * over, (levels - 1) * over).mean(axis=1),
        in_80=(came >= quantiles[:, 2]) & (came <= quantiles[:, 6]),
        in_95=(came >= quantiles[:, 0]) & (came <= quantiles[:, 8]),
        brier=(chance - exceeded) ** 2,
    )


def by_series(rows: pd.DataFrame) -> pd.DataFrame:
    """WAPE and CRPS of each series, with how many totals it has in the ranges."""
    sums = rows.groupby("series_id")[["off", "came", "pinball", "in_80", "in_95", "brier"]].sum()
    counts = rows.groupby("series_id").size()
    came = np.maximum(sums["came"], 1e-9)
    return sums.assign(
        wape=(sums["off"] / came).clip(upper=2), crps=(sums["pinball"] / came).clip(upper=2), totals=counts
    )


def compare(folder: Path, mine: Path, peers: Path | None) -> str:
    """The tables of docs/forecast-accuracy.md."""
    files = {"finops": mine} | {file.stem: file for file in sorted(peers.glob("*.parquet") if peers else ())}
    rows = {name: scored(folder, file) for name, file in files.items()}
    ours = by_series(rows["finops"])
    lines = [
        "| forecaster | WAPE | CRPS | in 80 % | in 95 % | Brier | CRPS of finops over its |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, one in sorted(rows.items(), key=lambda pair: float(by_series(pair[1])["crps"].mean())):
        series = by_series(one)
        ratio = "" if name == "finops" else _ratio(ours["crps"], series["crps"])
        lines.append(
            f"| {name} | {series['wape'].mean():.3f} | {series['crps'].mean():.4f} | {one['in_80'].mean():.3f} "
            f"| {one['in_95'].mean():.3f} | {one['brier'].mean():.3f} | {ratio} |"
        )
    lines += [
        "",
        "| finops | totals | WAPE | CRPS | in 80 % | in 95 % | best peer by CRPS |",
        "|---|---|---|---|---|---|---|",
    ]
    mine_rows = rows.pop("finops")
    cuts = [("all", mine_rows.index == mine_rows.index)]
    for column in ("period", "group"):
        cuts += [(str(name), (mine_rows[column] == name).to_numpy()) for name in sorted(mine_rows[column].unique())]
    for name, inside in cuts:
        cut, series = mine_rows[inside], by_series(mine_rows[inside])
        best = min(
            (
                (float(by_series(one[one["task_id"].isin(cut["task_id"])])["crps"].mean()), peer)
                for peer, one in rows.items()
            ),
            default=None,
        )
        lines.append(
            f"| {name} | {len(cut)} | {series['wape'].mean():.3f} | {series['crps'].mean():.4f} "
            f"| {_share(series, 'in_80')} | {_share(series, 'in_95')} | {f'{best[0]:.4f} {best[1]}' if best else ''} |"
        )
    return "\n".join(lines)


def _chances(
    quantiles: "np.ndarray[tuple[int, int], np.dtype[np.float64]]",
    budgets: "np.ndarray[tuple[int], np.dtype[np.float64]]",
) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Probability above the budget, read off the quantiles; beyond the outermost half of what lies there."""
    found = np.empty(len(budgets))
    for at, (row, budget) in enumerate(zip(quantiles, budgets, strict=True)):
        inside = float(np.interp(budget, row, QUANTILES)) if row[-1] > row[0] else 0.5
        edge = QUANTILES[0] / 2
        found[at] = 1 - (edge if budget < row[0] else 1 - edge if budget > row[-1] else inside)
        if row[-1] <= row[0]:
            found[at] = float(row[0] > budget)
    return found


def _ratio(ours: "pd.Series[float]", theirs: "pd.Series[float]") -> str:
    """Ratio of the mean scores with its 95 % bootstrap interval by series."""
    theirs = theirs.reindex(ours.index)
    draws = np.random.default_rng(SEED).integers(0, len(ours), (BOOTSTRAPS, len(ours)))
    ratios = ours.to_numpy()[draws].mean(axis=1) / theirs.to_numpy()[draws].mean(axis=1)
    low, high = np.quantile(ratios, (0.025, 0.975))
    return f"{ours.mean() / theirs.mean():.2f} ({low:.2f} to {high:.2f})"


def _share(series: pd.DataFrame, column: str) -> str:
    """Share of totals in a range with its 95 % bootstrap interval by series."""
    draws = np.random.default_rng(SEED).integers(0, len(series), (BOOTSTRAPS, len(series)))
    hits, totals = series[column].to_numpy()[draws].sum(axis=1), series["totals"].to_numpy()[draws].sum(axis=1)
    low, high = np.quantile(hits / totals, (0.025, 0.975))
    return f"{series[column].sum() / series['totals'].sum():.3f} ({low:.2f} to {high:.2f})"


def main() -> None:
    """Measure on made-up bills, or on the folders named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="series to score")
    parser.add_argument("--teachers", type=Path, help="a folder with more series to learn from")
    parser.add_argument("--peers", type=Path, help="what ./run peers wrote")
    parser.add_argument("--output", type=Path, default=Path("cross-fitted.parquet"), help="predictions of the folder")
    parser.add_argument("--learn", action="store_true", help="print what the teachers teach, all together")
    asked = parser.parse_args()
    if asked.folder is None and not asked.learn:
        sys.stdout.write(measure(made_up_bills()) + "\n")
        return
    taught = taught_by(asked.teachers or asked.folder)
    if asked.learn:
        sys.stdout.write(f"{learn(taught)}\n")
    if asked.folder is not None:
        cross_fitted(asked.folder, taught, asked.output)
        sys.stdout.write(compare(asked.folder, asked.output, asked.peers) + "\n")


if __name__ == "__main__":
    main()
