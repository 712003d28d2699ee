"""A vacuum removes what no kept version names; whoever asks for an older one is told, and daily sums still answer."""

import os
import time
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from finops.errors import AccessError
from finops.store.engine import Engine
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


def daily(shop: Shop, engine: Engine, known_at: datetime | None) -> list[Decimal]:
    """Billed cost per row of the daily table."""
    rows = engine.rows(shop.tables.read_allocated(engine, known_at=known_at))
    return [row["BilledCost"] for row in rows]


def test_daily_sums_answer_for_times_whose_rows_are_gone(tmp_path: Path, engine: Engine) -> None:
    shop = Shop(folder=tmp_path)
    moments = []
    exports.settings(shop.folder)
    for cost in ("10", "20"):
        shop.bill("bill.csv", on("2026-01-05", cost, project="search"))
        shop.ingest()
        time.sleep(0.01)
        moments.append(now())
        time.sleep(0.01)

    assert shop.tables.vacuum(moments[1], engine, grace_hours=0) == 2
    assert daily(shop, engine, moments[0]) == [Decimal(10)]
    assert daily(shop, engine, moments[1]) == daily(shop, engine, None) == [Decimal(20)]
    assert (shop.tables.from_vintages(known_at=moments[0]), shop.tables.from_vintages(known_at=moments[1])) == (1, 0)
    before, after = (shop.tables.notes([("acme", "2026-01")], known_at=at) for at in (moments[0], None))
    assert before != after
    assert all(before.values())
    (kept,) = shop.query("vintages", "BilledCost, epoch_ms(x_KnownFrom) / 1000, epoch_ms(x_KnownTo) / 1000")
    assert kept[0] == 10
    assert kept[1] < moments[0].timestamp() < kept[2] < moments[1].timestamp()
    assert shop.tables.vacuum(moments[1], engine, grace_hours=0) == 0
    assert len(shop.query("vintages", "BilledCost")) == 1
    assert shop.allocated() == shop.cost() == money(m01="20")
    with pytest.raises(AccessError, match=r"cost as known at .* removed by a vacuum"):
        shop.cost(known_at=moments[0])
    versions = shop.versions()
    assert shop.ingest().allocated == ()
    assert shop.versions() == versions
