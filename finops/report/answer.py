"""Answer: what the first page says: verdict, key figures and the fan."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate

from finops import periods
from finops.budgets.spend import NotForecast, PeriodOutlook
from finops.money import add, from_float
from finops.periods import Period
from finops.report.figures import NO_BUDGET, amount, minus, range_of, ratio
from finops.report.inputs import Inputs
from finops.report.model import (
    Amount,
    Fan,
    FanDay,
    Figure,
    KeyFigures,
    NotComputable,
    VarianceRow,
    VarianceTable,
    Verdict,
)
from finops.report.pace import Pace, pace
from finops.series import Scope

_MISSING_AFTER = 10
"""Days without a charge after which a source counts as missing, and no verdict is given."""


def verdict(given: Inputs, variance: VarianceTable, whole: PeriodOutlook | NotForecast) -> Verdict:
    """The answer: over, under or on budget; none where data or a budget is missing."""
    total = variance.total
    missing = _missing(given, whole)
    drivers = sorted(
        ((row.name, row.gap) for row in variance.rows if isinstance(row.gap, Amount)),
        key=lambda driver: (-abs(driver[1].exact), driver[0]),
    )
    gap = total.gap
    over = isinstance(gap, Amount) and gap.shown > 0
    return Verdict(
        state=_state(missing, gap),
        forecast=total.forecast,
        budget=total.budget,
        gap=gap,
        gap_ratio=total.gap_ratio,
        chance_over=total.chance_over,
        missing=missing,
        drivers=tuple(d for d in drivers if d[1].shown and (d[1].exact > 0) == over)[:3],
    )


def _state(missing: Sequence[str], gap: Figure):  # type: ignore[no-untyped-def]  # noqa: ANN202 - the model's literals
    if missing:
        return "incomplete"
    if isinstance(gap, NotComputable):
        return "no-budget"
    return "over" if gap.shown > 0 else "under" if gap.shown < 0 else "equal"


def _missing(given: Inputs, whole: PeriodOutlook | NotForecast) -> tuple[str, ...]:
    """What is missing so badly that no verdict may be given."""
    if isinstance(whole, NotForecast):
        return (f"{given.period.months()[0]}: {whole.reason}.",)
    last_needed = min(given.as_of - timedelta(days=1), given.period.last_day)
    return tuple(
        f"Source {source.source} holds no charges after {source.data_to}."
        for source in given.freshness
        if source.data_to is not None
        and not given.has_ended(source)
        and (last_needed - source.data_to).days > _MISSING_AFTER
    )


def key_figures(given: Inputs, total: VarianceRow, whole: PeriodOutlook | NotForecast, unit: Decimal) -> KeyFigures:
    """The four figures under the verdict."""
    year = periods.fiscal_year_of(given.period.start, fiscal_year_start=given.fiscal_year_start)
    outlook = given.total.outlook(year)
    year_amount: Figure = (
        NotComputable(reason=outlook.reason) if isinstance(outlook, NotForecast) else amount(outlook.amount, unit)
    )
    limit = year_limit(given, year)
    year_budget: Figure = NO_BUDGET if limit is None else amount(limit, unit)
    year_gap = minus(year_amount, year_budget)
    return KeyFigures(
        to_date=total.to_date,
        to_date_gap=_to_date_gap(given, total, unit),
        forecast=total.forecast,
        forecast_range=range_of(whole, "0.8", unit),
        budget=total.budget,
        gap=total.gap,
        gap_ratio=total.gap_ratio,
        year=year_amount,
        year_gap=year_gap,
        year_gap_ratio=ratio(year_gap, year_budget),
    )


def _to_date_gap(given: Inputs, total: VarianceRow, unit: Decimal) -> Figure:
    """Spend to date minus what the budget's pace allows by then."""
    if isinstance(total.budget, NotComputable) or isinstance(total.to_date, NotComputable):
        return NO_BUDGET
    share = _pace(given).shares[given.days_known - 1] if given.days_known else Decimal(0)
    return minus(total.to_date, amount(total.budget.exact * share, unit))


def _pace(given: Inputs) -> Pace:
    return pace(given.total.daily, given.period, first_day=given.first_day)


def year_limit(given: Inputs, year: Period) -> Decimal | None:
    """The fiscal year's own budget for everything; else the sum of the monthly ones."""
    whole = [b for b in given.budgets if b.scope == Scope() and b.measure == given.measure]
    for budget in whole:
        if budget.period_at(year.start, fiscal_year_start=given.fiscal_year_start) == year:
            return budget.limit_of(year)
    for budget in whole:
        if budget.period == "month":
            months = [budget.limit_of(periods.month(label)) for label in year.months()]
            known = [limit for limit in months if limit is not None]
            return add(*known) if len(known) == len(months) else None
    return None


def fan(given: Inputs, total: VarianceRow) -> Fan | NotComputable:
    """Cumulative spend day by day; bands where the future is drawn."""
    if given.data_to is None:
        return NotComputable(reason=given.total.unknown or "no complete day of charges is known yet")
    budget = total.budget.exact if isinstance(total.budget, Amount) else None
    known, due = given.days_known, _pace(given)
    running = list(accumulate((given.total.daily.get(day, Decimal(0)) for day in given.period), add))
    expected = None if known == given.period.days else given.total.forecast
    bands = None if expected is None else expected.cumulative(given.period)
    days = [
        FanDay(
            day=day,
            actual=running[at] if at < known else None,
            forecast=None if bands is None or at < known - 1 else _crossing(bands.mean[at], running, at, known),
            low_80=None if bands is None or at < known - 1 else _crossing(bands.bands[0.1][at], running, at, known),
            high_80=None if bands is None or at < known - 1 else _crossing(bands.bands[0.9][at], running, at, known),
            low_95=None if bands is None or at < known - 1 else _crossing(bands.bands[0.025][at], running, at, known),
            high_95=None if bands is None or at < known - 1 else _crossing(bands.bands[0.975][at], running, at, known),
            budget=None if budget is None else budget * due.shares[at],
        )
        for at, day in enumerate(given.period)
    ]
    return Fan(
        days=tuple(days),
        data_to=days[known - 1].day if known else None,
        left_budget_on=_left_budget_on(days[:known]),
        paced_by=due.months if budget is not None else (),
    )


def _crossing(value: float, running: Sequence[Decimal], at: int, known: int) -> Decimal:
    """The last actual day is exact in every line; later days come from statistics."""
    return running[at] if at < known else from_float(float(value))


def _left_budget_on(days: Sequence[FanDay]) -> date | None:
    """The first day of the last unbroken run of days above the budget line."""
    left = None
    for day in days:
        above = day.actual is not None and day.budget is not None and day.actual > day.budget
        left = (left or day.day) if above else None
    return left
