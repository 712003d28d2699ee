"""Forecast: simulated daily paths after the last complete day, from which every total and range is read.

Paths of several series drawn together use the same days of the past, so that totals of parts and of the whole fit:
the path of a total is the sum of its parts' paths.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from finops.periods import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Complete days of one series, without gaps.

    Attributes:
        start: first day.
        values: one value per day, zero where nothing was charged; negative values (credits) are legal.
        left_out: days after the last value that were seen but are incomplete, so the forecast covers them again.
    """

    start: date
    values: tuple[float, ...]
    left_out: int = 0

    @property
    def end(self) -> date:
        """First day after the last value: where the forecast starts (exclusive end)."""
        return self.start + timedelta(days=len(self.values))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forecast:
    """What one series will do, as draws.

    Attributes:
        history: what it rests on.
        paths: array (draws, days): one row per simulated future, one column per day from `history.end`.
        mean: array (days): the point forecast per day; totals of parts add up to the total's.
        model: what was fitted, in words a reader can look up, for example `ETS(A,Ad,A), weekly, log scale`.
        reason: why a simpler model than usual was used; None when nothing stood in the way.
    """

    history: History
    paths: "npt.NDArray[np.float64]"
    mean: "npt.NDArray[np.float64]"
    model: str
    reason: str | None = None

    def total(self, period: "Period") -> "PeriodTotal":
        """Distribution of the period's total: days of the history as they are, later days as drawn.

        Args:
            period: may start before the history (missing days count as zero) and must not end after the paths do.

        Raises:
            ValueError: if the period ends after the last drawn day.
        """
        raise NotImplementedError  # filled in by the forecast work


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PeriodTotal:
    """Distribution of one total.

    Attributes:
        actual: what the complete days of the period hold.
        mean: actual plus point forecast.
        draws: array (draws,): total per path, actual included.
    """

    actual: float
    mean: float
    draws: "npt.NDArray[np.float64]"

    def quantile(self, q: float) -> float:
        """The q-quantile of the total, 0 < q < 1."""
        raise NotImplementedError

    def interval(self, level: float) -> tuple[float, float]:
        """Lower and upper bound of the central range, for example level 0.8."""
        raise NotImplementedError

    def chance_over(self, limit: float) -> float:
        """Probability that the total ends above the limit, 0 to 1."""
        raise NotImplementedError


class Forecaster(Protocol):
    """Fits one series and draws its future."""

    name: str

    def forecast(self, history: History, *, days: int, shocks: "Shocks") -> Forecast:
        """Draw `days` days after the history.

        Raises:
            ValueError: if the history is shorter than this forecaster needs; the message says what it needs.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Shocks:
    """The randomness of one run, shared by all series: which past days each draw repeats.

    Attributes:
        seed: makes it repeatable.
        draws: number of paths.
    """

    seed: int
    draws: int = 2000


def forecast_all(histories: Mapping[str, History], *, until: date, seed: int) -> dict[str, Forecast]:
    """Forecast every series to the day before `until`, drawn together.

    Args:
        histories: name to complete days; all end on the same day.
        until: exclusive end.
        seed: same seed, same paths.
    """
    raise NotImplementedError
