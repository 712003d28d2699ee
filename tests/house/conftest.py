"""The checkout under test, for the tests of the house itself."""

import subprocess
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def checkout() -> Path:
    """Top folder of the repository."""
    return Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def tracked(checkout: Path) -> list[str]:
    """Files that git tracks and that exist, as paths below the top folder."""
    if not (checkout / ".git").exists():
        pytest.skip("not a git checkout: nothing says which files belong to it")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=checkout, capture_output=True, check=True, text=True).stdout
    return [name for name in listed.split("\0") if name and (checkout / name).is_file()]
