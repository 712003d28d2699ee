"""Coverage: how much of the bill has a project, by which rule, and what has none."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from finops.money import add
from finops.report.figures import amount
from finops.report.footing import footing
from finops.report.model import Amount, Coverage, CoverageLine, NotComputable

_OPEN_NAMED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageFact:
    """Billed cost of the period under one rule, or (project None) of one provider, account and service without one."""

    project: str | None
    rule: str | None
    cause: str
    billed: Decimal


def coverage(facts: Sequence[CoverageFact], unit: Decimal) -> Coverage | NotComputable:
    """Allocated and unallocated billed cost, that add up to all of it, and their largest parts."""
    total = add(*(fact.billed for fact in facts))
    if not total:
        return NotComputable(reason="nothing was billed in the period")
    owned = [fact for fact in facts if fact.project is not None]
    lost = [fact for fact in facts if fact.project is None]
    sums = [add(*(fact.billed for fact in part)) for part in (owned, lost)]
    whole = amount(total, unit).shown
    shown = footing(sums, whole, unit)
    owned.sort(key=lambda one: (-one.billed, one.project or "", one.rule or ""))
    lost.sort(key=lambda one: (-one.billed, one.cause))
    rules, causes = (
        footing([fact.billed for fact in facts], total_shown, unit)
        for facts, total_shown in ((owned, shown[0]), (lost, shown[1]))
    )
    return Coverage(
        allocated=Amount(exact=sums[0], shown=shown[0]),
        unallocated=Amount(exact=sums[1], shown=shown[1]),
        share=sums[0] / total,
        rules=tuple(_line(one.project or "", one, at, total) for one, at in zip(owned, rules, strict=True)),
        open=tuple(_line(one.cause, one, at, total) for one, at in zip(lost, causes, strict=True))[:_OPEN_NAMED],
    )


def _line(name: str, fact: CoverageFact, shown: Decimal, total: Decimal) -> CoverageLine:
    return CoverageLine(
        name=name, rule=fact.rule, billed=Amount(exact=fact.billed, shown=shown), share=fact.billed / total
    )
