"""Coherence: parts forecast by themselves are made to add up to the whole they are parts of, path by path."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial

import numpy as np
import numpy.typing as npt

from finops.forecast.event import Event
from finops.forecast.forecaster import Forecast
from finops.forecast.futures import Futures
from finops.forecast.steps import Changed, Step
from finops.money import FORECAST_UNIT, add, rounded_to_total, subtract

Floats = npt.NDArray[np.float64]


def fitted(parts: Mapping[str, Changed], whole: Changed) -> dict[str, Changed]:
    """Move parts so that every day of every path adds up to the whole's, and every step to the whole's step.

    What is missing or too much falls on the parts by the variance of their level: the sure ones stay as they are. What
    a part has booked stays, and nothing becomes negative that was not; there the rest takes one factor.

    Args:
        parts: at least one; together the whole, drawn with it.
        whole: what they are to add up to; it is not changed.
    """
    names = sorted(parts)  # floats added in another order are other floats
    forecasts = [parts[name].forecast for name in names]
    weights = _weights(forecasts)
    floors = [_floor(one) for one in forecasts]
    moved = _moves([one.futures.paths for one in forecasts], whole.forecast.paths, floors, weights)
    futures = [one.futures.changed(partial(moved, at)) for at, one in enumerate(forecasts)]
    bases = [parts[name].base.mean for name in names]
    mean_moved = _moves([partial(np.copy, mean) for mean in bases], whole.base.mean, floors, weights)
    means = [mean_moved(at, mean) for at, mean in enumerate(bases)]
    steps = _steps({name: parts[name].steps for name in names}, whole.steps, weights.mean(axis=1).tolist())
    return {
        name: _part(parts[name], *those)
        for name, those in zip(names, zip(futures, means, steps, strict=True), strict=True)
    }


def _weights(parts: Sequence[Forecast]) -> Floats:
    """Share of each part (rows) in what a day (columns) has to be moved by.

    It goes by the square of the day's mean times the relative spread of the total up to there: a part that is idle on a
    day takes nothing, and noise that evens out counts little.
    """
    means = np.abs([part.mean for part in parts])
    spread = np.array([part.paths.cumsum(axis=1).std(axis=0) for part in parts])
    reached = np.abs(np.cumsum([part.mean for part in parts], axis=1))
    unsure = (means * spread / np.where(reached > 0, reached, 1.0)) ** 2
    sizes = means.mean(axis=1, keepdims=True) + np.full_like(means, 1e-300)
    weights = np.where(unsure.sum(axis=0) > 0, unsure, np.where(means.sum(axis=0) > 0, means, sizes))
    return np.asarray(weights / weights.sum(axis=0))


def _part(part: Changed, futures: Futures, mean: Floats, steps: tuple[Step, ...]) -> Changed:
    words = f"{part.forecast.model}, moved to add up"
    if not steps:
        alone = replace(part.forecast, futures=futures, mean=mean, model=words)
        return Changed(base=alone, forecast=alone, steps=())
    base = replace(part.base, mean=mean, model=words)
    changed = mean.copy()
    for step in steps:
        for day, amount in step.daily.items():
            changed[(day - base.history.end).days] += float(amount)
    return Changed(base=base, forecast=replace(part.forecast, futures=futures, mean=changed, model=words), steps=steps)


def _floor(part: Forecast) -> Floats:
    """What is booked on each day; nothing where the part has credits."""
    floor = np.zeros(len(part.mean))
    booked = part.history.booked[: len(floor)]
    if booked and min(part.history.values) >= 0:
        floor[: len(booked)] = np.maximum(booked, 0.0)
    return floor


def _moves(
    parts: Sequence[Callable[[], Floats]], whole: Floats, floors: Sequence[Floats], weights: Floats
) -> Callable[[int, Floats], Floats]:
    """How the n-th part is moved for all to add up. They are looked at one by one: all at once may be gigabytes."""
    rest, booked, bounded = whole.copy(), np.zeros_like(whole), np.ones(whole.shape, dtype=bool)
    for part, floor in zip(parts, floors, strict=True):
        values = part()
        low = np.minimum(floor, values)
        rest -= values
        booked += low
        bounded &= low >= 0
    bounded &= whole >= booked

    def shifted(at: int, values: Floats) -> Floats:
        one = values + weights[at] * rest
        return np.asarray(np.where(bounded, np.maximum(one, np.minimum(floors[at], values)), one), dtype=np.float64)

    free = -booked
    for at, part in enumerate(parts):
        free += shifted(at, part())
    scaled = bounded & (free > 0)
    factor = np.where(scaled, (whole - booked) / np.where(scaled, free, 1.0), 1.0)

    def moved(at: int, values: Floats) -> Floats:
        low = np.minimum(floors[at], values)
        return np.asarray(low + (shifted(at, values) - low) * factor, dtype=np.float64)

    return moved


def _steps(
    parts: Mapping[str, Sequence[Step]], whole: Sequence[Step], weights: Sequence[float]
) -> list[tuple[Step, ...]]:
    """Each step of the whole, shared as the parts' own steps are; in the order of the parts."""
    by_event: dict[str, dict[Event, Mapping[date, Decimal]]] = {
        name: {step.event: step.daily for step in steps} for name, steps in parts.items()
    }
    found: list[list[Step]] = [[] for _ in parts]
    for step in whole:
        own = [by_event[name].get(step.event, {}) for name in parts]
        daily: list[dict[date, Decimal]] = [{} for _ in parts]
        for day, amount in step.daily.items():
            shared = _shared(amount, [one.get(day, Decimal(0)) for one in own], weights)
            for at, share in enumerate(shared):
                if share:
                    daily[at][day] = share
        for at, days in enumerate(daily):
            if days:
                found[at].append(Step(event=step.event, daily=days))
    return [tuple(steps) for steps in found]


def _shared(amount: Decimal, own: Sequence[Decimal], weights: Sequence[float]) -> tuple[Decimal, ...]:
    """An amount in proportion to what the parts have of it, or else to their size."""
    whole = add(*own)
    alike = bool(whole) and all(one * amount >= 0 for one in own)
    exact = [amount * one / whole for one in own] if alike else [amount * Decimal(repr(weight)) for weight in weights]
    largest = max(range(len(exact)), key=lambda at: abs(exact[at]))
    exact[largest] = add(exact[largest], subtract(amount, *exact))
    return rounded_to_total(exact, FORECAST_UNIT)
