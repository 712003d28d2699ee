"""`finops --help` answers at once: a fresh interpreter proves what was not imported, and how little time it took."""

import json
import subprocess
import sys

import pytest

from benchmarks.start_up import FINOPS, measure

HEAVY = {
    "boto3",
    "deltalake",
    "duckdb",
    "holidays",
    "ibis",
    "matplotlib",
    "numpy",
    "pandas",
    "pyarrow",
    "statsmodels",
    "weasyprint",
}
SHOW_MODULES = """
import atexit, json, sys
atexit.register(lambda: sys.stderr.write(json.dumps(sorted({name.split(".")[0] for name in sys.modules}))))
"""


def test_help_imports_nothing_heavy() -> None:
    result = subprocess.run(
        [sys.executable, "-c", SHOW_MODULES + FINOPS], capture_output=True, check=False, text=True, timeout=60
    )
    assert result.returncode == 0, result.stderr
    assert "forecast" in result.stdout
    imported = set(json.loads(result.stderr))
    assert "click" in imported
    assert imported & HEAVY == set()


@pytest.mark.long
def test_help_takes_at_most_twice_the_time_of_a_bare_click_program() -> None:
    ours, bare = measure()
    assert ours <= 2 * bare
