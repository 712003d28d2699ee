"""Typed constants of Ibis expressions, and the choice of the first value there is."""

from typing import TYPE_CHECKING, Any

from finops.focus.columns import MONEY, QUANTITY

if TYPE_CHECKING:
    import ibis.expr.types as ir


def first(*values: "ir.Value") -> Any:  # noqa: ANN401 - has the type of its arguments
    """The first of the values that is not null."""
    import ibis

    return ibis.coalesce(*values)


def none(kind: str = "string") -> Any:  # noqa: ANN401 - a null of any type
    """A null of the type."""
    import ibis

    return ibis.null(kind)


def text(value: str) -> "ir.StringScalar":
    """A constant text."""
    import ibis

    return ibis.literal(value, type="string")


def zero() -> "ir.DecimalScalar":
    """No money."""
    import ibis

    return ibis.literal(0).cast(MONEY)


def number(value: float) -> "ir.FloatingScalar":
    """A constant quantity."""
    import ibis

    return ibis.literal(value, type=QUANTITY)


def interval(**length: int) -> "ir.IntervalScalar":
    """A length of time, for example `days=1`."""
    import ibis

    return ibis.interval(**length)
