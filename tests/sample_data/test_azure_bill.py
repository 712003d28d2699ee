"""What must hold in a FOCUS 1.0 export of Azure holds in the sample's."""

import json
from typing import Any

Row = dict[str, Any]

_OPEN = "2026-10"


def test_nothing_is_committed_so_effective_cost_is_billed_cost(azure: list[Row]) -> None:
    assert all(row["EffectiveCost"] == row["BilledCost"] == row["ListCost"] for row in azure)


def test_price_times_quantity_is_the_cost(azure: list[Row]) -> None:
    for row in azure:
        assert abs(row["ListUnitPrice"] * row["PricingQuantity"] - row["ListCost"]) < 1e-10


def test_periods_end_where_the_next_one_starts(azure: list[Row]) -> None:
    assert all(row["BillingPeriodEnd"].day == 1 for row in azure)
    assert all(row["ChargePeriodEnd"] > row["ChargePeriodStart"] for row in azure)
    assert all(row["ChargePeriodStart"] >= row["BillingPeriodStart"] for row in azure)


def test_a_purchase_has_no_consumed_quantity(azure: list[Row]) -> None:
    purchases = [row for row in azure if row["ChargeCategory"] == "Purchase"]
    assert len(purchases) == 15
    assert all(row["ConsumedQuantity"] is None for row in purchases)


def test_only_the_open_month_has_no_invoice(azure: list[Row]) -> None:
    assert {row["month"] for row in azure if row["x_InvoiceId"] is None} == {_OPEN}


def test_tags_are_json_with_the_keys_of_the_other_clouds(azure: list[Row]) -> None:
    keys = {key for row in azure if row["Tags"] for key in json.loads(row["Tags"])}
    assert keys == {"project", "env", "team"}


def test_there_are_three_subscriptions(azure: list[Row]) -> None:
    assert len({row["SubAccountId"] for row in azure}) == 3
