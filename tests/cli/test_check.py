"""`finops check`: what the data, the budgets and the specification's rules say, and the exit codes a gate asks for."""

import csv
import io
import json
from pathlib import Path

import jsonschema
import pytest

from finops.focus.rules import evaluated, not_evaluated
from finops.report import check_grid
from tests import exports
from tests.cli.conftest import LAST_DAY, Run
from tests.exports import on
from tests.shop import Shop

PUBLISHED = Path(__file__).parents[2] / "docs" / "schemas" / "check-1.schema.json"


@pytest.fixture
def stored(shop: Shop) -> Shop:
    """One charge, and one that credits it: FOCUS wants a credit's effective cost to be what was billed."""
    shop.bill("a.csv", on("2026-01-05", "10"), on("2026-01-06", "-5", category="Credit", effective="-3"))
    exports.settings(shop.folder)
    shop.ingest()
    return shop


def test_the_exported_table_keeps_the_rules(run: Run, company: Shop) -> None:
    ran = run(company.folder, "check", "--focus", "1.2")
    assert ran.code == 0
    assert f"{len(evaluated())} rules evaluated, none broken." in ran.out
    assert f"{len(not_evaluated())} published ids no table can be held against" in ran.out


def test_a_broken_rule_is_a_finding_with_its_share_of_cost(run: Run, stored: Shop) -> None:
    ran = run(stored.folder, "check", "--focus", "1.2", "--format", "csv")
    rows = {row["rule"]: row for row in csv.DictReader(io.StringIO(ran.out))}
    assert (rows["EffectiveCost-C-010-C"]["rows"], rows["EffectiveCost-C-010-C"]["cost_share"]) == ("1", "0.333333")
    assert ran.code == 0


@pytest.mark.parametrize(("asked", "code"), [("incomplete", 3), ("any", 3), ("overrun", 0), ("anomaly", 0)])
def test_a_gate_fails_only_on_what_it_asks_for(run: Run, stored: Shop, asked: str, code: int) -> None:
    assert run(stored.folder, "check", "--focus", "1.2", "--fail-on", asked).code == code


def test_a_budget_over_its_limit_fails_the_gate(run: Run, company: Shop, tmp_path: Path) -> None:
    budgeted = tmp_path / "budgeted.toml"
    text = (company.folder / "finops.toml").read_text()
    text += f'\n[store]\npath = "{company.folder}/.finops"\n[[budgets]]\nname = "all"\nperiod = "month"\nlimit = 1\n'
    budgeted.write_text(text)
    ran = run(company.folder, "check", "-c", budgeted, *LAST_DAY, "--fail-on", "overrun")
    assert "all: already over its limit" in ran.out
    assert ran.code == 4


def test_json_follows_its_schema_and_lists_every_published_id(run: Run, stored: Shop) -> None:
    document = json.loads(run(stored.folder, "check", "--focus", "1.2", "--format", "json").out)
    assert json.loads(PUBLISHED.read_text()) == check_grid.SCHEMA_DOCUMENT
    jsonschema.validate(document, check_grid.SCHEMA_DOCUMENT)
    assert document["schema"] == "finops.check/1"
    ids = [*document["focus"]["evaluated"], *(one["id"] for one in document["focus"]["not_evaluated"])]
    assert len({*ids}) == len(ids) == 621


def test_details_name_the_ids_with_the_reason(run: Run, stored: Shop) -> None:
    out = run(stored.folder, "check", "--focus", "1.2", "--verbose").out
    assert "needs the invoice: " in out
    assert "InvoiceId-C-005-C" in out


def test_a_month_without_rows_is_said(run: Run, stored: Shop) -> None:
    ran = run(stored.folder, "check", "--focus", "1.2", "--month", "1999-01")
    assert ran.code == 1
    assert "The cost table has no rows in 1999-01." in ran.err
