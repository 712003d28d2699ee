"""Every line item type: what it becomes in FOCUS, and why exactly that.

Reasons cite FOCUS 1.2 (columns and attributes) and AWS's data dictionaries of CUR and CUR 2.0 (line item columns).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from .conftest import Mapped

PLAN = "arn:aws:savingsplans::000000000001:savingsplan/1"
RESERVATION = "arn:aws:ec2:eu-central-1:000000000001:reserved-instances/1"
MONEY = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A line of the report, and the FOCUS row that stands for it.

    Attributes:
        money: billed, effective, list and contracted cost.
        row: other columns that the type decides.
        why: the reason, for the reader.
    """

    kind: str
    cells: dict[str, str]
    money: tuple[str, str, str, str]
    row: dict[str, Any]
    why: str
    other_lines: tuple[dict[str, str], ...] = field(default=())


USAGE = {"lineItem/UsageAmount": "2", "pricing/unit": "Hrs", "pricing/publicOnDemandCost": "1.50"}
NO_COMMITMENT = {"CommitmentDiscountId": None, "CommitmentDiscountStatus": None}
CASES = (
    Case(
        kind="Usage",
        cells={**USAGE, "lineItem/UnblendedCost": "1.20"},
        money=("1.20", "1.20", "1.50", "1.20"),
        row={
            "ChargeCategory": "Usage",
            "ChargeFrequency": "Usage-Based",
            "PricingCategory": "Standard",
            **NO_COMMITMENT,
        }
        | {"PricingQuantity": 2.0, "ConsumedQuantity": 2.0, "ConsumedUnit": "Hrs", "ChargeClass": None},
        why="On-demand usage is invoiced at its unblended cost, nothing is amortised; list cost is the public price.",
    ),
    Case(
        kind="DiscountedUsage",
        cells={**USAGE, "lineItem/UnblendedCost": "0", "reservation/ReservationARN": RESERVATION}
        | {"reservation/EffectiveCost": "0.90"},
        money=("0", "0.90", "1.50", "1.50"),
        row={"ChargeCategory": "Usage", "PricingCategory": "Committed", "CommitmentDiscountStatus": "Used"}
        | {"CommitmentDiscountId": RESERVATION, "CommitmentDiscountCategory": "Usage", "ConsumedQuantity": 2.0}
        | {"CommitmentDiscountType": "Reserved Instance"},
        why="The reservation's fee is invoiced on rows of its own, so covered usage has BilledCost 0 and carries its "
        "share of the fee (FOCUS 1.2, EffectiveCost); without the reservation it had cost the on-demand price.",
    ),
    Case(
        kind="SavingsPlanCoveredUsage",
        cells={**USAGE, "lineItem/UnblendedCost": "1.50", "savingsPlan/SavingsPlanARN": PLAN}
        | {"savingsPlan/SavingsPlanEffectiveCost": "1.10"},
        money=("0", "1.10", "1.50", "1.50"),
        row={"ChargeCategory": "Usage", "PricingCategory": "Committed", "CommitmentDiscountStatus": "Used"}
        | {
            "CommitmentDiscountId": PLAN,
            "CommitmentDiscountCategory": "Spend",
            "CommitmentDiscountType": "Savings Plan",
        },
        why="AWS shows the on-demand cost here and takes it back with a negation; only the plan's fee is invoiced.",
        other_lines=({"lineItem/LineItemType": "SavingsPlanNegation", "lineItem/UnblendedCost": "-1.50"},),
    ),
    Case(
        kind="SavingsPlanRecurringFee",
        cells={"lineItem/UnblendedCost": "5", "savingsPlan/SavingsPlanARN": PLAN}
        | {"savingsPlan/TotalCommitmentToDate": "5", "savingsPlan/UsedCommitment": "5"},
        money=("5", "0", "5", "5"),
        row={"ChargeCategory": "Purchase", "ChargeFrequency": "Recurring", "PricingCategory": "Standard"}
        | {"CommitmentDiscountId": PLAN, "CommitmentDiscountStatus": None, "ConsumedQuantity": None},
        why="A purchase that covers later usage has EffectiveCost 0, and Status is of Usage rows only (FOCUS 1.2).",
    ),
    Case(
        kind="SavingsPlanUpfrontFee",
        cells={"lineItem/UnblendedCost": "60", "savingsPlan/SavingsPlanARN": PLAN},
        money=("60", "0", "60", "60"),
        row={"ChargeCategory": "Purchase", "ChargeFrequency": "One-Time", "CommitmentDiscountStatus": None},
        why="The upfront payment is one purchase; the usage it covers carries it over the term.",
    ),
    Case(
        kind="RIFee",
        cells={"lineItem/UnblendedCost": "4", "reservation/ReservationARN": RESERVATION},
        money=("4", "0", "4", "4"),
        row={"ChargeCategory": "Purchase", "ChargeFrequency": "Recurring", "CommitmentDiscountStatus": None},
        why="The month's recurring fee of a reservation; its unused part would be a row of its own.",
    ),
    Case(
        kind="Fee",
        cells={"lineItem/UnblendedCost": "70", "reservation/ReservationARN": RESERVATION},
        money=("70", "0", "70", "70"),
        row={"ChargeCategory": "Purchase", "ChargeFrequency": "One-Time", "CommitmentDiscountId": RESERVATION},
        why="A Fee with a reservation's ARN is its upfront payment.",
    ),
    Case(
        kind="Fee",
        cells={"lineItem/UnblendedCost": "100", "lineItem/UsageEndDate": "2026-02-04T00:00:00Z"},
        money=("100", "100", "100", "100"),
        row={"ChargeCategory": "Purchase", "ChargeFrequency": "Recurring", **NO_COMMITMENT},
        why="A subscription or support fee is billed and effective at once; where it lasts a month, it recurs.",
    ),
    Case(
        kind="Tax",
        cells={"lineItem/UnblendedCost": "1.9", "lineItem/TaxType": "VAT", "product/sku": "S", "pricing/unit": "Hrs"},
        money=("1.9", "1.9", "1.9", "1.9"),
        row={
            "ChargeCategory": "Tax",
            "PricingCategory": None,
            "PricingQuantity": None,
            "PricingUnit": None,
            "SkuId": None,
        },
        why="Tax has no price: PricingCategory, quantities and SKU are null (FOCUS 1.2).",
    ),
    Case(
        kind="Credit",
        cells={"lineItem/UnblendedCost": "-3"},
        money=("-3", "-3", "-3", "-3"),
        row={"ChargeCategory": "Credit", "ChargeFrequency": "One-Time", "ConsumedQuantity": None},
        why="Promotions and goodwill lower the invoice and are Credit, never negative usage.",
    ),
    Case(
        kind="Refund",
        cells={"lineItem/UnblendedCost": "-2"},
        money=("-2", "-2", "-2", "-2"),
        row={"ChargeCategory": "Usage", "ChargeClass": None},
        why="A refund keeps the category of what it refunds (FOCUS 1.2, ChargeCategory); in the same period it "
        "corrects nothing that was invoiced.",
    ),
    Case(
        kind="Refund",
        cells={
            "lineItem/UnblendedCost": "-2",
            "lineItem/TaxType": "VAT",
            "lineItem/UsageStartDate": "2025-12-05T00:00:00Z",
        },
        money=("-2", "-2", "-2", "-2"),
        row={"ChargeCategory": "Tax", "ChargeClass": "Correction"},
        why="A refund of tax is Tax; for a period that was invoiced before, it is a Correction.",
    ),
    Case(
        kind="Refund",
        cells={"lineItem/UnblendedCost": "-70", "reservation/ReservationARN": RESERVATION},
        money=("-70", "-70", "-70", "-70"),
        row={"ChargeCategory": "Purchase", "CommitmentDiscountId": RESERVATION},
        why="A refund of a commitment's fee is a negative Purchase.",
    ),
    *(
        Case(
            kind=kind,
            cells={"lineItem/UnblendedCost": "-0.5"},
            money=("-0.5", "-0.5", "-0.5", "-0.5"),
            row={"ChargeCategory": "Adjustment", **NO_COMMITMENT},
            why="A negotiated or bundled discount that is a row lowers the invoice by itself.",
        )
        for kind in (
            *("EdpDiscount", "PrivateRateDiscount", "BundledDiscount", "RiVolumeDiscount", "SppDiscount"),
            "Discount",
        )
    ),
    Case(
        kind="Usage",
        cells={
            "lineItem/UnblendedCost": "9",
            "bill/BillingEntity": "AWS Marketplace",
            "lineItem/LegalEntity": "Acme Inc.",
        }
        | {"bill/InvoicingEntity": "Amazon Web Services, Inc."},
        money=("9", "9", "9", "9"),
        row={"PublisherName": "Acme Inc.", "ProviderName": "AWS", "InvoiceIssuerName": "Amazon Web Services, Inc."},
        why="On the Marketplace the seller publishes, AWS provides and invoices.",
    ),
    Case(
        kind="Usage",
        cells={**USAGE, "lineItem/UnblendedCost": "0.7", "splitLineItem/ParentResourceId": "i-1"},
        money=("0", "0", "0", "0"),
        row={"ChargeCategory": "Usage", "PricingQuantity": None, "ConsumedQuantity": None},
        why="Split cost allocation divides the cost of a parent that is in the file too: it counts in no total.",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind}: {case.why[:40]}")
def test_a_line_becomes_exactly_this_row(report: Callable[..., Mapped], case: Case) -> None:
    row = report({"lineItem/LineItemType": case.kind, **case.cells}, *case.other_lines).of(case.kind)
    assert tuple(row[name] for name in MONEY) == tuple(map(Decimal, case.money)), case.why
    assert {name: row[name] for name in case.row} == case.row, case.why


def test_a_negation_becomes_no_row_and_every_type_of_the_dictionary_is_told(report: Callable[..., Mapped]) -> None:
    mapped = report(*({"lineItem/LineItemType": case.kind, **case.cells} for case in CASES), *CASES[2].other_lines)
    kinds = {row["x_LineItemType"] for row in mapped.rows}
    assert kinds == {case.kind for case in CASES}
    assert "aws.unknown-line-item-type" not in mapped.rules


# ── the life of a commitment ──────────────────────────────────────────────────────────────────────────────────

MONTHS = tuple(f"2026-{number:02d}-01T00:00:00Z" for number in range(1, 13))
ENDS = (*MONTHS[1:], "2027-01-01T00:00:00Z")
USED = ("1", "0.5", "0", "0.25", "1", "1", "0.125", "0.75", "1", "0", "0.375", "1")
"""The share of the commitment that usage takes each month; in some months nothing does."""
PAYMENTS = {"no upfront": (0, "1"), "partial upfront": (600, "0.5"), "all upfront": (1200, "0")}
"""What is paid at once of 1,200 for the year, and the share of 100 a month that is paid monthly."""


def month(at: int) -> dict[str, str]:
    return {
        "bill/BillingPeriodStartDate": MONTHS[at],
        "bill/BillingPeriodEndDate": ENDS[at],
        "lineItem/UsageStartDate": MONTHS[at],
        "lineItem/UsageEndDate": ENDS[at],
    }


def plan_life(upfront: int, recurring: Decimal) -> list[dict[str, str]]:
    """A Savings Plan of 100 a month that would cost half as much again on demand."""
    named = {"savingsPlan/SavingsPlanARN": PLAN}
    lines = [
        {**month(0), **named, "lineItem/LineItemType": "SavingsPlanUpfrontFee", "lineItem/UnblendedCost": f"{upfront}"}
    ]
    for at, share in enumerate(USED):
        used = 100 * Decimal(share)
        # TotalCommitmentToDate is the amortised upfront and the recurring commitment together (AWS data dictionary).
        fee = {"savingsPlan/TotalCommitmentToDate": "100", "savingsPlan/UsedCommitment": f"{used}"}
        kinds = {
            "SavingsPlanRecurringFee": {**fee, "lineItem/UnblendedCost": f"{100 * recurring}"},
            "SavingsPlanCoveredUsage": {
                "lineItem/UnblendedCost": f"{used * Decimal('1.5')}",
                "savingsPlan/SavingsPlanEffectiveCost": f"{used}",
            },
            "SavingsPlanNegation": {"lineItem/UnblendedCost": f"{used * Decimal('-1.5')}"},
        }
        lines += [{**month(at), **named, "lineItem/LineItemType": kind, **cells} for kind, cells in kinds.items()]
    return lines if upfront else lines[1:]


def reservation_life(upfront: int, recurring: Decimal) -> list[dict[str, str]]:
    """A reservation whose hours cost 100 a month."""
    named = {"reservation/ReservationARN": RESERVATION}
    lines = [{**month(0), **named, "lineItem/LineItemType": "Fee", "lineItem/UnblendedCost": f"{upfront}"}]
    for at, share in enumerate(USED):
        idle = 1 - Decimal(share)
        fee = {
            "lineItem/UnblendedCost": f"{100 * recurring}",
            "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod": f"{Decimal(upfront) / 12 * idle}",
            "reservation/UnusedRecurringFee": f"{100 * recurring * idle}",
        }
        used = {"lineItem/UnblendedCost": "0", "reservation/EffectiveCost": f"{100 * Decimal(share)}"}
        lines.append({**month(at), **named, "lineItem/LineItemType": "RIFee", **fee})
        lines.append({**month(at), **named, "lineItem/LineItemType": "DiscountedUsage", **used})
    return lines if upfront else lines[1:]


@pytest.mark.parametrize("payment", PAYMENTS)
@pytest.mark.parametrize("life", [plan_life, reservation_life], ids=["Savings Plan", "reservation"])
def test_over_its_life_a_commitments_usage_costs_what_its_purchases_did(
    report: Callable[..., Mapped], life: Callable[[int, Decimal], list[dict[str, str]]], payment: str
) -> None:
    upfront, recurring = PAYMENTS[payment]
    mapped = report(*life(upfront, Decimal(recurring)))
    rows = [row for row in mapped.rows if row["CommitmentDiscountId"] in {PLAN, RESERVATION}]
    bought = sum(row["BilledCost"] for row in rows if row["ChargeCategory"] == "Purchase")
    used = sum(row["EffectiveCost"] for row in rows if row["CommitmentDiscountStatus"] == "Used")
    unused = sum(row["EffectiveCost"] for row in rows if row["CommitmentDiscountStatus"] == "Unused")
    assert bought == 1200
    assert (used, unused) == (700, 500)
    assert mapped.billed == mapped.effective == 1200
    # FOCUS 1.2: purchases carry no effective cost, usage under a commitment no billed cost.
    assert all(row["EffectiveCost"] == 0 for row in rows if row["ChargeCategory"] == "Purchase")
    assert all(row["BilledCost"] == 0 for row in rows if row["ChargeCategory"] == "Usage")
    by_month: dict[Any, Decimal] = {}
    for row in rows:
        start = row["BillingPeriodStart"]
        by_month[start] = by_month.get(start, Decimal(0)) + row["EffectiveCost"]
    assert set(by_month.values()) == {Decimal(100)}  # amortised evenly, whatever was used
    assert all(first < second for first, second in pairwise(sorted(by_month)))
