"""A run that is killed at any moment, or meets another one, leaves whole months, and the next run finishes the work."""

import random
import signal
import subprocess
import time
from decimal import Decimal
from pathlib import Path

import pytest

from tests import exports
from tests.exports import on
from tests.journeys.conftest import Shell
from tests.shop import Shop

pytestmark = pytest.mark.long

MONTHS = tuple(f"2026-{number:02d}" for number in range(1, 7))
KILLS = 10


def restate(shop: Shop, cost: int) -> dict[str, Decimal]:
    """Exports in which every month costs twenty times this much; their totals by month."""
    for month in MONTHS:
        shop.bill(f"{month}.csv", *(on(f"{month}-{day:02d}", str(cost), project="search") for day in range(1, 21)))
    return {month: (Decimal(cost) * 20).normalize() for month in MONTHS}


def test_killed_at_any_moment_a_reader_sees_whole_months(shop: Shop, shell: Shell) -> None:
    exports.settings(shop.folder)
    cost = allocated = restate(shop, 1)
    began = time.monotonic()
    assert shell.run(shop.folder, "ingest").code == 0
    duration = time.monotonic() - began
    moments = random.Random(1)  # noqa: S311 - moments that repeat, no secret
    killed = 0
    for number in range(2, 2 + KILLS):
        wanted = restate(shop, number)
        with shell.start(shop.folder, "ingest") as process:
            try:
                process.wait(timeout=duration * moments.uniform(0.2, 0.95))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
            process.communicate()
        killed += process.returncode == -signal.SIGKILL
        assert shop.cost() in (cost, wanted)
        assert shop.allocated() in (allocated, wanted)
        cost, allocated = shop.cost(), shop.allocated()
    assert killed > KILLS / 4  # a machine that got faster meanwhile ends some runs in time

    wanted = restate(shop, 2 + KILLS)
    assert shell.run(shop.folder, "ingest").code == 0
    assert shop.cost() == shop.allocated() == wanted
    files = shop.files()
    assert shell.run(shop.folder, "ingest").code == 0
    assert shop.files() == files


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
    with shell.start(shop.folder, "ingest", "-v") as process:
        assert process.stderr is not None
        process.stderr.readline()  # it has begun to read
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert "Traceback" not in err
    assert process.returncode in {0, 130}
    assert shop.cost() in (before, wanted)
    assert all(Path(file.uri).is_file() for file in shop.tables.cost.files())
