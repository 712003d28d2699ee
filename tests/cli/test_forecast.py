"""`finops forecast`: data on standard output in four forms, narration on standard error, ingest first where needed."""

import csv
import io
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from finops.money import add
from finops.periods import Period
from finops.report.forecast_table import SCHEMA, SCHEMA_DOCUMENT
from tests import exports
from tests.cli.conftest import LAST_DAY, Run
from tests.exports import on
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


def test_ranges_are_as_wide_as_own_past_totals_say_and_say_so(run: Run, tmp_path: Path) -> None:
    """Ten projects that cost the same every weekday need no range of strangers."""
    shop = Shop(folder=tmp_path)
    names = [f"team-{at}" for at in range(10)]
    shop.bill("all.csv", *(day for name in names for day in exports.daily("2025-08-01", "2026-03-20", project=name)))
    rules = "".join(
        f'[[projects]]\nname = "{name}"\nmatch = [{{ tag = "project", equals = "{name}" }}]\n' for name in names
    )
    exports.settings(tmp_path, ("acme", "focus", "bills"), rules=rules)
    assert run(tmp_path, "ingest").code == 0
    (own,) = forecast(run, shop)["own_ranges"]

    assert (own["measure"], own["totals"]) == ("effective_cost", 120)
    assert Decimal(own["inside_80"]) > Decimal("0.9")
    assert Decimal("0.7") < Decimal(own["factor"]) < 1
    said = run(tmp_path, "forecast", *LAST_DAY).out
    assert re.search(r"Ranges of effective cost: 0\.\d\d times as wide as usual, as \d+% of 120 own past totals", said)
    assert "Width of the ranges of effective cost, times the usual one" in page_of(run, tmp_path)


DAYS = tuple(map(str, Period(start=date(2026, 1, 1), end=date(2026, 3, 21))))


def with_credits(run: Run, folder: Path, credited: Mapping[str, str]) -> Shop:
    """Two projects at ten a day each on DAYS, and what search is credited on some of them."""
    shop = Shop(folder=folder)
    charged = [on(day, "10", project=project) for day in DAYS for project in ("search", "shop")]
    taken = [on(day, amount, project="search", category="Credit") for day, amount in credited.items()]
    shop.bill("all.csv", *charged, *taken)
    exports.settings(folder, ("acme", "focus", "bills"))
    assert run(folder, "ingest").code == 0
    return shop


def page_of(run: Run, folder: Path) -> str:
    """The report of March as HTML."""
    assert run(folder, "report", *LAST_DAY, "--month", "2026-03", "--format", "html").code == 0
    (page,) = (folder / "reports").rglob("*.html")
    return page.read_text("utf-8")


def test_credits_that_the_forecast_goes_on_with_are_told(run: Run, tmp_path: Path) -> None:
    """Four of ten a day, for search alone; a credit before the last four weeks is none of these."""
    shop = with_credits(run, tmp_path, {"2026-02-20": "-400"} | dict.fromkeys(DAYS[-28:], "-4"))

    assert {name: Decimal(one) for name, one in forecast(run, shop)["credits"].items()} == {
        "last_four_weeks": 112,
        "per_day": 4,
        "share": Decimal("0.2"),
    }
    assert Decimal(forecast(run, shop, "--project", "search")["credits"]["share"]) == Decimal("0.4")
    assert forecast(run, shop, "--project", "shop")["credits"] is None
    said = run(tmp_path, "forecast", *LAST_DAY).out
    assert "Credits take off 4.00 a day, 20% of the last four weeks' charges; the forecast goes on with them." in said
    assert "Credits, per day, that the forecast goes on with" in page_of(run, tmp_path)


def test_credits_that_have_ended_no_longer_lower_the_forecast(run: Run, tmp_path: Path) -> None:
    """All of search's ten a day was paid by a grant until five days ago; the ten come at once, not bit by bit."""
    shop = with_credits(run, tmp_path, dict.fromkeys(DAYS[:-5], "-10"))

    found = forecast(run, shop)
    (search, *_), total = found["series"], found["total"]
    assert [Decimal(one["periods"][0]["to_date"]) for one in (search, total)] == [50, 250]
    assert [round(Decimal(one["periods"][0]["forecast"])) for one in (search, total)] == [160, 470]
    assert search["model"].endswith("without credits that ended")
    assert found["credits"] is None
    (over,) = found["credits_ended"]
    assert (over["provider"], over["last_day"], float(over["per_day"])) == ("Acme Cloud", "2026-03-15", 10.0)
    assert forecast(run, shop, "--project", "shop")["credits_ended"] == []
    assert forecast(run, shop, "--by", "service")["total"]["periods"][0]["forecast"] == total["periods"][0]["forecast"]
    said = run(tmp_path, "forecast", *LAST_DAY).out
    assert "Credits of Acme Cloud ended on 2026-03-15 (10.00 a day): the forecast goes without them." in said
    assert "Credits of Acme Cloud, per day, that the forecast goes without" in page_of(run, tmp_path)


def test_holidays_change_what_a_series_is_expected_to_cost_where_they_did_before(run: Run, tmp_path: Path) -> None:
    """A tenth is spent on 3 October, Christmas and New Year; Good Friday and Easter Monday lie ahead in the year."""
    shop = Shop(folder=tmp_path)
    off = {"2025-10-03", "2025-12-25", "2025-12-26", "2026-01-01"}
    days = exports.daily("2025-09-22", "2026-03-20", project="search")
    shop.bill(
        "all.csv", *(replace(one, cost=str(Decimal(one.cost) / 10)) if str(one.day) in off else one for one in days)
    )
    exports.settings(tmp_path, ("acme", "focus", "bills"), rules=exports.PROJECTS)
    assert run(tmp_path, "ingest").code == 0
    plain = forecast(run, shop)
    settings = tmp_path / "finops.toml"
    settings.write_text(settings.read_text() + '[forecast]\nholidays = ["DE"]\n')
    told = forecast(run, shop)

    assert (plain["holidays"], plain["holidays_by"], told["holidays"]) == ([], None, ["DE"])
    assert told["holidays_by"].startswith("Python library holidays ")
    assert re.search(r"holidays of DE -[89][0-9]%", told["series"][0]["model"])
    year = [Decimal(one["total"]["periods"][2]["forecast"]) for one in (plain, told)]
    # six working days off from April to December at nine tenths of 100, of which most was expected on any day
    assert 100 < year[0] - year[1] < 540
    assert "Public holidays of DE (Python library holidays" in run(tmp_path, "forecast", *LAST_DAY).out


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


def test_a_what_if_stands_beside_the_forecast_and_adds_exactly(run: Run, company: Shop, tmp_path: Path) -> None:
    scenario = tmp_path / "grow.toml"
    scenario.write_text(
        "version = 1\n"
        '[[price]]\nname = "dearer"\nscope = { project = "search" }\ndate = 2026-03-25\npercent = 10\n'
        '[[migration]]\nname = "move"\nfrom = { project = "shop" }\nto = { project = "search" }\ndate = 2026-03-28\n'
        '[[commitment]]\nname = "plan"\nscope = { provider = "Acme Cloud" }\ndate = 2026-03-24\nhourly = 1\n'
        "discount = 20\n"
    )
    options = ("--scenario", str(scenario), "--event", "date=2026-03-26,once=500,project=shop,chance=0.5")
    plain, document = forecast(run, company), forecast(run, company, *options)
    what_if = document.pop("what_if")
    assert document == {key: value for key, value in plain.items() if key != "what_if"}
    assert what_if["name"] == "grow"
    assert {event["name"] for event in what_if["events"]} >= {"dearer", "plan", "event 1"}
    for one, planned in zip((*what_if["series"], what_if["total"]), (*plain["series"], plain["total"]), strict=True):
        for period, before in zip(one["periods"], planned["periods"], strict=True):
            assert period["planned"] == before["forecast"]
            steps = add(*(Decimal(step["amount"]) for step in period["steps"]))
            assert Decimal(period["forecast"]) - Decimal(period["planned"]) == steps == Decimal(period["difference"])
    total = what_if["total"]["periods"][0]
    assert {step["name"]: Decimal(step["amount"]) for step in total["steps"]}["event 1"] == 250
    # 24 a day are paid for usage of 30 that falls away: eight days of the month
    assert {step["name"]: Decimal(step["amount"]) for step in total["steps"]}["plan"] == -48
    for at in range(3):
        parts = add(*(Decimal(one["periods"][at]["difference"]) for one in what_if["series"]))
        assert parts == Decimal(what_if["total"]["periods"][at]["difference"])
    shown = run(company.folder, "forecast", *LAST_DAY, *options).out
    assert "What if: grow" in shown
    assert "event 1: +500 once for project shop" in shown


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("percent=6", "needs a date"),
        ("date=2026-11-04", "needs a date and one of"),
        ("date=2026-11-04,percent=6,once=3", "one of"),
        ("date=2026-13-04,percent=6", "is no date"),
        ("date=2026-11-04,percent=six", "is no number"),
        ("date=2026-11-04,percent=NaN", "reckoned with"),
        ("date=2026-11-04,percent=6,colour=red", "'colour' is not known"),
        ("date=2026-11-04,percent=-101", "more than all"),
        ("date=2026-11-04,percent=6,chance=2", "a chance lies"),
        ("date=2026-11-04,percent=6,until=2026-11-04", "until is exclusive"),
        ("launch", "is no key=value"),
    ],
)
def test_an_event_that_is_none_is_told(run: Run, company: Shop, text: str, why: str) -> None:
    ran = run(company.folder, "forecast", *LAST_DAY, "--event", text)
    assert ran.code == 2
    assert why in ran.err
    assert "date=2026-11-04,percent=6,provider=AWS" in ran.err


def test_a_scenario_s_mistake_is_told_with_its_line(run: Run, company: Shop, tmp_path: Path) -> None:
    scenario = tmp_path / "s.toml"
    scenario.write_text('version = 1\n[[growth]]\nname = "g"\ndate = 2026-11-04\npercentage = 3\n')
    ran = run(company.folder, "forecast", *LAST_DAY, "--scenario", str(scenario))
    assert ran.code == 2
    assert "line 5: unknown key 'percentage'" in ran.err
    assert "Did you mean 'percent'?" in ran.err
    missing = run(company.folder, "forecast", *LAST_DAY, "--scenario", "nowhere.toml")
    assert missing.code == 2
    assert "nowhere.toml does not exist" in missing.err


def test_why_a_forecast_changed_adds_up_exactly(run: Run, shop: Shop) -> None:
    """Issued on the 11th; a day was restated since, days have come, and an event was written down."""
    shop.bill("a.csv", *exports.daily("2025-12-01", "2026-03-10"))
    exports.settings(shop.folder)
    assert run(shop.folder, "ingest").code == 0
    early = ("--as-of", "2026-03-11", "--format", "json")
    said = json.loads(run(shop.folder, "forecast", *early).out)
    shop.bill("a.csv", *exports.daily("2025-12-01", "2026-03-20"), exports.on("2026-03-03", "44"))
    event = '\n[[events]]\nname = "launch"\ndate = 2026-03-25\neffect = { per_day = 10 }\n'
    exports.settings(shop.folder, rules=exports.PROJECTS + event)
    assert run(shop.folder, "ingest").code == 0
    document = forecast(run, shop, "--compare-to", "2026-03-12")
    change = document["change"]
    assert (change["as_of"], change["notes"]) == ("2026-03-11", [])
    assert change["issued_at"] is not None
    month = change["periods"][0]
    steps = {(step["kind"], step["name"]): Decimal(step["amount"]) for step in month["steps"]}
    assert Decimal(month["then"]) == Decimal(said["total"]["periods"][0]["forecast"]).quantize(Decimal("0.000001"))
    assert month["now"] == document["total"]["periods"][0]["forecast"]
    assert steps["events", "launch"] == 70
    assert {kind for kind, _ in steps} == {"restatement", "days_since", "outlook", "events"}
    for period in change["periods"]:
        amounts = [Decimal(step["amount"]) for step in period["steps"]]
        assert add(Decimal(period["then"]), *amounts) == Decimal(period["now"])
    shown = run(shop.folder, "forecast", *LAST_DAY, "--compare-to", "2026-03-12").out
    assert "Why the total changed since 2026-03-11 (issued" in shown
    # daily sums are enough: the rows of then may be gone
    assert shop.tables.cost.vacuum(datetime.now(UTC), grace_hours=0) > 0
    assert forecast(run, shop, "--compare-to", "2026-03-12")["change"] == change


def test_a_day_with_no_forecast_to_compare_with_is_told(run: Run, company: Shop) -> None:
    ran = run(company.folder, "forecast", *LAST_DAY, "--compare-to", "2025-09-01")
    assert ran.code == 1
    assert "No forecast of 2025-09-01 can be compared with" in ran.err
    assert run(company.folder, "forecast", *LAST_DAY, "--compare-to", "2026-03-21").code == 2
