"""One month as a legacy CUR: CSV parts in an assembly folder, and an older assembly that AWS left behind."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from bill import company, files, identity, period
from bill.aws_line import CurLine
from bill.truth import MonthTotal

PREFIX = "billing"
REPORT = "wielrijk-cur"
_BUCKET = "wielrijk-billing-reports"
_SUPERSEDED_DAYS = 3
_NOT_IN_LEGACY = frozenset(
    {
        "bill_payer_account_name",
        "line_item_usage_account_name",
        "discount_bundled_discount",
        "discount_total_discount",
        "pricing_currency",
        "product_pricing_unit",
    }
)
_MAPS = frozenset({"product", "discount", "cost_category", "resource_tags"})
_CATEGORIES = {
    "identity": "identity",
    "bill": "bill",
    "line_item": "lineItem",
    "product": "product",
    "pricing": "pricing",
    "reservation": "reservation",
    "savings_plan": "savingsPlan",
}
_SPELLING = {
    "reservation/ReservationARN": "reservation/ReservationARN",
    "pricing/Unit": "pricing/unit",
    "pricing/Term": "pricing/term",
    "pricing/PublicOnDemandCost": "pricing/publicOnDemandCost",
    "pricing/PublicOnDemandRate": "pricing/publicOnDemandRate",
}


def write(folder: Path, month: str, lines: Sequence[CurLine]) -> MonthTotal:
    """Write one billing period: the current assembly in two parts, and the superseded one.

    Args:
        folder: stands for the bucket.
        month: billing month.
        lines: every line item of it.
    """
    columns = _columns(lines)
    early = period.midnight(period.month_start(month)) + timedelta(days=_SUPERSEDED_DAYS)
    older = [line for line in lines if line.line_item_usage_end_date <= early]
    _write_assembly(folder, month, columns, [older], identity.guid("assembly", month, 1))
    half = len(lines) // 2
    current = identity.guid("assembly", month, 2)
    manifest = _write_assembly(folder, month, columns, [lines[:half], lines[half:]], current)
    files.write_json(folder / _base(month) / f"{REPORT}-Manifest.json", manifest)
    return MonthTotal(
        month=month,
        currency=company.CURRENCY["aws"],
        rows=len(lines),
        amounts={"billed": sum((line.line_item_unblended_cost for line in lines), Decimal(0))},
    )


def _write_assembly(
    folder: Path, month: str, columns: Mapping[str, str], parts: Sequence[Sequence[CurLine]], assembly: str
) -> dict[str, object]:
    base = _base(month)
    keys = []
    for number, part in enumerate(parts, start=1):
        key = base / assembly / f"{REPORT}-{number:05d}.csv.gz"
        files.write_gzip(folder / key, _csv(columns, part))
        keys.append(key.as_posix())
    manifest = _manifest(month, columns, keys, assembly)
    files.write_json(folder / base / assembly / f"{REPORT}-Manifest.json", manifest)
    return manifest


def _columns(lines: Sequence[CurLine]) -> dict[str, str]:
    """Header to CUR 2.0 column; keys of maps become `map.key`. Only what the month uses, as in a real report."""
    columns = {}
    for name in CurLine.__dataclass_fields__:
        if name in _NOT_IN_LEGACY or name in _MAPS:
            continue
        if any(_text(getattr(line, name)) not in {"", "0"} for line in lines):
            columns[_header(name)] = name
    attributes = sorted({key for line in lines for key in line.product})
    tags = sorted({key for line in lines for key in line.resource_tags})
    columns |= {_attribute(key): f"product.{key}" for key in attributes if key != "region"}
    columns["product/region"] = "product.region"
    columns |= {f"resourceTags/{key.replace('user_', 'user:', 1)}": f"resource_tags.{key}" for key in tags}
    return columns


def _header(name: str) -> str:
    """Legacy spelling of a CUR 2.0 column.

    >>> _header("line_item_usage_account_id"), _header("product_region_code")
    ('lineItem/UsageAccountId', 'product/regionCode')
    >>> _header("savings_plan_savings_plan_a_r_n")
    'savingsPlan/SavingsPlanARN'
    """
    prefix = next(key for key in _CATEGORIES if name.startswith(f"{key}_"))
    words = name.removeprefix(f"{prefix}_").split("_")
    rest = "".join(word.capitalize() for word in words)
    if prefix == "product":
        rest = rest[0].lower() + rest[1:]
    header = f"{_CATEGORIES[prefix]}/{rest}"
    return _SPELLING.get(header, header)


def _attribute(key: str) -> str:
    first, *rest = key.split("_")
    name = "ProductName" if key == "product_name" else first + "".join(word.capitalize() for word in rest)
    return f"product/{name}"


def _csv(columns: Mapping[str, str], lines: Sequence[CurLine]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for line in lines:
        writer.writerow([_cell(line, source) for source in columns.values()])
    return text.getvalue()


def _cell(line: CurLine, source: str) -> str:
    name, _, key = source.partition(".")
    value = getattr(line, name)
    return _text(value.get(key) if key else value)


def _text(value: object) -> str:
    """A cell: plain decimals, times with T and Z, nothing for nothing."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _manifest(month: str, columns: Mapping[str, str], keys: Sequence[str], assembly: str) -> dict[str, object]:
    start, end = period.month_start(month), period.month_end(month)
    return {
        "assemblyId": assembly,
        "account": company.PAYER,
        "columns": [_manifest_column(header) for header in columns],
        "charset": "UTF-8",
        "compression": "GZIP",
        "contentType": "text/csv",
        "reportId": identity.hexadecimal(64, "report", REPORT),
        "reportName": REPORT,
        "billingPeriod": {"start": f"{start:%Y%m%d}T000000.000Z", "end": f"{end:%Y%m%d}T000000.000Z"},
        "bucket": _BUCKET,
        "reportKeys": list(keys),
        "additionalArtifactKeys": [],
    }


def _manifest_column(header: str) -> dict[str, str]:
    category, _, name = header.partition("/")
    return {"category": category, "name": name}


def _base(month: str) -> Path:
    return Path(PREFIX) / REPORT / f"{period.month_start(month):%Y%m%d}-{period.month_end(month):%Y%m%d}"
