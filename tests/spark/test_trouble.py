"""What can be missing is named, with what to do next; nothing is committed then."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import exports
from tests.exports import on
from tests.spark_session import ON_SPARK

pytestmark = [*ON_SPARK, pytest.mark.usefixtures("spark")]


@pytest.mark.parametrize(
    ("master", "environment", "told"),
    [
        ("local[2]", {"JAVA_HOME": "nowhere"}, "Install Java 17 or newer"),
        ("sc://localhost:1/;token=no", {}, "did not start"),
    ],
)
def test_the_command_says_what_is_missing(tmp_path: Path, master: str, environment: dict[str, str], told: str) -> None:
    exports.focus_csv(tmp_path / "bills" / "a.csv", [on("2026-01-05", "10")])
    store = f'[store]\nengine = "spark"\nmaster = "{master}"\n'
    exports.settings(tmp_path, rules=store)
    command = [sys.executable, "-m", "finops", "ingest", "--quiet"]
    environment = {**os.environ, **environment}
    found = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert found.returncode == 1
    assert f"Spark with master {master!r} did not start" in found.stderr
    assert told in found.stderr
    assert "Traceback" not in found.stderr
    assert not (tmp_path / ".finops" / "cost").exists()
