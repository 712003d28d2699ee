"""`finops backtest`: past months of the stored table forecast again, and somebody else's tasks."""

import json
from pathlib import Path

import pandas as pd
from jsonschema import Draft202012Validator

from finops.report.backtest_table import SCHEMA_DOCUMENT
from tests.cli.conftest import LAST_DAY, Run
from tests.shop import Shop

PUBLISHED = Path(__file__).parents[2] / "docs" / "schemas" / "backtest-1.schema.json"


def test_the_published_schema_is_the_one_in_use() -> None:
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == SCHEMA_DOCUMENT


def test_past_months_are_scored_in_four_forms(run: Run, company: Shop) -> None:
    table = run(company.folder, "backtest", *LAST_DAY)
    assert (table.code, table.err) == (0, "")
    assert "Seasonal naive" in table.out
    document = json.loads(run(company.folder, "backtest", *LAST_DAY, "--format", "json").out)
    Draft202012Validator(SCHEMA_DOCUMENT).validate(document)
    names = [one["name"] for one in document["series"]]
    rows = run(company.folder, "backtest", *LAST_DAY, "--format", "csv").out.splitlines()
    assert len(rows) == 1 + len(names) + 1
    assert run(company.folder, "backtest", *LAST_DAY, "--format", "md").out.count("|") > len(names)


def test_tasks_are_answered_without_a_configuration(run: Run, tmp_path: Path) -> None:
    days = pd.date_range("2026-01-01", periods=60)
    pd.DataFrame({"item_id": "a", "date": days, "cost": 10.0, "freq": "D"}).to_parquet(tmp_path / "history.parquet")
    task = {"task_id": "t", "item_id": "a", "freq": "D", "cutoff": days[-1], "period": "month", "budget": 300.0}
    task |= {"start": pd.Timestamp("2026-03-01"), "end": pd.Timestamp("2026-03-31")}
    pd.DataFrame([task]).to_parquet(tmp_path / "tasks.parquet")
    ran = run(tmp_path, "backtest", "--tasks", str(tmp_path), "-o", str(tmp_path / "out.parquet"), "--processes", "1")
    assert ran.code == 0, ran.err
    assert round(pd.read_parquet(tmp_path / "out.parquet")["mean"][0]) == 310


def test_tasks_without_a_file_to_write_are_refused(run: Run, tmp_path: Path) -> None:
    ran = run(tmp_path, "backtest", "--tasks", str(tmp_path))
    assert ran.code == 2
    assert "-o" in ran.err
