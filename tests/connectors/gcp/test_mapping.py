"""Records in, FOCUS rows out."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import ibis

from finops.focus.columns import SERVICE_CATEGORIES
from finops_gcp import mapping, services, staged

if TYPE_CHECKING:
    from .conftest import Bench


def test_a_plain_record_becomes_a_row_of_usage(bench: "Bench") -> None:
    row = bench.read_records({}).row
    expected = {
        "AvailabilityZone": "europe-west3-a",
        "BilledCost": Decimal(10),
        "BillingAccountId": "01A7C4-9E52B0-3D61F8",
        "BillingCurrency": "EUR",
        "BillingPeriodEnd": datetime(2026, 2, 1, tzinfo=UTC),
        "BillingPeriodStart": datetime(2026, 1, 1, tzinfo=UTC),
        "ChargeCategory": "Usage",
        "ChargeClass": None,
        "ChargeDescription": "N2 Instance Core running in Frankfurt",
        "ChargeFrequency": "Usage-Based",
        "ChargePeriodStart": datetime(2026, 1, 5, 10, tzinfo=UTC),
        "CommitmentDiscountId": None,
        "ConsumedQuantity": 3600.0,
        "ConsumedUnit": "seconds",
        "ContractedCost": Decimal(10),
        "EffectiveCost": Decimal(10),
        "ListCost": Decimal(10),
        "PricingCategory": "Standard",
        "PricingQuantity": 1.0,
        "PricingUnit": "hour",
        "ProviderName": "Google Cloud",
        "PublisherName": "Google",
        "RegionId": "europe-west3",
        "ResourceId": None,
        "ServiceCategory": "Compute",
        "ServiceName": "Compute Engine",
        "SubAccountId": "search-prod",
        "SubAccountName": "Search",
        "Tags": None,
        "x_BillingTimeZone": "America/Los_Angeles",
        "x_ExchangeRateFromUsd": Decimal("0.86"),
        "x_ExportTime": datetime(2026, 1, 5, 15, tzinfo=UTC),
        "x_LineItemType": "regular",
        "x_ServiceCode": "6F81-5844-456A",
    }
    assert {name: row[name] for name in expected} == expected


RULES: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
    ({"cost_type": "tax", "project": None}, {"ChargeCategory": "Tax", "SubAccountId": None, "PricingQuantity": None}),
    ({"cost_type": "rounding_error"}, {"ChargeCategory": "Adjustment", "PricingCategory": None}),
    ({"cost_type": None}, {"ChargeCategory": "Usage", "x_LineItemType": "regular"}),
    ({"project": {"id": "p"}}, {"SubAccountName": "p"}),
    ({"location": {"region": "us-east4-a", "zone": "us-east4-a"}}, {"RegionId": "us-east4", "RegionName": "us-east4"}),
    (
        {"credits": [{"type": "COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE", "amount": -1}]},
        {"PricingCategory": "Committed", "CommitmentDiscountId": None, "CommitmentDiscountStatus": None},
    ),
    ({"location": {"location": "global"}}, {"RegionId": None, "RegionName": None}),
    ({"sku": {"id": "s", "description": "Spot Preemptible N2 Core"}}, {"PricingCategory": "Dynamic"}),
    (
        {"sku": {"id": "s", "description": "Enterprise 3 Year Commitment"}},
        {"ChargeCategory": "Purchase", "ConsumedQuantity": None, "ChargeFrequency": "Recurring"},
    ),
    (
        {"subscription": {"instance_id": "sub-1"}},
        {"ChargeCategory": "Purchase", "CommitmentDiscountId": "sub-1", "CommitmentDiscountStatus": None},
    ),
    ({"transaction_type": "THIRD_PARTY_RESELLER", "seller_name": "Acme"}, {"PublisherName": "Acme"}),
    ({"cost_at_list": 12.5}, {"ListCost": Decimal("12.5"), "ContractedCost": Decimal(10)}),
    ({"usage_end_time": "2026-01-05 10:00:00 UTC"}, {"ChargePeriodEnd": datetime(2026, 1, 5, 11, tzinfo=UTC)}),
    (
        {"service": {"id": "X", "description": "Acme Index"}},
        {"ServiceCategory": "Other", "ServiceSubcategory": "Other (Other)"},
    ),
    (
        {"price": {"list_price": "0.6", "effective_price": "0.5", "pricing_unit_quantity": "1000"}},
        {"ListUnitPrice": Decimal("0.0006"), "ContractedUnitPrice": Decimal("0.0005")},
    ),
    (
        {"resource": {"name": "vm-1", "global_name": "//compute.googleapis.com/projects/p/zones/z/instances/1"}},
        {"ResourceName": "vm-1", "ResourceType": "instances"},
    ),
    (
        {"system_labels": [{"key": "compute.googleapis.com/machine_spec", "value": "n2-standard-4"}]},
        {"x_InstanceType": "n2-standard-4"},
    ),
)
"""Changes of the plain record, and what they change in its row."""


def test_fields_decide_what_a_row_is(bench: "Bench") -> None:
    reads = bench.read_each(*(changes for changes, _ in RULES))
    found = [{name: read.row[name] for name in expected} for read, (_, expected) in zip(reads, RULES, strict=True)]
    assert found == [expected for _, expected in RULES]


def test_a_modified_charge_is_a_correction_when_its_month_was_invoiced_before(bench: "Bench") -> None:
    modified = {"id": "a1", "mode": "COMPLETE_NEGATION", "type": "USAGE_CORRECTION", "description": "Wrong meter"}
    months = {"202602": "Correction", "202601": None}
    reads = bench.read_each(*({"adjustment_info": modified, "invoice": {"month": month}} for month in months))
    assert [read.row["ChargeClass"] for read in reads] == list(months.values())
    assert {read.row["x_AdjustmentReason"] for read in reads} == {"Wrong meter"}


def test_without_an_invoice_month_the_pacific_month_of_the_usage_is_taken(bench: "Bench") -> None:
    months = {
        "2026-02-01 07:59:59 UTC": 1,
        "2026-02-01 08:00:00 UTC": 2,
        "2026-08-01T06:59:59Z": 7,
        "2026-08-01T07:00:00Z": 8,
        "2026-12-01 07:30:00 UTC": 11,
    }
    reads = bench.read_each(*({"invoice": None, "usage_start_time": start} for start in months))
    assert [read.row["BillingPeriodStart"].month for read in reads] == list(months.values())
    assert reads[0].finding("gcp.invoice-month-missing").rows == len(months)


def test_the_invoice_month_decides_not_the_usage(bench: "Bench") -> None:
    read = bench.read_records({"invoice": {"month": "202512"}}, {"invoice": {"month": "202602"}})
    assert set(read.control.billed) == {("EUR", "2025-12"), ("EUR", "2026-02")}


def test_the_mapping_compiles_for_other_engines() -> None:
    tables = [
        ibis.table(dict(columns), name=name) for name, columns in (("c", staged.COLUMNS), ("l", staged.LINK_COLUMNS))
    ]
    for dialect in ("duckdb", "trino", "databricks"):
        assert "link_key" in ibis.to_sql(mapping.to_focus(*tables), dialect=dialect)


def test_every_service_has_one_category_of_the_specification() -> None:
    names = [name for group in services.CATEGORIES.values() for name in group]
    assert len(names) == len(set(names))
    assert set(services.CATEGORIES) <= set(SERVICE_CATEGORIES)
