"""Fan sheet: spend over the period day by day, and a chart of it with the report's scenario forms."""

from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from finops.money import subtract
from finops.report.model import Fan, FanDay
from finops.report.workbook import looks
from finops.report.workbook.sheet import Book, Column, Sheet, cell, clean, missing

NAME = "Fan"

_FIELDS: Final = ("actual", "forecast", "low_80", "high_80", "low_95", "high_95", "budget")
_ACTUAL, _FORECAST, _BUDGET, _GAP = 1, 2, 7, 8
_LINES: Final[dict[int, dict[str, object]]] = {
    _BUDGET: {"color": looks.MUTED, "width": 0.75},
    _FORECAST: {"color": looks.FORECAST, "width": 2, "dash_type": "dash"},
    _ACTUAL: {"color": looks.INK, "width": 2.25},
}
"""The budget first, so that the others lie above it."""

_CLOSE = Decimal("0.05")
"""Of the largest value: lines that end closer have no room for two names on one side."""

_ROOM_FOR_LABELS: Final = {"x": 0.11, "y": 0.12, "width": 0.76, "height": 0.76}


def write(book: Book) -> None:
    """One row per day, and the chart beside them."""
    sheet, fan, say = book.sheet(NAME), book.report.fan, book.words.locale.say
    columns = (
        Column(head=say("Day"), width=14, align="left"),
        Column(head=say("Actual")),
        Column(head=say("Forecast")),
        Column(head=say("80%% low")),
        Column(head=say("80%% high")),
        Column(head=say("95%% low")),
        Column(head=say("95%% high")),
        Column(head=say("Budget")),
        Column(head=say("Gap to budget")),
    )
    caption = say(
        "Total %(measure)s since the first day, %(period)s, in %(unit)s",
        measure=book.words.measure,
        period=book.words.period,
        unit=book.words.locale.symbol(book.report.currency),
    )
    head = sheet.opening(book.words.fan, caption)
    first = sheet.table(head, columns)
    if not isinstance(fan, Fan):
        sheet.text(first, 0, missing(fan), looks.NOTE)
        return
    for at, day in enumerate(fan.days, first):
        _write_day(sheet, at, day)
    last = first + len(fan.days) - 1
    sheet.colour_gaps(first, last, _GAP, book.words.places)
    note = say("An empty cell: the line is not drawn on that day.")
    sheet.text(last + 2, 0, note, looks.NOTE)
    _insert_chart(sheet, fan, head)


def _write_day(sheet: Sheet, at: int, day: FanDay) -> None:
    patterns, report = sheet.book.patterns, sheet.book.report
    money = patterns.money(report.currency, sheet.book.words.places)
    sheet.day(at, 0, day.day, patterns.day, replace(looks.ROW, align="left"))
    for column, field in enumerate(_FIELDS, 1):
        value: Decimal | None = getattr(day, field)
        if value is None:
            sheet.blank(at, column)
        else:
            sheet.value(at, column, value, money)
    reached = day.actual if day.actual is not None else day.forecast
    if reached is None or day.budget is None:
        sheet.blank(at, _GAP)
        return
    known = cell(at, _ACTUAL if day.actual is not None else _FORECAST)
    gap, signed = subtract(reached, day.budget), patterns.signed_money(report.currency, sheet.book.words.places)
    sheet.value(at, _GAP, gap, signed, formula=f"={known}-{cell(at, _BUDGET)}")


def _insert_chart(sheet: Sheet, fan: Fan, head: int) -> None:
    words, patterns = sheet.book.words, sheet.book.patterns
    chart = sheet.book.workbook.add_chart({"type": "line"})
    first, last = head + 1, head + len(fan.days)
    ends = _ends(fan, finished=words.finished)
    for column in ends:
        chart.add_series(
            {
                "name": [NAME, head, column],
                "categories": [NAME, first, 0, last, 0],
                "values": [NAME, first, column, last, column],
                "line": _LINES[column],
                "marker": {"type": "none"},
                "data_labels": _label_at_end(fan, column, ends),
            }
        )
    font = {"size": 9, "color": looks.MUTED}
    chart.set_title({"name": clean(words.fan), "name_font": {"size": 11, "color": looks.INK}, "overlay": False})
    chart.set_x_axis(
        {
            "date_axis": True,
            "num_format": patterns.short_day,
            "major_unit": 7,
            "major_unit_type": "days",
            "num_font": font,
            "line": {"color": looks.AXIS},
            "major_tick_mark": "outside",
        }
    )
    chart.set_y_axis(
        {
            "min": None if any(value < 0 for value in _drawn_values(fan)) else 0,
            "num_format": patterns.money(sheet.book.report.currency, words.places),
            "num_font": font,
            "line": {"none": True},
            "major_gridlines": {"visible": True, "line": {"color": looks.GRID, "width": 0.5}},
        }
    )
    chart.set_legend({"none": True})
    chart.set_plotarea({"layout": _ROOM_FOR_LABELS})
    chart.set_chartarea({"border": {"none": True}})
    chart.show_blanks_as("gap")
    chart.set_size({"width": 680, "height": 400})
    described = {"description": clean(words.fan_description), "object_position": 2}
    sheet.page.insert_chart(head, len(_FIELDS) + 3, chart, described)


def _ends(fan: Fan, *, finished: bool) -> dict[int, tuple[int, Decimal]]:
    """Column to where its line ends, in the order of drawing; once the period is over nothing is forecast."""
    found = {}
    for column in _LINES:
        values = [(at, getattr(day, _FIELDS[column - 1])) for at, day in enumerate(fan.days)]
        known = [(at, value) for at, value in values if value is not None]
        if known and not (finished and column == _FORECAST):
            found[column] = known[-1]
    return found


def _label_at_end(fan: Fan, column: int, ends: dict[int, tuple[int, Decimal]]) -> dict[str, Any]:
    """The line's name at its last point."""
    last, _ = ends[column]
    custom: list[dict[str, Any]] = [{"delete": True} for _ in fan.days]
    custom[last] = {"font": {"size": 9, "bold": True, "color": _LINES[column]["color"]}}
    return {"series_name": True, "position": _side(fan, column, ends), "custom": custom}


def _side(fan: Fan, column: int, ends: dict[int, tuple[int, Decimal]]) -> str:
    """Right of a line that runs to the last day, above and below where two end close by; left of one that stops."""
    last, value = ends[column]
    if last < len(fan.days) - 1:
        return "left"
    near = max(map(abs, _drawn_values(fan)), default=Decimal(0)) * _CLOSE
    for other, (end, reached) in ends.items():
        if other != column and end == last and abs(reached - value) < near:
            return "above" if (value, column) > (reached, other) else "below"
    return "right"


def _drawn_values(fan: Fan) -> list[Decimal]:
    values = (getattr(day, _FIELDS[column - 1]) for day in fan.days for column in _LINES)
    return [value for value in values if value is not None]
