"""Reconciliation sheet: money from the exports to the report, each amount as a number and with every digit as text.

A double holds 15 digits, a money column up to 36. Differences are the report's own, taken from every digit: a
spreadsheet that subtracted the numbers would invent some in the last digits.
"""

from dataclasses import replace
from decimal import Decimal

from finops.money import add
from finops.report.locale import UNKNOWN
from finops.report.model import BridgeStep, ReconciliationRow
from finops.report.workbook import looks
from finops.report.workbook.looks import Look
from finops.report.workbook.sheet import Book, Column, Sheet, cell, exact

NAME = "Reconciliation"

_PLACES = 2
_STEP, _AMOUNT, _DIGITS = 3, 4, 5


def write(book: Book) -> None:
    """Five lines per source, month and currency; under them the bridge to the measure shown."""
    words, report, say = book.words, book.report, book.words.locale.say
    sheet = book.sheet(NAME)
    columns = (
        Column(head=say("Source"), width=30, align="left"),
        Column(head=say("Month"), width=10, align="left"),
        Column(head=say("Currency"), width=10, align="left"),
        Column(head=say("Step"), width=46, align="left"),
        Column(head=say("Amount"), width=20),
        Column(head=say("Every digit"), width=42),
    )
    caption = say("Billed cost from the export to this report, per source, month and currency, with every digit")
    at = sheet.table(sheet.opening(words.reconciliation, caption), columns)
    for row in report.reconciliation.rows:
        at = _write_row(sheet, at, row)
    if any(row.export is None for row in report.reconciliation.rows):
        sheet.text(at, 0, say("%(dash)s: the export could not be read again.", dash=UNKNOWN), looks.NOTE)
        at += 1
    if report.reconciliation.steps:
        at = _write_bridge(sheet, at + 1, columns)
    sheet.page.ignore_errors({"number_stored_as_text": f"A1:F{at + 1}"})


def _write_row(sheet: Sheet, at: int, row: ReconciliationRow) -> int:
    say = sheet.book.words.locale.say
    lines = (
        (say("Export"), row.export),
        (say("Cost table"), row.table),
        (say("Allocated"), row.allocated),
        (say("Not allocated"), row.unallocated),
        (say("Difference"), row.difference),
    )
    for line, (step, amount) in enumerate(lines, at):
        look = looks.STRONG if line == at + len(lines) - 1 else looks.ROW
        for column, text in enumerate((row.source, row.month, row.currency, step)):
            sheet.text(line, column, text, look if column == _STEP else looks.ROW)
        _write_amount(sheet, line, amount, row.currency, look)
    return at + len(lines)


def _write_amount(sheet: Sheet, at: int, amount: Decimal | None, currency: str, look: Look) -> None:
    if amount is None:
        sheet.dash(at, _AMOUNT)
        sheet.dash(at, _DIGITS)
    else:
        sheet.value(at, _AMOUNT, amount, sheet.book.patterns.money(currency, _PLACES), look)
        sheet.text(at, _DIGITS, exact(amount), replace(look, align="right"))


def _write_bridge(sheet: Sheet, row: int, columns: tuple[Column, ...]) -> int:
    """The steps; the last is the sum of the others."""
    words, report = sheet.book.words, sheet.book.report
    steps = report.reconciliation.steps
    sheet.text(row, 0, words.bridge_caption, looks.SMALL_HEADING)
    first = sheet.head(
        row + 1, [replace(column, head="" if at < _STEP else column.head) for at, column in enumerate(columns)]
    )
    money = sheet.book.patterns.money(report.currency, _PLACES)
    for at, step in enumerate(steps, first):
        last = at == first + len(steps) - 1
        look = looks.TOTAL if last else looks.ROW
        for column, text in enumerate(("", "", report.currency, step.name)):
            sheet.text(at, column, text, look)
        sheet.value(at, _AMOUNT, step.amount, money, look, formula=_sum(steps, first) if last else None)
        sheet.text(at, _DIGITS, exact(step.amount), replace(look, align="right"))
    below = first + len(steps)
    if words.bridge_note:
        sheet.text(below, 0, words.bridge_note, looks.NOTE)
    return below


def _sum(steps: tuple[BridgeStep, ...], first: int) -> str | None:
    """The formula of the last step; None where the steps before it do not add up to it."""
    before = [step.amount for step in steps[:-1]]
    if not before or add(*before) != steps[-1].amount:
        return None
    return f"=SUM({cell(first, _AMOUNT)}:{cell(first + len(before) - 1, _AMOUNT)})"
