"""Level: spikes cut, views averaged, no trend that runs away."""

import numpy as np
import pytest

from finops.forecast.learnt import LEARNT
from finops.forecast.level import views, without_spikes
from finops.testing.forecaster import ordinary_days

NOISE = np.random.default_rng(5).normal(0, 3, 200)


def test_a_lone_spike_is_cut_to_the_noise() -> None:
    values = 100 + NOISE
    values[80] = 900
    cleaned = without_spikes(values)
    assert cleaned[80] < 150
    np.testing.assert_array_equal(np.delete(cleaned, 80), np.delete(values, 80))


def test_a_new_level_is_no_spike() -> None:
    values = 100 + NOISE
    values[120:] += 150
    np.testing.assert_array_equal(without_spikes(values), values)


def test_noise_is_left_alone() -> None:
    np.testing.assert_array_equal(without_spikes(100 + NOISE), 100 + NOISE)


@pytest.mark.parametrize("days", [1, 5, 10, 40, 100, 440])
def test_shares_of_the_views_add_up_to_one(days: int) -> None:
    viewed = views(ordinary_days(days), days=30, positive=True, intermittent=False, learnt=LEARNT)
    assert sum(viewed.shares.values()) == pytest.approx(1.0)
    assert viewed.shares.keys() == viewed.paths.keys()


def test_last_year_comes_in_after_a_year_and_four_weeks() -> None:
    assert "last year" not in views(ordinary_days(391), days=30, positive=True, intermittent=False, learnt=LEARNT).paths
    assert "last year" in views(ordinary_days(392), days=30, positive=True, intermittent=False, learnt=LEARNT).paths


def test_smoothing_starts_after_six_weeks() -> None:
    assert (
        "damped trend" not in views(ordinary_days(41), days=30, positive=True, intermittent=False, learnt=LEARNT).paths
    )
    assert "damped trend" in views(ordinary_days(42), days=30, positive=True, intermittent=False, learnt=LEARNT).paths


def test_a_trend_flattens_out() -> None:
    path = views(np.linspace(100, 300, 300), days=365, positive=True, intermittent=False, learnt=LEARNT).paths[
        "damped trend"
    ]
    first, last = path[30] - path[0], path[-1] - path[-31]
    assert 0 <= last < 0.7 * first


def test_a_series_without_a_sign_has_a_path() -> None:
    path = views(NOISE, days=60, positive=False, intermittent=False, learnt=LEARNT).path
    assert np.abs(path).max() < 10


def test_a_jump_ten_days_ago_does_not_run_on_as_a_trend() -> None:
    values = 1000 + NOISE * 5
    values[-10:] += 600
    path = views(values, days=160, positive=True, intermittent=False, learnt=LEARNT).path
    assert path.max() < 1.1 * 1600
    assert path[-1] > 1300


def test_steady_growth_goes_on_for_a_while() -> None:
    values = (100 + NOISE / 10) * np.exp(0.01 / 7 * np.arange(200))
    path = views(values, days=120, positive=True, intermittent=False, learnt=LEARNT).path
    assert values[-28:].mean() * 1.03 < path[-1] < values[-28:].mean() * 1.5
