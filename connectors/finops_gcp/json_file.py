"""Records of a JSON file, whatever their layout: one per line, one after the other over several lines, or in one array.

Numbers keep the text of the file: they are never made floats.
"""

import json
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import IO, Any

from finops import local_files
from finops.errors import BillError
from finops_gcp import batch, fields
from finops_gcp.batch import Batch

_CHUNK = 1 << 20
_LARGEST_RECORD = 64 << 20
_AT_A_TIME = 64
"""Records that exist as objects at a time: few enough to stay in the processor's cache, which doubles the speed."""
_BETWEEN = re.compile(r"[\s,\x1e]*")
_INSIDE = fields.inside()
_SPELLED = {spelled: fields.plain(name) for name in fields.FIELDS for spelled in (name, fields.plain(name))}
_NO_PARTS: dict[str, Any] = {}


def objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Every object of the file with the line it starts at; memory stays flat whatever the file's size.

    Raises:
        AccessError: if the file is missing or may not be read.
        BillError: if it is broken; names the line.
    """
    with local_files.opened_text(path) as text:
        yield from _objects(text, path)


def batches(path: Path) -> Iterator[Batch]:
    """The records as columns.

    Raises:
        AccessError, BillError: as `objects`.
    """
    found = objects(path)
    places: list[int] = []
    columns: dict[str, list[Any]] = {}
    while some := list(islice(found, _AT_A_TIME)):
        _append(columns, _columns([record for _, record in some]), before=len(places), new=len(some))
        places += [line for line, _ in some]
        if len(places) >= batch.SIZE:
            yield Batch(places=places, columns=columns, unit="line")
            places, columns = [], {}
    if places:
        yield Batch(places=places, columns=columns, unit="line")


def names(path: Path) -> list[str]:
    """Fields of the first record, those of inner objects with a dot.

    Raises:
        AccessError, BillError: as `objects`.
    """
    first: dict[str, Any] = next((record for _, record in objects(path)), {})
    found: list[str] = []
    for name, value in first.items():
        found += [f"{name}.{part}" for part in value] if isinstance(value, dict) and name in _INSIDE else [name]
    return found


class NotARecord(BillError):
    """A JSON file holds something else than objects."""

    def __init__(self, path: Path, line: int, why: str) -> None:
        super().__init__(
            f"{path}, line {line} cannot be read as a record: {why}.", "Export this file again; nothing of it was used."
        )


def _objects(text: IO[str], path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    decode = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str).raw_decode
    buffer, line, counted = text.read(_CHUNK), 1, 0
    at = _next(buffer, 0)
    at += buffer[at : at + 1] == "["
    while True:
        at = _next(buffer, at)
        line += buffer.count("\n", counted, at)
        counted = at
        try:
            record, end = decode(buffer, at)
        except ValueError as error:
            rest = buffer[at:]
            # As much again as is left, so that a long record is not read from its start too often.
            more = "" if len(rest) > _LARGEST_RECORD else text.read(max(_CHUNK, len(rest)))
            if more:
                buffer, at, counted = rest + more, 0, 0
                continue
            if rest.strip() in {"", "]"}:
                return
            raise NotARecord(
                path, line, error.msg if isinstance(error, json.JSONDecodeError) else str(error)
            ) from error
        if not isinstance(record, dict):
            raise NotARecord(path, line, f"{buffer[at : at + 40]!r} is no object")
        yield line, record
        at = end


def _next(buffer: str, at: int) -> int:
    """Where the next object starts: after blanks, line ends and commas."""
    found = _BETWEEN.match(buffer, at)
    return found.end() if found else at


def _columns(records: Sequence[dict[str, Any]]) -> dict[str, Sequence[Any]]:
    """The known fields, nested or flat, column by column: several times as fast as record by record."""
    columns: dict[str, Sequence[Any]] = {}
    turned = _turned(records)
    for name in turned.keys() & _INSIDE.keys():
        parts = _turned([cell if isinstance(cell, dict) else _NO_PARTS for cell in turned[name]])
        columns |= {_INSIDE[name][part]: parts[part] for part in parts.keys() & _INSIDE[name].keys()}
    for name in turned.keys() & _SPELLED.keys():
        columns[_SPELLED[name]] = _first_given(columns.get(_SPELLED[name]), turned[name])
    return columns


def _turned(records: Sequence[dict[str, Any]]) -> dict[str, Sequence[Any]]:
    """Columns of records; those of one shape, which most are, need no look-up per cell."""
    shapes = set(map(tuple, records))
    if len(shapes) == 1:
        return dict(zip(shapes.pop(), zip(*map(dict.values, records), strict=True), strict=True))
    return {name: [record.get(name) for record in records] for name in set().union(*shapes)}


def _append(columns: dict[str, list[Any]], more: dict[str, Sequence[Any]], *, before: int, new: int) -> None:
    """Put records below those that are there; a field that either lacks is null there."""
    for name in columns.keys() - more.keys():
        columns[name] += [None] * new
    for name, cells in more.items():
        columns.setdefault(name, [None] * before).extend(cells)


def _first_given(cells: Sequence[Any] | None, others: Sequence[Any]) -> Sequence[Any]:
    """Cells of a field that is written in two ways in one file."""
    if cells is None:
        return others
    return [other if cell is None else cell for cell, other in zip(cells, others, strict=True)]
