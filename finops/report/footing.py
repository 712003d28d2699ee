"""Footing: rounding parts so that they add up to a total that is already rounded."""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal

from finops.money import add, subtract


def footing(parts: Sequence[Decimal], total: Decimal, unit: Decimal) -> tuple[Decimal, ...]:
    """Round parts to whole units so that they add up to a shown total (largest remainder).

    Args:
        parts: exact amounts; at least one where the total is not zero.
        total: a multiple of the unit, close to the exact sum, as where a subtotal was rounded before its parts.
        unit: step to round to.

    Returns:
        One multiple of `unit` per part, adding up to `total`.

    >>> footing([Decimal("1.4"), Decimal("1.4")], Decimal(2), Decimal(1))
    (Decimal('1'), Decimal('1'))
    """
    if not parts:
        return ()
    floors = [(part / unit).to_integral_value(rounding=ROUND_FLOOR) for part in parts]
    missing = int(subtract(total / unit, *floors))
    by_remainder = sorted(range(len(parts)), key=lambda at: (subtract(floors[at], parts[at] / unit), at))
    steps = [0] * len(parts)
    for count in range(abs(missing)):
        # More steps than parts, or steps down, come only from a total that was itself moved by a unit.
        at = by_remainder[count % len(parts)] if missing > 0 else by_remainder[-1 - count % len(parts)]
        steps[at] += 1 if missing > 0 else -1
    return tuple(add(floor, Decimal(step)) * unit for floor, step in zip(floors, steps, strict=True))
