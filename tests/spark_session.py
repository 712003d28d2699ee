"""One session of Spark for all tests that need one: it takes longer to start than to answer."""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

ON_SPARK = (
    pytest.mark.long,
    # Py4J leaves the closing of sockets, which results come through, to Python.
    pytest.mark.filterwarnings("ignore:unclosed <socket.socket:ResourceWarning"),
)
"""Marks of a test on Spark."""
SETTINGS = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "2g",
    "spark.log.level": "OFF",
    "spark.sql.shuffle.partitions": "2",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A session on two cores of this machine; engines find it and leave it as it is."""
    sql = pytest.importorskip("pyspark.sql", reason="Spark for Python is not installed; ./run test --spark brings it")
    if shutil.which("java") is None:
        pytest.skip("Java is not installed: apt-get install default-jre-headless")
    folder = str(tmp_path_factory.mktemp("spark"))
    settings = {**SETTINGS, "spark.local.dir": folder, "spark.sql.warehouse.dir": f"{folder}/warehouse"}
    session = sql.SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()
    yield session
    session.stop()
