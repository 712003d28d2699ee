"""Level: where a series stands once weekday, fees and spikes are taken out, and where it will go.

Several simple views of the level are averaged, because choosing one by its past error does worse: recent means,
last year's course and damped-trend exponential smoothing of weeks (statsmodels). No view has an undamped trend.
"""

import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from finops.forecast.calendar_effects import WEEK, noise_of, running_median

Floats = npt.NDArray[np.float64]

YEAR_OF_WEEKS = 364
_SPIKE_WIDTH = 15
_SPIKE_NOISES = 5.0
_SPIKE_LEVEL = 0.25
_LONGEST_SPIKE = 3
_FEWEST_WEEKS = 12
_MOST_WEEKS = 78
_SMOOTHING_SHARE = 0.5
_YEAR_SHARE = 0.3
_ORIGINS = 26
_LEAST_DAMPING = 0.95
_SLOPE_WEEKS = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class Views:
    """Level paths over the horizon by name, and the share each has in the average."""

    paths: dict[str, Floats]
    shares: dict[str, float]

    @property
    def path(self) -> Floats:
        """The average path."""
        return np.asarray(
            np.sum([self.shares[name] * path for name, path in self.paths.items()], axis=0), dtype=np.float64
        )


def without_spikes(values: Floats) -> Floats:
    """Values whose lone spikes, at most three days in a row, are cut to the edge of usual noise around the median."""
    if len(values) < WEEK:
        return values
    middle = running_median(values, _SPIKE_WIDTH)
    off = values - middle
    reach = max(_SPIKE_NOISES * noise_of(off), _SPIKE_LEVEL * noise_of(values))
    spike = (np.abs(off) > reach) & (np.abs(off) > _SPIKE_LEVEL * np.abs(middle))
    return np.where(spike & ~_runs_longer_than(spike, _LONGEST_SPIKE), middle + np.clip(off, -reach, reach), values)


def views(cleaned: Floats, *, days: int, positive: bool, intermittent: bool) -> Views:
    """Average the views of the level that the history is long enough for.

    Args:
        cleaned: daily values without weekday effect, fees and spikes; at least one.
        days: length of the paths.
        positive: every value is above zero, so smoothing may take logarithms.
        intermittent: many days are zero; only long means are used then.
    """
    recent = _recent_views(cleaned, intermittent=intermittent)
    shares = _shares(cleaned, recent)
    flat = {name: np.full(days, level) for name, level in recent.items()}
    if intermittent:
        return Views(paths=flat, shares=shares)
    for name, path, share in (
        ("last year", _last_year(cleaned, days, positive=positive), _YEAR_SHARE),
        ("smoothing", _smoothed_weeks(cleaned, days, positive=positive), _SMOOTHING_SHARE),
    ):
        if path is not None:
            flat[name] = path
            shares = {other: weight * (1 - share) for other, weight in shares.items()} | {name: share}
    return Views(paths=flat, shares=shares)


_WINDOWS = {"mean of 7 days": 7, "mean of 14 days": 14, "mean of 28 days": 28}
_LONG_WINDOWS = {"mean of 28 days": 28, "mean of 56 days": 56, "mean of 112 days": 112}


def _recent_views(cleaned: Floats, *, intermittent: bool) -> dict[str, float]:
    windows = _LONG_WINDOWS if intermittent else _WINDOWS
    fitting = {name: width for name, width in windows.items() if width <= len(cleaned)}
    if intermittent:  # the two longest: a burst or a lull of some weeks is no new level
        fitting = dict(list(fitting.items())[-2:])
    if not fitting:
        return {f"mean of {len(cleaned)} days": float(np.mean(cleaned))}
    return {name: float(np.mean(cleaned[-width:])) for name, width in fitting.items()}


def _shares(cleaned: Floats, recent: dict[str, float]) -> dict[str, float]:
    """Half equal, half by inverse squared error of weekly rolling origins over the last half year."""
    names = list(recent)
    equal = dict.fromkeys(names, 1.0 / len(names))
    ahead = 28  # whatever the horizon, so that a longer one does not change the days before
    widest = max(_LONG_WINDOWS.get(name, _WINDOWS.get(name, 1)) for name in names)
    origins = [len(cleaned) - ahead - WEEK * step for step in range(_ORIGINS)]
    origins = [origin for origin in origins if origin >= widest]
    if len(names) == 1 or len(origins) < 4:  # noqa: PLR2004 - fewer tries say nothing
        return equal
    sums = np.concatenate([[0.0], np.cumsum(cleaned)])
    at = np.array(origins)
    came = (sums[at + ahead] - sums[at]) / ahead
    squares = []
    for name in names:
        width = _LONG_WINDOWS.get(name) or _WINDOWS[name]
        squares.append(float(np.mean(((sums[at] - sums[at - width]) / width - came) ** 2)))
    least = min(squares)
    inverse = [1.0 / (square + 0.1 * least) if least > 0 else 1.0 for square in squares]
    return {name: 0.5 * equal[name] + 0.5 * weight / sum(inverse) for name, weight in zip(names, inverse, strict=True)}


def _last_year(cleaned: Floats, days: int, *, positive: bool) -> Floats | None:
    """Last year's course from the same day on, moved to today's level; None without a year and four weeks before it."""
    if not positive or len(cleaned) < YEAR_OF_WEEKS + 4 * WEEK:
        return None
    then = cleaned[-YEAR_OF_WEEKS - 28 : -YEAR_OF_WEEKS]
    ratio = float(np.mean(cleaned[-28:]) / np.mean(then))
    course = running_median(cleaned, WEEK)[np.arange(days) % YEAR_OF_WEEKS + len(cleaned) - YEAR_OF_WEEKS]
    now = float(np.mean(cleaned[-28:]))
    return np.clip(course * ratio, now / 3, now * 3)


def _smoothed_weeks(cleaned: Floats, days: int, *, positive: bool) -> Floats | None:
    """Damped-trend exponential smoothing (A,Ad,N) of weekly means; None below twelve weeks or for a constant."""
    weeks = min(len(cleaned) // WEEK, _MOST_WEEKS)
    if weeks < _FEWEST_WEEKS:
        return None
    means = cleaned[len(cleaned) - weeks * WEEK :].reshape(weeks, WEEK).mean(axis=1)
    series = np.log(means) if positive else means
    scale = float(np.std(series))
    if scale <= 1e-9 * max(1.0, float(np.max(np.abs(series)))):
        return np.full(days, float(means[-1]))
    ahead = _damped_trend((series - series.mean()) / scale, days // WEEK + 2) * scale + series.mean()
    ahead = _within_reach(series, ahead)
    path = np.interp(np.arange(days), np.arange(len(ahead)) * WEEK + WEEK // 2, ahead)
    return np.asarray(np.exp(path) if positive else path, dtype=np.float64)


def _within_reach(series: Floats, ahead: Floats) -> Floats:
    """The smoothed weeks, kept from running on where one jump looks like the start of a trend.

    What the path may still move from the last week is what the median slope of the last half year (Theil-Sen, which a
    jump in the last weeks hardly moves) gives under the strongest damping, or the usual weekly noise, if that is more.
    """
    from scipy.stats import theilslopes  # as statsmodels below

    recent = series[-_SLOPE_WEEKS:]
    slope = abs(float(theilslopes(recent).slope))
    reach = max(slope * _LEAST_DAMPING / (1 - _LEAST_DAMPING), noise_of(np.diff(recent)))
    return np.clip(ahead, series[-1] - reach, series[-1] + reach)


def _damped_trend(series: Floats, steps: int) -> Floats:
    # heavy (three seconds to import): only where a series is long enough to be smoothed
    from statsmodels.tools.sm_exceptions import ConvergenceWarning
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    model = ExponentialSmoothing(
        series,
        trend="add",
        damped_trend=True,
        initialization_method="estimated",
        bounds={"damping_trend": (0.8, _LEAST_DAMPING)},
    )
    with warnings.catch_warnings():
        # a flat likelihood ends the search early; the parameters found are still the best seen
        warnings.simplefilter("ignore", ConvergenceWarning)
        # the usual L-BFGS-B takes three times the CPU where linear algebra runs in threads, and finds the same
        fit = model.fit(method="SLSQP")
    return np.asarray(fit.forecast(steps), dtype=np.float64)


def _runs_longer_than(marked: npt.NDArray[np.bool_], length: int) -> npt.NDArray[np.bool_]:
    """Marks that stand in a run of more than `length` days."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], marked, [False]]).astype(np.int8)))
    long = np.zeros(len(marked), dtype=np.bool_)
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        long[first:last] = last - first > length
    return long
