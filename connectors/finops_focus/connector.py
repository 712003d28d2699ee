"""FOCUS files of any provider, CSV or Parquet, 1.0 to 1.4, and Azure's own cost exports: each file is one delivery."""

from pathlib import Path
from typing import TYPE_CHECKING

from finops import local_files
from finops.connector import ControlTotals, Delivery, RawExport, Source
from finops.focus.files import export, problems

if TYPE_CHECKING:
    import ibis.expr.types as ir

_SUFFIXES = (".csv", ".csv.gz", ".parquet")
_FORMATS = ("auto", "focus")
_MAPPING = "focus 2"
"""Version of this mapping: a new one reads every delivery again."""


class FocusConnector:
    """FOCUS files in a folder, in a glob, or one by name.

    Every file counts: a folder that keeps several runs of the same export would count its months twice, so name the
    newest run (or let the provider overwrite) there.
    """

    def __init__(self, source: Source, workdir: Path) -> None:
        self._source = source
        self._workdir = workdir

    def deliveries(self) -> list[Delivery]:
        """List the files, sorted by path."""
        location = self._location()
        paths = local_files.find(location, _SUFFIXES)
        if not paths:
            raise problems.NothingThere(location)
        version = f"{_MAPPING} {self._source.name} {self._source.currency}"
        return [
            Delivery(
                key=local_files.key(path, location),
                fingerprint=local_files.fingerprint([path], mapping=version),
                files=(path,),
            )
            for path in paths
        ]

    def fetch(self, delivery: Delivery) -> RawExport:
        """Stage the file's columns as Parquet, in `workdir`, and say what was doubtful in them."""
        return export.fetch(delivery, delivery.files, workdir=self._workdir, source=self._source)

    def to_focus(self, raw: RawExport) -> "ir.Table":
        """Map the staged columns by their names."""
        return export.to_focus(raw, self._source)

    def control_totals(self, raw: RawExport) -> ControlTotals:
        """Sum the file itself, not its staged copy."""
        return export.control_totals(raw.delivery.files, self._source)

    def _location(self) -> str:
        """The location, which must be on this machine.

        Raises:
            ConfigurationError: there is none, it is elsewhere, or `format` names something else.
        """
        location = self._source.location
        if location is None or "://" in location:
            raise problems.NoLocation(self._source.name, location)
        if self._source.format not in _FORMATS:
            raise problems.WrongFormat(self._source.name, self._source.format)
        return location
