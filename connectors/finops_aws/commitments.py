"""Commitments: the rows that stand for what was paid and not used, and for what negations do not cancel."""

from typing import TYPE_CHECKING

from finops.focus import cells
from finops.focus.columns import MONEY
from finops_aws.basis import month, of_basis, with_basis
from finops_aws.line_types import CANCELLING, PLAN_FEE, RECURRING_FEES
from finops_aws.lines import BILL_END, BILL_START, CURRENCY, NET, SPLIT, TYPE, UNBLENDED, Lines
from finops_aws.literals import first, none, number, zero

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis.expr.types as ir

_PLAN = ("savings_plan_total_commitment_to_date", "savings_plan_used_commitment")
_RESERVED = (
    "reservation_unused_amortized_upfront_fee_for_billing_period",
    "reservation_unused_recurring_fee",
)
_NET_RESERVED = (
    "reservation_net_unused_amortized_upfront_fee_for_billing_period",
    "reservation_net_unused_recurring_fee",
)
_WHOLE = (
    "savings_plan_amortized_upfront_commitment_for_billing_period",
    "savings_plan_recurring_commitment_for_billing_period",
)
_NET_WHOLE = (
    "savings_plan_net_amortized_upfront_commitment_for_billing_period",
    "savings_plan_net_recurring_commitment_for_billing_period",
)
UNUSED_COLUMNS = (*_PLAN, *_RESERVED, *_NET_RESERVED, *_WHOLE, *_NET_WHOLE)
"""What `unused` needs besides the columns of its rows."""


def unused(lines: Lines, columns: "Sequence[str]") -> "ir.Table":
    """Fees of which a part was not used, with that part as `unused`.

    A Savings Plan's is its commitment to date without the used part; a reservation's is in columns of its own.

    Args:
        lines: of the export.
        columns: to keep.
    """
    rows = lines.select((*columns, *UNUSED_COLUMNS))
    rows = with_basis(rows.filter(rows[TYPE].isin(RECURRING_FEES)), lines)
    plan = rows[TYPE] == PLAN_FEE
    chosen = {
        f"cell_{place}": plan.ifelse(rows[of_plan].cast("string"), rows[of_reservation].cast("string"))
        for place, (of_plan, of_reservation) in enumerate(zip(_PLAN, _RESERVED, strict=True))
    }
    rows = rows.mutate(plan=plan, net_plan_cell=_net_part(rows), **chosen)
    rows = rows.mutate(
        gross_0=first(cells.money(rows.cell_0), rows.plan.ifelse(none(MONEY), zero())),
        gross_1=first(cells.money(rows.cell_1), rows.plan.ifelse(none(MONEY), zero())),
        net_0=cells.money(rows[_NET_RESERVED[0]]),
        net_1=cells.money(rows[_NET_RESERVED[1]]),
        net_plan=cells.money(rows.net_plan_cell),
    )
    net_reserved = (first(rows.net_0, zero()) + first(rows.net_1, zero())).cast(MONEY)
    net_reserved = first(rows.net_0, rows.net_1).isnull().ifelse(none(MONEY), net_reserved)
    rows = rows.mutate(
        gross=rows.plan.ifelse(rows.gross_0 - rows.gross_1, rows.gross_0 + rows.gross_1).cast(MONEY),
        discounted=rows.plan.ifelse(rows.net_plan, net_reserved),
    )
    rows = rows.mutate(unused=rows.net.ifelse(first(rows.discounted, rows.gross), rows.gross))
    return rows.filter(rows.unused > zero()).select(*columns, "unused")


def rest_of_cancelling(lines: Lines) -> "ir.Table":
    """Per account, currency and month in which covered usage and its negation do not cancel: what is left.

    Returns:
        line_item_usage_account_id, line_item_usage_account_name, line_item_currency_code, rest, invoice (null where
        there are several), issuer, payer, payer_name, start and end of the billing period.
    """
    account = "line_item_usage_account_id"
    rows = lines.select(
        (
            *(account, "line_item_usage_account_name", "bill_payer_account_id", "bill_payer_account_name"),
            *("bill_invoice_id", "bill_invoicing_entity", "line_item_legal_entity"),
            *(TYPE, CURRENCY, SPLIT, BILL_START, BILL_END, UNBLENDED, NET),
        )
    )
    rows = with_basis(rows.filter(rows[TYPE].isin(CANCELLING) & rows[SPLIT].isnull()), lines)
    rows = rows.mutate(cell=of_basis(rows, NET, UNBLENDED), month=month(rows))
    rows = rows.mutate(amount=first(cells.money(rows.cell), zero()))
    invoice = rows.bill_invoice_id
    left = rows.group_by(account, CURRENCY, "month").agg(
        rest=rows.amount.sum().cast(MONEY),
        invoice=(invoice.min() == invoice.max()).ifelse(invoice.max(), none()),
        issuer=first(rows.bill_invoicing_entity, rows.line_item_legal_entity).max(),
        payer=rows.bill_payer_account_id.max(),
        payer_name=rows.bill_payer_account_name.max(),
        line_item_usage_account_name=rows.line_item_usage_account_name.max(),
        start=rows[BILL_START].min(),
        end=rows[BILL_END].max(),
    )
    return left.filter(left.rest != zero())


def _net_part(rows: "ir.Table") -> "ir.FloatingValue":
    """The unused part of a plan after discounts; null where the report does not show them.

    No column holds it: the used commitment is gross, and its discount is that of the whole commitment.
    """
    net, gross = _float_sum(rows, _NET_WHOLE).nullif(0), _float_sum(rows, _WHOLE).nullif(0)
    return net - cells.quantity(rows[_PLAN[1]]) * net / gross


def _float_sum(rows: "ir.Table", names: "Sequence[str]") -> "ir.FloatingValue":
    """Sum of amounts as floats, missing ones 0; for a ratio only."""
    return sum((first(cells.quantity(rows[name]), number(0)) for name in names), start=number(0))
