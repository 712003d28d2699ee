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
from pathlib import PurePath, PurePosixPath

from finops.errors import AccessError, BillError
from finops_aws.tree import Tree

DATA = (".csv", ".csv.gz", ".csv.zip", ".parquet")
_MANIFEST = "manifest.json"
_STATUS = "cost_and_usage_data_status"
"""Folder of a table beside legacy Parquet that says whether the report is being written; no bill."""
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
        missing: those of `files` that were not found.
    """

    key: str
    files: tuple[PurePath, ...]
    manifest: PurePath | None = None
    missing: tuple[PurePath, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Manifest:
    """A manifest and the object keys it names, without bucket."""

    path: PurePath
    names: tuple[PurePosixPath, ...]


def file_sets(tree: Tree) -> list[FileSet]:
    """The deliveries of a tree, sorted by key.

    Raises:
        AccessError: if the location does not exist or may not be read.
        BillError: if there is no data file, a manifest is broken, or nothing tells which run of an export counts.
    """
    found = [path for path in tree.find(_ENDINGS) if _STATUS not in path.parts]
    manifests = [_read(path, tree) for path in _current([path for path in found if _is_manifest(path)])]
    data = [path for path in found if path.name.lower().endswith(DATA)] or [
        path for path in found if path == tree.alone and not path.name.lower().endswith(".json")
    ]
    named = [_named(manifest, tree) for manifest in manifests]
    governed = {folder for each, manifest in zip(named, manifests, strict=True) for folder in _governed(each, manifest)}
    loose = [path for path in data if not governed & {*path.parents}]
    sets = [*named, *_by_folder(loose, tree)]
    if not sets:
        raise NoDataFiles(tree.location)
    return sorted(sets, key=lambda each: each.key)


def month_of(path: PurePath) -> PurePath | None:
    """The folder of the billing month that holds the path, or is it; None outside of any."""
    for at in (path, *path.parents):
        if (
            _PERIOD.match(at.name)
            or _PARTITION.match(at.name)
            or (_MONTH.match(at.name) and _YEAR.match(at.parent.name))
        ):
            return at
    return None


def several_exports(keys: Iterable[str]) -> dict[str, list[str]]:
    """Deliveries whose month another export of the same location holds too, with the folders of these exports.

    >>> several_exports(["a/20260101-20260201", "a/20260201-20260301", "b/metadata/BILLING_PERIOD=2026-01"])
    {'a/20260101-20260201': ['a', 'b'], 'b/metadata/BILLING_PERIOD=2026-01': ['a', 'b']}
    """
    found = {key: place for key in keys if (place := _export_and_month(PurePosixPath(key))) is not None}
    exports: dict[str, set[str]] = {}
    for export, month in found.values():
        exports.setdefault(month, set()).add(export)
    return {key: sorted(exports[month]) for key, (_, month) in found.items() if len(exports[month]) > 1}


def _export_and_month(key: PurePosixPath) -> tuple[str, str] | None:
    """The export's folder and the month, `2026-01`, of a delivery with a folder of its own for each month."""
    folder = month_of(key)
    if folder is None:
        return None
    export = folder.parent
    if _PERIOD.match(folder.name):
        return str(export), f"{folder.name[:4]}-{folder.name[4:6]}"
    value = folder.name.partition("=")[2]
    if _MONTH.match(folder.name):
        return str(export.parent), f"{export.name.partition('=')[2]}-{value:0>2}"
    return str(export.parent if export.name in {"data", "metadata"} else export), value


def _is_manifest(path: PurePath) -> bool:
    return path.name.lower().endswith(_MANIFEST)


def _read(path: PurePath, tree: Tree) -> _Manifest:
    """Read one manifest.

    Raises:
        AccessError, BillError: if it may not be read, or names no files.
    """
    try:
        content = json.loads(tree.read(path).decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BrokenManifest(path, "it is not JSON") from error
    names = (
        next((content[word] for word in ("reportKeys", "dataFiles") if word in content), None)
        if isinstance(content, Mapping)
        else None
    )
    if not isinstance(names, list) or not all(isinstance(name, str) and name.strip("/") for name in names):
        raise BrokenManifest(path, "it has no list reportKeys or dataFiles")
    if outside := next((name for name in names if ".." in PurePosixPath(name).parts), None):
        raise BrokenManifest(path, f"it names {outside!r}, which leads out of its folder")
    return _Manifest(path=path, names=tuple(_object_key(name) for name in names))


def _object_key(name: str) -> PurePosixPath:
    """The object's key without `s3://bucket/` and leading slashes."""
    return PurePosixPath(re.sub(r"^s3a?://[^/]+/", "", name).lstrip("/"))


def _current(manifests: Sequence[PurePath]) -> list[PurePath]:
    """One manifest per month: the month's own, where there are also those of single runs.

    Raises:
        BillError: if a month has only manifests of several runs, and their folders do not tell the newest.
    """
    months: dict[PurePath, list[PurePath]] = {}
    for manifest in manifests:
        months.setdefault(month_of(manifest.parent) or manifest.parent, []).append(manifest)
    return [manifest for month, runs in sorted(months.items()) for manifest in _newest(month, runs)]


def _newest(month: PurePath, runs: Sequence[PurePath]) -> list[PurePath]:
    """The manifests of a month that count: those beside one another in the month's folder, else the newest run's."""
    own = [run for run in runs if run.parent == month]
    if own or len(runs) == 1:
        return own or list(runs)
    # Runs of CUR 2.0 are folders that begin with their time; an assembly of the legacy report has an identifier alone.
    if not all(re.match(r"\d{4}-?\d\d-?\d\dT", run.parent.name) for run in runs):
        raise SeveralRuns(month, [run.parent.name for run in runs])
    return [max(runs, key=lambda run: run.parent.name)]


def _named(manifest: _Manifest, tree: Tree) -> FileSet:
    """The files a manifest names, found by the longest end of their key that exists under its folders."""
    folder = manifest.path.parent
    month = month_of(folder) or folder
    files = tuple(_resolved(name, folder, tree) for name in manifest.names)
    return FileSet(
        key=month.name if month == tree.root else _key(month, tree),
        files=files,
        manifest=manifest.path,
        missing=tuple(path for path in files if not tree.holds(path)),
    )


def _key(path: PurePath, tree: Tree) -> str:
    """The path inside the location, with forward slashes: the same on every machine."""
    return path.relative_to(tree.root).as_posix() if path.is_relative_to(tree.root) else path.name


def _resolved(name: PurePosixPath, folder: PurePath, tree: Tree) -> PurePath:
    """Where a named object lies in the tree; where it should lie beside the manifest if it does not.

    The location may begin anywhere in the bucket, so of the key only an end is known to exist. A bare file name counts
    beside the manifest alone: further up it could be another month's.
    """
    folders = [folder, *(above for above in folder.parents if above.is_relative_to(tree.root))]
    for first in range(len(name.parts)):
        end = name.parts[first:]
        for base in folders if len(end) > 1 else folders[:1]:
            if tree.holds(base.joinpath(*end)):
                return base.joinpath(*end)
    return _expected(name, folder)


def _expected(name: PurePosixPath, folder: PurePath) -> PurePath:
    """Where an object would lie: at the key's end below the deepest folder that manifest and key have in common."""
    for base in (folder, *folder.parents):
        if base.name and base.name in name.parts[:-1]:
            place = len(name.parts) - 1 - name.parts[::-1].index(base.name)
            return base.joinpath(*name.parts[place + 1 :])
    return folder / name.name


def _governed(named: FileSet, manifest: _Manifest) -> Iterator[PurePath]:
    """Folders whose data files are only those the manifest names."""
    month = month_of(manifest.path.parent)
    yield month or manifest.path.parent
    if month is not None and _PARTITION.match(month.name):
        yield from (month.parent.parent / "data" / name for name in _spellings(month.name))
    for path in named.files:
        yield month_of(path.parent) or path.parent


def _spellings(partition: str) -> tuple[str, str]:
    word, _, value = partition.partition("=")
    return f"{word.upper()}={value}", f"{word.lower()}={value}"


def _by_folder(files: Iterable[PurePath], tree: Tree) -> Iterator[FileSet]:
    """Data files without a manifest: one delivery per month's partition, else per folder.

    Raises:
        BillError: if a partition holds several runs: which one is complete only a manifest knows.
    """
    folders: dict[PurePath, list[PurePath]] = {}
    for path in files:
        folders.setdefault(month_of(path.parent) or path.parent, []).append(path)
    for folder, members in sorted(folders.items()):
        runs = {path.parent for path in members}
        if len(runs) > 1:
            raise SeveralRuns(folder, sorted(run.name for run in runs))
        yield FileSet(key=_key(folder if tree.alone is None else members[0], tree), files=tuple(members))


class NoDataFiles(BillError):
    """A location holds nothing to read."""

    def __init__(self, location: str) -> None:
        super().__init__(
            f"{location} holds no cost export: no manifest and no file ending in {', '.join(DATA)}.",
            "Point the source's location at the folder of the report, or at its files.",
        )


class BrokenManifest(BillError):
    """A manifest does not say which files are current."""

    def __init__(self, path: PurePath, why: str) -> None:
        super().__init__(
            f"The manifest {path} cannot be used: {why}.",
            "Fetch it again from the bucket; nothing of its month was read.",
        )


class SeveralRuns(BillError):
    """A month was delivered several times, and nothing tells which delivery is current."""

    def __init__(self, folder: PurePath, runs: Sequence[str]) -> None:
        super().__init__(
            f"{folder} holds {len(runs)} runs of the export, among them {runs[0]}, and no manifest names one.",
            "Copy the month's manifest too (CUR 2.0: the folder metadata beside data), or set the location to one run.",
        )


class NamedFileMissing(AccessError):
    """A manifest names a file that is not there."""

    def __init__(self, manifest: PurePath, file: PurePath) -> None:
        super().__init__(
            f"The manifest {manifest} names the file {file}, which does not exist.",
            "Copy the whole delivery again, the manifest last; nothing of its month was read.",
        )
