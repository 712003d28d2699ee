"""Cumulative: spend of the period with forecast and budget, and below it the gap to budget with its ranges."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from finops.money import to_float
from finops.report.charts.axis import Panel, panel_of, tick_text
from finops.report.charts.canvas import (
    BAND_80,
    BAND_95,
    FORECAST,
    INK,
    LEFT,
    MUTED,
    RIGHT,
    Label,
    axes_of,
    canvas,
    draw_grid,
    draw_vertical,
    end_labels,
    side_colour,
    write_caption,
    write_text,
)
from finops.report.charts.svg import finished
from finops.report.locale import Scale, is_month, locale
from finops.report.model import Fan, NotComputable, Report
from finops.report.sentences import Sentences

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_CUMULATIVE_BOTTOM, _GAP_TOP = 130.0, 160.0
_ABOVE_LEFT, _BELOW_LEFT, _BELOW_RIGHT = (-7.0, 6.0), (-7.0, -11.0), (7.0, -11.0)
"""Where a label stands from its point, in points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """Values per day in the chart's unit; x is the number of days since the period began."""

    x: tuple[float, ...]
    y: tuple[float, ...]


def fan(report: Report) -> str:
    """Cumulative spend with forecast and budget, and below it the gap to budget with its ranges.

    Returns:
        One `svg` element; empty where the report holds no fan.
    """
    if isinstance(report.fan, NotComputable) or not report.fan.days:
        return ""
    words = Sentences(report, locale(report.locale))
    drawing = _FanDrawing(report.fan, words, words.fan_scale)
    with canvas(drawing.height) as (figure, write):
        drawing.draw(figure)
        svg = write()
    return finished(svg, "fan", title=f"{words.fan}. {words.fan_description}", description=words.fan_caption)


class _FanDrawing:
    """Two panels on one time axis; the lower one only where there is a budget."""

    def __init__(self, fan: Fan, words: Sentences, scale: Scale) -> None:
        self.fan = fan
        self.words = words
        self.locale = words.locale
        self.scale = scale
        self.days = len(fan.days)
        self.has_budget = any(day.budget is not None for day in fan.days)
        self.height = 248.0 if self.has_budget else 158.0

    def draw(self, figure: "Figure") -> None:
        top = self._cumulative_panel()
        axes = axes_of(figure, self.height, top, (0, self.days))
        draw_grid(axes, top, self._plain_tick)
        write_caption(figure, self.height, 9, self.locale.say("Cumulative spend, %(unit)s", unit=self.scale.unit))
        self._cumulative(axes, top)
        bottom = top.bottom
        if self.has_budget:
            panel = self._gap_panel()
            below = axes_of(figure, self.height, panel, (0, self.days))
            draw_grid(below, panel, self._signed_tick)
            heading = self.locale.say("Gap to budget, %(unit)s (above zero = over budget)", unit=self.scale.unit)
            write_caption(figure, self.height, 154, heading)
            self._gap(below, panel)
            bottom = panel.bottom
        self._time_axis(figure, bottom)
        self._data_to(figure, 10, bottom + 8)

    def _cumulative_panel(self) -> Panel:
        names = ("actual", "forecast", "high_95", "low_95", "budget")
        values = [value for name in names for value in self._line(name).y]
        return panel_of(top=14, bottom=_CUMULATIVE_BOTTOM, values=values)

    def _gap_panel(self) -> Panel:
        values = [value for name in ("actual", "high_95", "low_95", "forecast") for value in self._gap_line(name).y]
        return panel_of(top=_GAP_TOP, bottom=217, values=values, lines=4)

    def _cumulative(self, axes: "Axes", panel: Panel) -> None:
        self._bands(axes, self._line)
        budget, forecast, actual = self._line("budget"), self._line("forecast"), self._line("actual")
        if budget.y:
            axes.plot((0.0, *budget.x), (0.0, *budget.y), color=MUTED, linewidth=0.9)
        if not self.words.finished:
            axes.plot(forecast.x, forecast.y, color=FORECAST, linewidth=1.8, linestyle=(0, (2.6, 1.3)))
        axes.plot((0.0, *actual.x), (0.0, *actual.y), color=INK, linewidth=1.9)
        labels = []
        if forecast.y and not self.words.finished:
            text = self.locale.say("Forecast %(amount)s", amount=self._amount(forecast.y[-1]))
            labels.append(Label(y=panel.y(forecast.y[-1]), text=text, colour=FORECAST, weight="bold"))
        if budget.y:
            text = self.locale.say("Budget %(amount)s", amount=self._amount(budget.y[-1]))
            labels.append(Label(y=panel.y(budget.y[-1]), text=text))
        if actual.y:
            text = self.locale.say("Actual %(amount)s", amount=self._amount(actual.y[-1]))
            axes.plot(actual.x[-1:], actual.y[-1:], color=INK, marker="o", markersize=4.4, linestyle="none")
            if self.words.finished:
                labels.append(Label(y=panel.y(actual.y[-1]), text=text, colour=INK, weight="bold"))
            else:
                below = bool(budget.y) and actual.y[-1] < budget.y[len(actual.y) - 1]
                self._point_label(axes, panel, actual, text, _BELOW_RIGHT if below else _ABOVE_LEFT)
        end_labels(axes, panel, labels)

    def _gap(self, axes: "Axes", panel: Panel) -> None:
        self._bands(axes, self._gap_line)
        forecast, actual = self._gap_line("forecast"), self._gap_line("actual")
        axes.plot((0, self.days), (0, 0), color=MUTED, linewidth=0.9)
        if forecast.y and not self.words.finished:
            axes.plot(forecast.x, forecast.y, color=FORECAST, linewidth=1.8, linestyle=(0, (2.6, 1.3)))
        axes.plot((0.0, *actual.x), (0.0, *actual.y), color=INK, linewidth=1.9)
        if actual.y and not self.words.finished:
            place = _BELOW_LEFT if actual.y[-1] < 0 else _ABOVE_LEFT
            self._point_label(axes, panel, actual, self._signed(actual.y[-1]), place)
        end_labels(axes, panel, self._gap_labels(panel))

    def _gap_labels(self, panel: Panel) -> list[Label]:
        forecast, actual = self._gap_line("forecast"), self._gap_line("actual")
        if self.words.finished and actual.y:
            value = actual.y[-1]
            text = self.locale.say("%(gap)s at the end", gap=self._signed(value))
            return [Label(y=panel.y(value), text=text, colour=side_colour(value), weight="bold")]
        labels = []
        if forecast.y:
            value = forecast.y[-1]
            text = self.locale.say("%(gap)s forecast", gap=self._signed(value))
            labels.append(Label(y=panel.y(value), text=text, colour=side_colour(value), weight="bold"))
        high, low = self._gap_line("high_95"), self._gap_line("low_95")
        if high.y and low.y:
            text = self.locale.say("%(gap)s\N{NO-BREAK SPACE} 95%% range", gap=self._signed(high.y[-1]))
            labels.append(Label(y=panel.y(high.y[-1]), text=text))
            labels.append(Label(y=panel.y(low.y[-1]), text=self._signed(low.y[-1])))
        return labels

    def _bands(self, axes: "Axes", line: Any) -> None:  # noqa: ANN401 - one of the two bound methods below
        if self.words.finished:
            return
        for low, high, colour in (("low_95", "high_95", BAND_95), ("low_80", "high_80", BAND_80)):
            lower, upper = line(low), line(high)
            if lower.y and len(lower.y) == len(upper.y):
                axes.fill_between(lower.x, lower.y, upper.y, color=colour, linewidth=0)

    def _point_label(self, axes: "Axes", panel: Panel, line: _Line, text: str, place: tuple[float, float]) -> None:
        """Beside the last point, where neither line runs; right of it where there is no room on the left."""
        x, y = place
        if line.x[-1] < self.days / 4:
            x, y = _BELOW_RIGHT
        above_zero = panel.y(0) - panel.y(line.y[-1])
        if y < 0 <= above_zero < -y + 8:  # the label would lie on the zero line
            y = -above_zero - 9
        axes.annotate(
            text,
            (line.x[-1], line.y[-1]),
            xytext=(x, y),
            textcoords="offset points",
            horizontalalignment="left" if x > 0 else "right",
            verticalalignment="baseline",
            color=INK,
            fontsize=7.8,
            fontweight="bold",
            parse_math=False,
        )

    def _time_axis(self, figure: "Figure", bottom: float) -> None:
        period = self.words.report.period
        if is_month(period):
            for number in (1, *range(5, self.days + 1, 5)):
                write_text(figure, self.height, self._x(number), bottom + 17, self.locale.count(number), align="center")
            heading = self.locale.say("day of %(month)s", month=self.words.period)
            write_text(figure, self.height, (LEFT + RIGHT) / 2, bottom + 27, heading, align="center")
            return
        starts = [day for day in period if day.day == 1]
        every = max(1, len(starts) // 12)
        for day in starts[::every]:
            write_text(
                figure, self.height, self._x((day - period.start).days), bottom + 17, self.locale.short_month(day)
            )

    def _data_to(self, figure: "Figure", top: float, bottom: float) -> None:
        if self.fan.data_to is None or self.words.finished:
            return
        at = self._x(self._number(self.fan.data_to))
        early = at < LEFT + 130  # the headings of the panels are about that wide
        ends = ((top + 3, _CUMULATIVE_BOTTOM + 4), (_GAP_TOP - 3, bottom)) if early else ((top, bottom),)
        for start, end in ends:
            if start < end:
                draw_vertical(figure, self.height, at, start, end)
        text = self.locale.say("data to %(day)s", day=self.locale.short_day(self.fan.data_to))
        write_text(figure, self.height, at + (4 if early else -4), top + 9, text, align="left" if early else "right")

    def _line(self, name: str) -> _Line:
        """One of the day's values, cumulative."""
        known = [(self._number(day.day), getattr(day, name)) for day in self.fan.days]
        return _line([(number, value) for number, value in known if value is not None], self.scale)

    def _gap_line(self, name: str) -> _Line:
        """One of the day's values less the budget so far."""
        known = [(self._number(day.day), getattr(day, name), day.budget) for day in self.fan.days]
        return _line(
            [(number, value - budget) for number, value, budget in known if value is not None and budget is not None],
            self.scale,
        )

    def _number(self, day: date) -> int:
        """Days of the period up to the end of this one."""
        return (day - self.words.report.period.start).days + 1

    def _x(self, number: float) -> float:
        return LEFT + (RIGHT - LEFT) * number / self.days

    def _amount(self, value: float) -> str:
        return self.locale.number(Decimal(repr(value)), places=self.scale.places)

    def _signed(self, value: float) -> str:
        return self.locale.signed(Decimal(repr(value)), places=self.scale.places)

    def _plain_tick(self, value: float) -> str:
        return tick_text(self.locale, value, signed=False)

    def _signed_tick(self, value: float) -> str:
        return tick_text(self.locale, value, signed=True)


def _line(points: Sequence[tuple[int, Decimal]], scale: Scale) -> _Line:
    return _Line(
        x=tuple(float(number) for number, _ in points), y=tuple(to_float(value / scale.divisor) for _, value in points)
    )
