"""Sheet: cells written as what they are: text as text, money and days as numbers, a missing figure as its reason.

Texts come from bills and configuration. They are written as strings only and never stand inside a formula.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from finops.money import to_float
from finops.report.locale import UNKNOWN
from finops.report.model import Amount, NotComputable, Report
from finops.report.sentences import Sentences
from finops.report.workbook import looks
from finops.report.workbook.looks import Look
from finops.report.workbook.patterns import Patterns, rounds_to_zero, with_text_as

_LONGEST_TEXT = 32_767  # UTF-16 units in a cell
_LONGEST_MARGIN_TEXT = 40  # three of them, every letter doubled, fit the 255 units of a header
_LONGEST_STAMP = 80  # the only text of the footer
_FIRST_DAY = date(1900, 3, 1)  # spreadsheets count a 29 February 1900 that never was
_NOT_TEXT = {"Cc", "Cs"}
_NOT_CHARACTERS = {"\ufffe", "\uffff"}
_LINE_HEIGHT = 1.3  # of the type size
_FILLED = 1.1  # letters per digit's width, on average, words not broken
_HEAD_ROWS = 3  # finding, caption, blank

Value = Amount | Decimal | int | NotComputable


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: its head, its width in characters and the side its content stands on."""

    head: str
    width: float = 15
    align: Literal["left", "right"] = "right"


class Book:
    """The spreadsheet being written: its words, number formats and styles."""

    def __init__(self, workbook: Any, words: Sentences) -> None:  # noqa: ANN401 - the package carries no types
        self.words = words
        self.patterns = Patterns(words.locale)
        self.workbook = workbook
        self._styles: dict[Look, Any] = {}

    @property
    def report(self) -> Report:
        """What is shown."""
        return self.words.report

    def style(self, look: Look) -> Any:  # noqa: ANN401 - the package carries no types
        """The workbook's format of a look."""
        if look not in self._styles:
            self._styles[look] = self.workbook.add_format(look.properties())
        return self._styles[look]

    def sheet(self, name: str) -> "Sheet":
        """A new sheet with the page set up: landscape, as wide as the paper, stamped in its margins."""
        page = self.workbook.add_worksheet(name)
        page.hide_gridlines(2)
        page.set_landscape()
        page.set_paper(9)  # A4
        page.set_margins(left=0.7, right=0.7, top=0.85, bottom=0.7)
        page.fit_to_pages(1, 0)
        report = self.report
        name = f"{_margin(report.organisation)} · {_margin(self.words.title)}"
        page.set_header(f"&L&8 {name}&R&8 {_margin(report.classification or '')}")
        number = self.words.locale.say("Page %(page)s of %(pages)s", page="&P", pages="&N")
        page.set_footer(f"&L&8 {_margin(self.words.footer, _LONGEST_STAMP)}&R&8 {number}")
        return Sheet(self, page)


class Sheet:
    """One sheet; rows and columns count from zero."""

    def __init__(self, book: Book, page: Any) -> None:  # noqa: ANN401 - the package carries no types
        self.book = book
        self.page = page

    # Cells

    def text(self, row: int, column: int, text: str, look: Look = looks.ROW) -> None:
        """A text that nothing takes for a formula, a number or an address."""
        self.page.write_string(row, column, clean(text), self.book.style(_aside(look, column)))

    def value(
        self, row: int, column: int, value: Value, pattern: str, look: Look = looks.ROW, *, formula: str | None = None
    ) -> None:
        """A number that keeps the digits of a double, or why there is none.

        A missing figure's cell holds the reason and shows `not computable`, which fits; notes carry the reasons too.
        With a formula it is the formula's stored result, so that readers that do not calculate show the same.
        """
        found = _text_or_number(value)
        shown = replace(look, pattern=pattern)
        if isinstance(found, str):
            text = with_text_as(pattern, self.book.words.locale.say("not computable"))
            shown = replace(look, pattern=text, colour=looks.MUTED, bold=False, align="right")
        style = self.book.style(shown)
        if formula is not None:
            self.page.write_formula(row, column, formula, style, found)
        elif isinstance(found, str):
            self.page.write_string(row, column, found, style)
        else:
            self.page.write_number(row, column, found, style)

    def day(self, row: int, column: int, day: date | None, pattern: str, look: Look = looks.ROW) -> None:
        """A day as a date; as text where spreadsheets count days wrongly, a dash for none."""
        placed = replace(look, align=look.align or "right", pattern=pattern)
        if day is None or day < _FIRST_DAY:
            self.text(row, column, UNKNOWN if day is None else day.isoformat(), placed)
        else:
            self.page.write_datetime(row, column, day, self.book.style(_aside(placed, column)))

    def dash(self, row: int, column: int, look: Look = looks.ROW) -> None:
        """A number that is not known or has no meaning here."""
        self.text(row, column, UNKNOWN, replace(look, align="right", colour=looks.MUTED))

    def blank(self, row: int, column: int, look: Look = looks.ROW) -> None:
        """Nothing: a line that is not drawn."""
        self.page.write_blank(row, column, None, self.book.style(look))

    # Parts

    def opening(self, heading: str, caption: str) -> int:
        """The finding of the sheet and what is drawn; returns the row of the table's head."""
        self.text(0, 0, heading, looks.HEADING)
        self.fit(0, (), looks.HEADING.size)
        self.text(1, 0, caption, looks.NOTE)
        return _HEAD_ROWS

    def widths(self, columns: Sequence[Column]) -> None:
        """Set the columns' widths."""
        for at, column in enumerate(columns):
            self.page.set_column(at, at, column.width)

    def head(self, row: int, columns: Sequence[Column]) -> int:
        """The head of a table; returns the row under it."""
        for at, column in enumerate(columns):
            if column.head:
                self.text(row, at, column.head, replace(looks.HEAD, align=column.align))
            else:
                self.blank(row, at, looks.HEAD)
        self.fit(row, [(column.head, column.width) for column in columns])
        return row + 1

    def table(self, row: int, columns: Sequence[Column]) -> int:
        """The one table of a sheet: its head stays in view and is printed on every page; returns the row under it."""
        self.widths(columns)
        below = self.head(row, columns)
        self.page.freeze_panes(below, 0)
        self.page.repeat_rows(row)
        return below

    def paragraph(self, row: int, text: str, columns: Sequence[Column], look: Look = looks.BODY) -> int:
        """A text over the width of these columns, as high as it needs; returns the row under it."""
        style = self.book.style(replace(look, wrap=True))
        self.page.merge_range(row, 0, row, len(columns) - 1, "", style)
        self.page.write_string(row, 0, clean(text), style)
        self.fit(row, [(text, sum(column.width for column in columns))], look.size)
        return row + 1

    def fit(self, row: int, texts: Iterable[tuple[str, float]], size: float = looks.BODY.size) -> None:
        """Make a row as high as its wrapped texts need in columns of these widths; not every program does."""
        lines = max((_lines(text, width * looks.BODY.size / size) for text, width in texts), default=1)
        if lines > 1 or size > looks.BODY.size:
            self.page.set_row(row, lines * size * _LINE_HEIGHT)

    def reasons(self, first_row: int, figures: Iterable[object]) -> Mapping[str, str]:
        """Each reason for a missing figure once, from this row on; returns the cells that formulas point at."""
        cells: dict[str, str] = {}
        for at, reason in enumerate(self.book.words.reasons(figures)):
            self.text(first_row + at, 0, missing(NotComputable(reason=reason)), looks.NOTE)
            cells[reason] = f"$A${first_row + at + 1}"
        return cells

    def colour_gaps(self, first_row: int, last_row: int, column: int, places: int) -> None:
        """Over budget in one colour, under it in another; the sign says the same. What rounds to zero has neither.

        Conditions ask for a number first: a spreadsheet holds any text to be above zero.
        """
        if last_row < first_row:
            return
        cell = f"${letter(column)}{first_row + 1}"
        area = (first_row, column, last_row, column)
        for condition, properties in (
            (rounds_to_zero(cell, places), {"num_format": "0"}),
            (f"=AND(ISNUMBER({cell}),{cell}>0)", {"font_color": looks.ADVERSE}),
            (f"=AND(ISNUMBER({cell}),{cell}<0)", {"font_color": looks.FAVOURABLE}),
        ):
            look = self.book.workbook.add_format(properties)
            rule = {"type": "formula", "criteria": condition, "format": look, "stop_if_true": True}
            self.page.conditional_format(*area, rule)


def missing(figure: NotComputable) -> str:
    """What stands where a number would."""
    return f"not computable: {figure.reason}"


def exact(amount: Decimal) -> str:
    """Every digit, with no exponent and no negative zero.

    >>> exact(Decimal("1E+3")), exact(Decimal("-0.00"))
    ('1000', '0.00')
    """
    return format(amount.copy_abs() if amount.is_zero() else amount, "f")


def clean(text: str) -> str:
    r"""The text as a cell can hold it: no control characters, no halves of characters, not too long.

    >>> clean("a\x00b")
    'a\ufffdb'
    """
    kept = "".join("\ufffd" if _unfit(letter) else letter for letter in text)
    units = len(kept.encode("utf-16-le")) // 2
    return kept if units <= _LONGEST_TEXT else f"{_cut(kept, _LONGEST_TEXT - 1)}…"


def letter(column: int) -> str:
    """The column's letters.

    >>> letter(0), letter(26)
    ('A', 'AA')
    """
    found = ""
    at = column + 1
    while at:
        at, rest = divmod(at - 1, 26)
        found = chr(ord("A") + rest) + found
    return found


def cell(row: int, column: int) -> str:
    """The name of a cell.

    >>> cell(4, 1)
    'B5'
    """
    return f"{letter(column)}{row + 1}"


class _Double(float):
    """A float that is written with the 17 digits it may need; XlsxWriter's own 16 can miss it by the last bit."""

    __slots__ = ()

    def __format__(self, _specification: str) -> str:
        """Every digit, whatever was asked for."""
        return repr(float(self))


def _text_or_number(value: Value) -> "str | _Double":
    if isinstance(value, NotComputable):
        return clean(missing(value))
    exact = value.exact if isinstance(value, Amount) else Decimal(value)
    return _Double(to_float(exact) + 0.0)  # no negative zero


def _aside(look: Look, column: int) -> Look:
    """Text that begins beside a number keeps a distance from it."""
    if not column or look.align == "right":
        return look
    return replace(look, align="left", indent=1)


def _lines(text: str, width: float) -> int:
    """Lines a text takes, about."""
    return sum(max(1, -(-len(line) // max(1, int(width * _FILLED)))) for line in clean(text).split("\n"))


def _unfit(letter: str) -> bool:
    return (unicodedata.category(letter) in _NOT_TEXT and letter != "\n") or letter in _NOT_CHARACTERS


def _cut(text: str, units: int) -> str:
    return text.encode("utf-16-le")[: units * 2].decode("utf-16-le", errors="ignore")


def _margin(text: str, longest: int = _LONGEST_MARGIN_TEXT) -> str:
    """A text in a header or footer, where `&` starts a code."""
    return clean(text).replace("\n", " ")[:longest].replace("&", "&&")
