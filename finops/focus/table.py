"""The table `cost`: a connector's mapping completed to the stored columns, and the control totals of what it holds."""

import functools
from typing import TYPE_CHECKING

from finops.connector import Delivery
from finops.focus.columns import STORED

if TYPE_CHECKING:
    import ibis.expr.types as ir


def complete(mapped: "ir.Table", delivery: "Delivery | ir.Table") -> "ir.Table":
    """Every stored column, in order and of its type.

    Args:
        mapped: what a connector's `to_focus` gave; columns it left out become null.
        delivery: whose rows these are; its key becomes `x_Delivery`. A table of one row with a column `key` does the
            same, and gives deliveries of one layout one expression.

    Returns:
        The columns of `finops.focus.columns.STORED`.
    """
    import ibis

    cells = {
        column.name: (mapped[column.name] if column.name in mapped.columns else ibis.null()).cast(column.type)
        for column in STORED
    }
    if isinstance(delivery, Delivery):
        return mapped.select(**{**cells, "x_Delivery": ibis.literal(delivery.key)})
    completed = mapped.select(**{name: cell for name, cell in cells.items() if name != "x_Delivery"})
    joined = completed.cross_join(delivery.select(x_Delivery=delivery.key))
    return joined.select(*(column.name for column in STORED))


def month(table: "ir.Table") -> "ir.StringColumn":
    """The billing month of each row, such as `2026-10`; null where it has no billing period."""
    return table.BillingPeriodStart.strftime("%Y-%m")


@functools.lru_cache(maxsize=16)  # as in `allocation.table`
def totals(table: "ir.Table") -> "ir.Table":
    """Billed cost and rows per currency and billing month: what is compared with the export's control totals.

    Returns:
        currency, month, billed, rows.
    """
    keyed = table.select(currency=table.BillingCurrency, month=month(table), BilledCost=table.BilledCost)
    return keyed.group_by("currency", "month").agg(billed=keyed.BilledCost.sum(), rows=keyed.count())
