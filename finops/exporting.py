"""Exporting: the cost table, as FOCUS or with whose cost each row is, as Parquet or CSV."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from finops import allocation
from finops.analysis import NothingStored
from finops.config import Config
from finops.errors import AccessError, BillError
from finops.focus import columns, conformance
from finops.reallocation import with_owners
from finops.store import engines
from finops.store.engine import Engine, Format
from finops.store.scratch import scratch
from finops.store.tables import Tables

if TYPE_CHECKING:
    import ibis.expr.types as ir


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which rows and columns are exported.

    Attributes:
        months: billing months; empty for all.
        start, end: days of the charges, end exclusive; None for open.
        known_at: the table as it was then; None for now.
        extensions: whether our own x_ columns follow the FOCUS columns.
        allocated: whether whose cost a row is follows as well.
        version: of FOCUS; 1.3 has its new names for the provider beside the ones of 1.2, which it keeps.
    """

    months: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    known_at: datetime | None = None
    extensions: bool = True
    allocated: bool = False
    version: Literal["1.2", "1.3"] = "1.2"


def export(config: Config, selection: Selection, output: Path, form: Format, *, narrate: Callable[[str], None]) -> int:
    """Write the cost table to one file.

    Args:
        config: store and rules.
        selection: what is written.
        output: the file; replaced once the new one is whole.
        form: parquet or csv.
        narrate: told what happens.

    Returns:
        Rows written.

    Raises:
        NothingStored: if nothing was ever ingested.
        NothingSelected: if no row fits; no file is written then.
        AccessError: if the file cannot be written.
    """
    if output.is_dir():
        raise AccessError(f"{output} is a folder.", "Name a file with -o.")
    tables = Tables.at(config.store.path, config.store.url)
    if tables.cost.version() is None:
        raise NothingStored(config.store.place)
    files = [
        f for f in tables.cost.files(known_at=selection.known_at) if f.month in selection.months or not selection.months
    ]
    partial = output.with_name(f".{output.name}.partial")
    with (
        scratch(config.store.spill) as spill,
        engines.opened(config.store, spill=spill) as engine,
    ):
        cost = tables.read_cost(engine, files)
        rows = _selected(cost, selection)
        if selection.allocated:
            rows = with_owners(rows, config.rules, engine)
        conforming = conformance.conforming(rows, conformance.words(engine.rows(conformance.words_used(rows))))
        for change in conformance.told(*_filled(engine, rows, conforming)):
            narrate(change)
        narrate(f"writing {output}")
        written = engine.write(conforming.select(**_columns(conforming, selection)), partial, form=form)
    try:
        if not written.rows:
            raise NothingSelected(selection.known_at)
        partial.replace(output)
    except OSError as error:
        raise AccessError(f"{output} cannot be written: {error.strerror}.", "Name another file with -o.") from error
    finally:
        partial.unlink(missing_ok=True)
    return written.rows


class NothingSelected(BillError):
    """No row fits the selection."""

    def __init__(self, known_at: datetime | None) -> None:
        when = f" as known at {known_at:%Y-%m-%d %H:%M} UTC" if known_at else ""
        super().__init__(
            f"No row of the cost table{when} fits the selection.", "Ask for other months or days, or ingest first."
        )


def _selected(cost: "ir.Table", selection: Selection) -> "ir.Table":
    if selection.start is not None:
        cost = cost.filter(cost.ChargePeriodStart.date() >= selection.start)
    if selection.end is not None:
        cost = cost.filter(cost.ChargePeriodStart.date() < selection.end)
    return cost


def _filled(engine: Engine, rows: "ir.Table", conforming: "ir.Table") -> tuple[dict[str, int], dict[str, int]]:
    before, after = (engine.rows(counted)[0] for counted in conformance.changed(rows, conforming))
    return before, after


def _columns(rows: "ir.Table", selection: Selection) -> "dict[str, ir.Value]":
    """FOCUS columns in the specification's order, then ours."""
    names = [column.name for column in columns.FOCUS]
    cells = {name: rows[name] for name in names}
    if selection.version == "1.3":
        cells |= {name: rows[same] for name, same in columns.NAMES_OF_1_3.items()}
    if selection.extensions:
        cells |= {column.name: rows[column.name] for column in (*columns.OWN, *columns.PARTITIONS)}
    if selection.allocated:
        cells |= {name: rows[name] for name in allocation.RESULT}
    return cells
