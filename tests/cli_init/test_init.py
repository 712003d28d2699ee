"""`finops init`, from a folder of exports to a configuration that checks and ingests."""

import gzip
import os
import pty
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from finops.cli.main import main
from tests.exports import Charge, cur2_parquet, focus_csv, gcp_jsonl, legacy_cur, on

SEPTEMBER = [on("2026-09-03", "40.00", project="search"), on("2026-09-30", "1200.50", project="shop")]
AS_OF = ("--as-of", "2026-10-05")
HOSTILE = 'say "hi"\n[[x]]\t\\ é 請求 #'


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a command ended and what it said."""

    code: object
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run a command line in a folder, without this machine's settings."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    for name in [name for name in os.environ if name.startswith("FINOPS_")]:
        monkeypatch.delenv(name)

    def call(folder: Path, *arguments: str | Path) -> Ran:
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "argv", ["finops", *map(str, arguments)])
        code: object = 0
        try:
            main()
        except SystemExit as stop:
            code = stop.code
        said = capsys.readouterr()
        return Ran(code=code, out=said.out, err=said.err)

    return call


def legacy(folder: Path, charges: list[Charge]) -> None:
    legacy_cur(folder, "2026-09", "assembly-1", charges)


def cur2(folder: Path, charges: list[Charge]) -> None:
    cur2_parquet(folder / "finance" / "export", "2026-09", charges)


def gcp(folder: Path, charges: list[Charge]) -> None:
    gcp_jsonl(folder / "gcp" / "billing-202609.jsonl", charges)


def focus(folder: Path, charges: list[Charge]) -> None:
    focus_csv(folder / "azure" / "costs.csv", charges)


def settings(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "finops.toml").read_text(encoding="utf-8"))


def assert_it_works(run: Run, folder: Path) -> None:
    """The file checks and every source of it is read."""
    checked = run(folder, "config", "lint")
    assert (checked.code, checked.err) == (0, "")
    read = run(folder, "ingest")
    assert read.code == 0, read.err
    assert all(f"{source['name']}: " in read.err for source in settings(folder)["sources"])


@pytest.mark.parametrize(
    ("export", "source"),
    [
        (legacy, {"name": "aws", "connector": "aws", "location": "cur/report"}),
        (cur2, {"name": "aws", "connector": "aws", "location": "finance/export/data"}),
        (gcp, {"name": "gcp", "connector": "gcp", "location": "gcp/*.jsonl"}),
        (focus, {"name": "azure", "connector": "focus", "location": "azure/*.csv"}),
    ],
)
def test_each_export_alone_gives_a_file_that_works(
    run: Run, tmp_path: Path, export: Callable[[Path, list[Charge]], None], source: dict[str, str]
) -> None:
    export(tmp_path, SEPTEMBER)
    ran = run(tmp_path, "init", *AS_OF)
    assert (ran.code, ran.out) == (0, "finops.toml\n")
    assert ran.err.endswith("Next: finops ingest\n")
    written = settings(tmp_path)
    assert written["sources"] == [source]
    assert written["organisation"]["currency"] == "EUR"
    assert [project["name"] for project in written["projects"]] == ["shop", "search"]
    assert "# The last month in the bills, 2026-09, cost 1,240 EUR" in (tmp_path / "finops.toml").read_text()
    assert_it_works(run, tmp_path)


@pytest.mark.long
def test_all_exports_in_one_folder_give_a_file_that_works(run: Run, tmp_path: Path) -> None:
    legacy_cur(tmp_path, "2026-08", "assembly-1", [on("2026-08-01", "1", project="search")])
    for export in (cur2, gcp, focus):
        export(tmp_path, SEPTEMBER)
    focus_csv(tmp_path / "oci.csv", SEPTEMBER)
    assert run(tmp_path, "init", *AS_OF).code == 0
    assert [source["connector"] for source in settings(tmp_path)["sources"]] == ["focus", "aws", "aws", "gcp", "focus"]
    assert_it_works(run, tmp_path)


@pytest.mark.long
def test_a_hostile_folder_and_hostile_tags_are_written_so_that_they_work(run: Run, tmp_path: Path) -> None:
    other = "\u202e\x7f'''\"\"\""
    legacy(tmp_path / HOSTILE, SEPTEMBER[:1])
    for export in (cur2, gcp, focus):
        export(tmp_path / HOSTILE, [on("2026-09-03", "1", project=HOSTILE), on("2026-09-04", "2", project=other)])
    assert run(tmp_path, "init", *AS_OF).code == 0
    written = settings(tmp_path)
    assert {project["match"][0]["equals"] for project in written["projects"]} == {"search", HOSTILE, other}
    assert all(HOSTILE.split("[", maxsplit=1)[0] in source["location"] for source in written["sources"])
    assert_it_works(run, tmp_path)
    assert run(tmp_path, "export", "--allocated", "-o", "cost.csv").code == 0
    assert 'say ""hi""' in (tmp_path / "cost.csv").read_text(encoding="utf-8")


def test_flags_are_written(run: Run, tmp_path: Path) -> None:
    focus(tmp_path, SEPTEMBER)
    run(tmp_path, "init", "--name", 'A "B" & Söhne', "--currency", "usd", "--fiscal-year-start", "4", "--yes")
    organisation = settings(tmp_path)["organisation"]
    assert [organisation[key] for key in ("name", "currency", "fiscal_year_start")] == ['A "B" & Söhne', "USD", 4]
    assert "# The bills are in EUR (2 rows).\n" in (tmp_path / "finops.toml").read_text()


@pytest.mark.parametrize(
    "flag", [("--currency", "euro"), ("--fiscal-year-start", "13"), ("--name", " "), ("--name", "a\nb")]
)
def test_a_wrong_flag_is_a_mistake_and_writes_nothing(run: Run, tmp_path: Path, flag: tuple[str, str]) -> None:
    assert run(tmp_path, "init", *flag).code == 2
    assert not (tmp_path / "finops.toml").exists()


def test_an_existing_file_stays_unless_forced(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "finops.toml"
    file.write_text("mine")
    ran = run(tmp_path, "init")
    assert ran.code == 2
    assert "finops.toml exists already." in ran.err
    assert "--force" in ran.err
    assert file.read_text() == "mine"
    assert run(tmp_path, "init", "--force").code == 0
    assert settings(tmp_path)["version"] == 1
    assert [path.name for path in tmp_path.iterdir()] == ["finops.toml"]


def test_a_link_that_leads_nowhere_counts_as_a_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "finops.toml").symlink_to("elsewhere")
    assert run(tmp_path, "init").code == 2


def test_a_dry_run_prints_the_file_and_writes_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "finops.toml").write_text("mine")
    focus(tmp_path, SEPTEMBER)
    ran = run(tmp_path, "init", "--dry-run")
    assert ran.code == 0
    assert tomllib.loads(ran.out)["sources"][0]["location"] == "azure/*.csv"
    assert (tmp_path / "finops.toml").read_text() == "mine"


def test_an_empty_folder_gives_a_template_and_says_so(run: Run, tmp_path: Path) -> None:
    ran = run(tmp_path, "init")
    assert (ran.code, ran.out) == (0, "finops.toml\n")
    assert "No export was found" in ran.err
    assert "#[[sources]]" in (tmp_path / "finops.toml").read_text()
    checked = run(tmp_path, "config", "lint")
    assert (checked.code, checked.out) == (0, "finops.toml: ok, 0 sources, 0 projects, 0 budgets\n")


def test_another_folder_and_another_file_keep_locations_relative_to_the_file(run: Run, tmp_path: Path) -> None:
    focus(tmp_path / "bills", SEPTEMBER)
    ran = run(tmp_path, "init", "bills")
    assert (ran.out, ran.err.splitlines()[-1]) == ("bills/finops.toml\n", "Next: cd bills && finops ingest")
    ran = run(tmp_path, "init", "bills", "-o", "settings/my finops.toml")
    assert ran.err.endswith("Next: finops ingest -c 'settings/my finops.toml'\n")
    text = (tmp_path / "settings" / "my finops.toml").read_text()
    assert tomllib.loads(text)["sources"][0]["location"] == "../bills/azure/*.csv"
    assert run(tmp_path, "ingest", "-c", "settings/my finops.toml").code == 0


def test_a_missing_folder_is_an_error(run: Run, tmp_path: Path) -> None:
    ran = run(tmp_path, "init", "gone")
    assert ran.code == 1
    assert "finops: gone does not exist." in ran.err
    assert not (tmp_path / "gone").exists()


def test_a_file_that_cannot_be_written_is_an_error_that_names_it(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ran = run(tmp_path, "init", "-o", "file/finops.toml")
    assert ran.code == 1
    assert "file/finops.toml cannot be written" in ran.err


def test_broken_files_are_named_and_stop_nothing(run: Run, tmp_path: Path) -> None:
    focus(tmp_path, SEPTEMBER)
    (tmp_path / "azure" / "cut.csv.gz").write_bytes(gzip.compress(b"BilledCost,ChargePeriodStart\n" * 99)[:14])
    (tmp_path / "broken.parquet").write_bytes(b"PAR1")
    ran = run(tmp_path, "init", *AS_OF)
    assert ran.code == 0
    text = (tmp_path / "finops.toml").read_text()
    assert "# broken.parquet cannot be read" in text
    assert "note: broken.parquet cannot be read" in ran.err
    assert_it_works(run, tmp_path)


def test_a_source_its_connector_refuses_is_written_with_the_reason(run: Run, tmp_path: Path) -> None:
    legacy(tmp_path, SEPTEMBER)
    next(tmp_path.rglob("*-Manifest.json")).write_text("{")
    assert run(tmp_path, "init").code == 0
    text = (tmp_path / "finops.toml").read_text().replace("\n# ", " ")
    assert "finops ingest will stop here: The manifest cur/report/20260901-20261001/report-Manifest.json cannot" in text
    assert str(tmp_path) not in text
    assert settings(tmp_path)["sources"][0]["location"] == "cur/report"


def test_an_export_without_currency_takes_the_one_given(run: Run, tmp_path: Path) -> None:
    focus(tmp_path, SEPTEMBER)
    file = tmp_path / "azure" / "costs.csv"
    file.write_text(file.read_text().replace("BillingCurrency", "x_Nothing"))
    assert run(tmp_path, "init", *AS_OF).code == 0
    assert "currency" not in settings(tmp_path)["organisation"]
    assert run(tmp_path, "init", "--force", "--currency", "CHF", *AS_OF).code == 0
    assert settings(tmp_path)["organisation"]["currency"] == "CHF"
    assert_it_works(run, tmp_path)


def test_quiet_says_nothing_but_the_path(run: Run, tmp_path: Path) -> None:
    focus(tmp_path, SEPTEMBER)
    assert run(tmp_path, "init", "-q") == Ran(code=0, out="finops.toml\n", err="")


def at_a_terminal(folder: Path, typed: str, *flags: str) -> str:
    """What a person sees who types this."""
    person, program = pty.openpty()
    code = "from finops.cli.main import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", code, "init", *flags], cwd=folder, stdin=program, stdout=program, stderr=program
    ) as process:
        os.close(program)
        os.write(person, typed.encode())
        seen = b""
        try:
            while piece := os.read(person, 4096):
                seen += piece
        except OSError:  # how a terminal ends whose other side is closed
            pass
        os.close(person)
        assert process.wait(timeout=60) == 0, seen.decode()
    return seen.decode()


def test_at_a_terminal_it_asks_and_enter_takes_the_default(tmp_path: Path) -> None:
    focus(tmp_path, SEPTEMBER)
    seen = at_a_terminal(tmp_path, "Example GmbH\n\n4\n")
    assert "Currency of reports [EUR]" in seen
    organisation = settings(tmp_path)["organisation"]
    assert [organisation[key] for key in ("name", "currency", "fiscal_year_start")] == ["Example GmbH", "EUR", 4]


def test_with_yes_it_asks_nothing_at_a_terminal_either(tmp_path: Path) -> None:
    assert "Name of the organisation" not in at_a_terminal(tmp_path, "", "--yes")
    assert settings(tmp_path)["organisation"]["name"] == "Cloud costs"
