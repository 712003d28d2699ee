"""A table in a bucket behaves as one on a folder; the bucket is moto's, spoken to over HTTP."""

import multiprocessing
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import boto3
import pyarrow.parquet as pq
import pytest

from finops.errors import AccessError, RetryError
from finops.store.lake import LakeTable
from tests.aws_cloud import VARIABLES, cloud
from tests.store.conftest import SCHEMA, one_wins, staged

pytestmark = pytest.mark.long  # a server to start, and thirty requests per commit
BUCKET = "lake"


def _serve(pipe: Connection) -> None:
    with cloud() as found:
        found.bucket(BUCKET, {})
        pipe.send(found.url)
        pipe.recv()


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """In a process of its own: the Delta library holds the interpreter's lock while it waits for an answer."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,))
    server.start()
    try:
        assert ours.poll(60)
        yield ours.recv()
    finally:
        ours.send("enough")
        server.join()


@pytest.fixture
def s3(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401 - boto3 has no types
    for name, value in {**VARIABLES, "AWS_ENDPOINT_URL": endpoint}.items():
        monkeypatch.setenv(name, value)
    return boto3.client("s3")


@pytest.fixture
def table(s3: Any, tmp_path: Path) -> LakeTable:  # noqa: ANN401, ARG001 - boto3 has no types; it sets the variables
    return LakeTable(tmp_path / "copies", SCHEMA, url=f"s3://{BUCKET}/{tmp_path.name}/cost")


def elsewhere(table: LakeTable) -> LakeTable:
    """The same table on a machine that never saw it."""
    return LakeTable(table.folder.with_name("elsewhere"), SCHEMA, url=table.url)


def amounts(table: LakeTable, *, known_at: datetime | None = None) -> list[int]:
    found = table.bring(table.files(known_at=known_at))
    return sorted(value for path in found for value in pq.ParquetFile(path).read()["amount"].to_pylist())


def objects(s3: Any, table: LakeTable) -> set[str]:  # noqa: ANN401 - boto3 has no types
    prefix = table.url.removeprefix(f"s3://{BUCKET}/") + "/"
    listed = s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
    return {each["Key"].removeprefix(prefix) for each in listed if each["Key"].endswith(".parquet")}


def test_what_one_machine_commits_another_one_reads(table: LakeTable) -> None:
    assert (table.version(), table.files()) == (None, [])
    version = table.commit(add=[staged(table, "2026-01", "a", [1])], remove=[], seen=None, why={}, built_from=7)
    other = elsewhere(table)
    assert (other.version(), amounts(other), other.built_from()) == (version, [1], 7)
    assert amounts(table) == [1]


def test_a_copy_is_fetched_once_and_again_where_it_is_gone(table: LakeTable) -> None:
    table.commit(add=[staged(table, "2026-01", "a", [1])], remove=[], seen=None, why={})
    other = elsewhere(table)
    (copy,) = map(Path, other.bring(other.files()))
    before = copy.stat().st_mtime_ns
    assert (amounts(other), copy.stat().st_mtime_ns) == ([1], before)
    copy.write_bytes(copy.read_bytes()[:-9])  # a copy that a full disk cut short
    assert amounts(other) == [1]
    shutil.rmtree(other.folder)
    assert amounts(other) == [1]
    assert not [path for path in other.folder.rglob("*") if path.is_file() and path != copy]


def test_a_note_is_read_without_fetching_the_file(table: LakeTable) -> None:
    table.commit(add=[staged(table, "2026-01", "a", [1])], remove=[], seen=None, why={})
    other = elsewhere(table)
    (file,) = other.files()
    assert other.note(file) is None  # it has none
    assert not Path(file.uri).exists()


def test_a_second_writer_is_refused_and_changes_nothing(table: LakeTable) -> None:
    seen = table.commit(add=[staged(table, "2026-01", "a", [1])], remove=[], seen=None, why={})
    other = elsewhere(table)
    late = staged(other, "2026-02", "b", [2])
    table.commit(add=[staged(table, "2026-03", "c", [4])], remove=[], seen=seen, why={})
    with pytest.raises(RetryError, match=r"Another run changed s3://lake/.*/cost at the same time"):
        other.commit(add=[late], remove=[], seen=seen, why={})
    other.discard([late])
    assert not late.written.path.exists()
    assert amounts(table) == [1, 4]


@pytest.mark.parametrize("made", [False, True])
def test_of_two_writers_at_once_exactly_one_wins(table: LakeTable, made: bool) -> None:  # noqa: FBT001 - a case
    seen = table.commit(add=[staged(table, "2026-01", "old", [0])], remove=[], seen=None, why={}) if made else None
    winner = one_wins(
        lambda value: LakeTable(table.folder.with_name(str(value)), SCHEMA, url=table.url), table.files(), seen
    )
    assert amounts(table) == [winner]


def test_an_earlier_state_answers_until_it_is_vacuumed(table: LakeTable, s3: Any) -> None:  # noqa: ANN401 - as above
    seen = table.commit(add=[staged(table, "2026-01", "a", [1])], remove=[], seen=None, why={})
    then = datetime.now(UTC)
    table.commit(add=[staged(table, "2026-01", "b", [2])], remove=table.files(), seen=seen, why={})
    staged(table, "2026-02", "never committed", [3])
    assert (amounts(table), amounts(table, known_at=then)) == ([2], [1])
    assert len(objects(s3, table)) == 2

    assert table.vacuum(datetime.now(UTC) + timedelta(seconds=1), grace_hours=0) == 1
    assert len(objects(s3, table)) == 1
    assert amounts(table) == [2]
    assert len(list(table.folder.rglob("*.parquet"))) == 1  # copies of what is gone are gone as well
    with pytest.raises(AccessError, match="were removed by a vacuum"):
        table.files(known_at=then)


def test_an_object_that_somebody_removed_is_made_again(table: LakeTable, s3: Any) -> None:  # noqa: ANN401 - as above
    table.commit(add=[staged(table, "2026-01", "a", [1])], remove=[], seen=None, why={})
    (file,) = table.files()
    assert file.state
    s3.delete_object(Bucket=BUCKET, Key=f"{table.url.removeprefix(f's3://{BUCKET}/')}/{file.path}")
    (lost,) = table.files()
    assert not lost.state
    other = elsewhere(table)
    with pytest.raises(AccessError, match=r"The store s3://lake/.* cannot be read or written"):
        other.bring(other.files())


@pytest.mark.usefixtures("s3")
def test_a_bucket_that_is_not_there_is_named(tmp_path: Path) -> None:
    table = LakeTable(tmp_path / "copies", SCHEMA, url="s3://no-such-bucket/cost")
    with pytest.raises(AccessError, match=r"s3://no-such-bucket/cost cannot be (used|read)") as refused:
        table.commit(add=[staged(table, "2026-01", "a", [1])], remove=[], seen=None, why={})
    assert "bucket does not exist" in str(refused.value)
    assert "\n" not in refused.value.what
