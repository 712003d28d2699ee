"""Data sheet: the lines of the report's CSV file, numbers as numbers beside their every digit."""

import csv
import io
import re
from datetime import date
from decimal import Decimal

from finops.report import machine
from finops.report.workbook.looks import Look
from finops.report.workbook.sheet import Book, Column, Sheet

NAME = "Data"

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_VALUE, _UNIT, _EXACT = 3, 4, 5
_PLAIN = Look()
_DIGITS = Look(align="right")


def write(book: Book) -> None:
    """Part, name, field, value and unit of every number printed, unrounded and never localised."""
    say = book.words.locale.say
    sheet = book.sheet(NAME)
    columns = (
        Column(head="part", width=16, align="left"),
        Column(head="name", width=40, align="left"),
        Column(head="field", width=30, align="left"),
        Column(head="value", width=22),
        Column(head="unit", width=12, align="left"),
        Column(head="exact", width=34),
    )
    caption = say("The lines of the CSV file: value as a number, exact with every digit as text.")
    first = sheet.table(sheet.opening(say("Every number of this report, unrounded"), caption), columns)
    lines = list(csv.reader(io.StringIO(machine.to_csv(book.report).decode("utf-8"), newline="")))[1:]
    for at, line in enumerate(lines, first):
        _write_line(sheet, at, line)
    sheet.page.autofilter(first - 1, 0, first + len(lines) - 1, len(columns) - 1)
    sheet.page.ignore_errors({"number_stored_as_text": f"A1:F{first + len(lines)}"})


def _write_line(sheet: Sheet, at: int, line: list[str]) -> None:
    part, name, field, value, unit = line
    for column, text in ((0, part), (1, name), (2, field), (_UNIT, unit)):
        sheet.text(at, column, text, _PLAIN)
    if _NUMBER.fullmatch(value):
        sheet.value(at, _VALUE, Decimal(value), "General", _PLAIN)
        sheet.text(at, _EXACT, value, _DIGITS)
    elif _is_day(value):
        sheet.day(at, _VALUE, date.fromisoformat(value), "yyyy-mm-dd", _PLAIN)
        sheet.text(at, _EXACT, value, _DIGITS)
    else:
        sheet.text(at, _VALUE, value, _PLAIN)


def _is_day(value: str) -> bool:
    if not _DAY.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True
