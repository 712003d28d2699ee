"""Whatever is wrong, a person gets two sentences and a script an exit code; nobody gets a traceback."""

import gzip
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import exports
from tests.cli.conftest import Run
from tests.exports import on
from tests.shop import Shop

COMMANDS = (
    ("ingest",),
    ("forecast",),
    ("status",),
    ("report",),
    ("export", "-o", "cost.csv"),
    ("config", "lint"),
    ("config", "show"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_without_a_configuration_every_command_says_where_it_looked(
    run: Run, tmp_path: Path, command: tuple[str, ...]
) -> None:
    ran = run(tmp_path, *command)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "finops: finops.toml does not exist.\n"
        "        Run the command in the folder of your finops.toml, or name it with --config.\n"
    )


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('version = 1\n[store]\npth = "x"\n', ("finops.toml, line 3", "unknown key 'pth'", "Did you mean 'path'?")),
        ("version = 1\n[store\n", ("finops.toml is not valid TOML", "line 2")),
        ('version = 1\n[organisation]\ncurrency = "euro"\n', ("finops.toml, line 3", "'euro'")),
    ],
)
def test_a_mistake_in_the_configuration_is_named_with_its_line(
    run: Run, tmp_path: Path, command: tuple[str, ...], text: str, words: tuple[str, ...]
) -> None:
    (tmp_path / "finops.toml").write_text(text)
    ran = run(tmp_path, *command)
    assert (ran.code, ran.out) == (2, "")
    for word in words:
        assert word in ran.err


@pytest.mark.parametrize("option", ["-c", "--config"])
def test_another_configuration_can_be_named(run: Run, tmp_path: Path, option: str) -> None:
    exports.settings(tmp_path).rename(tmp_path / "other.toml")
    assert run(tmp_path, "config", "lint", option, "other.toml").out.startswith("other.toml: ok, 1 sources")
    assert run(tmp_path, "config", "lint", option, "none.toml").code == 2


def test_an_unknown_connector_is_a_mistake_in_the_configuration(run: Run, shop: Shop) -> None:
    shop.bill("a.csv", on("2026-01-05", "1"))
    exports.settings(shop.folder, ("acme", "fokus", "bills"))
    assert "Did you mean 'focus'?" in run(shop.folder, "config", "lint").err
    ran = run(shop.folder, "ingest")
    assert ran.code == 1  # one source of, perhaps, several; the others are stored
    assert "finops: acme: Source 'acme' names the connector 'fokus'" in ran.err


def _truncated(path: Path) -> None:
    whole = gzip.compress(b"BilledCost,ChargePeriodStart\n" + b"1,2026-01-01T00:00:00Z\n" * 500)
    path.with_suffix(".csv.gz").write_bytes(whole[: len(whole) // 2])


BROKEN: dict[str, Callable[[Path], object]] = {
    "nothing there": lambda _: None,
    "empty file": lambda path: path.with_suffix(".csv").write_bytes(b""),
    "truncated gzip": _truncated,
    "binary garbage": lambda path: path.with_suffix(".csv").write_bytes(random.Random(1).randbytes(5000)),  # noqa: S311
    "garbage with the start of Parquet": lambda path: path.with_suffix(".parquet").write_bytes(b"PAR1" + b"\xff" * 99),
    "garbage with the start of gzip": lambda path: path.with_suffix(".csv").write_bytes(b"\x1f\x8b" + b"\xff" * 99),
    "a name twice": lambda path: path.with_suffix(".csv").write_text(
        "BilledCost,BilledCost,ChargePeriodStart\n1,2,3\n"
    ),
    "ragged line": lambda path: path.with_suffix(".csv").write_text("BilledCost,ChargePeriodStart\n1\n1,2,3\n"),
}


@pytest.mark.parametrize("connector", ["aws", "gcp", "focus"])
@pytest.mark.parametrize("broken", BROKEN)
def test_an_export_that_cannot_be_read_is_named(run: Run, shop: Shop, broken: str, connector: str) -> None:
    (shop.folder / "bills").mkdir()
    BROKEN[broken](shop.folder / "bills" / "export")
    exports.settings(shop.folder, ("acme", connector, "bills"))
    ran = run(shop.folder, "ingest")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("finops: acme: ")
    assert str(shop.folder / "bills") in ran.err or "export" in ran.err
    assert shop.cost() == {}


def test_a_source_that_fails_is_named_and_the_others_are_stored(run: Run, shop: Shop) -> None:
    shop.bill("a.csv", on("2026-01-05", "10"))
    exports.settings(shop.folder, ("missing", "focus", "nowhere"), ("acme", "focus", "bills"))
    ran = run(shop.folder, "ingest")
    assert ran.code == 1
    assert "finops: missing: " in ran.err
    assert "acme: 1 row from 1 new or restated delivery (2026-01), 0 unchanged" in ran.err
    assert set(shop.cost()) == {"2026-01"}


@pytest.mark.parametrize("command", [("ingest",), ("forecast",), ("status",), ("report",)], ids=" ".join)
def test_a_file_where_the_store_should_be_is_named(run: Run, shop: Shop, command: tuple[str, ...]) -> None:
    shop.bill("a.csv", on("2026-01-05", "10"))
    exports.settings(shop.folder)
    (shop.folder / ".finops").write_text("no folder")
    ran = run(shop.folder, *command)
    assert ran.code in {1, 2}
    assert ".finops" in ran.err


@pytest.mark.parametrize("command", [("ingest",), ("forecast",), ("status",), ("report",), ("export", "-o", "x.csv")])
def test_a_broken_store_is_named(run: Run, shop: Shop, command: tuple[str, ...]) -> None:
    shop.bill("a.csv", on("2026-01-05", "10"))
    shop.ingest()
    for table in ("cost", "allocated"):
        for entry in (shop.folder / ".finops" / table / "_delta_log").glob("*.json"):
            entry.write_bytes(b"\x00 garbage")
    ran = run(shop.folder, *command)
    assert ran.code == 1
    assert "cannot be used" in ran.err


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("forecast", "--as-of", "yesterday"), "'yesterday' is no date like 2026-10-21"),
        (("forecast", "--as-of", "2026-02-30"), "'2026-02-30' is no date"),
        (("forecast", "--as-of", "9999-12-31"), "outside 1970 to 2199"),
        (("forecast", "--as-of", "0001-01-01"), "outside 1970 to 2199"),
        (("forecast", "--known-at", "noon"), "'noon' is no time like"),
        (("forecast", "--by", "nonsense"), "'nonsense' is not one of project, team, phase"),
        (("forecast", "--measure", "nonsense"), "'nonsense' is not one of billed_cost"),
        (("forecast", "--format", "xml"), "'xml' is not one of table, json, csv, md"),
        (("forecast", "--format", "json,csv"), "'json,csv' is not one of"),
        (("forecast", "--format", ""), "'' is not one of"),
        (("forecast", "--nonsense"), "No such option '--nonsense'"),
        (("forecast", "--project", "serach"), "Did you mean 'search'?"),
        (("forecast", "--by", "tag:owner"), "does not hold the tag 'owner'"),
        (("status", "--budget", "none"), "'none' is not one of total, search"),
        (("report", "--month", "2026-13"), "A month is written like 2026-10"),
        (("report", "--month", "0000-01"), "--month"),
        (("report", "--month", "March"), "not 'March'"),
        (("report", "--month", "2026-04", "--as-of", "2026-03-21"), "2026-04 lies after 2026-03-21"),
        (("report", "--measure", "nonsense"), "'nonsense' is not one of billed_cost"),
        (("report", "--format", "pdf,doc"), "'doc' is not one of pdf, html, xlsx, json, csv"),
        (("report", "--format", ","), "'' is not one of"),
        (("export",), "Name the file to write with -o"),
        (("export", "-o", "cost"), "cost says neither .parquet nor .csv"),
        (("export", "-o", "cost.csv", "--month", "2026-1"), "A month is written like"),
        (("export", "-o", "cost.csv", "--from", "x"), "'x' is no date"),
        (("export", "-o", "cost.csv", "--focus", "9"), "'9' is not"),
        (("nonsense",), "No such command 'nonsense'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_wrong_call_is_told_before_any_work(run: Run, company: Shop, command: tuple[str, ...], words: str) -> None:
    files = company.files()
    ran = run(company.folder, *command)
    assert (ran.code, ran.out) == (2, "")
    assert words in " ".join(ran.err.split())
    assert company.files() == files
    assert not (company.folder / "reports").exists()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("export", "-o", "bills", "--format", "csv"), "is a folder"),
        (("export", "-o", ".", "--format", "parquet"), "is a folder"),
        (("export", "-o", "finops.toml/cost.csv"), "finops.toml cannot be made"),
        (("forecast", "--as-of", "2026-03-21", "-o", "bills"), "bills cannot be written"),
        (("forecast", "--as-of", "2026-03-21", "-o", "finops.toml/x.json"), "cannot be written"),
        (("report", "--as-of", "2026-03-21", "--format", "json", "-o", "finops.toml"), "cannot be written"),
        (("config", "show", "-o", "bills"), "bills cannot be written"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_place_that_cannot_be_written_is_named(run: Run, company: Shop, command: tuple[str, ...], words: str) -> None:
    settings = (company.folder / "finops.toml").read_bytes()
    ran = run(company.folder, *command)
    assert (ran.code, ran.out) == (1, "")
    assert words in ran.err
    assert (company.folder / "finops.toml").read_bytes() == settings
