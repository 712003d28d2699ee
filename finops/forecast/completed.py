"""Completed: a forecast that knows what its first days will be once they are all in, give or take a little."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import numpy.typing as npt

from finops.forecast.forecaster import DRAWS, FORECASTERS, Forecast, Forecaster, History, forecast_all
from finops.forecast.futures import Room

Floats = npt.NDArray[np.float64]

_ANOTHER_STREAM = 0x1A7E


def forecast_completed(
    histories: Mapping[str, History],
    values: Mapping[str, Sequence[float]],
    spreads: Sequence[float],
    *,
    until: date,
    seed: int,
    draws: int = DRAWS,
    forecaster: Forecaster = FORECASTERS[0],
    room: Room | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> dict[str, Forecast]:
    """Forecast series whose first days left out are known but for a little.

    The model is fitted to these days too. On the paths they vary by their spread, in all series alike, so that parts
    and their total fit; none falls below what is booked, unless the series has credits.

    Args:
        histories: as for `forecast_all`.
        values: per series what each of these days will be.
        spreads: relative standard deviation of each day.
        until: exclusive end of the forecast.
        seed: same seed, same paths.
        draws: number of paths.
        forecaster: as for `forecast_all`.
        room: as for `forecast_all`.
        progress: as for `forecast_all`.
    """
    days = len(spreads)
    if not days:
        return forecast_all(
            histories, until=until, seed=seed, draws=draws, forecaster=forecaster, room=room, progress=progress
        )
    longer = {
        name: replace(
            history,
            values=(*history.values, *values[name]),
            left_out=history.left_out - days,
            booked=history.booked[days:],
        )
        for name, history in histories.items()
    }
    found = forecast_all(
        longer, until=until, seed=seed, draws=draws, forecaster=forecaster, room=room, progress=progress
    )
    return {
        name: _with_first(one, histories[name], np.array(values[name]), np.array(spreads), seed)
        for name, one in found.items()
    }


def _with_first(forecast: Forecast, history: History, values: Floats, spreads: Floats, seed: int) -> Forecast:
    draws = forecast.futures.draws
    normals = np.random.default_rng([seed, _ANOTHER_STREAM]).standard_normal((draws, len(spreads)))
    first = values + np.abs(values) * spreads * normals
    if min(history.values) >= 0:
        booked = np.array(history.booked[: len(values)])
        values, first = np.maximum(values, booked), np.maximum(first, booked)
    return replace(
        forecast,
        history=history,
        futures=forecast.futures.changed(
            lambda later: np.concatenate([first, later], axis=1), days=len(values) + forecast.futures.days
        ),
        mean=np.concatenate([values, forecast.mean]),
    )
