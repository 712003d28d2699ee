"""What holds of every history, however odd: units do not matter, more of it never hurts, ranges and floors hold."""

from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops.forecast.forecaster import Forecast, History, forecast_all, sum_of
from finops.forecast.late_days import split_incomplete
from finops.forecast.months import forecast_months
from finops.periods import Period, month
from finops.testing.forecaster import HISTORIES

Floats = npt.NDArray[np.float64]

START = date(2024, 2, 20)
LEVELS = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
AHEAD = 45
DRAWS = 60


@st.composite
def courses(draw: st.DrawFn) -> Floats:
    """A series as bills have them: a level, weekends, a fee, bursts, a step, gaps, credits; from a day to two years."""
    days = draw(st.integers(1, 800))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    values = draw(st.sampled_from((0.0, 1e-3, 7.0, 1e6))) * np.exp(0.1 * random.standard_normal(days))
    at = np.arange(days)
    if draw(st.booleans()):
        values[at % 7 >= 5] *= draw(st.sampled_from((0.0, 0.5, 2.0)))
    if draw(st.booleans()):
        values[[(START + timedelta(days=int(day))).day == 1 for day in at]] += 40.0
    if draw(st.booleans()):
        values[random.random(days) < 0.7] = 0.0
    if draw(st.booleans()):
        values[draw(st.integers(0, days - 1)) :] *= draw(st.sampled_from((0.0, 3.0)))
    if draw(st.booleans()):
        values[random.random(days) < 0.05] -= draw(st.sampled_from((1.0, 500.0)))
    return values


def after(values: Floats, *, days: int = AHEAD, seed: int = 1) -> Forecast:
    known = History(start=START, values=tuple(values.tolist()))
    return forecast_all({"one": known}, until=known.end + timedelta(days=days), seed=seed, draws=DRAWS)["one"]


def quantiles(forecast: Forecast) -> Floats:
    total = forecast.total(Period(start=forecast.history.start, end=forecast.end))
    return np.array([*(total.quantile(level) for level in LEVELS), total.mean])


@settings(max_examples=25, deadline=None)
@given(courses(), st.sampled_from((1e-4, 0.92, 160.0, 1e7)))
def test_another_unit_or_currency_gives_the_same_forecast(values: Floats, factor: float) -> None:
    one, other = after(values), after(values * factor)
    size = float(np.abs(one.paths).max()) + 1e-300
    np.testing.assert_allclose(other.mean / factor, one.mean, rtol=1e-5, atol=1e-5 * size)
    np.testing.assert_allclose(other.paths / factor, one.paths, rtol=1e-4, atol=1e-4 * size)
    assert other.model == one.model


@settings(max_examples=25, deadline=None)
@given(courses(), st.integers(1, 800), st.integers(1, 400))
def test_more_history_never_hurts(values: Floats, shorter: int, days: int) -> None:
    """The whole of it and its end alone: finite numbers, quantiles in order, nothing negative that was not."""
    for known in (values, values[-shorter:]):
        forecast = after(known, days=days)
        found = quantiles(forecast)
        assert np.isfinite(found).all()
        assert (np.diff(found[:-1]) >= 0).all()
        if known.min() >= 0:
            assert forecast.paths.min() >= 0
            assert forecast.mean.min() >= 0


@settings(max_examples=25, deadline=None)
@given(courses(), st.integers(1, 3), st.floats(0, 3))
def test_a_total_is_no_less_than_what_is_booked(values: Floats, late: int, share: float) -> None:
    """Whatever stands on the last days, complete or not."""
    values = np.abs(values)
    values[-late:] *= share
    as_of = START + timedelta(days=len(values))
    known = split_incomplete(START, values.tolist(), as_of=as_of)
    if not known.values:
        return
    forecast = forecast_all({"one": known}, until=as_of + timedelta(days=AHEAD), seed=1, draws=DRAWS)["one"]
    assert (quantiles(forecast) >= values.sum() * (1 - 1e-12)).all()


@settings(max_examples=15, deadline=None)
@given(courses(), st.sampled_from((1e-4, 160.0)), st.integers(1, 18))
def test_months_have_ordered_quantiles_in_any_unit(values: Floats, factor: float, ahead: int) -> None:
    """Each value taken as a month's; nothing is negative that was not."""
    start = date(1960, 1, 1)
    end = start.year * 12 + len(values)
    until = date((end + ahead) // 12, (end + ahead) % 12 + 1, 1)
    one, other = (
        forecast_months(start, known.tolist(), until=until, seed=1, draws=DRAWS) for known in (values, values * factor)
    )
    first, second = quantiles(one), quantiles(other) / factor
    assert np.isfinite(first).all()
    assert (np.diff(first[:-1]) >= 0).all()
    np.testing.assert_allclose(second, first, rtol=1e-4, atol=1e-4 * (float(np.abs(first).max()) + 1e-300))
    if values.min() >= 0:
        assert one.paths.min() >= 0
        assert one.mean.min() >= 0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_series_in_another_order_give_the_same_bytes(seed: int) -> None:
    """Each of them, and their sum: adding floats in another order would give other floats."""
    end = date(2026, 11, 1)
    known = {
        name: History(start=end - timedelta(days=len(values)), values=tuple(values.tolist()))
        for name, values in HISTORIES.items()
    }
    names = np.random.default_rng(seed).permutation(list(known)).tolist()
    one, other = (
        forecast_all({name: known[name] for name in order}, until=date(2026, 12, 1), seed=seed, draws=DRAWS)
        for order in (list(known), names)
    )
    for name, forecast in one.items():
        assert forecast.paths.tobytes() == other[name].paths.tobytes()
    sums = sum_of(one), sum_of(other)
    assert sums[0].paths.tobytes() == sums[1].paths.tobytes()
    assert sums[0].total(month("2026-11")).mean == sums[1].total(month("2026-11")).mean
