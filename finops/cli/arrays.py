"""Arrays: how a process is readied for very many of them."""

import ctypes
import os

_KEPT = {"MALLOC_TRIM_THRESHOLD_": (-1, 256 * 2**20), "MALLOC_MMAP_THRESHOLD_": (-3, 32 * 2**20)}
"""Variables of glibc, which a process reads at its start, and the parameters of `mallopt` (malloc.h) behind them."""


def prepare_for_arrays() -> None:
    """Ready this process, before it loads numpy, and those it starts for very many arrays of a few megabytes.

    Threads only cost on arrays of this size, and the processes share the cores already. What is freed is kept for the
    next array, as far as glibc is the C library: to give it back to the system and fetch it again each time took a
    tenth to a quarter of the time. What the user has set stays.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    tune = getattr(ctypes.CDLL(None), "mallopt", None)
    for name, (parameter, value) in _KEPT.items():
        if name not in os.environ:
            os.environ[name] = str(value)
            if tune is not None:
                tune(parameter, value)
