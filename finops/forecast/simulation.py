"""Simulation: paths of one series around its mean path, from days of the past that all series share.

Every draw repeats blocks of four weeks of the past, the same blocks for every series: projects that moved together
then move together again. A series' paths depend on its own history and the seed alone, never on what else is forecast.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from finops.forecast.calendar_effects import WEEK
from finops.forecast.scale import FREEDOM

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

BLOCK = 28
_WEEKS_BACK = 52
_FEWEST_DAYS_FOR_LEVEL = 84


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SharedDays:
    """Random numbers of one run, the same for all series.

    Attributes:
        block_places: (draws, blocks), 0 to 1: how far back each block starts.
        normals: (draws, blocks): level shocks for series too short to repeat their own.
        widths: (draws,): how far each future strays as a whole; gives totals the heavy tails that past errors show.
        returns: (draws,), 0 to 1: how soon what is idle comes back.
    """

    block_places: Floats
    normals: Floats
    widths: Floats
    returns: Floats


def shared_days(*, seed: int, draws: int, days: int) -> SharedDays:
    """Draw the shared numbers; the first blocks are the same for any number of days."""
    blocks = -(-days // BLOCK)
    streams = np.random.SeedSequence(seed).spawn(4)
    places, normals, widths, returns = (np.random.Generator(np.random.PCG64(stream)) for stream in streams)
    return SharedDays(
        block_places=places.random((blocks, draws)).T,
        normals=normals.standard_normal((blocks, draws)).T,
        widths=np.sqrt(FREEDOM / widths.chisquare(FREEDOM, draws)),
        returns=returns.random(draws),
    )


def repeated_days(shared: SharedDays, *, history: int, days: int) -> Ints:
    """Index into a history of `history` days for each draw and day; weekdays stay what they are from one week on."""
    if history < WEEK:
        return np.asarray(np.floor(shared.block_places[:, :1] * history), dtype=np.int64) + np.zeros(
            (1, days), np.int64
        )
    weeks = min(history // WEEK, _WEEKS_BACK)
    length = min(BLOCK // WEEK, weeks)
    starts = length + np.floor(shared.block_places * (weeks - length + 1)).astype(np.int64)
    at = np.arange(days)
    return history - WEEK * starts[:, at // BLOCK] + (at % BLOCK) % (WEEK * length)


def level_walk(shared: SharedDays, cleaned: Floats, chosen: Ints, *, positive: bool) -> Floats:
    """How the level strays: a walk of repeated weekly changes with mean 0 and standard deviation 1 on every day."""
    days = chosen.shape[1]
    # a young series knows no month to repeat; sharing shocks with others of its kind keeps their total on the wide side
    steps = np.repeat(shared.normals, BLOCK, axis=1)[:, :days]
    if len(cleaned) >= _FEWEST_DAYS_FOR_LEVEL:
        weekly = np.convolve(cleaned, np.ones(WEEK) / WEEK, mode="valid")
        weekly = np.log(weekly) if positive else weekly
        change = np.concatenate([np.zeros(len(cleaned) - len(weekly) + WEEK), weekly[WEEK:] - weekly[:-WEEK]])
        spread = float(change.std())
        if spread > 1e-9 * max(1.0, float(np.abs(weekly).max())):
            # a fifth of fresh shocks: a short past repeats few distinct months
            steps = change[chosen] / spread
    walk = np.cumsum(steps, axis=1)
    walk -= walk.mean(axis=0)
    return np.asarray(walk / np.maximum(walk.std(axis=0), 1e-12), dtype=np.float64)


def strays(walk: Floats, shared: SharedDays, targets: Floats) -> Floats:
    """Scale a unit walk so that its running mean over 1, 2, 3, ... days has the target scales.

    Args:
        walk: from `level_walk`.
        shared: the widths.
        targets: scale of the running mean at each day of the horizon.
    """
    wide = walk * targets
    running = np.cumsum(wide, axis=1) / np.arange(1, walk.shape[1] + 1)
    factors = targets / np.maximum(running.std(axis=0), 1e-12)
    return np.asarray(wide * factors * shared.widths[:, None], dtype=np.float64)
