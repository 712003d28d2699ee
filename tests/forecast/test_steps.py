"""Events on top of a forecast: they add exactly, in any order, over any parts, and only what the history has not."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops.forecast.event import KINDS, Event
from finops.forecast.forecaster import Forecast, History
from finops.forecast.futures import held
from finops.forecast.steps import Changed, Part, sum_of_changed, with_events
from finops.money import add, from_float
from finops.periods import Period, month

START, LAST = date(2026, 9, 1), date(2026, 10, 10)
UNTIL = date(2027, 1, 1)
OCTOBER, NOVEMBER = month("2026-10"), month("2026-11")
DRAWS = 40


def forecast(a_day: float = 10.0) -> Forecast:
    """So much a day, give or take a tenth, from 11 October to the end of the year."""
    days, ahead = (LAST - START).days + 1, (UNTIL - LAST).days - 1
    swing = np.linspace(0.9, 1.1, DRAWS)[:, None]
    return Forecast(
        history=History(start=START, values=(a_day,) * days),
        futures=held(np.tile(a_day * swing, (1, ahead))),
        mean=np.full(ahead, a_day),
        model="by hand",
    )


def event(kind: Any = "per_day", amount: str = "3", **more: Any) -> Event:  # noqa: ANN401 - passed on
    given = {"name": "launch", "start": date(2026, 11, 1), "kind": kind, "amount": Decimal(amount)}
    return Event(**(given | more))


def changed(events: Sequence[Event], parts: Sequence[Any] | None = None) -> Changed:
    everything = [{"shop": Part(share=1.0, weight=1.0)}] * len(events)
    return with_events({"shop": forecast()}, events, everything if parts is None else parts, seed=1)["shop"]


def november(one: Event) -> Decimal:
    (step,) = changed([one]).steps
    return step.amount(NOVEMBER)


@pytest.mark.parametrize(
    ("one", "amount"),
    [
        (event("per_day", "3"), "90"),
        (event("per_day", "3", until=date(2026, 11, 11)), "30"),
        (event("per_day", "3", chance=Decimal("0.5")), "45"),
        (event("once", "1000"), "1000"),
        (event("once", "1000", until=date(2026, 11, 5)), "1000"),
        (event("percent", "6"), "18"),
        (event("percent", "-100"), "-300"),
        (event("percent", "6", start=date(2026, 11, 16)), "9"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value.kind} {value.amount} {value.until} {value.start}",
)
def test_a_month_of_ten_a_day_by_hand(one: Event, amount: str) -> None:
    assert november(one) == Decimal(amount)


def test_one_amount_over_several_months_is_that_amount() -> None:
    """A sixtieth of 1000 has no end, and a third has none either."""
    for days, weight in ((60, 1.0), (3, 1.0), (7, 1 / 3)):
        one = event("once", "1000", until=date(2026, 11, 1) + timedelta(days=days))
        parts = {"shop": Part(share=1.0, weight=weight), "search": Part(share=1.0, weight=1.0 - weight)}
        found = with_events({"shop": forecast(), "search": forecast()}, [one], [parts], seed=1)
        whole = sum_of_changed(found, "all").steps[0]
        assert add(*whole.daily.values()) == 1000


def test_growth_compounds_from_its_first_day() -> None:
    (step,) = changed([event("growth", "10", start=date(2026, 10, 11))]).steps
    first, last = step.daily[date(2026, 10, 12)], step.daily[date(2026, 12, 31)]
    assert first == from_float(10 * (1.1 ** (2 / 30.4375) - 1))
    assert last == from_float(10 * (1.1 ** (82 / 30.4375) - 1))


def test_growth_that_stops_keeps_what_it_reached() -> None:
    (step,) = changed([event("growth", "10", until=date(2026, 11, 8))]).steps
    assert step.daily[date(2026, 11, 7)] == step.daily[date(2026, 12, 31)]


def test_what_the_history_holds_is_not_added_again() -> None:
    begun = [event(kind, "5", start=date(2026, 10, 1)) for kind in ("per_day", "percent", "once")]
    assert changed(begun).steps == ()


def test_what_the_history_holds_ends() -> None:
    """6 % more are in the days seen: 10 a day become 10 / 1.06. 3 a day more are in them: 10 become 7.

    And so they do where it is 93 over October's 31 days: it is not added again to days that repeat those seen.
    """
    ends = {"start": date(2026, 10, 1), "until": date(2026, 11, 1)}
    assert november(event("per_day", "3", **ends)) == Decimal(-90)
    assert november(event("once", "93", **ends)) == Decimal(-90)
    assert changed([event("once", "93", **ends)]).steps[0].amount(OCTOBER) == 0
    assert november(event("percent", "6", **ends)) == add(*[from_float(10 / 1.06 - 10)] * 30)


def test_its_own_uncertainty_widens_the_range() -> None:
    """Half the width of the 80 % range, of an amount that comes on 30 days of a base that never differs."""
    flat = forecast()
    flat = Forecast(
        history=flat.history, futures=held(np.tile(flat.mean, (2000, 1))), mean=flat.mean, model="by hand", reason=None
    )
    sure = event("per_day", "3", plus_minus=Decimal(1))
    (one,) = with_events({"shop": flat}, [sure], [{"shop": Part(share=1.0, weight=1.0)}], seed=1).values()
    low, high = one.forecast.total(NOVEMBER).interval(0.8)
    assert low == pytest.approx(390 - 30, abs=3)
    assert high == pytest.approx(390 + 30, abs=3)
    assert one.forecast.total(NOVEMBER).mean == pytest.approx(390)


def test_one_that_may_not_happen_happens_on_its_share_of_the_paths() -> None:
    one = changed([event("once", "1000", chance=Decimal("0.25"))])
    added = one.forecast.total(NOVEMBER).draws - one.base.total(NOVEMBER).draws
    assert sorted(set(added.round(6))) == [0, 1000]
    assert (added > 0).mean() == 0.25


EVENTS = st.builds(
    event,
    st.sampled_from(KINDS),
    st.integers(-50, 50).map(str),
    name=st.text("abc", min_size=1, max_size=3),
    start=st.integers(-20, 90).map(lambda days: LAST + timedelta(days=days)),
    until=st.none() | st.integers(91, 120).map(lambda days: LAST + timedelta(days=days)),
    plus_minus=st.integers(0, 5).map(Decimal),
    chance=st.sampled_from((Decimal(1), Decimal("0.3"))),
)
SHARES = st.tuples(st.floats(0, 1), st.floats(0, 1))


@settings(max_examples=25, deadline=None)
@given(st.lists(EVENTS, max_size=2, unique_by=lambda one: one.name), SHARES, SHARES, st.integers(1, 1000))
def test_events_add_exactly(
    events: list[Event], one: tuple[float, float], other: tuple[float, float], seed: int
) -> None:
    """Base and steps are the forecast; each step is what the event adds alone; parts add up to the total; any order."""
    base = {"shop": forecast(), "search": forecast(3.3)}
    parts = [
        {"shop": Part(share=one[0], weight=one[1]), "search": Part(share=other[0], weight=1.0 - one[1])} for _ in events
    ]
    found = with_events(base, events, parts, seed=seed)
    whole = sum_of_changed(found, "all")
    months = [Period(start=LAST, end=date(2026, 11, 3)), NOVEMBER]
    for period in months:
        for part in (*found.values(), whole):
            steps = add(*(step.amount(period) for step in part.steps))
            assert part.forecast.total(period).mean == pytest.approx(part.base.total(period).mean + float(steps))
        for single in events:
            alone = with_events(base, [single], [parts[0]], seed=seed)
            of = {
                name: add(*(s.amount(period) for s in part.steps if s.event == single)) for name, part in found.items()
            }
            assert of == {name: add(*(s.amount(period) for s in part.steps)) for name, part in alone.items()}
            total = add(*(step.amount(period) for step in whole.steps if step.event == single))
            assert total == add(*of.values())
            if single.kind in {"once", "per_day"} and single.chance == 1:
                whole_part = with_events(base, [single], [{"shop": Part(share=1.0, weight=1.0)}], seed=seed)["shop"]
                assert total == add(*(step.amount(period) for step in whole_part.steps))
    backwards = with_events(base, events[::-1], parts[::-1], seed=seed)
    for name, part in found.items():
        assert backwards[name].forecast.paths == pytest.approx(part.forecast.paths)
    paths = sum(part.forecast.paths for part in found.values())
    assert whole.forecast.paths == pytest.approx(paths)


def test_without_events_a_forecast_is_as_it_was() -> None:
    one = changed([])
    assert one.forecast is one.base


def test_the_state_of_an_event_is_told() -> None:
    horizon = date(2027, 4, 1)
    states = {
        "ahead": event(),
        "beyond": event(start=date(2027, 4, 1)),
        "in the data": event(start=LAST),
        "under way": event(start=date(2026, 10, 1), until=date(2026, 12, 1)),
    }
    assert {state: one.state(LAST, horizon) for state, one in states.items()} == {state: state for state in states}
    assert event("growth", start=LAST).state(LAST, horizon) == "under way"


def test_october_is_partly_over() -> None:
    assert changed([event(start=date(2026, 10, 5))]).steps == ()
    assert changed([event(start=date(2026, 10, 22))]).steps[0].amount(OCTOBER) == 30
