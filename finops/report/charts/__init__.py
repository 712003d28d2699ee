"""Charts: the report's figures as inline SVG, drawn by matplotlib's SVG backend.

The same report gives the same bytes: a fixed hash salt, no date, no random value. Text stays text in the report's font.
"""

from finops.report.charts.backtest import accuracy
from finops.report.charts.cumulative import fan
from finops.report.charts.ownership import tco_curves, tco_swings
from finops.report.charts.twelve import year
from finops.report.charts.waterfall import bridge

__all__ = ["accuracy", "bridge", "fan", "tco_curves", "tco_swings", "year"]
