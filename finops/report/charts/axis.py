"""Axis: round ticks, panels that place values, and labels moved apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from finops.report.locale import Locale

GRID_LINES = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One plotting area: where it is on the drawing, in points from the top, and its value axis."""

    top: float
    bottom: float
    low: float
    high: float
    ticks: tuple[float, ...]

    def y(self, value: float) -> float:
        """Points from the top at which a value stands."""
        return self.bottom - (value - self.low) / (self.high - self.low) * (self.bottom - self.top)


def panel_of(
    *, top: float, bottom: float, values: Sequence[float], lines: int = GRID_LINES, from_zero: bool = True
) -> Panel:
    """A value axis that holds all values on round ticks."""
    low, high = min(values, default=0.0), max(values, default=0.0)
    if from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    marks = ticks(low, high, lines)
    room = (marks[1] - marks[0]) / 4
    highest = max(high, marks[-1]) if from_zero else high + room
    return Panel(top=top, bottom=bottom, low=min(low, marks[0]), high=highest, ticks=marks)


def apart(places: Sequence[float], gap: float) -> list[float]:
    """Ascending places moved as little as possible until neighbours are `gap` apart.

    >>> apart([10.0, 12.0, 40.0], 11.0)
    [5.5, 16.5, 40.0]
    """
    groups: list[list[float]] = []
    for place in places:
        groups.append([place])
        while len(groups) > 1 and _first(groups[-1], gap) - _last(groups[-2], gap) < gap:
            groups[-2:] = [groups[-2] + groups[-1]]
    return [_first(group, gap) + n * gap for group in groups for n in range(len(group))]


def ticks(low: float, high: float, lines: int) -> tuple[float, ...]:
    """Round values from low to high, at most `lines` of them and at least two.

    >>> ticks(0, 263.6, 7)
    (0.0, 50.0, 100.0, 150.0, 200.0, 250.0)
    """
    bottom, top = Decimal(repr(low)), Decimal(repr(high))
    magnitude = Decimal(10) ** ((top - bottom).adjusted() - 1) if top > bottom else Decimal(1)
    for factor in (1, 2, 5, 10, 20, 50):
        step = magnitude * factor
        first = (bottom / step).to_integral_value(rounding=ROUND_CEILING)
        last = (top / step).to_integral_value(rounding=ROUND_FLOOR)
        if 2 <= last - first + 1 <= lines:  # noqa: PLR2004 - one tick gives no scale
            return tuple(float(step * n) for n in range(int(first), int(last) + 1))
    return (low, high if high > low else low + 1)


def tick_text(locale_: Locale, value: float, *, signed: bool) -> str:
    """A tick with as many decimals as it has."""
    exact = Decimal(repr(value)).normalize()
    exponent = exact.as_tuple().exponent
    places = max(0, -exponent) if isinstance(exponent, int) else 0
    return locale_.signed(exact, places=places) if signed else locale_.number(exact, places=places)


def _first(group: Sequence[float], gap: float) -> float:
    """Where the first of a group stands when the group is centred on its mean."""
    return sum(group) / len(group) - gap * (len(group) - 1) / 2


def _last(group: Sequence[float], gap: float) -> float:
    return _first(group, gap) + gap * (len(group) - 1)
