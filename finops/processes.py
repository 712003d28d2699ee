"""Processes: several at work on forecasts, with the result in order and the same for any number of them."""

import os
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Work = TypeVar("Work")
Result = TypeVar("Result")

_FOR_ARRAYS = {
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_TRIM_THRESHOLD_": str(256 * 2**20),
    "MALLOC_MMAP_THRESHOLD_": str(32 * 2**20),
}


def prepare_for_arrays() -> None:
    """Ready this process, before it loads numpy, and those it starts for very many arrays of a few megabytes.

    Threads only cost on arrays of this size, and the processes share the cores already. Processes started from here
    keep what they free for the next array, as far as glibc is their C library: to give it back to the system and fetch
    it again each time took a tenth to a quarter of their time. What the user has set stays.
    """
    for name, value in _FOR_ARRAYS.items():
        os.environ.setdefault(name, value)


def done_by(function: Callable[[Work], Result], work: Sequence[Work], processes: int) -> Iterator[Result]:
    """What the function makes of each piece of work, in order.

    Args:
        function: of a module, so that another process can find it.
        work: pieces that can be pickled.
        processes: how many at most; 1 stays in this one.
    """
    if processes <= 1 or len(work) <= 1:
        yield from map(function, work)
        return
    import multiprocessing  # noqa: PLC0415 - only where there is much to do

    # spawned, not forked: a fork of a process with threads may hang; a fork server would keep its children's CPU time
    # from whoever measures this process
    with multiprocessing.get_context("spawn").Pool(min(processes, len(work))) as pool:
        yield from pool.imap(function, work)
