"""A FOCUS file on its way to an engine: the columns the table keeps, as one Parquet file that every engine reads alike.

CSV and Parquet come in too many dialects (byte-order marks, maps, gzip without its suffix) to leave them to the engine.
Cells keep their values, and the mapping reads them. Only blanks around text and spelt-out nulls go (DuckDB takes longer
to trim a cell than to read a number from it, and repeats it wherever the cell is used), and tags and other nested cells
become JSON text, because engines disagree on maps and none reads Python's spelling of one.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from finops.findings import Finding
from finops.focus import tags
from finops.focus.files import reading
from finops.focus.files.names import Layout
from finops.focus.files.reading import ExportFile
from finops.focus.files.survey import Survey
from finops.quantities import counted

if TYPE_CHECKING:
    import pyarrow as pa

_OBJECTS = ("Tags", "x_CostCategories")
"""Stored columns that hold a JSON object of keys and values."""
_SHOWN = 80


class Staging:
    """Copies the columns of one file that the table keeps, surveying them on the way."""

    def __init__(self, file: ExportFile, layout: Layout, source: str) -> None:
        self._file = file
        self._layout = layout
        self._source = source
        self._survey = Survey(file, layout, source)
        self._objects = {name for stored in _OBJECTS for name in layout.sources.get(stored, ())}
        self._printed = Counter[str]()
        self._unreadable_tags = 0
        self._unreadable_example = ""

    @property
    def rows_without_currency(self) -> int:
        """Rows read so far that name no currency."""
        return self._survey.missing("BillingCurrency")

    def write(self, path: Path) -> Mapping[str, str]:
        """Write the Parquet file.

        Returns:
            Its columns with their Ibis types.

        Raises:
            BillError: the file is broken, or a cell would lose or invent money.
        """
        import ibis
        import pyarrow as pa
        from pyarrow import parquet

        batches = (self._staged(batch) for batch in self._file.batches(self._layout.used, printed_cells=self._printed))
        first = next(batches, None)
        schema = first.schema if first is not None else pa.schema([(name, pa.string()) for name in self._layout.used])
        with parquet.ParquetWriter(path, schema) as writer:
            if first is not None:
                writer.write_batch(first)
            for batch in batches:
                writer.write_batch(batch)
        types = ibis.Schema.from_pyarrow(schema)
        return {name: str(types[name].copy(nullable=True)) for name in types}

    def findings(self) -> tuple[Finding, ...]:
        """What was doubtful in the whole file.

        Raises:
            BillError: as `Survey.findings`.
        """
        found = (*self._survey.findings(), *self._about_printed())
        if not self._unreadable_tags:
            return found
        message = (
            f"{self._file.path.name}: tags that are neither an object nor a list of keys and values were left out, "
            f"for example {self._unreadable_example[:_SHOWN]!r}."
        )
        unreadable = Finding(
            rule="focus.unreadable-tags",
            severity="warning",
            message=message,
            source=self._source,
            rows=self._unreadable_tags,
        )
        return (*found, unreadable)

    def _about_printed(self) -> Iterator[Finding]:
        told = {name: count for name, count in sorted(self._printed.items()) if count}
        if told:
            columns = ", ".join(f"{counted(count, 'cell')} of {name}" for name, count in told.items())
            message = f"{self._file.path.name}: {columns} held numbers printed for people and were read as plain ones."
            yield Finding(
                rule="focus.printed-numbers",
                severity="info",
                message=message,
                source=self._source,
                rows=max(told.values()),
            )

    def _staged(self, batch: "pa.RecordBatch") -> "pa.RecordBatch":
        import pyarrow as pa

        plain = [_stripped(_flat(cells)) for cells in batch.columns]
        self._survey.note(pa.RecordBatch.from_arrays(plain, names=batch.schema.names))
        cells = [
            self._canonical(column) if name in self._objects else column
            for name, column in zip(batch.schema.names, plain, strict=True)
        ]
        return pa.RecordBatch.from_arrays(cells, names=batch.schema.names)

    def _canonical(self, cells: "pa.Array") -> "pa.Array":
        """Tags in their one form; null where there are none, or none that can be read."""
        import pyarrow as pa
        import pyarrow.compute as pc

        encoded = reading.texts(cells).dictionary_encode()
        raw = encoded.dictionary.to_pylist()
        forms = [_canonical_tags(text) for text in raw]
        broken = [index for index, (_, is_readable) in enumerate(forms) if not is_readable]
        if broken:
            self._unreadable_example = self._unreadable_example or raw[broken[0]]
            self._unreadable_tags += pc.sum(pc.is_in(encoded.indices, value_set=pa.array(broken, pa.int32()))).as_py()
        return pa.array([form for form, _ in forms], pa.string()).take(encoded.indices)


@lru_cache(maxsize=65_536)
def _canonical_tags(text: str) -> tuple[str | None, bool]:
    """Tags in their one form, and whether they could be read."""
    try:
        return tags.canonical(tags.parse(text)), True
    except ValueError:
        return None, False


def _flat(cells: "pa.Array") -> "pa.Array":
    """Cells as they are; maps, lists and records as JSON text."""
    import pyarrow as pa

    if pa.types.is_map(cells.type):
        return pa.array([None if pairs is None else _json(dict(pairs)) for pairs in cells.to_pylist()], pa.string())
    if pa.types.is_nested(cells.type):
        return pa.array([None if cell is None else _json(cell) for cell in cells.to_pylist()], pa.string())
    return cells


def _stripped(cells: "pa.Array") -> "pa.Array":
    """Cells as they are; text without blanks around it, null where nothing is left or NULL is spelt."""
    import pyarrow as pa

    return reading.texts(cells) if pa.types.is_string(cells.type) else cells


def _json(value: object) -> str:
    """The value as JSON text; what JSON has no word for (times, decimals) as text."""
    import json  # noqa: PLC0415

    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
