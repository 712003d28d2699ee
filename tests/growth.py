"""How work grows with its size, as a ratio inside one run: no clock of a busy machine decides a test."""

import time
from collections.abc import Callable

_TRIES = 3


def factor(work: Callable[[int], object], *, small: int, large: int) -> float:
    """How much more processor time a large piece of work takes than a small one; of three tries each, the best.

    Work that grows in proportion gives about `large / small`, and less where a part of it is fixed.
    """
    return _cost(work, large) / _cost(work, small)


def _cost(work: Callable[[int], object], size: int) -> float:
    return min(_once(work, size) for _ in range(_TRIES))


def _once(work: Callable[[int], object], size: int) -> float:
    begun = time.process_time()
    work(size)
    return time.process_time() - begun
