"""Records of a CSV file with a header."""

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO

from finops import local_files
from finops_gcp import batch, fields
from finops_gcp.batch import Batch

_LONGEST_CELL = 128 << 20


def batches(path: Path) -> Iterator[Batch]:
    """The records as columns of text.

    Raises:
        AccessError: if the file is missing or may not be read.
        BillError: if a line has more or fewer cells than the header; names it.
    """
    with local_files.opened_text(path) as text:
        rows = _rows(text, path)
        header = [fields.plain(name) for name in next(rows)[1]]
        kept = {name: index for index, name in enumerate(header) if name in fields.KNOWN}
        while some := list(islice(rows, batch.SIZE)):
            for place, row in some:
                if len(row) != len(header):
                    why = f"line {place} has {len(row)} cells where the header has {len(header)}"
                    raise local_files.BrokenFile(path, why)
            cells = list(zip(*(row for _, row in some), strict=True))
            columns = {name: cells[index] for name, index in kept.items()}
            yield Batch(places=[place for place, _ in some], columns=columns, unit="line")


def _rows(text: IO[str], path: Path) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not empty, the header first, each with the line it starts at."""
    csv.field_size_limit(_LONGEST_CELL)  # the default of 128 kB is less than labels and credits can take
    reader = csv.reader(text, strict=True)
    before = 0
    try:
        for row in reader:
            place, before = before + 1, reader.line_num
            if row:
                yield place, row
    except csv.Error as error:
        raise local_files.BrokenFile(path, f"line {before + 1} is no CSV ({local_files.csv_problem(error)})") from error
