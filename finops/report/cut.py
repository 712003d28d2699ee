"""Cut: where the value axis of a bridge begins, so that its steps can be seen beside its totals."""

from decimal import ROUND_FLOOR, Decimal

from finops.money import add, subtract
from finops.report.model import Bridge

_VISIBLE = Decimal("0.6")
"""How much of the spread of the steps stays visible of the totals below them."""
_WORTH_CUTTING = Decimal("0.3")
"""An axis is cut where it takes away at least this share of the highest level."""


def levels(bridge: Bridge) -> tuple[Decimal, ...]:
    """Where the bridge stands at its start, after each step, and at its end, exact."""
    found = [bridge.start.exact]
    for step in bridge.steps:
        found.append(add(found[-1], step.amount.exact))
    return (*found, bridge.end.exact)


def cut(bridge: Bridge) -> Decimal:
    """The value the axis begins at; zero where it is not cut."""
    low, high = min(levels(bridge)), max(levels(bridge))
    spread = subtract(high, low)
    floor = low - spread * _VISIBLE
    if not spread or floor < high * _WORTH_CUTTING or floor <= 0:
        return Decimal(0)
    step = Decimal(10) ** spread.adjusted()
    return (floor / step).to_integral_value(rounding=ROUND_FLOOR) * step
