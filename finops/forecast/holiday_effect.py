"""Holiday effect: by how much a series falls or rises on public holidays, learnt from its own, and put into its future.

A day is held against the median of its weekday up to three weeks before and after. The effect is an amount on top of
what the day otherwise holds, so that a monthly fee on the first of January stays whole.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from finops.forecast.calendar_effects import WEEK, middle_of, noise_of
from finops.forecast.holidays import Holidays

Floats = npt.NDArray[np.float64]

_WEEKS = 3
_FEWEST_AROUND = 3
_FEWEST_HOLIDAYS = 3
_CLEARLY = 2.0
_OF_MEDIAN = 1.2533
"""Standard error of the median over that of the mean of normal noise, the root of pi/2."""
_MOST = 2.0
_PASSES = 8
_NEAR_ZERO = 0.005
_LEAST = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HolidayEffect:
    """What holidays do to one series.

    Attributes:
        shares: by place, what a holiday adds to an ordinary day of its weekday: -0.6 is a fall by 60 %. Days that are
            holidays in several places add up, but not to less than nothing.
        ordinary: the history as it would have been without holidays.
    """

    start: date
    holidays: Sequence[Holidays]
    shares: Mapping[str, float]
    ordinary: Floats

    @property
    def in_words(self) -> str:
        """`holidays of DE -60%`; empty where they have no effect."""
        told = [f"{place} {share:+.0%}" for place, share in self.shares.items() if abs(share) >= _NEAR_ZERO]
        return f"holidays of {', '.join(told)}" if told else ""

    def factors(self, mean: Floats) -> Floats:
        """What each day after the history is multiplied by.

        Args:
            mean: forecast of the days after the history, as days that are no holidays.
        """
        known, first = np.concatenate([self.ordinary, mean]), len(self.ordinary)
        off = _days_off(self.start, len(known), self.holidays)
        expected = _expected(known, off, fewest=1)
        factors = np.ones(len(mean))
        for at in off:
            if at >= first and mean[at - first] > 0 and expected[at] > 0:
                factors[at - first] = (
                    1.0 + _total(self.shares, off[at]) * min(expected[at], mean[at - first]) / mean[at - first]
                )
        return factors


def holiday_effect(start: date, values: Floats, holidays: Sequence[Holidays]) -> HolidayEffect | None:
    """Learn what holidays do to a series; None where they do nothing that is more than chance.

    Of each place it takes the median over its past holidays, three at least. What is within two standard errors of
    nothing counts as nothing, and the rest is shrunk by how unsure it is. Where a day is a holiday in several places,
    each is judged by what the others leave.

    Args:
        start: first day.
        values: one per day.
        holidays: of each place; days outside the history are not looked at.
    """
    off = _days_off(start, len(values), holidays)
    expected = _expected(values, off, fewest=_FEWEST_AROUND)
    known = expected > _LEAST * float(np.max(np.abs(values), initial=0.0))  # less is no share of anything
    ratios = np.clip(values / np.where(known, expected, 1.0) - 1.0, -1.0, _MOST)
    seen = {at: float(ratios[at]) for at in sorted(off) if known[at]}
    if len(seen) < _FEWEST_HOLIDAYS:
        return None
    known[list(off)] = False
    noise = noise_of(ratios[known])
    shares = {one.place: 0.0 for one in holidays}
    for _ in range(_PASSES):
        for place in shares:
            left = [
                ratio - sum(shares[other] for other in off[at] if other != place)
                for at, ratio in seen.items()
                if place in off[at]
            ]
            shares[place] = _shrunk(np.array(left), noise)
    if not any(shares.values()):
        return None
    ordinary = values.copy()
    for at in seen:
        ordinary[at] = values[at] - _total(shares, off[at]) * expected[at]
    return HolidayEffect(start=start, holidays=holidays, shares=shares, ordinary=ordinary)


def _days_off(start: date, days: int, holidays: Sequence[Holidays]) -> dict[int, list[str]]:
    """The places that have a holiday, by day counted from the start; days without are left out."""
    found: dict[int, list[str]] = {}
    for one in holidays:
        for day in one.days:
            if start <= day < start + timedelta(days=days):
                found.setdefault((day - start).days, []).append(one.place)
    return found


def _total(shares: Mapping[str, float], places: Sequence[str]) -> float:
    """What a holiday of several places adds; no more falls away than there is."""
    return max(sum(shares[place] for place in places), -1.0)


def _expected(values: Floats, off: Mapping[int, object], *, fewest: int) -> Floats:
    """Median of the same weekday up to three weeks before and after, holidays left out; zero of fewer days."""
    days, width = len(values), _WEEKS * WEEK
    ordinary = values.copy()
    ordinary[list(off)] = np.nan
    padded = np.pad(ordinary, width, constant_values=np.nan)
    starts = (width + weeks * WEEK for weeks in range(-_WEEKS, _WEEKS + 1) if weeks)
    around = np.sort([padded[start : start + days] for start in starts], axis=0)  # what is no number comes last
    seen = np.isfinite(around).sum(axis=0)
    at = np.arange(days)
    middle = 0.5 * (around[np.maximum(seen - 1, 0) // 2, at] + around[np.minimum(seen // 2, len(around) - 1), at])
    return np.where(seen >= fewest, middle, 0.0)


def _shrunk(ratios: Floats, noise: float) -> float:
    """The median, less the more unsure it is; zero where it may well be chance."""
    if len(ratios) < _FEWEST_HOLIDAYS:
        return 0.0
    middle = middle_of(ratios)
    error = _OF_MEDIAN * max(noise_of(ratios - middle), noise) / len(ratios) ** 0.5
    if abs(middle) <= _CLEARLY * error:
        return 0.0
    return float(middle * (1.0 - (error / middle) ** 2))
