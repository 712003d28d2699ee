"""The contract of every connector, kept on Spark as well; and Spark maps the rows that DuckDB maps."""

from pathlib import Path

import pytest

from finops.store.engine import Engine
from finops.store.spark import Spark
from finops.testing.connector import ConnectorContract
from tests.connectors.aws import test_contract as aws
from tests.connectors.focus import test_contract as focus
from tests.connectors.gcp import test_contract as gcp
from tests.spark_session import ON_SPARK

pytestmark = [*ON_SPARK, pytest.mark.usefixtures("spark")]


class OnSpark(ConnectorContract):
    """The suite with the other engine."""

    def engine(self, spill: Path) -> Engine:
        return Spark(master="local[2]", memory_limit="1GB", spill=spill)

    def test_rows_are_those_of_the_other_engine(self, folder: Path, tmp_path: Path) -> None:
        mine = self.rows(folder, tmp_path / "mine")
        assert mine
        self.engine = super().engine  # type: ignore[method-assign]  # of this test's own instance
        assert mine == self.rows(folder, tmp_path / "other")


class TestAwsLegacyTree(OnSpark, aws.TestLegacyTree):
    """Packed CSV."""


class TestAwsCur2(OnSpark, aws.TestCur2):
    """Parquet."""


class TestFocusCsv(OnSpark, focus.TestCsv):
    """Any provider's FOCUS file."""


class TestGcpJson(OnSpark, gcp.TestJson):
    """Nested lines."""


class TestGcpCsv(OnSpark, gcp.TestCsv):
    """A file of the console."""
