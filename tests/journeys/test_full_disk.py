"""A disk that is full, or may only be read: the run says so, the tables are as they were, and with room it completes.

Where nobody may mount a file system these are skipped; test_faults.py lets the same operations fail without one.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from tests.journeys.conftest import Shell
from tests.looping import look, restate_both
from tests.shop import Shop
from tests.warm import Warm

pytestmark = pytest.mark.long

STEP = 16 * 1024


@contextmanager
def mounted(folder: Path, size: str) -> Iterator[None]:
    """A file system of a size, at a folder."""
    command = ("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder)
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip(f"this machine lets us mount no file system: {found.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(("umount", "--lazy", folder), check=True)


@pytest.fixture
def store(warm: Warm, warm_shop: Shop) -> Iterator[Path]:
    """A store on a file system of its own, with two months."""
    folder = warm_shop.folder / ".finops"
    folder.mkdir()
    with mounted(folder, "2m"):
        restate_both(warm_shop, 1)
        assert warm.run().code == 0
        yield folder


def fill(store: Path, left: int) -> Path:
    """A file that leaves so many bytes."""
    filler = store / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"1" * 4096)
        except OSError:
            file.truncate(file.tell() - left)
    return filler


def test_on_a_full_disk_the_tables_stay_as_they_were(warm: Warm, warm_shop: Shop, store: Path) -> None:
    """With a little more room in each try, until there is enough."""
    before, files = look(warm_shop), warm_shop.files()
    wanted = restate_both(warm_shop, 2)
    refused = 0
    while look(warm_shop)["cost"] != wanted:
        filler = fill(store, left=STEP * refused)
        outcome = warm.run()
        filler.unlink()
        if outcome.code:
            refused += 1
            assert outcome.code == 1
            assert "No space left on device" in outcome.said, outcome.said
            assert str(store) in outcome.said, outcome.said
            assert "room" in outcome.said or "space" in outcome.said, outcome.said
            if look(warm_shop)["cost"] != wanted:
                assert look(warm_shop) == before
                assert warm_shop.files() == files, "nothing half done is kept"
    assert refused > 2
    assert warm.run().code == 0
    assert look(warm_shop) == {"cost": wanted, "allocated": wanted}


def test_a_store_that_may_only_be_read_is_read(warm: Warm, warm_shop: Shop, shell: Shell, store: Path) -> None:
    before = look(warm_shop)
    wanted = restate_both(warm_shop, 2)
    subprocess.run(("mount", "-o", "remount,ro", store), check=True)

    outcome = warm.run()
    assert outcome.code == 1
    assert "Read-only file system" in outcome.said, outcome.said
    assert str(store) in outcome.said, outcome.said
    assert look(warm_shop) == before
    told = shell.run(warm_shop.folder, "status", "--as-of", "2026-02-10", "--format", "json")
    assert told.code == 0, told.err

    subprocess.run(("mount", "-o", "remount,rw", store), check=True)
    assert warm.run().code == 0
    assert look(warm_shop) == {"cost": wanted, "allocated": wanted}


def test_without_room_for_temporary_files_nothing_is_changed(warm: Warm, warm_shop: Shop) -> None:
    wanted: dict[str, Decimal] = restate_both(warm_shop, 1)
    with mounted(warm.temporary, "16k"):
        outcome = warm.run()
        assert outcome.code == 1
        assert "No space left on device" in outcome.said, outcome.said
        assert str(warm.temporary) in outcome.said, outcome.said
        assert "TMPDIR" in outcome.said, outcome.said
        assert look(warm_shop) == {"cost": {}, "allocated": {}}
    assert warm.run().code == 0
    assert look(warm_shop) == {"cost": wanted, "allocated": wanted}
