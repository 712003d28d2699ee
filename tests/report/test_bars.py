"""Bars in table cells: one scale, the zero line at 30 %, nothing outside the cell."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from finops.report.bars import ROOM_LEFT, ROOM_RIGHT, Bar, bars

gaps = st.lists(st.decimals(min_value=-(10**9), max_value=10**9, places=2), max_size=40)


def test_the_largest_overrun_fills_the_room_right_of_zero() -> None:
    assert bars([Decimal(15_900), Decimal(-1_700), Decimal(0)]) == (
        Bar(side="plus", width=70),
        Bar(side="minus", width=7),
        Bar(side="", width=0),
    )


def test_a_table_under_budget_scales_to_the_room_left_of_zero() -> None:
    assert bars([Decimal(-100), Decimal(50)]) == (Bar(side="minus", width=30), Bar(side="plus", width=15))


def test_a_small_gap_stays_visible() -> None:
    assert bars([Decimal(100_000), Decimal(1)])[1] == Bar(side="plus", width=1)


@given(gaps)
def test_no_bar_leaves_its_cell_and_each_lies_on_its_side(values: list[Decimal]) -> None:
    for value, bar in zip(values, bars(values), strict=True):
        assert bar.side == ("plus" if value > 0 else "minus" if value < 0 else "")
        assert 0 <= bar.width <= (ROOM_RIGHT if value > 0 else ROOM_LEFT)


@given(gaps)
def test_a_larger_gap_never_has_a_shorter_bar(values: list[Decimal]) -> None:
    widths = sorted(zip((abs(value) for value in values), (bar.width for bar in bars(values)), strict=True))

    assert [width for _, width in widths] == sorted(width for _, width in widths)
