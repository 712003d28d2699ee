"""A folder with exports, a configuration and a store, as a test fills it and as a stranger's reader sees it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from deltalake import DeltaTable

from finops import pipeline
from finops.config import Config
from finops.pipeline import IngestResult
from finops.store.tables import Tables
from tests import exports
from tests.exports import Charge


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A folder with exports below `bills` and a store beside them."""

    folder: Path

    def bill(self, name: str, *charges: Charge) -> Path:
        """Write a FOCUS file."""
        return exports.focus_csv(self.folder / "bills" / name, charges)

    def ingest(self, config: Config | None = None, *, allocate_only: bool = False) -> IngestResult:
        """Ingest with this configuration, or a plain one."""
        config = config or exports.configured(self.folder)
        return pipeline.ingest(config, narrate=lambda _: None, allocate_only=allocate_only)

    @property
    def tables(self) -> Tables:
        """The store as we open it."""
        return Tables.at(self.folder / ".finops")

    def versions(self) -> tuple[int | None, int | None]:
        """Of cost and allocated."""
        return self.tables.cost.version(), self.tables.allocated.version()

    def cost(self, *, known_at: datetime | None = None) -> dict[str, Decimal]:
        """Billed cost per billing month in `cost`."""
        return _billed(file.uri for file in self.tables.cost.files(known_at=known_at))

    def allocated(self, *, known_at: datetime | None = None) -> dict[str, Decimal]:
        """Billed cost per billing month in `allocated`."""
        return _billed(file.uri for file in self.tables.allocated.files(known_at=known_at))

    def query(self, table: str, wanted: str) -> list[tuple[Any, ...]]:
        """Columns of a table, found and read as any Delta reader does, sorted as text."""
        uris = DeltaTable(str(self.folder / ".finops" / table)).file_uris()
        with duckdb.connect() as connection:
            found = connection.read_parquet(uris, hive_partitioning=True)
            return sorted(found.project(wanted).fetchall(), key=str)

    def files(self) -> dict[str, tuple[int, int, int]]:
        """Every file of the store with what changes when somebody writes to it."""
        return {
            str(path): ((seen := path.stat()).st_ino, seen.st_mtime_ns, seen.st_size)
            for path in sorted((self.folder / ".finops").rglob("*"))
            if path.is_file()
        }


def money(**months: str) -> dict[str, Decimal]:
    """`money(m01="10")`: January 2026 holds 10."""
    return {f"2026-{name[1:]}": Decimal(amount).normalize() for name, amount in months.items()}


def _billed(uris: Iterable[str]) -> dict[str, Decimal]:
    listed = list(uris)
    if not listed:
        return {}
    with duckdb.connect() as connection:
        sums = connection.read_parquet(listed, hive_partitioning=True).aggregate("x_BillingMonth, sum(BilledCost)")
        return {month: amount.normalize() for month, amount in sums.order("x_BillingMonth").fetchall()}
