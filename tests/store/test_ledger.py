"""The ledger on disk: entries are added once, never changed, and come back as they went in."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from finops.errors import AccessError
from finops.store import ledger
from tests.forecast.test_ledger import LLM, MORNING, issued

FLOP = issued("123456789012345678901234567890.123456", measure="flop", unit="flop", known_at=MORNING)
EVENTS = issued(
    base=Decimal("88.5"), events=(("launch", Decimal("11.5")),), scope=LLM, run_rate=None, cost_version=None
)


def _files(store: Path) -> dict[str, tuple[int, int]]:
    return {path.name: (path.stat().st_mtime_ns, path.stat().st_size) for path in store.rglob("*") if path.is_file()}


def test_an_empty_store_holds_none(tmp_path: Path) -> None:
    assert ledger.read(tmp_path) == []


def test_entries_come_back_as_they_went_in(tmp_path: Path) -> None:
    said = [issued(), FLOP, EVENTS]
    assert ledger.keep(tmp_path, said) == 3
    back = {one.entry: one for one in ledger.read(tmp_path)}
    assert back == {one.entry: one for one in said}


def test_the_same_forecast_is_kept_once_and_writes_nothing(tmp_path: Path) -> None:
    ledger.keep(tmp_path, [issued(), issued()])
    before = _files(tmp_path)
    later = replace(issued(), issued_at=MORNING + timedelta(days=1))
    assert ledger.keep(tmp_path, [later]) == 0
    assert _files(tmp_path) == before
    assert [one.issued_at for one in ledger.read(tmp_path)] == [MORNING]


def test_a_new_entry_leaves_every_older_file_as_it_was(tmp_path: Path) -> None:
    ledger.keep(tmp_path, [issued()])
    before = _files(tmp_path)
    assert ledger.keep(tmp_path, [issued("101")]) == 1
    after = _files(tmp_path)
    assert {name: after[name] for name in before} == before
    assert len(ledger.read(tmp_path)) == 2


def test_the_table_itself_refuses_to_lose_rows(tmp_path: Path) -> None:
    from deltalake import DeltaTable
    from deltalake.exceptions import DeltaError

    ledger.keep(tmp_path, [issued()])
    with pytest.raises(DeltaError):
        DeltaTable(str(tmp_path / "forecasts")).delete()


def test_two_that_write_at_once_are_both_kept(tmp_path: Path) -> None:
    ledger.keep(tmp_path, [issued()])
    forecasts = [issued(str(200 + at)) for at in range(4)]
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda one: ledger.keep(tmp_path, [one]), forecasts)) == 4
    assert len(ledger.read(tmp_path)) == 5


def test_one_entry_twice_in_the_files_is_read_once_as_first_said(tmp_path: Path) -> None:
    """What two runs leave behind that did not see one another."""
    from deltalake import write_deltalake

    ledger.keep(tmp_path, [replace(issued(), issued_at=MORNING + timedelta(hours=1))])
    write_deltalake(str(tmp_path / "forecasts"), ledger._table([issued()]), mode="append")  # noqa: SLF001 - as `keep` does
    assert [one.issued_at for one in ledger.read(tmp_path)] == [MORNING]


def test_a_folder_that_is_no_table_is_an_error_in_words(tmp_path: Path) -> None:
    (tmp_path / "forecasts" / "_delta_log").mkdir(parents=True)
    (tmp_path / "forecasts" / "_delta_log" / "00000000000000000000.json").write_text("no JSON")
    with pytest.raises(AccessError, match=r"The ledger of forecasts .* cannot be used"):
        ledger.read(tmp_path)


def test_times_are_in_utc(tmp_path: Path) -> None:
    ledger.keep(tmp_path, [FLOP])
    (back,) = ledger.read(tmp_path)
    assert back.issued_at.tzinfo is UTC
    assert isinstance(back.known_at, datetime)
