"""Beginning: what has cost nothing yet may begin as other series of the same table did.

Without one charge nothing in a series tells a cent from a thousand euros; the series beside it do. The longer a series
has waited, the longer it is likely to wait on: the hazard falls with the days waited, as steeply as those teach that
waited before they began and those that still wait. What begins takes the course of one that began.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_HALF_A_DAY = 0.5
_FIRST_BEGUN, _FIRST_WAITED = 0.5, 1.0  # what stands in before any series is seen to wait: half a one began


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Beginnings:
    """How the series of a table began.

    Attributes:
        courses: daily values of each that was charged, from its first charge to the last day; at least one.
        begun: how many of these waited a day or more before.
        waited: sum over these, and over those still waiting, of log((1 + days waited) / 2), the first day left out.
    """

    courses: tuple[Floats, ...]
    begun: int
    waited: float

    def still_waiting(self, waited: int, days: Floats) -> Floats:
        """Probability that what has waited so many days still waits so many days from now.

        On day t of waiting the hazard is a / (1 + t), so that what waited w days waits d more with probability
        ((1 + w) / (1 + w + d)) ** a. Of those that waited for a day, the likeliest a is the number that began over the
        sum of log((1 + days waited) / 2), as for a Pareto distribution of which some are cut off.
        """
        steepness = (self.begun + _FIRST_BEGUN) / (self.waited + _FIRST_WAITED)
        return np.asarray(((1.0 + waited) / (1.0 + waited + days)) ** steepness, dtype=np.float64)

    def paths(self, still_waiting: Floats, *, when: Floats, whose: Floats) -> Floats:
        """Futures of one series (draws, days): zero until it begins, then the course of another one, over again.

        Args:
            still_waiting: probability at the end of each day.
            when: a uniform number per future, which says when it begins.
            whose: another one, which says whose course it takes.
        """
        lengths = np.array([len(course) for course in self.courses])
        offsets = np.cumsum(lengths) - lengths
        chosen = (whose * len(self.courses)).astype(np.int64)[:, None]
        first = np.searchsorted(-still_waiting, when - 1.0)[:, None]
        since = np.arange(len(still_waiting)) - first
        values = np.concatenate(self.courses)[offsets[chosen] + since % lengths[chosen]]
        return np.where(since >= 0, values, 0.0)


def beginnings(histories: Mapping[str, Sequence[float]]) -> Beginnings | None:
    """What the series of a table teach about beginning; None where none was ever charged, or none is still waiting.

    Args:
        histories: by name, daily values of each up to the same day.
    """
    charged = {name for name, values in histories.items() if any(values)}
    if not charged or len(charged) == len(histories):
        return None
    courses: list[Floats] = []
    begun, waited = 0, 0.0
    for name, values in sorted(histories.items()):  # in any order the same futures
        waits = next((at for at, value in enumerate(values) if value), len(values))
        if name in charged:
            courses.append(np.array(values[waits:]))
            begun += waits > 0
        if waits:
            began_within = _HALF_A_DAY if name in charged else 0.0
            waited += math.log((1 + waits + began_within) / 2)
    return Beginnings(courses=tuple(courses), begun=begun, waited=waited)
