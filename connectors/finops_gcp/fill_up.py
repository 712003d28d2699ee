"""How days of a bill fill up: rows of a day arrive for some days after it, told by their export times.

What was seen of days that are full says how much of the last days is there: a day is incomplete where days of its age
usually had less than nearly all of their cost.
"""

import json
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from finops.findings import Finding

_FULL_AFTER = 7
"""Days after which a day counts as full: later rows are corrections."""
_FEWEST_DAYS = 5
_NEARLY_ALL = 0.98

Arrivals = Mapping[tuple[date, date], float]
"""Cost by day of usage and day of export."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incomplete:
    """A day that is not all in yet.

    Attributes:
        share: usual part of a day's cost that is there at its age, 0 to 1.
    """

    day: date
    share: float


def arrivals(charges: Path) -> Arrivals:
    """The arrivals in staged charges."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    names = ["kind", "usage_start_time", "export_time", "cost"]
    rows = pq.read_table(charges, columns=names)
    rows = rows.filter(pc.equal(rows["kind"], "charge"))
    days = [pc.utf8_slice_codeunits(rows[name], 0, 10) for name in names[1:3]]
    cost = pc.cast(rows["cost"], pa.float64())
    grouped = pa.table([*days, cost], names=names[1:]).group_by(names[1:3]).aggregate([("cost", "sum")])
    found: dict[tuple[date, date], float] = {}
    for row in grouped.to_pylist():
        if row["usage_start_time"] and row["export_time"]:
            used, exported = (date.fromisoformat(row[name]) for name in names[1:3])
            found[used, exported] = row["cost_sum"]
    return found


def profile(seen: Arrivals) -> tuple[float, ...]:
    """Usual part of a day's cost that is there 0, 1, 2 … days after it; empty where too few full days were seen."""
    if not seen:
        return ()
    newest = max(exported for _, exported in seen)
    full = [day for day in {used for used, _ in seen} if (newest - day).days > _FULL_AFTER]
    totals = {day: sum(cost for (used, _), cost in seen.items() if used == day) for day in full}
    counted = [day for day in full if totals[day] > 0]
    if len(counted) < _FEWEST_DAYS:
        return ()
    return tuple(
        statistics.median(
            sum(cost for (used, exported), cost in seen.items() if used == day and (exported - day).days <= age)
            / totals[day]
            for day in counted
        )
        for age in range(_FULL_AFTER)
    )


def incomplete(seen: Arrivals, usual: tuple[float, ...], *, newest: date | None = None) -> list[Incomplete]:
    """The last days that are not all in, by day.

    Args:
        seen: arrivals so far.
        usual: the profile of days that are full.
        newest: day of the last export of any month; that of the last arrival where it is left out.
    """
    if not seen or not usual:
        return []
    newest = newest or max(exported for _, exported in seen)
    last = [newest - timedelta(days=age) for age in range(len(usual))]
    used = {day for day, _ in seen}
    ages = ((day, usual[(newest - day).days]) for day in reversed(last))
    return [Incomplete(day=day, share=share) for day, share in ages if share < _NEARLY_ALL and day in used]


def finding(days: list[Incomplete]) -> Finding:
    """What a reader should know of the last days."""
    told = ", ".join(f"{one.day} (usually {one.share:.0%} there by now)" for one in days)
    return Finding(
        rule="gcp.days-incomplete",
        severity="info",
        message=f"The last days are not all in yet, by how days filled up before: {told}.",
    )


def remembered(folder: Path | None) -> tuple[float, ...]:
    """The profile of an earlier run; empty where there is none."""
    if folder is None:
        return ()
    try:
        return tuple(float(share) for share in json.loads((folder / "fill-up.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return ()


def remember(folder: Path | None, usual: tuple[float, ...]) -> None:
    """Keep a profile for the first days of a month, which have no full days of their own."""
    if folder is None or not usual:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "fill-up.json").write_text(json.dumps(usual), encoding="utf-8")
    except OSError:
        return
