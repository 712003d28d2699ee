"""One series: from its history to a mean path and simulated paths, with model and reason in words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt

from finops.forecast.beginning import Beginnings
from finops.forecast.decomposition import Decomposition, decompose
from finops.forecast.idleness import Pause, pause
from finops.forecast.learnt import ErrorLine, Learnt
from finops.forecast.level import TO_MEAN, Views, views
from finops.forecast.scale import (
    HORIZONS,
    MOST_SHIFTED,
    Evidence,
    burst_scale,
    persistence,
    relative_scale,
    unsettled,
    widths,
)
from finops.forecast.simulation import SharedDays, far, level_walk, repeated_days, strays

Floats = npt.NDArray[np.float64]

_LIKELIER = 0.5
_TOLD = 0.05
_VARIED = 1e-9
_ENDED_DAYS = 10
_SMOOTHED = 42
_TWO_MONTHS = 60
_FOUR_WEEKS = 28
_TWO_WEEKS = 14
_WEEK = 7


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcome:
    """Mean path and paths of one series, with the words that describe how they came about."""

    mean: Floats
    paths: Floats
    model: str
    reason: str | None

    def after(self, known: Floats) -> "Outcome":
        """The same with some known days before it."""
        if not len(known):
            return self
        first = np.tile(known, (len(self.paths), 1))
        return replace(
            self,
            mean=np.concatenate([known, self.mean]),
            paths=np.concatenate([first, self.paths], axis=1),
        )


def simulate(
    start: date,
    values: Floats,
    *,
    days: int,
    shared: SharedDays,
    learnt: Learnt,
    beginnings: Beginnings | None = None,
) -> Outcome:
    """Forecast one series.

    Args:
        start: first day.
        values: at least one daily value.
        days: length of the paths.
        shared: random numbers shared with other series; the number of paths is theirs.
        learnt: shares of the views and sizes of errors.
        beginnings: of the series beside it, for one that was never charged.
    """
    if not values.any():
        return _never_charged(len(values), days, shared, beginnings)
    parts = decompose(start, values)
    idle = pause(parts.values) if parts.nonnegative else None
    if parts.ended:
        return _ended(parts, idle or Pause(days=_ENDED_DAYS, gaps=0, idle_days=0), days, shared)
    if idle is not None and not parts.bursts:
        # what comes back is as it was before it paused; bursts and the days between them are one
        parts = replace(decompose(start, values[: -idle.days]), skipped=idle.days)
    # as far as the scale looks whatever is asked for, so that a longer horizon changes no day before
    viewed = viewed_from(parts, idle, days=max(days, HORIZONS[-1]), learnt=learnt)
    mean, paths = _mean_and_paths(parts, viewed, days, shared, learnt)
    if idle is not None:
        # the point forecast follows the likelier course of every day
        mean = np.where(idle.still_idle(np.arange(1.0, days + 1)) > _LIKELIER, 0.0, mean)
        paths = np.where(np.arange(days) >= idle.back_on(shared.returns, days)[:, None], paths, 0.0)
    return Outcome(
        mean=mean,
        paths=paths,
        model=_in_words(parts, [name for name, share in viewed.shares.items() if share >= _TOLD]),
        reason=_reason(parts) or _pausing(idle),
    )


def viewed_from(parts: Decomposition, idle: Pause | None, *, days: int, learnt: Learnt) -> Views:
    """The views of the level; how large a series is when it comes back is told by the days before it paused."""
    idle_days = 0 if idle is None else idle.days - parts.skipped
    return views(
        parts.cleaned[: len(parts.cleaned) - idle_days],
        days=days,
        positive=parts.positive,
        intermittent=parts.intermittent or idle is not None,
        learnt=learnt,
    )


def evidence_of(parts: Decomposition, viewed: Views, noise: Floats) -> Evidence:
    """What the past of the series says about its errors; `noise` is that of `Decomposition.noise`."""
    return Evidence(
        cleaned=parts.cleaned,
        level=parts.level,
        noise=float(noise.std()) if parts.relative else float(noise.std()) / parts.level,
        views=np.array(list(viewed.paths.values())),
        spikes=abs(parts.spike_mean) / parts.level,
        persistence=persistence(parts.cleaned),
    )


def _never_charged(waited: int, days: int, shared: SharedDays, beginnings: Beginnings | None) -> Outcome:
    """Zero, unless series beside it tell how likely it begins and what it costs then."""
    if beginnings is None:
        reason = "Every day seen is zero, and so is every series beside it: nothing tells what it may cost."
        return Outcome(mean=np.zeros(days), paths=np.zeros((len(shared.widths), days)), model="zero", reason=reason)
    waiting = beginnings.still_waiting(waited, np.arange(1.0, days + 1))
    paths = beginnings.paths(waiting, when=shared.returns, whose=shared.block_places[:, 0])
    return Outcome(
        mean=np.where(waiting > _LIKELIER, 0.0, paths.mean(axis=0)),
        paths=paths,
        model=f"zero until it begins, then the course of one of {len(beginnings.courses)} others",
        reason=f"Every day seen is zero: {1 - waiting[-1]:.0%} likely to begin within {days} days, by how long others "
        f"waited ({beginnings.begun} of {len(beginnings.courses)} before they began).",
    )


def _ended(parts: Decomposition, idle: Pause, days: int, shared: SharedDays) -> Outcome:
    """Zero; the few futures that come back are as large as the series was on average."""
    charged = parts.values[np.abs(parts.values) > 0]
    back = np.arange(days) >= idle.back_on(shared.returns, days)[:, None]
    last = len(parts.values) - 1 - int(np.flatnonzero(np.abs(parts.values) > 0)[-1])
    return Outcome(
        mean=np.zeros(days),
        paths=np.where(back, float(np.mean(charged)), 0.0),
        model="zero",
        reason=f"Nothing was charged on the last {last} days, longer than ever before: taken as ended.",
    )


def _pausing(idle: Pause | None) -> str | None:
    if idle is None:
        return None
    return f"Idle for {idle.days} days: {idle.ended:.0%} likely to have ended, judged by {idle.gaps} earlier gaps."


def _mean_and_paths(
    parts: Decomposition, viewed: Views, days: int, shared: SharedDays, learnt: Learnt
) -> tuple[Floats, Floats]:
    """The point forecast is the path in the middle of the futures; what never varied goes on as it is."""
    level = viewed.path[:days]
    noise = parts.noise()
    chosen = repeated_days(shared, history=len(parts.values), days=days)
    walk = level_walk(shared, parts.cleaned, chosen, positive=parts.positive)
    if parts.bursts:
        expected = np.zeros(days)
        stray = strays(walk, shared, burst_scale(parts.values) * widths(learnt.width, days))
    else:
        # idle days now and then, but too few to be bursts: its level is hardly surer than theirs
        least = burst_scale(parts.values) if parts.nonnegative and not parts.positive else 0.0
        evidence = evidence_of(parts, viewed, noise)
        scale = relative_scale(evidence, days, learnt.line)
        scale = np.sqrt(scale * np.maximum(scale, least))
        middle = (learnt.line.shift + learnt.line.unsettled * unsettled(evidence)) * np.minimum(scale, MOST_SHIFTED)
        stray = _strays(walk, scale * widths(learnt.width, days), evidence.noise, shared, learnt.line)
        stray += middle
        expected = middle if evidence.noise > _VARIED else np.zeros(days)
    ordinary, on_top = parts.calendar(level)
    if parts.relative:
        mean = ordinary * _factors(parts, expected) + on_top
        paths = _factors(parts, stray)
        paths *= (1.0 + noise)[chosen]
        paths *= ordinary
        paths += on_top
    else:
        mean = ordinary + on_top + parts.level * expected
        paths = ordinary + on_top + parts.level * np.clip(stray, -5.0, 5.0) + noise[chosen]
    if parts.nonnegative:
        mean, paths = np.maximum(mean, 0.0), np.maximum(paths, 0.0, out=paths)
    return mean, paths


def _strays(walk: Floats, scale: Floats, noise: float, shared: SharedDays, line: ErrorLine) -> Floats:
    """How far each future is off the middle path on each day, as past errors of the line were.

    `scale` is that of the totals up to each day; what the noise of single days makes of it is drawn elsewhere.
    """
    of_days = noise**2 / np.arange(1, len(scale) + 1)
    level = np.sqrt(np.maximum(scale**2 - of_days, (0.3 * scale) ** 2))
    stray = strays(walk, shared, level, far(len(scale), _TWO_MONTHS))
    stray *= np.where(stray < 0, np.exp(-line.skew), np.exp(line.skew))
    return stray


def _factors(parts: Decomposition, stray: Floats) -> Floats:
    """What a level that strays so far is multiplied by: below it strays are logarithms, above it shares."""
    factors = np.minimum(stray, 5.0) + 1.0
    if parts.positive or parts.bursts:
        np.exp(stray, out=factors, where=stray < 0)
    else:
        np.maximum(factors, 0.0, out=factors)  # what was idle before may fall to nothing
    return np.asarray(factors, dtype=np.float64)


def _in_words(parts: Decomposition, names: Sequence[str]) -> str:
    """The model in one line: `ETS(A,Ad,N) of weeks + mean of 7, 28 days, weekday profile, log scale`."""
    views = ["ETS(A,Ad,N) of weeks"] if "damped trend" in names else []
    for kind in ("mean", "median"):
        widths = [name.split()[2] for name in names if name.startswith(f"{kind} of")]
        if widths:
            views.append(f"{kind} of {', '.join(widths)} day{'' if widths == ['1'] else 's'}")
    views += ["last year's course"] if "last year" in names else []
    views += ["ARMA(1,1)"] if TO_MEAN in names else []
    words = [" + ".join(views)]
    words += ["weekday profile"] if len(set(parts.profile.weights)) > 1 else []
    words += [f"charges on day {', '.join(map(_place_in_words, sorted(parts.fees)))}"] if parts.fees else []
    words += ["log scale"] if parts.positive else []
    return ", ".join(words)


def _place_in_words(place: int) -> str:
    """A place in the month: 1 is `1`, -1 is `last`, -3 is `last-2`."""
    return str(place) if place > 0 else "last" if place == -1 else f"last{place + 1}"


def _reason(parts: Decomposition) -> str | None:
    """Why the model is simpler than usual; the first that applies."""
    days = len(parts.values) + parts.skipped
    limits = (
        (2, "one day of history: its value goes on"),
        (_WEEK, "less than a week of history: their mean goes on, no weekday profile"),
        (_TWO_WEEKS, "less than two weeks of history: their mean goes on, no weekday profile"),
        (_FOUR_WEEKS, "less than four weeks of history: recent means and a weekday profile only"),
        (_SMOOTHED, "less than six weeks of history: recent means, no trend"),
        (_TWO_MONTHS, "less than 60 days of history: no monthly charges known for sure"),
    )
    for least, why in limits:
        if days < least:
            return f"{days} {'day' if days == 1 else 'days'} seen, {why}."
    if parts.intermittent:
        return "Charges come in bursts with idle days between: long means only, no trend."
    return None
