"""`finops demo` in an empty folder: the whole job, from exports of three providers to what a controller reads."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pyarrow.parquet as pq
import pypdf
import pytest
from jsonschema import Draft202012Validator

from finops.report import machine
from finops.report.forecast_table import SCHEMA_DOCUMENT
from finops.store.tables import Tables
from tests.journeys.conftest import Ran, Shell

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def demo(folder: Path, offline: Shell) -> Ran:
    return offline.run(folder, "demo")


@pytest.fixture(scope="module")
def report(demo: Ran, folder: Path) -> dict[str, object]:
    assert demo.code == 0, demo.err
    loaded: dict[str, object] = json.loads((folder / "demo" / "2026-10.json").read_text("utf-8"))
    return loaded


class _Links(HTMLParser):
    """What a page would fetch, and where its links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del tag
        self.found += [value or "" for name, value in attrs if name in {"src", "href", "srcset", "data", "action"}]


def test_it_ends_with_the_paths_of_its_files(demo: Ran, folder: Path) -> None:
    assert demo.code == 0, demo.err
    paths = demo.out.splitlines()
    assert {".pdf", ".html", ".json"} <= {Path(path).suffix for path in paths}
    assert all((folder / path).stat().st_size for path in paths)
    assert "chance" in demo.err


def test_the_first_page_of_the_pdf_answers(report: dict[str, object], folder: Path) -> None:
    text = " ".join(pypdf.PdfReader(folder / "demo" / "2026-10.pdf").pages[0].extract_text().split())
    verdict = report["verdict"]
    assert isinstance(verdict, dict)
    amount = round(float(verdict["gap"]["exact"]))
    assert amount > 0
    assert f"€{amount:,}" in text
    assert re.search(rf"€{amount:,} \(\d+\.\d ?%\) over budget", text)
    assert re.search(r"chance of ending over budget is >?\d+ ?%", text)


def test_the_page_asks_nobody_for_anything(report: dict[str, object], folder: Path) -> None:
    assert report
    page = (folder / "demo" / "2026-10.html").read_text("utf-8")
    links = _Links()
    links.feed(page)
    assert [link for link in links.found if not link.startswith(("#", "data:", "mailto:"))] == []
    assert not re.search(r"@import|url\((?!['\"]?(data:|#))", page)
    assert "<script" not in page


def test_the_json_is_valid_and_every_cent_is_conserved(report: dict[str, object]) -> None:
    Draft202012Validator(machine.SCHEMA_DOCUMENT).validate(report)
    reconciliation = report["reconciliation"]
    assert isinstance(reconciliation, dict)
    assert len(reconciliation["rows"]) == 3
    assert {float(row["difference"]) for row in reconciliation["rows"]} == {0.0}


def test_the_tables_hold_what_their_schema_promises(report: dict[str, object], folder: Path) -> None:
    assert report
    tables = Tables.at(folder / "demo" / "bill" / ".finops")
    for table, promised in ((tables.cost, tables.row_schema), (tables.allocated, tables.allocated_schema)):
        for file in table.files():
            found = pq.read_schema(file.uri)
            assert dict(zip(found.names, found.types, strict=True)) == dict(
                zip(promised.names, promised.types, strict=True)
            )


def test_a_second_time_nothing_is_new(report: dict[str, object], folder: Path, shell: Shell) -> None:
    assert report
    bill = folder / "demo" / "bill"
    before = {path: path.stat().st_mtime_ns for path in bill.rglob("*") if path.is_file()}
    ran = shell.run(bill, "ingest")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err.count("nothing new") == 4
    assert {path: path.stat().st_mtime_ns for path in bill.rglob("*") if path.is_file()} == before


def test_the_command_named_at_the_end_works(demo: Ran, folder: Path, shell: Shell) -> None:
    *_, hint = demo.err.splitlines()
    assert hint.startswith("Next: cd ")
    place, _, command = hint.removeprefix("Next: cd ").partition(" && finops ")
    ran = shell.run(folder / place, *command.split(), "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    Draft202012Validator(SCHEMA_DOCUMENT).validate(json.loads(ran.out))
