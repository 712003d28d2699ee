"""Smoothing: exponential smoothing with a damped trend, ETS(A,Ad,N), averaged over its parameters.

Fitting searches for the one best set of parameters, which costs a hundred times the CPU and, on series of a few dozen
weeks, picks one of many that are about as likely. Here the recursions (Hyndman and others, Forecasting with
Exponential Smoothing, 2008, table 2.1; the same as `statsmodels.tsa.holtwinters.ExponentialSmoothing`) run for all sets
of a grid at once, and each counts by its likelihood.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_STARTING = 4
_GRID = [
    (alpha, alpha * beta, phi)
    for alpha in (0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9)
    for beta in (0.0, 0.045, 0.12, 0.3, 0.6)
    for phi in (0.8, 0.9, 0.95, 0.98)
]
_ALPHA, _BETA, _PHI = np.array(_GRID).T


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Smoothed:
    """Where a smoothed series goes: `ahead` with its damped trend, one value per step; `level` without."""

    level: float
    ahead: Floats


def smooth(series: Floats, steps: int) -> Smoothed:
    """Smooth a series and look ahead.

    Args:
        series: at least one value, evenly spaced.
        steps: how far to look.
    """
    centre = float(np.mean(series))
    level = np.full(len(_ALPHA), float(np.mean(series[:_STARTING])) - centre)
    trend, squares = np.zeros(len(_ALPHA)), np.zeros(len(_ALPHA))
    for value in series - centre:
        expected = level + _PHI * trend
        error = value - expected
        squares += error**2
        level, trend = expected + _ALPHA * error, _PHI * trend + _BETA * error
    weights = likelihoods(squares, len(series))
    step = np.arange(1, steps + 1)
    damped = _PHI[:, None] * (1 - _PHI[:, None] ** step) / (1 - _PHI[:, None])
    return Smoothed(
        level=centre + float(weights @ level),
        ahead=np.asarray(centre + weights @ (level[:, None] + trend[:, None] * damped), dtype=np.float64),
    )


def likelihoods(squares: Floats, count: int) -> Floats:
    """Shares of sets of parameters by the likelihood of normal errors with their own variance.

    Args:
        squares: sum of squared errors of each set.
        count: how many errors each sum holds.
    """
    least = float(squares.min())
    weights = np.exp(-0.5 * count * np.log(squares / least)) if least > 0 else (squares <= 0).astype(np.float64)
    return np.asarray(weights / weights.sum(), dtype=np.float64)
