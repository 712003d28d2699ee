"""Tree: somewhere an export lies, a folder of this machine or a bucket, as the layout needs to see it."""

from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Protocol

from finops.local_files import Unreadable, find, root


class Tree(Protocol):
    """Files below a location."""

    @property
    def location(self) -> str:
        """As the user wrote it."""
        ...

    @property
    def root(self) -> PurePath:
        """The folder that keys of deliveries are relative to."""
        ...

    @property
    def alone(self) -> PurePath | None:
        """The one file the location names; None where it names a folder or a pattern."""
        ...

    def find(self, endings: Sequence[str]) -> Sequence[PurePath]:
        """Files with one of these endings, sorted.

        Raises:
            AccessError: if the location does not exist or may not be read.
        """
        ...

    def holds(self, path: PurePath) -> bool:
        """Whether there is a file of this very path."""
        ...

    def read(self, path: PurePath) -> bytes:
        """The content of a small file.

        Raises:
            AccessError: if it may not be read.
        """
        ...


class Folder:
    """A folder, file or glob of this machine.

    Args:
        location: absolute.
    """

    def __init__(self, location: str) -> None:
        self.location = location
        self.root: PurePath = root(location)
        self.alone: PurePath | None = Path(location) if Path(location).is_file() else None

    def find(self, endings: Sequence[str]) -> Sequence[Path]:
        """The files, hidden ones left out."""
        return find(self.location, endings)

    def holds(self, path: PurePath) -> bool:
        """Whether the file exists, hidden or not; a name that no disk takes does not."""
        try:
            return Path(path).is_file()
        except OSError:
            return False

    def read(self, path: PurePath) -> bytes:
        """The file's bytes."""
        try:
            return Path(path).read_bytes()
        except OSError as error:
            raise Unreadable(str(path), error) from error
