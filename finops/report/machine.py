"""Machine: a report as JSON with a published schema, and as CSV with every number it prints.

Nothing here is localised: a point for decimals, ISO dates, amounts as text so that no reader rounds them.
"""

import csv
import io
from typing import Final

from finops.report import records
from finops.report.cells import cells
from finops.report.model import (
    SCHEMA,
    Method,
    Report,
    Verdict,
)

_PAIRS: Final = {
    (Verdict, "drivers"): ("name", "gap"),
    (Method, "models"): ("series", "model", "fallback_reason"),
}
"""Fields that hold plain tuples, and what their places are called."""

SCHEMA_DOCUMENT: Final = records.schema_document(Report, schema=SCHEMA, title="A finops report", pairs=_PAIRS)
"""JSON Schema (draft 2020-12) of what `to_json` writes."""


def to_json(report: Report) -> str:
    """The report as JSON that `SCHEMA_DOCUMENT` describes: amounts as decimal text, dates ISO.

    The same report gives the same text; a figure that could not be computed is `{"not_computable": reason}`.
    """
    return records.to_json(report, schema=SCHEMA, pairs=_PAIRS) + "\n"


def to_csv(report: Report) -> bytes:
    """Every number the report prints, unrounded, one per line: part, name, field, value, unit.

    Text that a spreadsheet would run as a formula is made harmless with a leading apostrophe.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(("part", "name", "field", "value", "unit"))
    writer.writerows(cells(report))
    return text.getvalue().encode("utf-8", errors="replace")
