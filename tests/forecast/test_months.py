"""Forecasts of series known per month."""

from datetime import date

import numpy as np
import pytest

from finops.forecast.forecaster import NothingToForecast
from finops.forecast.month_views import month_views
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


def test_the_models_that_were_right_get_the_say() -> None:
    """Last year's months are a fifth too low in what grows so fast, and were in the years before."""
    at = np.arange(84)
    known = np.exp(0.2 * at / 12 + 0.3 * np.sin(2 * np.pi * at / 12) + np.random.default_rng(4).normal(0, 0.01, 84))
    came = np.exp(0.2 * np.arange(84, 96) / 12 + 0.3 * np.sin(2 * np.pi * np.arange(84, 96) / 12))
    views = month_views(known, 12)
    alike = np.mean(list(views.paths.values()), axis=0)
    assert abs(views.mean.sum() - came.sum()) < 0.5 * abs(alike.sum() - came.sum())
    assert views.mean.sum() == pytest.approx(came.sum(), rel=0.03)


def test_a_few_leaps_do_not_make_the_range_of_months_narrow_to_nothing() -> None:
    """Their largest steps are a million times the median one, and no range is that sure."""
    known = np.full(60, 100.0) + np.random.default_rng(4).normal(0, 1e-4, 60)
    known[[20, 40]] = 500.0
    assert month_views(known, 3).features[:, 4].max() <= 3.0


def test_the_point_forecast_lies_in_the_middle_of_the_futures() -> None:
    random = np.random.default_rng(3)
    values = 100 * np.exp(np.cumsum(random.normal(0, 0.1, 60)))
    forecast = forecast_months(date(2020, 1, 1), values.tolist(), until=date(2026, 1, 1), seed=1)
    total = forecast.total(Period(start=date(2025, 1, 1), end=date(2026, 1, 1)))
    assert total.quantile(0.4) < total.mean < total.quantile(0.6)


def test_months_that_never_varied_go_on_as_they_are() -> None:
    forecast = forecast_months(date(2024, 1, 1), [80.0] * 24, until=date(2026, 4, 1), seed=1)
    assert forecast.total(Period(start=date(2026, 1, 1), end=date(2026, 4, 1))).mean == pytest.approx(240)
