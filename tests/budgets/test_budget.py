"""A budget knows the period that holds a day, and that period's limit."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.budgets.budget import Budget, Recurrence
from finops.periods import Period, month

FIXED = Period(start=date(2026, 3, 15), end=date(2026, 9, 1))


def budget(
    period: Recurrence | Period, limit: Decimal | None = None, limits: dict[str, Decimal] | None = None
) -> Budget:
    return Budget(name="b", measure="effective_cost", period=period, limit=limit, limits=limits or {})


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ("month", date(2026, 2, 1), date(2026, 3, 1)),
        ("quarter", date(2026, 1, 1), date(2026, 4, 1)),
        ("year", date(2026, 1, 1), date(2027, 1, 1)),
        ("fiscal_year", date(2025, 4, 1), date(2026, 4, 1)),
    ],
)
def test_a_recurring_period_holds_the_day(period: Recurrence, start: date, end: date) -> None:
    found = budget(period).period_at(date(2026, 2, 28), fiscal_year_start=4)

    assert found == Period(start=start, end=end)


def test_quarters_follow_the_fiscal_year() -> None:
    found = budget("quarter").period_at(date(2026, 2, 28), fiscal_year_start=2)

    assert found == Period(start=date(2026, 2, 1), end=date(2026, 5, 1))


@pytest.mark.parametrize(
    ("day", "inside"),
    [
        (date(2026, 3, 14), False),
        (date(2026, 3, 15), True),
        (date(2026, 8, 31), True),
        (date(2026, 9, 1), False),
    ],
)
def test_a_fixed_period_holds_its_days_alone(day: date, inside: bool) -> None:  # noqa: FBT001 - a case
    assert budget(FIXED).period_at(day, fiscal_year_start=1) == (FIXED if inside else None)


@given(
    st.dates(min_value=date(1980, 1, 1), max_value=date(2100, 1, 1)),
    st.sampled_from(["month", "quarter", "year", "fiscal_year"]),
    st.integers(min_value=1, max_value=12),
)
def test_periods_follow_one_another_without_gap(day: date, period: Recurrence, start: int) -> None:
    one = budget(period)
    found = one.period_at(day, fiscal_year_start=start)

    assert found is not None
    assert day in found
    following = one.period_at(found.end, fiscal_year_start=start)
    assert following is not None
    assert following.start == found.end
    assert one.period_at(found.last_day, fiscal_year_start=start) == found


def test_one_limit_is_the_limit_of_every_period() -> None:
    assert budget("month", Decimal(100)).limit_of(month("2026-02")) == Decimal(100)
    assert budget("quarter", Decimal(0)).limit_of(month("2026-02")) == Decimal(0)


def test_limits_by_month_add_up_exactly_over_a_quarter() -> None:
    limits = {
        "2026-04": Decimal("100.10"),
        "2026-05": Decimal("1e20"),
        "2026-06": Decimal("1e-18"),
        "2026-07": Decimal(9),
    }
    one = budget("quarter", limits=limits)

    quarter = one.period_at(date(2026, 5, 5), fiscal_year_start=4)
    assert quarter is not None
    assert one.limit_of(quarter) == Decimal("100000000000000000100.100000000000000001")
    assert one.limit_of(month("2026-07")) == Decimal(9)


def test_a_month_without_a_limit_leaves_its_quarter_without_one() -> None:
    one = budget("quarter", limits={"2026-04": Decimal(1), "2026-05": Decimal(0)})

    assert one.limit_of(Period(start=date(2026, 4, 1), end=date(2026, 7, 1))) is None
    assert one.limit_of(Period(start=date(2026, 4, 1), end=date(2026, 6, 1))) == Decimal(1)
    assert one.limit_of(month("2026-06")) is None
