"""Every file operation of a commit fails once, or is where it is killed; of a whole ingest: journeys/test_faults.py."""

import errno
import shutil
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from deltalake import DeltaTable

from finops.store.lake import LakeTable, NoLongerKept
from tests.store.conftest import SCHEMA, amounts
from tests.warm import Warm, warmed

pytestmark = pytest.mark.usefixtures("trapping")


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm]:
    home = tmp_path_factory.mktemp("warm")
    store = home / "store"
    with warmed("commit", store / "cost", watched=[store], home=home, temporary=home) as process:
        yield process


def with_checkpoints(table: LakeTable) -> None:
    """Every commit is to write one; saying so is a commit itself."""
    DeltaTable(str(table.folder)).alter.set_table_properties({"delta.checkpointInterval": "1"})


@pytest.mark.parametrize(
    ("before", "wanted", "error"),
    [
        pytest.param([], [1, 2], 0, id="the first commit is killed"),
        pytest.param([1, 2], [3, 6], 0, id="a later one is killed", marks=pytest.mark.long),
        pytest.param([1, 2], [3, 6], errno.EIO, id="a later one fails", marks=pytest.mark.long),
    ],
)
def test_wherever_a_commit_stops_both_months_are_of_one_state(
    warm: Warm, before: list[int], wanted: list[int], error: int
) -> None:
    """Commit n makes January n and February twice that, in place of what they were; the next one follows it.

    The later one writes a checkpoint as well, as every hundredth does. From each state of the log a next one is tried.
    """
    table, kept = LakeTable(warm.folder, SCHEMA), warm.folder.with_name("kept")
    for folder in (table.folder, kept):
        shutil.rmtree(folder, ignore_errors=True)
    table.folder.mkdir(parents=True)
    if before:
        assert warm.run().code == 0
        with_checkpoints(table)
    shutil.copytree(table.folder, kept)
    whole = warm.run(watched=True).operations
    staged = max(place for place, (call, path) in enumerate(whole, 1) if call == "write" and path.endswith(".parquet"))

    seen, followed = [], set[frozenset[str]]()
    for place in range(staged + 1, len(whole) + 1):
        shutil.rmtree(table.folder)
        shutil.copytree(kept, table.folder)
        outcome = warm.run(watched=True, at=place, error=error)
        where = f"operation {place}, {outcome.operations[place - 1]}: {outcome.said}"
        assert outcome.code == (1 if error else -signal.SIGKILL) or amounts(table) == wanted, where
        seen.append(amounts(table))
        assert seen[-1] in (before, wanted), where
        if outcome.code == 1:
            assert str(table.folder) in outcome.said, where
        if (logged := frozenset(path.name for path in (table.folder / "_delta_log").glob("*"))) not in followed:
            followed.add(logged)
            assert warm.run().code == 0, where
            assert amounts(table) == (wanted if seen[-1] == before else [n + n // wanted[0] for n in wanted]), where
    assert seen == sorted(seen), "it comes, and goes no more"
    assert seen[0] == before
    assert seen[-1] == wanted


def test_rows_and_their_folders_are_on_the_disk_before_the_log_names_them(warm: Warm) -> None:
    """And the log is when the commit returns: a power cut at any moment leaves the table as it was or as it is."""
    shutil.rmtree(warm.folder, ignore_errors=True)
    assert warm.run().code == 0
    calls = [(call, Path(path).suffix) for call, path in warm.run(watched=True).operations]
    named = calls.index(("linkat", ".json#1"))
    written = max(at for at, call in enumerate(calls) if call == ("write", ".parquet"))
    assert calls[written + 1 : named].count(("fsync", ".parquet")) == 2
    assert calls[written + 1 : named].count(("fsync", "")) == 2
    assert [call for call in calls[named:] if call[0] == "fsync"] == [("fsync", ".json"), ("fsync", "")]


def test_a_checkpoint_is_on_the_disk_as_well_when_the_commit_returns(warm: Warm) -> None:
    """Readers begin with it, so one that a power cut left empty would close the table to them."""
    shutil.rmtree(warm.folder, ignore_errors=True)
    assert warm.run().code == 0
    with_checkpoints(LakeTable(warm.folder, SCHEMA))
    operations = warm.run(watched=True).operations
    synced = {Path(path).name for call, path in operations if call == "fsync"}
    assert max((warm.folder / "_delta_log").glob("*.checkpoint.parquet")).name in synced


@pytest.mark.long
@pytest.mark.parametrize("error", [0, errno.EIO], ids=["killed", "fails"])
def test_wherever_a_vacuum_stops_the_newest_rows_stay_and_the_next_one_completes(warm: Warm, error: int) -> None:
    """What an older version needs may be gone from the first removal on, and is told to be."""
    table, kept = LakeTable(warm.folder, SCHEMA), warm.folder.with_name("kept")
    for folder in (table.folder, kept):
        shutil.rmtree(folder, ignore_errors=True)
    assert [warm.run().code for _ in range(3)] == [0, 0, 0]
    first = datetime.fromtimestamp((table.folder / "_delta_log" / f"{1:020}.json").stat().st_mtime, tz=UTC)
    shutil.copytree(table.folder, kept)
    whole = warm.run("vacuum", watched=True).operations
    assert [call for call, _ in whole].count("unlink") == 2 + 4  # temporary entries of the log, and replaced rows

    for place in range(1, len(whole) + 1):
        shutil.rmtree(table.folder)
        shutil.copytree(kept, table.folder)
        outcome = warm.run("vacuum", watched=True, at=place, error=error)
        where = f"operation {place}, {outcome.operations[place - 1]}: {outcome.said}"
        assert amounts(table) == [3, 6], where
        removed = len(list(kept.rglob("*.parquet"))) - len(list(table.folder.rglob("*.parquet")))
        if removed:
            with pytest.raises(NoLongerKept):
                amounts(table, known_at=first)
        assert warm.run("vacuum").code == 0, where
        assert amounts(table) == [3, 6], where
        assert len(list(table.folder.rglob("*.parquet"))) == 2, where
