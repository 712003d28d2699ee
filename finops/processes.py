"""Processes: several at work on forecasts, with the result in order and the same for any number of them."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Work = TypeVar("Work")
Result = TypeVar("Result")


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
