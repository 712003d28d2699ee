"""The HTML file: self-contained, small, escaped, and worded by templates that compute nothing."""

import functools
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import jinja2
import jinja2.nodes
import pytest

from finops import resources
from finops.report import html
from finops.report.model import Report
from tests.report import samples

Sample = Callable[[], Report]
SAMPLES: tuple[Sample, ...] = (
    samples.over_budget,
    samples.under_budget,
    samples.on_budget,
    samples.no_budget,
    samples.incomplete,
    samples.no_forecast,
    samples.no_data,
    samples.finished,
    samples.hostile,
    samples.full,
    samples.full_falling,
    samples.full_unknown,
    samples.full_hostile,
)
CHECKOUT = Path(__file__).parents[2]
VOID = {"meta", "col", "br", "wbr", "path", "use"}


class Page(HTMLParser):
    """What a browser would find: elements, attributes, text, and whether they nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[str] = []
        self.styles: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        (self.styles if self.open[-1:] == ["style"] else self.texts).append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.texts))


@functools.cache
def rendered(sample: Sample) -> str:
    return html.render(sample())


@pytest.fixture(scope="module", params=SAMPLES, ids=lambda sample: sample.__name__)
def page(request: pytest.FixtureRequest) -> Page:
    return Page(rendered(request.param))


@pytest.fixture(scope="module")
def over() -> str:
    return rendered(samples.over_budget)


def test_the_answer_stands_on_the_page(over: str) -> None:
    text = Page(over).text

    for part in (
        "Cloud cost report, October 2026",
        "Data to 19 Oct 2026, 23:59 UTC",
        "October is heading €12,100 (7.1%) over budget",
        "The chance of ending over budget is 94%.",
        "€115,320",
        "+48,400 (+2.4%)",
        "Gap = forecast − budget. Plus means over budget.",
    ):
        assert part in text


def test_a_page_asks_no_server_for_anything(page: Page) -> None:
    loading = [
        value for _, name, value in page.attributes if name in {"src", "href", "xlink:href", "srcset", "action", "data"}
    ]

    assert all(value.startswith("#") for value in loading)
    assert set(re.findall(r"url\(\"?(\w+:?)", " ".join(page.styles))) == {"data:"}
    assert "@import" not in " ".join(page.styles)


def test_a_page_runs_nothing_and_forbids_it(page: Page) -> None:
    policies = [value for tag, name, value in page.attributes if tag == "meta" and value.startswith("default-src")]

    assert not {"script", "iframe", "object", "embed", "form", "link", "base", "img"} & set(page.tags)
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:"]


def test_elements_nest_and_ids_are_unique(page: Page) -> None:
    ids = [value for _, name, value in page.attributes if name == "id"]

    assert page.open == []
    assert len(ids) == len(set(ids))


def test_tables_have_real_heads(page: Page) -> None:
    scopes = Counter(value for tag, name, value in page.attributes if tag == "th" and name == "scope")

    assert page.tags["thead"] == page.tags["table"]
    assert sum(scopes.values()) == page.tags["th"]
    assert set(scopes) <= {"col", "row", "rowgroup"}


def test_data_stays_text(over: str) -> None:
    """A hostile report has the elements, attributes and styles of an honest one of the same size."""
    hostile = Page(rendered(samples.hostile))
    names = {name for _, name, _ in hostile.attributes}

    assert names <= {name for _, name, _ in Page(over).attributes}
    assert "example.com" not in " ".join(hostile.styles)
    assert "<script>alert(1)</script>" in hostile.text.replace("</ script>", "</script>")
    assert "{{ 7 * 7 }} {% raw %}" in hostile.text
    assert "49" not in [word for word in hostile.text.split() if word == "49"]


def test_control_characters_and_reading_direction_are_replaced() -> None:
    text = rendered(samples.hostile)

    assert not re.search("[\x00-\x08\u202e]", text)
    assert "\ufffdevil" in text


def test_a_lone_surrogate_in_a_name_is_replaced() -> None:
    page = html.render(replace(samples.over_budget(), organisation="a\udc80b"))

    assert "a\ufffdb" in page.encode("utf-8").decode("utf-8")


def test_no_element_has_a_style_of_its_own(page: Page) -> None:
    assert not [tag for tag, name, _ in page.attributes if name == "style"]


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_small_report_is_a_small_file(sample: Sample) -> None:
    assert len(rendered(sample).encode("utf-8")) < 300_000


def test_three_hundred_projects_are_all_there_and_stay_under_a_megabyte() -> None:
    text = html.render(samples.many_projects(300))

    assert len(text.encode("utf-8")) < 1_000_000
    for n in range(300):
        assert text.count(f"project-{n:03d}") >= 2  # a line in the variance table, and one in the budgets


def test_on_paper_three_hundred_projects_are_shortened_and_still_foot() -> None:
    text = Page(html.for_paper(samples.many_projects(300), attached=("report-data.csv",))).text

    assert "261 other projects" in text
    assert "260 more lines are in the attached data." in text


def test_the_first_page_says_how_many_alerts_follow() -> None:
    report = samples.over_budget()
    crowded = replace(report, alerts=report.alerts * 3)

    assert "Three more alerts are on the next page." in html.render(crowded)


@pytest.mark.parametrize(
    ("sample", "state"),
    [
        (samples.over_budget, "over"),
        (samples.under_budget, "under"),
        (samples.on_budget, "equal"),
        (samples.no_budget, "no-budget"),
        (samples.incomplete, "incomplete"),
    ],
)
def test_the_verdict_box_wears_its_state(sample: Sample, state: str) -> None:
    assert f'<div class="verdict {state}">' in rendered(sample)


def test_incomplete_data_shows_no_gap_on_the_answer_page() -> None:
    answer = rendered(samples.incomplete).partition("</section>")[0]

    assert "Data is incomplete" in answer
    assert 'class="n over"' not in answer
    assert "chance" not in answer


def test_where_a_figure_is_missing_its_reason_stands_below() -> None:
    text = Page(rendered(samples.over_budget)).text

    assert "– not computable: No budget covers this project." in text


def test_the_parts_of_a_full_report_come_in_their_order() -> None:
    text = Page(rendered(samples.full)).text
    headings = (
        "October is heading €12,100 (7.1%) over budget",
        "recommendations carries the whole overrun",
        "Amazon SageMaker in recommendations and more days lift October by €16,513 over September",
        "What moved",
        "Largest moves by service, September actual to October forecast, in €",
        "The year is on course for €48,400 over budget",
        "Fiscal year 2026/27 in k€",
        "Three budgets are likely to end over their limit",
        "All eight budgets and their outlook",
        "97.3% of what was paid for commitments is used; €392 lapsed",
        "Credits lower October by €1,750 so far",
        "€5,500 of the billed cost (5.0%) has no project",
        "AWS, sandbox, Amazon EC2 is the largest cost without a project, at €4,000",
        "Amazon EC2 is the largest service: €61,310, 33.7% of the forecast",
        "prod is the largest account",
        "Appendix: method, data quality, sign-off",
    )
    places = []
    at = text.index("Prepared 20 Oct 2026")  # the title of a chart repeats headings; each is looked for after the last
    for heading in headings:
        at = text.index(heading, at)
        places.append(at)

    assert places == sorted(places)


def test_a_report_made_without_the_new_parts_prints_nothing_for_them(over: str) -> None:
    text = Page(over).text

    for part in ("What moved", "Fiscal year 2026/27 in", "commitment covers", "has a project", "largest service"):
        assert part not in text


def test_parts_that_could_not_be_computed_say_why() -> None:
    text = Page(rendered(samples.full_unknown)).text

    for part in (
        "What moved since the month before is not known",
        "What the fiscal year will come to is not known",
        "How much of the billed cost has a project is not known",
    ):
        assert f"{part} The month before has no charges." in text


def test_rows_of_services_foot_as_printed() -> None:
    text = Page(rendered(samples.full)).text

    assert "AWS, subtotal 91,310 76,428 108,289 +16,979 +18.6%" in text
    assert "Refunds and credits −1,381 −882 −1,341 +40 n/a" in text
    assert "Total 165,587 114,420" not in text  # to date adds up to what the rows say, not to the first page
    assert "Total 165,587 115,320 182,100 +16,513 +10.0%" in text


def test_on_paper_a_long_detail_is_shortened_per_provider() -> None:
    text = Page(html.for_paper(samples.long_detail(), attached=("report-data.csv",))).text

    assert "80 other services" in text
    assert "20 other services" in text
    assert "100 lines are added up as others; each is in the attached data." in text
    assert "other services" not in Page(html.render(samples.long_detail())).text


def test_every_digit_of_the_reconciliation_is_printed(over: str) -> None:
    assert "78,214.5500187345" in over
    assert "33,982.410722" in over
    assert "115,320.00" in over


def test_a_stale_assumption_is_flagged(over: str) -> None:
    assert over.count("over a year old") == 1


def test_the_language_follows_the_locale() -> None:
    german = html.render(replace(samples.over_budget(), locale="de_DE"))

    assert '<html lang="de-DE">' in german
    assert "12.100\u00a0€ (7,1\u00a0%)" in german


def test_paper_is_a_setting() -> None:
    assert "@page { size: Letter; }" in html.render(samples.over_budget(), paper="Letter")


def test_templates_compute_nothing() -> None:
    """Words and order only: no sum, no quotient, no comparison with a threshold."""
    arithmetic = (
        *(jinja2.nodes.Add, jinja2.nodes.Sub, jinja2.nodes.Mul, jinja2.nodes.Div, jinja2.nodes.FloorDiv),
        *(jinja2.nodes.Mod, jinja2.nodes.Pow, jinja2.nodes.Neg),
    )
    environment = jinja2.Environment(autoescape=True, extensions=["jinja2.ext.i18n"])
    environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]  # added by the extension
    for file in sorted(resources.templates().rglob("*.j2")):
        tree = environment.parse(file.read_text("utf-8"))
        assert not list(tree.find_all(arithmetic)), file
        assert {operand.op for operand in tree.find_all(jinja2.nodes.Operand)} <= {"eq", "in"}, file


def test_no_template_switches_escaping_off() -> None:
    for file in sorted(resources.templates().rglob("*.j2")):
        assert not re.search(r"\|\s*safe|autoescape", file.read_text("utf-8")), file


def test_another_process_writes_the_same_bytes() -> None:
    code = (
        "import sys; from tests.report import samples; from finops.report import html;"
        "sys.stdout.write(html.render(samples.full()))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "11", "TZ": "America/Lima", "PYTHONUTF8": "1"}

    other = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, env=environment, capture_output=True, check=True)

    assert other.stdout.decode("utf-8") == rendered(samples.full)
