"""Metric: what shared cost is split by where a file says it: requests, seats, gigabytes, per month and project.

A CSV with the header `month,project,value`: a month such as `2026-10`, a project (or pool) the split names, a number
that is not negative. Other projects' lines are read and not used; a month without lines cannot be split.
"""

import csv
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from finops.errors import ConfigurationError
from finops.local_files import opened_text
from finops.money import stored

HEADER = ("month", "project", "value")
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")

Metric = Mapping[str, Mapping[str, Decimal]]
"""Month to project to value."""


class BadMetric(ConfigurationError):
    """A line of a metric file cannot be used."""

    def __init__(self, file: Path, line: int, why: str) -> None:
        super().__init__(f"{file}, line {line}: {why}.", f"Correct the line: {','.join(HEADER)}.")


def read(file: Path) -> Metric:
    """Read a metric file.

    Raises:
        AccessError: if the file may not be read.
        BadMetric: for the first line that is none, or that names a project of a month a second time.
    """
    found: dict[str, dict[str, Decimal]] = {}
    with opened_text(file) as text:
        rows = csv.reader(text)
        header = tuple(cell.strip() for cell in next(rows, []))
        if header != HEADER:
            raise BadMetric(file, 1, f"the header is {','.join(header)!r}, not {','.join(HEADER)!r}")
        for row in rows:
            if row:
                month, project, value = _line(file, rows.line_num, row)
                if project in found.setdefault(month, {}):
                    raise BadMetric(file, rows.line_num, f"{project!r} has a second value for {month}")
                found[month][project] = value
    return found


def _line(file: Path, line: int, row: list[str]) -> tuple[str, str, Decimal]:
    if len(row) != len(HEADER):
        raise BadMetric(file, line, f"it has {len(row)} cells, not {len(HEADER)}")
    month, project, text = (cell.strip() for cell in row)
    if not _MONTH.fullmatch(month):
        raise BadMetric(file, line, f"{month!r} is no month like '2026-10'")
    try:
        value = stored(text)
    except ValueError as error:
        raise BadMetric(file, line, str(error)) from error
    if value < 0:
        raise BadMetric(file, line, f"{text!r} is below zero")
    return month, project, value
