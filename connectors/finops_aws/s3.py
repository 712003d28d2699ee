"""S3: the objects of a bucket listed, and one of them downloaded whole: resumed where it broke, and verified."""

import fcntl
import hashlib
import os
import re
import tempfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import IO, Any

from finops.errors import AccessError, RetryError
from finops_aws.access import Access

_CHUNK = 1 << 20
_ATTEMPTS = 5
"""Of one download that breaks off; each goes on where the last one stopped."""
_MD5 = re.compile(r"^[0-9a-f]{32}$")
"""An ETag that is the MD5 of the content: of an object that was not uploaded in parts."""
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_LATE_KEY = {"NoSuchKey", "404", "PreconditionFailed", "412", "InvalidRange", "416"}

Heard = Callable[[int], None]
"""Told how many bytes have arrived since the last call, negative where some had to be given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Object:
    """An object as a listing has it.

    Attributes:
        key: whole, without the bucket.
        size: in bytes.
        etag: without quotes; changes when the content does.
        modified: when it was written.
    """

    key: str
    size: int
    etag: str
    modified: datetime


class Bucket:
    """One bucket, read only.

    Args:
        access: signs in.
        name: of the bucket.
    """

    def __init__(self, access: Access, name: str) -> None:
        self.name = name
        self._access = access
        self._client: Any = None

    def objects(self, prefix: str) -> tuple[list[Object], datetime]:
        """Every object whose key begins with the prefix, sorted by key; and the provider's clock at that time.

        Raises:
            AccessError: if the bucket does not exist or may not be listed.
            RetryError: if S3 cannot be reached.
        """
        found: list[Object] = []
        clock = None
        with self._access.asking(f"list s3://{self.name}/{prefix} (s3:ListBucket)"):
            for page in self._s3().get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix):
                clock = page["ResponseMetadata"]["HTTPHeaders"].get("date")
                found += [_object(entry) for entry in page.get("Contents", ())]
        found.sort(key=lambda each: each.key)
        now = _time(clock) or max((each.modified for each in found), default=_LONG_AGO)
        return found, now

    def download(self, wanted: Object, path: Path, heard: Heard) -> None:
        """Bring an object to a path; there is either the whole, verified object or nothing of that name.

        What arrives is collected beside it, so that after a break or a kill the download goes on where it stopped.

        Raises:
            ObjectChanged: if it was rewritten or removed since it was listed.
            AccessError: if it may not be read.
            RetryError: if S3 cannot be reached, or sends something else than what it listed.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        with _partial(path) as partial:
            heard(partial.tell())
            promised: dict[str, Any] = {}
            for attempt in range(_ATTEMPTS):
                try:
                    promised |= self._append(wanted, partial, heard)
                    _verify(wanted, partial, promised, f"s3://{self.name}/{wanted.key}")
                    break
                except _Broken as error:
                    if error.is_wrong:
                        heard(-partial.tell())
                        partial.truncate(0)
                        partial.seek(0)
                    if attempt == _ATTEMPTS - 1:
                        raise DownloadBroken(f"s3://{self.name}/{wanted.key}", error.why) from error
            partial.flush()
            Path(partial.name).replace(path)

    def _append(self, wanted: Object, partial: IO[bytes], heard: Heard) -> dict[str, Any]:
        """Fetch what is missing; what S3 says of the whole object.

        Raises:
            _Broken: if the connection broke off, or what arrived is not what S3 says it sent.
        """
        from botocore.exceptions import ClientError

        start = partial.seek(0, os.SEEK_END)
        if start >= wanted.size > 0:  # all there, but S3 still has to say how it keeps the object: ask for a last byte
            heard(wanted.size - 1 - start)
            start = partial.truncate(wanted.size - 1)
            partial.seek(start)
        what = {"Bucket": self.name, "Key": wanted.key, "IfMatch": f'"{wanted.etag}"'}
        if start:
            what["Range"] = f"bytes={start}-"
        with self._access.asking(f"read s3://{self.name}/{wanted.key} (s3:GetObject)"):
            try:
                answer = self._s3().get_object(**what)
            except ClientError as error:
                if str(error.response.get("Error", {}).get("Code", "")) in _LATE_KEY:
                    raise ObjectChanged(self.name, wanted.key) from error
                raise
            self._copy(answer["Body"], partial, heard)
        if answer["ETag"].strip('"') != wanted.etag:
            raise ObjectChanged(self.name, wanted.key)
        return dict(answer)

    def _copy(self, body: Any, partial: IO[bytes], heard: Heard) -> None:  # noqa: ANN401 - botocore has no types
        from botocore import exceptions

        try:
            for chunk in body.iter_chunks(_CHUNK):
                partial.write(chunk)
                heard(len(chunk))
        except (exceptions.IncompleteReadError, exceptions.HTTPClientError) as error:
            raise _Broken(f"the connection broke off ({error})", is_wrong=False) from error
        except exceptions.FlexibleChecksumError as error:
            raise _Broken(f"its checksum differs ({error})", is_wrong=True) from error

    def _s3(self) -> Any:  # noqa: ANN401 - botocore has no types
        if self._client is None:
            self._client = self._access.client("s3")
        return self._client


class ObjectChanged(RetryError):
    """An object was rewritten or removed between listing and reading."""

    def __init__(self, bucket: str, key: str) -> None:
        super().__init__(
            f"s3://{bucket}/{key} was rewritten or removed while it was read.", "Run again when the export is complete."
        )


class DownloadBroken(RetryError):
    """An object does not arrive whole."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(
            f"{where} did not arrive whole, {_ATTEMPTS} times in a row: {why}.",
            "Run again later; if it stays so, the object itself is damaged.",
        )


class NoSuchPlace(AccessError):
    """A bucket holds nothing below a prefix."""

    def __init__(self, location: str) -> None:
        super().__init__(
            f"{location} holds no object.",
            "Correct the source's location; a new export is delivered within 24 hours.",
        )


class _Broken(Exception):
    """What arrived is not all, or not right."""

    def __init__(self, why: str, *, is_wrong: bool) -> None:
        super().__init__(why)
        self.why = why
        self.is_wrong = is_wrong


def _object(entry: Any) -> Object:  # noqa: ANN401 - botocore has no types
    return Object(key=entry["Key"], size=entry["Size"], etag=entry["ETag"].strip('"'), modified=entry["LastModified"])


def _time(header: str | None) -> datetime | None:
    """The time of a Date header; None where there is none, or it is no date."""
    try:
        found = parsedate_to_datetime(header or "")
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _partial(path: Path) -> IO[bytes]:
    """The file that collects what arrives, at its end; one of this process alone where another one is collecting."""
    shared = path.with_name(f"{path.name}.partial")
    while True:
        file = shared.open("a+b")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return tempfile.NamedTemporaryFile(dir=path.parent, suffix=".partial", delete=False)
        if shared.exists() and shared.stat().st_ino == os.fstat(file.fileno()).st_ino:
            file.seek(0, os.SEEK_END)
            return file
        file.close()  # another process finished it between the two calls, and it has its final name now


def _verify(wanted: Object, partial: IO[bytes], answer: dict[str, Any], where: str) -> None:
    """Make sure that the file is the object: its size, its MD5 where S3 gives one, else a checksum, else gzip's own.

    An answer in one piece has been checked against S3's checksums by botocore already.

    Raises:
        _Broken: if it is not.
    """
    partial.flush()
    if partial.seek(0, os.SEEK_END) != wanted.size:
        raise _Broken(f"{partial.tell()} bytes instead of {wanted.size}", is_wrong=partial.tell() > wanted.size)
    encrypted = str(answer.get("ServerSideEncryption", "")).startswith("aws:kms") or "SSECustomerAlgorithm" in answer
    is_md5 = bool(_MD5.match(wanted.etag)) and not encrypted
    if is_md5 and _digest(partial) != wanted.etag:
        raise _Broken("its content differs from its ETag", is_wrong=True)
    if not is_md5 and wanted.key.lower().endswith(".gz") and not _is_whole_gzip(partial):
        raise _Broken(f"{where} is no whole gzip file", is_wrong=True)


def _digest(file: IO[bytes]) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    for chunk in _chunks(file):
        digest.update(chunk)
    return digest.hexdigest()


def _is_whole_gzip(file: IO[bytes]) -> bool:
    """Whether every member of a gzip file unpacks to what its own CRC says."""
    member = None
    try:
        for chunk in _chunks(file):
            rest = chunk
            while rest:
                member = member or zlib.decompressobj(wbits=31)
                member.decompress(rest)
                rest = member.unused_data
                if member.eof:
                    member = None
    except zlib.error:
        return False
    return member is None


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while chunk := file.read(_CHUNK):
        yield chunk
