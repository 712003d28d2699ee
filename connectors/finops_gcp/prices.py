"""Unit prices per one unit; Google gives them per block of `price.pricing_unit_quantity` units."""

from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from finops import money

if TYPE_CHECKING:
    import pyarrow as pa


def per_unit(prices: "pa.Array", blocks: "pa.Array") -> "pa.Array":
    """Prices divided by the size of their block, both as text; what is no number is missing."""
    import pyarrow as pa

    if prices.null_count == len(prices) or blocks.null_count == len(blocks):
        return prices
    pairs = zip(prices.to_pylist(), blocks.to_pylist(), strict=True)
    return pa.array([_divided(price, block) for price, block in pairs], pa.string())


@lru_cache(maxsize=65_536)
def _divided(price: str | None, block: str | None) -> str | None:
    """The price of one unit.

    >>> _divided("0.6", "1000000")
    '0.000000600000000000'
    """
    if price is None or block is None or block == "1":
        return price
    try:
        return f"{money.stored(str(Decimal(price) / Decimal(block))):f}"
    except (ArithmeticError, ValueError):
        return None
