"""Month views: what several models say of the coming month totals, and what is known about their errors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from finops.forecast.seasonal import FEWEST_MONTHS, airline, smooth_seasons
from finops.forecast.smoothing import smooth

Floats = npt.NDArray[np.float64]

YEAR = 12
FEWEST_SEASONAL = 30
"""Months below which seasons are not told from chance."""

_FEWEST_SMOOTHED = 6
_MOST_SMOOTHED = 60
_SAME_MONTHS = "last year's months"
_SAME_SHARE = 0.2
_TRIED = (24, 18, 12)
_FORGIVEN = 0.3
_UNTRIED = 0.3
_UNTRIED_APART = 0.05
_USUAL_PERSISTENCE = 0.63
_USUAL_OUTLIERS = 1.26
_MOST_OUTLIERS = 3.0
_LEAST_MOVE = 0.05
_LEAST_STEP = 1e-9
_HALF_A_YEAR = 1.5
_LEAST = 0.002
_SMOOTHING = 0.4
_ERRORS = 36


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MonthViews:
    """What several models say of the coming month totals.

    Attributes:
        paths: month totals by the name of the model.
        mean: the average.
        features: array (months, 6) of the error line, for the total of so many months, in the order of `MonthLine`.
    """

    paths: Mapping[str, Floats]
    mean: Floats
    features: Floats


def month_views(known: Floats, steps: int) -> MonthViews:
    """Forecast the totals of the coming months by several models and average them.

    Each counts by the inverse square of its past errors, of totals of as many months, forecast one, one and a half and
    two years ago; where the history is too short for that, all count alike, last year's months less.

    Args:
        known: at least one month total.
        steps: how far to look.
    """
    paths, shares = _shared(known, steps)
    ahead = np.array(list(paths.values()))
    mean = (shares * ahead).sum(axis=0)
    if (known >= 0).all():  # a trend may lead below zero, where nothing ever was
        mean = np.maximum(mean, 0.0)
    totals = np.cumsum(ahead, axis=1)
    apart = np.sqrt((shares * (totals - (shares * totals).sum(axis=0)) ** 2).sum(axis=0))
    size = np.arange(1, steps + 1) * max(float(np.mean(np.abs(known[-YEAR:]))), 1e-300)
    apart = np.maximum(apart / np.maximum(np.abs(np.cumsum(mean)), 0.1 * size), _LEAST)
    if len(paths) == 1:
        apart = np.full(steps, _UNTRIED_APART)
    return MonthViews(
        paths=paths,
        mean=np.asarray(mean, dtype=np.float64),
        features=_features(known, apart),
    )


def _features(known: Floats, apart: Floats) -> Floats:
    """What is known about the error of the total of 1, 2, 3, ... months; `apart` is how far the models disagree."""
    error, persistence, outliers = _steps(known)
    months = np.log(np.arange(1, len(apart) + 1))
    ones = np.ones(len(apart))
    return np.column_stack(
        [ones, error * ones, months, persistence * (months - _HALF_A_YEAR), outliers * ones, np.log(apart)]
    )


def _shared(known: Floats, steps: int) -> tuple[dict[str, Floats], Floats]:
    """Paths of the month totals by the name of the model, and their shares, an array (models, steps)."""
    if len(known) < _FEWEST_SMOOTHED or float(np.ptp(known)) <= 0:
        return {"recent mean": np.full(steps, float(np.mean(known[-3:])))}, np.ones((1, steps))
    tried = [len(known) - back for back in _TRIED if len(known) - back >= FEWEST_SEASONAL]
    *then, now = _courses(known, max(steps, YEAR) if tried else steps, until=(*tried, len(known)))
    others = len(now) - (_SAME_MONTHS in now)
    shares = np.array([[_SAME_SHARE if name == _SAME_MONTHS else (1 - _SAME_SHARE) / others] for name in now])
    if tried:
        errors = np.array([_errors(known, tried, [courses[name] for courses in then]) for name in now])
        usual = np.maximum(errors.mean(axis=0), 1e-12)
        shares = (shares / (errors / usual + _FORGIVEN) ** 2)[:, np.minimum(np.arange(steps), YEAR - 1)]
    shares = shares * np.ones(steps)
    return {name: path[:steps] for name, path in now.items()}, shares / shares.sum(axis=0)


def _errors(known: Floats, tried: list[int], paths: list[Floats]) -> Floats:
    """How far totals of one to twelve months were off, beside what came, on average."""
    came = np.cumsum([known[end : end + YEAR] for end in tried], axis=1)
    off = np.abs(np.cumsum([path[:YEAR] for path in paths], axis=1) - came)
    return np.asarray(np.minimum(off / np.maximum(np.abs(came), 1e-12), 1.0).mean(axis=0), dtype=np.float64)


def _courses(known: Floats, steps: int, until: Sequence[int]) -> list[dict[str, Floats]]:
    """Paths by the name of the model from the end of the first so many months, for each of `until`."""
    positive = bool((known > 0).all())
    series = np.log(known) if positive else known
    found = [_levelled(series[:end], steps) for end in until]
    if min(until) >= FEWEST_MONTHS:
        smoothed, airlines = smooth_seasons(series, steps, until=until), airline(series, steps, until=until)
        found = [
            courses | {"ETS(A,Ad,A)": one, "ARIMA(0,1,1)(0,1,1)12": other}
            for courses, one, other in zip(found, smoothed, airlines, strict=True)
        ]
    views = [
        {name: _unlogged(course, known[:end], positive=positive) for name, course in courses.items()}
        for end, courses in zip(until, found, strict=True)
    ]
    return [
        paths | ({_SAME_MONTHS: np.resize(known[end - YEAR : end], steps)} if end > YEAR else {})
        for end, paths in zip(until, views, strict=True)
    ]


def _levelled(series: Floats, steps: int) -> dict[str, Floats]:
    """The smoothed level, and Theta's half of the slope of two years on top, with the seasons put back."""
    season = _season(series) if len(series) >= FEWEST_SEASONAL else np.zeros(YEAR)
    ahead = season[(len(series) + np.arange(steps)) % YEAR]
    levelled = (series - season[np.arange(len(series)) % YEAR])[-_MOST_SMOOTHED:]
    level = smooth(levelled, steps).level
    drift = 0.5 * float(np.polyfit(np.arange(len(levelled[-24:])), levelled[-24:], 1)[0]) if len(series) > YEAR else 0.0
    return {"smoothed level": level + ahead, "Theta": level + drift * np.arange(1, steps + 1) + ahead}


def _unlogged(path: Floats, known: Floats, *, positive: bool) -> Floats:
    """Amounts again, at most four times the largest of the last two years: a trend or a logarithm may run away."""
    reach = 4 * float(np.max(np.abs(known[-2 * YEAR :])))
    amounts = np.exp(np.minimum(path, 700.0)) if positive else path
    return np.asarray(np.clip(amounts, -reach, reach), dtype=np.float64)


def _season(series: Floats) -> Floats:
    """What each month of the year adds to the level: recent differences from the centred yearly mean count most."""
    window = np.concatenate([[0.5], np.ones(YEAR - 1), [0.5]]) / YEAR
    middle = np.convolve(series, window, mode="valid")
    off = series[YEAR // 2 : YEAR // 2 + len(middle)] - middle
    months = np.arange(YEAR // 2, YEAR // 2 + len(middle)) % YEAR
    season = np.empty(YEAR)
    for month in range(YEAR):
        seen = off[months == month][-6:]
        season[month] = np.average(seen, weights=0.8 ** np.arange(len(seen))[::-1])
    return np.asarray(season - season.mean(), dtype=np.float64)


def _steps(known: Floats) -> tuple[float, float, float]:
    """How the level moves from month to month, seasons taken out, as logarithms.

    Returns:
        The relative error one month ahead of a level smoothed by 0.4, as root mean square of three years; how far it
        moves in a year, over its monthly steps; the largest of twenty steps over the median one.
    """
    if len(known) < _FEWEST_SMOOTHED:
        return float(np.log(_UNTRIED)), _USUAL_PERSISTENCE, _USUAL_OUTLIERS
    positive = bool((known > 0).all())
    series = np.log(known) if positive else known / max(float(np.mean(np.abs(known))), 1e-300)
    season = _season(series) if len(known) >= FEWEST_SEASONAL else np.zeros(YEAR)
    levelled = series - season[np.arange(len(series)) % YEAR]
    level, errors = levelled[0], []
    for value in levelled[1:]:
        errors.append(value - level)
        level += _SMOOTHING * errors[-1]
    error = float(np.log(max(float(np.sqrt(np.mean(np.square(errors[-_ERRORS:])))), _LEAST)))
    steps = np.diff(levelled)
    step, sizes = float(np.std(steps)), np.abs(steps - np.median(steps))
    if len(known) < FEWEST_SEASONAL or step <= _LEAST_STEP or float(np.median(sizes)) <= 0:
        return error, _USUAL_PERSISTENCE, _USUAL_OUTLIERS
    persistence = np.log(float(np.std(levelled[YEAR:] - levelled[:-YEAR])) / step + _LEAST_MOVE)
    return error, float(persistence), min(float(np.log(np.quantile(sizes, 0.95) / np.median(sizes))), _MOST_OUTLIERS)
