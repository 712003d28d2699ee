"""Invoicing: the cost table beside the invoices, to the cent, with what differs by invoice, account and category."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from finops import invoices
from finops.analysis import reading
from finops.config import Config
from finops.invoices import InvoiceLine
from finops.money import add, subtract
from finops.report.model import NotComputable
from finops.report.reconciled import Compared, Line, Reconciled, State

if TYPE_CHECKING:
    import ibis.expr.types as ir

_NOT_TOLD = NotComputable(reason="the invoice does not say")
_NO_INVOICE = NotComputable(reason="there is no invoice to compare with")

Document = tuple[str | None, str, str, str | None]
"""Source, month, currency and invoice id: what lines of one invoice share."""


def reconcile(
    config: Config,
    lines: Sequence[InvoiceLine],
    *,
    months: Collection[str],
    known_at: datetime | None,
    tolerance: Decimal,
) -> Reconciled:
    """Compare invoices with the rows of `cost`.

    A row belongs to the invoice whose id it carries; without ids on either side to the invoice of its source, month and
    currency. So every row is compared once, and rows that no invoice takes are named.

    Args:
        config: store.
        lines: of all invoices.
        months: only these; empty for all.
        known_at: the table as it was then; None for now.
        tolerance: a difference below it counts as none.
    """
    with reading(config) as (tables, engine):
        files = [f for f in tables.cost.files(known_at=known_at) if not months or f.month in months]
        groups = [_Group.of(row) for row in engine.rows(_sums(tables.read_cost(engine, files)))]
    documents: dict[Document, list[InvoiceLine]] = {}
    for one in lines:
        if not months or one.month in months:
            documents.setdefault((one.source, one.month, one.currency, one.invoice_id), []).append(one)
    taken, left = _taken(list(documents), groups)
    compared = [_compared(key, documents[key], taken[key], tolerance) for key in documents]
    compared += _without(left)
    order = sorted(compared, key=lambda one: (one.month, one.source, one.invoice_id or "", one.currency))
    return Reconciled(
        complete=bool(order) and all(one.state == "equal" for one in order), tolerance=tolerance, invoices=tuple(order)
    )


def configured(config: Config) -> list[InvoiceLine]:
    """The invoices that finops.toml names, files read.

    Raises:
        FinopsError: if a file cannot be read or used.
    """
    return [*config.invoices, *(line for file in config.invoice_files for line in invoices.read(file))]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Group:
    """Billed cost of rows with one source, month, currency, invoice id, account and category."""

    source: str
    month: str
    currency: str
    invoice_id: str | None
    account: str
    category: str
    billed: Decimal = field(compare=False)

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "_Group":
        return cls(**{**row, "account": row["account"] or "no account"})


def _sums(cost: "ir.Table") -> "ir.Table":
    rows = cost.select(
        source=cost.x_Source,
        month=cost.x_BillingMonth,
        currency=cost.BillingCurrency,
        invoice_id=cost.InvoiceId,
        account=cost.SubAccountId,
        category=cost.ChargeCategory,
        billed=cost.BilledCost,
    )
    return rows.group_by(["source", "month", "currency", "invoice_id", "account", "category"]).agg(
        billed=rows.billed.sum()
    )


def _taken(
    documents: Sequence[Document], groups: Sequence[_Group]
) -> tuple[dict[Document, list[_Group]], list[_Group]]:
    """The rows of every invoice, first those with its id, then those of its source and month; and what is left."""
    found: dict[Document, list[_Group]] = {key: [] for key in documents}
    free = set(groups)

    def take(key: Document, fits: Callable[[_Group], bool]) -> None:
        mine = [group for group in groups if group in free and fits(group)]
        found[key] += mine
        free.difference_update(mine)

    for key in documents:
        source, _, currency, identifier = key
        if identifier is not None:
            take(key, lambda g: (g.invoice_id, g.currency) == (identifier, currency) and source in {None, g.source})  # noqa: B023 - called at once
    # An invoice for one source goes before one for all of them.
    for key in sorted(documents, key=lambda key: key[0] is None):
        source, month, currency, identifier = key
        if identifier is None:
            take(key, lambda g: (g.month, g.currency) == (month, currency) and source in {None, g.source})  # noqa: B023 - called at once
        elif not found[key]:
            take(
                key,
                lambda g: (
                    (g.month, g.currency, g.invoice_id) == (month, currency, None) and source in {None, g.source}  # noqa: B023 - called at once
                ),
            )
    return found, [group for group in groups if group in free]


def _compared(key: Document, lines: Sequence[InvoiceLine], groups: Sequence[_Group], tolerance: Decimal) -> Compared:
    source, month, currency, identifier = key
    invoiced, table = add(*(one.amount for one in lines)), add(*(one.billed for one in groups))
    difference = subtract(invoiced, table)
    equal = bool(groups) and abs(difference) < tolerance
    state: State = "equal" if equal else "differs" if groups else "not in the table"
    by_account = _lines(((one.account, one.amount) for one in lines), ((g.account, g.billed) for g in groups))
    by_category = _lines(((one.category, one.amount) for one in lines), ((g.category, g.billed) for g in groups))
    details = [
        tuple(one for one in told if isinstance(one.difference, NotComputable) or abs(one.difference) >= tolerance)
        for told in (by_account, by_category)
    ]
    return Compared(
        month=month,
        source=source or ", ".join(sorted({group.source for group in groups})) or "any",
        invoice_id=identifier,
        currency=currency,
        invoiced=invoiced,
        table=table,
        difference=difference,
        state=state,
        by_account=() if equal else details[0],
        by_category=() if equal else details[1],
    )


def _lines(invoiced: Iterable[tuple[str | None, Decimal]], table: Iterable[tuple[str, Decimal]]) -> tuple[Line, ...]:
    """What either side has per name; what an invoice says without a name stands against nothing of its own."""
    told, held = _summed(invoiced), _summed(table)
    says = set(told) != {None}
    lines = []
    for name in {*(name for name in told if name is not None), *held}:
        there = held.get(name, Decimal(0))
        asked = told.get(name, Decimal(0))
        lines.append(
            Line(
                name=name or "",
                invoiced=asked if says else _NOT_TOLD,
                table=there,
                difference=subtract(asked, there) if says else _NOT_TOLD,
            )
        )

    def size(line: Line) -> tuple[Decimal, str]:
        shown = line.table if isinstance(line.difference, NotComputable) else line.difference
        return -abs(shown), line.name

    return tuple(sorted(lines, key=size))


def _summed(pairs: Iterable[tuple[str | None, Decimal]]) -> dict[str | None, Decimal]:
    found: dict[str | None, list[Decimal]] = {}
    for name, amount in pairs:
        found.setdefault(name, []).append(amount)
    return {name: add(*amounts) for name, amounts in found.items()}


def _without(groups: Iterable[_Group]) -> list[Compared]:
    """Rows no invoice took, by source, month, currency and invoice id; what adds up to nothing asks for no invoice."""
    found: dict[Document, list[_Group]] = {}
    for group in groups:
        found.setdefault((group.source, group.month, group.currency, group.invoice_id), []).append(group)
    return [
        Compared(
            month=month,
            source=source or "",
            invoice_id=identifier,
            currency=currency,
            invoiced=_NO_INVOICE,
            table=add(*(group.billed for group in mine)),
            difference=_NO_INVOICE,
            state="not invoiced yet" if identifier is None else "no invoice",
            by_account=(),
            by_category=(),
        )
        for (source, month, currency, identifier), mine in found.items()
        if any(group.billed for group in mine)
    ]
