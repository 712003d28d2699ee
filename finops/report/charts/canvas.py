"""Canvas: what every chart is drawn with: colours, sizes, axes, lines and text in points."""

import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from finops.report.charts.axis import Panel, apart
from finops.report.charts.svg import POINTS_PER_MM

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
FAVOURABLE_FILL = "#7CB8AE"

WIDTH = 174 * POINTS_PER_MM
LEFT, RIGHT = 30.0, 410.0
"""The plotting area from left to right, in points; labels stand to the right of it."""

_METRICS_FONT = "DejaVu Sans"  # comes with matplotlib, which cannot read WOFF2; its name is replaced in the drawing
_LABEL_GAP = 11.0
_NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One direct label: its place in points from the top, its text and look."""

    y: float
    text: str
    colour: str = MUTED
    weight: Literal["normal", "bold"] = "normal"


@contextmanager
def canvas(height: float) -> Iterator[tuple["Figure", Any]]:
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
        figure = Figure(figsize=(WIDTH / 72, height / 72))
        figure.patch.set_visible(False)
        canvas = FigureCanvasSVG(figure)

        def write() -> str:
            buffer = io.StringIO()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # of signs its own font lacks, which sets no text here
                canvas.print_svg(buffer, metadata=_NO_METADATA)  # type: ignore[no-untyped-call]  # matplotlib leaves it untyped
            return buffer.getvalue()

        yield figure, write


def axes_of(
    figure: "Figure", height: float, panel: Panel, limits: tuple[float, float], *, right: float = RIGHT
) -> "Axes":
    """An empty plotting area where the panel is; less wide where labels need more room."""
    bounds = (LEFT / WIDTH, 1 - panel.bottom / height, (right - LEFT) / WIDTH, (panel.bottom - panel.top) / height)
    axes = figure.add_axes(bounds)
    axes.set_axis_off()
    axes.set_xlim(*limits)
    axes.set_ylim(panel.low, panel.high)
    return axes


def draw_grid(axes: "Axes", panel: Panel, write: Any, *, zero: bool = True) -> None:  # noqa: ANN401 - tick to text
    """Horizontal lines with their values at the left."""
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


def end_labels(axes: "Axes", panel: Panel, labels: Sequence[Label]) -> None:
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


def write_caption(figure: "Figure", height: float, y: float, text: str) -> None:
    """A line of text at the left edge."""
    write_text(figure, height, 0, y, text)


def write_text(
    figure: "Figure",
    height: float,
    x: float,
    y: float,
    text: str,
    *,
    align: Literal["left", "center", "right"] = "left",
    colour: str = MUTED,
    bold: bool = False,
) -> None:
    """A line of text on its baseline, so that no font metrics decide where it stands."""
    figure.text(
        x / WIDTH,
        1 - y / height,
        text,
        horizontalalignment=align,
        verticalalignment="baseline",
        color=colour,
        fontsize=7.8 if bold else 7.2,
        fontweight="bold" if bold else "normal",
        parse_math=False,
    )


def draw_vertical(figure: "Figure", height: float, x: float, top: float, bottom: float) -> None:
    """A dotted line from top to bottom, in points."""
    from matplotlib.lines import Line2D

    line = Line2D(
        (x / WIDTH,) * 2, (1 - top / height, 1 - bottom / height), color=AXIS, linewidth=0.7, linestyle=(0, (3, 2.5))
    )
    figure.add_artist(line)


def side_colour(gap: float) -> str:
    """The colour of a gap: adverse above zero."""
    if gap == 0:
        return INK
    return ADVERSE if gap > 0 else FAVOURABLE
