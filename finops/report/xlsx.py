"""Spreadsheet: the report as an Excel workbook whose gaps and totals calculate, the same bytes for the same input."""

import io
from datetime import datetime, time

from finops.report.locale import locale
from finops.report.model import Report
from finops.report.sentences import Sentences
from finops.report.workbook import accuracy, budgets, data, fan, method, reconciliation, summary, variance
from finops.report.workbook.sheet import Book, clean

SHEETS = (summary, variance, fan, budgets, accuracy, reconciliation, data, method)
"""In the order of the tabs; each writes the sheet of its `NAME`."""

_LONGEST_PROPERTY = 255


def render(report: Report) -> bytes:
    """The report as .xlsx.

    Cells hold exact values as far as a double can; number formats round. Formulas carry their results.

    Raises:
        UnknownLocale: if the report's locale is not known.
    """
    import xlsxwriter

    words = Sentences(report, locale(report.locale))
    written = io.BytesIO()
    options = {
        "in_memory": True,  # also keeps the zip's times fixed
        "constant_memory": False,  # rows are written as their tables need, not top to bottom
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(written, options) as workbook:
        workbook.set_properties(
            {
                "title": _property(f"{words.title}, {report.organisation}"),
                "subject": _property(words.verdict),
                "company": _property(report.organisation),
                "comments": _property(words.footer),
                "created": datetime.combine(report.as_of, time()),
            }
        )
        book = Book(workbook, words)
        for sheet in SHEETS:
            sheet.write(book)
    return written.getvalue()


def _property(text: str) -> str:
    return clean(text).replace("\n", " ")[:_LONGEST_PROPERTY]
