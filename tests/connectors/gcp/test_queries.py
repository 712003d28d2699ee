"""The SQL that BigQuery is asked, in files beside this one; and the mapping, which compiles for BigQuery as for DuckDB.

`FINOPS_UPDATE_GOLDEN=1` writes the files anew; their difference is read like code.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import ibis
import pytest
import sqlglot

from finops.connector import RawTable
from finops_gcp import fields, mapping, queries, staged
from finops_gcp.export_table import ExportTable, TableName

from .conftest import json_lines
from .fake_bigquery import to_duckdb

if TYPE_CHECKING:
    from .conftest import Bench

GOLDEN = Path(__file__).with_name("golden")
NEWEST = datetime(2026, 2, 3, 4, 5, 6, 123456, tzinfo=UTC)
LOADED = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 3, tzinfo=UTC))

_NUMBERS = {"cost", "cost_at_list", "usage.amount", "price.list_price", "currency_conversion_rate"}
_TIMES = {"usage_start_time", "usage_end_time", "export_time"}
_PAIRS = "array<struct<key: string, value: string>>"
_LISTS = {
    "labels": _PAIRS,
    "project.labels": _PAIRS,
    "system_labels": _PAIRS,
    "tags": "array<struct<key: string, value: string, inherited: boolean, namespace: string>>",
    "credits": "array<struct<name: string, amount: float64, full_name: string, id: string, type: string>>",
}
TYPES = {
    **{name: "float64" if name in _NUMBERS else "string" for name in fields.SCALARS},
    **dict.fromkeys(_TIMES, "timestamp('UTC')"),
    **_LISTS,
}


def table(name: str = "gcp_billing_export_resource_v1_01A7C4_9E52B0_3D61F8") -> ExportTable:
    return ExportTable(
        name=TableName(project="acme-billing", dataset="billing", table=name),
        types=TYPES,
        partition="_PARTITIONTIME",
        rows=1,
        changed="1",
        location="EU",
        expires=False,
    )


TOLD = (
    "BilledCost", "EffectiveCost", "SubAccountId", "ChargeCategory", "ChargeClass", "CommitmentDiscountId",
    "CommitmentDiscountStatus", "PublisherName", "x_LineItemType",
)  # fmt: skip
"""Columns of the normalisation that are shown as SQL; all of it would be 4000 lines."""


def mapped() -> ibis.Table:
    """The whole normalisation, over the staged tables."""
    charges, links = (
        RawTable(name=name, files=(), format="parquet", columns=columns).table()
        for name, columns in ((staged.CHARGES, staged.COLUMNS), (staged.LINKS, staged.LINK_COLUMNS))
    )
    return mapping.to_focus(charges, links)


def focus_table() -> ExportTable:
    """Google's FOCUS export, as BigQuery describes it."""
    name = table("gcp_billing_export_focus_01A7C4_9E52B0_3D61F8").name
    numeric = {name for name in fields.FOCUS_SCALARS if name.endswith(("Cost", "Price", "Quantity"))}
    times = {name for name in fields.FOCUS_SCALARS if name.endswith(("Start", "End", "Time"))}
    pairs = "array<struct<Key: string, Value: string>>"
    types = {
        **dict.fromkeys(fields.FOCUS_SCALARS, "string"),
        **dict.fromkeys(numeric, "decimal(38, 9)"),
        **dict.fromkeys(times, "timestamp('UTC')"),
        "x_Labels": pairs,
        "x_Credits": "array<struct<Name: string, Amount: decimal(38, 9), FullName: string, Id: string, Type: string>>",
    }
    return replace(table(), name=name, types=types)


OF_A_MONTH: dict[str, Any] = {"month": "202601", "newest": NEWEST, "loaded": LOADED}
STATEMENTS: dict[str, Callable[[], str]] = {
    "survey.sql": lambda: queries.survey(table(), after=None),
    "survey_since.sql": lambda: queries.survey(table(), after=NEWEST),
    "rows.sql": lambda: queries.rows(table(), **OF_A_MONTH),
    "totals.sql": lambda: queries.totals(table(), **OF_A_MONTH),
    "focus_export_survey.sql": lambda: queries.survey(focus_table(), after=NEWEST),
    "focus_export_rows.sql": lambda: queries.rows(focus_table(), **OF_A_MONTH),
    "focus_export_totals.sql": lambda: queries.totals(focus_table(), **OF_A_MONTH),
    "focus.sql": lambda: str(ibis.to_sql(mapped().select(*TOLD), dialect="bigquery")),
}
"""Every statement, by the name of its file."""


@pytest.mark.parametrize("name", STATEMENTS)
def test_the_sql_for_bigquery_is_what_the_file_says(name: str) -> None:
    found = STATEMENTS[name]() + "\n"
    if os.environ.get("FINOPS_UPDATE_GOLDEN"):
        (GOLDEN / name).write_text(found)
    assert found == (GOLDEN / name).read_text()
    assert sqlglot.parse_one(found, read="bigquery").find(sqlglot.exp.Select)


def test_the_normalisation_of_bigquery_gives_the_rows_of_duckdb(bench: "Bench") -> None:
    """The SQL for BigQuery, run on DuckDB over the same staged rows."""
    ram = {"id": "F", "description": "Commitment v1: Cpu in Frankfurt for 1 Year"}
    covered = {"credits": [{"type": "COMMITTED_USAGE_DISCOUNT", "amount": -6.5}]}
    given = {"credits": [{"type": "PROMOTION", "amount": -1e-06}, {"type": "DISCOUNT", "amount": -2}]}
    tax = {"cost_type": "tax", "project": None, "cost": "0.1234567890123456785"}
    connector = bench.connector(bench.file(json_lines({"sku": ram, "cost": 40}, covered, given, tax)))
    raw = connector.fetch(connector.deliveries()[0])
    bench.engine.bind(raw)
    expression = connector.to_focus(raw).select(*TOLD)
    expected = bench.engine.rows(expression)
    with duckdb.connect() as connection:
        for staged_table in raw.tables:
            (path,) = staged_table.files
            connection.execute(f"CREATE VIEW \"{staged_table.name}\" AS FROM read_parquet('{path}')")
        found = connection.sql(to_duckdb(str(ibis.to_sql(expression, dialect="bigquery")))).to_arrow_table()
    assert found.num_rows == 6
    assert _in_order(found.to_pylist()) == _in_order(expected)


def _in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (row["ChargeCategory"], row["BilledCost"], row["EffectiveCost"]))


def test_a_month_in_quotes_stays_a_text() -> None:
    hostile = "2026' OR 1=1 --\\"
    for sql in (
        queries.rows(table(), month=hostile, newest=NEWEST, loaded=LOADED),
        queries.totals(table(), month=hostile, newest=NEWEST, loaded=LOADED),
    ):
        literals = [node.this for node in sqlglot.parse_one(sql, read="bigquery").find_all(sqlglot.exp.Literal)]
        assert hostile in literals
