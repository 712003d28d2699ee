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
    return Coverage(
        allocated=Amount(exact=sums[0], shown=shown[0]),
        unallocated=Amount(exact=sums[1], shown=shown[1]),
        share=sums[0] / total,
        rules=tuple(
            _line(fact.project or "", fact, total, unit)
            for fact in sorted(owned, key=lambda one: (-one.billed, one.project or "", one.rule or ""))
        ),
        open=tuple(
            _line(fact.cause, fact, total, unit)
            for fact in sorted(lost, key=lambda one: (-one.billed, one.cause))[:_OPEN_NAMED]
        ),
    )


def _line(name: str, fact: CoverageFact, total: Decimal, unit: Decimal) -> CoverageLine:
    return CoverageLine(name=name, rule=fact.rule, billed=amount(fact.billed, unit), share=fact.billed / total)
