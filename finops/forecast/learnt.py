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
        spikes, persistence: of `scale.Evidence.spikes`, and of its persistence times the horizon.
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
    spikes: float
    persistence: float
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
            self.spikes,
            self.persistence,
            self.disagreement,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthLine:
    """The same for monthly series (`month_views.MonthViews.features`).

    Attributes:
        constant: the line's start.
        error: of the logarithm of the error one month ahead.
        horizon: of the logarithm of the months ahead.
        persistence: of the logarithm of how far the level moves in a year, over its monthly steps, times the horizon.
        outliers: of the logarithm of its largest steps over its median one.
        disagreement: of the logarithm of how far the models disagree.
        skew, shift: as those of `ErrorLine`.
    """

    constant: float
    error: float
    horizon: float
    persistence: float
    outliers: float
    disagreement: float
    skew: float
    shift: float

    @property
    def weights(self) -> tuple[float, ...]:
        """The line, in the order of `month_views.MonthViews.features`."""
        return (self.constant, self.error, self.horizon, self.persistence, self.outliers, self.disagreement)


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """What was learnt.

    Attributes:
        shares: of the views of a daily level that a history is long enough for; scaled to one.
        year_share: of last year's course, where there is one.
        mean_share: of the return to the mean, at its most: where nothing grows or shrinks (`level.trust_in_mean`).
        line, month_line: sizes of errors.
        width: how much wider than these say the ranges of daily series are: 1, but where past totals of the same
            table say otherwise (`width.Width`). Of bursts it is the level's, not that of their days.
    """

    shares: Mapping[str, float] = field(
        default_factory=lambda: MappingProxyType(
            {
                "mean of 7 days": 0.15,
                "mean of 28 days": 0.075,
                "median of 14 days": 0.15,
                "smoothed weeks": 0.209,
                "damped trend": 0.415,
            }
        )
    )
    year_share: float = 0.22
    mean_share: float = 0.871
    line: ErrorLine = ErrorLine(
        constant=-0.411,
        error=0.124,
        week=0.104,
        noise=0.194,
        horizon=-0.113,
        long_horizon=0.809,
        length=-0.276,
        spikes=4.378,
        persistence=-0.145,
        disagreement=0.38,
        skew=0.06,
        shift=0.2,
        unsettled=-3.0,
    )
    month_line: MonthLine = MonthLine(
        constant=0.624,
        error=0.723,
        horizon=-0.166,
        persistence=0.293,
        outliers=-0.439,
        disagreement=0.226,
        skew=0.03,
        shift=0.2,
    )
    width: float = 1.0


LEARNT = Learnt()
"""What the forecaster in use has learnt."""
