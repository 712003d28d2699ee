"""The connector `gcp`: usage cost exports of Google Cloud in files; every file is one delivery."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from finops import local_files
from finops.connector import ControlTotals, Delivery, RawExport, Source
from finops.errors import ConfigurationError
from finops.findings import Finding
from finops_gcp import control, mapping, recognise, staged, staging

if TYPE_CHECKING:
    import ibis.expr.types as ir

MAPPING_VERSION = "gcp-2"
"""Part of every fingerprint: raised when the same file maps to other rows, so that it is read again."""


class GcpConnector:
    """Standard and detailed usage cost exports as JSON, CSV or Parquet, nested or flat, gzip or not."""

    def __init__(self, source: Source, workdir: Path) -> None:
        self._source = source
        self._workdir = workdir
        self._passed_over: Finding | None = None
        self._first_key: str | None = None

    def deliveries(self) -> list[Delivery]:
        """List the exports; files that are none and hold no cost are named in a finding of the first one's fetch."""
        location = _location(self._source)
        exports, foreign = recognise.listed(location)
        found = [
            Delivery(
                key=local_files.key(path, location),
                fingerprint=local_files.fingerprint([path], mapping=f"{MAPPING_VERSION} {self._source.currency or ''}"),
                files=(path,),
            )
            for path in exports
        ]
        self._first_key = found[0].key
        self._passed_over = _passed_over(foreign, location, self._source.name) if foreign else None
        return found

    def fetch(self, delivery: Delivery) -> RawExport:
        """Stage the file as one Parquet table."""
        (path,) = delivery.files
        if not recognise.is_export(path):
            raise recognise.NoExport(path)
        name = hashlib.blake2b(delivery.key.encode(), digest_size=8).hexdigest()
        export = staging.stage(
            path, to=self._workdir / name, currency=self._source.currency, currency_from=self._source.currency_from
        )
        passed_over = (self._passed_over,) if self._passed_over and delivery.key == self._first_key else ()
        return RawExport(delivery=delivery, tables=export.tables, findings=export.findings + passed_over)

    def to_focus(self, raw: RawExport) -> "ir.Table":
        """Charges with their discounts; credits given, unused commitments and roundings as rows of their own."""
        return mapping.to_focus(raw.table(staged.CHARGES), raw.table(staged.LINKS))

    def control_totals(self, raw: RawExport) -> ControlTotals:
        """Cost and all credits per invoice month, from the file's text."""
        return control.control_totals(raw.delivery.files, currency=self._source.currency)


class UnknownFormat(ConfigurationError):
    """The source names a format this connector does not read."""

    def __init__(self, source: Source) -> None:
        super().__init__(
            f"Source {source.name!r} has the format {source.format!r}, which the connector gcp does not know.",
            'Leave `format` out, or set it to "auto": standard and detailed exports are told apart by their fields.',
        )


class NoFiles(ConfigurationError):
    """The source names no files."""

    def __init__(self, source: Source) -> None:
        super().__init__(
            f"Source {source.name!r} names no files on this machine; BigQuery tables and buckets are not read yet.",
            "Export the table as JSON, CSV or Parquet files and set `location` to them.",
        )


def _location(source: Source) -> str:
    if source.format != "auto":
        raise UnknownFormat(source)
    if source.location is None or "://" in source.location:
        raise NoFiles(source)
    return source.location


def _passed_over(foreign: Sequence[Path], location: str, source: str) -> Finding:
    named = ", ".join(local_files.key(path, location) for path in foreign[:10])
    more = f" and {len(foreign) - 10} more" if len(foreign) > 10 else ""  # noqa: PLR2004 - names shown
    return Finding(
        rule="gcp.foreign-file",
        severity="info",
        source=source,
        message=f"Passed over, because they are no usage cost exports and hold no cost: {named}{more}.",
    )
