"""How processes that forecast are readied."""

import os

import pytest

from finops.cli.arrays import prepare_for_arrays
from finops.processes import done_by


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
