"""Excerpt: the first rows of a large export as a small file of the same kind, so that a connector can read it."""

import itertools
import json
import re
from pathlib import Path
from typing import IO

from finops import local_files

_BUFFER = 32 << 20
"""Characters of a JSON file that are looked at: it is one text, whose records may be spread over lines."""


def excerpt(path: Path, folder: Path, *, rows: int) -> Path | None:
    """Copy the first rows of a file.

    Args:
        path: CSV, JSON or Parquet, gzip or not.
        folder: an existing one for the copy.
        rows: at most so many.

    Returns:
        The copy; None for a file that cannot be cut (a zip archive).

    Raises:
        AccessError, BillError: if the file may not be read, or is not what its name says.
    """
    name = path.name.lower().removesuffix(".gz")
    if name.endswith(".zip"):
        return None
    copy = folder / name
    if name.endswith(".parquet"):
        _cut_parquet(path, copy, rows)
    elif name.endswith(".csv"):
        _cut_csv(path, copy, rows)
    else:
        _cut_json(path, copy, rows)
    return copy


def _cut_csv(path: Path, copy: Path, rows: int) -> None:
    # Lines are counted, not records: one that is cut in two inside a quoted cell is left out again.
    with local_files.opened_text(path) as text:
        lines = list(itertools.islice(text, rows + 1))
    while len(lines) > 1 and "".join(lines).count('"') % 2:
        lines.pop()
    copy.write_text("".join(lines), encoding="utf-8", newline="")


def _cut_json(path: Path, copy: Path, rows: int) -> None:
    with local_files.opened_text(path) as text, copy.open("w", encoding="utf-8") as out:
        _copy_records(text, out, rows)


def _copy_records(text: IO[str], out: IO[str], rows: int) -> None:
    decode, buffer = json.JSONDecoder().raw_decode, text.read(_BUFFER)
    at = _start(buffer, 0)
    at += buffer[at : at + 1] == "["
    for _ in range(rows):
        start = _start(buffer, at)
        try:
            _, at = decode(buffer, start)
        except (ValueError, RecursionError):
            return
        out.write(re.sub(r"[\r\n]+", " ", buffer[start:at]) + "\n")


def _start(buffer: str, at: int) -> int:
    found = re.compile(r"[\s,\x1e]*").match(buffer, at)
    return found.end() if found else at


def _cut_parquet(path: Path, copy: Path, rows: int) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            some = list(itertools.islice(file.iter_batches(batch_size=rows), 1))
            pq.write_table(pa.Table.from_batches(some, schema=file.schema_arrow), copy)
    except (pa.ArrowException, OSError, EOFError) as error:
        raise local_files.BrokenFile(path, "its rows are damaged") from error
