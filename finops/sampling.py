"""Sampling: currencies, months and tags of the newest files of an export, as its own connector reads them."""

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finops import plugins
from finops.connector import Connector, Delivery, Source
from finops.discovery import Place
from finops.errors import FinopsError
from finops.excerpt import excerpt
from finops.focus import table as cost_table
from finops.store.engine import DuckDB, Engine
from finops.store.scratch import scratch

if TYPE_CHECKING:
    import ibis.expr.types as ir

_ENOUGH_MONTHS = 3
"""The running month, the last whole one, and one before it that shows where the whole one begins."""
_ENOUGH_ROWS = 5_000
_FIRST_ROWS = 20_000
_MOST_LISTED = 1 << 30
"""Bytes of an export that its connector lists, for which it reads every byte: a second or two."""
_MOST_READ = 60 << 20
"""Bytes, unpacked, of the files that are read whole: some seconds. Of larger ones the first rows are read."""
_UNPACKED: Mapping[str, int] = {".gz": 12, ".zip": 12, ".parquet": 6}
"""How many times larger files of that suffix are when unpacked, roughly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Rows of an export that share month, currency, bill and tags.

    Attributes:
        month: billing month such as `2026-10`; None where the rows have none.
        currency: None where the rows have none.
        bill: provider and billing account, which together tell whose bill it is.
        tags: Tags as the table keeps them, a JSON object as text; None for none.
        rows: how many.
        cost: effective cost, in `currency`.
        last_day: UTC day the latest charge began; None where no row says.
    """

    month: str | None
    currency: str | None
    bill: tuple[str | None, str | None]
    tags: str | None
    rows: int
    cost: Decimal
    last_day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What was read of one place.

    Attributes:
        place: of the export, with notes about what kept it from being read.
        lines: what was read; empty where nothing could be.
        whole_months: months of which every row was read, as far as the order of the files tells.
    """

    place: Place
    lines: tuple[Line, ...] = ()
    whole_months: frozenset[str] = frozenset()


@contextmanager
def sampler(base: Path, *, currency: str | None) -> "Iterator[Callable[[Place], Sample]]":
    """Something that samples places; what it stages is gone afterwards.

    Args:
        base: folder that locations are relative to.
        currency: of exports that say none; None where nobody knows.
    """
    with scratch() as folder:
        spill = folder / "spill"
        spill.mkdir()
        with DuckDB(memory_limit="2GB", spill=spill) as engine:

            def sample(place: Place) -> Sample:
                workdir = Path(tempfile.mkdtemp(dir=folder))
                source = Source(name=place.name, location=str(base / place.location), currency=currency)
                reading = _Reading(engine=engine, workdir=workdir, base=base, source=source, connector=place.connector)
                return reading.sample(place)

            yield sample


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """One place being read."""

    engine: Engine
    workdir: Path
    base: Path
    source: Source
    connector: str
    mappings: "dict[object, ir.Table]" = field(default_factory=dict)

    def sample(self, place: Place) -> Sample:
        """What can be read; an error of the connector becomes a note."""
        lines: list[Line] = []
        is_whole = False
        notes = list(place.notes)
        try:
            if sum(_size(path) for path in place.files) > _MOST_LISTED:
                lines = self._first_rows(max(place.files, key=str))
            else:
                lines, is_whole = self._newest()
        except FinopsError as error:
            # The file is committed: paths of this machine have no place in it.
            sentence = f"finops ingest will stop here: {error}".replace(f"{self.base}{os.sep}", "")
            # What a broken file's name was noted for already is not said twice.
            notes = [sentence, *(note for note in notes if note not in sentence)]
        months = sorted({line.month for line in lines if line.month})
        return Sample(
            place=replace(place, notes=tuple(notes)),
            lines=tuple(lines),
            # The oldest month read may have begun in a file that was not.
            whole_months=frozenset(months if is_whole else months[1:]),
        )

    def _newest(self) -> tuple[list[Line], bool]:
        """Rows of the newest deliveries, as many as are quickly read; and whether these are all there are."""
        connector = plugins.connector(self.connector, self.source, self._folder("whole"))
        deliveries = connector.deliveries()
        lines: list[Line] = []
        read = 0
        for number, delivery in enumerate(reversed(deliveries)):
            read += sum(_unpacked(path) for path in delivery.files)
            if read > _MOST_READ:
                return (lines, False) if lines else (self._first_rows(delivery.files[0]), False)
            lines += self._lines(connector, delivery)
            months = {line.month for line in lines}
            if len(months) >= _ENOUGH_MONTHS and sum(line.rows for line in lines) >= _ENOUGH_ROWS:
                return lines, number + 1 == len(deliveries)
        return lines, True

    def _first_rows(self, path: Path) -> list[Line]:
        """The first rows of a file; their cost says nothing about a month's."""
        copy = excerpt(path, self._folder("excerpt"), rows=_FIRST_ROWS)
        if copy is None:
            return []
        source = replace(self.source, location=str(copy))
        connector = plugins.connector(self.connector, source, self._folder("first"))
        lines = [line for delivery in connector.deliveries() for line in self._lines(connector, delivery)]
        return [replace(line, month=None) for line in lines]

    def _folder(self, name: str) -> Path:
        folder = self.workdir / name
        folder.mkdir()
        return folder

    def _lines(self, connector: Connector, delivery: Delivery) -> list[Line]:
        raw = connector.fetch(delivery)
        layout = tuple((table.name, tuple(table.columns.items())) for table in raw.tables)
        self.engine.bind(raw)
        if layout not in self.mappings:
            self.mappings[layout] = _summed(connector.to_focus(raw), delivery)
        return [_line(row) for row in self.engine.rows(self.mappings[layout])]


def _summed(mapped: "ir.Table", delivery: Delivery) -> "ir.Table":
    rows = cost_table.complete(mapped, delivery)
    keyed = rows.select(
        month=cost_table.month(rows),
        currency=rows.BillingCurrency,
        provider=rows.ProviderName,
        account=rows.BillingAccountId,
        tags=rows.Tags,
        cost=rows.EffectiveCost,
        day=rows.ChargePeriodStart.date(),
    )
    keys = ("month", "currency", "provider", "account", "tags")
    return keyed.group_by(*keys).agg(rows=keyed.count(), cost=keyed.cost.sum(), last_day=keyed.day.max())


def _line(row: Mapping[str, Any]) -> Line:
    return Line(
        month=row["month"],
        currency=row["currency"],
        bill=(row["provider"], row["account"]),
        tags=row["tags"],
        rows=row["rows"],
        cost=row["cost"] or Decimal(0),
        last_day=row["last_day"],
    )


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _unpacked(path: Path) -> int:
    return _size(path) * _UNPACKED.get(path.suffix.lower(), 1)
