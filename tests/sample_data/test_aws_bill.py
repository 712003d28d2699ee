"""What must hold in an AWS bill holds in the sample's: cancelled coverage, used commitments, invoices, late charges."""

import json
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

Row = dict[str, Any]

_OPEN = "2026-10"
_GPU_NODE = "EU-BoxUsage:p4d.24xlarge"


def _sum(rows: list[Row], column: str) -> Decimal:
    return sum((row[column] for row in rows), Decimal(0))


def _of_type(rows: list[Row], *types: str) -> list[Row]:
    return [row for row in rows if row["line_item_line_item_type"] in types]


def test_covered_usage_and_its_negation_cancel_per_month_and_account(cur2: list[Row]) -> None:
    rest: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in _of_type(cur2, "SavingsPlanCoveredUsage", "SavingsPlanNegation"):
        rest[row["month"], row["line_item_usage_account_id"]] += row["line_item_unblended_cost"]
    assert len(rest) > 14
    assert set(rest.values()) == {Decimal(0)}


def test_the_commitment_used_is_the_effective_cost_of_covered_usage(cur2: list[Row]) -> None:
    covered: dict[date, Decimal] = defaultdict(Decimal)
    for row in _of_type(cur2, "SavingsPlanCoveredUsage"):
        covered[row["day"]] += row["savings_plan_savings_plan_effective_cost"]
    for fee in _of_type(cur2, "SavingsPlanRecurringFee"):
        assert fee["savings_plan_used_commitment"] == covered[fee["day"]]
        assert fee["savings_plan_total_commitment_to_date"] == fee["line_item_unblended_cost"]


def test_a_small_part_of_the_savings_plan_stays_unused(cur2: list[Row]) -> None:
    fees = _of_type(cur2, "SavingsPlanRecurringFee")
    used, total = _sum(fees, "savings_plan_used_commitment"), _sum(fees, "savings_plan_total_commitment_to_date")
    assert Decimal("0.95") < used / total < Decimal("0.99")


def test_reserved_usage_and_what_is_unused_make_up_the_fees_of_a_closed_month(cur2: list[Row]) -> None:
    for fee in [row for row in _of_type(cur2, "RIFee") if row["month"] != _OPEN]:
        used = [row for row in _of_type(cur2, "DiscountedUsage") if row["month"] == fee["month"]]
        unused = (
            fee["reservation_unused_recurring_fee"] + fee["reservation_unused_amortized_upfront_fee_for_billing_period"]
        )
        spread = _sum(used, "reservation_effective_cost") + unused
        charged = fee["line_item_unblended_cost"] + fee["reservation_amortized_upfront_fee_for_billing_period"]
        assert unused > 0
        assert abs(spread - charged) < Decimal("0.000001")
        assert {row["line_item_unblended_cost"] for row in used} == {Decimal(0)}


def test_every_kind_of_line_that_a_reader_must_know_is_there(cur2: list[Row]) -> None:
    assert {row["line_item_line_item_type"] for row in cur2} == {
        "Usage", "DiscountedUsage", "SavingsPlanCoveredUsage", "SavingsPlanNegation", "SavingsPlanRecurringFee",
        "RIFee", "Fee", "Tax", "Refund",
    }  # fmt: skip
    assert any("SpotUsage" in row["line_item_usage_type"] for row in cur2)


def test_account_numbers_keep_their_leading_zero(cur2: list[Row]) -> None:
    accounts = {row["line_item_usage_account_id"] for row in cur2}
    assert len(accounts) == 7
    assert {len(account) for account in accounts} == {12}
    assert any(account.startswith("0") for account in accounts)


def test_only_the_open_month_has_no_invoice(cur2: list[Row], legacy: list[Row]) -> None:
    assert {row["month"] for row in cur2 if not row["bill_invoice_id"]} == {_OPEN}
    assert all(row["bill_invoice_id"] == "" for row in cur2 if row["month"] == _OPEN)
    assert all(row["bill/InvoiceId"] for row in legacy)


def test_the_last_two_days_are_incomplete_and_the_day_before_is_not(cur2: list[Row]) -> None:
    usage = _of_type(cur2, "Usage", "SavingsPlanNegation", "SavingsPlanCoveredUsage")

    def spent(day: date) -> Decimal:
        return _sum([row for row in usage if row["day"] == day], "line_item_unblended_cost")

    for day, least, most in ((20, "0.1", "0.35"), (19, "0.5", "0.75"), (18, "0.97", "1.03")):
        share = spent(date(2026, 10, day)) / spent(date(2026, 10, day) - timedelta(days=7))
        assert Decimal(least) < share < Decimal(most)


def test_an_unplanned_gpu_node_runs_from_9_october_on(cur2: list[Row]) -> None:
    node = [row for row in cur2 if row["line_item_usage_type"] == _GPU_NODE]
    assert [row["day"] for row in node] == [date(2026, 10, day) for day in range(9, 21)]
    assert all(dict(row["resource_tags"])["user_project"] == "llm" for row in node)
    assert _sum(node, "line_item_unblended_cost") > 6000


def test_the_plan_in_force_ends_on_4_november_and_every_row_of_it_says_so(cur2: list[Row]) -> None:
    rows = [row for row in cur2 if row["savings_plan_savings_plan_a_r_n"] and row["day"] >= date(2025, 11, 4)]
    assert {row["line_item_line_item_type"] for row in rows} == {
        "SavingsPlanCoveredUsage", "SavingsPlanNegation", "SavingsPlanRecurringFee",
    }  # fmt: skip
    assert {row["savings_plan_offering_type"] for row in rows} == {"ComputeSavingsPlans"}
    assert {row["savings_plan_start_time"] for row in rows} == {"2025-11-04T00:00:00.000Z"}
    assert {row["savings_plan_end_time"] for row in rows} == {"2026-11-04T00:00:00.000Z"}


def test_every_row_of_the_reservation_says_from_when_to_when_it_runs(cur2: list[Row]) -> None:
    rows = [row for row in cur2 if row["reservation_reservation_a_r_n"]]
    assert {row["reservation_start_time"] for row in rows} == {"2026-02-01T00:00:00.000Z"}
    assert {row["reservation_end_time"] for row in rows} == {"2027-02-01T00:00:00.000Z"}
    assert len({row["reservation_subscription_id"] for row in rows}) == 1


def test_the_restated_month_keeps_its_first_version_beside_the_current_one(
    cur2: list[Row], superseded: list[Row]
) -> None:
    current = [row for row in cur2 if row["month"] == "2026-08"]
    assert {row["month"] for row in superseded} == {"2026-08"}
    assert len(superseded) == len(current)
    changed = [old for old, new in zip(superseded, current, strict=True) if old != new]
    assert {row["line_item_product_code"] for row in changed} == {"AmazonCloudFront"}
    assert [row["day"] for row in changed] == [date(2026, 8, day) for day in range(10, 25)]


def test_support_reckoned_from_the_first_version_is_given_back_in_october(cur2: list[Row]) -> None:
    refunds = [row for row in _of_type(cur2, "Refund") if row["month"] == _OPEN]
    assert [row["line_item_product_code"] for row in refunds] == ["AWSSupportEnterprise"]
    assert refunds[0]["day"] == date(2026, 9, 1)
    assert refunds[0]["line_item_unblended_cost"] < -100


def test_month_rows_end_one_second_before_the_next_month(legacy: list[Row]) -> None:
    fees = [row for row in legacy if row["lineItem/LineItemType"] in {"Fee", "Tax"}]
    assert {row["lineItem/UsageEndDate"] for row in fees} == {"2025-08-31T23:59:59Z"}


def test_an_older_assembly_lies_beside_the_current_one_and_no_manifest_of_the_month_names_it(sample: Path) -> None:
    period = next(sample.glob("aws-legacy/*/*/20250801-20250901"))
    manifest = json.loads(next(period.glob("*-Manifest.json")).read_text(encoding="utf-8"))
    assemblies = {path.name for path in period.iterdir() if path.is_dir()}
    assert len(assemblies) == 2
    assert manifest["assemblyId"] in assemblies
    assert all(f"/{manifest['assemblyId']}/" in key for key in manifest["reportKeys"])
    assert len(manifest["reportKeys"]) == 2


def test_the_legacy_manifest_names_the_columns_in_file_order(sample: Path, legacy: list[Row]) -> None:
    period = next(sample.glob("aws-legacy/*/*/20250801-20250901"))
    manifest = json.loads(next(period.glob("*-Manifest.json")).read_text(encoding="utf-8"))
    assert [f"{column['category']}/{column['name']}" for column in manifest["columns"]] == list(legacy[0])
    assert {"resourceTags/user:project", "resourceTags/user:env", "resourceTags/user:team"} <= set(legacy[0])
