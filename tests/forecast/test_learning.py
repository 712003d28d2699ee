"""Learning: an error line that made the errors is found again, and the view that is right gets the shares."""

import numpy as np

from finops.forecast.learning import Lesson, learn
from finops.forecast.learnt import ErrorLine, MonthLine

RANDOM = np.random.default_rng(3)


def lesson(at: int, *, monthly: bool) -> Lesson:
    """A total that the smoothed weeks tell but for an error of known size: half of the series' own, times its noise."""
    line, long = (MonthLine, "horizon") if monthly else (ErrorLine, "long_horizon")
    names = list(line.__dataclass_fields__)
    features = np.concatenate([[1.0], RANDOM.normal(0, 0.5, names.index("disagreement"))])
    features[names.index(long)] = (0.0, 0.5)[at // 2 % 2]
    size = np.exp(-2.0 + 0.5 * features[1])
    came = 100 * (1 + size * RANDOM.standard_t(3))
    views = {"mean of 7 days": 150.0, "smoothed weeks": 100.0, "damped trend": 130.0}
    return Lesson(
        series=f"s{at}",
        weight=1.0,
        came=came,
        views={"all": 100.0} if monthly else views,
        size=100.0,
        features=features,
        monthly=monthly,
    )


def test_the_line_and_the_shares_behind_what_came_are_found() -> None:
    learnt = learn([lesson(at, monthly=at % 2 == 0) for at in range(1200)])
    assert abs(learnt.line.constant + 2.0) < 0.25
    assert abs(learnt.line.error - 0.5) < 0.25
    assert abs(learnt.line.noise) < 0.25
    assert abs(learnt.month_line.constant + 2.0) < 0.25
    assert abs(learnt.month_line.error - 0.5) < 0.25
    assert learnt.shares["smoothed weeks"] > 0.5
