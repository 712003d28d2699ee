"""Bars: how wide and to which side each gap's bar in a table cell is, on one scale per table.

The zero line stands at 30 % of the cell; widths are whole percent of it, so that style sheets can name them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Literal

ROOM_LEFT = 30
ROOM_RIGHT = 70


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One cell: `plus` runs right of the zero line, `minus` left of it, empty is no bar."""

    side: Literal["plus", "minus", ""]
    width: int


def bars(gaps: Sequence[Decimal]) -> tuple[Bar, ...]:
    """Bars of one table.

    Args:
        gaps: one per row, in any unit; plus is over budget.

    >>> bars([Decimal(20), Decimal(-3), Decimal(0)])
    (Bar(side='plus', width=70), Bar(side='minus', width=10), Bar(side='', width=0))
    """
    above = max((gap for gap in gaps if gap > 0), default=Decimal(0))
    below = -min((gap for gap in gaps if gap < 0), default=Decimal(0))
    scales = [Decimal(room) / gap for room, gap in ((ROOM_RIGHT, above), (ROOM_LEFT, below)) if gap]
    scale = min(scales, default=Decimal(0))
    return tuple(_bar(gap * scale) for gap in gaps)


def _bar(percent: Decimal) -> Bar:
    if percent == 0:
        return Bar(side="", width=0)
    width = max(1, int(abs(percent).to_integral_value(rounding=ROUND_HALF_EVEN)))  # a small gap stays visible
    return Bar(side="plus" if percent > 0 else "minus", width=width)
