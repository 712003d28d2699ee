"""Variance sheet: spend per project against its budget, gaps and totals as formulas."""

from collections.abc import Mapping

from finops.report.model import Figure, NotComputable, VarianceRow
from finops.report.workbook import looks
from finops.report.workbook.live import gap_formula, ratio_formula, sum_formula
from finops.report.workbook.looks import Look
from finops.report.workbook.patterns import CHANCE, SIGNED_PERCENT
from finops.report.workbook.sheet import Book, Column, Sheet, cell, letter

NAME = "Variance"

_AMOUNTS = ("previous", "to_date", "budget", "forecast")
_BUDGET, _FORECAST, _GAP, _RATIO, _CHANCE = 3, 4, 5, 6, 7


def write(book: Book) -> None:
    """One row per project, and the total."""
    words, table = book.words, book.report.variance
    sheet = book.sheet(NAME)
    columns = (
        Column(head=words.locale.say("Project"), width=34, align="left"),
        *(Column(head=head, width=18) for head in words.variance_columns),
        Column(head=words.locale.say("Gap"), width=16),
        Column(head=words.gap_ratio_column, width=16),
        Column(head=words.chance_column, width=16),
    )
    first = sheet.table(sheet.opening(words.variance, words.variance_caption), columns)
    total = first + len(table.rows)
    notes = sheet.reasons(total + 4, (figure for row in (*table.rows, table.total) for figure in _figures(row)))
    for at, row in enumerate(table.rows):
        _write_row(sheet, first + at, row, notes, looks.ROW)
        for column, field in enumerate(_AMOUNTS, 1):
            look = looks.STRONG if column == _FORECAST else looks.ROW
            sheet.value(first + at, column, getattr(row, field), _money(book), look)
    _write_row(sheet, total, table.total, notes, looks.TOTAL)
    apart = _write_total(sheet, first, total, notes)
    sheet.colour_gaps(first, total, _GAP, words.places)
    sheet.colour_gaps(first, total, _RATIO, 3)
    sheet.text(
        total + 2,
        0,
        words.locale.say("Plus is over budget. Cells hold every digit and show rounded amounts."),
        looks.NOTE,
    )
    if apart:
        note = words.locale.say(
            "These totals are not the sum of the rows and are written as numbers: %(columns)s.",
            columns=", ".join(columns[column].head for column in apart),
        )
        sheet.text(total + 3, 0, note, looks.NOTE)


def _write_row(sheet: Sheet, at: int, row: VarianceRow, notes: Mapping[str, str], look: Look) -> None:
    """Everything of a row but the four amounts a total adds up."""
    forecast, budget, gap = (cell(at, column) for column in (_FORECAST, _BUDGET, _GAP))
    sheet.text(at, 0, row.name, look)
    difference = gap_formula(forecast, budget, of=(row.forecast, row.budget), gap=row.gap)
    signed = sheet.book.patterns.signed_money(sheet.book.report.currency, sheet.book.words.places)
    sheet.value(at, _GAP, row.gap, signed, look, formula=difference)
    reason = notes[row.gap_ratio.reason] if isinstance(row.gap_ratio, NotComputable) else None
    share = ratio_formula(gap, budget, reason, of=(row.gap, row.budget), ratio=row.gap_ratio)
    sheet.value(at, _RATIO, row.gap_ratio, SIGNED_PERCENT, look, formula=share)
    sheet.value(at, _CHANCE, row.chance_over, CHANCE, look)


def _write_total(sheet: Sheet, first: int, at: int, notes: Mapping[str, str]) -> list[int]:
    """The four totals; returns the columns whose total is not the sum of their rows."""
    table = sheet.book.report.variance
    apart = []
    for column, field in enumerate(_AMOUNTS, 1):
        total: Figure = getattr(table.total, field)
        reason = notes[total.reason] if isinstance(total, NotComputable) else None
        area = f"{letter(column)}{first + 1}:{letter(column)}{at}"
        formula = sum_formula(area, reason, of=[getattr(row, field) for row in table.rows], total=total)
        sheet.value(at, column, total, _money(sheet.book), looks.TOTAL, formula=formula)
        if formula is None and reason is None:
            apart.append(column)
    return apart


def _figures(row: VarianceRow) -> tuple[object, ...]:
    return (row.previous, row.to_date, row.budget, row.forecast, row.gap, row.gap_ratio, row.chance_over)


def _money(book: Book) -> str:
    return book.patterns.money(book.report.currency, book.words.places)
