"""Months: forecasts of series that are known per month only.

The values of a path are month totals; each stands on the first day of its month, and the other days are zero.
"""

import warnings
from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt

from finops.forecast.forecaster import DRAWS, Forecast, History, NothingToForecast

Floats = npt.NDArray[np.float64]

_YEAR = 12
_FEWEST_SMOOTHED = 6
_FEWEST_SEASONAL = 30
_MOST_MONTHS = 120
_FREEDOM = 4.0

# Shares of a year's change that a walk of twelve months and the noise of one month get, and the freedom of the tails:
# set in November 2026 so that 80 and 95 % ranges hold on 75 monthly series of other kinds (public drug subsidies,
# retail turnover, M3), 675 totals: 0.80 and 0.93.
_STEP_SHARE = 0.9
_NOISE_SHARE = 0.45


def forecast_months(start: date, values: Sequence[float], *, until: date, seed: int, draws: int = DRAWS) -> Forecast:
    """Forecast month totals with the average of damped exponential smoothing and recent means.

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
    mean = np.mean(list(views.values()), axis=0)
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
    """Paths of the month totals by the name of the model."""
    recent = float(np.mean(known[-min(3, len(known)) :]))
    views: dict[str, Floats] = {}
    if len(known) > _YEAR + 3:
        views["last year, moved"] = _last_year(known, steps)
    if len(known) < _FEWEST_SMOOTHED or float(np.ptp(known)) <= 0:
        views["recent mean"] = np.full(steps, recent)
        return views
    seasonal = len(known) >= _FEWEST_SEASONAL
    views[f"ETS(A,Ad,{'A' if seasonal else 'N'})"] = _smoothed(known, steps, seasonal=seasonal)
    return views


def _last_year(known: Floats, steps: int) -> Floats:
    """The course of the last twelve months, moved by what the last three differ from the same months a year before."""
    year = known[-_YEAR:]
    now, then = float(np.mean(known[-3:])), float(np.mean(known[-_YEAR - 3 : -_YEAR]))
    moved = year * min(max(now / then, 0.5), 2.0) if (known > 0).all() else year + (now - then)
    return np.asarray(np.resize(moved, steps), dtype=np.float64)


def _smoothed(known: Floats, steps: int, *, seasonal: bool) -> Floats:
    # heavy: statsmodels takes three seconds to import
    from statsmodels.tools.sm_exceptions import ConvergenceWarning
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    positive = bool((known > 0).all())
    series = np.log(known) if positive else known
    centre, scale = float(np.mean(series)), float(np.std(series))
    model = ExponentialSmoothing(
        (series - centre) / scale,
        trend="add",
        damped_trend=True,
        seasonal="add" if seasonal else None,
        seasonal_periods=_YEAR if seasonal else None,
        # estimating twelve starting seasons takes ten times the CPU for a WAPE of 0.076 in place of 0.077
        initialization_method="heuristic" if seasonal else "estimated",
        bounds={"damping_trend": (0.8, 0.98)},
    )
    with warnings.catch_warnings():
        # a flat likelihood ends the search early; the parameters found are still the best seen
        warnings.simplefilter("ignore", ConvergenceWarning)
        ahead = np.asarray(model.fit(method="SLSQP").forecast(steps), dtype=np.float64) * scale + centre
    return np.asarray(np.exp(ahead) if positive else ahead, dtype=np.float64)


def _paths(known: Floats, mean: Floats, *, seed: int, draws: int) -> Floats:
    """Paths around the mean: a walk of the level plus noise of single months, both with heavy tails."""
    generator = np.random.Generator(np.random.PCG64(seed))
    level = max(float(np.mean(np.abs(known[-_YEAR:]))), 1e-300)
    seasonal = known[_YEAR:] - known[:-_YEAR] if len(known) > _YEAR + _FEWEST_SMOOTHED else known - known.mean()
    # a year's change is about a walk of twelve months with the noise of two
    change = float(np.sqrt(np.mean((seasonal / level) ** 2)))
    step, noise = _STEP_SHARE * change / np.sqrt(_YEAR), _NOISE_SHARE * change
    widths = np.sqrt(_FREEDOM / generator.chisquare(_FREEDOM, draws))[:, None]
    steps = len(mean)
    walk = np.cumsum(generator.standard_normal((steps, draws)).T, axis=1) * step * widths
    single = generator.standard_normal((steps, draws)).T * noise
    if (known > 0).all():
        return np.asarray(mean * np.exp(np.clip(walk + single, -3.0, 1.5)), dtype=np.float64)
    return np.asarray(mean + level * (walk + single), dtype=np.float64)


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
