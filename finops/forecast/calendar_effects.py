"""Calendar effects: what a day costs because of its weekday or its place in the month, apart from the level.

Days are counted from the first day of the history. Fees are amounts on top of the level (support, tax, subscriptions,
month-end batches); the weekday profile multiplies a positive level and is added to one that holds zeros or credits.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

WEEK = 7
_PROFILE_WEEKS = 16
_FEE_MONTHS = 6
_MONTH_EDGE_START = 3
_MONTH_EDGE_END = -3
_PLACES = np.array([*range(_MONTH_EDGE_END, 0), *range(1, 29)])
_NOISE_FROM_MEDIAN = 1.4826  # median absolute deviation to standard deviation of a normal, 1 / Phi^-1(0.75)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekdayProfile:
    """Seven factors (mean 1) or amounts (mean 0), Monday first.

    Attributes:
        weights: one per weekday.
        multiplies: whether they multiply the level or are added to it.
    """

    weights: tuple[float, ...]
    multiplies: bool

    def remove(self, values: Floats, weekdays: npt.NDArray[np.int64]) -> Floats:
        """The values as they were on an average day of the week."""
        weights = np.asarray(self.weights)[weekdays]
        return _floats(values / weights if self.multiplies else values - weights)

    def put_back(self, values: Floats, weekdays: npt.NDArray[np.int64]) -> Floats:
        """The inverse of `remove`; the last axis of `values` runs over days."""
        weights = np.asarray(self.weights)[weekdays]
        return _floats(values * weights if self.multiplies else values + weights)


def weekdays(start: date, days: int) -> npt.NDArray[np.int64]:
    """Weekday of each day, Monday is 0."""
    return (start.weekday() + np.arange(days)) % WEEK


def month_places(start: date, days: int) -> npt.NDArray[np.int64]:
    """Place of each day in its month: 1 to 28 from the start, the last three as -3, -2, -1.

    >>> month_places(date(2026, 2, 25), 5).tolist()
    [25, -3, -2, -1, 1]
    """
    on = np.datetime64(start, "D") + np.arange(days)
    months = on.astype("datetime64[M]")
    place = (on - months.astype("datetime64[D]")).astype(np.int64) + 1
    to_end = (on - (months + 1).astype("datetime64[D]")).astype(np.int64)
    return np.asarray(np.where(to_end >= _MONTH_EDGE_END, to_end, place), dtype=np.int64)


def running_median(values: Floats, width: int) -> Floats:
    """Centred median over `width` days (odd), with the nearest whole window at either end."""
    if len(values) <= width:
        return np.full(len(values), middle_of(values) if len(values) else 0.0)
    windows = np.lib.stride_tricks.sliding_window_view(values, width)
    return np.pad(np.median(windows, axis=1), width // 2, mode="edge")


def middle_of(values: Floats) -> float:
    """The median of at least one value; on a few dozen values ten times as fast as numpy's own."""
    ordered = np.sort(values)
    return 0.5 * float(ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2])


def noise_of(values: Floats) -> float:
    """Robust standard deviation of values around zero."""
    return _NOISE_FROM_MEDIAN * middle_of(np.abs(values)) if len(values) else 0.0


def monthly_fees(values: Floats, places: npt.NDArray[np.int64]) -> dict[int, float]:
    """Amounts that come on the same place of every month, on top of the level.

    A place counts when its excess over the days around it has one sign in at least 80 % of the last six months
    (always, where fewer than five are seen) and is large beside the daily noise. The middle of the month, where
    such charges are rare and chances to err many, needs at least three months and a larger excess.

    Args:
        values: daily values, weekday effect removed.
        places: from `month_places`.

    Returns:
        Place to amount; the amount is the median of the last three excesses.
    """
    edge = (places <= _MONTH_EDGE_START) & (places != 0)
    ordinary = np.where(edge, np.nan, values)
    excess = values - _running_median_without(ordinary, 15)
    noise = noise_of(excess[~edge])
    level = middle_of(np.abs(values)) if len(values) else 0.0
    fees: dict[int, float] = {}
    by_place = np.argsort(places, kind="stable")
    starts = np.searchsorted(places[by_place], _PLACES)
    ends = np.searchsorted(places[by_place], _PLACES, side="right")
    for place, start, end in zip(_PLACES.tolist(), starts, ends, strict=True):
        at_edge = place <= _MONTH_EDGE_START
        seen = excess[by_place[max(start, end - _FEE_MONTHS) : end]]
        least, multiple = (2, 3.0) if at_edge else (3, 5.0)
        if len(seen) < least:
            continue
        edge_of_noise = max(multiple * noise, 0.05 * level)
        needed = (0.8 if len(seen) >= 5 else 1.0) * len(seen)  # noqa: PLR2004 - the docstring's own figures
        amount = middle_of(seen[-3:])
        signed = seen if amount > 0 else -seen
        if amount and (signed > 0).sum() >= needed and (np.abs(seen) > edge_of_noise).sum() >= needed:
            fees[place] = amount
    return fees


def fees_on(fees: dict[int, float], places: npt.NDArray[np.int64]) -> Floats:
    """The fee of each day, zero where none falls."""
    amounts = np.zeros(len(places))
    for place, amount in fees.items():
        amounts[places == place] = amount
    return amounts


def weekday_profile(values: Floats, days: npt.NDArray[np.int64], *, multiplies: bool) -> WeekdayProfile:
    """Robust weekday profile of the last 16 weeks, shrunk towards flat by how little the weeks agree.

    Args:
        values: daily values, fees removed.
        days: weekday of each value.
        multiplies: factors instead of amounts; every value must then be positive.
    """
    flat = WeekdayProfile(weights=(1.0 if multiplies else 0.0,) * WEEK, multiplies=multiplies)
    if len(values) < 2 * WEEK:
        return flat
    values, days = values[-_PROFILE_WEEKS * WEEK :], days[-_PROFILE_WEEKS * WEEK :]
    level = _week_mean(values)
    relative = values / level - 1.0 if multiplies else values - level
    groups = [relative[days == weekday] for weekday in range(WEEK)]
    middles = [middle_of(group) for group in groups]
    centres = np.array(middles) - np.mean(middles)
    errors = np.array(
        [noise_of(group - middle) / np.sqrt(len(group)) for group, middle in zip(groups, middles, strict=True)]
    )
    signal = max(float(np.mean(centres**2) - np.mean(errors**2)), 0.0)
    share = signal / (signal + float(np.mean(errors**2))) if signal else 0.0
    if multiplies:
        factors = np.maximum(1.0 + share * centres, 0.05)
        return WeekdayProfile(weights=tuple((factors / factors.mean()).tolist()), multiplies=True)
    return WeekdayProfile(weights=tuple((share * centres).tolist()), multiplies=False)


def _floats(values: object) -> Floats:
    """The values as what they are; numpy's types lose it in arithmetic."""
    return np.asarray(values, dtype=np.float64)


def _week_mean(values: Floats) -> Floats:
    """Centred mean of seven days; the first and last three days take the nearest whole week."""
    sums = np.convolve(values, np.ones(WEEK) / WEEK, mode="valid")
    return np.pad(sums, WEEK // 2, mode="edge")


def _running_median_without(values: Floats, width: int) -> Floats:
    """Centred median over `width` days, days that are not a number left out."""
    if len(values) <= width:
        return np.full(len(values), float(np.nanmedian(values)) if np.isfinite(values).any() else 0.0)
    windows = np.lib.stride_tricks.sliding_window_view(values, width)
    return np.pad(np.nanmedian(windows, axis=1), width // 2, mode="edge")
