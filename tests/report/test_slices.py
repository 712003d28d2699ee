"""Slices: services and accounts add up to the forecast they are a share of."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from finops.money import add
from finops.periods import month
from finops.report.slices import Slice, expected

OCTOBER = month("2026-10")
KNOWN = date(2026, 10, 20)


def slice_of(name: str, september: str, october: str, *, part: str = "llm") -> Slice:
    """So much a day in September, and in October up to the last complete day."""
    start = date(2026, 9, 1)
    daily = {start + timedelta(days=n): Decimal(september) for n in range(30)}
    daily |= {OCTOBER.start + timedelta(days=n): Decimal(october) for n in range(20)}
    return Slice(part=part, group="AWS", name=name, daily=daily)


def test_what_is_to_come_is_shared_by_the_pace_of_the_last_days() -> None:
    compute, storage = expected(
        [slice_of("Compute", "10", "30"), slice_of("Storage", "10", "10")], {"llm": Decimal(1240)}, OCTOBER, KNOWN
    )
    assert compute.previous == storage.previous == 300
    assert (compute.to_date, compute.forecast) == (Decimal(600), Decimal(600 + 330))
    assert (storage.to_date, storage.forecast) == (Decimal(200), Decimal(200 + 110))
    assert compute.change == 630


def test_a_part_without_a_forecast_keeps_what_it_has() -> None:
    (alone,) = expected([slice_of("Compute", "10", "30")], {}, OCTOBER, KNOWN)
    assert alone.forecast <= alone.to_date


def test_a_part_that_was_idle_lately_shares_evenly() -> None:
    idle = [slice_of("a", "10", "0"), slice_of("b", "10", "0")]
    assert {one.forecast for one in expected(idle, {"llm": Decimal(50)}, OCTOBER, KNOWN)} == {Decimal(25)}


@given(
    st.lists(st.decimals(min_value=-100, max_value=10**6, places=4), min_size=1, max_size=8),
    st.decimals(min_value=0, max_value=10**9, places=6),
)
def test_slices_add_up_to_their_part_exactly(paces: list[Decimal], forecast: Decimal) -> None:
    slices = [slice_of(str(at), "1", str(pace)) for at, pace in enumerate(paces)]
    assert add(*(one.forecast for one in expected(slices, {"llm": forecast}, OCTOBER, KNOWN))) == forecast
