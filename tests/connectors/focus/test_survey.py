"""What is doubtful is counted and told; what would lose money stops, with file, line, column and value."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from finops.errors import BillError

if TYPE_CHECKING:
    from .conftest import Bench


def test_a_plain_file_gives_no_findings(bench: "Bench") -> None:
    assert bench.read_rows({}, {"BilledCost": "1e-3"}).findings == ()


def test_googles_own_export_is_named_with_the_connector_that_corrects_it(bench: "Bench") -> None:
    read = bench.read_rows({"x_CostType": "regular", "x_Credits": "[]", "x_ServiceId": "6F81-5844-456A"})
    assert 'connector = "gcp"' in read.finding("focus.google-export").message


@pytest.mark.parametrize("value", ["1,234", "€1,234", "ten"])
@pytest.mark.parametrize("column", ["BilledCost", "ContractedCost", "ListUnitPrice"])
def test_an_amount_that_is_no_plain_number_names_file_line_column_and_value(
    bench: "Bench", column: str, value: str
) -> None:
    with pytest.raises(BillError) as refused:
        bench.read_rows({}, {column: value})
    assert refused.value.what.endswith(
        f"bill.csv, line 3: {column} is {value.strip()!r}, which is no plain number below 10^18."
    )


def test_a_row_without_billed_cost_is_refused(bench: "Bench") -> None:
    with pytest.raises(BillError, match=r"bill\.csv, line 3: BilledCost is blank or null"):
        bench.read_rows({}, {"BilledCost": "NULL"})


def test_a_period_that_is_no_time_is_refused(bench: "Bench") -> None:
    with pytest.raises(BillError, match=r"line 3: ChargePeriodStart is '2026-01-06T30:00:00Z', which is no time"):
        bench.read_rows({}, {"ChargePeriodStart": "2026-01-06T30:00:00Z"})


def test_an_end_that_is_no_time_costs_nothing(bench: "Bench") -> None:
    read = bench.read_rows({"ChargePeriodEnd": "2026-01-05T30:00:00Z"})
    assert read.row["ChargePeriodEnd"] == datetime(2026, 1, 6, tzinfo=UTC)
    assert read.finding("focus.unreadable-end").rows == 1


def test_a_row_without_any_start_is_refused(bench: "Bench") -> None:
    with pytest.raises(BillError, match="line 3: neither BillingPeriodStart nor ChargePeriodStart"):
        bench.read_rows({}, {"BillingPeriodStart": "", "ChargePeriodStart": "NULL"})


APRIL = {
    "BillingPeriodStart": "4/1/25",
    "BillingPeriodEnd": "5/1/2025",
    "ChargePeriodStart": "4/2/25",
    "ChargePeriodEnd": "4/13/25",
}


def test_american_dates_are_read_where_the_file_proves_them_and_it_is_said(bench: "Bench") -> None:
    read = bench.read_rows(APRIL)
    assert [f"{read.row[name]:%Y-%m-%d}" for name in APRIL] == ["2025-04-01", "2025-05-01", "2025-04-02", "2025-04-13"]
    assert "dates such as 4/1/25 were read as month/day/year" in read.finding("focus.american-dates").message


@pytest.mark.parametrize(
    ("dates", "named"),
    [
        ({"BillingPeriodStart": "1/4/25", "BillingPeriodEnd": "1/5/25"}, "BillingPeriodStart is '1/4/25'"),
        ({"ChargePeriodStart": "3/4/25"}, "ChargePeriodStart is '3/4/25'"),
        ({**APRIL, "ChargePeriodEnd": "30/4/25"}, "ChargePeriodEnd is '30/4/25'"),
    ],
)
def test_dates_that_could_be_read_both_ways_are_refused(bench: "Bench", dates: dict[str, str], named: str) -> None:
    with pytest.raises(BillError, match=f"line 2: {named}, and the file does not tell month from day"):
        bench.read_rows(dates)


def test_an_american_date_that_does_not_exist_is_refused(bench: "Bench") -> None:
    with pytest.raises(BillError, match="line 2: ChargePeriodStart is '4/31/25', which is no time"):
        bench.read_rows({**APRIL, "ChargePeriodStart": "4/31/25"})


def test_values_that_focus_does_not_allow_are_kept_and_counted(bench: "Bench") -> None:
    read = bench.read_rows(
        {"ServiceCategory": "Database"}, {"ServiceCategory": "Database"}, {"ServiceCategory": "COMPUTE"}
    )
    assert {row["ServiceCategory"] for row in read.rows} == {"Database", "Compute"}
    assert read.finding("focus.unknown-value").rows == 2
    assert "'Database' (2 rows)" in read.finding("focus.unknown-value").message
    assert read.finding("focus.respelt-value").rows == 1


def test_a_quantity_that_is_no_number_is_left_blank_and_counted(bench: "Bench") -> None:
    read = bench.read_rows({"PricingQuantity": "1,000"}, {"PricingQuantity": "7"}, {"PricingQuantity": "inf"})
    assert sorted(row["PricingQuantity"] or 0 for row in read.rows) == [0, 0, 7]
    assert read.finding("focus.unreadable-quantity").rows == 2


def test_tags_that_cannot_be_read_are_left_out_and_counted(bench: "Bench") -> None:
    read = bench.read_rows({"Tags": "team=a"}, {"Tags": "team=a"}, {"Tags": "{'team': 'a'}"}, {"Tags": "NULL"})
    assert sorted(str(row["Tags"]) for row in read.rows) == ["None", "None", "None", '{"team": "a"}']
    assert read.finding("focus.unreadable-tags").rows == 2
    assert "for example 'team=a'" in read.finding("focus.unreadable-tags").message


def test_columns_without_a_place_are_named(bench: "Bench") -> None:
    read = bench.read_rows({"Id": "7", "AllocatedResourceId": "r", "Region": "eu-1"})
    assert read.finding("focus.dropped-columns").message.endswith("were left out: Id, AllocatedResourceId.")
    assert read.finding("focus.other-names").message.endswith("read Region as RegionId.")


def test_billing_periods_that_are_no_months_are_counted(bench: "Bench") -> None:
    read = bench.read_rows({"BillingPeriodEnd": "2026-01-31T00:00:00Z"}, {})
    assert read.finding("focus.odd-billing-period").rows == 1


def test_cells_of_billed_cost_that_are_rounded_are_counted(bench: "Bench") -> None:
    read = bench.read_rows({"BilledCost": "0.0000000000000000015"}, {})
    assert read.control.rounded_cells == 1
    assert [finding.rule for finding in read.control.findings] == ["focus.rounded-cells"]
