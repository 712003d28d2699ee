"""A run's folder for temporary files: gone with the run, or with the next one where the run was killed."""

import fcntl
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from finops.store.scratch import DiskRefused, scratch
from tests import exports
from tests.exports import on
from tests.rights import without_rights
from tests.shop import Shop, money

RUN = """
import sys, time
from pathlib import Path
from finops.store.scratch import scratch
with scratch(Path(sys.argv[1])) as folder:
    (folder / "spill").mkdir()
    (folder / "spill" / "rows.tmp").write_bytes(b"1" * 9)
    print(folder, flush=True)
    time.sleep(60)
"""


def running(below: Path) -> "tuple[subprocess.Popen[str], Path]":
    """A run that is at work, and its folder."""
    process = subprocess.Popen([sys.executable, "-c", RUN, str(below)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_the_next_run_removes_what_a_killed_one_left_and_nothing_of_one_at_work(tmp_path: Path) -> None:
    killed, left = running(tmp_path)
    working, used = running(tmp_path)
    try:
        assert (left / "spill" / "rows.tmp").exists(), "the second run found it in use"
        killed.send_signal(signal.SIGKILL)
        killed.communicate()

        with scratch(tmp_path) as ours:
            assert sorted(tmp_path.iterdir()) == sorted([used, ours])
            assert (used / "spill" / "rows.tmp").exists()
    finally:
        working.kill()
        working.communicate()
    with scratch(tmp_path) as ours:
        assert list(tmp_path.iterdir()) == [ours]
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), scratch(tmp_path) as folder:
        (folder / "rows.tmp").write_text(str(1 / 0))
    assert list(tmp_path.iterdir()) == []


def left(below: Path, name: str = "finops-left") -> Path:
    """A folder as a killed run leaves it."""
    folder = below / name
    folder.mkdir(mode=0o700)
    (folder / ".finops-lock").touch(0o600)
    (folder / "rows.tmp").touch()
    return folder


def test_what_is_not_certainly_ours_stays(tmp_path: Path) -> None:
    """In a folder that everybody may write to, anything may have such a name."""
    precious, below = left(tmp_path, "precious"), tmp_path / "below"
    below.mkdir()
    (below / "finops-link").symlink_to(precious)
    (below / "finops-file").touch()
    (below / "finops-empty").mkdir()
    left(below, "other-tool")
    left(below, "finops-open").chmod(0o777)
    linked = left(below, "finops-linked")
    (linked / ".finops-lock").unlink()
    (linked / ".finops-lock").symlink_to(precious / ".finops-lock")
    pipe = left(below, "finops-pipe")
    (pipe / ".finops-lock").unlink()
    os.mkfifo(pipe / ".finops-lock", 0o600)
    found = sorted(tmp_path.rglob("*"))

    with scratch(below):
        pass

    assert sorted(tmp_path.rglob("*")) == found


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to somebody else")
def test_what_somebody_else_made_stays(tmp_path: Path) -> None:
    theirs, mixed = left(tmp_path, "finops-theirs"), left(tmp_path, "finops-mixed")
    os.chown(theirs, 65534, 65534)
    os.chown(mixed / ".finops-lock", 65534, 65534)
    with scratch(tmp_path):
        pass
    assert {path.name for path in tmp_path.iterdir()} == {"finops-theirs", "finops-mixed"}


def test_links_inside_are_removed_and_not_followed(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "bill.csv").touch()
    below = tmp_path / "below"
    below.mkdir()
    folder = left(below)
    (folder / "link").symlink_to(precious)
    (folder / "spill").mkdir()
    (folder / "spill" / "link").symlink_to(precious)

    with scratch(below) as ours:
        assert list(below.iterdir()) == [ours]

    assert (precious / "bill.csv").exists()


def test_removing_that_is_cut_short_is_taken_up_again(tmp_path: Path) -> None:
    """The lock file goes last, so what is left still counts as left."""
    folder = left(tmp_path)
    (folder / "closed").mkdir()
    (folder / "closed" / "rows.tmp").touch()
    entered = [one for one in (tmp_path, *tmp_path.parents) if not one.stat().st_mode & 0o001]
    for one in entered:
        one.chmod(0o755)  # as pytest makes its own, they are closed to others
    nobody = os.geteuid() == 0  # root has every right, so somebody without any takes its place
    for path in (tmp_path, folder, *folder.rglob("*")) if nobody else ():
        os.chown(path, 65534, 65534)

    with without_rights(folder / "closed", 0o500), scratch(tmp_path):
        assert (folder / ".finops-lock").exists()
    for path in (folder, folder / ".finops-lock") if nobody else ():
        os.chown(path, 0, 0)
    with scratch(tmp_path):
        assert not folder.exists()


def test_a_folder_whose_lock_another_process_holds_stays(tmp_path: Path) -> None:
    folder = left(tmp_path)
    with (folder / ".finops-lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        with scratch(tmp_path):
            assert folder.exists()
    with scratch(tmp_path):
        assert not folder.exists()


def test_nobody_else_may_look_into_it_and_it_is_made_where_it_was_asked_for(tmp_path: Path) -> None:
    with scratch(tmp_path / "a" / "b") as folder:
        assert folder.parent == tmp_path / "a" / "b"
        assert folder.stat().st_mode & 0o077 == 0


def test_what_the_disk_refuses_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(DiskRefused, match=r"file.* cannot be read or written: (Not a directory|File exists)"),
        scratch(tmp_path / "file"),
    ):
        pass
    with (
        pytest.raises(DiskRefused, match=r"rows\.tmp cannot be read or written: No such file") as told,
        scratch(tmp_path) as folder,
    ):
        (folder / "gone" / "rows.tmp").read_bytes()
    assert "`spill` under [store]" in told.value.todo


def test_an_ingest_uses_the_folder_that_the_configuration_names(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is made where the system keeps temporary files."""
    shop.bill("a.csv", on("2026-01-05", "10"))
    config = exports.configured(shop.folder)
    spill = shop.folder / "spilled"
    spill.mkdir()
    killed = left(spill)
    monkeypatch.setattr("tempfile.tempdir", str(shop.folder / "system"))
    shop.ingest(replace(config, store=replace(config.store, spill=spill)))
    assert shop.cost() == money(m01="10")
    assert not killed.exists()
    assert not any(spill.iterdir())
    assert not (shop.folder / "system").exists()
