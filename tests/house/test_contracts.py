"""Every import contract of pyproject.toml holds, and a planted violation of each is found and named."""

import os
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

_ROOTS = ("finops", "connectors/finops_aws", "connectors/finops_focus", "connectors/finops_gcp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """A violation: the contract it breaks, and the lines added to files (new ones, or at the end of existing ones)."""

    contract: str
    lines: dict[str, str] = field(default_factory=dict)


PLANTS = {
    "a word imports a floor above": Plant(contract="floors", lines={"finops/money.py": "import finops.report"}),
    "what we expect imports what we judge": Plant(
        contract="floors", lines={"finops/forecast/planted.py": "import finops.budgets"}
    ),
    "an import hidden in a function counts": Plant(
        contract="floors", lines={"finops/focus/planted.py": "def f() -> None:\n    import finops.store"}
    ),
    "an import for typing only counts": Plant(
        contract="floors",
        lines={
            "finops/focus/planted.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import finops.store"
        },
    ),
    "one edge imports another": Plant(contract="floors", lines={"finops/report/planted.py": "import finops.store"}),
    "one judge imports another": Plant(
        contract="floors", lines={"finops/tco/__init__.py": "", "finops/tco/planted.py": "import finops.budgets"}
    ),
    "a module has no floor": Plant(contract="floors", lines={"finops/planted.py": '"""Nowhere."""'}),
    "two words import one another": Plant(
        contract="no-circles",
        lines={"finops/periods.py": "import finops.money", "finops/money.py": "import finops.periods"},
    ),
    "a connector imports another": Plant(
        contract="connectors-apart", lines={"connectors/finops_aws/planted.py": "import finops_gcp"}
    ),
    "a connector imports the store": Plant(
        contract="connectors-know", lines={"connectors/finops_focus/planted.py": "import finops.store"}
    ),
    "finops imports a connector": Plant(
        contract="connectors-by-entry-point", lines={"finops/store/planted.py": "import finops_aws"}
    ),
    "a report asks DuckDB itself": Plant(
        contract="engine-in-store", lines={"finops/report/planted.py": "import duckdb"}
    ),
    "a connector opens a Delta table": Plant(
        contract="engine-in-store", lines={"connectors/finops_aws/planted.py": "from deltalake import DeltaTable"}
    ),
    "a report knows the command line": Plant(
        contract="click-in-cli", lines={"finops/report/planted.py": "from click import echo"}
    ),
}


@pytest.fixture
def copy(checkout: Path, tmp_path: Path) -> Path:
    """The packages and their contracts, in a folder of their own."""
    for root in _ROOTS:
        shutil.copytree(checkout / root, tmp_path / root, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(checkout / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_contracts_hold(copy: Path) -> None:
    result = _lint(copy)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("plant", PLANTS.values(), ids=PLANTS)
def test_a_planted_violation_is_found_and_named(plant: Plant, copy: Path) -> None:
    for name, line in plant.lines.items():
        path = copy / name
        path.parent.mkdir(exist_ok=True)
        with path.open("a") as file:
            file.write(f"\n{line}\n")
    result = _lint(copy, plant.contract)
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{_contracts(copy)[plant.contract]} BROKEN" in result.stdout


def test_every_contract_has_a_planted_violation(checkout: Path) -> None:
    assert {plant.contract for plant in PLANTS.values()} == set(_contracts(checkout))


def test_every_package_is_under_the_contracts(checkout: Path) -> None:
    connectors = {path.parent.name for path in (checkout / "connectors").glob("*/__init__.py")}
    assert set(_settings(checkout)["root_packages"]) == {"finops", *connectors}
    assert {Path(root).name for root in _ROOTS} == {"finops", *connectors}


def _lint(folder: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]
    for contract in contracts:
        command += ["--contract", contract]
    # The copy must be found before the checkout that this interpreter knows; wide, so that no name is broken in two.
    place = {"PYTHONPATH": f"{folder}{os.pathsep}{folder / 'connectors'}", "COLUMNS": "200"}
    return subprocess.run(
        command, cwd=folder, env=os.environ | place, capture_output=True, text=True, check=False, timeout=120
    )


def _contracts(folder: Path) -> dict[str, str]:
    return {contract["id"]: contract["name"] for contract in _settings(folder)["contracts"]}


def _settings(folder: Path) -> dict[str, Any]:
    settings: dict[str, Any] = tomllib.loads((folder / "pyproject.toml").read_text())["tool"]["importlinter"]
    return settings
