"""Exports in Cloud Storage: every object, or set of objects that BigQuery numbered, is fetched when it changed."""

import fnmatch
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from finops.connector import ControlTotals, Delivery, RawExport, Source, Step
from finops.errors import BillError
from finops_gcp import access, control, kinds, recognise, records, shards, staging

if TYPE_CHECKING:
    from google.cloud import storage
    from google.cloud.storage import Blob

READER = "roles/storage.objectViewer on the bucket"
_MAGIC = "*?["


class BucketSource:
    """Files of a standard, detailed or FOCUS export below `gs://bucket/prefix`, or that match `gs://bucket/pattern*`.

    Args:
        source: with that location.
        workdir: for downloads and staged files.
        version: of the mapping, part of every fingerprint.
    """

    def __init__(self, source: Source, workdir: Path, *, version: str) -> None:
        self._source, self._workdir, self._version = source, workdir, version
        self._blobs: dict[str, Blob] = {}
        self._members: dict[str, tuple[str, ...]] = {}
        self._kinds: dict[str, kinds.Told] = {}

    def deliveries(self) -> list[Delivery]:
        """The objects whose names end as exports do, by what Cloud Storage says of their content.

        Raises:
            AccessError, RetryError: as Cloud Storage answers.
            BillError: if there is none.
            ConfigurationError: if exports of several kinds of one account are there, by their names or by what they
                told when they were read.
        """
        location = str(self._source.location)
        bucket, _, path = location.removeprefix("gs://").partition("/")
        prefix = path[: min((path.find(sign) for sign in _MAGIC if sign in path), default=len(path))]
        with access.asking(location, READER):
            blobs = [blob for blob in self._client().list_blobs(bucket, prefix=prefix) if _is_meant(blob.name, path)]
        if not blobs:
            raise NothingThere(location)
        top = prefix.rpartition("/")[0]
        self._blobs = {blob.name.removeprefix(top).removeprefix("/"): blob for blob in blobs}
        known = kinds.remembered(self._source.cache)
        named = {key: kinds.by_name(key) for key in self._blobs}
        self._kinds = {key: known[key] for key in self._blobs.keys() & known.keys()}
        self._kinds |= {key: told for key, told in named.items() if told}
        kinds.refuse_mixed(self._kinds, self._source.name)
        self._members = shards.together(self._blobs)
        return [
            Delivery(key=key, fingerprint=self._fingerprint(members), files=())
            for key, members in self._members.items()
        ]

    def fetch(self, delivery: Delivery) -> RawExport:
        """Download the objects and stage them.

        Raises:
            AccessError, RetryError: as Cloud Storage answers.
            BillError: as `staging.stage`, or if it is no export.
            ConfigurationError: if it is of another kind than an export of the same account.
        """
        paths = [self._download(member) for member in self._members[delivery.key]]
        for path, member in zip(paths, self._members[delivery.key], strict=True):
            if len(paths) > 1 and records.form(path) == "empty":
                continue  # BigQuery's last file may be
            if not recognise.is_export(path):
                raise recognise.NoExport(path)
            self._kinds[member] = kinds.of_file(path, name=member)
        kinds.refuse_mixed(self._kinds, self._source.name)
        kinds.remember(self._source.cache, self._kinds)
        export = staging.stage(
            *paths,
            to=paths[0].with_name(f"{paths[0].name}.staged"),
            currency=self._source.currency,
            currency_from=self._source.currency_from,
        )
        return RawExport(delivery=delivery, tables=export.tables, findings=export.findings)

    def control_totals(self, delivery: Delivery) -> ControlTotals:
        """Cost and all credits per invoice month, from the downloaded text."""
        paths = map(self._path, self._members[delivery.key])
        return control.control_totals(paths, currency=self._source.currency)

    def _client(self) -> "storage.Client":
        from google.cloud import storage

        endpoint = self._source.options.get("endpoint_url")
        return storage.Client(
            project=self._source.options.get("project", "finops"),  # listing and reading name no project
            credentials=access.credentials(self._source),
            client_options={"api_endpoint": endpoint} if endpoint else None,
        )

    def _download(self, key: str) -> Path:
        path, blob = self._path(key), self._blobs[key]
        path.parent.mkdir(parents=True, exist_ok=True)
        what = f"{self._source.name}: downloading {key}"
        self._source.progress(Step(what=what, done=0, total=blob.size, unit="bytes"))
        with access.asking(key, READER):
            # Of the state that was listed; the client compares checksums.
            blob.download_to_filename(str(path), if_generation_match=blob.generation)
        self._source.progress(Step(what=what, done=blob.size or 0, total=blob.size, unit="bytes"))
        return path

    def _path(self, key: str) -> Path:
        """Where an object is downloaded to: its own name is data and no path of this machine."""
        folder = hashlib.blake2b(key.encode(), digest_size=8).hexdigest()
        return self._workdir / folder / f"object{_ending(key)}"

    def _fingerprint(self, members: Sequence[str]) -> str:
        blobs = [self._blobs[member] for member in members]
        contents = (part for blob in blobs for part in (blob.md5_hash or blob.crc32c or "", str(blob.size)))
        parts = (self._version, self._source.currency or "", *contents)
        return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=32).hexdigest()


class NothingThere(BillError):
    """A location of a bucket holds no export."""

    def __init__(self, location: str) -> None:
        super().__init__(
            f"{location} holds no JSON, CSV or Parquet file.",
            "Point the source's location at exports of gcp_billing_export_v1 or gcp_billing_export_resource_v1 tables.",
        )


def _is_meant(name: str, pattern: str) -> bool:
    """Whether an object is one of the location's."""
    if any(sign in pattern for sign in _MAGIC):
        return fnmatch.fnmatchcase(name, pattern)
    return name == pattern or name.lower().endswith(records.SUFFIXES)


def _ending(key: str) -> str:
    return next(
        (ending for ending in sorted(records.SUFFIXES, key=len, reverse=True) if key.lower().endswith(ending)), ""
    )
