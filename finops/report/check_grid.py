"""What `finops check` says: findings and budgets at risk as a table, as records, as JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from finops.budgets.alerts import OverrunAlert
from finops.findings import Finding
from finops.focus.conformity import Conformity
from finops.report import records
from finops.report.grid import Column, Grid, Row

SCHEMA: Final = "finops.check/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetAtRisk:
    """A budget that is, or is likely to end, over its limit; `chance_over` from 0 to 1."""

    budget: str
    level: str
    limit: Decimal | None
    gap: Decimal | None
    chance_over: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotEvaluated:
    """A published rule that no table can be held against, and why."""

    id: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FocusRules:
    """The specification's rules: how many rows were held against which, which broke, and which cannot be evaluated."""

    version: str
    rows: int
    evaluated: tuple[str, ...]
    failing: tuple[str, ...]
    not_evaluated: tuple[NotEvaluated, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRecord:
    """What was checked and what was found."""

    as_of: date
    known_at: datetime | None
    findings: tuple[Finding, ...]
    budgets: tuple[BudgetAtRisk, ...]
    focus: FocusRules | None


def to_json(
    findings: Sequence[Finding],
    alerts: Sequence[OverrunAlert],
    conformity: Conformity | None,
    *,
    as_of: date,
    known_at: datetime | None,
) -> str:
    """Everything, exact and not localised."""
    record = CheckRecord(
        as_of=as_of,
        known_at=known_at,
        findings=tuple(findings),
        budgets=tuple(_at_risk(alert) for alert in alerts),
        focus=_rules(conformity) if conformity else None,
    )
    return records.to_json(record, schema=SCHEMA)


def finding_records(findings: Sequence[Finding]) -> tuple[Sequence[str], list[list[str]]]:
    """Header and rows for CSV."""
    header = ("rule", "severity", "source", "rows", "cost", "currency", "cost_share", "message")
    rows = [
        [
            *(finding.rule, finding.severity, finding.source or "", "" if finding.rows is None else str(finding.rows)),
            *(_exact(finding.cost), finding.currency or "", _exact(finding.cost_share), finding.message),
        ]
        for finding in findings
    ]
    return header, rows


def check_grid(
    findings: Sequence[Finding], alerts: Sequence[OverrunAlert], conformity: Conformity | None, *, details: bool = False
) -> Grid:
    """Findings and budgets at risk for readers; `details` lists every rule that cannot be evaluated."""
    columns = (
        Column(header="Severity", align="left"),
        Column(header="Rule", align="left"),
        Column(header="Source", align="left", dropped=2),
        Column(header="Rows"),
        Column(header="Cost", dropped=1),
        Column(header="Share"),
        Column(header="What", align="left"),
    )
    rows = [_row(finding) for finding in findings] + [_budget_row(alert) for alert in alerts]
    title = f"FOCUS 1.2, {conformity.rows:,} rows as exported" if conformity else "Data and budgets"
    notes = list(_notes(conformity, details=details)) if conformity else []
    return Grid(title=title, columns=columns, rows=tuple(rows), notes=("", *(notes or [_summary(findings, alerts)])))


def _notes(conformity: Conformity, *, details: bool) -> "list[str]":
    broken = len(conformity.failing)
    lines = [
        f"{len(conformity.evaluated)} rules evaluated, {broken or 'none'} broken.",
        f"{len(conformity.not_evaluated)} published ids no table can be held against"
        + (":" if details else "; --verbose or --format json lists them."),
    ]
    if not details:
        return lines
    by_reason: dict[str, list[str]] = {}
    for name, why in conformity.not_evaluated.items():
        by_reason.setdefault(why, []).append(name)
    return lines + [f"  {why}: {', '.join(names)}" for why, names in by_reason.items()]


def _summary(findings: Sequence[Finding], alerts: Sequence[OverrunAlert]) -> str:
    counts = {name: sum(finding.severity == name for finding in findings) for name in ("error", "warning", "info")}
    told = ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "nothing found"
    return f"Data: {told}. Budgets over their limit or expected to be: {len(alerts)}."


def _row(finding: Finding) -> Row:
    cost = "" if finding.cost is None else f"{finding.cost:,.2f} {finding.currency or ''}".strip()
    share = "" if finding.cost_share is None else f"{finding.cost_share:.1%}"
    rows = "" if finding.rows is None else f"{finding.rows:,}"
    return Row(
        cells=(finding.severity, finding.rule, finding.source or "", rows, cost, share, finding.message),
        style="high" if finding.severity == "error" else "medium" if finding.severity == "warning" else "plain",
    )


def _budget_row(alert: OverrunAlert) -> Row:
    risk = _at_risk(alert)
    gap = "" if risk.gap is None else f"{risk.gap:,.2f}"
    chance = "" if risk.chance_over is None else f"{risk.chance_over:.0%}"
    what = (
        f"{risk.budget}: already over its limit" if alert.outlook.already_over else f"{risk.budget}: chance of overrun"
    )
    return Row(cells=(alert.level, "budget.overrun", "", "", gap, chance, what), style=alert.level)


def _at_risk(alert: OverrunAlert) -> BudgetAtRisk:
    outlook = alert.outlook
    chance = outlook.chance_over
    return BudgetAtRisk(
        budget=outlook.budget.name,
        level=alert.level,
        limit=outlook.limit,
        gap=outlook.gap,
        chance_over=None if chance is None else Decimal(str(round(chance, 4))),
    )


def _rules(conformity: Conformity) -> FocusRules:
    return FocusRules(
        version="1.2",
        rows=conformity.rows,
        evaluated=tuple(rule.id for rule in conformity.evaluated),
        failing=conformity.failing,
        not_evaluated=tuple(NotEvaluated(id=name, why=why) for name, why in conformity.not_evaluated.items()),
    )


def _exact(amount: Decimal | None) -> str:
    return "" if amount is None else records.digits(amount)


SCHEMA_DOCUMENT: Final = records.schema_document(CheckRecord, schema=SCHEMA, title="What finops check found")
