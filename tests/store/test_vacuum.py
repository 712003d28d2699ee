"""A vacuum removes what no kept version names; whoever asks for an older one is told, and daily sums still answer."""

import os
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from finops.errors import AccessError
from finops.store.lake import LakeTable
from tests import exports
from tests.exports import on
from tests.shop import Shop, money
from tests.store.conftest import amounts, now, staged

OLD = timedelta(days=2).total_seconds()


def aged(path: Path) -> None:
    """As if it had been written two days ago."""
    then = path.stat().st_mtime - OLD
    os.utime(path, (then, then))


def restated(table: LakeTable, values: int) -> list[datetime]:
    """A month restated again and again; a moment at which each state was the newest."""
    moments = []
    for value in range(values):
        file = staged(table, "2026-01", str(value), [value])
        table.commit(add=[file], remove=table.files(), seen=table.version(), why={})
        time.sleep(0.01)
        moments.append(now())
        time.sleep(0.01)
    return moments


def on_disk(table: LakeTable) -> int:
    return len(list(table.folder.rglob("*.parquet")))


def test_versions_since_the_kept_time_stay_and_an_older_one_is_refused_with_that_time(table: LakeTable) -> None:
    moments = restated(table, 4)

    assert table.vacuum(moments[2], grace_hours=0) == 2
    assert on_disk(table) == 2
    assert [amounts(table, known_at=moment) for moment in (*moments[2:], now())] == [[2], [3], [3]]
    for moment in moments[:2]:
        with pytest.raises(AccessError, match=f"kept as known since {moments[2]:%Y-%m-%d %H:%M} UTC"):
            table.files(known_at=moment)


def test_what_was_replaced_today_stays_for_who_reads_it(table: LakeTable) -> None:
    moments = restated(table, 2)
    assert table.vacuum(moments[1]) == 0
    assert on_disk(table) == 2


def test_a_second_vacuum_finds_nothing_and_forgets_nothing(table: LakeTable) -> None:
    moments = restated(table, 3)
    table.vacuum(moments[1], grace_hours=0)
    assert table.vacuum(moments[0], grace_hours=0) == 0
    with pytest.raises(AccessError, match="removed by a vacuum"):
        table.files(known_at=moments[0])
    assert amounts(table, known_at=moments[1]) == [1]


def test_a_time_before_every_version_keeps_them_all(table: LakeTable) -> None:
    before = now() - timedelta(seconds=1)
    moments = restated(table, 3)
    assert table.vacuum(before, grace_hours=0) == 0
    assert [amounts(table, known_at=moment) for moment in moments] == [[0], [1], [2]]


def test_what_a_killed_run_left_goes_and_what_a_run_may_be_writing_stays(table: LakeTable) -> None:
    moments = restated(table, 2)
    left, writing = staged(table, "2026-01", "left", [7]), staged(table, "2026-02", "writing", [8])
    aged(left.written.path)

    assert table.vacuum(None) == 1
    assert not left.written.path.exists()
    assert writing.written.path.exists()
    assert [amounts(table, known_at=moment) for moment in moments] == [[0], [1]]
    table.commit(add=[writing], remove=[], seen=table.version(), why={})
    assert amounts(table) == [1, 8]


def test_a_table_that_does_not_exist_has_nothing_to_remove(table: LakeTable) -> None:
    assert table.vacuum(now()) == 0
    assert not table.folder.exists()


def test_daily_sums_answer_for_times_whose_rows_are_gone(tmp_path: Path) -> None:
    shop = Shop(folder=tmp_path)
    moments = []
    exports.settings(shop.folder)
    for cost in ("10", "20"):
        shop.bill("bill.csv", on("2026-01-05", cost, project="search"))
        shop.ingest()
        time.sleep(0.01)
        moments.append(now())
        time.sleep(0.01)

    assert shop.tables.cost.vacuum(moments[1], grace_hours=0) == 1
    assert shop.tables.allocated.vacuum(None, grace_hours=0) == 0
    assert shop.allocated(known_at=moments[0]) == money(m01="10")
    assert shop.allocated() == shop.cost() == money(m01="20")
    with pytest.raises(AccessError, match=r"cost as known at .* removed by a vacuum"):
        shop.cost(known_at=moments[0])
    versions = shop.versions()
    assert shop.ingest().allocated == ()
    assert shop.versions() == versions
