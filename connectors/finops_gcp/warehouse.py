"""BigQuery as we use it: what a query would cost is known, and held against a limit, before it costs anything."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finops.connector import Source, Step
from finops.errors import ConfigurationError
from finops_gcp import access, export_table
from finops_gcp.export_table import ExportTable, TableName

if TYPE_CHECKING:
    import pyarrow as pa
    from google.cloud import bigquery, bigquery_storage

USD_PER_TIB = Decimal("6.25")
PRICE_SOURCE = "BigQuery pricing page, on demand in the US, November 2026"
LEAST_BILLED = 10 << 20
"""Bytes that a query is billed for at least, per table (BigQuery pricing page, November 2026)."""
MOST_BYTES = 100 << 30
"""Limit where the source sets none: about 0.61 USD a query."""

READER = "roles/bigquery.dataViewer on the dataset"
RUNNER = "roles/bigquery.jobUser on the project that runs the queries"


Storage = Callable[[], "bigquery_storage.BigQueryReadClient | None"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a query reads, before it is run.

    Attributes:
        bytes_read: by BigQuery's dry run.
    """

    bytes_read: int

    @property
    def usd(self) -> Decimal:
        """The price on demand, without the free tebibyte of a month."""
        return USD_PER_TIB * max(self.bytes_read, LEAST_BILLED if self.bytes_read else 0) / (1 << 40)

    def __str__(self) -> str:
        """For people: bytes and price."""
        return f"{_size(self.bytes_read)}, at most {math.ceil(self.usd * 10_000) / 10_000:.4f} USD on demand"


class Warehouse:
    """Queries of one source.

    Args:
        source: its options say who asks (`credentials`, `impersonate`), which project pays (`project`), and the limit
            of a query (`max_bytes_billed`).
        name: of the export's table.
        storage: builds the client of the Storage Read API; None where there is none to be had.
    """

    def __init__(self, source: Source, name: TableName, *, storage: "Storage | None" = None) -> None:
        self._source, self._name = source, name
        self._storage = storage or (lambda: _storage(source))
        self._client: bigquery.Client | None = None
        self.limit = _limit(source)

    def table(self) -> ExportTable:
        """What BigQuery says of the table; free of charge.

        Raises:
            AccessError: if it is not there or may not be seen.
            BillError: if it is no usage cost export.
        """
        with access.asking(f"the table {self._name}", READER):
            found = self.client().get_table(f"{self._name.project}.{self._name.dataset}.{self._name.table}")
        return export_table.described(self._name, found)

    def estimate(self, sql: str, *, location: str | None) -> Estimate:
        """What a query would read; free of charge.

        Raises:
            AccessError: if it may not be run.
        """
        from google.cloud import bigquery

        config = bigquery.QueryJobConfig(dry_run=True, use_query_cache=False)
        with access.asking(f"queries on {self._name}", f"{READER}, and {RUNNER}"):
            job = self.client().query(sql, job_config=config, location=location)
        return Estimate(bytes_read=int(job.total_bytes_processed or 0))

    def rows(self, sql: str, *, what: str, location: str | None) -> list[dict[str, Any]]:
        """The result of a small query.

        Raises:
            ConfigurationError: if it would read more than the limit.
            AccessError, RetryError: as Google answers.
        """
        return [dict(row.items()) for row in self._run(sql, what=what, location=location).result()]

    def save(self, sql: str, to: Path, *, what: str, location: str | None) -> int:
        """Write the result of a query into a Parquet file; returns its rows.

        They come through the Storage Read API where that is allowed, else page by page.

        Raises:
            ConfigurationError, AccessError, RetryError: as `rows`.
        """
        import pyarrow.parquet as pq

        job = self._run(sql, what=what, location=location)
        total, done = int(job.result().total_rows or 0), 0
        writer: pq.ParquetWriter | None = None
        with access.asking(f"rows of {self._name}", READER):
            try:
                for batch in self._batches(job):
                    writer = writer or pq.ParquetWriter(to, batch.schema)
                    writer.write_batch(batch)
                    done += batch.num_rows
                    self._source.progress(
                        Step(what=f"{self._source.name}: {what}", done=done, total=total, unit="rows")
                    )
            finally:
                if writer is not None:
                    writer.close()
        return done

    def client(self) -> "bigquery.Client":
        """The client, built when it is needed first."""
        if self._client is None:
            from google.cloud import bigquery

            endpoint = self._source.options.get("endpoint_url")
            self._client = bigquery.Client(
                project=self._source.options.get("project", self._name.project),
                credentials=access.credentials(self._source),
                client_options={"api_endpoint": endpoint} if endpoint else None,
            )
        return self._client

    def _run(self, sql: str, *, what: str, location: str | None) -> "bigquery.QueryJob":
        from google.cloud import bigquery

        estimate = self.estimate(sql, location=location)
        self._source.tell(f"{self._source.name}: {what} reads {estimate} ({USD_PER_TIB} USD per TiB: {PRICE_SOURCE})")
        if estimate.bytes_read > self.limit:
            raise TooMuch(self._source.name, what, estimate, self.limit)
        config = bigquery.QueryJobConfig(maximum_bytes_billed=max(self.limit, LEAST_BILLED))
        with access.asking(f"queries on {self._name}", f"{READER}, and {RUNNER}"):
            job = self.client().query(sql, job_config=config, location=location)
            job.result()
            return job

    def _batches(self, job: "bigquery.QueryJob") -> "Iterator[pa.RecordBatch]":
        """The rows as Arrow, by the Storage Read API where it answers; reading a job's result again is free."""
        import google.api_core.exceptions

        started = False
        try:
            if storage := self._storage():
                for batch in job.result().to_arrow_iterable(bqstorage_client=storage):
                    started = True
                    yield batch
                return
        except google.api_core.exceptions.Forbidden:
            if started:
                raise
        yield from job.result().to_arrow_iterable()


class TooMuch(ConfigurationError):
    """A query would read more than the source allows."""

    def __init__(self, source: str, what: str, estimate: Estimate, limit: int) -> None:
        super().__init__(
            f"Source {source!r}: {what} would read {estimate}, more than the limit of {_size(limit)}; it was not run.",
            f"Set max_bytes_billed = {estimate.bytes_read} in this source to allow it.",
        )


class NoLimit(ConfigurationError):
    """`max_bytes_billed` is no number."""

    def __init__(self, source: str, text: str) -> None:
        super().__init__(
            f"Source {source!r} has max_bytes_billed = {text!r}, which is no number of bytes.",
            f"Write a whole number of bytes, for example {MOST_BYTES}.",
        )


def _storage(source: Source) -> "bigquery_storage.BigQueryReadClient | None":
    """Not with an endpoint of one's own: emulators and proxies speak the REST protocol."""
    if "endpoint_url" in source.options:
        return None
    from google.cloud import bigquery_storage

    client: bigquery_storage.BigQueryReadClient = bigquery_storage.BigQueryReadClient(  # type: ignore[no-untyped-call]  # not annotated
        credentials=access.credentials(source)
    )
    return client


def _limit(source: Source) -> int:
    text = source.options.get("max_bytes_billed", str(MOST_BYTES))
    try:
        limit = int(text)
    except ValueError:
        limit = 0
    if limit <= 0:
        raise NoLimit(source.name, text)
    return limit


def _size(number: int) -> str:
    """Bytes for people, in units of 1024.

    >>> _size(1536), _size(3 << 30)
    ('1.5 KiB', '3.0 GiB')
    """
    size, unit = float(number), "bytes"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if size < 1024:  # noqa: PLR2004 - the step of the units
            break
        size, unit = size / 1024, larger
    return f"{number} bytes" if unit == "bytes" else f"{size:.1f} {unit}"
