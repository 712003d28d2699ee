"""`finops explain`: numbers traced to rule and file, forecasts to models, what nobody claims to rules that would."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from finops.money import add
from finops.report import explanation
from tests import company, exports
from tests.cli.conftest import LAST_DAY, Run
from tests.exports import on
from tests.shop import Shop

PUBLISHED = Path(__file__).parents[2] / "docs" / "schemas" / "explain-1.schema.json"
SHARED = (
    exports.PROJECTS
    + """
[[shared]]
name = "platform"
match = [{ account = "9" }]
split = "proportional"
measure = "billed_cost"
to = ["search", "shop"]
"""
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Search has 30 of two files, shop 10; 8 are shared; 6 have a misspelt tag, 4 none and an account of their own."""
    shop = Shop(folder=tmp_path_factory.mktemp("explain"))
    shop.bill("a.csv", on("2026-01-05", "20", project="search"), on("2026-01-06", "10", project="shop-de"))
    shop.bill(
        "b.csv",
        on("2026-01-07", "10", project="search"),
        on("2026-01-08", "8", account="9"),
        on("2026-01-09", "6", project="Serch", account="1"),
        on("2026-01-09", "4", account="2"),
    )
    exports.settings(shop.folder, rules=SHARED)
    shop.ingest(exports.configured(shop.folder, rules=SHARED))
    return shop.folder


def explained(run: Run, folder: Path, *arguments: str) -> dict[str, Any]:
    ran = run(folder, "explain", *arguments, "--format", "json")
    assert ran.code == 0, ran.err
    told: dict[str, Any] = json.loads(ran.out)
    jsonschema.validate(told, json.loads(PUBLISHED.read_text()))
    return told


def facts(told: dict[str, Any]) -> dict[str, str]:
    return {fact["name"]: fact["value"] for fact in told["facts"]}


JANUARY = ("--month", "2026-01", "--as-of", "2026-02-10")


def test_a_project_is_traced_to_rules_files_and_its_part_of_shared_cost(run: Run, folder: Path) -> None:
    told = explained(run, folder, "project", "search", *JANUARY)

    assert told["subject"] == "search in 2026-01: effective cost 36 EUR"
    assert [row[:3] + row[4:] for row in told["rows"]] == [
        ["tag project = search", "acme", "a.csv", "1", "20"],
        ["tag project = search", "acme", "b.csv", "1", "10"],
        ["shared platform, in proportion to billed cost: account = 9", "acme", "its part of shared cost", "", "6"],
    ]
    assert add(*(Decimal(row[-1]) for row in told["rows"])) == Decimal(36)
    assert facts(told)["in the daily table"] == "36 EUR"


def test_what_nobody_claims_is_a_project_too(run: Run, folder: Path) -> None:
    told = explained(run, folder, "project", "not allocated", *JANUARY)

    assert told["subject"] == "not allocated in 2026-01: effective cost 10 EUR"
    assert {row[0] for row in told["rows"]} == {"no rule claims it"}


def test_a_row_says_whose_it_is_why_and_where_it_came_from(run: Run, folder: Path) -> None:
    told = explained(run, folder, "row", "--account", "9", *JANUARY)
    (row,) = (dict(zip(told["columns"], row, strict=True)) for row in told["rows"])

    assert (row["project"], row["rule"], row["file"], row["billed"]) == ("shared cost", "account = 9", "b.csv", "8")
    told = explained(run, folder, "row", "--day", "2026-01-05", "--project", "search", "--as-of", "2026-02-10")
    assert told["subject"] == "1 rows of 2026-01 fit; all of them"
    assert "No row of 2026-01 fits." in run(folder, "explain", "row", "--sku", "x", *JANUARY).err


def test_the_rules_that_would_catch_most_and_what_looks_misspelt(run: Run, folder: Path) -> None:
    told = explained(run, folder, "untagged", *JANUARY)

    assert told["subject"] == "Not allocated in 2026-01: effective cost 10 EUR (17.2% of it)"
    assert told["rows"] == [
        ['match = [{ tag = "app", equals = "x" }]', "1", "6", "60.0%"],
        ['match = [{ account = "2" }]', "1", "4", "40.0%"],
    ]
    assert facts(told) == {
        "rows": "2",
        "left by these rules": "0 EUR",
        "perhaps misspelt": "tag project = 'Serch' for tag project = 'search', 6 EUR",
    }


def test_tables_and_csv_show_the_same(run: Run, folder: Path) -> None:
    table = run(folder, "explain", "project", "search", *JANUARY)
    assert table.out.startswith("search in 2026-01: effective cost 36 EUR\n")
    assert table.out.rstrip().endswith("in the daily table: 36 EUR")
    csv = run(folder, "explain", "untagged", "--format", "csv", *JANUARY).out
    assert csv.splitlines()[0] == "rule that would catch it,rows,amount,share"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("project", "serch"), "No cost of project 'serch' is known. Did you mean 'search'?"),
        (("alert", "x"), "No cost of budget 'x' is known."),
        (("project", "search", "--month", "x"), "A month is written like 2026-10"),
        (("forecast", "x", "--by", "y"), "'y' is not one of"),
    ],
)
def test_a_slip_of_the_hand_is_said(run: Run, folder: Path, arguments: tuple[str, ...], said: str) -> None:
    ran = run(folder, "explain", *arguments, "--as-of", "2026-01-20")
    assert ran.code == 2
    assert said in " ".join(ran.err.split())


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("company")
    company.found(folder).ingest(exports.configured(
        folder, ("acme", "focus", "bills"), ("gcp", "gcp", "gcp"), rules=company.RULES
    ))  # fmt: skip
    return folder


def test_a_forecast_names_its_model_and_days(run: Run, history: Path) -> None:
    told = explained(run, history, "forecast", "search", *LAST_DAY)

    assert facts(told)["history"].startswith("2025-10-01 to 2026-03-")
    assert facts(told)["model"]
    assert told["rows"][0][0] == "2026-03"
    assert Decimal(told["rows"][0][2]) > Decimal(told["rows"][0][1]) > 0


def test_an_alert_names_its_figures_and_what_drives_it(run: Run, history: Path) -> None:
    told = explained(run, history, "alert", "search", *LAST_DAY)

    said = facts(told)
    assert (said["level"], said["limit"], said["scope"]) == ("none: no alert", "9999", "project search")
    assert said["drivers"].startswith("from 2026-02 (")
    assert all("in search" in row[1] for row in told["rows"])


def test_teams_stand_above_projects(run: Run, history: Path) -> None:
    rules = company.RULES.replace('name = "search"\nowner', 'name = "search"\nteam = "web"\nowner', 1)
    exports.settings(history, ("acme", "focus", "bills"), ("gcp", "gcp", "gcp"), rules=rules)
    ran = run(history, "forecast", "--by", "team", "--format", "json", *LAST_DAY)

    assert [one["name"] for one in json.loads(ran.out)["series"]] == ["web", "not allocated"], ran.err
    told = explained(run, history, "forecast", "web", "--by", "team", *LAST_DAY)
    assert told["subject"] == "Forecast of web: effective cost in EUR"


def test_the_published_schema_is_the_one_in_force() -> None:
    assert json.loads(PUBLISHED.read_text()) == explanation.SCHEMA_DOCUMENT
