"""Method sheet: what was fitted, what the figures rest on, and what is doubtful about the data."""

import re
from dataclasses import replace
from decimal import Decimal

from finops.findings import Finding
from finops.report.locale import UNKNOWN
from finops.report.model import Assumption, Method
from finops.report.workbook import looks
from finops.report.workbook.looks import Look
from finops.report.workbook.sheet import Book, Column, Sheet

NAME = "Method"

_WIDTHS = (36, 34, 16, 16, 16, 60)
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
_WRAPPED = Look(bottom=looks.RULE, wrap=True)
_RESULTS = {"ok": looks.FAVOURABLE, "check": looks.CAUTION, "fail": looks.ADVERSE}
_SEVERITIES = {"info": looks.MUTED, "warning": looks.CAUTION, "error": looks.ADVERSE}
_MOST_DIGITS = 15


def write(book: Book) -> None:
    """Method, assumptions, checks, sources and findings, one table under the other."""
    sheet, words, say = book.sheet(NAME), book.words, book.words.locale.say
    columns = tuple(Column(head="", width=width, align="left") for width in _WIDTHS)
    sheet.widths(columns)
    sheet.text(0, 0, say("Method and data"), looks.HEADING)
    sheet.text(1, 0, words.title, looks.NOTE)
    sheet.page.freeze_panes(2, 0)
    sheet.page.repeat_rows(0, 1)
    at = 3
    for sentence in words.method:
        at = sheet.paragraph(at, sentence, columns)
    at = _write_models(sheet, at + 1)
    at = _write_assumptions(sheet, at + 1)
    at = _write_checks(sheet, at + 1)
    at = _write_sources(sheet, at + 1)
    at = _write_findings(sheet, at + 1)
    run = say("Fingerprint of inputs, rules, versions and date: %(run)s.", run=book.report.run_id)
    sheet.paragraph(at + 1, run, columns, looks.NOTE)


def _heads(sheet: Sheet, row: int, heading: str, heads: tuple[str, ...], right: tuple[int, ...] = ()) -> int:
    sheet.text(row, 0, heading, looks.SMALL_HEADING)
    full = (*heads, *("" for _ in range(len(_WIDTHS) - len(heads))))
    columns = [
        Column(head=head, width=width, align="right" if at in right else "left")
        for at, (head, width) in enumerate(zip(full, _WIDTHS, strict=True))
    ]
    return sheet.head(row + 1, columns)


def _rule(sheet: Sheet, row: int, first: int) -> None:
    """Carry the row's rule to the edge; empty cells leave a long text its room."""
    for column in range(first, len(_WIDTHS)):
        sheet.blank(row, column)


def _write_models(sheet: Sheet, row: int) -> int:
    say, method = sheet.book.words.locale.say, sheet.book.report.method
    if not isinstance(method, Method) or not method.models:
        return row
    at = _heads(sheet, row, say("Models"), (say("Series"), say("Model"), say("Why a simpler one")))
    for series, model, reason in method.models:
        sheet.text(at, 0, series)
        sheet.text(at, 1, model, _WRAPPED)
        sheet.fit(at, [(model, _WIDTHS[1])])
        sheet.text(at, 2, reason or UNKNOWN)
        _rule(sheet, at, 3)
        at += 1
    return at


def _write_assumptions(sheet: Sheet, row: int) -> int:
    say = sheet.book.words.locale.say
    if not sheet.book.report.assumptions:
        sheet.text(row, 0, say("Assumptions"), looks.SMALL_HEADING)
        sheet.text(row + 1, 0, say("The figures rest on the bill alone."), looks.BODY)
        return row + 2
    heads = (say("Assumption"), say("Value"), say("Unit"), say("As of"), say("Age"), say("Source"))
    at = _heads(sheet, row, say("Assumptions"), heads, right=(3,))
    for item in sheet.book.report.assumptions:
        _write_assumption(sheet, at, item)
        at += 1
    return at


def _write_assumption(sheet: Sheet, at: int, item: Assumption) -> None:
    say = sheet.book.words.locale.say
    sheet.text(at, 0, item.name, _WRAPPED)
    if _NUMBER.fullmatch(item.value) and sum(letter.isdigit() for letter in item.value) <= _MOST_DIGITS:
        sheet.value(at, 1, Decimal(item.value), "General", replace(looks.ROW, align="left"))
    else:
        sheet.text(at, 1, item.value, _WRAPPED)
    sheet.text(at, 2, item.unit)
    sheet.day(at, 3, item.as_of, sheet.book.patterns.day)
    caution = Look(colour=looks.CAUTION, bottom=looks.RULE)
    sheet.text(at, 4, say("over a year old") if item.stale else "", caution)
    sheet.text(at, 5, item.source, _WRAPPED)
    sheet.fit(at, [(item.name, _WIDTHS[0]), (item.value, _WIDTHS[1]), (item.source, _WIDTHS[5])])


def _write_checks(sheet: Sheet, row: int) -> int:
    words, say = sheet.book.words, sheet.book.words.locale.say
    heads = (say("Check"), say("Value"), say("Result"), say("Effect on this report"))
    at = _heads(sheet, row, words.data_quality, heads)
    for check in sheet.book.report.data_quality:
        sheet.text(at, 0, check.name, _WRAPPED)
        sheet.text(at, 1, check.value, _WRAPPED)
        sheet.text(at, 2, words.result(check), Look(bold=True, colour=_RESULTS[check.result], bottom=looks.RULE))
        sheet.text(at, 3, check.effect)
        _rule(sheet, at, 4)
        sheet.fit(at, [(check.name, _WIDTHS[0]), (check.value, _WIDTHS[1])])
        at += 1
    sheet.text(at, 0, words.coverage, looks.NOTE)
    return at + 1


def _write_sources(sheet: Sheet, row: int) -> int:
    say = sheet.book.words.locale.say
    heads = (say("Source"), say("Provider"), say("Data to"), say("Deliveries"), say("Rows"))
    at = _heads(sheet, row, say("Sources"), heads, right=(2, 3, 4))
    for source in sheet.book.report.freshness:
        sheet.text(at, 0, source.source)
        sheet.text(at, 1, source.provider)
        sheet.day(at, 2, source.data_to, sheet.book.patterns.day)
        sheet.value(at, 3, source.deliveries, "#,##0")
        sheet.value(at, 4, source.rows, "#,##0")
        _rule(sheet, at, 5)
        at += 1
    return at


def _write_findings(sheet: Sheet, row: int) -> int:
    words, say = sheet.book.words, sheet.book.words.locale.say
    heads = (say("Rule"), say("Source"), say("Severity"), say("Rows"), say("Cost"), say("Finding"))
    at = _heads(sheet, row, words.findings, heads, right=(3, 4))
    for finding in sheet.book.report.findings:
        _write_finding(sheet, at, finding)
        at += 1
    return at


def _write_finding(sheet: Sheet, at: int, finding: Finding) -> None:
    words, currency = sheet.book.words, finding.currency or sheet.book.report.currency
    sheet.text(at, 0, finding.rule)
    sheet.text(at, 1, finding.source or words.all_sources, _WRAPPED)
    colour = _SEVERITIES[finding.severity]
    sheet.text(at, 2, words.severity(finding), Look(bold=True, colour=colour, bottom=looks.RULE))
    if finding.rows is None:
        sheet.dash(at, 3)
    else:
        sheet.value(at, 3, finding.rows, "#,##0")
    if finding.cost is None:
        sheet.dash(at, 4)
    else:
        sheet.value(at, 4, finding.cost, sheet.book.patterns.money(currency, 2))
    sheet.text(at, 5, finding.message, _WRAPPED)
    sheet.fit(at, [(finding.source or "", _WIDTHS[1]), (finding.message, _WIDTHS[5])])
