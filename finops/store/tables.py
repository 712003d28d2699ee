"""The two tables of a store, opened together: `cost`, what the provider billed, and `allocated`, whose it is."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from finops import allocation
from finops.focus import columns
from finops.store.engine import Engine
from finops.store.lake import PARTITIONS, DataFile, LakeTable

if TYPE_CHECKING:
    from collections.abc import Iterable

    import ibis.expr.types as ir
    import pyarrow as pa

    from finops.focus.columns import Column


@dataclass(frozen=True, slots=True)
class Tables:
    """The lake of one store.

    Attributes:
        cost: one row per row of the exports.
        allocated: per day and key.
    """

    cost: LakeTable
    allocated: LakeTable

    @classmethod
    def at(cls, folder: Path) -> "Tables":
        """The tables of a store folder, which need not exist yet."""
        return cls(
            LakeTable(folder / "cost", _schema((*columns.STORED, *columns.PARTITIONS))),
            LakeTable(folder / "allocated", _schema(allocation.columns())),
        )

    def vacuum(self, kept_from: datetime) -> int:
        """Remove rows of `cost` that only versions older than a time hold, and what killed runs left in both tables.

        Every version of `allocated` stays: its daily sums are what was known when, and small beside the rows.

        Returns:
            How many files were removed.
        """
        return self.cost.vacuum(kept_from) + self.allocated.vacuum(None)

    @property
    def row_schema(self) -> "pa.Schema":
        """Columns inside a data file of `cost`: all but the partition's."""
        return _schema(columns.STORED)

    @property
    def allocated_schema(self) -> "pa.Schema":
        """Columns inside a data file of `allocated`: all but the partition's."""
        return _schema(tuple(c for c in allocation.columns() if c not in columns.PARTITIONS))

    def read_cost(self, engine: Engine, files: "Iterable[DataFile]", name: str = "cost") -> "ir.Table":
        """Files of `cost` as a table of the engine."""
        return engine.bind_files(name, [file.uri for file in files], self.cost.schema, PARTITIONS)

    def read_allocated(self, engine: Engine, *, known_at: datetime | None) -> "ir.Table":
        """`allocated` as it is, or was at a time."""
        files = self.allocated.files(known_at=known_at)
        return engine.bind_files("allocated", [file.uri for file in files], self.allocated.schema, PARTITIONS)


def _schema(described: "tuple[Column, ...]") -> "pa.Schema":
    import ibis

    schema: pa.Schema = ibis.schema({column.name: column.type for column in described}).to_pyarrow()
    return schema
