"""Files of a delivery as tables an engine can scan: those of one header together, odd ones rewritten first."""

import csv
import gzip
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING

from finops.connector import RawTable
from finops.errors import BillError
from finops.findings import Finding
from finops.focus.columns import TEXT
from finops.local_files import BrokenFile, Unreadable, csv_header, csv_problem, opened_text
from finops_aws.columns import check, read_header, unique
from finops_aws.services import CATEGORIES

if TYPE_CHECKING:
    import pyarrow as pa

LINE_ITEMS = "line_items"
"""Name of the table of line items; where files have different columns, `line_items_2` and so on follow."""
SERVICES = "aws_services"
"""Name of the table of service categories."""

_PEEK = 200
"""Lines at the beginning of a CSV file that tell whether its lines are as long as its header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """A CSV file ready for an engine.

    Attributes:
        path: the file itself, or its rewritten copy.
        names: its columns, without two that an engine would take for one.
        padded: lines that ended before the header did, and got empty cells.
    """

    path: Path
    names: tuple[str, ...]
    padded: int = 0


def raw_tables(files: Sequence[Path], *, workdir: Path, wanted: str) -> tuple[list[RawTable], list[Finding]]:
    """Describe files as tables, one per set of columns.

    Args:
        files: data files that exist.
        workdir: for files an engine could not read as they are.
        wanted: format the source asks for.

    Raises:
        AccessError: if a file may not be read.
        BillError: if a file is broken, or its columns are no report of that format.
    """
    groups: dict[tuple[str, tuple[tuple[str, str], ...]], list[Path]] = {}
    padded: dict[Path, int] = {}
    for number, path in enumerate(files):
        if path.name.lower().endswith(".parquet"):
            columns = _parquet_columns(path, wanted)
            groups.setdefault(("parquet", columns), []).append(path)
        else:
            staged = _csv(path, workdir / f"{number}", wanted)
            groups.setdefault(("csv", tuple((name, TEXT) for name in staged.names)), []).append(staged.path)
            padded[path] = staged.padded
    tables = [
        RawTable(
            name=LINE_ITEMS if number == 1 else f"{LINE_ITEMS}_{number}",
            files=tuple(members),
            format="parquet" if kind == "parquet" else "csv",
            columns=dict(columns),
        )
        for number, ((kind, columns), members) in enumerate(groups.items(), start=1)
    ]
    return tables, [_padded(path, lines) for path, lines in padded.items() if lines]


def services_table(workdir: Path) -> RawTable:
    """Write the categories of services as a small table that the mapping joins."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = workdir / f"{SERVICES}.parquet"
    pq.write_table(pa.table({"service": list(CATEGORIES), "category": list(CATEGORIES.values())}), path)
    return RawTable(name=SERVICES, files=(path,), format="parquet", columns={"service": TEXT, "category": TEXT})


def _parquet_columns(path: Path, wanted: str) -> tuple[tuple[str, str], ...]:
    """Name and Ibis type of the columns that are read, by name.

    Raises:
        AccessError, BillError: as `raw_tables`.
    """
    from ibis.formats.pyarrow import PyArrowType

    schema = parquet_schema(path)
    check(schema.names, file=str(path), wanted=wanted)
    used = read_header(schema.names).used
    types = {field.name: _plain(field.type) for field in schema if field.name in used}
    return tuple(sorted((name, str(PyArrowType.to_ibis(kind))) for name, kind in types.items() if str(kind) != "null"))


def parquet_schema(path: Path) -> "pa.Schema":
    """Names and types of a Parquet file.

    Raises:
        AccessError: if it may not be read.
        BillError: if it is not Parquet.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with path.open("rb") as file:
            return pq.read_schema(file)
    except (pa.ArrowInvalid, EOFError) as error:
        raise BrokenFile(path, f"it is not Parquet or cut off ({str(error).splitlines()[0]})") from error
    except OSError as error:
        raise Unreadable(str(path), error) from error


def _plain(kind: "pa.DataType") -> "pa.DataType":
    """The type without dictionary encoding and large offsets, which engines do not see."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return pa.string() if pa.types.is_large_string(kind) or pa.types.is_string_view(kind) else kind


def _csv(path: Path, folder: Path, wanted: str) -> Staged:
    """Check the header of a CSV file, and rewrite the file where an engine could not read it.

    Raises:
        AccessError, BillError: as `raw_tables`.
    """
    if zipfile.is_zipfile(path):
        path = _unzipped(path, folder)
    names = csv_header(path)
    check(names, file=str(path), wanted=wanted)
    columns = tuple(unique(names))
    with opened_text(path) as text:
        short = any(len(cells) not in {0, len(names)} for cells in _records(text, path, limit=_PEEK))
    if short or _is_gzip(path) != path.name.lower().endswith(".gz"):
        copy, padded = _rewritten(path, folder)
        return Staged(path=copy, names=columns, padded=padded)
    return Staged(path=path, names=columns)


def _records(text: IO[str], path: Path, limit: int | None = None) -> Iterator[list[str]]:
    """The cells of each line, header first.

    Raises:
        BillError: if the text is no CSV.
    """
    try:
        yield from islice(csv.reader(text), limit)
    except csv.Error as error:
        raise BrokenFile(path, f"it is no CSV ({csv_problem(error)})") from error


def _rewritten(path: Path, folder: Path) -> tuple[Path, int]:
    """A copy in which every line is as long as the header, and how many lines were shorter.

    Raises:
        BillError: if a line has cells beyond the header's, which nothing says the meaning of.
    """
    folder.mkdir(parents=True, exist_ok=True)
    copy, padded, width = folder / f"{path.name.removesuffix('.gz')}.gz", 0, 0
    with opened_text(path) as text, gzip.open(copy, "wt", encoding="utf-8", newline="", compresslevel=1) as out:
        writer = csv.writer(out)
        for line, cells in enumerate(_records(text, path), start=1):
            width = width or len(cells)
            if len(cells) > width:
                raise LongLine(path, line, len(cells), width)
            padded += 0 < len(cells) < width
            writer.writerow(cells + [""] * (width - len(cells)) if cells else [])
    return copy, padded


def _unzipped(path: Path, folder: Path) -> Path:
    """The one file of a zip archive, unpacked.

    Raises:
        BillError: if the archive is broken or holds several files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if len(members) != 1:
                raise BrokenFile(path, f"its archive holds {len(members)} files where one was expected")
            unpacked = folder / Path(members[0].filename).name
            with archive.open(members[0]) as packed, unpacked.open("wb") as out:
                while chunk := packed.read(1 << 20):
                    out.write(chunk)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise BrokenFile(path, f"its zip archive is cut off or broken ({error})") from error
    return unpacked


def _is_gzip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _padded(path: Path, lines: int) -> Finding:
    return Finding(
        rule="aws.short-lines",
        severity="warning",
        message=f"{lines} lines of {path.name} end before the header does; their missing cells were taken as empty.",
        rows=lines,
    )


class LongLine(BillError):
    """A line of a CSV file has more cells than the header."""

    def __init__(self, path: Path, line: int, cells: int, width: int) -> None:
        super().__init__(
            f"{path}, line {line}: {cells} cells where the header names {width}.",
            "Fetch this file again from the provider, or correct the line's quotes; nothing of it was used.",
        )
