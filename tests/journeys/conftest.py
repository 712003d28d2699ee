"""The `finops` command in a process of its own, where every warning is an error unless a test says otherwise."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import exports
from tests.shop import Shop
from tests.warm import Warm, warmed

COMMAND = ("-c", "from finops.cli.main import main; main()")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """Runs commands in a folder, without this machine's settings."""

    home: Path
    before: tuple[str, ...] = ()
    warnings: str = "error"

    def environment(self, **variables: str) -> Mapping[str, str]:
        """The variables a command sees."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("FINOPS_", "NO_COLOR"))}
        return {**kept, "XDG_CONFIG_HOME": str(self.home), **variables}

    def start(self, folder: Path, *arguments: str, **variables: str) -> "subprocess.Popen[str]":
        """Start a command and return at once."""
        return subprocess.Popen(
            [*self.before, sys.executable, "-W", self.warnings, *COMMAND, *arguments],
            cwd=folder,
            env=self.environment(**variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, folder: Path, *arguments: str, **variables: str) -> Ran:
        """Run a command to its end."""
        with self.start(folder, *arguments, **variables) as process:
            out, err = process.communicate(timeout=300)
        assert "Traceback" not in err, err
        return Ran(code=process.returncode, out=out, err=err)


@pytest.fixture(scope="session")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    return Shell(home=tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def offline(shell: Shell) -> Shell:
    """A shell whose commands have no network at all, not even this machine's own addresses."""
    cut_off = ("unshare", "--map-root-user", "--net")
    try:
        subprocess.run([*cut_off, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"this machine cannot take the network away from a process: {error}")
    return Shell(home=shell.home, before=cut_off)


@pytest.fixture(scope="session")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm]:
    """Ingests of one folder, each in a child of a warm process; each test begins with a store of its own."""
    home = tmp_path_factory.mktemp("warm")
    for name in ("shop", "first"):
        folder = home / name
        folder.mkdir()
        exports.settings(folder)
        exports.focus_csv(folder / "bills" / "a.csv", [exports.on("2026-01-05", "1", project="search")])
    store, temporary = home / "shop" / ".finops", home / "temporary"
    temporary.mkdir()
    with warmed(
        "ingest",
        home / "shop",
        watched=(store, temporary),
        home=home,
        temporary=temporary,
        learn=home / "first",
    ) as process:
        yield process


@pytest.fixture
def warm_shop(warm: Warm) -> Shop:
    """What it ingests, without exports and without a store."""
    for name in ("bills", ".finops"):
        shutil.rmtree(warm.folder / name, ignore_errors=True)
    return Shop(folder=warm.folder)
