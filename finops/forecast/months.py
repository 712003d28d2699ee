"""Months: forecasts of series that are known per month only.

The values of a path are month totals; each stands on the first day of its month, and the other days are zero.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt

from finops.forecast.forecaster import DRAWS, Forecast, History, NothingToForecast
from finops.forecast.learnt import LEARNT, Learnt, MonthLine
from finops.forecast.seasonal import FEWEST_MONTHS, airline, smooth_seasons
from finops.forecast.simulation import BLOCK, shared_days, strays
from finops.forecast.smoothing import smooth

Floats = npt.NDArray[np.float64]

_YEAR = 12
_FEWEST_SMOOTHED = 6
_FEWEST_SEASONAL = 30
_MOST_MONTHS = 120
_MOST_SMOOTHED = 60
_SAME_MONTHS = "last year's months"
_SAME_SHARE = 0.1

_UNTRIED = 0.3
_LEAST = 0.002
_SMOOTHING = 0.4
_ERRORS = 36


def forecast_months(
    start: date, values: Sequence[float], *, until: date, seed: int, draws: int = DRAWS, learnt: Learnt = LEARNT
) -> Forecast:
    """Forecast month totals: an average of smoothed level, Theta, ETS, the airline model and last year's months.

    Args:
        start: first of the first month.
        values: one total per month, without gaps.
        until: exclusive end.
        seed: same seed, same paths.
        draws: number of paths.
        learnt: the size of errors.

    Raises:
        NothingToForecast: if there is no month.
        ValueError: if `start` is not the first of a month, or no month lies between the last value and `until`.
    """
    if start.day != 1:
        message = f"Months start on the first, not on {start}"
        raise ValueError(message)
    if not values:
        raise NothingToForecast("The series")
    known = np.array(values, dtype=np.float64)[-_MOST_MONTHS:]
    end = _month_after(start, len(values))
    steps = (until.year - end.year) * 12 + until.month - end.month + (1 if until.day > 1 else 0)
    if steps < 1:
        message = f"There is no month to forecast between {end} and {until}"
        raise ValueError(message)
    views = _views(known, steps)
    mean = _averaged(views)
    if (known >= 0).all():  # a trend may lead below zero, where nothing ever was
        mean = np.maximum(mean, 0.0)
    paths = _paths(known, mean, seed=seed, draws=draws, line=learnt.month_line)
    firsts = [(_month_after(end, step) - end).days for step in range(steps)]
    days = (until - end).days
    return Forecast(
        history=_on_firsts(start, known=values),
        paths=_spread(paths, firsts, days),
        mean=_spread(mean, firsts, days),
        model=f"average of {' + '.join(views)}, months",
        reason=None if len(known) >= _FEWEST_SEASONAL else f"{len(known)} months seen: no seasonal smoothing.",
    )


def _views(known: Floats, steps: int) -> dict[str, Floats]:
    """Paths of the month totals by the name of the model; shares are in `_averaged`."""
    if len(known) < _FEWEST_SMOOTHED or float(np.ptp(known)) <= 0:
        return {"recent mean": np.full(steps, float(np.mean(known[-3:])))}
    positive = bool((known > 0).all())
    series = np.log(known) if positive else known
    season = _season(series) if len(known) >= _FEWEST_SEASONAL else np.zeros(_YEAR)
    ahead = season[(len(known) + np.arange(steps)) % _YEAR]
    levelled = (series - season[np.arange(len(known)) % _YEAR])[-_MOST_SMOOTHED:]
    level = smooth(levelled, steps).level
    drift = 0.5 * float(np.polyfit(np.arange(len(levelled[-24:])), levelled[-24:], 1)[0]) if len(known) > _YEAR else 0.0
    courses = {"smoothed level": level + ahead, "Theta": level + drift * np.arange(1, steps + 1) + ahead}
    if len(known) >= FEWEST_MONTHS:
        courses |= {"ETS(A,Ad,A)": smooth_seasons(series, steps), "ARIMA(0,1,1)(0,1,1)12": airline(series, steps)}
    views = {name: _unlogged(course, known, positive=positive) for name, course in courses.items()}
    if len(known) > _YEAR:
        views[_SAME_MONTHS] = np.resize(known[-_YEAR:], steps)
    return views


def _averaged(views: dict[str, Floats]) -> Floats:
    """A tenth is last year's months again, the others share alike: choosing one of them does worse."""
    average = np.mean([path for name, path in views.items() if name != _SAME_MONTHS], axis=0)
    if _SAME_MONTHS in views:
        average = (1 - _SAME_SHARE) * average + _SAME_SHARE * views[_SAME_MONTHS]
    return np.asarray(average, dtype=np.float64)


def _unlogged(path: Floats, known: Floats, *, positive: bool) -> Floats:
    """Amounts again, at most four times the largest of the last two years: a trend or a logarithm may run away."""
    reach = 4 * float(np.max(np.abs(known[-2 * _YEAR :])))
    amounts = np.exp(np.minimum(path, 700.0)) if positive else path
    return np.asarray(np.clip(amounts, -reach, reach), dtype=np.float64)


def _season(series: Floats) -> Floats:
    """What each month of the year adds to the level: recent differences from the centred yearly mean count most."""
    window = np.concatenate([[0.5], np.ones(_YEAR - 1), [0.5]]) / _YEAR
    middle = np.convolve(series, window, mode="valid")
    off = series[_YEAR // 2 : _YEAR // 2 + len(middle)] - middle
    months = np.arange(_YEAR // 2, _YEAR // 2 + len(middle)) % _YEAR
    season = np.empty(_YEAR)
    for month in range(_YEAR):
        seen = off[months == month][-6:]
        season[month] = np.average(seen, weights=0.8 ** np.arange(len(seen))[::-1])
    return np.asarray(season - season.mean(), dtype=np.float64)


def _paths(known: Floats, mean: Floats, *, seed: int, draws: int, line: MonthLine) -> Floats:
    """Paths around the mean: a walk of the level, scaled so that totals of 1, 2, 3, ... months err as they did."""
    shared = shared_days(seed=seed, draws=draws, days=BLOCK * len(mean))
    walk = np.cumsum(shared.normals, axis=1)
    walk = (walk - walk.mean(axis=0)) / np.maximum(walk.std(axis=0), 1e-12)
    scale = line.constant * step_error(known) ** line.error * np.arange(1, len(mean) + 1) ** line.horizon
    stray = strays(walk, shared, scale)
    if (known > 0).all():
        return np.asarray(mean * np.where(stray < 0, np.exp(np.minimum(stray, 0.0)), 1.0 + np.minimum(stray, 3.0)))
    paths = np.asarray(mean + float(np.mean(np.abs(known[-_YEAR:]))) * stray, dtype=np.float64)
    return np.maximum(paths, 0.0) if (known >= 0).all() else paths


def step_error(known: Floats) -> float:
    """Relative error one month ahead of a level smoothed by 0.4, seasons taken out: root mean square of three years."""
    positive = bool((known > 0).all())
    series = np.log(known) if positive else known / max(float(np.mean(np.abs(known))), 1e-300)
    if len(known) < _FEWEST_SMOOTHED:
        return _UNTRIED
    season = _season(series) if len(known) >= _FEWEST_SEASONAL else np.zeros(_YEAR)
    levelled = series - season[np.arange(len(series)) % _YEAR]
    level, errors = levelled[0], []
    for value in levelled[1:]:
        errors.append(value - level)
        level += _SMOOTHING * errors[-1]
    return max(float(np.sqrt(np.mean(np.square(errors[-_ERRORS:])))), _LEAST)


def _spread(months: Floats, firsts: list[int], days: int) -> Floats:
    """Month totals on the first of each month, along the last axis."""
    spread = np.zeros((*months.shape[:-1], days))
    spread[..., firsts] = months
    return spread


def _on_firsts(start: date, *, known: Sequence[float]) -> History:
    end = _month_after(start, len(known))
    values = np.zeros((end - start).days)
    values[[(_month_after(start, at) - start).days for at in range(len(known))]] = known
    return History(start=start, values=tuple(values.tolist()))


def _month_after(first: date, months: int) -> date:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)
