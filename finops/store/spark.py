"""Spark: executes expressions on this machine, on a cluster, or behind a Spark Connect server.

Spark computes in as many parts as it likes; DuckDB in this process joins them into the one file that a table's log
names, so a file is the same whoever computed it.
"""

import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from finops.errors import AccessError, ConfigurationError
from finops.store import spark_session, spark_sql
from finops.store.engine import (
    DamagedTable,
    DuckDB,
    Format,
    OutOfMemory,
    StorageFailed,
    UnreadableRows,
    Written,
    bound,
    named,
)

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

    from finops.connector import RawExport, RawTable

_ALIKE = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "true",
    "spark.sql.csv.parser.columnPruning.enabled": "false",  # a row with too many cells is found whatever is read of it
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    "spark.sql.mapKeyDedupPolicy": "LAST_WIN",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.int96RebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
}
"""What makes a session give what DuckDB gives."""
_GLOB = re.compile(r"([\\*?\[\]{},])")
_GONE = ("PATH_NOT_FOUND", "FileNotFoundException", "FAILED_READ_FILE.FILE_NOT_EXIST")
_REFUSED = (*_GONE, "No space left on device", "Permission denied", "AccessControlException", "Input/output error")


class Spark:
    """Spark, started with the first question and ended with this engine.

    A session that this process has already is used and stays: in a notebook, and where tests share one.

    Args:
        master: `local[4]`, a cluster's master (`spark://host:7077`, `yarn`) or a Spark Connect server (`sc://host`).
            Exports, the store and the folder for temporary files must have one path on all its machines.
        memory_limit: for example `4GB`; of Spark in this process, and of what joins its parts.
        spill: existing folder for temporary files; the caller removes it.
    """

    def __init__(self, *, master: str, memory_limit: str, spill: Path) -> None:
        self._master = master
        self._memory_limit = memory_limit
        self._spill = spill
        self._kept: dict[str, Any] = {}
        self._trouble: ConfigurationError | None = None
        self._numbers = count()
        self._joining = DuckDB(memory_limit=memory_limit, spill=spill)

    @cached_property
    def _session(self) -> Any:
        if self._trouble is not None:  # the next source would wait as long for the same answer
            raise self._trouble
        try:
            session = spark_session.running() or spark_session.started(self._master, self._memory_limit, self._spill)
        except ConfigurationError as error:
            self._trouble = error
            raise
        for key, value in _ALIKE.items():
            session.conf.set(key, value)
        return session

    def __enter__(self) -> Self:
        """The engine itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the engine."""
        self._joining.__exit__(kind, error, trace)
        if "_session" not in self.__dict__:
            return
        with suppress(StorageFailed, UnreadableRows), self._reading() as session:  # a server that is gone keeps nothing
            for frame in self._kept.values():
                frame.unpersist()
            spark_session.end(session)

    def bind(self, raw: "RawExport") -> None:
        """Make the tables of an export readable under their names; replaces earlier tables of these names."""
        for table in raw.tables:
            with self._reading():
                self._view(table.name, self._scan(table))

    def bind_files(
        self, name: str, files: Sequence[str], columns: "pa.Schema", partitions: Sequence[str]
    ) -> "ir.Table":
        """Make Parquet files of a lake table readable as one table; partition columns come from the folder names."""
        if not files:
            return self.bind_rows(name, columns.empty_table())
        folder = Path(files[0]).parents[len(partitions)]
        try:
            with self._reading() as session:
                reader = session.read.option("basePath", f"file://{folder}")
                self._view(name, _of_schema(reader.option("mergeSchema", "true").parquet(*_places(files)), columns))
        except (StorageFailed, UnreadableRows) as error:
            raise DamagedTable(error) from error
        return bound(name, columns)

    def bind_written(self, name: str, written: Sequence[Written], columns: "pa.Schema") -> "ir.Table":
        """Make files an engine wrote, all with these columns, readable as one table."""
        with self._reading() as session:
            self._view(name, session.read.parquet(*_places(str(file.path) for file in written)))
        return bound(name, columns)

    def bind_texts(self, name: str, **values: str) -> "ir.Table":
        """Make one row of texts readable under a name."""
        import pyarrow as pa

        return self.bind_rows(name, pa.table({key: [value] for key, value in values.items()}))

    def bind_rows(self, name: str, rows: "pa.Table") -> "ir.Table":
        """Make a small table of this process readable under a name."""
        with self._reading() as session:
            self._view(name, session.createDataFrame(rows))
        return bound(name, rows.schema)

    def keep(self, name: str, expression: "ir.Table") -> "ir.Table":
        """A table of this engine that is computed once, when it is first read; replaces an earlier one."""
        with self._reading():
            frame = self._executed(expression).persist()
            self._view(name, frame)
        if name in self._kept:
            self._kept[name].unpersist()
        self._kept[name] = frame
        return named(name, expression.schema())

    def write(
        self, expression: "ir.Table", path: Path, *, note: str | None = None, form: Format = "parquet"
    ) -> Written:
        """Execute an expression into one file, as `Engine` says."""
        import pyarrow as pa

        parts = self._spill / f"parts-{next(self._numbers)}"
        try:
            with self._reading():
                self._executed(expression).write.parquet(f"file://{parts}")
            files = [Written(path=file, rows=0, size=0) for file in sorted(parts.glob("*.parquet"))]
            if not files:
                raise PartsElsewhere(self._master, self._spill)
            types = pa.schema(expression.schema().to_pyarrow())
            return self._joining.write(self._joining.bind_written("parts", files, types), path, note=note, form=form)
        finally:
            shutil.rmtree(parts, ignore_errors=True)

    def rows(self, expression: "ir.Table") -> list[dict[str, Any]]:
        """Execute a small expression: one dictionary per row, decimals exact."""
        rows: list[dict[str, Any]] = self.arrow(expression).to_pylist()
        return rows

    def arrow(self, expression: "ir.Table") -> "pa.Table":
        """Execute an expression into memory."""
        import pyarrow as pa

        with self._reading():
            return self._executed(expression).toArrow().cast(pa.schema(expression.schema().to_pyarrow()))

    @contextmanager
    def _reading(self) -> Iterator[Any]:
        """The session, with its errors in our words."""
        session = self._session
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException

        try:
            yield session
        except (PySparkException, Py4JError) as error:
            told = spark_session.said(error)
            if "OutOfMemoryError" in told or "UNABLE_TO_ACQUIRE_MEMORY" in told:
                raise OutOfMemory(told) from error
            if any(sign in str(error) for sign in _REFUSED):
                raise StorageFailed(told) from error
            raise UnreadableRows(told) from error

    def _executed(self, expression: "ir.Table") -> Any:
        return self._session.sql(spark_sql.query(expression))

    def _view(self, name: str, frame: Any) -> None:
        frame.createOrReplaceTempView(spark_sql.quoted(name))

    def _scan(self, table: "RawTable") -> Any:
        lower = [name.lower() for name in table.columns]
        if again := next((name for name in table.columns if lower.count(name.lower()) > 1), None):
            raise UnreadableRows(f"the name of column {again!r} stands twice, letters' case aside")
        places = _places(str(path) for path in table.files)
        if table.format == "parquet":
            return _as_said(self._session.read.option("mergeSchema", "true").parquet(*places), table.columns)
        texts = ", ".join(f"{spark_sql.quoted(name)} STRING" for name in table.columns)
        reader = self._session.read.schema(texts).option("header", "true").option("sep", table.delimiter)
        return reader.option("multiLine", "true").option("escape", '"').option("mode", "FAILFAST").csv(places)


def _of_schema(frame: Any, columns: "pa.Schema") -> Any:
    """The columns of a schema; null where no file has one."""
    import ibis

    present = set(frame.columns)
    return frame.selectExpr(
        *(
            f"CAST({spark_sql.quoted(name) if name in present else 'NULL'} AS {spark_sql.type_of(kind)}) "
            f"AS {spark_sql.quoted(name)}"
            for name, kind in ibis.Schema.from_pyarrow(columns).items()
        )
    )


def _as_said(frame: Any, columns: "dict[str, str] | Any") -> Any:
    """The columns with the types an export's layout says, as far as its files have them."""
    import ibis

    present = set(frame.columns)
    kinds = ibis.schema({name: kind for name, kind in columns.items() if name in present})
    return frame.selectExpr(
        *(
            f"CAST({spark_sql.quoted(name)} AS {spark_sql.type_of(kind)}) AS {spark_sql.quoted(name)}"
            for name, kind in kinds.items()
        )
    )


def _places(files: Iterable[str]) -> list[str]:
    """Files as Spark finds them: names are names, not patterns."""
    return ["file://" + _GLOB.sub(r"\\\1", str(Path(file).absolute())) for file in files]


class PartsElsewhere(AccessError):
    """Spark's machines wrote into a folder of the same name that is another one."""

    def __init__(self, master: str, folder: Path) -> None:
        super().__init__(
            f"Spark with master {master!r} wrote into {folder}, and nothing is there.",
            "Let `spill` under [store] name a folder that this machine and all of Spark's share under one path.",
        )
