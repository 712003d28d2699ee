"""Steps: what events add to a forecast, day by day, beside its base; base and steps add up exactly."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache, partial

import numpy as np
import numpy.typing as npt

from finops.forecast.event import Event
from finops.forecast.forecaster import Forecast, sum_of
from finops.money import FORECAST_UNIT, add, from_float, rounded_to_total
from finops.periods import Period

Floats = npt.NDArray[np.float64]

_OF_80 = 1.2815515655446004
"""Standard deviations from the middle to either end of the central 80 % of a normal distribution."""
_DAYS_A_MONTH = 30.4375
"""A twelfth of 365.25 days."""
_LEAST_FACTOR = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one event is expected to add to one series.

    Attributes:
        event: whose.
        daily: amount per forecast day, to four places; days it adds nothing to are left out.
    """

    event: Event
    daily: Mapping[date, Decimal]

    def amount(self, period: Period) -> Decimal:
        """Exact sum of the days inside the period."""
        return add(*(amount for day, amount in self.daily.items() if day in period))


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """How much of an event falls on one series.

    Attributes:
        share: of the series' cost that the event concerns, 0 to 1: percent and growth take it.
        weight: of the event's amount that the series bears; the weights of all series add up to 1 at most.
    """

    share: float
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Changed:
    """A forecast with its events in, and the steps that lead there from its base."""

    base: Forecast
    forecast: Forecast
    steps: tuple[Step, ...]


def with_events(
    forecasts: Mapping[str, Forecast], events: Sequence[Event], parts: Sequence[Mapping[str, Part]], *, seed: int
) -> dict[str, Changed]:
    """Add events to forecasts that were drawn together.

    Every event is measured against the base, so that their order changes nothing and their amounts add up. The same
    draw of an event reaches all series, so paths of a total stay the sum of its parts'.

    Args:
        forecasts: by name.
        events: any number; one whose effect lies in the history already adds nothing.
        parts: for each event, how much of it falls on which series; a series left out bears nothing.
        seed: same seed, same draws.
    """
    steps: dict[str, list[Step]] = {name: [] for name in forecasts}
    added: dict[str, list[tuple[Callable[[], _Effects], Part]]] = {name: [] for name in forecasts}
    for event, shared in zip(events, parts, strict=True):
        borne = {name: part for name, part in shared.items() if name in forecasts and (part.share or part.weight)}
        if not borne:
            continue
        first = forecasts[next(iter(borne))]
        days = [first.history.end + timedelta(days=n) for n in range(len(first.mean))]
        data_to = first.history.end - timedelta(days=1)
        effects = partial(_effects, event, data_to, len(days), first.futures.draws, seed)
        for name, daily in _daily(event, days, effects().mean, borne, forecasts).items():
            if daily:
                steps[name].append(Step(event=event, daily=daily))
                added[name].append((effects, borne[name]))
    return {name: _changed(one, added[name], tuple(steps[name])) for name, one in forecasts.items()}


def sum_of_changed(changed: Mapping[str, Changed], name: str) -> Changed:
    """The total of several: bases, paths, and steps event by event."""
    total = sum_of({part: one.forecast for part, one in changed.items()}, name)
    if not any(one.steps for one in changed.values()):
        return Changed(base=total, forecast=total, steps=())
    found: dict[Event, dict[date, list[Decimal]]] = {}
    parts = [changed[part] for part in sorted(changed)]
    for one in parts:
        for step in one.steps:
            daily = found.setdefault(step.event, {})
            for day, amount in step.daily.items():
                daily.setdefault(day, []).append(amount)
    steps = tuple(
        Step(event=event, daily={day: add(*amounts) for day, amounts in sorted(daily.items())})
        for event, daily in found.items()
    )
    base_mean = np.sum([one.base.mean for one in parts], axis=0)
    # paths of a base are not asked for once there are events; its mean is
    return Changed(base=replace(total, mean=base_mean), forecast=total, steps=steps)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Effects:
    """What an event does per day: `mean` (days), `drawn` (draws, days); times the base where `relative`."""

    relative: bool
    mean: Floats
    drawn: Floats


@lru_cache(maxsize=16)
def _effects(event: Event, data_to: date, ahead: int, draws: int, seed: int) -> _Effects:
    """On each of the days ahead; one event falls on many series."""
    days = [data_to + timedelta(days=n) for n in range(1, ahead + 1)]
    digest = hashlib.blake2b(f"{seed} {event.name} {event.start} {event.kind}".encode(), digest_size=8).digest()
    rng = np.random.default_rng(int.from_bytes(digest, "big"))
    amount, chance = float(event.amount), float(event.chance)
    drawn = amount + float(event.plus_minus) / _OF_80 * rng.standard_normal(draws)
    happens = (rng.permutation(draws) + 0.5) / draws < chance
    begun = event.start <= data_to  # what has begun has happened, for sure
    if event.kind in {"percent", "growth"}:
        course = _growth if event.kind == "growth" else _percent
        mean, paths = course(event, days, data_to, np.array([amount])), course(event, days, data_to, drawn)
    else:
        course_of_days = _once(event, days, data_to) if event.kind == "once" else _per_day(event, days, data_to)
        mean, paths = amount * course_of_days[None, :], drawn[:, None] * course_of_days
    if not begun:
        mean, paths = mean * chance, paths * happens[:, None]
    return _Effects(relative=event.kind in {"percent", "growth"}, mean=mean[0], drawn=paths)


def _per_day(event: Event, days: Sequence[date], data_to: date) -> Floats:
    """1 where it is active and was not, -1 where it was active at the end of the history and no longer is."""
    return np.array([float(event.active(day)) - float(event.active(data_to)) for day in days])


def _once(event: Event, days: Sequence[date], data_to: date) -> Floats:
    """The share of the amount that falls on each day; what has begun goes on in the base, until it ends."""
    until = event.until or event.start + timedelta(days=1)
    length = max((until - event.start).days, 1)
    if event.start <= data_to:
        return _per_day(event, days, data_to) / length
    return np.array(
        [1.0 / length if event.start <= day < event.start + timedelta(days=length) else 0.0 for day in days]
    )


def _percent(event: Event, days: Sequence[date], data_to: date, percent: Floats) -> Floats:
    """What is added per unit of base: the share itself, or what taking it out again takes away."""
    factor = np.maximum(1.0 + percent / 100.0, _LEAST_FACTOR)[:, None]
    change = _per_day(event, days, data_to)
    return np.asarray(np.where(change > 0, percent[:, None] / 100.0, np.where(change < 0, 1.0 / factor - 1.0, 0.0)))


def _growth(event: Event, days: Sequence[date], data_to: date, percent: Floats) -> Floats:
    """Compound growth since the later of start and the end of the history."""
    last = days[-1] if event.until is None else event.until - timedelta(days=1)
    since = max(event.start - timedelta(days=1), data_to)
    months = np.array([max((min(day, last) - since).days, 0) for day in days]) / _DAYS_A_MONTH
    factor = np.maximum(1.0 + percent / 100.0, _LEAST_FACTOR)[:, None]
    return np.asarray(factor**months - 1.0)


def _daily(
    event: Event, days: Sequence[date], mean: Floats, borne: Mapping[str, Part], forecasts: Mapping[str, Forecast]
) -> dict[str, dict[date, Decimal]]:
    """Expected amounts per series and day; those of an amount add up to it where the weights add up to 1."""
    found: dict[str, dict[date, Decimal]] = {name: {} for name in borne}
    relative = event.kind in {"percent", "growth"}
    whole = abs(sum(part.weight for part in borne.values()) - 1.0) < 1e-9  # noqa: PLR2004 - weights are floats
    ahead = event.start >= days[0]
    expected = _exact_once(event, days) if event.kind == "once" and ahead else [from_float(value) for value in mean]
    for at, day in enumerate(days):
        if not expected[at] and not (relative and mean[at]):
            continue
        if relative:
            amounts = [from_float(mean[at] * part.share * forecasts[name].mean[at]) for name, part in borne.items()]
        elif whole:
            exact = [Decimal(repr(float(part.weight))) * expected[at] for part in borne.values()]
            rest = expected[at] - add(*exact)
            amounts = list(rounded_to_total([exact[0] + rest, *exact[1:]], FORECAST_UNIT))
        else:
            amounts = [from_float(float(expected[at]) * part.weight) for part in borne.values()]
        for name, amount in zip(borne, amounts, strict=True):
            if amount:
                found[name][day] = amount
    return found


def _exact_once(event: Event, days: Sequence[date]) -> list[Decimal]:
    """What falls on each day, rounded so that all days of the event together have its whole expected amount."""
    length = ((event.until or event.start + timedelta(days=1)) - event.start).days
    whole = from_float(float(event.amount) * float(event.chance))
    shared = rounded_to_total([whole / length] * length, FORECAST_UNIT)
    offsets = [(day - event.start).days for day in days]
    return [shared[at] if 0 <= at < length else Decimal(0) for at in offsets]


def _changed(base: Forecast, added: Sequence[tuple[Callable[[], _Effects], Part]], steps: tuple[Step, ...]) -> Changed:
    """The forecast with what was drawn of each event on top."""

    def with_all(paths: Floats) -> Floats:
        changed = paths.copy()
        for effects_of, part in added:
            effects = effects_of()
            changed += effects.drawn * (part.share * paths if effects.relative else part.weight)
        return changed

    if not steps:
        return Changed(base=base, forecast=base, steps=())
    mean = base.mean.copy()
    for step in steps:
        for day, amount in step.daily.items():
            mean[(day - base.history.end).days] += float(amount)
    return Changed(base=base, forecast=replace(base, futures=base.futures.changed(with_all), mean=mean), steps=steps)
