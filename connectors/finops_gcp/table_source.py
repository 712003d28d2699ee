"""Exports in BigQuery: an invoice month is a delivery, asked for when it has new rows."""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from finops import money
from finops.connector import ControlTotals, Delivery, RawExport, Source
from finops.errors import BillError, RetryError
from finops.findings import Finding
from finops_gcp import billing_api, catalogue, export_table, fields, fill_up, focus_export, queries, staging, survey
from finops_gcp.billing_api import BillingApi
from finops_gcp.catalogue import Catalogue
from finops_gcp.export_table import ExportTable
from finops_gcp.survey import Month, Survey
from finops_gcp.warehouse import Warehouse

if TYPE_CHECKING:
    import pyarrow as pa


class TableSource:
    """One table of an export.

    Args:
        source: with the option `table`.
        workdir: for the rows of a month.
        version: of the mapping, part of every fingerprint.
    """

    def __init__(self, source: Source, workdir: Path, *, version: str) -> None:
        self._source, self._workdir, self._version = source, workdir, version
        self._months: dict[str, Month] = {}
        self._shrunk: list[Finding] = []

    @cached_property
    def name(self) -> export_table.TableName:
        """Of the table."""
        return export_table.named(self._source.options["table"], self._source.name)

    @cached_property
    def warehouse(self) -> Warehouse:
        """Where it is."""
        return Warehouse(self._source, self.name)

    def deliveries(self) -> list[Delivery]:
        """The invoice months of the table.

        Raises:
            AccessError, BillError, ConfigurationError, RetryError: as BigQuery answers.
        """
        self._table = self.warehouse.table()
        before = survey.remembered(self._source.cache, str(self.name))
        found = self._surveyed(self._table, before)
        if not found.months:
            raise NoRows(str(self.name))
        if "" in found.months:
            raise RowsWithoutMonth(str(self.name), found.months[""].rows)
        self._shrunk = list(_shrunk(before, found))
        survey.remember(self._source.cache, found)
        self._months = {f"{self.name}/{month[:4]}-{month[4:]}": one for month, one in sorted(found.months.items())}
        return [
            Delivery(key=key, fingerprint=self._fingerprint(month), files=()) for key, month in self._months.items()
        ]

    def fetch(self, delivery: Delivery) -> RawExport:
        """Ask for the rows of one month.

        Raises:
            AccessError, ConfigurationError: as BigQuery answers.
            RetryError: if rows came in since the listing.
        """
        month = self._months[delivery.key]
        path = self._workdir / hashlib.blake2b(delivery.key.encode(), digest_size=8).hexdigest()
        sql = queries.rows(self._table, month=month.month, newest=month.newest, loaded=month.loaded)
        rows = self.warehouse.save(sql, Path(f"{path}.rows.parquet"), what=_what(month), location=self._table.location)
        if rows != month.rows:
            raise MoreRows(delivery.key, month.rows, rows)
        known, doubts = self._catalogue(Path(f"{path}.rows.parquet"), month)
        export = staging.stage(
            Path(f"{path}.rows.parquet"),
            to=path,
            currency=self._source.currency,
            currency_from=self._source.currency_from,
            catalogue=known,
        )
        late = self._incomplete(export.tables[0].files[0])
        shrunk = [finding for finding in self._shrunk if delivery.key == next(iter(self._months))]
        return RawExport(delivery=delivery, tables=export.tables, findings=(*export.findings, *shrunk, *doubts, *late))

    def control_totals(self, delivery: Delivery) -> ControlTotals:
        """Cost and credits of the month, added up by BigQuery.

        Raises:
            AccessError, ConfigurationError: as BigQuery answers.
            RetryError: if rows came in since the listing.
        """
        month = self._months[delivery.key]
        sql = queries.totals(self._table, month=month.month, newest=month.newest, loaded=month.loaded)
        found = self.warehouse.rows(sql, what=f"{_what(month)}, totals", location=self._table.location)
        counted = sum(int(row["number_of_rows"]) for row in found)
        if counted != month.rows:
            raise MoreRows(delivery.key, month.rows, counted)
        label = f"{month.month[:4]}-{month.month[4:]}"
        billed: dict[tuple[str, str], Decimal] = {}
        for row in found:
            key = (row["currency"] or self._source.currency or "", label)
            billed[key] = money.add(billed.get(key, Decimal(0)), money.stored(f"{row['net']:f}"))
        return ControlTotals(billed=billed, rows=counted)

    def _catalogue(self, rows: Path, month: Month) -> tuple[Catalogue | None, list[Finding]]:
        """Names and prices that these rows need: an export with resources has the prices itself."""
        if not billing_api.is_asked(self._source):
            return None, []
        import pyarrow.compute as pc
        import pyarrow.parquet as pq

        plain = set(map(fields.plain, self._table.types))
        told = ("billing_account_id", "service_id", "currency", "sku_description", "project_id", "project_name")
        columns = {name: name if name in plain else focus_export.column_of(name, plain) for name in told}
        table = pq.read_table(rows, columns=[column for column in columns.values() if column])
        distinct = {
            name: {cell for cell in pc.unique(table[column]).to_pylist() if cell}
            for name, column in columns.items()
            if column
        }
        has_names = "sku_description" in distinct and not pc.any(table[columns["sku_description"]].is_null()).as_py()
        names = _project_names(table, columns["project_id"], columns["project_name"])
        has_prices = bool(plain & {"price_list_price", "cost_at_list", "listunitprice", "listcost"})
        needs = catalogue.Wanted(
            at=month.newest.date(),
            currency=min(distinct.get("currency", ()), default=self._source.currency or "USD"),
            accounts=frozenset(distinct.get("billing_account_id", ())),
            services=frozenset() if has_prices and has_names else frozenset(distinct.get("service_id", ())),
            names=names,
        )
        known = catalogue.remembered(self._source.cache)
        found, doubts = catalogue.brought_up_to_date(known, needs, BillingApi(self._source))
        if found is not None and found != known:
            catalogue.remember(self._source.cache, found)
        return found, doubts

    def _incomplete(self, charges: Path) -> list[Finding]:
        """The last days of the table, where they are not all in; on the first days of a month some are of the last."""
        seen = fill_up.arrivals(charges)
        usual = fill_up.profile(seen)
        fill_up.remember(self._source.cache, usual)
        newest = max(month.newest for month in self._months.values()).date()
        days = fill_up.incomplete(seen, usual or fill_up.remembered(self._source.cache), newest=newest)
        return [fill_up.finding(days)] if days else []

    def _surveyed(self, table: ExportTable, before: Survey | None) -> Survey:
        """What the table holds now, by as little reading as its number of rows allows."""
        if before is not None and table.rows is not None:
            if before.changed == table.changed:
                return before
            if before.rows < table.rows:
                new = self._asked(table, after=before.watermark)
                found = before.with_more(new, changed=table.changed)
                if found.rows == table.rows:
                    return found
        every = {month.month: month for month in self._asked(table, after=None)}
        return Survey(table=str(self.name), changed=table.changed, months=every)

    def _asked(self, table: ExportTable, *, after: datetime | None) -> list[Month]:
        sql = queries.survey(table, after=after)
        what = "looking for invoice months" if after is None else f"looking for rows since {after:%Y-%m-%d %H:%M}"
        return survey.months(self.warehouse.rows(sql, what=what, location=table.location))

    def _fingerprint(self, month: Month) -> str:
        parts = (self._version, self._source.currency or "", month.month, str(month.rows), month.newest.isoformat())
        return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=32).hexdigest()


def _project_names(table: "pa.Table", project: str | None, name: str | None) -> dict[str, str]:
    """The names that rows give their projects; of several the last in alphabetical order, whatever the rows' order."""
    if project is None or name is None:
        return {}
    pairs = table.group_by([project, name]).aggregate([]).to_pylist()
    return dict(sorted((pair[project], pair[name]) for pair in pairs if pair[project] and pair[name]))


class NoRows(BillError):
    """A table is empty."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The table {name} holds no rows.",
            "A new export fills within a day, its past months within five; check that it is switched on.",
        )


class RowsWithoutMonth(BillError):
    """Rows have no invoice month, as those from before 2018."""

    def __init__(self, name: str, rows: int) -> None:
        super().__init__(
            f"The table {name} holds {rows} rows without an invoice month.",
            "Export them to a file, which takes the month of their usage, and leave them out by a view.",
        )


class MoreRows(RetryError):
    """Rows came in while they were read."""

    def __init__(self, key: str, expected: int, found: int) -> None:
        super().__init__(
            f"{key} had {expected} rows when it was listed and {found} when it was read; nothing of it was used.",
            "Run again: rows came in meanwhile.",
        )


def _what(month: Month) -> str:
    return f"invoice month {month.month[:4]}-{month.month[4:]}"


def _shrunk(before: Survey | None, found: Survey) -> Iterator[Finding]:
    """Months that lost rows: an export is only ever appended to, so they were deleted or have expired."""
    for month, known in sorted(before.months.items() if before else ()):
        now = found.months[month].rows if month in found.months else 0
        if now < known.rows:
            yield Finding(
                rule="gcp.rows-deleted",
                severity="error",
                rows=known.rows - now,
                message=(
                    f"Invoice month {month[:4]}-{month[4:]} had {known.rows} rows in {found.table} and has {now}: rows "
                    "of an export are never withdrawn, so they were deleted or have expired. What is left was read."
                ),
            )
