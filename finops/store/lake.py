"""Lake: the Delta tables `cost` and `allocated` on a folder or in a bucket.

One commit replaces what changed, and old versions answer.

A data file belongs to one part: in `cost` a part is a delivery, in `allocated` a source's month. Its name says which
part and which state of it (`PART-STATE-RUN.parquet`, hashes), so the list of active files is the whole bookkeeping: no
side file can disagree with the table, and whoever finds a part in another state than expected makes it again.
"""

import hashlib
import os
import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from finops.errors import AccessError, RetryError
from finops.store.bucket import OPTIONS, RIGHTS, Bucket
from finops.store.engine import note_of

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake import DeltaTable
    from deltalake import Field as DeltaField

    from finops.store.engine import Written

PARTITIONS = ("x_Source", "x_BillingMonth")
_HASH = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """One active file of a table version.

    Attributes:
        path: relative to the table's folder, as the log has it.
        uri: where an engine reads it; from a bucket `LakeTable.bring` puts it there.
        source, month: its partition.
        part, state: hashes from its name; empty for a file another writer made. The state is empty as well where the
            file is gone or not as long as it was: whoever makes parts then makes this one again.
        size: bytes.
        written: when, just before the commit that first named it.
        rows: in the file; None where its writer did not say.
    """

    path: str
    uri: str
    source: str
    month: str
    part: str
    state: str
    size: int
    written: datetime
    rows: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outdated:
    """A file that no version names any more since a commit at that time."""

    file: DataFile
    replaced: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """A file written into the table's folder that no commit names yet."""

    source: str
    month: str
    written: "Written"


class LakeTable:
    """One Delta table.

    Args:
        folder: of the table; it need not exist yet. For a table in a bucket: of the copies of its data files.
        schema: Arrow schema, partition columns included.
        url: of the table in a bucket, `s3://…` or `gs://…`; None for a folder.
    """

    def __init__(self, folder: Path, schema: "pa.Schema", *, url: str | None = None) -> None:
        self.folder = folder
        self.schema = schema
        self.url = url or str(folder)
        self._bucket = Bucket(url, folder) if url else None

    def version(self, known_at: datetime | None = None) -> int | None:
        """The newest version, or the one that was newest at a time; None where there was none yet."""
        table = self._open(known_at)
        return None if table is None else table.version()

    def commits(self) -> list[datetime]:
        """When its versions were made, oldest first; a commit that does not say when (another writer's) is left out."""
        table = self._open()
        stamps = [] if table is None else [one["timestamp"] for one in table.history() if "timestamp" in one]
        # the millisecond after, for a time that is kept in microseconds may be rounded down
        return [_at(stamp + 1) for stamp in sorted(stamps)]

    def files(
        self, *, version: int | None = None, known_at: datetime | None = None, removed: bool = False
    ) -> list[DataFile]:
        """Active files by path: of a version, of a time, or of now; none before the first commit.

        Args:
            version: to look at.
            known_at: time to look at.
            removed: files of a time that a vacuum removed are named too, without a state; else that time is refused.

        Raises:
            NoLongerKept: if a vacuum removed files of that time.
        """
        table = self._open(known_at, version, refuse=not removed)
        return [] if table is None else self._files(table, self._held())

    def _held(self) -> Mapping[str, int] | None:
        """Sizes of what a bucket holds; None for a folder, where a file is looked at when it is needed."""
        return None if self._bucket is None else self._bucket.sizes()

    def _files(self, table: "DeltaTable", held: Mapping[str, int] | None) -> list[DataFile]:
        actions = table.get_add_actions(flatten=True)
        columns = {name: actions.column(name).to_pylist() for name in actions.schema.names}
        found = [
            _data_file(self.folder, path, (source, month), size, written, rows, held)
            for path, size, written, source, month, rows in zip(
                columns["path"],
                columns["size_bytes"],
                columns["modification_time"],
                columns["partition.x_Source"],
                columns["partition.x_BillingMonth"],
                columns.get("num_records", [None] * len(columns["path"])),
                strict=True,
            )
        ]
        return sorted(found, key=lambda file: file.path)

    def bring(self, files: Iterable[DataFile]) -> list[str]:
        """Where an engine reads these files on this machine; from a bucket they are copied there first.

        Raises:
            AccessError: if the bucket cannot be read.
        """
        files = list(files)
        if self._bucket is not None:
            self._bucket.download((Path(file.uri), file.size) for file in files)
        return [file.uri for file in files]

    def note(self, file: DataFile) -> str | None:
        """The note in the footer of a data file; None where another writer made it.

        Raises:
            AccessError: if the file is gone or may not be read.
        """
        return note_of(Path(file.uri)) if self._bucket is None else self._bucket.note(Path(file.uri))

    def built_from(self, *, known_at: datetime | None = None) -> int | None:
        """The version of `cost` that this table's version was built from; None where it does not say."""
        table = self._open(known_at)
        return None if table is None else table.transaction_version(_BUILT_FROM)

    def stage(self, source: str, month: str, part: str, state: str) -> Path:
        """A new path for a file of a part and a state; nothing is created."""
        name = f"{hashed(part)}-{hashed(state)}-{uuid.uuid4().hex[:12]}.parquet"
        return self.folder / f"x_Source={source}" / f"x_BillingMonth={month}" / name

    def commit(
        self,
        *,
        add: Sequence[Staged],
        remove: Sequence[DataFile],
        seen: int | None,
        why: Mapping[str, Any],
        built_from: int | None = None,
    ) -> int:
        """Replace files by others in one commit: a reader sees the old state or the new one.

        Args:
            add: staged files.
            remove: active files they replace.
            seen: version the caller looked at (None: no table yet); a newer commit by another writer is refused.
            why: kept with the commit, for people who read the history.
            built_from: version of `cost` this commit was made from.

        Returns:
            The new version.

        Raises:
            RetryError: if another writer committed since `seen`.
            AccessError: if the folder may not be written.
        """
        from deltalake import CommitProperties, Transaction
        from deltalake.exceptions import CommitFailedError, DeltaError
        from deltalake.transaction import RemoveAction

        current = seen or 0
        try:
            table = self._open() or self._create()
            if table.version() != current:
                raise _Overtaken(self.url)
            if missing := self._missing(table):
                # A commit of its own: where this run ends before the next one, the table has a column of nulls more.
                table.alter.add_columns(missing, commit_properties=CommitProperties(max_commit_retries=0))
                current = table.version()
            transactions = [Transaction(_WRITER, current + 1)]
            if built_from is not None:
                transactions.append(Transaction(_BUILT_FROM, built_from))
            self._secure([staged.written.path for staged in add])
            now = int(datetime.now(UTC).timestamp() * 1000)
            actions = [_add_action(self.folder, staged) for staged in add]
            actions += [_remove_action(RemoveAction, file, now) for file in remove]
            table.create_write_transaction(
                actions,
                mode="append",
                schema=table.schema(),
                partition_by=list(PARTITIONS),
                # Zero retries: one after a conflict would put our rows beside another writer's of the same delivery.
                commit_properties=CommitProperties(
                    custom_metadata={f"finops.{key}": str(value) for key, value in why.items()},
                    max_commit_retries=0,
                    app_transactions=transactions,
                ),
            )
            if self._bucket is None:  # the entry, and the checkpoint that every hundredth one comes with
                log, entry = self.folder / "_delta_log", f"{current + 1:020}"
                _sync([log / f"{entry}.json", *log.glob(f"{entry}.checkpoint*.parquet")])
        except CommitFailedError as error:
            if self.version() != current:
                raise _Overtaken(self.url) from error
            raise _Unwritable(self.url, error) from error
        except (DeltaError, OSError) as error:
            raise _Unwritable(self.url, error) from error
        return current + 1

    def _secure(self, files: Sequence[Path]) -> None:
        """Bring staged files to where a commit may name them."""
        if self._bucket is None:
            _sync(files)
        else:
            self._bucket.upload(files)

    def discard(self, staged: Iterable[Staged]) -> None:
        """Remove staged files that no commit names; what an interrupted caller did commit stays.

        Where the table cannot be read they stay as well: readers look at files that a commit names, at no others.
        """
        staged = list(staged)
        try:
            active = {file.uri for file in self.files()} if staged else set()
            for file in staged:
                if str(file.written.path) not in active:
                    file.written.path.unlink(missing_ok=True)
        except (AccessError, OSError):
            return

    def outdated(self, kept_from: datetime) -> list[Outdated]:
        """Files that only versions name which were replaced before a time, as far as no vacuum removed them before.

        What an earlier vacuum left because it had been replaced within a day is named again.

        Raises:
            AccessError: if the table cannot be read.
        """
        table = self._open()
        if table is None:
            return []
        history = list(table.history())
        before = _kept_from(history)
        first = 0 if before is None else _newest_at(history, before) or 0
        last = _newest_at(history, kept_from) or 0
        times = {entry["version"]: entry["timestamp"] for entry in history if "timestamp" in entry}
        held = self._held()
        files: dict[str, DataFile] = {}
        found: dict[str, Outdated] = {}
        for version in range(first, last + 1):
            table.load_as_version(version)
            files = {file.path: file for file in self._files(table, held)}
            # Until the last version in turn: a file counts as replaced by the first one that does not name it.
            for path, file in files.items():
                found[path] = Outdated(file=file, replaced=kept_from)
            for path, outdated in found.items():
                if path not in files and outdated.replaced == kept_from and version in times:
                    found[path] = replace(outdated, replaced=_at(times[version]))
        return [outdated for path, outdated in found.items() if path not in files and outdated.file.state]

    def vacuum(self, kept_from: datetime | None, *, grace_hours: int = 24) -> int:
        """Remove files that only older versions name, and those that killed runs left behind.

        Args:
            kept_from: versions that were newest at this time or later stay readable; None: every version stays.
            grace_hours: files written or replaced so recently stay: a run may still commit or read them.

        Returns:
            How many files were removed.

        Raises:
            AccessError: if the folder may not be read or written.
        """
        from deltalake import CommitProperties
        from deltalake.exceptions import DeltaError

        table = self._open()
        if table is None:
            return 0
        try:
            oldest = 0 if kept_from is None else _newest_at(table.history(), kept_from) or 0
            metadata = {} if kept_from is None else {_KEPT_FROM: kept_from.isoformat()}
            remove = partial(
                table.vacuum,
                grace_hours,
                enforce_retention_duration=False,
                full=True,
                keep_versions=list(range(oldest, table.version() + 1)),
                commit_properties=CommitProperties(custom_metadata=metadata),
            )
            held = self._held()
            # The log goes on naming what an earlier vacuum removed.
            due = [name for name in map(unquote, remove(dry_run=True)) if self._exists(name, held)]
            if due:
                remove(dry_run=False)
        except (DeltaError, OSError) as error:
            raise _Unwritable(self.url, error) from error
        if self._bucket is not None:
            self._bucket.forget(unquote(file.path) for file in self.files())
        return len(due)

    def _exists(self, name: str, held: Mapping[str, int] | None) -> bool:
        return name in held if held is not None else (self.folder / name).exists()

    def _open(
        self, known_at: datetime | None = None, version: int | None = None, *, refuse: bool = False
    ) -> "DeltaTable | None":
        from deltalake import DeltaTable
        from deltalake.exceptions import DeltaError, TableNotFoundError

        try:
            if self._bucket is None:
                if not (self.folder / "_delta_log").is_dir():
                    return None
                _refuse_empty_entry(self.folder)
            table = DeltaTable(self.url, version=version, storage_options=self._options)
            if known_at is not None:
                history = table.history()
                newest = _newest_at(history, known_at)
                if newest is None:
                    return None
                if refuse:
                    _refuse_vacuumed(self.url, history, newest, known_at)
                table.load_as_version(newest)
            unknown = [field.name for field in table.schema().fields if field.name not in self.schema.names]
        except TableNotFoundError:
            return None
        except (DeltaError, OSError) as error:
            if self._bucket is None:
                _refuse_damaged_entry(self.folder, error)
                _refuse_damaged_checkpoint(self.folder, error)
            raise _Unwritable(self.url, error) from error
        if unknown:
            raise MadeByNewerVersion(self.url, unknown)
        return table

    @property
    def _options(self) -> dict[str, str] | None:
        return None if self._bucket is None else dict(OPTIONS)

    def _missing(self, table: "DeltaTable") -> "list[DeltaField]":
        """Columns that the table was made without."""
        from deltalake import Schema

        present = {field.name for field in table.schema().fields}
        return [field for field in Schema.from_arrow(self.schema).fields if field.name not in present]

    def _create(self) -> "DeltaTable":
        from deltalake import CommitProperties, DeltaTable
        from deltalake.exceptions import DeltaError

        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            return DeltaTable.create(
                self.url,
                self.schema,
                mode="ignore",
                partition_by=list(PARTITIONS),
                name=self.folder.name,
                # Old versions answer --known-at: kept for years, not for Delta's thirty days (log) and seven (files).
                configuration={
                    "delta.logRetentionDuration": "interval 3650 days",
                    "delta.deletedFileRetentionDuration": "interval 3650 days",
                },
                # With retries, two writers at the same moment would make it twice, and both find it changed.
                commit_properties=CommitProperties(max_commit_retries=0),
                storage_options=self._options,
            )
        except DeltaError:
            table = self._open()
            if table is None:
                raise
            return table


_WRITER = "finops"
_BUILT_FROM = "finops/cost"
_KEPT_FROM = "finops.kept_from"


def hashed(text: str) -> str:
    """The hash of a part or state as file names carry it: 16 hexadecimal characters."""
    return hashlib.blake2b(text.encode(), digest_size=_HASH // 2).hexdigest()


def states(files: Iterable[DataFile]) -> dict[tuple[str, str], set[str]]:
    """Per (source, part): the states of its active files."""
    found: dict[tuple[str, str], set[str]] = {}
    for file in files:
        found.setdefault((file.source, file.part), set()).add(file.state)
    return found


def _newest_at(history: Iterable[Mapping[str, Any]], known_at: datetime) -> int | None:
    """The newest version committed until a time; a commit that does not say when (another writer's) is passed over."""
    until = known_at.timestamp() * 1000
    return max((entry["version"] for entry in history if entry.get("timestamp", until + 1) <= until), default=None)


def _kept_from(history: Iterable[Mapping[str, Any]]) -> datetime | None:
    """The time since which the last vacuum kept every version."""
    return max((datetime.fromisoformat(entry[_KEPT_FROM]) for entry in history if _KEPT_FROM in entry), default=None)


def _at(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _refuse_vacuumed(table: str, history: Iterable[Mapping[str, Any]], version: int, known_at: datetime) -> None:
    """Raise where a version was no longer the newest at the time from which files are kept."""
    history = list(history)
    kept_from = _kept_from(history)
    if kept_from is not None and version < (_newest_at(history, kept_from) or 0):
        raise NoLongerKept(table, known_at, kept_from)


class MadeByNewerVersion(AccessError):
    """The table has columns that this version does not know: reading it without them may give wrong figures."""

    def __init__(self, table: str, columns: Sequence[str]) -> None:
        super().__init__(
            f"The table {table} has columns that this version of finops does not know: {', '.join(sorted(columns))}.",
            "A newer version made it: install that version, or ingest into another store.",
        )


class NoLongerKept(AccessError):
    """The rows of a version were removed by a vacuum."""

    def __init__(self, table: str, known_at: datetime, kept_from: datetime) -> None:
        super().__init__(
            f"The rows of {table} as known at {known_at:%Y-%m-%d %H:%M} UTC were removed by a vacuum; "
            f"they are kept as known since {kept_from:%Y-%m-%d %H:%M} UTC.",
            "Ask for a later time; daily sums are kept for every time: with commitments = false under [forecast], "
            "finops forecast answers from them alone.",
        )


class _Overtaken(RetryError):
    def __init__(self, table: str) -> None:
        super().__init__(
            f"Another run changed {table} at the same time; this run changed nothing there.",
            "Run the same command again.",
        )


class _Unwritable(AccessError):
    def __init__(self, table: str, error: Exception) -> None:
        super().__init__(
            f"The table {table} cannot be used: {_reason(error)}.",
            f"Check {RIGHTS} and that nothing but a Delta table is there."
            if "://" in table
            else "Check that the folder may be read and written, has room left and holds a Delta table.",
        )


_CAUSE = re.compile("\N{DOWNWARDS ARROW WITH TIP RIGHTWARDS}(?:\x1b\\[\\d*m)? *(.+)")
_ANSWER = re.compile("<Message>([^<]+)</Message>")
_GAP = re.compile(r'found gap: .*filename: "(\w+\.json)".* -> .*filename: "(\w+\.json)"')


def _reason(error: Exception) -> str:
    """The part of an error that tells most: the library puts causes on lines of their own, after "Generic error"."""
    told = (getattr(error, "strerror", None) or str(error)).strip()
    if gap := _GAP.search(told):
        return f"its log has a gap between {gap[1]} and {gap[2]}"
    if answered := _ANSWER.search(told):
        return answered[1].strip().rstrip(".")
    return ": ".join(_CAUSE.findall(told) or told.splitlines()[:1]).rstrip(".")


class _Damaged(AccessError):
    def __init__(self, folder: Path, entry: Path, what: str) -> None:
        super().__init__(
            f"The table {folder} cannot be used: its log entry {entry} {what}.",
            "Restore that file from a backup. If it is the newest entry, you may delete it instead: the table is then "
            "as it was before, and `finops ingest` does again what is missing.",
        )


def _refuse_empty_entry(folder: Path) -> None:
    """A power cut can leave an entry without content; read as a commit that changes nothing, months would go back."""
    with os.scandir(folder / "_delta_log") as entries:
        for entry in entries:
            if entry.name.endswith(".json") and entry.is_file() and entry.stat().st_size == 0:
                raise _Damaged(folder, Path(entry.path), "is empty")


def _refuse_damaged_entry(folder: Path, error: Exception) -> None:
    """Name the first log entry that holds anything but lines of JSON; the library says only that there is one."""
    import json  # noqa: PLC0415 - as below

    with suppress(OSError):  # the error itself says more
        for entry in sorted((folder / "_delta_log").glob("*.json")):
            try:
                whole = all(isinstance(json.loads(line), dict) for line in entry.read_bytes().splitlines())
            except ValueError:
                whole = False
            if not whole:
                raise _Damaged(folder, entry, "is damaged") from error


class _DamagedCheckpoint(AccessError):
    def __init__(self, folder: Path, checkpoint: Path, what: str) -> None:
        whole = (folder / "_delta_log" / f"{0:020}.json").exists()
        super().__init__(
            f"The table {folder} cannot be used: its checkpoint {checkpoint} {what}.",
            f"Delete {checkpoint.name} and _last_checkpoint there: the log entries beside them hold the same."
            if whole
            else "Restore that file from a backup.",
        )


def _refuse_damaged_checkpoint(folder: Path, error: Exception) -> None:
    """Name a checkpoint, a summary of all entries before it, that is gone or cannot be read."""
    import json  # noqa: PLC0415 - as above

    import pyarrow as pa
    import pyarrow.parquet as pq

    log = folder / "_delta_log"
    with suppress(OSError):  # the error itself says more
        for checkpoint in sorted(log.glob("*.checkpoint*.parquet")):
            try:
                pq.ParquetFile(checkpoint).read()
            except (pa.ArrowException, OSError):  # pyarrow raises OSError for what is not whole
                raise _DamagedCheckpoint(folder, checkpoint, "is damaged") from error
        with suppress(ValueError, KeyError, TypeError):
            version = int(json.loads((log / "_last_checkpoint").read_bytes())["version"])
            if not any(log.glob(f"{version:020}.checkpoint*")):
                gone = log / f"{version:020}.checkpoint.parquet"
                raise _DamagedCheckpoint(folder, gone, "is gone") from error


def _sync(files: Iterable[Path]) -> None:
    """Bring files and the entries of their folders to the disk: a log that outlives a power cut names whole files."""
    files = list(files)
    for path in (*files, *dict.fromkeys(file.parent for file in files)):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _data_file(  # noqa: PLR0917 - what the log says of a file, and what is known of its place
    folder: Path,
    path: str,
    partition: tuple[str, str],
    size: int,
    written: int,
    rows: int | None,
    held: Mapping[str, int] | None,
) -> DataFile:
    """One active file; `held` are the sizes of what a bucket holds, None for a folder."""
    source, month = partition
    name = unquote(path)
    pieces = Path(path).name.removesuffix(".parquet").split("-")
    ours = len(pieces) == 3 and len(pieces[0]) == len(pieces[1]) == _HASH  # noqa: PLR2004 - part, state and run
    part, state = (pieces[0], pieces[1]) if ours else ("", "")
    whole = _is_whole(folder / name, size) if held is None else held.get(name) == size
    return DataFile(
        path=path,
        uri=str(folder / name),
        source=source,
        month=month,
        part=part,
        state=state if whole else "",
        size=size,
        written=_at(written),
        rows=rows,
    )


def _is_whole(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size == size
    except FileNotFoundError:
        return False
    except OSError:  # whoever reads it says why it cannot be read
        return True


def _add_action(folder: Path, staged: Staged) -> Any:  # noqa: ANN401 - deltalake's own class, imported late
    import json  # noqa: PLC0415

    from deltalake.transaction import AddAction

    return AddAction(
        path=staged.written.path.relative_to(folder).as_posix(),
        size=staged.written.size,
        partition_values={"x_Source": staged.source, "x_BillingMonth": staged.month},
        modification_time=int(staged.written.path.stat().st_mtime * 1000),
        data_change=True,
        stats=json.dumps({"numRecords": staged.written.rows}),
    )


def _remove_action(make: Any, file: DataFile, now: int) -> Any:  # noqa: ANN401 - deltalake's own class, imported late
    return make(
        path=unquote(file.path),  # it quotes the path itself
        deletion_timestamp=now,
        data_change=True,
        partition_values={"x_Source": file.source, "x_BillingMonth": file.month},
    )
