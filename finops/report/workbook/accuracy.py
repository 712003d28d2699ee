"""Accuracy sheet: forecasts made again as they would have been, beside what came."""

from datetime import date

from finops.money import subtract
from finops.report.model import Accuracy, PastForecast
from finops.report.workbook import looks
from finops.report.workbook.looks import Look
from finops.report.workbook.patterns import SHARE
from finops.report.workbook.sheet import Book, Column, Sheet, cell, missing

NAME = "Accuracy"

_FORECAST, _ACTUAL, _ERROR, _NAIVE, _HIT = 2, 5, 6, 7, 8


def write(book: Book) -> None:
    """One row per closed month, and the mean errors."""
    words, accuracy, say = book.words, book.report.accuracy, book.words.locale.say
    sheet = book.sheet(NAME)
    columns = (
        Column(head=say("Month"), width=34, align="left"),
        Column(head=say("Made on")),
        Column(head=say("Forecast")),
        Column(head=say("80%% low")),
        Column(head=say("80%% high")),
        Column(head=say("Actual")),
        Column(head=say("Forecast less actual")),
        Column(head=say("Straight line")),
        Column(head=say("Inside the range"), width=12, align="left"),
    )
    caption = say(
        "Forecasts made within the month, their 80%% range, and the closed month, in %(unit)s",
        unit=words.locale.symbol(book.report.currency),
    )
    first = sheet.table(sheet.opening(words.accuracy, caption), columns)
    if not isinstance(accuracy, Accuracy):
        sheet.text(first, 0, missing(accuracy), looks.NOTE)
        return
    for at, past in enumerate(accuracy.months, first):
        _write_month(sheet, at, past)
    below = first + len(accuracy.months) + 1
    for at, (name, ratio) in enumerate(
        (
            (say("Mean absolute error of the forecast"), accuracy.error_ratio),
            (say("The same of the straight line"), accuracy.naive_error_ratio),
        ),
        below,
    ):
        sheet.text(at, 0, name)
        sheet.value(at, 1, ratio, SHARE)
    sheet.text(below + 2, 0, say("Months inside the range"))
    sheet.value(below + 2, 1, accuracy.hits, "0")
    sheet.text(below + 4, 0, say("Errors are shares of the closed months' mean."), looks.NOTE)


def _write_month(sheet: Sheet, at: int, past: PastForecast) -> None:
    patterns, report, say = sheet.book.patterns, sheet.book.report, sheet.book.words.locale.say
    money = patterns.money(report.currency, sheet.book.words.places)
    sheet.day(at, 0, date.fromisoformat(f"{past.month}-01"), patterns.month, Look(align="left", bottom=looks.RULE))
    sheet.day(at, 1, past.made_on, patterns.day)
    amounts = (past.forecast, past.low_80, past.high_80, past.actual)
    for column, amount in enumerate(amounts, _FORECAST):
        sheet.value(at, column, amount, money)
    signed = patterns.signed_money(report.currency, sheet.book.words.places)
    error = subtract(past.forecast, past.actual)
    sheet.value(at, _ERROR, error, signed, formula=f"={cell(at, _FORECAST)}-{cell(at, _ACTUAL)}")
    sheet.value(at, _NAIVE, past.naive, money)
    if past.hit:
        sheet.text(at, _HIT, say("yes"))
    else:
        sheet.text(at, _HIT, say("no"), Look(bold=True, colour=looks.ADVERSE, bottom=looks.RULE))
