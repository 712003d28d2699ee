"""Numbers as they are printed for people, to plain ones: `$10,000.00` of a spreadsheet, `1.234,56` of a German one.

Only what can be read in one way is changed: thousands marks in groups of three beside a dollar sign or a decimal point;
and a decimal comma in a file that separates its cells with something else and whose amounts show that comma. `1,234`
alone stays as it is, and is refused later: a bill must not depend on a guess.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

_DOLLARS = r"^\(?-?\$ ?-?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)(\.[0-9]*)?\)?$"
_GROUPED = r"^-?[0-9]{1,3}(,[0-9]{3})+\.[0-9]+$"
_COMMA = r"^[-+]?([0-9]{1,3}(\.[0-9]{3})+|[0-9]+),[0-9]+ ?[€$£]?$"
"""A decimal comma, with or without points between the thousands."""
_POINTS = r"^[-+]?[0-9]{1,3}(\.[0-9]{3})+ ?[€$£]?$"
"""Whole thousands in a file of decimal commas."""
_SIGN = r"^[-+]?[0-9]+ [€$£]$"


def has_decimal_commas(columns: "Iterable[pa.Array]") -> bool:
    """Whether amounts of a file are written with a comma before the decimals: one shows it, none shows a point."""
    import pyarrow.compute as pc

    commas = points = False
    for cells in columns:
        commas |= bool(pc.any(pc.match_substring_regex(cells, _COMMA)).as_py())
        points |= bool(pc.any(pc.match_substring_regex(cells, r"^[-+]?[0-9]*\.([0-9]{1,2}|[0-9]{4,})$")).as_py())
    return commas and not points


def plain(cells: "pa.Array", *, decimal_comma: bool) -> "pa.Array":
    """Printed numbers as plain ones; every other cell as it is.

    Args:
        cells: text.
        decimal_comma: whether the file writes one.
    """
    import pyarrow.compute as pc

    marks = (",", ".", "€", "£", "$") if decimal_comma else (",", "$")
    if not any(pc.any(pc.match_substring(cells, mark)).as_py() for mark in marks):
        return cells  # nearly every file
    cells = pc.utf8_trim_whitespace(cells)
    if decimal_comma:
        bare = pc.replace_substring_regex(cells, r"[.€$£ ]", "")
        is_printed = pc.match_substring_regex(cells, f"{_COMMA}|{_POINTS}|{_SIGN}")
        return pc.if_else(is_printed, pc.replace_substring(bare, ",", "."), cells)
    is_printed = pc.match_substring_regex(cells, f"{_DOLLARS}|{_GROUPED}")
    # Brackets are how a spreadsheet prints what is below zero.
    signed = pc.replace_substring_regex(cells, r"^\(", "-")
    return pc.if_else(is_printed, pc.replace_substring_regex(signed, r"[$,() ]", ""), cells)
