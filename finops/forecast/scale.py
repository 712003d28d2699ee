"""Scale: how wrong the total of the coming days is likely to be, from this series' past and from many other series.

The size of an error is the exponential of a line in what is known about the series. The line was fitted in November
2026 to the logarithms of 3,481 absolute errors of this forecaster (totals of month, quarter and year, six cut-offs per
series) on 318 daily series: npm downloads, Wikipedia views, electricity load, taxi and bike trips and others (31),
compute use per user of two cluster logs (12), and generated bills of 14 kinds (275); each series weighs the same within
its group. A series' own back-tested error and its noise say about equally much, and neither is taken at its word: both
exponents are well below one. Errors over this scale have the tails of Student's t with three degrees of freedom.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

HORIZONS = (1, 3, 7, 14, 30, 60, 120, 240, 480)
"""Days for whose totals the scale is computed; between them it is interpolated, whatever the horizon."""

FREEDOM = 3.0
"""Degrees of freedom of errors over scale."""

# from the fitted mean of log errors to the scale of a t: with it eight of ten totals lie in the 80 % range
_WIDTH = 1.6
_CONSTANT = -1.55
_OF_ERROR = 0.28
_UNTRIED = 0.32
_OF_NOISE = 0.41
_OF_HORIZON = 0.07
_OF_LONG_HORIZON = 0.65
_OF_LENGTH = -0.16
_INTERMITTENT = 1.27
_LONG = 120
_BASE = 14
_LEAST = 0.003
_YEAR = 365
_FEWEST_TRIES = 3
_MOST_TRIES = 78


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """What the past of a series says about its errors.

    Attributes:
        cleaned: daily values without weekday effect, fees and spikes.
        level: size of an ordinary recent day, above zero; errors are relative to it.
        noise: standard deviation of single days around the local level, relative.
        intermittent: idle on many days.
    """

    cleaned: Floats
    level: float
    noise: float
    intermittent: bool


def relative_scale(evidence: Evidence, days: int) -> Floats:
    """Scale of the error of the total of the first 1, 2, ... `days` days, over level times days."""
    scales = [_scale(evidence, horizon) for horizon in HORIZONS]
    wanted = np.log(np.arange(1, days + 1))
    return np.asarray(np.exp(np.interp(wanted, np.log(HORIZONS), np.log(scales))), dtype=np.float64)


def past_error(cleaned: Floats, days: int, level: float) -> float | None:
    """Error of 'the mean of the last two weeks goes on' over the coming `days`, but at most a third of the history.

    Returns:
        Root mean square over weekly origins, relative to the level; None without three origins.
    """
    ahead = max(1, min(days, len(cleaned) // 3))
    base = min(_BASE, ahead * 2, max(1, len(cleaned) // 3))
    at = np.arange(len(cleaned) - ahead, base - 1, -7)[:_MOST_TRIES]
    if len(at) < _FEWEST_TRIES:
        return None
    sums = np.concatenate([[0.0], np.cumsum(cleaned)])
    errors = (sums[at + ahead] - sums[at]) / ahead - (sums[at] - sums[at - base]) / base
    return float(np.sqrt(np.mean(np.minimum(np.abs(errors) / level, 3.0) ** 2)))


def _scale(evidence: Evidence, horizon: int) -> float:
    error = past_error(evidence.cleaned, horizon, evidence.level)
    own = _UNTRIED if error is None else _OF_ERROR * math.log(min(max(error, _LEAST), 2.0))
    line = (
        _CONSTANT
        + own
        + _OF_NOISE * math.log(min(max(evidence.noise, _LEAST), 5.0))
        + _OF_HORIZON * math.log(horizon / 28)
        + _OF_LONG_HORIZON * math.log(max(horizon, _LONG) / _LONG)
        + _OF_LENGTH * math.log(min(len(evidence.cleaned), _YEAR) / _YEAR)
        + _INTERMITTENT * evidence.intermittent
    )
    return _WIDTH * math.exp(line)
