"""Scale: how wrong the total of the coming days is likely to be, from this series' past and from many other series.

Neither a series' own back-tested error nor its noise is taken at its word: `learnt.ErrorLine` says how much each
counts.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from finops.forecast.calendar_effects import WEEK
from finops.forecast.learnt import ErrorLine

Floats = npt.NDArray[np.float64]

HORIZONS = (1, 3, 7, 14, 30, 60, 120, 240, 480)
"""Days for whose totals the scale is computed; between them it is interpolated, whatever the horizon."""

FREEDOM = 3.0
"""Degrees of freedom of errors over scale."""

MOST_SHIFTED = 0.3
"""Scale from which on the middle of the errors shifts no further: what nobody knows does not grow for sure."""

_UNTRIED = 0.32
_UNTRIED_WEEK = 0.2
_UNTRIED_NOISE = 0.3
_UNTRIED_DISAGREEMENT = 0.2
_DAYS_GIVEN = 4
_MONTH = 30
_QUARTER = 91
_LONG = 120
_YOUNG = 90
_NOISIEST = 0.5
_BURST = 28
_BURST_DRIFT = 0.3
_BURSTS_DIFFER = 1.0
_BURSTS_GIVEN = 2
_BASE = 14
_LEAST = 0.003
_YEAR = 365
_MOST_YEARS = 1.5
_LEAST_DISAGREEMENT = 0.002
_ORIGINS = 13
_FEWEST_DAYS = 14
_MOST_TRIES = 78
_MOST_SPIKES = 0.5
_FEWEST_WEEKS = 6
_QUARTER_OF_WEEKS = 13
_LEAST_MOVE = 0.02
_LEAST_STEP = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """What the past of a series says about its errors.

    Attributes:
        cleaned: daily values without weekday effect, fees and spikes.
        level: size of an ordinary recent day, above zero; errors are relative to it.
        noise: standard deviation of single days around the local level, relative.
        views: level paths, one row each: where the simple forecasts disagree, errors are larger.
        spikes: what spikes add to an average day, relative to the level.
        persistence: logarithm of how far its weeks move in a quarter, over what a walk of their weekly steps would:
            above zero where steps go on, below where they are taken back.
    """

    cleaned: Floats
    level: float
    noise: float
    views: Floats
    spikes: float
    persistence: float


def relative_scale(evidence: Evidence, days: int, line: ErrorLine) -> Floats:
    """Scale of the error of the total of the first 1, 2, ... `days` days, over level times days."""
    week = _week_error(evidence)
    scales = [float(_features(evidence, horizon, week) @ line.weights) for horizon in HORIZONS]
    wanted = np.log(np.arange(1, days + 1))
    return np.asarray(np.exp(np.interp(wanted, np.log(HORIZONS), scales)), dtype=np.float64)


def widths(width: float, days: int) -> Floats:
    """What the scales of the totals of the first 1, 2, ... `days` days are multiplied by (`learnt.Learnt.width`).

    It was learnt on totals of months. What made those narrower fades out from a month to a quarter, as longer totals
    err for reasons that a month does not show; what made them wider holds for all.
    """
    if width >= 1:
        return np.full(days, width)
    fading = np.log(_QUARTER / np.arange(1, days + 1)) / math.log(_QUARTER / _MONTH)
    return np.asarray(width ** np.clip(fading, 0.0, 1.0), dtype=np.float64)


def features(evidence: Evidence, days: int) -> Floats:
    """What is known about the error of a total of so many days, in the order of `ErrorLine.weights`."""
    return _features(evidence, days, _week_error(evidence))


def _week_error(evidence: Evidence) -> float | None:
    return past_error(evidence.cleaned, WEEK, evidence.level)


def _features(evidence: Evidence, days: int, week: float | None) -> Floats:
    error = past_error(evidence.cleaned, days, evidence.level)
    disagreement = _disagreement(evidence, days)
    horizon = math.log(days / _MONTH)
    return np.array(
        [
            1.0,
            math.log(max(_UNTRIED if error is None else error, _LEAST)),
            math.log(max(_UNTRIED_WEEK if week is None else week, _LEAST)),
            _log_noise(evidence),
            horizon,
            math.log(max(days / _LONG, 1.0)),
            math.log(min(len(evidence.cleaned) / _YEAR, _MOST_YEARS)),
            min(evidence.spikes, _MOST_SPIKES),
            evidence.persistence * horizon,
            math.log(max(_UNTRIED_DISAGREEMENT if disagreement is None else disagreement, _LEAST_DISAGREEMENT)),
        ]
    )


def burst_scale(values: Floats) -> float:
    """Scale of the level of a series that comes in bursts, relative to it; that of its single days is not in it.

    The mean of a few months is as uncertain as they differ, over the root of their number, and drifts on top. How far
    they differ is shrunk towards as much as their mean, as two or three of them hardly tell.
    """
    months = len(values) // _BURST
    if months < 1:
        return math.hypot(_BURST_DRIFT, _BURSTS_DIFFER)
    means = values[len(values) - months * _BURST :].reshape(months, _BURST).mean(axis=1)
    off = means / max(float(means.mean()), 1e-300) - 1.0
    square = (float(off @ off) + _BURSTS_GIVEN * _BURSTS_DIFFER**2) / (months - 1 + _BURSTS_GIVEN)
    return math.sqrt(_BURST_DRIFT**2 + square / months)


def unsettled(evidence: Evidence) -> float:
    """How young and noisy a series is, zero from 90 days on: what is both rather falls back.

    The logarithm of 90 over the days seen, times twice the square of the noise of single days, that at most a half.
    """
    return max(math.log(_YOUNG / len(evidence.cleaned)), 0.0) * min(evidence.noise, _NOISIEST) ** 2 / _NOISIEST


def persistence(cleaned: Floats) -> float:
    """`Evidence.persistence` of daily values without weekday effect, fees and spikes; 0 below six weeks."""
    weeks = min(len(cleaned) // WEEK, _MOST_TRIES)
    if weeks < _FEWEST_WEEKS:
        return 0.0
    means = cleaned[len(cleaned) - weeks * WEEK :].reshape(weeks, WEEK).mean(axis=1)
    means = np.log(means) if (means > 0).all() else means / max(float(np.mean(np.abs(means))), 1e-300)
    apart = min(_QUARTER_OF_WEEKS, weeks // 2)
    step, move = float(np.std(np.diff(means))), float(np.std(means[apart:] - means[:-apart]))
    return math.log(move / (step * math.sqrt(apart)) + _LEAST_MOVE) if step > _LEAST_STEP else 0.0


def past_error(cleaned: Floats, days: int, level: float) -> float | None:
    """Error of 'the mean of the last two weeks goes on' over the coming `days`, but at most a third of the history.

    Returns:
        Root mean square, relative to the level, over weekly origins, closer ones where the history is shorter than 13
        weeks; None below two weeks.
    """
    if len(cleaned) < _FEWEST_DAYS:
        return None
    ahead = max(1, min(days, len(cleaned) // 3))
    base = min(_BASE, ahead * 2, max(1, len(cleaned) // 3))
    apart = max(1, min(len(cleaned) // _ORIGINS, WEEK))
    at = np.arange(len(cleaned) - ahead, base - 1, -apart)[:_MOST_TRIES]
    sums = np.concatenate([[0.0], np.cumsum(cleaned)])
    errors = (sums[at + ahead] - sums[at]) / ahead - (sums[at] - sums[at - base]) / base
    return float(np.sqrt(np.mean(np.minimum(np.abs(errors) / level, 3.0) ** 2)))


def _log_noise(evidence: Evidence) -> float:
    """Logarithm of the noise of single days; a series of a few days hardly shows its own, so a usual one counts too."""
    days = len(evidence.cleaned)
    seen = math.log(max(evidence.noise, _LEAST))
    return (days * seen + _DAYS_GIVEN * math.log(_UNTRIED_NOISE)) / (days + _DAYS_GIVEN)


def _disagreement(evidence: Evidence, days: int) -> float | None:
    """Standard deviation of the views' totals over the level's; beyond their end, their last day goes on.

    None for a single view, which has nobody to disagree with.
    """
    if len(evidence.views) == 1:
        return None
    known = evidence.views[:, :days]
    totals = known.sum(axis=1) + (days - known.shape[1]) * evidence.views[:, -1]
    return float(totals.std()) / (evidence.level * days)
