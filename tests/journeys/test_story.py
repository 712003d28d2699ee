"""The demo's report tells the sample bill's story: what happened, with the amounts that its generator knows."""

import io
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pypdf
import pytest

SAMPLE = Path(__file__).parents[2] / "sample_data"
STORY: dict[str, Any] = json.loads((SAMPLE / "TRUTH.json").read_text("utf-8"))["story"]
FINOPS = (sys.executable, "-c", "from finops.cli.main import main; main()")

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `finops demo` leaves behind."""
    folder = tmp_path_factory.mktemp("story")
    subprocess.run([*FINOPS, "demo", "--quiet"], cwd=folder, check=True, capture_output=True)
    return folder / "demo"


@pytest.fixture(scope="module")
def text(folder: Path) -> str:
    """All pages of the PDF, each run of blanks as one."""
    pages = pypdf.PdfReader(io.BytesIO((folder / "2026-10.pdf").read_bytes())).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


@pytest.fixture(scope="module")
def report(folder: Path) -> dict[str, Any]:
    """The JSON of the same report."""
    loaded: dict[str, Any] = json.loads((folder / "2026-10.json").read_text("utf-8"))
    return loaded


def test_the_training_job_is_named_with_its_instance_and_its_amount(text: str, report: dict[str, Any]) -> None:
    job = STORY["gpu_job"]
    (step,) = [step for step in report["bridge"]["steps"] if step["newcomer"] is not None and "llm" in step["name"]]
    newcomer = step["newcomer"]
    assert (newcomer["name"], newcomer["first_day"]) == (job["instance"], job["first_day"])
    assert 0.8 < Decimal(newcomer["to_date"]["exact"]) / Decimal(job["to_date"]["EUR"]) <= 1, (
        "the disks are a service of their own"
    )
    amount = f"€{int(newcomer['to_date']['shown']):,}"
    assert f"New in it since 9 October: {job['instance']}, {amount} so far." in text


def test_the_plan_that_ends_is_named_with_what_its_end_costs(text: str, report: dict[str, Any]) -> None:
    plan = STORY["savings_plan"]
    (line,) = [line for line in report["commitments"] if line["identifier"] == plan["id"]]
    assert line["ends_on"] == plan["end"]
    a_month_of_october = Decimal(line["monthly_effect"]["exact"])
    assert abs(a_month_of_october / Decimal(plan["extra"]["EUR"]) - 1) < Decimal("0.03")
    amount = f"€{int(line['monthly_effect']['shown']):,}"
    assert f"The Savings Plan that ends on 4 November will add {amount} a month." in text


def test_the_credits_that_ran_out_are_named_with_their_last_day(text: str, report: dict[str, Any]) -> None:
    grant = STORY["credits"]
    (line,) = [line for line in report["credits"] if line["name"] == grant["name"]]
    assert line["has_ended"]
    assert line["last_day"] == grant["last_day"]
    assert f"{grant['name']} ran out on 12 October." in text


def test_what_nobody_owns_is_shown_with_amount_and_share(text: str, report: dict[str, Any]) -> None:
    coverage = report["coverage"]
    share = 1 - Decimal(coverage["share"])
    assert Decimal("0.04") < share < Decimal("0.06")
    assert f"€{int(coverage['unallocated']['shown']):,}" in text
    assert f"{(share * 100).quantize(Decimal('0.1'))}%" in text


def test_the_spreadsheet_holds_the_totals_of_the_report(folder: Path, report: dict[str, Any]) -> None:
    workbook = openpyxl.load_workbook(folder / "2026-10.xlsx", data_only=True)
    totals = {row[0]: row for row in workbook["Variance"].iter_rows(values_only=True) if row[0] == "Total"}
    numbers = [value for value in totals["Total"] if isinstance(value, int | float)]
    for field in ("previous", "to_date", "budget", "forecast"):
        exact = Decimal(report["variance"]["total"][field]["exact"])
        assert any(abs(Decimal(repr(number)) - exact) < Decimal("0.000001") for number in numbers), field
