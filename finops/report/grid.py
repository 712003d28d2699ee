"""Grid: a small table as text: for a terminal, as Markdown, as CSV. One rule under the header, no boxes."""

import csv
import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_NOT_SHOWN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_MARKDOWN = re.compile(r"[\\|<\[`]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: header, side, and when a narrow terminal drops it (the highest number first; 0 never)."""

    header: str
    align: Literal["left", "right"] = "right"
    dropped: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Cells in the columns' order; `style` colours a whole row on a terminal that wants it."""

    cells: tuple[str, ...]
    style: Literal["plain", "high", "medium", "total"] = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table with a title line, rows, a total set apart, and lines under it."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    total: Row | None = None
    notes: tuple[str, ...] = field(default=())


_ANSI = {"plain": "", "high": "\x1b[31m", "medium": "\x1b[33m", "total": "\x1b[1m"}


def terminal(grid: Grid, *, width: int | None = None, colour: bool = False) -> str:
    """Text for a terminal; columns are dropped until it fits the width.

    Args:
        grid: what to show; its texts are data and lose their control characters.
        width: of the terminal; None for any.
        colour: red for high, yellow for medium, bold for the total.
    """
    shown = list(range(len(grid.columns)))
    rows = [*grid.rows, *([grid.total] if grid.total else [])]
    cells_of = [[column.header, *(row.cells[at] for row in rows)] for at, column in enumerate(grid.columns)]
    widths = [max(_wide(_clean(text)) for text in cells) for cells in cells_of]
    while width is not None and sum(widths[at] + 2 for at in shown) - 2 > width:
        candidates = [at for at in shown if grid.columns[at].dropped]
        if not candidates:
            break
        shown.remove(max(candidates, key=lambda at: grid.columns[at].dropped))

    def line(cells: Sequence[str], style: str) -> str:
        text = "  ".join(_padded(_clean(cells[at]), widths[at], grid.columns[at].align) for at in shown).rstrip()
        return f"{_ANSI[style]}{text}\x1b[0m" if colour and _ANSI[style] else text

    rule = "-" * (sum(widths[at] + 2 for at in shown) - 2)
    lines = [_clean(grid.title), line([column.header for column in grid.columns], "plain"), rule]
    lines += [line(row.cells, row.style) for row in grid.rows]
    lines += ["", line(grid.total.cells, "total")] if grid.total else []
    return "\n".join([*lines, *map(_clean, grid.notes)])


def markdown(grid: Grid) -> str:
    """The table as Markdown, title as a bold line."""
    rows = [*grid.rows, *([grid.total] if grid.total else [])]
    rule = ["---:" if column.align == "right" else "---" for column in grid.columns]
    lines = [[column.header for column in grid.columns], rule, *(row.cells for row in rows)]
    body = ["| " + " | ".join(map(_inert, cells)) + " |" for cells in lines]
    return "\n".join([f"**{_inert(grid.title)}**", "", *body, "", *map(_inert, grid.notes)]).rstrip()


def comma_separated(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Records as CSV; text that a spreadsheet would run as a formula gets an apostrophe, numbers stay as they are."""
    return "\n".join([_record(header), *(_record([_harmless(cell) for cell in row]) for row in rows)])


def sparkline(values: Sequence[float]) -> str:
    """Bars for the last days, lowest to highest; flat where nothing differs.

    >>> sparkline([1.0, 2.0, 3.0])
    '▁▄█'
    """
    bars = "▁▂▃▄▅▆▇█"
    low, high = min(values, default=0.0), max(values, default=0.0)
    if high == low:
        return bars[3] * len(values)
    return "".join(bars[int((value - low) / (high - low) * (len(bars) - 1))] for value in values)


def _record(cells: Sequence[str]) -> str:
    """One record; written with both line ends, as the writer quotes only those it knows of, and readers know both."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue().removesuffix("\r\n")


def _harmless(cell: str) -> str:
    """A number, or text that no spreadsheet runs."""
    if not cell.startswith(_FORMULA_STARTS) or _is_number(cell):
        return cell
    return f"'{cell}"


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _clean(text: str) -> str:
    """The text on one line, without control characters: names come from bills, and terminals obey escape sequences."""
    return "".join(" " if unicodedata.category(letter) in _NOT_SHOWN else letter for letter in text)


def _inert(text: str) -> str:
    """The text as Markdown that is no cell border, tag, link, image or code."""
    return _MARKDOWN.sub(r"\\\g<0>", _clean(text))


def _wide(text: str) -> int:
    """Columns the text takes on a terminal."""
    return sum(
        0 if unicodedata.category(letter) in {"Mn", "Me"} else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )


def _padded(text: str, width: int, align: str) -> str:
    space = " " * (width - _wide(text))
    return text + space if align == "left" else space + text
