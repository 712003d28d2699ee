"""Gaps of a file are filled by rule, and the rules compile for every engine's SQL."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import ibis
import pytest

from finops.connector import Delivery, RawExport, RawTable, Source
from finops.focus.columns import REQUIRED
from finops.focus.files import mapping, names

if TYPE_CHECKING:
    from .conftest import Bench

COVERED = {"BilledCost": "0", "EffectiveCost": "7", "CommitmentDiscountId": "sp-1", "CommitmentDiscountStatus": "Used"}


def test_missing_costs_repeat_billed_cost_and_covered_usage_repeats_its_effective_cost(bench: "Bench") -> None:
    gap = {"ContractedCost": "NULL", "ListCost": ""}
    read = bench.read_rows({**gap, "EffectiveCost": "", "SkuId": "alone"}, {**gap, **COVERED, "SkuId": "covered"})
    costs = {row["SkuId"]: [row[name] for name in ("EffectiveCost", "ContractedCost", "ListCost")] for row in read.rows}
    assert costs == {"alone": [Decimal(10)] * 3, "covered": [Decimal(7)] * 3}
    assert read.finding("focus.no-effective-cost").rows == 1
    assert read.finding("focus.no-contracted-cost").rows == 2
    assert read.finding("focus.no-list-cost").rows == 2


def test_a_purchase_of_a_commitment_costs_what_is_billed(bench: "Bench") -> None:
    purchase = {
        **COVERED,
        "ChargeCategory": "Purchase",
        "BilledCost": "100",
        "EffectiveCost": "0",
        "ContractedCost": "",
    }
    assert bench.read_rows(purchase).row["ContractedCost"] == 100


def test_missing_periods_come_from_their_partners(bench: "Bench") -> None:
    no_month = bench.read_rows({}, without=["BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodEnd"])
    assert no_month.row["BillingPeriodStart"] == datetime(2026, 1, 1, tzinfo=UTC)
    assert no_month.row["BillingPeriodEnd"] == datetime(2026, 2, 1, tzinfo=UTC)
    assert no_month.row["ChargePeriodEnd"] == datetime(2026, 1, 6, tzinfo=UTC)
    assert no_month.finding("focus.no-billing-period-start").rows == 1
    no_day = bench.read_rows({}, without=["ChargePeriodStart"])
    assert no_day.row["ChargePeriodStart"] == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cells", "provider"),
    [
        ({"ServiceProviderName": "Acme", "HostProviderName": "AWS", "PublisherName": "P"}, "Acme"),
        ({"ServiceProviderName": "", "HostProviderName": "AWS", "PublisherName": "P"}, "AWS"),
        ({"Publisher": "P", "InvoiceIssuer": "I"}, "P"),
        ({"InvoiceIssuerName": "I"}, "I"),
        ({}, "saas"),
    ],
)
def test_the_provider_is_whoever_is_named_first(bench: "Bench", cells: dict[str, str], provider: str) -> None:
    assert bench.read_rows(cells, without=["ProviderName"]).row["ProviderName"] == provider


def test_several_providers_in_one_file_keep_their_names(bench: "Bench") -> None:
    read = bench.read_rows({}, {"ProviderName": "Oracle"}, {"ProviderName": "NULL", "PublisherName": "Microsoft"})
    assert {row["ProviderName"] for row in read.rows} == {"AWS", "Oracle", "Microsoft"}
    assert read.finding("focus.no-provider-name").rows == 1


def test_the_providers_own_word_for_a_row_is_kept(bench: "Bench") -> None:
    assert (
        bench.read_rows({"x_ChargeType": "SavingsPlanCoveredUsage"}).row["x_LineItemType"] == "SavingsPlanCoveredUsage"
    )
    assert bench.read_rows({"ChargeCategory": "tax"}).row["x_LineItemType"] == "Tax"


def test_the_instance_type_comes_from_the_details_of_the_price(bench: "Bench") -> None:
    details = {"SkuPriceDetails": '{"CoreCount": 4, "InstanceType": "m5.xlarge"}'}
    assert bench.read_rows(details).row["x_InstanceType"] == "m5.xlarge"
    assert bench.read_rows({"SkuPriceDetails": "NULL"}).row["x_InstanceType"] is None


def test_what_every_row_must_have_is_there_even_in_the_barest_file(bench: "Bench") -> None:
    row = bench.read(bench.file("BilledCost,ChargePeriodStart\n5,2026-01-31T23:00:00Z\n"), currency="EUR").row
    assert [name for name in REQUIRED if row[name] is None] == []
    assert (row["ChargeCategory"], row["ServiceName"], row["ServiceCategory"]) == ("Usage", "saas", "Other")


@pytest.mark.parametrize("dialect", ["duckdb", "trino", "databricks"])
def test_the_mapping_compiles_for_other_engines_too(dialect: str) -> None:
    columns = dict.fromkeys(
        ("BilledCost", "BillingPeriodStart", "ChargePeriodStart", "ServiceCategory", "CommitmentDiscountId", "Tags"),
        "string",
    )
    delivery = Delivery(key="k", fingerprint="f", files=())
    table = RawTable(name=mapping.ROWS, files=(), format="parquet", columns=columns)
    raw = RawExport(delivery=delivery, tables=(table,))
    mapped = mapping.to_focus(
        raw.table(mapping.ROWS), names.layout(tuple(columns)), Source(name="s", location=None, currency="USD")
    )
    assert set(REQUIRED) <= set(mapped.columns)
    assert "focus_rows" in ibis.to_sql(mapped, dialect=dialect)
