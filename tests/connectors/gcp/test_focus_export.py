"""Google's FOCUS export: the same rows as the detailed export it is made of, wherever it comes from."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from finops.errors import BillError, ConfigurationError

from .google_focus import SCHEMA, focus, parquet

if TYPE_CHECKING:
    from .conftest import Bench


@pytest.fixture
def bill(records: Callable[..., dict[str, Any]]) -> list[dict[str, Any]]:
    """A month of the detailed export with everything that the two kinds of export write differently."""
    offset = [{"name": "offset", "type": "FEE_UTILIZATION_OFFSET", "amount": -4.5, "id": "sub-1"}]
    flexible = {"id": "5FFF-AA00-0001", "description": "Compute Flexible CUD 1 Year"}
    found = [
        records(
            resource={"name": "vm-1", "global_name": "//compute.googleapis.com/projects/p/zones/z/instances/1"},
            price={"effective_price": 10.0, "list_price": 12.5, "pricing_unit_quantity": 1},
            labels=[{"key": "team", "value": "a"}],
            system_labels=[{"key": "compute.googleapis.com/machine_spec", "value": "n2-standard-4"}],
            project={"id": "search-prod", "name": "Search", "labels": [{"key": "env", "value": "prod"}]},
            tags=[{"key": "cost-centre", "value": "7", "inherited": True, "namespace": "123"}],
            credits=[{"name": "Negotiated", "type": "DISCOUNT", "amount": -1.5}],
        ),
        records(
            cost=1.2,
            usage={"amount": 3e6, "unit": "requests", "amount_in_pricing_units": 3e6, "pricing_unit": "requests"},
            price={"effective_price": 0.4, "list_price": 0.4, "pricing_unit_quantity": 1_000_000},
            credits=[{"name": "Trial", "full_name": "Free trial", "type": "PROMOTION", "amount": -1.2}],
        ),
        records(
            cost=6.0,
            project=None,
            sku={"id": "FEE0-0000-0001", "description": "Commitment - dollar based v1: Compute for 1 year"},
            subscription={"instance_id": "sub-1"},
            credits=offset,
        ),
        records(cost=4.5, consumption_model=flexible, cost_at_effective_price_default=5.0),
        records(cost=1.9, cost_type="tax", project=None, sku={"id": "TAX", "description": "VAT"}),
        records(cost=-0.000004, cost_type="rounding_error", project=None),
        records(cost=-2.0, adjustment_info={"mode": "correction"}, usage_start_time="2025-12-20 10:00:00 UTC"),
        records(cost=3.0, transaction_type="THIRD_PARTY_RESELLER", seller_name="Seller Ltd"),
    ]
    plain = {"pricing_unit_quantity": 1}
    return [{"price": {**plain, "effective_price": one["cost"], "list_price": one["cost"]}, **one} for one in found]


_TELLING = ("x_Delivery", "x_AdjustmentReason")


def told(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows without what names their file, in an order of their own."""
    plain = [{name: cell for name, cell in row.items() if name not in _TELLING} for row in rows]
    return sorted(plain, key=lambda row: json.dumps(row, default=str, sort_keys=True))


def test_a_file_of_the_focus_export_gives_the_rows_of_the_detailed_one(
    bench: "Bench", bill: list[dict[str, Any]]
) -> None:
    detailed = bench.read(bench.file("".join(json.dumps(row) + "\n" for row in bill), "detailed.jsonl"))
    read = bench.read(bench.file(parquet(*map(focus, bill)), "focus.parquet"))
    assert told(read.rows) == told(detailed.rows)
    assert read.findings == detailed.findings
    assert read.control.billed == detailed.control.billed
    assert {row["PricingQuantity"] for row in read.rows} > {3e6}


def test_the_six_deviations_are_corrected(bench: "Bench", bill: list[dict[str, Any]]) -> None:
    rows = bench.read(bench.file(parquet(*map(focus, bill)), "focus.parquet")).rows
    assert {row["ChargeCategory"] for row in rows} == {"Usage", "Purchase", "Credit", "Tax", "Adjustment"}
    assert {row["BillingPeriodStart"].isoformat() for row in rows} == {"2026-01-01T00:00:00+00:00"}
    assert {row["BillingPeriodEnd"].isoformat() for row in rows} == {"2026-02-01T00:00:00+00:00"}
    assert {row["SubAccountId"] for row in rows} == {"search-prod", None}
    (fee,) = (row for row in rows if row["ChargeCategory"] == "Purchase")
    assert (fee["BilledCost"], fee["EffectiveCost"]) == (6, 0)
    (requests,) = (row for row in rows if row["ConsumedUnit"] == "requests")
    assert requests["PricingQuantity"] == 3e6
    assert requests["ContractedUnitPrice"] * 3_000_000 == requests["ContractedCost"]
    assert [row["ChargeClass"] for row in rows if row["BilledCost"] == -2] == ["Correction"]


def test_a_quantity_that_is_none_of_a_block_stays(bench: "Bench", records: Callable[..., dict[str, Any]]) -> None:
    usage = records(cost=36.5, price={"effective_price": 0.05})
    row = bench.read(bench.file(parquet(focus(usage, PricingQuantity=Decimal(730))), "focus.parquet")).row
    assert (row["PricingQuantity"], row["ContractedUnitPrice"]) == (730, Decimal("0.05"))


def test_the_older_view_has_its_labels_and_tags_in_one_list(
    bench: "Bench", records: Callable[..., dict[str, Any]]
) -> None:
    tag = pa.struct([(name, pa.string()) for name in ("key", "value", "x_type", "x_namespace")])
    kept = [
        column for column in SCHEMA if column.name not in {"x_Labels", "x_ProjectLabels", "x_SystemLabels", "x_Tags"}
    ]
    schema = pa.schema([*kept, pa.field("Tags", pa.list_(tag))])
    tags = [
        {"key": "team", "value": "a", "x_type": "label", "x_namespace": "n/a"},
        {"key": "team", "value": "b", "x_type": "project_label", "x_namespace": "n/a"},
        {"key": "machine", "value": "n2", "x_type": "system_label", "x_namespace": "n/a"},
        {"key": "cc", "value": "7", "x_type": "tag", "x_namespace": "12"},
    ]
    row = bench.read(bench.file(parquet(focus(records(), Tags=tags), schema=schema), "view.parquet")).row
    assert json.loads(row["Tags"]) == {"team": "a", "gcp:machine": "n2", "cc": "7"}


@pytest.mark.parametrize("start", ["2026-01-01 08:00:00 UTC", "2026-01-01T00:00:00Z"])
def test_json_and_csv_of_the_export_are_read_too(
    bench: "Bench", records: Callable[..., dict[str, Any]], csv_of: Callable[..., str], start: str
) -> None:
    cells = focus(records(cost=10.5, credits=[{"name": "N", "type": "DISCOUNT", "amount": -0.000005}]))
    plain = {name: cell for name, cell in cells.items() if not isinstance(cell, list | dict)} | {
        "x_Project": {"Id": "p-1", "Name": "One"},
        "x_Credits": [{"Name": "N", "Type": "DISCOUNT", "Amount": "-5e-06"}],
        "BillingPeriodStart": start,
    }
    text = json.dumps(plain, default=str)
    row = bench.read(bench.file(text, "focus.jsonl")).row
    assert (row["BilledCost"], row["SubAccountName"]) == (Decimal("10.499995"), "One")
    flat = {name: str(cell) for name, cell in plain.items() if name != "x_Project" and cell is not None}
    flat["x_Credits"] = json.dumps(plain["x_Credits"])
    row = bench.read(bench.file(csv_of(flat), "focus.csv")).row
    assert (row["BilledCost"], row["ContractedCost"]) == (Decimal("10.499995"), Decimal("10.5"))


def test_credits_that_are_no_list_are_a_bill_error(bench: "Bench", records: Callable[..., dict[str, Any]]) -> None:
    cells = {name: cell for name, cell in focus(records()).items() if not isinstance(cell, list | dict)}
    path = bench.file(json.dumps({**cells, "x_Credits": "[1]"}, default=str), "focus.jsonl")
    with pytest.raises(
        BillError, match=r"focus.jsonl cannot be read: at line 1 or after it, '\[1\]' is no list of records"
    ):
        bench.read(path)


@pytest.mark.parametrize("other", ["detailed", "standard"])
def test_two_kinds_of_one_account_are_told_apart_by_their_columns(
    bench: "Bench", records: Callable[..., dict[str, Any]], other: str
) -> None:
    usage = records(resource={"name": "vm-1"}) if other == "detailed" else records()
    bench.file(json.dumps(usage), "a.jsonl")
    bench.file(parquet(focus(records())), "b.parquet")
    with pytest.raises(ConfigurationError, match=rf"the {other} export \(a.jsonl\) and the FOCUS export \(b.parquet\)"):
        bench.connector(bench.folder).deliveries()


def test_files_of_one_kind_or_of_two_accounts_lie_side_by_side(
    bench: "Bench", records: Callable[..., dict[str, Any]]
) -> None:
    bench.file(json.dumps(records()), "a.jsonl")
    bench.file(json.dumps(records(price={"effective_price": 1.0})), "b.jsonl")
    bench.file(parquet(focus(records(billing_account_id="0AAAAA-000000-000000"))), "c.parquet")
    assert len(bench.connector(bench.folder).deliveries()) == 3


def test_another_providers_focus_file_is_named_with_what_reads_it(bench: "Bench") -> None:
    path = bench.file("BilledCost,BillingPeriodStart,ChargePeriodStart\n1,2026-01-01,2026-01-01\n", "azure.csv")
    with pytest.raises(BillError, match=r'another provider.s FOCUS file .set connector = "focus"'):
        bench.connector(path).deliveries()
