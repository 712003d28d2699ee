"""Late days: the last days of a bill that are not all in yet, told from the data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from finops.forecast.calendar_effects import WEEK, noise_of, weekday_profile, weekdays
from finops.forecast.forecaster import History

MOST_DAYS = 3
_DAYS_COMPARED = 8 * WEEK
_DAYS_OF_LEVEL = 2 * WEEK
_FEWEST_COMPARED = 2 * WEEK
_NOISES = 2.0
_LEAST_DROP = 0.07


@dataclass(frozen=True, slots=True, kw_only=True)
class LateDay:
    """A last day that is not all in.

    Attributes:
        there: how much of it usually is there by now, all sources together.
        spread: relative standard deviation of what it is completed to.
        completed: whether it is told well enough to be completed; else it is forecast like the days after it.
    """

    day: date
    there: float
    spread: float
    completed: bool


def split_incomplete(start: date, values: Sequence[float], *, as_of: date) -> History:
    """Leave out the last days that are not complete, at most three.

    The day of `as_of` always is incomplete. A day before it is, when it stands at the end and lies clearly below what
    its weekday brings at the level of the two weeks before: by more than 7 %, by more than twice the usual noise,
    and lower than all but two of the last eight weeks' days. Leaving out a good day costs a forecast far less than
    taking a part of a day for a whole one. No day is left out of a series that is idle now and then, nor of one that
    has been low for more than three days: that one has fallen or ended.

    Args:
        start: first day.
        values: one value per day up to the last one seen.
        as_of: the clock; days after it are dropped.

    Returns:
        The complete days, with the number of days left out and what they hold so far.
    """
    seen = np.array(values[: max((as_of - start).days + 1, 0)], dtype=np.float64)
    today = 1 if len(seen) and len(seen) == (as_of - start).days + 1 else 0
    low = _low_days(start, seen[: len(seen) - today])
    complete = len(seen) - today - (low if low <= MOST_DAYS - today else 0)
    return History(
        start=start,
        values=tuple(seen[:complete].tolist()),
        left_out=len(seen) - complete,
        booked=tuple(seen[complete:].tolist()),
    )


def incomplete_days(history: History) -> tuple[date, ...]:
    """The days left out, first to last."""
    return tuple(history.end + timedelta(days=at) for at in range(history.left_out))


def _low_days(start: date, values: npt.NDArray[np.float64]) -> int:
    """How many days at the end are too low to be complete; four stand for 'more than three'."""
    candidates = MOST_DAYS + 1
    before = values[:-candidates]
    if len(before) < _FEWEST_COMPARED + _DAYS_OF_LEVEL:
        return 0
    days = weekdays(start, len(values))
    # 16 weeks: what a weekday profile looks at
    profile = weekday_profile(before, days[: len(before)], multiplies=bool((before[-16 * WEEK :] > 0).all()))
    levelled = profile.remove(values, days)[-_DAYS_COMPARED - _DAYS_OF_LEVEL - candidates :]
    windows = np.lib.stride_tricks.sliding_window_view(levelled, _DAYS_OF_LEVEL)[:-1]
    level = np.median(windows, axis=1)
    level[-candidates:] = level[-candidates]  # the doubtful days themselves say nothing about the level
    if (level <= 0).any():
        return 0
    drop = levelled[_DAYS_OF_LEVEL:] / level - 1.0
    usual, last = drop[:-candidates], drop[-candidates:]
    edge = min(-_LEAST_DROP, -_NOISES * noise_of(usual), float(np.sort(usual)[2]))
    is_low = last < edge
    return candidates if is_low.all() else int(np.argmin(is_low[::-1]))
