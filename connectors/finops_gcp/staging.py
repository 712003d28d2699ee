"""An export staged for an engine: one Parquet file of one schema, whatever form and age the export has.

What needs Python is done here: reading nested text, adding up credits, joining labels. What it means is in mapping.py.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finops import money
from finops.connector import RawTable
from finops.errors import BillError, ConfigurationError
from finops.findings import Finding
from finops.quantities import counted
from finops_gcp import credit, fields, labels, pacific, prices, records, roles, staged
from finops_gcp.batch import Batch
from finops_gcp.catalogue import Catalogue, priced
from finops_gcp.commitments import Derived
from finops_gcp.credit import RowCredits
from finops_gcp.remembered import remembered
from finops_gcp.settlement import Settlement

if TYPE_CHECKING:
    import pyarrow as pa

_ROW_GROUP = 65_536
_LABELS = ("labels", "project_labels", "system_labels", "tags")
_KEPT_BY_CREDITS = (*staged.COPIED, "billing_account_name", "tags", "instance_type")


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """An export ready to be mapped.

    Attributes:
        tables: the charges and the links of commitments.
        rows: records of the export.
        findings: what was doubtful.
    """

    tables: tuple[RawTable, RawTable]
    rows: int
    findings: tuple[Finding, ...]


def stage(
    *paths: Path, to: Path, currency: str | None, currency_from: str, catalogue: Catalogue | None = None
) -> Staged:
    """Write the staged tables of one export.

    Args:
        paths: the files of the export, at least one.
        to: path of the files to write, without a suffix.
        currency: of records that name none.
        currency_from: where that currency was configured.
        catalogue: names and list prices of what the export does not say itself.

    Raises:
        AccessError: if the file is missing or may not be read.
        BillError: if it is broken, or a cell of credits or labels is not what it should be; names the line.
        ConfigurationError: if a record names no currency and none is configured.
    """
    import pyarrow.parquet as pq

    charges, links = Path(f"{to}.parquet"), Path(f"{to}.commitments.parquet")
    stager = _Stager(path=paths[0], paths=paths, currency=currency, catalogue=catalogue)
    with pq.ParquetWriter(charges, staged.schema(staged.CHARGES), compression="snappy") as writer:
        for rows in _gathered(stager.batches()):
            writer.write_table(rows)
    with pq.ParquetWriter(links, staged.schema(staged.LINKS), compression="snappy") as writer:
        for some in stager.links():
            writer.write_table(some)
    return Staged(
        tables=(
            RawTable(name=staged.CHARGES, files=(charges,), format="parquet", columns=staged.COLUMNS),
            RawTable(name=staged.LINKS, files=(links,), format="parquet", columns=staged.LINK_COLUMNS),
        ),
        rows=stager.rows,
        findings=tuple(stager.findings(currency_from)),
    )


class UnreadableCell(BillError):
    """A cell of an export is not what it should be."""

    def __init__(self, path: Path, place: str, why: str) -> None:
        super().__init__(
            f"{path}, {place}: {why}.", "Correct this record or export the file again; nothing of it was used."
        )


class NoCurrency(ConfigurationError):
    """A record has no currency."""

    def __init__(self, path: Path, place: str) -> None:
        super().__init__(f"{path}, {place} has no currency.", "Set `currency` in this source of finops.toml.")


@dataclass(slots=True, kw_only=True)
class _Doubt:
    """Records that lack a cell: how many, where the first of them stands, and what they cost before credits.

    Attributes:
        currency: of their cost, which is not computable where they have several, or one costs no number.
    """

    rows: int = 0
    first: str | None = None
    cost: Decimal | None = Decimal(0)
    currency: str | None = None

    def add(self, cells: "pa.Array", columns: "Mapping[str, pa.Array]", batch: Batch) -> None:
        """Count the records of a batch whose cell is null; `columns` holds their cost and currency."""
        import pyarrow.compute as pc

        if not cells.null_count:
            return
        self.rows += cells.null_count
        lacking = cells.is_null()
        self.first = self.first or batch.place(pc.index(lacking, value=True).as_py())
        currencies = {*columns["currency"].filter(lacking).to_pylist(), *filter(None, [self.currency])}
        if len(currencies) > 1:
            self.cost = None
        self.currency = currencies.pop()
        if self.cost is not None:
            try:
                self.cost = money.add(self.cost, *map(money.stored, columns["cost"].filter(lacking).to_pylist()))
            except ValueError:  # the control totals name such a record
                self.cost = None


@dataclass(kw_only=True)
class _Stager:
    """Turns batches of records into batches of the staged schema, and counts what was doubtful."""

    path: Path
    paths: tuple[Path, ...]
    currency: str | None
    catalogue: Catalogue | None = None
    rows: int = 0
    without_cost: int = 0
    without_currency: _Doubt = field(default_factory=_Doubt)
    without_month: _Doubt = field(default_factory=_Doubt)
    without_time: _Doubt = field(default_factory=_Doubt)
    unknown_credits: dict[str, int] = field(default_factory=dict)
    ledgers: roles.Ledgers = field(default_factory=roles.Ledgers)
    read_credits: Callable[..., RowCredits] = field(default_factory=lambda: remembered(credit.of_row))
    read_labels: Callable[..., tuple[str | None, str | None]] = field(default_factory=lambda: remembered(labels.of_row))

    def batches(self) -> "Iterator[pa.RecordBatch]":
        """The charges with their credit rows, then the derived rows."""
        for path in self.paths:
            self.path = path
            for batch in records.batches(path):
                yield from self._staged(batch)
                self.rows += len(batch)
        if derived := [*self.ledgers.offsets.derived(), *self.settlement.unused()]:
            yield _derived_rows(derived)

    @cached_property
    def settlement(self) -> Settlement:
        """How the fees of older commitments are spread; known when all rows are counted."""
        return Settlement(self.ledgers.amortisation, without=self.ledgers.offsets.offset_keys())

    def links(self) -> "Iterator[pa.Table]":
        """The keys of rows that follow a rule of commitments."""
        by_rule = [(link.key, link.commitment, None) for link in self.ledgers.offsets.links()]
        yield _links([*by_rule, *((key, name, None) for key, name in self.settlement.fees.items())])
        for shares in self.settlement.shares():
            yield _links([(share.key, share.commitment, share.amount) for share in shares])

    def findings(self, currency_from: str) -> Iterator[Finding]:
        """What was doubtful, counted."""
        if self.without_cost:
            yield self._finding("gcp.cost-missing", self.without_cost, "without a cost, counted as zero")
        told = (
            (
                self.without_currency,
                "gcp.currency-assumed",
                f"a currency; {self.currency} was taken from {currency_from}",
            ),
            (
                self.without_month,
                "gcp.invoice-month-missing",
                "an invoice month; the month of their usage in US Pacific time was taken",
            ),
            (self.without_time, "gcp.usage-time-missing", "a usage time; their whole billing month was taken"),
        )
        for doubt, rule, what in told:
            if doubt.rows:
                found = self._finding(rule, doubt.rows, f"(the first: {doubt.first}) without {what}")
                yield replace(found, cost=doubt.cost, currency=doubt.currency)
        for kind, count in sorted(self.unknown_credits.items()):
            what = f"with credits of the unknown type {kind}, which lower the rows they stand on"
            yield self._finding("gcp.credit-type-unknown", count, what)
        yield from self.ledgers.offsets.findings(spread=self.settlement.fees)
        yield from self.settlement.findings()

    def _finding(self, rule: str, rows: int, what: str) -> Finding:
        return Finding(
            rule=rule, severity="warning", rows=rows, message=f"{counted(rows, 'record')} of {self._name} {what}."
        )

    @property
    def _name(self) -> str:
        more = len(self.paths) - 1
        return self.paths[0].name + (f" and {counted(more, 'more file')} of its export" if more else "")

    def _staged(self, batch: Batch) -> "Iterator[pa.RecordBatch]":
        import pyarrow as pa

        texts = {name: batch.texts(name) for name in map(fields.plain, fields.SCALARS)}
        columns: dict[str, pa.Array] = {name: texts[name] for name in staged.COPIED}
        columns["kind"] = pa.repeat("charge", len(batch))
        columns["cost"] = self._costs(texts["cost"])
        columns["currency"] = self._currencies(texts["currency"], batch)
        self.without_currency.add(texts["currency"], columns, batch)
        columns["invoice_month"] = self._months(texts["invoice_month"], texts["usage_start_time"])
        for doubt, name in ((self.without_month, "invoice_month"), (self.without_time, "usage_start_time")):
            doubt.add(texts[name], columns, batch)
        columns["cost_type"] = _kinds(texts["cost_type"])
        columns |= _unit_prices(texts) | self._labels(batch)
        if self.catalogue is not None:
            columns |= _completed(columns, self.catalogue)
        columns["is_correction"] = _corrections(columns)
        credits_of = self._credits(batch)
        columns |= _sums(credits_of)
        try:
            columns |= roles.columns(columns, texts["consumption_model_id"], credits_of, self.ledgers, first=self.rows)
        except roles.UnreadableCost as error:
            raise UnreadableCell(self.path, batch.place(error.index), f"cost {error}") from error
        charges = staged.charges(columns, len(batch))
        yield charges
        if any(row.given for row in credits_of):
            yield _credit_rows(charges, credits_of)

    def _costs(self, cells: "pa.Array") -> "pa.Array":
        self.without_cost += cells.null_count
        return cells.fill_null("0")

    def _currencies(self, cells: "pa.Array", batch: Batch) -> "pa.Array":
        if not cells.null_count:
            return cells
        if self.currency is None:
            raise NoCurrency(self.path, batch.place(cells.to_pylist().index(None)))
        return cells.fill_null(self.currency)

    def _months(self, months: "pa.Array", starts: "pa.Array") -> "pa.Array":
        import pyarrow as pa
        import pyarrow.compute as pc

        if pc.all(pc.match_substring_regex(months.fill_null(""), r"^\d{6}$")).as_py():
            return months
        pairs = zip(months.to_pylist(), starts.to_pylist(), strict=True)
        return pa.array([_month(month, start) for month, start in pairs], pa.string())

    def _credits(self, batch: Batch) -> list[RowCredits]:
        found: list[RowCredits] = []
        for index, cell in enumerate(batch.credits()):
            try:
                found.append(self.read_credits(cell) if cell else credit.NONE)
            except ValueError as error:
                raise UnreadableCell(self.path, batch.place(index), str(error)) from error
        for kind in (kind for row in found for kind in row.unknown):
            self.unknown_credits[kind] = self.unknown_credits.get(kind, 0) + 1
        return found

    def _labels(self, batch: Batch) -> "dict[str, pa.Array]":
        import pyarrow as pa

        found: list[tuple[str | None, str | None]] = []
        for index, cells in enumerate(zip(*map(batch.values, _LABELS), strict=True)):
            try:
                found.append(self.read_labels(*cells) if any(cells) else (None, None))
            except ValueError as error:
                raise UnreadableCell(self.path, batch.place(index), str(error)) from error
        return {
            "tags": pa.array([tags for tags, _ in found], pa.string()),
            "instance_type": pa.array([machine for _, machine in found], pa.string()),
        }


def _gathered(batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.Table]":
    """The batches as tables of the size of a row group."""
    import pyarrow as pa

    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(map(len, waiting)) >= _ROW_GROUP:
            yield pa.Table.from_batches(waiting)
            waiting = []
    if waiting:
        yield pa.Table.from_batches(waiting)


def _sums(credits_of: Sequence[RowCredits]) -> "dict[str, pa.Array]":
    import pyarrow as pa

    kind = pa.decimal128(36, money.PLACES)
    return {
        "discounts": pa.array([row.discounts for row in credits_of], kind),
        "offset_amount": pa.array([row.offset for row in credits_of], kind),
        "credits": pa.array([row.text for row in credits_of], pa.string()),
    }


def _credit_rows(charges: "pa.RecordBatch", credits_of: Sequence[RowCredits]) -> "pa.RecordBatch":
    """One row per credit that was given: the charge it stands on, with the credit's amount as its cost."""
    import pyarrow as pa

    indices = pa.array([index for index, row in enumerate(credits_of) for _ in row.given], pa.int64())
    given = [one for row in credits_of for one in row.given]
    columns: dict[str, pa.Array] = {name: charges.column(name).take(indices) for name in _KEPT_BY_CREDITS}
    columns["kind"] = pa.repeat("credit", len(given))
    columns["cost"] = pa.array([f"{one.amount:f}" for one in given], pa.string())
    columns["credit_type"] = pa.array([one.type for one in given], pa.string())
    columns["credit_name"] = pa.array([one.name for one in given], pa.string())
    return staged.charges(columns, len(given))


def _links(rows: "Sequence[tuple[str, str | None, Decimal | None]]") -> "pa.Table":
    import pyarrow as pa

    schema = staged.schema(staged.LINKS)
    cells = zip(*rows, strict=True) if rows else ([] for _ in schema)
    return pa.table([pa.array(column, part.type) for column, part in zip(cells, schema, strict=True)], schema=schema)


def _derived_rows(rows: Sequence[Derived]) -> "pa.RecordBatch":
    import pyarrow as pa

    def cells(values: Iterator[str | None]) -> "pa.Array":
        return pa.array(values, pa.string())

    columns = {name: cells(one.row.get(name) for one in rows) for name in staged.COPIED}
    columns["kind"] = cells(one.kind for one in rows)
    columns["cost"] = cells(f"{one.amount:f}" for one in rows)
    columns["commitment_id"] = cells(one.commitment for one in rows)
    columns["commitment_name"] = columns["sku_description"]
    columns["commitment_category"] = cells(one.category for one in rows)
    return staged.charges(columns, len(rows))


def _unit_prices(texts: "Mapping[str, pa.Array]") -> "dict[str, pa.Array]":
    blocks = texts["price_pricing_unit_quantity"]
    return {
        "list_unit_price": prices.per_unit(texts["price_list_price"], blocks),
        "contracted_unit_price": prices.per_unit(texts["price_effective_price"], blocks),
    }


def _completed(columns: "Mapping[str, pa.Array]", catalogue: Catalogue) -> "dict[str, pa.Array]":
    """Names of billing accounts, and list prices where the export has none."""
    import pyarrow as pa
    import pyarrow.compute as pc

    named = [catalogue.accounts.get(account or "") for account in columns["billing_account_id"].to_pylist()]
    found = {"billing_account_name": pa.array(named, pa.string())}
    found |= _named(columns, catalogue)
    if columns["list_unit_price"].null_count:
        names = ("sku_id", "currency", "usage_amount_in_pricing_units")
        rows = zip(*(columns[name].to_pylist() for name in names), strict=True)
        prices_of, costs = zip(*priced(catalogue, rows), strict=True)
        found["list_unit_price"] = pc.coalesce(columns["list_unit_price"], pa.array(prices_of, pa.string()))
        found["cost_at_list"] = pc.coalesce(columns["cost_at_list"], pa.array(costs, pa.string()))
    return found


def _named(columns: "Mapping[str, pa.Array]", catalogue: Catalogue) -> "dict[str, pa.Array]":
    """Names of projects, services and SKUs where the export gives their identifiers alone."""
    import pyarrow as pa
    import pyarrow.compute as pc

    words = {sku: found.description for sku, found in catalogue.skus.items()}
    known: tuple[tuple[str, str, Callable[[str], str | None]], ...] = (
        ("project_id", "project_name", catalogue.names.get),
        ("service_id", "service_description", catalogue.service_name),
        ("sku_id", "sku_description", words.get),
    )
    found: dict[str, pa.Array] = {}
    for identifier, name, of in known:
        if not pc.any(pc.and_(columns[name].is_null(), columns[identifier].is_valid())).as_py():
            continue  # nearly every export
        names = {cell: of(cell) for cell in pc.unique(columns[identifier]).to_pylist() if cell}
        cells = pa.array([names.get(cell or "") for cell in columns[identifier].to_pylist()], pa.string())
        found[name] = pc.coalesce(columns[name], cells)
    return found


def _corrections(columns: "Mapping[str, pa.Array]") -> "pa.Array":
    """Whether a row modifies usage of a month before the one it is invoiced in."""
    import pyarrow as pa

    parts = [columns[f"adjustment_info_{part}"] for part in ("id", "mode", "type")]
    if all(cells.null_count == len(cells) for cells in parts):
        return pa.nulls(len(parts[0]), pa.bool_())
    cells: Any = (columns[name].to_pylist() for name in ("usage_start_time", "invoice_month"))
    rows = zip(*cells, *(part.to_pylist() for part in parts), strict=True)
    return pa.array(
        [any(modified) and (pacific.month(start or "") or "9") < (month or "") for start, month, *modified in rows],
        pa.bool_(),
    )


def _month(month: str | None, start: str | None) -> str | None:
    """`202610` from `202610`, `2026-10` or `202610.0`; without one, the month of the usage."""
    if month is None:
        return pacific.month(start or "")
    return month.removesuffix(".0").replace("-", "")


def _kinds(cost_types: "pa.Array") -> "pa.Array":
    """Cost types in lower case; exports from before 2019 have none, and all their rows are regular."""
    import pyarrow.compute as pc

    return pc.utf8_lower(cost_types.fill_null("regular"))
