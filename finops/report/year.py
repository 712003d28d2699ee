"""Year: the twelve months of the fiscal year, and the lines that add up to it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

from finops import periods
from finops.budgets.spend import NotForecast
from finops.money import add, rounded_to_total
from finops.periods import Period
from finops.report.answer import year_limit
from finops.report.figures import NO_BUDGET, amount, minus, range_of, ratio
from finops.report.inputs import Inputs
from finops.report.model import Amount, Figure, FiscalMonth, FiscalRow, FiscalYear, NotComputable
from finops.report.variance import total_limit_of

State = Literal["actual", "running", "forecast", "unknown"]


def fiscal_year(given: Inputs, unit: Decimal) -> FiscalYear:
    """The fiscal year that holds the reported month."""
    year = periods.fiscal_year_of(given.period.start, fiscal_year_start=given.fiscal_year_start)
    labels = year.months()
    months = tuple(_month(given, periods.month(label), unit) for label in labels)
    return FiscalYear(label=periods.fiscal_label(year), months=months, rows=_rows(given, year, months, unit))


def _month(given: Inputs, month: Period, unit: Decimal) -> FiscalMonth:
    outlook = given.total.outlook(month)
    state = _state(given, month)
    spend: Figure
    if state == "unknown":
        spend = _starts(given)
    elif isinstance(outlook, NotForecast):
        spend = NotComputable(reason=outlook.reason)
    else:
        spend = amount(outlook.amount, unit)
    limit = total_limit_of(given, month)
    budget: Figure = NO_BUDGET if limit is None else amount(limit, unit)
    return FiscalMonth(
        month=month.months()[0],
        state=state,
        spend=spend,
        range=NotComputable(reason="the month is over") if state == "actual" else range_of(outlook, "0.8", unit),
        budget=budget,
        gap=minus(spend, budget),
    )


def _state(given: Inputs, month: Period) -> State:
    if month.end <= given.first_day:
        return "unknown"
    if given.total.closed(month):
        return "actual"
    return "running" if given.data_to is not None and given.data_to >= month.start else "forecast"


def _rows(given: Inputs, year: Period, months: Sequence[FiscalMonth], unit: Decimal) -> tuple[FiscalRow, ...]:
    states: dict[str, list[int]] = {"to_date": [], "running": [], "rest": []}
    for at, month in enumerate(months):
        part = {"actual": "to_date", "unknown": "to_date", "running": "running", "forecast": "rest"}[month.state]
        states[part].append(at)
    limit = year_limit(given, year)
    rows = [
        _row(given, part, [months[at] for at in at_months], at_months, unit)  # type: ignore[arg-type]  # the three parts above
        for part, at_months in states.items()
        if at_months
    ]
    whole = _row(given, "year", list(months), list(range(len(months))), unit)
    if limit is not None:
        budget: Figure = amount(limit, unit)
        gap = minus(whole.forecast, budget) if all(month.state != "unknown" for month in months) else _starts(given)
        whole = FiscalRow(
            part="year",
            first=whole.first,
            last=whole.last,
            actual=whole.actual,
            forecast=whole.forecast,
            budget=budget,
            gap=gap,
            gap_ratio=ratio(gap, budget),
            range=whole.range,
        )
    return (*rows, whole)


def _row(
    given: Inputs,
    part: Literal["to_date", "running", "rest", "year"],
    months: Sequence[FiscalMonth],
    at: Sequence[int],
    unit: Decimal,
) -> FiscalRow:
    known = [month for month in months if month.state != "unknown"]
    span = Period(start=periods.month(months[0].month).start, end=periods.month(months[-1].month).end)
    outlook = given.total.outlook(span)
    forecast = _sum([month.spend for month in known], unit)
    budget = _sum([month.budget for month in months], unit)
    gap = minus(forecast, budget) if len(known) == len(months) else _starts(given)
    return FiscalRow(
        part=part,
        first=at[0] + 1,
        last=at[-1] + 1,
        actual=amount(given.total.to_date(span), unit),
        forecast=forecast,
        budget=budget,
        gap=gap,
        gap_ratio=ratio(gap, budget),
        range=NotComputable(reason="the months are over") if part == "to_date" else range_of(outlook, "0.8", unit),
    )


def _starts(given: Inputs) -> NotComputable:
    return NotComputable(reason=f"the data starts on {given.first_day}")


def _sum(figures: Sequence[Figure], unit: Decimal) -> Figure:
    """The exact sum, rounded by itself; not computable where a month is not."""
    for figure in figures:
        if isinstance(figure, NotComputable):
            return figure
    exact = add(*(figure.exact for figure in figures if isinstance(figure, Amount)))
    return Amount(exact=exact, shown=rounded_to_total([exact], unit)[0])
