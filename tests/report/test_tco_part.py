"""The comparison of owned against rented in a report: what foots, what is said, and what hostile names cannot do."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from finops.money import add, subtract
from finops.report import cells, charts, html
from finops.report.locale import locale
from finops.report.model import Report, TcoPart
from finops.report.sentences import Sentences
from finops.report.tco_part import tco_part
from finops.tco.answer import answer
from tests.report import samples
from tests.tco import studies

AS_OF = date(2026, 10, 21)


def part(folder: Path, **changes: object) -> TcoPart:
    made = tco_part(answer(studies.study(folder, **changes), as_of=AS_OF, seed=1, draws=500))
    assert made is not None
    return made


def report(*parts: TcoPart) -> Report:
    return replace(samples.over_budget(), tco=parts)


def words(*parts: TcoPart) -> Sentences:
    return Sentences(report(*parts), locale("en_GB"))


RANGES = {"price": "{ value = 20, low = 8, high = 26 }", "cost": "{ value = 212345.67, spread = 0.2 }"}


def test_shown_blocks_add_up_to_shown_totals_and_differences_to_rows(tmp_path: Path) -> None:
    own = "maintenance_per_year = 0.113\nstaff = { fte = 0.37, cost_per_year = 91234 }"
    found = part(tmp_path, own=own, **RANGES)
    for at in range(len(found.curves)):
        assert add(*(row.amounts[at].shown for row in found.rows)) == found.total.amounts[at].shown
        assert found.curves[at].cumulative[-1] == found.total.amounts[at].exact
    for row in (*found.rows, found.total, found.net_present_value):
        assert row.difference.shown == subtract(row.amounts[-1].shown, row.amounts[0].shown)


@pytest.mark.parametrize(
    ("changes", "heading", "curves"),
    [
        ({}, "Cloud is cheaper for 23 months, then Own", "Cloud passes Own in month 24"),
        ({"price": 2}, "Cloud is cheaper for all 48 months", "No break-even within 48 months"),
        ({"cost": 0, "kilowatts": 0}, "Own is cheaper from the start", "Own has cost no more from the start"),
    ],
)
def test_the_heading_says_which_is_cheaper_until_when(
    tmp_path: Path, changes: dict[str, object], heading: str, curves: str
) -> None:
    found = part(tmp_path, **changes)
    assert words(found).tco(found) == heading
    assert words(found).tco_curves(found) == curves


def test_a_break_even_that_is_lost_again_is_said(tmp_path: Path) -> None:
    found = part(tmp_path, life=26, price=22, asset="residual_share = 0.0")
    assert found.lost_again is not None
    assert re.fullmatch(r"Own is cheaper only from month \d+ to \d+", words(found).tco(found))


@pytest.mark.parametrize("changes", [RANGES, {**RANGES, "price": "{ value = 2, low = 1, high = 5 }"}, {}])
def test_the_drawings_say_their_finding_and_its_numbers(tmp_path: Path, changes: dict[str, object]) -> None:
    found = report(part(tmp_path, **changes))
    drawn = charts.tco_curves(found, 0)
    assert 'id="tco-1-title"' in drawn
    assert words(*found.tco).tco_curves(found.tco[0]) in drawn
    assert drawn == charts.tco_curves(found, 0)
    swings = charts.tco_swings(found, 0)
    assert ("decide" in swings) == bool(found.tco[0].swings)


def test_every_shown_number_is_in_the_csv(tmp_path: Path) -> None:
    found = part(tmp_path, **RANGES)
    lines = {
        (name, field): value for where, name, field, value, _ in cells.cells(report(found)) if where == "tco, test"
    }
    assert Decimal(lines["Own", "total"]) == found.total.amounts[0].exact
    assert Decimal(lines["Cloud less Own", "npv"]) == found.net_present_value.difference.exact
    assert lines["Own", "break-even month against Cloud"] == str(found.break_even)
    assert ("Cloud: on-demand price", "low, break-even month") in lines


def test_a_page_shows_the_part_and_names_stay_text(tmp_path: Path) -> None:
    found = part(tmp_path, **RANGES)
    hostile = samples.HOSTILE
    curves = tuple(replace(curve, name=name) for curve, name in zip(found.curves, hostile, strict=False))
    evil = replace(found, name=hostile[1], owned=hostile[0], comparator=hostile[2], curves=curves, facts=hostile)
    page = html.render(report(found, evil))
    assert "Cloud passes Own in month" in page
    assert page.count('id="tco-1-title"') == page.count('id="tco-2-title"') == 1
    assert "<script>alert" not in page
    assert "<img" not in page
