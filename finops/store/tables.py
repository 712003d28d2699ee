"""The tables of a store, opened together: `cost`, what the provider billed, and `allocated`, whose it is."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from finops import allocation
from finops.focus import columns
from finops.focus.columns import TIME, Column
from finops.store.engine import Engine
from finops.store.lake import PARTITIONS, DataFile, LakeTable, Outdated, Staged, hashed

if TYPE_CHECKING:
    from collections.abc import Iterable

    import ibis.expr.types as ir
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Tables:
    """The lake of one store.

    Attributes:
        cost: one row per row of the exports.
        allocated: per day and key.
        vintages: rows of `allocated` whose files a vacuum removed, and from when to when they were known; append-only.
    """

    cost: LakeTable
    allocated: LakeTable
    vintages: LakeTable

    @classmethod
    def at(cls, folder: Path, url: str | None = None) -> "Tables":
        """The tables of a store, which need not exist yet.

        Args:
            folder: of the store; with a URL, of the copies of its files.
            url: of a store in a bucket.
        """

        def table(name: str, described: "tuple[Column, ...]") -> LakeTable:
            return LakeTable(folder / name, _schema(described), url=None if url is None else f"{url}/{name}")

        return cls(
            cost=table("cost", (*columns.STORED, *columns.PARTITIONS)),
            allocated=table("allocated", allocation.columns()),
            vintages=table("vintages", (*allocation.columns(), *_KNOWN)),
        )

    def vacuum(self, kept_from: datetime, engine: Engine, *, grace_hours: int = 24) -> int:
        """Remove what only versions older than a time hold, and what killed runs left.

        The daily sums go on in `vintages`, with when they were known: small beside the rows, they say what was known
        when.

        Args:
            kept_from: versions that were newest at this time or later stay as they are.
            engine: copies the daily sums.
            grace_hours: files written or replaced so recently stay: a run may still commit or read them.

        Returns:
            How many files were removed.

        Raises:
            RetryError: if another run did the same at this moment; nothing was removed.
            AccessError: if the store may not be written.
        """
        self._keep_vintages(kept_from, engine)
        tables = (self.cost, self.allocated)
        return sum(table.vacuum(kept_from, grace_hours=grace_hours) for table in tables)

    def _keep_vintages(self, kept_from: datetime, engine: Engine) -> None:
        seen = self.vintages.version()
        kept = {file.part for file in self.vintages.files()}
        outdated = [one for one in self.allocated.outdated(kept_from) if _vintage(one.file) not in kept]
        staged: list[Staged] = []
        try:
            staged.extend(self._vintage_of(one, engine) for one in outdated)  # what came before an error is in it
            if staged:
                self.vintages.commit(add=staged, remove=[], seen=seen, why={"operation": "vacuum"})
        except BaseException:
            self.vintages.discard(staged)
            raise

    def _vintage_of(self, one: Outdated, engine: Engine) -> Staged:
        """The rows of a file of `allocated`, and when they were known, as a file of `vintages`."""
        import ibis

        file = one.file
        rows = engine.bind_files("outdated", self.allocated.bring([file]), self.allocated.schema, PARTITIONS)
        known = {"x_KnownFrom": file.written, "x_KnownTo": one.replaced}
        times = {name: ibis.literal(at.isoformat()).cast(TIME) for name, at in known.items()}
        path = self.vintages.stage(file.source, file.month, file.path, file.state)
        written = engine.write(rows.drop(*PARTITIONS).mutate(**times), path, note=self.allocated.note(file))
        return Staged(source=file.source, month=file.month, written=written)

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
        return engine.bind_files(name, self.cost.bring(files), self.cost.schema, PARTITIONS)

    def read_allocated(self, engine: Engine, *, known_at: datetime | None) -> "ir.Table":
        """`allocated` as it is, or was at a time."""
        paths = [path for table, file in self._allocated(known_at) for path in table.bring([file])]
        return engine.bind_files("allocated", paths, self.allocated.schema, PARTITIONS)

    def partitions(self, *, known_at: datetime | None) -> set[tuple[str, str]]:
        """The (source, month) pairs of `allocated` as it is, or was at a time."""
        return {(file.source, file.month) for file in self.allocated.files(known_at=known_at, removed=True)}

    def notes(
        self, partitions: "Iterable[tuple[str, str]]", *, known_at: datetime | None
    ) -> dict[tuple[str, str], str | None]:
        """Per source and month the note in the footer of its file of `allocated`; None for a file of another writer.

        Raises:
            AccessError: if a file cannot be read.
        """
        wanted = set(partitions)
        found = {(file.source, file.month): (table, file) for table, file in self._allocated(known_at)}
        return {partition: table.note(file) for partition, (table, file) in found.items() if partition in wanted}

    def from_vintages(self, *, known_at: datetime) -> int:
        """How many months of `allocated`, as it was at a time, are read from `vintages`."""
        return sum(table is self.vintages for table, _ in self._allocated(known_at))

    def _allocated(self, known_at: datetime | None) -> list[tuple[LakeTable, DataFile]]:
        """Files of `allocated` of now or of a time, and where each is: what a vacuum removed lives on in `vintages`."""
        files = self.allocated.files(known_at=known_at, removed=True)
        gone = {_vintage(file) for file in files if file.part and not file.state} if known_at else set()
        instead = {file.part: file for file in self.vintages.files() if file.part in gone} if gone else {}
        return [
            (self.vintages, instead[_vintage(file)]) if _vintage(file) in instead else (self.allocated, file)
            for file in files
        ]


_KNOWN = (
    Column("x_KnownFrom", TIME, "own", nullable=False),
    Column("x_KnownTo", TIME, "own", nullable=False),
)


def _vintage(file: DataFile) -> str:
    """The part in `vintages` of a file of `allocated`, whose name is its own for good."""
    return hashed(file.path)


def _schema(described: "tuple[Column, ...]") -> "pa.Schema":
    import ibis

    schema: pa.Schema = ibis.schema({column.name: column.type for column in described}).to_pyarrow()
    return schema
