"""The control totals of a JSON export: records found by counting braces, not by the parser that stages them."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import IO, Any

from finops_gcp import control_cells
from finops_gcp.control_sums import Sums, Unreadable

_SCAN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}]')
_FIELDS = tuple((name, *name.partition(".")[::2], name.replace(".", "_")) for name in control_cells.NEEDED)


def add(sums: Sums, binary: IO[bytes]) -> None:
    """Add every record.

    Raises:
        BillError: if one cannot be read; names the line.
    """
    for line, record in _records(sums, binary):
        try:
            sums.add(_flattened(record))
        except ValueError as error:
            raise Unreadable(sums.path, f"line {line}", str(error)) from error
        sums.rows += 1


def _records(sums: Sums, binary: IO[bytes]) -> Iterator[tuple[int, dict[str, Any]]]:
    depth, first = 0, 1
    parts: list[str] = []
    for number, raw in enumerate(binary, start=1):
        line = raw.decode("utf-8-sig" if number == 1 else "utf-8")
        if depth == 0 and (whole := _whole(line)) is not None:
            yield number, whole
            continue
        begin = 0
        for found in _SCAN.finditer(line):
            if (mark := found[0]) == "{":
                if depth == 0:
                    begin, first = found.start(), number
                depth += 1
            elif mark == "}":
                depth -= 1
                if depth == 0:
                    yield first, _parsed(sums, first, "".join((*parts, line[begin : found.end()])))
                    parts, begin = [], found.end()
        if depth:
            parts.append(line[begin:])
    if depth:
        raise Unreadable(sums.path, f"line {first}", "the record has no end")


def _whole(line: str) -> dict[str, Any] | None:
    """The one object a line holds; None where it holds another number of them, or a part of one."""
    if line[:1] != "{":
        return None
    try:
        return _loaded(line)
    except ValueError:
        return None


def _parsed(sums: Sums, line: int, text: str) -> dict[str, Any]:
    try:
        return _loaded(text)
    except ValueError as error:
        raise Unreadable(sums.path, f"line {line}", f"the record is no JSON ({error})") from error


def _loaded(text: str) -> dict[str, Any]:
    record: dict[str, Any] = _DECODER.decode(text)
    return record


_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)


def _flattened(record: Mapping[str, Any]) -> dict[str, Any]:
    """The cells that are summed, from a nested or a flat record."""
    found: dict[str, Any] = {}
    for name, outer, inner, flat in _FIELDS:
        nested = record.get(outer) if inner and outer != "credits" else None
        cell = nested.get(inner) if isinstance(nested, dict) else record.get(name)
        found[name] = record.get(flat) if cell is None else cell
    return found
