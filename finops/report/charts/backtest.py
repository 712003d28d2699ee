"""Backtest: past forecasts with their range beside what the month closed at."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from finops.money import to_float
from finops.report.charts.axis import panel_of, tick_text
from finops.report.charts.canvas import (
    ADVERSE,
    BAND_80,
    FORECAST,
    INK,
    LEFT,
    RIGHT,
    WIDTH,
    axes_of,
    canvas,
    draw_grid,
    write_text,
)
from finops.report.charts.svg import finished
from finops.report.locale import locale
from finops.report.model import Accuracy, NotComputable, Report
from finops.report.sentences import Sentences

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_HEIGHT = 112.0


def accuracy(report: Report) -> str:
    """Past forecasts with their range beside what the month closed at; misses in the adverse colour.

    Returns:
        One `svg` element; empty where the report holds no past forecast.
    """
    if isinstance(report.accuracy, NotComputable) or not report.accuracy.months:
        return ""
    words = Sentences(report, locale(report.locale))
    with canvas(_HEIGHT) as (figure, write):
        _draw_accuracy(figure, report.accuracy, words)
        svg = write()
    title = f"{words.accuracy}. {words.accuracy_description}"
    return finished(svg, "accuracy", title=title, description=words.accuracy_caption)


def _draw_accuracy(figure: "Figure", accuracy: Accuracy, words: Sentences) -> None:
    scale, locale_ = words.accuracy_scale, words.locale
    months = accuracy.months

    def value(exact: Decimal) -> float:
        return to_float(exact / scale.divisor)

    values = [value(amount) for past in months for amount in (past.low_80, past.high_80, past.actual, past.forecast)]
    panel = panel_of(top=10, bottom=90, values=values, lines=5, from_zero=False)
    axes = axes_of(figure, _HEIGHT, panel, (0, len(months)))
    draw_grid(axes, panel, lambda tick: tick_text(locale_, tick, signed=False), zero=False)
    width = min(0.24, 18 * len(months) / (RIGHT - LEFT))
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
        write_text(figure, _HEIGHT, LEFT + (RIGHT - LEFT) * at / len(months), 106, label, align="center")
    _accuracy_legend(figure, words)


def _accuracy_legend(figure: "Figure", words: Sentences) -> None:
    """No direct label fits three marks that repeat for each month, so this chart has a legend."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Rectangle

    height, x, say = _HEIGHT, RIGHT + 10, words.locale.say

    def at(y: float) -> tuple[float, float]:
        return (x / WIDTH, 1 - y / height)

    figure.add_artist(Rectangle(at(34), 9 / WIDTH, 20 / height, color=BAND_80, linewidth=0))
    figure.add_artist(Line2D((x / WIDTH, (x + 9) / WIDTH), (at(24)[1],) * 2, color=FORECAST, linewidth=1.5))
    for y, colour in ((46, INK), (60, ADVERSE)):
        figure.add_artist(
            Line2D(((x + 4.5) / WIDTH,), (at(y)[1],), color=colour, marker="o", markersize=5.4, linestyle="none")
        )
    write_text(figure, height, x + 14, 21, say("80%% range"))
    write_text(figure, height, x + 14, 31, say("forecast"), colour=FORECAST)
    write_text(figure, height, x + 14, 48.6, say("closed month"), colour=INK)
    write_text(figure, height, x + 14, 62.6, say("outside range"), colour=ADVERSE)
