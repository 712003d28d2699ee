"""The PDF: tagged and marked, its data attached, fonts embedded, nothing fetched, the same bytes each time."""

import hashlib
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import pypdf
import pytest

from finops.findings import Finding
from finops.report import machine, pdf
from tests.report import samples

CHECKOUT = Path(__file__).parents[2]
CSV = machine.to_csv(samples.over_budget())
MM = 72 / 25.4


@pytest.fixture(scope="module")
def written() -> bytes:
    return pdf.render(samples.over_budget(), attachments={"report-data.csv": CSV, "report.json": b"{}"})


@pytest.fixture(scope="module")
def document(written: bytes) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(io.BytesIO(written)) as opened:
        yield opened


@pytest.fixture(scope="module")
def pages(written: bytes) -> list[str]:
    return [re.sub(r"\s+", " ", page.extract_text()) for page in pypdf.PdfReader(io.BytesIO(written)).pages]


def structure(document: pikepdf.Pdf) -> Iterator[Any]:
    """Every element of the tag tree."""
    waiting: list[Any] = [document.Root.StructTreeRoot.K]
    while waiting:
        node = waiting.pop()
        if isinstance(node, pikepdf.Array):
            waiting.extend(iter(node))
        elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
            yield node
            if "/K" in node:
                waiting.append(node.K)


def test_the_first_page_answers(pages: list[str]) -> None:
    for part in (
        "October is heading €12,100 (7.1%) over budget",
        "chance of ending over budget is 94%",
        "Decisions asked for",
    ):
        assert part in pages[0]


def test_every_page_has_its_footer_and_later_ones_their_header(pages: list[str]) -> None:
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page
        assert "Data to 19 Oct 2026, 23:59 UTC · provisional · run 3f9a1c07b2de" in page
    assert all("Fjordhandel AS · Cloud cost report, October 2026" in page for page in pages[1:])


def test_it_is_tagged_named_and_in_a_language(document: pikepdf.Pdf) -> None:
    assert bool(document.Root.MarkInfo.Marked)
    assert str(document.Root.Lang) == "en-GB"
    assert bool(document.Root.ViewerPreferences.DisplayDocTitle)
    assert "Cloud cost report, October 2026" in str(document.docinfo.Title)


def test_it_declares_pdf_a_3a_and_pdf_ua_1(document: pikepdf.Pdf) -> None:
    with document.open_metadata() as metadata:
        assert metadata.pdfa_status == "3A"
        assert metadata["pdfuaid:part"] == "1"
    raw = document.Root.Metadata.read_bytes().decode("utf-8")
    assert "<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>" in raw


def test_it_has_bookmarks_from_its_headings(document: pikepdf.Pdf) -> None:
    with document.open_outline() as outline:
        (title,) = outline.root
        parts = [part.title for part in title.children]

    assert title.title == "Cloud cost report, October 2026"
    assert parts == [
        "October is heading €12,100 (7.1%) over budget",
        "recommendations carries the whole overrun",
        "Three budgets are likely to end over their limit",
        "Appendix: method, data quality, sign-off",
    ]


def test_every_figure_has_words(document: pikepdf.Pdf) -> None:
    figures = [node for node in structure(document) if str(node.S) == "/Figure"]

    assert len(figures) == 3  # the mark of the verdict and two charts
    assert all("/Alt" in figure for figure in figures)
    assert any("€182,100" in str(figure.Alt) for figure in figures)


@pytest.mark.long
def test_a_full_report_has_a_bookmark_for_every_part_and_no_gap_between_them() -> None:
    full = pdf.render(samples.full())
    with pikepdf.open(io.BytesIO(full)) as document:
        with document.open_outline() as outline:
            parts = [part.title for part in outline.root[0].children]
        figures = [node for node in structure(document) if str(node.S) == "/Figure"]
        assert len(figures) == 5
        assert all("/Alt" in figure for figure in figures)
        scopes = [node for node in structure(document) if str(node.S) == "/TH" and "/A" not in node]
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(full)).pages]

    assert parts == [
        "October is heading €12,100 (7.1%) over budget",
        "recommendations carries the whole overrun",
        "The year is on course for €48,400 over budget",
        "Three budgets are likely to end over their limit",
        "The Savings Plan that ends on 4 November will add €5,200 a month",
        "€5,500 of the billed cost (5.0%) has no project",
        "Amazon EC2 is the largest service: €61,310, 33.7% of the forecast",
        "Appendix: method, data quality, sign-off",
    ]
    assert scopes == []
    assert 7 <= len(pages) <= 9
    assert all(len(page) > 1000 for page in pages[:-1])


@pytest.mark.long
def test_the_head_of_a_long_table_stands_on_each_of_its_pages() -> None:
    pages = [
        re.sub(r"\s+", " ", page.extract_text())
        for page in pypdf.PdfReader(io.BytesIO(pdf.render(samples.long_detail()))).pages
    ]
    with_rows = [page for page in pages if re.search(r"service 0\d\d [\d,]+ ", page)]

    assert len(with_rows) > 1
    assert all("More spend" in page for page in with_rows)


@pytest.mark.long
@pytest.mark.parametrize("rows", range(2, 42, 8))  # the signatures are as high as ten: one of these would part them
def test_the_signatures_never_stand_alone(rows: int) -> None:
    found = Finding(rule="x.y", severity="info", message="Two tags a row.", source="acme")
    report = replace(samples.over_budget(), findings=(found,) * rows)
    last = pypdf.PdfReader(io.BytesIO(pdf.render(report))).pages[-1].extract_text()

    assert "Accepted by, budget owner" in last
    assert last.count("Two tags a row.") >= min(rows, 3)


def test_tables_are_tables(document: pikepdf.Pdf) -> None:
    kinds = {str(node.S) for node in structure(document)}

    assert {"/H1", "/H2", "/H3", "/P", "/Table", "/THead", "/TBody", "/TR", "/TH", "/TD", "/Caption"} <= kinds


def test_it_carries_its_data_with_fixed_dates(document: pikepdf.Pdf) -> None:
    assert list(document.attachments) == ["report-data.csv", "report.json"]
    specification = document.attachments["report-data.csv"]
    assert specification.get_file().read_bytes() == CSV
    assert specification.get_file().mime_type == "text/csv"
    for entry in document.Root.AF:
        assert str(entry.AFRelationship) == "/Data"
        parameters = entry.EF.F.Params
        assert str(parameters.CreationDate) == str(parameters.ModDate) == "D:20261020000000Z"


def test_only_the_bundled_typeface_is_embedded(document: pikepdf.Pdf) -> None:
    fonts = {str(font.BaseFont) for page in document.pages for font in page.Resources.Font.values()}

    assert fonts
    assert all("IBM-Plex-Sans" in name for name in fonts)


def test_no_clock_host_or_path_enters(document: pikepdf.Pdf, written: bytes) -> None:
    assert str(document.docinfo.CreationDate).startswith("D:20261020000000")
    assert str(CHECKOUT).encode() not in written
    assert all(str(CHECKOUT).encode() not in page.Contents.read_bytes() for page in document.pages)


def test_paper_is_a4_or_letter(document: pikepdf.Pdf) -> None:
    with pikepdf.open(io.BytesIO(pdf.render(samples.incomplete(), paper="Letter"))) as letter:
        sizes = [tuple(float(side) for side in each.pages[0].MediaBox) for each in (document, letter)]

    assert sizes[0] == pytest.approx((0, 0, 210 * MM, 297 * MM), abs=0.01)
    assert sizes[1] == pytest.approx((0, 0, 612, 792), abs=0.01)


def test_a_report_of_nothing_is_a_page_that_says_so() -> None:
    reader = pypdf.PdfReader(io.BytesIO(pdf.render(samples.no_data())))

    assert "No source has delivered anything yet." in reader.pages[0].extract_text()
    assert "No data yet" in reader.pages[0].extract_text()


def test_hostile_names_are_printed_and_fetch_nothing() -> None:
    reader = pypdf.PdfReader(io.BytesIO(pdf.render(samples.hostile())))
    # pypdf reads the two-byte codes that WeasyPrint writes beside unsupported characters byte by byte.
    text = re.sub(r"[\s\x00]+", "", "".join(page.extract_text() for page in reader.pages))

    assert "<script>alert(1)</script>" in text
    assert "{{7*7}}" in text
    assert not any("/Annots" in page for page in reader.pages)


@pytest.mark.parametrize(
    "address",
    [
        "https://example.com/font.woff2",
        "file:///etc/passwd",
        "data:text/plain,x",
        "finops-font:../report.html.j2",
        "finops-font:OFL.txt",
        "",
    ],
)
def test_every_address_but_a_bundled_font_is_refused(address: str) -> None:
    with pytest.raises(pdf.AddressRefused):
        pdf.bundled(address)


def test_a_bundled_font_is_served() -> None:
    assert pdf.bundled("finops-font:IBMPlexSans-Regular.woff2").startswith(b"wOF2")


@pytest.mark.long
def test_another_process_writes_the_same_bytes() -> None:
    report = samples.full()
    here = pdf.render(report, attachments={"report-data.csv": machine.to_csv(report), "report.json": b"{}"})
    code = (
        "import sys, hashlib; from tests.report import samples; from finops.report import machine, pdf;"
        "report = samples.full();"
        "files = {'report-data.csv': machine.to_csv(report), 'report.json': b'{}'};"
        "print(hashlib.sha256(pdf.render(report, attachments=files)).hexdigest())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "5", "TZ": "Asia/Kolkata"}

    other = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, env=environment, capture_output=True, check=True)

    assert other.stdout.decode().strip() == hashlib.sha256(here).hexdigest()


def test_missing_libraries_name_the_packages_and_leave_standard_output_alone() -> None:
    code = (
        "import cffi\n"
        "def missing(*_): raise OSError(\"cannot load library 'libpango-1.0-0'\")\n"
        "cffi.FFI.dlopen = missing\n"
        "from tests.report import samples\n"
        "from finops.errors import AccessError\n"
        "from finops.report import pdf\n"
        "try: pdf.render(samples.over_budget())\n"
        "except pdf.LibrariesMissing as error:\n"
        "    assert isinstance(error, AccessError)\n"
        "    print(error.todo)\n"
    )

    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, check=True)

    assert done.stdout.decode().strip() == f"Install them with: apt-get install -y {' '.join(pdf.PACKAGES)}"
