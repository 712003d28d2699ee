"""A folder with finops.toml and exports, a command, an answer; no network, no step before it."""

import json
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from finops.report.forecast_table import SCHEMA, SCHEMA_DOCUMENT
from tests import exports
from tests.journeys.conftest import Shell
from tests.shop import Shop


def three_providers(shop: Shop) -> None:
    """Bills of three providers, in four formats."""
    days = ("2025-11-01", "2025-12-31"), ("2026-01-01", "2026-01-31"), ("2026-02-01", "2026-03-20")
    exports.legacy_cur(shop.folder / "aws-old", "2025-11", "one", exports.daily("2025-11-01", "2025-11-30"))
    for first, last in days[1:]:
        exports.cur2_parquet(shop.folder / "aws", first[:7], exports.daily(first, f"{first[:7]}-28", project="search"))
        exports.gcp_jsonl(shop.folder / "gcp" / f"{first}.jsonl", exports.daily(first, last, project="shop-de"))
    shop.bill("a.csv.gz", *exports.daily(days[0][0], days[2][1]))
    exports.settings(
        shop.folder,
        ("aws-old", "aws", "aws-old"),
        ("aws", "aws", "aws"),
        ("gcp", "gcp", "gcp/*.jsonl"),
        ("acme", "focus", "bills"),
        rules=exports.PROJECTS + '[[budgets]]\nname = "all"\nlimit = 5000\n',
    )


@pytest.mark.long
def test_forecast_needs_nothing_but_a_configuration_and_exports(shop: Shop, offline: Shell) -> None:
    three_providers(shop)
    ran = offline.run(shop.folder, "forecast", "--as-of", "2026-03-21", "--format", "json")
    assert (ran.code, ran.err) == (0, "nothing stored yet: reading the exports first\n")
    document = json.loads(ran.out)
    Draft202012Validator(SCHEMA_DOCUMENT).validate(document)
    assert document["schema"] == SCHEMA
    assert {one["name"] for one in document["series"]} == {"search", "shop", "not allocated"}
    assert Decimal(document["total"]["periods"][0]["to_date"]) > 0

    again = offline.run(shop.folder, "status", "--as-of", "2026-03-21")
    assert (again.code, again.err) == (0, "")
    assert "\x1b" not in again.out


def test_the_installed_command_is_the_one_tested(shop: Shop, shell: Shell) -> None:
    """Other journeys start it with warnings as errors; this one as a person does."""
    import subprocess

    exports.settings(shop.folder)
    command = Path(sys.executable).with_name("finops")
    ran = subprocess.run(
        [command, "config", "lint"],
        cwd=shop.folder,
        env=dict(shell.environment()),
        capture_output=True,
        text=True,
        check=True,
    )
    assert (ran.stdout, ran.stderr) == ("finops.toml: ok, 1 sources, 2 projects, 0 budgets\n", "")


def test_commands_about_settings_load_no_engine(shop: Shop, shell: Shell) -> None:
    """They answer at once: what takes seconds to import is for commands that read the table."""
    import subprocess

    exports.settings(shop.folder)
    heavy = "{'pandas', 'ibis', 'duckdb', 'deltalake', 'pyarrow', 'statsmodels', 'matplotlib', 'weasyprint', 'boto3'}"
    for command in ("lint", "show", "schema"):
        code = (
            "import sys; sys.argv = ['finops', 'config', sys.argv[1]]\n"
            "from finops.cli.main import main\n"
            f"main(); sys.exit(' '.join({heavy} & set(sys.modules)) or 0)"
        )
        ran = subprocess.run(
            [sys.executable, "-c", code, command],
            cwd=shop.folder,
            env=dict(shell.environment()),
            capture_output=True,
            text=True,
            check=False,
        )
        assert (ran.returncode, ran.stderr) == (0, ""), command
