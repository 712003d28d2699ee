"""Seasonal models: a set of parameters forecasts what statsmodels does with the same, a grid averages over them."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from finops.forecast.seasonal import AIRLINE, SMOOTHING, YEAR, Airline, Smoothing, airline, smooth_seasons

Floats = npt.NDArray[np.float64]

MONTHS = 72
_AT = np.arange(MONTHS)
SERIES = (
    5.0
    + 0.01 * _AT
    + 0.2 * np.sin(2 * np.pi * _AT / YEAR)
    + np.cumsum(np.random.default_rng(4).normal(0, 0.03, MONTHS))
)


@pytest.mark.long  # importing statsmodels takes seconds
def test_smoothing_is_that_of_statsmodels() -> None:
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    level, trend, season, damping = 0.3, 0.03, 0.1, 0.9
    (ours,) = smooth_seasons(
        SERIES, 15, among=Smoothing(level=(level,), trend=(trend,), season=(season,), damping=(damping,))
    )
    years = SERIES[:48].reshape(4, YEAR)
    means = years.mean(axis=1)
    slope = (means[-1] - means[0]) / 36
    first = (years - means[:, None]).mean(axis=0) - slope * (np.arange(YEAR) - 5.5)
    model = ETSModel(
        SERIES,
        error="add",
        trend="add",
        damped_trend=True,
        seasonal="add",
        seasonal_periods=YEAR,
        initialization_method="known",
        initial_level=means[0] - slope * 6.5,
        initial_trend=slope,
        initial_seasonal=first - first.mean(),
    )
    start = [means[0] - slope * 6.5, slope, *(first - first.mean())[::-1]]
    theirs = model.smooth(np.array([level, trend, season, damping, *start])).forecast(15)
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)


@pytest.mark.long
def test_the_airline_model_is_that_of_statsmodels() -> None:
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    month, year = 0.4, 0.6
    (ours,) = airline(SERIES, 15, among=Airline(month=(month,), year=(year,)))
    model = SARIMAX(SERIES, order=(0, 1, 1), seasonal_order=(0, 1, 1, YEAR))
    theirs = model.smooth([-month, -year, 1.0]).forecast(15)
    # theirs starts from unknown states, ours from errors of zero: after six years little of that is left
    np.testing.assert_allclose(ours, theirs, atol=0.02)


@pytest.mark.parametrize("forecast", [smooth_seasons, airline])
def test_a_season_without_noise_comes_again(forecast: Callable[..., list[Floats]]) -> None:
    season = np.tile([1.0, 5, 2, 8, 3, 9, 4, 7, 2, 6, 1, 3], 5)
    np.testing.assert_allclose(forecast(season, 18), [np.resize(season, 18)], atol=1e-9)


@pytest.mark.parametrize("forecast", [smooth_seasons, airline])
@pytest.mark.parametrize("months", [25, 26, 37])
def test_two_years_and_a_month_are_enough(forecast: Callable[..., list[Floats]], months: int) -> None:
    assert np.isfinite(forecast(SERIES[:months], 24)).all()


@pytest.mark.parametrize("forecast", [smooth_seasons, airline])
def test_a_forecast_made_earlier_is_what_it_was_then(forecast: Callable[..., list[Floats]]) -> None:
    then, later, now = forecast(SERIES, 15, until=(50, 60, MONTHS))
    np.testing.assert_allclose([then], forecast(SERIES[:50], 15))
    np.testing.assert_allclose([later], forecast(SERIES[:60], 15))
    np.testing.assert_allclose([now], forecast(SERIES, 15))


def test_every_set_of_the_grids_is_stable() -> None:
    assert len(SMOOTHING.level) == len(SMOOTHING.damping)
    assert max(SMOOTHING.damping) < 1
    assert all(season <= 1 - level for level, season in zip(SMOOTHING.level, SMOOTHING.season, strict=True))
    assert max(AIRLINE.month) < 1
    assert max(AIRLINE.year) < 1
