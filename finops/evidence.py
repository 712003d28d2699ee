"""Evidence: what a report rests on, read from the tables: money from export to table to report, freshness, findings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from finops import quality
from finops.findings import Finding
from finops.money import add, subtract
from finops.periods import Period
from finops.rates import Conversion
from finops.report.model import BridgeStep, Reconciliation, ReconciliationRow, SourceFreshness
from finops.series import MEASURES
from finops.store import receipt
from finops.store.engine import Engine
from finops.store.lake import DataFile
from finops.store.receipt import Receipt
from finops.store.tables import Tables

if TYPE_CHECKING:
    import ibis.expr.types as ir


_INVOICE_LINES = ("rounding_error", "tax")
"""Google's cost types of an invoice's own lines (Cloud Billing documentation, November 2026)."""
_PACIFIC_HOURS = 8
"""Google's months end at midnight in US Pacific time, which is seven or eight hours later than in UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a report of one month rests on.

    Attributes:
        billed, allocated_billed: billed cost of the month, and the part of it that has a project.
        states: what identifies the exports and rules read, whatever their files are called; sorted.
        final: whether every charge of the month is invoiced.
    """

    reconciliation: Reconciliation
    freshness: tuple[SourceFreshness, ...]
    findings: tuple[Finding, ...]
    billed: Decimal
    allocated_billed: Decimal
    states: tuple[str, ...]
    final: bool


def gather(
    tables: Tables,
    engine: Engine,
    *,
    month: Period,
    measure: str,
    as_of: date,
    known_at: datetime | None,
    conversion: Conversion,
) -> Evidence:
    """Read the evidence of one month.

    Args:
        tables: of the store.
        engine: reads them.
        month: reported.
        measure: a key of `series.MEASURES`, of money.
        as_of: the clock; later charges do not count as fresh.
        known_at: the tables as they were then; None for now.
        conversion: into the report's currency; the reconciliation stays in the bill's.
    """
    label = month.months()[0]
    files = _files_behind(tables, known_at)
    of_month = [file for file in files if file.month == label]
    parts = {(file.source, file.part) for file in of_month}
    receipts = {
        file.path: receipt.parsed(tables.cost.note(file)) for file in files if (file.source, file.part) in parts
    }
    allocated = tables.read_allocated(engine, known_at=known_at)
    sums = engine.rows(_sums(allocated, label, measure))
    in_one = [_in_one_currency(row, conversion) for row in sums]
    cost = tables.read_cost(engine, of_month, "cost_of_month")
    in_cost = engine.rows(_cost_sums(cost))
    told = [finding for one in receipts.values() if one is not None for finding in one.findings]
    for one in quality.qualities(engine.rows(quality.by_day(cost)), as_of=as_of):
        told += quality.findings(one, as_of=as_of, is_newest=False)  # freshness has its own table
    return Evidence(
        reconciliation=Reconciliation(
            rows=_reconciliation(of_month, receipts, in_cost, sums, label), steps=_steps(in_one, measure)
        ),
        freshness=_freshness(engine, allocated, files, as_of),
        findings=tuple(told),
        billed=add(*(row["billed"] for row in in_one)),
        allocated_billed=add(*(row["billed"] for row in in_one if row["has_project"])),
        states=tuple(sorted({f"{file.source} {file.month} {file.part} {file.state}" for file in files})),
        final=bool(in_cost) and as_of >= month.end + timedelta(days=1) and not engine.rows(_open_bills(cost)),
    )


def _files_behind(tables: Tables, known_at: datetime | None) -> list[DataFile]:
    """The files of `cost` that `allocated` was made from: two tables are two commits, so `cost` may be one ahead."""
    built_from = tables.allocated.built_from(known_at=known_at)
    if built_from is None:  # another program wrote last
        return tables.cost.files(known_at=known_at)
    return tables.cost.files(version=built_from)


def _sums(allocated: "ir.Table", month: str, measure: str) -> "ir.Table":
    rows = allocated.filter(allocated.x_BillingMonth == month)
    rows = rows.select(
        "x_Source",
        "x_Day",
        "BillingCurrency",
        "ChargeCategory",
        "CommitmentDiscountStatus",
        has_project=rows.x_Project.notnull(),
        billed=rows.BilledCost,
        measured=rows[MEASURES[measure]],
    )
    keys = ["x_Source", "x_Day", "BillingCurrency", "ChargeCategory", "CommitmentDiscountStatus", "has_project"]
    return rows.group_by(keys).agg(billed=rows.billed.sum(), measured=rows.measured.sum())


def _in_one_currency(row: dict[str, Any], conversion: Conversion) -> dict[str, Any]:
    day, currency = row["x_Day"], row["BillingCurrency"]
    return {**row, **{name: conversion(row[name], day, currency) for name in ("billed", "measured")}}


def _cost_sums(cost: "ir.Table") -> "ir.Table":
    return cost.group_by("x_Source", "BillingCurrency").agg(billed=cost.BilledCost.sum())


def _open_bills(cost: "ir.Table") -> "ir.Table":
    """The bills of a month that are not invoiced: charges have no invoice, and no line of one was exported either.

    Google's exports name no invoice. They get its lines (rounding to cents, tax) when it is issued, after the month.
    """
    import ibis

    is_open = cost.InvoiceId.isnull() & (cost.BilledCost != 0)
    after_month = cost.x_ExportTime >= cost.BillingPeriodEnd + ibis.interval(hours=_PACIFIC_HOURS)
    is_line = cost.x_LineItemType.isin(_INVOICE_LINES) & after_month
    bills = cost.group_by("x_Source", "BillingAccountId", "BillingCurrency").agg(
        open=is_open.fill_null(False).cast("int64").sum(),  # noqa: FBT003 - what null means
        lines=is_line.fill_null(False).cast("int64").sum(),  # noqa: FBT003 - what null means
    )
    return bills.filter((bills.open > 0) & (bills.lines == 0))


def _reconciliation(
    files: Sequence[DataFile],
    receipts: dict[str, Receipt | None],
    in_cost: Sequence[dict[str, Any]],
    sums: Sequence[dict[str, Any]],
    month: str,
) -> tuple[ReconciliationRow, ...]:
    rows = []
    for row in sorted(in_cost, key=lambda one: (one["x_Source"], one["BillingCurrency"])):
        source, currency = row["x_Source"], row["BillingCurrency"]
        told = [receipts.get(file.path) for file in files if file.source == source]
        export = None if None in told else add(*(one.billed.get(currency, Decimal(0)) for one in told if one))
        mine = [one for one in sums if one["x_Source"] == source and one["BillingCurrency"] == currency]
        allocated = add(*(one["billed"] for one in mine if one["has_project"]))
        unallocated = add(*(one["billed"] for one in mine if not one["has_project"]))
        after = subtract(row["billed"], allocated, unallocated)
        before = Decimal(0) if export is None else subtract(export, row["billed"])
        rows.append(
            ReconciliationRow(
                source=source,
                month=month,
                currency=currency,
                export=export,
                table=row["billed"],
                allocated=allocated,
                unallocated=unallocated,
                difference=before or after,
            )
        )
    return tuple(rows)


_STEPS = (
    ("Commitment fees moved to the usage they cover", lambda row: row["ChargeCategory"] == "Purchase"),
    ("Unused commitment", lambda row: row["CommitmentDiscountStatus"] == "Unused"),
    ("Usage covered by commitments", lambda row: row["CommitmentDiscountStatus"] == "Used"),
    ("Credits", lambda row: row["ChargeCategory"] == "Credit"),
    ("Taxes", lambda row: row["ChargeCategory"] == "Tax"),
    ("Adjustments", lambda row: row["ChargeCategory"] == "Adjustment"),
    ("Other usage", lambda row: True),  # noqa: ARG005 - takes what is left
)
"""Why billed cost and the measure differ: the first that fits a row takes its difference."""


def _steps(sums: Sequence[dict[str, Any]], measure: str) -> tuple[BridgeStep, ...]:
    """Billed cost, what turns it into the measure, and the measure; the steps add up to the last digit."""
    differences: dict[str, list[Decimal]] = {name: [] for name, _ in _STEPS}
    for row in sums:
        name = next(name for name, fits in _STEPS if fits(row))
        differences[name].append(subtract(row["measured"], row["billed"]))
    steps = [BridgeStep(name="Billed cost", amount=add(*(row["billed"] for row in sums)))]
    steps += [BridgeStep(name=name, amount=added) for name, parts in differences.items() if (added := add(*parts))]
    name = measure.replace("_", " ").capitalize()
    return (*steps, BridgeStep(name=name, amount=add(*(row["measured"] for row in sums))))


def _freshness(
    engine: Engine, allocated: "ir.Table", files: Sequence[DataFile], as_of: date
) -> tuple[SourceFreshness, ...]:
    seen = allocated.filter(allocated.x_Day <= as_of)
    rows = engine.rows(seen.group_by("x_Source", "ProviderName").agg(last=seen.x_Day.max(), rows=seen.count()))
    rows.sort(key=lambda row: (row["rows"], row["ProviderName"] or ""))
    providers = {row["x_Source"]: row["ProviderName"] or "" for row in rows}  # the one with the most rows comes last
    sources = sorted({file.source for file in files})
    return tuple(
        SourceFreshness(
            source=source,
            provider=providers.get(source, ""),
            data_to=max((row["last"] for row in rows if row["x_Source"] == source), default=None),
            deliveries=len({file.part for file in files if file.source == source}),
            rows=sum(file.rows or 0 for file in files if file.source == source),
        )
        for source in sources
    )
