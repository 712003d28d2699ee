"""Commitments: until when each savings plan and reservation that a bill names is paid for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

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
