"""A lake table of a test's own, and files to put into it."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from finops.config import Store
from finops.errors import RetryError
from finops.store import engines
from finops.store.engine import Engine, Written
from finops.store.lake import DataFile, LakeTable, Staged
from tests.spark_session import ON_SPARK

SCHEMA = pa.schema([("amount", pa.int64()), ("x_Source", pa.string()), ("x_BillingMonth", pa.string())])

Put = Callable[..., Staged]


def staged(table: LakeTable, month: str, state: str, amounts: list[int], *, source: str = "aws") -> Staged:
    """A file of the part named after its month."""
    path = table.stage(source, month, month, state)
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"amount": amounts}), path)
    return Staged(source=source, month=month, written=Written(path=path, rows=len(amounts), size=path.stat().st_size))


def amounts(table: LakeTable, *, version: int | None = None, known_at: datetime | None = None) -> list[int]:
    """What a reader of the table sees, sorted."""
    files = table.files(version=version, known_at=known_at)
    return sorted(value for file in files for value in pq.ParquetFile(file.uri).read()["amount"].to_pylist())


def one_wins(opened: Callable[[int], LakeTable], old: list[DataFile], seen: int | None) -> int:
    """Two writers replace the same files of a table at once; the value of the one that could.

    Args:
        opened: the table as the writer of that value opens it.
        old: the files.
        seen: the version both saw.
    """
    results: list[int] = []
    gate = threading.Barrier(2)

    def write(value: int) -> None:
        mine = opened(value)
        file = staged(mine, "2026-01", str(value), [value])
        gate.wait()
        try:
            mine.commit(add=[file], remove=old, seen=seen, why={})
            results.append(value)
        except RetryError:
            mine.discard([file])

    writers = [threading.Thread(target=write, args=(value,)) for value in (1, 2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    (winner,) = results
    return winner


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def table(tmp_path: Path) -> LakeTable:
    return LakeTable(tmp_path / "store" / "cost", SCHEMA)


@pytest.fixture(params=["duckdb", pytest.param("spark", marks=ON_SPARK)])
def engine(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Each engine in turn: what one promises, both keep."""
    spill = tmp_path / "spill"
    spill.mkdir()
    if request.param == "spark":
        request.getfixturevalue("spark")
    settings = Store(path=tmp_path, engine=request.param, memory_limit="512MB")
    with engines.opened(settings, spill=spill) as opened:
        yield opened
