"""Learnt: every number of the forecaster that was fitted to other people's series, in one place.

Fitted in November 2026 by `./run bench forecast_accuracy --learn` on totals of month, quarter and year of 601 series
(docs/forecast-accuracy.md): npm downloads, Wikipedia views, electricity load, taxi and bike trips and others (28),
compute per user of two cluster logs (12), generated bills of 14 kinds (275); monthly drug subsidies (64), retail
turnover and M3 (222). The same command scores them cross-fitted: each fifth of the series with what the other four
fifths teach.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorLine:
    """Size of the error of a daily series' total: the exponential of a line in what is known about the series.

    Attributes:
        constant: the line's start.
        error, week: of the logarithm of the series' own back-tested error at this horizon and of one week. Much more
            for a month than for a week is a level that moves.
        noise: of the logarithm of the noise of single days.
        horizon, long_horizon: of the logarithm of days over a month, and of days over four months where it is more.
        length: of the logarithm of years seen.
        disagreement: of the logarithm of the spread of the simple views.
        skew: errors above the point forecast are wider by its exponential, those below narrower.
        shift: where the middle of the errors lies, in sizes.
        unsettled: added to it, times `scale.unsettled`.
    """

    constant: float
    error: float
    week: float
    noise: float
    horizon: float
    long_horizon: float
    length: float
    disagreement: float
    skew: float
    shift: float
    unsettled: float

    @property
    def weights(self) -> tuple[float, ...]:
        """The line, in the order of `scale.features`."""
        return (
            self.constant,
            self.error,
            self.week,
            self.noise,
            self.horizon,
            self.long_horizon,
            self.length,
            self.disagreement,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthLine:
    """The same for monthly series: of their error one month ahead, and of the months ahead.

    Attributes:
        constant: the line's start, a factor.
        error, horizon: exponents.
    """

    constant: float
    error: float
    horizon: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """What was learnt.

    Attributes:
        shares: of the views of a daily level that a history is long enough for; scaled to one.
        year_share: of last year's course, where there is one.
        line, month_line: sizes of errors.
    """

    shares: Mapping[str, float] = field(
        default_factory=lambda: MappingProxyType(
            {
                "mean of 7 days": 0.158,
                "mean of 28 days": 0.079,
                "median of 14 days": 0.158,
                "smoothed weeks": 0.298,
                "damped trend": 0.307,
            }
        )
    )
    year_share: float = 0.222
    line: ErrorLine = ErrorLine(
        constant=-0.189,
        error=0.342,
        week=-0.133,
        noise=0.363,
        horizon=0.057,
        long_horizon=0.697,
        length=-0.253,
        disagreement=0.307,
        skew=0.09,
        shift=0.1,
        unsettled=-2.75,
    )
    month_line: MonthLine = MonthLine(constant=0.522, error=0.867, horizon=0.065)


LEARNT = Learnt()
"""What the forecaster in use has learnt."""
