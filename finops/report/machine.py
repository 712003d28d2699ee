"""Machine: a report as JSON with a published schema, and as CSV with every number it prints.

Nothing here is localised: a point for decimals, ISO dates, amounts as text so that no reader rounds them.
"""

import csv
import dataclasses
import io
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from finops.report import records
from finops.report.model import (
    SCHEMA,
    Accuracy,
    Amount,
    Fan,
    Figure,
    Method,
    NotComputable,
    Reconciliation,
    Report,
    VarianceRow,
    Verdict,
)
from finops.report.records import digits

_PAIRS: Final = {
    (Verdict, "drivers"): ("name", "gap"),
    (Method, "models"): ("series", "model", "fallback_reason"),
}
"""Fields that hold plain tuples, and what their places are called."""

SCHEMA_DOCUMENT: Final = records.schema_document(Report, schema=SCHEMA, title="A finops report", pairs=_PAIRS)
"""JSON Schema (draft 2020-12) of what `to_json` writes."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")

Cells = tuple[str, str, str, str, str]
"""Part, name, field, value, unit."""


def to_json(report: Report) -> str:
    """The report as JSON that `SCHEMA_DOCUMENT` describes: amounts as decimal text, dates ISO.

    The same report gives the same text; a figure that could not be computed is `{"not_computable": reason}`.
    """
    return records.to_json(report, schema=SCHEMA, pairs=_PAIRS) + "\n"


def to_csv(report: Report) -> bytes:
    """Every number the report prints, unrounded, one per line: part, name, field, value, unit.

    Text that a spreadsheet would run as a formula is made harmless with a leading apostrophe.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(("part", "name", "field", "value", "unit"))
    writer.writerows(_cells(report))
    return text.getvalue().encode("utf-8", errors="replace")


# CSV


def _cells(report: Report) -> Iterator[Cells]:
    yield from _verdict_cells(report)
    yield from _key_figure_cells(report)
    yield from _fan_cells(report)
    for row in (*report.variance.rows, report.variance.total):
        yield from _variance_cells(row, report.currency)
    yield from _budget_cells(report)
    yield from _accuracy_cells(report)
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


def _accuracy_cells(report: Report) -> Iterator[Cells]:
    if not isinstance(report.accuracy, Accuracy):
        yield _cell("accuracy", report.period_label, "accuracy", report.accuracy)
        return
    for past in report.accuracy.months:
        for name in ("forecast", "low_80", "high_80", "actual", "naive"):
            yield _cell("accuracy", past.month, name, getattr(past, name), report.currency)
    yield _cell("accuracy", "all months", "error_ratio", report.accuracy.error_ratio, "ratio")
    yield _cell("accuracy", "all months", "naive_error_ratio", report.accuracy.naive_error_ratio, "ratio")


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
