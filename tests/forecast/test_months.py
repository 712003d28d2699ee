"""Forecasts of series known per month."""

from datetime import date

import numpy as np
import pytest

from finops.forecast.forecaster import NothingToForecast
from finops.forecast.months import forecast_months
from finops.periods import Period, month

SEASON = np.tile(100 + 30 * np.sin(np.arange(12) * np.pi / 6), 6)
NOISE = np.random.default_rng(2).normal(0, 2, 72)
START = date(2020, 1, 1)


def test_a_total_is_known_months_plus_months_ahead() -> None:
    forecast = forecast_months(START, (SEASON + NOISE).tolist(), until=date(2026, 7, 1), seed=1)
    total = forecast.total(Period(start=date(2025, 12, 1), end=date(2026, 2, 1)))
    assert total.actual == pytest.approx((SEASON + NOISE)[71])
    assert total.mean == pytest.approx(total.actual + forecast.mean[0])


def test_a_season_comes_again() -> None:
    forecast = forecast_months(START, (SEASON + NOISE).tolist(), until=date(2027, 1, 1), seed=1)
    summer, winter = (forecast.total(month(label)).mean for label in ("2026-04", "2026-10"))
    assert summer == pytest.approx(130, rel=0.05)
    assert winter == pytest.approx(70, rel=0.05)
    assert "ETS(A,Ad,A)" in forecast.model
    assert forecast.reason is None


def test_a_month_cut_short_still_gets_its_total() -> None:
    whole = forecast_months(START, SEASON.tolist(), until=date(2026, 3, 1), seed=1)
    begun = forecast_months(START, SEASON.tolist(), until=date(2026, 2, 2), seed=1)
    assert begun.mean.sum() == pytest.approx(whole.mean.sum())


@pytest.mark.parametrize("months", [1, 2, 5, 6, 12, 15, 16, 29])
def test_a_short_history_says_so(months: int) -> None:
    forecast = forecast_months(START, SEASON[:months].tolist(), until=date(2023, 1, 1), seed=1)
    assert forecast.reason == f"{months} months seen: no seasonal smoothing."
    assert np.isfinite(forecast.paths).all()


def test_credits_and_zeros_are_legal() -> None:
    forecast = forecast_months(START, (SEASON - 100).tolist(), until=date(2027, 1, 1), seed=1)
    assert np.isfinite(forecast.paths).all()
    assert not forecast_months(START, [0.0] * 40, until=date(2024, 1, 1), seed=1).paths.any()


def test_the_same_seed_gives_the_same_paths() -> None:
    one, other = (forecast_months(START, SEASON.tolist(), until=date(2027, 1, 1), seed=4) for _ in range(2))
    np.testing.assert_array_equal(one.paths, other.paths)


def test_nothing_known_is_not_forecast() -> None:
    with pytest.raises(NothingToForecast):
        forecast_months(START, [], until=date(2027, 1, 1), seed=1)


def test_a_start_inside_a_month_is_refused() -> None:
    with pytest.raises(ValueError, match="start on the first"):
        forecast_months(date(2020, 1, 2), [1.0], until=date(2027, 1, 1), seed=1)


def test_there_must_be_a_month_ahead() -> None:
    with pytest.raises(ValueError, match="no month to forecast"):
        forecast_months(START, [1.0], until=date(2020, 2, 1), seed=1)
