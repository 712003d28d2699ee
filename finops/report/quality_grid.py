"""Data quality as a table for `finops status`: the last month of every source."""

from collections.abc import Sequence

from finops.quality import Quality
from finops.report.grid import Column, Grid, Row
from finops.report.locale import Locale


def quality_grid(qualities: Sequence[Quality], words: Locale) -> Grid:
    """How fresh and complete the last month of each source is, and how much of its usage cost carries a tag."""
    columns = (
        Column(header="Source", align="left"),
        Column(header="Month", align="left"),
        Column(header="Data to", align="left"),
        Column(header="Rows"),
        Column(header="Rows a day", dropped=1),
        Column(header="Days short"),
        Column(header="Tagged"),
        Column(header="Blanks", dropped=2),
    )
    return Grid(title="Data quality", columns=columns, rows=tuple(_row(one, words) for one in qualities))


def _row(one: Quality, words: Locale) -> Row:
    short = len(one.thin_days) + len(one.missing_days)
    blanks = max(one.blanks.values(), default=0)
    return Row(
        cells=(
            one.source,
            one.month,
            str(one.data_to),
            words.count(one.rows),
            words.count(one.usual_rows),
            words.count(short),
            "–" if one.tagged is None else f"{one.tagged:.0%}",
            words.count(blanks),
        ),
        style="medium" if short or blanks else "plain",
    )
