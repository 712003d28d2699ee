"""Figures: exact and shown side by side, and nothing computed from what is not known."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.budgets.spend import NotForecast, PeriodOutlook
from finops.report.figures import (
    NO_BUDGET,
    amount,
    chance,
    column,
    minus,
    probability,
    range_of,
    ratio,
    summed,
    unit_of,
)
from finops.report.model import Amount, NotComputable
from tests.report.cases import OCTOBER

UNKNOWN = NotComputable(reason="it is not known")
ONE = Decimal(1)


def figure(exact: str) -> Amount:
    return amount(Decimal(exact), ONE)


@pytest.mark.parametrize(
    ("to_date", "unit"), [("0", "0.01"), ("999.99", "0.01"), ("1000", "1"), ("-1000", "1"), ("-999", "0.01")]
)
def test_small_bills_show_cents_and_large_ones_do_not(to_date: str, unit: str) -> None:
    assert unit_of(Decimal(to_date)) == Decimal(unit)


def test_an_amount_keeps_its_digits_beside_what_is_shown() -> None:
    assert figure("2.5") == Amount(exact=Decimal("2.5"), shown=Decimal(2))
    assert amount(Decimal("-0.005"), Decimal("0.01")).shown == 0


def test_a_column_adds_up_as_shown_and_leaves_gaps_where_nothing_is_known() -> None:
    third = Decimal("33.3333")
    shown = column([third, None, third, third], ONE)

    assert shown[1] == NO_BUDGET
    assert [one.shown for one in shown if isinstance(one, Amount)] == [Decimal(34), Decimal(33), Decimal(33)]
    assert column([], ONE) == []


@given(st.lists(st.none() | st.decimals(min_value=-(10**12), max_value=10**12, places=18), max_size=9))
def test_columns_foot(exact: list[Decimal | None]) -> None:
    shown = [one for one in column(exact, ONE) if isinstance(one, Amount)]
    total = summed(shown)

    assert isinstance(total, Amount)
    assert total.shown == amount(total.exact, ONE).shown
    assert [one.exact for one in shown] == [one for one in exact if one is not None]


def test_a_difference_is_the_difference_of_what_is_shown() -> None:
    assert minus(figure("2.6"), figure("1.4")) == Amount(exact=Decimal("1.2"), shown=Decimal(2))


def test_what_rests_on_the_unknown_is_unknown() -> None:
    assert minus(UNKNOWN, figure("1")) == minus(figure("1"), UNKNOWN) == UNKNOWN
    assert summed([figure("1"), UNKNOWN, NO_BUDGET]) == UNKNOWN
    assert ratio(UNKNOWN, figure("1")) == ratio(figure("1"), UNKNOWN) == UNKNOWN
    assert summed([]) == Amount(exact=Decimal(0), shown=Decimal(0))


@pytest.mark.parametrize("base", ["0", "-5"])
def test_a_share_of_nothing_or_less_is_not_computable(base: str) -> None:
    assert ratio(figure("1"), figure(base)) == NotComputable(reason="the budget is zero or negative")


def test_a_share_is_of_the_exact_amounts() -> None:
    assert ratio(figure("0.4"), figure("1.6")) == Decimal("0.25")


def test_a_chance_needs_a_limit_and_a_forecast() -> None:
    ahead = PeriodOutlook(period=OCTOBER, to_date=Decimal(1), amount=Decimal(3), spread=(1.0, 2.0, 4.0))

    assert chance(ahead, None) == NO_BUDGET
    assert chance(NotForecast(reason="why"), ONE) == NotComputable(reason="why")
    assert chance(ahead, Decimal(4)) == Decimal("0.3333")


def test_a_range_needs_days_ahead() -> None:
    ahead = PeriodOutlook(period=OCTOBER, to_date=Decimal(1), amount=Decimal(3), spread=(0.0, 10.0))
    closed = PeriodOutlook(period=OCTOBER, to_date=Decimal(3), amount=Decimal(3), spread=None)
    found = range_of(ahead, "0.8", ONE)

    assert not isinstance(found, NotComputable)
    assert (found.level, found.low.shown, found.high.shown) == (Decimal("0.8"), Decimal(2), Decimal(10))
    assert range_of(closed, "0.8", ONE) == NotComputable(reason="the period is over")
    assert range_of(NotForecast(reason="why"), "0.8", ONE) == NotComputable(reason="why")


def test_a_probability_has_four_places() -> None:
    assert [str(probability(one)) for one in (0.123456, 1.0, 0.0)] == ["0.1235", "1.0", "0.0"]
