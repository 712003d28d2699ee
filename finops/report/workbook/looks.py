"""Looks: how cells appear; rules under rows, no fill, no vertical line, and two colours that also carry a sign."""

from dataclasses import dataclass
from typing import Literal

INK = "#1A1A1A"
MUTED = "#595959"
AXIS = "#8C8C8C"
GRID = "#E2E2E2"
RULE = "#DCDCDC"
FORECAST = "#1F5A93"
ADVERSE = "#B5402A"
FAVOURABLE = "#1B7A6E"
CAUTION = "#7A4F00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How one cell appears.

    Attributes:
        pattern: number format.
        size: of the type, in points.
        top, bottom: colour of the rule there; empty for none.
    """

    pattern: str = "General"
    size: float = 10
    bold: bool = False
    colour: str = INK
    align: Literal["", "left", "right"] = ""
    indent: int = 0
    wrap: bool = False
    top: str = ""
    bottom: str = ""

    def properties(self) -> dict[str, object]:
        """As XlsxWriter takes them."""
        found: dict[str, object] = {
            "num_format": self.pattern,
            "font_size": self.size,
            "font_color": self.colour,
            "valign": "bottom" if self.bottom == INK else "vcenter",
        }
        if self.bold:
            found["bold"] = True
        if self.align:
            found["align"] = self.align
        if self.indent:
            found["indent"] = self.indent
        if self.wrap:
            found["text_wrap"] = True
        for side, colour in (("top", self.top), ("bottom", self.bottom)):
            if colour:
                found |= {side: 1, f"{side}_color": colour}
        return found


TITLE = Look(size=19, bold=True)
HEADING = Look(size=13.5, bold=True)
SMALL_HEADING = Look(size=11, bold=True)
BODY = Look()
NOTE = Look(size=9, colour=MUTED)
HEAD = Look(bold=True, wrap=True, bottom=INK)
ROW = Look(bottom=RULE)
STRONG = Look(bold=True, bottom=RULE)
TOTAL = Look(bold=True, top=INK)
