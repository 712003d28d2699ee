"""The connector `gcp`: usage cost exports of Google Cloud, in BigQuery, in files, or in Cloud Storage."""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from finops.connector import Check, ControlTotals, Delivery, RawExport, Source
from finops.errors import ConfigurationError, FinopsError
from finops_gcp import checks, export_table, mapping, policy, staged
from finops_gcp.bucket_source import BucketSource
from finops_gcp.file_source import FileSource
from finops_gcp.table_source import TableSource

if TYPE_CHECKING:
    import ibis.expr.types as ir

MAPPING_VERSION = "gcp-2"
"""Part of every fingerprint: raised when the same export maps to other rows, so that it is read again."""


class GcpConnector:
    """Standard and detailed usage cost exports."""

    def __init__(self, source: Source, workdir: Path) -> None:
        self._source = source
        self._workdir = workdir

    def deliveries(self) -> list[Delivery]:
        """The files of the location, or the invoice months of the table."""
        return self._reader.deliveries()

    def fetch(self, delivery: Delivery) -> RawExport:
        """Stage the rows as one Parquet table."""
        return self._reader.fetch(delivery)

    def to_focus(self, raw: RawExport) -> "ir.Table":
        """Charges with their discounts; credits given, unused commitments and roundings as rows of their own."""
        return mapping.to_focus(raw.table(staged.CHARGES), raw.table(staged.LINKS))

    def control_totals(self, raw: RawExport) -> ControlTotals:
        """Cost and all credits per invoice month: from a file's text, or added up by BigQuery."""
        return self._reader.control_totals(raw.delivery)

    def bill(self) -> str | None:
        """The billing account whose export a table is; files may hold other months of it."""
        if "table" not in self._source.options:
            return None
        account = export_table.named(self._source.options["table"], self._source.name).account
        return account and f"the bill of Google Cloud billing account {account}"

    def checks(self) -> list[Check]:
        """Credentials, table and rights for BigQuery; files are listed, which says it all."""
        try:
            reader = self._reader
            if isinstance(reader, TableSource):
                return list(checks.of_table(self._source, reader))
        except FinopsError as error:
            return [checks.failed("exports", error)]
        return []

    def policy(self) -> str:
        """Commands that grant the least rights."""
        return policy.text(self._source)

    @cached_property
    def _reader(self) -> BucketSource | FileSource | TableSource:
        """What reads the source, by what it names."""
        source = self._source
        if source.format != "auto":
            raise UnknownFormat(source)
        if "table" in source.options:
            if source.location is not None:
                raise TwoPlaces(source)
            return TableSource(source, self._workdir, version=MAPPING_VERSION)
        if source.location is not None and source.location.startswith("gs://"):
            return BucketSource(source, self._workdir, version=MAPPING_VERSION)
        if source.location is None or "://" in source.location:
            raise NoFiles(source)
        return FileSource(source, self._workdir, version=MAPPING_VERSION)


class UnknownFormat(ConfigurationError):
    """The source names a format this connector does not read."""

    def __init__(self, source: Source) -> None:
        super().__init__(
            f"Source {source.name!r} has the format {source.format!r}, which the connector gcp does not know.",
            'Leave `format` out, or set it to "auto": standard and detailed exports are told apart by their fields.',
        )


class TwoPlaces(ConfigurationError):
    """The source names a table and files."""

    def __init__(self, source: Source) -> None:
        super().__init__(
            f"Source {source.name!r} has both `table` and `location`.",
            "Name one of them: the same bill from two places would count twice.",
        )


class NoFiles(ConfigurationError):
    """The source names nothing to read."""

    def __init__(self, source: Source) -> None:
        there = "nothing to read" if source.location is None else f"{source.location}, which is no place we read"
        super().__init__(
            f"Source {source.name!r} names {there}.",
            "Set `table` to a BigQuery table (project.dataset.table), or `location` to files, a folder or gs://bucket/path.",
        )
