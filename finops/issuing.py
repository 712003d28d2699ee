"""Issuing: what a command forecasts goes into the ledger of the store, with the version of everything it rests on."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from finops import __version__
from finops.analysis import Analysis
from finops.budgets.spend import NotForecast, PeriodOutlook, Spend
from finops.config import Config
from finops.forecast import naive
from finops.forecast.ledger import LEVELS, Issued, kept
from finops.money import add, from_float
from finops.periods import Period
from finops.planning import within
from finops.report.forecast_table import periods_at
from finops.series import Scope, unit_of
from finops.store import ledger
from finops.store.tables import Tables


def issue(config: Config, tables: Tables, analysis: Analysis, *, command: str, issued_at: datetime) -> int:
    """Keep the forecasts of an analysis: every part, the total and every budget, of periods that are not over.

    Args:
        config: whose store and fiscal year.
        tables: their versions are kept with each forecast.
        analysis: what was forecast, without what-ifs.
        command: that issues it.
        issued_at: now.

    Returns:
        How many the ledger did not hold yet.

    Raises:
        AccessError: if the ledger cannot be written.
    """
    if analysis.data_to is None:
        return 0
    cost = tables.cost.version(analysis.known_at)
    allocated = tables.allocated.version(analysis.known_at)
    periods = periods_at(analysis.as_of, fiscal_year_start=config.organisation.fiscal_year_start)
    subjects: list[tuple[str, str, Scope, Period, PeriodOutlook | NotForecast, Spend | None]] = [
        (analysis.measure, analysis.currency, scope, period, spend.outlook(period), spend)
        for scope, spend in _series(analysis)
        for _, period in periods
    ]
    subjects += [
        (
            one.budget.measure,
            unit_of(one.budget.measure, analysis.conversion.quote),
            one.budget.scope,
            one.period,
            one.result,
            one.spend,
        )
        for one in analysis.outlooks
    ]
    issued = [
        Issued(
            issued_at=issued_at,
            command=command,
            as_of=analysis.as_of,
            known_at=analysis.known_at,
            data_to=analysis.data_to,
            cost_version=cost,
            allocated_version=allocated,
            software=__version__,
            measure=measure,
            unit=unit,
            scope=scope,
            period=period,
            to_date=kept(result.to_date),
            base=kept(result.base),
            forecast=add(kept(result.base), *(kept(amount) for _, amount in result.steps)),
            quantiles=tuple(kept(value) for value in result.quantiles(LEVELS)),
            events=tuple((name, kept(amount)) for name, amount in result.steps),
            model=spend.forecast.model,
            seed=config.forecast.seed,
            run_rate=_simple(naive.run_rate(spend.forecast.history, period)),
            seasonal_naive=_simple(naive.seasonal_naive(spend.forecast.history, period)),
        )
        for measure, unit, scope, period, result, spend in subjects
        if isinstance(result, PeriodOutlook) and result.spread is not None and spend is not None
        if spend.forecast is not None
    ]
    return ledger.keep(config.store.path, issued, config.store.url)


def _series(analysis: Analysis) -> Iterator[tuple[Scope, Spend]]:
    for part in analysis.parts:
        yield within(analysis.by, part.name, analysis.scope), part
    yield analysis.scope, analysis.total


def _simple(value: float | None) -> Decimal | None:
    return None if value is None else kept(from_float(value))
