"""What tests of several parts stand on."""

from pathlib import Path

import pytest

from tests.shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(folder=tmp_path)
