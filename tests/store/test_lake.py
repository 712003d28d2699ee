"""One commit replaces what changed, old versions answer, and of two writers exactly one wins."""

import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake

from finops.errors import AccessError, RetryError
from finops.store.lake import LakeTable, hashed
from tests.store.conftest import SCHEMA, amounts, now, one_wins, staged


def test_before_the_first_commit_there_is_nothing(table: LakeTable) -> None:
    assert table.version() is None
    assert table.files() == []
    assert table.built_from() is None
    assert not table.folder.exists()


def test_one_commit_replaces_what_changed_and_the_old_version_still_answers(table: LakeTable) -> None:
    first = [staged(table, "2026-01", "a", [1, 2]), staged(table, "2026-02", "a", [3])]
    before = table.commit(add=first, remove=[], seen=None, why={"operation": "test"})
    january = [file for file in table.files() if file.month == "2026-01"]
    after = table.commit(add=[staged(table, "2026-01", "b", [10])], remove=january, seen=before, why={})

    assert amounts(table) == [3, 10]
    assert amounts(table, version=before) == [1, 2, 3]
    assert after == table.version() == before + 1


def test_a_reader_that_opened_the_old_version_reads_it_to_the_end(table: LakeTable) -> None:
    before = table.commit(add=[staged(table, "2026-01", "a", [1])], remove=[], seen=None, why={})
    reader = DeltaTable(str(table.folder))
    table.commit(add=[staged(table, "2026-01", "b", [2])], remove=table.files(), seen=before, why={})

    assert [pq.ParquetFile(uri).read()["amount"].to_pylist() for uri in reader.file_uris()] == [[1]]


def test_an_active_file_says_whose_it_is_and_in_which_state(table: LakeTable) -> None:
    table.commit(add=[staged(table, "2026-01", "state", [1, 2], source="my.aws-1")], remove=[], seen=None, why={})

    [file] = table.files()
    assert (file.source, file.month, file.rows) == ("my.aws-1", "2026-01", 2)
    assert (file.part, file.state) == (hashed("2026-01"), hashed("state"))
    assert Path(file.uri).is_file()


def test_a_time_finds_the_version_that_was_newest_then(table: LakeTable) -> None:
    start = now()
    moments = []
    for value in range(3):
        time.sleep(0.01)
        table.commit(
            add=[staged(table, "2026-01", str(value), [value])], remove=table.files(), seen=table.version(), why={}
        )
        time.sleep(0.01)
        moments.append(now())

    assert [amounts(table, known_at=moment) for moment in moments] == [[0], [1], [2]]
    assert table.version(start - timedelta(seconds=1)) is None
    assert table.files(known_at=start - timedelta(seconds=1)) == []
    assert table.version(datetime(2999, 1, 1, tzinfo=UTC)) == table.version()


def test_what_it_was_built_from_is_known_for_every_time(table: LakeTable) -> None:
    table.commit(add=[staged(table, "2026-01", "a", [1])], remove=[], seen=None, why={}, built_from=4)
    time.sleep(0.01)
    between = now()
    time.sleep(0.01)
    table.commit(add=[staged(table, "2026-02", "a", [1])], remove=[], seen=table.version(), why={}, built_from=7)

    assert table.built_from() == 7
    assert table.built_from(known_at=between) == 4


def test_who_looked_at_an_older_version_is_refused_and_changes_nothing(table: LakeTable) -> None:
    first = table.commit(add=[staged(table, "2026-01", "a", [1])], remove=[], seen=None, why={})
    for seen in (None, first - 1, first + 1):
        late = staged(table, "2026-01", "b", [2])
        with pytest.raises(RetryError, match="at the same time"):
            table.commit(add=[late], remove=[], seen=seen, why={})
    assert (table.version(), amounts(table)) == (first, [1])


@pytest.mark.parametrize("attempt", range(8))
def test_of_two_writers_exactly_one_wins(table: LakeTable, attempt: int) -> None:
    """Every other time the table does not exist yet, so that making it is part of the race."""
    seen = None
    if attempt % 2:
        seen = table.commit(add=[staged(table, "2026-01", "old", [0])], remove=[], seen=None, why={})
    winner = one_wins(lambda _: LakeTable(table.folder, SCHEMA), table.files(), seen)
    assert amounts(table) == [winner]


def test_writers_that_try_again_lose_nothing_and_double_nothing(table: LakeTable) -> None:
    """A writer whose commit went through must not take it back because the next one came at once."""
    gate = threading.Barrier(3)

    def write(source: str) -> None:
        mine = LakeTable(table.folder, SCHEMA)
        gate.wait()
        for value in range(6):
            while True:
                seen = mine.version()
                old = [file for file in mine.files(version=seen) if file.source == source] if seen is not None else []
                file = staged(mine, "2026-01", str(value), [value], source=source)
                try:
                    mine.commit(add=[file], remove=old, seen=seen, why={})
                    break
                except RetryError:
                    mine.discard([file])

    writers = [threading.Thread(target=write, args=(source,)) for source in ("a", "b", "c")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert amounts(table) == [5, 5, 5]
    assert table.version() == 18


def test_discarding_spares_what_a_commit_names(table: LakeTable) -> None:
    """Whoever is interrupted right after a commit discards what it staged."""
    kept, dropped = staged(table, "2026-01", "a", [1]), staged(table, "2026-02", "a", [2])
    table.commit(add=[kept], remove=[], seen=None, why={})
    table.discard([kept, dropped])

    assert kept.written.path.is_file()
    assert not dropped.written.path.exists()


def test_files_that_no_commit_names_are_ignored(table: LakeTable) -> None:
    staged(table, "2026-01", "killed", [100])
    table.commit(add=[staged(table, "2026-01", "a", [1])], remove=[], seen=None, why={})
    staged(table, "2026-01", "killed again", [200])

    assert amounts(table) == [1]


def test_a_file_of_another_writer_belongs_to_no_part(table: LakeTable) -> None:
    table.commit(add=[staged(table, "2026-01", "a", [1])], remove=[], seen=None, why={})
    more = pa.table({"amount": [7, 8], "x_Source": ["aws", "aws"], "x_BillingMonth": ["2026-01", "2026-01"]})
    write_deltalake(str(table.folder), more, mode="append")

    [foreign] = [file for file in table.files() if not file.part]
    assert (foreign.state, foreign.source, foreign.month, foreign.rows) == ("", "aws", "2026-01", 2)
    table.commit(add=[], remove=[foreign], seen=table.version(), why={})
    assert amounts(table) == [1]


def test_any_delta_reader_reads_it(table: LakeTable) -> None:
    table.commit(
        add=[staged(table, "2026-01", "a", [1, 2]), staged(table, "2026-02", "a", [4], source="gcp")],
        remove=[],
        seen=None,
        why={},
    )
    reader = DeltaTable(str(table.folder))

    assert reader.metadata().partition_columns == ["x_Source", "x_BillingMonth"]
    with duckdb.connect() as connection:
        scan = connection.read_parquet(reader.file_uris(), hive_partitioning=True)
        found = scan.aggregate("x_Source, sum(amount)").order("x_Source").fetchall()
    assert found == [("aws", 3), ("gcp", 4)]


def test_the_history_says_who_did_what(table: LakeTable) -> None:
    table.commit(
        add=[staged(table, "2026-01", "a", [1])], remove=[], seen=None, why={"operation": "ingest", "source": "aws"}
    )
    newest = DeltaTable(str(table.folder)).history(1)[0]
    assert (newest["finops.operation"], newest["finops.source"]) == ("ingest", "aws")


def test_a_cleaning_program_keeps_what_known_at_needs(table: LakeTable) -> None:
    first = table.commit(add=[staged(table, "2026-01", "a", [1])], remove=[], seen=None, why={})
    table.commit(add=[staged(table, "2026-01", "b", [2])], remove=table.files(), seen=first, why={})
    DeltaTable(str(table.folder)).vacuum(dry_run=False)
    assert amounts(table, version=first) == [1]


@pytest.mark.parametrize("content", [b"", b"garbage", b'{"add": 1}', b"\x00\xff"])
def test_a_broken_log_is_named(table: LakeTable, content: bytes) -> None:
    log = table.folder / "_delta_log"
    log.mkdir(parents=True)
    (log / f"{0:020}.json").write_bytes(content)
    with pytest.raises(AccessError, match=r"The table .*cost cannot be used"):
        table.files()


def test_a_file_where_the_folder_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("no folder")
    table = LakeTable(tmp_path / "store" / "cost", SCHEMA)
    assert table.version() is None
    with pytest.raises(AccessError, match=r"store/cost cannot be used"):
        table.commit(add=[], remove=[], seen=None, why={})


def test_a_log_that_takes_no_commit_is_no_other_writer(table: LakeTable) -> None:
    """Saying "run again" would send people round in circles."""
    seen = table.commit(add=[staged(table, "2026-01", "a", [1])], remove=[], seen=None, why={})
    (table.folder / "_delta_log" / f"{seen + 1:020}.json").mkdir()
    with pytest.raises(AccessError):
        table.commit(add=[staged(table, "2026-01", "b", [2])], remove=[], seen=seen, why={})
