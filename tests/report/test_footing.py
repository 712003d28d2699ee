"""Footing: parts add up to a total that was rounded before them."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from finops.money import add, rounded_to_total
from finops.report.footing import footing

AMOUNTS = st.lists(st.decimals(min_value=-(10**9), max_value=10**9, places=6), min_size=1, max_size=20)


@given(AMOUNTS, st.sampled_from([Decimal(1), Decimal("0.01"), Decimal(100)]))
def test_parts_add_up_to_the_total_and_move_by_less_than_a_unit(parts: list[Decimal], unit: Decimal) -> None:
    total = add(*rounded_to_total(parts, unit))
    shown = footing(parts, total, unit)
    assert add(*shown) == total
    assert all(abs(one - exact) < unit for one, exact in zip(shown, parts, strict=True))


@given(AMOUNTS, st.integers(-3, 3))
def test_a_total_moved_by_some_units_is_met_as_well(parts: list[Decimal], units: int) -> None:
    total = add(*rounded_to_total(parts, Decimal(1)), Decimal(units))
    assert add(*footing(parts, total, Decimal(1))) == total


def test_no_parts_foot_to_nothing() -> None:
    assert footing([], Decimal(0), Decimal(1)) == ()
