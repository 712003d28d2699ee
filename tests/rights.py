"""Taking rights away, from everybody: root passes over them, so then the process is somebody else."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def without_rights(path: Path, mode: int = 0) -> Iterator[None]:
    """Nobody may do more with the path in here than the mode says, not even root."""
    before = path.stat().st_mode & 0o7777
    path.chmod(mode)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
        path.chmod(before)
