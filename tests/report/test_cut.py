"""Where the axis of a bridge begins: below every level, and only where that helps."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.report.cut import cut, levels
from finops.report.model import Bridge
from tests.report import samples


def between(start: int, end: int) -> Bridge:
    (step,) = samples.bridge(rising=True).steps[:1]
    one = replace(step, amount=samples.exactly(end - start))
    return replace(samples.bridge(rising=True), start=samples.exactly(start), end=samples.exactly(end), steps=(one,))


@pytest.mark.parametrize(
    ("start", "end", "floor"),
    [
        (238_721, 261_335, 220_000),
        (261_335, 238_721, 220_000),
        (100, 900, 0),
        (0, 500, 0),
        (-400, 500, 0),
        (-900, -800, 0),
        (700, 700, 0),
    ],
)
def test_the_axis_is_cut_where_the_totals_would_hide_the_steps(start: int, end: int, floor: int) -> None:
    assert cut(between(start, end)) == Decimal(floor)


@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9))
def test_no_level_lies_below_a_cut(start: int, end: int) -> None:
    bridge = between(start, end)
    floor = cut(bridge)

    assert floor >= 0
    if floor:
        assert floor < min(levels(bridge))
