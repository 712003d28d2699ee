"""Forecast table: what `finops forecast` and `finops status` say, as frozen records with a published JSON schema."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Literal

from finops import periods
from finops.budgets.outlook import Outlook, period_label
from finops.budgets.spend import NotForecast, Spend
from finops.periods import Period
from finops.rates import Rate
from finops.report.figures import probability
from finops.report.model import NotComputable
from finops.report.records import schema_document

SCHEMA = "finops.forecast/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodForecast:
    """One series in one period; amounts exact where complete days make them, to 0.0001 where forecast.

    Attributes:
        kind: month, quarter or fiscal_year that holds the as-of date.
        end: exclusive.
        to_date: complete days only.
        forecast: the whole period; low and high bound its central ranges, null for a period that is over.
    """

    kind: Literal["month", "quarter", "fiscal_year"]
    label: str
    start: date
    end: date
    to_date: Decimal
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
class BudgetForecast:
    """One budget in its running period. Gap is forecast minus limit: plus is over.

    Attributes:
        chance_over: probability of ending over the limit, 0 to 1.
        overrun_on: first day the running total is above the limit; null if it is not expected to be.
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
class ForecastTable:
    """Everything `finops forecast` knows.

    Attributes:
        by: field the series differ in.
        data_to: last complete day used, inclusive.
        days_left_out: seen, but not used as incomplete.
        history: first day used.
        rates: of every currency that was converted.
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


SCHEMA_DOCUMENT: Final[dict[str, Any]] = schema_document(ForecastTable, schema=SCHEMA, title="A finops forecast")


def series_forecast(spend: Spend, *, day: date, fiscal_year_start: int) -> SeriesForecast:
    """One series in the month, quarter and fiscal year that hold the day."""
    kinds: Sequence[tuple[Literal["month", "quarter", "fiscal_year"], Period]] = (
        ("month", periods.month_of(day)),
        ("quarter", periods.quarter_of(day, fiscal_year_start=fiscal_year_start)),
        ("fiscal_year", periods.fiscal_year_of(day, fiscal_year_start=fiscal_year_start)),
    )
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
        forecast=NotComputable(reason=result.reason) if isinstance(result, NotForecast) else result.amount,
        low_80=low_80,
        high_80=high_80,
        low_95=low_95,
        high_95=high_95,
    )


def _ratio(gap: Decimal | None, limit: Decimal | None) -> Decimal | None:
    if gap is None or limit is None or limit <= 0:
        return None
    return (gap / limit).quantize(Decimal("0.0001"))
