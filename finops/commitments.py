"""Commitments: until when each savings plan and reservation is paid for, as a bill and finops.toml tell it."""

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from finops.periods import HOURS_A_DAY
from finops.series import Scope

if TYPE_CHECKING:
    import ibis.expr.types as ir


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """A commitment as a bill tells of it.

    Attributes:
        identifier: the provider's, as in `CommitmentDiscountId`.
        end: the first UTC day it no longer covers.
        name, kind, provider: as billed; None where the bill does not say.
    """

    identifier: str
    end: date
    name: str | None = None
    kind: str | None = None
    provider: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """A commitment as finops.toml tells of it: what exports lack.

    Attributes:
        identifier: the provider's, as in `CommitmentDiscountId`, or what follows its last slash or colon.
        start: the first UTC day it covers; None for one that runs already, since when is not said.
        end: the first UTC day it no longer covers.
        hourly: paid every hour, used or not.
        upfront: paid once, on the first day; nothing of it without a start.
        discount: in per cent of the price without it; None where not said.
        scope: the usage it can cover, once it begins; everything without fields.
        currency: of hourly and upfront; None for the report's.
    """

    identifier: str
    end: date
    start: date | None = None
    hourly: Decimal = Decimal(0)
    upfront: Decimal = Decimal(0)
    discount: Decimal | None = None
    scope: Scope = field(default_factory=Scope)
    currency: str | None = None
    name: str | None = None

    @property
    def recurring(self) -> Decimal:
        """What is billed a day: 0.5 an hour is 12."""
        return self.hourly * HOURS_A_DAY

    @property
    def daily(self) -> Decimal:
        """What it costs a day over its life: 0.5 an hour and 3650 at the start of 365 days is 22."""
        days = (self.end - self.start).days if self.start is not None else 0
        return self.recurring + self.upfront / days if days else self.recurring

    @property
    def covers(self) -> Decimal | None:
        """The usage a day that `daily` stands for; None where no discount is said."""
        return None if self.discount is None else covered_usage(self.daily, self.discount)

    def is_called(self, identifier: str) -> bool:
        """Whether the bill means this one by an identifier."""
        return self.identifier in {identifier, tail(identifier)}


def covered_usage(fee: Decimal, discount: Decimal) -> Decimal:
    """What the usage that a fee stands for costs without the commitment: fee / (1 - discount).

    The fee is AWS's `AmortizedCommitment`, the usage, all of it used, its `OnDemandCostEquivalent`:
    https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_SavingsPlansUtilizationAggregates.html

    Args:
        fee: of any span, such as a day; plus is paid. The usage is of the same span, currency and sign.
        discount: in per cent of the price without it, from 0 to less than 100.

    >>> covered_usage(Decimal("24.0"), discount=Decimal(20))
    Decimal('30')
    """
    return fee / (1 - discount / 100)


def tail(identifier: str) -> str:
    """What follows the last slash or colon: `arn:aws:savingsplans::1:savingsplan/0001-plan` is `0001-plan`."""
    return re.split(r"[/:]", identifier)[-1]


@functools.lru_cache(maxsize=16)  # as in `allocation.table`
def ends(cost: "ir.Table") -> "ir.Table":
    """What `of_rows` needs, one row per commitment whose end the rows of `cost` tell."""
    rows = cost.filter(cost.CommitmentDiscountId.notnull() & cost.x_CommitmentEnd.notnull())
    return rows.group_by(identifier=rows.CommitmentDiscountId).agg(
        name=rows.CommitmentDiscountName.max(),
        kind=rows.CommitmentDiscountType.max(),
        provider=rows.ProviderName.max(),
        end=rows.x_CommitmentEnd.max().date(),
    )


def of_rows(rows: Iterable[Mapping[str, Any]]) -> tuple[Commitment, ...]:
    """The rows of `ends` as commitments, sorted by end and identifier."""
    return latest(Commitment(**row) for row in rows)


def latest(told: Iterable[Commitment]) -> tuple[Commitment, ...]:
    """Each commitment once, with the last end and the greatest name, kind and provider that it is told with."""
    found: dict[str, list[Commitment]] = {}
    for one in told:
        found.setdefault(one.identifier, []).append(one)
    merged = (
        Commitment(
            identifier=identifier,
            end=max(one.end for one in same),
            name=max((one.name for one in same if one.name is not None), default=None),
            kind=max((one.kind for one in same if one.kind is not None), default=None),
            provider=max((one.provider for one in same if one.provider is not None), default=None),
        )
        for identifier, same in found.items()
    )
    return tuple(sorted(merged, key=lambda one: (one.end, one.identifier)))
