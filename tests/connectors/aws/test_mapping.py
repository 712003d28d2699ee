"""The mapping, rule by rule: a few cells of a report in, the FOCUS columns they decide out."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from .conftest import Mapped

COST, NET, KIND = "lineItem/UnblendedCost", "lineItem/NetUnblendedCost", "lineItem/LineItemType"
START, END = "lineItem/UsageStartDate", "lineItem/UsageEndDate"
PLAN, RESERVATION = "savingsPlan/SavingsPlanARN", "reservation/ReservationARN"
ARN_PLAN, ARN_RESERVATION = "arn:aws:savingsplans::1:savingsplan/p", "arn:aws:ec2:eu-west-1:1:reserved-instances/r"


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]  # year, month, day, hour


def test_a_line_of_usage_becomes_one_row(report: Callable[..., Mapped]) -> None:
    row = report(
        {
            "bill/InvoiceId": "",
            "bill/InvoicingEntity": "Amazon Web Services EMEA SARL",
            COST: "1.20",
            "lineItem/UnblendedRate": "0.60",
            "lineItem/UsageAmount": "2",
            "lineItem/UsageType": "EUC1-BoxUsage:m5.large",
            "lineItem/Operation": "RunInstances",
            "lineItem/AvailabilityZone": "eu-central-1a",
            "lineItem/ResourceId": "i-1",
            "lineItem/LegalEntity": "Amazon Web Services, Inc.",
            "lineItem/LineItemDescription": "an hour",
            "product/ProductName": "Amazon Elastic Compute Cloud",
            "product/productFamily": "Compute Instance",
            "product/instanceType": "m5.large",
            "product/location": "EU (Frankfurt)",
            "product/sku": "SKU1",
            "pricing/RateCode": "SKU1.A.B",
            "pricing/unit": "Hrs",
            "pricing/publicOnDemandCost": "1.50",
            "pricing/publicOnDemandRate": "0.75",
            "resourceTags/user:team": "search",
            "resourceTags/aws:createdBy": "me",
            "costCategory/Unit": "Shop",
        }
    ).rows[0]
    assert {name: value for name, value in row.items() if value is not None} == {
        "AvailabilityZone": "eu-central-1a",
        "BilledCost": Decimal("1.2"),
        "BillingAccountId": "000000000001",
        "BillingAccountType": "Management account",
        "BillingCurrency": "USD",
        "BillingPeriodEnd": utc(2026, 2, 1),
        "BillingPeriodStart": utc(2026, 1, 1),
        "ChargeCategory": "Usage",
        "ChargeDescription": "an hour",
        "ChargeFrequency": "Usage-Based",
        "ChargePeriodEnd": utc(2026, 1, 5, 1),
        "ChargePeriodStart": utc(2026, 1, 5),
        "ConsumedQuantity": 2.0,
        "ConsumedUnit": "Hrs",
        "ContractedCost": Decimal("1.2"),
        "ContractedUnitPrice": Decimal("0.6"),
        "EffectiveCost": Decimal("1.2"),
        "InvoiceIssuerName": "Amazon Web Services EMEA SARL",
        "ListCost": Decimal("1.5"),
        "ListUnitPrice": Decimal("0.75"),
        "PricingCategory": "Standard",
        "PricingQuantity": 2.0,
        "PricingUnit": "Hrs",
        "ProviderName": "AWS",
        "PublisherName": "Amazon Web Services, Inc.",
        "RegionId": "eu-central-1",
        "RegionName": "EU (Frankfurt)",
        "ResourceId": "i-1",
        "ResourceType": "Compute Instance",
        "ServiceCategory": "Compute",
        "ServiceName": "Amazon Elastic Compute Cloud",
        "SkuId": "SKU1",
        "SkuMeter": "EUC1-BoxUsage:m5.large",
        "SkuPriceId": "SKU1.A.B",
        "SubAccountId": "000000000002",
        "SubAccountType": "Account",
        "Tags": '{"aws:createdBy": "me", "team": "search"}',
        "x_CostCategories": '{"Unit": "Shop"}',
        "x_Delivery": "report.csv",
        "x_InstanceType": "m5.large",
        "x_LineItemType": "Usage",
        "x_Operation": "RunInstances",
        "x_ServiceCode": "AmazonEC2",
    }


@pytest.mark.parametrize(
    ("kind", "cost", "category", "expected"),
    [
        ("Usage", "2", "Usage", ("2", "2", "Standard")),
        ("DiscountedUsage", "0", "Usage", ("0", "0.3", "Committed")),
        ("SavingsPlanRecurringFee", "5", "Purchase", ("5", "0", "Standard")),
        ("SavingsPlanUpfrontFee", "5", "Purchase", ("5", "0", "Standard")),
        ("RIFee", "5", "Purchase", ("5", "0", "Standard")),
        ("Fee", "5", "Purchase", ("5", "5", "Standard")),
        ("Tax", "1", "Tax", ("1", "1", None)),
        ("Credit", "-1", "Credit", ("-1", "-1", "Standard")),
        ("Refund", "-1", "Usage", ("-1", "-1", "Standard")),
        ("EdpDiscount", "-1", "Adjustment", ("-1", "-1", "Standard")),
        ("PrivateRateDiscount", "-1", "Adjustment", ("-1", "-1", "Standard")),
        ("BundledDiscount", "-1", "Adjustment", ("-1", "-1", "Standard")),
    ],
)
def test_each_line_item_type_has_its_place(
    report: Callable[..., Mapped], kind: str, cost: str, category: str, expected: tuple[str, str, str | None]
) -> None:
    row = report({KIND: kind, COST: cost, "reservation/EffectiveCost": "0.3"}).of(kind)
    billed, effective, pricing = expected
    assert (row["ChargeCategory"], row["PricingCategory"]) == (category, pricing)
    assert (row["BilledCost"], row["EffectiveCost"]) == (Decimal(billed), Decimal(effective))


def test_a_savings_plan_moves_its_fee_to_what_it_covers(report: Callable[..., Mapped]) -> None:
    plan = {PLAN: ARN_PLAN, "lineItem/ResourceId": "i-1"}
    mapped = report(
        {
            KIND: "SavingsPlanRecurringFee",
            COST: "10",
            PLAN: ARN_PLAN,
            "savingsPlan/TotalCommitmentToDate": "10",
            "savingsPlan/UsedCommitment": "7.5",
        },
        {
            KIND: "SavingsPlanCoveredUsage",
            COST: "12",
            **plan,
            "savingsPlan/SavingsPlanEffectiveCost": "7.5",
            "pricing/publicOnDemandCost": "12.5",
        },
        {KIND: "SavingsPlanNegation", COST: "-12", PLAN: ARN_PLAN},
    )
    assert [row["x_LineItemType"] for row in mapped.rows].count("SavingsPlanNegation") == 0
    assert mapped.billed == mapped.effective == 10
    covered = mapped.of("SavingsPlanCoveredUsage")
    assert (covered["BilledCost"], covered["EffectiveCost"]) == (0, Decimal("7.5"))
    assert (covered["ListCost"], covered["ContractedCost"]) == (Decimal("12.5"), Decimal("12.5"))
    assert (covered["CommitmentDiscountId"], covered["CommitmentDiscountStatus"]) == (ARN_PLAN, "Used")
    assert (covered["CommitmentDiscountCategory"], covered["CommitmentDiscountType"]) == ("Spend", "Savings Plan")
    unused = mapped.of("SavingsPlanRecurringFee/Usage")
    assert (unused["BilledCost"], unused["EffectiveCost"]) == (0, Decimal("2.5"))
    assert (unused["CommitmentDiscountStatus"], unused["PricingCategory"]) == ("Unused", "Committed")
    assert (unused["ResourceId"], unused["ConsumedQuantity"]) == (ARN_PLAN, None)
    fee = mapped.of("SavingsPlanRecurringFee/Purchase")
    assert (fee["ChargeFrequency"], fee["CommitmentDiscountStatus"]) == ("Recurring", None)


def test_a_reservation_moves_its_fee_to_what_it_covers(report: Callable[..., Mapped]) -> None:
    reserved = {RESERVATION: ARN_RESERVATION}
    mapped = report(
        {
            KIND: "RIFee",
            COST: "4",
            **reserved,
            "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod": "1.5",
            "reservation/UnusedRecurringFee": "1",
        },
        {KIND: "Fee", COST: "6", **reserved},
        {KIND: "DiscountedUsage", **reserved, "reservation/EffectiveCost": "7.5", "pricing/publicOnDemandCost": "9"},
    )
    assert mapped.billed == mapped.effective == 10
    assert mapped.of("RIFee/Usage")["EffectiveCost"] == Decimal("2.5")
    assert mapped.of("Fee")["EffectiveCost"] == 0
    assert mapped.of("Fee")["ChargeFrequency"] == "One-Time"
    used = mapped.of("DiscountedUsage")
    assert (used["ListCost"], used["CommitmentDiscountCategory"]) == (9, "Usage")


def test_net_costs_go_with_net_shares_and_a_net_unused_part(report: Callable[..., Mapped]) -> None:
    part = "CommitmentForBillingPeriod"
    mapped = report(
        {
            KIND: "SavingsPlanRecurringFee",
            COST: "10",
            NET: "8",
            "discount/TotalDiscount": "-2",
            "savingsPlan/TotalCommitmentToDate": "10",
            "savingsPlan/UsedCommitment": "7.5",
            f"savingsPlan/Recurring{part}": "10",
            f"savingsPlan/NetRecurring{part}": "8",
        },
        {
            KIND: "SavingsPlanCoveredUsage",
            COST: "12",
            NET: "12",
            "savingsPlan/SavingsPlanEffectiveCost": "7.5",
            "savingsPlan/NetSavingsPlanEffectiveCost": "6",
        },
        {KIND: "SavingsPlanNegation", COST: "-12", NET: "-12"},
    )
    assert mapped.of("SavingsPlanCoveredUsage")["EffectiveCost"] == 6
    assert mapped.of("SavingsPlanRecurringFee/Usage")["EffectiveCost"] == 2
    assert mapped.billed == mapped.effective == 8


def test_what_negations_leave_is_one_adjustment_per_account_and_month(report: Callable[..., Mapped]) -> None:
    covered, negation = {KIND: "SavingsPlanCoveredUsage"}, {KIND: "SavingsPlanNegation"}
    other = {"lineItem/UsageAccountId": "000000000003"}
    mapped = report(
        {**covered, COST: "10"},
        {**covered, COST: "5"},
        {**negation, COST: "-12"},
        {**covered, COST: "1", **other},
        {**negation, COST: "-4", **other},
    )
    rest = {row["SubAccountId"]: row for row in mapped.rows if row["ChargeCategory"] == "Adjustment"}
    assert {account: row["BilledCost"] for account, row in rest.items()} == {"000000000002": 3, "000000000003": -3}
    assert rest["000000000002"]["x_AdjustmentReason"] == "Usage covered by a commitment that no negation cancels"
    assert rest["000000000003"]["x_AdjustmentReason"] == "Negation beyond the usage covered by a commitment"
    assert rest["000000000002"]["BillingAccountId"] == "000000000001"


def test_list_prices_that_are_words_fall_back_to_what_was_charged(report: Callable[..., Mapped]) -> None:
    row = report(
        {
            COST: "2",
            "lineItem/UnblendedRate": "0.5",
            "pricing/publicOnDemandCost": "No Upfront",
            "pricing/publicOnDemandRate": "convertible",
        }
    ).rows[0]
    assert (row["ListCost"], row["ListUnitPrice"]) == (2, Decimal("0.5"))


def test_taxes_have_no_sku_and_no_quantity(report: Callable[..., Mapped]) -> None:
    row = report(
        {KIND: "Tax", COST: "2", "product/sku": "S", "pricing/RateCode": "R", "lineItem/UsageAmount": "1"}
    ).rows[0]
    assert [row[name] for name in ("SkuId", "SkuPriceId", "PricingQuantity", "PricingUnit", "ConsumedQuantity")] == [
        None
    ] * 5
    assert (row["ListCost"], row["ContractedCost"]) == (2, 2)


def test_a_last_second_means_the_next_full_one(report: Callable[..., Mapped]) -> None:
    row = report({KIND: "Tax", START: "2026-01-01 00:00:00", END: "2026-01-31T23:59:59.000Z"}).rows[0]
    assert (row["ChargePeriodStart"], row["ChargePeriodEnd"]) == (utc(2026, 1, 1), utc(2026, 2, 1))


def test_a_refund_of_an_earlier_period_is_a_correction(report: Callable[..., Mapped]) -> None:
    earlier = {START: "2025-12-03T00:00:00Z", END: "2025-12-03T01:00:00Z"}
    mapped = report({KIND: "Refund", COST: "-1", **earlier}, {KIND: "Refund", COST: "-2", "lineItem/TaxType": "VAT"})
    found = {row["BilledCost"]: (row["ChargeCategory"], row["ChargeClass"]) for row in mapped.rows}
    assert found == {Decimal(-1): ("Usage", "Correction"), Decimal(-2): ("Tax", None)}


def test_spot_usage_has_a_dynamic_price(report: Callable[..., Mapped]) -> None:
    assert report({"lineItem/UsageType": "SpotUsage:m5.large"}).rows[0]["PricingCategory"] == "Dynamic"


def test_a_seller_on_the_marketplace_is_the_publisher(report: Callable[..., Mapped]) -> None:
    row = report({"bill/BillingEntity": "AWS Marketplace", "lineItem/LegalEntity": "Red Hat Inc."}).rows[0]
    assert (row["PublisherName"], row["ProviderName"], row["InvoiceIssuerName"]) == (
        "Red Hat Inc.",
        "AWS",
        "Red Hat Inc.",
    )


def test_a_capacity_reservation_is_no_commitment(report: Callable[..., Mapped]) -> None:
    arn = "arn:aws:ec2:eu-west-1:1:capacity-reservation/cr-1"
    row = report({RESERVATION: arn, "lineItem/UsageType": "EU-UnusedBox:m5.large"}).rows[0]
    assert (row["CapacityReservationId"], row["CapacityReservationStatus"]) == (arn, "Unused")
    assert (row["CommitmentDiscountId"], row["CommitmentDiscountStatus"]) == (None, None)


def test_tags_are_json_whatever_their_marks(report: Callable[..., Mapped]) -> None:
    row = report({"resourceTags/user:b": 'say "hi"\\', "resourceTags/user:a": "echo ", "resourceTags/user:c": ""}).rows[
        0
    ]
    assert row["Tags"] == '{"a": "echo ", "b": "say \\"hi\\"\\\\"}'


@pytest.mark.parametrize("as_text", [False, True])
def test_maps_of_cur2_become_the_same_json(tmp_path: Path, read: Callable[..., Mapped], *, as_text: bool) -> None:
    kind = pa.map_(pa.string(), pa.string())
    tags = [[("user_team", "a"), ("aws_createdBy", "x")], [("user_b", 'q"'), ("user_a", "")], [], None]
    texts = ['{"user_team":"a","aws_createdBy":"x"}', '{"user_b":"q\\"","user_a":""}', "{}", None]
    start = pa.array([datetime(2026, 1, 5)] * 4, pa.timestamp("ms"))  # noqa: DTZ001 - CUR 2.0 writes times without a zone
    name = [[("product_name", "AWS Lambda"), ("region", "eu-west-1")]] * 4
    names = ['{"product_name":"AWS Lambda","region":"eu-west-1"}'] * 4
    rows = pa.table(
        {
            "line_item_usage_start_date": start,
            "line_item_unblended_cost": [0.1, 1e-9, 3.0, 4.0],
            "resource_tags": pa.array(texts) if as_text else pa.array(tags, kind),
            "cost_category": pa.array([None] * 4, pa.string()) if as_text else pa.array([[("Unit", "S")]] * 4, kind),
            "product": pa.array(names) if as_text else pa.array(name, kind),
        }
    )
    pq.write_table(rows, tmp_path / "x.snappy.parquet")
    mapped = read(tmp_path / "x.snappy.parquet", currency="USD", format="cur2")
    assert sorted((row["BilledCost"], row["Tags"]) for row in mapped.rows if row["Tags"]) == [
        (Decimal("1e-9"), '{"a": true, "b": "q\\""}'),
        (Decimal("0.1"), '{"aws:createdBy": "x", "team": "a"}'),
    ]
    assert {(row["ServiceName"], row["ServiceCategory"], row["RegionId"]) for row in mapped.rows} == {
        ("AWS Lambda", "Compute", "eu-west-1")
    }
    assert {row["x_CostCategories"] for row in mapped.rows} == ({None} if as_text else {'{"Unit": "S"}'})


def test_discounts_of_a_map_explain_a_net_difference(tmp_path: Path, read: Callable[..., Mapped]) -> None:
    rows = pa.table(
        {
            "line_item_usage_start_date": pa.array([datetime(2026, 1, 5)], pa.timestamp("ms")),  # noqa: DTZ001 - as above
            "line_item_unblended_cost": [10.0],
            "line_item_net_unblended_cost": [8.5],
            "discount": pa.array(
                [[("edp_discount", -1.0), ("spp_discount", -0.5)]], pa.map_(pa.string(), pa.float64())
            ),
        }
    )
    pq.write_table(rows, tmp_path / "x.parquet")
    assert read(tmp_path / "x.parquet", currency="USD").billed == Decimal("8.5")


def test_a_selection_of_a_few_renamed_columns_is_enough(tmp_path: Path, read: Callable[..., Mapped]) -> None:
    rows = pa.table(
        {
            "usage_start_date": pa.array([datetime(2026, 5, 5)], pa.timestamp("us")),  # noqa: DTZ001 - as above
            "service": ["AmazonEC2"],
            "resource_id": ["i-1"],
            "cost": pa.array([Decimal("100.5")], pa.decimal128(4, 1)),
        }
    )
    pq.write_table(rows, tmp_path / "x.parquet")
    mapped = read(tmp_path / "x.parquet", currency="EUR")
    [row] = mapped.rows
    assert (row["BilledCost"], row["BillingCurrency"], row["ServiceName"]) == (Decimal("100.5"), "EUR", "AmazonEC2")
    assert (row["BillingPeriodStart"], row["ChargePeriodEnd"]) == (utc(2026, 5, 1), utc(2026, 5, 6))
    assert mapped.rules >= {"aws.no-currency-column", "aws.no-billing-period-column", "aws.no-line-item-type-column"}
