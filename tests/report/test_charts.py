"""Charts as inline SVG: forms and colours of the style, words for who does not see them, the same bytes each time."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.periods import Period
from finops.report import charts
from finops.report.charts import axis, canvas
from finops.report.model import Fan, FanDay, NotComputable, Report
from tests.report import samples

SVG = "{http://www.w3.org/2000/svg}"
CHECKOUT = Path(__file__).parents[2]


def drawing(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - drawn by the code under test


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in drawing(svg).iter(f"{SVG}text")]


def colours(svg: str) -> set[str]:
    return {colour.upper() for colour in re.findall(r"#[0-9a-fA-F]{6}\b", svg)}


@pytest.fixture(scope="module")
def fan() -> str:
    return charts.fan(samples.over_budget())


@pytest.fixture(scope="module")
def accuracy() -> str:
    return charts.accuracy(samples.over_budget())


def test_the_fan_labels_its_lines_where_they_end(fan: str) -> None:
    assert {"Forecast 182.1", "Budget 170.0", "Actual 115.3", "+12.1 forecast", "data to 19 Oct"} <= set(texts(fan))


def test_both_panels_name_their_unit(fan: str) -> None:
    assert "Cumulative spend, k€" in texts(fan)
    assert "Gap to budget, k€ (above zero = over budget)" in texts(fan)


def test_the_fan_wears_the_colours_of_the_style(fan: str) -> None:
    expected = {canvas.INK, canvas.MUTED, canvas.FORECAST, canvas.BAND_80, canvas.BAND_95, canvas.ADVERSE, canvas.GRID}

    assert {colour.upper() for colour in expected} <= colours(fan)


def test_the_forecast_is_dashed_and_the_actual_solid(fan: str) -> None:
    paths = [element.attrib for element in drawing(fan).iter(f"{SVG}path")]
    forecast = [path for path in paths if path.get("stroke", "").upper() == canvas.FORECAST]
    actual = [
        path for path in paths if path.get("stroke", "").upper() == canvas.INK and path.get("stroke-width") == "1.9"
    ]

    assert forecast
    assert all("stroke-dasharray" in path for path in forecast)
    assert actual
    assert not any("stroke-dasharray" in path for path in actual)


def test_a_gap_under_budget_is_written_in_the_favourable_colour() -> None:
    svg = charts.fan(samples.under_budget())
    (label,) = [element for element in drawing(svg).iter(f"{SVG}text") if (element.text or "").endswith(" forecast")]

    assert label.text == "−6.1 forecast"
    assert label.attrib["fill"].upper() == canvas.FAVOURABLE


@pytest.mark.parametrize("draw", [charts.fan, charts.accuracy])
def test_a_chart_says_its_finding_with_numbers(draw: Callable[[Report], str]) -> None:
    root = drawing(draw(samples.over_budget()))
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")

    assert title is not None
    assert title.text
    assert re.search(r"€\d", title.text)
    assert description is not None
    assert description.text
    assert root.attrib["aria-labelledby"].split() == [title.attrib["id"], description.attrib["id"]]


@pytest.mark.parametrize("draw", [charts.fan, charts.accuracy])
def test_text_stays_text_in_the_font_of_the_report(draw: Callable[[Report], str]) -> None:
    elements = list(drawing(draw(samples.over_budget())).iter(f"{SVG}text"))

    assert elements
    assert {element.attrib["font-family"] for element in elements} == {"IBM Plex Sans"}


@pytest.mark.parametrize("draw", [charts.fan, charts.accuracy])
def test_a_chart_refers_to_nothing_outside(draw: Callable[[Report], str]) -> None:
    root = drawing(draw(samples.over_budget()))
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    links = [value for element in root.iter() for key, value in element.attrib.items() if key.endswith("href")]

    assert not tags & {"script", "style", "image", "filter", "linearGradient", "metadata", "foreignObject", "a"}
    assert all(link.startswith("#") for link in links)


def test_two_charts_on_a_page_share_no_id(fan: str, accuracy: str) -> None:
    ids = [element.attrib["id"] for svg in (fan, accuracy) for element in drawing(svg).iter() if "id" in element.attrib]

    assert len(ids) == len(set(ids))


def test_every_reference_inside_a_chart_has_its_target(fan: str) -> None:
    root = drawing(fan)
    ids = {element.attrib["id"] for element in root.iter() if "id" in element.attrib}
    links = {value[1:] for element in root.iter() for key, value in element.attrib.items() if key.endswith("href")}

    assert links
    assert links <= ids


def test_labels_at_the_line_ends_do_not_cover_each_other(fan: str) -> None:
    ends = sorted(
        float(element.attrib["y"]) for element in drawing(fan).iter(f"{SVG}text") if float(element.attrib["x"]) > 410
    )

    assert len(ends) == 5
    assert all(after - before >= 10.9 for before, after in pairwise(ends))


def test_without_a_budget_there_is_no_gap_panel() -> None:
    svg = charts.fan(samples.no_budget())

    assert not any("Gap to budget" in text for text in texts(svg))
    assert not any(text.startswith("Budget") for text in texts(svg))


def test_a_finished_month_shows_no_forecast() -> None:
    svg = charts.fan(samples.finished())

    assert canvas.FORECAST.upper() not in colours(svg)
    assert canvas.BAND_80.upper() not in colours(svg)
    assert "+12.1 at the end" in texts(svg)


def test_without_a_forecast_the_actual_is_drawn_alone() -> None:
    assert canvas.BAND_95.upper() not in colours(charts.fan(samples.no_forecast()))


def test_what_is_not_computable_is_not_drawn() -> None:
    assert charts.fan(samples.incomplete()) == ""
    assert charts.accuracy(samples.no_forecast()) == ""


def test_a_missed_range_is_marked_in_the_adverse_colour(accuracy: str) -> None:
    marked = [
        element.text
        for element in drawing(accuracy).iter(f"{SVG}text")
        if element.attrib["fill"].upper() == canvas.ADVERSE and element.attrib.get("font-weight") == "600"
    ]

    assert marked == ["172.9"]


def test_a_day_without_any_value_draws_an_empty_chart() -> None:
    days = tuple(
        FanDay(day=day, actual=None, forecast=None, low_80=None, high_80=None, low_95=None, high_95=None, budget=None)
        for day in samples.OCTOBER
    )
    report = replace(samples.over_budget(), data_to=None, fan=Fan(days=days, data_to=None, left_budget_on=None))

    assert texts(charts.fan(report))


def test_credits_that_push_spend_below_zero_stay_on_the_chart() -> None:
    report = samples.over_budget()
    assert not isinstance(report.fan, NotComputable)
    days = tuple(replace(day, actual=Decimal(-40_000) if day.actual is not None else None) for day in report.fan.days)

    assert "−50" in texts(charts.fan(replace(report, fan=replace(report.fan, days=days))))


def test_a_quarter_has_months_on_its_axis() -> None:
    quarter = Period(start=date(2026, 10, 1), end=date(2027, 1, 1))
    days = tuple(
        FanDay(
            day=day, actual=Decimal(n), forecast=None, low_80=None, high_80=None, low_95=None, high_95=None, budget=None
        )
        for n, day in enumerate(quarter)
    )
    report = replace(
        samples.over_budget(),
        period=quarter,
        period_label="2026-Q4",
        fan=Fan(days=days, data_to=None, left_budget_on=None),
    )

    assert {"Oct", "Nov", "Dec"} <= set(texts(charts.fan(report)))


def test_a_dollar_sign_is_a_currency_and_no_formula() -> None:
    svg = charts.fan(replace(samples.over_budget(), currency="USD", locale="en_US"))

    assert "Cumulative spend, k$" in texts(svg)


def test_another_process_draws_the_same_bytes(fan: str) -> None:
    code = (
        "import sys; from tests.report import samples; from finops.report import charts;"
        "sys.stdout.write(charts.fan(samples.over_budget()))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Pacific/Auckland", "PYTHONUTF8": "1"}

    other = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, env=environment, capture_output=True, check=True)

    assert other.stdout.decode("utf-8") == fan


@given(st.lists(st.floats(0, 300), min_size=1, max_size=6), st.floats(1, 20))
def test_labels_moved_apart_keep_order_and_distance(places: list[float], gap: float) -> None:
    moved = axis.apart(sorted(places), gap)

    assert all(after - before >= gap - 1e-6 for before, after in pairwise(moved))


@given(st.lists(st.integers(0, 10), min_size=1, max_size=6))
def test_labels_far_enough_apart_do_not_move(steps: list[int]) -> None:
    places = [sum(20 + step for step in steps[:n]) + 0.0 for n in range(len(steps))]

    assert axis.apart(places, 11.0) == pytest.approx(places)


@given(st.integers(-(10**11), 10**11), st.integers(0, 10**11), st.integers(3, 7))
def test_an_axis_has_at_least_two_and_at_most_the_allowed_ticks(low: int, span: int, lines: int) -> None:
    """Amounts in cents: finer differences do not occur on a bill."""
    marks = axis.ticks(low / 100, (low + span) / 100, lines)

    assert 2 <= len(marks) <= lines
    assert list(marks) == sorted(set(marks))
