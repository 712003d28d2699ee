"""Basis: whether a month's invoice adds up to the net or to the unblended column."""

from typing import TYPE_CHECKING

from finops.focus.columns import QUANTITY
from finops_aws.columns import DISCOUNTS
from finops_aws.lines import BILL_START, CURRENCY, NET, SPLIT, UNBLENDED, Lines
from finops_aws.literals import first, number

if TYPE_CHECKING:
    import ibis.expr.types as ir

_NOISE_PER_ROW = 1e-9
"""Difference of net and unblended sums that rounding explains, per row: reports carry 10 places."""
_NOISE_OF_SUM = 1e-12
"""The same as a share of what is added: adding floats costs that much."""


def with_basis(rows: "ir.Table", lines: Lines) -> "ir.Table":
    """The rows with `net`: whether net costs count in their month."""
    import ibis

    if not lines.has(NET):
        return rows.mutate(net=ibis.literal(False))  # noqa: FBT003 - a literal's value
    months = _months(lines).alias("basis")  # engines compute what has a name once; charges and fees both ask
    joined = rows.mutate(month=month(rows)).left_join(months, ["month", CURRENCY])
    return joined.select(*rows.columns, net=first(joined.net, ibis.literal(False)))  # noqa: FBT003 - a literal's value


def of_basis(rows: "ir.Table", net: str, gross: str) -> "ir.Value":
    """The net cell where the month is billed net and the cell is filled, else the gross one."""
    discounted, full = rows[net], rows[gross]
    if discounted.type() != full.type():
        discounted, full = discounted.cast("string"), full.cast("string")
    return rows.net.ifelse(first(discounted, full), full)


def month(rows: "ir.Table") -> "ir.TimestampValue":
    """Start of the billing month."""
    return rows[BILL_START].truncate("M")


def _months(lines: Lines) -> "ir.Table":
    """Per month and currency, whether net sums tie out.

    They do where they equal the unblended ones (discounts are rows), or differ by the discount columns (the default of
    CUR 2.0, where only net adds up to the invoice). Decided in floats, so that five million cells are not read as
    decimals a second time; the control totals decide again, in decimals, and a different answer would not pass.
    """
    explained = _explaining(lines)
    columns = [column for names in explained.values() for column in names]
    rows = lines.select((CURRENCY, BILL_START, UNBLENDED, NET, SPLIT, *columns))
    rows = rows.filter(rows[SPLIT].isnull())
    gross = first(rows[UNBLENDED].try_cast(QUANTITY), number(0))
    net = first(rows[NET].try_cast(QUANTITY), gross)
    sums = {
        name: sum((first(rows[column].try_cast(QUANTITY), number(0)) for column in names), start=number(0))
        for name, names in explained.items()
    }
    rows = rows.select(CURRENCY, month=month(rows), gross=gross, gap=net - gross, **sums)
    found = rows.group_by("month", CURRENCY).agg(
        noise=rows.count() * _NOISE_PER_ROW + rows.gross.abs().sum() * _NOISE_OF_SUM,
        gap=rows.gap.sum().abs(),
        **{name: rows[name].sum().abs() for name in sums},
    )
    ties = found.gap <= found.noise
    for name in sums:
        ties |= (found.gap - found[name]).abs() <= found.noise
    return found.select("month", CURRENCY, net=ties)


def _explaining(lines: Lines) -> dict[str, list[str]]:
    """Discount columns whose sum may be the difference: the total, the single ones together, or the map's values."""
    found = {
        "total": ["discount_total_discount"],
        "single": list(DISCOUNTS),
        "mapped": [] if lines.has("discount_total_discount") else ["discount"],
    }
    there = {label: [name for name in names if lines.has(name)] for label, names in found.items()}
    return {label: names for label, names in there.items() if names}
