"""`finops report`: the files of one month, named by it."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from finops.report import machine
from tests.cli.conftest import LAST_DAY, Run
from tests.shop import Shop


def test_files_are_named_by_the_month_and_their_paths_are_data(run: Run, company: Shop, tmp_path: Path) -> None:
    ran = run(company.folder, "report", *LAST_DAY, "--format", "html,json,csv", "-o", tmp_path / "new" / "out")
    paths = [tmp_path / "new" / "out" / f"2026-03.{suffix}" for suffix in ("html", "json", "csv")]
    assert (ran.code, ran.out.split(), ran.err) == (0, [str(path) for path in paths], "")
    assert all(path.stat().st_size for path in paths)


def test_json_follows_the_published_schema(run: Run, company: Shop, tmp_path: Path) -> None:
    assert run(company.folder, "report", *LAST_DAY, "--format", "json", "-o", tmp_path).code == 0
    document = json.loads((tmp_path / "2026-03.json").read_text("utf-8"))
    Draft202012Validator(machine.SCHEMA_DOCUMENT).validate(document)


@pytest.mark.parametrize(("month", "past"), [("2026-03", 5), ("2026-02", 4), ("2026-01", 3), ("2025-10", 0)])
def test_any_month_looks_back_on_the_months_before_it_alone(
    run: Run, company: Shop, tmp_path: Path, month: str, past: int
) -> None:
    """Months of 28, 30 and 31 days, the running one, and the first of the data, which has none before it."""
    ran = run(company.folder, "report", *LAST_DAY, "--month", month, "--format", "json", "-o", tmp_path)
    assert (ran.code, ran.err) == (0, "")
    document = json.loads((tmp_path / f"{month}.json").read_text("utf-8"))
    assert document["period_label"] == month
    accuracy = document["accuracy"]
    months = [one["month"] for one in accuracy["months"]] if "months" in (accuracy or {}) else []
    assert len(months) == past
    assert all(one < month for one in months)


def test_a_month_before_the_data_is_not_computable(run: Run, company: Shop, tmp_path: Path) -> None:
    ran = run(company.folder, "report", *LAST_DAY, "--month", "2020-01", "--format", "json", "-o", tmp_path)
    assert ran.code == 0
    document = json.loads((tmp_path / "2020-01.json").read_text("utf-8"))
    assert document["reconciliation"]["rows"] == []


def test_the_same_report_has_the_same_bytes(run: Run, company: Shop, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        run(company.folder, "report", *LAST_DAY, "--format", "html,json,csv", "-o", tmp_path / folder)
    for suffix in ("html", "json", "csv"):
        assert (tmp_path / "one" / f"2026-03.{suffix}").read_bytes() == (
            tmp_path / "two" / f"2026-03.{suffix}"
        ).read_bytes()
