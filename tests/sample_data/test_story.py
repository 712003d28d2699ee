"""The amounts of the story are those of the rows: added up here from the files, by rules of their own."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

Row = dict[str, Any]
Rate = Callable[[date], Decimal]

_CENT = Decimal("0.01")
_PLATFORM = "902361748805"
_SHOP = "520817463902"
_RULES = {"748193650214", "835517092436", _PLATFORM, "wielrijk-data-prod", "wielrijk-search-prod", "wielrijk-llm-lab",
          "sub-backoffice-prod"}  # fmt: skip
"""Accounts that the sample's `finops.toml` gives to one project."""


@pytest.fixture(scope="module")
def spent(cur2: list[Row], gcp: list[Row], azure: list[Row], rate: Rate) -> list[Row]:
    """Every row with month, day, account, project and effective cost in EUR."""
    return [
        *(_of_aws(row, rate) | {"provider": "aws"} for row in cur2),
        *(_of_gcp(row) | {"provider": "gcp"} for row in gcp),
        *(_of_azure(row) | {"provider": "azure"} for row in azure),
    ]


def _of_aws(row: Row, rate: Rate) -> Row:
    tags, day = dict(row["resource_tags"]), row["day"]
    if f"{day:%Y-%m}" != row["month"]:
        day = date.fromisoformat(f"{row['month']}-01")
    return {
        "month": row["month"],
        "day": day,
        "account": row["line_item_usage_account_id"],
        "project": tags.get("user_project") or tags.get("user_app"),
        "support": row["line_item_product_code"] == "AWSSupportEnterprise",
        "euro": _effective(row) * rate(day),
    }


def _effective(row: Row) -> Decimal:
    kind = row["line_item_line_item_type"]
    of_kind: dict[str, Decimal] = {
        "SavingsPlanNegation": Decimal(0),
        "SavingsPlanCoveredUsage": row["savings_plan_savings_plan_effective_cost"],
        "SavingsPlanRecurringFee": row["line_item_unblended_cost"] - row["savings_plan_used_commitment"],
        "DiscountedUsage": row["reservation_effective_cost"],
        "RIFee": row["reservation_unused_recurring_fee"]
        + row["reservation_unused_amortized_upfront_fee_for_billing_period"],
    }
    if kind == "Fee" and row["reservation_reservation_a_r_n"]:
        return Decimal(0)
    charged: Decimal = row["line_item_unblended_cost"]
    return of_kind.get(kind, charged)


def _of_gcp(row: Row) -> Row:
    first = date.fromisoformat(f"{row['month']}-01")
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return {
        "month": row["month"],
        "day": min(max(date.fromisoformat(row["usage_start_time"][:10]), first), last),
        "account": row.get("project", {}).get("id"),
        "project": next((one["value"] for one in row["labels"] if one["key"] == "project"), None),
        "support": False,
        "euro": sum((one["amount"] for one in row["credits"]), Decimal(row["cost"])),
    }


def _of_azure(row: Row) -> Row:
    return {
        "month": row["month"],
        "day": row["ChargePeriodStart"].date(),
        "account": row["SubAccountName"],
        "project": json.loads(row["Tags"] or "{}").get("project"),
        "support": False,
        "euro": row["EffectiveCost"],
    }


def _euro(rows: Iterable[Row]) -> Decimal:
    return sum((row["euro"] for row in rows), Decimal(0))


def _same(ours: Decimal, stated: str) -> bool:
    return abs(ours - Decimal(stated)) < Decimal("0.0000001")


def test_the_months_in_euro_are_those_of_the_rows(spent: list[Row], story: Row) -> None:
    for month, amounts in story["currencies"]["months"].items():
        if month != "2025-08":  # its AWS part is a legacy report
            assert _same(_euro(row for row in spent if row["month"] == month), amounts["EUR"]), month


def test_the_job_costs_what_the_story_says(cur2: list[Row], rate: Rate, story: Row) -> None:
    job = [row for row in cur2 if dict(row["resource_tags"]).get("user_job") == story["gpu_job"]["job"]]
    dollars = sum((row["line_item_unblended_cost"] for row in job), Decimal(0))
    euro = sum((row["line_item_unblended_cost"] * rate(row["day"]) for row in job), Decimal(0))
    assert _same(dollars, story["gpu_job"]["to_date"]["USD"])
    assert _same(euro, story["gpu_job"]["to_date"]["EUR"])
    assert 550 < Decimal(story["gpu_job"]["per_day"]["EUR"]) < 650


def test_without_the_plan_its_usage_costs_what_the_story_says(cur2: list[Row], story: Row) -> None:
    plan = story["savings_plan"]
    month = [row for row in cur2 if row["month"] == plan["month"]]
    cost: dict[str, Decimal] = defaultdict(Decimal)
    for row in month:
        cost[row["line_item_line_item_type"]] += row["line_item_unblended_cost"]
    assert plan["end"] == "2026-11-04"
    assert Decimal(plan["hourly"]["USD"]) * 24 * 30 == cost["SavingsPlanRecurringFee"] == Decimal(plan["fee"]["USD"])
    assert _same(cost["SavingsPlanCoveredUsage"], plan["on_demand"]["USD"])
    assert _same(cost["SavingsPlanCoveredUsage"] - cost["SavingsPlanRecurringFee"], plan["extra"]["USD"])
    assert Decimal(plan["extra"]["EUR"]) > 9000


def test_the_grant_is_used_to_the_cent(gcp: list[Row], story: Row) -> None:
    grant = story["credits"]
    used = -sum((one["amount"] for row in gcp for one in row["credits"] if one["id"] == grant["id"]), Decimal(0))
    assert used == Decimal(grant["granted"]["EUR"]) == Decimal(grant["used"]["EUR"])
    assert grant["last_day"] == "2026-10-12"
    assert sum(Decimal(one) for one in grant["used_by_month"].values()) == used


def test_the_new_project_has_three_weeks_of_history(spent: list[Row], story: Row) -> None:
    ours = [row for row in spent if row["project"] == story["new_project"]["project"]]
    assert min(row["day"] for row in ours) == date(2026, 9, 29)
    assert len({row["day"] for row in ours}) == 22
    assert _same(_euro(ours), story["new_project"]["to_date"]["EUR"])


def test_the_last_two_days_are_visibly_incomplete_at_every_provider(spent: list[Row], story: Row) -> None:
    by_day: dict[date, Decimal] = defaultdict(Decimal)
    for row in spent:
        by_day[row["day"]] += row["euro"]
    for day, most in ((date(2026, 10, 19), 75), (date(2026, 10, 20), 35)):
        percent = by_day[day] / by_day[day - timedelta(days=7)] * 100
        assert abs(percent - Decimal(story["late_days"][f"{day}"]["percent_of_week_before"])) < Decimal("0.1")
        assert percent < most
        for provider in ("aws", "gcp", "azure"):
            now, before = (
                _euro(row for row in spent if row["provider"] == provider and row["day"] == one)
                for one in (day, day - timedelta(days=7))
            )
            assert now / before * 100 < most, provider
    assert Decimal(story["late_days"]["2026-10-18"]["percent_of_week_before"]) > 97


def test_the_restated_month_differs_as_the_story_says(
    cur2: list[Row], superseded: list[Row], story: Row, truth: Row
) -> None:
    restated = story["restated"]
    before = sum((row["line_item_unblended_cost"] for row in superseded), Decimal(0))
    assert before == Decimal(restated["before"]["USD"])
    assert Decimal(restated["now"]["USD"]) == Decimal(truth["aws"]["USD"]["2026-08"]["billed"])
    assert Decimal(restated["now"]["USD"]) - before == Decimal(restated["difference"]["USD"]) < -3000
    refunds = [row for row in cur2 if row["line_item_line_item_type"] == "Refund" and row["month"] == "2026-10"]
    given_back = sum((row["line_item_unblended_cost"] for row in refunds), Decimal(0))
    assert given_back == Decimal(restated["support_refund"]["USD"])
    assert abs(given_back - Decimal(restated["difference"]["USD"]) * Decimal("0.07")) <= _CENT


def test_several_projects_share_what_runs_on_the_platform(spent: list[Row], story: Row) -> None:
    for month, amounts in story["shared_platform"]["months"].items():
        ours = [
            row for row in spent
            if row["month"] == month and (row["project"] == "platform" or row["account"] == _PLATFORM or row["support"])
        ]  # fmt: skip
        assert _same(_euro(ours), amounts["EUR"])


def test_a_twentieth_is_untagged_and_most_of_it_has_one_cause(spent: list[Row], story: Row) -> None:
    for month, stated in story["untagged"]["months"].items():
        rows = [row for row in spent if row["month"] == month]
        nobodys = [row for row in rows if not (row["project"] or row["account"] in _RULES or row["support"])]
        assert _same(_euro(nobodys), stated["EUR"])
        assert 4 < _euro(nobodys) / _euro(rows) * 100 < 6
        largest = Decimal(stated["causes"][story["untagged"]["largest_cause"]])
        assert largest > _euro(nobodys) / 2
        assert _euro(row for row in nobodys if row["account"] == _SHOP) >= largest
        assert _same(sum((Decimal(one) for one in stated["causes"].values()), Decimal(0)), stated["EUR"])
