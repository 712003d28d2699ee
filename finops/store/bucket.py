"""Bucket: a table's files in S3 or Cloud Storage, and their copies on this machine.

The engine writes and reads local files alone. What it wrote goes up before a commit names it; what it is to read comes
down once: a data file never changes under its name.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from finops.errors import AccessError
from finops.store.engine import note_of

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

_AT_ONCE = 8
"""Transfers at the same time: a request takes tens of milliseconds, a data file seconds."""
_BLOCK = 4 * 1024 * 1024

RIGHTS = "the bucket's name, your credentials and their rights there (list, get and put; delete for --vacuum)"
"""What a person looks at whom a bucket refuses."""


OPTIONS: Mapping[str, str] = {"AWS_ALLOW_HTTP": "true"}
"""What the Delta library is told: a service that an http:// address names is asked; AWS itself has none."""


class Bucket:
    """The objects under one URL.

    Credentials are those the machine has for its provider: the environment, profile files, the instance's role.

    Args:
        url: `s3://bucket/prefix` or `gs://bucket/prefix`, of one table.
        folder: where copies lie on this machine, under the same relative paths.
    """

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder

    def upload(self, files: Iterable[Path]) -> None:
        """Copy files of the folder into the bucket; they are whole there when this returns.

        Raises:
            BucketRefused: if the bucket cannot be written.
        """
        self._together(self._up, files)

    def download(self, sizes: Iterable[tuple[Path, int | None]]) -> None:
        """Copy objects into the folder that it does not hold yet.

        Args:
            sizes: paths in the folder, and how many bytes each has; None where nobody knows.

        Raises:
            BucketRefused: if an object cannot be read; what came before it stays.
        """
        missing = [path for path, size in sizes if not _holds(path, size)]
        self._together(self._down, missing)

    def sizes(self) -> dict[str, int]:
        """The bytes of every object of the table by its path; none where nothing is there.

        Raises:
            BucketRefused: if the bucket may not be listed.
        """
        from pyarrow.fs import FileSelector

        with self._asking():
            found = self._files.get_file_info(FileSelector("", recursive=True, allow_not_found=True))
        return {info.path: info.size for info in found if info.is_file}

    def note(self, path: Path) -> str | None:
        """The note in the footer of an object; of one that is not copied yet only the footer is read.

        Raises:
            AccessError: if it cannot be read.
        """
        if path.is_file():
            return note_of(path)
        with self._asking():
            return note_of(path, self._files.open_input_file(self._name(path)))

    def forget(self, kept: Iterable[str]) -> None:
        """Remove copies of data files from the folder, except those named by their relative paths."""
        kept = set(kept)
        for copy in self.folder.rglob("*.parquet"):
            arriving = copy.parent.name.startswith(".")
            if not arriving and copy.relative_to(self.folder).as_posix() not in kept:
                copy.unlink(missing_ok=True)

    @cached_property
    def _files(self) -> "FileSystem":
        import pyarrow.fs

        with self._asking():
            files, base = pyarrow.fs.FileSystem.from_uri(self.url)
        return pyarrow.fs.SubTreeFileSystem(base, files)

    def _name(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()

    def _up(self, path: Path) -> None:
        with path.open("rb") as source, self._asking(), self._files.open_output_stream(self._name(path)) as sink:
            while block := source.read(_BLOCK):
                sink.write(block)

    def _down(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Beside its place and moved there at the end, so that a copy is whole or not there.
        with TemporaryDirectory(dir=path.parent, prefix=".") as folder:
            arriving = Path(folder) / path.name
            with self._asking(), self._files.open_input_stream(self._name(path)) as source, arriving.open("wb") as sink:
                while block := source.read(_BLOCK):
                    sink.write(block)
            arriving.replace(path)

    def _together(self, work: Callable[[Path], None], paths: Iterable[Path]) -> None:
        paths = list(paths)
        if not paths:
            return
        _ = self._files  # made once, before threads ask for it
        with ThreadPoolExecutor(min(_AT_ONCE, len(paths))) as threads:
            list(threads.map(work, paths))

    @contextmanager
    def _asking(self) -> Iterator[None]:
        import pyarrow as pa

        try:
            yield
        except (OSError, pa.ArrowException) as error:
            raise BucketRefused(self.url, error) from error


def _holds(path: Path, size: int | None) -> bool:
    try:
        return path.stat().st_size == size or size is None
    except FileNotFoundError:
        return False


class BucketRefused(AccessError):
    """The provider refused, or cannot be reached."""

    def __init__(self, url: str, error: Exception) -> None:
        reason = (getattr(error, "strerror", None) or str(error)).strip().splitlines()[0].rstrip(".")
        super().__init__(
            f"The store {url} cannot be read or written: {reason}.",
            f"Check {RIGHTS}.",
        )
