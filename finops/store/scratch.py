"""Scratch: a folder for what a run fetches and spills, gone afterwards; what a killed run left goes with the next one.

A run holds a lock on a file in its folder, and the system lets go of it however the run ends. So a folder of ours whose
lock is free belongs to nobody any more.
"""

import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from finops.errors import AccessError

_PREFIX = "finops-"
_LOCK = ".finops-lock"


@contextmanager
def scratch(below: Path | None = None) -> Iterator[Path]:
    """A new folder that nobody else may read, removed at the end.

    Args:
        below: where it is made, and where those of killed runs are looked for; None: where the system keeps temporary
            files. It is made if need be.

    Raises:
        DiskRefused: if it cannot be made, or if anything inside the block meets a file it cannot read or write.
    """
    try:
        below = Path(tempfile.gettempdir()) if below is None else below
        below.mkdir(parents=True, exist_ok=True)
        _sweep(below)
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=below))
        try:
            with _locked(folder):
                yield folder
        finally:
            with suppress(OSError):  # left to the next run; what counts is in the tables
                _remove(folder)
    except BrokenPipeError:  # whoever read what this run says is gone
        raise
    except OSError as error:
        raise DiskRefused(error, below) from error


class DiskRefused(AccessError):
    """A file or folder this run needs cannot be read or written."""

    def __init__(self, error: OSError, temporary: Path | None) -> None:
        where = error.filename or temporary or "The folder for temporary files"
        super().__init__(
            f"{where} cannot be read or written: {error.strerror or error}.",
            "Check rights and free space there, then run again; `spill` under [store], or else TMPDIR, names the "
            "folder for temporary files.",
        )


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; the file gets its name when it is locked, so that nobody finds it free meanwhile."""
    made = folder / f"{_LOCK}.new"
    lock = os.open(made, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with suppress(OSError):  # a file system without locks: nobody else gets one there either
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        made.rename(folder / _LOCK)
        yield
    finally:
        os.close(lock)


def _sweep(below: Path) -> None:
    """Remove folders that killed runs of this user left; anything that is not certainly one of them stays."""
    with suppress(OSError), os.scandir(below) as entries:
        for entry in entries:
            if entry.name.startswith(_PREFIX) and entry.is_dir(follow_symlinks=False):
                with suppress(OSError):  # it has no lock file, its lock is held, or another run was faster
                    _remove_left(Path(entry.path))


def _remove_left(folder: Path) -> None:
    lock = os.open(folder / _LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        held = os.fstat(lock)
        if stat.S_ISREG(held.st_mode) and _is_ours(held) and _is_ours(folder.lstat()):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _remove(folder)
    finally:
        os.close(lock)


def _is_ours(found: os.stat_result) -> bool:
    """Whether this user made it, and nobody else can have put anything there."""
    return found.st_uid == os.geteuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _remove(folder: Path) -> None:
    """The lock file goes last: where this is killed as well, a next run finds it again."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != _LOCK:
            path.unlink()
    shutil.rmtree(folder)
