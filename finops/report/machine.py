"""Machine: a report as JSON with a published schema, and as CSV with every number it prints.

Nothing here is localised: a point for decimals, ISO dates, amounts as text so that no reader rounds them.
"""

import csv
import dataclasses
import io
import json
import types
import typing
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

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

_PAIRS: Final = {
    (Verdict, "drivers"): ("name", "gap"),
    (Method, "models"): ("series", "model", "fallback_reason"),
}
"""Fields that hold plain tuples, and what their places are called."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")

Cells = tuple[str, str, str, str, str]
"""Part, name, field, value, unit."""


def to_json(report: Report) -> str:
    """The report as JSON that `SCHEMA_DOCUMENT` describes: amounts as decimal text, dates ISO.

    The same report gives the same text; a figure that could not be computed is `{"not_computable": reason}`.
    """
    text = json.dumps({"schema": SCHEMA, **_plain_record(report)}, ensure_ascii=False, indent=1)
    return text.encode("utf-8", errors="replace").decode("utf-8") + "\n"  # a lone surrogate in a name is no text


def to_csv(report: Report) -> bytes:
    """Every number the report prints, unrounded, one per line: part, name, field, value, unit.

    Text that a spreadsheet would run as a formula is made harmless with a leading apostrophe.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(("part", "name", "field", "value", "unit"))
    writer.writerows(_cells(report))
    return text.getvalue().encode("utf-8", errors="replace")


# JSON


def _plain(value: object) -> object:
    if isinstance(value, NotComputable):
        return {"not_computable": value.reason}
    if isinstance(value, Decimal):
        return _digits(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _plain_record(value)
    return value


def _plain_record(record: Any) -> dict[str, object]:  # noqa: ANN401 - any of the model's dataclasses
    plain: dict[str, object] = {}
    for field in dataclasses.fields(record):
        value = getattr(record, field.name)
        names = _PAIRS.get((type(record), field.name))
        if names is not None and isinstance(value, tuple):
            plain[field.name] = [dict(zip(names, map(_plain, item), strict=True)) for item in value]
        else:
            plain[field.name] = _plain(value)
    return plain


def _digits(value: Decimal) -> str:
    """Plain digits with no exponent and no negative zero.

    >>> _digits(Decimal("1E+3")), _digits(Decimal("-0.00"))
    ('1000', '0.00')
    """
    return format(value.copy_abs() if value.is_zero() else value, "f")


# The schema, read from the model so that the two cannot drift apart


def _schema_document() -> dict[str, Any]:
    definitions: dict[str, Any] = {
        "decimal": {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$", "description": "A number with every digit."}
    }
    report = _record_schema(Report, definitions)
    report["properties"] = {"schema": {"const": SCHEMA}, **report["properties"]}
    report["required"] = ["schema", *report["required"]]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:{SCHEMA.replace('/', ':')}",
        "title": "A finops report",
        **report,
        "$defs": dict(sorted(definitions.items())),
    }


def _type_schema(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401 - a type as `typing` holds it
    simple = _SIMPLE.get(kind)
    if simple is not None:
        return dict(simple)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Literal:
        return {"enum": list(arguments)}
    if origin in {typing.Union, types.UnionType}:
        return {"anyOf": [_type_schema(argument, definitions) for argument in arguments]}
    if origin is tuple:
        return {"type": "array", "items": _type_schema(arguments[0], definitions)}
    return _reference(kind, definitions)


def _reference(kind: type, definitions: dict[str, Any]) -> dict[str, Any]:
    if kind.__name__ not in definitions:
        definitions[kind.__name__] = {}  # stands in until it is known, should it hold itself
        definitions[kind.__name__] = _record_schema(kind, definitions)
    return {"$ref": f"#/$defs/{kind.__name__}"}


def _record_schema(kind: type, definitions: dict[str, Any]) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    properties = {
        ("not_computable" if kind is NotComputable else name): _field_schema(kind, name, hint, definitions)
        for name, hint in hints.items()
    }
    return {
        "type": "object",
        "description": (kind.__doc__ or "").partition("\n")[0],
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _field_schema(kind: type, name: str, hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401 - a type
    names = _PAIRS.get((kind, name))
    if names is None:
        return _type_schema(hint, definitions)
    places = typing.get_args(typing.get_args(hint)[0])
    properties = {name: _type_schema(place, definitions) for name, place in zip(names, places, strict=True)}
    item = {"type": "object", "properties": properties, "required": list(names), "additionalProperties": False}
    return {"type": "array", "items": item}


_SIMPLE: Final[dict[Any, dict[str, Any]]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    Decimal: {"$ref": "#/$defs/decimal"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
}

SCHEMA_DOCUMENT: Final[dict[str, Any]] = _schema_document()
"""JSON Schema (draft 2020-12) of what `to_json` writes."""


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
        level = f"{_digits(keys.forecast_range.level * 100)}%"
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
        return _digits(value.exact)
    if isinstance(value, NotComputable):
        return _harmless(f"not computable: {value.reason}")
    if isinstance(value, Decimal):
        return _digits(value)
    if isinstance(value, date):
        return value.isoformat()
    return _harmless(value) if isinstance(value, str) else str(value)


def _harmless(text: str) -> str:
    """Text no spreadsheet takes for a formula.

    >>> _harmless("=1+1")
    "'=1+1"
    """
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
