"""Summary sheet: the verdict, the key figures, and what they are of."""

from collections.abc import Mapping
from datetime import date

from finops.report.model import NotComputable, Range
from finops.report.workbook import looks
from finops.report.workbook.live import gap_formula, ratio_formula
from finops.report.workbook.looks import Look
from finops.report.workbook.patterns import CHANCE, SIGNED_PERCENT
from finops.report.workbook.sheet import Book, Column, Sheet, cell

NAME = "Summary"

_AMOUNT, _GAP, _RATIO, _LOW, _HIGH, _CHANCE = 1, 2, 3, 4, 5, 6
_STATES = {"over": looks.ADVERSE, "under": looks.FAVOURABLE, "incomplete": looks.CAUTION}


def write(book: Book) -> None:
    """What a reader who stops here has to know."""
    sheet, words, report = book.sheet(NAME), book.words, book.report
    say = words.locale.say
    columns = (
        Column(head=say("Figure"), width=32, align="left"),
        Column(head=say("Amount"), width=22),
        Column(head=say("Gap to budget"), width=18),
        Column(head=words.gap_ratio_column, width=18),
        Column(head=say("80%% low"), width=18),
        Column(head=say("80%% high"), width=18),
        Column(head=words.chance_column, width=18),
    )
    sheet.widths(columns)
    sheet.text(0, 0, words.title, looks.TITLE)
    sheet.fit(0, (), looks.TITLE.size)
    sheet.text(1, 0, f"{report.organisation} · {report.scope}", looks.NOTE)
    sheet.page.freeze_panes(2, 0)
    sheet.page.repeat_rows(0, 1)
    colour = _STATES.get(report.verdict.state, looks.INK)
    at = sheet.paragraph(3, words.verdict, columns, Look(size=13.5, bold=True, colour=colour))
    for sentence in words.verdict_details:
        at = sheet.paragraph(at, sentence, columns)
    at = _write_key_figures(sheet, at + 1, columns)
    at = _write_drivers(sheet, at + 1)
    _write_facts(sheet, at + 1)


def _write_key_figures(sheet: Sheet, row: int, columns: tuple[Column, ...]) -> int:
    """Four figures; the gap of the forecast calculates."""
    words, keys, chance = sheet.book.words, sheet.book.report.key_figures, sheet.book.report.verdict.chance_over
    say, first = words.locale.say, sheet.head(row, columns)
    to_date, forecast, budget, year = range(first, first + 4)
    money = sheet.book.patterns.money(sheet.book.report.currency, words.places)
    for at, (name, figure) in {
        to_date: (words.to_date_label, keys.to_date),
        forecast: (words.forecast_label, keys.forecast),
        budget: (words.budget_label, keys.budget),
        year: (say("Fiscal year outlook"), keys.year),
    }.items():
        sheet.text(at, 0, name, looks.STRONG)
        sheet.value(at, _AMOUNT, figure, money, looks.STRONG)
        for column in range(_GAP, len(columns)):
            sheet.dash(at, column)
    sheet.text(year + 1, 0, say("Plus is over budget. Cells hold every digit and show rounded amounts."), looks.NOTE)
    figures = (keys.to_date, keys.to_date_gap, keys.forecast, keys.budget, keys.gap, keys.gap_ratio)
    notes = sheet.reasons(year + 2, (*figures, chance, keys.year, keys.year_gap, keys.year_gap_ratio))
    _write_gaps(sheet, (to_date, forecast, budget, year), notes)
    if isinstance(keys.forecast_range, Range):
        sheet.value(forecast, _LOW, keys.forecast_range.low, money)
        sheet.value(forecast, _HIGH, keys.forecast_range.high, money)
    sheet.value(forecast, _CHANCE, chance, CHANCE)
    sheet.colour_gaps(first, year, _GAP, words.places)
    sheet.colour_gaps(first, year, _RATIO, 3)
    return year + 2 + len(notes)


def _write_gaps(sheet: Sheet, rows: tuple[int, int, int, int], notes: Mapping[str, str]) -> None:
    to_date, forecast, budget, year = rows
    keys = sheet.book.report.key_figures
    signed = sheet.book.patterns.signed_money(sheet.book.report.currency, sheet.book.words.places)
    amounts = cell(forecast, _AMOUNT), cell(budget, _AMOUNT)
    difference = gap_formula(*amounts, of=(keys.forecast, keys.budget), gap=keys.gap)
    sheet.value(forecast, _GAP, keys.gap, signed, formula=difference)
    reason = notes[keys.gap_ratio.reason] if isinstance(keys.gap_ratio, NotComputable) else None
    share = ratio_formula(cell(forecast, _GAP), amounts[1], reason, of=(keys.gap, keys.budget), ratio=keys.gap_ratio)
    sheet.value(forecast, _RATIO, keys.gap_ratio, SIGNED_PERCENT, formula=share)
    sheet.value(to_date, _GAP, keys.to_date_gap, signed)
    sheet.value(year, _GAP, keys.year_gap, signed)
    sheet.value(year, _RATIO, keys.year_gap_ratio, SIGNED_PERCENT)


def _write_drivers(sheet: Sheet, row: int) -> int:
    book = sheet.book
    drivers, say = book.report.verdict.drivers, book.words.locale.say
    if not drivers:
        return row
    heads = (Column(head=say("Largest parts of the gap"), align="left"), Column(head=say("Gap")))
    first = sheet.head(row, heads)
    signed = book.patterns.signed_money(book.report.currency, book.words.places)
    for at, (name, gap) in enumerate(drivers, first):
        sheet.text(at, 0, name)
        sheet.value(at, 1, gap, signed)
    below = first + len(drivers)
    sheet.colour_gaps(first, below - 1, 1, book.words.places)
    return below


def _write_facts(sheet: Sheet, row: int) -> None:
    """What the figures are of, until when, and the run that made them."""
    words, report = sheet.book.words, sheet.book.report
    say = words.locale.say
    texts: list[tuple[str, str | date | None]] = [
        (say("Status"), words.status),
        (say("Data to"), report.data_to),
        (say("Prepared"), report.as_of),
        (say("First day"), report.period.start),
        (say("Last day"), report.period.last_day),
        (say("Fiscal year"), f"{report.fiscal_label}, {report.fiscal_period}"),
        (say("Measure"), words.measure),
        (say("Currency"), report.currency),
        (say("Run"), report.run_id),
    ]
    if report.known_at is not None:
        texts.insert(3, (say("As known on"), report.known_at.isoformat(timespec="minutes")))
    if report.classification is not None:
        texts.append((say("Classification"), report.classification))
    at = sheet.head(row, (Column(head=say("This report"), align="left"), Column(head="", align="left")))
    for name, fact in texts:
        sheet.text(at, 0, name)
        if isinstance(fact, str):
            sheet.text(at, 1, fact)
        else:
            sheet.day(at, 1, fact, sheet.book.patterns.day, Look(align="left", bottom=looks.RULE))
        at += 1
