"""Cells: every number a report prints, unrounded, one per line, for CSV."""

import dataclasses
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from finops.money import subtract
from finops.periods import month
from finops.report.model import (
    NOT_IN_REPORT,
    Accuracy,
    Amount,
    Bridge,
    Coverage,
    Detail,
    DetailRow,
    Fan,
    Figure,
    FiscalYear,
    Method,
    NotComputable,
    Range,
    Reconciliation,
    Report,
    TcoPart,
    VarianceRow,
)
from finops.report.printed import commitment_sums, credit_sums
from finops.report.records import digits

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")

Cells = tuple[str, str, str, str, str]
"""Part, name, field, value, unit."""


def cells(report: Report) -> Iterator[Cells]:
    """Every number the report prints, unrounded: part, name, field, value, unit."""
    yield from _verdict_cells(report)
    yield from _key_figure_cells(report)
    yield from _fan_cells(report)
    for row in (*report.variance.rows, report.variance.total):
        yield from _variance_cells(row, report.currency)
    yield from _month_bridge_cells(report)
    yield from _year_cells(report)
    yield from _budget_cells(report)
    yield from _holding_cells(report)
    yield from _coverage_cells(report)
    for part in report.tco:
        yield from _tco_cells(part)
    yield from _detail_cells("services", report.services, report)
    yield from _detail_cells("accounts", report.accounts, report)
    yield from _accuracy_cells(report)
    yield from _issued_cells(report)
    yield from _reconciliation_cells(report.reconciliation, report.currency)
    yield from _data_cells(report)


def _verdict_cells(report: Report) -> Iterator[Cells]:
    verdict = report.verdict
    yield _cell("verdict", report.period_label, "state", verdict.state)
    yield from _figures(
        "verdict",
        report.period_label,
        report.currency,
        forecast=verdict.forecast,
        budget=verdict.budget,
        gap=verdict.gap,
    )
    yield _cell("verdict", report.period_label, "gap_ratio", verdict.gap_ratio, "ratio")
    yield _cell("verdict", report.period_label, "chance_over", verdict.chance_over, "ratio")
    for name, gap in verdict.drivers:
        yield _cell("verdict", name, "driver", gap, report.currency)


def _key_figure_cells(report: Report) -> Iterator[Cells]:
    keys, name = report.key_figures, report.period_label
    yield from _figures("key figures", name, report.currency, to_date=keys.to_date, to_date_gap=keys.to_date_gap)
    if isinstance(keys.forecast_range, NotComputable):
        yield _cell("key figures", name, "forecast_range", keys.forecast_range, report.currency)
    else:
        level = f"{digits(keys.forecast_range.level * 100)}%"
        yield _cell("key figures", name, f"forecast_low {level}", keys.forecast_range.low, report.currency)
        yield _cell("key figures", name, f"forecast_high {level}", keys.forecast_range.high, report.currency)
    year = report.fiscal_label
    yield from _figures("key figures", year, report.currency, year=keys.year, year_gap=keys.year_gap)
    yield _cell("key figures", year, "year_gap_ratio", keys.year_gap_ratio, "ratio")


def _fan_cells(report: Report) -> Iterator[Cells]:
    if not isinstance(report.fan, Fan):
        yield _cell("fan", report.period_label, "fan", report.fan)
        return
    for day in report.fan.days:
        for field in dataclasses.fields(day)[1:]:
            value = getattr(day, field.name)
            if value is not None:
                yield _cell("fan", day.day.isoformat(), field.name, value, report.currency)


def _variance_cells(row: VarianceRow, currency: str) -> Iterator[Cells]:
    yield from _figures(
        "variance",
        row.name,
        currency,
        previous=row.previous,
        to_date=row.to_date,
        budget=row.budget,
        forecast=row.forecast,
        gap=row.gap,
    )
    yield _cell("variance", row.name, "gap_ratio", row.gap_ratio, "ratio")
    yield _cell("variance", row.name, "chance_over", row.chance_over, "ratio")


def _budget_cells(report: Report) -> Iterator[Cells]:
    for line in report.budgets:
        name = f"{line.name}, {line.period_label}"
        yield from _figures(
            "budgets",
            name,
            line.unit,
            to_date=line.to_date,
            limit=line.limit,
            forecast=line.forecast,
            gap=line.gap,
        )
        yield _cell("budgets", name, "gap_ratio", line.gap_ratio, "ratio")
        yield _cell("budgets", name, "chance_over", line.chance_over, "ratio")
        yield from _optional("budgets", name, "overrun_on", line.overrun_on)
    for alert in report.alerts:
        name = f"{alert.name}, {alert.period_label}"
        yield _cell("alerts", name, "level", alert.level)
        yield from _figures("alerts", name, alert.unit, limit=alert.limit, forecast=alert.forecast, gap=alert.gap)
        yield _cell("alerts", name, "chance_over", alert.chance_over, "ratio")
        yield from _optional("alerts", name, "overrun_on", alert.overrun_on)


def _month_bridge_cells(report: Report) -> Iterator[Cells]:
    bridge = report.bridge
    if isinstance(bridge, Bridge):
        yield _cell("month bridge", bridge.start_month, "start", bridge.start, report.currency)
        for step in bridge.steps:
            yield _cell("month bridge", step.name, step.group, step.amount, report.currency)
            if step.newcomer is not None:
                since = f"new since {step.newcomer.first_day}: {step.newcomer.name}"
                yield _cell("month bridge", step.name, since, step.newcomer.to_date, report.currency)
        yield _cell("month bridge", bridge.end_month, "end", bridge.end, report.currency)
        yield from _change_cells(bridge, report.currency)
    elif bridge != NOT_IN_REPORT:
        yield _cell("month bridge", report.period_label, "bridge", bridge)
    for row in report.movers:
        yield from _detail_row_cells("movers", row, report.currency)


def _change_cells(bridge: Bridge, unit: str) -> Iterator[Cells]:
    """The change of the month, each step's share in it, and the change per day: what sentences tell."""
    change = subtract(bridge.end.exact, bridge.start.exact)
    yield _cell("month bridge", bridge.end_month, "change", change, unit)
    if change:
        for step in bridge.steps:
            yield _cell("month bridge", step.name, "share_of_change", step.amount.exact / change, "ratio")
    if bridge.start.exact > 0:
        after, before = month(bridge.end_month).days, month(bridge.start_month).days
        per_day = bridge.end.exact * before / (bridge.start.exact * after) - 1
        yield _cell("month bridge", bridge.end_month, "change_per_day", per_day, "ratio")


def _year_cells(report: Report) -> Iterator[Cells]:
    year, currency = report.year, report.currency
    if not isinstance(year, FiscalYear):
        if year != NOT_IN_REPORT:
            yield _cell("fiscal year", report.fiscal_label, "year", year)
        return
    for one in year.months:
        yield _cell("fiscal year", one.month, "state", one.state)
        yield from _figures("fiscal year", one.month, currency, spend=one.spend, budget=one.budget, gap=one.gap)
        yield from _range_cells("fiscal year", one.month, one.range, currency)
    for row in year.rows:
        yield from _figures(
            "fiscal year", row.part, currency, actual=row.actual, forecast=row.forecast, budget=row.budget, gap=row.gap
        )
        yield _cell("fiscal year", row.part, "gap_ratio", row.gap_ratio, "ratio")
        yield from _range_cells("fiscal year", row.part, row.range, currency)


def _range_cells(part: str, name: str, found: Range | NotComputable, unit: str) -> Iterator[Cells]:
    if isinstance(found, Range):
        level = f"{digits(found.level * 100)}%"
        yield _cell(part, name, f"low {level}", found.low, unit)
        yield _cell(part, name, f"high {level}", found.high, unit)


def _holding_cells(report: Report) -> Iterator[Cells]:
    for line in report.commitments:
        yield from _figures(
            "commitments",
            line.identifier,
            report.currency,
            used=line.used,
            unused=line.unused,
            covered_at_contract=line.covered_at_contract,
            monthly_effect=line.monthly_effect,
        )
        yield _cell("commitments", line.identifier, "utilisation", line.utilisation, "ratio")
        yield from _optional("commitments", line.identifier, "ends_on", line.ends_on)
    if (sums := commitment_sums(report.commitments)) is not None:
        yield from _figures("commitments", "all", report.currency, used=sums.first, unused=sums.second)
        yield _cell("commitments", "all", "utilisation", sums.ratio, "ratio")
    if (sums := credit_sums(report.credits)) is not None:
        yield from _figures("credits", "all", report.currency, previous=sums.first, to_date=sums.second)
    for credit in report.credits:
        name = f"{credit.name}, {credit.provider}"
        yield from _figures("credits", name, report.currency, previous=credit.previous, to_date=credit.to_date)
        yield _cell("credits", name, "last_day", credit.last_day)


def _coverage_cells(report: Report) -> Iterator[Cells]:
    found, label = report.coverage, report.period_label
    if not isinstance(found, Coverage):
        if found != NOT_IN_REPORT:
            yield _cell("coverage", label, "coverage", found)
        return
    amounts = _figures("coverage", label, report.currency, allocated=found.allocated, unallocated=found.unallocated)
    yield from amounts
    yield _cell("coverage", label, "share", found.share, "ratio")
    for part, lines in (("coverage by rule", found.rules), ("coverage, open", found.open)):
        for line in lines:
            name = line.name if line.rule is None else f"{line.name}, {line.rule}"
            yield _cell(part, name, "billed", line.billed, report.currency)
            yield _cell(part, name, "share", line.share, "ratio")


def _tco_cells(part: TcoPart) -> Iterator[Cells]:
    """Cost blocks, curves, swings and inputs of one comparison."""
    name, currency = f"tco, {part.name}", part.currency
    for row in (*part.rows, part.total, part.net_present_value):
        for curve, amount in zip(part.curves, row.amounts, strict=True):
            yield _cell(name, curve.name, row.block, amount, currency)
        yield _cell(name, f"{part.curves[-1].name} less {part.owned}", row.block, row.difference, currency)
    for curve in part.curves:
        for number, value in enumerate(curve.cumulative):
            yield _cell(name, curve.name, f"cumulative, month {number}", value, currency)
    yield _cell(name, part.owned, f"break-even month against {part.comparator}", part.break_even)
    yield from _optional(name, part.owned, "dearer again from month", part.lost_again)
    yield _cell(name, part.owned, "saving", part.saving, currency)
    yield _cell(name, part.owned, "chance of being cheaper", part.chance, "ratio")
    yield _cell(name, "all", "discount rate", part.discount_rate, "ratio")
    yield _cell(name, "all", "horizon", part.horizon_months, "months")
    for swing in part.swings:
        for end, value, even, saving in (
            ("low", swing.low, swing.low_month, swing.low_saving),
            ("high", swing.high, swing.high_month, swing.high_saving),
        ):
            yield _cell(name, swing.name, end, value, swing.unit)
            yield _cell(name, swing.name, f"{end}, break-even month", "never" if even is None else even)
            yield _cell(name, swing.name, f"{end}, saving", saving, currency)
    for item in part.inputs:
        yield _cell(name, item.name, f"value from {item.source}", item.value, item.unit)


def _detail_cells(part: str, detail: Detail | NotComputable, report: Report) -> Iterator[Cells]:
    if not isinstance(detail, Detail):
        if detail != NOT_IN_REPORT:
            yield _cell(part, report.period_label, part, detail)
        return
    for group in detail.groups:
        for row in group.rows:
            yield from _detail_row_cells(part, row, report.currency)
        yield from _detail_row_cells(f"{part}, subtotal", group.subtotal, report.currency)
    yield from _detail_row_cells(f"{part}, total", detail.total, report.currency)


def _detail_row_cells(part: str, row: DetailRow, currency: str) -> Iterator[Cells]:
    name = f"{row.group}, {row.name}" if row.group and row.group != row.name else row.name
    yield from _figures(
        part,
        name,
        currency,
        previous=row.previous,
        to_date=row.to_date,
        forecast=row.forecast,
        change=row.change,
    )
    yield _cell(part, name, "change_ratio", row.change_ratio, "ratio")


def _accuracy_cells(report: Report) -> Iterator[Cells]:
    if not isinstance(report.accuracy, Accuracy):
        yield _cell("accuracy", report.period_label, "accuracy", report.accuracy)
        return
    for past in report.accuracy.months:
        for name in ("forecast", "low_80", "high_80", "actual", "naive"):
            yield _cell("accuracy", past.month, name, getattr(past, name), report.currency)
    yield _cell("accuracy", "all months", "error_ratio", report.accuracy.error_ratio, "ratio")
    yield _cell("accuracy", "all months", "naive_error_ratio", report.accuracy.naive_error_ratio, "ratio")


def _issued_cells(report: Report) -> Iterator[Cells]:
    for line in report.issued:
        name = f"{line.period}, {line.stage}"
        for field in ("forecasts", "hits_80", "hits_95"):
            yield _cell("issued", name, field, Decimal(getattr(line, field)), "count")
        for field in ("variance", "error", "run_rate", "seasonal_naive"):
            if (value := getattr(line, field)) is not None:
                yield _cell("issued", name, field, value, "ratio")
    for event in report.events:
        yield from _figures("events", event.name, report.currency, month=event.month, year=event.year)


def _reconciliation_cells(reconciliation: Reconciliation, currency: str) -> Iterator[Cells]:
    for row in reconciliation.rows:
        name = f"{row.source}, {row.month}"
        for field in ("export", "table", "allocated", "unallocated", "difference"):
            yield from _optional("reconciliation", name, field, getattr(row, field), row.currency)
    for step in reconciliation.steps:
        yield _cell("bridge", step.name, "amount", step.amount, currency)


def _data_cells(report: Report) -> Iterator[Cells]:
    if isinstance(report.method, Method):
        yield _cell("method", "total", "history_days", report.method.history.days, "days")
        yield _cell("method", "total", "draws", report.method.draws)
        yield _cell("method", "total", "seed", report.method.seed)
    for item in report.assumptions:
        yield _cell("assumptions", item.name, f"value from {item.source}", item.value, item.unit)
    for check in report.data_quality:
        yield _cell("data quality", check.name, check.result, check.value)
    yield _cell("data quality", report.period_label, "allocation_coverage", report.allocation_coverage, "ratio")
    for source in report.freshness:
        yield from _optional("sources", source.source, "data_to", source.data_to)
        yield _cell("sources", source.source, "deliveries", source.deliveries)
        yield _cell("sources", source.source, "rows", source.rows)
    for finding in report.findings:
        yield from _optional("findings", finding.rule, "rows", finding.rows)
        yield from _optional("findings", finding.rule, "cost", finding.cost, finding.currency or report.currency)


def _figures(part: str, name: str, unit: str, **figures: Figure) -> Iterable[Cells]:
    return (_cell(part, name, field, figure, unit) for field, figure in figures.items())


def _optional(part: str, name: str, field: str, value: Decimal | date | int | None, unit: str = "") -> Iterator[Cells]:
    if value is not None:
        yield _cell(part, name, field, value, unit)


def _cell(part: str, name: str, field: str, value: Figure | Decimal | date | int | str, unit: str = "") -> Cells:
    return (part, _harmless(name), _harmless(field), _value(value), _harmless(unit))


def _value(value: Figure | Decimal | date | int | str) -> str:
    if isinstance(value, Amount):
        return digits(value.exact)
    if isinstance(value, NotComputable):
        return _harmless(f"not computable: {value.reason}")
    if isinstance(value, Decimal):
        return digits(value)
    if isinstance(value, date):
        return value.isoformat()
    return _harmless(value) if isinstance(value, str) else str(value)


def _harmless(text: str) -> str:
    """Text no spreadsheet takes for a formula.

    >>> _harmless("=1+1")
    "'=1+1"
    """
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
