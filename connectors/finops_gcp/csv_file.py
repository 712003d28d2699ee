"""Records of a CSV file with a header."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from finops import local_files
from finops_gcp import batch, fields
from finops_gcp.batch import Batch

if TYPE_CHECKING:
    import _csv

_LONGEST_CELL = 128 << 20


def batches(path: Path) -> Iterator[Batch]:
    """The records as columns of text.

    Raises:
        AccessError: if the file is missing or may not be read.
        BillError: if a line has more or fewer cells than the header; names it.
    """
    csv.field_size_limit(_LONGEST_CELL)  # the default of 128 kB is less than labels and credits can take
    with local_files.opened_text(path) as text:
        reader = csv.reader(text, strict=True)
        header = [fields.plain(name) for name in next(reader, [])]
        kept = {name: index for index, name in enumerate(header) if name in fields.KNOWN}
        places: list[int] = []
        rows: list[list[str]] = []
        for place, row in _rows(reader, path):
            if len(row) != len(header):
                why = f"line {place} has {len(row)} cells where the header has {len(header)}"
                raise local_files.BrokenFile(path, why)
            places.append(place)
            rows.append(row)
            if len(rows) == batch.SIZE:
                yield _batch(places, rows, kept)
                places, rows = [], []
        if rows:
            yield _batch(places, rows, kept)


def _rows(reader: "_csv._reader", path: Path) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not empty, each with the line it starts at."""
    before = reader.line_num
    try:
        for row in reader:
            place, before = before + 1, reader.line_num
            if row:
                yield place, row
    except csv.Error as error:
        raise local_files.BrokenFile(path, f"line {before + 1} is no CSV ({error})") from error


def _batch(places: Sequence[int], rows: Sequence[Sequence[str]], kept: dict[str, int]) -> Batch:
    cells = list(zip(*rows, strict=True))
    return Batch(places=places, columns={name: cells[index] for name, index in kept.items()}, unit="line")
