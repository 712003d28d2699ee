"""Options that every command takes, and what comes from variables instead."""

import sys
from pathlib import Path

import pytest

from tests import exports
from tests.cli.conftest import LAST_DAY, Run
from tests.shop import Shop

COLOUR = "\x1b["


def test_colours_are_for_terminals_that_want_them(
    run: Run, company: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "200")
    assert COLOUR in run(company.folder, "status", *LAST_DAY).out
    assert COLOUR not in run(company.folder, "status", *LAST_DAY, "--no-color").out
    run(company.folder, "status", *LAST_DAY, "-o", tmp_path / "status.txt")
    assert COLOUR not in (tmp_path / "status.txt").read_text("utf-8")
    monkeypatch.setenv("NO_COLOR", "1")
    assert COLOUR not in run(company.folder, "status", *LAST_DAY).out


def test_the_store_can_lie_elsewhere(run: Run, shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.bill("a.csv", *exports.daily("2026-01-01", "2026-03-20"))
    exports.settings(shop.folder)
    monkeypatch.setenv("FINOPS_STORE_PATH", str(tmp_path / "elsewhere"))
    assert run(shop.folder, "ingest").code == 0
    assert (tmp_path / "elsewhere" / "cost" / "_delta_log").is_dir()
    assert not (shop.folder / ".finops").exists()


def test_a_users_defaults_come_last(run: Run, shop: Shop, tmp_path: Path) -> None:
    exports.settings(shop.folder)
    (tmp_path / "home" / "finops").mkdir(parents=True)
    (tmp_path / "home" / "finops" / "finops.toml").write_text('[organisation]\nname = "Mine"\ncurrency = "USD"\n')
    shown = run(shop.folder, "config", "show").out
    assert '"name": "Mine"' in shown
    assert '"currency": "EUR"' in shown


def test_a_time_without_a_zone_is_utc(run: Run, company: Shop) -> None:
    asked = ("forecast", *LAST_DAY, "--format", "json", "--known-at")
    assert run(company.folder, *asked, "2999-01-01T00:00:00").out == run(company.folder, *asked, "2999-01-01").out


def test_the_version_is_told(run: Run, tmp_path: Path) -> None:
    from finops import __version__

    assert run(tmp_path, "--version").out == f"finops, version {__version__}\n"


@pytest.mark.parametrize("command", ["demo", "ingest", "status", "forecast", "report", "export", "config"])
def test_every_command_explains_itself(run: Run, tmp_path: Path, command: str) -> None:
    ran = run(tmp_path, command, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"Usage: finops {command}")
    assert command in run(tmp_path, "--help").out
