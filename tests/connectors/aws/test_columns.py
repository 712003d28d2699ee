"""Names of columns: every spelling is one vocabulary, and what is no report says so."""

import pytest

from finops.errors import BillError
from finops_aws.columns import VOCABULARY, check, read_header, tag_key, unique


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("lineItem/UnblendedCost", "line_item_unblended_cost"),
        ("line_item_unblended_cost", "line_item_unblended_cost"),
        ("reservation/ReservationARN", "reservation_reservation_a_r_n"),
        ("savingsPlan/SavingsPlanArn", "savings_plan_savings_plan_a_r_n"),
        ("reservation_reservation_a_r_n", "reservation_reservation_a_r_n"),
        ("product/regionCode", "product_region_code"),
        ("product/ProductName", "product_product_name"),
        ("cost", "line_item_unblended_cost"),
        ("service", "line_item_product_code"),
        ("usage_start_date", "line_item_usage_start_date"),
    ],
)
def test_every_spelling_means_one_column(spelling: str, name: str) -> None:
    assert read_header([spelling]).known == {name: spelling}


def test_the_full_name_wins_over_a_short_one() -> None:
    header = read_header(["cost", "line_item_unblended_cost"])
    assert header.known["line_item_unblended_cost"] == "line_item_unblended_cost"


def test_every_name_of_the_vocabulary_means_itself() -> None:
    assert read_header(VOCABULARY).known == {name: name for name in VOCABULARY}


def test_tags_and_cost_categories_are_columns_of_their_own() -> None:
    header = read_header(
        [
            "resourceTags/user:Team",
            "resourceTags/aws:createdBy",
            "resource_tags_user_cost_center",
            "costCategory/Charge type",
            "noTags/user:app",
        ]
    )
    assert header.tags == {
        "Team": "resourceTags/user:Team",
        "aws:createdBy": "resourceTags/aws:createdBy",
        "cost_center": "resource_tags_user_cost_center",
    }
    assert header.categories == {"Charge type": "costCategory/Charge type"}


def test_a_fused_header_name_is_dropped_and_moves_no_other() -> None:
    header = read_header(["pricing/OfferingClasspricing/PurchaseOption", "pricing/unit"])
    assert header.used == {"pricing/unit"}


def test_names_that_differ_by_case_only_stay_apart() -> None:
    names = unique(["resourceTags/user:Name", "resourceTags/user:name", ""])
    assert len({name.lower() for name in names}) == 3
    assert set(read_header(names).tags) == {"Name", "name"}


@pytest.mark.parametrize(
    ("key", "own"),
    [
        ("user_team", "team"),
        ("user:Team", "Team"),
        ("aws_createdBy", "aws:createdBy"),
        ("team", "team"),
        ("user_", "user_"),
    ],
)
def test_user_tags_lose_their_prefix_and_aws_tags_keep_theirs(key: str, own: str) -> None:
    assert tag_key(key) == own


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["BilledCost", "EffectiveCost", "ServiceName"], 'FOCUS.*format = "auto" or "focus"'),
        (["SubscriptionId", "CostInBillingCurrency", "MeterCategory"], "Azure"),
        (["billing_account_id", "service", "cost", "usage_start_time"], 'Google Cloud.*connector = "gcp"'),
        (["name", "age"], "begin with name, age.*line_item_unblended_cost"),
        ([], "begin with nothing"),
    ],
)
def test_other_exports_are_told_by_their_columns(names: list[str], expected: str) -> None:
    with pytest.raises(BillError, match=expected):
        check(names, file="bill.csv", wanted="auto")


def test_a_format_that_is_not_the_files_is_an_error_that_names_it() -> None:
    legacy = ["lineItem/UnblendedCost", "lineItem/UsageStartDate"]
    check(legacy, file="bill.csv", wanted="cur")
    with pytest.raises(BillError, match='format "cur", and the source asks for "cur2"'):
        check(legacy, file="bill.csv", wanted="cur2")
