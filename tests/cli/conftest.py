"""The command line in this process: what a command says on either stream, and its exit code."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from finops.cli.main import main

LAST_DAY = ("--as-of", "2026-03-21")
"""The clock of the company that tests share."""


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
    for name in ("NO_COLOR", "FINOPS_STORE_PATH", "FINOPS_FORECAST_SEED"):
        monkeypatch.delenv(name, raising=False)

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
