"""Columns: bars placed in points from the top left: solid, hatched, outlined, cut, with whiskers and connectors.

Hatching is drawn line by line: patterns come out differently from one reader of SVG to the next.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from finops.report.charts.canvas import ADVERSE, AXIS, FAVOURABLE, FAVOURABLE_FILL, FORECAST, INK, MUTED, WIDTH

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_HATCH = 3.4
_SLASH_RISE, _SLASH_HEIGHT = 5.0, 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A bar: left and right edge, and the two heights it spans; y grows downwards."""

    left: float
    right: float
    top: float
    bottom: float

    @property
    def middle(self) -> float:
        """Half way between its edges."""
        return (self.left + self.right) / 2


def box(left: float, right: float, start: float, end: float) -> Box:
    """A bar between two heights in either order."""
    return Box(left=left, right=right, top=min(start, end), bottom=max(start, end))


def sheet(figure: "Figure", height: float) -> "Axes":
    """The whole drawing as one plotting area, in points from its top left corner."""
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(height, 0)
    return axes


def solid(axes: "Axes", at: Box, colour: str = INK) -> None:
    """A filled bar."""
    axes.fill((at.left, at.right, at.right, at.left), (at.top, at.top, at.bottom, at.bottom), color=colour, linewidth=0)


def outlined(axes: "Axes", at: Box) -> None:
    """A bar of which only the outline is drawn: a budget."""
    _outline(axes, at, MUTED, 0.8, behind=True)


def hatched(axes: "Axes", at: Box) -> None:
    """A bar with lines of 45 degrees: a forecast. White behind, so that nothing shines through."""
    solid(axes, at, "#FFFFFF")
    xs: list[float] = []
    ys: list[float] = []
    along = at.left + at.top + _HATCH
    while along < at.right + at.bottom:
        start, end = max(at.left, along - at.bottom), min(at.right, along - at.top)
        xs += [start, end, float("nan")]
        ys += [along - start, along - end, float("nan")]
        along += _HATCH
    axes.plot(xs, ys, color=INK, linewidth=0.55, solid_capstyle="butt")
    _outline(axes, at, INK, 0.9)


def gap(axes: "Axes", at: Box, value: float) -> None:
    """A bar of a gap or step: solid where it adds, light with an edge where it takes away."""
    if value > 0:
        solid(axes, at, ADVERSE)
        return
    solid(axes, at, FAVOURABLE_FILL)
    _outline(axes, at, FAVOURABLE, 0.6)


def slash(axes: "Axes", at: Box) -> None:
    """A white slash near the foot of a bar: its axis does not begin at zero."""
    low = at.bottom - 2 * _SLASH_RISE
    left, right = at.left - 1.5, at.right + 1.5
    heights = (low, low - _SLASH_RISE, low - _SLASH_RISE + _SLASH_HEIGHT, low + _SLASH_HEIGHT)
    axes.fill((left, right, right, left), heights, color="#FFFFFF", linewidth=0, zorder=4)


def whisker(axes: "Axes", x: float, low: float, high: float) -> None:
    """A range: a line with a cap at each end, white behind so that hatching does not hide it."""
    for colour, width in (("#FFFFFF", 2.6), (FORECAST, 1.1)):
        axes.plot((x, x), (low, high), color=colour, linewidth=width, solid_capstyle="butt", zorder=5)
        for y in (low, high):
            axes.plot((x - 3, x + 3), (y, y), color=colour, linewidth=width, solid_capstyle="butt", zorder=5)


def level_line(axes: "Axes", xs: Sequence[float], y: float, *, strong: bool = False) -> None:
    """A horizontal line: a connector between bars, or a baseline."""
    axes.plot(xs, (y, y), color=AXIS, linewidth=0.8 if strong else 0.6, solid_capstyle="butt", zorder=1)


def _outline(axes: "Axes", at: Box, colour: str, width: float, *, behind: bool = False) -> None:
    xs = (at.left, at.right, at.right, at.left, at.left)
    ys = (at.top, at.top, at.bottom, at.bottom, at.top)
    axes.plot(xs, ys, color=colour, linewidth=width, solid_joinstyle="miter", zorder=0.5 if behind else 2)
