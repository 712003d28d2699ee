"""Forecasting: the table of `finops forecast` and `finops status` from the stored table."""

from datetime import date, datetime

from finops.analysis import analyse, reading
from finops.budgets.alerts import overruns
from finops.config import Config
from finops.report.forecast_table import ForecastTable, budget_forecast, rate_shown, series_forecast
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
) -> ForecastTable:
    """Forecast every part and the total to the end of month, quarter and fiscal year, and judge the budgets.

    Args:
        config: budgets, currency, seed.
        as_of: the clock.
        known_at: the table as it was then; None for now.
        measure: None for the organisation's.
        by: field that tells the series apart.
        scope: only cost inside it.
        budget: only the budget of this name; None for all.

    Raises:
        FinopsError: nothing is stored, known or comparable.
    """
    with reading(config) as (tables, engine):
        analysis = analyse(config, tables, engine, as_of=as_of, known_at=known_at, measure=measure, by=by, scope=scope)
    start = config.organisation.fiscal_year_start
    levels = {alert.outlook.budget.name: alert.level for alert in overruns(analysis.outlooks)}
    owners = {project.name: project.owner for project in config.projects}
    return ForecastTable(
        measure=analysis.measure,
        currency=analysis.currency,
        by=analysis.by,
        as_of=as_of,
        known_at=known_at,
        data_to=analysis.data_to,
        days_left_out=analysis.left_out,
        history=analysis.total.forecast.history.start if analysis.total.forecast else analysis.first_day,
        status="provisional",
        seed=config.forecast.seed,
        series=tuple(series_forecast(part, day=as_of, fiscal_year_start=start) for part in analysis.parts),
        total=series_forecast(analysis.total, day=as_of, fiscal_year_start=start),
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
    )
