"""Waterfall: from the month before, step by step, to this month's forecast."""

import textwrap
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

from finops.money import subtract, to_float
from finops.report.charts import columns
from finops.report.charts.canvas import INK, WIDTH, canvas, side_colour, write_text
from finops.report.charts.svg import finished
from finops.report.cut import cut, levels
from finops.report.locale import locale
from finops.report.model import Bridge, BridgeBar, NotComputable, Report
from finops.report.printable import printable
from finops.report.sentences import Sentences

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_TOP, _BOTTOM = 12.0, 114.0
_LINE = 8.6
_LETTER = 3.9
"""Width of an average letter of a label, in points."""
_MOST_LINES = 5
_WIDEST = 34.0


def bridge(report: Report) -> str:
    """The bridge between two months: totals at the ends, a step for each cause.

    Returns:
        One `svg` element; empty where the report holds no bridge.
    """
    if isinstance(report.bridge, NotComputable):
        return ""
    words = Sentences(report, locale(report.locale))
    drawing = _Waterfall(report.bridge, words)
    with canvas(drawing.height) as (figure, write):
        drawing.draw(figure)
        svg = write()
    title = printable(f"{words.moved}. {words.moved_description}")
    return finished(svg, "bridge", title=title, description=f"{words.moved_caption}. {words.moved_note}")


class _Waterfall:
    """Bars from left to right; heights in points from the top."""

    def __init__(self, bridge: Bridge, words: Sentences) -> None:
        self.bridge = bridge
        self.words = words
        self.scale = words.moved_scale
        self.floor = cut(bridge)
        self.slot = (WIDTH - 8) / (len(bridge.steps) + 2)
        self.labels = [self._wrapped(text) for text in self._names()]
        self.height = _BOTTOM + 4 + _LINE * max(len(lines) for lines in self.labels)
        reached = levels(bridge)
        self.high = max(*reached, Decimal(0)) if not self.floor else max(reached)
        self.low = self.floor or min(*reached, Decimal(0))

    def draw(self, figure: "Figure") -> None:
        axes = columns.sheet(figure, self.height)
        columns.level_line(axes, (4, WIDTH - 4), self._y(self.floor), strong=True)
        self._steps(axes, figure)
        self._total(axes, figure, 0, self.bridge.start.exact, hatched=False)
        last = len(self.bridge.steps) + 1
        self._total(axes, figure, last, self.bridge.end.exact, hatched=not self.bridge.end_is_actual)
        for n, lines in enumerate(self.labels):
            for at, line in enumerate(lines):
                write_text(figure, self.height, self._middle(n), _BOTTOM + 10 + _LINE * at, line, align="center")

    def _steps(self, axes: "Axes", figure: "Figure") -> None:
        reached = levels(self.bridge)
        for n, (step, (before, after)) in enumerate(zip(self.bridge.steps, pairwise(reached), strict=False), start=1):
            columns.level_line(axes, (self._edges(n - 1)[1], self._edges(n)[0]), self._y(before))
            bar = columns.box(*self._edges(n), self._y(before), self._y(after))
            value = to_float(step.amount.exact)
            columns.gap(axes, bar, value)
            text = self.words.locale.signed_scaled(step.amount.exact, self.scale)
            write_text(figure, self.height, bar.middle, bar.top - 4, text, align="center", colour=side_colour(value))
        last = len(self.bridge.steps)
        columns.level_line(axes, (self._edges(last)[1], self._edges(last + 1)[0]), self._y(self.bridge.end.exact))

    def _total(self, axes: "Axes", figure: "Figure", n: int, amount: Decimal, *, hatched: bool) -> None:
        bar = columns.box(*self._edges(n), self._y(amount), self._y(self.floor))
        if hatched:
            columns.hatched(axes, bar)
        else:
            columns.solid(axes, bar)
        if self.floor:
            columns.slash(axes, bar)
        text = self.words.locale.scaled(amount, self.scale)
        write_text(figure, self.height, bar.middle, bar.top - 4, text, align="center", colour=INK, bold=True)

    def _names(self) -> Sequence[str]:
        bridge, words = self.bridge, self.words
        return (
            words.total_label(bridge.start_month, actual=True),
            *(self._name(step) for step in bridge.steps),
            words.total_label(bridge.end_month, actual=bridge.end_is_actual),
        )

    def _name(self, step: BridgeBar) -> str:
        return printable(self.words.step(step))

    def _wrapped(self, text: str) -> list[str]:
        """Lines that fit under a bar; what does not fit is cut with an ellipsis."""
        letters = max(4, int(self.slot / _LETTER))
        return textwrap.wrap(text, letters, max_lines=_MOST_LINES, placeholder="…") or [""]

    def _middle(self, n: int) -> float:
        return 4 + self.slot * (n + 0.5)

    def _edges(self, n: int) -> tuple[float, float]:
        half = min(_WIDEST, self.slot * 0.62) / 2
        return self._middle(n) - half, self._middle(n) + half

    def _y(self, value: Decimal) -> float:
        span = subtract(self.high, self.low) or Decimal(1)
        return _BOTTOM - to_float(subtract(value, self.low) / span) * (_BOTTOM - _TOP)
