"""Exports in files: every file is a delivery, or every set of files that BigQuery numbered."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from finops import local_files
from finops.connector import ControlTotals, Delivery, RawExport, Source
from finops.findings import Finding
from finops_gcp import control, kinds, recognise, shards, staging


class FileSource:
    """Standard, detailed and FOCUS exports as JSON, CSV or Parquet, nested or flat, gzip or not.

    Args:
        source: with a location on this machine.
        workdir: for staged files.
        version: of the mapping, part of every fingerprint.
    """

    def __init__(self, source: Source, workdir: Path, *, version: str) -> None:
        self._source, self._workdir, self._version = source, workdir, version
        self._passed_over: Finding | None = None
        self._first_key: str | None = None

    def deliveries(self) -> list[Delivery]:
        """List the exports; files that are none and hold no cost are named in a finding of the first one's fetch.

        Raises:
            AccessError, BillError: as `recognise.listed`.
            ConfigurationError: if exports of several kinds of one account are there.
        """
        location = str(self._source.location)
        exports, foreign = recognise.listed(location)
        if len(exports) > 1:
            kinds.refuse_mixed(
                {local_files.key(path, location): kinds.of_file(path) for path in exports}, self._source.name
            )
        mapping = f"{self._version} {self._source.currency or ''}"
        paths = {local_files.key(path, location): path for path in exports}
        groups = {key: tuple(paths[member] for member in members) for key, members in shards.together(paths).items()}
        found = [
            Delivery(key=key, fingerprint=local_files.fingerprint(files, mapping=mapping), files=files)
            for key, files in groups.items()
        ]
        self._first_key = found[0].key
        self._passed_over = _passed_over(foreign, location, self._source.name) if foreign else None
        return found

    def fetch(self, delivery: Delivery) -> RawExport:
        """Stage the files as one Parquet table.

        Raises:
            AccessError, BillError: as `staging.stage`.
        """
        for path in delivery.files:
            if not recognise.is_export(path):
                raise recognise.NoExport(path)
        name = hashlib.blake2b(delivery.key.encode(), digest_size=8).hexdigest()
        export = staging.stage(
            *delivery.files,
            to=self._workdir / name,
            currency=self._source.currency,
            currency_from=self._source.currency_from,
        )
        passed_over = (self._passed_over,) if self._passed_over and delivery.key == self._first_key else ()
        return RawExport(delivery=delivery, tables=export.tables, findings=export.findings + passed_over)

    def control_totals(self, delivery: Delivery) -> ControlTotals:
        """Cost and all credits per invoice month, from the file's text."""
        return control.control_totals(delivery.files, currency=self._source.currency)


def _passed_over(foreign: Sequence[Path], location: str, source: str) -> Finding:
    named = ", ".join(local_files.key(path, location) for path in foreign[:10])
    more = f" and {len(foreign) - 10} more" if len(foreign) > 10 else ""  # noqa: PLR2004 - names shown
    return Finding(
        rule="gcp.foreign-file",
        severity="info",
        source=source,
        message=f"Passed over, because they are no usage cost exports and hold no cost: {named}{more}.",
    )
