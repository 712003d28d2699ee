"""Pace: a budget follows the course of the months before, so that fees on the first are no overrun."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from finops.periods import Period, month
from finops.report.pace import pace

FIRST = date(2026, 7, 1)


def daily(until: str, *, fee: int = 0) -> dict[date, Decimal]:
    days = Period(start=FIRST, end=month(until).end)
    return {day: Decimal(10 + (fee if day.day == 1 else 0)) for day in days}


def test_a_fee_on_the_first_is_due_on_the_first() -> None:
    found = pace(daily("2026-09", fee=100), month("2026-10"), first_day=FIRST)
    assert found.months == ("2026-07", "2026-08", "2026-09")
    assert found.shares[0] == Decimal(110) / Decimal(410)
    assert found.shares[-1] == 1


def test_shares_rise_to_exactly_one() -> None:
    shares = pace(daily("2026-09", fee=7), month("2026-10"), first_day=FIRST).shares
    assert len(shares) == 31
    assert list(shares) == sorted(shares)
    assert shares[-1] == 1


@pytest.mark.parametrize("first_day", [FIRST + timedelta(days=40), date(2026, 9, 2)])
def test_one_whole_month_is_too_few_to_learn_from(first_day: date) -> None:
    found = pace(daily("2026-09"), month("2026-10"), first_day=first_day)
    assert found.months == ()
    assert found.shares[9] == Decimal(10) / 31


def test_a_quarter_is_spread_evenly() -> None:
    quarter = Period(start=date(2026, 10, 1), end=date(2027, 1, 1))
    assert pace(daily("2026-09"), quarter, first_day=FIRST).months == ()


def test_a_month_without_spend_ends_the_learning() -> None:
    spent = {day: amount for day, amount in daily("2026-09").items() if day.month != 8}
    assert pace(spent, month("2026-10"), first_day=FIRST).months == ()
