"""Scale: how wrong the total of the coming days is likely to be, from this series' past and from many other series."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_BASE = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the past of a series says about its errors, all relative to its recent level.

    Attributes:
        error: root mean square error of the mean of `horizon` days, rolling origins; None without three tries.
        horizon: days those totals had.
        noise: standard deviation of single days around the local level.
        days: length of the history.
        intermittent: idle on many days.
    """

    error: float | None
    horizon: int
    noise: float
    days: int
    intermittent: bool


def past_error(cleaned: Floats, days: int, level: float) -> tuple[float | None, int]:
    """Error of 'the mean of the last 14 days goes on' over the coming `days`, weekly origins.

    Returns:
        Relative root mean square error, None without three origins; and its horizon, at most a third of the history.
    """
    ahead = max(1, min(days, len(cleaned) // 3))
    base = min(_BASE, ahead * 2, max(1, len(cleaned) // 3))
    at = np.arange(len(cleaned) - ahead, base - 1, -7)[:78]
    if len(at) < 3 or level <= 0:  # noqa: PLR2004 - the docstring's own figure
        return None, ahead
    sums = np.concatenate([[0.0], np.cumsum(cleaned)])
    errors = (sums[at + ahead] - sums[at]) / ahead - (sums[at] - sums[at - base]) / base
    return float(np.sqrt(np.mean(np.minimum(np.abs(errors) / level, 3.0) ** 2))), ahead


def relative_scale(evidence: Evidence, days: npt.NDArray[np.int64]) -> Floats:
    """Standard deviation of the total of the coming `days`, relative to level times days."""
    own = evidence.error if evidence.error is not None else 0.15
    grown = own * (days / evidence.horizon) ** 0.35
    return np.asarray(np.sqrt(grown**2 + evidence.noise**2 / days + 0.01**2), dtype=np.float64)
