"""The forecast table: every series in month, quarter and fiscal year, every budget, and JSON by its schema."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from jsonschema import Draft202012Validator

from finops.budgets.outlook import outlook
from finops.report.forecast_table import SCHEMA, SCHEMA_DOCUMENT, ForecastTable, budget_forecast, series_forecast
from finops.report.model import NotComputable
from finops.report.records import to_json
from tests.budgets.futures import spend
from tests.report.cases import budget, part
from tests.report.tables import table

DAY = date(2026, 10, 11)
SHOP = part("shop", "10", "12", [12.0, 14.0])


def test_month_quarter_and_fiscal_year_hold_the_day() -> None:
    found = series_forecast(SHOP, day=DAY, fiscal_year_start=10)

    assert [(one.kind, one.label, one.start, one.end) for one in found.periods] == [
        ("month", "2026-10", date(2026, 10, 1), date(2026, 11, 1)),
        ("quarter", "FY2026/27 Q1", date(2026, 10, 1), date(2027, 1, 1)),
        ("fiscal_year", "FY2026/27", date(2026, 10, 1), date(2027, 10, 1)),
    ]
    assert [one.to_date for one in found.periods] == [Decimal(120)] * 3
    assert [one.forecast for one in found.periods] == [Decimal(120 + 13 * days) for days in (21, 82, 355)]


def test_ranges_lie_inside_one_another() -> None:
    for one in series_forecast(SHOP, day=DAY, fiscal_year_start=10).periods:
        assert one.low_95 is not None
        assert one.low_80 is not None
        assert one.high_80 is not None
        assert one.high_95 is not None
        assert isinstance(one.forecast, Decimal)
        assert one.low_95 < one.low_80 < one.forecast < one.high_80 < one.high_95


def test_a_period_that_is_over_has_no_range() -> None:
    closed = part("shop", "10", "12", [12.0], days=31)
    month = series_forecast(closed, day=DAY, fiscal_year_start=10).periods[0]

    assert (month.forecast, month.low_80, month.high_95) == (Decimal(372), None, None)


def test_without_a_forecast_there_is_a_reason() -> None:
    found = series_forecast(spend(["5", "6"]), day=DAY, fiscal_year_start=10)

    assert (found.model, found.fallback_reason) == (None, "too little is known")
    assert found.periods[0].forecast == NotComputable(reason="too little is known")
    assert found.periods[0].to_date == Decimal(11)


def test_the_last_ten_complete_days_are_oldest_first() -> None:
    assert series_forecast(
        spend(["5", "6"], [1.0], until=date(2027, 10, 1)), day=DAY, fiscal_year_start=10
    ).last_days == (
        *[Decimal(0)] * 8,
        Decimal(5),
        Decimal(6),
    )
    assert series_forecast(spend([]), day=DAY, fiscal_year_start=10).last_days == ()


def test_a_budget_is_its_outlook() -> None:
    one = outlook(budget("s", "380", project="shop"), SHOP, day=DAY, fiscal_year_start=10)
    assert one is not None
    found = budget_forecast(one, level="high", owner="me", fiscal_year_start=10)

    assert (found.name, found.scope, found.period, found.level, found.owner) == (
        "s",
        "project shop",
        "2026-10",
        "high",
        "me",
    )
    assert (found.to_date, found.limit, found.forecast, found.gap) == (
        Decimal(120),
        Decimal(380),
        Decimal(393),
        Decimal(13),
    )
    assert (found.gap_ratio, found.chance_over) == (Decimal("0.0342"), Decimal("0.5"))
    assert found.overrun_on == one.overrun_on


@pytest.mark.parametrize("limit", ["0", "-5"])
def test_a_limit_of_nothing_has_no_ratio(limit: str) -> None:
    one = outlook(budget("s", limit, project="shop"), SHOP, day=DAY, fiscal_year_start=10)
    assert one is not None

    assert budget_forecast(one, level=None, owner=None, fiscal_year_start=10).gap_ratio is None


CASES = {
    "as usual": table([SHOP, part("search", "1", "1", [1.0])], [budget("s", "380", project="shop"), budget("a", "9")]),
    "no forecast": table([spend(["5"])], [budget("a", {"2026-09": "1"})]),
    "no complete day": table([spend([])]),
}


@pytest.mark.parametrize("given", CASES.values(), ids=list(CASES))
def test_every_table_follows_its_schema_without_a_double(given: ForecastTable) -> None:
    text = to_json(given, schema=SCHEMA)

    Draft202012Validator(SCHEMA_DOCUMENT).validate(json.loads(text))
    json.loads(text, parse_float=lambda number: pytest.fail(f"{number} is no text"))


def test_the_schema_knows_no_other_status() -> None:
    whole = json.loads(to_json(CASES["as usual"], schema=SCHEMA))

    assert not Draft202012Validator(SCHEMA_DOCUMENT).is_valid({**whole, "status": "final"})
    assert not Draft202012Validator(SCHEMA_DOCUMENT).is_valid({**whole, "schema": "finops.forecast/2"})


def test_amounts_keep_every_digit() -> None:
    exact = Decimal("123456789012345678.100000000000000005")
    whole = CASES["as usual"]
    month = replace(whole.total.periods[0], to_date=exact)
    changed = replace(whole, total=replace(whole.total, periods=(month, *whole.total.periods[1:])))

    assert json.loads(to_json(changed, schema=SCHEMA))["total"]["periods"][0]["to_date"] == str(exact)
