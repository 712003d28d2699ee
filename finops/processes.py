"""Processes: several at work on forecasts, with the result in order and the same for any number of them."""

import math
import os
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Work = TypeVar("Work")
Result = TypeVar("Result")


_SAVED = 6.0
"""Seconds that another process has to save. It takes half of that to load numpy, pandas and statsmodels."""


def cores() -> int:
    """How many this process may use."""
    # not every system says which ones: macOS does not
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def worthwhile(most: int, seconds: float) -> int:
    """How many processes to start, so that each one more saves clearly more time than it takes to start it.

    The n-th of them saves `seconds / (n - 1) - seconds / n`.

    Args:
        most: at most so many, such as there are cores.
        seconds: that one of them would take.

    >>> [worthwhile(8, seconds) for seconds in (0, 11.9, 12, 35.9, 36, 1000)]
    [1, 1, 2, 2, 3, 8]
    """
    return max(1, min(most, math.floor((1 + math.sqrt(1 + 4 * seconds / _SAVED)) / 2)))


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
