"""Backtesting: the table of `finops backtest`: forecasts of past months on the stored table, made again."""

from datetime import date, datetime
from decimal import Decimal

from finops import scoring
from finops.analysis import analyse, reading
from finops.budgets.spend import Spend
from finops.config import Config
from finops.forecast.skill import Skill, skill
from finops.report.backtest_table import BacktestTable, Ledger, ScoredSeries, Scores
from finops.report.issued import ledger_lines, past_issued
from finops.report.model import NotComputable
from finops.series import Scope

CUT_OFF_DAYS = (10, 20)
"""Days of the month from which past months are forecast again."""

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
    seed = config.forecast.seed
    return BacktestTable(
        measure=analysis.measure,
        currency=analysis.currency,
        by=analysis.by,
        as_of=as_of,
        known_at=known_at,
        cut_off_days=CUT_OFF_DAYS,
        series=tuple(_scored(part, months, seed) for part in analysis.parts),
        total=_scored(analysis.total, months, seed),
        ledger=Ledger(
            lines=ledger_lines(past.scored),
            forecasts=past_issued(past.scored),
            open=past.open,
            not_scored=past.not_scored,
        ),
    )


def _scored(spend: Spend, months: int, seed: int) -> ScoredSeries:
    if spend.forecast is None:
        return ScoredSeries(name=spend.name, scores=NotComputable(reason=spend.unknown or "Nothing is known."))
    found = skill(spend.forecast.history, cut_off_days=CUT_OFF_DAYS, months=months, seed=seed)
    if found is None:
        reason = "No whole month with charges has enough days before it to be forecast again."
        return ScoredSeries(name=spend.name, scores=NotComputable(reason=reason))
    return ScoredSeries(name=spend.name, scores=_rounded(found))


def _rounded(found: Skill) -> Scores:
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
    )
