"""Lines: every budget with its outlook, and the alerts among them."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from finops import periods
from finops.budgets.alerts import OverrunAlert
from finops.budgets.budget import Budget
from finops.budgets.outlook import Outlook, period_label
from finops.budgets.spend import NotForecast
from finops.money import add, subtract
from finops.periods import Period
from finops.report.figures import amount, chance, minus, probability, ratio
from finops.report.inputs import Inputs
from finops.report.model import Alert, Amount, BudgetLine, Figure, NotComputable, VarianceRow, VarianceTable
from finops.series import Scope

_PACE_DAYS = 7
"""A week, so that weekdays weigh as in a month."""
_STANDS_OUT = Decimal("0.3")
"""Share of all rises from which one service is named as the reason."""


def budget_line(one: Outlook, given: Inputs, table: VarianceTable, unit: Decimal) -> BudgetLine:
    """One budget with its outlook; what a row of the variance table shows as well is shown as it is there."""
    row = _row_of(one, given, table)
    limit = (
        row.budget if row and isinstance(row.budget, Amount) and row.budget.exact == one.limit else _limit(one, unit)
    )
    forecast = row.forecast if row else _forecast(one, unit)
    gap = minus(forecast, limit)
    return BudgetLine(
        name=one.budget.name,
        scope=str(one.budget.scope),
        period=one.period,
        period_label=period_label(one.period, fiscal_year_start=given.fiscal_year_start),
        measure=one.budget.measure,
        unit=_unit_name(one.budget, given),
        to_date=row.to_date if row else amount(one.to_date, unit),
        limit=limit,
        forecast=forecast,
        gap=gap,
        gap_ratio=ratio(gap, limit),
        chance_over=_outlook_chance(one),
        overrun_on=one.overrun_on,
        owner=_owner(one.budget, given),
    )


def alert_line(alert: OverrunAlert, given: Inputs, table: VarianceTable, unit: Decimal) -> Alert:
    """One alert with what drives it."""
    one = alert.outlook
    line = budget_line(one, given, table, unit)
    return Alert(
        level=alert.level,
        name=line.name,
        scope=line.scope,
        period=line.period,
        period_label=line.period_label,
        measure=line.measure,
        unit=line.unit,
        limit=line.limit,
        forecast=line.forecast,
        gap=line.gap,
        gap_ratio=line.gap_ratio,
        chance_over=line.chance_over,
        overrun_on=None if one.already_over else line.overrun_on,
        already_over=one.already_over,
        owner=line.owner,
        reason=_reason(one, given),
    )


def _row_of(one: Outlook, given: Inputs, table: VarianceTable) -> VarianceRow | None:
    """The row of the same money: of one project, or the total, in the report's month and measure."""
    if one.period != given.period or one.budget.measure != given.measure:
        return None
    if one.budget.scope == Scope():
        return table.total
    fields = dict(one.budget.scope.fields)
    names = fields.get("project", ())
    if len(fields) > 1 or len(names) != 1:
        return None
    return next((row for row in table.rows if row.name == names[0] != given.not_allocated), None)


def _limit(one: Outlook, unit: Decimal) -> Figure:
    return NotComputable(reason="a month of the period has no limit") if one.limit is None else amount(one.limit, unit)


def _forecast(one: Outlook, unit: Decimal) -> Figure:
    return (
        NotComputable(reason=one.result.reason)
        if isinstance(one.result, NotForecast)
        else amount(one.result.amount, unit)
    )


def _outlook_chance(one: Outlook) -> Decimal | NotComputable:
    known = one.chance_over
    if known is not None:
        return probability(known)
    return chance(one.result, one.limit)


def _unit_name(budget: Budget, given: Inputs) -> str:
    return given.currency if budget.measure.endswith("_cost") else budget.measure.replace("_", " ")


def _owner(budget: Budget, given: Inputs) -> str | None:
    projects = dict(budget.scope.fields).get("project", ())
    return budget.owner or next((given.owners[name] for name in projects if name in given.owners), None)


def _reason(one: Outlook, given: Inputs) -> str:
    """What grew most, in the budget's projects, from the month before to the pace of the last days."""
    fields = dict(one.budget.scope.fields)
    if set(fields) - {"project"}:
        return "See the detail of its scope."
    previous = periods.previous_month(given.period)
    if given.data_to is None or not given.days_known or previous.start < given.first_day:
        return "No earlier month to compare with."
    growth = _growth(given, fields.get("project"), previous)
    risen = add(*(amount for amount in growth.values() if amount > 0))
    if not risen:
        return "No service costs more than in the month before."
    (project, service), most = max(growth.items(), key=lambda item: (item[1], item[0]))
    if most < _STANDS_OUT * risen:
        return "Many small rises; no single service stands out."
    each = f"{most.quantize(Decimal(1)):,} {given.currency} a day"
    where = "" if "project" in fields else f" in {project}"
    return f"{service}{where} costs {each} more than in {previous.months()[0]}."


def _growth(given: Inputs, projects: Sequence[str] | None, previous: Period) -> dict[tuple[str, str], Decimal]:
    """Per project and service: daily cost of the last week of complete days minus that of the month before."""
    days = min(_PACE_DAYS, given.days_known)
    end = given.period.start + timedelta(days=given.days_known)
    pace = Period(start=end - timedelta(days=days), end=end)
    growth: dict[tuple[str, str], Decimal] = {}
    for one in given.slices:
        if projects is None or one.part in projects:
            now = add(*(value for day, value in one.daily.items() if day in pace)) / days
            before = add(*(value for day, value in one.daily.items() if day in previous)) / previous.days
            key = (one.part, one.name)
            growth[key] = add(growth.get(key, Decimal(0)), subtract(now, before))
    return growth
