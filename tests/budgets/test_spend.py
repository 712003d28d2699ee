"""Spend: complete days stay exact, only what is ahead comes from statistics."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.budgets.spend import NotForecast, PeriodOutlook
from finops.periods import Period, month
from tests.budgets.futures import spend

OCTOBER = month("2026-10")


def outlook(*args: object, **kwargs: object) -> PeriodOutlook:
    found = spend(*args, **kwargs).outlook(OCTOBER)  # type: ignore[arg-type]  # passed on
    assert isinstance(found, PeriodOutlook)
    return found


def test_to_date_holds_the_complete_days_inside_the_period_alone() -> None:
    one = spend(["1.1", "2.2"], booked=["99"])

    assert one.to_date(OCTOBER) == Decimal("3.3")
    assert one.to_date(Period(start=date(2026, 10, 2), end=date(2026, 11, 1))) == Decimal("2.2")
    assert one.to_date(month("2026-09")) == 0
    assert spend([], booked=["99"]).to_date(OCTOBER) == 0


def test_the_whole_period_is_what_is_exact_and_what_is_expected() -> None:
    """Two days known, 29 days of 10 or 20."""
    found = outlook(["100000000000000000000.000000000000000001", "1"], [10.0, 20.0])

    assert found.to_date == Decimal("100000000000000000001.000000000000000001")
    assert found.amount == Decimal("100000000000000000436.000000000000000001")
    assert found.spread is not None


def test_a_closed_period_is_exact_and_has_no_spread() -> None:
    found = outlook(["1.5"] * 31, [10.0], until=date(2026, 12, 1))

    assert found.amount == found.to_date == Decimal("46.5")
    assert found.spread is None
    assert found.range(0.8) is None


def test_without_a_forecast_there_is_a_reason_instead() -> None:
    assert spend(["1"]).outlook(OCTOBER) == NotForecast(reason="too little is known")
    assert spend([]).outlook(OCTOBER) == NotForecast(reason="too little is known")


def test_a_range_is_between_the_futures() -> None:
    """30 days of 1, 2, 3, 4 or 5: totals 30 to 150."""
    found = outlook(["7"], [5.0, 1.0, 3.0, 2.0, 4.0])

    assert found.amount == Decimal(97)
    assert found.range(0.5) == (Decimal(67), Decimal(127))
    assert found.range(0.8) == (Decimal("49.0000"), Decimal("145.0000"))


@given(
    st.lists(st.floats(min_value=-1e6, max_value=1e6), min_size=1, max_size=9),
    st.floats(min_value=0.01, max_value=0.98),
)
def test_ranges_lie_inside_one_another(futures: list[float], level: float) -> None:
    found = outlook(["7"], futures)
    inner, outer = found.range(level), found.range(level + 0.01)

    assert inner is not None
    assert outer is not None
    assert outer[0] <= inner[0] <= inner[1] <= outer[1]


@pytest.mark.parametrize(("limit", "chance"), [("36", 1.0), ("37", 0.8), ("96.99", 0.6), ("97", 0.4), ("157", 0.0)])
def test_the_chance_is_the_share_of_futures_above_the_limit(limit: str, chance: float) -> None:
    assert outlook(["7"], [5.0, 1.0, 3.0, 2.0, 4.0]).chance_over(Decimal(limit)) == chance


def test_a_closed_period_is_over_or_not_to_the_last_digit() -> None:
    found = outlook(["1"] * 31)

    assert found.chance_over(Decimal("30.999999999999999999")) == 1.0
    assert found.chance_over(Decimal(31)) == 0.0


@pytest.mark.parametrize(
    ("limit", "day"),
    [
        ("9.99", date(2026, 10, 1)),  # already over on the first day
        ("10", date(2026, 10, 2)),
        ("20", date(2026, 10, 3)),  # reached is not over: the first day ahead
        ("34.99", date(2026, 10, 3)),
        ("35", date(2026, 10, 4)),
        ("454.9", date(2026, 10, 31)),
        ("455", None),
    ],
)
def test_the_overrun_day_is_the_first_above_the_limit(limit: str, day: date | None) -> None:
    """Two days of 10, then 15 a day: 455 in October."""
    assert spend(["10", "10"], [10.0, 20.0]).overrun_on(OCTOBER, Decimal(limit)) == day


def test_the_overrun_day_counts_what_lies_before_the_forecasts_history() -> None:
    """A fiscal year may begin long before the months the forecast looks at."""
    assert spend(["10"] * 10, [15.0], history=2).overrun_on(OCTOBER, Decimal(114)) == date(2026, 10, 11)


def test_a_limit_reached_to_the_last_digit_is_not_over() -> None:
    """0.1 ten times is above 1 as a float."""
    one = spend(["0.1"] * 10, [0.0])

    assert sum([0.1] * 3) > 0.3
    assert one.overrun_on(OCTOBER, Decimal(1)) is None
    assert spend(["0.1"] * 3, [0.0]).overrun_on(OCTOBER, Decimal("0.3")) is None


def test_without_a_forecast_only_days_behind_can_be_over() -> None:
    assert spend(["10", "10"]).overrun_on(OCTOBER, Decimal(15)) == date(2026, 10, 2)
    assert spend(["10", "10"]).overrun_on(OCTOBER, Decimal(20)) is None
    assert spend([]).overrun_on(OCTOBER, Decimal(0)) is None


def test_a_period_that_has_not_begun_is_all_forecast() -> None:
    november = month("2026-11")
    one = spend(["10"], [2.0], until=date(2026, 12, 1))
    found = one.outlook(november)

    assert isinstance(found, PeriodOutlook)
    assert (found.to_date, found.amount) == (Decimal(0), Decimal(60))
    assert one.overrun_on(november, Decimal(3)) == date(2026, 11, 2)
