"""Lines: every budget with its outlook, and the alerts among them."""

from decimal import Decimal

from finops import periods
from finops.budgets.alerts import HIGH_GAP, OverrunAlert
from finops.budgets.budget import Budget
from finops.budgets.outlook import Outlook, period_label
from finops.budgets.spend import NotForecast
from finops.money import add
from finops.report.figures import amount, chance, minus, probability, ratio
from finops.report.inputs import Inputs
from finops.report.model import Alert, BudgetLine, Figure, NotComputable


def budget_line(one: Outlook, given: Inputs, unit: Decimal) -> BudgetLine:
    """One budget with its outlook."""
    limit, forecast = _limit(one, unit), _forecast(one, unit)
    gap = minus(forecast, limit)
    return BudgetLine(
        name=one.budget.name,
        scope=str(one.budget.scope),
        period=one.period,
        period_label=period_label(one.period, fiscal_year_start=given.fiscal_year_start),
        measure=one.budget.measure,
        unit=_unit_name(one.budget, given),
        to_date=amount(one.to_date, unit),
        limit=limit,
        forecast=forecast,
        gap=gap,
        gap_ratio=ratio(gap, limit),
        chance_over=_outlook_chance(one),
        overrun_on=one.overrun_on,
        owner=_owner(one.budget, given),
    )


def alert_line(alert: OverrunAlert, given: Inputs, unit: Decimal) -> Alert:
    """One alert with what drives it."""
    one = alert.outlook
    line = budget_line(one, given, unit)
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
    """What grew most, in the budget's projects, from the month before to this month's pace."""
    projects = dict(one.budget.scope.fields).get("project", tuple(given.services))
    only_projects = {name for name, _ in one.budget.scope.fields} <= {"project"}
    growth: dict[tuple[str, str], Decimal] = {}
    previous = periods.previous_month(given.period)
    known = given.days_known
    if not known or not only_projects or previous.start < given.first_day:
        return "No earlier month to compare with." if only_projects else "See the detail of its scope."
    for project in projects:
        for service, daily in given.services.get(project, {}).items():
            now = add(*(amount for day, amount in daily.items() if day in given.period and given.is_known(day))) / known
            before = add(*(amount for day, amount in daily.items() if day in previous)) / previous.days
            growth[project, service] = add(now, -before)
    if not growth:
        return "Nothing was charged in it yet."
    (project, service), most = max(growth.items(), key=lambda item: (item[1], item[0]))
    if most <= HIGH_GAP * abs(one.limit or Decimal(0)) / one.period.days:
        return "Many small changes; no single service stands out."
    each = f"{most.quantize(Decimal(1)):,} {given.currency} a day"
    where = f" in {project}" if len(projects) != 1 else ""
    return f"{service}{where} costs {each} more than in {previous.months()[0]}."
