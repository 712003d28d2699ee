"""`finops ingest`: one line per source, twice the same."""

import os
from pathlib import Path

from tests import exports
from tests.cli.conftest import Run
from tests.exports import on
from tests.shop import Shop, money


def test_one_line_says_what_each_source_did(run: Run, shop: Shop) -> None:
    shop.bill("a.csv", on("2026-01-05", "10"), on("2026-02-05", "10"))
    exports.settings(shop.folder)
    ran = run(shop.folder, "ingest")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == (
        "acme: 2 rows from 1 new or restated delivery (2026-01 to 2026-02), 0 unchanged\nallocated 2 months anew\n"
    )
    again = run(shop.folder, "ingest")
    assert (again.code, again.out, again.err) == (0, "", "acme: nothing new, 1 delivery unchanged\n")


def test_findings_are_shown(run: Run, shop: Shop) -> None:
    shop.bill("a.csv", on("2026-01-05", "10", category="Odd"))
    exports.settings(shop.folder)
    assert "warning acme: a.csv: ChargeCategory holds what FOCUS does not allow" in run(shop.folder, "ingest").err
    (shop.folder / "bills" / "a.csv").rename(shop.folder / "bills" / "b.txt")
    shop.bill("c.csv", on("2026-02-05", "1"))
    assert "no longer holds deliveries read earlier (2026-01)" in run(shop.folder, "ingest").err


def test_a_source_no_longer_named_is_told(run: Run, shop: Shop) -> None:
    shop.bill("a.csv", on("2026-01-05", "10"))
    exports.settings(shop.folder, ("old", "focus", "bills"))
    run(shop.folder, "ingest")
    exports.settings(shop.folder, ("new", "focus", "bills"))
    ran = run(shop.folder, "ingest")
    assert ran.code == 0
    assert "warning finops.toml no longer names the source old; its 1 row stays in the table and counts." in ran.err


def test_verbose_tells_every_delivery_and_quiet_none(run: Run, shop: Shop) -> None:
    shop.bill("a.csv", on("2026-01-05", "10"))
    exports.settings(shop.folder)
    assert run(shop.folder, "ingest", "--quiet").err == ""
    shop.bill("a.csv", on("2026-01-05", "11"))
    told = run(shop.folder, "ingest", "--verbose").err
    assert "acme: reading a.csv\n" in told
    assert "acme: allocating 2026-01\n" in told


def test_allocate_only_reads_no_export(run: Run, shop: Shop) -> None:
    bill = shop.bill("a.csv", on("2026-01-05", "10"))
    exports.settings(shop.folder)
    run(shop.folder, "ingest")
    bill.unlink()
    exports.settings(shop.folder, rules="")
    ran = run(shop.folder, "ingest", "--allocate-only")
    assert (ran.code, ran.err) == (0, "allocated 1 month anew\n")


def test_vacuum_removes_what_a_killed_run_left_and_keeps_the_tables(run: Run, shop: Shop) -> None:
    shop.bill("a.csv", on("2026-01-05", "10"))
    exports.settings(shop.folder)
    run(shop.folder, "ingest")
    left = Path(shop.tables.cost.files()[0].uri).with_name("left.parquet")
    left.write_bytes(b"half a file")
    os.utime(left, (0, 0))
    ran = run(shop.folder, "ingest", "--vacuum")
    assert (ran.code, ran.out) == (0, "")
    assert "vacuum: 1 file removed; rows are kept as known since 90 days, daily sums for good\n" in ran.err
    assert not left.exists()
    assert shop.cost() == shop.allocated() == money(m01="10")


def test_an_empty_export_is_nothing_new(run: Run, shop: Shop) -> None:
    shop.bill("a.csv")
    exports.settings(shop.folder)
    assert run(shop.folder, "ingest").err == "acme: nothing new, 0 deliveries unchanged\n"
