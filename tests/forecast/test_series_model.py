"""One series: fees come again, spikes count a little, the end of a series is seen."""

from datetime import date, timedelta

import numpy as np
import pytest

from finops.forecast.calendar_effects import month_places
from finops.forecast.forecaster import Forecast, History, forecast_all, sum_of
from finops.periods import Period
from finops.testing.forecaster import START, bursts, ordinary_days


def ahead(values: np.ndarray, *, days: int = 92) -> Forecast:
    history = History(start=START, values=tuple(values.tolist()))
    return forecast_all({"one": history}, until=history.end + timedelta(days=days), seed=1, draws=300)["one"]


def test_a_fee_on_the_first_of_the_month_comes_again() -> None:
    places = month_places(START, 300)
    forecast = ahead(ordinary_days(300) + np.where(places == 1, 900.0, 0.0))
    coming = month_places(forecast.history.end, 92)
    extra = forecast.mean[coming == 1].mean() - forecast.mean[coming == 8].mean()
    assert extra == pytest.approx(900, rel=0.1)
    assert forecast.model == (
        "ETS(A,Ad,N) of weeks + mean of 7, 28 days + median of 14 days, weekday profile, charges on day 1, log scale"
    )


def test_only_what_neither_grows_nor_shrinks_returns_to_its_mean() -> None:
    steady = np.exp(np.random.default_rng(2).normal(0, 0.05, 300)) * 100
    assert "+ ARMA(1,1)" in ahead(steady).model
    assert "ARMA" not in ahead(ordinary_days(300) * np.exp(np.arange(300) / 100)).model


@pytest.mark.parametrize("days", [30, 92, 365])
@pytest.mark.parametrize(
    "values",
    [
        pytest.param(ordinary_days(300), id="ordinary"),
        pytest.param(ordinary_days(40), id="young"),
        pytest.param(ordinary_days(300) - 60.0, id="with credits"),
    ],
)
def test_the_point_forecast_lies_in_the_middle_of_the_futures(values: np.ndarray, days: int) -> None:
    forecast = ahead(values, days=days)
    total = forecast.total(Period(start=forecast.history.end, end=forecast.end))
    assert total.quantile(0.4) < total.mean < total.quantile(0.6)


def test_what_many_series_cost_together_lies_inside_its_range() -> None:
    """Middles that lie a little beside the point forecasts would add up to a total beside its own range."""
    random = np.random.default_rng(6)
    histories = {
        f"s{at}": History(start=START, values=tuple(100 * np.exp(np.cumsum(random.normal(0, 0.02, 200)))))
        for at in range(60)
    }
    forecasts = forecast_all(histories, until=START + timedelta(days=260), seed=1, draws=300)
    total = sum_of(forecasts).total(Period(start=START + timedelta(days=200), end=START + timedelta(days=260)))
    low, high = total.interval(0.8)
    assert low < total.mean < high


@pytest.mark.parametrize("idle", [30, 370, 414, 790, 900])
def test_one_charge_long_ago_has_a_forecast(idle: int) -> None:
    forecast = ahead(np.concatenate([[0.001], np.zeros(idle)]))
    assert np.isfinite(forecast.paths).all()
    assert forecast.mean.max() < 0.001


def test_charges_at_the_end_of_the_month_are_named_so() -> None:
    places = month_places(START, 300)
    model = ahead(ordinary_days(300) + np.where((places == -1) | (places == -2), 900.0, 0.0)).model
    assert "charges on day last-1, last" in model


def test_longer_months_cost_more() -> None:
    forecast = ahead(np.full(184, 10.0), days=90)  # from 1 February 2026 on
    assert forecast.mean[:28].sum() == pytest.approx(280)
    assert forecast.mean[28:59].sum() == pytest.approx(310)


def test_a_series_that_ended_is_expected_to_stay_so_but_may_come_back() -> None:
    forecast = ahead(np.concatenate([ordinary_days(200), np.zeros(40)]), days=365)
    assert not forecast.mean.any()
    assert forecast.reason is not None
    assert "40 days" in forecast.reason
    came_back = forecast.paths.any(axis=1).mean()
    assert 0.05 < came_back < 0.15


def test_two_idle_days_do_not_end_a_series() -> None:
    forecast = ahead(np.concatenate([ordinary_days(200), np.zeros(2)]))
    assert forecast.mean.mean() > 50


def test_what_comes_back_after_a_pause_is_as_large_as_what_paused() -> None:
    burst = np.array([48.0, 58, 52])
    forecast = ahead(np.concatenate([burst, np.zeros(12)]), days=60)
    back = forecast.paths[forecast.paths[:, -1] > 0]
    assert 0.2 < len(back) / len(forecast.paths) < 0.9
    assert np.median(back[:, -7:].mean(axis=1)) == pytest.approx(burst.mean(), rel=0.3)


def test_weekdays_stay_what_they_are_after_a_pause() -> None:
    days = np.arange(140)
    weekend = (START.weekday() + days) % 7 >= 5
    values = np.where(weekend, 20.0, 100.0)
    values[:40:9] = 0  # as if a day had not been billed
    forecast = ahead(np.concatenate([values, np.zeros(4)]), days=28)
    coming = (forecast.history.end.weekday() + np.arange(28)) % 7 >= 5
    back = forecast.mean > 0
    assert forecast.mean[back & coming].max() < 0.5 * forecast.mean[back & ~coming].min()
    assert forecast.reason is not None
    assert "Idle for 4 days" in forecast.reason


def test_what_was_idle_now_and_then_may_fall_to_nothing() -> None:
    days = np.arange(60)
    values = np.where(days % 7 < 5, 100.0, 60.0) * np.exp(np.random.default_rng(3).normal(0, 0.4, 60))
    values[5::11] = 0
    total = ahead(values, days=21).paths.sum(axis=1)
    assert np.quantile(total, 0.025) < 0.1 * np.median(total)


def test_zeros_before_the_first_charge_do_not_count_as_history() -> None:
    forecast = ahead(np.concatenate([np.zeros(300), ordinary_days(20)]))
    assert forecast.reason is not None
    assert forecast.reason.startswith("20 days seen")
    assert forecast.mean.mean() == pytest.approx(ordinary_days(20).mean(), rel=0.15)


def test_bursts_are_named_as_the_reason() -> None:
    reason = ahead(bursts(300)).reason
    assert reason is not None
    assert "bursts" in reason


def test_paths_of_a_bursty_series_have_idle_days() -> None:
    values = bursts(300)
    assert 0.6 < (ahead(values).paths < 1).mean() <= (values < 1).mean() + 0.1


def test_an_ordinary_series_needs_no_excuse() -> None:
    forecast = ahead(ordinary_days(440))
    assert forecast.reason is None
    assert "ETS(A,Ad,N)" in forecast.model


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (1, "one day of history"),
        (6, "less than a week"),
        (13, "less than two weeks"),
        (27, "less than four weeks"),
        (41, "less than six weeks"),
        (59, "less than 60 days"),
    ],
)
def test_each_length_of_history_has_its_fallback(days: int, words: str) -> None:
    reason = ahead(ordinary_days(days)).reason
    assert reason is not None
    assert words in reason


def test_days_booked_so_far_are_a_lower_bound() -> None:
    history = History(start=date(2026, 1, 1), values=tuple(ordinary_days(100).tolist()), left_out=1, booked=(5000.0,))
    forecast = forecast_all({"one": history}, until=date(2026, 5, 1), seed=1, draws=300)["one"]
    assert forecast.paths[:, 0].min() == 5000
    assert forecast.mean[0] == 5000
    assert forecast.mean[1] < 500


def test_a_growing_fee_leaves_the_mean_inside_the_range() -> None:
    places = month_places(START, 440)
    fees = np.where(places == 1, np.linspace(15_000, 17_000, 440), 0.0)
    forecast = ahead(ordinary_days(440) * 3 + fees)
    for days in (30, 92):
        period = Period(start=forecast.history.end, end=forecast.history.end + timedelta(days=days))
        total = forecast.total(period)
        low, high = total.interval(0.8)
        assert low < total.mean < high
        assert total.quantile(0.01) > 0.8 * total.mean  # no future in which the fee does not come
