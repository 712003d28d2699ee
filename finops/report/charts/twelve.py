"""Twelve: the months of the fiscal year against their budgets, the gaps above on the same grid of months."""

from decimal import Decimal
from typing import TYPE_CHECKING

from finops.money import to_float
from finops.periods import month
from finops.report.charts import columns
from finops.report.charts.canvas import INK, WIDTH, canvas, draw_vertical, side_colour, write_caption, write_text
from finops.report.charts.svg import finished
from finops.report.locale import locale
from finops.report.model import Amount, FiscalMonth, FiscalYear, NotComputable, Range, Report
from finops.report.sentences import Sentences

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_GAPS_TOP, _GAPS_BOTTOM = 24.0, 46.0
_GAPS_HEIGHT = 58.0
_SPEND_TOP, _SPEND_BOTTOM = 30.0, 136.0
_FULL = Decimal(100)
"""From here on a spend label has no decimals: three digits say enough, and more do not fit."""
_BAR, _BEHIND = 22.0, 4.0


def year(report: Report) -> str:
    """Spend per month with its budget behind and the range of what is not over, and the gap above.

    Returns:
        One `svg` element; empty where the report holds no year.
    """
    if isinstance(report.year, NotComputable) or not report.year.months:
        return ""
    words = Sentences(report, locale(report.locale))
    drawing = _Months(report.year, words)
    with canvas(drawing.height) as (figure, write):
        drawing.draw(figure)
        svg = write()
    return finished(svg, "year", title=f"{words.year_months}. {words.year_description}", description=words.year_caption)


class _Months:
    """Months from left to right; heights in points from the top."""

    def __init__(self, fiscal: FiscalYear, words: Sentences) -> None:
        self.months = fiscal.months
        self.words = words
        self.scale = words.year_chart_scale
        self.slot = (WIDTH - 8) / len(fiscal.months)
        self.has_gaps = any(isinstance(one.gap, Amount) for one in fiscal.months)
        self.offset = _GAPS_HEIGHT if self.has_gaps else 0.0
        self.height = self.offset + _SPEND_BOTTOM + 16
        values = [value for one in fiscal.months for value in self._values(one)]
        self.high, self.low = max([*values, 0.0]), min([*values, 0.0])

    def draw(self, figure: "Figure") -> None:
        axes = columns.sheet(figure, self.height)
        self._boundary(figure)
        if self.has_gaps:
            unit = self.words.locale.say("Gap to budget, %(unit)s", unit=self.scale.unit)
            write_caption(figure, self.height, 8, unit)
            self._gaps(axes, figure)
        write_caption(
            figure, self.height, self.offset + 8, self.words.locale.say("Spend, %(unit)s", unit=self.scale.unit)
        )
        for n, one in enumerate(self.months):
            self._month(axes, figure, n, one)
            name = self.words.locale.short_month(month(one.month).start)
            write_text(figure, self.height, self._middle(n), self.offset + _SPEND_BOTTOM + 12, name, align="center")
        columns.level_line(axes, (4, WIDTH - 4), self._y(0.0), strong=True)

    def _gaps(self, axes: "Axes", figure: "Figure") -> None:
        gaps = [self._of(one.gap) if isinstance(one.gap, Amount) else None for one in self.months]
        known = [gap for gap in gaps if gap is not None]
        above, below = max([*known, 0.0]), -min([*known, 0.0])
        per_point = (_GAPS_BOTTOM - _GAPS_TOP) / ((above + below) or 1.0)
        zero = _GAPS_TOP + above * per_point
        columns.level_line(axes, (4, WIDTH - 4), zero, strong=True)
        for n, gap in enumerate(gaps):
            if gap is None:
                continue
            end = zero - gap * per_point
            bar = columns.box(self._middle(n) - 7, self._middle(n) + 7, zero, end)
            if gap:
                columns.gap(axes, bar, gap)
            text = self.words.locale.signed(Decimal(repr(gap)), places=self.scale.places)
            at = bar.bottom + 8 if gap < 0 else bar.top - 3
            write_text(figure, self.height, bar.middle, at, text, align="center", colour=side_colour(gap))

    def _month(self, axes: "Axes", figure: "Figure", n: int, one: FiscalMonth) -> None:
        left, right = self._middle(n) - _BAR / 2, self._middle(n) + _BAR / 2
        tops = [self._y(0.0)]
        if isinstance(one.budget, Amount):
            budget = columns.box(left - _BEHIND, right - _BEHIND, self._y(self._of(one.budget)), self._y(0.0))
            columns.outlined(axes, budget)
            tops.append(budget.top)
        if not isinstance(one.spend, Amount):
            write_text(figure, self.height, self._middle(n), min(tops) - 3, "–", align="center")
            return
        spend = columns.box(left, right, self._y(self._of(one.spend)), self._y(0.0))
        if one.state == "actual":
            columns.solid(axes, spend)
        else:
            columns.hatched(axes, spend)
        tops.append(spend.top)
        if isinstance(one.range, Range):
            low, high = self._y(self._of(one.range.low)), self._y(self._of(one.range.high))
            columns.whisker(axes, spend.middle, low, high)
            tops.append(high)
        text = self._label(one.spend)
        write_text(figure, self.height, spend.middle, min(tops) - 4, text, align="center", colour=INK, bold=True)

    def _boundary(self, figure: "Figure") -> None:
        """Between what is over and what is forecast."""
        ahead = [n for n, one in enumerate(self.months) if one.state in {"running", "forecast"}]
        if ahead and ahead[0] > 0:
            draw_vertical(figure, self.height, 4 + self.slot * ahead[0], 2, self.offset + _SPEND_BOTTOM)

    def _label(self, spend: Amount) -> str:
        value = spend.exact / self.scale.divisor
        places = 0 if abs(value) >= _FULL else self.scale.places
        return self.words.locale.number(value, places=places)

    def _values(self, one: FiscalMonth) -> list[float]:
        figures = [figure for figure in (one.spend, one.budget) if isinstance(figure, Amount)]
        if isinstance(one.range, Range):
            figures += [one.range.low, one.range.high]
        return [self._of(figure) for figure in figures]

    def _of(self, amount: Amount) -> float:
        return to_float(amount.exact / self.scale.divisor)

    def _middle(self, n: int) -> float:
        return 4 + self.slot * (n + 0.5)

    def _y(self, value: float) -> float:
        span = (self.high - self.low) or 1.0
        return self.offset + _SPEND_BOTTOM - (value - self.low) / span * (_SPEND_BOTTOM - _SPEND_TOP)
