"""Event: a dated fact that the history cannot know: a launch, a migration, an expiry, a price change, a workload."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from finops.series import Scope

Kind = Literal["percent", "per_day", "once", "growth"]
Origin = Literal["finops.toml", "option", "scenario", "bill"]

KINDS: tuple[Kind, ...] = ("percent", "per_day", "once", "growth")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What changes, from when to when, by how much, and how sure that is.

    Attributes:
        name: identity; what its step is called.
        scope: which cost it concerns; everything without fields.
        start: first day it has an effect.
        until: first day it no longer has; None for ever. The days between share what comes `once`; growth stops.
        kind: percent: of what would be spent anyway; per_day: an amount a day; once: an amount in all; growth: per
            cent a month, compounding from `start`.
        amount: plus is more spend; in the report's currency where it is money.
        plus_minus: half the width of its 80 % range, in the same unit as `amount`.
        chance: that it happens at all, over 0 to 1.
        measure: the one it concerns; None for every cost.
        origin: where it was found.
        currency: of an amount that is not in the report's yet; None where it is.
        basis: what the amount rests on, in words, where that has to be said; empty where not.
    """

    name: str
    start: date
    kind: Kind
    amount: Decimal
    scope: Scope = field(default_factory=Scope)
    until: date | None = None
    plus_minus: Decimal = Decimal(0)
    chance: Decimal = Decimal(1)
    measure: str | None = None
    origin: Origin = "finops.toml"
    currency: str | None = None
    basis: str = ""

    def active(self, day: date) -> bool:
        """Whether the day lies between start and until."""
        return self.start <= day and (self.until is None or day < self.until)

    def state(self, data_to: date, horizon: date) -> Literal["ahead", "under way", "in the data", "beyond"]:
        """Where it stands: ahead; begun, with its end or growth still to come; wholly in the data; after the horizon.

        Args:
            data_to: last complete day.
            horizon: first day after the forecast.
        """
        if self.start >= horizon:
            return "beyond"
        if self.start > data_to:
            return "ahead"
        ends_later = self.until is not None and data_to + _DAY < self.until
        if self.kind == "growth":
            return "under way" if self.until is None or ends_later else "in the data"
        return "under way" if ends_later and self.until is not None and self.until < horizon else "in the data"


_DAY = timedelta(days=1)
