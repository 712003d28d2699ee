"""Pulled exports: a bucket's deliveries, told by its listing and manifests; only what changed is downloaded.

Nothing is read out of S3 while it arrives: size, checksum and gzip's CRC are known at an object's end, and every month
is read twice, by the mapping and by the control totals. So where nothing is to be kept, a month is a temporary file
while it is read, and gone before the next one comes.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path, PurePath, PurePosixPath
from threading import Lock

from finops.connector import Delivery, IncompleteDelivery, Source, Step
from finops.errors import BillError, ConfigurationError
from finops_aws.access import Access
from finops_aws.kept import Cache, size
from finops_aws.layout import FileSet, file_sets, month_of
from finops_aws.s3 import Bucket, NoSuchPlace, Object, ObjectChanged

SCHEMES = ("s3://", "s3a://")
_LIMIT = "50GB"
_DOWNLOADS = 8
"""At once: a connection to S3 brings some 50 to 100 MB/s."""
_LISTINGS = 3
"""Tries to list while manifests are being rewritten."""
_SETTLED = timedelta(hours=6)
"""After that a data file younger than its manifest is taken for one that somebody copied: no run of an export takes so
long."""


class BucketTree:
    """The objects below an S3 location, as the layout sees them.

    Args:
        location: `s3://bucket/prefix`.
        bucket: lists and reads.
        read: gives the content of a small object.
    """

    def __init__(self, location: str, bucket: Bucket, read: Callable[[Object], bytes]) -> None:
        self.location = location
        prefix = _prefix(location)
        objects, self.now = bucket.objects(f"{prefix}/" if prefix else "")
        if not objects and prefix:
            exact, self.now = bucket.objects(prefix)
            objects = [each for each in exact if each.key == prefix]
        top = PurePosixPath("/", bucket.name)
        self._objects = _by_path(top, objects)
        self._read = read
        self.alone: PurePath | None = (
            _path(top, prefix) if prefix and [each.key for each in objects] == [prefix] else None
        )
        self.root: PurePath = self.alone.parent if self.alone else _path(top, prefix)
        if not objects:
            raise NoSuchPlace(location)

    def find(self, endings: Sequence[str]) -> Sequence[PurePath]:
        """The objects with these endings; empty ones and those of hidden folders are none of an export."""
        return sorted(path for path in self._objects if path.name.lower().endswith(tuple(endings)))

    def holds(self, path: PurePath) -> bool:
        """Whether the listing has it."""
        return path in self._objects

    def read(self, path: PurePath) -> bytes:
        """A manifest's bytes."""
        return self._read(self._objects[path])

    def object(self, path: PurePath) -> Object:
        """What the listing says of it.

        Raises:
            KeyError: if it has none of that path.
        """
        return self._objects[path]


class Pulled:
    """The exports of one S3 location.

    Args:
        source: with a location that begins with `s3://`.
        workdir: for objects that are not kept: those of a month that is larger than the cache may be.
    """

    def __init__(self, source: Source, workdir: Path) -> None:
        self._source = source
        self._location = source.location or ""
        limit = size(source.options.get("cache_limit", _LIMIT), source=source.name)
        self._cache = Cache((source.cache or workdir) / "objects", limit)
        self._passing = Cache(workdir / "passing", 0)
        self._bucket = Bucket(Access.of(source), _bucket_name(source.name, self._location))
        self._sets: dict[str, FileSet] = {}
        self._tree: BucketTree | None = None

    def deliveries(self, settings: str) -> list[Delivery]:
        """The deliveries, as the bucket has them now; their fingerprints follow ETags, sizes and the settings.

        Raises:
            AccessError, RetryError: if S3 may not be listed or cannot be reached.
            BillError: nothing there is an export, or a manifest is broken.
        """
        self._list()
        return [
            Delivery(key=found.key, fingerprint=_digest([settings, *self._state(found)]), files=())
            for found in self._sets.values()
        ]

    def incomplete(self) -> list[str]:
        """A sentence for each delivery that is being written; lists the bucket.

        Raises:
            AccessError, RetryError, BillError: as `deliveries`.
        """
        self._list()
        found = ((key, self._incomplete(each)) for key, each in self._sets.items())
        return [f"{key} is not complete: {why}." for key, why in found if why]

    def pull(self, keys: Iterable[str]) -> None:
        """Download what complete deliveries need, in parallel, as far as the cache has room."""
        wanted: list[Object] = []
        for found in map(self._found, keys):
            objects = [] if self._incomplete(found) else self._objects(found)
            if _bytes([*wanted, *objects]) > self._cache.limit:
                break
            wanted += objects
        self._make_room(wanted)
        # A restated object is `bring`'s business: it knows the delivery.
        with suppress(ObjectChanged):
            self._download(wanted, "downloading")

    def bring(self, delivery: Delivery) -> list[Path]:
        """The files of one delivery on this machine, in the order of its manifest.

        Raises:
            IncompleteDelivery: if it is being written.
            AccessError, RetryError: as `Bucket.download`.
        """
        key = delivery.key
        found = self._found(key)
        why = self._incomplete(found)
        if why is not None:
            raise IncompleteDelivery(key, why)
        objects = self._objects(found)
        self._make_room(objects)
        try:
            self._download(objects, f"downloading {key}")
        except ObjectChanged as error:
            raise IncompleteDelivery(key, "it was rewritten while it was read") from error
        return self._paths(objects)

    def _list(self) -> BucketTree:
        """List the bucket and read its manifests, again where one is rewritten meanwhile."""
        for _ in range(_LISTINGS - 1):
            with suppress(ObjectChanged):
                return self._list_once()
        return self._list_once()

    def _list_once(self) -> BucketTree:
        self._tree = BucketTree(self._location, self._bucket, self._content)
        self._sets = {each.key: each for each in file_sets(self._tree)}
        return self._tree

    def _listed(self) -> BucketTree:
        return self._tree or self._list()

    def _found(self, key: str) -> FileSet:
        self._listed()
        return self._sets[key]

    def _state(self, found: FileSet) -> list[str]:
        """What changes when the content of a delivery does."""
        tree = self._listed()
        there = [tree.object(path) for path in found.files if tree.holds(path)]
        why = self._incomplete(found)
        return [*(f"{each.etag} {each.size}" for each in there), *([f"incomplete: {why}"] if why else [])]

    def _objects(self, found: FileSet) -> list[Object]:
        return [self._listed().object(path) for path in found.files]

    def _paths(self, objects: Sequence[Object]) -> list[Path]:
        cache = self._home(objects)
        return [cache.path(self._bucket.name, each) for each in objects]

    def _home(self, objects: Iterable[Object]) -> Cache:
        """Where objects that are needed together go: into the cache, unless they would not fit."""
        return self._cache if _bytes(objects) <= self._cache.limit else self._passing

    def _make_room(self, objects: Sequence[Object]) -> None:
        """Let go of what was used longest ago, so that the objects can come, and of everything that only passes."""
        coming = _bytes(self._missing(objects)) if self._home(objects) is self._cache else 0
        for cache in (self._passing, self._cache):
            cache.trim(self._paths(objects), coming=coming)

    def _incomplete(self, found: FileSet) -> str | None:
        """Why a delivery cannot be read yet; None where it can."""
        tree = self._listed()
        if found.missing:
            return f"its manifest names {found.missing[0].name}, which is not there"
        if found.manifest is None:
            return "it has no manifest yet" if self._wants_manifest(found) else None
        return _being_written(tree.object(found.manifest), [tree.object(path) for path in found.files], tree.now)

    def _wants_manifest(self, found: FileSet) -> bool:
        """Whether its kind of export writes manifests: Data Exports do, and reports of which other months have one."""
        month = month_of(found.files[0])
        if month is None:
            return False
        has_metadata = month.parent.name == "data" and month.parent != self._listed().root
        return has_metadata or any(other.manifest is not None for other in self._sets.values())

    def _content(self, wanted: Object) -> bytes:
        if self._missing([wanted]):
            self._make_room([wanted])
            self._download([wanted], "listing")
        return self._paths([wanted])[0].read_bytes()

    def _missing(self, objects: Iterable[Object]) -> list[Object]:
        objects = list(objects)
        cache = self._home(objects)
        return [each for each in objects if cache.find(self._bucket.name, each) is None]

    def _download(self, objects: Sequence[Object], what: str) -> None:
        """Bring the objects that are not here yet, several at once, telling how far it is."""
        missing = self._missing(objects)
        if not missing:
            return
        cache = self._home(objects)
        arrived = _Arrived(self._source, what, _bytes(missing))
        with ThreadPoolExecutor(max_workers=_DOWNLOADS) as pool:
            tasks = [
                pool.submit(self._bucket.download, each, cache.path(self._bucket.name, each), arrived)
                for each in missing
            ]
            try:
                for task in tasks:
                    task.result()
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                arrived.stop()
                raise


class _Arrived:
    """Counts the bytes of several downloads, and tells."""

    def __init__(self, source: Source, what: str, total: int) -> None:
        self._source = source
        self._what = f"{source.name}: {what}"
        self._total = total
        self._done = 0
        self._lock = Lock()
        self._is_stopped = False

    def stop(self) -> None:
        """End the downloads that still run, at their next bytes."""
        self._is_stopped = True

    def __call__(self, more: int) -> None:
        if self._is_stopped:
            raise _Stopped
        with self._lock:
            self._done += more
            self._source.progress(Step(what=self._what, done=self._done, total=self._total, unit="bytes"))


class _Stopped(Exception):
    """Another download failed, or a person had enough."""


class NoBucketNamed(ConfigurationError):
    """An S3 location without a bucket."""

    def __init__(self, source: str, location: str) -> None:
        super().__init__(
            f"Source {source!r} has the location {location!r}, which names no bucket.",
            "Write it like s3://bucket/prefix/report.",
        )


class SameName(BillError):
    """Two keys that differ in slashes only."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(
            f"The keys {one!r} and {other!r} differ only in slashes, so nobody can tell which one a manifest means.",
            "Remove one of them, or set the source's location to a folder that holds only one.",
        )


def _digest(texts: Iterable[str]) -> str:
    """64 hexadecimal characters that change with the texts, their order and their number."""
    return hashlib.blake2b("\n".join(texts).encode(), digest_size=32).hexdigest()


def _bytes(objects: Iterable[Object]) -> int:
    return sum(each.size for each in objects)


def _bucket_name(source: str, location: str) -> str:
    name = location.partition("://")[2].partition("/")[0]
    if not name:
        raise NoBucketNamed(source, location)
    return name


def _prefix(location: str) -> str:
    return location.partition("://")[2].partition("/")[2].strip("/")


def _path(top: PurePosixPath, key: str) -> PurePosixPath:
    """The key as a path; slashes at its start and double ones mean nothing in it, dots are names like others."""
    return top.joinpath(*(part for part in key.split("/") if part))


def _by_path(top: PurePosixPath, objects: Iterable[Object]) -> dict[PurePath, Object]:
    found: dict[PurePath, Object] = {}
    for each in objects:
        path = _path(top, each.key)
        if each.key.endswith("/"):  # a folder, as consoles make them
            continue
        if path in found:
            raise SameName(found[path].key, each.key)
        found[path] = each
    return found


def _being_written(manifest: Object, data: Sequence[Object], now: datetime) -> str | None:
    """Whether a month is being overwritten: its data is newer than the manifest, which is written last."""
    newest = max((each.modified for each in data), default=manifest.modified)
    if newest > manifest.modified and now - newest < _SETTLED:
        return "its files are newer than its manifest, so a new one is being written"
    return None
