"""An ingest whose n-th file operation fails, or where it is killed: readers see whole months, the next run completes.

As SQLite tests I/O errors: first a run is watched for every operation that changes files (opening for writing, writing,
cutting, linking, renaming, syncing, making and removing); then each of them in turn fails, and in turn is the last one
the process does. strace does it from outside, so operations of native code are met as well.
"""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pytest

from tests import exports
from tests.exports import on
from tests.shop import Shop

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed: ./run setup strace"),
]

ROOT = Path(__file__).parents[2]
CHANGES = (
    *("openat", "write", "pwrite64", "ftruncate", "link", "linkat", "rename", "renameat", "renameat2"),
    *("fsync", "fdatasync", "mkdir", "mkdirat", "unlink", "unlinkat", "rmdir"),
)
MONTHS = ("2026-01", "2026-02")
KILLS = 100
LONGEST = 120


@dataclass(frozen=True, slots=True)
class Operation:
    """The n-th call of a name in its thread."""

    call: str
    number: int


@dataclass(slots=True)
class Warm:
    """Runs of `finops ingest` in children of a process that has imported everything."""

    process: "subprocess.Popen[str]"
    shop: Shop
    folder: Path
    said: str = ""

    def run(self, *strace: str, kill_after: float | None = None) -> int:
        """One run, watched by strace where it is given arguments, or killed after a while; its exit code."""
        told = self.folder / "said.txt"
        child = int(self._ask(json.dumps([str(self.shop.folder), str(told)])))
        watcher = _attached(child, self.folder / "trace.txt", strace) if strace else None
        self._tell("go")
        if kill_after is not None:
            time.sleep(kill_after)
            os.kill(child, signal.SIGKILL)
        code = int(self._answer())
        if watcher is not None:
            watcher.wait(LONGEST)
        self.said = told.read_text() if told.exists() else ""
        return code

    def trace(self) -> list[str]:
        """What strace wrote of the last run it watched."""
        return (self.folder / "trace.txt").read_text(errors="replace").splitlines()

    def _tell(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def _answer(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def _ask(self, line: str) -> str:
        self._tell(line)
        return self._answer()


@pytest.fixture
def warm(tmp_path: Path) -> Iterator[Warm]:
    shop = Shop(folder=tmp_path / "shop")
    first = Shop(folder=tmp_path / "first")
    for one in (shop, first):
        one.folder.mkdir()
        exports.settings(one.folder)
        _restate(one, 1)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FINOPS_")}
    (tmp_path / "tmp").mkdir()
    with subprocess.Popen(
        [sys.executable, str(ROOT / "tests/journeys/warm.py"), str(first.folder)],
        cwd=ROOT,
        env={**environment, "XDG_CONFIG_HOME": str(tmp_path), "TMPDIR": str(tmp_path / "tmp"), "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline().strip() == "ready"
        yield Warm(process=process, shop=shop, folder=tmp_path)
        process.stdin.close()


@pytest.mark.parametrize("fault", ["error", "kill"])
def test_whichever_file_operation_fails_months_stay_whole(
    warm: Warm, fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert warm.run() == 0
    before, wanted = warm.shop.cost(), _restate(warm.shop, 2)
    operations = _watched(warm, spare_events=fault == "error")
    assert {"openat", "linkat", "fsync"} <= {operation.call for operation in operations}
    before, hit, ended = wanted, Counter[str](), Counter[str]()
    for at, operation in enumerate(operations):
        wanted = _restate(warm.shop, 3 + at)
        error = ("ENOSPC", "EIO")[at % 2]
        action = f"error={error}" if fault == "error" else "signal=SIGKILL"
        code = warm.run("-e", f"inject={operation.call}:{action}:when={operation.number}")
        injected = code == -signal.SIGKILL or any("INJECTED" in line for line in warm.trace())
        where = f"{operation} {action}"
        assert warm.shop.cost() in (before, wanted), where
        assert warm.shop.allocated() in (before, wanted), where
        assert "Traceback" not in warm.said, f"{where}: {warm.said}"
        if injected:
            hit[operation.call] += 1
            done = warm.shop.cost() == wanted, warm.shop.allocated() == wanted
            ended["all done" if all(done) else "cost committed" if done[0] else "as before"] += 1
            if fault == "error" and code == 0:
                assert all(done), f"{where}: it said that all was well: {warm.said}"
        assert warm.run() == 0, f"{where}: the next run: {warm.said}"
        assert warm.shop.cost() == warm.shop.allocated() == wanted, where
        before = wanted
    assert sum(hit.values()) > len(operations) * 0.8  # threads do not always share their work in the same way
    with capsys.disabled():
        print(f"\n{fault}: {sum(hit.values())} of {len(operations)} operations met: {dict(hit)}; then {dict(ended)}")  # noqa: T201 - what the test is asked to say


def test_a_hundred_kills_with_a_reader_looping(warm: Warm, capsys: pytest.CaptureFixture[str]) -> None:
    began = time.monotonic()
    assert warm.run() == 0
    duration = time.monotonic() - began
    moments = random.Random(1)  # noqa: S311 - moments that repeat, no secret
    fell: Counter[str] = Counter()
    with _reader(warm.shop) as seen:
        for number in range(2, 2 + KILLS):
            old = warm.shop.cost(), warm.shop.allocated()
            wanted = _restate(warm.shop, number)
            code = warm.run(kill_after=duration * moments.uniform(0.05, 1))
            now = warm.shop.cost(), warm.shop.allocated()
            assert now[0] in (old[0], wanted)
            assert now[1] in (old[0], old[1], wanted)  # a run first completes what the one before it committed
            if code != -signal.SIGKILL:
                fell["after its end"] += 1
            elif now == old:
                fell["before a commit"] += 1
            else:
                fell["after both commits" if now == (wanted, wanted) else "between the commits"] += 1
    assert warm.run() == 0
    assert warm.shop.cost() == warm.shop.allocated() == wanted
    assert seen.errors == []
    assert seen.reads > KILLS
    with capsys.disabled():
        print(f"\n{KILLS} kills: {dict(fell)}; {seen.reads} reads meanwhile, none odd")  # noqa: T201 - as above


def test_a_full_disk_is_said_and_leaves_the_table(warm: Warm) -> None:
    assert warm.run() == 0
    before = warm.shop.cost()
    _restate(warm.shop, 5)
    for call in ("pwrite64", "fsync"):
        assert warm.run("-e", f"inject={call}:error=ENOSPC:when=1+") != 0
        assert "Traceback" not in warm.said
        assert warm.shop.cost() == warm.shop.allocated() == before
    assert warm.run() == 0
    assert warm.shop.cost() == warm.shop.allocated() == _restate(warm.shop, 5)


@dataclass(slots=True)
class Seen:
    """What a reader met."""

    reads: int = 0
    errors: list[str] = field(default_factory=list)


@contextmanager
def _reader(shop: Shop) -> Iterator[Seen]:
    """Read both tables over and over: every month must be there, all of one state."""
    seen, stop = Seen(), threading.Event()

    def read() -> None:
        while not stop.is_set():
            try:
                for totals in (shop.cost(), shop.allocated()):
                    if set(totals) != set(MONTHS) or len(set(totals.values())) != 1:
                        seen.errors.append(f"months {totals}")
            except Exception as error:  # noqa: BLE001 - a reader's error is what is looked for
                seen.errors.append(repr(error))
            seen.reads += 1

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()


def _restate(shop: Shop, cost: int) -> dict[str, Decimal]:
    """One export in which every month costs this much."""
    shop.bill("bill.csv", *(on(f"{month}-05", str(cost), project="search") for month in MONTHS))
    return {month: Decimal(cost).normalize() for month in MONTHS}


def _attached(child: int, trace: Path, arguments: tuple[str, ...]) -> "subprocess.Popen[bytes]":
    """Strace, on a process that waits; returns when it holds it."""
    watcher = subprocess.Popen(
        ["strace", "-f", "-y", "-o", str(trace), "-e", f"trace=?{',?'.join(CHANGES)}", *arguments, "-p", str(child)],
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + LONGEST
    while "TracerPid:\t0\n" in Path(f"/proc/{child}/status").read_text():
        assert watcher.poll() is None, "strace may not attach here"
        assert time.monotonic() < until
        time.sleep(0.002)
    return watcher


def _watched(warm: Warm, *, spare_events: bool) -> list[Operation]:
    """Every operation of a run that changes files, by its place among the calls of its name in its thread.

    Args:
        warm: runs it.
        spare_events: leave out places where a thread wakes another one: that is a write as well, and never fails.
    """
    assert warm.run("-e", "signal=none") == 0
    counts: Counter[tuple[str, str]] = Counter()
    found: dict[Operation, None] = {}
    events: set[Operation] = set()
    for line in warm.trace():
        call = re.match(r"(\d+) +(\w+)\((.*)", line)
        if call is None:
            continue
        thread, name, arguments = call.groups()
        counts[thread, name] += 1
        ours = str(warm.folder) in arguments and "said.txt" not in arguments
        reads = name == "openat" and not re.search("O_CREAT|O_WRONLY|O_RDWR", arguments)
        if ours and not reads:
            found[Operation(name, counts[thread, name])] = None
        if "anon_inode" in arguments or "pipe:" in arguments:
            events.add(Operation(name, counts[thread, name]))
    every = [operation for operation in found if not (spare_events and operation in events)]
    writes = [operation for operation in every if operation.call == "write"]
    return [operation for operation in every if operation not in writes or operation in writes[::3]]
