"""`finops forecast --input`: anybody's series, without a store; what cannot be read is told, line by line."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from jsonschema import Draft202012Validator

from finops.money import add
from finops.report.forecast_table import SCHEMA_DOCUMENT
from tests.cli.conftest import Run


def days(last: str, *, periods: int = 90, cost: str = "10.05") -> str:
    return "".join(f"{day:%Y-%m-%d},{cost}\n" for day in pd.date_range(end=last, periods=periods))


def forecast(run: Run, file: Path, *options: str) -> dict[str, Any]:
    ran = run(file.parent, "forecast", "--input", file, "--format", "json", "--processes", "1", *options)
    assert (ran.code, ran.err) == (0, "")
    document: dict[str, Any] = json.loads(ran.out)
    Draft202012Validator(SCHEMA_DOCUMENT).validate(document)
    return document


def test_a_flat_series_goes_on_and_needs_no_configuration(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "spend.csv"
    file.write_text("date,cost\n" + days("2026-10-20"))
    document = forecast(run, file)
    assert (document["as_of"], document["data_to"], document["currency"]) == ("2026-10-21", "2026-10-20", "XXX")
    (one,) = document["series"]
    assert one["name"] == "spend"
    month = one["periods"][0]
    assert Decimal(month["to_date"]) == 201
    assert Decimal(month["forecast"]) == pytest.approx(Decimal("311.55"), abs=Decimal("0.01"))
    assert document["total"]["periods"][0]["forecast"] == month["forecast"]
    shown = run(tmp_path, "forecast", "--input", file)
    assert "Forecast, October 2026" in shown.out
    assert not (tmp_path / ".finops").exists()


def test_series_add_up_and_rows_of_a_day_do(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "spend.parquet"
    frame = pd.concat(
        pd.DataFrame({"item_id": name, "date": pd.date_range(end="2026-10-20", periods=length), "cost": cost})
        for name, length, cost in (("b", 80, 2.5), ("a", 40, 4.0), ("a", 40, 1.0), ("new", 1, 3.0))
    )
    frame.assign(currency="EUR").to_parquet(file)
    document = forecast(run, file)
    assert [one["name"] for one in document["series"]] == ["a", "b", "new"]
    assert document["currency"] == "EUR"
    for at, period in enumerate(document["total"]["periods"]):
        parts = add(*(Decimal(one["periods"][at]["forecast"]) for one in document["series"]))
        assert Decimal(period["forecast"]) == pytest.approx(parts, abs=Decimal("0.001"))
        assert Decimal(period["to_date"]) == add(
            *(Decimal(one["periods"][at]["to_date"]) for one in document["series"])
        )
    assert Decimal(document["series"][0]["periods"][0]["to_date"]) == 100


def test_months_are_forecast_as_months(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "months.csv"
    rows = "".join(f"{day:%Y-%m};x;M;100\n" for day in pd.date_range("2024-01-01", "2026-09-01", freq="MS"))
    file.write_text("date;item_id;freq;cost\n" + rows)
    document = forecast(run, file)
    assert (document["as_of"], document["data_to"]) == ("2026-10-01", "2026-09-30")
    month, _, year = document["series"][0]["periods"]
    assert Decimal(month["forecast"]) == pytest.approx(Decimal(100), abs=Decimal(1))
    assert Decimal(year["to_date"]) == 900
    assert Decimal(year["forecast"]) == pytest.approx(Decimal(1200), abs=Decimal(3))


def test_the_clock_hides_what_comes_after_it(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "spend.csv"
    file.write_text("date,cost\n" + days("2026-10-20"))
    early = forecast(run, file, "--as-of", "2026-10-11")
    file.write_text("date,cost\n" + days("2026-10-11", periods=81) + days("2026-10-20", periods=9, cost="99"))
    assert forecast(run, file, "--as-of", "2026-10-11") == early


@pytest.mark.long
def test_any_number_of_processes_says_the_same(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "many.csv"
    rows = [
        f"item{item},{day:%Y-%m-%d},{10 + item + day.weekday()}\n"
        for item in range(30)
        for day in pd.date_range(end="2026-10-20", periods=60)
    ]
    file.write_text("item_id,date,cost\n" + "".join(rows))
    assert forecast(run, file, "--processes", "2") == forecast(run, file)


GOOD = days("2026-10-20", periods=3)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("day,cost\n2026-10-20,1\n", "has no column date; it has day, cost"),
        ("", "has no column date and no cost"),
        ("date,cost\n", "holds no row"),
        ("date,cost\n" + GOOD + "2026-10-21,abc\n", "line 5: cost is 'abc'"),
        ("date,cost\n" + GOOD + '2026-10-21,"1,234.5"\n', "line 5: cost is '1,234.5'"),
        ("date,cost\n" + GOOD + "2026-10-21,\n", "line 5: cost is ''"),
        ("date,cost\n" + GOOD + "2026-10-21,nan\n", "line 5: cost is 'nan'"),
        ("date,cost\n" + GOOD + "21.10.2026,1\n", "line 5: date is '21.10.2026'"),
        ("date,cost\n" + GOOD + "2026-10-21\n", "line 5: 1 cells under 2 columns"),
        ("date,cost,freq\n2026-10-21,1,W\n", "freq is 'W'"),
        ("date,cost,currency\n2026-10-21,1,EUR\n2026-10-22,1,USD\n", "more than one currency: EUR, USD"),
        ("date,cost\n0001-01-01,1\n2026-10-21,1\n", "over 54 years"),
        ("date,cost,cost\n2026-10-21,1,1\n", "has the column cost twice"),
    ],
)
def test_bad_input_is_told_and_nothing_is_forecast(run: Run, tmp_path: Path, text: str, why: str) -> None:
    file = tmp_path / "spend.csv"
    file.write_text(text)
    ran = run(tmp_path, "forecast", "--input", file)
    assert (ran.code, ran.out) == (1, "")
    assert why in ran.err
    assert "the columns date" in ran.err


def test_what_is_no_file_of_ours_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_text("no Parquet")
    (tmp_path / "x.csv").write_bytes(b"date,cost\n2026-10-21,1\xff\n")
    for name, why in (("x.parquet", "neither .csv nor a Parquet"), ("x.csv", "UTF-8"), ("no.csv", "cannot be read")):
        ran = run(tmp_path, "forecast", "--input", tmp_path / name)
        assert (ran.code, ran.out) == (1, "")
        assert why in ran.err
    ran = run(tmp_path, "forecast", "--input", tmp_path / "x.csv", "--project", "a")
    assert ran.code == 2
    assert "--input goes without" in ran.err
