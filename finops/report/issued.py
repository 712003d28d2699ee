"""Issued: forecasts of the ledger beside what came, with the FinOps KPI both ways and how often the ranges held."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from finops.forecast.ledger import STAGES, Scored, kpi

Length = Literal["month", "quarter", "year", "other"]
Stage = Literal["start", "middle", "end", "all"]

_RANGE = Decimal("0.80")
_MONTHS: dict[int, Length] = {1: "month", 3: "quarter", 12: "year"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """The KPI over the forecasts of one kind of period, made at one stage of it; shares, 0.05 is five per cent.

    Attributes:
        stage: start (first third of the days, or before), middle, end, or all of them.
        hits_80, hits_95: how many lay inside their range: eight and nine and a half of ten should.
        variance: what came less the forecast, over the forecast: plus is more than forecast.
        error: sum of absolute differences over what came; `band` the FinOps level of maturity it stands for.
        run_rate, seasonal_naive: error of these over the same forecasts.
        in_hindsight: how many were made after their period had ended, by a clock set back.
    """

    period: Length
    stage: Stage
    forecasts: int
    hits_80: int
    hits_95: int
    variance: Decimal | None
    error: Decimal | None
    band: str | None
    run_rate: Decimal | None
    seasonal_naive: Decimal | None
    in_hindsight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PastIssued:
    """One forecast as it was issued, beside what came. Amounts in `unit`."""

    scope: str
    measure: str
    unit: str
    start: date
    end: date
    as_of: date
    issued_at: datetime
    forecast: Decimal
    low_80: Decimal
    high_80: Decimal
    low_95: Decimal
    high_95: Decimal
    actual: Decimal
    inside_80: bool
    inside_95: bool
    variance: Decimal | None
    error: Decimal | None


def ledger_lines(scored: Sequence[Scored]) -> tuple[LedgerLine, ...]:
    """The KPI per kind of period and stage, and over all stages where there are several."""
    found: list[LedgerLine] = []
    for length in ("month", "quarter", "year", "other"):
        mine = [one for one in scored if _length(one) == length]
        stages = [stage for stage in STAGES if any(one.issued.stage == stage for one in mine)]
        found += [_line(length, stage, [one for one in mine if one.issued.stage == stage]) for stage in stages]
        if len(stages) > 1:
            found.append(_line(length, "all", mine))
    return tuple(found)


def past_issued(scored: Sequence[Scored], *, keep: Callable[[Scored], bool] = lambda _: True) -> tuple[PastIssued, ...]:
    """Scored forecasts as records, by period and clock."""
    return tuple(
        PastIssued(
            scope=str(one.issued.scope),
            measure=one.issued.measure,
            unit=one.issued.unit,
            start=one.issued.period.start,
            end=one.issued.period.end,
            as_of=one.issued.as_of,
            issued_at=one.issued.issued_at,
            forecast=one.issued.forecast,
            low_80=one.issued.range(_RANGE)[0],
            high_80=one.issued.range(_RANGE)[1],
            low_95=one.issued.range(Decimal("0.95"))[0],
            high_95=one.issued.range(Decimal("0.95"))[1],
            actual=one.actual,
            inside_80=one.hit(_RANGE),
            inside_95=one.hit(Decimal("0.95")),
            variance=one.variance,
            error=one.error,
        )
        for one in scored
        if keep(one)
    )


def _length(one: Scored) -> Length:
    period = one.issued.period
    whole = period.start.day == 1 and period.end.day == 1
    return _MONTHS.get(len(period.months()), "other") if whole else "other"


def _line(length: Length, stage: Stage, scored: Sequence[Scored]) -> LedgerLine:
    found = kpi(scored)
    assert found is not None  # noqa: S101 - every caller has some
    return LedgerLine(
        period=length,
        stage=stage,
        forecasts=found.forecasts,
        hits_80=found.hits_80,
        hits_95=found.hits_95,
        variance=found.variance,
        error=found.error,
        band=found.band,
        run_rate=found.run_rate,
        seasonal_naive=found.seasonal_naive,
        in_hindsight=sum(one.issued.in_hindsight for one in scored),
    )
