"""Quantity: one input of a scenario with its unit, its date, its source, and how far off it may be."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from finops.tco.expression import Expression, Value

Kind = Literal["measured", "configured", "assumed"]
Distribution = Literal["triangular", "uniform", "normal", "lognormal"]

FRESH_DAYS = 365
"""An input older than this is flagged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """An input.

    Attributes:
        key: unique in the study, for example `own server.server.cost`.
        label: what it is, for readers.
        value: in `unit`, money in the study's currency.
        unit: for example `EUR/h`, `share`, `kW`.
        kind: measured (read from the bill), configured (stands in the scenario as somebody's figure) or assumed.
        as_of: the day it held; source: where it is from.
        low, high: what it may as well be; None for both where it is taken as certain.
        distribution: between low and high: triangular (its peak is the value), uniform; normal and lognormal
            take low and high as their 5 % and 95 % points.
    """

    key: str
    label: str
    value: float
    unit: str
    kind: Kind
    as_of: date
    source: str
    low: float | None = None
    high: float | None = None
    distribution: Distribution = "triangular"

    @property
    def term(self) -> Expression:
        """The input in a formula."""
        return Value(self.key)

    @property
    def is_uncertain(self) -> bool:
        """Whether it has a range."""
        return self.low is not None and self.high is not None and self.low < self.high

    def is_stale(self, today: date) -> bool:
        """Whether it is older than twelve months."""
        return (today - self.as_of).days > FRESH_DAYS


def values_of(quantities: Mapping[str, Quantity]) -> dict[str, float]:
    """Input values by key."""
    return {key: one.value for key, one in quantities.items()}
