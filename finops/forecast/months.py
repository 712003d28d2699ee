"""Months: forecasts of series that are known per month only.

The values of a path are month totals; each stands on the first day of its month, and the other days are zero.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt

from finops.forecast.forecaster import DRAWS, Forecast, History, NothingToForecast
from finops.forecast.futures import held
from finops.forecast.learnt import LEARNT, Learnt, MonthLine
from finops.forecast.month_views import FEWEST_SEASONAL, YEAR, MonthViews, month_views
from finops.forecast.scale import MOST_SHIFTED
from finops.forecast.simulation import BLOCK, far, shared_days, strays
from finops.periods import month_after, months_between

Floats = npt.NDArray[np.float64]

MOST_MONTHS = 120
_TWO_MONTHS = 2


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
    known = np.array(values, dtype=np.float64)[-MOST_MONTHS:]
    end = month_after(start, len(values))
    steps = months_between(end, until)
    if steps < 1:
        message = f"There is no month to forecast between {end} and {until}"
        raise ValueError(message)
    views = month_views(known, steps)
    mean, paths = _mean_and_paths(known, views, seed=seed, draws=draws, line=learnt.month_line)
    firsts = [(month_after(end, step) - end).days for step in range(steps)]
    days = (until - end).days
    return Forecast(
        history=_on_firsts(start, known=values),
        futures=held(_spread(paths, firsts, days)),
        mean=_spread(mean, firsts, days),
        model=f"average of {' + '.join(views.paths)}, months",
        reason=None if len(known) >= FEWEST_SEASONAL else f"{len(known)} months seen: no seasonal smoothing.",
    )


def _mean_and_paths(
    known: Floats, views: MonthViews, *, seed: int, draws: int, line: MonthLine
) -> tuple[Floats, Floats]:
    """Paths around the average of the views: a walk, scaled so that totals of 1, 2, 3, ... months err as they did.

    The point forecast is the path in their middle.
    """
    shared = shared_days(seed=seed, draws=draws, days=BLOCK * len(views.mean))
    walk = np.cumsum(shared.normals, axis=1)
    walk = (walk - walk.mean(axis=0)) / np.maximum(walk.std(axis=0), 1e-12)
    scale = np.exp(views.features @ np.array(line.weights))
    middle = line.shift * np.minimum(scale, MOST_SHIFTED)
    stray = strays(walk, shared, scale, far(len(views.mean), _TWO_MONTHS))
    stray *= np.where(stray < 0, np.exp(-line.skew), np.exp(line.skew))
    varied = float(np.ptp(known)) > 0  # what never did goes on as it is
    return _around(known, views.mean, middle * varied), _around(known, views.mean, stray + middle)


def _around(known: Floats, level: Floats, stray: Floats) -> Floats:
    """Months that stray so far: of what is above zero below it in logarithms and above it in shares."""
    if (known > 0).all():
        return np.asarray(level * np.where(stray < 0, np.exp(np.minimum(stray, 0.0)), 1.0 + np.minimum(stray, 3.0)))
    months = np.asarray(level + float(np.mean(np.abs(known[-YEAR:]))) * stray, dtype=np.float64)
    return np.maximum(months, 0.0) if (known >= 0).all() else months


def _spread(months: Floats, firsts: list[int], days: int) -> Floats:
    """Month totals on the first of each month, along the last axis."""
    spread = np.zeros((*months.shape[:-1], days))
    spread[..., firsts] = months
    return spread


def _on_firsts(start: date, *, known: Sequence[float]) -> History:
    end = month_after(start, len(known))
    values = np.zeros((end - start).days)
    values[[(month_after(start, at) - start).days for at in range(len(known))]] = known
    return History(start=start, values=tuple(values.tolist()))
