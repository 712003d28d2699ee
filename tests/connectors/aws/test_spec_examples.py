"""The specification's worked examples of commitments, as AWS bills them: what comes out is what FOCUS prints.

Facts: FOCUS specification 1.2, appendix on commitment discounts: purchase, usage and flexibility. There
one commitment is paid upfront (8,760 for a year) or hour by hour (1 each), an hour of it is used wholly or by three
quarters, and a larger machine is covered by a third, the rest of it on demand.
"""

import csv
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from .conftest import Mapped

Row = tuple[str, str, str, Decimal, Decimal, str | None]
"""Charge category, frequency, pricing category, billed and effective cost, status of the commitment."""
_PLAN = "arn:aws:savingsplans::000000000001:savingsplan/{}"
_RESERVATION = "arn:aws:ec2:eu-central-1:000000000001:reserved-instances/1"
_HOUR = {"lineItem/UsageStartDate": "2026-01-01T00:00:00Z", "lineItem/UsageEndDate": "2026-01-01T01:00:00Z"}

EXAMPLES: dict[str, tuple[Row, ...]] = {
    "commitment_discount_purchase_scenario_1": (("Purchase", "One-Time", "Standard", Decimal(8760), Decimal(0), None),),
    "commitment_discount_purchase_scenario_2": (("Purchase", "Recurring", "Standard", Decimal(1), Decimal(0), None),)
    * 3,
    "commitment_discount_usage_scenario_1": (("Usage", "Usage-Based", "Committed", Decimal(0), Decimal(1), "Used"),),
    "commitment_discount_usage_scenario_3": (
        ("Usage", "Usage-Based", "Committed", Decimal(0), Decimal("0.75"), "Used"),
        ("Usage", "Usage-Based", "Committed", Decimal(0), Decimal("0.25"), "Unused"),
    ),
    "one_hundred_percent_utilization_with_commitment_discount_flexibility_with_1_resource": (
        ("Purchase", "Recurring", "Standard", Decimal("0.5"), Decimal(0), None),
        ("Usage", "Usage-Based", "Committed", Decimal(0), Decimal("0.5"), "Used"),
        ("Usage", "Usage-Based", "Standard", Decimal("2.25"), Decimal("2.25"), None),
    ),
}


def line(kind: str, cost: str, account: str, **cells: str) -> dict[str, str]:
    """A line item; the example's number is its account, so that its rows are found again."""
    named = {name.replace("__", "/"): value for name, value in cells.items()}
    return {
        **_HOUR,
        "lineItem/LineItemType": kind,
        "lineItem/UnblendedCost": cost,
        "lineItem/UsageAccountId": account,
        **named,
    }


def plan(number: int) -> dict[str, str]:
    return {"savingsPlan__SavingsPlanARN": _PLAN.format(number)}


def covered(cost: str, account: str, number: int, share: str) -> tuple[dict[str, str], dict[str, str]]:
    """Usage a plan covers, and the negation that takes its on-demand cost back."""
    more = {"savingsPlan__SavingsPlanEffectiveCost": share, "lineItem__ResourceId": "i-1", "lineItem__UsageAmount": "1"}
    return (
        line("SavingsPlanCoveredUsage", cost, account, **plan(number), **more),
        line("SavingsPlanNegation", f"-{cost}", account, **plan(number)),
    )


def hour(account: str, number: int, used: str) -> dict[str, str]:
    """An hour's fee of a plan of 1 an hour, of which so much was used."""
    more = {"savingsPlan__TotalCommitmentToDate": "1", "savingsPlan__UsedCommitment": used}
    return line("SavingsPlanRecurringFee", "1", account, **plan(number), **more)


REPORT = (
    line("SavingsPlanUpfrontFee", "8760", "1", **plan(1)),
    *(hour("2", 2, "1") for _ in range(3)),
    *covered("1.4", "3", 2, "1"),
    *covered("1.1", "4", 3, "0.75"),
    hour("4", 3, "0.75"),
    line("RIFee", "0.5", "5", reservation__ReservationARN=_RESERVATION, pricing__unit="Hrs"),
    line(
        *("DiscountedUsage", "0", "5"),
        reservation__ReservationARN=_RESERVATION,
        reservation__EffectiveCost="0.5",
        lineItem__UsageAmount="0.25",
        pricing__publicOnDemandCost="0.75",
        lineItem__ResourceId="i-large",
    ),
    line("Usage", "2.25", "5", lineItem__UsageAmount="0.75", lineItem__ResourceId="i-large"),
)
"""One report with all five examples; list prices of what is covered are ours, the examples print none."""


@pytest.fixture
def mapped(report: Callable[..., Mapped]) -> Mapped:
    return report(*REPORT)


def test_each_example_comes_out_as_the_specification_prints_it(mapped: Mapped) -> None:
    found: dict[str, list[Row]] = {}
    for row in mapped.rows:
        # The fee of the hour that is used by three quarters is another example's subject.
        if (row["SubAccountId"], row["ChargeCategory"]) != ("4", "Purchase"):
            cells = (row["ChargeCategory"], row["ChargeFrequency"], row["PricingCategory"])
            amounts = (row["BilledCost"], row["EffectiveCost"])
            found.setdefault(row["SubAccountId"], []).append((*cells, *amounts, row["CommitmentDiscountStatus"]))
    assert {account: sorted(map(_plain, rows)) for account, rows in found.items()} == {
        str(number): sorted(map(_plain, rows)) for number, rows in enumerate(EXAMPLES.values(), start=1)
    }
    assert not mapped.control.findings
    [unused] = [row for row in mapped.rows if row["CommitmentDiscountStatus"] == "Unused"]
    assert unused["ResourceId"] == unused["CommitmentDiscountId"] == _PLAN.format(3)
    assert (unused["ConsumedQuantity"], unused["ConsumedUnit"]) == (None, None)
    [committed, on_demand] = sorted(
        (row for row in mapped.rows if row["ResourceId"] == "i-large"), key=lambda row: str(row["PricingCategory"])
    )
    assert (committed["ConsumedQuantity"], on_demand["ConsumedQuantity"]) == (0.25, 0.75)
    assert (committed["CommitmentDiscountId"], on_demand["CommitmentDiscountId"]) == (_RESERVATION, None)


_SHARED = Path(__file__).parents[3].parent / "shared" / "data" / "billing" / "focus" / "spec_examples"


@pytest.mark.skipif(not _SHARED.is_dir(), reason="the specification's examples are not beside this checkout")
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_facts_are_those_of_the_specifications_files(name: str) -> None:
    with (_SHARED / f"{name}.csv").open(newline="", encoding="utf-8-sig") as text:
        rows = [row for row in csv.DictReader(text) if any(row.values())]
    printed = [
        (
            row["ChargeCategory"],
            row["ChargeFrequency"],
            row["PricingCategory"],
            Decimal(row["BilledCost"]),
            Decimal(row["EffectiveCost"]),
            row.get("CommitmentDiscountStatus", "null").replace("null", "") or None,
        )
        for row in rows
    ]
    assert sorted(map(_plain, printed)) == sorted(map(_plain, EXAMPLES[name]))


def _plain(row: Row) -> tuple[str, ...]:
    """Amounts without zeros at their end."""
    return tuple(f"{cell.normalize():f}" if isinstance(cell, Decimal) else str(cell) for cell in row)
