"""Discounts lower their row, money given afterwards is a row of its own, and nothing is lost between them."""

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.errors import BillError
from finops.money import add
from finops_gcp import control_cells, credit

if TYPE_CHECKING:
    from .conftest import Bench

TRIAL = {"name": "Free trial", "full_name": "Free trial credit", "id": "t1", "amount": -4.5, "type": "PROMOTION"}


def test_a_promotion_becomes_a_credit_row_with_the_project_service_tags_and_period_of_its_charge(
    bench: "Bench",
) -> None:
    labels = [{"key": "team", "value": "search"}]
    read = bench.read_records({"credits": [TRIAL], "labels": labels, "cost_at_list": 12})
    (usage,), (given_back,) = read.of("Usage"), read.of("Credit")
    same = (
        "SubAccountId",
        "SubAccountName",
        "ServiceName",
        "Tags",
        "ChargePeriodStart",
        "BillingPeriodStart",
        "RegionId",
    )
    assert [given_back[name] for name in same] == [usage[name] for name in same]
    assert (usage["BilledCost"], usage["ListCost"]) == (10, 12)
    costs = [given_back[name] for name in ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")]
    assert costs == [Decimal("-4.5")] * 4
    assert given_back["x_LineItemType"] == "PROMOTION"
    assert given_back["ChargeDescription"] == "Free trial credit"
    assert (given_back["PricingQuantity"], given_back["x_Credits"]) == (None, None)
    assert json.loads(usage["x_Credits"])[0]["amount"] == "-4.5"


KINDS = (
    ("SUSTAINED_USAGE_DISCOUNT", "x", False),
    ("COMMITTED_USAGE_DISCOUNT", "x", False),
    ("RESELLER_MARGIN", "x", False),
    ("SUBSCRIPTION_BENEFIT", "x", False),
    ("FREE_TIER", "x", True),
    ("PROMOTION", "x", True),
    ("", "Sustained Usage Discount", False),
    (None, "Committed Usage Discount: RAM", False),
    ("CREDIT_TYPE_UNSPECIFIED", "FreeTrial:Credit-01", True),
    (None, "Something new", False),
    (None, None, False),
)
"""Type and name of a credit, and whether it is a row of its own."""


def test_the_type_of_a_credit_decides_else_its_name(bench: "Bench") -> None:
    reads = bench.read_each(*({"credits": [{"type": kind, "name": name, "amount": -1}]} for kind, name, _ in KINDS))
    assert [len(read.of("Credit")) == 1 for read in reads] == [is_row for _, _, is_row in KINDS]
    assert {read.sum("BilledCost") for read in reads} == {9}
    assert [read.of("Usage")[0]["BilledCost"] for read in reads] == [10 if is_row else 9 for _, _, is_row in KINDS]


def test_an_unknown_type_lowers_its_row_and_is_named(bench: "Bench") -> None:
    read = bench.read_records({"credits": [{"type": "BRAND_NEW", "amount": -1}]})
    assert read.row["BilledCost"] == 9
    assert "BRAND_NEW" in read.finding("gcp.credit-type-unknown").message


def test_usage_with_a_commitment_credit_names_its_commitment(bench: "Bench") -> None:
    committed = {
        "type": "COMMITTED_USAGE_DISCOUNT",
        "id": "cud-1",
        "name": "Committed Usage Discount: CPU",
        "amount": -6,
    }
    row = bench.read_records({"credits": [committed]}).row
    assert (row["CommitmentDiscountId"], row["CommitmentDiscountCategory"]) == ("cud-1", "Usage")
    assert (row["CommitmentDiscountStatus"], row["PricingCategory"], row["BilledCost"]) == ("Used", "Committed", 4)


@pytest.mark.parametrize("cell", ["[{'amount': 'three'}]", "[1, 2]", "{broken", [{"amount": "three"}], 7])
def test_credits_that_cannot_be_read_are_an_error_with_their_line(bench: "Bench", cell: object) -> None:
    path = bench.file(bench_lines({}, {"credits": cell}))
    connector = bench.connector(path)
    with pytest.raises(BillError, match="line 2"):
        connector.fetch(connector.deliveries()[0])


def bench_lines(*changes: dict[str, object]) -> str:
    plain = {
        "cost": 1,
        "currency": "EUR",
        "usage_start_time": "2026-01-05",
        "sku": {"id": "a"},
        "invoice": {"month": "202601"},
    }
    return "".join(json.dumps({**plain, **change}) + "\n" for change in changes)


_AMOUNTS = st.decimals(min_value=-(10**9), max_value=10**9, places=18).map(lambda amount: f"{amount:e}")
_TYPES = st.sampled_from([*credit.DISCOUNTS, *credit.GIVEN, credit.OFFSET, "", None, "NEW"])


@given(
    st.lists(
        st.fixed_dictionaries({"amount": _AMOUNTS, "type": _TYPES, "name": st.sampled_from([None, "promo", "it's"])})
    )
)
def test_no_credit_is_lost_however_it_is_written(found: list[dict[str, str | None]]) -> None:
    total = add(*(Decimal(str(one["amount"])) for one in found))
    for cell in (found, json.dumps(found), str(found), str(found).replace(f"'{total}'", str(total))):
        row = credit.of_row(cell)
        assert add(row.discounts, row.offset, *(one.amount for one in row.given)) == total
        assert add(*map(Decimal, control_cells.amounts({"credits": cell}))) == total
