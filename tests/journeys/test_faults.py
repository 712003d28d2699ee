"""An ingest whose n-th file operation fails, or where it is killed: readers see whole months, the next run completes.

As SQLite tests I/O errors; store/test_faults.py does the same to a commit alone, in seconds. A first run is watched for
every operation that changes files, in its store or temporary ones; then, from the same state each time, every one of
them fails, fails with all after it, or is where the process is killed.
(strace injects faults as well, but counts the operations of each thread apart, and needs more rights.)
"""

import errno
import re
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TypedDict

import pytest

from tests.looping import restate_both
from tests.shop import Shop
from tests.warm import Warm

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("trapping")]

OPERATIONS = {"openat", "pwrite64", "write", "mkdir", "linkat", "unlink", "fsync"}
DATA_FILE = re.compile(r"/x_BillingMonth=.*\.parquet$")
NAME = re.compile(r"finops-[^/]+|[0-9a-f]{16,}|[a-z0-9_]{8}$")
"""What differs from run to run, and from file to file, in names of temporary files."""
TWICE = 2


class Fault(TypedDict, total=False):
    """What happens at a place: nothing said is a kill."""

    error: int
    on: bool


FAULTS: dict[str, Fault] = {
    "is killed there": {},
    "fails once": {"error": errno.EIO},
    "fails with all after it": {"error": errno.ENOSPC, "on": True},
}


@dataclass(slots=True)
class Trial:
    """One ingest, started again and again from the same state of the store.

    Attributes:
        warm: runs it.
        shop: where.
        kept: a copy of the store as every run finds it.
        before, wanted: both tables' months then, and after a whole run.
        operations: of a whole run.
        met: operations at which a fault fell.
        ended: which tables had the new months after a fault.
        next_runs: states of the logs from which a next run has completed.
    """

    warm: Warm
    shop: Shop
    kept: Path
    before: dict[str, Decimal]
    wanted: dict[str, Decimal]
    operations: list[tuple[str, str]]
    met: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    next_runs: set[frozenset[tuple[str, int]]] = field(default_factory=set)

    def places(self) -> list[int]:
        """Operations, counted from 1, but those that do again what others did."""
        store, repeated = str(_store(self.shop)), Counter[tuple[str, str]]()
        found = []
        for place, (call, path) in enumerate(self.operations, 1):
            if path.startswith(store):
                is_new = bool(self.before) or not DATA_FILE.search(path)
            else:
                kind = (call, NAME.sub("", path))
                repeated[kind] += 1
                is_new = bool(self.before) and repeated[kind] <= TWICE
            if is_new:
                found.append(place)
        return found

    def fault(self, place: int, name: str) -> None:
        """Let the fault happen at a place, look at both tables, and let the next run complete."""
        warm, shop, store = self.warm, self.shop, _store(self.shop)
        _clear(store, *warm.temporary.iterdir())
        if self.kept.exists():
            shutil.copytree(self.kept, store)
        outcome = warm.run(watched=True, at=place, **FAULTS[name])
        cost, allocated = shop.cost(), shop.allocated()
        if len(outcome.operations) < place:  # threads of the engine write in more or fewer pieces from run to run
            assert cost == allocated == self.wanted
            self.met["operations that did not come"] += 1
            return
        call, path = outcome.operations[place - 1]
        where = f"operation {place}, {call} {path}, {name}"
        assert cost in (self.before, self.wanted), where
        assert allocated in (self.before, self.wanted), where
        assert cost == self.wanted or allocated == self.before, where
        if name == "is killed there":
            assert outcome.code == -signal.SIGKILL, where
        elif outcome.code == 0:
            assert cost == allocated == self.wanted, f"{where}: it said that all was well: {outcome.said}"
        else:
            assert outcome.code == 1, f"{where}: {outcome.said}"
            assert "finops: " in outcome.said, where
        self.met[call] += 1
        self.ended[_end(cost == self.wanted, allocated == self.wanted)] += 1
        if (found := _state(store)) not in self.next_runs:
            self.next_runs.add(found)
            outcome = warm.run()
            assert outcome.code == 0, f"{where}: the next run: {outcome.said}"
            assert shop.cost() == shop.allocated() == self.wanted, where
            assert not list(warm.temporary.glob("*/.finops-lock")), f"{where}: left behind"

    def report(self) -> str:
        """How many faults fell where."""
        calls = ", ".join(f"{count} {call}" for call, count in sorted(self.met.items()))
        ends = ", ".join(f"{count} {end}" for end, count in self.ended.items())
        return f"{self.met.total()} faults ({calls}): {ends}; next runs from {len(self.next_runs)} states of the logs"


def restating(warm: Warm, shop: Shop) -> Trial:
    """A store of two months that two deliveries fill; both of them were restated, and change both months."""
    before = restate_both(shop, 1)
    assert warm.run().code == 0
    return _trial(warm, shop, before)


def making(warm: Warm, shop: Shop) -> Trial:
    """No store yet."""
    return _trial(warm, shop, {})


def _trial(warm: Warm, shop: Shop, before: dict[str, Decimal]) -> Trial:
    kept = shop.folder.with_name("kept")
    _clear(kept, *warm.temporary.iterdir())
    if before:
        shutil.copytree(_store(shop), kept)
    wanted = restate_both(shop, 2)
    operations = warm.run(watched=True).operations
    assert {call for call, _ in operations} >= OPERATIONS
    return Trial(warm=warm, shop=shop, kept=kept, before=before, wanted=wanted, operations=operations)


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        *((restating, fault) for fault in FAULTS),
        *((making, fault) for fault in ("is killed there", "fails once")),
    ],
)
def test_whichever_file_operation_fails_months_stay_whole(
    warm: Warm, warm_shop: Shop, make: Callable[[Warm, Shop], Trial], fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every operation on the store fails; left out are repeats alone.

    A new store differs from an old one in its folders and logs, so nothing else fails while one is made. Of operations
    on temporary files the first two of a kind fail, such as writes into a fetched file: nobody reads it between them.
    Where all operations fail from one on, a run ends as where that one fails, but for how it cleans up: every sixth
    is enough.
    """
    trial = make(warm, warm_shop)
    places = trial.places()
    for place in places[:: 6 if FAULTS[fault].get("on") else 1]:
        trial.fault(place, fault)
    assert trial.ended.keys() >= {"before the commits", "between the commits"}
    assert trial.met["operations that did not come"] <= 2
    with capsys.disabled():
        sys.stdout.write(
            f"\n{make.__name__} a store, {len(trial.operations)} operations, one {fault}: {trial.report()}"
        )


def _clear(*folders: Path) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def _store(shop: Shop) -> Path:
    return shop.folder / ".finops"


def _end(cost: bool, allocated: bool) -> str:  # noqa: FBT001 - whether either is committed
    if cost and allocated:
        return "after both commits"
    return "between the commits" if cost else "before the commits"


def _state(store: Path) -> frozenset[tuple[str, int]]:
    """What a next run can meet: files of the logs. Data files that no log names have names that no run looks for."""
    logs = [file for log in store.glob("*/_delta_log") for file in log.iterdir()]
    return frozenset((str(file.relative_to(store)), file.stat().st_size) for file in logs)
