"""The appendix: how good forecasts were, what they rest on, and what is doubtful about the data."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from finops.findings import Finding, Severity
from finops.forecast.backtest import PastMonth
from finops.report.appendix import accuracy, assumptions, method, quality
from finops.report.forecast_table import OwnRange
from finops.report.inputs import Inputs
from finops.report.model import (
    Accuracy,
    Method,
    NotComputable,
    QualityCheck,
    Reconciliation,
    ReconciliationRow,
    SourceFreshness,
)
from tests.budgets.futures import spend
from tests.report.cases import NOT_ALLOCATED, budget, inputs, part

SHOP = part("shop", "10", "12", [12.0, 14.0])


def past(mean: float, actual: float, *, naive: float = 90.0) -> PastMonth:
    return PastMonth(
        month="2026-09",
        made_on=date(2026, 9, 10),
        mean=mean,
        low_80=mean - 10,
        high_80=mean + 10,
        actual=actual,
        naive=naive,
    )


def check(given: Inputs, name: str) -> QualityCheck:
    (found,) = (one for one in quality(given) if one.name == name)
    return found


def test_the_error_is_weighed_by_what_was_spent() -> None:
    found = accuracy([past(110, 100), past(280, 300, naive=330)])

    assert isinstance(found, Accuracy)
    assert (found.error_ratio, found.naive_error_ratio, found.hits) == (Decimal("0.075"), Decimal("0.1"), 1)
    assert [(one.forecast, one.actual, one.hit) for one in found.months] == [
        (Decimal("110.0000"), Decimal("100.0000"), True),
        (Decimal("280.0000"), Decimal("300.0000"), False),
    ]


def test_without_earlier_months_the_error_is_not_computable() -> None:
    assert accuracy([]) == NotComputable(reason="no closed month lies far enough back to be forecast again")
    assert accuracy([past(5, 0)]) == NotComputable(reason="nothing was spent in the closed months")


def test_the_method_names_history_and_models() -> None:
    found = method(inputs([SHOP]))

    assert isinstance(found, Method)
    assert found.models == (("shop", "futures worked out by hand", None),)
    assert (found.history.start, found.history.end) == (date(2026, 9, 1), date(2026, 10, 11))
    assert found.seed == 1


def test_without_a_forecast_there_is_no_method() -> None:
    assert method(inputs([spend(["5"])])) == NotComputable(reason="too little is known")


def test_days_before_the_data_are_an_assumption() -> None:
    (found,) = assumptions(inputs([SHOP], fiscal_year_start=4))

    assert (found.name, found.value, found.unit) == ("Spend before 2026-09-01", "0", "EUR")
    assert found.source == "no export holds earlier days of fiscal year 2026/27"
    assert assumptions(inputs([SHOP], fiscal_year_start=9)) == ()


def test_whose_holidays_are_known_and_from_where_is_an_assumption() -> None:
    told = replace(inputs([SHOP]), holidays=("DE", "US"), holidays_by="a calendar, 2026")
    (found,) = (one for one in assumptions(told) if one.name.startswith("Public holidays"))

    assert (found.value, found.source, found.stale) == ("DE, US", "a calendar, 2026", False)
    assert not any(one.name.startswith("Public holidays") for one in assumptions(inputs([SHOP])))


def test_how_wide_own_past_totals_make_ranges_is_an_assumption() -> None:
    own = OwnRange(measure="effective_cost", factor=Decimal("1.0713"), totals=480, inside_80=Decimal("0.7437"))
    (found,) = (one for one in assumptions(replace(inputs([SHOP]), own_ranges=(own,))) if "ranges" in one.name)

    assert (found.name, found.value) == ("Width of the ranges of effective cost, times the usual one", "1.07")
    assert found.source == "74 % of 480 own past totals lay in their usual 80 % range"
    assert not any("ranges" in one.name for one in assumptions(inputs([SHOP])))


@pytest.mark.parametrize(
    ("as_of", "days", "result", "value", "effect"),
    [
        (date(2026, 10, 11), 10, "ok", "10 of 10", "None"),
        (date(2026, 10, 12), 10, "ok", "10 of 11", "1 late day is forecast, not counted"),
        (date(2026, 10, 16), 10, "ok", "10 of 15", "5 late days are forecast, not counted"),
        (date(2026, 10, 17), 10, "check", "10 of 16", "6 late days are forecast, not counted"),
        (date(2026, 12, 1), 31, "ok", "31 of 31", "None"),
        (date(2026, 9, 20), 0, "ok", "0 of 0", "None"),
    ],
)
def test_complete_days_are_counted_against_those_that_have_passed(
    as_of: date, days: int, result: str, value: str, effect: str
) -> None:
    found = check(inputs([part("shop", "1", "1", [1.0], days=days)], as_of=as_of), "Complete days of the period")

    assert (found.result, found.value, found.effect) == (result, value, effect)


@pytest.mark.parametrize(
    ("data_to", "result", "value", "effect"),
    [
        (date(2026, 10, 10), "ok", "to 2026-10-10", "None"),
        (date(2026, 10, 5), "ok", "to 2026-10-05", "None"),
        (date(2026, 10, 4), "check", "to 2026-10-04", "Its spend may be too low"),
        (None, "check", "none", "Its spend may be too low"),
        (date(2026, 8, 31), "ok", "ended 2026-08-31", "None; nothing newer is expected from it"),
    ],
)
def test_a_late_source_is_told_from_one_that_ended(data_to: date | None, result: str, value: str, effect: str) -> None:
    source = SourceFreshness(source="aws", provider="AWS", data_to=data_to, deliveries=1, rows=1)
    found = check(inputs([SHOP], freshness=[source]), "Charges of source aws")

    assert (found.result, found.value, found.effect) == (result, value, effect)


@pytest.mark.parametrize(
    ("billed", "allocated", "result", "value", "effect"),
    [
        ("1000", "950", "ok", "95.0%", "50 EUR shown as not allocated"),
        ("10000", "9499", "check", "95.0%", "501 EUR shown as not allocated"),
        ("1000", "1000", "ok", "100.0%", "None"),
        ("0", "0", "check", "nothing was billed", "None"),
        ("-100", "-50", "check", "50.0%", "-50 EUR shown as not allocated"),
    ],
)
def test_cost_without_a_project_is_shown(billed: str, allocated: str, result: str, value: str, effect: str) -> None:
    given = replace(inputs([SHOP]), billed=Decimal(billed), allocated_billed=Decimal(allocated))
    found = check(given, "Billed cost with a project")

    assert (found.result, found.value, found.effect) == (result, value, effect)


def reconciled(export: str | None, difference: str) -> ReconciliationRow:
    return ReconciliationRow(
        source="aws",
        month="2026-10",
        currency="EUR",
        export=None if export is None else Decimal(export),
        table=Decimal(5),
        allocated=Decimal(5),
        unallocated=Decimal(0),
        difference=Decimal(difference),
    )


@pytest.mark.parametrize(
    ("rows", "result", "value"),
    [
        ([reconciled("5", "0")], "ok", "1 of 1 to the last digit"),
        ([reconciled("5", "0"), reconciled(None, "0")], "check", "1 of 2 to the last digit"),
        ([reconciled("5", "0.000000000000000001"), reconciled(None, "0")], "fail", "0 of 2 to the last digit"),
        ([], "ok", "0 of 0 to the last digit"),
    ],
)
def test_a_difference_in_the_last_digit_fails(rows: list[ReconciliationRow], result: str, value: str) -> None:
    given = replace(inputs([SHOP]), reconciliation=Reconciliation(rows=tuple(rows), steps=()))
    found = check(given, "Export = table = allocated + not allocated")

    assert (found.result, found.value) == (result, value)


def test_projects_without_a_budget_are_named() -> None:
    parts = [SHOP, part("search", "1", "1", [1.0]), part(NOT_ALLOCATED, "1", "1", [1.0])]
    found = check(inputs(parts, [budget("s", "5", project="shop")]), "Budget for every project")

    assert (found.result, found.value, found.effect) == ("check", "1 of 3", "No gap for search, not allocated")
    assert not any(one.name == "Budget for every project" for one in quality(inputs(parts)))


@pytest.mark.parametrize(
    ("severities", "result"),
    [(["warning"], "check"), (["info", "warning", "error"], "fail"), (["info"], None), ([], None)],
)
def test_findings_are_as_grave_as_the_gravest(severities: list[Severity], result: str | None) -> None:
    findings = tuple(Finding(rule=f"r{at}", severity=one, message="m") for at, one in enumerate(severities))
    found = [one.result for one in quality(replace(inputs([SHOP]), findings=findings)) if "Findings" in one.name]

    assert found == ([result] if result else [])
