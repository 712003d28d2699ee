"""CUR 2.0 as Data Exports delivers it: Parquet per billing period, and a manifest written after the data.

Layout: AWS Data Exports user guide, "Understanding export delivery" (read 2026-11), with the setting that every
execution of the export writes to a folder of its own. AWS publishes no schema of the manifest; `executionId`,
`exportArn`, `columns` and `dataFiles` are the keys that public readers of deliveries rely on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa

from bill import company, files, identity
from bill.aws_line import CurLine
from bill.truth import MonthTotal

BUCKET = "wielrijk-billing-exports"
PREFIX = "finance"
EXPORT = "wielrijk-cur2"
_MAPS = frozenset({"product", "cost_category", "resource_tags"})
_MANIFEST_TYPES = {"datetime": "timestamp", "Decimal": "double", "map": "map", "str": "string"}


def write(folder: Path, month: str, lines: Sequence[CurLine], at: datetime) -> MonthTotal:
    """Write one billing period.

    Args:
        folder: stands for the bucket.
        month: billing month.
        lines: every line item of it.
        at: when the export was executed; of several executions of a month the newest counts.
    """
    partition = f"BILLING_PERIOD={month}/{execution(month, at)}"
    data = f"{PREFIX}/{EXPORT}/data/{partition}/{EXPORT}-00001.snappy.parquet"
    manifest = f"{PREFIX}/{EXPORT}/metadata/{partition}/{EXPORT}-Manifest.json"
    files.write_parquet(folder / data, _table(lines), compression="snappy", plain=("identity_line_item_id",))
    files.write_json(folder / manifest, _manifest(month, data, at))
    return MonthTotal(
        month=month,
        currency=company.CURRENCY["aws"],
        rows=len(lines),
        amounts={"billed": sum((line.line_item_unblended_cost for line in lines), Decimal(0))},
    )


def execution(month: str, at: datetime) -> str:
    """Folder of one execution: when it began, and its id."""
    return f"{at:%Y%m%dT%H%M%SZ}-{identity.guid('execution', month, at)}"


def _table(lines: Sequence[CurLine]) -> pa.Table:
    columns = {}
    for field in fields(CurLine):
        values = [getattr(line, field.name) for line in lines]
        kind = _kind(field.name)
        if kind == "map":
            value_type = pa.float64() if field.name == "discount" else pa.string()
            columns[field.name] = pa.array([list(value.items()) for value in values], pa.map_(pa.string(), value_type))
        elif kind == "datetime":
            naive = [value.replace(tzinfo=None) for value in values]  # CUR timestamps are UTC without a zone
            columns[field.name] = pa.array(naive, pa.timestamp("ms"))
        elif kind == "Decimal":
            numbers = [None if value is None else float(value) for value in values]
            columns[field.name] = pa.array(numbers, pa.float64())
        else:
            columns[field.name] = pa.array(values, pa.string())
    return pa.table(columns)


def _manifest(month: str, data: str, at: datetime) -> dict[str, object]:
    return {
        "executionId": identity.guid("execution", month, at),
        "exportArn": f"arn:aws:bcm-data-exports:us-east-1:{company.PAYER}:export/{EXPORT}-{identity.guid(EXPORT)}",
        "columns": [{"name": field.name, "type": _MANIFEST_TYPES[_kind(field.name)]} for field in fields(CurLine)],
        "dataFiles": [f"s3://{BUCKET}/{data}"],
    }


def _kind(name: str) -> str:
    """Type of a column: `str`, `Decimal`, `datetime` or `map`."""
    declared = _DECLARED[name]
    if name == "discount" or name in _MAPS:
        return "map"
    if declared is datetime:
        return "datetime"
    return "Decimal" if "Decimal" in str(declared) else "str"


_DECLARED: Mapping[str, object] = {field.name: field.type for field in fields(CurLine)}
