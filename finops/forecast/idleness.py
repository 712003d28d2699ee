"""Idleness: whether a series that is idle now has ended or only pauses, and when it comes back.

A pause lasts as pauses of this series lasted: with `g` past gaps of `s` days in all, the chance that one lasts more
than `r` days is `(b / (b + r)) ** (g + 2)` with `b = s + 4` (an exponential with a mean of about two days before any is
seen). A series that stops for good looks the same at first, and the longer it is idle beyond its usual gaps, the
likelier it has ended.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

FEWEST_IDLE = 3
"""Idle days at the end from which a pause is looked at: a weekend is none."""

_NEAR_ZERO = 0.02
_FIRST_GAPS, _FIRST_DAYS = 2, 4.0
_GAPS_PER_END = 10  # before any gap is seen one in ten is for good; every gap that ended makes the next likelier to end
_COMES_BACK = 1 / 7300.0  # per day, after an end: one in twenty ended series is charged again within a year


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A series that is idle at its end.

    Attributes:
        days: idle days at the end.
        gaps: how many earlier gaps there were; `idle_days` is their sum.
    """

    days: int
    gaps: int
    idle_days: int

    @property
    def ended(self) -> float:
        """Probability that it is for good, 0 to 1.

        >>> round(Pause(days=11, gaps=5, idle_days=16).ended, 2)
        0.61
        """
        ends = 1 / (self.gaps + _GAPS_PER_END)
        return float(ends / (ends + (1 - ends) * self._lasts(0, self.days)))

    def still_idle(self, days: Floats) -> Floats:
        """Probability that it is still idle so many days from now."""
        ended = self.ended
        pause = self._lasts(self.days, self.days + days)
        return np.asarray(ended * np.exp(-_COMES_BACK * days) + (1 - ended) * pause, dtype=np.float64)

    def back_on(self, chances: Floats, days: int) -> npt.NDArray[np.int64]:
        """The day, from 0, on which futures come back; `days` for those that do not within so many days.

        Args:
            chances: a uniform number per future.
            days: length of the horizon.
        """
        idle = self.still_idle(np.arange(1, days + 1, dtype=np.float64))
        return np.asarray(np.searchsorted(-idle, -(1 - chances)), dtype=np.int64)

    def _lasts(self, so_far: int, days: "float | Floats") -> "float | Floats":
        """Chance that a pause which lasted so far lasts longer than `days`."""
        known = self.idle_days + _FIRST_DAYS
        return ((known + so_far) / (known + days)) ** (self.gaps + _FIRST_GAPS)


def pause(values: Floats) -> Pause | None:
    """The pause at the end of a series; None where it is not idle or never was charged."""
    charged = np.abs(values) > 0
    if not charged.any():
        return None
    idle = np.abs(values) <= _NEAR_ZERO * float(np.mean(np.abs(values[charged])))
    days = len(idle) - 1 - int(np.flatnonzero(~idle)[-1])
    if days < FEWEST_IDLE:
        return None
    edges = np.flatnonzero(np.diff(np.concatenate([[False], idle[: len(idle) - days], [False]]).astype(np.int8)))
    lengths = edges[1::2] - edges[::2]
    return Pause(days=days, gaps=len(lengths), idle_days=int(lengths.sum()))
