"""Holdings: commitments and credits of the period: what was used, what lapsed, what ends when."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from finops.money import add, subtract
from finops.periods import Period, previous_month
from finops.report.figures import amount
from finops.report.model import CommitmentLine, CreditLine, Figure, NotComputable

_SOON_DAYS = 45
_DAYS_A_MONTH = Decimal("30.4375")
"""A twelfth of 365.25 days."""
_QUIET_DAYS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentFact:
    """Sums of one commitment over the period's complete days.

    Attributes:
        used, unused: effective cost of covered usage and of what lapsed.
        contracted: what the covered usage costs at the contracted price without the commitment.
        ends_on: None where the export does not say.
    """

    identifier: str
    name: str | None
    kind: str | None
    provider: str
    used: Decimal
    unused: Decimal
    contracted: Decimal
    ends_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditFact:
    """One credit, by name: amounts per day of the period and the month before; negative where it lowers the bill."""

    name: str
    provider: str
    daily: Mapping[date, Decimal]


def commitment_lines(
    facts: Sequence[CommitmentFact], *, as_of: date, days_known: int, unit: Decimal
) -> tuple[CommitmentLine, ...]:
    """The commitments, those that end soon first, then by what they cost.

    Args:
        facts: of the period.
        as_of: the clock.
        days_known: complete days the sums cover.
        unit: step amounts are shown in.
    """
    lines = [_commitment(fact, as_of, days_known, unit) for fact in facts]
    return tuple(
        sorted(
            lines,
            key=lambda line: (
                not line.ends_soon,
                -(line.used.exact + line.unused.exact),
                line.identifier,
            ),
        )
    )


def _commitment(fact: CommitmentFact, as_of: date, days_known: int, unit: Decimal) -> CommitmentLine:
    paid = add(fact.used, fact.unused)
    effect: Figure
    if not days_known:
        effect = NotComputable(reason="no complete day of the month is known yet")
    elif not fact.contracted:
        effect = NotComputable(reason="the export does not say what its usage costs without it")
    else:
        effect = amount(subtract(fact.contracted, paid) / days_known * _DAYS_A_MONTH, unit)
    soon = fact.ends_on is not None and as_of <= fact.ends_on <= as_of + timedelta(days=_SOON_DAYS)
    return CommitmentLine(
        identifier=fact.identifier,
        name=fact.name or re.split("[/:]", fact.identifier)[-1],
        kind=fact.kind or "Commitment",
        provider=fact.provider,
        used=amount(fact.used, unit),
        unused=amount(fact.unused, unit),
        utilisation=fact.used / paid if paid else NotComputable(reason="nothing was paid for it in the period"),
        covered_at_contract=amount(fact.contracted, unit),
        ends_on=fact.ends_on,
        ends_soon=soon,
        monthly_effect=effect,
    )


def credit_lines(
    facts: Sequence[CreditFact], period: Period, *, data_to: date | None, unit: Decimal
) -> tuple[CreditLine, ...]:
    """The credits of the period and the month before, the largest first."""
    before = previous_month(period)
    lines = []
    for fact in facts:
        days = [day for day, value in fact.daily.items() if value]
        if not days:
            continue
        lines.append(
            CreditLine(
                name=fact.name,
                provider=fact.provider,
                previous=amount(_sum(fact, before, None), unit),
                to_date=amount(_sum(fact, period, data_to), unit),
                last_day=max(days),
                has_ended=has_ended(days, data_to),
            )
        )
    return tuple(sorted(lines, key=lambda line: (line.previous.exact + line.to_date.exact, line.name)))


def has_ended(days: Collection[date], data_to: date | None) -> bool:
    """Whether a credit has run out: none on the last three complete days, though it came on most of two weeks before.

    Args:
        days: on which it came, at least one.
        data_to: the last complete day.
    """
    last = max(days)
    if data_to is None or last > data_to - timedelta(days=_QUIET_DAYS):
        return False
    return sum(1 for day in days if last - timedelta(days=14) < day <= last) >= 10  # noqa: PLR2004 - ten of fourteen days


def _sum(fact: CreditFact, period: Period, data_to: date | None) -> Decimal:
    return add(*(a for day, a in fact.daily.items() if day in period and (data_to is None or day <= data_to)))
