"""Backtesting: the table of `finops backtest`: forecasts of past months on the stored table, made again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import get_args

from finops import periods, scoring, vintages
from finops.analysis import Analysis, analyse, in_one_currency, reading
from finops.budgets.spend import Spend
from finops.clock import Clock
from finops.config import Config
from finops.forecast.choice import CUT_OFF_DAYS, Method
from finops.forecast.forecaster import History
from finops.forecast.skill import Skill, skill
from finops.planning import NOT_ALLOCATED
from finops.report.backtest_table import BacktestTable, Ledger, ScoredSeries, Scores
from finops.report.issued import ledger_lines, past_issued
from finops.report.model import NotComputable
from finops.series import Scope
from finops.store.engine import Engine
from finops.store.tables import Tables

_DAY = timedelta(days=1)
_MOST_BEHIND = 10
"""Days: where the table ended earlier, nobody would have forecast by it; today's figures are used instead."""

_PLACES = Decimal("0.0001")


def backtest_table(
    config: Config,
    *,
    as_of: date,
    known_at: datetime | None,
    measure: str | None = None,
    by: str = "project",
    scope: Scope | None = None,
    months: int = 6,
) -> BacktestTable:
    """Forecast the last whole months of every part and of the total again, and score them.

    Args:
        config: currency, seed.
        as_of: the clock.
        known_at: the table as it was then; None for now.
        measure: None for the organisation's.
        by: field that tells the series apart.
        scope: only cost inside it.
        months: how many past months at most.

    Raises:
        FinopsError: nothing is stored, known or comparable.
    """
    with reading(config) as (tables, engine):
        analysis = analyse(config, tables, engine, as_of=as_of, known_at=known_at, measure=measure, by=by, scope=scope)
        past = scoring.past(config, tables, engine, analysis)
        then = _known_then(config, tables, engine, analysis, months)
    seed = config.forecast.seed
    return BacktestTable(
        measure=analysis.measure,
        currency=analysis.currency,
        by=analysis.by,
        as_of=as_of,
        known_at=known_at,
        cut_off_days=CUT_OFF_DAYS,
        known_from=then.first,
        series=tuple(_scored(part, months, seed, then.parts.get(part.name, {})) for part in analysis.parts),
        total=_scored(analysis.total, months, seed, then.total),
        ledger=Ledger(
            lines=ledger_lines(past.scored),
            forecasts=past_issued(past.scored),
            open=past.open,
            not_scored=past.not_scored,
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Then:
    """The series as they were known the day after each cut-off, by the cut-off; `first` day anything was known."""

    first: date | None
    parts: Mapping[str, Mapping[date, History]]
    total: Mapping[date, History]


def _known_then(config: Config, tables: Tables, engine: Engine, analysis: Analysis, months: int) -> _Then:
    made = vintages.times(tables, until=analysis.known_at)
    first = made[0].date() if made else None
    if analysis.total.forecast is None or first is None:
        return _Then(first=first, parts={}, total={})
    month = periods.month_of(analysis.total.forecast.history.end)
    cut_offs: list[date] = []
    for _ in range(months):
        month = periods.previous_month(month)
        cut_offs += [month.start.replace(day=day) for day in CUT_OFF_DAYS]
    cut_offs = [day for day in cut_offs if day + _DAY >= first]
    fields = [name for name in analysis.table.fields if name != "team"]
    if not cut_offs or analysis.by not in fields or any(name not in fields for name, _ in analysis.scope.fields):
        return _Then(first=first, parts={}, total={})
    tables_then = vintages.by_day(
        tables,
        engine,
        [day + _DAY for day in cut_offs],
        measure=analysis.measure,
        fields=fields,
        until=analysis.known_at,
    )
    parts: dict[str, dict[date, History]] = {}
    total: dict[date, History] = {}
    for as_of, table in tables_then.items():
        known = in_one_currency(table, analysis.conversion)
        daily = known.daily(Scope())
        if not daily:
            continue
        clock = Clock.of(daily, as_of, history_months=config.forecast.history_months)
        clock = replace(clock, holidays=analysis.total.forecast.history.holidays)
        if clock.data_to is None or clock.data_to < as_of - timedelta(days=_MOST_BEHIND):
            continue
        for value, days in known.dailies(analysis.by, analysis.scope).items():
            parts.setdefault(NOT_ALLOCATED if value is None else value, {})[as_of - _DAY] = clock.history(days)
        total[as_of - _DAY] = clock.history(known.daily(analysis.scope))
    return _Then(first=first, parts=parts, total=total)


def _scored(spend: Spend, months: int, seed: int, known: Mapping[date, History]) -> ScoredSeries:
    if spend.forecast is None:
        return ScoredSeries(name=spend.name, scores=NotComputable(reason=spend.unknown or "Nothing is known."))
    found = skill(spend.forecast.history, cut_off_days=CUT_OFF_DAYS, months=months, seed=seed, known=known)
    if found is None:
        reason = "No whole month with charges has enough days before it to be forecast again."
        return ScoredSeries(name=spend.name, scores=NotComputable(reason=reason))
    return ScoredSeries(name=spend.name, scores=_rounded(found, spend.forecast.model))


def _rounded(found: Skill, model: str) -> Scores:
    def share(value: float) -> Decimal:
        return Decimal(repr(value)).quantize(_PLACES)

    return Scores(
        months=found.months,
        error=share(found.error),
        run_rate=share(found.run_rate),
        seasonal_naive=share(found.seasonal_naive),
        variance=share(found.variance),
        in_80_range=share(found.hits),
        band=found.band,
        naive_is_as_good=found.naive_is_as_good,
        totals=found.totals,
        as_known_then=found.as_known,
        used=model if model in get_args(Method) else "model",
    )
