"""Reversion: a level that returns to where it usually is, as use that follows the weather or the season does.

What only grows or only shrinks has no such place: how far a straight line explains the past says how little to trust
this view (`steadiness`).
"""

import numpy as np
import numpy.typing as npt

from finops.forecast.smoothing import likelihoods

Floats = npt.NDArray[np.float64]

WEEK = 7
FEWEST_DAYS = 42
"""Below this a mean to return to is hardly known."""

_HOLDING = np.array([0.5, 0.7, 0.8, 0.87, 0.92, 0.95, 0.97, 0.98, 0.987, 0.993])
_JUMP = 3  # days between the places where STL smooths; lines join them
_STL_PASSES = 2  # as its authors advise; statsmodels does five
_PASSING = (0.2, 0.0, -0.2, -0.4, -0.55, -0.7, -0.8, -0.9)


def return_to_mean(series: Floats, steps: int) -> Floats:
    """Forecast daily values by ARMA(1,1) around their mean, what the weekdays still hold taken out by STL.

    STL is that of statsmodels (Cleveland and others, STL, Journal of Official Statistics 1990). The parameters are
    averaged over a grid, each set by its likelihood with the mean that fits it best (Box, Jenkins, Time Series
    Analysis, 1970); the error before the first is taken as zero.

    Args:
        series: at least FEWEST_DAYS values; logarithms where ratios are meant.
        steps: how far to look, in days.
    """
    from scipy.signal import lfilter
    from statsmodels.tsa.seasonal import STL

    centre, days = float(np.mean(series)), len(series)
    known = series - centre
    if float(np.ptp(known)) <= 1e-12 * max(abs(centre), 1.0):
        return np.full(steps, centre)
    weekdays = STL(known, period=WEEK, trend_jump=_JUMP, low_pass_jump=_JUMP).fit(inner_iter=_STL_PASSES, outer_iter=0)
    known = known - np.asarray(weekdays.seasonal)
    holding = _HOLDING[:, None]
    changes = np.concatenate([np.full((len(holding), 1), known[0]), known[1:] - holding * known[:-1]], axis=1)
    squares, means, followings = [], [], []
    for passing in _PASSING:
        errors = lfilter([1.0], [1.0, passing], changes, axis=1)
        # an error is that around zero less the mean times what a mean of one would make of it: settled + (1 - settled)
        # fading; the first counts by the spread of a value that none came before
        first = (1 - _HOLDING**2) / (1 + 2 * _HOLDING * passing + passing**2)
        fading = (-passing) ** np.arange(1, days)
        settled = (1 - _HOLDING) / (1 + passing)
        sums = errors[:, 1:] @ np.stack([np.ones(days - 1), fading], axis=1)
        crossed = first * errors[:, 0] + settled * sums[:, 0] + (1 - settled) * sums[:, 1]
        ones = (
            first
            + (days - 1) * settled**2
            + 2 * settled * (1 - settled) * fading.sum()
            + (1 - settled) ** 2 * (fading @ fading)
        )
        mean = crossed / ones
        own = first * errors[:, 0] ** 2 + np.einsum("ij,ij->i", errors[:, 1:], errors[:, 1:])
        # as a factor of the squares that spread, part of the likelihood, keeps their form
        squares.append(np.maximum(own - mean * crossed, 0.0) * first ** (-1 / days))
        last = errors[:, -1] - mean * (settled + (1 - settled) * fading[-1])
        means.append(mean)
        followings.append(_HOLDING * (known[-1] - mean) + passing * last)
    weights = likelihoods(np.concatenate(squares), days).reshape(len(_PASSING), -1)
    held = (weights * np.array(followings)).sum(axis=0) @ holding ** np.arange(steps)
    return np.asarray(centre + float((weights * np.array(means)).sum()) + held, dtype=np.float64)


def steadiness(series: Floats) -> float:
    """What a straight line leaves unexplained of the weekly means, 0 to 1: low for what grows or shrinks all the time.

    Args:
        series: at least FEWEST_DAYS values.
    """
    weeks = len(series) // WEEK
    means = series[len(series) - weeks * WEEK :].reshape(weeks, WEEK).mean(axis=1)
    off, at = means - means.mean(), np.arange(weeks) - (weeks - 1) / 2
    whole = float(off @ off)
    if whole <= 0:
        return 0.0
    left = off - float(at @ off) / float(at @ at) * at
    return min(float(left @ left) / whole, 1.0)
