"""Layout of a delivery folder: which files belong together, told by manifests where there are any, else by folders.

Three layouts, wherever inside them the location begins:

    prefix/report/20260101-20260201/report-Manifest.json             legacy: the month's manifest names its files
    prefix/report/report/year=2026/month=1/*.snappy.parquet          legacy Parquet
    prefix/export/data/BILLING_PERIOD=2026-01/[execution/]*.parquet  CUR 2.0, with its manifest below metadata/

Source: AWS Data Exports user guide, export delivery and report versions (read November 2026).
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from finops.errors import AccessError, BillError
from finops.local_files import Unreadable, find, key, root

DATA = (".csv", ".csv.gz", ".csv.zip", ".parquet")
_MANIFEST = "manifest.json"
_ENDINGS = (*DATA, "-" + _MANIFEST)

_PERIOD = re.compile(r"^\d{8}-\d{8}$")
_PARTITION = re.compile(r"^billing_period=", re.IGNORECASE)
_YEAR = re.compile(r"^year=", re.IGNORECASE)
_MONTH = re.compile(r"^month=", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSet:
    """Files that make up one delivery.

    Attributes:
        key: path inside the location that stays the same when the provider rewrites the files.
        files: in the order of the manifest, else by name; a named file that was not found, where it should be.
        manifest: what named the files; None where folders did.
    """

    key: str
    files: tuple[Path, ...]
    manifest: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Manifest:
    """A manifest and the object keys it names, without bucket."""

    path: Path
    names: tuple[PurePosixPath, ...]


def file_sets(location: str) -> list[FileSet]:
    """The deliveries of a location, sorted by key.

    Raises:
        AccessError: if the location does not exist or may not be read.
        BillError: if there is no data file, a manifest is broken, or nothing tells which run of an export counts.
    """
    found = find(location, _ENDINGS)
    manifests = _current([_read(path) for path in found if path.name.lower().endswith(_MANIFEST)])
    data = [path for path in found if path.name.lower().endswith(DATA)] or [
        path for path in found if _is_alone(path, location)
    ]
    named = [_named(manifest, location) for manifest in manifests]
    governed = {folder for each, manifest in zip(named, manifests, strict=True) for folder in _governed(each, manifest)}
    loose = [path for path in data if not governed & {*path.parents}]
    sets = [*named, *_by_folder(loose, location)]
    if not sets:
        raise NoDataFiles(location)
    return sorted(sets, key=lambda each: each.key)


def _is_alone(path: Path, location: str) -> bool:
    """Whether the location is this very file, which counts whatever its name ends in; a manifest does not."""
    return path == Path(location) and not path.name.lower().endswith(".json")


def _read(path: Path) -> _Manifest:
    """Read one manifest.

    Raises:
        AccessError, BillError: if it may not be read, or names no files.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise Unreadable(str(path), error) from error
    except ValueError as error:
        raise BrokenManifest(path, "it is not JSON") from error
    names = (
        next((content[word] for word in ("reportKeys", "dataFiles") if word in content), None)
        if isinstance(content, Mapping)
        else None
    )
    if not isinstance(names, list) or not all(isinstance(name, str) and name.strip("/") for name in names):
        raise BrokenManifest(path, "it has no list reportKeys or dataFiles")
    return _Manifest(path=path, names=tuple(_object_key(name) for name in names))


def _object_key(name: str) -> PurePosixPath:
    """The object's key without `s3://bucket/` and leading slashes."""
    return PurePosixPath(re.sub(r"^s3a?://[^/]+/", "", name).lstrip("/"))


def _current(manifests: Sequence[_Manifest]) -> list[_Manifest]:
    """One manifest per month: the month's own, where there are also those of single runs.

    Raises:
        BillError: if a month has only manifests of several runs, and their folders do not tell the newest.
    """
    months: dict[Path, list[_Manifest]] = {}
    for manifest in manifests:
        months.setdefault(_month_folder(manifest.path.parent) or manifest.path.parent, []).append(manifest)
    return [manifest for month, runs in sorted(months.items()) for manifest in _newest(month, runs)]


def _newest(month: Path, runs: Sequence[_Manifest]) -> list[_Manifest]:
    """The manifests of a month that count: those beside one another in the month's folder, else the newest run's."""
    own = [run for run in runs if run.path.parent == month]
    if own or len(runs) == 1:
        return own or list(runs)
    # Runs of CUR 2.0 are folders that begin with their time; an assembly of the legacy report has an identifier alone.
    if not all(re.match(r"\d{4}-?\d\d-?\d\dT", run.path.parent.name) for run in runs):
        raise SeveralRuns(month, [run.path.parent.name for run in runs])
    return [max(runs, key=lambda run: run.path.parent.name)]


def _named(manifest: _Manifest, location: str) -> FileSet:
    """The files a manifest names, found by the longest end of their key that exists under its folders."""
    folder = manifest.path.parent
    month = _month_folder(folder) or folder
    inside = key(month, location) if month.is_relative_to(root(location)) else month.name
    return FileSet(
        key=month.name if inside == "." else inside,
        files=tuple(_resolved(name, folder, root(location)) for name in manifest.names),
        manifest=manifest.path,
    )


def _resolved(name: PurePosixPath, folder: Path, top: Path) -> Path:
    """Where a named object lies on this machine; where it should lie beside the manifest if it does not.

    The location may begin anywhere in the bucket, so of the key only an end is known to exist. A bare file name counts
    beside the manifest alone: further up it could be another month's.
    """
    folders = [folder, *(above for above in folder.parents if above.is_relative_to(top))]
    for first in range(len(name.parts)):
        end = Path(*name.parts[first:])
        for base in folders if len(end.parts) > 1 else folders[:1]:
            if (base / end).is_file():
                return base / end
    return _expected(name, folder)


def _expected(name: PurePosixPath, folder: Path) -> Path:
    """Where an object would lie: at the key's end below the deepest folder that manifest and key have in common."""
    for base in (folder, *folder.parents):
        if base.name and base.name in name.parts[:-1]:
            place = len(name.parts) - 1 - name.parts[::-1].index(base.name)
            return base.joinpath(*name.parts[place + 1 :])
    return folder / name.name


def _governed(named: FileSet, manifest: _Manifest) -> Iterator[Path]:
    """Folders whose data files are only those the manifest names."""
    month = _month_folder(manifest.path.parent)
    yield month or manifest.path.parent
    if month is not None and _PARTITION.match(month.name):
        yield from (month.parent.parent / "data" / name for name in _spellings(month.name))
    for path in named.files:
        yield _month_folder(path.parent) or path.parent


def _spellings(partition: str) -> tuple[str, str]:
    word, _, value = partition.partition("=")
    return f"{word.upper()}={value}", f"{word.lower()}={value}"


def _month_folder(folder: Path) -> Path | None:
    """The folder of the billing month that holds the folder, or is it; None outside of any."""
    for at in (folder, *folder.parents):
        if (
            _PERIOD.match(at.name)
            or _PARTITION.match(at.name)
            or (_MONTH.match(at.name) and _YEAR.match(at.parent.name))
        ):
            return at
    return None


def _by_folder(files: Iterable[Path], location: str) -> Iterator[FileSet]:
    """Data files without a manifest: one delivery per month's partition, else per folder.

    Raises:
        BillError: if a partition holds several runs: which one is complete only a manifest knows.
    """
    folders: dict[Path, list[Path]] = {}
    for path in files:
        folders.setdefault(_month_folder(path.parent) or path.parent, []).append(path)
    for folder, members in sorted(folders.items()):
        runs = {path.parent for path in members}
        if len(runs) > 1:
            raise SeveralRuns(folder, sorted(run.name for run in runs))
        alone = Path(location).is_file()
        yield FileSet(key=key(members[0] if alone else folder, location), files=tuple(members))


class NoDataFiles(BillError):
    """A location holds nothing to read."""

    def __init__(self, location: str) -> None:
        super().__init__(
            f"{location} holds no Cost and Usage Report: no manifest and no file ending in {', '.join(DATA)}.",
            "Point the source's location at the folder of the report, or at its files.",
        )


class BrokenManifest(BillError):
    """A manifest does not say which files are current."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            f"The manifest {path} cannot be used: {why}.",
            "Fetch it again from the bucket; nothing of its month was read.",
        )


class SeveralRuns(BillError):
    """A month was delivered several times, and nothing tells which delivery is current."""

    def __init__(self, folder: Path, runs: Sequence[str]) -> None:
        super().__init__(
            f"{folder} holds {len(runs)} runs of the export, among them {runs[0]}, and no manifest names one.",
            "Copy the month's manifest too (CUR 2.0: the folder metadata beside data), or set the location to one run.",
        )


class NamedFileMissing(AccessError):
    """A manifest names a file that is not there."""

    def __init__(self, manifest: Path, file: Path) -> None:
        super().__init__(
            f"The manifest {manifest} names the file {file}, which does not exist.",
            "Copy the whole delivery again, the manifest last; nothing of its month was read.",
        )
