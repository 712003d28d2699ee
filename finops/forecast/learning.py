"""Learning: what totals that came teach about the shares of the views and the sizes of errors.

Used to make `learnt.LEARNT`, and to score it on series it was not made from (benchmarks/forecast_accuracy.py).
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from finops.forecast.decomposition import decompose
from finops.forecast.idleness import pause
from finops.forecast.late_days import split_incomplete
from finops.forecast.learnt import LEARNT, ErrorLine, Learnt, MonthLine
from finops.forecast.level import TO_MEAN, trust_in_mean
from finops.forecast.month_views import month_views
from finops.forecast.months import MOST_MONTHS
from finops.forecast.scale import FREEDOM, HORIZONS, MOST_SHIFTED, features, unsettled
from finops.forecast.series_model import evidence_of, viewed_from
from finops.forecast.tasks import Item
from finops.periods import month_after, months_between

Floats = npt.NDArray[np.float64]

_RECENT = {"mean of 7 days": 0.4, "mean of 28 days": 0.2, "median of 14 days": 0.4}
_LAST_YEAR = "last year"
_STEP = 0.1
_YEAR_SHARES = (0.0, 0.15, 0.3)
_MEAN_SHARES = (0.0, 0.35, 0.7, 1.0)
_ROUNDS = 30
_AS_GOOD = 0.005
_LOWEST = -0.98
_SKEWS = np.arange(-0.3, 0.52, 0.03)
_SHIFTS = tuple(np.arange(-0.1, 0.31, 0.05).tolist())
_UNSETTLED = np.arange(-3.5, 0.1, 0.25)
_RIDGE = 1e-3
_T3_80 = 1.638  # Student's t of three degrees of freedom lies within so much with a probability of 0.8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lesson:
    """One total that came, and what was known before.

    Attributes:
        series: whose; totals of one series count as one.
        weight: how much the series counts.
        came: the total less what was booked before the cut-off.
        views: the total by each view; one entry where nothing is to be shared out.
        size: what errors are measured in.
        features: of the error line: those of `scale.features`, or of a monthly series.
        monthly: whether it is a total of months.
        unsettled: how young and noisy the series is (`scale.unsettled`).
        trust: in a return to the mean (`level.trust_in_mean`).
    """

    series: str
    weight: float
    came: float
    views: Mapping[str, float]
    size: float
    features: Floats
    monthly: bool
    unsettled: float = 0.0
    trust: float = 0.0


def lessons(item: Item, came: Mapping[str, float], *, series: str, weight: float) -> Iterator[Lesson]:
    """What one item teaches; nothing where it is idle at its end or was never charged.

    Args:
        item: a series at a cut-off.
        came: total of each task, by its name, what was booked included.
        series: its name, whatever the cut-off.
        weight: how much the series counts.
    """
    if item.freq == "M":
        yield from _of_months(item, came, series, weight)
        return
    history = split_incomplete(item.start, item.values, as_of=item.start + timedelta(days=len(item.values)))
    values = np.array(history.values)
    if not values.any():
        return
    parts = decompose(history.start, values)
    if parts.ended or parts.bursts or (parts.nonnegative and pause(parts.values) is not None):
        return
    viewed = viewed_from(parts, None, days=HORIZONS[-1], learnt=LEARNT)
    evidence = evidence_of(parts, viewed, parts.noise())
    for task in item.tasks:
        first, last = ((day - history.end).days for day in (task.period.start, task.period.end))
        if first > 0 or not 0 < last <= HORIZONS[-1]:
            continue
        yield Lesson(
            series=series,
            weight=weight,
            came=came[task.name] - float(values[len(values) + first :].sum() if first else 0.0),
            views={name: float(parts.with_calendar(path)[:last].sum()) for name, path in viewed.paths.items()},
            size=parts.level * last,
            features=features(evidence, last),
            monthly=False,
            unsettled=unsettled(evidence),
            trust=trust_in_mean(viewed.steady),
        )


def _of_months(item: Item, came: Mapping[str, float], series: str, weight: float) -> Iterator[Lesson]:
    values = np.array(item.values)
    if not values.any():
        return
    end = month_after(item.start, len(values))
    views = month_views(values[-MOST_MONTHS:], months_between(end, max(task.period.end for task in item.tasks)))
    for task in item.tasks:
        known = months_between(max(task.period.start, item.start), end) if task.period.start < end else 0
        months = months_between(end, task.period.end)
        ahead = float(views.mean[:months].sum())
        yield Lesson(
            series=series,
            weight=weight,
            came=came[task.name] - float(values[len(values) - known :].sum()),
            views={"all": ahead},
            size=max(abs(ahead), 1e-300),
            features=views.features[months - 1],
            monthly=True,
        )


def learn(taught: Sequence[Lesson]) -> Learnt:
    """Shares that err least and the error lines that make what came likeliest.

    Args:
        taught: lessons of daily and of monthly series; at least a few dozen of each.
    """
    daily, monthly = ([one for one in taught if one.monthly is which] for which in (False, True))
    shares, year_share, mean_share = _shares(daily)
    errors = _errors(daily, shares, year_share, mean_share)
    month_errors = np.array([(one.came - one.views["all"]) / one.size for one in monthly])
    long, months = (
        list(kind.__dataclass_fields__).index(name)
        for kind, name in ((ErrorLine, "long_horizon"), (MonthLine, "horizon"))
    )
    return Learnt(
        shares=shares,
        year_share=year_share,
        mean_share=mean_share,
        line=ErrorLine(**_named(ErrorLine, _line(daily, _strays(errors), long=long))),
        month_line=MonthLine(**_named(MonthLine, _line(monthly, _strays(month_errors), long=months))),
    )


def _named(line: type[ErrorLine | MonthLine], found: Mapping[str, "float | Floats"]) -> dict[str, float]:
    """What `_line` found by the names of a line's fields: those of the weights first, then those of the shape."""
    weights = np.asarray(found["weights"]).tolist()
    names = list(line.__dataclass_fields__)
    return dict(zip(names, weights, strict=False)) | {name: float(found[name]) for name in names[len(weights) :]}


def _shares(taught: Sequence[Lesson]) -> tuple[dict[str, float], float, float]:
    """Shares of recent means, smoothed weeks and damped trend, of last year's course and of the return to the mean.

    Averages over a grid, of which each set counts the less the more it errs.
    """
    counted = _counted(taught)
    grid = np.arange(0.0, 1.0 + _STEP / 2, _STEP).round(2).tolist()
    tried, lost = [], []
    for recent, smoothed in itertools.product(grid, grid):
        trend = round(1.0 - recent - smoothed, 2)
        if recent <= 0 or trend < 0:
            continue
        views = _by_view(recent, smoothed, trend)
        for year_share, mean_share in itertools.product(_YEAR_SHARES, _MEAN_SHARES):
            tried.append((recent, smoothed, trend, year_share, mean_share))
            lost.append(float(counted @ np.abs(_errors(taught, views, year_share, mean_share))))
    # the best of many that are about as good differs from sample to sample, their average hardly
    good = np.exp(-(np.array(lost) / min(lost) - 1.0) / _AS_GOOD)
    recent, smoothed, trend, *others = ((good / good.sum()) @ np.array(tried)).round(3).tolist()
    year_share, mean_share = others
    return _by_view(recent, smoothed, trend), year_share, mean_share


def _by_view(recent: float, smoothed: float, trend: float) -> dict[str, float]:
    shares = {name: round(share * recent, 3) for name, share in _RECENT.items()}
    return shares | {"smoothed weeks": smoothed, "damped trend": trend}


def _counted(taught: Sequence[Lesson]) -> Floats:
    """What a relative error of each lesson counts: its size over the sum of what came, by its series' weight."""
    came: dict[str, float] = {}
    for one in taught:
        came[one.series] = came.get(one.series, 0.0) + max(abs(one.came), 0.05 * one.size)
    return np.array([one.weight * one.size / came[one.series] for one in taught])


def _errors(taught: Sequence[Lesson], shares: Mapping[str, float], year_share: float, mean_share: float) -> Floats:
    """Error of each lesson's point forecast: what came less forecast, over its size."""
    names = list(shares)
    views = np.array([[one.views.get(name, np.nan) for name in names] for one in taught])
    year = np.array([one.views.get(_LAST_YEAR, np.nan) for one in taught])
    alike = np.array([sum(one.views.values()) / len(one.views) for one in taught])
    weights = np.isfinite(views) * np.array(list(shares.values()))
    whole = weights.sum(axis=1)
    average = np.where(whole > 0, np.nansum(views * weights, axis=1) / np.where(whole > 0, whole, 1.0), alike)
    point = np.where(np.isfinite(year), (1 - year_share) * average + year_share * np.nan_to_num(year), average)
    mean = np.array([one.views.get(TO_MEAN, 0.0) for one in taught])
    trust = mean_share * np.array([one.trust for one in taught])
    point = (1 - trust) * point + trust * mean
    errors = (np.array([one.came for one in taught]) - point) / np.array([one.size for one in taught])
    return np.asarray(errors, dtype=np.float64)


def _strays(errors: Floats) -> Floats:
    """Errors as futures are drawn (`series_model`): what is below the point forecast is a logarithm."""
    return np.where(errors < 0, np.log1p(np.maximum(errors, _LOWEST)), errors)


def _line(taught: Sequence[Lesson], errors: Floats, *, long: int) -> dict[str, float | Floats]:
    """Weights of the features, skew and shift of greatest likelihood under Student's t, by Fisher scoring.

    For a logarithmic scale the score of one error is `(f + 1) u² / (f + u²) - 1`, with `u` error over scale and `f`
    degrees of freedom, and its information `2 f / (f + 3)` (1 for 3). In the end the line is moved so that the 80 %
    ranges hold 80 % of the short totals and of the long ones: errors are not quite Student's. Skew and shift are those
    of the short totals, which are the most and the surest.

    Args:
        taught: lessons of one kind.
        errors: of each, as `_strays` has them.
        long: place of the feature that is above zero for long totals alone.
    """
    known = np.array([one.features for one in taught])
    totals: dict[str, int] = {}
    for one in taught:
        totals[one.series] = totals.get(one.series, 0) + 1
    counted = np.array([one.weight / totals[one.series] for one in taught])
    unsettling = np.array([one.unsettled for one in taught])
    near = known[:, long] == 0
    weights = np.zeros(known.shape[1])
    weights[0] = np.log(max(float(np.median(np.abs(errors))), 1e-6))
    skew = shift = settling = 0.0
    inverse = np.linalg.inv((known * counted[:, None]).T @ known + _RIDGE * np.eye(len(weights)))
    for turn in range(_ROUNDS):
        over = _over_scale(errors, known @ weights, skew, shift + settling * unsettling)
        score = (FREEDOM + 1) * over**2 / (FREEDOM + over**2) - 1.0
        weights = weights + 0.7 * inverse @ (known * counted[:, None]).T @ score
        if turn >= _ROUNDS // 2:
            scales = known @ weights
            skew, shift = _shape(errors[near], scales[near], counted[near], (settling * unsettling)[near])
            settling = _settling(errors - shift * _shifted(scales), scales, taught) if unsettling.any() else 0.0
    for at, those in ((0, near), (long, ~near)):
        over = np.abs(_over_scale(errors, known @ weights, skew, shift + settling * unsettling))[those]
        weights[at] += np.log(_quantile(over, counted[those], 0.8) / _T3_80) / float(np.mean(known[those, at]))
    return {"weights": weights, "skew": skew, "shift": shift, "unsettled": settling}


def _quantile(values: Floats, counted: Floats, share: float) -> float:
    """The value that a share of what counts does not exceed."""
    order = np.argsort(values)
    return float(values[order][np.searchsorted(np.cumsum(counted[order]), share * counted.sum())])


def _over_scale(errors: Floats, scales: Floats, skew: float, shift: "float | Floats") -> Floats:
    over = (errors - shift * _shifted(scales)) / np.exp(np.clip(scales, -12.0, 3.0))
    return np.asarray(over / np.where(over < 0, np.exp(-skew), np.exp(skew)), dtype=np.float64)


def _shifted(scales: Floats) -> Floats:
    """What a shift of one moves the middle by: the scale, not all of it where it is large."""
    return np.minimum(np.exp(np.clip(scales, -12.0, 3.0)), MOST_SHIFTED)


def _shape(errors: Floats, scales: Floats, counted: Floats, fallen: Floats) -> tuple[float, float]:
    """Skew and shift of greatest likelihood, on a grid; `fallen` is what noise adds to the shift."""
    found = []
    for skew, shift in itertools.product(_SKEWS, _SHIFTS):
        over = _over_scale(errors, scales, float(skew), float(shift) + fallen)
        # as paths are drawn: half of them on either side, each side as wide as its skew says
        lost = (FREEDOM + 1) / 2 * np.log1p(over**2 / FREEDOM) + np.where(over < 0, -skew, skew)
        found.append((float(counted @ lost), float(skew), float(shift)))
    _, skew, shift = min(found)
    return skew, shift


def _settling(errors: Floats, scales: Floats, taught: Sequence[Lesson]) -> float:
    """What noise adds to the shift where the middle errs least, in shares of what came.

    Not the likeliest: what is young and noisy is so unsure that its likelihood hardly knows a middle.
    """
    counted, step = _counted(taught), np.array([one.unsettled for one in taught]) * _shifted(scales)
    return min((float(counted @ np.abs(errors - times * step)), float(times)) for times in _UNSETTLED)[1]
