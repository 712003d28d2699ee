"""A run that is killed at any moment, or meets another one, leaves whole months, and the next run finishes the work."""

import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests import exports, trap
from tests.exports import on
from tests.journeys.conftest import Shell
from tests.looping import look, restate_both
from tests.shop import Shop
from tests.warm import Outcome, Warm

pytestmark = pytest.mark.long

MONTHS = tuple(f"2026-{number:02d}" for number in range(1, 7))
KILLS = 100
PLACES = (
    *("before the first file", "while staging cost", "while committing cost", "between both tables"),
    *("while committing allocated", "after"),
)
ROOT = Path(__file__).parents[2]


def restate(shop: Shop, cost: int) -> dict[str, Decimal]:
    """Exports in which every month costs twenty times this much; their totals by month."""
    for month in MONTHS:
        shop.bill(f"{month}.csv", *(on(f"{month}-{day:02d}", str(cost), project="search") for day in range(1, 21)))
    return {month: (Decimal(cost) * 20).normalize() for month in MONTHS}


@pytest.mark.skipif(sys.platform != "linux", reason="a child is waited for as Linux does it")
def test_killed_at_random_moments_while_a_reader_loops(
    warm: Warm, warm_shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every export changes both months; every tenth run may end."""
    shop, why = warm_shop, trap.missing()
    wanted = restate_both(shop, 1)
    began = time.monotonic()
    assert warm.run(watched=why is None).code == 0
    duration = time.monotonic() - began
    moments = random.Random(1)  # noqa: S311 - moments that repeat, no secret
    fell: Counter[str] = Counter()
    with reader(shop) as said:
        found = look(shop)
        for number in range(2, 2 + KILLS):
            wanted = restate_both(shop, number)
            outcome = warm.run(watched=why is None, kill=duration * moments.uniform(0.05, 1.05))
            assert outcome.code in {0, -signal.SIGKILL}, outcome.said
            before, found = found, look(shop)
            assert found["cost"] in (before["cost"], wanted)
            assert found["allocated"] in (before["allocated"], wanted)
            fell["after" if outcome.code == 0 else stopped(outcome, shop) if why is None else "somewhere"] += 1
            if number % 10 == 0:
                assert warm.run().code == 0
                found = look(shop)
                assert found == {"cost": wanted, "allocated": wanted}
        assert warm.run().code == 0
        assert look(shop) == {"cost": wanted, "allocated": wanted}
    assert said["odd"] == []
    assert said["reads"] > KILLS / 2
    assert list(warm.temporary.glob("*/.finops-lock")) == [], "what killed runs left is gone"
    assert fell.total() - fell["after"] > KILLS / 2
    assert why is not None or {"before the first file", "while staging cost"} <= fell.keys()
    with capsys.disabled():
        places = ", ".join(f"{fell[place]} {place}" for place in (*PLACES, "somewhere") if fell[place])
        sys.stdout.write(f"\n{KILLS} kills: {places}; {said['reads']} reads meanwhile, none odd")


def stopped(outcome: Outcome, shop: Shop) -> str:
    """Where a run was when it was killed, by the last thing it did below the store."""
    place, store = PLACES[0], str(shop.folder / ".finops")
    for call, path in outcome.operations:
        if not path.startswith(store):
            continue
        table = "cost" if path.startswith(f"{store}/cost") else "allocated"
        if call == "fsync" and path.endswith("_delta_log"):
            place = "between both tables" if table == "cost" else "after"
        elif call == "fsync" or "_delta_log" in path:
            place = f"while committing {table}"
        else:
            place = "while staging cost" if table == "cost" else "between both tables"
    return place


@contextmanager
def reader(shop: Shop) -> Iterator[dict[str, Any]]:
    """A reader in a process of its own, looking until the end of the block; then what it says is there."""
    said: dict[str, Any] = {}
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "tests.looping", str(shop.folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield said
        out, _ = process.communicate("enough\n", timeout=60)
    said.update(json.loads(out))


def test_killed_before_the_first_commit_the_next_run_starts_anew(shop: Shop, shell: Shell) -> None:
    exports.settings(shop.folder)
    wanted = restate(shop, 3)
    for moment in (0.9, 1.2, 1.5, 1.8):
        with shell.start(shop.folder, "ingest") as process:
            time.sleep(moment)
            process.kill()
            process.communicate()
        assert shop.cost() in ({}, wanted)
        assert shop.allocated() in ({}, wanted)
    assert shell.run(shop.folder, "forecast", "--as-of", "2026-06-21", "--format", "json").code == 0
    assert shop.cost() == shop.allocated() == wanted


@pytest.mark.parametrize("attempt", range(3))
def test_two_runs_at_once_double_nothing(shop: Shop, shell: Shell, attempt: int) -> None:
    exports.settings(shop.folder)
    wanted = restate(shop, 5 + attempt)
    if attempt:
        assert shell.run(shop.folder, "ingest").code == 0
        wanted = restate(shop, 50 + attempt)
    runs = [shell.start(shop.folder, "ingest") for _ in range(2)]
    told = [run.communicate(timeout=120)[1] for run in runs]
    codes = sorted(run.returncode for run in runs)

    assert codes in ([0, 0], [0, 1]), told
    assert all("Traceback" not in err for err in told), told
    if codes == [0, 1]:
        assert any("at the same time" in err for err in told), told
    assert shop.cost() == wanted
    assert shell.run(shop.folder, "ingest").code == 0
    assert shop.cost() == shop.allocated() == wanted


def test_interrupted_by_hand_nothing_half_done_is_kept(shop: Shop, shell: Shell) -> None:
    exports.settings(shop.folder)
    restate(shop, 1)
    assert shell.run(shop.folder, "ingest").code == 0
    before = shop.cost()
    wanted = restate(shop, 2)
    # An interrupt may fall between opening a file and taking hold of it: that file's warning is no failure of ours.
    with replace(shell, warnings="default").start(shop.folder, "ingest", "-v") as process:
        assert process.stderr is not None
        process.stderr.readline()  # it has begun to read
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert "Traceback" not in err
    assert process.returncode in {0, 130}
    assert shop.cost() in (before, wanted)
    assert all(Path(file.uri).is_file() for file in shop.tables.cost.files())
