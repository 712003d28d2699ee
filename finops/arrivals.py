"""Arrivals: what a bill holds of each day by the hour it was exported, for sources whose rows tell when that was."""

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ibis.expr.types as ir


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Effective cost of a day that was exported in one hour.

    Attributes:
        day: of the charge, UTC.
        exported: the hour in which it was exported, UTC.
        amount: in the bill's currency; a statistic.
    """

    day: date
    exported: datetime
    amount: float


@functools.lru_cache(maxsize=16)  # as in `allocation.table`
def by_hour(cost: "ir.Table") -> "ir.Table":
    """What `of_rows` needs, one row per day and hour of export; rows that tell no export are left out."""
    rows = cost.filter(cost.x_ExportTime.notnull() & (cost.ChargeCategory == "Usage"))
    return rows.group_by(day=rows.ChargePeriodStart.date(), exported=rows.x_ExportTime.truncate("h")).agg(
        amount=rows.EffectiveCost.sum()
    )


def of_rows(rows: Iterable[Mapping[str, Any]]) -> tuple[Arrival, ...]:
    """The rows of `by_hour`, sorted."""
    found = (Arrival(day=row["day"], exported=_utc(row["exported"]), amount=float(row["amount"] or 0)) for row in rows)
    return tuple(sorted(found, key=lambda one: (one.day, one.exported)))


def _utc(moment: datetime) -> datetime:
    """A moment of the table, which is in UTC whether an engine says so or not."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
