"""Totals, fans and overrun days read off paths; forecasts drawn together and added up."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops.forecast.forecaster import Forecast, History, NothingToForecast, PeriodTotal, forecast_all, sum_of
from finops.forecast.futures import held
from finops.periods import Period, month
from finops.testing.forecaster import bursts, ordinary_days

# Three known days, 29 to 31 October, at 1 each; then two futures, 10 or 20 a day, to 30 November.
KNOWN = History(start=date(2026, 10, 29), values=(1.0, 1.0, 1.0), left_out=1)
TWO_FUTURES = Forecast(
    history=KNOWN, futures=held(np.array([[10.0] * 30, [20.0] * 30])), mean=np.full(30, 15.0), model="two futures"
)
NOVEMBER = month("2026-11")


def test_a_history_ends_after_its_last_value() -> None:
    assert KNOWN.end == date(2026, 11, 1)
    assert TWO_FUTURES.end == date(2026, 12, 1)


def test_a_month_ahead_is_the_sum_of_its_days() -> None:
    total = TWO_FUTURES.total(NOVEMBER)
    assert total.actual == 0
    assert total.mean == 450
    assert total.draws.tolist() == [300, 600]


def test_days_before_the_history_count_as_zero() -> None:
    total = TWO_FUTURES.total(Period(start=date(2026, 10, 1), end=date(2026, 11, 3)))
    assert total.actual == 3
    assert total.draws.tolist() == [23, 43]


def test_a_past_period_has_one_total() -> None:
    total = TWO_FUTURES.total(Period(start=date(2026, 10, 30), end=date(2026, 11, 1)))
    assert total.mean == total.actual == 2
    assert total.interval(0.8) == (2, 2)


def test_a_period_in_the_middle_of_the_paths_leaves_out_the_days_before() -> None:
    total = TWO_FUTURES.total(Period(start=date(2026, 11, 11), end=date(2026, 11, 13)))
    assert total.mean == 30
    assert total.actual == 0


@pytest.mark.parametrize("ask", ["total", "cumulative"])
def test_a_period_after_the_last_drawn_day_is_refused(ask: str) -> None:
    with pytest.raises(ValueError, match="2026-12-01, after the last forecast day 2026-11-30"):
        getattr(TWO_FUTURES, ask)(Period(start=date(2026, 11, 1), end=date(2026, 12, 2)))


def test_quantiles_of_a_known_distribution() -> None:
    total = PeriodTotal(actual=0.0, mean=50.0, draws=np.arange(101.0))
    assert total.quantile(0.5) == 50
    assert total.interval(0.8) == pytest.approx((10, 90))
    assert total.chance_over(89.5) == pytest.approx(11 / 101)
    assert total.chance_over(100) == 0
    assert total.chance_over(-1) == 1


@pytest.mark.parametrize("q", [0.0, 1.0, -0.1, 2.0])
def test_a_quantile_lies_inside(q: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        TWO_FUTURES.total(NOVEMBER).quantile(q)


def test_a_fan_starts_at_what_is_known_and_ends_at_the_total() -> None:
    period = Period(start=date(2026, 10, 28), end=date(2026, 12, 1))
    fan = TWO_FUTURES.cumulative(period)
    assert fan.known_days == 4
    assert fan.mean[:5].tolist() == [0, 1, 2, 3, 18]
    assert all(band[:4].tolist() == [0, 1, 2, 3] for band in fan.bands.values())
    total = TWO_FUTURES.total(period)
    assert fan.mean[-1] == total.mean
    assert {level: band[-1] for level, band in fan.bands.items()} == {
        level: total.quantile(level) for level in (0.025, 0.1, 0.5, 0.9, 0.975)
    }


def test_a_fan_of_a_past_period_is_the_past() -> None:
    fan = TWO_FUTURES.cumulative(Period(start=date(2026, 10, 29), end=date(2026, 11, 1)))
    assert fan.mean.tolist() == fan.bands[0.9].tolist() == [1, 2, 3]


def test_the_overrun_day_is_the_first_above_the_limit() -> None:
    assert TWO_FUTURES.overrun_day(NOVEMBER, 30.0) == date(2026, 11, 3)
    assert TWO_FUTURES.overrun_day(NOVEMBER, 450.0) is None


def test_an_overrun_in_the_past_has_its_past_day() -> None:
    assert TWO_FUTURES.overrun_day(Period(start=date(2026, 10, 29), end=date(2026, 12, 1)), 1.5) == date(2026, 10, 30)


def test_chances_of_an_overrun_rise_day_by_day() -> None:
    chances = TWO_FUTURES.overrun_chances(NOVEMBER, 59.0)
    assert chances[:2].tolist() == [0, 0]
    assert chances[2:5].tolist() == [0.5, 0.5, 0.5]
    assert chances[5:].tolist() == [1.0] * 25


def test_an_overrun_that_happened_stays_one() -> None:
    paths = -TWO_FUTURES.paths
    credited = replace(TWO_FUTURES, futures=held(paths), mean=paths.mean(axis=0))
    chances = credited.overrun_chances(Period(start=date(2026, 10, 29), end=date(2026, 12, 1)), 2.5)
    assert chances[:2].tolist() == [0, 0]
    assert (chances[2:] == 1).all()


def history(values: np.ndarray, end: date = date(2026, 11, 1)) -> History:
    return History(start=end - timedelta(days=len(values)), values=tuple(values.tolist()))


PROJECTS = {
    "search": history(ordinary_days(400)),
    "llm": history(3 * ordinary_days(100, seed=8)),
    "cluster": history(bursts(200)),
    "new": history(ordinary_days(9)),
}


def test_paths_of_a_total_are_the_sums_of_the_parts_paths() -> None:
    forecasts = forecast_all(PROJECTS, until=date(2027, 4, 1), seed=1, draws=200)
    total = sum_of(forecasts)
    year = Period(start=date(2026, 4, 1), end=date(2027, 4, 1))
    parts = [forecast.total(year) for forecast in forecasts.values()]
    np.testing.assert_allclose(total.total(year).draws, np.sum([part.draws for part in parts], axis=0))
    assert total.total(year).mean == pytest.approx(sum(part.mean for part in parts))
    assert total.total(year).actual == pytest.approx(sum(part.actual for part in parts))
    assert total.reason == "Simpler models than usual were used for cluster, new."


def test_the_sum_leaves_the_parts_as_they_were() -> None:
    forecasts = forecast_all(PROJECTS, until=date(2026, 12, 1), seed=1, draws=50)
    before = forecasts["search"].paths.copy()
    sum_of(forecasts)
    np.testing.assert_array_equal(forecasts["search"].paths, before)


def test_a_series_is_the_same_alone_and_among_others() -> None:
    together = forecast_all(PROJECTS, until=date(2026, 12, 1), seed=1, draws=100)
    alone = forecast_all({"llm": PROJECTS["llm"]}, until=date(2026, 12, 1), seed=1, draws=100)
    np.testing.assert_array_equal(together["llm"].paths, alone["llm"].paths)


def test_projects_that_moved_together_do_so_again_and_others_do_not() -> None:
    twin = {"one": history(ordinary_days(400)), "twin": history(2 * ordinary_days(400))}
    other = {"one": twin["one"], "other": history(ordinary_days(400, seed=99))}
    for pair, low, high in ((twin, 0.999, 1.001), (other, -0.4, 0.4)):
        forecasts = forecast_all(pair, until=date(2026, 12, 1), seed=1, draws=1000)
        one, two = (forecast.total(NOVEMBER).draws for forecast in forecasts.values())
        assert low < np.corrcoef(one, two)[0, 1] < high


def test_a_series_without_a_day_is_refused_by_name() -> None:
    with pytest.raises(NothingToForecast, match="empty holds no complete day"):
        forecast_all({**PROJECTS, "empty": history(np.array([]))}, until=date(2026, 12, 1), seed=1)


def test_series_that_end_on_different_days_are_refused() -> None:
    late = history(ordinary_days(9), end=date(2026, 11, 2))
    with pytest.raises(ValueError, match="2026-11-01, 2026-11-02"):
        forecast_all({**PROJECTS, "late": late}, until=date(2026, 12, 1), seed=1)


def test_nothing_lies_before_the_end_of_the_history() -> None:
    with pytest.raises(ValueError, match="no day to forecast before 2026-11-01"):
        forecast_all(PROJECTS, until=date(2026, 11, 1), seed=1)


def test_no_series_gives_no_forecast() -> None:
    assert forecast_all({}, until=date(2026, 12, 1), seed=1) == {}


def test_parts_of_two_runs_do_not_add_up() -> None:
    one = forecast_all({"search": PROJECTS["search"]}, until=date(2026, 12, 1), seed=1, draws=50)
    other = forecast_all({"llm": PROJECTS["llm"]}, until=date(2026, 12, 2), seed=1, draws=50)
    with pytest.raises(ValueError, match="not drawn together"):
        sum_of(one | other)
    with pytest.raises(ValueError, match="no forecast to add up"):
        sum_of({})


def test_what_is_booked_adds_up_too() -> None:
    one = replace(KNOWN, booked=(5.0,))
    longer = History(start=date(2026, 10, 28), values=(2.0, 2.0, 2.0, 2.0), left_out=2, booked=(1.0, 1.0))
    forecasts = {
        "one": replace(TWO_FUTURES, history=one),
        "longer": replace(TWO_FUTURES, history=longer),
    }
    summed = sum_of(forecasts).history
    assert summed.start == date(2026, 10, 28)
    assert summed.values == (2, 3, 3, 3)
    assert summed.left_out == 2
    assert summed.booked == (6, 1)


amounts = st.one_of(st.just(0.0), st.floats(-1e6, 1e6, allow_subnormal=False).map(lambda value: round(value, 4)))


@settings(max_examples=60, deadline=None)
@given(st.lists(amounts, min_size=1, max_size=120), st.integers(1, 60))
def test_any_history_has_a_forecast_with_nested_ranges(values: list[float], days: int) -> None:
    known = history(np.array(values))
    forecast = forecast_all({"any": known}, until=known.end + timedelta(days=days), seed=1, draws=50)["any"]
    total = forecast.total(Period(start=known.start, end=forecast.end))
    assert np.isfinite(total.draws).all()
    (low, high), (lowest, highest) = total.interval(0.8), total.interval(0.95)
    assert lowest <= low <= high <= highest
