"""Ownership: cumulative cost of owned and rented with their break-even, and what each assumption moves."""

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from finops.money import to_float
from finops.report.charts import columns
from finops.report.charts.axis import panel_of, tick_text, ticks
from finops.report.charts.canvas import (
    FORECAST,
    GRID,
    INK,
    LEFT,
    WIDTH,
    Label,
    axes_of,
    canvas,
    draw_grid,
    draw_vertical,
    end_labels,
    write_caption,
    write_text,
)
from finops.report.charts.svg import finished
from finops.report.locale import locale
from finops.report.model import NotComputable, Report, TcoPart, TcoSwing
from finops.report.printable import printable
from finops.report.sentences import Sentences

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_HEIGHT, _TOP, _BOTTOM = 190.0, 18.0, 158.0
_LOOKS: Final = ((INK, "solid"), (FORECAST, "solid"), (FORECAST, (0, (2.6, 1.3))))
_RIGHT = 345.0
"""Of the plotting area: names of options need room beside it."""

_NAME_LENGTH = 22
_DARK, _LIGHT = "#8C8C8C", "#CFCFCF"
_NAMES_END = 238.0
_ROW, _BAR = 14.0, 8.0
_FEW_MONTHS = 12


def tco_curves(report: Report, at: int) -> str:
    """Cumulative cost of the options of the study at this place.

    Returns:
        One `svg` element.
    """
    words, part = Sentences(report, locale(report.locale)), report.tco[at]
    with canvas(_HEIGHT) as (figure, write):
        _Curves(part, words).draw(figure)
        svg = write()
    title = f"{words.tco_curves(part)}. {words.tco_description(part)}"
    return finished(svg, f"tco-{at + 1}", title=printable(title), description=printable(words.tco_curves_caption(part)))


def tco_swings(report: Report, at: int) -> str:
    """What each assumption moves in the study at this place.

    Returns:
        One `svg` element; empty where no assumption has a range.
    """
    words, part = Sentences(report, locale(report.locale)), report.tco[at]
    if not part.swings:
        return ""
    drawing = _Swings(part, words)
    with canvas(drawing.height) as (figure, write):
        drawing.draw(figure)
        svg = write()
    title = f"{words.tco_decides(part)}. {words.tco_swings_description(part)}"
    caption = printable(words.tco_swings_caption(part))
    return finished(svg, f"swings-{at + 1}", title=printable(title), description=caption)


class _Curves:
    """Months from left to right."""

    def __init__(self, part: TcoPart, words: Sentences) -> None:
        self.part = part
        self.words = words
        self.scale = words.tco_scale(part)
        self.lines = [[to_float(value / self.scale.divisor) for value in curve.cumulative] for curve in part.curves]

    def draw(self, figure: "Figure") -> None:
        say, months = self.words.locale.say, self.part.horizon_months
        panel = panel_of(top=_TOP, bottom=_BOTTOM, values=[value for line in self.lines for value in line])
        axes = axes_of(figure, _HEIGHT, panel, (0, months), right=_RIGHT)
        draw_grid(axes, panel, lambda value: tick_text(self.words.locale, value, signed=False))
        write_caption(figure, _HEIGHT, 9, say("Cumulative cost, %(unit)s", unit=self.scale.unit))
        labels = []
        for curve, line, (colour, style) in zip(self.part.curves, self.lines, _LOOKS, strict=False):
            axes.plot(range(months + 1), line, color=colour, linewidth=1.9, linestyle=style)
            amount = self.words.tco_amount(self.part, curve.total)
            labels.append(
                Label(y=panel.y(line[-1]), text=f"{_short(curve.name)} {amount}", colour=colour, weight="bold")
            )
        end_labels(axes, panel, labels)
        self._break_even(axes, figure, [panel.y(value) for value in self.lines[0]])
        self._refreshes(figure, [panel.y(value) for value in self.lines[0]])
        for tick in _month_ticks(months):
            write_text(figure, _HEIGHT, self._x(tick), _BOTTOM + 12, self.words.locale.count(tick), align="center")
        write_text(figure, _HEIGHT, (LEFT + _RIGHT) / 2, _BOTTOM + 24, say("months since start"), align="center")

    def _break_even(self, axes: "Axes", figure: "Figure", heights: list[float]) -> None:
        month, say = self.part.break_even, self.words.locale.say
        if isinstance(month, NotComputable):
            text = say(
                "no break-even within %(months)s months", months=self.words.locale.count(self.part.horizon_months)
            )
            write_text(figure, _HEIGHT, LEFT + 6, _TOP + 8, text, colour=INK, bold=True)
            return
        if not month:
            return
        axes.plot([month], [self.lines[0][month]], marker="o", markersize=6, color=INK, markerfacecolor="white")
        draw_vertical(figure, _HEIGHT, self._x(month), heights[month] + 5, _BOTTOM)
        text = say("Break-even: month %(month)s", month=self.words.locale.count(month))
        early = self._x(month) < LEFT + 110  # about as wide as the text
        place = (self._x(month) + 7, heights[month] + 14) if early else (self._x(month) - 7, heights[month] - 8)
        write_text(figure, _HEIGHT, *place, text, align="left" if early else "right", colour=INK, bold=True)

    def _refreshes(self, figure: "Figure", heights: list[float]) -> None:
        for month in self.part.curves[0].refresh_months[:1]:
            draw_vertical(figure, _HEIGHT, self._x(month), heights[month], min(heights[month] + 30, _BOTTOM))
            text = self.words.locale.say("hardware refresh")
            write_text(figure, _HEIGHT, self._x(month) + 4, min(heights[month] + 34, _BOTTOM - 4), text)

    def _x(self, month: float) -> float:
        return LEFT + (_RIGHT - LEFT) * month / self.part.horizon_months


class _Swings:
    """One bar per assumption, from what its low gives to what its high gives, around the base case."""

    def __init__(self, part: TcoPart, words: Sentences) -> None:
        self.part = part
        self.words = words
        self.by_month = not isinstance(part.break_even, NotComputable)
        self.height = 16 + _ROW * len(part.swings) + 14
        ends = [value for swing in part.swings for value in self._ends(swing)]
        low, high = min([*ends, self._base]), max([*ends, self._base])
        room = (high - low) * 0.05 or 1.0
        self.low, self.high = low - room, high + room

    def draw(self, figure: "Figure") -> None:
        axes = columns.sheet(figure, self.height)
        bottom = 16 + _ROW * len(self.part.swings)
        for tick in ticks(self.low, self.high, 6):
            axes.plot((self._x(tick),) * 2, (14, bottom), color=GRID, linewidth=0.5, zorder=0)
            text = tick_text(self.words.locale, tick, signed=not self.by_month)
            write_text(figure, self.height, self._x(tick), bottom + 11, text, align="center")
        for n, swing in enumerate(self.part.swings):
            self._bar(axes, figure, 16 + _ROW * n, swing)
        axes.plot((self._x(self._base),) * 2, (12, bottom), color=INK, linewidth=1.0)
        text = self.words.locale.say("base case %(value)s", value=self._base_text())
        write_text(figure, self.height, self._x(self._base), 8, text, align="center", colour=INK, bold=True)

    def _bar(self, axes: "Axes", figure: "Figure", top: float, swing: TcoSwing) -> None:
        write_text(figure, self.height, 0, top + 7, _short(self.words.tco_swing(swing), 58), colour=INK)
        ends, texts = self._ends(swing), self.words.tco_ends(self.part, swing)
        for end, colour in zip(ends, (_DARK, _LIGHT), strict=True):
            columns.solid(axes, _bar(self._x(self._base), self._x(end), top), colour)
        outer = sorted(zip(ends, texts, strict=True))
        (first, first_text), (last, last_text) = outer
        write_text(
            figure, self.height, min(self._x(first), self._x(self._base)) - 3, top + 7, first_text, align="right"
        )
        if last_text != first_text or last != first:
            write_text(figure, self.height, max(self._x(last), self._x(self._base)) + 3, top + 7, last_text)

    @property
    def _base(self) -> float:
        even = self.part.break_even
        if not isinstance(even, NotComputable):
            return float(even)
        saving = self.part.saving
        return 0.0 if isinstance(saving, NotComputable) else self._scaled(saving.exact)

    def _base_text(self) -> str:
        if self.by_month:
            return self.words.locale.count(int(self._base))
        return self.words.locale.signed(Decimal(repr(self._base)), places=self.words.tco_scale(self.part).places)

    def _ends(self, swing: TcoSwing) -> tuple[float, float]:
        """Values at low and high; a break-even that never comes lies at the horizon."""
        if not self.by_month:
            return self._scaled(swing.low_saving), self._scaled(swing.high_saving)
        never = self.part.horizon_months
        first, second = (never if month is None else month for month in (swing.low_month, swing.high_month))
        return float(first), float(second)

    def _scaled(self, amount: Decimal) -> float:
        return to_float(amount / self.words.tco_scale(self.part).divisor)

    def _x(self, value: float) -> float:
        return _NAMES_END + 22 + (WIDTH - _NAMES_END - 44) * (value - self.low) / (self.high - self.low)


def _bar(start: float, end: float, top: float) -> columns.Box:
    return columns.Box(left=min(start, end), right=max(start, end), top=top, bottom=top + _BAR)


def _month_ticks(months: int) -> list[int]:
    """Years where they fit, else every month."""
    step = 12 * -(-months // 120) if months > _FEW_MONTHS else max(1, months // 6)
    return list(range(0, months + 1, step))


def _short(text: str, length: int = _NAME_LENGTH) -> str:
    text = printable(text)
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"
