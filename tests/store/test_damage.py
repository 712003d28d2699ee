"""What a power cut, a full disk or a clock can do to a table: it is told with its place, or changes nothing."""

import json
import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from deltalake import DeltaTable

from finops.errors import AccessError, FinopsError
from finops.store.engine import DamagedTable, Engine
from finops.store.lake import PARTITIONS, LakeTable
from tests.exports import on
from tests.rights import without_rights
from tests.shop import Shop, money
from tests.store.conftest import SCHEMA, amounts, now, staged


@pytest.fixture
def filled(table: LakeTable) -> LakeTable:
    """A table of two commits: amounts 1 and 2, then 10 and 20."""
    for factor in (1, 10):
        files = [staged(table, f"2026-0{n}", str(factor), [n * factor]) for n in (1, 2)]
        table.commit(add=files, remove=table.files(), seen=table.version(), why={})
    return table


def newest(table: LakeTable) -> Path:
    return max((table.folder / "_delta_log").glob("*.json"))


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda entry: entry.write_bytes(b""), "is empty"),
        (cut, "is damaged"),
        (lambda entry: entry.write_bytes(b"\x00" * 512), "is damaged"),
        (lambda entry: entry.write_text("[1]\n"), "is damaged"),
    ],
    ids=["empty", "cut", "zeros", "no objects"],
)
def test_a_damaged_log_entry_is_named_and_without_it_the_table_is_as_before(
    filled: LakeTable, damage: Callable[[Path], object], words: str
) -> None:
    """An empty one is what a power cut leaves; the library would read it as a commit that changes nothing."""
    entry = newest(filled)
    damage(entry)
    with pytest.raises(AccessError, match=f"log entry .*{entry.name} {words}") as told:
        filled.files()
    with pytest.raises(AccessError, match=entry.name):
        filled.commit(add=[staged(filled, "2026-01", "new", [5])], remove=[], seen=2, why={})
    assert "newest entry, you may delete it" in told.value.todo

    entry.unlink()
    assert amounts(filled) == [1, 2]


def test_a_missing_log_entry_is_no_other_table(filled: LakeTable) -> None:
    before = sorted((filled.folder / "_delta_log").glob("*.json"))[-2]
    before.unlink()
    with pytest.raises(AccessError, match=r"its log has a gap between 0+\.json and 0+2\.json"):
        filled.files()


def test_a_damaged_hint_at_a_checkpoint_changes_nothing(filled: LakeTable) -> None:
    (filled.folder / "_delta_log" / "_last_checkpoint").write_text("{garbage")
    assert amounts(filled) == [10, 20]
    filled.commit(add=[], remove=filled.files()[:1], seen=filled.version(), why={})
    assert amounts(filled) == [20]


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (cut, "is damaged"),
        (lambda file: file.write_bytes(b""), "is damaged"),
        (lambda file: file.write_bytes((data := file.read_bytes())[:600] + b"\xff" * 400 + data[1000:]), "is damaged"),
        (Path.unlink, "is gone"),
    ],
    ids=["cut", "empty", "other bytes", "gone"],
)
def test_a_damaged_checkpoint_is_named_and_the_log_does_without(
    filled: LakeTable, damage: Callable[[Path], object], words: str
) -> None:
    """Every hundredth commit makes one, so that readers need not read every entry."""
    DeltaTable(str(filled.folder)).create_checkpoint()
    [checkpoint] = (filled.folder / "_delta_log").glob("*.checkpoint.parquet")
    damage(checkpoint)
    with pytest.raises(AccessError, match=f"checkpoint .*{checkpoint.name} {words}") as told:
        filled.files()
    with pytest.raises(AccessError, match=checkpoint.name):
        filled.commit(add=[staged(filled, "2026-01", "new", [5])], remove=[], seen=2, why={})
    assert f"Delete {checkpoint.name} and _last_checkpoint there" in told.value.todo

    checkpoint.unlink(missing_ok=True)
    (filled.folder / "_delta_log" / "_last_checkpoint").unlink()
    assert amounts(filled) == [10, 20]
    (filled.folder / "_delta_log" / f"{0:020}.json").rename(filled.folder / "kept")
    (filled.folder / "_delta_log" / "_last_checkpoint").write_text('{"version": 2, "size": 6}')
    with pytest.raises(AccessError, match=checkpoint.name) as told:
        filled.files()
    assert "from a backup" in told.value.todo


@pytest.mark.parametrize("damage", [Path.unlink, cut], ids=["gone", "cut"])
def test_a_data_file_that_is_not_whole_is_told_and_is_in_no_state(
    filled: LakeTable, engine: Engine, damage: Callable[[Path], object]
) -> None:
    broken, whole = filled.files()
    damage(Path(broken.uri))
    assert [(file.part, file.state) for file in filled.files()] == [(broken.part, ""), (whole.part, whole.state)]
    with pytest.raises(DamagedTable, match=Path(broken.uri).name) as told:
        engine.bind_files("cost", [file.uri for file in filled.files()], SCHEMA, PARTITIONS)
    assert "`finops ingest` makes it again" in told.value.todo


@pytest.mark.long
def test_the_next_ingest_makes_damaged_data_files_again(shop: Shop) -> None:
    shop.bill("a.csv", on("2026-01-05", "10"), on("2026-02-05", "20"))
    shop.ingest()
    cut(Path(shop.tables.cost.files()[0].uri))
    Path(shop.tables.allocated.files()[1].uri).unlink()

    shop.ingest()

    assert shop.cost() == shop.allocated() == money(m01="10", m02="20")
    files = shop.files()
    shop.ingest()
    assert shop.files() == files


def stamp(table: LakeTable, version: int, moment: datetime) -> None:
    """Let a commit say that it was made then."""
    entry = table.folder / "_delta_log" / f"{version:020}.json"
    lines = [json.loads(line) for line in entry.read_text().splitlines()]
    milliseconds = int(moment.timestamp() * 1000)
    for line in lines:
        if "commitInfo" in line:
            line["commitInfo"]["timestamp"] = milliseconds
    entry.write_text("".join(json.dumps(line) + "\n" for line in lines))
    os.utime(entry, (milliseconds / 1000, milliseconds / 1000))


def test_a_clock_that_jumps_back_hides_no_commit(filled: LakeTable) -> None:
    """The newest entry says that it was made tomorrow; then the clock is put right, and another commit follows."""
    stamp(filled, 2, now() + timedelta(days=1))

    assert amounts(filled) == [10, 20]
    files = [file for file in filled.files() if file.month == "2026-01"]
    filled.commit(add=[staged(filled, "2026-01", "later", [11])], remove=files, seen=filled.version(), why={})
    assert amounts(filled) == amounts(filled, known_at=now() + timedelta(seconds=1)) == [11, 20]


@pytest.mark.parametrize(
    ("hour", "known"), [(9, []), (10, [1, 2]), (11, [100, 200]), (12, [100, 200])], ids="{}:30".format
)
def test_of_commits_whose_times_go_back_the_last_one_counts_from_the_time_it_says(
    filled: LakeTable, hour: int, known: list[int]
) -> None:
    """At 10:00, at 12:00 by a clock that was ahead, and at 11:00; a vacuum keeps what answers."""
    files = [staged(filled, f"2026-0{n}", "100", [n * 100]) for n in (1, 2)]
    filled.commit(add=files, remove=filled.files(), seen=filled.version(), why={})
    day = datetime(2026, 3, 1, tzinfo=UTC)
    for version, made in enumerate((10, 10, 12, 11)):
        stamp(filled, version, day.replace(hour=made))
    at = day.replace(hour=hour, minute=30)
    assert amounts(filled, known_at=at) == known
    filled.vacuum(at, grace_hours=0)
    assert amounts(filled, known_at=at) == known
    assert amounts(filled) == [100, 200]


def test_a_table_that_may_not_be_written_says_so_and_is_read_as_before(filled: LakeTable, tmp_path: Path) -> None:
    late = staged(filled, "2026-01", "late", [5])
    folders = (tmp_path, *tmp_path.parents)
    for folder in (one for one in folders if not one.stat().st_mode & 0o001):
        folder.chmod(0o755)  # as pytest makes its own, they are closed to others
    with without_rights(filled.folder / "_delta_log", 0o555):
        with pytest.raises(FinopsError, match=r"Unable to open file .*_delta_log.*: Permission denied"):
            filled.commit(add=[late], remove=filled.files(), seen=filled.version(), why={})
        assert amounts(filled) == [10, 20]


def test_readers_wait_for_no_writer_and_see_no_mixture(filled: LakeTable) -> None:
    """Every commit replaces both months; a reader finds both of one commit, while a writer is at it."""
    done, seen = threading.Event(), set()

    def write() -> None:
        for factor in range(11, 31):
            files = [staged(filled, f"2026-0{n}", str(factor), [n * factor]) for n in (1, 2)]
            filled.commit(add=files, remove=filled.files(), seen=filled.version(), why={})
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not done.is_set():
        january, february = amounts(LakeTable(filled.folder, SCHEMA))
        assert february == 2 * january
        seen.add(january)
    writer.join()
    assert amounts(filled) == [30, 60]
    assert len(seen) > 1
