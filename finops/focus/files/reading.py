"""A FOCUS file on this machine as Arrow batches: cells of CSV as their text, cells of Parquet as their values."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from finops import local_files
from finops.focus.files import printed
from finops.focus.files.problems import RaggedLine
from finops.local_files import BrokenFile

if TYPE_CHECKING:
    import pyarrow as pa

_PARQUET = b"PAR1"
_GZIP = b"\x1f\x8b"
_DELIMITERS = (",", ";", "\t")
_BLOCK = 8 << 20
_ROWS = 65_536
_NULLS = ("", "NULL", "null")
_BLANKS = " \t\n\r\v\f"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFile:
    """One file, with what its first bytes tell.

    Attributes:
        path: where it is.
        format: by content, not by name.
        columns: names without blanks around them, in file order; a name that repeats gets its number: `Id (2)`.
        repeated: names that stand more than once.
        delimiter: of CSV.
        numbers: columns that hold amounts and quantities: printed ones come as plain numbers from a CSV file.
        decimal_comma: whether their decimals stand behind a comma.
    """

    path: Path
    format: Literal["csv", "parquet"]
    columns: tuple[str, ...]
    repeated: frozenset[str]
    delimiter: str = ","
    numbers: frozenset[str] = frozenset()
    decimal_comma: bool = False

    def batches(
        self, columns: Sequence[str], *, printed_cells: Counter[str] | None = None
    ) -> Iterator["pa.RecordBatch"]:
        """The rows, a few ten thousand at a time, with these columns.

        Args:
            columns: their names.
            printed_cells: told how many cells of a column were printed numbers, as `$10,000.00`.

        Raises:
            AccessError: the file is missing or may not be read.
            BillError: the file is broken, or a line has more or fewer cells than the header.
        """
        if self.format == "parquet":
            return self._parquet_batches(columns)
        batches = self._csv_batches(columns)
        told = Counter[str]() if printed_cells is None else printed_cells
        return (self._with_plain_numbers(batch, told) for batch in batches) if self.numbers else batches

    def _with_plain_numbers(self, batch: "pa.RecordBatch", told: Counter[str]) -> "pa.RecordBatch":
        import pyarrow as pa
        import pyarrow.compute as pc

        cells = []
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            found = printed.plain(column, decimal_comma=self.decimal_comma) if name in self.numbers else column
            if found is not column:
                trimmed = pc.utf8_trim_whitespace(column)
                told[name] += pc.sum(pc.not_equal(found, trimmed)).as_py() or 0
            cells.append(found)
        return pa.RecordBatch.from_arrays(cells, names=batch.schema.names)

    def place(self, row: int) -> str:
        """Where the row of that index (from 0) stands, in words: `line 7` of a CSV file, `row 6` of a Parquet file."""
        if self.format == "parquet":
            return f"row {row + 1}"
        for index, (line, _) in enumerate(self._lines()):
            if index == row:
                return f"line {line}"
        return f"row {row + 1}"

    def _csv_batches(self, columns: Sequence[str]) -> Iterator["pa.RecordBatch"]:
        import pyarrow as pa
        from pyarrow import csv as arrow_csv

        if next(self._lines(), None) is None:  # Arrow takes a header alone for a broken file
            return
        try:
            with self.path.open("rb") as packed:
                is_gzip = packed.read(2) == _GZIP
            with pa.input_stream(str(self.path), compression="gzip" if is_gzip else None) as stream:
                yield from arrow_csv.open_csv(
                    stream,
                    read_options=arrow_csv.ReadOptions(
                        column_names=list(self.columns), skip_rows_after_names=1, block_size=_BLOCK
                    ),
                    parse_options=arrow_csv.ParseOptions(delimiter=self.delimiter, newlines_in_values=True),
                    convert_options=arrow_csv.ConvertOptions(
                        column_types=dict.fromkeys(self.columns, pa.string()),
                        include_columns=list(columns),
                        strings_can_be_null=False,
                    ),
                )
        except pa.ArrowInvalid as error:
            self._explain(error)
            raise BrokenFile(self.path, _first_line(error)) from error
        except OSError as error:
            raise BrokenFile(self.path, _first_line(error)) from error

    def _parquet_batches(self, columns: Sequence[str]) -> Iterator["pa.RecordBatch"]:
        import pyarrow as pa
        from pyarrow import parquet

        try:
            with parquet.ParquetFile(self.path) as file:
                for batch in file.iter_batches(batch_size=_ROWS, columns=list(columns)):
                    # Arrow gives the columns in the file's order, whatever was asked for.
                    cells = [_plain(batch.column(name)) for name in columns]
                    yield pa.RecordBatch.from_arrays(cells, names=list(columns))
        except (pa.ArrowInvalid, OSError) as error:
            raise BrokenFile(self.path, _first_line(error)) from error

    def _lines(self) -> Iterator[tuple[int, list[str]]]:
        """The rows of a CSV file with the number of the line each begins in, read by Python itself."""
        with local_files.opened_text(self.path) as text:
            reader = csv.reader(text, delimiter=self.delimiter)
            next(reader, None)
            begins = reader.line_num + 1
            try:
                for cells in reader:
                    if cells:
                        yield begins, cells
                    begins = reader.line_num + 1
            except csv.Error as error:
                raise BrokenFile(self.path, f"line {begins} is no CSV ({local_files.csv_problem(error)})") from error

    def _explain(self, error: Exception) -> None:
        """Raise with the line that broke the CSV file, if there is one."""
        for line, cells in self._lines():
            if len(cells) != len(self.columns):
                raise RaggedLine(self.path, line, len(cells), len(self.columns)) from error


def opened(path: Path) -> ExportFile:
    """The file with its format, columns and delimiter, by its content.

    Raises:
        AccessError: the file is missing or may not be read.
        BillError: the file is broken.
    """
    try:
        with path.open("rb") as file:
            is_parquet = file.read(len(_PARQUET)) == _PARQUET
    except OSError as error:
        raise local_files.Unreadable(str(path), error) from error
    if is_parquet:
        return _described(path, "parquet", _parquet_columns(path), ",")
    headers: Mapping[str, list[str]] = {mark: local_files.csv_header(path, delimiter=mark) for mark in _DELIMITERS}
    delimiter = max(_DELIMITERS, key=lambda mark: len(headers[mark]))
    return _described(path, "csv", headers[delimiter], delimiter)


def with_numbers(file: ExportFile, columns: Iterable[str]) -> ExportFile:
    """The file, knowing which of its columns hold numbers, and how they are written.

    A comma can only be told from a separator where cells are separated by something else.

    Raises:
        AccessError, BillError: as `ExportFile.batches`.
    """
    numbers = [name for name in columns if name in file.columns]
    comma = False
    if file.format == "csv" and file.delimiter != "," and numbers:
        comma = printed.has_decimal_commas(column for batch in file.batches(numbers) for column in batch.columns)
    return replace(file, numbers=frozenset(numbers), decimal_comma=comma)


def texts(cells: "pa.Array") -> "pa.Array":
    """Cells as text without blanks around it; null where nothing is left or NULL is spelt, as in the mapping."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_floating(cells.type):
        cells = pc.if_else(pc.is_nan(cells), None, cells)
    if not pa.types.is_string(cells.type):
        return cells.cast(pa.string())
    cells = pc.utf8_trim(cells, characters=_BLANKS)
    return pc.if_else(pc.is_in(cells, value_set=pa.array(_NULLS)), None, cells)


def _plain(cells: "pa.Array") -> "pa.Array":
    """Cells of a Parquet file in a type that every engine reads alike; nested ones stay as they are."""
    import pyarrow as pa

    kind = cells.type
    if pa.types.is_dictionary(kind):
        return _plain(cells.dictionary_decode())
    if pa.types.is_timestamp(kind):
        # Nanoseconds are no type of every engine, and no bill needs them.
        return cells.cast(pa.timestamp("us", tz="UTC" if kind.tz else None), safe=False)
    is_text = pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    is_bytes = pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind)
    # DuckDB reads decimals of more than 38 digits as doubles; their text is exact.
    if is_text or is_bytes or pa.types.is_null(kind) or pa.types.is_decimal256(kind) or pa.types.is_float16(kind):
        return cells.cast(pa.string())
    return cells


def _parquet_columns(path: Path) -> list[str]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        return list(parquet.read_schema(path).names)
    except (pa.ArrowInvalid, OSError) as error:
        raise BrokenFile(path, _first_line(error)) from error


def _described(path: Path, kind: Literal["csv", "parquet"], header: Sequence[str], delimiter: str) -> ExportFile:
    """The file with its columns named so that each name is there once."""
    names: list[str] = []
    repeated: set[str] = set()
    for position, cell in enumerate(header, start=1):
        name = (cell if kind == "parquet" else cell.strip()) or f"column {position}"
        if name in names:
            repeated.add(name)
            name = f"{name} ({position})"
        names.append(name)
    return ExportFile(path=path, format=kind, columns=tuple(names), repeated=frozenset(repeated), delimiter=delimiter)


def _first_line(error: Exception) -> str:
    """What a library says, on one line and without a full stop."""
    return next(iter(str(error).splitlines()), type(error).__name__).rstrip(".")
