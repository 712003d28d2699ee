"""Sums: what groups of line items add up to, and whether their net costs are what the invoice adds up to."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from finops.money import add, subtract

_NOISE_PER_ROW = Decimal("1e-9")
"""Difference of net and unblended sums that rounding explains, per row: reports carry 10 places."""
_NOISE_OF_SUM = Decimal("1e-12")
"""The same as a share of what is added; the mapping adds floats."""


@dataclass(slots=True)
class Sums:
    """What a group of line items adds up to.

    Attributes:
        rows: line items.
        blank: rows without an unblended cost.
        gross: unblended cost.
        net: net unblended cost; the unblended one where a row has no net.
        size: unblended cost without signs.
        rounded: unblended costs with more than 18 places.
        net_rounded: the same of net costs.
        no_share: rows a commitment covers without saying what share of it they take.
        discounts: sums of discount columns by kind, as floats: total, single, map.
    """

    rows: int = 0
    blank: int = 0
    gross: Decimal = Decimal(0)
    net: Decimal = Decimal(0)
    size: Decimal = Decimal(0)
    rounded: int = 0
    net_rounded: int = 0
    no_share: int = 0
    discounts: Counter[str] = field(default_factory=Counter)

    @property
    def gap(self) -> Decimal:
        """Net minus unblended cost."""
        return subtract(self.net, self.gross)

    @property
    def noise(self) -> Decimal:
        """A gap that rounding explains."""
        return self.rows * _NOISE_PER_ROW + self.size * _NOISE_OF_SUM

    @property
    def ties_out(self) -> bool:
        """Whether the net column is what the invoice adds up to: no gap, or one that a kind of discount explains."""
        gap = abs(self.gap)
        return gap <= self.noise or any(
            abs(gap - Decimal(repr(abs(float(discount))))) <= self.noise for discount in self.discounts.values()
        )

    def take(self, other: "Sums") -> None:
        """Add another group."""
        self.rows += other.rows
        self.blank += other.blank
        self.gross = add(self.gross, other.gross)
        self.net = add(self.net, other.net)
        self.size = add(self.size, other.size)
        self.rounded += other.rounded
        self.net_rounded += other.net_rounded
        self.no_share += other.no_share
        for name, amount in other.discounts.items():
            self.discounts[name] += amount


@dataclass(frozen=True, slots=True)
class Group:
    """What line items are summed by; a split row divides another row's cost and counts nowhere."""

    month: str
    currency: str
    account: str
    type: str
    split: bool


Groups = dict[Group, Sums]


def totals(groups: Groups, by: Callable[[Group], tuple[str, str]]) -> dict[tuple[str, str], Sums]:
    """Sums of the groups that have the same key."""
    found: dict[tuple[str, str], Sums] = {}
    for group, sums in groups.items():
        found.setdefault(by(group), Sums()).take(sums)
    return found
