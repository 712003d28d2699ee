"""The wheel holds exactly what git tracks of the packages, the templates and the sample bill."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

_METADATA = {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"}
_RESIDUE = ("__pycache__/x.cpython-311.pyc", ".mypy_cache/x.json", ".ruff_cache/x", ".pytest_cache/x")


@pytest.fixture(scope="module")
def wheel(checkout: Path, tracked: list[str], tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel of the tracked files, built where tools have left their caches behind."""
    copy = tmp_path_factory.mktemp("copy")
    for name in tracked:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(checkout / name, copy / name)
    for folder in ("finops", "connectors/finops_aws", "templates", "sample_data"):
        for residue in _RESIDUE:
            path = copy / folder / residue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    built = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(built)]
    result = subprocess.run(command, cwd=copy, capture_output=True, check=False, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    return zipfile.ZipFile(next(built.glob("*.whl")))


def test_the_wheel_holds_exactly_the_tracked_files(wheel: zipfile.ZipFile, tracked: list[str]) -> None:
    files = [name for name in wheel.namelist() if ".dist-info/" not in name]
    assert sorted(files) == sorted(place for name in tracked if (place := _place(name)))


def test_the_wheel_says_what_it_is_and_under_which_licence(wheel: zipfile.ZipFile) -> None:
    about = {name.partition(".dist-info/")[2] for name in wheel.namelist() if ".dist-info/" in name}
    assert about == _METADATA


def test_no_test_and_no_cache_is_shipped(wheel: zipfile.ZipFile) -> None:
    parts = {part for name in wheel.namelist() for part in Path(name).parts}
    assert not {part for part in parts if part == "tests" or part.startswith("test_") or "cache" in part}


def test_every_connector_registers_through_the_entry_points(wheel: zipfile.ZipFile, tracked: list[str]) -> None:
    connectors = {name.split("/")[1] for name in tracked if name.startswith("connectors/finops_")}
    about = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    entries = wheel.read(about).decode()
    assert {name for name in connectors if f"= {name}." in entries} == connectors


def _place(tracked: str) -> str | None:
    """Where a tracked file belongs in the wheel; None where it does not."""
    top, _, rest = tracked.partition("/")
    if top == "finops":
        return tracked
    if top in {"templates", "sample_data"}:
        return f"finops/{tracked}"
    if top == "connectors" and rest.startswith("finops_"):
        return rest
    return None
