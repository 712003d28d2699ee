"""Task files: the Parquet files of `finops backtest --tasks`, read into items and written as predictions."""

import itertools
import math
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from finops.errors import AccessError, BillError
from finops.forecast.tasks import QUANTILES, Item, Prediction, Task
from finops.periods import Period

if TYPE_CHECKING:
    import pandas as pd

Days = npt.NDArray[np.int64]
Amounts = npt.NDArray[np.float64]

HISTORY = ("item_id", "date", "cost", "freq")
TASKS = ("task_id", "item_id", "freq", "cutoff", "period", "start", "end", "budget")

_EPOCH = date(1970, 1, 1)
_NOTHING: tuple[Days, Amounts] = (np.empty(0, dtype=np.int64), np.empty(0))
_LONGEST = 3660
"""Days a total may reach beyond the history: ten years; a date beyond is a slip of the hand."""


def read_tasks(folder: Path) -> list[Item]:
    """Read `history.parquet` and `tasks.parquet` of a folder.

    Gaps inside a history are zero, days after its last row are not known. An item without a usable row, and a task
    whose dates are missing or the wrong way round, get an item without values: no forecast is computable for them.

    Raises:
        AccessError: if a file is missing or is no Parquet file.
        BillError: if a column is missing or holds no dates or numbers at all.
    """
    history = _read(folder / "history.parquet", HISTORY)
    tasks = _read(folder / "tasks.parquet", TASKS)
    history["date"] = _dates(history["date"], folder / "history.parquet", "date")
    history["cost"] = _numbers(history["cost"], folder / "history.parquet", "cost")
    for column in ("cutoff", "start", "end"):
        tasks[column] = _dates(tasks[column], folder / "tasks.parquet", column)
    tasks["budget"] = _numbers(tasks["budget"], folder / "tasks.parquet", "budget")
    by_item = _by_item(history)
    found: list[Item] = []
    dated = tasks[tasks["cutoff"].notna()]
    for name, group in tasks[tasks["cutoff"].isna()].groupby("item_id", sort=False, dropna=False):
        found += _items(str(name), _NOTHING, None, group)
    for name, group in dated.groupby("item_id", sort=False, dropna=False):
        # one item has one cut-off; where a file says otherwise, each is a series of its own
        cut_offs = group["cutoff"].unique()
        for cutoff in cut_offs:
            asked = group if len(cut_offs) == 1 else group[group["cutoff"] == cutoff]
            found += _items(str(name), by_item.get(name, _NOTHING), cutoff, asked)
    return found


def write_predictions(file: Path, predictions: Sequence[Prediction]) -> None:
    """Write one row per task: `task_id, mean, q0.025, …, q0.975, p_overrun`; a null where nothing is computable.

    Raises:
        AccessError: if the file cannot be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns: dict[str, list[object]] = {"task_id": [one.task for one in predictions]}
    columns["mean"] = [_number(one.mean) for one in predictions]
    for at, quantile in enumerate(QUANTILES):
        columns[f"q{quantile:g}"] = [_number(one.quantiles[at]) for one in predictions]
    columns["p_overrun"] = [_number(one.over) for one in predictions]
    types = [pa.string(), *[pa.float64()] * (len(columns) - 1)]
    table = pa.table(
        {name: pa.array(column, kind) for (name, column), kind in zip(columns.items(), types, strict=True)}
    )
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, file)
    except OSError as error:
        raise AccessError(f"{file} cannot be written: {error}.", "Name another file with -o.") from error


def _by_item(history: "pd.DataFrame") -> dict[object, tuple[Days, Amounts]]:
    """Days (since 1970) and amounts per item, without rows that lack one."""
    import pandas as pd

    history = history[history["date"].notna() & history["cost"].notna()]
    codes, names = pd.factorize(history["item_id"])
    order = np.argsort(codes, kind="stable")
    ends = np.searchsorted(codes[order], np.arange(len(names) + 1))
    days = history["date"].to_numpy(dtype="datetime64[D]").astype(np.int64)[order]
    costs = history["cost"].to_numpy(dtype=np.float64)[order]
    pairs = itertools.pairwise(ends)
    return {name: (days[a:b], costs[a:b]) for name, (a, b) in zip(names, pairs, strict=True)}


def _items(
    name: str, history: tuple[Days, Amounts], cutoff: "pd.Timestamp | None", asked: "pd.DataFrame"
) -> Iterator[Item]:
    freq = str(asked["freq"].iloc[0])[:1].upper()
    start, values = _values(history, cutoff, monthly=freq == "M")
    end = start + timedelta(days=31 * len(values) if freq == "M" else len(values))
    tasks: list[Task] = []
    odd: list[Task] = []
    for task in asked.to_dict("records"):
        period = _period(task["start"], task["end"], monthly=freq == "M")
        usable = period is not None and (period.end - end).days <= _LONGEST
        known = Period(start=start, end=start + timedelta(days=1))
        (tasks if usable else odd).append(
            Task(name=str(task["task_id"]), period=period or known, budget=float(task["budget"]))
        )
    if tasks:
        yield Item(name=name, freq="M" if freq == "M" else "D", start=start, values=values, tasks=tuple(tasks))
    if odd:
        yield Item(name=name, freq="D", start=start, values=(), tasks=tuple(odd))


def _values(
    history: tuple[Days, Amounts], cutoff: "pd.Timestamp | None", *, monthly: bool
) -> tuple[date, tuple[float, ...]]:
    """First day and the values up to the cut-off or the last row before it."""
    days, costs = history
    if cutoff is None:
        return _EPOCH, ()
    seen = days <= np.datetime64(cutoff.date(), "D").astype(np.int64)
    days, costs = days[seen], costs[seen]
    if not len(days):
        return _EPOCH, ()
    if monthly:
        days = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    first = int(days.min())
    totals = np.bincount(days - first, weights=costs)
    start = date(1970 + first // 12, first % 12 + 1, 1) if monthly else _EPOCH + timedelta(days=first)
    return start, tuple(totals.tolist())


def _period(start: "pd.Timestamp", end: "pd.Timestamp", *, monthly: bool) -> Period | None:
    """The days from start to end, both inclusive; of monthly series whole months."""
    if start <= end:  # a missing date is neither before nor after another
        if monthly:
            return Period(start=start.date().replace(day=1), end=(end.to_period("M") + 1).start_time.date())
        return Period(start=start.date(), end=end.date() + timedelta(days=1))
    return None


def _read(file: Path, columns: Sequence[str]) -> "pd.DataFrame":
    import pandas as pd
    import pyarrow as pa

    try:
        table = pd.read_parquet(file)
    except FileNotFoundError as error:
        raise AccessError(f"There is no {file}.", "Name a folder with history.parquet and tasks.parquet.") from error
    except (OSError, pa.ArrowInvalid) as error:
        reason = str(error).strip().splitlines()[0]
        raise AccessError(f"{file} cannot be read as Parquet: {reason}", "Write it again as Parquet.") from error
    # the period's name is for people, and freq and budget may be left out of a history or a question
    missing = [column for column in columns if column not in table and column not in {"freq", "period", "budget"}]
    if missing:
        raise BillError(
            f"{file} has no column {', '.join(missing)}; it has {', '.join(map(str, table.columns)) or 'none'}.",
            f"It needs {', '.join(columns)}.",
        )
    return table.assign(
        **{column: default for column, default in (("freq", "D"), ("budget", math.nan)) if column not in table}
    )


def _dates(column: "pd.Series[Any]", file: Path, name: str) -> "pd.Series[Any]":
    import pandas as pd

    dates = pd.to_datetime(column, errors="coerce", utc=True).dt.tz_localize(None).dt.normalize()
    _check(column, dates, file, name, "dates")
    return dates


def _numbers(column: "pd.Series[Any]", file: Path, name: str) -> "pd.Series[Any]":
    import pandas as pd

    numbers = pd.to_numeric(column, errors="coerce").astype("float64")
    _check(column, numbers, file, name, "numbers")
    return numbers.where(numbers.abs() < math.inf)


def _check(column: "pd.Series[Any]", parsed: "pd.Series[Any]", file: Path, name: str, kind: str) -> None:
    if column.notna().any() and parsed.isna().all():
        raise BillError(
            f"{file} holds no {kind} in its column {name}, but {column.dropna().iloc[0]!r}.", f"Write {kind} there."
        )


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value
