"""What was never charged begins as likely, and as large, as the series beside it did."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.forecast.beginning import Beginnings, beginnings
from finops.forecast.forecaster import CalendarForecaster, History, forecast_all
from finops.periods import Period

WAITED, HORIZON = 40, 30


def evenly(count: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return (np.arange(count) + 0.5) / count


def test_the_chance_to_wait_on_is_that_of_a_hazard_of_one_over_the_days_waited() -> None:
    """Two of four began after 3 and 15 days, one at once, one has waited for 31 days."""
    found = beginnings(
        {
            "at once": [1.0] * 31,
            "soon": [0.0] * 3 + [1.0] * 28,
            "later": [0.0] * 15 + [1.0] * 16,
            "not yet": [0.0] * 31,
        }
    )
    assert found is not None
    assert (found.begun, len(found.courses)) == (2, 3)
    steepness = 2.5 / (np.log(4.5 / 2 * 16.5 / 2 * 32 / 2) + 1)
    waiting = found.still_waiting(31, np.array([1.0, 32.0]))
    assert waiting == pytest.approx([(32 / 33) ** steepness, 0.5**steepness])


def test_what_waits_in_tables_of_all_kinds_begins_as_often_as_foretold() -> None:
    """Tables of twenty whose series wait by the same law, steep in one table and flat in another."""
    random = np.random.default_rng(3)
    foretold, came = [], []
    for steepness in random.uniform(0.1, 0.8, 400):
        waits = np.floor(random.uniform(size=20) ** (-1 / steepness) - 1)
        table = {f"{at}": [float(day >= wait) for day in range(WAITED)] for at, wait in enumerate(waits)}
        found = beginnings(table)
        if found is not None:
            chance = 1 - found.still_waiting(WAITED, np.array([float(HORIZON)]))[0]
            foretold += [chance] * int((waits >= WAITED).sum())
            came += list(waits[waits >= WAITED] < WAITED + HORIZON)
    assert len(came) > 1000
    assert np.mean(foretold) == pytest.approx(np.mean(came), abs=0.02)


def test_a_future_is_zero_until_it_begins_and_then_another_course_again_and_again() -> None:
    found = Beginnings(courses=(np.array([1.0, 2.0, 3.0]), np.array([10.0])), begun=1, waited=2.0)
    waiting = found.still_waiting(9, np.arange(1.0, 8.0))
    paths = found.paths(waiting, when=evenly(1000), whose=np.tile([0.0, 0.99], 500))
    for at, path in enumerate(paths):
        first = int(np.argmax(path > 0)) if path.any() else len(path)
        course = [1.0, 2.0, 3.0] * 3 if at % 2 == 0 else [10.0] * 9
        assert path.tolist() == [0.0] * first + course[: len(path) - first]
    assert (paths == 0).mean(axis=0) == pytest.approx(waiting, abs=0.002)


def test_there_is_nothing_to_teach_or_nobody_to_be_taught() -> None:
    assert beginnings({}) is None
    assert beginnings({"a": [0.0, 0.0], "b": [0.0, 0.0]}) is None
    assert beginnings({"a": [0.0, 1.0], "b": [2.0, 0.0]}) is None


@given(st.permutations(range(6)), st.floats(0.01, 1000))
def test_order_and_currency_change_nothing(order: list[int], rate: float) -> None:
    table = {f"s{at}": [0.0] * (3 * at) + [float(at + 1)] * (15 - 3 * at) for at in range(6)}
    one, other = beginnings(table), beginnings({f"s{at}": [rate * value for value in table[f"s{at}"]] for at in order})
    assert one is not None
    assert other is not None
    waiting = one.still_waiting(15, np.arange(1.0, 60.0))
    drawn = [of.paths(waiting, when=evenly(50), whose=evenly(50)[::-1]) for of in (one, other)]
    np.testing.assert_allclose(drawn[0] * rate, drawn[1])


def test_a_forecast_stays_zero_while_waiting_is_likelier_and_says_how_likely() -> None:
    start = date(2026, 1, 1)
    found = beginnings({"new": [0.0] * 60, **{f"{at}": [0.0] * at + [5.0] * (60 - at) for at in range(0, 60, 10)}})
    forecaster = CalendarForecaster(beginnings=found)
    history = History(start=start, values=(0.0,) * 60)
    until = date(2026, 3, 31)
    forecast = forecast_all({"new": history}, until=until, seed=1, forecaster=forecaster)["new"]
    total = forecast.total(Period(start=history.end, end=until))
    assert (total.mean, total.quantile(0.5)) == (0, 0)
    assert 0 < total.quantile(0.975) <= 29 * 5
    assert forecast.reason is not None
    assert f"{total.chance_over(0):.0%} likely to begin within 29 days" in forecast.reason


def test_what_is_likelier_to_begin_than_not_has_a_point_forecast() -> None:
    found = Beginnings(courses=(np.array([5.0]),), begun=30, waited=10.0)
    history = History(start=date(2026, 1, 1), values=(0.0,))
    forecaster = CalendarForecaster(beginnings=found)
    forecast = forecast_all({"new": history}, until=date(2026, 2, 1), seed=1, forecaster=forecaster)["new"]
    assert forecast.mean[-1] == pytest.approx(5, abs=0.1)


def test_what_was_charged_on_incomplete_days_alone_has_begun() -> None:
    """Ten days of nothing, then 7 and so far 2: it goes on from there, whatever others do."""
    history = History(start=date(2026, 1, 1), values=(0.0,) * 10, left_out=2, booked=(7.0, 2.0))
    found = Beginnings(courses=(np.array([500.0]),), begun=1, waited=2.0)
    for forecaster in (CalendarForecaster(), CalendarForecaster(beginnings=found)):
        forecast = forecast_all({"new": history}, until=date(2026, 2, 1), seed=1, forecaster=forecaster)["new"]
        assert forecast.mean[:2].tolist() == [7, 2]
        assert forecast.mean[2:].min() > 1
        assert forecast.mean.max() < 20
        assert forecast.paths[:, :2].tolist() == [[7, 2]] * len(forecast.paths)
        assert forecast.reason is not None
        assert forecast.reason.startswith("2 days seen")
    one_day = forecast_all({"new": history}, until=date(2026, 1, 12), seed=1)["new"]
    assert one_day.mean.tolist() == [7]
