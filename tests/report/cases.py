"""Inputs of small reports: October 2026 at a few companies whose future can be worked out by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from finops.budgets.budget import Budget, Recurrence
from finops.budgets.outlook import outlook
from finops.budgets.spend import Spend
from finops.forecast.forecaster import sum_of
from finops.money import add
from finops.periods import Period, month
from finops.report.inputs import Inputs
from finops.report.model import Reconciliation, SourceFreshness
from finops.report.slices import Slice
from finops.series import Scope
from tests.budgets.futures import spend

OCTOBER = month("2026-10")
SEPTEMBER_FIRST = date(2026, 9, 1)
NOT_ALLOCATED = "not allocated"


def part(name: str, before: str, now: str, futures: Sequence[float], *, days: int = 10) -> Spend:
    """A project: an amount per day of September, one per complete day of October, and what each later day may cost.

    Every project has two futures, so that they add up: one alone counts twice.
    """
    futures = [*futures, *futures][:2]
    found = spend([*[before] * 30, *[now] * days], futures, first=SEPTEMBER_FIRST, until=date(2027, 10, 1))
    return replace(found, name=name)


def whole(parts: Sequence[Spend]) -> Spend:
    """All parts together, path by path."""
    days = sorted({day for one in parts for day in one.daily})
    daily = {day: add(*(one.daily.get(day, Decimal(0)) for one in parts)) for day in days}
    known = {one.name: one.forecast for one in parts if one.forecast is not None}
    complete = bool(parts) and len(known) == len(parts)
    return Spend(
        name="all cost",
        daily=daily,
        data_to=parts[0].data_to if parts else None,
        forecast=sum_of(known) if complete else None,
        unknown=None if complete else "too little is known",
    )


def budget(
    name: str,
    limit: str | Mapping[str, str],
    *,
    project: str | None = None,
    period: Recurrence | Period = "month",
    measure: str = "effective_cost",
    owner: str | None = None,
) -> Budget:
    """A budget of one project, or of everything."""
    by_month = {} if isinstance(limit, str) else {label: Decimal(one) for label, one in limit.items()}
    return Budget(
        name=name,
        measure=measure,
        period=period,
        scope=Scope() if project is None else Scope(fields=(("project", (project,)),)),
        limit=Decimal(limit) if isinstance(limit, str) else None,
        limits=by_month,
        owner=owner,
    )


def inputs(
    parts: Sequence[Spend],
    budgets: Sequence[Budget] = (),
    *,
    slices: Sequence[Slice] = (),
    freshness: Sequence[SourceFreshness] = (),
    as_of: date = date(2026, 10, 11),
    fiscal_year_start: int = 10,
) -> Inputs:
    """What a report of October is composed from."""
    total = whole(parts)
    spends = {Scope(): total} | {Scope(fields=(("project", (one.name,)),)): one for one in parts}
    judged = [
        outlook(one, spends[one.scope], day=OCTOBER.start, fiscal_year_start=fiscal_year_start)
        for one in budgets
        if one.scope in spends and one.measure == "effective_cost" and one.period != "fiscal_year"
    ]
    return Inputs(
        period=OCTOBER,
        fiscal_year_start=fiscal_year_start,
        measure="effective_cost",
        currency="EUR",
        as_of=as_of,
        known_at=None,
        first_day=min(total.daily, default=SEPTEMBER_FIRST),
        data_to=total.data_to,
        left_out=(),
        total=total,
        parts=tuple(parts),
        not_allocated=NOT_ALLOCATED,
        slices=tuple(slices),
        outlooks=tuple(one for one in judged if one is not None),
        budgets=tuple(budgets),
        owners={"shop": "shop@example.org"},
        past=(),
        reconciliation=Reconciliation(rows=(), steps=()),
        freshness=tuple(freshness),
        findings=(),
        billed=total.to_date(OCTOBER),
        allocated_billed=add(*(one.to_date(OCTOBER) for one in parts if one.name != NOT_ALLOCATED)),
        run_id="0",
        organisation="Mill",
        locale="en_GB",
        classification=None,
        seed=1,
        final=False,
    )
