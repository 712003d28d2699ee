"""Forecast table: what `finops forecast` and `finops status` say, as frozen records with a published JSON schema."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Literal

from finops import periods
from finops.budgets.outlook import Outlook, period_label
from finops.budgets.spend import NotForecast, PeriodOutlook, Spend
from finops.forecast.event import Event
from finops.forecast.late_days import LateDay
from finops.forecast.width import Width
from finops.money import from_float, subtract
from finops.periods import Period
from finops.rates import Rate
from finops.report.figures import probability
from finops.report.model import NotComputable
from finops.report.records import schema_document

SCHEMA = "finops.forecast/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventStep:
    """What one event adds to a period's base."""

    name: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLine:
    """A dated fact the forecast takes in.

    Attributes:
        origin: finops.toml, option, scenario or bill.
        kind: percent, per_day, once or growth (per cent a month); `amount` of it.
        plus_minus: half the width of its 80 % range.
        state: ahead, under way (its end or growth is still to come), in the data, or beyond the forecast's last day.
        basis: what the amount rests on, where that has to be said; null where not.
    """

    name: str
    scope: str
    start: date
    until: date | None
    kind: str
    amount: Decimal
    plus_minus: Decimal
    chance: Decimal
    origin: str
    state: str
    basis: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodForecast:
    """One series in one period; amounts exact where complete days make them, to 0.0001 where forecast.

    Attributes:
        kind: month, quarter or fiscal_year that holds the as-of date.
        end: exclusive.
        to_date: complete days only.
        base: the whole period without events; `steps` what each of them adds: together they are the forecast, exactly.
        forecast: the whole period; low and high bound its central ranges, null for a period that is over.
    """

    kind: Literal["month", "quarter", "fiscal_year"]
    label: str
    start: date
    end: date
    to_date: Decimal
    base: Decimal | NotComputable
    steps: tuple[EventStep, ...]
    forecast: Decimal | NotComputable
    low_80: Decimal | None
    high_80: Decimal | None
    low_95: Decimal | None
    high_95: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesForecast:
    """One part, or the total, in every period.

    Attributes:
        model: what was fitted, in words; null where nothing could be.
        fallback_reason: why a simpler model than usual was used; null where none was needed.
        last_days: the last ten complete days, oldest first.
    """

    name: str
    periods: tuple[PeriodForecast, ...]
    model: str | None
    fallback_reason: str | None
    last_days: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrunBy:
    """The first day by whose end the running total has been above the limit, with this chance."""

    chance: Decimal
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetForecast:
    """One budget in its running period. Gap is forecast minus limit: plus is over.

    Attributes:
        chance_over: probability of ending over the limit, 0 to 1.
        overrun_on: first day the running total is above the limit; null if it is not expected to be.
        overrun_by: when with which chance, of 10, 25, 50, 75 and 90 %; chances that are not reached are left out.
        level: high or medium where it is an alert.
        by_rates: what dated exchange rates add to `to_date` over the budget rates; null where none is converted at one.
    """

    name: str
    scope: str
    measure: str
    period: str
    start: date
    end: date
    to_date: Decimal
    limit: Decimal | None
    forecast: Decimal | NotComputable
    gap: Decimal | None
    gap_ratio: Decimal | None
    chance_over: Decimal | None
    overrun_on: date | None
    overrun_by: tuple[OverrunBy, ...]
    already_over: bool
    level: Literal["high", "medium"] | None
    owner: str | None
    by_rates: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RateShown:
    """What one unit of a currency is worth on the last complete day.

    Attributes:
        pair: `USD/EUR`: one dollar in euros.
        day: of the rate, a week before the last complete day at most.
        plan: budget rate; null where finops.toml has none.
    """

    pair: str
    value: Decimal
    day: date
    source: str
    plan: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIfPeriod:
    """One period with further events. `planned` is the forecast without them, `difference` what they change."""

    kind: Literal["month", "quarter", "fiscal_year"]
    label: str
    planned: Decimal | NotComputable
    forecast: Decimal | NotComputable
    difference: Decimal | NotComputable
    steps: tuple[EventStep, ...]
    low_80: Decimal | None
    high_80: Decimal | None
    low_95: Decimal | None
    high_95: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIfSeries:
    """One part, or the total, with further events."""

    name: str
    periods: tuple[WhatIfPeriod, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """What --event and --scenario change, beside the forecast as planned.

    Attributes:
        name: of the scenario, or `events`.
        events: further events; what each adds is in the steps of a period.
        budgets: every budget under them.
    """

    name: str
    events: tuple[EventLine, ...]
    series: tuple[WhatIfSeries, ...]
    total: WhatIfSeries
    budgets: tuple[BudgetForecast, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeStep:
    """One reason why a forecast changed, and by how much."""

    kind: Literal["model", "restatement", "days_since", "outlook", "events"]
    name: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePeriod:
    """One period: the forecast then, the steps, and the forecast now; they add up exactly."""

    kind: Literal["month", "quarter", "fiscal_year"]
    label: str
    then: Decimal
    steps: tuple[ChangeStep, ...]
    now: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Why the forecast of the total changed.

    Attributes:
        asked: the day asked for; `as_of` the clock of the forecast compared with, the last one until that day.
        issued_at: when it was issued; null where it was made again, as the ledger holds none.
        notes: what could not be told apart.
    """

    asked: date
    as_of: date
    issued_at: datetime | None
    periods: tuple[ChangePeriod, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletedDay:
    """A day that is not all in, and how much of it usually is there by now: the forecast takes in the whole of it."""

    day: date
    there: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRange:
    """How much wider than usual the ranges of a measure are, by own past totals; below one narrower.

    Attributes:
        totals: how many past totals say so; `inside_80` the share of them inside their 80 % range as it usually is.
    """

    measure: str
    factor: Decimal
    totals: int
    inside_80: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditsGoOn:
    """Credits that the forecast takes to go on, as none says when it ends.

    Attributes:
        last_four_weeks: what they took off, positive; `per_day` of it, and its `share` of what would have been charged
            without them, 0 to 1.
    """

    last_four_weeks: Decimal
    per_day: Decimal
    share: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditsEnded:
    """Credits of one provider that have run out: the forecast rests on what was charged without them.

    Attributes:
        last_day: the last one with such a credit.
        per_day: what they took off in the four weeks up to it, positive.
    """

    provider: str
    last_day: date
    per_day: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastTable:
    """Everything `finops forecast` knows.

    Attributes:
        by: field the series differ in.
        data_to: last complete day used, inclusive.
        days_left_out: seen, but not complete, so no part of any amount to date.
        days_completed: those of them whose whole is told by `completed_by`, in words; the others are forecast.
        history: first day used.
        rates: of every currency that was converted.
        events: the dated facts looked at; what each adds to a period is in that period's steps.
        what_if: the same with the events of --event and --scenario; null without them.
        change: why the total changed since an earlier forecast; null unless asked for.
        holidays: places whose public holidays are known, by `holidays_by`; what they do is in the model of a series.
        own_ranges: per measure, where own past totals are enough to say how wide ranges have to be.
        credits: those that go on; null where there are none, or less than one per cent.
        credits_ended: those that have run out in the last four weeks.
    """

    measure: str
    currency: str
    by: str
    as_of: date
    known_at: datetime | None
    data_to: date | None
    days_left_out: tuple[date, ...]
    history: date
    status: Literal["provisional"]
    seed: int
    series: tuple[SeriesForecast, ...]
    total: SeriesForecast
    budgets: tuple[BudgetForecast, ...]
    rates: tuple[RateShown, ...]
    events: tuple[EventLine, ...] = ()
    what_if: WhatIf | None = None
    change: Change | None = None
    days_completed: tuple[CompletedDay, ...] = ()
    completed_by: str | None = None
    holidays: tuple[str, ...] = ()
    holidays_by: str | None = None
    own_ranges: tuple[OwnRange, ...] = ()
    credits: CreditsGoOn | None = None
    credits_ended: tuple[CreditsEnded, ...] = ()


SCHEMA_DOCUMENT: Final[dict[str, Any]] = schema_document(ForecastTable, schema=SCHEMA, title="A finops forecast")


def periods_at(
    day: date, *, fiscal_year_start: int
) -> tuple[tuple[Literal["month", "quarter", "fiscal_year"], Period], ...]:
    """Month, quarter and fiscal year that hold the day."""
    return (
        ("month", periods.month_of(day)),
        ("quarter", periods.quarter_of(day, fiscal_year_start=fiscal_year_start)),
        ("fiscal_year", periods.fiscal_year_of(day, fiscal_year_start=fiscal_year_start)),
    )


def event_line(event: Event, *, data_to: date | None, horizon: date) -> EventLine:
    """One event as a record."""
    return EventLine(
        name=event.name,
        scope=str(event.scope),
        start=event.start,
        until=event.until,
        kind=event.kind,
        amount=event.amount,
        plus_minus=event.plus_minus,
        chance=event.chance,
        origin=event.origin,
        state="ahead" if data_to is None else event.state(data_to, horizon),
        basis=event.basis or None,
    )


def what_if_series(planned: SeriesForecast, changed: SeriesForecast, names: Collection[str]) -> WhatIfSeries:
    """One series as planned and with further events, of these names."""
    return WhatIfSeries(
        name=planned.name,
        periods=tuple(
            WhatIfPeriod(
                kind=then.kind,
                label=then.label,
                planned=then.forecast,
                forecast=now.forecast,
                difference=now.forecast
                if isinstance(now.forecast, NotComputable)
                else then.forecast
                if isinstance(then.forecast, NotComputable)
                else subtract(now.forecast, then.forecast),
                steps=tuple(step for step in now.steps if step.name in names),
                low_80=now.low_80,
                high_80=now.high_80,
                low_95=now.low_95,
                high_95=now.high_95,
            )
            for then, now in zip(planned.periods, changed.periods, strict=True)
        ),
    )


def series_forecast(spend: Spend, *, day: date, fiscal_year_start: int) -> SeriesForecast:
    """One series in the month, quarter and fiscal year that hold the day."""
    kinds = periods_at(day, fiscal_year_start=fiscal_year_start)
    last = () if spend.data_to is None else tuple(spend.data_to - timedelta(days=n) for n in range(9, -1, -1))
    return SeriesForecast(
        name=spend.name,
        periods=tuple(
            _period_forecast(spend, kind, period, fiscal_year_start=fiscal_year_start) for kind, period in kinds
        ),
        model=spend.forecast.model if spend.forecast else None,
        fallback_reason=spend.forecast.reason if spend.forecast else spend.unknown,
        last_days=tuple(spend.daily.get(one, Decimal(0)) for one in last),
    )


def completed_day(late: LateDay) -> CompletedDay:
    """One late day as a record."""
    return CompletedDay(day=late.day, there=probability(late.there))


def own_ranges(widths: Mapping[str, Width]) -> tuple[OwnRange, ...]:
    """What own past totals say about ranges, as records."""
    return tuple(
        OwnRange(
            measure=measure,
            factor=from_float(width.factor),
            totals=width.totals,
            inside_80=probability(width.inside),
        )
        for measure, width in widths.items()
    )


def rate_shown(rate: Rate, *, plan: Decimal | None) -> RateShown:
    """One rate as a record, with the budget rate beside it."""
    return RateShown(pair=f"{rate.base}/{rate.quote}", value=rate.value, day=rate.day, source=rate.source, plan=plan)


def budget_forecast(
    one: Outlook,
    *,
    level: Literal["high", "medium"] | None,
    owner: str | None,
    fiscal_year_start: int,
    by_rates: Decimal | None = None,
) -> BudgetForecast:
    """One budget as a record."""
    result = one.result
    forecast = NotComputable(reason=result.reason) if isinstance(result, NotForecast) else result.amount
    return BudgetForecast(
        name=one.budget.name,
        scope=str(one.budget.scope),
        measure=one.budget.measure,
        period=period_label(one.period, fiscal_year_start=fiscal_year_start),
        start=one.period.start,
        end=one.period.end,
        to_date=one.to_date,
        limit=one.limit,
        forecast=forecast,
        gap=one.gap,
        gap_ratio=_ratio(one.gap, one.limit),
        chance_over=None if one.chance_over is None else probability(one.chance_over),
        overrun_on=one.overrun_on,
        overrun_by=tuple(OverrunBy(chance=chance, day=day) for chance, day in one.overrun_by),
        already_over=one.already_over,
        level=level,
        owner=owner,
        by_rates=by_rates,
    )


def _period_forecast(
    spend: Spend, kind: Literal["month", "quarter", "fiscal_year"], period: Period, *, fiscal_year_start: int
) -> PeriodForecast:
    result = spend.outlook(period)
    low_80, high_80 = (None, None) if isinstance(result, NotForecast) else result.range(0.8) or (None, None)
    low_95, high_95 = (None, None) if isinstance(result, NotForecast) else result.range(0.95) or (None, None)
    return PeriodForecast(
        kind=kind,
        label=period_label(period, fiscal_year_start=fiscal_year_start),
        start=period.start,
        end=period.end,
        to_date=spend.to_date(period),
        base=NotComputable(reason=result.reason) if isinstance(result, NotForecast) else result.base,
        steps=() if isinstance(result, NotForecast) else _steps(result),
        forecast=NotComputable(reason=result.reason) if isinstance(result, NotForecast) else result.amount,
        low_80=low_80,
        high_80=high_80,
        low_95=low_95,
        high_95=high_95,
    )


def _steps(result: PeriodOutlook) -> tuple[EventStep, ...]:
    return tuple(EventStep(name=name, amount=amount) for name, amount in result.steps)


def _ratio(gap: Decimal | None, limit: Decimal | None) -> Decimal | None:
    if gap is None or limit is None or limit <= 0:
        return None
    return (gap / limit).quantize(Decimal("0.0001"))
