"""Appendix: how good forecasts have been, method, assumptions and data quality."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from finops import periods
from finops.forecast.backtest import PastMonth
from finops.money import from_float, rounded_to_total, subtract
from finops.periods import Period
from finops.rates import Rate
from finops.report.figures import probability
from finops.report.inputs import Inputs
from finops.report.model import Accuracy, Assumption, Method, NotComputable, PastForecast, QualityCheck, SourceFreshness
from finops.report.variance import monthly_limits

LATE_DAYS = 5
_STALE_DAYS = 366
_WELL_ALLOCATED = Decimal("0.95")


def accuracy(past: Sequence[PastMonth]) -> Accuracy | NotComputable:
    """Forecasts made again in earlier months, beside what came."""
    if not past:
        return NotComputable(reason="no closed month lies far enough back to be forecast again")
    months = tuple(
        PastForecast(
            month=one.month,
            made_on=one.made_on,
            forecast=from_float(one.mean),
            low_80=from_float(one.low_80),
            high_80=from_float(one.high_80),
            actual=from_float(one.actual),
            naive=from_float(one.naive),
            hit=one.hit,
            issued_on=one.issued_on,
        )
        for one in past
    )
    spent = sum(abs(one.actual) for one in past)
    if not spent:
        return NotComputable(reason="nothing was spent in the closed months")
    error, naive = (
        sum(abs(value - one.actual) for value, one in zip(values, past, strict=True)) / spent
        for values in ([one.mean for one in past], [one.naive for one in past])
    )
    return Accuracy(
        months=months,
        hits=sum(one.hit for one in months),
        error_ratio=probability(error),
        naive_error_ratio=probability(naive),
    )


def method(given: Inputs) -> Method | NotComputable:
    """What was fitted to what."""
    if given.total.forecast is None or given.data_to is None:
        return NotComputable(reason=given.total.unknown or "no complete day of charges is known yet")
    models = [
        (part.name, part.forecast.model, part.forecast.reason) for part in given.parts if part.forecast is not None
    ]
    return Method(
        models=tuple(models),
        history=Period(start=given.total.forecast.history.start, end=given.data_to + timedelta(days=1)),
        days_left_out=given.left_out,
        draws=given.total.forecast.futures.draws,
        seed=given.seed,
    )


def assumptions(given: Inputs) -> tuple[Assumption, ...]:
    """Numbers the report rests on that no export holds."""
    found = [_rate(rate, given.as_of) for rate in given.rates]
    found += [
        Assumption(
            name=f"Part of {late.day} that is there",
            value=_whole_percent(probability(late.there)),
            unit="%",
            as_of=given.as_of,
            source=given.completed_by or "",
            stale=False,
        )
        for late in given.completed
    ]
    if given.holidays:
        found.append(
            Assumption(
                name="Public holidays; what they do is learnt from past ones, series by series",
                value=", ".join(given.holidays),
                unit="",
                as_of=given.as_of,
                source=given.holidays_by or "",
                stale=False,
            )
        )
    found += [
        Assumption(
            name=f"Width of the ranges of {one.measure.replace('_', ' ')}, times the usual one",
            value=str(one.factor.quantize(Decimal("0.01"))),
            unit="",
            as_of=given.as_of,
            source=f"{_whole_percent(one.inside_80)} % of {one.totals} own past totals lay in their usual 80 % range",
            stale=False,
        )
        for one in given.own_ranges
    ]
    if given.credits_go_on is not None:
        taken = given.credits_go_on
        found.append(
            Assumption(
                name="Credits, per day, that the forecast goes on with",
                value=str(taken.per_day.quantize(Decimal("0.01"))),
                unit=given.currency,
                as_of=given.as_of,
                source=f"last four weeks, {_whole_percent(taken.share)} % of the charges; no export says when they end",
                stale=False,
            )
        )
    found += [
        Assumption(
            name=f"Credits of {one.provider}, per day, that the forecast goes without",
            value=str(one.per_day.quantize(Decimal("0.01"))),
            unit=given.currency,
            as_of=given.as_of,
            source=f"four weeks up to {one.last_day}, when they ended",
            stale=False,
        )
        for one in given.credits_ended
    ]
    year = periods.fiscal_year_of(given.period.start, fiscal_year_start=given.fiscal_year_start)
    if given.first_day > year.start:
        found.append(
            Assumption(
                name=f"Spend before {given.first_day}",
                value="0",
                unit=given.currency,
                as_of=given.as_of,
                source=f"no export holds earlier days of fiscal year {periods.fiscal_label(year)}",
                stale=False,
            )
        )
    return tuple(found)


def _whole_percent(share: Decimal) -> str:
    return str((share * 100).quantize(Decimal(1)))


def quality(given: Inputs) -> tuple[QualityCheck, ...]:
    """What was checked about the data, and what it means for this report."""
    known = given.days_known
    expected = min((given.as_of - given.period.start).days, given.period.days)
    checks = [
        QualityCheck(
            name="Complete days of the period",
            result="ok" if known >= expected - LATE_DAYS else "check",
            value=f"{known} of {max(expected, 0)}",
            effect="None" if known >= expected else _late(expected - known),
        )
    ]
    for source in given.freshness:
        if given.has_ended(source):
            checks.append(_ended(source))
            continue
        behind = None if source.data_to is None else (min(given.as_of, given.period.end) - source.data_to).days - 1
        late = behind is None or behind > LATE_DAYS
        checks.append(
            QualityCheck(
                name=f"Charges of source {source.source}",
                result="check" if late else "ok",
                value="none" if source.data_to is None else f"to {source.data_to}",
                effect="Its spend may be too low" if late else "None",
            )
        )
    checks.append(_allocated(given))
    rows = given.reconciliation.rows
    differences = [row for row in rows if row.difference != 0 or row.export is None]
    checks.append(
        QualityCheck(
            name="Export = table = allocated + not allocated",
            result="fail" if any(row.difference for row in differences) else "check" if differences else "ok",
            value=f"{len(rows) - len(differences)} of {len(rows)} to the last digit",
            effect="None" if not differences else "See the reconciliation",
        )
    )
    without = [part.name for part in given.parts if part.name not in monthly_limits(given)]
    if monthly_limits(given):
        checks.append(
            QualityCheck(
                name="Budget for every project",
                result="check" if without else "ok",
                value=f"{len(given.parts) - len(without)} of {len(given.parts)}",
                effect=f"No gap for {', '.join(without)}" if without else "None",
            )
        )
    worst = [finding for finding in given.findings if finding.severity != "info"]
    if worst:
        checks.append(
            QualityCheck(
                name="Findings in the exports",
                result="fail" if any(finding.severity == "error" for finding in worst) else "check",
                value=str(len(worst)),
                effect="Listed below",
            )
        )
    return tuple(checks)


def _allocated(given: Inputs) -> QualityCheck:
    """How much of the billed cost has a project; nothing is no share of nothing."""
    share = given.allocated_billed / given.billed if given.billed else None
    open_cost = rounded_to_total([subtract(given.billed, given.allocated_billed)], Decimal(1))[0]
    return QualityCheck(
        name="Billed cost with a project",
        result="ok" if share is not None and share >= _WELL_ALLOCATED else "check",
        value="nothing was billed" if share is None else f"{(share * 100).quantize(Decimal('0.1'))}%",
        effect=f"{open_cost:,} {given.currency} shown as {given.not_allocated}" if open_cost else "None",
    )


def _ended(source: SourceFreshness) -> QualityCheck:
    return QualityCheck(
        name=f"Charges of source {source.source}",
        result="ok",
        value=f"ended {source.data_to}",
        effect="None; nothing newer is expected from it",
    )


def _late(days: int) -> str:
    return "1 late day is forecast, not counted" if days == 1 else f"{days} late days are forecast, not counted"


def _rate(rate: Rate, as_of: date) -> Assumption:
    return Assumption(
        name=f"Exchange rate {rate.base} to {rate.quote}, newest of one a day",
        value=str(rate.value.normalize()),
        unit=f"{rate.quote} for 1 {rate.base}",
        as_of=rate.day,
        source=rate.source,
        stale=rate.day < as_of - timedelta(days=_STALE_DAYS),
    )
