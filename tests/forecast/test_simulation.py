"""Paths repeat past days that all series share."""

import numpy as np
import pytest

from finops.forecast.simulation import BLOCK, level_walk, repeated_days, shared_days, strays
from finops.testing.forecaster import ordinary_days

SHARED = shared_days(seed=1, draws=500, days=100)


@pytest.mark.parametrize("history", [1, 3, 7, 20, 35, 100, 365, 500])
def test_repeated_days_lie_in_the_history(history: int) -> None:
    chosen = repeated_days(SHARED, history=history, days=100)
    assert chosen.shape == (500, 100)
    assert chosen.min() >= 0
    assert chosen.max() < history


@pytest.mark.parametrize("history", [7, 20, 100, 500])
def test_a_day_repeats_a_day_of_the_same_weekday(history: int) -> None:
    chosen = repeated_days(SHARED, history=history, days=100)
    assert ((history + np.arange(100) - chosen) % 7 == 0).all()


def test_series_of_different_length_repeat_the_same_days() -> None:
    one, other = repeated_days(SHARED, history=400, days=100), repeated_days(SHARED, history=500, days=100)
    np.testing.assert_array_equal(400 - one, 500 - other)


def test_days_of_a_block_follow_one_another() -> None:
    chosen = repeated_days(SHARED, history=400, days=BLOCK)
    assert (np.diff(chosen, axis=1) == 1).all()


@pytest.mark.parametrize("days", [10, 60, 84, 300])
def test_a_walk_has_mean_zero_and_deviation_one(days: int) -> None:
    values = ordinary_days(days)
    walk = level_walk(SHARED, values, repeated_days(SHARED, history=days, days=100), positive=True)
    np.testing.assert_allclose(walk.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(walk.std(axis=0), 1, rtol=1e-9)


def test_running_means_of_strays_get_the_scale_asked_for() -> None:
    values = ordinary_days(300)
    walk = level_walk(SHARED, values, repeated_days(SHARED, history=300, days=100), positive=True)
    targets = np.linspace(0.05, 0.2, 100)
    stray = strays(walk, SHARED, targets) / SHARED.widths[:, None]
    assert stray[:, :100].mean(axis=1).std() == pytest.approx(0.2, rel=0.25)
    assert stray[:, :30].mean(axis=1).std() == pytest.approx(targets[29], rel=0.25)


def test_tails_a_year_ahead_are_fatter_around_the_same_middle() -> None:
    shared = shared_days(seed=1, draws=40_000, days=1)
    chance = np.random.default_rng(2).standard_normal(40_000)
    usual, far = (np.quantile(np.abs(widths * chance), (0.8, 0.95)) for widths in (shared.widths, shared.far_widths))
    assert far[0] == pytest.approx(usual[0], rel=0.05)
    assert far[1] == pytest.approx(1.4 * usual[1], rel=0.08)
