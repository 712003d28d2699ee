"""Own-ranges benchmark: how well ranges hold once a table's own past totals say how wide they have to be.

    ./run bench own_ranges
    ./run bench own_ranges --history FILE.parquet

The file holds days of many series: table, series_id, date, cost; gaps count as zero. Without one, four tables are made
up. Of every series the last eight whole months are forecast from the 10th and from the 20th, with the usual ranges and
with those that the totals of all series of its table in the six months before teach (finops/forecast/width.py). The
months are counted back from the end of each series. `off` is how far the share inside is from 80 %, on average over
tables; CRPS is twice the mean pinball loss of nine quantiles over what came, each series weighing the same.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from multiprocessing import get_context
from multiprocessing.pool import Pool
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: threads only cost on arrays of this size

import numpy as np
import pandas as pd

from finops.forecast.backtest import PastMonth, past_months
from finops.forecast.choice import CUT_OFF_DAYS
from finops.forecast.forecaster import CalendarForecaster, History, forecast_all
from finops.forecast.learnt import LEARNT
from finops.forecast.tasks import QUANTILES
from finops.forecast.width import own_width
from finops.periods import month

JUDGED, TAUGHT = 8, 6
SPIKY = 0.02
LEVEL = 0.8
SEED, DRAWS = 1, 500
FIRST_DAY = date(2025, 1, 1)
LEVELS = np.array(QUANTILES)


@dataclass(frozen=True, slots=True)
class Work:
    """One series of a table, with the width its ranges have in each of the last months."""

    table: str
    series: str
    history: History
    widths: Mapping[int, float]


def made_up_tables() -> dict[str, dict[str, History]]:
    """Twenty series of 500 days in each table: calm, ordinary, with new levels every month, with spikes; seeded."""
    random = np.random.default_rng(SEED)
    kinds = {
        "calm": (0.01, 0.0, 0.0),
        "ordinary": (0.1, 0.02, 0.0),
        "monthly": (0.05, 0.3, 0.0),
        "spiky": (0.1, 0.0, 3),
    }
    found: dict[str, dict[str, History]] = {}
    for kind, (noise, steps, spikes) in kinds.items():
        for at in range(20):
            days = 100 * random.lognormal(0, noise, 500)
            days *= np.repeat(np.exp(np.cumsum(random.normal(0, steps, 18))), 30)[random.integers(0, 30) :][:500]
            days *= np.where(random.random(500) < SPIKY, 1 + spikes, 1)
            found.setdefault(kind, {})[f"{kind} {at}"] = History(start=FIRST_DAY, values=tuple(days.tolist()))
    return found


def tables_of(file: Path) -> dict[str, dict[str, History]]:
    """Those of a file."""
    found: dict[str, dict[str, History]] = {}
    for (table, series), rows in pd.read_parquet(file).groupby(["table", "series_id"]):
        days = pd.Series(rows["cost"].to_numpy(), pd.DatetimeIndex(rows["date"])).groupby(level=0).sum()
        daily = days.asfreq("D").fillna(0.0)
        values = tuple(float(value) for value in daily)
        found.setdefault(str(table), {})[str(series)] = History(start=daily.index[0].date(), values=values)
    return found


def past(history: History) -> list[list[PastMonth]]:
    """The last months forecast again, oldest first: one list per cut-off."""
    return [past_months(history, cut_off_day=day, months=JUDGED + TAUGHT, seed=SEED, draws=200) for day in CUT_OFF_DAYS]


def taught(lists: Sequence[list[PastMonth]], back: int) -> Iterator[PastMonth]:
    """What was known of a series before the month that lies so many months back; 0 is the last one."""
    for months in lists:
        known = months[: len(months) - 1 - back]
        yield from known[-TAUGHT:]


@dataclass(frozen=True, slots=True)
class Judged:
    """One total with one of the two kinds of ranges: whether they held, pinball loss, what came."""

    table: str
    series: str
    ranges: str
    in80: bool
    in95: bool
    loss: float
    came: float


def judged(work: Work) -> list[Judged]:
    """Every month, from each cut-off."""
    found = []
    again = [months[::-1] for months in past(work.history)]
    for back, width in work.widths.items():
        for months in again:
            if back >= len(months):
                continue
            one = months[back]
            period = month(one.month)
            cut = work.history.until(date.fromordinal(one.made_on.toordinal() + 1))
            for which, factor in (("usual", 1.0), ("own", width)):
                forecaster = CalendarForecaster(learnt=replace(LEARNT, width=factor))
                forecasts = forecast_all({"one": cut}, until=period.end, seed=SEED, draws=DRAWS, forecaster=forecaster)
                said = np.quantile(forecasts["one"].total(period).draws, QUANTILES)
                off = one.actual - said
                loss = 2 * float(np.maximum(LEVELS * off, (LEVELS - 1) * off).mean())
                in95, _, in80 = (bool(said[at] <= one.actual <= said[-1 - at]) for at in range(3))
                found.append(Judged(work.table, work.series, which, in80, in95, loss, abs(one.actual)))
    return found


def learnt_widths(tables: Mapping[str, Mapping[str, History]], pool: Pool) -> dict[str, dict[int, float]]:
    """By table, where it has enough past totals, and by months back: the width that the months before teach."""
    found: dict[str, dict[int, float]] = {}
    for table, series in tables.items():
        again = pool.map(past, series.values())
        for back in range(JUDGED):
            width = own_width([one for lists in again for one in taught(lists, back)])
            if width is not None:
                found.setdefault(table, {})[back] = width.factor
    return found


def shares(scores: pd.DataFrame) -> tuple[float, float, float]:
    """In the 80 % range, in the 95 % range, CRPS."""
    sums = scores.groupby("series")[["loss", "came"]].sum()
    crps = (sums["loss"] / sums["came"].clip(lower=1e-9)).clip(upper=2).mean()
    return float(scores["in80"].mean()), float(scores["in95"].mean()), float(crps)


def measure(tables: Mapping[str, Mapping[str, History]]) -> str:
    """The table of results."""
    with get_context("spawn").Pool() as pool:
        widths = learnt_widths(tables, pool)
        works = [Work(table, name, one, widths[table]) for table in widths for name, one in tables[table].items()]
        scores = pd.DataFrame([row for rows in pool.imap(judged, works, chunksize=4) for row in rows])
    lines = ["| table | totals | width | in 80 %, usual and own | in 95 % | CRPS |", "|---|---|---|---|---|---|"]
    off = []
    for table, used in widths.items():
        mine = scores[scores["table"] == table]
        usual, own = (shares(mine[mine["ranges"] == which]) for which in ("usual", "own"))
        off.append((abs(usual[0] - LEVEL), abs(own[0] - LEVEL)))
        cells = [
            f"{then:.{places}f}, {now:.{places}f}" for then, now, places in zip(usual, own, (3, 3, 4), strict=True)
        ]
        width = f"{min(used.values()):.2f} to {max(used.values()):.2f}"
        lines.append(f"| {table} | {len(mine) // 2} | {width} | {' | '.join(cells)} |")
    before, after = np.mean(off, axis=0)
    return "\n".join([*lines, "", f"off: {before:.3f} with the usual ranges, {after:.3f} with own ones"])


def asked_tables(description: str) -> dict[str, dict[str, History]]:
    """Those of `--history`, or made-up ones."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--history", type=Path, help="days of many series: table, series_id, date, cost")
    given = parser.parse_args()
    return made_up_tables() if given.history is None else tables_of(given.history)


if __name__ == "__main__":
    found = asked_tables("How well ranges hold once own past totals say how wide they are.")
    sys.stdout.write(measure(found) + "\n")
