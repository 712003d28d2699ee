"""`finops export`: the cost table as a file, its form by flag or suffix."""

import csv
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from finops.focus import columns
from finops.money import add
from tests.cli.conftest import Run
from tests.shop import Shop


def test_the_path_is_data_and_the_count_is_narration(run: Run, company: Shop, tmp_path: Path) -> None:
    path = tmp_path / "cost.parquet"
    ran = run(company.folder, "export", "-o", path)
    rows = len(company.query("cost", "x_Source"))
    assert (ran.code, ran.out, ran.err) == (0, f"{path}\n", f"{rows:,} rows\n")
    assert pq.read_metadata(path).num_rows == rows


@pytest.mark.parametrize(
    ("name", "options", "is_parquet"),
    [
        ("a.parquet", (), True),
        ("a.PARQUET", (), True),
        ("a.csv", (), False),
        ("a.CSV", (), False),
        ("a", ("--format", "csv"), False),
        ("a.csv", ("--format", "parquet"), True),
    ],
)
def test_the_flag_says_the_form_and_else_the_suffix(
    run: Run, company: Shop, tmp_path: Path, name: str, options: tuple[str, ...], *, is_parquet: bool
) -> None:
    assert run(company.folder, "export", "-o", tmp_path / name, *options, "--month", "2026-01").code == 0
    assert ((tmp_path / name).read_bytes()[:4] == b"PAR1") == is_parquet


def test_options_choose_rows_and_columns(run: Run, company: Shop, tmp_path: Path) -> None:
    path = tmp_path / "cost.csv"
    options = ("--focus", "1.2", "--no-extensions", "--allocated", "--month", "2026-01", "--month", "2026-02")
    days = ("--from", "2026-01-31", "--to", "2026-02-02")
    assert run(company.folder, "export", "-o", path, *options, *days).code == 0
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0])[: len(columns.FOCUS)] == [column.name for column in columns.FOCUS]
    assert list(rows[0])[len(columns.FOCUS) :] == ["x_Project", "x_Phase", "x_Environment", "x_AllocationRule"]
    assert {row["ChargePeriodStart"][:10] for row in rows} == {"2026-01-31", "2026-02-01"}
    asked = "BilledCost, (ChargePeriodStart AT TIME ZONE 'UTC')::DATE::VARCHAR"
    expected = [cost for cost, day in company.query("cost", asked) if "2026-01-31" <= day < "2026-02-02"]
    assert add(*(Decimal(row["BilledCost"]) for row in rows)) == add(*expected) != 0


def test_nothing_that_fits_is_said(run: Run, company: Shop, tmp_path: Path) -> None:
    ran = run(company.folder, "export", "-o", tmp_path / "cost.csv", "--month", "1999-01")
    assert (ran.code, ran.out) == (1, "")
    assert "No row of the cost table fits the selection" in ran.err
    assert not (tmp_path / "cost.csv").exists()
