"""Discovery: which exports lie in a folder and how a configuration would name them; reads names and headers alone."""

import glob
import os
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from finops import local_files, recognition
from finops.config import FILE
from finops.errors import AccessError, FinopsError

MOST_FILES = 100_000
"""Files looked at: a folder with more of them is somebody's whole disk rather than their bills."""
_MANIFEST = "-manifest.json"
_PERIOD = re.compile(r"\d{1,2}|\d{4}|\d{4}-?\d{2}(-?\d{2})?|\d{8}-\d{8}|\w+=.*")
"""A folder named after a time or a partition: the export begins above it."""
_AWS_PERIOD = re.compile(r"\d{8}-\d{8}|billing_period=.*|year=.*", re.IGNORECASE)
"""The only such folders of AWS's; a report's own name may be a number."""
_SPEAKS_FOR_NOTHING = {
    *("bill", "billing", "bills", "cost", "costs", "cur", "data", "export", "exports", "focus", "input", "reports"),
    *("csv", "json", "parquet", "report"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An export that a source can read.

    Attributes:
        name: unique among the places found, and fit to be a source's.
        connector: that reads it.
        location: as finops.toml says it: relative to the file, with forward slashes.
        files: its data files now, sorted.
        notes: one sentence each about what stands in the way of reading it.
    """

    name: str
    connector: str
    location: str
    files: tuple[Path, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A source that could stand in where there is no export; a person decides, as it may cost money.

    Attributes:
        connector: that reads it.
        settings: of its entry, beside name and connector.
    """

    connector: str
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What lies in a folder.

    Attributes:
        places: in the order of their locations.
        notes: one sentence each about files that were left out though they look like bills, or could not be read.
        proposals: what could stand in for exports that do not exist.
    """

    places: tuple[Place, ...]
    notes: tuple[str, ...]
    proposals: tuple[Proposal, ...] = ()


class NoFolder(AccessError):
    """There is no such folder."""

    def __init__(self, folder: Path) -> None:
        what = "is no folder" if folder.exists() else "does not exist"
        super().__init__(f"{folder} {what}.", "Name the folder that your exports lie in, or one you just made.")


def discover(folder: Path, *, base: Path) -> Discovery:
    """Find the exports in a folder and the folders in it; hidden ones and those that begin with `_` are left out.

    Args:
        folder: where to look.
        base: folder of the finops.toml that locations are relative to.

    Raises:
        AccessError: if the folder does not exist or may not be read; of the folders in it that is a note.
    """
    if not folder.is_dir():
        raise NoFolder(folder)
    survey = _Survey(folder.resolve(), base.resolve())
    survey.walk()
    places = sorted(survey.places(), key=lambda place: (place.location, place.connector))
    return Discovery(places=_named(places), notes=tuple(survey.notes))


class _Survey:
    """Every file that may be an export, by what it is."""

    def __init__(self, top: Path, base: Path) -> None:
        self.notes: list[str] = []
        self._top = top
        self._base = base
        self._exports: dict[Path, str] = {}  # file to connector
        self._broken: dict[Path, str] = {}  # file to why
        self._manifests: set[Path] = set()
        self._others: set[Path] = set()
        self._with_patterns = not glob.has_magic(str(base))  # in such a folder no pattern finds anything

    def walk(self) -> None:
        """Look at every file once.

        Raises:
            AccessError: if the folder itself may not be read.
        """
        for number, path in enumerate(self._files()):
            if number == MOST_FILES:
                self.notes.append(f"Only the first {MOST_FILES:,} files were looked at; name a smaller folder.")
                break
            self._look(path)
        if self._manifests and "aws" not in self._exports.values() and "focus" not in self._exports.values():
            first = self._shown(min(self._manifests))
            self.notes.append(f"{first} is the manifest of a report whose files are not here; copy them too.")
        known = {path.parent for path in self._exports}
        self.notes += [why for path, why in self._broken.items() if path.parent not in known]

    def places(self) -> Iterator[Place]:
        """The exports as locations; every file is in one of them."""
        left = dict(self._exports)
        for root, connector in self._trees():
            members = sorted(path for path in left if left[path] == connector and path.is_relative_to(root))
            for place in self._tree(root, connector, members) if members else ():
                left = {path: name for path, name in left.items() if path not in place.files or name != connector}
                yield place
        flat: dict[tuple[Path, str], list[Path]] = {}
        for path, connector in left.items():
            flat.setdefault((path.parent, connector), []).append(path)
        for (parent, connector), members in flat.items():
            yield from self._flat(parent, connector, sorted(members))

    # ── what there is ─────────────────────────────────────────────────────────────────────────────────────────

    def _files(self) -> Iterator[Path]:
        for folder, folders, names in os.walk(self._top, onerror=self._refused):
            if FILE in names and Path(folder) != self._top:
                where = self._shown(Path(folder))
                self.notes.append(f"{where} has a {FILE} of its own and was left out.")
                folders.clear()
                continue
            folders[:] = sorted(name for name in folders if not name.startswith((".", "_")))
            for name in sorted(names):
                if not name.startswith((".", "_")) and name.lower().endswith(recognition.ENDINGS):
                    yield Path(folder, name)

    def _refused(self, error: OSError) -> None:
        path = Path(error.filename)
        if path == self._top:
            raise local_files.Unreadable(str(path), error) from error
        self.notes.append(f"{self._shown(path)} cannot be read: {error.strerror}.")

    def _look(self, path: Path) -> None:
        if not path.is_file():
            return
        if not _is_text(str(path)):
            self.notes.append(f"{self._shown(path)} has a name that is no UTF-8 text; rename it.")
            return
        if path.name.lower().endswith(_MANIFEST):
            self._manifests.add(path)
            return
        try:
            names = recognition.columns(path)
        except FinopsError as error:
            self._broken[path] = error.what.replace(f"{self._base}{os.sep}", "")
            return
        connector = recognition.connector(names)
        if connector == "focus" and _is_data_export(path):
            connector = "aws"  # which knows the months' manifests, so that restated files and earlier runs count once
        if connector is None or recognition.is_ours(names):
            self._others.add(path)
            why = recognition.obstacle(names)
            if connector is not None:
                why = "finops export wrote it, and its cost would count twice"
            if why:
                self.notes.append(f"{self._shown(path)} was left out: {why}.")
            return
        self._exports[path] = connector

    # ── trees: exports with a folder per month ────────────────────────────────────────────────────────────────

    def _trees(self) -> list[tuple[Path, str]]:
        """Folders that hold an export's folders of months, the outer ones first."""
        manifests = {root for path in self._manifests if (root := self._root(path, _AWS_PERIOD))}
        above = {root.parent if root.name == "metadata" else root for root in manifests}
        found: set[tuple[Path, str]] = set()
        for path, connector in self._exports.items():
            root = self._root(path, _AWS_PERIOD if connector == "aws" else _PERIOD)
            if root is None:
                continue
            # Manifests lie beside `data` (CUR 2.0), or beside the folder of the Parquet files (legacy report).
            outer = root.parent
            with_manifests = connector == "aws" and outer in above and self._is_alone(outer, root)
            found.add((outer if with_manifests else root, connector))
        return sorted(found, key=lambda each: len(each[0].parts))

    def _root(self, path: Path, period: re.Pattern[str]) -> Path | None:
        """The folder above the first one that is named after a month; None where there is none."""
        inside = path.relative_to(self._top).parts[:-1]
        at = next((at for at, part in enumerate(inside) if period.fullmatch(part)), None)
        return None if at is None else self._top.joinpath(*inside[:at])

    def _is_alone(self, outer: Path, root: Path) -> bool:
        """Whether all data files below the outer folder lie in the inner one."""
        seen = (*self._exports, *self._others)
        return all(path.is_relative_to(root) or path.name.lower().endswith(".json") for path in _below(seen, outer))

    def _tree(self, root: Path, connector: str, members: Sequence[Path]) -> Iterator[Place]:
        if connector == "aws":
            strangers = [path for path in self._strangers(root, members) if not path.name.lower().endswith(_JSON)]
            notes = [f"{self._shown(path)} lies in this report and is none of it: move it away." for path in strangers]
            yield self._place(connector, self._written(root), members, [*notes, *self._damaged(root, "")])
            return
        strangers = self._strangers(root, members)
        for ending, some in _by_ending(members).items():
            if any(path.name.endswith(ending) for path in strangers):
                continue  # its folders are named one by one
            if self._with_patterns:
                location = self._written(root, f"**/*{ending}")
            elif not strangers and len(some) == len(members):
                location = self._written(root)
            else:
                continue
            yield self._place(connector, location, some, [*self._runs(some), *self._damaged(root, ending)])

    def _runs(self, members: Sequence[Path]) -> Iterator[str]:
        """Notes about months that hold several folders of files, as an export does that keeps its earlier runs."""
        runs: dict[Path, set[Path]] = {}
        for path in members:
            months = [above for above in path.parents if _PERIOD.fullmatch(above.name)]
            if months:
                runs.setdefault(months[0], set()).add(path.parent)
        for month, folders in sorted(runs.items()):
            if len(folders) > 1:
                yield (
                    f"{self._shown(month)} holds {len(folders)} folders of files, and all of them count: "
                    "if they are runs of one export, keep the newest."
                )

    def _strangers(self, root: Path, members: Sequence[Path]) -> list[Path]:
        mine = set(members)
        return [path for path in _below((*self._exports, *self._others), root) if path not in mine]

    # ── files beside one another ──────────────────────────────────────────────────────────────────────────────

    def _flat(self, parent: Path, connector: str, members: Sequence[Path]) -> Iterator[Place]:
        if parent != self._top and not self._with_patterns and not self._strangers(parent, members):
            yield self._place(connector, self._written(parent), members, self._damaged(parent, ""))
            return
        for ending, some in _by_ending(members).items():
            pattern = self._pattern(parent, ending, some) if self._with_patterns else None
            if pattern is None:
                yield from (self._place(connector, self._written(path), [path], []) for path in some)
            else:
                damaged = [why for path, why in self._broken.items() if _fits(path, parent, pattern)]
                yield self._place(connector, self._written(parent, pattern), some, damaged)

    def _pattern(self, parent: Path, ending: str, members: Sequence[Path]) -> str | None:
        """The pattern of names that fits these files and no other one, best also no broken one; None if there is none.

        Where finops.toml lies, other files will follow: there a pattern needs more than an ending.
        """
        start = _shared_start([path.name for path in members]) if len(members) > 1 else ""
        own = [f"{glob.escape(start)}*{ending}"] if start else []
        patterns = own if parent == self._top else [f"*{ending}", *own]
        others = {path for path in (*self._exports, *self._others) if path.parent == parent} - set(members)
        clean = [each for each in patterns if not any(_fits(path, parent, each) for path in others)]
        spotless = [each for each in clean if not any(_fits(path, parent, each) for path in self._broken)]
        return next(iter([*spotless, *(clean if len(members) > 1 else [])]), None)

    # ── words ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _damaged(self, root: Path, ending: str) -> list[str]:
        return [why for path, why in self._broken.items() if path.is_relative_to(root) and path.name.endswith(ending)]

    def _place(self, connector: str, location: str, files: Sequence[Path], notes: Sequence[str]) -> Place:
        return Place(name="", connector=connector, location=location, files=tuple(files), notes=tuple(notes))

    def _written(self, path: Path, pattern: str = "") -> str:
        """A location as finops.toml says it; only where a pattern follows do signs of patterns need an escape."""
        text = Path(os.path.relpath(path, self._base)).as_posix()
        if text.startswith("~"):  # would be taken for somebody's home
            text = path.as_posix()
        if not pattern:
            return text
        return pattern if text == "." else f"{glob.escape(text)}/{pattern}"

    def _shown(self, path: Path) -> str:
        return Path(os.path.relpath(path, self._base)).as_posix()


_JSON = (".json", ".jsonl", ".ndjson", ".json.gz", ".jsonl.gz", ".ndjson.gz")
"""Endings that the connector of AWS passes over."""


def _is_data_export(path: Path) -> bool:
    """Whether a FOCUS file lies where AWS Data Exports delivers: `data/BILLING_PERIOD=2026-10/` and deeper."""
    return any(
        above.name.lower().startswith("billing_period=") and above.parent.name == "data" for above in path.parents
    )


def _below(paths: Iterable[Path], folder: Path) -> list[Path]:
    return [path for path in paths if path.is_relative_to(folder)]


def _by_ending(files: Sequence[Path]) -> dict[str, list[Path]]:
    """Files by the ending of their names as it is written, which is how patterns compare."""
    found: dict[str, list[Path]] = {}
    for path in files:
        length = next(len(ending) for ending in recognition.ENDINGS if path.name.lower().endswith(ending))
        found.setdefault(path.name[-length:], []).append(path)
    return found


def _fits(path: Path, parent: Path, pattern: str) -> bool:
    return path.parent == parent and fnmatchcase(path.name, pattern)


def _shared_start(names: Sequence[str]) -> str:
    """What all names begin with, up to where a number or the last word begins; empty below three letters.

    >>> _shared_start(["focus_2026-01.csv", "focus_2026-02.csv"])
    'focus_'
    """
    prefix = os.path.commonprefix(list(names))  # noqa: RUF071 - of names, letter by letter
    start = prefix if all(name[len(prefix) :][:1].isdigit() for name in names) else re.sub(r"[^-_. ]*$", "", prefix)
    start = re.sub(r"\d[-_. \d]*$", "", start)
    return start if len(start) > 2 else ""  # noqa: PLR2004 - fewer letters say nothing


def _named(places: Sequence[Place]) -> tuple[Place, ...]:
    """The places with names that tell them apart: the connector's where it reads one of them, else the folder's."""
    taken: set[str] = set()
    found: list[Place] = []
    for place in places:
        alone = sum(other.connector == place.connector for other in places) == 1
        # FOCUS says nothing about whose bill it is; a folder's name may.
        named_by_connector = alone and place.connector != "focus"
        words = ([] if named_by_connector else _words(place)) or [place.connector]
        name = next((word for word in words if word.lower() not in taken), None)
        if name is None:
            name = next(f"{words[0]}-{n}" for n in range(2, len(places) + 2) if f"{words[0]}-{n}".lower() not in taken)
        taken.add(name.lower())
        found.append(replace(place, name=name))
    return tuple(found)


def _words(place: Place) -> list[str]:
    """Names a location suggests, the innermost folder first, then a file's; those that say nothing are left out."""
    parts = [part for part in place.location.split("/") if part not in {".", "..", "**"}]
    file = parts.pop() if parts and parts[-1].lower().endswith(recognition.ENDINGS) else ""
    stem = re.sub(r"\*.*$|(\.\w+)+$", "", file)
    stem = re.sub(r"[-_. ]*\d[-_. \d]*$", "", stem)
    slugs = [_slug(part) for part in (*reversed(parts), stem)]
    return [slug for slug in slugs if slug and slug.lower() not in _SPEAKS_FOR_NOTHING]


def _slug(text: str) -> str:
    """The text as a source's name: letters, digits, dots, dashes and underscores, at most 40 of them."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", plain).strip("-._")[:40].rstrip("-._")


def _is_text(text: str) -> bool:
    """Whether a path can be written down; names on a disk may be any bytes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
