"""Kept objects: a cache of objects of a bucket on this machine, one folder each, never named after their keys."""

import contextlib
import hashlib
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from finops.errors import ConfigurationError
from finops_aws.s3 import Object

_UNITS = {"": 1, "B": 1, "KB": 1000, "MB": 1000**2, "GB": 1000**3, "TB": 1000**4}
_SIZE = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*([KMGT]?)i?B?\s*$", re.IGNORECASE)
_LONGEST = 80
"""Characters of a name; a key's last part may have 1,024 bytes, a file's name 255."""


class Cache:
    """A folder of objects.

    Keys come from whoever may write to the bucket. A file's folder is a hash of bucket, key and ETag, and its name
    keeps only letters, digits, dots, dashes and underscores of the key's end: people recognise it, and endings stay.

    Args:
        folder: it need not exist yet.
        limit: bytes that `trim` leaves.
    """

    def __init__(self, folder: Path, limit: int) -> None:
        self.limit = limit
        self._folder = folder

    def path(self, bucket: str, wanted: Object) -> Path:
        """Where this state of the object is, or will be."""
        identity = "\0".join((bucket, wanted.key, wanted.etag, str(wanted.size)))
        digest = hashlib.blake2b(identity.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()
        name = re.sub(r"[^A-Za-z0-9._-]", "_", PurePosixPath(wanted.key).name)[-_LONGEST:].lstrip(".")
        return self._folder / digest / (name or "object")

    def find(self, bucket: str, wanted: Object) -> Path | None:
        """The object, if it is here whole; it counts as used now."""
        path = self.path(bucket, wanted)
        try:
            if path.stat().st_size != wanted.size:
                return None
            os.utime(path)
        except FileNotFoundError:
            return None
        return path

    def trim(self, keep: Iterable[Path], *, coming: int = 0) -> None:
        """Remove what was used longest ago, partial downloads too, until the limit holds.

        Args:
            keep: not to be removed.
            coming: bytes that are about to be added.
        """
        kept = {path.parent for path in keep}
        files = sorted(self._files())
        total = coming + sum(size for _, size, _ in files)
        for _, size, path in files:
            if total <= self.limit:
                return
            if path.parent not in kept:
                total -= size
                shutil.rmtree(path.parent, ignore_errors=True)

    def _files(self) -> Iterator[tuple[float, int, Path]]:
        """When each file was used last, and its bytes; other runs rename and remove theirs meanwhile."""
        for path in (path for folder in _inside(self._folder) for path in _inside(folder)):
            with contextlib.suppress(FileNotFoundError):
                found = path.stat()
                yield found.st_mtime, found.st_size, path


def size(text: str, *, source: str) -> int:
    """Bytes of a size such as `20GB`.

    >>> size("1.5 MB", source="aws"), size("0", source="aws")
    (1500000, 0)

    Raises:
        ConfigurationError: if it is none.
    """
    found = _SIZE.match(text)
    if found is None:
        raise ConfigurationError(
            f"Source {source!r} has the cache_limit {text!r}.",
            'Write it like "20GB"; "0" keeps nothing: a month is a temporary file while it is read.',
        )
    return int(float(found[1]) * _UNITS[f"{found[2].upper()}B" if found[2] else ""])


def _inside(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
