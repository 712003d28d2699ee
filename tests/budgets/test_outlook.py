"""An outlook says how a period will end against its limit, and admits what it does not know."""

from datetime import date
from decimal import Decimal

import pytest

from finops.budgets.budget import Budget
from finops.budgets.outlook import Outlook, outlook, period_label
from finops.budgets.spend import NotForecast
from finops.periods import Period, fiscal_year_of, month, quarter_of
from tests.budgets.futures import spend

TWO_DAYS = spend(["10", "10"], [10.0, 20.0])  # 310 or 600 in October, 455 expected


def monthly(limit: str | None) -> Budget:
    limits = {"2026-10": Decimal(limit)} if limit else {"2026-09": Decimal(1)}
    return Budget(name="b", measure="effective_cost", period="month", limits=limits)


def judged(budget: Budget, one: object = TWO_DAYS) -> Outlook:
    found = outlook(budget, one, day=date(2026, 10, 3), fiscal_year_start=4)  # type: ignore[arg-type]  # spend
    assert found is not None
    return found


def test_the_gap_is_forecast_minus_limit() -> None:
    found = judged(monthly("400"))

    assert (found.period, found.to_date, found.limit) == (month("2026-10"), Decimal(20), Decimal(400))
    assert found.gap == Decimal(55)
    assert found.chance_over == 0.5
    assert found.overrun_on == date(2026, 10, 28)
    assert not found.already_over


def test_a_period_that_keeps_its_limit_has_no_day_of_overrun() -> None:
    found = judged(monthly("600"))

    assert (found.gap, found.chance_over, found.overrun_on) == (Decimal(-145), 0.0, None)


def test_complete_days_above_the_limit_are_already_over() -> None:
    assert not judged(monthly("20")).already_over
    found = judged(monthly("19.999999999999999999"))

    assert found.already_over
    assert found.overrun_on == date(2026, 10, 2)
    assert found.chance_over == 1.0


def test_without_a_forecast_the_gap_and_the_chance_are_not_known() -> None:
    found = judged(monthly("400"), spend(["10", "10"]))

    assert found.result == NotForecast(reason="too little is known")
    assert (found.gap, found.chance_over, found.overrun_on) == (None, None, None)


def test_without_a_forecast_a_limit_behind_us_is_certain() -> None:
    found = judged(monthly("15"), spend(["10", "10"]))

    assert (found.already_over, found.chance_over, found.gap) == (True, 1.0, None)


def test_without_a_limit_nothing_is_over() -> None:
    found = judged(monthly(None))

    assert (found.limit, found.gap, found.chance_over, found.overrun_on) == (None, None, None, None)
    assert not found.already_over
    assert found.to_date == Decimal(20)


def test_a_budget_without_a_period_then_has_no_outlook() -> None:
    fixed = Budget(
        name="b",
        measure="effective_cost",
        period=Period(start=date(2026, 1, 1), end=date(2026, 10, 3)),
        limit=Decimal(1),
    )

    assert outlook(fixed, TWO_DAYS, day=date(2026, 10, 2), fiscal_year_start=1) is not None
    assert outlook(fixed, TWO_DAYS, day=date(2026, 10, 3), fiscal_year_start=1) is None


DAY = date(2026, 11, 3)


@pytest.mark.parametrize(
    ("period", "start", "label"),
    [
        (month("2026-11"), 1, "2026-11"),
        (month("2026-11"), 4, "2026-11"),
        (quarter_of(DAY), 1, "2026-Q4"),
        (quarter_of(DAY, fiscal_year_start=4), 4, "FY2026/27 Q3"),
        (quarter_of(DAY, fiscal_year_start=2), 2, "FY2026/27 Q4"),
        (quarter_of(DAY), 2, "2026-10-01 to 2026-12-31"),
        (fiscal_year_of(DAY, fiscal_year_start=1), 1, "FY2026"),
        (fiscal_year_of(DAY, fiscal_year_start=4), 4, "FY2026/27"),
        (fiscal_year_of(DAY, fiscal_year_start=1), 4, "2026"),
        (fiscal_year_of(DAY, fiscal_year_start=7), 4, "2026-07-01 to 2027-06-30"),
        (Period(start=date(2026, 3, 15), end=date(2026, 4, 15)), 1, "2026-03-15 to 2026-04-14"),
        (Period(start=date(2026, 3, 1), end=date(2026, 9, 1)), 1, "2026-03-01 to 2026-08-31"),
        (Period(start=date(2026, 11, 1), end=date(2026, 11, 15)), 1, "2026-11-01 to 2026-11-14"),
        (Period(start=date(2026, 1, 1), end=date(2028, 1, 1)), 1, "2026-01-01 to 2027-12-31"),
    ],
)
def test_periods_are_called_what_people_call_them(period: Period, start: int, label: str) -> None:
    assert period_label(period, fiscal_year_start=start) == label
