"""Comparison: from when on, at which use and at which price an owned option has cost no more than its comparator.

A break-even is a month, hours of use, or a share of use. Where there is none, `Never` or `NoFigure` says why.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from finops.tco.break_even import hours
from finops.tco.cashflow import Flows, all_flows, discounts, flows, months_of
from finops.tco.expression import Array, Evaluation, Expression, total
from finops.tco.lines import plan
from finops.tco.quantity import values_of
from finops.tco.reasons import Never, NoFigure
from finops.tco.scenario import Study

_CENT = 0.005
_ROUNDS, _PLACES = 8, 65
_WIDEST = 100.0
"""Multiples of an input that a threshold is looked for in."""

_BOUNDS = {"share": (0.0, 1.0), "share/year": (-0.9, 1.0)}
"""Where it is looked for in inputs that cannot have any multiple."""

_STEPS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Owned less comparator as formulas: cash per month; minus where owning is cheaper."""

    study: Study
    cash: Expression

    def cumulative(self, values: Mapping[str, Array | float]) -> Array:
        """Of cash, one row per draw and one column per month."""
        found = Evaluation(values, months_of(self.study))(self.cash)
        rows = max(found.shape[0], *(np.asarray(value).size for value in values.values()))
        return np.cumsum(np.broadcast_to(found, (rows, self.study.horizon + 1)), axis=1)

    def net_present_value(self, values: Mapping[str, Array | float]) -> Array:
        """One value per draw."""
        found = Evaluation(values, months_of(self.study))(self.cash)
        factor = discounts(self.study, values[self.study.discount_rate.key])
        return np.asarray((found * factor).sum(axis=1))

    def both(self, values: Mapping[str, Array | float]) -> tuple[Array, Array]:
        """Cumulative cash and net present value, computed together."""
        found = Evaluation(values, months_of(self.study))(self.cash)
        factor = discounts(self.study, values[self.study.discount_rate.key])
        present = (found @ factor[0]) if factor.shape[0] == 1 else (found * factor).sum(axis=1)
        return np.cumsum(found, axis=1), np.asarray(present)


def difference(study: Study) -> Difference:
    """What owning costs more, or less, than the comparator.

    Raises:
        NoFigure: where the study has only one option.
    """
    if study.owned == study.comparator:
        raise NoFigure("there is only one option, so nothing to compare it with")
    owned, other = (plan(study, study.option(name)) for name in (study.owned, study.comparator))
    return Difference(
        study=study, cash=total([*(line.cash for line in owned.lines), *(line.cash * -1 for line in other.lines)])
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakEven:
    """From when on owning has cost no more.

    Attributes:
        month: the first such month; 0 where it costs no more from the start.
        lost_again: the first month after it in which owning has cost more again; None where that does not come.
    """

    month: int
    lost_again: int | None = None


def break_even_month(owned: Sequence[float], other: Sequence[float]) -> BreakEven:
    """The first month whose end finds owning no dearer, from cumulative costs of months 0 on.

    Raises:
        Never: where that does not come within the months given.
    """
    ahead = [mine <= theirs + _CENT for mine, theirs in zip(owned, other, strict=True)]
    if not any(ahead):
        gap = owned[-1] - other[-1]
        first = owned[0] - other[0]
        course = "the gap shrinks too slowly" if gap < first else "every month of owning costs more"
        raise Never(f"never within {len(owned) - 1} months: {course}")
    at = ahead.index(True)
    lost = next((month for month in range(at + 1, len(ahead)) if not ahead[month]), None)
    return BreakEven(month=at, lost_again=lost)


def break_even_months(cumulative: Array) -> Array:
    """The same for many draws of owned less comparator: the month, or NaN for never."""
    ahead = cumulative <= _CENT
    return np.where(ahead.any(axis=1), ahead.argmax(axis=1), np.nan)


def break_even_hours(study: Study, owned: Flows, other: Flows) -> float:
    """Units of use after which owning has cost no more (F-TCO-1), at the first year's prices.

    Capital is what is paid at the start beyond what the comparator costs then; running costs are the first year's per
    unit of capacity, the comparator's price is its first year's per unit of demand.

    Raises:
        Never: where a rented unit costs no more than running the owned system.
        NoFigure: without capacity or demand.
    """
    year = slice(1, min(12, study.horizon) + 1)
    months = year.stop - 1
    demand = sum(other.demanded[year])
    if owned.capacity <= 0:
        raise NoFigure(f"{owned.option} owns nothing that serves the demand")
    if demand <= 0:
        raise NoFigure("nothing is demanded")
    running = sum(owned.cash[year]) / (owned.capacity * months)
    if owned.plan.short is not owned.plan.rented and sum(owned.rented) > 0:
        raise NoFigure(f"{owned.option} rents a part, so an hour of it has no one price")
    price, unit = sum(other.cash[year]) / demand, study.demand.unit
    if price <= running:
        raise Never(f"a rented {unit} at {price:.4g} costs no more than running an own one at {running:.4g}")
    return hours(max(owned.cash[0] - other.cash[0], 0.0), price, running)


def break_even_use(study: Study) -> float:
    """Mean demand per month above which owning is cheaper over the horizon, in net present value.

    Raises:
        Never: where owning is dearer even at the full capacity.
        NoFigure: without an owned capacity.
    """
    option = study.option(study.owned)
    if option.capacity is None:
        raise NoFigure(f"{study.owned} owns nothing")
    found = flows(study, study.owned)
    most = found.capacity
    if most <= 0:
        raise NoFigure(f"{study.owned} has no capacity")
    gap = _gap(study, study.demand.quantity.key)
    at_most, at_none = gap(np.array([most, 0.0]))
    if at_most > 0:
        raise Never(f"owning is dearer even when all of {most:,.0f} {study.demand.unit}s a month are used")
    if at_none <= 0:
        return 0.0
    return _root(gap, 0.0, most)


def threshold(study: Study, key: str) -> float:
    """The value of one input at which both cost the same, others at base; nearest to the base.

    Raises:
        Never: where no value from zero to a hundred times the base changes the answer.
    """
    gap = _gap(study, key)
    at, unit = study.quantities[key].value, study.quantities[key].unit
    if at == 0 and unit != "share/year":
        raise Never("an input of zero has no multiples")
    candidates: list[float] = []
    for bound in _BOUNDS.get(unit, (0.0, at * _WIDEST)):
        steps = at + (bound - at) * (np.arange(_STEPS + 1) / _STEPS) ** 2
        turns = np.flatnonzero(np.diff(gap(steps) > 0))
        if turns.size:
            candidates.append(_root(gap, float(steps[turns[0]]), float(steps[turns[0] + 1])))
    if not candidates:
        raise Never("no value of it changes the answer")
    return min(candidates, key=lambda found: abs(found - at))


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """Break-even months over the cloud's price and the use of the owned capacity.

    Attributes:
        comparator: whose price it is.
        prices: factors on its on-demand and commitment prices; uses: shares of the owned capacity.
        months: by use, then price; None for never.
    """

    comparator: str
    prices: tuple[float, ...]
    uses: tuple[float, ...]
    months: tuple[tuple[int | None, ...], ...]


def surface(
    study: Study,
    prices: Sequence[float] = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25),
    uses: Sequence[float] = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0),
) -> Surface:
    """The break-even month at every combination.

    Raises:
        NoFigure: without an owned capacity, or a comparator that rents.
    """
    capacity = flows(study, study.owned).capacity
    rent = study.option(study.comparator).rent
    if capacity <= 0:
        raise NoFigure(f"{study.owned} owns nothing")
    if rent is None:
        raise NoFigure(f"{study.comparator} rents nothing")
    keys = [rent.on_demand.key, *(one.price.key for one in rent.commitments)]
    keys += [rent.spot.price.key] if rent.spot is not None else []
    base = values_of(study.quantities)
    grid_use, grid_price = (found.reshape(-1, 1) for found in np.meshgrid(uses, prices, indexing="ij"))
    values: dict[str, Array | float] = {**base, study.demand.quantity.key: grid_use * capacity}
    values |= {key: grid_price * base[key] for key in dict.fromkeys(keys)}
    found = break_even_months(difference(study).cumulative(values)).reshape(len(uses), len(prices))
    return Surface(
        comparator=study.comparator,
        prices=tuple(prices),
        uses=tuple(uses),
        months=tuple(tuple(None if np.isnan(cell) else int(cell) for cell in row) for row in found),
    )


def after_price_drop(study: Study, share: float, after_month: int = 12) -> BreakEven:
    """The break-even month where the comparator's prices fall once by a share, after a month.

    Raises:
        Never: where it does not come then.
        NoFigure: where the comparator rents nothing.
    """
    import dataclasses  # noqa: PLC0415 - only here

    rent = study.option(study.comparator).rent
    if rent is None:
        raise NoFigure(f"{study.comparator} rents nothing")
    key = "price drop asked for"
    asked = dataclasses.replace(
        study.discount_rate, key=key, label="Price drop", value=share, unit="share", low=None, high=None
    )
    dropped = dataclasses.replace(rent, drop=asked, drop_after=after_month)
    options = tuple(
        dataclasses.replace(option, rent=dropped) if option.name == study.comparator else option
        for option in study.options
    )
    changed = dataclasses.replace(study, options=options, quantities={**study.quantities, key: asked})
    found = {one.option: one for one in all_flows(changed)}
    return break_even_month(found[study.owned].cumulative, found[study.comparator].cumulative)


def _gap(study: Study, key: str) -> Callable[[Array], Array]:
    """Owned less comparator in net present value for many values of one input, the others at base."""
    diff, base = difference(study), values_of(study.quantities)
    return lambda values: np.broadcast_to(diff.net_present_value({**base, key: values.reshape(-1, 1)}), values.shape)


def _root(function: Callable[[Array], Array], low: float, high: float) -> float:
    """Where a function changes its sign between two ends: each round looks at many places at once."""
    for _ in range(_ROUNDS):
        places = np.linspace(low, high, _PLACES)
        turn = int(np.flatnonzero(np.diff(function(places) > 0))[0])
        low, high = float(places[turn]), float(places[turn + 1])
    return (low + high) / 2
