"""One series: from its history to a mean path and simulated paths, with model and reason in words."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from finops.forecast.decomposition import Decomposition, decompose
from finops.forecast.level import views
from finops.forecast.scale import Evidence, relative_scale
from finops.forecast.simulation import SharedDays, level_walk, repeated_days, strays

Floats = npt.NDArray[np.float64]

_CHANCE_OF_RETURN = 0.1
_YEAR = 365
_SMOOTHED = 84
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


def simulate(start: date, values: Floats, *, days: int, shared: SharedDays) -> Outcome:
    """Forecast one series.

    Args:
        start: first day.
        values: at least one daily value.
        days: length of the paths.
        shared: random numbers shared with other series; the number of paths is theirs.
    """
    draws = len(shared.widths)
    if not values.any():
        nothing = np.zeros(days)
        return Outcome(mean=nothing, paths=np.zeros((draws, days)), model="zero", reason="Every day seen is zero.")
    parts = decompose(start, values)
    if parts.ended:
        return Outcome(mean=np.zeros(days), paths=_returns(parts, days, shared), model="zero", reason=_ended(parts))
    viewed = views(parts.cleaned, days=days, positive=parts.positive, intermittent=parts.intermittent)
    return Outcome(
        mean=parts.with_calendar(viewed.path),
        paths=_paths(parts, viewed.path, shared),
        model=_in_words(parts, tuple(viewed.paths)),
        reason=_reason(parts),
    )


def _returns(parts: Decomposition, days: int, shared: SharedDays) -> Floats:
    """Zero, but one future in ten comes back on some day of the next year, as large as the series was on average.

    Of five series of the development data that looked ended none came back; one in ten errs on the safe side.
    """
    first_days = shared.block_places[:, 0] / _CHANCE_OF_RETURN * _YEAR
    back = (shared.block_places[:, 0] < _CHANCE_OF_RETURN)[:, None] & (np.arange(days) >= first_days[:, None])
    charged = parts.values[np.abs(parts.values) > 0]
    return np.where(back, float(np.mean(charged)), 0.0)


def _paths(parts: Decomposition, level: Floats, shared: SharedDays) -> Floats:
    days = len(level)
    horizon = np.arange(1, days + 1)
    noise = parts.noise()
    spread = float(noise.std()) if parts.positive else float(noise.std()) / parts.level
    evidence = Evidence(cleaned=parts.cleaned, level=parts.level, noise=spread, intermittent=parts.intermittent)
    scale = relative_scale(evidence, days)
    of_level = np.sqrt(np.maximum(scale**2 - spread**2 / horizon, (0.3 * scale) ** 2))
    chosen = repeated_days(shared, history=len(parts.values), days=days)
    stray = strays(level_walk(shared, parts.cleaned, chosen, positive=parts.positive), shared, of_level)
    if parts.positive:
        paths = parts.with_calendar(level * np.exp(np.clip(stray, -4.0, 1.6)) * (1.0 + noise[chosen]))
    elif parts.nonnegative:
        # most idle days stay idle: what strays is how much the others cost
        paths = (parts.with_calendar(level) + noise[chosen]) * np.clip(1.0 + stray, 0.0, 5.0)
    else:
        paths = parts.with_calendar(level + parts.level * np.clip(stray, -5.0, 5.0)) + noise[chosen]
    return np.maximum(paths, 0.0) if parts.nonnegative else paths


def _in_words(parts: Decomposition, names: tuple[str, ...]) -> str:
    """The model in one line: `ETS(A,Ad,N) of weeks + means of 7, 14, 28 days, weekday profile, log scale`."""
    widths = ", ".join(name.split()[2] for name in names if name.startswith("mean of"))
    views = ["ETS(A,Ad,N) of weeks"] if "smoothing" in names else []
    views.append(f"mean{'s' if ',' in widths else ''} of {widths} day{'' if widths == '1' else 's'}")
    views += ["last year's course"] if "last year" in names else []
    words = [" + ".join(views)]
    words += ["weekday profile"] if len(set(parts.profile.weights)) > 1 else []
    words += [f"charges on day {', '.join(map(_place_in_words, sorted(parts.fees)))}"] if parts.fees else []
    words += ["log scale"] if parts.positive else []
    return ", ".join(words)


def _place_in_words(place: int) -> str:
    """A place in the month: 1 is `1`, -1 is `last`, -3 is `last-2`."""
    return str(place) if place > 0 else "last" if place == -1 else f"last{place + 1}"


def _ended(parts: Decomposition) -> str:
    idle = len(parts.values) - 1 - int(np.flatnonzero(np.abs(parts.values) > 0)[-1])
    return f"Nothing was charged on the last {idle} days, longer than ever before: taken as ended."


def _reason(parts: Decomposition) -> str | None:
    """Why the model is simpler than usual; the first that applies."""
    days = len(parts.values)
    limits = (
        (2, "one day of history: its value goes on"),
        (_WEEK, "less than a week of history: their mean goes on, no weekday profile"),
        (_TWO_WEEKS, "less than two weeks of history: their mean goes on, no weekday profile"),
        (_FOUR_WEEKS, "less than four weeks of history: recent means and a weekday profile only"),
        (_TWO_MONTHS, "less than 60 days of history: recent means, no monthly charges known for sure, no trend"),
        (_SMOOTHED, "less than twelve weeks of history: recent means, no trend"),
    )
    for least, why in limits:
        if days < least:
            return f"{days} {'day' if days == 1 else 'days'} seen, {why}."
    if parts.intermittent:
        return "Charges come in bursts with idle days between: long means only, no trend."
    return None
