"""`finops status`: every budget in its running period."""

import csv
import io
import json

from jsonschema import Draft202012Validator

from finops.report.forecast_table import SCHEMA_DOCUMENT
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
