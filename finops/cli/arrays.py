"""Arrays: how a process is readied for very many of them."""

import os

_READIED = {
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
    for name, value in _READIED.items():
        os.environ.setdefault(name, value)
