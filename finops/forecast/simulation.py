"""Simulation: paths of one series around its mean path, from days of the past that all series share.

Every draw repeats blocks of four weeks of the past, the same blocks for every series: projects that moved together
then move together again. A series' paths depend on its own history and the seed alone, never on what else is forecast.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from finops.forecast.calendar_effects import WEEK
from finops.forecast.scale import FREEDOM

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

BLOCK = 28
_WEEKS_BACK = 52
_FEWEST_DAYS_FOR_LEVEL = 84
_WIDTHS_PER_DRAW = 32
_FAR_TAILS = 1.75
_FAR_SIZE = 0.764  # keeps the 80 % range of widths times a normal number what it is


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

    @property
    def far_widths(self) -> Floats:
        """Widths with fatter tails, of futures a year ahead."""
        return np.asarray(_FAR_SIZE * self.widths**_FAR_TAILS, dtype=np.float64)


@lru_cache(maxsize=8)
def shared_days(*, seed: int, draws: int, days: int) -> SharedDays:
    """Draw the shared numbers; the first blocks are the same for any number of days.

    What can be is drawn evenly, one number from each of as many equal parts as there are draws, in random order: half
    the draws then give totals as steady as independent ones do.

    Args:
        seed: same seed, same numbers.
        draws: number of futures.
        days: length of the horizon.
    """
    blocks = -(-days // BLOCK)
    streams = np.random.SeedSequence(seed).spawn(4)
    places, normals, widths, returns = (np.random.Generator(np.random.PCG64(stream)) for stream in streams)
    sizes = np.sort(widths.chisquare(FREEDOM, draws * _WIDTHS_PER_DRAW))[_WIDTHS_PER_DRAW // 2 :: _WIDTHS_PER_DRAW]
    return SharedDays(
        block_places=_read_only(np.column_stack([_evenly(places, draws) for _ in range(blocks)])),
        normals=_read_only(normals.standard_normal((blocks, draws)).T),
        widths=_read_only(np.sqrt(FREEDOM / widths.permutation(sizes))),
        returns=_read_only(_evenly(returns, draws)),
    )


def _evenly(generator: np.random.Generator, draws: int) -> Floats:
    """As many numbers from 0 to 1, one in each of as many equal parts, in random order."""
    return np.asarray((generator.permutation(draws) + generator.random(draws)) / draws, dtype=np.float64)


def _read_only(numbers: Floats) -> Floats:
    """The array, which every series of the run shares, safe from being written to."""
    numbers.flags.writeable = False
    return numbers


def repeated_days(shared: SharedDays, *, history: int, days: int) -> Ints:
    """Index into a history of `history` days for each draw and day; weekdays stay what they are from one week on."""
    if history < WEEK:
        return np.asarray(np.floor(shared.block_places[:, :1] * history), dtype=np.int64) + np.zeros(
            (1, days), np.int64
        )
    weeks = min(history // WEEK, _WEEKS_BACK)
    length = min(BLOCK // WEEK, max(weeks // 3, 1))
    starts = length + np.floor(shared.block_places * (weeks - length + 1)).astype(np.int64)
    at = np.arange(days)
    return history - WEEK * starts[:, at // BLOCK] + (at % BLOCK) % (WEEK * length)


def level_walk(shared: SharedDays, cleaned: Floats, chosen: Ints, *, positive: bool) -> Floats:
    """How the level strays: a walk of repeated weekly changes with mean 0 and standard deviation 1 on every day."""
    days = chosen.shape[1]
    steps = _weekly_changes(cleaned, positive=positive)
    if steps is None:
        # a young series knows no month to repeat; sharing shocks with others of its kind keeps their total wide
        walk = np.cumsum(np.repeat(shared.normals, BLOCK, axis=1)[:, :days], axis=1)
    else:
        walk = np.cumsum(steps[chosen], axis=1)
    walk -= walk.mean(axis=0)
    walk /= np.maximum(_deviation(walk), 1e-12)
    return np.asarray(walk, dtype=np.float64)


def strays(walk: Floats, shared: SharedDays, targets: Floats, far: "Floats | float" = 0.0) -> Floats:
    """Scale a unit walk so that its running mean over 1, 2, 3, ... days has the target scales.

    Args:
        walk: from `level_walk`.
        shared: the widths.
        targets: scale of the running mean at each day of the horizon.
        far: 0 to 1 at each day, how much fatter the tails are: at 1 so that 95 % ranges are two fifths wider and 80 %
            ranges the same.
    """
    wide = walk * targets
    running = _deviation(np.cumsum(wide, axis=1)) / np.arange(1, walk.shape[1] + 1)
    wide *= targets / np.maximum(running, 1e-12)
    wide *= shared.widths[:, None] * (1.0 - far) + shared.far_widths[:, None] * far
    return np.asarray(wide, dtype=np.float64)


def far(steps: int, first: int) -> Floats:
    """How fat the tails of each step are: 0 up to `first`, two months, and 1 from six times that, a year."""
    return np.asarray(np.clip(np.log(np.arange(1, steps + 1) / first) / np.log(6), 0.0, 1.0), dtype=np.float64)


def _weekly_changes(cleaned: Floats, *, positive: bool) -> Floats | None:
    """Change of the weekly mean on each day, in its own standard deviations; None where there is none to repeat."""
    if len(cleaned) < _FEWEST_DAYS_FOR_LEVEL:
        return None
    weekly = np.convolve(cleaned, np.ones(WEEK) / WEEK, mode="valid")
    weekly = np.log(weekly) if positive else weekly
    change = np.concatenate([np.zeros(len(cleaned) - len(weekly) + WEEK), weekly[WEEK:] - weekly[:-WEEK]])
    spread = float(change.std())
    moves = spread > 1e-9 * max(1.0, float(np.abs(weekly).max()))
    return np.asarray(change / spread, dtype=np.float64) if moves else None


def _deviation(walks: Floats) -> Floats:
    """Standard deviation over the draws, one per day; the mean over the draws is zero on every day."""
    return np.asarray(np.sqrt(np.einsum("ij,ij->j", walks, walks) / len(walks)), dtype=np.float64)
