"""Uncertainty: one input at a time (tornado), all at once (Monte Carlo), and which inputs decide (F-TCO-7).

Draws are seeded: every input has a stream of its own, named after it, so another input changes nobody else's draws.
Inputs are independent; those that several options share are drawn once.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from finops.tco.compare import Difference, break_even_months, difference, threshold
from finops.tco.expression import Array, inputs_of
from finops.tco.quantity import Quantity, values_of
from finops.tco.reasons import NoFigure
from finops.tco.scenario import Study

DRAWS = 100_000
_CHUNK = 4_000
"""Draws computed together: their arrays fit the processor's cache."""

_TAIL = 1.6448536269514722
"""Standard deviations from the middle to the 95 % point of a normal distribution."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swing:
    """What one input alone moves.

    Attributes:
        low, high: net present value of owned less comparator at its low and high end.
        low_month, high_month: break-even months there; None for never.
        flips: whether the cheaper option changes between its ends.
        threshold: its value at which both cost the same; None where none does.
    """

    quantity: Quantity
    low: float
    high: float
    low_month: int | None
    high_month: int | None
    threshold: float | None

    @property
    def swing(self) -> float:
        """Difference of the two ends."""
        return self.high - self.low

    @property
    def flips(self) -> bool:
        """Whether the cheaper option changes between its ends."""
        return (self.low > 0) != (self.high > 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """What many draws of all uncertain inputs say.

    Attributes:
        p10, p50, p90: of the net present value of owned less comparator; minus where owning is cheaper.
        owning_is_cheaper: share of draws in which it is.
        months: P10, P50 and P90 of the break-even month; None where that share never breaks even.
        never: share of draws without a break-even within the horizon.
        shares: of the variance that each input explains, by key, largest first.
    """

    draws: int
    seed: int
    p10: float
    p50: float
    p90: float
    owning_is_cheaper: float
    months: tuple[int | None, int | None, int | None]
    never: float
    shares: tuple[tuple[str, float], ...]


def tornado(study: Study) -> tuple[Swing, ...]:
    """Every uncertain input at its low and its high, others at base; the largest swing first."""
    diff, base = difference(study), values_of(study.quantities)
    found = [_swing(study, diff, base, one) for one in uncertain(study, diff)]
    return tuple(sorted(found, key=lambda one: (-abs(one.swing), one.quantity.key)))


def uncertain(study: Study, diff: Difference) -> tuple[Quantity, ...]:
    """Inputs with a range that the difference rests on."""
    used = inputs_of(diff.cash) | {study.discount_rate.key}
    return tuple(one for one in study.quantities.values() if one.is_uncertain and one.key in used)


def _swing(study: Study, diff: Difference, base: Mapping[str, float], one: Quantity) -> Swing:
    ends = np.array([one.low, one.high], dtype=np.float64).reshape(-1, 1)
    values: dict[str, Array | float] = {**base, one.key: ends}
    worth = np.broadcast_to(diff.net_present_value(values), (2,))
    months = break_even_months(diff.cumulative(values))
    try:
        limit: float | None = threshold(study, one.key)
    except NoFigure:
        limit = None
    return Swing(
        quantity=one,
        low=float(worth[0]),
        high=float(worth[1]),
        low_month=None if np.isnan(months[0]) else int(months[0]),
        high_month=None if np.isnan(months[1]) else int(months[1]),
        threshold=limit,
    )


def simulate(study: Study, *, seed: int, draws: int = DRAWS) -> Simulation:
    """Draw all uncertain inputs together.

    Raises:
        NoFigure: where no input has a range, so nothing is uncertain.
    """
    diff, base = difference(study), values_of(study.quantities)
    drawn = {one.key: draw(one, seed=seed, draws=draws) for one in uncertain(study, diff)}
    if not drawn:
        raise NoFigure("no input has a low and a high")
    worth, months = np.empty(draws), np.empty(draws)
    for at in range(0, draws, _CHUNK):
        part = slice(at, at + _CHUNK)
        values: dict[str, Array | float] = {
            **base,
            **{key: column[part].reshape(-1, 1) for key, column in drawn.items()},
        }
        cumulative, present = diff.both(values)
        worth[part], months[part] = present, break_even_months(cumulative)
    p10, p50, p90 = (float(value) for value in np.quantile(worth, (0.1, 0.5, 0.9)))
    return Simulation(
        draws=draws,
        seed=seed,
        p10=p10,
        p50=p50,
        p90=p90,
        owning_is_cheaper=float((worth < 0).mean()),
        months=_month_quantiles(months),
        never=float(np.isnan(months).mean()),
        shares=_explained(drawn, worth),
    )


def draw(one: Quantity, *, seed: int, draws: int) -> Array:
    """Values of one input.

    Raises:
        NoFigure: for an input without a range.
    """
    if one.low is None or one.high is None:
        raise NoFigure(f"{one.label} has no range")
    stream = np.random.default_rng(np.random.SeedSequence([seed, zlib.crc32(one.key.encode())]))
    if one.distribution == "uniform":
        return stream.uniform(one.low, one.high, draws)
    if one.distribution == "triangular":
        return stream.triangular(one.low, one.value, one.high, draws)
    if one.distribution == "lognormal":
        low, high = np.log(one.low), np.log(one.high)
        return np.exp(stream.normal((low + high) / 2, (high - low) / (2 * _TAIL), draws))
    spread = (one.high - one.low) / (2 * _TAIL)
    found = stream.normal((one.low + one.high) / 2, spread, draws)
    return np.maximum(found, 0.0) if one.low >= 0 else found


def _month_quantiles(months: Array) -> tuple[int | None, int | None, int | None]:
    """Never counts as later than any month."""
    late = np.sort(np.where(np.isnan(months), np.inf, months))
    picked = [late[min(int(share * late.size), late.size - 1)] for share in (0.1, 0.5, 0.9)]
    first, middle, last = (None if np.isinf(month) else int(month) for month in picked)
    return first, middle, last


def _explained(drawn: Mapping[str, Array], worth: Array) -> tuple[tuple[str, float], ...]:
    """Squared correlation of each input with the result, over their sum: inputs are drawn independently."""
    if worth.std() == 0:
        return ()
    squares = {key: float(np.corrcoef(column, worth)[0, 1] ** 2) for key, column in drawn.items() if column.std() > 0}
    whole = sum(squares.values())
    return tuple(sorted(((key, value / whole) for key, value in squares.items()), key=lambda pair: (-pair[1], pair[0])))


def deciding(swings: tuple[Swing, ...], most: int = 3) -> tuple[Swing, ...]:
    """The two or three inputs that decide: those that flip the answer first, then the largest swings."""
    ordered = sorted(swings, key=lambda one: (not one.flips, -abs(one.swing), one.quantity.key))
    largest = max((abs(one.swing) for one in ordered), default=0.0)
    kept = [one for at, one in enumerate(ordered) if at < 2 or one.flips or abs(one.swing) > largest / 3]  # noqa: PLR2004
    return tuple(kept[:most])
