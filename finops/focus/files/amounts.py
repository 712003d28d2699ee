"""Amounts in text cells as exact decimals, a column at a time.

Only plain numbers count: `$10,000.00` could be read, but `1,234` could be read in two ways, and a bill must not depend
on a guess. Python's and DuckDB's own extras (`1_000`, `inf`, digits of other scripts) are refused for the same reason.
"""

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from finops import money

if TYPE_CHECKING:
    import pyarrow as pa

_NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})?")
_BELOW = Decimal(10) ** 18
"""The first amount that the tables cannot keep."""
_SHORT = r"^[-+]?0*([0-9]{1,18}(\.[0-9]{0,18})?|\.[0-9]{1,18})$"
"""A number that Arrow reads exactly as it is kept: no exponent, no more than 18 places, below 10^18."""
_LONG = r"^[-+]?0*([0-9]{1,18}(\.[0-9]*)?|\.[0-9]+)$"
"""The same with any number of places."""


def first_unreadable(cells: "pa.Array") -> int | None:
    """The index of the first cell that is neither null nor an amount; None if there is none.

    Args:
        cells: text, with nulls where nothing is said.
    """
    import pyarrow.compute as pc

    doubtful = pc.invert(pc.fill_null(pc.match_substring_regex(cells, _LONG), fill_value=True))
    indices = pc.indices_nonzero(doubtful)
    return next((index for index in indices.to_pylist() if not _is_amount(cells[index].as_py())), None)


def no_numbers(cells: "pa.Array") -> "pa.Array":
    """The cells that are neither null nor a plain number, of any size."""
    import pyarrow.compute as pc

    is_number = pc.match_substring_regex(cells, f"^{_NUMBER.pattern}$")
    return cells.filter(pc.invert(pc.fill_null(is_number, fill_value=True)))


def stored(cells: "pa.Array") -> tuple["pa.Array", int]:
    """Amounts as the tables keep them, and how many had to be rounded for that.

    Args:
        cells: readable amounts as text; none null.

    Returns:
        Decimals with 18 places, rounded half-even; and the number of cells that had more places.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = pa.decimal256(76, money.PLACES)
    is_long = pc.invert(pc.match_substring_regex(cells, _SHORT))
    exact = pc.if_else(is_long, "0", cells).cast(kind)
    texts = cells.filter(is_long).to_pylist()
    if not texts:
        return exact, 0
    values = [money.stored(text) for text in texts]
    rounded = sum(value != Decimal(text) for value, text in zip(values, texts, strict=True))
    return pc.replace_with_mask(exact, is_long, pa.array(values, kind)), rounded


def _is_amount(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None and abs(Decimal(text)) < _BELOW
