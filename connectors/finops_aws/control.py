"""Control totals: the report summed again from its cells, with pyarrow and decimals, without the mapping and its engine.

The sums also tell which of the provider's own promises hold: that negations cancel what commitments cover, and that net
and unblended costs tie out.
"""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finops.connector import ControlTotals, RawExport, RawTable
from finops.errors import BillError
from finops.findings import Finding
from finops.local_files import BrokenFile, Unreadable, opened_text
from finops.money import PLACES, add, stored
from finops_aws.columns import DISCOUNTS, read_header
from finops_aws.tables import LINE_ITEMS

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH = 1 << 17
_PLAIN = rf"^-?[0-9]{{1,18}}(\.[0-9]{{0,{PLACES}}})?$"
"""A number that fits a decimal as it is; others (exponents, more places) are read one by one."""
_NULLS = ("", "NULL", "null")

_TYPES = "line_item_line_item_type"
_UNBLENDED = "line_item_unblended_cost"
_NET = "line_item_net_unblended_cost"
_COVERED = ("SavingsPlanCoveredUsage", "DiscountedUsage")
_CANCELLING = (*_COVERED, "SavingsPlanNegation")
_KNOWN = frozenset(
    {
        "Usage",
        *_CANCELLING,
        "SavingsPlanRecurringFee",
        "SavingsPlanUpfrontFee",
        "RIFee",
        "Fee",
        "Tax",
        "Credit",
        "Refund",
    }
    | {"EdpDiscount", "PrivateRateDiscount", "BundledDiscount", "RiVolumeDiscount", "SppDiscount", "Discount"}
)
_NOISE_PER_ROW = Decimal("1e-9")
_NOISE_OF_SUM = Decimal("1e-12")
_EFFECTIVE = {
    "SavingsPlanCoveredUsage": "savings_plan_savings_plan_effective_cost",
    "DiscountedUsage": "reservation_effective_cost",
}


@dataclass(slots=True)
class _Sums:
    """What a group of line items adds up to."""

    rows: int = 0
    blank: int = 0
    gross: Decimal = Decimal(0)
    net: Decimal = Decimal(0)
    size: Decimal = Decimal(0)
    rounded: int = 0
    net_rounded: int = 0
    no_share: int = 0
    discounts: Counter[str] = field(default_factory=Counter)

    def take(self, other: "_Sums") -> None:
        """Add another group."""
        self.rows += other.rows
        self.blank += other.blank
        self.gross = add(self.gross, other.gross)
        self.net = add(self.net, other.net)
        self.size = add(self.size, other.size)
        self.rounded += other.rounded
        self.net_rounded += other.net_rounded
        self.no_share += other.no_share
        for name, amount in other.discounts.items():
            self.discounts[name] += amount


@dataclass(frozen=True, slots=True)
class _Group:
    """What line items are summed by; a split row divides another row's cost and counts nowhere."""

    month: str
    currency: str
    account: str
    type: str
    split: bool


_Groups = dict[_Group, _Sums]


def control_totals(raw: RawExport, *, source: str, currency: str | None) -> ControlTotals:
    """Sum the export from its cells.

    Args:
        raw: as `fetch` gave it.
        source: name for the findings.
        currency: of rows that name none.

    Raises:
        AccessError: if a file may not be read.
        BillError: if an amount is not a number, or a row has no currency or billing month; names file and line.
    """
    groups: _Groups = {}
    for table in raw.tables:
        if table.name.startswith(LINE_ITEMS):
            for path in table.files:
                _read(path, table, currency, groups)
    whole = {group: sums for group, sums in groups.items() if not group.split}
    months = _totals(whole, lambda group: (group.currency, group.month))
    net = {month: _ties_out(sums) for month, sums in months.items()}
    findings = [
        *_not_cancelled(whole, net),
        *_net_differs(months, net),
        *_odd_types(whole),
        *_no_share(whole),
        *_blank(months),
        *_split(groups),
        *_rounded(months, net),
    ]
    return ControlTotals(
        billed={month: sums.net if net[month] else sums.gross for month, sums in sorted(months.items())},
        rows=sum(sums.rows for sums in groups.values()),
        rounded_cells=sum(sums.net_rounded if net[month] else sums.rounded for month, sums in months.items()),
        findings=tuple(_of(source, finding) for finding in findings),
    )


def _read(path: Path, table: RawTable, currency: str | None, groups: _Groups) -> None:
    """Add the line items of one file to the groups.

    Raises:
        AccessError, BillError: as `control_totals`.
    """
    known = read_header(list(table.columns)).known
    wanted = {name: known[name] for name in _WANTED if name in known}
    first = 0
    for batch in _batches(path, table, list(wanted.values())):
        columns = {name: batch.column(own) for name, own in wanted.items()}
        try:
            found = _grouped(columns, batch.num_rows, currency)
        except _Unreadable as error:
            raise UnreadableCell(
                path, _line(path, table, first + error.row), wanted.get(error.column), error
            ) from error
        for group, sums in found.items():
            groups.setdefault(group, _Sums()).take(sums)
        first += batch.num_rows


_WANTED = (
    "bill_billing_period_start_date",
    "line_item_usage_start_date",
    "line_item_currency_code",
    "line_item_usage_account_id",
    _TYPES,
    "split_line_item_parent_resource_id",
    _UNBLENDED,
    _NET,
    "discount_total_discount",
    *DISCOUNTS,
    "discount",
    *_EFFECTIVE.values(),
)


def _batches(path: Path, table: RawTable, columns: Sequence[str]) -> Iterator["pa.RecordBatch"]:
    """The file in parts of flat memory.

    Raises:
        AccessError, BillError: if it may not be read, or is broken.
    """
    import pyarrow as pa
    import pyarrow.csv as pa_csv
    import pyarrow.parquet as pq

    try:
        if table.format == "parquet":
            with pq.ParquetFile(path) as file:
                yield from file.iter_batches(batch_size=_BATCH, columns=list(columns))
            return
        options = pa_csv.ConvertOptions(
            include_columns=list(columns), column_types=dict.fromkeys(columns, pa.string()), strings_can_be_null=False
        )
        names = pa_csv.ReadOptions(column_names=list(table.columns), skip_rows=1, block_size=1 << 24)
        quotes = pa_csv.ParseOptions(delimiter=table.delimiter, newlines_in_values=True)
        with pa.input_stream(path, compression="gzip" if path.name.lower().endswith(".gz") else None) as text:
            yield from pa_csv.open_csv(text, read_options=names, parse_options=quotes, convert_options=options)
    except FileNotFoundError as error:
        raise Unreadable(str(path), error) from error
    except pa.ArrowInvalid as error:
        if "Empty CSV" not in str(error):
            raise BrokenFile(path, f"its content is cut off or broken ({str(error).splitlines()[0]})") from error
    except OSError as error:
        raise BrokenFile(path, f"its content is cut off or broken ({str(error).splitlines()[0]})") from error


class _Unreadable(Exception):
    """A cell of a batch says nothing a sum could use."""

    def __init__(self, column: str, row: int, value: object) -> None:
        super().__init__(column)
        self.column = column
        self.row = row
        self.value = value


def _grouped(columns: Mapping[str, "pa.Array"], rows: int, currency: str | None) -> _Groups:
    """The sums of one batch.

    Raises:
        _Unreadable: if an amount is not a number, or a row has no currency or billing month.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    def texts(name: str, missing: str) -> "pa.Array":
        return pc.fill_null(_text(columns[name]), missing) if name in columns else pa.repeat(missing, rows)

    month = _months(columns, rows)
    code = texts("line_item_currency_code", currency or "")
    if (without := pc.index(code, "").as_py()) >= 0:
        raise _Unreadable("line_item_currency_code", without, None)
    kind = texts(_TYPES, "Usage")
    gross, blank, rounded = _decimals(columns[_UNBLENDED], _UNBLENDED)
    net, net_rounded = _net(columns, gross, rounded)
    parts = {
        "month": month,
        "currency": code,
        "account": texts("line_item_usage_account_id", ""),
        "type": kind,
        "split": pc.not_equal(texts("split_line_item_parent_resource_id", ""), ""),
        "gross": gross,
        "net": net,
        "size": pc.abs(gross),
        "blank": pc.cast(blank, pa.int64()),
        "rounded": pc.cast(rounded, pa.int64()),
        "net_rounded": pc.cast(net_rounded, pa.int64()),
        "no_share": pc.cast(_without_share(columns, kind, rows), pa.int64()),
        **{f"discount {name}": amounts for name, amounts in _discounts(columns).items()},
    }
    keys, values = list(parts)[:5], list(parts)[5:]
    summed = pa.table(parts).group_by(keys).aggregate([*((value, "sum") for value in values), ([], "count_all")])
    return {_Group(*(row[key] for key in keys)): _sums(row) for row in summed.to_pylist()}


def _sums(row: Mapping[str, Any]) -> _Sums:
    """One line of Arrow's aggregation."""
    return _Sums(
        rows=row["count_all"],
        blank=row["blank_sum"],
        gross=row["gross_sum"],
        net=row["net_sum"],
        size=row["size_sum"],
        rounded=row["rounded_sum"],
        net_rounded=row["net_rounded_sum"],
        no_share=row["no_share_sum"],
        discounts=Counter(
            {
                name.removeprefix("discount ").removesuffix("_sum"): row[name] or 0.0
                for name in row
                if name.startswith("discount ")
            }
        ),
    )


def _text(cells: "pa.Array") -> "pa.Array":
    """Cells as text without blanks around it; null where nothing is left, or where it spells NULL."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(cells.type):
        cells = cells.cast(cells.type.value_type)
    if not pa.types.is_string(cells.type):
        cells = cells.cast(pa.string())
    trimmed = pc.utf8_trim_whitespace(cells)
    return pc.if_else(pc.is_in(trimmed, value_set=pa.array(_NULLS)), pa.scalar(None, pa.string()), trimmed)


def _months(columns: Mapping[str, "pa.Array"], rows: int) -> "pa.Array":
    """The billing month of each row as `2026-10`: that of the billing period, else of the usage's start.

    Raises:
        _Unreadable: if a row has neither.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pa.nulls(rows, pa.string())
    for name in ("bill_billing_period_start_date", "line_item_usage_start_date"):
        if name in columns and found.null_count:
            found = pc.coalesce(found, _month_of(columns[name]))
    if found.null_count:
        row = pc.index(pc.is_null(found), pa.scalar(value=True)).as_py()
        name = next(
            name for name in ("bill_billing_period_start_date", "line_item_usage_start_date") if name in columns
        )
        raise _Unreadable(name, row, columns[name][row].as_py())
    return found


def _month_of(cells: "pa.Array") -> "pa.Array":
    """The month of each time, null where there is none; few times differ, so each is read once."""
    import pyarrow as pa

    coded = cells if pa.types.is_dictionary(cells.type) else cells.dictionary_encode()
    months = pa.array([_month(value) for value in coded.dictionary.to_pylist()], pa.string())
    return months.take(coded.indices)


def _month(value: object) -> str | None:
    """`2026-10` of a time or the text of one; None where it is neither."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(re.sub(r" ?UTC$", "", value.strip()))
        except ValueError:
            return None
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = value.astimezone(UTC)
    return f"{value:%Y-%m}" if value is not None else None


def _decimals(cells: "pa.Array", column: str) -> tuple["pa.Array", "pa.Array", "pa.Array"]:
    """Amounts as decimals of 18 places, blanks 0; which were blank; which had more places.

    Raises:
        _Unreadable: if one is not a number.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = pa.decimal128(38, PLACES)
    text = _text(cells)
    blank = pc.is_null(text)
    plain = pc.fill_null(pc.match_substring_regex(text, _PLAIN), True)  # noqa: FBT003 - Arrow's fill value
    amounts = pc.cast(pc.if_else(plain, pc.fill_null(text, "0"), "0"), kind)
    rounded = pa.repeat(pa.scalar(value=False), len(cells))
    if not pc.all(plain).as_py():
        rows = pc.indices_nonzero(pc.invert(plain))
        exact = [
            _stored(value, column, row)
            for value, row in zip(text.take(rows).to_pylist(), rows.to_pylist(), strict=True)
        ]
        odd = pc.invert(plain)
        amounts = pc.replace_with_mask(amounts, odd, pa.array([amount for amount, _ in exact], kind))
        rounded = pc.replace_with_mask(rounded, odd, pa.array([cut for _, cut in exact]))
    return amounts, blank, rounded


def _stored(text: str, column: str, row: int) -> tuple[Decimal, bool]:
    """The amount as the tables keep it, and whether that changed it."""
    try:
        amount = stored(text)
    except ValueError as error:
        raise _Unreadable(column, row, text) from error
    return amount, amount != Decimal(text)


def _net(columns: Mapping[str, "pa.Array"], gross: "pa.Array", rounded: "pa.Array") -> tuple["pa.Array", "pa.Array"]:
    """Net amounts, the unblended one where there is none; and which had more than 18 places."""
    import pyarrow.compute as pc

    if _NET not in columns or columns[_NET].equals(columns[_UNBLENDED]):
        return gross, rounded
    net, blank, net_rounded = _decimals(columns[_NET], _NET)
    return pc.if_else(blank, gross, net), pc.if_else(blank, rounded, net_rounded)


def _discounts(columns: Mapping[str, "pa.Array"]) -> dict[str, "pa.Array"]:
    """Discounts that may explain why net and unblended sums differ, as floats: the total, the single ones, the map."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found: dict[str, pa.Array] = {}
    if "discount_total_discount" in columns:
        found["total"] = _floats(columns["discount_total_discount"])
    elif "discount" in columns:
        found["map"] = _map_sums(columns["discount"])
    singles = [_floats(columns[name]) for name in DISCOUNTS if name in columns]
    for amounts in singles:
        found["single"] = pc.add(found["single"], amounts) if "single" in found else amounts
    return found


def _floats(cells: "pa.Array") -> "pa.Array":
    """Numbers as floats, everything else 0."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_string(cells.type) or pa.types.is_dictionary(cells.type):
        text = _text(cells)
        number = pc.fill_null(pc.match_substring_regex(text, r"^[-+]?[0-9]*\.?[0-9]+([eE][-+]?[0-9]+)?$"), False)  # noqa: FBT003 - Arrow's fill value
        cells = pc.if_else(number, text, "0")
    return pc.fill_null(pc.cast(cells, pa.float64()), 0.0)


def _map_sums(cells: "pa.Array") -> "pa.Array":
    """Per row, the sum of a map's values; of JSON text, of its object's values."""
    import json

    import pyarrow as pa

    def total(value: object) -> float:
        pairs = json.loads(value) if isinstance(value, str) and value.strip().startswith("{") else dict(value or ())  # type: ignore[call-overload]  # pairs of a map
        return sum(float(amount or 0) for amount in pairs.values())

    coded = cells.to_pylist()
    return pa.array([total(value) for value in coded], pa.float64())


def _without_share(columns: Mapping[str, "pa.Array"], kind: "pa.Array", rows: int) -> "pa.Array":
    """Which rows a commitment covers without saying what share of it they take."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pa.repeat(pa.scalar(value=False), rows)
    for covered, name in _EFFECTIVE.items():
        missing = _no_number(columns[name]) if name in columns else pa.repeat(pa.scalar(value=True), rows)
        found = pc.or_(found, pc.and_(pc.equal(kind, covered), missing))
    return found


def _no_number(cells: "pa.Array") -> "pa.Array":
    import pyarrow as pa
    import pyarrow.compute as pc

    if not (pa.types.is_string(cells.type) or pa.types.is_dictionary(cells.type)):
        return pc.is_null(cells)
    return pc.invert(pc.fill_null(pc.match_substring_regex(_text(cells), r"^[-+0-9.eE]+$"), False))  # noqa: FBT003 - Arrow's fill value


def _line(path: Path, table: RawTable, row: int) -> str:
    """Where a row stands: the line of a CSV file, the number of a Parquet row."""
    if table.format == "parquet":
        return f"row {row + 1}"
    with opened_text(path) as text:
        reader = csv.reader(text)
        cells = (cells for cells in reader if cells)
        next(islice(cells, row + 1, None), None)
        return f"line {reader.line_num}"


def _totals(groups: _Groups, by: Callable[[_Group], tuple[str, str]]) -> dict[tuple[str, str], _Sums]:
    """Sums of the groups that have the same key."""
    found: dict[tuple[str, str], _Sums] = {}
    for group, sums in groups.items():
        found.setdefault(by(group), _Sums()).take(sums)
    return found


def _ties_out(sums: _Sums) -> bool:
    """Whether the net column is what the invoice adds up to: it sums to the unblended one, or differs by the discounts."""
    noise = sums.rows * _NOISE_PER_ROW + sums.size * _NOISE_OF_SUM
    difference = abs(add(sums.net, -sums.gross))
    return difference <= noise or any(
        abs(difference - Decimal(repr(abs(float(discount))))) <= noise for discount in sums.discounts.values()
    )


def _not_cancelled(groups: _Groups, net: Mapping[tuple[str, str], bool]) -> Iterator[Finding]:
    """Per month, the accounts whose covered usage and negations do not cancel."""
    left: dict[tuple[str, str], dict[str, Decimal]] = {}
    for group, sums in groups.items():
        if group.type in _CANCELLING:
            month = (group.currency, group.month)
            accounts = left.setdefault(month, {})
            amount = sums.net if net[month] else sums.gross
            accounts[group.account] = add(accounts.get(group.account, Decimal(0)), amount)
    for (currency, month), accounts in sorted(left.items()):
        rest = {account: amount for account, amount in sorted(accounts.items()) if amount}
        if rest:
            total = add(*rest.values())
            largest = max(rest, key=lambda account: abs(rest[account]))
            yield Finding(
                rule="aws.covered-not-cancelled",
                severity="warning",
                message=f"{month}: usage covered by commitments and its negation leave {total:f} {currency} in {len(rest)} "
                f"accounts, most of it in {largest or 'rows without account'}; kept as one Adjustment row per account.",
                rows=len(rest),
                cost=total,
                currency=currency,
            )


def _net_differs(months: Mapping[tuple[str, str], _Sums], net: Mapping[tuple[str, str], bool]) -> Iterator[Finding]:
    """Per month, why net or unblended costs were taken where the two differ."""
    for month, sums in sorted(months.items()):
        difference = add(sums.net, -sums.gross)
        if net[month] and abs(difference) > sums.rows * _NOISE_PER_ROW + sums.size * _NOISE_OF_SUM:
            yield Finding(
                rule="aws.discounts-in-columns",
                severity="info",
                message=f"{month[1]}: discounts of {difference:f} {month[0]} are columns of this report and no rows; "
                "billed cost is the net column, which the invoice adds up to.",
                cost=difference,
                currency=month[0],
            )
        elif not net[month]:
            yield Finding(
                rule="aws.net-does-not-tie",
                severity="warning",
                message=f"{month[1]}: net costs differ from unblended ones by {difference:f} {month[0]}, and the discount columns "
                "do not explain it; billed cost is the unblended column.",
                cost=difference,
                currency=month[0],
            )


def _odd_types(groups: _Groups) -> Iterator[Finding]:
    """Line item types nobody told this connector about."""
    odd = _totals(
        {group: sums for group, sums in groups.items() if group.type not in _KNOWN},
        lambda group: (group.currency, group.type),
    )
    for (currency, kind), sums in sorted(odd.items()):
        yield Finding(
            rule="aws.unknown-line-item-type",
            severity="warning",
            message=f"Line item type {kind} is not known; its rows were kept by the ending of its name.",
            rows=sums.rows,
            cost=sums.gross,
            currency=currency,
        )


def _no_share(groups: _Groups) -> Iterator[Finding]:
    """Covered usage whose share of the commitment is missing: effective cost is too low by it."""
    rows = sum(sums.no_share for group, sums in groups.items())
    if rows:
        yield Finding(
            rule="aws.effective-cost-missing",
            severity="warning",
            message=f"{rows} rows are covered by a commitment but do not say what share of it they take; their effective cost is 0.",
            rows=rows,
        )


def _blank(months: Mapping[tuple[str, str], _Sums]) -> Iterator[Finding]:
    rows = sum(sums.blank for sums in months.values())
    if rows:
        yield Finding(
            rule="aws.blank-cost",
            severity="warning",
            message=f"{rows} rows have no unblended cost; they count as 0.",
            rows=rows,
        )


def _split(groups: _Groups) -> Iterator[Finding]:
    """Rows that divide the cost of a resource which is also in the file."""
    rows = sum(sums.rows for group, sums in groups.items() if group.split)
    if rows:
        yield Finding(
            rule="aws.split-rows",
            severity="info",
            message=f"{rows} rows divide the cost of a parent resource that is also in the file (split cost allocation); "
            "they are kept with cost 0.",
            rows=rows,
        )


def _rounded(months: Mapping[tuple[str, str], _Sums], net: Mapping[tuple[str, str], bool]) -> Iterator[Finding]:
    cells = sum(sums.net_rounded if net[month] else sums.rounded for month, sums in months.items())
    if cells:
        yield Finding(
            rule="focus.rounded",
            severity="info",
            message=f"{cells} amounts have more than {PLACES} decimal places and were rounded half to even.",
            rows=cells,
        )


def _of(source: str, finding: Finding) -> Finding:
    from dataclasses import replace

    return replace(finding, source=source)


class UnreadableCell(BillError):
    """A cell that money depends on says nothing."""

    def __init__(self, path: Path, line: str, column: str | None, error: _Unreadable) -> None:
        what = {
            "line_item_currency_code": "no currency",
            _UNBLENDED: f"{error.value!r} is not an amount",
            _NET: f"{error.value!r} is not an amount",
        }.get(error.column, f"{error.value!r} gives no billing month")
        super().__init__(
            f"{path}, {line}: {what}{f' (column {column})' if column else ''}.",
            "Set currency for this source in finops.toml."
            if error.column == "line_item_currency_code"
            else "Fetch the file again from the provider, or correct this cell; nothing of it was used.",
        )
