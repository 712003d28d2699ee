"""What the company runs: one row per workload, with its cost a day, its week, its growth and its tags."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, TypeVar

import numpy as np

from bill import identity, period

_SATURDAY, _SUNDAY = 5, 6
_DAYS_PER_MONTH = 30.4
_NOISE_MEMORY = 0.6

WEEKS: Mapping[str, tuple[float, ...]] = {
    "flat": (1, 1, 1, 1, 1, 1, 1),
    "shop": (0.97, 0.95, 0.96, 0.99, 1.01, 1.05, 1.07),
    "office": (1.04, 1.06, 1.06, 1.05, 0.98, 0.42, 0.38),
    "weekdays": (1, 1, 1, 1, 1, 0, 0),
    "pipeline": (1.08, 1.02, 1.01, 1.01, 1.03, 0.93, 0.92),
}
"""Factor per weekday, Monday first."""

OFFICE_WEEKS = frozenset({"office", "weekdays"})
"""Weeks in which a public holiday is a Sunday."""

SEASON: tuple[tuple[date, date, float], ...] = (
    (date(2025, 11, 24), date(2025, 12, 2), 1.22),
    (date(2025, 12, 2), date(2025, 12, 21), 1.10),
    (date(2026, 4, 1), date(2026, 7, 1), 1.03),
)
"""What a shop sells more of: Black Friday week, December, the spring of bicycles (start, exclusive end, factor)."""

SkuT = TypeVar("SkuT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload(Generic[SkuT]):
    """Something that costs money every day.

    Attributes:
        name: unique; the resource is named after it.
        account: account, project or subscription that is charged.
        sku: what is charged, and the price of a unit.
        daily: cost around the reference day, on an average day, in the billing currency, before discounts.
        week: key of `WEEKS`.
        growth: percent per month.
        noise: standard deviation of a day, as a share; 0 is a fixed capacity that grows in whole machines.
        tags: tags or labels on the resource.
        lag_hours: how late its charges arrive.
        first: first day with usage; a project that starts late starts here.
        until: first day without usage again.
        covered: whether a commitment may cover it.
    """

    name: str
    account: str
    sku: SkuT
    daily: float
    week: str = "flat"
    growth: float = 0.0
    noise: float = 0.04
    tags: Mapping[str, str] = field(default_factory=dict)
    lag_hours: int = 8
    first: date = period.FIRST_DAY
    until: date = date.max
    covered: bool = False

    def cost_by_day(self, seed: int) -> dict[date, float]:
        """Cost of every day it runs, as if all of it had been delivered."""
        noise = _noise(self.noise, identity.seed_of(seed, self.name), len(period.days()))
        return {
            day: self.daily * self._level(day) * float(factor)
            for day, factor in zip(period.days(), noise, strict=True)
            if self.first <= day < self.until
        }

    def _level(self, day: date) -> float:
        months = (day - period.REFERENCE_DAY).days / _DAYS_PER_MONTH
        return math.pow(1 + self.growth / 100, months) * _weekday_factor(self.week, day) * _season(self.week, day)


def _weekday_factor(week: str, day: date) -> float:
    weekday = _SUNDAY if week in OFFICE_WEEKS and day in period.HOLIDAYS else day.weekday()
    return WEEKS[week][weekday]


def _season(week: str, day: date) -> float:
    if week != "shop":
        return 1.0
    return math.prod(factor for start, end, factor in SEASON if start <= day < end)


def _noise(spread: float, seed: int, count: int) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Factors around 1 in which a high day is likely followed by another one."""
    shocks = np.random.default_rng(seed).standard_normal(count)
    level, levels = 0.0, np.empty(count)
    for n, shock in enumerate(shocks):
        level = _NOISE_MEMORY * level + math.sqrt(1 - _NOISE_MEMORY**2) * float(shock)
        levels[n] = level
    return np.maximum(0.3, 1 + spread * levels)
