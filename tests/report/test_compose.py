"""Compose: whatever is missing, there is a report that follows its schema and says what is missing."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from jsonschema import Draft202012Validator

from finops.report import machine
from finops.report.compose import compose
from finops.report.inputs import Inputs
from finops.report.model import Amount, NotComputable, Report
from finops.report.slices import Slice
from tests.budgets.futures import spend
from tests.report.cases import budget, inputs, part

SHOP = part("shop", "100", "120", [120.0, 140.0])
SEARCH = part("search", "200", "200", [200.0])
BUDGETS = (budget("all", "9000"), budget("s", "3000", project="shop"), budget("q", "9000", period="quarter"))

CASES = {
    "a running month": inputs([SHOP, SEARCH], BUDGETS),
    "no budget": inputs([SHOP, SEARCH]),
    "no forecast": inputs([spend(["5", "5"])], BUDGETS[:1]),
    "no complete day": inputs([spend([])]),
    "a closed month": inputs([part("shop", "100", "120", [120.0], days=40)], BUDGETS, as_of=date(2026, 11, 11)),
    "nothing in the month yet": inputs([part("shop", "100", "0", [5.0], days=0)], as_of=date(2026, 10, 1)),
}


@pytest.mark.parametrize("given", CASES.values(), ids=list(CASES))
def test_every_case_has_a_report_that_follows_its_schema(given: Inputs) -> None:
    Draft202012Validator(machine.SCHEMA_DOCUMENT).validate(json.loads(machine.to_json(compose(given))))


def test_the_same_inputs_give_the_same_report() -> None:
    assert compose(CASES["a running month"]) == compose(inputs([SHOP, SEARCH], BUDGETS))


def test_every_part_shows_the_same_total() -> None:
    report = compose(CASES["a running month"])
    (all_cost,) = (line for line in report.budgets if line.name == "all")

    total = report.variance.total
    assert report.verdict.forecast == report.key_figures.forecast == total.forecast == all_cost.forecast
    assert report.verdict.gap == report.key_figures.gap == total.gap == all_cost.gap
    assert report.key_figures.to_date == total.to_date == all_cost.to_date


def test_alerts_are_among_the_budgets() -> None:
    report = compose(CASES["a running month"])

    assert [alert.name for alert in report.alerts] == ["q", "all", "s"]
    for alert in report.alerts:
        (line,) = (one for one in report.budgets if one.name == alert.name)
        assert (alert.forecast, alert.limit, alert.gap) == (line.forecast, line.limit, line.gap)


def test_labels_follow_the_fiscal_year() -> None:
    report = compose(inputs([SHOP], fiscal_year_start=4))

    assert (report.period_label, report.fiscal_label, report.fiscal_period) == ("2026-10", "2026/27", "P07")


def test_a_month_is_provisional_until_the_provider_closed_it() -> None:
    assert compose(inputs([SHOP])).status == "provisional"
    assert compose(replace(inputs([SHOP]), final=True)).status == "final"


def test_coverage_is_the_allocated_share_of_what_was_billed() -> None:
    given = replace(inputs([SHOP]), billed=Decimal(200), allocated_billed=Decimal(150))

    assert compose(given).allocation_coverage == Decimal("0.75")
    assert compose(replace(given, billed=Decimal(0))).allocation_coverage == NotComputable(
        reason="nothing was billed in 2026-10"
    )


def test_small_bills_are_shown_to_the_cent() -> None:
    report: Report = compose(inputs([part("shop", "1.234", "1.234", [1.234])]))

    assert report.unit == Decimal("0.01")
    assert isinstance(report.key_figures.to_date, Amount)
    assert report.key_figures.to_date.shown == Decimal("12.34")


def test_services_in_the_report_come_from_the_slices() -> None:
    daily = {day: amount for day, amount in SHOP.daily.items() if day.month in {9, 10}}
    given = inputs([SHOP], slices=[Slice(part="shop", group="AWS", name="Amazon EC2", daily=daily)])

    assert not isinstance(compose(given).services, NotComputable)
