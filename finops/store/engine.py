"""Engine: what executes expressions, and DuckDB, which does so in this process."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self

from finops.errors import AccessError, BillError, ConfigurationError, FinopsError

if TYPE_CHECKING:
    import ibis
    import ibis.expr.types as ir
    import pyarrow as pa

    from finops.connector import RawExport, RawTable

_LONGEST_LINE = 4 * 1024 * 1024
"""Bytes of the longest CSV line read; DuckDB sets aside sixteen times as much per file. Its default is 2 MB."""

_ROWS_PER_GROUP = 30_720
"""A quarter of DuckDB's default. Each thread holds a group of the wide table `cost` until it is written: 0.45 GB
instead of 0.8 in all, in the same CPU time; files are larger by 1 %."""
_BESIDE = 0.6
"""GB of the memory limit that DuckDB does not get: Python, Arrow and the libraries take half of it, and the groups of
rows that are being written, which DuckDB does not count, the other half."""
_LEAST = 0.35
"""GB that it gets whatever the limit: with 0.2, writing the wide table `cost` takes five times as long."""

Format = Literal["parquet", "csv"]
_OPTIONS = {
    "parquet": f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROWS_PER_GROUP}",
    "csv": "FORMAT csv, HEADER true, TIMESTAMPFORMAT '%Y-%m-%dT%H:%M:%SZ'",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A file the engine wrote: where, how many rows and bytes."""

    path: Path
    rows: int
    size: int


class Engine(Protocol):
    """Executes expressions over tables it was told of; `finops.store.engines` chooses one.

    What a table is bound to is read then or when an expression is executed: files must stay until the engine is left.
    """

    def __enter__(self) -> Self:
        """The engine itself."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the engine."""
        ...

    def bind(self, raw: "RawExport") -> None:
        """Make the tables of an export readable under their names; replaces earlier tables of these names."""
        ...

    def bind_files(
        self, name: str, files: Sequence[str], columns: "pa.Schema", partitions: Sequence[str]
    ) -> "ir.Table":
        """Make Parquet files of a lake table readable as one table; partition columns come from the folder names.

        Args:
            name: of the view.
            files: where they are; none gives an empty table.
            columns: schema of the whole table, partition columns included.
            partitions: names of the partition columns.
        """
        ...

    def bind_written(self, name: str, written: Sequence[Written], columns: "pa.Schema") -> "ir.Table":
        """Make files an engine wrote, all with these columns, readable as one table."""
        ...

    def bind_texts(self, name: str, **values: str) -> "ir.Table":
        """Make one row of texts readable under a name."""
        ...

    def bind_rows(self, name: str, rows: "pa.Table") -> "ir.Table":
        """Make a small table of this process readable under a name."""
        ...

    def keep(self, name: str, expression: "ir.Table") -> "ir.Table":
        """Execute an expression into a table of this engine, which spills where it must; replaces an earlier one."""
        ...

    def write(
        self, expression: "ir.Table", path: Path, *, note: str | None = None, form: Format = "parquet"
    ) -> Written:
        """Execute an expression into one file: Parquet (zstd), or CSV with times as `2026-10-01T00:00:00Z`.

        Args:
            expression: what to write.
            path: a new file; its folder is made.
            form: of the file.
            note: text kept in the file's footer under the key `finops`; `note_of` reads it back.

        Raises:
            BillError: if a value does not fit its column; nothing is left behind.
        """
        ...

    def rows(self, expression: "ir.Table") -> list[dict[str, Any]]:
        """Execute a small expression: one dictionary per row, decimals exact."""
        ...

    def arrow(self, expression: "ir.Table") -> "pa.Table":
        """Execute an expression into memory."""
        ...


class DuckDB:
    """DuckDB in this process, with a memory limit and a folder it spills to.

    It starts with the first question: that takes most of a second, and a run that finds nothing new has none.

    Args:
        memory_limit: for example `4GB`, of the process; DuckDB gets all but 0.6 GB,
            at least 0.35 GB, and spills beyond.
        spill: existing folder for temporary files; the caller removes it.
    """

    def __init__(self, *, memory_limit: str, spill: Path) -> None:
        self._settings = {
            "TimeZone": "UTC",
            "memory_limit": _shared(memory_limit),
            "temp_directory": str(spill),
            "preserve_insertion_order": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }

    @cached_property
    def _backend(self) -> Any:  # noqa: ANN401 - Ibis is not marked as typed
        import ibis

        backend = ibis.duckdb.connect()
        for setting, value in self._settings.items():
            backend.con.execute(f"SET {setting} = {_quoted(value)}")
        return backend

    def __enter__(self) -> Self:
        """The engine itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the engine."""
        if "_backend" in self.__dict__:
            self._backend.disconnect()

    def bind(self, raw: "RawExport") -> None:
        """Make the tables of an export readable under their names; replaces earlier tables of these names."""
        for table in raw.tables:
            self._view(table.name, _scan(table))

    def bind_files(
        self, name: str, files: Sequence[str], columns: "pa.Schema", partitions: Sequence[str]
    ) -> "ir.Table":
        """Make Parquet files of a lake table readable as one table; partition columns come from the folder names.

        Args:
            name: of the view.
            files: local paths; none gives an empty table.
            columns: schema of the whole table, partition columns included.
            partitions: names of the partition columns.
        """
        if not files:
            self._backend.con.register(f"{name}_empty", columns.empty_table())
            self._view(name, f"FROM {_identifier(name + '_empty')}")
        else:
            kinds = ", ".join(f"{_identifier(part)}: 'VARCHAR'" for part in partitions)
            hive = f"hive_partitioning = true, hive_types = {{{kinds}}}"
            scan = f"FROM read_parquet({_list(files)}, union_by_name = true, {hive})"
            try:
                try:
                    self._view(name, f"SELECT {', '.join(map(_identifier, columns.names))} {scan}")
                except UnreadableRows:
                    # Every file was written before a column existed; asked only then, as it opens all files once more.
                    self._view(name, f"SELECT {', '.join(self._with_nulls(scan, columns))} {scan}")
            except (StorageFailed, UnreadableRows) as error:
                raise DamagedTable(error) from error
        return bound(name, columns)

    def _with_nulls(self, scan: str, columns: "pa.Schema") -> list[str]:
        """The columns of a scan, and nulls of the right type for those that none of its files has."""
        import ibis

        with _reading():
            present = {row[0] for row in self._backend.con.execute(f"DESCRIBE {scan}").fetchall()}
        kinds = ibis.Schema.from_pyarrow(columns)
        types = self._backend.compiler.type_mapper
        return [
            _identifier(column)
            if column in present
            else f"CAST(NULL AS {types.to_string(kinds[column])}) AS {_identifier(column)}"
            for column in columns.names
        ]

    def bind_written(self, name: str, written: Sequence[Written], columns: "pa.Schema") -> "ir.Table":
        """Make files this engine wrote, all with these columns, readable as one table."""
        files = _list(str(file.path) for file in written)
        self._view(name, f"FROM read_parquet({files}, hive_partitioning = false)")
        return bound(name, columns)

    def _view(self, name: str, query: str) -> None:
        """Give a query a name; files it reads are opened, so a broken one is found here."""
        with _reading():
            self._backend.con.execute(f"CREATE OR REPLACE TEMP VIEW {_identifier(name)} AS {query}")

    def _sql(self, expression: "ir.Table") -> str:
        return _compiled(self._backend, expression)

    def keep(self, name: str, expression: "ir.Table") -> "ir.Table":
        """Execute an expression into a table of this engine, which spills where it must; replaces an earlier one."""
        with _reading():
            self._backend.con.execute(f"CREATE OR REPLACE TEMP TABLE {_identifier(name)} AS {self._sql(expression)}")
        return named(name, expression.schema())

    def bind_texts(self, name: str, **values: str) -> "ir.Table":
        """Make one row of texts readable under a name."""
        import pyarrow as pa

        return self.bind_rows(name, pa.table({key: [value] for key, value in values.items()}))

    def bind_rows(self, name: str, rows: "pa.Table") -> "ir.Table":
        """Make a small table of this process readable under a name."""
        self._backend.con.register(name, rows)
        return bound(name, rows.schema)

    def write(
        self, expression: "ir.Table", path: Path, *, note: str | None = None, form: Format = "parquet"
    ) -> Written:
        """Execute an expression into one file, as `Engine` says; nothing is left behind where that fails."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(path, error) from error
        footer = "" if note is None else f", KV_METADATA {{finops: {_quoted(note)}}}"
        query = _typed(self._sql(expression), expression.schema())
        statement = f"COPY ({query}) TO {_quoted(str(path))} ({_OPTIONS[form]}{footer})"
        try:
            with _reading():
                counted = self._backend.con.execute(statement).fetchone()
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return Written(path=path, rows=counted[0] if counted else 0, size=path.stat().st_size)

    def rows(self, expression: "ir.Table") -> list[dict[str, Any]]:
        """Execute a small expression: one dictionary per row, decimals exact."""
        rows: list[dict[str, Any]] = self.arrow(expression).to_pylist()
        return rows

    def arrow(self, expression: "ir.Table") -> "pa.Table":
        """Execute an expression into memory."""
        with _reading():
            return self._backend.con.sql(self._sql(expression)).to_arrow_table()


_COMPILED = 256
"""Statements remembered."""

_statements: dict[Any, str] = {}


def _compiled(backend: Any, expression: "ir.Table") -> str:  # noqa: ANN401 - Ibis is not marked as typed
    """The statement of an expression, compiled once in this process: on a small bill that is longer than running it.

    Months and deliveries of one layout repeat theirs, and one backend compiles as the next.
    """
    operation = expression.op()
    if operation not in _statements:
        if len(_statements) >= _COMPILED:
            _statements.pop(next(iter(_statements)))  # the oldest
        _statements[operation] = str(backend.compile(expression))
    return _statements[operation]


def note_of(path: Path, opened: "pa.NativeFile | None" = None) -> str | None:
    """The note in a Parquet file's footer; None where it has none.

    Args:
        path: of the file.
        opened: the file, where it does not lie under this path on this machine.

    Raises:
        AccessError: if the file is gone or may not be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        found = (pq.read_metadata(path if opened is None else opened).metadata or {}).get(b"finops")
    except (OSError, pa.ArrowException) as error:  # what is no Parquet file is an ArrowException
        reason = (getattr(error, "strerror", None) or str(error)).strip().splitlines()[0].rstrip(".")
        raise AccessError(
            f"The data file {path} cannot be read: {reason}.",
            "Restore it, or delete the store and ingest again.",
        ) from error
    return None if found is None else found.decode()


@contextmanager
def _reading() -> Iterator[None]:
    import duckdb

    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise OutOfMemory(str(error)) from error
    except (duckdb.IOException, duckdb.PermissionException) as error:
        raise StorageFailed(str(error)) from error
    except (duckdb.DataError, duckdb.ProgrammingError, duckdb.NotSupportedError) as error:
        # Values that do not fit, and what a table's columns can cause: a name twice, or one that is not there.
        raise UnreadableRows(str(error)) from error


class UnreadableRows(BillError):
    """The engine met rows it cannot read as the export's layout says."""

    def __init__(self, message: str) -> None:
        first = message.strip().splitlines()[0]
        super().__init__(
            f"An export cannot be read as a table: {first}.",
            "Fetch the file again from the provider; nothing was changed.",
        )


class OutOfMemory(ConfigurationError):
    """The memory limit is too small for this machine or this bill."""

    def __init__(self, message: str) -> None:
        first = message.strip().splitlines()[0]
        super().__init__(f"The engine ran out of memory: {first}.", "Raise memory_limit under [store].")


class StorageFailed(AccessError):
    """The disk refused: a file is gone, the folder may not be written, or no space is left."""

    def __init__(self, message: str) -> None:
        first = message.strip().splitlines()[0]
        if found := _WITHIN.search(first):
            first = json.loads(f'"{found[1]}"')
        super().__init__(
            f"A file cannot be read or written: {first}.",
            "Check rights and free space there, then run again; `spill` under [store], or else TMPDIR, names the "
            "folder for temporary files.",
        )


_WITHIN = re.compile(r'"exception_message":"((?:[^"\\]|\\.)*)"')
"""What DuckDB says about a write in the background, inside what it says about waiting for it."""


class DamagedTable(AccessError):
    """A data file that a table's log names is gone or cannot be read."""

    def __init__(self, error: FinopsError) -> None:
        super().__init__(
            error.what.replace("An export cannot be read as a table", "A data file of the store cannot be read"),
            "Check rights there; if the file is gone or cut short, `finops ingest` makes it again from the exports.",
        )


def _unwritable(path: Path, error: OSError) -> AccessError:
    return AccessError(
        f"{path.parent} cannot be made: {error.strerror or error}.", "Check the rights of the folder above it."
    )


def _shared(memory_limit: str) -> str:
    """DuckDB's share of a memory limit.

    >>> _shared("4GB"), _shared("1024 MiB"), _shared("512MB")
    ('3.400GB', '0.474GB', '0.350GB')
    """
    number = memory_limit.rstrip("KMGTiB ")
    unit = memory_limit[len(number) :].strip()
    size = float(number) * (1024 if "i" in unit else 1000) ** ("KMGT".index(unit[0]) + 1) / 1e9
    return f"{max(size - _BESIDE, _LEAST):.3f}GB"


def _scan(table: "RawTable") -> str:
    files = _list(str(path) for path in table.files)
    if table.format == "parquet":
        return f"FROM read_parquet({files}, union_by_name = true, hive_partitioning = false)"
    columns = ", ".join(f"{_quoted(name)}: 'VARCHAR'" for name in table.columns)
    return (
        f"FROM read_csv({files}, columns = {{{columns}}}, auto_detect = false, header = true, "
        f"delim = {_quoted(table.delimiter)}, quote = '\"', escape = '\"', max_line_size = {_LONGEST_LINE})"
    )


def _typed(query: str, schema: "ibis.Schema") -> str:
    """The statement with every decimal as wide as its schema says.

    DuckDB widens decimals in sums and differences. Ibis takes no notice and leaves out a cast that it thinks changes
    nothing; but a reader that is strict about types, as Spark is, refuses a file with wider columns than the log says.
    """
    casts = [
        f"CAST({_identifier(name)} AS DECIMAL({kind.precision}, {kind.scale})) AS {_identifier(name)}"
        for name, kind in schema.items()
        if kind.is_decimal() and kind.precision is not None
    ]
    return f"SELECT * REPLACE ({', '.join(casts)}) FROM ({query})" if casts else query  # noqa: S608 - names are quoted


@lru_cache(maxsize=64)  # turning types of Arrow into those of Ibis takes milliseconds a table
def bound(name: str, columns: "pa.Schema") -> "ir.Table":
    """The table of a name and columns, to build expressions of."""
    import ibis

    return named(name, ibis.Schema.from_pyarrow(columns))


@lru_cache(maxsize=64)
def named(name: str, schema: "ibis.Schema") -> "ir.Table":
    """The one table of a name and schema in this process.

    Two that Ibis makes are never equal, and who remembers an expression by its tables would never find it again.
    """
    import ibis

    return ibis.table(schema, name=name)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _list(texts: Iterable[str]) -> str:
    return "[" + ", ".join(map(_quoted, texts)) + "]"
