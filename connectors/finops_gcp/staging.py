"""An export staged for an engine: one Parquet file of one schema, whatever form and age the export has.

What needs Python is done here: reading nested text, adding up credits, joining labels. What it means is in mapping.py.
"""

import marshal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finops import money
from finops.connector import RawTable
from finops.errors import BillError, ConfigurationError
from finops.findings import Finding
from finops.focus.columns import MONEY
from finops_gcp import commitments, credits, fields, labels, pacific, records

if TYPE_CHECKING:
    import pyarrow as pa

CHARGES = "gcp_charges"
LINKS = "gcp_commitments"

COPIED = tuple(
    fields.plain(name)
    for name in fields.SCALARS
    if name
    not in {
        "cost_type", "price.list_price", "price.effective_price", "price.effective_price_default",
        "price.pricing_unit_quantity", "consumption_model.id",
    }
)  # fmt: skip
"""Fields that are staged as they are written, without blanks; missing is null."""

COLUMNS: dict[str, str] = {
    "kind": "string",
    **dict.fromkeys(COPIED, "string"),
    "cost_type": "string",
    "discounts": MONEY,
    "offset_amount": MONEY,
    "list_unit_price": "string",
    "contracted_unit_price": "string",
    "is_fee": "boolean",
    "is_covered": "boolean",
    "is_correction": "boolean",
    "commitment_key": "string",
    "commitment_id": "string",
    "commitment_name": "string",
    "commitment_category": "string",
    "tags": "string",
    "credits": "string",
    "instance_type": "string",
    "credit_type": "string",
    "credit_name": "string",
}
"""The staged table. `kind` is `charge` (a row of the export), `credit` (money given, from a charge's credits; its `cost` is the
credit's amount), `unused` (the rest of a commitment fee) or `rounding` (what covered usage and offset differ by)."""

LINK_COLUMNS = {"link_key": "string", "link_commitment_id": "string"}

_DEFAULT_MODEL = "7754-699E-0EBF"
"""Consumption model of usage at the price without commitment (Google's pricing pages, November 2026)."""
_FEE = r"(?i)\bcommitment\b"
_NOTHING = ("", "NULL", "null", "None")
_CACHED = 100_000


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


def stage(path: Path, *, to: Path, currency: str | None, currency_from: str) -> Staged:
    """Write the staged tables of one export.

    Args:
        path: the export.
        to: path of the files to write, without a suffix.
        currency: of records that name none.
        currency_from: where that currency was configured.

    Raises:
        AccessError, BillError: if the file cannot be read, or a cell of credits or labels is not what it should be; names the line.
        ConfigurationError: if a record names no currency and none is configured.
    """
    import pyarrow.parquet as pq

    charges, links = to.with_suffix(".parquet"), to.with_suffix(".commitments.parquet")
    stager = _Stager(path=path, currency=currency)
    with pq.ParquetWriter(charges, _schema(COLUMNS), compression="zstd") as writer:
        for batch in stager.batches():
            writer.write_batch(batch)
    pq.write_table(stager.links(), links)
    return Staged(
        tables=(
            RawTable(name=CHARGES, files=(charges,), format="parquet", columns=COLUMNS),
            RawTable(name=LINKS, files=(links,), format="parquet", columns=LINK_COLUMNS),
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
class _Stager:
    """Turns batches of records into batches of the staged schema, and counts what was doubtful."""

    path: Path
    currency: str | None
    rows: int = 0
    without_cost: int = 0
    without_currency: int = 0
    without_month: int = 0
    unknown_credits: dict[str, int] = field(default_factory=dict)
    ledger: commitments.Commitments = field(default_factory=commitments.Commitments)
    read_credits: Callable[[object], credits.RowCredits] = field(default_factory=lambda: _remembered(credits.of_row))
    read_labels: "Callable[..., tuple[str | None, str | None]]" = field(
        default_factory=lambda: _remembered(labels.of_row)
    )

    def batches(self) -> "Iterator[pa.RecordBatch]":
        """The charges with their credit rows, then the derived rows."""
        for batch in records.batches(self.path):
            self.rows += len(batch)
            yield from self._staged(batch)
        derived = list(self.ledger.derived())
        if derived:
            yield _derived(derived)

    def links(self) -> "pa.Table":
        """The keys of rows that follow the commitment rule."""
        import pyarrow as pa

        rows = [{"link_key": link.key, "link_commitment_id": link.commitment} for link in self.ledger.links()]
        return pa.Table.from_pylist(rows, schema=_schema(LINK_COLUMNS))

    def findings(self, currency_from: str) -> Iterator[Finding]:
        """What was doubtful, counted."""
        name = self.path.name
        if self.without_cost:
            yield Finding(
                rule="gcp.cost-missing", severity="warning", rows=self.without_cost,
                message=f"{self.without_cost} records of {name} have no cost; they count as zero.",
            )  # fmt: skip
        if self.without_currency:
            yield Finding(
                rule="gcp.currency-assumed", severity="warning", rows=self.without_currency,
                message=f"{self.without_currency} records of {name} name no currency; {self.currency} was taken from {currency_from}.",
            )  # fmt: skip
        if self.without_month:
            yield Finding(
                rule="gcp.invoice-month-missing", severity="warning", rows=self.without_month,
                message=(
                    f"{self.without_month} records of {name} have no invoice month; the month of their usage in Pacific time was taken. "
                    "Google may invoice usage of a month's last hours a month later."
                ),
            )  # fmt: skip
        for kind, count in sorted(self.unknown_credits.items()):
            yield Finding(
                rule="gcp.credit-type-unknown", severity="info", rows=count,
                message=f"Credits of the type {kind} in {name} are not known; they lower the rows they stand on.",
            )  # fmt: skip
        yield from self.ledger.findings()

    def _staged(self, batch: records.Batch) -> "Iterator[pa.RecordBatch]":
        import pyarrow as pa

        texts = {fields.plain(name): _text(batch, fields.plain(name)) for name in fields.SCALARS}
        columns = {name: texts[name] for name in COPIED}
        columns["cost"] = self._costs(texts["cost"])
        columns["currency"] = self._currencies(texts["currency"], batch)
        columns["invoice_month"] = self._months(texts)
        columns["cost_type"] = _lowered(texts["cost_type"])
        row_credits = self._credits(batch)
        columns |= _credit_columns(row_credits)
        columns |= self._label_columns(batch)
        columns |= _unit_prices(texts)
        columns["is_correction"] = _corrections(columns)
        columns |= self._commitment_columns(columns, texts["consumption_model_id"], row_credits, batch)
        columns["kind"] = pa.repeat("charge", len(batch))
        charges = _record_batch(columns, len(batch))
        yield charges
        if any(row.given for row in row_credits):
            yield _credit_rows(charges, row_credits)

    def _costs(self, cells: "pa.Array") -> "pa.Array":
        self.without_cost += cells.null_count
        return cells.fill_null("0")

    def _currencies(self, cells: "pa.Array", batch: records.Batch) -> "pa.Array":
        if not cells.null_count:
            return cells
        if self.currency is None:
            first = cells.is_null().index(True).as_py()  # noqa: FBT003 - what Arrow looks for
            raise NoCurrency(self.path, _place(batch, first))
        self.without_currency += cells.null_count
        return cells.fill_null(self.currency)

    def _months(self, texts: "dict[str, pa.Array]") -> "pa.Array":
        import pyarrow as pa
        import pyarrow.compute as pc

        months = texts["invoice_month"]
        self.without_month += months.null_count
        if pc.all(pc.match_substring_regex(months.fill_null(""), r"^\d{6}$")).as_py():
            return months
        pairs = zip(months.to_pylist(), texts["usage_start_time"].to_pylist(), strict=True)
        return pa.array([_month(month, start) for month, start in pairs], pa.string())

    def _credits(self, batch: records.Batch) -> list[credits.RowCredits]:
        found: list[credits.RowCredits] = []
        for index, cell in enumerate(_credit_cells(batch)):
            try:
                found.append(self.read_credits(cell) if cell else credits.NONE)
            except ValueError as error:
                raise UnreadableCell(self.path, _place(batch, index), str(error)) from error
        for row in found:
            for kind in row.unknown:
                self.unknown_credits[kind] = self.unknown_credits.get(kind, 0) + 1
        return found

    def _label_columns(self, batch: records.Batch) -> "dict[str, pa.Array]":
        import pyarrow as pa

        names = ("labels", "project_labels", "system_labels", "tags")
        rows = zip(*(_cells(batch, name) for name in names), strict=True)
        found: list[tuple[str | None, str | None]] = []
        for index, cells in enumerate(rows):
            try:
                found.append(self.read_labels(*cells) if any(cells) else (None, None))
            except ValueError as error:
                raise UnreadableCell(self.path, _place(batch, index), str(error)) from error
        return {
            "tags": pa.array([tags for tags, _ in found], pa.string()),
            "instance_type": pa.array([machine for _, machine in found], pa.string()),
        }

    def _commitment_columns(
        self, columns: "dict[str, pa.Array]", models: "pa.Array", rows: list[credits.RowCredits], batch: records.Batch
    ) -> "dict[str, pa.Array]":
        """Which rows are commitment fees or covered by one; counts them in the ledger."""
        import pyarrow as pa

        fees, covered = _roles(columns, models, rows)
        keys: list[str | None] = [None] * len(rows)
        ids: list[str | None] = [row.commitment.id if row.commitment else None for row in rows]
        names: list[str | None] = [row.commitment.name if row.commitment else None for row in rows]
        kinds = [credits.COMMITMENT_CATEGORY[row.commitment.type] if row.commitment else None for row in rows]
        for index in (index for index, is_one in enumerate(fees) if is_one):
            cells = {name: columns[name][index].as_py() for name in COPIED}
            ids[index] = cells["subscription_instance_id"] or ids[index]
            names[index] = cells["sku_description"]
            kinds[index] = kinds[index] or _fee_category(cells["sku_description"])
            keys[index] = self._count_fee(cells, ids[index], rows[index], batch, index)
        for index in (index for index, is_one in enumerate(covered) if is_one):
            bill = _bill(
                {name: columns[name][index].as_py() for name in ("billing_account_id", "invoice_month", "currency")}
            )
            self.ledger.add_covered(bill, self._amount(columns["cost"][index].as_py(), batch, index))
            keys[index], kinds[index] = bill.key, kinds[index] or "Spend"
            names[index] = names[index] or columns["consumption_model_description"][index].as_py()
        texts = {"commitment_key": keys, "commitment_id": ids, "commitment_name": names, "commitment_category": kinds}
        return {
            "is_fee": pa.array(fees, pa.bool_()),
            "is_covered": pa.array(covered, pa.bool_()),
            **{name: pa.array(cells, pa.string()) for name, cells in texts.items()},
        }

    def _count_fee(
        self,
        cells: dict[str, str | None],
        commitment: str | None,
        row: credits.RowCredits,
        batch: records.Batch,
        index: int,
    ) -> str:
        bill = _bill(cells)
        paid = money.add(self._amount(cells["cost"], batch, index), row.discounts)
        self.ledger.add_fee(bill, commitments.Fee(row=cells, commitment=commitment, paid=paid, offset=row.offset))
        return bill.fee_key(cells["sku_id"] or "", cells["subscription_instance_id"] or "")

    def _amount(self, text: str | None, batch: records.Batch, index: int) -> Decimal:
        try:
            return money.stored(text or "0")
        except ValueError as error:
            raise UnreadableCell(self.path, _place(batch, index), f"cost {error}") from error


def _credit_columns(rows: list[credits.RowCredits]) -> "dict[str, pa.Array]":
    import pyarrow as pa

    kind = pa.decimal128(36, money.PLACES)
    return {
        "discounts": pa.array([row.discounts for row in rows], kind),
        "offset_amount": pa.array([row.offset for row in rows], kind),
        "credits": pa.array([row.text for row in rows], pa.string()),
    }


def _credit_rows(charges: "pa.RecordBatch", rows: list[credits.RowCredits]) -> "pa.RecordBatch":
    """One row per credit that was given: the charge it stands on, with the credit's amount as its cost."""
    import pyarrow as pa

    given = [(index, credit) for index, row in enumerate(rows) for credit in row.given]
    columns = dict(
        zip(charges.schema.names, charges.take(pa.array([index for index, _ in given])).columns, strict=True)
    )
    kept = (*COPIED, "tags", "instance_type")
    columns = {name: cells for name, cells in columns.items() if name in kept}
    columns["kind"] = pa.repeat("credit", len(given))
    columns["cost"] = pa.array([f"{credit.amount:f}" for _, credit in given], pa.string())
    columns["credit_type"] = pa.array([credit.type for _, credit in given], pa.string())
    columns["credit_name"] = pa.array([credit.name for _, credit in given], pa.string())
    return _record_batch(columns, len(given))


def _derived(rows: list[commitments.Derived]) -> "pa.RecordBatch":
    import pyarrow as pa

    columns = {name: pa.array([derived.row.get(name) for derived in rows], pa.string()) for name in COPIED}
    columns["kind"] = pa.array([derived.kind for derived in rows], pa.string())
    columns["cost"] = pa.array([f"{derived.amount:f}" for derived in rows], pa.string())
    unused = [derived.kind == "unused" for derived in rows]
    for name, source in (("commitment_id", "commitment_id"), ("commitment_name", "sku_description")):
        columns[name] = pa.array(
            [derived.row.get(source) if is_one else None for derived, is_one in zip(rows, unused, strict=True)],
            pa.string(),
        )
    columns["commitment_category"] = pa.array(["Spend" if is_one else None for is_one in unused], pa.string())
    return _record_batch(columns, len(rows))


def _roles(
    columns: "dict[str, pa.Array]", models: "pa.Array", rows: list[credits.RowCredits]
) -> tuple[list[bool], list[bool]]:
    """Which rows are commitment fees or subscriptions, and which usage is priced by a commitment's consumption model."""
    import pyarrow as pa
    import pyarrow.compute as pc

    regular = pc.equal(columns["cost_type"], "regular")
    offset = pa.array([bool(row.offset) for row in rows], pa.bool_())
    discounted = pa.array([row.commitment is not None and not row.offset for row in rows], pa.bool_())
    named = pc.match_substring_regex(columns["sku_description"].fill_null(""), _FEE)
    priced = pc.not_equal(models.fill_null(_DEFAULT_MODEL), _DEFAULT_MODEL)
    priced = pc.and_(
        priced, pc.not_equal(pc.utf8_lower(columns["consumption_model_description"].fill_null("")), "default")
    )
    subscribed = pc.and_(columns["subscription_instance_id"].is_valid(), pc.invert(pc.or_(discounted, priced)))
    fees = pc.or_(offset, pc.and_(regular, pc.or_(named, subscribed)))
    covered = pc.and_(pc.and_(regular, priced), pc.invert(fees))
    return fees.to_pylist(), covered.to_pylist()


def _fee_category(sku: str | None) -> str:
    """What a fee without an offset commits to, by the words of its SKU."""
    words = (sku or "").lower()
    return "Spend" if "dollar" in words or "flex" in words else "Usage"


def _bill(cells: dict[str, str | None]) -> commitments.Bill:
    return commitments.Bill(cells["billing_account_id"] or "", cells["invoice_month"] or "", cells["currency"] or "")


def _unit_prices(texts: "dict[str, pa.Array]") -> "dict[str, pa.Array]":
    """Prices per one unit; Google gives them per block of `price.pricing_unit_quantity` units."""
    blocks = texts["price_pricing_unit_quantity"]
    return {
        "list_unit_price": _per_unit(texts["price_list_price"], blocks),
        "contracted_unit_price": _per_unit(texts["price_effective_price"], blocks),
    }


def _per_unit(prices: "pa.Array", blocks: "pa.Array") -> "pa.Array":
    import pyarrow as pa

    if prices.null_count == len(prices) or blocks.null_count == len(blocks):
        return prices
    pairs = zip(prices.to_pylist(), blocks.to_pylist(), strict=True)
    return pa.array([_divided(price, block) for price, block in pairs], pa.string())


@lru_cache(maxsize=_CACHED)
def _divided(price: str | None, block: str | None) -> str | None:
    if price is None or block in {None, "0", "1"}:
        return price
    try:
        return f"{money.stored(str(Decimal(price) / Decimal(block or '1'))):f}"
    except (ArithmeticError, ValueError):
        return None  # a price is no money of the bill; what is no number is missing


def _corrections(columns: "dict[str, pa.Array]") -> "pa.Array":
    """Whether a row modifies a month that was invoiced before its own."""
    import pyarrow as pa

    modified = [columns[f"adjustment_info_{part}"] for part in ("id", "mode", "type")]
    if all(cells.null_count == len(cells) for cells in modified):
        return pa.nulls(len(modified[0]), pa.bool_())
    rows = zip(
        columns["usage_start_time"].to_pylist(),
        columns["invoice_month"].to_pylist(),
        *(c.to_pylist() for c in modified),
        strict=True,
    )
    return pa.array(
        [
            any(parts) and bool(start and month) and (pacific.month(start) or month) < month
            for start, month, *parts in rows
        ],
        pa.bool_(),
    )


def _month(month: str | None, start: str | None) -> str | None:
    """`202610` from `202610`, `2026-10` or `202610.0`; without one, the month of the usage."""
    if month is None:
        return pacific.month(start) if start else None
    return month.removesuffix(".0").replace("-", "")[:6]


def _lowered(cells: "pa.Array") -> "pa.Array":
    import pyarrow.compute as pc

    return pc.utf8_lower(cells.fill_null("regular"))


def _credit_cells(batch: records.Batch) -> Sequence[object]:
    """The credits per record; flat files may hold the parts of one credit in columns."""
    parts = {name.partition(".")[2]: fields.plain(name) for name in fields.CREDIT_PARTS}
    if "credits" in batch.columns or "credits_amount" not in batch.columns:
        return _cells(batch, "credits")
    rows = zip(*(_cells(batch, name) for name in parts.values()), strict=True)
    return [dict(zip(parts, cells, strict=True)) for cells in rows]


def _cells(batch: records.Batch, name: str) -> Sequence[Any]:
    """Python values of a column; nulls where the file has none of that name."""
    import pyarrow as pa

    cells = batch.columns.get(name)
    if cells is None:
        return [None] * len(batch)
    return cells.to_pylist() if isinstance(cells, pa.Array) else cells


def _text(batch: records.Batch, name: str) -> "pa.Array":
    """A column as text without blanks around it; what spells nothing is null."""
    import pyarrow as pa
    import pyarrow.compute as pc

    cells = batch.columns.get(name)
    if cells is None:
        return pa.nulls(len(batch), pa.string())
    if not isinstance(cells, pa.Array):
        try:
            cells = pa.array(cells, pa.string())
        except (pa.ArrowTypeError, pa.ArrowInvalid):
            cells = pa.array([None if cell is None else str(cell) for cell in cells], pa.string())
    cells = pc.utf8_trim_whitespace(cells)
    return pc.if_else(pc.is_in(cells, pa.array(_NOTHING)), None, cells)


def _record_batch(columns: "dict[str, pa.Array]", rows: int) -> "pa.RecordBatch":
    """A batch of the staged schema; columns that are not given are null."""
    import pyarrow as pa

    schema = _schema(COLUMNS)
    return pa.record_batch([columns.get(part.name, pa.nulls(rows, part.type)) for part in schema], schema=schema)


@lru_cache(maxsize=8)
def _schema_of(columns: tuple[tuple[str, str], ...]) -> "pa.Schema":
    import pyarrow as pa

    kinds = {"string": pa.string(), "boolean": pa.bool_(), MONEY: pa.decimal128(36, money.PLACES)}
    return pa.schema([(name, kinds[kind]) for name, kind in columns])


def _schema(columns: dict[str, str]) -> "pa.Schema":
    return _schema_of(tuple(columns.items()))


def _place(batch: records.Batch, index: int) -> str:
    return f"{batch.unit} {batch.places[index]}"


def _remembered(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with its last results kept: labels and credits repeat from row to row, and are lists, which do not hash."""
    known: dict[bytes, Any] = {}

    def remembering(*cells: object) -> Any:  # noqa: ANN401 - what the function returns
        try:
            key = marshal.dumps(cells, 2)
        except ValueError:  # holds a decimal or a time, from Parquet
            return function(*cells)
        if key not in known:
            if len(known) >= _CACHED:
                known.clear()
            known[key] = function(*cells)
        return known[key]

    return remembering
