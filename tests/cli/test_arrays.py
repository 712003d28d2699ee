"""How processes that forecast are readied."""

import os
import platform
import subprocess
import sys

import pytest

from finops.cli.arrays import prepare_for_arrays
from finops.processes import cores, done_by


def _told(name: str) -> str:
    """What a started process finds in its environment, and which it is."""
    return f"{os.environ.get(name)} {os.getpid()}"


@pytest.fixture
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENBLAS_NUM_THREADS", "MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_"):
        monkeypatch.setenv(name, "")  # noted, so that it is as before afterwards
        monkeypatch.delenv(name)


@pytest.mark.usefixtures("unset")
def test_started_processes_keep_what_they_free() -> None:
    prepare_for_arrays()
    told = list(done_by(_told, ["MALLOC_TRIM_THRESHOLD_", "OPENBLAS_NUM_THREADS"], 2))
    assert [one.split()[0] for one in told] == ["268435456", "1"]
    assert str(os.getpid()) not in {one.split()[1] for one in told}


@pytest.mark.usefixtures("unset")
def test_what_the_user_has_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "4")
    prepare_for_arrays()
    assert os.environ["OPENBLAS_NUM_THREADS"] == "4"


_FAULTS = """
import resource, sys
if sys.argv[1] == "readied":
    from finops.cli.arrays import prepare_for_arrays
    prepare_for_arrays()
import numpy as np
def several():
    return [np.ones(2**20) for _ in range(6)]
several()
several()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    several()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.usefixtures("unset")
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be told")
def test_this_process_keeps_what_it_frees() -> None:
    """Arrays of eight megabytes that are fetched from the system again each time are 2,048 page faults each."""
    usual, readied = (
        int(subprocess.run([sys.executable, "-c", _FAULTS, how], check=True, capture_output=True).stdout)
        for how in ("as usual", "readied")
    )
    assert readied < 100 < usual


def test_a_system_that_does_not_say_which_cores_has_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cores() == len(os.sched_getaffinity(0))
    monkeypatch.delattr(os, "sched_getaffinity")
    assert cores() == os.cpu_count()
