"""Control totals: exact, by another reader; and what they find."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finops.errors import BillError
from finops.money import stored
from finops_aws.amounts import Unsummable, decimals
from finops_aws.control import _batches

from .conftest import DEFAULTS, Mapped, write_csv

COST, NET, KIND = "lineItem/UnblendedCost", "lineItem/NetUnblendedCost", "lineItem/LineItemType"


def test_cells_of_more_than_18_places_are_rounded_half_to_even_and_counted(report: Callable[..., Mapped]) -> None:
    mapped = report({COST: "0.0000000000000000025"}, {COST: "0.0000000000000000035"}, {COST: "5e-06"}, {COST: " 7 "})
    assert mapped.billed == Decimal("7.000005000000000006")
    assert mapped.control.rounded_cells == 2
    assert "focus.rounded" in mapped.rules


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.decimals(-(10**9), 10**9, allow_nan=False, allow_infinity=False, places=21), min_size=1, max_size=200)
)
def test_mapping_and_control_agree_on_every_amount(report: Callable[..., Mapped], costs: list[Decimal]) -> None:
    mapped = report(*({COST: f"{cost:f}"} for cost in costs))
    assert mapped.control.rows == len(costs)


@pytest.mark.parametrize("cell", ["1,234.50", "$5", "nan", "free"])
def test_an_amount_that_is_no_number_names_file_line_and_value(report: Callable[..., Mapped], cell: str) -> None:
    description = {"lineItem/LineItemDescription": "over\ntwo lines"}
    with pytest.raises(BillError, match=r"report.csv, line 4") as error:
        report({COST: "1", **description}, {COST: cell})
    assert cell in str(error.value)


def test_a_blank_amount_counts_as_nothing_and_is_told(report: Callable[..., Mapped]) -> None:
    mapped = report({COST: ""}, {COST: "2"})
    assert mapped.billed == 2
    assert "aws.blank-cost" in mapped.rules


def test_a_row_without_currency_is_an_error_unless_one_is_configured(report: Callable[..., Mapped]) -> None:
    lines = ({COST: "1"}, {COST: "1", "lineItem/CurrencyCode": ""})
    with pytest.raises(BillError, match=r"line 3: no currency.*Set currency"):
        report(*lines)
    assert report(*lines, currency="EUR").control.billed == {("EUR", "2026-01"): 1, ("USD", "2026-01"): 1}


def test_a_row_without_any_date_is_an_error(report: Callable[..., Mapped]) -> None:
    with pytest.raises(BillError, match=r"line 2: .*no billing month"):
        report({"bill/BillingPeriodStartDate": "", "lineItem/UsageStartDate": ""})


def test_negations_that_cancel_leave_no_finding(report: Callable[..., Mapped]) -> None:
    mapped = report({KIND: "SavingsPlanCoveredUsage", COST: "0.1"}, {KIND: "SavingsPlanNegation", COST: "-0.1"})
    assert mapped.billed == 0
    assert "aws.covered-not-cancelled" not in mapped.rules


def test_covered_usage_that_is_not_cancelled_is_told_with_its_amount(report: Callable[..., Mapped]) -> None:
    mapped = report({KIND: "SavingsPlanCoveredUsage", COST: "10"}, {KIND: "SavingsPlanNegation", COST: "-4"})
    [finding] = [found for found in mapped.control.findings if found.rule == "aws.covered-not-cancelled"]
    assert (finding.cost, finding.currency, finding.source) == (Decimal(6), "USD", "aws")


def test_net_costs_count_where_they_sum_to_the_unblended_ones(report: Callable[..., Mapped]) -> None:
    mapped = report({COST: "10", NET: "9"}, {KIND: "EdpDiscount", COST: "-1", NET: "0"})
    assert sorted(row["BilledCost"] for row in mapped.rows) == [0, 9]


def test_net_costs_count_where_discount_columns_explain_the_difference(report: Callable[..., Mapped]) -> None:
    mapped = report({COST: "10", NET: "8.5", "discount/TotalDiscount": "-1.5"})
    assert mapped.billed == Decimal("8.5")
    assert "aws.discounts-in-columns" in mapped.rules


def test_net_costs_that_do_not_tie_are_not_used_and_the_difference_is_told(report: Callable[..., Mapped]) -> None:
    mapped = report({COST: "10", NET: "8", "discount/TotalDiscount": "-1.5"})
    assert mapped.billed == 10
    [finding] = [found for found in mapped.control.findings if found.rule == "aws.net-does-not-tie"]
    assert finding.cost == -2


def test_net_columns_that_nobody_filled_change_nothing(report: Callable[..., Mapped]) -> None:
    assert report({COST: "10", NET: ""}, {COST: "3", NET: ""}).billed == 13


def test_the_basis_is_decided_per_month(report: Callable[..., Mapped]) -> None:
    later = {"bill/BillingPeriodStartDate": "2026-02-01T00:00:00Z", "bill/BillingPeriodEndDate": "2026-03-01T00:00:00Z"}
    mapped = report({COST: "10", NET: "9"}, {KIND: "EdpDiscount", COST: "-1", NET: "0"}, {COST: "7", NET: "1", **later})
    assert mapped.control.billed == {("USD", "2026-01"): 9, ("USD", "2026-02"): 7}


def test_split_rows_count_nowhere(report: Callable[..., Mapped]) -> None:
    mapped = report({COST: "4"}, {COST: "3", "splitLineItem/ParentResourceId": "i-1", "lineItem/UsageAmount": "2"})
    assert mapped.billed == mapped.effective == 4
    assert "aws.split-rows" in mapped.rules
    assert len(mapped.rows) == 2


def test_an_unknown_line_item_type_is_kept_and_told(report: Callable[..., Mapped]) -> None:
    mapped = report({COST: "4", KIND: "MoonFee"})
    assert mapped.of("MoonFee")["ChargeCategory"] == "Purchase"
    assert "aws.unknown-line-item-type" in mapped.rules


def test_a_report_without_lines_is_worth_nothing(tmp_path: Path, read: Callable[..., Mapped]) -> None:
    write_csv(tmp_path / "r.csv", [DEFAULTS])
    (tmp_path / "r.csv").write_text((tmp_path / "r.csv").read_text().splitlines()[0] + "\n")
    mapped = read(tmp_path / "r.csv")
    assert (mapped.rows, mapped.control.rows) == ([], 0)


_FLOATS = st.one_of(
    st.none(),
    st.floats(-1e17, 1e17, allow_nan=False),
    st.decimals(-(10**6), 10**6, places=10, allow_nan=False).map(float),
    st.sampled_from([-0.0, 1e5, 99999.9999999999, 5e-19, 2.5e-18, 1e-10]),
)


@given(st.lists(_FLOATS, max_size=40))
def test_a_float_counts_as_its_shortest_decimal(cells: list[float | None]) -> None:
    amounts, blank, rounded = decimals(pa.array(cells, pa.float64()), "cost")
    exact = [Decimal(0) if cell is None else stored(repr(cell)) for cell in cells]
    assert amounts.to_pylist() == exact
    assert blank.to_pylist() == [cell is None for cell in cells]
    assert rounded.to_pylist() == [
        cell is not None and Decimal(repr(cell)) != amount for cell, amount in zip(cells, exact, strict=True)
    ]


def test_a_float_that_is_no_number_is_named_with_its_row() -> None:
    with pytest.raises(Unsummable) as error:
        decimals(pa.array([1.5, None, 1e16, float("nan")], pa.float64()), "cost")
    assert (error.value.column, error.value.row) == ("cost", 3)


def test_a_report_read_in_many_parts_adds_up_to_the_same(
    report: Callable[..., Mapped], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [{COST: f"{n}.25", "lineItem/UsageAccountId": str(n % 3)} for n in range(20)]
    whole = report(*lines).control
    csv = _batches

    def one_by_one(*given: Any) -> Iterator[pa.RecordBatch]:  # noqa: ANN401 - passed on
        for batch in csv(*given):
            yield from (batch.slice(at, 1) for at in range(batch.num_rows))

    monkeypatch.setattr("finops_aws.control._batches", one_by_one)
    monkeypatch.setattr("finops_aws.control._MERGED", 3)
    assert report(*lines).control == whole
    assert whole.billed == {("USD", "2026-01"): Decimal(195)}
