"""`finops forecast`: data on standard output in four forms, narration on standard error, ingest first where needed."""

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from finops.money import add
from finops.report.forecast_table import SCHEMA, SCHEMA_DOCUMENT
from tests import exports
from tests.cli.conftest import LAST_DAY, Run
from tests.shop import Shop


def forecast(run: Run, shop: Shop, *options: str) -> dict[str, Any]:
    """The JSON document, valid."""
    ran = run(shop.folder, "forecast", *LAST_DAY, "--format", "json", *options)
    assert (ran.code, ran.err) == (0, "")
    document: dict[str, Any] = json.loads(ran.out)
    Draft202012Validator(SCHEMA_DOCUMENT).validate(document)
    return document


def test_json_follows_the_published_schema(run: Run, company: Shop) -> None:
    document = forecast(run, company)
    assert document["schema"] == SCHEMA
    assert [one["name"] for one in document["series"]] == ["search", "shop", "not allocated"]
    assert document["currency"] == "EUR"
    assert document["as_of"] == "2026-03-21"
    march = document["total"]["periods"][0]
    assert Decimal(march["to_date"]) < Decimal(march["low_80"]) < Decimal(march["high_80"])


def test_series_add_up_to_the_total(run: Run, company: Shop) -> None:
    document = forecast(run, company)
    for at, period in enumerate(document["total"]["periods"]):
        parts = [Decimal(one["periods"][at]["to_date"]) for one in document["series"]]
        assert add(*parts) == Decimal(period["to_date"])


def test_a_scope_leaves_out_the_rest(run: Run, company: Shop) -> None:
    document = forecast(run, company, "--project", "search", "--provider", "Acme Cloud")
    assert [one["name"] for one in document["series"]] == ["search"]
    assert document["total"]["periods"] == document["series"][0]["periods"]


def test_the_same_call_says_the_same(run: Run, company: Shop) -> None:
    assert forecast(run, company) == forecast(run, company)


def test_the_table_has_no_colours_where_no_terminal_is(run: Run, company: Shop) -> None:
    ran = run(company.folder, "forecast", *LAST_DAY)
    assert (ran.code, ran.err) == (0, "")
    assert "\x1b" not in ran.out
    assert "Forecast, March 2026  EUR" in ran.out
    for name in ("search", "shop", "not allocated"):
        assert f"\n{name} " in ran.out


def test_csv_holds_every_series_and_period_exactly(run: Run, company: Shop) -> None:
    rows = list(csv.DictReader(io.StringIO(run(company.folder, "forecast", *LAST_DAY, "--format", "csv").out)))
    document = forecast(run, company)
    assert len(rows) == 3 * (len(document["series"]) + 1)
    assert Decimal(rows[0]["to_date"]) == Decimal(document["series"][0]["periods"][0]["to_date"])


def test_markdown_is_a_table(run: Run, company: Shop) -> None:
    lines = run(company.folder, "forecast", *LAST_DAY, "--format", "md").out.splitlines()
    assert lines[0].startswith("**Forecast")
    assert len({line.count("|") for line in lines if line.startswith("|")}) == 1


def test_output_goes_to_a_file_in_a_new_folder(run: Run, company: Shop, tmp_path: Path) -> None:
    path = tmp_path / "new" / "forecast.json"
    ran = run(company.folder, "forecast", *LAST_DAY, "--format", "json", "-o", path)
    assert (ran.code, ran.out) == (0, "")
    assert json.loads(path.read_text("utf-8"))["schema"] == SCHEMA


def test_where_nothing_is_stored_exports_are_read_first(run: Run, shop: Shop) -> None:
    shop.bill("a.csv", *exports.daily("2026-01-01", "2026-03-20"))
    exports.settings(shop.folder)
    first = run(shop.folder, "forecast", *LAST_DAY)
    assert (first.code, first.err) == (0, "nothing stored yet: reading the exports first\n")
    files = shop.files()
    again = run(shop.folder, "forecast", *LAST_DAY)
    assert (again.code, again.err, again.out) == (0, "", first.out)
    assert shop.files() == files


@pytest.mark.parametrize("command", ["forecast", "status"])
def test_a_source_that_fails_does_not_keep_the_others_from_an_answer(run: Run, shop: Shop, command: str) -> None:
    shop.bill("a.csv", *exports.daily("2026-01-01", "2026-03-20"))
    exports.settings(shop.folder, ("missing", "focus", "nowhere"), ("acme", "focus", "bills"))
    first = run(shop.folder, command, *LAST_DAY)
    assert first.code == 1
    assert "finops: missing: " in first.err
    assert "March 2026" in first.out
    again = run(shop.folder, command, *LAST_DAY)
    assert (again.code, again.out) == (0, first.out)


def test_quiet_means_quiet(run: Run, shop: Shop) -> None:
    shop.bill("a.csv", *exports.daily("2026-01-01", "2026-03-20"))
    exports.settings(shop.folder)
    ran = run(shop.folder, "forecast", *LAST_DAY, "--quiet")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out


def test_an_empty_table_left_by_a_stopped_run_is_nothing_stored(run: Run, shop: Shop) -> None:
    shop.bill("a.csv", *exports.daily("2026-01-01", "2026-03-20"))
    exports.settings(shop.folder)
    for table in (shop.tables.cost, shop.tables.allocated):
        table._create()  # noqa: SLF001 - a run that is killed between the table and its first rows leaves this
    assert shop.versions() == (0, 0)
    assert run(shop.folder, "forecast", *LAST_DAY).code == 0


@pytest.mark.parametrize("command", ["forecast", "status"])
def test_known_at_shows_the_figures_of_then(run: Run, shop: Shop, command: str) -> None:
    from datetime import UTC, datetime

    before = datetime.now(UTC).isoformat()
    shop.bill("a.csv", *exports.daily("2026-01-01", "2026-03-20"))
    exports.settings(shop.folder, rules='[[budgets]]\nname = "total"\nlimit = 3000\n')
    assert run(shop.folder, "ingest").code == 0
    then = datetime.now(UTC).isoformat()
    old = run(shop.folder, command, *LAST_DAY, "--format", "json").out
    shop.bill("a.csv", *exports.daily("2026-01-01", "2026-03-20", cost=300))
    assert run(shop.folder, "ingest").code == 0

    new = run(shop.folder, command, *LAST_DAY, "--format", "json").out
    as_known = run(shop.folder, command, *LAST_DAY, "--format", "json", "--known-at", then).out
    assert json.loads(as_known) == {**json.loads(old), "known_at": json.loads(as_known)["known_at"]}
    assert json.loads(new)["total"] != json.loads(old)["total"]
    early = run(shop.folder, command, *LAST_DAY, "--known-at", before)
    assert early.code == 1
    assert "as known at" in early.err
