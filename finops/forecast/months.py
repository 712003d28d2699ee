"""Months: forecasts of series that are known per month only.

The values of a path are month totals; each stands on the first day of its month, and the other days are zero.
"""

import warnings
from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt

from finops.forecast.forecaster import DRAWS, Forecast, History, NothingToForecast
from finops.forecast.simulation import BLOCK, shared_days, strays
from finops.forecast.smoothing import smooth

Floats = npt.NDArray[np.float64]

_YEAR = 12
_FEWEST_SMOOTHED = 6
_FEWEST_SEASONAL = 30
_MOST_MONTHS = 120
_MOST_SMOOTHED = 60

# Scale of the error of a total of so many months, relative: a line in logarithms, fitted in November 2026 by the
# likelihood of Student's t to 2,574 totals of 286 monthly series (public drug subsidies, retail turnover, M3).
_CONSTANT = 0.6
_OF_ERROR = 0.87
_OF_HORIZON = 0.08
_UNTRIED = 0.3
_LEAST = 0.002
_SMOOTHING = 0.4
_ERRORS = 36


def forecast_months(start: date, values: Sequence[float], *, until: date, seed: int, draws: int = DRAWS) -> Forecast:
    """Forecast month totals: half an average of simple views, half statsmodels' ETS.

    Args:
        start: first of the first month.
        values: one total per month, without gaps.
        until: exclusive end.
        seed: same seed, same paths.
        draws: number of paths.

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
    paths = _paths(known, mean, seed=seed, draws=draws)
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
    recent = float(np.mean(known[-min(3, len(known)) :]))
    if len(known) < _FEWEST_SMOOTHED or float(np.ptp(known)) <= 0:
        return {"recent mean": np.full(steps, recent)}
    positive = bool((known > 0).all())
    series = np.log(known) if positive else known
    season = _season(series) if len(known) >= _FEWEST_SEASONAL else np.zeros(_YEAR)
    ahead = season[(len(known) + np.arange(steps)) % _YEAR]
    levelled = (series - season[np.arange(len(known)) % _YEAR])[-_MOST_SMOOTHED:]
    smoothed = smooth(levelled, steps)
    drift = 0.5 * float(np.polyfit(np.arange(len(levelled[-24:])), levelled[-24:], 1)[0]) if len(known) > _YEAR else 0.0
    courses = {
        "smoothed level": np.full(steps, smoothed.level),
        "damped trend": smoothed.ahead,
        "Theta": smoothed.level + drift * np.arange(1, steps + 1),
    }
    views = {name: _unlogged(course + ahead, known, positive=positive) for name, course in courses.items()}
    if len(known) > _YEAR + 3:
        views["last year, moved"] = _last_year(known, steps)
    if len(known) >= _FEWEST_SEASONAL:
        name, path = _best_ets(known, steps, positive=positive)
        views[name] = path
    return views


def _averaged(views: dict[str, Floats]) -> Floats:
    """Half statsmodels' ETS, where there is one, half the other views: choosing one of them does worse."""
    others = np.mean([path for name, path in views.items() if not name.startswith("ETS")], axis=0)
    ets = [path for name, path in views.items() if name.startswith("ETS")]
    return np.asarray((others + ets[0]) / 2 if ets else others, dtype=np.float64)


def _unlogged(path: Floats, known: Floats, *, positive: bool) -> Floats:
    """Amounts again, at most four times the largest of the last two years: a logarithm may run away."""
    if not positive:
        return path
    return np.asarray(np.minimum(np.exp(np.minimum(path, 700.0)), 4 * known[-2 * _YEAR :].max()), dtype=np.float64)


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


def _last_year(known: Floats, steps: int) -> Floats:
    """The course of the last twelve months, moved by what the last three differ from the same months a year before."""
    year = known[-_YEAR:]
    now, then = float(np.mean(known[-3:])), float(np.mean(known[-_YEAR - 3 : -_YEAR]))
    moved = year * min(max(now / then, 0.5), 2.0) if (known > 0).all() else year + (now - then)
    return np.asarray(np.resize(moved, steps), dtype=np.float64)


def _best_ets(known: Floats, steps: int, *, positive: bool) -> tuple[str, Floats]:
    """Statsmodels' ETSModel, the better of no and a damped trend by AICc; multiplicative where all is above zero."""
    from statsmodels.tools.sm_exceptions import ConvergenceWarning  # as below
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel  # heavy: five seconds of CPU to import

    scale = float(np.mean(np.abs(known)))
    error, season = ("mul", "mul") if positive else ("add", "add")
    found = []
    with warnings.catch_warnings():
        # a flat likelihood ends the search early; the parameters found are still the best seen
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", RuntimeWarning)  # the search may try parameters without a likelihood
        for trend in (None, "add"):
            model = ETSModel(
                known / scale,
                error=error,
                trend=trend,
                damped_trend=trend is not None,
                seasonal=season,
                seasonal_periods=_YEAR,
                # estimating twelve starting seasons takes ten times the CPU and gains nothing
                initialization_method="heuristic",
            )
            fit = model.fit(disp=False, factr=1e10, pgtol=1e-3)
            letter = "M" if positive else "A"
            path = np.asarray(fit.forecast(steps), dtype=np.float64) * scale
            if np.isfinite(path).all():
                found.append((float(fit.aicc), f"ETS({letter},{'Ad' if trend else 'N'},{letter})", path))
    if not found:
        return "ETS(naive)", np.resize(known[-_YEAR:], steps)
    _, name, path = min(found, key=lambda one: one[0])
    reach = 4 * float(np.max(np.abs(known[-2 * _YEAR :])))
    return name, np.clip(path, -reach, reach)


def _paths(known: Floats, mean: Floats, *, seed: int, draws: int) -> Floats:
    """Paths around the mean: a walk of the level, scaled so that totals of 1, 2, 3, ... months err as they did."""
    shared = shared_days(seed=seed, draws=draws, days=BLOCK * len(mean))
    walk = np.cumsum(shared.normals, axis=1)
    walk = (walk - walk.mean(axis=0)) / walk.std(axis=0)
    scale = _CONSTANT * _step_error(known) ** _OF_ERROR * np.arange(1, len(mean) + 1) ** _OF_HORIZON
    stray = strays(walk, shared, scale)
    if (known > 0).all():
        return np.asarray(mean * np.where(stray < 0, np.exp(np.minimum(stray, 0.0)), 1.0 + np.minimum(stray, 3.0)))
    return np.asarray(mean + float(np.mean(np.abs(known[-_YEAR:]))) * stray, dtype=np.float64)


def _step_error(known: Floats) -> float:
    """Root mean square error of one month ahead over three years: of a level smoothed by 0.4, seasons taken out."""
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
