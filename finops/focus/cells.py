"""Cells of an export as exact values: Ibis expressions that every mapping shares, so that a cell has one meaning."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from finops.focus.columns import MONEY, QUANTITY, TIME

if TYPE_CHECKING:
    import ibis.expr.types as ir

_TIE_TO_EVEN = r"^([-+]?[0-9]*\.[0-9]{17}[02468])50*$"
"""A decimal exactly half-way between two values of 18 places, the lower of them even (the group): casts of every engine
round it away from zero."""
_SHORTEST_TIE = 20
"""Characters of the shortest such text: a point and 19 places."""
_FIFTEEN_DIGITS = 100_000.0
"""Below it, a number of ten places has no more than fifteen digits: the most that no two floats share."""
_WITH_EXPONENT = r"^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)[eE][-+]?[0-9]{1,2}$"
_PARTS = r"^([-+]?)([0-9]*)\.?([0-9]*)[eE]([-+]?[0-9]*)$"
"""Sign, whole part, fraction and exponent of such a number."""
_ZEROS = "0" * 99
"""As many as a point can move over with an exponent of two digits; no amount has three."""
_PLACES = 18
"""Places of money: decimals with more are rounded half-even through their text, as casts round them away from zero."""


def text(cell: "ir.StringValue") -> "ir.StringValue":
    """The cell without blanks around it; null where nothing is left, or where it spells NULL."""
    cell = cell.strip()
    return cell.nullif("").nullif("NULL").nullif("null")


def money(cell: "ir.Value") -> "ir.DecimalValue":
    """An amount or price with 18 places, half-even; null where the cell holds no plain number.

    Text is taken as written; a float by its shortest decimal, never by its binary value. Cells that hold no number are
    found by the control totals, which read every amount again and name file and line.
    """
    kind = cell.type()
    if kind.is_floating():
        # Fifteen digits decide a float: one that equals a decimal of ten places below 10^5 has no shorter one. That
        # covers what providers write, for a seventh of the time that its text takes.
        short = cell.try_cast("decimal(18, 10)")
        plain = (cell.abs() < _FIFTEEN_DIGITS) & (short.cast("float64") == cell)
        # The shortest decimal of a float ends in its last digit that counts, so a tie ends in 5.
        cell = cell.cast("string")
        tie = (cell.endswith("5") & (cell.length() >= _SHORTEST_TIE)) | cell.contains("5e-")
        return plain.ifelse(short.cast(MONEY), tie.ifelse(_half_even(cell), cell).try_cast(MONEY))
    if kind.is_decimal() and (kind.scale or 0) > _PLACES:
        cell = cell.cast("string")
    if not cell.type().is_string():
        return cell.try_cast(MONEY)
    # Engines round text half away from zero, so the few cells that can be a tie are read with care. Asking for their
    # length and an exponent first is cheap; a regular expression per cell would cost more than the cast.
    doubtful = (cell.length() >= _SHORTEST_TIE) | cell.contains("e-") | cell.contains("E-")
    return doubtful.ifelse(_half_even(cell), cell).try_cast(MONEY)


def quantity(cell: "ir.Value") -> "ir.FloatingValue":
    """A quantity; null where the cell holds no plain number: `nan` and `inf` would spoil every sum."""
    if cell.type().is_string():
        cell = text(cell)
    number = cell.try_cast(QUANTITY)
    # An `ifelse` would make engines read the cell once more for each question.
    return number.nullif(float("nan")).nullif(float("inf")).nullif(float("-inf"))


def time(cell: "ir.Value") -> "ir.TimestampValue":
    """A time in UTC; null where there is none.

    Takes timestamps (without a zone: read as UTC) and text: with a blank or T, with or without Z, an offset, ` UTC` and
    fractions of a second.
    """
    if cell.type().is_string():
        cell = text(cell).re_replace(r" ?UTC$", "Z").re_replace(r"^(\d{4}-\d\d-\d\d)$", r"\1T00:00:00Z")
        cell = cell.re_replace(r"(\d\d:\d\d:\d\d(\.\d+)?)$", r"\1Z").replace(" ", "T")
        # A zone that hides behind the seconds' fraction stays as it is; engines read offsets themselves.
    return cell.try_cast(TIME)


def json_object(pairs: "Mapping[str, ir.StringValue]") -> "ir.StringValue":
    """A JSON object as text from columns: keys sorted, null values left out; null when nothing is left.

    Args:
        pairs: key to text column; keys are data and are escaped.
    """
    import json  # noqa: PLC0415

    import ibis

    if not pairs:
        return ibis.null("string")
    members = [
        ibis.literal(json.dumps(key, ensure_ascii=False) + ": ") + json_text(pairs[key]) for key in sorted(pairs)
    ]
    joined = ibis.array(members).filter(lambda member: member.notnull()).join(", ")
    return joined.nullif("").pipe(lambda inner: ibis.literal("{") + inner + ibis.literal("}"))


def json_text(value: "ir.StringValue") -> "ir.StringValue":
    """The text as a JSON string with its quotes, escaped; null stays null."""
    import ibis

    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    for raw, name in (("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"), ("\b", "\\b"), ("\f", "\\f")):
        escaped = escaped.replace(raw, name)
    # What is left of the control characters has no meaning in a tag and would make invalid JSON.
    escaped = escaped.re_replace(r"[\x00-\x1f]", " ")
    return ibis.literal('"') + escaped + ibis.literal('"')


def _half_even(cell: "ir.StringValue") -> "ir.StringValue":
    """The number's text such that a cast to 18 places gives the half-even value: a tie is cut to its even digit."""
    return _written_out(cell.strip()).re_replace(_TIE_TO_EVEN, r"\1")


def _written_out(cell: "ir.StringValue") -> "ir.StringValue":
    """A number with an exponent without one: `1.5e-3` becomes `0.0015`, with more zeros; other text stays as it is."""
    sign, whole, fraction, exponent = (cell.re_extract(_PARTS, group) for group in (1, 2, 3, 4))
    digits = _ZEROS + whole + fraction + _ZEROS
    point = whole.length() + exponent.try_cast("int64") + len(_ZEROS)
    written = sign + digits.left(point) + "." + digits.substr(point)
    return cell.re_search(_WITH_EXPONENT).ifelse(written, cell)
