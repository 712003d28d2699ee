"""Bridge: from the month before to this month's forecast, in steps that foot."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from finops.money import add, rounded_to_total
from finops.periods import month
from finops.report.bridge import bridge
from finops.report.model import Amount, Bridge, Newcomer
from finops.report.slices import Expected, NewcomerFact, Slice

OCTOBER = month("2026-10")


def expected(name: str, before: str, now: str, *, part: str = "llm", days: int = 30) -> Expected:
    daily = {date(2026, 9, 1) + timedelta(days=n): Decimal(before) / days for n in range(days)}
    one = Slice(part=part, group="AWS", name=name, daily=daily)
    return Expected(slice=one, previous=Decimal(before), to_date=Decimal(0), forecast=Decimal(now), days_charged=days)


def amount(exact: Decimal) -> Amount:
    return Amount(exact=exact, shown=rounded_to_total([exact], Decimal(1))[0])


def bridged(*slices: Expected) -> Bridge:
    start, end = (add(*(getattr(one, name) for one in slices)) for name in ("previous", "forecast"))
    return bridge(slices, amount(start), amount(end), OCTOBER, closed=False, unit=Decimal(1))


def test_a_longer_month_is_a_step_of_its_own() -> None:
    found = bridged(expected("Compute", "3000", "4100"))
    assert [(step.name, step.group, step.amount.shown) for step in found.steps] == [
        ("More days (31 vs 30)", "calendar", Decimal(100)),
        ("Compute in llm", "driver", Decimal(1000)),
    ]
    assert (found.start_month, found.end_month) == ("2026-09", "2026-10")


def test_a_fee_does_not_grow_with_the_month() -> None:
    found = bridged(expected("Support", "3000", "3300", days=1))
    assert [step.group for step in found.steps] == ["driver"]


def test_small_drivers_are_one_step() -> None:
    slices = [expected(f"s{at}", "10000" if at == 0 else "0", str(11000 if at == 0 else 10), days=1) for at in range(9)]
    assert steps(bridged(*slices)) == [("s0 in llm", Decimal(1000)), ("Other", Decimal(80))]


def test_small_drivers_that_are_more_than_a_hundredth_together_are_told_by_project() -> None:
    slices = [expected("s", "10000", "11000", days=1)]
    slices += [expected(f"s{at}", "0", "15", part=f"p{at % 3}", days=1) for at in range(9)]
    assert steps(bridged(*slices)) == [
        ("s in llm", Decimal(1000)),
        ("Other services in p0", Decimal(45)),
        ("Other", Decimal(90)),
    ]


def test_drivers_that_cancel_out_are_not_hidden() -> None:
    found = bridged(
        expected("Compute", "10000", "20000", days=1),
        expected("Support", "0", "150", part="a", days=1),
        expected("Support", "160", "0", part="b", days=1),
    )
    assert steps(found) == [
        ("Compute in llm", Decimal(10000)),
        ("Support in b", Decimal(-160)),
        ("Support in a", Decimal(150)),
    ]


def test_eight_steps_are_named_and_more_only_above_a_hundredth() -> None:
    slices = [expected(f"s{at}", "300", str(400 + at)) for at in range(20)]
    found = bridged(replace(slices[0], slice=replace(slices[0].slice, by_rates=Decimal(7))), *slices[1:])
    assert [step.group for step in found.steps] == ["calendar", "rate", *["driver"] * 6, "rest"]
    large = [expected(f"s{at}", "300", str(400 + at), part=f"p{at}") for at in range(9)]
    assert [step.group for step in bridged(*large).steps] == ["calendar", *["driver"] * 9]


def test_what_no_page_has_room_for_is_told_by_provider() -> None:
    slices = [expected(f"s{at}", "300", str(400 + at), part=f"p{at}") for at in range(30)]
    found = bridged(*slices)
    assert [step.group for step in found.steps] == ["calendar", *["driver"] * 9, "rest"]
    assert found.steps[-1].name == "Other services of AWS"


def steps(found: Bridge) -> list[tuple[str, Decimal]]:
    return [(step.name, step.amount.shown) for step in found.steps]


def test_rates_are_told_against_the_month_before_and_against_the_budget() -> None:
    """Half of October is known, so what its rates added so far doubles; what they added in September is taken off."""
    one = replace(expected("Compute", "0", "400"), to_date=Decimal(200))
    rated = replace(one.slice, by_rates=Decimal(6), rates_before=Decimal(2), by_plan=Decimal(3), plan_before=Decimal(1))
    found = bridged(replace(one, slice=rated))
    assert [(step.name, step.group, step.amount.shown) for step in found.steps] == [
        ("Exchange rate", "rate", Decimal(10)),
        ("Budget rate against mean rate", "plan", Decimal(5)),
        ("Compute in llm", "driver", Decimal(385)),
    ]


@given(st.lists(st.tuples(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6)), min_size=1, max_size=15))
def test_steps_add_up_exactly_and_as_shown(amounts: list[tuple[int, int]]) -> None:
    slices = [expected(f"s{at}", str(a / 100), str(b / 100)) for at, (a, b) in enumerate(amounts)]
    found = bridged(*slices)
    for field in ("exact", "shown"):
        steps = add(*(getattr(step.amount, field) for step in found.steps))
        assert add(getattr(found.start, field), steps) == getattr(found.end, field)


@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), min_size=1, max_size=60),
    st.integers(1, 20),
)
def test_other_is_at_most_a_hundredth_of_the_start(amounts: list[tuple[int, int]], projects: int) -> None:
    slices = [expected(f"s{at}", str(a), str(b), part=f"p{at % projects}") for at, (a, b) in enumerate(amounts)]
    found = bridged(*slices)
    other = sum(abs(step.amount.exact) for step in found.steps if step.group == "other")
    assert other * 100 <= (found.start.exact or found.end.exact)


def test_what_is_new_in_a_driver_is_named_with_the_costliest_first() -> None:
    one = expected("Compute", "3000", "9000")
    facts = [
        NewcomerFact(part=part, service="Compute", name=name, first_day=date(2026, 10, 9), to_date=Decimal(cost))
        for part, name, cost in (("llm", "p4d", "5000.4"), ("llm", "m5", "20"), ("search", "p5", "9999"))
    ]
    end = amount(one.forecast)
    found = bridge([one], amount(one.previous), end, OCTOBER, closed=False, unit=Decimal(1), newcomers=facts)
    calendar, driver = found.steps
    assert calendar.newcomer is None
    assert driver.newcomer == Newcomer(name="p4d", first_day=date(2026, 10, 9), to_date=amount(Decimal("5000.4")))
