"""Width: how much wider than usual the ranges of a table's forecasts are, judged by its own past totals."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from finops.forecast.backtest import PastMonth

FEWEST_TOTALS = 100
_GIVEN_WIDER = 200
_GIVEN_NARROWER = 600
_LEVEL = 0.8
_MOST = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Width:
    """What past totals say about the ranges that other people's series taught.

    Attributes:
        factor: how much wider they are made; below one narrower.
        totals: how many past totals say so.
        inside: share of them that lay inside their 80 % range as it was.
    """

    factor: float
    totals: int
    inside: float


def own_width(past: Sequence[PastMonth]) -> Width | None:
    """The factor that would have made the 80 % ranges of past totals hold 80 % of them, drawn towards one.

    Ranges are stretched on both sides of their median. As totals of one month have much in common, the factor counts
    by totals / (totals + 200), in logarithms, and by totals / (totals + 600) where it makes ranges narrower: to be too
    sure is the worse error. It lies between a half and two. It is for tables whose series are alike and unlike those
    that were learnt from (docs/forecast-accuracy.md; benchmarks/own_ranges.py).

    Args:
        past: totals of many series, forecast again; one whose range is a single value says nothing.

    Returns:
        None for fewer than FEWEST_TOTALS.
    """
    told = [one for one in past if one.high_80 > one.low_80]
    if len(told) < FEWEST_TOTALS:
        return None
    needed = sorted(map(_needed, told))
    factor = min(max(needed[math.ceil(_LEVEL * len(needed)) - 1], 1 / _MOST), _MOST)
    given = _GIVEN_WIDER if factor > 1 else _GIVEN_NARROWER
    return Width(
        factor=factor ** (len(told) / (len(told) + given)),
        totals=len(told),
        inside=sum(one.hit for one in told) / len(told),
    )


def _needed(one: PastMonth) -> float:
    """What its range would have to be stretched by to reach what came."""
    off = one.actual - one.median
    side = (one.high_80 if off > 0 else one.low_80) - one.median
    return abs(off / side) if side else math.inf if off else 0.0
