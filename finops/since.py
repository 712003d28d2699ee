"""Since: why a forecast is not what it was on an earlier day, in steps that add up to the difference exactly."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from finops.analysis import Analysis, NothingKnown, analyse
from finops.budgets.outlook import period_label
from finops.budgets.spend import PeriodOutlook, Spend
from finops.config import Config
from finops.errors import BillError
from finops.forecast.ledger import Issued, first_said, kept, scope_text
from finops.money import add, from_float, subtract
from finops.periods import Period
from finops.report.forecast_table import Change, ChangePeriod, ChangeStep, periods_at
from finops.store import ledger
from finops.store.engine import Engine
from finops.store.lake import NoLongerKept
from finops.store.tables import Tables


class NothingToCompare(BillError):
    """No period can be compared."""

    def __init__(self, asked: date) -> None:
        super().__init__(
            f"No forecast of {asked} can be compared with: none was issued until then, and no complete day was known.",
            "Ask for a later day with --compare-to.",
        )


def change(config: Config, tables: Tables, engine: Engine, analysis: Analysis, asked: date) -> Change:
    """Explain the total of an analysis against the last forecast until a day.

    The forecast compared with is the one in the ledger; where there is none, it is made again. It is then made again
    step by step: with the table as it was then and the program of now (what differs is the model), with the table as
    it is now up to the same day (restatement), with the days since (what they cost beyond what was expected of them,
    and what they make of the days to come), and with the events of now.

    Args:
        config: of now.
        tables: of the store.
        engine: reads them.
        analysis: of now.
        asked: a day before the analysis' clock.

    Raises:
        NothingToCompare: if nothing was known then.
    """
    periods = periods_at(analysis.as_of, fiscal_year_start=config.organisation.fiscal_year_start)
    found = _issued(config, analysis, asked, [period for _, period in periods])
    clock = next((one.as_of for one in found.values()), asked)
    first = next(iter(found.values()), None)
    notes: list[str] = []
    when = datetime.combine(asked, time(23, 59, 59), tzinfo=UTC) if first is None else first.known_at or first.issued_at
    now_known = _again(config, tables, engine, analysis, clock=clock, known_at=analysis.known_at)
    if now_known is None or now_known.data_to is None:
        raise NothingToCompare(asked)
    then_known = _again(config, tables, engine, analysis, clock=clock, known_at=when)
    if then_known is None or then_known.data_to is None:
        notes.append(f"The table was not known on {when:%Y-%m-%d}: restatements since cannot be told apart.")
        then_known = now_known
    if first is None:
        notes.append(
            f"The ledger holds no forecast until {asked}: it was made again, with the program and events of now."
        )
    compared = [
        (kind, period, one)
        for kind, period in periods
        if (one := _steps(period, found.get(period), then_known, now_known, analysis)) is not None
    ]
    if not compared:
        raise NothingToCompare(asked)
    start = config.organisation.fiscal_year_start
    return Change(
        asked=asked,
        as_of=clock,
        issued_at=None if first is None else first.issued_at,
        periods=tuple(
            ChangePeriod(
                kind=kind, label=period_label(period, fiscal_year_start=start), then=then, steps=steps, now=now
            )
            for kind, period, (then, steps, now) in compared
        ),
        notes=tuple(notes),
    )


def _issued(config: Config, analysis: Analysis, asked: date, periods: Sequence[Period]) -> dict[Period, Issued]:
    """The forecasts of these periods issued last until a day, all by one clock; none where none was."""
    mine = [
        one
        for one in first_said(ledger.read(config.store.path, config.store.url))
        if one.subject[:3] == (analysis.measure, analysis.currency, scope_text(analysis.scope))
        and one.period in periods
        and one.as_of <= asked
        and one.as_of < analysis.as_of
    ]
    clock = max((one.as_of for one in mine), default=None)
    return {one.period: one for one in mine if one.as_of == clock}


def _again(
    config: Config, tables: Tables, engine: Engine, analysis: Analysis, *, clock: date, known_at: datetime | None
) -> Analysis | None:
    """The analysis of an earlier day; None where nothing was known.

    Where the rows of then are vacuumed, daily sums are there still; the base is the same without commitments.
    """
    try:
        return analyse(
            config,
            tables,
            engine,
            as_of=clock,
            known_at=known_at,
            day=analysis.as_of,
            measure=analysis.measure,
            by=analysis.by,
            scope=analysis.scope,
        )
    except NothingKnown:
        return None
    except NoLongerKept:
        alone = replace(config, forecast=replace(config.forecast, commitments=False))
        return _again(alone, tables, engine, analysis, clock=clock, known_at=known_at)


def _steps(
    period: Period, issued: Issued | None, then_known: Analysis, now_known: Analysis, analysis: Analysis
) -> tuple[Decimal, tuple[ChangeStep, ...], Decimal] | None:
    """The forecast then, the steps, and the forecast now; None where one of them is not computable."""
    then, again, now = (one.total.outlook(period) for one in (then_known, now_known, analysis))
    if not (isinstance(then, PeriodOutlook) and isinstance(again, PeriodOutlook) and isinstance(now, PeriodOutlook)):
        return None
    base = kept(then.base) if issued is None else issued.base
    events_then = dict(then.steps if issued is None else issued.events)
    events_now = dict(now.steps)
    surprise = _surprise(period, now_known.total, analysis.total)
    steps = [
        ("model", "another model, version or seed", subtract(kept(then.base), base)),
        ("restatement", "days known then, restated since", subtract(kept(again.base), kept(then.base))),
        ("days_since", "days since, beyond what was expected of them", surprise),
        ("outlook", "days to come, seen from the newer days", subtract(now.base, kept(again.base), surprise)),
        *(
            ("events", name, subtract(events_now.get(name, Decimal(0)), events_then.get(name, Decimal(0))))
            for name in dict.fromkeys((*events_then, *events_now))
        ),
    ]
    return (
        add(base, *events_then.values()),
        tuple(ChangeStep(kind=kind, name=name, amount=amount) for kind, name, amount in steps if amount),  # type: ignore[arg-type]  # kinds are written above
        now.amount,
    )


def _surprise(period: Period, then: Spend, now: Spend) -> Decimal:
    """What the days of the period that have become complete cost, less what was expected of them."""
    if then.data_to is None or now.data_to is None or then.forecast is None:
        return Decimal(0)
    start = max(period.start, then.data_to + timedelta(days=1))
    end = min(period.end, now.data_to + timedelta(days=1))
    if end <= start:
        return Decimal(0)
    days = Period(start=start, end=end)
    return subtract(now.to_date(days), from_float((then.base or then.forecast).total(days).mean))
