"""What tests of several parts stand on."""

from pathlib import Path

import pytest

from finops.config import load
from tests.company import found as founded
from tests.shop import Shop


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
