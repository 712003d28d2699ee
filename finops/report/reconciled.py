"""Reconciled: what `finops reconcile` says, as frozen records with a published JSON schema, and as a grid."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal

from finops.report.grid import Column, Grid, Row
from finops.report.locale import Locale
from finops.report.model import NotComputable
from finops.report.records import digits, schema_document

SCHEMA = "finops.reconcile/1"

State = Literal["equal", "differs", "no invoice", "not in the table", "not invoiced yet"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One account or charge category of an invoice; `invoiced` is not computable where the invoice does not say."""

    name: str
    invoiced: Decimal | NotComputable
    table: Decimal
    difference: Decimal | NotComputable


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One invoice beside the rows of the cost table.

    Attributes:
        month, source: of the invoice, or of the rows where there is none; several with a comma between.
        invoice_id: null where neither side has one.
        difference: invoiced less table.
        state: `no invoice`: rows of an invoice that nobody gave us; `not invoiced yet`: rows without an invoice id.
        by_account, by_category: of what differs, the largest first.
    """

    month: str
    source: str
    invoice_id: str | None
    currency: str
    invoiced: Decimal | NotComputable
    table: Decimal
    difference: Decimal | NotComputable
    state: State
    by_account: tuple[Line, ...]
    by_category: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """Every invoice and every row, compared; `complete` where all of them are equal.

    Attributes:
        tolerance: a difference below it counts as none.
    """

    complete: bool
    tolerance: Decimal
    invoices: tuple[Compared, ...]


SCHEMA_DOCUMENT: Final[dict[str, Any]] = schema_document(Reconciled, schema=SCHEMA, title="Invoices reconciled")


def grid(found: Reconciled, words: Locale) -> Grid:
    """One row per invoice, and what differs under it by account and category."""

    def number(value: Decimal | NotComputable) -> str:
        return "–" if isinstance(value, NotComputable) else words.number(value, places=2)

    rows: list[Row] = []
    for one in found.invoices:
        style: Any = "plain" if one.state == "equal" else "medium" if one.state == "not invoiced yet" else "high"
        cells = (one.month, one.source, one.invoice_id or "–", number(one.invoiced), number(one.table))
        rows.append(Row(cells=(*cells, number(one.difference), one.currency, one.state), style=style))
        for kind, lines in (("account", one.by_account), ("category", one.by_category)):
            rows += [
                Row(
                    cells=(
                        *("", "", f"  {kind} {line.name}", number(line.invoiced)),
                        *(number(line.table), number(line.difference), "", ""),
                    )
                )
                for line in lines
            ]
    equal = sum(one.state == "equal" for one in found.invoices)
    return Grid(
        title=f"Invoices and the cost table: {equal} of {len(found.invoices)} equal",
        columns=(
            *(Column(header=name, align="left") for name in ("Month", "Source", "Invoice")),
            *(Column(header=name) for name in ("Invoiced", "Table", "Difference")),
            Column(header="", align="left"),
            Column(header="State", align="left"),
        ),
        rows=tuple(rows),
    )


def records(found: Reconciled) -> tuple[Sequence[str], list[list[str]]]:
    """Header and rows for CSV: one row per invoice, then those by account and category."""
    header = ("month", "source", "invoice_id", "level", "name", "invoiced", "table", "difference", "currency", "state")

    def number(value: Decimal | NotComputable) -> str:
        return "" if isinstance(value, NotComputable) else digits(value)

    rows: list[list[str]] = []
    for one in found.invoices:
        key = [one.month, one.source, one.invoice_id or ""]
        rows.append(
            [
                *key,
                "invoice",
                "",
                number(one.invoiced),
                number(one.table),
                number(one.difference),
                one.currency,
                one.state,
            ]
        )
        for kind, lines in (("account", one.by_account), ("category", one.by_category)):
            rows += [
                [
                    *key,
                    kind,
                    line.name,
                    number(line.invoiced),
                    number(line.table),
                    number(line.difference),
                    one.currency,
                    "",
                ]
                for line in lines
            ]
    return header, rows
