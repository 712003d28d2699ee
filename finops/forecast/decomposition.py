"""Decomposition: one history taken apart into level, weekday profile, monthly fees, spikes and noise."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from finops.forecast.calendar_effects import (
    WEEK,
    WeekdayProfile,
    fees_on,
    middle_of,
    month_places,
    monthly_fees,
    running_median,
    weekday_profile,
    weekdays,
)
from finops.forecast.level import without_spikes

Floats = npt.NDArray[np.float64]

_RECENT = 112
_YEAR = 364
_MOST_DAYS = 800
_NEAR_ZERO = 0.05
_FEW_NONPOSITIVE = 0.02
_IDLE_SHARE = 0.25
_BUSY = 0.96
_ENDED_AFTER = 10
_FEWEST_BEFORE_END = 28
_LOCAL_LEVEL = 29
_LEAST_ORDINARY = 0.05
_YOUNG = 90
_SPIKE_MEMORY = 364
_SPIKE_SHARE = 0.5
_LEAST_LEVEL = 1e-300


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Decomposition:
    """One history: value = level with weekday profile + fee + spike and noise.

    Attributes:
        end: first day after the history.
        values: daily values used: from the first charge on, at most the last 800 days.
        cleaned: level with its noise: weekday, fees and spikes taken out.
        profile: of the weekdays.
        fees: place in the month to amount.
        spike_mean: what spikes add to an average day; half of the past mean, as past spikes come back half as often.
        positive: the level is above zero throughout, so that changes of it are ratios.
        nonnegative: no value is below zero, so no path goes there.
        intermittent: idle on many days.
        ended: nothing has been charged for longer than ever before.
        skipped: days from `end` on that are left aside, a pause; what follows begins after them.
    """

    end: date
    values: Floats
    cleaned: Floats
    profile: WeekdayProfile
    fees: dict[int, float]
    spike_mean: float
    positive: bool
    nonnegative: bool
    intermittent: bool
    ended: bool
    skipped: int = 0

    @property
    def relative(self) -> bool:
        """Whether noise is a share of the level; amounts where the level itself may be zero or negative."""
        return self.positive or self.nonnegative

    @property
    def bursts(self) -> bool:
        """Whether it comes in bursts that are none of them negative: the past itself is what its futures look like."""
        return self.intermittent and self.nonnegative

    @property
    def level(self) -> float:
        """Size of an ordinary recent day, above zero: what errors are measured against."""
        recent = float(np.mean(np.abs(self.cleaned[-28:])))
        year, ever = (0.1 * float(np.mean(np.abs(days))) for days in (self.values[-_SPIKE_MEMORY:], self.values))
        # a charge of more than a year ago still tells a size; one of more than two years ago is no longer in the values
        return max(recent, year) or max(ever, _LEAST_LEVEL)

    def calendar(self, level: Floats) -> tuple[Floats, Floats]:
        """What each day of a level path becomes that starts where what is known ends.

        Returns:
            What moves with the level: weekday profile on it. What comes on top whatever the level: fees, and the mean
            of spikes; where the level is not above zero throughout, spikes are part of what moves.
        """
        first = self.end + timedelta(days=self.skipped)
        moving, fixed = (0.0, self.spike_mean) if self.positive else (self.spike_mean, 0.0)
        days = self.profile.put_back(level, weekdays(first, len(level))) + moving
        days = np.maximum(days, 0.0) if self.nonnegative else days
        return days, fixed + fees_on(self.fees, month_places(first, len(level)))

    def with_calendar(self, level: Floats) -> Floats:
        """Put weekday profile, fees and the mean of spikes on a level path that starts where what is known ends."""
        days, on_top = self.calendar(level)
        return np.maximum(days + on_top, 0.0) if self.nonnegative else days + on_top

    def noise(self) -> Floats:
        """What level, weekday and fees leave of each day; a share of the level where `relative`, else an amount.

        The mean is zero, or below where a long history was noisier while it was small. Days of a fee count as ordinary
        ones: by how much a fee differs from its later self says nothing about the days that repeat it, and can be many
        times what an ordinary day costs. Bursts have no level from day to day: theirs is the mean of all days.
        """
        if self.bursts:
            return self.values / max(float(self.values.mean()), 1e-300) - 1.0
        start = self.end - timedelta(days=len(self.values))
        level = _local_mean(self.cleaned)
        ordinary = self.profile.put_back(level, weekdays(start, len(level)))
        fees = fees_on(self.fees, month_places(start, len(level)))
        left = np.where(fees != 0, 0.0, self.values - ordinary)
        young = len(left) < _YOUNG
        if not (young and self.relative):
            left = left - left.mean()
        if not self.relative:
            return np.asarray(left, dtype=np.float64)
        factors = 1.0 + left / np.maximum(ordinary, _LEAST_ORDINARY * self.level)
        factors = np.maximum(factors, 0.0) if self.nonnegative else factors
        # what grew from nothing in a few weeks would pull its future down by its first days
        return np.asarray(factors / (max(float(factors.mean()), 1e-3) if young else 1.0) - 1.0, dtype=np.float64)


def decompose(start: date, values: Floats) -> Decomposition:
    """Take a history apart.

    Args:
        start: first day.
        values: at least one value per day; zeros before the first charge are left aside.
    """
    first = int(np.argmax(values != 0)) if values.any() else 0
    first = max(first, len(values) - _MOST_DAYS)
    values = values[first:]
    start, end = start + timedelta(days=first), start + timedelta(days=first + len(values))
    days, places = weekdays(start, len(values)), month_places(start, len(values))
    idle = _idle(values, days)
    positive = float(np.mean(values[-_RECENT:] <= 0)) <= _FEW_NONPOSITIVE and not idle
    filled = _positive(values) if positive else values
    profile = weekday_profile(filled, days, multiplies=positive)
    fees = {} if idle else monthly_fees(_without_weekdays(filled, profile, days), places)
    base = filled - fees_on(fees, places)
    base = _positive(base) if positive else base
    profile = (
        WeekdayProfile(weights=(0.0,) * WEEK, multiplies=False)
        if idle
        else weekday_profile(base, days, multiplies=positive)
    )
    level = profile.remove(base, days)
    cleaned = level if idle else without_spikes(level)
    spikes = profile.remove(values - fees_on(fees, places), days) - cleaned
    ended = _ended(values)
    return Decomposition(
        end=end,
        values=values,
        cleaned=cleaned,
        profile=profile,
        fees={} if ended else fees,
        spike_mean=0.0 if ended else _SPIKE_SHARE * float(np.mean(spikes[-_SPIKE_MEMORY:])),
        positive=positive,
        nonnegative=bool((values >= 0).all()),
        intermittent=idle,
        ended=ended,
    )


def _without_weekdays(values: Floats, profile: WeekdayProfile, days: npt.NDArray[np.int64]) -> Floats:
    """Values less what the weekday adds to the level; unlike a ratio this leaves a fee on a Sunday its amount."""
    level = running_median(profile.remove(values, days), 15)
    return values - (profile.put_back(level, days) - level)


def _positive(values: Floats) -> Floats:
    """Values with the few that are not clearly above zero replaced by the median around them."""
    middle = running_median(values, 15)
    floor = _NEAR_ZERO * middle_of(np.abs(values))
    return np.where(values > floor, values, np.maximum(middle, max(floor, 1e-300)))


def _idle(values: Floats, days: npt.NDArray[np.int64]) -> bool:
    """Whether many days are near zero, between the first busy day and the last, and not simply the weekend's.

    Near zero is beside a busy day of the last year. What was idle now and then but no longer is does not count.
    """
    values, days = np.abs(values[-_YEAR:]), days[-_YEAR:]
    if len(values) < 2 * WEEK:
        return False
    busy = max(float(np.mean(values)), float(np.quantile(values, _BUSY)))
    near_zero = values < _NEAR_ZERO * busy
    at = np.flatnonzero(~near_zero)
    if len(at) == 0:
        return False
    between = slice(int(at[0]), int(at[-1]) + 1)
    return _idle_share(near_zero[between], days[between]) > _IDLE_SHARE and (
        _idle_share(near_zero[-_RECENT:], days[-_RECENT:]) > _IDLE_SHARE
    )


def _idle_share(near_zero: npt.NDArray[np.bool_], days: npt.NDArray[np.int64]) -> float:
    """Share of idle days on the weekdays that are not nearly always idle; 1 where there is none."""
    by_day = [near_zero[days == day] for day in range(WEEK)]
    shares = np.array([float(np.mean(one)) if len(one) else 1.0 for one in by_day])
    working = shares < 0.9  # noqa: PLR2004 - nearly always idle: a closed weekday
    return float(np.mean(shares[working])) if working.any() else 1.0


def _ended(values: Floats) -> bool:
    """Whether the zeros at the end last ten days and three times as long as any in at least a month before."""
    zero = np.abs(values) <= 0.01 * float(np.mean(np.abs(values)))
    run = _trailing(zero)
    before = zero[: len(zero) - run]
    return run >= _ENDED_AFTER and len(before) >= _FEWEST_BEFORE_END and run >= 3 * _longest(before)


def _trailing(marked: npt.NDArray[np.bool_]) -> int:
    """Length of the run of marks at the end."""
    return len(marked) if marked.all() else int(np.argmin(marked[::-1]))


def _longest(marked: npt.NDArray[np.bool_]) -> int:
    """Length of the longest run of marks."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], marked, [False]]).astype(np.int8)))
    return int((edges[1::2] - edges[::2]).max()) if len(edges) else 0


def _local_mean(cleaned: Floats) -> Floats:
    """Centred mean of up to 29 days."""
    width = min(_LOCAL_LEVEL, max(WEEK, len(cleaned) // 3), len(cleaned))
    window = np.ones(width)
    return np.convolve(cleaned, window, mode="same") / np.convolve(np.ones(len(cleaned)), window, mode="same")
