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
from finops.report.model import Bridge, Fan, FanDay, FiscalYear, NotComputable, Report
from tests.report import samples

SVG = "{http://www.w3.org/2000/svg}"
CHARTS: tuple[Callable[[Report], str], ...] = (charts.fan, charts.bridge, charts.year, charts.accuracy)
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


@pytest.mark.parametrize("draw", CHARTS)
def test_a_chart_says_its_finding_with_numbers(draw: Callable[[Report], str]) -> None:
    root = drawing(draw(samples.full()))
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")

    assert title is not None
    assert title.text
    assert re.search(r"€\d", title.text)
    assert description is not None
    assert description.text
    assert root.attrib["aria-labelledby"].split() == [title.attrib["id"], description.attrib["id"]]


@pytest.mark.parametrize("draw", CHARTS)
def test_text_stays_text_in_the_font_of_the_report(draw: Callable[[Report], str]) -> None:
    elements = list(drawing(draw(samples.full())).iter(f"{SVG}text"))

    assert elements
    assert {element.attrib["font-family"] for element in elements} == {"IBM Plex Sans"}


@pytest.mark.parametrize("draw", CHARTS)
def test_a_chart_refers_to_nothing_outside(draw: Callable[[Report], str]) -> None:
    root = drawing(draw(samples.full()))
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    links = [value for element in root.iter() for key, value in element.attrib.items() if key.endswith("href")]

    assert not tags & {"script", "style", "image", "filter", "linearGradient", "metadata", "foreignObject", "a"}
    assert all(link.startswith("#") for link in links)


def test_charts_on_a_page_share_no_id() -> None:
    drawn = [draw(samples.full()) for draw in CHARTS]
    ids = [element.attrib["id"] for svg in drawn for element in drawing(svg).iter() if "id" in element.attrib]

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


def paths(svg: str, **attributes: str) -> list[dict[str, str]]:
    found = [element.attrib for element in drawing(svg).iter(f"{SVG}path")]
    return [path for path in found if all(path.get(name, "").upper() == value for name, value in attributes.items())]


def labels(svg: str, colour: str) -> list[str]:
    return [
        element.text or ""
        for element in drawing(svg).iter(f"{SVG}text")
        if element.attrib["fill"].upper() == colour.upper()
    ]


@pytest.fixture(scope="module")
def bridge() -> str:
    return charts.bridge(samples.full())


@pytest.fixture(scope="module")
def year() -> str:
    return charts.year(samples.full())


def test_each_step_of_the_bridge_has_its_sign_and_side(bridge: str) -> None:
    assert labels(bridge, canvas.ADVERSE) == ["+5.5", "+12.2", "+1.7"]
    assert labels(bridge, canvas.FAVOURABLE) == ["−1.2", "−0.4", "−1.3"]
    assert labels(bridge, canvas.INK) == ["165.6", "182.1"]


def test_the_totals_of_a_cut_bridge_carry_a_slash_and_the_note_says_where(bridge: str) -> None:
    root = drawing(bridge)
    description = root.find(f"{SVG}desc")

    assert len(paths(bridge, fill="#FFFFFF")) == 3  # two slashes, and the ground of the hatched column
    assert description is not None
    assert "Axis cut below 150\u00a0k€" in (description.text or "")


def test_a_bridge_from_near_zero_is_not_cut() -> None:
    report = samples.full()
    assert isinstance(report.bridge, Bridge)
    low = replace(report.bridge, start=samples.exactly(20_000), end=samples.exactly(36_513))

    assert len(paths(charts.bridge(replace(report, bridge=low)), fill="#FFFFFF")) == 1


def test_a_bridge_to_a_closed_month_hatches_nothing() -> None:
    svg = charts.bridge(samples.full_falling())

    assert "Oct 2026" in " ".join(texts(svg))
    assert len(paths(svg, fill=canvas.INK)) == 2


def test_names_of_the_bill_in_a_chart_stay_text() -> None:
    report = samples.full_hostile()
    assert isinstance(report.bridge, Bridge)
    steps = (replace(report.bridge.steps[2], name=samples.HOSTILE[5]), *report.bridge.steps)
    svg = charts.bridge(replace(report, bridge=replace(report.bridge, steps=steps)))
    tags = {element.tag.removeprefix(SVG) for element in drawing(svg).iter()}

    assert not tags & {"script", "style", "image", "a"}
    assert "example.com" not in "".join(value for element in drawing(svg).iter() for value in element.attrib.values())
    assert any("…" in text for text in texts(svg))


def test_signs_no_font_has_do_not_stop_a_chart() -> None:
    report = samples.full()
    assert isinstance(report.bridge, Bridge)
    steps = tuple(replace(step, name="日本語 \u0000\ud800 ไทย", group="driver") for step in report.bridge.steps)

    assert "日本語" in " ".join(texts(charts.bridge(replace(report, bridge=replace(report.bridge, steps=steps)))))


def test_the_year_has_twelve_months_and_a_column_for_each_that_is_known(year: str) -> None:
    assert {"Apr", "Sept", "Mar"} <= set(texts(year))
    assert len(labels(year, canvas.INK)) == 11
    assert "–" in texts(year)  # April is not known


def test_gaps_of_the_year_stand_above_on_the_same_months(year: str) -> None:
    def across(wanted: str) -> list[float]:
        elements = drawing(year).iter(f"{SVG}text")
        return [float(element.attrib["x"]) for element in elements if (element.text or "") == wanted]

    assert across("+7.9") == pytest.approx(across("Mar"), abs=0.01)
    assert labels(year, canvas.ADVERSE)[-1] == "+7.9"
    assert labels(year, canvas.FAVOURABLE) == ["−1.1", "−0.2"]


def test_only_months_that_are_not_over_have_whiskers(year: str) -> None:
    assert len(paths(year, stroke=canvas.FORECAST)) == 3 * 6  # a line and two caps for each


def test_a_year_without_budgets_has_no_gaps() -> None:
    report = samples.full()
    assert isinstance(report.year, FiscalYear)
    bare = tuple(replace(one, budget=samples.NO_BUDGET, gap=samples.NO_BUDGET) for one in report.year.months)

    assert "Gap to budget, k€" not in texts(charts.year(replace(report, year=replace(report.year, months=bare))))


@pytest.mark.parametrize("draw", [charts.bridge, charts.year])
def test_a_part_the_report_does_not_hold_is_not_drawn(draw: Callable[[Report], str]) -> None:
    assert draw(samples.over_budget()) == ""
    assert draw(samples.full_unknown()) == ""


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
