"""Seasonal: two models of monthly series with a yearly season, each averaged over its parameters.

ETS(A,Ad,A) (Hyndman and others, Forecasting with Exponential Smoothing, 2008, table 2.1) and the airline model
ARIMA(0,1,1)(0,1,1)12 (Box, Jenkins, Time Series Analysis, 1970). Both recursions run for a whole grid of parameters at
once and each set counts by its likelihood: as good as the one best set that a search finds (monthly series of
docs/forecast-accuracy.md: WAPE 0.075 and 0.076), at a tenth of the CPU and with nothing to fit or to keep.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from finops.forecast.smoothing import likelihoods

Floats = npt.NDArray[np.float64]

YEAR = 12
FEWEST_MONTHS = 2 * YEAR + 1
"""Below this neither model has an error to be judged by."""

_STARTING_YEARS = 4
_BURN_IN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Smoothing:
    """Sets of parameters of ETS(A,Ad,A), one per entry of each tuple.

    Attributes:
        level, trend, season: shares of an error that the level, the trend and the month's season take up.
        damping: what is left of the trend after each month; a trend of zero share starts at zero and stays there.
    """

    level: tuple[float, ...]
    trend: tuple[float, ...]
    season: tuple[float, ...]
    damping: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Airline:
    """Sets of moving-average parameters: of the month before and of the year before, 0 to 1."""

    month: tuple[float, ...]
    year: tuple[float, ...]


def _smoothing_grid() -> Smoothing:
    grid = [
        (level, level * trend, (1 - level) * season, damping)
        for level in (0.05, 0.1, 0.2, 0.35, 0.5, 0.7)
        for trend in (0.0, 0.05, 0.15)
        for season in (0.0, 0.05, 0.15, 0.35)
        for damping in ((0.9, 0.97) if trend else (0.9,))
    ]
    level, trend, season, damping = zip(*grid, strict=True)
    return Smoothing(level=level, trend=trend, season=season, damping=damping)


def _airline_grid() -> Airline:
    grid = [(a, b) for a in (0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9) for b in (0.1, 0.3, 0.5, 0.65, 0.8, 0.92)]
    month, year = zip(*grid, strict=True)
    return Airline(month=month, year=year)


SMOOTHING = _smoothing_grid()
AIRLINE = _airline_grid()


def smooth_seasons(
    series: Floats, steps: int, *, until: Sequence[int] = (), among: Smoothing = SMOOTHING
) -> list[Floats]:
    """Smooth level, trend and season, and look ahead.

    Args:
        series: at least FEWEST_MONTHS values; logarithms where ratios are meant.
        steps: how far to look, in months.
        until: how many values each forecast knows, ascending; all of them unless others are named.
        among: the parameters averaged over.

    Returns:
        One forecast for each of `until`. It knows later values only through the start, the first four years' means.
    """
    alpha, beta, gamma, phi = (np.array(one) for one in (among.level, among.trend, among.season, among.damping))
    start, slope, season = _start(series)
    level = np.where(
        beta > 0, start - slope * (YEAR + 1) / 2, float(np.mean(series[: YEAR // 2] - season[: YEAR // 2]))
    )
    trend = np.where(beta > 0, slope, 0.0)
    seasons = np.tile(season[:, None], len(alpha))
    squares = np.zeros(len(alpha))
    step = np.arange(1, steps + 1)[:, None]
    damped = phi * (1 - phi**step) / (1 - phi)
    ends, found = until or (len(series),), []
    for at, value in enumerate(series):
        expected = level + phi * trend
        error = value - expected - seasons[at % YEAR]
        squares += error**2
        seasons[at % YEAR] += gamma * error
        level, trend = expected + alpha * error, phi * trend + beta * error
        known = at + 1
        if known in ends:
            ahead = level + trend * damped + seasons[(known + np.arange(steps)) % YEAR]
            found.append(np.asarray(ahead @ likelihoods(squares, known), dtype=np.float64))
    return found


def airline(series: Floats, steps: int, *, until: Sequence[int] = (), among: Airline = AIRLINE) -> list[Floats]:
    """Forecast by the airline model, its first errors taken as zero.

    Args:
        series: at least FEWEST_MONTHS values; logarithms where ratios are meant.
        steps: how far to look, in months.
        until: how many values each forecast knows, at least FEWEST_MONTHS; all of them unless others are named.
        among: the parameters averaged over.

    Returns:
        One forecast for each of `until`.
    """
    month, year = np.array(among.month), np.array(among.year)
    changes = np.diff(series)
    changes = changes[YEAR:] - changes[:-YEAR]
    errors = np.zeros((YEAR + 1 + len(changes), len(month)))
    for at, change in enumerate(changes, YEAR + 1):
        errors[at] = change + _carried(errors, at, month, year)
    return [_airline_ahead(series[:known], errors[:known], steps, month, year) for known in until or (len(series),)]


def _airline_ahead(series: Floats, errors: Floats, steps: int, month: Floats, year: Floats) -> Floats:
    """Where the airline model goes from the end of a series; the first thirteen of its errors are zero."""
    known = len(series)
    errors = np.concatenate([errors, np.zeros((steps, len(month)))])
    path = np.empty((YEAR + 1 + steps, len(month)))
    path[: YEAR + 1] = series[-YEAR - 1 :, None]
    for at in range(YEAR + 1, YEAR + 1 + steps):
        carried = _carried(errors, at + known - YEAR - 1, month, year)
        path[at] = path[at - 1] + path[at - YEAR] - path[at - YEAR - 1] - carried
    counted = errors[YEAR + 1 + min(_BURN_IN, (known - YEAR - 1) // 3) : known]
    weights = likelihoods((counted**2).sum(axis=0), len(counted))
    return np.asarray(path[YEAR + 1 :] @ weights, dtype=np.float64)


def _carried(errors: Floats, at: int, month: Floats, year: Floats) -> Floats:
    """What earlier errors take from the change of this month."""
    return np.asarray(
        month * errors[at - 1] + year * errors[at - YEAR] - month * year * errors[at - YEAR - 1], dtype=np.float64
    )


def _start(series: Floats) -> tuple[float, float, Floats]:
    """Mean of the first year, growth per month and what each month adds, from up to four whole years."""
    years = min(len(series) // YEAR, _STARTING_YEARS)
    whole = series[: years * YEAR].reshape(years, YEAR)
    means = whole.mean(axis=1)
    slope = float(means[-1] - means[0]) / (YEAR * (years - 1))
    season = (whole - means[:, None]).mean(axis=0) - slope * (np.arange(YEAR) - (YEAR - 1) / 2)
    return float(means[0]), slope, np.asarray(season - season.mean(), dtype=np.float64)
