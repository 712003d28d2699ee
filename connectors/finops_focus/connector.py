"""FOCUS files of any provider, CSV or Parquet, 1.0 to 1.4: each file is one delivery."""

from pathlib import Path
from typing import TYPE_CHECKING

from finops import local_files
from finops.connector import ControlTotals, Delivery, RawExport, RawTable, Source
from finops.findings import Finding
from finops_focus import control, mapping, names, problems, reading
from finops_focus.names import Layout
from finops_focus.reading import ExportFile
from finops_focus.staging import Staging

if TYPE_CHECKING:
    import ibis.expr.types as ir

_SUFFIXES = (".csv", ".csv.gz", ".parquet")
_FORMATS = ("auto", "focus")
_MAPPING = "focus 1"
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
        file, layout = _described(delivery)
        staging = Staging(file, layout, self._source.name)
        path = self._workdir / f"{delivery.fingerprint}.parquet"
        columns = staging.write(path)
        table = RawTable(name=mapping.ROWS, files=(path,), format="parquet", columns=columns)
        return RawExport(
            delivery=delivery,
            tables=(table,),
            findings=(*staging.findings(), *self._about_currency(file, staging.rows_without_currency)),
        )

    def to_focus(self, raw: RawExport) -> "ir.Table":
        """Map the staged columns by their names."""
        return mapping.to_focus(raw, names.layout(tuple(raw.tables[0].columns)), self._source)

    def control_totals(self, raw: RawExport) -> ControlTotals:
        """Sum the file itself, not its staged copy."""
        file, layout = _described(raw.delivery)
        return control.totals(file, layout, self._source)

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

    def _about_currency(self, file: ExportFile, rows: int) -> tuple[Finding, ...]:
        """What is said of rows that took the source's currency; without one, the control totals refuse them."""
        if not rows or not self._source.currency:
            return ()
        origin = f"{self._source.currency} is taken from {self._source.currency_from}"
        return (
            Finding(
                rule="focus.no-currency",
                severity="warning",
                message=f"{file.path.name}: BillingCurrency is missing; {origin}.",
                source=self._source.name,
                rows=rows,
            ),
        )


def _described(delivery: Delivery) -> tuple[ExportFile, Layout]:
    """The delivery's file and what its columns mean.

    Raises:
        AccessError: the file is missing or may not be read.
        BillError: it is no FOCUS file, or has a column twice.
    """
    (path,) = delivery.files
    file = reading.opened(path)
    layout = names.layout(file.columns)
    if not layout.is_focus:
        raise problems.NotFocus(path, file.columns, names.kind(file.columns))
    twice = next((column for column in layout.used if column in file.repeated), None)
    if twice is not None:
        raise problems.ColumnTwice(path, twice)
    return file, layout
