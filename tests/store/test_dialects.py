"""The definitions compile for warehouses too: what they become is kept as text, and read like a page."""

from pathlib import Path

import ibis
import pytest
import sqlglot

from finops import allocation
from finops.allocation import Condition, Rule, Rules
from finops.connector import Delivery, RawExport, RawTable
from finops.focus import columns
from finops_aws.mapping import focus_rows
from tests import golden

GOLDEN = Path(__file__).parent / "golden"
WAREHOUSES = ("bigquery", "databricks", "trino")  # Athena speaks Trino's dialect
RULES = Rules(
    projects=(
        Rule(name="search", any_of=(Condition(field="tag", key="project", values=("search",)),)),
        Rule(name="llm", any_of=(Condition(field="account", values=("111122223333",)),)),
    )
)
MOMENT, TAGS = "timestamp('UTC')", "map<string, string>"
CUR = {
    "bill_payer_account_id": "string",
    "bill_billing_period_start_date": MOMENT,
    "bill_billing_period_end_date": MOMENT,
    "line_item_usage_account_id": "string",
    "line_item_line_item_type": "string",
    "line_item_usage_start_date": MOMENT,
    "line_item_usage_end_date": MOMENT,
    "line_item_product_code": "string",
    "line_item_currency_code": "string",
    "line_item_unblended_cost": "float64",
    "line_item_net_unblended_cost": "float64",
    "savings_plan_savings_plan_a_r_n": "string",
    "savings_plan_savings_plan_effective_cost": "float64",
    "resource_tags": TAGS,
}


def daily() -> ibis.Table:
    """Rows of `cost` as rows of `allocated`; whose a key is comes from a table, as it does everywhere."""
    cost = ibis.table({column.name: column.type for column in (*columns.STORED, *columns.PARTITIONS)}, name="cost")
    grouped = allocation.grouped(cost, RULES, (("Tags", allocation.kept_tags(cost, RULES)),))
    keys = [f"k{at}" for at in range(len(RULES.columns))]
    owners = ibis.table(dict.fromkeys((*keys, *allocation.RESULT, "x_Shared"), "string"), name="owners")
    return allocation.allocated(allocation.direct(grouped, owners, RULES), None, RULES)


@pytest.mark.parametrize("dialect", WAREHOUSES)
def test_the_sql_of_the_daily_table_is_what_the_file_says(dialect: str, request: pytest.FixtureRequest) -> None:
    found = f"{ibis.to_sql(daily(), dialect=dialect)}\n"
    file = GOLDEN / f"allocated.{dialect}.sql"
    if request.config.getoption(golden.UPDATE):
        file.write_bytes(found.encode())
    assert found == file.read_bytes().decode()  # as bytes: a literal holds a carriage return
    assert sqlglot.parse_one(found, read=dialect).find(sqlglot.exp.Group)


@pytest.mark.parametrize("dialect", ["databricks", "trino"])
def test_the_mapping_of_aws_compiles_where_its_exports_are_queried(dialect: str) -> None:
    """Its SQL is thousands of lines long, so it is parsed and not kept."""
    tables = (
        RawTable(name="line_items", files=(), format="parquet", columns=CUR),
        RawTable(name="aws_services", files=(), format="parquet", columns={"service": "string", "category": "string"}),
    )
    raw = RawExport(delivery=Delivery(key="k", fingerprint="f", files=()), tables=tables)
    text = str(ibis.to_sql(focus_rows(raw, "USD"), dialect=dialect))
    read = sqlglot.parse_one(text, read=dialect)
    assert {table.name for table in read.find_all(sqlglot.exp.Table)} >= {"line_items", "aws_services"}
