"""The README's commands are real, and so is their output."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).parents[2] / "README.md"
COMMAND = "$ ../../.venv/bin/finops "
FINOPS = (sys.executable, "-W", "error", "-c", "from finops.cli.main import main; main()")


def shown() -> list[tuple[str, str]]:
    """(arguments, output) of every finops command in the README."""
    found = []
    for block in re.findall(r"```console\n(.*?)```", README.read_text("utf-8"), flags=re.DOTALL):
        for part in block.split(COMMAND)[1:]:
            arguments, _, output = part.partition("\n")
            found.append((arguments, output))
    return found


@pytest.fixture(scope="module")
def bill(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `./run demo` leaves behind."""
    folder = tmp_path_factory.mktemp("readme")
    subprocess.run([*FINOPS, "demo", "--quiet", "--format", "json"], cwd=folder, check=True, capture_output=True)
    return folder / "demo" / "bill"


def test_the_readme_shows_the_commands_of_the_main_job() -> None:
    assert [arguments.split()[0] for arguments, _ in shown()] == ["ingest", "status", "forecast", "report"]


@pytest.mark.long
@pytest.mark.parametrize(("arguments", "output"), shown(), ids=[arguments for arguments, _ in shown()])
def test_a_command_prints_what_the_readme_says(arguments: str, output: str, bill: Path) -> None:
    done = subprocess.run([*FINOPS, *shlex.split(arguments)], cwd=bill, check=True, capture_output=True, text=True)
    assert done.stdout + done.stderr == output
