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
        ("sc://localhost:1/;token=hush", {}, "'sc://localhost:1' did not start: localhost:1: Connection refused."),
        ("spark://localhost:1,localhost:2", {}, "localhost:1: Connection refused; localhost:2: Connection refused."),
        ("spark://localhost:99999", {}, "localhost:99999: "),
        ("local[no]", {}, "Could not parse Master URL: 'local[no]'"),
    ],
)
def test_the_command_says_what_is_missing(tmp_path: Path, master: str, environment: dict[str, str], told: str) -> None:
    exports.focus_csv(tmp_path / "bills" / "a.csv", [on("2026-01-05", "10")])
    store = f'[store]\nengine = "spark"\nmaster = "{master}"\n'
    exports.settings(tmp_path, rules=store)
    command = [sys.executable, "-c", "from finops.cli.main import main; main()", "ingest", "--quiet"]
    environment = {**os.environ, **environment}
    found = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert found.returncode == 1
    assert "Spark with master" in found.stderr
    assert told in found.stderr
    assert not {"Traceback", "hush"} & set(found.stderr.replace("=", " ").split())
    assert not (tmp_path / ".finops" / "cost").exists()
