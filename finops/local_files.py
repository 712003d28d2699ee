"""Exports on this machine: find the files of a location, tell whether they changed, open their text."""

import csv
import glob
import gzip
import hashlib
import io
import itertools
import os
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NoReturn

from finops.errors import AccessError, BillError

_CHUNK = 1 << 20
_FIELD_LIMIT = re.compile(r"field larger than field limit \((\d+)\)")
_LONGEST_HEADER = 100_000
"""Characters; the widest report known has 400 columns. The csv module's own limit belongs to the whole process."""


def find(location: str, suffixes: Sequence[str]) -> list[Path]:
    """The files of a location, sorted by path.

    Args:
        location: an absolute file, folder (searched with its folders; hidden ones are left out) or glob.
        suffixes: endings that count inside folders and globs, lower case, for example `.csv.gz`; a file named directly
            always counts.

    Raises:
        AccessError: if the location, or the folder of a glob, does not exist, or a folder inside may not be read. A
            folder without such files gives an empty list.
    """
    try:
        return sorted(_found(location, tuple(suffixes)))
    except OSError as error:
        raise Unreadable(location, error) from error


def root(location: str) -> Path:
    """The folder that keys of deliveries are relative to: the folder itself, or the one that holds the file or glob.

    >>> root("/data/export/*.csv").as_posix()
    '/data/export'
    """
    path = Path(location)
    if path.is_dir():
        return path
    while glob.has_magic(str(path)):
        path = path.parent
    return path.parent if path.is_file() else path


def key(path: Path, location: str) -> str:
    """The path inside the location, with forward slashes: the same on every machine."""
    return _inside(path, root(location)).as_posix()


def fingerprint(paths: Sequence[Path], *, mapping: str) -> str:
    """64 hexadecimal characters that change when a byte of the files, their number or the mapping changes.

    Args:
        paths: in the order they are read.
        mapping: version of the code and settings that turn the files into rows, so that a new mapping reads them again.

    Raises:
        AccessError: if a file is missing or may not be read.
    """
    digest = hashlib.blake2b(mapping.encode(), digest_size=32)
    for path in paths:
        try:
            with path.open("rb") as file:
                content = hashlib.blake2b(digest_size=32)
                while chunk := file.read(_CHUNK):
                    content.update(chunk)
        except OSError as error:
            raise Unreadable(str(path), error) from error
        digest.update(content.digest())
    return digest.hexdigest()


@contextmanager
def opened_text(path: Path) -> Iterator[IO[str]]:
    """The text of a file, unpacked where it is gzip (by its first bytes, not its name); a byte-order mark is dropped.

    Raises:
        AccessError: if the file is missing or may not be read.
        BillError: if the gzip is cut off or broken, or the text is not UTF-8.
    """
    try:
        with path.open("rb") as packed:
            is_gzip = packed.read(2) == b"\x1f\x8b"
            packed.seek(0)
            raw: IO[bytes] = gzip.GzipFile(fileobj=packed) if is_gzip else packed  # type: ignore[assignment]  # GzipFile reads like a file
            yield io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BrokenFile(path, f"its gzip data is cut off or broken ({error})") from error
    except UnicodeDecodeError as error:
        raise BrokenFile(path, f"it is not UTF-8 text ({error.reason})") from error
    except OSError as error:
        raise Unreadable(str(path), error) from error


def csv_header(path: Path, *, delimiter: str = ",") -> list[str]:
    """The column names in the first line of a CSV file; empty for an empty file.

    Raises:
        AccessError, BillError: as `opened_text`.
    """
    with opened_text(path) as text:
        first = text.readline(_LONGEST_HEADER)
        if len(first) == _LONGEST_HEADER:
            raise BrokenFile(path, f"its first line is no CSV header (it is longer than {_LONGEST_HEADER} characters)")
        try:
            # A quoted name may hold a line break, so the reader sees the rest as well.
            return next(csv.reader(itertools.chain([first], text), delimiter=delimiter), [])
        except csv.Error as error:
            raise BrokenFile(path, f"its first line is no CSV header ({csv_problem(error)})") from error


def csv_problem(error: csv.Error) -> str:
    """What the csv module objects to, for a reader who does not know its limits.

    >>> csv_problem(csv.Error("field larger than field limit (131072)"))
    'a cell is longer than 131,072 characters'
    """
    limit = _FIELD_LIMIT.fullmatch(str(error))
    return f"a cell is longer than {int(limit[1]):,} characters" if limit else str(error)


class LocationMissing(AccessError):
    """A location names nothing."""

    def __init__(self, location: str) -> None:
        super().__init__(f"{location} does not exist.", "Correct the source's location in finops.toml.")


class Unreadable(AccessError):
    """The operating system refused to read."""

    def __init__(self, path: str, error: OSError) -> None:
        super().__init__(
            f"{path} cannot be read: {error.strerror or error}.", "Check that the file exists and may be read."
        )


class BrokenFile(BillError):
    """A file is not what its name says."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            f"{path} cannot be read: {why}.", "Fetch this file again from the provider; nothing of it was used."
        )


def _found(location: str, suffixes: tuple[str, ...]) -> Iterator[Path]:
    path = Path(location)
    if path.is_file():
        yield path
        return
    top = root(location)
    if path.is_dir():
        candidates = _walk(path)
    elif glob.has_magic(location) and top.is_dir():
        candidates = (Path(name) for name in glob.iglob(location, recursive=True))  # noqa: PTH207 - absolute globs
    else:
        raise LocationMissing(location)
    for found in candidates:
        hidden = any(part.startswith((".", "_")) for part in _inside(found, top).parts)
        if not hidden and found.name.lower().endswith(suffixes) and found.is_file():
            yield found


def _walk(folder: Path) -> Iterator[Path]:
    """Every file below; a folder that may not be read raises, where `Path.rglob` would pass over its bills."""
    for inner, _, names in os.walk(folder, onerror=_raise):
        yield from (Path(inner, name) for name in names)


def _raise(error: OSError) -> NoReturn:
    raise error


def _inside(path: Path, folder: Path) -> Path:
    """The path relative to the folder where it lies inside, else its name."""
    return path.relative_to(folder) if path.is_relative_to(folder) else Path(path.name)
