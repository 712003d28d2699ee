"""Level: where a series stands once weekday, fees and spikes are taken out, and where it will go.

Several simple views of the level are averaged, because choosing one by its past error does worse: recent means and a
median, last year's course, exponential smoothing of weeks with and without a damped trend, and a return to the mean.
Undamped trends ruin forecasts of a year; a growth that half a year and a whole one agree on goes on at a fifth of its
pace.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from finops.forecast.calendar_effects import WEEK, middle_of, noise_of, running_median
from finops.forecast.learnt import Learnt
from finops.forecast.reversion import FEWEST_DAYS, return_to_mean, steadiness
from finops.forecast.smoothing import smooth

Floats = npt.NDArray[np.float64]

YEAR_OF_WEEKS = 364
TO_MEAN = "return to the mean"
_SPIKE_WIDTH = 15
_SPIKE_NOISES = 5.0
_SPIKE_LEVEL = 0.25
_LONGEST_SPIKE = 3
_FEWEST_WEEKS = 6
_MOST_WEEKS = 78
_LEAST_DAMPING = 0.95
_SLOPE_WEEKS = 26
_GROWTH_SHARE = 0.2
_GROWTH_OVER_NOISE = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Views:
    """Level paths over the horizon by name, and the share each has in the average.

    `steady` is how far the past has a mean to return to, 0 to 1 (`reversion.steadiness`); 0 where it is too short.
    """

    paths: dict[str, Floats]
    shares: dict[str, float]
    steady: float = 0.0

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


def views(cleaned: Floats, *, days: int, positive: bool, intermittent: bool, learnt: Learnt) -> Views:
    """Average the views of the level that the history is long enough for.

    Args:
        cleaned: daily values without weekday effect, fees and spikes; at least one.
        days: length of the paths.
        positive: every value is above zero, so smoothing may take logarithms.
        intermittent: many days are zero; only means are used then, long ones where there is a past to look at.
        learnt: the shares of the views.
    """
    if intermittent:
        return _equal(_means(cleaned, _BURST_WINDOWS), days)
    paths = {name: np.full(days, level) for name, level in _recent(cleaned).items()}
    paths |= _smoothed_weeks(cleaned, days, positive=positive)
    if not paths:
        return _equal(_means(cleaned, (WEEK,)), days)
    sum_of_shares = sum(learnt.shares[name] for name in paths)
    shares = {name: learnt.shares[name] / sum_of_shares for name in paths}
    year = _last_year(cleaned, days, positive=positive)
    if year is not None:
        paths["last year"] = year
        shares = {name: share * (1 - learnt.year_share) for name, share in shares.items()}
        shares["last year"] = learnt.year_share
    logs = np.log(cleaned) if positive else cleaned
    steady = steadiness(logs) if len(cleaned) >= FEWEST_DAYS else 0.0
    share = learnt.mean_share * trust_in_mean(steady)
    if share > 0:
        path = return_to_mean(logs, days)
        paths[TO_MEAN] = np.exp(path) if positive else path
        shares = {name: one * (1 - share) for name, one in shares.items()} | {TO_MEAN: share}
    if positive:
        growth = np.exp(np.clip(_steady_growth(cleaned) * np.arange(days), -1.0, 1.0))
        paths = {name: path * growth for name, path in paths.items()}
    return Views(paths=paths, shares=shares, steady=steady)


_BURST_WINDOWS = (28, 112, 364)


def _recent(cleaned: Floats) -> dict[str, float]:
    found = {"mean of 7 days": float(np.mean(cleaned[-7:]))} if len(cleaned) >= 7 else {}  # noqa: PLR2004 - the name says it
    if len(cleaned) >= 14:  # noqa: PLR2004 - as above
        found["median of 14 days"] = middle_of(cleaned[-14:])
    if len(cleaned) >= 28:  # noqa: PLR2004 - as above
        found["mean of 28 days"] = float(np.mean(cleaned[-28:]))
    return found


def _means(cleaned: Floats, windows: tuple[int, ...]) -> list[tuple[str, float]]:
    """Means over the windows that fit, or over everything where none does."""
    fitting = [width for width in windows if width <= len(cleaned)] or [len(cleaned)]
    return [(f"mean of {width} days", float(np.mean(cleaned[-width:]))) for width in fitting]


def _equal(means: list[tuple[str, float]], days: int) -> Views:
    return Views(
        paths={name: np.full(days, level) for name, level in means},
        shares=dict.fromkeys([name for name, _ in means], 1 / len(means)),
    )


def _last_year(cleaned: Floats, days: int, *, positive: bool) -> Floats | None:
    """Last year's course from the same day on, moved to today's level; None without a year and four weeks before it."""
    if not positive or len(cleaned) < YEAR_OF_WEEKS + 4 * WEEK:
        return None
    then = cleaned[-YEAR_OF_WEEKS - 28 : -YEAR_OF_WEEKS]
    ratio = float(np.mean(cleaned[-28:]) / np.mean(then))
    course = running_median(cleaned, WEEK)[np.arange(days) % YEAR_OF_WEEKS + len(cleaned) - YEAR_OF_WEEKS]
    now = float(np.mean(cleaned[-28:]))
    return np.clip(course * ratio, now / 3, now * 3)


def trust_in_mean(steady: float) -> float:
    """What of its largest share the return to the mean gets: a third where growth explains a fifth of the past."""
    return steady**5


def _smoothed_weeks(cleaned: Floats, days: int, *, positive: bool) -> dict[str, Floats]:
    """Smoothed weekly means, flat and with their damped trend; nothing below six weeks."""
    series = _weeks(cleaned, positive=positive)
    if len(series) < _FEWEST_WEEKS:
        return {}
    smoothed = smooth(series, days // WEEK + 2)
    middles = np.arange(days // WEEK + 2) * WEEK + WEEK // 2
    trend = np.interp(np.arange(days), middles, _within_reach(series, smoothed.ahead))
    flat = np.full(days, smoothed.level)
    return {
        "smoothed weeks": np.exp(flat) if positive else flat,
        "damped trend": np.exp(trend) if positive else trend,
    }


def _weeks(cleaned: Floats, *, positive: bool) -> Floats:
    """Means of whole weeks back from the end, at most a year and a half; logarithms where that is possible."""
    weeks = min(len(cleaned) // WEEK, _MOST_WEEKS)
    means = cleaned[len(cleaned) - weeks * WEEK :].reshape(weeks, WEEK).mean(axis=1)
    return np.asarray(np.log(means) if positive else means, dtype=np.float64)


def _within_reach(series: Floats, ahead: Floats) -> Floats:
    """The smoothed weeks, kept from running on where one jump looks like the start of a trend.

    What the path may still move from the last week is what the median slope of the last half year (Theil-Sen, which a
    jump in the last weeks hardly moves) gives under the strongest damping, or the usual weekly noise, if that is more.
    """
    recent = series[-_SLOPE_WEEKS:]
    reach = max(abs(_median_slope(recent)) * _LEAST_DAMPING / (1 - _LEAST_DAMPING), noise_of(np.diff(recent)))
    return np.clip(ahead, series[-1] - reach, series[-1] + reach)


def _steady_growth(cleaned: Floats) -> float:
    """Daily logarithmic growth that goes on: a fifth of what a quarter, half a year and a year agree on, else zero.

    They agree where all point the same way, the year's course far above the noise around it; the smallest counts.
    """
    series = _weeks(cleaned, positive=True)[-52:]
    if len(series) < _SLOPE_WEEKS:
        return 0.0
    slopes = [_median_slope(series[-weeks:]) for weeks in (13, 26, 52)]
    if len({np.sign(slope) for slope in slopes}) > 1:
        return 0.0
    certainty = [_over_noise(series[-weeks:], slope) for weeks, slope in zip((26, 52), slopes[1:], strict=True)]
    share = _GROWTH_SHARE * float(np.prod(np.minimum(np.array(certainty) / (2 * _GROWTH_OVER_NOISE), 1.0)))
    return share * min(slopes, key=abs) / WEEK


def _over_noise(series: Floats, slope: float) -> float:
    """A quarter of the distance that a line covers, over the median distance of the weeks from it."""
    off = series - slope * np.arange(len(series))
    noise = middle_of(np.abs(off - middle_of(off)))
    return abs(slope) * len(series) / (4 * max(noise, 0.005))


def _median_slope(series: Floats) -> float:
    """Theil-Sen slope per step: the median over all pairs."""
    first, second = np.triu_indices(len(series), 1)
    return middle_of((series[second] - series[first]) / (second - first)) if len(first) else 0.0


def _runs_longer_than(marked: npt.NDArray[np.bool_], length: int) -> npt.NDArray[np.bool_]:
    """Marks that stand in a run of more than `length` days."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], marked, [False]]).astype(np.int8)))
    long = np.zeros(len(marked), dtype=np.bool_)
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        long[first:last] = last - first > length
    return long
