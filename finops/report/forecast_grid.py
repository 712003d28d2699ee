"""Forecast grid: the forecast table as rows of words and numbers for a terminal, Markdown and CSV."""

from collections.abc import Sequence
from decimal import Decimal

from finops.money import subtract
from finops.report.forecast_table import (
    BudgetForecast,
    CreditsEnded,
    ForecastTable,
    OwnRange,
    PeriodForecast,
    RateShown,
    SeriesForecast,
)
from finops.report.grid import Column, Grid, Row, sparkline
from finops.report.locale import Locale
from finops.report.model import NotComputable
from finops.report.records import digits

_NAMED = 5
_NONE = "–"
_MONEY_WITH_CENTS = Decimal(1000)


def forecast_grid(table: ForecastTable, words: Locale, *, sparklines: bool = True) -> Grid:
    """What `finops forecast` shows: to date and the whole month, quarter and fiscal year, with 80 % ranges.

    Args:
        table: what is known.
        words: language and number format.
        sparklines: whether the last ten days are drawn, as on a terminal.
    """
    month, quarter, year = table.total.periods
    places = _places(table)
    columns = (
        Column(header=table.by.removeprefix("tag:").capitalize(), align="left"),
        Column(header="To date", dropped=1),
        Column(header=month.label),
        Column(header="80% range", dropped=2),
        Column(header=quarter.label, dropped=3),
        Column(header="80% range", dropped=5),
        Column(header=year.label),
        Column(header="80% range", dropped=4),
        Column(header="Last 10 days", align="left", dropped=6),
    )
    shown = len(columns) if sparklines else len(columns) - 1
    return Grid(
        title=_title("Forecast", table, words),
        columns=columns[:shown],
        rows=tuple(Row(cells=_cells(one, words, places)[:shown]) for one in table.series),
        total=Row(cells=_cells(table.total, words, places)[:shown]),
        notes=_notes(table, words),
    )


def status_grid(table: ForecastTable, words: Locale) -> Grid:
    """What `finops status` shows: every budget, spent, expected, limit, gap, chance and date of overrun.

    What dated exchange rates add to what was spent has a column where a budget rate says what they add it to.
    """
    planned = any(one.by_rates is not None for one in table.budgets)
    columns = (
        Column(header="Budget", align="left"),
        Column(header="Period", align="left", dropped=2),
        Column(header="To date", dropped=1),
        Column(header="Forecast"),
        Column(header="Limit"),
        Column(header="Gap"),
        Column(header="Gap %", dropped=3),
        Column(header="Chance over"),
        Column(header="Overrun on", dropped=4),
        Column(header="By rates", dropped=5),
    )
    shown = len(columns) if planned else len(columns) - 1
    return Grid(
        title=_title("Budgets", table, words),
        columns=columns[:shown],
        rows=tuple(_budget_row(one, words, _places(table), shown) for one in table.budgets),
        notes=_status_notes(table, words),
    )


def forecast_records(table: ForecastTable) -> tuple[Sequence[str], list[list[str]]]:
    """Header and rows for CSV: one row per series and period, exact and not localised."""
    header = (
        table.by,
        "period",
        "label",
        "start",
        "end",
        "to_date",
        "forecast",
        "low_80",
        "high_80",
        "low_95",
        "high_95",
        "currency",
        "model",
        "fallback_reason",
    )
    rows = [
        [
            one.name,
            period.kind,
            period.label,
            str(period.start),
            str(period.end),
            digits(period.to_date),
            "" if isinstance(period.forecast, NotComputable) else digits(period.forecast),
            *("" if b is None else digits(b) for b in (period.low_80, period.high_80, period.low_95, period.high_95)),
            table.currency,
            one.model or "",
            one.fallback_reason or "",
        ]
        for one in (*table.series, table.total)
        for period in one.periods
    ]
    return header, rows


def budget_records(table: ForecastTable) -> tuple[Sequence[str], list[list[str]]]:
    """Header and rows for CSV: one row per budget."""
    header = (
        "budget",
        "period",
        "start",
        "end",
        "measure",
        "to_date",
        "forecast",
        "limit",
        "gap",
        "gap_ratio",
        "chance_over",
        "overrun_on",
        "level",
        "owner",
        "by_rates",
    )
    rows = [
        [
            one.name,
            one.period,
            str(one.start),
            str(one.end),
            one.measure,
            digits(one.to_date),
            "" if isinstance(one.forecast, NotComputable) else digits(one.forecast),
            *("" if v is None else digits(v) for v in (one.limit, one.gap, one.gap_ratio, one.chance_over)),
            str(one.overrun_on or ""),
            one.level or "",
            one.owner or "",
            "" if one.by_rates is None else digits(one.by_rates),
        ]
        for one in table.budgets
    ]
    return header, rows


def _title(what: str, table: ForecastTable, words: Locale) -> str:
    data_to = "no complete day" if table.data_to is None else f"data to {table.data_to}"
    month = words.month_and_year(table.total.periods[0].start)
    return f"{what}, {month}  {table.currency}  {data_to}"


def _places(table: ForecastTable) -> int:
    return 0 if abs(table.total.periods[0].to_date) >= _MONEY_WITH_CENTS else 2


def _cells(one: SeriesForecast, words: Locale, places: int) -> tuple[str, ...]:
    month, quarter, year = one.periods
    return (
        one.name,
        words.number(month.to_date, places=places),
        _forecast(month, words, places),
        _range(month, words, places),
        _forecast(quarter, words, places),
        _range(quarter, words, places),
        _forecast(year, words, places),
        _range(year, words, places),
        sparkline([float(value) for value in one.last_days]),
    )


def _forecast(period: PeriodForecast, words: Locale, places: int) -> str:
    return _NONE if isinstance(period.forecast, NotComputable) else words.number(period.forecast, places=places)


def _range(period: PeriodForecast, words: Locale, places: int) -> str:
    if period.low_80 is None or period.high_80 is None:
        return _NONE
    return f"{words.number(period.low_80, places=places)} to {words.number(period.high_80, places=places)}"


def _budget_row(one: BudgetForecast, words: Locale, places: int, shown: int) -> Row:
    mark = " !" if one.level == "high" else ""
    cells = (
        one.name,
        one.period,
        words.number(one.to_date, places=places),
        _NONE if isinstance(one.forecast, NotComputable) else words.number(one.forecast, places=places),
        _NONE if one.limit is None else words.number(one.limit, places=places),
        _NONE if one.gap is None else words.signed(one.gap, places=places),
        _NONE if one.gap_ratio is None else words.percent(one.gap_ratio),
        (_NONE if one.chance_over is None else words.chance(one.chance_over)) + mark,
        "already over" if one.already_over else _NONE if one.overrun_on is None else str(one.overrun_on),
        _NONE if one.by_rates is None else words.signed(one.by_rates, places=places),
    )
    return Row(cells=cells[:shown], style=one.level or "plain")


def _notes(table: ForecastTable, words: Locale) -> tuple[str, ...]:
    simpler: dict[str, list[str]] = {}
    for one in table.series:
        if one.fallback_reason:
            simpler.setdefault(one.fallback_reason, []).append(one.name)
    completed = {one.day for one in table.days_completed}
    left = ", ".join(str(day) for day in table.days_left_out if day not in completed)
    there = ", ".join(f"{one.day} ({words.level(one.there)} there)" for one in table.days_completed)
    lines = [
        f"Completed by {table.completed_by}: {there}." if there else "",
        f"Left out as incomplete: {left}." if left else "",
        *(f"Simpler model for {_some(names)}: {reason.rstrip('.')}." for reason, names in sorted(simpler.items())),
        f"Public holidays of {', '.join(table.holidays)} ({table.holidays_by}); each series' model says what they do."
        if table.holidays
        else "",
        *(_own_range(one, words) for one in table.own_ranges),
        *(_credits_ended(one, words) for one in table.credits_ended),
        _credits(table, words),
        *map(_rate, table.rates),
        *(_alert(one, table, words) for one in table.budgets if one.level == "high"),
    ]
    return tuple(line for line in lines if line)


def _some(names: Sequence[str]) -> str:
    """The first of many names, and how many more there are."""
    shown, more = names[:_NAMED], len(names) - _NAMED
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _own_range(one: OwnRange, words: Locale) -> str:
    ranges = f"Ranges of {one.measure.replace('_', ' ')}"
    inside = f"{words.level(one.inside_80)} of {one.totals} own past totals lay in their 80% range"
    return f"{ranges}: {words.number(one.factor, places=2)} times as wide as usual, as {inside}."


def _credits_ended(one: CreditsEnded, words: Locale) -> str:
    per_day = f"{words.number(one.per_day, places=2)} a day"
    return f"Credits of {one.provider} ended on {one.last_day} ({per_day}): the forecast goes without them."


def _credits(table: ForecastTable, words: Locale) -> str:
    taken = table.credits
    if taken is None:
        return ""
    per_day = (
        f"{words.number(taken.per_day, places=2)} a day, {words.level(taken.share)} of the last four weeks' charges"
    )
    return f"Credits take off {per_day}; the forecast goes on with them. Where you know when they end, write an event."


def _status_notes(table: ForecastTable, words: Locale) -> tuple[str, ...]:
    if not table.budgets:
        return ("No [[budgets]] entry has a period now.",)
    alerts = [_alert(one, table, words) for one in table.budgets if one.level == "high"]
    month = table.total.periods[0].label
    rates = [*map(_rate, table.rates)]
    if any(one.by_rates is not None for one in table.budgets):
        rates.append("By rates: what rates of the days add to date over budget rates.")
    return (*alerts, *rates, f"Next: finops report --month {month}")


def _rate(rate: RateShown) -> str:
    plan = "" if rate.plan is None else f", budget rate {digits(rate.plan)}"
    return f"{rate.pair}: {rate.day} {digits(rate.value.normalize())} ({rate.source}){plan}."


def _alert(one: BudgetForecast, table: ForecastTable, words: Locale) -> str:
    if one.already_over and one.limit is not None:
        over = words.number(subtract(one.to_date, one.limit), places=_places(table))
        return f"OVERRUN  {one.name}: {over} over its limit already."
    if one.gap is None:
        return f"OVERRUN  {one.name}: over its limit."
    return f"OVERRUN  {one.name}: {words.number(one.gap, places=_places(table))} over its limit predicted."
