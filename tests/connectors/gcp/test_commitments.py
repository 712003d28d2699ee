"""Commitments by consumption model: the fee is billed once and its cost moves to what it covers, to the last digit."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.money import add
from finops_gcp.commitments import Bill, Commitments, Fee

if TYPE_CHECKING:
    from .conftest import Bench

FLEX = {"id": "5515-81A8-03A2", "description": "Compute Flexible CUD - 1 Year"}
DEFAULT = {"id": "7754-699E-0EBF", "description": "Default"}


def fee(cost: float, offset: float, **changes: object) -> dict[str, Any]:
    credits_of = [{"type": "FEE_UTILIZATION_OFFSET", "name": "Offset", "amount": offset}] if offset else []
    sku = {"id": "FEE-1", "description": "Commitment - dollar based v1: Compute"}
    plain = {"cost": cost, "sku": sku, "subscription": {"instance_id": "sub-1"}, "credits": credits_of, "usage": None}
    return {**plain, "project": {"id": "shared"}, **changes}


def covered(cost: float, at_default: float, **changes: object) -> dict[str, Any]:
    return {"cost": cost, "cost_at_effective_price_default": at_default, "consumption_model": FLEX, **changes}


def test_the_fee_is_the_purchase_covered_usage_carries_its_share_and_the_rest_is_unused(bench: "Bench") -> None:
    read = bench.read_records(
        fee(100, -72),
        covered(72, 100, project={"id": "llm"}),
        {"cost": 5, "consumption_model": DEFAULT},
        fee(10, 0, cost_type="tax", subscription=None),
    )
    names = ("BilledCost", "EffectiveCost", "ContractedCost", "CommitmentDiscountId", "CommitmentDiscountStatus")
    found = {
        (row["ChargeCategory"], row["SubAccountId"], row["PricingCategory"]): [row[name] for name in names]
        for row in read.rows
    }
    assert found == {
        ("Purchase", "shared", "Standard"): [100, 0, 100, "sub-1", None],
        ("Usage", "llm", "Committed"): [0, 72, 100, "sub-1", "Used"],
        ("Usage", "shared", "Committed"): [0, 28, 0, "sub-1", "Unused"],
        ("Usage", "search-prod", "Standard"): [5, 5, 5, None, None],
        ("Tax", "shared", None): [10, 10, 10, None, None],
    }
    assert read.sum("BilledCost") == read.sum("EffectiveCost") == 115
    assert not read.findings


def test_an_unused_row_is_its_commitment_and_consumes_nothing(bench: "Bench") -> None:
    read = bench.read_records(fee(100, -72), covered(72, 100))
    (unused,) = [row for row in read.rows if row["CommitmentDiscountStatus"] == "Unused"]
    assert (unused["ResourceId"], unused["ConsumedQuantity"], unused["PricingQuantity"], unused["PricingUnit"]) == (
        "sub-1",
        None,
        28.0,
        "EUR",
    )


def test_a_discount_on_covered_usage_stays_on_it(bench: "Bench") -> None:
    margin = [{"type": "RESELLER_MARGIN", "amount": -2}]
    read = bench.read_records(fee(80, -72), covered(72, 100, credits=margin))
    share = next(row for row in read.rows if row["CommitmentDiscountStatus"] == "Used")
    assert (share["BilledCost"], share["EffectiveCost"]) == (-2, 70)
    assert read.sum("BilledCost") == read.sum("EffectiveCost") == 78


def test_covered_usage_of_several_commitments_names_none(bench: "Bench") -> None:
    read = bench.read_records(fee(50, -30), fee(50, -42, subscription={"instance_id": "sub-2"}), covered(72, 100))
    share = next(row for row in read.rows if row["EffectiveCost"] == 72)
    assert (share["CommitmentDiscountId"], share["CommitmentDiscountStatus"], share["PricingCategory"]) == (
        None,
        None,
        "Committed",
    )
    unused = {
        row["CommitmentDiscountId"]: row["EffectiveCost"]
        for row in read.rows
        if row["CommitmentDiscountStatus"] == "Unused"
    }
    assert unused == {"sub-1": 20, "sub-2": 8}


def test_a_rounding_of_the_provider_stays_visible_as_an_adjustment(bench: "Bench") -> None:
    read = bench.read_records(fee(100, -72.000001), covered(72, 100))
    (rest,) = read.of("Adjustment")
    assert [rest["BilledCost"], rest["EffectiveCost"]] == [Decimal("-0.000001"), 0]
    assert read.sum("BilledCost") == read.sum("EffectiveCost") == Decimal("99.999999")
    assert read.finding("gcp.commitment-offset-rounding").cost == Decimal("-0.000001")


@pytest.mark.parametrize("records", [[covered(72, 100)], [fee(100, -72)], [fee(100, -72), covered(60, 100)]])
def test_where_offset_and_usage_do_not_cancel_every_row_keeps_its_own_cost_and_credits(
    bench: "Bench", records: list[dict[str, Any]]
) -> None:
    read = bench.read_records(*records)
    assert all(row["BilledCost"] == row["EffectiveCost"] for row in read.rows)
    assert len(read.rows) == len(records)
    assert read.finding("gcp.commitment-offset-not-cancelled").currency == "EUR"


def test_months_are_told_apart(bench: "Bench") -> None:
    later = {"invoice": {"month": "202602"}}
    read = bench.read_records(fee(100, -72), covered(72, 100), fee(100, -72, **later), covered(50, 90, **later))
    costs = {(row["BillingPeriodStart"].month, row["ChargeCategory"], row["BilledCost"]) for row in read.rows}
    assert {(1, "Purchase", Decimal(100)), (2, "Purchase", Decimal(28)), (2, "Usage", Decimal(50))} <= costs


_COSTS = st.lists(st.decimals(min_value=0, max_value=1000, places=6), min_size=1, max_size=5)


@given(_COSTS, st.lists(st.decimals(min_value=0, max_value=1000, places=6), min_size=1, max_size=3), st.booleans())
def test_effective_cost_adds_up_to_the_fee_whatever_is_used(
    usage: list[Decimal],
    fees: list[Decimal],
    is_exact: bool,  # noqa: FBT001 - hypothesis passes it by place
) -> None:
    ledger, bill = Commitments(), Bill("account", "202601", "EUR")
    used = add(*usage)
    for cost in usage:
        ledger.add_covered(bill, cost)
    for number, paid in enumerate(fees):
        offset = (-used if is_exact else -used - 1) if number == 0 else Decimal(0)
        row: dict[str, str | None] = {"sku_id": "s", "usage_start_time": f"2026-01-0{number + 1}"}
        ledger.add_fee(bill, Fee(row=row, commitment="c", paid=paid, offset=offset))
    if used and is_exact:
        unused = add(*(row.amount for row in ledger.derived()))
        assert add(used, unused) == add(*fees)
        assert {link.key for link in ledger.links()} == {bill.key, bill.fee_key("s", "")}
    elif not is_exact:
        assert not list(ledger.links())
        assert not list(ledger.derived())
