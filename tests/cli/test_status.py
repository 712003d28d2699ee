"""`finops status`: every budget in its running period."""

import csv
import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

from jsonschema import Draft202012Validator

from finops.checking import newest_quality
from finops.report.forecast_table import SCHEMA_DOCUMENT
from tests import exports
from tests.cli.conftest import LAST_DAY, Run
from tests.shop import Shop


def test_every_budget_has_a_row(run: Run, company: Shop) -> None:
    ran = run(company.folder, "status", *LAST_DAY)
    assert (ran.code, ran.err) == (0, "")
    total, search = (line for line in ran.out.splitlines() if line.startswith(("total ", "search ")))
    assert "3,500" in total
    assert "9,999" in search
    assert "\x1b" not in ran.out


def test_json_holds_the_chance_and_the_day_of_the_overrun(run: Run, company: Shop) -> None:
    document = json.loads(run(company.folder, "status", *LAST_DAY, "--format", "json").out)
    Draft202012Validator(SCHEMA_DOCUMENT).validate(document)
    total, search = document["budgets"]
    assert (total["name"], total["level"]) == ("total", "high")
    assert "2026-03-20" < total["overrun_on"] < "2026-04-01"
    assert (search["overrun_on"], search["level"]) == (None, None)


def test_one_budget_can_be_asked_for(run: Run, company: Shop) -> None:
    rows = list(
        csv.DictReader(
            io.StringIO(run(company.folder, "status", *LAST_DAY, "--budget", "search", "--format", "csv").out)
        )
    )
    assert [next(iter(row.values())) for row in rows] == ["search"]


def test_rates_are_told_with_what_they_add_to_a_budget_over_the_budget_rate(run: Run, tmp_path: Path) -> None:
    """100 dollars at 0.90 and 50 at 0.98, at 0.92 in the budget: less by 2 and more by 3; euros are what they are."""
    shop = Shop(folder=tmp_path)
    (tmp_path / "rates.csv").write_text(
        "date,from,to,rate,source\n2026-03-02,USD,EUR,0.90,ECB\n2026-03-09,USD,EUR,0.98,ECB\n"
    )
    shop.bill(
        "march.csv",
        exports.on("2026-03-02", "100", currency="USD"),
        exports.on("2026-03-09", "50", currency="USD"),
        exports.on("2026-03-10", "10"),
        exports.on("2026-03-11", "10"),
        exports.on("2026-03-12", "10"),
    )
    rules = '[rates]\nfile = "rates.csv"\nplan = { "USD/EUR" = 0.92 }\n'
    rules += '[[budgets]]\nname = "all"\nperiod = "month"\nlimit = 500\n'
    exports.settings(tmp_path, rules=rules)
    document = json.loads(run(tmp_path, "status", "--as-of", "2026-03-12", "--format", "json").out)
    Draft202012Validator(SCHEMA_DOCUMENT).validate(document)
    (budget,), (rate,) = document["budgets"], document["rates"]
    assert Decimal(budget["by_rates"]) == 1  # 100 (0.90 - 0.92) + 50 (0.98 - 0.92)
    assert (rate["pair"], Decimal(rate["value"]), rate["day"], rate["plan"]) == (
        "USD/EUR",
        Decimal("0.98"),
        "2026-03-09",
        "0.92",
    )


def test_how_good_the_data_is_takes_no_line_item(tmp_path: Path) -> None:
    """The answer is as before when the data files of the cost table are gone: it was counted by ingest."""
    shop = Shop(folder=tmp_path)
    shop.bill("march.csv", *(exports.on(f"2026-03-{day:02}", "10", project="search") for day in range(1, 20)))
    shop.ingest()
    config, as_of = exports.configured(tmp_path), date(2026, 3, 20)
    before = newest_quality(config, as_of=as_of, known_at=None)
    line_items = list((tmp_path / ".finops" / "cost").rglob("*.parquet"))
    assert line_items
    for file in line_items:
        file.unlink()
    assert newest_quality(config, as_of=as_of, known_at=None) == before
    assert [(one.source, one.rows) for one in before] == [("acme", 19)]
