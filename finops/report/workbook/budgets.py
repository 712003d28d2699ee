"""Budgets sheet: every budget with its outlook, and the alert it raised."""

from collections.abc import Mapping
from typing import Final

from finops.report.locale import UNKNOWN, decimals
from finops.report.model import Alert, Amount, BudgetLine, Figure, NotComputable
from finops.report.workbook import looks
from finops.report.workbook.live import gap_formula, ratio_formula
from finops.report.workbook.looks import Look
from finops.report.workbook.patterns import CHANCE, SIGNED_PERCENT
from finops.report.workbook.sheet import Book, Column, Sheet, cell

NAME = "Budgets"

_LIMIT, _FORECAST, _GAP, _RATIO, _CHANCE, _CROSSES, _OWNER, _REASON = 7, 8, 9, 10, 11, 12, 13, 14
_REASON_WIDTH = 44
_LEVELS: Final = {"high": looks.ADVERSE, "medium": looks.CAUTION}

_Line = BudgetLine | Alert


def write(book: Book) -> None:
    """One row per budget; they overlap, so there is no total."""
    words, report = book.words, book.report
    say = words.locale.say
    columns = (
        Column(head=say("Alert"), width=9, align="left"),
        Column(head=say("Budget"), width=24, align="left"),
        Column(head=say("Scope"), width=28, align="left"),
        Column(head=say("Period"), width=12, align="left"),
        Column(head=say("Measure"), width=17, align="left"),
        Column(head=say("Unit"), width=7, align="left"),
        *(Column(head=head, width=15) for head in (say("To date"), say("Limit"), say("Forecast"), say("Gap"))),
        *(Column(head=head, width=15) for head in (words.gap_ratio_column, words.chance_column)),
        Column(head=say("Crosses the limit"), width=14),
        Column(head=say("Owner"), width=24, align="left"),
        Column(head=say("Reason"), width=_REASON_WIDTH, align="left"),
    )
    sheet = book.sheet(NAME)
    first = sheet.table(sheet.opening(words.alerts, words.budgets), columns)
    alerts = {_key(alert): alert for alert in report.alerts}
    lines: list[_Line] = [*report.budgets]
    named = {_key(line) for line in report.budgets}
    lines += [alert for alert in report.alerts if _key(alert) not in named]
    last = first + len(lines) - 1
    notes = sheet.reasons(last + 4, (figure for line in lines for figure in _figures(line)))
    for at, line in enumerate(lines, first):
        _write_line(sheet, at, line, alerts.get(_key(line)))
        _write_gap(sheet, at, line, notes)
    for column, places in ((_GAP, words.places), (_RATIO, 3)):
        sheet.colour_gaps(first, last, column, places)
    if lines:
        sheet.page.autofilter(first - 1, 0, last, len(columns) - 1)
    sheet.text(
        last + 2, 0, say("Plus is over budget. Budgets may cover the same spend, so they have no total."), looks.NOTE
    )


def _write_line(sheet: Sheet, at: int, line: _Line, alert: Alert | None) -> None:
    words = sheet.book.words
    if alert is None:
        sheet.text(at, 0, UNKNOWN, Look(colour=looks.MUTED, bottom=looks.RULE))
    else:
        sheet.text(at, 0, words.level(alert), Look(bold=True, colour=_LEVELS[alert.level], bottom=looks.RULE))
    texts = (line.name, line.scope, words.period_of(line), line.measure, line.unit)
    for column, text in enumerate(texts, 1):
        sheet.text(at, column, text)
    if isinstance(line, BudgetLine):
        sheet.value(at, _LIMIT - 1, line.to_date, _plain(sheet.book, line, line.to_date))
    else:
        sheet.dash(at, _LIMIT - 1)
    sheet.value(at, _LIMIT, line.limit, _plain(sheet.book, line, line.limit))
    sheet.value(at, _FORECAST, line.forecast, _plain(sheet.book, line, line.forecast), looks.STRONG)
    sheet.value(at, _CHANCE, line.chance_over, CHANCE)
    decided = alert if alert is not None else line
    if alert is not None and alert.already_over:
        sheet.text(at, _CROSSES, words.overrun(alert), Look(align="right", bottom=looks.RULE))
    else:
        sheet.day(at, _CROSSES, decided.overrun_on, sheet.book.patterns.day)
    sheet.text(at, _OWNER, decided.owner if decided.owner is not None else words.nobody)
    reason = alert.reason if alert is not None else ""
    sheet.text(at, _REASON, reason, Look(bottom=looks.RULE, wrap=True))
    sheet.fit(at, [(reason, _REASON_WIDTH)])


def _write_gap(sheet: Sheet, at: int, line: _Line, notes: Mapping[str, str]) -> None:
    forecast, limit, gap = (cell(at, column) for column in (_FORECAST, _LIMIT, _GAP))
    difference = gap_formula(forecast, limit, of=(line.forecast, line.limit), gap=line.gap)
    sheet.value(at, _GAP, line.gap, _signed(sheet.book, line), formula=difference)
    reason = notes[line.gap_ratio.reason] if isinstance(line.gap_ratio, NotComputable) else None
    share = ratio_formula(gap, limit, reason, of=(line.gap, line.limit), ratio=line.gap_ratio)
    sheet.value(at, _RATIO, line.gap_ratio, SIGNED_PERCENT, formula=share)


def _plain(book: Book, line: _Line, figure: Figure) -> str:
    if line.unit == book.report.currency:
        return book.patterns.money(book.report.currency, book.words.places)
    return book.patterns.plain(_places(figure))


def _signed(book: Book, line: _Line) -> str:
    if line.unit == book.report.currency:
        return book.patterns.signed_money(book.report.currency, book.words.places)
    return book.patterns.signed(_places(line.gap))


def _places(figure: Figure) -> int:
    return min(2, decimals(figure.shown)) if isinstance(figure, Amount) else 0


def _key(line: _Line) -> tuple[str, ...]:
    return (line.name, line.scope, line.period_label, line.measure)


def _figures(line: _Line) -> tuple[object, ...]:
    to_date = (line.to_date,) if isinstance(line, BudgetLine) else ()
    return (*to_date, line.limit, line.forecast, line.gap, line.gap_ratio, line.chance_over)
