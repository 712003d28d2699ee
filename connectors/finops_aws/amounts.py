"""Cells of a batch as months and exact amounts, with pyarrow and decimals."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from finops.money import PLACES, stored
from finops_aws.columns import DISCOUNTS

if TYPE_CHECKING:
    import pyarrow as pa

_PLAIN = rf"^-?[0-9]{{1,18}}(\.[0-9]{{0,{PLACES}}})?$"
"""A number that fits a decimal as it is; others (exponents, more places) are read one by one."""
_NUMBER = r"^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$"
_UNITS = 1e10
_FIFTEEN_DIGITS = 1e5
_NULLS = ("", "NULL", "null")
_DATES = ("bill_billing_period_start_date", "line_item_usage_start_date")


class Unsummable(Exception):
    """A cell of a batch says nothing a sum could use."""

    def __init__(self, column: str, row: int, value: object) -> None:
        super().__init__(column)
        self.column = column
        self.row = row
        self.value = value


def texts(cells: "pa.Array") -> "pa.Array":
    """Cells as text without blanks around it; null where nothing is left, or where it spells NULL."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(cells.type):  # few values differ, so each is read once
        return texts(cells.dictionary).take(cells.indices)
    if not pa.types.is_string(cells.type):
        cells = cells.cast(pa.string())
    trimmed = pc.utf8_trim_whitespace(cells)
    return pc.if_else(pc.is_in(trimmed, value_set=pa.array(_NULLS)), pa.scalar(None, pa.string()), trimmed)


def months(columns: Mapping[str, "pa.Array"], rows: int) -> "pa.Array":
    """The billing month of each row as `2026-10`: that of the billing period, else of the usage's start.

    Raises:
        Unsummable: if a row has neither.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pa.nulls(rows, pa.string())
    for name in _DATES:
        if name in columns and found.null_count:
            found = pc.coalesce(found, _month_of(columns[name]))
    if found.null_count:
        row = pc.index(pc.is_null(found), pa.scalar(value=True)).as_py()
        name = next(
            name for name in ("bill_billing_period_start_date", "line_item_usage_start_date") if name in columns
        )
        raise Unsummable(name, row, columns[name][row].as_py())
    return found


def _month_of(cells: "pa.Array") -> "pa.Array":
    """The month of each time, null where there is none; few times differ, so each is read once."""
    import pyarrow as pa

    coded = cells if pa.types.is_dictionary(cells.type) else cells.dictionary_encode()
    months = pa.array([_month(value) for value in coded.dictionary.to_pylist()], pa.string())
    return months.take(coded.indices)


def _month(value: object) -> str | None:
    """`2026-10` of a time or the text of one; None where it is neither."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(re.sub(r" ?UTC$", "", value.strip()))
        except ValueError:
            return None
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = value.astimezone(UTC)
    return f"{value:%Y-%m}" if value is not None else None


def decimals(cells: "pa.Array", column: str) -> tuple["pa.Array", "pa.Array", "pa.Array"]:
    """Amounts as decimals of 18 places, blanks 0; which were blank; which had more places.

    Raises:
        Unsummable: if one is not a number.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_float64(cells.type):
        return _of_floats(cells, column)
    kind = pa.decimal128(38, PLACES)
    text = texts(cells)
    blank = pc.is_null(text)
    plain = pc.fill_null(pc.match_substring_regex(text, _PLAIN), True)  # noqa: FBT003 - Arrow's fill value
    amounts = pc.cast(pc.if_else(plain, pc.fill_null(text, "0"), "0"), kind)
    rounded = pa.repeat(pa.scalar(value=False), len(cells))
    if not pc.all(plain).as_py():
        rows = pc.indices_nonzero(pc.invert(plain))
        exact = [
            _stored(value, column, row)
            for value, row in zip(text.take(rows).to_pylist(), rows.to_pylist(), strict=True)
        ]
        odd = pc.invert(plain)
        amounts = pc.replace_with_mask(amounts, odd, pa.array([amount for amount, _ in exact], kind))
        rounded = pc.replace_with_mask(rounded, odd, pa.array([cut for _, cut in exact]))
    return amounts, blank, rounded


def _of_floats(cells: "pa.Array", column: str) -> tuple["pa.Array", "pa.Array", "pa.Array"]:
    """As `decimals`, a float by its shortest decimal; for a third of the time that all their texts would take."""
    import pyarrow as pa
    import pyarrow.compute as pc

    amounts, is_short = _ten_places(cells)
    blank, rounded = pc.is_null(cells), pa.repeat(pa.scalar(value=False), len(cells))
    odd = pc.invert(pc.or_(is_short, blank))
    rows = pc.indices_nonzero(odd)
    if len(rows):
        try:
            exact, _, cut = decimals(texts(cells.take(rows)), column)
        except Unsummable as error:
            raise Unsummable(error.column, rows[error.row].as_py(), error.value) from error
        amounts, rounded = pc.replace_with_mask(amounts, odd, exact), pc.replace_with_mask(rounded, odd, cut)
    return amounts, blank, rounded


def _ten_places(cells: "pa.Array") -> tuple["pa.Array", "pa.Array"]:
    """Floats as decimals of 18 places, and which of them are the float next to a decimal of ten places.

    Fifteen digits decide a float, so below 10^5 no shorter decimal stands for it. The others come back as 0.
    """
    import numpy as np  # noqa: PLC0415 - only where an export holds floats
    import pyarrow as pa

    floats = cells.to_numpy(zero_copy_only=False)
    with np.errstate(over="ignore", invalid="ignore"):
        units = np.rint(floats * _UNITS)
        is_short = (np.abs(floats) < _FIFTEEN_DIGITS) & (units / _UNITS == floats)
    whole = np.where(is_short, units, 0).astype("<i8")
    words = np.stack([whole, whole >> 63], axis=1)  # a decimal of Arrow: 16 bytes, little end first
    found = pa.Array.from_buffers(pa.decimal128(38, 10), len(cells), [None, pa.py_buffer(words)])
    return found.cast(pa.decimal128(38, PLACES)), pa.array(is_short)


def _stored(text: str, column: str, row: int) -> tuple[Decimal, bool]:
    """The amount as the tables keep it, and whether that changed it."""
    try:
        amount = stored(text)
    except ValueError as error:
        raise Unsummable(column, row, text) from error
    return amount, amount != Decimal(text)


def discounts(columns: Mapping[str, "pa.Array"]) -> dict[str, "pa.Array"]:
    """Discounts that may explain why net and unblended sums differ, as floats: the total, the single ones, the map."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found: dict[str, pa.Array] = {}
    if "discount_total_discount" in columns:
        found["total"] = _floats(columns["discount_total_discount"])
    elif "discount" in columns:
        found["map"] = _map_sums(columns["discount"])
    singles = [_floats(columns[name]) for name in DISCOUNTS if name in columns]
    for amounts in singles:
        found["single"] = pc.add(found["single"], amounts) if "single" in found else amounts
    return found


def _floats(cells: "pa.Array") -> "pa.Array":
    """Numbers as floats, everything else 0."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_string(cells.type) or pa.types.is_dictionary(cells.type):
        text = texts(cells)
        number = pc.fill_null(pc.match_substring_regex(text, _NUMBER), False)  # noqa: FBT003 - Arrow's fill value
        cells = pc.if_else(number, text, "0")
    return pc.fill_null(pc.cast(cells, pa.float64()), 0.0)


def _map_sums(cells: "pa.Array") -> "pa.Array":
    """Per row, the sum of a map's values; of JSON text, of its object's values."""
    import pyarrow as pa

    def total(value: object) -> float:
        pairs = json.loads(value) if isinstance(value, str) and value.strip().startswith("{") else dict(value or ())  # type: ignore[call-overload]  # pairs of a map
        return sum(float(amount or 0) for amount in pairs.values())

    coded = cells.to_pylist()
    return pa.array([total(value) for value in coded], pa.float64())


def has_number(cells: "pa.Array") -> "pa.Array":
    """Which cells hold a number."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not (pa.types.is_string(cells.type) or pa.types.is_dictionary(cells.type)):
        return pc.is_valid(cells)
    return pc.fill_null(pc.match_substring_regex(texts(cells), _NUMBER), False)  # noqa: FBT003 - Arrow's fill value
