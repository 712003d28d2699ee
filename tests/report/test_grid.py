"""Grids: columns stay in line whatever letters a name holds, and no name does anything but be read."""

import csv
import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.report.grid import Column, Grid, Row, comma_separated, markdown, sparkline, terminal

COLUMNS = (
    Column(header="Project", align="left"),
    Column(header="To date", dropped=1),
    Column(header="Month"),
    Column(header="Range", dropped=2),
)
PLAIN = Grid(
    title="Forecast",
    columns=COLUMNS,
    rows=(
        Row(cells=("shop", "120", "393", "376 to 410")),
        Row(cells=("search", "2", "6", "6 to 6"), style="high"),
    ),
    total=Row(cells=("Total", "122", "399", "382 to 416"), style="total"),
    notes=("A note.",),
)


def named(*names: str) -> Grid:
    return Grid(
        title=names[0],
        columns=(Column(header="Name", align="left"), Column(header="Cost")),
        rows=tuple(Row(cells=(name, "1")) for name in names),
        notes=names,
    )


def test_a_grid_on_a_terminal() -> None:
    assert terminal(PLAIN).splitlines() == [
        "Forecast",
        "Project  To date  Month       Range",
        "-----------------------------------",
        "shop         120    393  376 to 410",
        "search         2      6      6 to 6",
        "",
        "Total        122    399  382 to 416",
        "A note.",
    ]


def test_colours_are_for_terminals_that_want_them() -> None:
    lines = terminal(PLAIN, colour=True).splitlines()

    assert lines[4] == "\x1b[31msearch         2      6      6 to 6\x1b[0m"
    assert lines[6] == "\x1b[1mTotal        122    399  382 to 416\x1b[0m"
    assert lines[3] == "shop         120    393  376 to 410"
    assert "\x1b" not in terminal(PLAIN)


@pytest.mark.parametrize(
    ("width", "headers"),
    [
        (None, ["Project", "To date", "Month", "Range"]),
        (35, ["Project", "To date", "Month", "Range"]),
        (34, ["Project", "To date", "Month"]),
        (23, ["Project", "To date", "Month"]),
        (22, ["Project", "Month"]),
        (5, ["Project", "Month"]),
    ],
)
def test_narrow_terminals_drop_columns_the_highest_number_first_and_never_the_others(
    width: int | None, headers: list[str]
) -> None:
    lines = terminal(PLAIN, width=width).splitlines()

    assert lines[1].replace("To date", "To_date").split() == [header.replace(" ", "_") for header in headers]
    assert width is None or width < 14 or all(len(line) <= width for line in lines[1:-1])


def test_wide_and_combining_letters_keep_the_columns_in_line() -> None:
    lines = terminal(named("日本語", "e\u0301te\u0301", "\u2764\ufe0f", "🚀", "abc", "한국어")).splitlines()[3:-6]

    assert [line[-1] for line in lines] == ["1"] * 6
    assert len({_columns(line) for line in lines}) == 1


def _columns(line: str) -> int:
    """Columns a terminal uses: combining marks and variation selectors none, wide letters two."""
    marks = sum(unicodedata.category(letter) in {"Mn", "Me"} for letter in line)
    return len(line) - marks + sum(unicodedata.east_asian_width(letter) in "WF" for letter in line)


HOSTILE = (
    "\x1b[2J\x1b]0;owned\x07",
    "a\nb\rc\td",
    "a\u2028b\u2029c\x85d",
    "\u202egnp.exe",
    "\x00",
    "\ud800",
    "a\u200bb",
)


@pytest.mark.parametrize("name", HOSTILE)
def test_names_cannot_steer_a_terminal_or_break_a_line(name: str) -> None:
    text = terminal(named(name), colour=True)

    assert len(text.splitlines()) == 5
    assert not any(unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for letter in text if letter != "\n")


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_any_names_give_one_line_each(names: list[str]) -> None:
    assert len(terminal(named(*names)).split("\n")) == 3 + 2 * len(names)


def test_a_grid_as_markdown() -> None:
    assert markdown(PLAIN).splitlines() == [
        "**Forecast**",
        "",
        "| Project | To date | Month | Range |",
        "| --- | ---: | ---: | ---: |",
        "| shop | 120 | 393 | 376 to 410 |",
        "| search | 2 | 6 | 6 to 6 |",
        "| Total | 122 | 399 | 382 to 416 |",
        "",
        "A note.",
    ]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("a|b", "a\\|b"),
        ("a\\|b", "a\\\\\\|b"),
        ("<script>", "\\<script>"),
        ("![x](https://example.org/x.png)", "!\\[x](https://example.org/x.png)"),
        ("`code`", "\\`code\\`"),
        ("a\nb", "a b"),
        ("my_project-1 (eu) & co", "my_project-1 (eu) & co"),
    ],
)
def test_names_cannot_break_a_markdown_table_or_bring_tags_links_and_images(name: str, written: str) -> None:
    lines = markdown(named(name)).splitlines()

    assert lines[0] == f"**{written}**"
    assert lines[4] == f"| {written} | 1 |"
    assert lines[6] == written


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("a\r=1", "a\r=1"),
        ("-12.50", "-12.50"),
        ("+3", "+3"),
        ("-", "'-"),
        ("a=1", "a=1"),
        ("", ""),
        ('say "hi", you', 'say "hi", you'),
    ],
)
def test_text_that_a_spreadsheet_would_run_is_made_harmless_and_numbers_stay(cell: str, written: str) -> None:
    text = comma_separated(["name", "cost"], [[cell, "1"]])

    assert list(csv.reader(io.StringIO(text, newline=""))) == [["name", "cost"], [written, "1"]]


def test_a_header_alone_is_a_file() -> None:
    assert comma_separated(["a", "b"], []) == "a,b"


@pytest.mark.parametrize(
    ("values", "bars"),
    [([], ""), ([5.0], "▄"), ([3.0, 3.0, 3.0], "▄▄▄"), ([0.0, 7.0], "▁█"), ([-1.0, 0.0, 1.0], "▁▄█")],
)
def test_sparklines_reach_from_the_lowest_to_the_highest(values: list[float], bars: str) -> None:
    assert sparkline(values) == bars


@given(st.lists(st.floats(min_value=-1e12, max_value=1e12), max_size=12))
def test_sparklines_have_one_bar_per_value_and_keep_their_order(values: list[float]) -> None:
    bars = sparkline(values)

    assert len(bars) == len(values)
    for (one, low), (other, high) in zip(
        zip(values, bars, strict=True), zip(values[1:], bars[1:], strict=True), strict=False
    ):
        assert one > other or low <= high
