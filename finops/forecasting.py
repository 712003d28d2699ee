"""Forecasting: the table of `finops forecast` and `finops status` from the stored table."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from functools import partial

from finops import issuing, planning, public_holidays, scenario, since
from finops.analysis import Analysis, analyse, reading
from finops.budgets.alerts import overruns
from finops.config import Config
from finops.connector import Progress
from finops.errors import AccessError
from finops.forecast.scenario import Scenario
from finops.report.forecast_table import (
    ForecastTable,
    WhatIf,
    budget_forecast,
    completed_day,
    event_line,
    own_ranges,
    rate_shown,
    series_forecast,
    what_if_series,
)
from finops.series import Scope


def forecast_table(
    config: Config,
    *,
    as_of: date,
    known_at: datetime | None,
    measure: str | None = None,
    by: str = "project",
    scope: Scope | None = None,
    budget: str | None = None,
    what_if: Scenario | None = None,
    compare_to: date | None = None,
    issued_at: datetime | None = None,
    warn: Callable[[str], None] = lambda _: None,
    progress: Progress = lambda _: None,
) -> ForecastTable:
    """Forecast every part and the total to the end of month, quarter and fiscal year, and judge the budgets.

    Args:
        config: budgets, events, currency, seed.
        as_of: the clock.
        known_at: the table as it was then; None for now.
        measure: None for the organisation's.
        by: field that tells the series apart.
        scope: only cost inside it.
        budget: only the budget of this name; None for all.
        what_if: further events, whose result stands beside the forecast.
        compare_to: a day since when changes are explained.
        issued_at: now, where the forecast goes into the ledger; None where it is not an issued one.
        warn: told, in one line, where the ledger could not be written; the forecast itself stands.
        progress: told how many series are forecast.

    Raises:
        FinopsError: nothing is stored, known or comparable.
    """
    with reading(config) as (tables, engine):
        analysed = partial(
            analyse,
            config,
            tables,
            engine,
            as_of=as_of,
            known_at=known_at,
            measure=measure,
            by=by,
            scope=scope,
            progress=progress,
        )
        analysis = analysed()
        table = _table(config, analysis, budget)
        if compare_to is not None:
            table = replace(table, change=since.change(config, tables, engine, analysis, compare_to))
        if what_if is not None:
            events = scenario.events(what_if, config, tables, engine, analysis)
            changed = _table(config, analysed(what_if=events), budget)
            table = replace(table, what_if=_what_if(what_if, table, changed))
        if issued_at is not None:
            try:
                issuing.issue(config, tables, analysis, command="forecast", issued_at=issued_at)
            except AccessError as error:
                warn(f"{error.what} This forecast is not kept in the ledger.")
    return table


def _table(config: Config, analysis: Analysis, budget: str | None) -> ForecastTable:
    start = config.organisation.fiscal_year_start
    levels = {alert.outlook.budget.name: alert.level for alert in overruns(analysis.outlooks)}
    owners = {project.name: project.owner for project in config.projects}
    return ForecastTable(
        measure=analysis.measure,
        currency=analysis.currency,
        by=analysis.by,
        as_of=analysis.as_of,
        known_at=analysis.known_at,
        data_to=analysis.data_to,
        days_left_out=analysis.left_out,
        days_completed=tuple(map(completed_day, analysis.completed)),
        completed_by=str(analysis.filled) if analysis.completed else None,
        holidays=analysis.holidays,
        holidays_by=public_holidays.source() if analysis.holidays else None,
        own_ranges=own_ranges(analysis.widths),
        credits=analysis.credits,
        credits_ended=analysis.credits_ended,
        history=analysis.total.forecast.history.start if analysis.total.forecast else analysis.first_day,
        status="provisional",
        seed=config.forecast.seed,
        series=tuple(series_forecast(part, day=analysis.as_of, fiscal_year_start=start) for part in analysis.parts),
        total=series_forecast(analysis.total, day=analysis.as_of, fiscal_year_start=start),
        budgets=tuple(
            budget_forecast(
                one,
                level=levels.get(one.budget.name),
                owner=one.budget.owner
                or next((owners[p] for p in dict(one.budget.scope.fields).get("project", ()) if p in owners), None),
                fiscal_year_start=start,
                by_rates=analysis.by_rates.get(one.budget.name),
            )
            for one in analysis.outlooks
            if budget in {None, one.budget.name}
        ),
        rates=tuple(rate_shown(rate, plan=analysis.conversion.plan_rate(rate.base)) for rate in analysis.rates),
        events=tuple(
            event_line(one, data_to=analysis.data_to, horizon=analysis.horizon)
            for one in analysis.events
            if planning.concerns(one, analysis.measure)
        ),
    )


def _what_if(asked: Scenario, planned: ForecastTable, changed: ForecastTable) -> WhatIf:
    known = {event.name for event in planned.events}
    events = tuple(event for event in changed.events if event.name not in known)
    names = {event.name for event in events}
    return WhatIf(
        name=asked.name,
        events=events,
        series=tuple(
            what_if_series(then, now, names) for then, now in zip(planned.series, changed.series, strict=True)
        ),
        total=what_if_series(planned.total, changed.total, names),
        budgets=changed.budgets,
    )
