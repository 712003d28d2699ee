"""Any file of an export as batches of cells: JSON (lines, concatenated, one array), CSV and Parquet, gzip or not.

Numbers keep the text of the file: JSON numbers are never made floats, floats of Parquet become their shortest decimal.
"""

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal

from finops import local_files
from finops.errors import BillError
from finops_gcp import fields

if TYPE_CHECKING:
    import pyarrow as pa

SUFFIXES = (
    ".json", ".jsonl", ".ndjson", ".csv", ".parquet", ".json.gz", ".jsonl.gz", ".ndjson.gz", ".csv.gz",
)  # fmt: skip
"""Endings of files that may be exports."""

BATCH = 16_384
"""Records held in memory at a time."""

_CHUNK = 1 << 20
_LARGEST_RECORD = 64 << 20
_LONGEST_CELL = 128 << 20
_BETWEEN = re.compile(r"[\s,\x1e]*")
_INSIDE = fields.inside()

Form = Literal["json", "csv", "parquet"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Some consecutive records, column by column.

    Attributes:
        places: where each record starts: a line of a text file, a row of a Parquet file; from 1.
        columns: plain field name to cells; text or null for fields of one value, lists or objects or their text for the
            repeated ones. Fields that the file does not have are absent.
        unit: what a place counts.
    """

    places: Sequence[int]
    columns: "Mapping[str, Sequence[Any] | pa.Array]"
    unit: Literal["line", "row"]

    def __len__(self) -> int:
        return len(self.places)


def form(path: Path) -> Form | None:
    """What a file is, by its first bytes; None when there is nothing in it.

    Raises:
        AccessError, BillError: if it cannot be read.
    """
    if _magic(path) == b"PAR1":
        return "parquet"
    with local_files.opened_text(path) as text:
        while chunk := text.read(_CHUNK):
            if start := chunk.lstrip()[:1]:
                return "json" if start in "{[" else "csv"
    return None


def names(path: Path) -> list[str]:
    """The names of a file's columns, or of its first record's fields; nested ones with a dot; empty for an empty file.

    Raises:
        AccessError, BillError: if it cannot be read.
    """
    kind = form(path)
    if kind == "parquet":
        return _parquet_names(path)
    if kind == "csv":
        return local_files.csv_header(path)
    if kind == "json":
        return next((_dotted(record) for _, record in json_records(path)), [])
    return []


def batches(path: Path) -> Iterator[Batch]:
    """The records of an export, in order.

    Raises:
        AccessError: if the file is missing or may not be read.
        BillError: if it is broken; names the line.
    """
    kind = form(path)
    if kind == "parquet":
        yield from _parquet_batches(path)
    elif kind == "csv":
        yield from _csv_batches(path)
    elif kind == "json":
        yield from _json_batches(path)


def json_records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Every object of a JSON file with the line it starts at; memory stays flat whatever the file's size.

    Numbers are text as written. Objects may follow each other on lines, over several lines, or in one array.

    Raises:
        AccessError, BillError: as `batches`.
    """
    with local_files.opened_text(path) as text:
        yield from _objects(text, path)


class NotARecord(BillError):
    """A JSON file holds something else than objects."""

    def __init__(self, path: Path, line: int, why: str) -> None:
        super().__init__(
            f"{path}, line {line} cannot be read as a record: {why}.",
            "Export this file again; nothing of it was used.",
        )


def _objects(text: IO[str], path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    decode = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str).raw_decode
    buffer, at, line, counted = text.read(_CHUNK), 0, 1, 0
    start = _between(buffer, 0)
    at = start + 1 if buffer[start : start + 1] == "[" else 0
    while True:
        at = _between(buffer, at)
        line += buffer.count("\n", counted, at)
        counted = at
        try:
            record, end = decode(buffer, at)
        except ValueError as error:
            rest = buffer[at:]
            if len(rest) > _LARGEST_RECORD or not (more := text.read(max(_CHUNK, len(rest)))):
                if rest.strip().rstrip("]").strip():
                    raise NotARecord(path, line, _reason(error)) from error
                return
            buffer, at, counted = rest + more, 0, 0
            continue
        if not isinstance(record, dict):
            raise NotARecord(path, line, f"{buffer[at : at + 40]!r} is no object")
        yield line, record
        at = end


def _between(buffer: str, at: int) -> int:
    """Where the next object starts: after blanks, line ends and commas."""
    found = _BETWEEN.match(buffer, at)
    return found.end() if found else at


def _reason(error: ValueError) -> str:
    return error.msg if isinstance(error, json.JSONDecodeError) else str(error)


def _json_batches(path: Path) -> Iterator[Batch]:
    places: list[int] = []
    records: list[dict[str, Any]] = []
    for line, record in json_records(path):
        places.append(line)
        records.append(_flat(record))
        if len(records) == BATCH:
            yield _columns(places, records)
            places, records = [], []
    if records:
        yield _columns(places, records)


def _columns(places: list[int], records: list[dict[str, Any]]) -> Batch:
    present = set().union(*records)
    return Batch(
        places=places, columns={name: [record.get(name) for record in records] for name in present}, unit="line"
    )


def _flat(record: Mapping[str, Any]) -> dict[str, Any]:
    """The known fields of a nested or flat record under their plain names."""
    cells: dict[str, Any] = {}
    for name, value in record.items():
        parts = _INSIDE.get(name)
        if parts is not None and isinstance(value, dict):
            for part, cell in value.items():
                if part in parts:
                    cells[parts[part]] = cell
        elif (flat := fields.plain(name)) in fields.KNOWN:
            cells[flat] = value
    return cells


def _csv_batches(path: Path) -> Iterator[Batch]:
    csv.field_size_limit(_LONGEST_CELL)
    with local_files.opened_text(path) as text:
        reader = csv.reader(text, strict=True)
        header = [fields.plain(name) for name in next(reader, [])]
        kept = [(index, name) for index, name in enumerate(header) if name in fields.KNOWN]
        places: list[int] = []
        rows: list[list[str]] = []
        before = reader.line_num
        try:
            for row in reader:
                place, before = before + 1, reader.line_num
                if not row:
                    continue
                if len(row) != len(header):
                    raise local_files.BrokenFile(
                        path, f"line {place} has {len(row)} cells where the header has {len(header)}"
                    )
                places.append(place)
                rows.append(row)
                if len(rows) == BATCH:
                    yield _csv_batch(places, rows, kept)
                    places, rows = [], []
        except csv.Error as error:
            raise local_files.BrokenFile(path, f"line {before + 1} is no CSV ({error})") from error
        if rows:
            yield _csv_batch(places, rows, kept)


def _csv_batch(places: list[int], rows: list[list[str]], kept: list[tuple[int, str]]) -> Batch:
    cells = list(zip(*rows, strict=True))
    return Batch(places=places, columns={name: cells[index] for index, name in kept}, unit="line")


def _parquet_batches(path: Path) -> Iterator[Batch]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    first = 1
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=BATCH):
                yield Batch(
                    places=range(first, first + batch.num_rows),
                    columns={
                        name: cells
                        for dotted, cells in _leaves(batch)
                        if (name := fields.plain(dotted)) in fields.KNOWN
                    },
                    unit="row",
                )
                first += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        raise local_files.BrokenFile(path, f"it is no Parquet file we can read ({error})") from error


def _leaves(batch: "pa.RecordBatch") -> "Iterator[tuple[str, pa.Array]]":
    """The columns of a batch with records taken apart, values as text, repeated fields as they are."""
    import pyarrow as pa

    for name, cells in zip(batch.schema.names, batch.columns, strict=True):
        if pa.types.is_struct(cells.type) and name in _INSIDE:
            for part, inner in zip(cells.type.names, cells.flatten(), strict=True):
                yield f"{name}.{part}", _text_or_nested(inner)
        else:
            yield name, _text_or_nested(cells)


def _text_or_nested(cells: "pa.Array") -> "pa.Array":
    import pyarrow as pa

    if pa.types.is_nested(cells.type) or pa.types.is_string(cells.type):
        return cells
    return cells.cast(pa.string())  # a float becomes its shortest decimal, a time its UTC text


def _parquet_names(path: Path) -> list[str]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        schema = pq.read_schema(path)
    except (pa.ArrowException, OSError) as error:
        raise local_files.BrokenFile(path, f"it is no Parquet file we can read ({error})") from error
    found: list[str] = []
    for column in schema:
        if pa.types.is_struct(column.type) and column.name in _INSIDE:
            found += [f"{column.name}.{part}" for part in column.type.names]
        else:
            found.append(column.name)
    return found


def _dotted(record: Mapping[str, Any]) -> list[str]:
    """The field names of a record, those of inner objects with a dot."""
    found: list[str] = []
    for name, value in record.items():
        if isinstance(value, dict) and name in _INSIDE:
            found += [f"{name}.{part}" for part in value]
        else:
            found.append(name)
    return found


def _magic(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(4)
    except OSError as error:
        raise local_files.Unreadable(str(path), error) from error
