"""Charts: the report's figures as inline SVG, drawn by matplotlib's SVG backend.

The same report gives the same bytes: a fixed hash salt, no date, no random value. Text stays text in the report's font.
No name from the bill enters a chart, so nothing in one needs escaping; numbers, dates and currencies do.
"""

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Any, Literal
from xml.etree import ElementTree as ET

from finops.money import to_float
from finops.report.locale import Locale, Scale, is_month, locale
from finops.report.model import Accuracy, Fan, NotComputable, Report
from finops.report.sentences import Sentences

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK = "#1A1A1A"
MUTED = "#595959"
AXIS = "#8C8C8C"
GRID = "#E2E2E2"
FORECAST = "#1F5A93"
BAND_80 = "#8FB4D6"
BAND_95 = "#CFDFEE"
ADVERSE = "#B5402A"
FAVOURABLE = "#1B7A6E"

_FONT = "IBM Plex Sans"
_METRICS_FONT = "DejaVu Sans"  # comes with matplotlib, which cannot read WOFF2; its name is replaced in the drawing
_POINTS_PER_MM = 72 / 25.4
_WIDTH = 174 * _POINTS_PER_MM
_LEFT, _RIGHT = 30.0, 410.0
"""The plotting area from left to right, in points; labels stand to the right of it."""

_CUMULATIVE_BOTTOM, _GAP_TOP = 130.0, 160.0
_ABOVE_LEFT, _BELOW_LEFT, _BELOW_RIGHT = (-7.0, 6.0), (-7.0, -11.0), (7.0, -11.0)
"""Where a label stands from its point, in points."""

_LABEL_GAP = 11.0
_GRID_LINES = 7
_NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}
_LEFT_OUT = {"metadata", "style", "clipPath"}
_SVG = "{http://www.w3.org/2000/svg}"
_XLINK_HREF = "{http://www.w3.org/1999/xlink}href"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Panel:
    """One plotting area: where it is on the drawing, in points from the top, and its value axis."""

    top: float
    bottom: float
    low: float
    high: float
    ticks: tuple[float, ...]

    def y(self, value: float) -> float:
        """Points from the top at which a value stands."""
        return self.bottom - (value - self.low) / (self.high - self.low) * (self.bottom - self.top)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Label:
    """One direct label: its place in points from the top, its text and look."""

    y: float
    text: str
    colour: str = MUTED
    weight: Literal["normal", "bold"] = "normal"


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
    with _figure(drawing.height) as (figure, canvas):
        drawing.draw(figure)
        svg = canvas()
    return _finished(svg, "fan", title=f"{words.fan}. {words.fan_description}", description=words.fan_caption)


def accuracy(report: Report) -> str:
    """Past forecasts with their range beside what the month closed at; misses in the adverse colour.

    Returns:
        One `svg` element; empty where the report holds no past forecast.
    """
    if isinstance(report.accuracy, NotComputable) or not report.accuracy.months:
        return ""
    words = Sentences(report, locale(report.locale))
    with _figure(_ACCURACY_HEIGHT) as (figure, canvas):
        _draw_accuracy(figure, report.accuracy, words)
        svg = canvas()
    title = f"{words.accuracy}. {words.accuracy_description}"
    return _finished(svg, "accuracy", title=title, description=words.accuracy_caption)


def apart(places: Sequence[float], gap: float) -> list[float]:
    """Ascending places moved as little as possible until neighbours are `gap` apart.

    >>> apart([10.0, 12.0, 40.0], 11.0)
    [5.5, 16.5, 40.0]
    """
    groups: list[list[float]] = []
    for place in places:
        groups.append([place])
        while len(groups) > 1 and _first(groups[-1], gap) - _last(groups[-2], gap) < gap:
            groups[-2:] = [groups[-2] + groups[-1]]
    return [_first(group, gap) + n * gap for group in groups for n in range(len(group))]


def ticks(low: float, high: float, lines: int) -> tuple[float, ...]:
    """Round values from low to high, at most `lines` of them and at least two.

    >>> ticks(0, 263.6, 7)
    (0.0, 50.0, 100.0, 150.0, 200.0, 250.0)
    """
    bottom, top = Decimal(repr(low)), Decimal(repr(high))
    magnitude = Decimal(10) ** ((top - bottom).adjusted() - 1) if top > bottom else Decimal(1)
    for factor in (1, 2, 5, 10, 20, 50):
        step = magnitude * factor
        first = (bottom / step).to_integral_value(rounding=ROUND_CEILING)
        last = (top / step).to_integral_value(rounding=ROUND_FLOOR)
        if 2 <= last - first + 1 <= lines:  # noqa: PLR2004 - one tick gives no scale
            return tuple(float(step * n) for n in range(int(first), int(last) + 1))
    return (low, high if high > low else low + 1)


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
        axes = _axes(figure, self.height, top, (0, self.days))
        _grid(axes, top, self._plain_tick)
        _caption(figure, self.height, 9, self.locale.say("Cumulative spend, %(unit)s", unit=self.scale.unit))
        self._cumulative(axes, top)
        bottom = top.bottom
        if self.has_budget:
            panel = self._gap_panel()
            below = _axes(figure, self.height, panel, (0, self.days))
            _grid(below, panel, self._signed_tick)
            heading = self.locale.say("Gap to budget, %(unit)s (above zero = over budget)", unit=self.scale.unit)
            _caption(figure, self.height, 154, heading)
            self._gap(below, panel)
            bottom = panel.bottom
        self._time_axis(figure, bottom)
        self._data_to(figure, 10, bottom + 8)

    def _cumulative_panel(self) -> _Panel:
        names = ("actual", "forecast", "high_95", "low_95", "budget")
        values = [value for name in names for value in self._line(name).y]
        return _panel(top=14, bottom=_CUMULATIVE_BOTTOM, values=values)

    def _gap_panel(self) -> _Panel:
        values = [value for name in ("actual", "high_95", "low_95", "forecast") for value in self._gap_line(name).y]
        return _panel(top=_GAP_TOP, bottom=217, values=values, lines=4)

    def _cumulative(self, axes: "Axes", panel: _Panel) -> None:
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
            labels.append(_Label(y=panel.y(forecast.y[-1]), text=text, colour=FORECAST, weight="bold"))
        if budget.y:
            text = self.locale.say("Budget %(amount)s", amount=self._amount(budget.y[-1]))
            labels.append(_Label(y=panel.y(budget.y[-1]), text=text))
        if actual.y:
            text = self.locale.say("Actual %(amount)s", amount=self._amount(actual.y[-1]))
            axes.plot(actual.x[-1:], actual.y[-1:], color=INK, marker="o", markersize=4.4, linestyle="none")
            if self.words.finished:
                labels.append(_Label(y=panel.y(actual.y[-1]), text=text, colour=INK, weight="bold"))
            else:
                below = bool(budget.y) and actual.y[-1] < budget.y[len(actual.y) - 1]
                self._point_label(axes, panel, actual, text, _BELOW_RIGHT if below else _ABOVE_LEFT)
        _end_labels(axes, panel, labels)

    def _gap(self, axes: "Axes", panel: _Panel) -> None:
        self._bands(axes, self._gap_line)
        forecast, actual = self._gap_line("forecast"), self._gap_line("actual")
        axes.plot((0, self.days), (0, 0), color=MUTED, linewidth=0.9)
        if forecast.y and not self.words.finished:
            axes.plot(forecast.x, forecast.y, color=FORECAST, linewidth=1.8, linestyle=(0, (2.6, 1.3)))
        axes.plot((0.0, *actual.x), (0.0, *actual.y), color=INK, linewidth=1.9)
        if actual.y and not self.words.finished:
            place = _BELOW_LEFT if actual.y[-1] < 0 else _ABOVE_LEFT
            self._point_label(axes, panel, actual, self._signed(actual.y[-1]), place)
        _end_labels(axes, panel, self._gap_labels(panel))

    def _gap_labels(self, panel: _Panel) -> list[_Label]:
        forecast, actual = self._gap_line("forecast"), self._gap_line("actual")
        if self.words.finished and actual.y:
            value = actual.y[-1]
            text = self.locale.say("%(gap)s at the end", gap=self._signed(value))
            return [_Label(y=panel.y(value), text=text, colour=_side(value), weight="bold")]
        labels = []
        if forecast.y:
            value = forecast.y[-1]
            text = self.locale.say("%(gap)s forecast", gap=self._signed(value))
            labels.append(_Label(y=panel.y(value), text=text, colour=_side(value), weight="bold"))
        high, low = self._gap_line("high_95"), self._gap_line("low_95")
        if high.y and low.y:
            text = self.locale.say("%(gap)s\N{NO-BREAK SPACE} 95%% range", gap=self._signed(high.y[-1]))
            labels.append(_Label(y=panel.y(high.y[-1]), text=text))
            labels.append(_Label(y=panel.y(low.y[-1]), text=self._signed(low.y[-1])))
        return labels

    def _bands(self, axes: "Axes", line: Any) -> None:  # noqa: ANN401 - one of the two bound methods below
        if self.words.finished:
            return
        for low, high, colour in (("low_95", "high_95", BAND_95), ("low_80", "high_80", BAND_80)):
            lower, upper = line(low), line(high)
            if lower.y and len(lower.y) == len(upper.y):
                axes.fill_between(lower.x, lower.y, upper.y, color=colour, linewidth=0)

    def _point_label(self, axes: "Axes", panel: _Panel, line: _Line, text: str, place: tuple[float, float]) -> None:
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
                _text(figure, self.height, self._x(number), bottom + 17, self.locale.count(number), align="center")
            heading = self.locale.say("day of %(month)s", month=self.words.period)
            _text(figure, self.height, (_LEFT + _RIGHT) / 2, bottom + 27, heading, align="center")
            return
        starts = [day for day in period if day.day == 1]
        every = max(1, len(starts) // 12)
        for day in starts[::every]:
            _text(figure, self.height, self._x((day - period.start).days), bottom + 17, self.locale.short_month(day))

    def _data_to(self, figure: "Figure", top: float, bottom: float) -> None:
        if self.fan.data_to is None or self.words.finished:
            return
        at = self._x(self._number(self.fan.data_to))
        early = at < _LEFT + 130  # the headings of the panels are about that wide
        ends = ((top + 3, _CUMULATIVE_BOTTOM + 4), (_GAP_TOP - 3, bottom)) if early else ((top, bottom),)
        for start, end in ends:
            if start < end:
                _vertical(figure, self.height, at, start, end)
        text = self.locale.say("data to %(day)s", day=self.locale.short_day(self.fan.data_to))
        _text(figure, self.height, at + (4 if early else -4), top + 9, text, align="left" if early else "right")

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
        return _LEFT + (_RIGHT - _LEFT) * number / self.days

    def _amount(self, value: float) -> str:
        return self.locale.number(Decimal(repr(value)), places=self.scale.places)

    def _signed(self, value: float) -> str:
        return self.locale.signed(Decimal(repr(value)), places=self.scale.places)

    def _plain_tick(self, value: float) -> str:
        return _tick(self.locale, value, signed=False)

    def _signed_tick(self, value: float) -> str:
        return _tick(self.locale, value, signed=True)


_ACCURACY_HEIGHT = 112.0


def _draw_accuracy(figure: "Figure", accuracy: Accuracy, words: Sentences) -> None:
    scale, locale_ = words.accuracy_scale, words.locale
    months = accuracy.months

    def value(exact: Decimal) -> float:
        return to_float(exact / scale.divisor)

    values = [value(amount) for past in months for amount in (past.low_80, past.high_80, past.actual, past.forecast)]
    panel = _panel(top=10, bottom=90, values=values, lines=5, from_zero=False)
    axes = _axes(figure, _ACCURACY_HEIGHT, panel, (0, len(months)))
    _grid(axes, panel, lambda tick: _tick(locale_, tick, signed=False), zero=False)
    width = min(0.24, 18 * len(months) / (_RIGHT - _LEFT))
    for n, past in enumerate(months):
        at = n + 0.5
        low, high, middle, closed = (value(v) for v in (past.low_80, past.high_80, past.forecast, past.actual))
        axes.bar(at, high - low, width, bottom=low, color=BAND_80, linewidth=0)
        axes.plot(
            (at - width / 2, at + width / 2), (middle, middle), color=FORECAST, linewidth=1.5, solid_capstyle="butt"
        )
        colour = INK if past.hit else ADVERSE
        axes.plot((at,), (closed,), color=colour, marker="o", markersize=5.4, linestyle="none")
        axes.annotate(
            locale_.number(past.actual / scale.divisor, places=scale.places),
            (at, closed),
            xytext=(10, -2.6),
            textcoords="offset points",
            color=colour,
            fontsize=7.8,
            fontweight="normal" if past.hit else "bold",
            parse_math=False,
        )
        label = locale_.short_month(date.fromisoformat(f"{past.month}-01"))
        _text(figure, _ACCURACY_HEIGHT, _LEFT + (_RIGHT - _LEFT) * at / len(months), 106, label, align="center")
    _accuracy_legend(figure, words)


def _accuracy_legend(figure: "Figure", words: Sentences) -> None:
    """No direct label fits three marks that repeat for each month, so this chart has a legend."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Rectangle

    height, x, say = _ACCURACY_HEIGHT, _RIGHT + 10, words.locale.say

    def at(y: float) -> tuple[float, float]:
        return (x / _WIDTH, 1 - y / height)

    figure.add_artist(Rectangle(at(34), 9 / _WIDTH, 20 / height, color=BAND_80, linewidth=0))
    figure.add_artist(Line2D((x / _WIDTH, (x + 9) / _WIDTH), (at(24)[1],) * 2, color=FORECAST, linewidth=1.5))
    for y, colour in ((46, INK), (60, ADVERSE)):
        figure.add_artist(
            Line2D(((x + 4.5) / _WIDTH,), (at(y)[1],), color=colour, marker="o", markersize=5.4, linestyle="none")
        )
    _text(figure, height, x + 14, 21, say("80%% range"))
    _text(figure, height, x + 14, 31, say("forecast"), colour=FORECAST)
    _text(figure, height, x + 14, 48.6, say("closed month"), colour=INK)
    _text(figure, height, x + 14, 62.6, say("outside range"), colour=ADVERSE)


@contextmanager
def _figure(height: float) -> Iterator[tuple["Figure", Any]]:
    """A drawing of the text's width, and a function that writes it as SVG."""
    import matplotlib as mpl  # takes a second to import
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    style: Any = {
        "svg.fonttype": "none",
        "svg.hashsalt": "finops.report",
        "font.family": _METRICS_FONT,
        "font.size": 7.8,
        "lines.solid_capstyle": "round",
        "path.simplify": False,
    }
    with mpl.rc_context(style):
        figure = Figure(figsize=(_WIDTH / 72, height / 72))
        figure.patch.set_visible(False)
        canvas = FigureCanvasSVG(figure)

        def write() -> str:
            buffer = io.StringIO()
            canvas.print_svg(buffer, metadata=_NO_METADATA)  # type: ignore[no-untyped-call]  # matplotlib leaves it untyped
            return buffer.getvalue()

        yield figure, write


def _axes(figure: "Figure", height: float, panel: _Panel, limits: tuple[float, float]) -> "Axes":
    bounds = (_LEFT / _WIDTH, 1 - panel.bottom / height, (_RIGHT - _LEFT) / _WIDTH, (panel.bottom - panel.top) / height)
    axes = figure.add_axes(bounds)
    axes.set_axis_off()
    axes.set_xlim(*limits)
    axes.set_ylim(panel.low, panel.high)
    return axes


def _grid(axes: "Axes", panel: _Panel, write: Any, *, zero: bool = True) -> None:  # noqa: ANN401 - tick to text
    for tick in panel.ticks:
        stronger = zero and tick == 0
        axes.axhline(tick, color=AXIS if stronger else GRID, linewidth=0.8 if stronger else 0.5, zorder=0)
        axes.annotate(
            write(tick),
            (0, tick),
            xycoords=("axes fraction", "data"),
            xytext=(-6, -2.6),
            textcoords="offset points",
            horizontalalignment="right",
            color=MUTED,
            fontsize=7.2,
            parse_math=False,
        )


def _end_labels(axes: "Axes", panel: _Panel, labels: Sequence[_Label]) -> None:
    """Labels at the right end of their lines, moved apart so that none covers another."""
    ordered = sorted(labels, key=lambda label: label.y)
    for label, y in zip(ordered, apart([label.y for label in ordered], _LABEL_GAP), strict=True):
        axes.annotate(
            label.text,
            (1, (panel.bottom - y) / (panel.bottom - panel.top)),
            xycoords="axes fraction",
            xytext=(6, -2.6),
            textcoords="offset points",
            color=label.colour,
            fontsize=7.8 if label.weight == "bold" else 7.2,
            fontweight=label.weight,
            parse_math=False,
        )


def _first(group: Sequence[float], gap: float) -> float:
    """Where the first of a group stands when the group is centred on its mean."""
    return sum(group) / len(group) - gap * (len(group) - 1) / 2


def _last(group: Sequence[float], gap: float) -> float:
    return _first(group, gap) + gap * (len(group) - 1)


def _caption(figure: "Figure", height: float, y: float, text: str) -> None:
    _text(figure, height, 0, y, text)


def _text(
    figure: "Figure",
    height: float,
    x: float,
    y: float,
    text: str,
    *,
    align: Literal["left", "center", "right"] = "left",
    colour: str = MUTED,
) -> None:
    """A line of text on its baseline, so that no font metrics decide where it stands."""
    figure.text(
        x / _WIDTH,
        1 - y / height,
        text,
        horizontalalignment=align,
        verticalalignment="baseline",
        color=colour,
        fontsize=7.2,
        parse_math=False,
    )


def _vertical(figure: "Figure", height: float, x: float, top: float, bottom: float) -> None:
    from matplotlib.lines import Line2D

    line = Line2D(
        (x / _WIDTH,) * 2, (1 - top / height, 1 - bottom / height), color=AXIS, linewidth=0.7, linestyle=(0, (3, 2.5))
    )
    figure.add_artist(line)


def _line(points: Sequence[tuple[int, Decimal]], scale: Scale) -> _Line:
    return _Line(
        x=tuple(float(number) for number, _ in points), y=tuple(to_float(value / scale.divisor) for _, value in points)
    )


def _panel(
    *, top: float, bottom: float, values: Sequence[float], lines: int = _GRID_LINES, from_zero: bool = True
) -> _Panel:
    """A value axis that holds all values on round ticks."""
    low, high = min(values, default=0.0), max(values, default=0.0)
    if from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    marks = ticks(low, high, lines)
    room = (marks[1] - marks[0]) / 4
    highest = max(high, marks[-1]) if from_zero else high + room
    return _Panel(top=top, bottom=bottom, low=min(low, marks[0]), high=highest, ticks=marks)


def _tick(locale_: Locale, value: float, *, signed: bool) -> str:
    exact = Decimal(repr(value)).normalize()
    exponent = exact.as_tuple().exponent
    places = max(0, -exponent) if isinstance(exponent, int) else 0
    return locale_.signed(exact, places=places) if signed else locale_.number(exact, places=places)


def _side(gap: float) -> str:
    """The colour of a gap: adverse above zero."""
    if gap == 0:
        return INK
    return ADVERSE if gap > 0 else FAVOURABLE


def _finished(svg: str, name: str, *, title: str, description: str) -> str:
    """Matplotlib's drawing as one inline element: named, without prologue, metadata, style sheet or foreign ids."""
    ET.register_namespace("", _SVG.strip("{}"))
    ET.register_namespace("xlink", _XLINK_HREF.strip("{").split("}")[0])
    root = ET.fromstring(svg)  # noqa: S314 - written by matplotlib a moment ago
    for parent in list(root.iter()):
        parent.attrib.pop("clip-path", None)  # every value lies within its axis
        for child in [child for child in parent if child.tag.removeprefix(_SVG) in _LEFT_OUT]:
            parent.remove(child)
    _rename_ids(root, name)
    for element in root.iter():
        _plain_style(element)
    root.attrib.update({"role": "img", "aria-labelledby": f"{name}-title {name}-desc", "class": "chart"})
    root.attrib.update(
        {"width": "174mm", "height": f"{float(root.attrib['height'].removesuffix('pt')) / _POINTS_PER_MM:.2f}mm"}
    )
    root.attrib.update({"stroke-linejoin": "round", "stroke-linecap": "butt"})
    for n, (tag, text) in enumerate((("title", title), ("desc", description))):
        element = ET.Element(f"{_SVG}{tag}", {"id": f"{name}-{tag}"})
        element.text = text
        root.insert(n, element)
    return ET.tostring(root, encoding="unicode")


def _rename_ids(root: ET.Element, name: str) -> None:
    """Keep only ids something refers to, under the chart's name, so that two charts on a page do not collide."""
    text = " ".join(value for element in root.iter() for value in element.attrib.values())
    referred = set(re.findall(r"#([\w-]+)", text))  # colours among them: no id has their name
    used = sorted(referred.intersection(element.attrib.get("id", "") for element in root.iter()))
    names = {old: f"{name}-{n}" for n, old in enumerate(used)}
    for element in root.iter():
        old = element.attrib.pop("id", None)
        if old in names:
            element.attrib["id"] = names[old]
        for key, value in element.attrib.items():
            element.attrib[key] = re.sub(r"#([\w-]+)", lambda match: f"#{names.get(match[1], match[1])}", value)


def _plain_style(element: ET.Element) -> None:
    """Style as attributes, which every reader of SVG understands and no page's style sheet parser stumbles over."""
    for part in element.attrib.pop("style", "").split(";"):
        name, _, value = part.partition(":")
        if value:
            element.attrib[name.strip()] = value.strip().removesuffix("px")
    if element.tag == f"{_SVG}text":
        element.attrib.pop("transform", None)  # a rotation by nothing
        element.attrib["font-family"] = _FONT
        if "font-weight" in element.attrib:
            element.attrib["font-weight"] = "600"
