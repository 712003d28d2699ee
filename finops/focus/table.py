"""The table `cost`: a connector's mapping completed to the stored columns, and the control totals of what it holds."""

from typing import TYPE_CHECKING

from finops.focus.columns import MONEY, QUANTITY, STORED, TIME

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finops.connector import Delivery

BILLING_MONTH = "x_BillingMonth"


def complete(mapped: "ir.Table", delivery: "Delivery") -> "ir.Table":
    """Every stored column, in order and of its type, plus the partition's month.

    Args:
        mapped: what a connector's `to_focus` gave; columns it left out become null.
        delivery: whose rows these are; its key becomes `x_Delivery`.

    Returns:
        The columns of `finops.focus.columns.STORED` and `x_BillingMonth` (`2026-10`, null where a row has no period).
    """
    import ibis  # noqa: PLC0415 - heavy, needed only when a mapping is built

    types = {"string": "string", MONEY: MONEY, QUANTITY: QUANTITY, TIME: TIME}
    cells = {
        column.name: (mapped[column.name] if column.name in mapped.columns else ibis.null()).cast(types[column.type])
        for column in STORED
    }
    cells["x_Delivery"] = ibis.literal(delivery.key)
    month = mapped.BillingPeriodStart.strftime("%Y-%m")
    return mapped.select(**cells, **{BILLING_MONTH: month})


def totals(table: "ir.Table") -> "ir.Table":
    """Billed cost and rows per currency and billing month: what is compared with the export's control totals."""
    return table.group_by("BillingCurrency", BILLING_MONTH).agg(billed=table.BilledCost.sum(), rows=table.count())
