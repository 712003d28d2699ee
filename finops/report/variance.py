"""Variance: spend per project against its budget, rounded so that rows and columns foot."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from finops import periods
from finops.budgets.budget import Budget
from finops.budgets.spend import NotForecast, PeriodOutlook, Spend
from finops.money import subtract
from finops.periods import Period
from finops.report.figures import amount, chance, column, minus, ratio, summed
from finops.report.inputs import Inputs
from finops.report.model import Amount, Figure, NotComputable, VarianceRow, VarianceTable
from finops.series import Scope


def variance_table(given: Inputs, unit: Decimal) -> VarianceTable:
    """One row per project with money or a budget in the month or the month before, and their total."""
    previous = periods.previous_month(given.period)
    limits = monthly_limits(given)
    shown = [
        part
        for part in _parts(given, limits)
        if part.name in limits or part.to_date(given.period) or part.to_date(previous) or _expected(part, given.period)
    ]
    outlooks = [_outlook(part, given.period) for part in shown]
    forecasts = [None if isinstance(one, NotForecast) else one.amount for one in outlooks]
    columns = {
        "previous": _previous(given, shown, previous, unit),
        "to_date": column([part.to_date(given.period) for part in shown], unit),
        "budget": column([limits.get(part.name) for part in shown], unit),
        "forecast": [
            NotComputable(reason=one.reason) if isinstance(one, NotForecast) else figure
            for one, figure in zip(outlooks, column(forecasts, unit), strict=True)
        ],
    }
    rows = [
        _row(part.name, {key: column[at] for key, column in columns.items()}, outlooks[at], limits.get(part.name))
        for at, part in enumerate(shown)
    ]
    whole = {key: summed(column) for key, column in columns.items()}
    whole_limit = total_limit(given)
    if whole_limit is not None:
        whole["budget"] = _total_budget(whole["budget"], whole_limit, unit)
    limit = whole["budget"].exact if isinstance(whole["budget"], Amount) else None
    total = _row("Total", whole, given.total.outlook(given.period), limit)
    return _with_bars(tuple(rows), total)


def _parts(given: Inputs, limits: Mapping[str, Decimal]) -> Sequence[Spend]:
    """The parts; where all cost has a project but not all budget, a part of no cost carries what is left of it."""
    if not limits.get(given.not_allocated) or given.not_allocated in {part.name for part in given.parts}:
        return given.parts
    return (*given.parts, Spend(name=given.not_allocated, daily={}, data_to=given.data_to, forecast=None))


def _outlook(part: Spend, period: Period) -> PeriodOutlook | NotForecast:
    """A part without a single charge stays without one."""
    if not part.daily and part.forecast is None and part.unknown is None:
        return PeriodOutlook(period=period, to_date=Decimal(0), amount=Decimal(0), spread=None)
    return part.outlook(period)


def _expected(part: Spend, period: Period) -> Decimal:
    one = _outlook(part, period)
    return Decimal(0) if isinstance(one, NotForecast) else one.amount


def _previous(given: Inputs, parts: Sequence[Spend], previous: Period, unit: Decimal) -> list[Figure]:
    if previous.start < given.first_day:
        return [NotComputable(reason=f"the data starts on {given.first_day}") for _ in parts]
    return column([part.to_date(previous) for part in parts], unit)


def _total_budget(added: Figure, limit: Decimal, unit: Decimal) -> Figure:
    """The configured total; as shown, the sum of its parts where they are the same money."""
    if isinstance(added, Amount) and added.exact == limit:
        return added
    return amount(limit, unit)


def _row(
    name: str, figures: Mapping[str, Figure], spend: PeriodOutlook | NotForecast, limit: Decimal | None
) -> VarianceRow:
    gap = minus(figures["forecast"], figures["budget"])
    return VarianceRow(
        name=name,
        previous=figures["previous"],
        to_date=figures["to_date"],
        budget=figures["budget"],
        forecast=figures["forecast"],
        gap=gap,
        gap_ratio=ratio(gap, figures["budget"]),
        chance_over=chance(spend, limit),
        bar=Decimal(0),
    )


def _with_bars(rows: Sequence[VarianceRow], total: VarianceRow) -> VarianceTable:
    """The table with every bar on one scale."""
    gaps = [abs(row.gap.exact) for row in (*rows, total) if isinstance(row.gap, Amount)]
    largest = max(gaps, default=Decimal(0))

    def with_bar(row: VarianceRow) -> VarianceRow:
        if not isinstance(row.gap, Amount) or not largest:
            return row
        return replace(row, bar=(row.gap.exact / largest).quantize(Decimal("0.0001")))

    return VarianceTable(rows=tuple(map(with_bar, rows)), total=with_bar(total))


def monthly_limits(given: Inputs) -> dict[str, Decimal]:
    """Limit of the month per project; what the total's budget leaves over belongs to what is not allocated.

    Budgets of projects that nobody configured and nothing was charged to are part of what is left over.
    """
    found: dict[str, Decimal] = {}
    parts = {part.name for part in given.parts}
    for budget in given.budgets:
        limit = _monthly_limit(budget, given)
        names = dict(budget.scope.fields)
        if (
            limit is not None
            and set(names) == {"project"}
            and len(names["project"]) == 1
            and names["project"][0] in parts
        ):
            found.setdefault(names["project"][0], limit)
    total = total_limit(given)
    if total is not None and found:
        found[given.not_allocated] = subtract(total, *found.values())
    return found


def total_limit_of(given: Inputs, month: Period) -> Decimal | None:
    """Limit of any month of the monthly budget for everything; None without one."""
    for budget in given.budgets:
        if budget.scope == Scope() and budget.period == "month" and budget.measure == given.measure:
            return budget.limit_of(month)
    return None


def total_limit(given: Inputs) -> Decimal | None:
    """Limit of the month of the budget for everything; None without one."""
    limits = [_monthly_limit(budget, given) for budget in given.budgets if budget.scope == Scope()]
    return next((limit for limit in limits if limit is not None), None)


def _monthly_limit(budget: Budget, given: Inputs) -> Decimal | None:
    if budget.period != "month" or budget.measure != given.measure:
        return None
    return budget.limit_of(given.period)
