"""How a table stands to the specification's rules: rows and cost that break each, as Findings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from finops.findings import Finding
from finops.focus.columns import MONEY, TEXT
from finops.focus.rules import Rule, broken, evaluated, is_off, not_evaluated

if TYPE_CHECKING:
    import ibis.expr.types as ir

_AT_ONCE = 40
"""Rules of one query: the time to plan one grows faster than its length."""
_SHARE = Decimal("0.000001")
"""Shares are told to the millionth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conformity:
    """A table held against the rules.

    Attributes:
        rows: of the table.
        evaluated: rules the table was held against.
        findings: one per broken rule: those that must hold are errors, the others warnings.
        not_evaluated: every other published id, with the reason.
    """

    rows: int
    evaluated: tuple[Rule, ...]
    findings: tuple[Finding, ...]
    not_evaluated: Mapping[str, str]

    @property
    def failing(self) -> tuple[str, ...]:
        """Ids of the broken rules."""
        return tuple(finding.rule for finding in self.findings)


def counted(table: "ir.Table", rules: Sequence[Rule] | None = None) -> "tuple[ir.Table, ...]":
    """Rows and cost that break each rule, per currency: queries of some rules each, see `judged`.

    `r7`, `b7` and `c7` are rows, billed cost and its size of the eighth rule; `rows` and `size` those of the table. A
    size adds up the amounts without their signs: else a credit would hide what it takes off.
    """
    rules = evaluated() if rules is None else rules
    found = [(f"r{at}", cell) for at, rule in enumerate(rules) if (cell := broken(rule, table)) is not None]
    return tuple(_counted(table, dict(found[at : at + _AT_ONCE])) for at in range(0, max(len(found), 1), _AT_ONCE))


def _counted(table: "ir.Table", cells: "Mapping[str, ir.BooleanValue]") -> "ir.Table":
    seen = table.select(
        currency=_cell(table, "BillingCurrency", TEXT), billed=_cell(table, "BilledCost", MONEY), **cells
    )
    size = seen.billed.abs()
    return seen.group_by("currency").agg(
        rows=seen.count(),
        size=size.sum(),
        **{name: seen[name].cast("int64").sum() for name in cells},
        **{f"b{name[1:]}": seen.billed.sum(where=seen[name]) for name in cells},
        **{f"c{name[1:]}": size.sum(where=seen[name]) for name in cells},
    )


def _cell(table: "ir.Table", name: str, kind: str) -> "ir.Value":
    """The column as it should be; null where the table has none that can be read so: a rule says that."""
    import ibis

    return table[name].try_cast(kind) if name in table.columns else ibis.null(kind)


def judged(
    counted: Iterable[Mapping[str, Any]], columns: "Mapping[str, Any]", rules: Sequence[Rule] | None = None
) -> Conformity:
    """What the counts say.

    Args:
        counted: the rows of all queries of `counted`.
        columns: names and types of the table's columns.
        rules: as given to `counted`.
    """
    rules = evaluated() if rules is None else rules
    merged: dict[str | None, dict[str, Any]] = {}
    for row in counted:
        merged.setdefault(row["currency"], {}).update(row)
    counts = list(merged.values())
    rows = int(sum(count["rows"] for count in counts))
    findings = []
    for at, rule in enumerate(rules):
        if is_off(rule, columns):
            findings.append(_finding(rule, rows, Decimal(1), [(count["currency"], None) for count in counts]))
        elif f"r{at}" in (counts[0] if counts else ()):
            hit = [count for count in counts if count[f"r{at}"]]
            if hit:
                share = max(_share(count[f"c{at}"], count["size"]) for count in hit)
                amounts = [(count["currency"], count[f"b{at}"] or Decimal(0)) for count in hit]
                findings.append(_finding(rule, int(sum(count[f"r{at}"] for count in hit)), share, amounts))
    return Conformity(rows=rows, evaluated=tuple(rules), findings=tuple(findings), not_evaluated=dict(not_evaluated()))


def _finding(rule: Rule, rows: int, share: Decimal, amounts: Sequence[tuple[str | None, Decimal | None]]) -> Finding:
    """One broken rule; its cost where it is all in one currency, its share that of the currency most concerned."""
    currency, cost = amounts[0] if len(amounts) == 1 else (None, None)
    return Finding(
        rule=rule.id,
        severity="error" if rule.is_strict else "warning",
        message=f"{rule.column}: {rule.says}",
        rows=rows,
        cost=cost,
        currency=currency if cost is not None else None,
        cost_share=share.quantize(_SHARE),
    )


def _share(part: Decimal | None, whole: Decimal | None) -> Decimal:
    """Of the whole; nothing where there is none."""
    return (part or Decimal(0)) / whole if whole else Decimal(0)
