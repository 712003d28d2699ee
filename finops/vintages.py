"""Vintages: the daily table as it was known at earlier times, for forecasts made again and for how days filled up.

The one place that looks at more than one state of `allocated`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from finops import series
from finops.series import DailyTable
from finops.store.engine import Engine
from finops.store.lake import NoLongerKept
from finops.store.tables import Tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Vintage:
    """A state of the table.

    Attributes:
        known_at: when it was made.
        table: daily sums of it.
    """

    known_at: datetime
    table: DailyTable


def times(tables: Tables, *, until: datetime | None = None) -> list[datetime]:
    """When the states of `allocated` were made, oldest first.

    Args:
        tables: of the store.
        until: later ones are left out; None for all.
    """
    return [when for when in tables.allocated.commits() if until is None or when <= until]


def at(
    tables: Tables,
    engine: Engine,
    known_at: datetime,
    *,
    measure: str,
    fields: Sequence[str],
    since: date | None = None,
) -> Vintage | None:
    """The state that was the newest at a time; None where there was none yet, or it is no longer kept.

    Args:
        tables: of the store.
        engine: reads them.
        known_at: the time.
        measure: summed.
        fields: that tell the rows apart; no team.
        since: days before are left out; None for all.
    """
    try:
        stored = tables.read_allocated(engine, known_at=known_at)
    except NoLongerKept:
        return None
    if since is not None:
        stored = stored.filter(stored.x_Day >= since)
    table = series.read(engine.arrow, stored, measure, fields)
    return Vintage(known_at=known_at, table=table) if table.rows else None


def at_the_end_of(day: date) -> datetime:
    """The last second of a day."""
    return datetime.combine(day, time(23, 59, 59), tzinfo=UTC)


def by_day(
    tables: Tables, engine: Engine, days: Iterable[date], *, measure: str, fields: Sequence[str], until: datetime | None
) -> dict[date, DailyTable]:
    """The table as it was known by the end of each of these days; days before the first state are left out.

    Args:
        tables: of the store.
        engine: reads them.
        days: any.
        measure: summed.
        fields: that tell the rows apart; no team.
        until: nothing that became known later; None for now.
    """
    made = times(tables, until=until)
    found: dict[date, DailyTable] = {}
    read: dict[datetime, Vintage | None] = {}
    for day in sorted(days):
        newest = max((when for when in made if when <= at_the_end_of(day)), default=None)
        if newest is None:
            continue
        if newest not in read:
            read = {newest: at(tables, engine, newest, measure=measure, fields=fields)}  # one is kept: they are large
        vintage = read[newest]
        if vintage is not None:
            found[day] = _up_to(vintage.table, day)
    return found


def _up_to(table: DailyTable, day: date) -> DailyTable:
    rows = tuple(row for row in table.rows if row[1] <= day)
    return DailyTable(measure=table.measure, fields=table.fields, rows=rows)
