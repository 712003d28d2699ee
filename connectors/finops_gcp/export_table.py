"""A billing export in BigQuery: its name, its kind, and which of the fields we read it has."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from finops.errors import BillError, ConfigurationError
from finops_gcp import fields, focus_export

if TYPE_CHECKING:
    from google.cloud.bigquery import Table
    from google.cloud.bigquery.schema import SchemaField

LOAD_TIME = "_PARTITIONTIME"
"""Pseudo-column of tables that are partitioned by the day their rows were loaded, as Google's exports are."""

Kind = Literal["standard", "detailed", "focus", "view"]

_NAME = re.compile(r"(?P<project>[a-z0-9.:-]+?)[.:](?P<dataset>[A-Za-z0-9_]+)\.(?P<table>[\w-]+)")
_EXPORT = re.compile(
    r"gcp_billing_export_(?P<kind>v1|resource_v1|focus)_(?P<account>[0-9A-F]{6}_[0-9A-F]{6}_[0-9A-F]{6})",
    re.IGNORECASE,
)
_KINDS: Mapping[str, Kind] = {"v1": "standard", "resource_v1": "detailed", "focus": "focus"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TableName:
    """Where a table is."""

    project: str
    dataset: str
    table: str

    def __str__(self) -> str:
        """As `table` of a source has it."""
        return f"{self.project}.{self.dataset}.{self.table}"

    @property
    def kind(self) -> Kind:
        """By Google's naming of export tables; `view` for any other name."""
        found = _EXPORT.fullmatch(self.table)
        return _KINDS[found["kind"].lower()] if found else "view"

    @property
    def account(self) -> str | None:
        """Billing account the export is of; None where the name does not say.

        >>> TableName(project="p", dataset="d", table="gcp_billing_export_v1_01A7C4_9E52B0_3D61F8").account
        '01A7C4-9E52B0-3D61F8'
        """
        found = _EXPORT.fullmatch(self.table)
        return found["account"].upper().replace("_", "-") if found else None


def named(text: str, source: str) -> TableName:
    """The table a source names.

    Raises:
        ConfigurationError: if it is no `project.dataset.table`.
    """
    found = _NAME.fullmatch(text.strip().strip("`"))
    if found is None:
        raise NoTableName(text, source)
    return TableName(project=found["project"], dataset=found["dataset"], table=found["table"])


def told_by(file_name: str) -> TableName | None:
    """The table that a file was exported from, where its name says so; project and dataset stay empty."""
    found = _EXPORT.search(file_name)
    return TableName(project="", dataset="", table=found[0]) if found else None


class NoTableName(ConfigurationError):
    """The source's `table` names no table."""

    def __init__(self, text: str, source: str) -> None:
        super().__init__(
            f"Source {source!r} has table = {text!r}, which is no project.dataset.table.",
            'Write it as BigQuery shows it, such as "my-project.billing.gcp_billing_export_v1_012345_6789AB_CDEF01".',
        )


class NoExportTable(BillError):
    """A table that is no usage cost export."""

    def __init__(self, name: TableName, columns: list[str]) -> None:
        shown = ", ".join(columns[:6]) + (", …" if len(columns) > 6 else "")  # noqa: PLR2004 - columns shown
        super().__init__(
            f"The table {name} is no usage cost export of Google Cloud: it has the columns {shown}.",
            "Set `table` to a gcp_billing_export_v1_…, gcp_billing_export_resource_v1_… or gcp_billing_export_focus_… "
            "table, or to a view of one.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportTable:
    """An export as BigQuery describes it.

    Attributes:
        types: Ibis type of every column and part that we read, by its path such as `service.id`.
        partition: column that tells when a row was loaded; None for views and tables without one.
        rows: in it; None for views. Rows that are still being streamed do not count.
        changed: version of its content, as far as BigQuery tells.
        location: where its queries run.
        expires: whether its partitions are deleted after a time.
    """

    name: TableName
    types: Mapping[str, str]
    partition: str | None
    rows: int | None
    changed: str
    location: str | None
    expires: bool

    @property
    def kind(self) -> Literal["standard", "detailed", "focus"]:
        """Which export it is, by its columns."""
        if "BilledCost" in self.types:
            return "focus"
        return "detailed" if "resource.name" in self.types or self.name.kind == "detailed" else "standard"

    @property
    def export_time(self) -> str:
        """The column that says when a row was exported."""
        return "x_ExportTime" if self.kind == "focus" else "export_time"

    @property
    def month(self) -> str:
        """The path of what says the invoice month: itself, or the moment it starts."""
        return "BillingPeriodStart" if self.kind == "focus" else "invoice.month"


def described(name: TableName, table: "Table") -> ExportTable:
    """What BigQuery says of a table.

    Raises:
        BillError: if it is no usage cost export.
    """
    types = dict(_types(table.schema, ""))
    plain = {fields.plain(path) for path in types}
    is_usage = fields.is_export(plain) and {"invoice.month", "export_time"} <= types.keys()
    is_focus = focus_export.is_one(plain) and "x_ExportTime" in types and is_time(types["BillingPeriodStart"])
    if not is_usage and not is_focus:
        raise NoExportTable(name, [column.name for column in table.schema])
    partitioning = table.time_partitioning
    is_table = table.table_type == "TABLE"
    return ExportTable(
        name=name,
        types=types,
        partition=_partition(table),
        rows=table.num_rows if is_table else None,
        changed=f"{table.num_rows} {table.modified.isoformat() if table.modified else ''}" if is_table else "",
        location=table.location,
        expires=bool(partitioning and partitioning.expiration_ms),
    )


def is_time(kind: str) -> bool:
    """Whether a type of a column is one of moments."""
    return kind.startswith("timestamp")


def _partition(table: "Table") -> str | None:
    """The column of moments that a table is partitioned by."""
    partitioning = table.time_partitioning
    if partitioning is None or partitioning.field is None:
        return LOAD_TIME if partitioning else None
    kinds = {column.name: column.field_type for column in table.schema}
    return partitioning.field if kinds.get(partitioning.field) == "TIMESTAMP" else None


_TYPES = {
    "STRING": "string", "FLOAT": "float64", "FLOAT64": "float64", "INTEGER": "int64", "INT64": "int64",
    "TIMESTAMP": "timestamp('UTC')", "BOOLEAN": "boolean", "BOOL": "boolean", "NUMERIC": "decimal(38, 9)",
    "BIGNUMERIC": "decimal(76, 38)", "DATE": "date",
}  # fmt: skip


def _types(schema: "list[SchemaField]", prefix: str) -> "list[tuple[str, str]]":
    found: list[tuple[str, str]] = []
    for column in schema:
        path = prefix + column.name
        if column.mode == "REPEATED":
            if path in fields.LISTS + fields.FOCUS_LISTS:
                found.append((path, f"array<{_struct(column)}>"))
        elif column.field_type in {"RECORD", "STRUCT"}:
            found += _types(list(column.fields), f"{path}.")
        elif path in fields.SCALARS + fields.FOCUS_SCALARS or (prefix == "" and fields.plain(path) in fields.KNOWN):
            found.append((path, _TYPES.get(column.field_type, "string")))
    return found


def _struct(column: "SchemaField") -> str:
    if column.field_type not in {"RECORD", "STRUCT"}:
        return _TYPES.get(column.field_type, "string")
    parts = [f"{part.name}: {_TYPES[part.field_type]}" for part in column.fields if part.field_type in _TYPES]
    return f"struct<{', '.join(parts)}>"
