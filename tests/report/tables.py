"""Forecast tables of small companies, as the command line gets them."""

from collections.abc import Sequence
from datetime import date

from finops.budgets.alerts import overruns
from finops.budgets.budget import Budget
from finops.budgets.spend import Spend
from finops.report.forecast_table import ForecastTable, budget_forecast, series_forecast
from tests.report.cases import inputs


def table(parts: Sequence[Spend], budgets: Sequence[Budget] = (), *, left_out: tuple[date, ...] = ()) -> ForecastTable:
    """The table of 11 October; the fiscal year starts in October."""
    given = inputs(parts, budgets)
    levels = {alert.outlook.budget.name: alert.level for alert in overruns(given.outlooks)}
    return ForecastTable(
        measure="effective_cost",
        currency="EUR",
        by="project",
        as_of=given.as_of,
        known_at=None,
        data_to=given.data_to,
        days_left_out=left_out,
        history=given.first_day,
        status="provisional",
        seed=1,
        series=tuple(series_forecast(one, day=given.as_of, fiscal_year_start=10) for one in parts),
        total=series_forecast(given.total, day=given.as_of, fiscal_year_start=10),
        budgets=tuple(
            budget_forecast(one, level=levels.get(one.budget.name), owner=None, fiscal_year_start=10)
            for one in given.outlooks
        ),
        rates=(),
    )
