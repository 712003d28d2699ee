"""Alerts: which outlooks need a decision, and how urgently."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from finops.budgets.outlook import Outlook

Level = Literal["high", "medium"]

HIGH_CHANCE = 0.9
HIGH_GAP = Decimal("0.05")
MEDIUM_CHANCE = 0.6
"""High: chance of at least 90 % and a gap of at least 5 % of the limit, or already over. Medium: at least 60 %."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OverrunAlert:
    """A budget that is, or is likely to end, over its limit."""

    level: Level
    outlook: Outlook


def overruns(outlooks: Iterable[Outlook]) -> tuple[OverrunAlert, ...]:
    """The alerts among outlooks: high before medium, then by chance, then by gap, the largest first."""
    found = [OverrunAlert(level=level, outlook=one) for one in outlooks if (level := _level(one)) is not None]
    return tuple(
        sorted(
            found,
            key=lambda alert: (
                alert.level != "high",
                -(alert.outlook.chance_over or 0),
                -(alert.outlook.gap or Decimal(0)),
                alert.outlook.budget.name,
            ),
        )
    )


def _level(one: Outlook) -> Level | None:
    if one.already_over:
        return "high"
    chance, gap = one.chance_over, one.gap
    if chance is None or gap is None or one.limit is None:
        return None
    if chance >= HIGH_CHANCE and gap >= HIGH_GAP * abs(one.limit):
        return "high"
    return "medium" if chance >= MEDIUM_CHANCE else None
