"""What tests of several parts stand on."""

from pathlib import Path

import pytest

from finops.config import load
from tests import golden, trap
from tests.company import found as founded
from tests.shop import Shop
from tests.spark_session import spark

__all__ = ["spark"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """One flag writes anew what people see; its diff is read like code."""
    parser.addoption(golden.UPDATE, action="store_true", help="write golden files anew; use with -n 0")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(folder=tmp_path)


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A whole store, ingested once; tests read it and leave it as it is."""
    found = founded(tmp_path_factory.mktemp("company"))
    result = found.ingest(load(found.folder / "finops.toml", variables={}))
    assert [source.error for source in result.sources] == [None, None]
    return found


@pytest.fixture(scope="session")
def trapping() -> None:
    """For tests that stop a run before its file operations."""
    if (why := trap.missing()) is not None:
        pytest.skip(f"a run cannot be stopped before its file operations: {why}")
