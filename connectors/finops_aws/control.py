"""Control totals: the report summed again from its cells, in decimals, without the mapping and its engine."""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finops.connector import ControlTotals, RawExport, RawTable
from finops.errors import BillError
from finops.local_files import BrokenFile, Unreadable, opened_text
from finops_aws.amounts import Unsummable, decimals, discounts, has_number, months, texts
from finops_aws.columns import DISCOUNTS, read_header
from finops_aws.promises import broken_promises
from finops_aws.sums import Group, Groups, Sums, totals
from finops_aws.tables import LINE_ITEMS

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH = 1 << 17
_TYPE = "line_item_line_item_type"
_UNBLENDED = "line_item_unblended_cost"
_NET = "line_item_net_unblended_cost"
_SPLIT = "split_line_item_parent_resource_id"
_SHARES = {
    "SavingsPlanCoveredUsage": "savings_plan_savings_plan_effective_cost",
    "DiscountedUsage": "reservation_effective_cost",
}
"""Types of covered usage to the column that says what share of the commitment they take."""
_WANTED = (
    "bill_billing_period_start_date",
    "line_item_usage_start_date",
    "line_item_currency_code",
    "line_item_usage_account_id",
    _TYPE,
    _SPLIT,
    _UNBLENDED,
    _NET,
    "discount_total_discount",
    *DISCOUNTS,
    "discount",
    *_SHARES.values(),
)

_KEYS = ["month", "currency", "account", "type", "split"]
"""What is summed by, as in `Group`."""
_SUMMED = ("rows", "blank", "gross", "net", "size", "rounded", "net_rounded", "no_share")
_DISCOUNT = "discount "
_MERGED = 64
"""Batches whose sums are kept beside each other."""


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
    groups: Groups = {}
    for table in raw.tables:
        if table.name.startswith(LINE_ITEMS):
            for path in table.files:
                _read(path, table, currency, groups)
    whole = {group: sums for group, sums in groups.items() if not group.split}
    by_month = totals(whole, lambda group: (group.currency, group.month))
    net = {month: sums.ties_out for month, sums in by_month.items()}
    billed = {month: sums.net if net[month] else sums.gross for month, sums in by_month.items()}
    for group in groups:  # a month that holds nothing but split rows costs nothing, and its rows are kept all the same
        billed.setdefault((group.currency, group.month), Decimal(0))
    return ControlTotals(
        billed=dict(sorted(billed.items())),
        rows=sum(sums.rows for sums in groups.values()),
        rounded_cells=sum(sums.net_rounded if net[month] else sums.rounded for month, sums in by_month.items()),
        findings=tuple(replace(finding, source=source) for finding in broken_promises(groups, by_month, net)),
    )


def _read(path: Path, table: RawTable, currency: str | None, groups: Groups) -> None:
    """Add the line items of one file to the groups.

    Raises:
        AccessError, BillError: as `control_totals`.
    """
    import pyarrow as pa

    known = read_header(list(table.columns)).known
    wanted = {name: known[name] for name in _WANTED if name in known}
    first = 0
    summed: list[pa.Table] = []
    for batch in _batches(path, table, list(wanted.values())):
        columns = {name: batch.column(own) for name, own in wanted.items()}
        try:
            summed.append(_grouped(columns, batch.num_rows, currency))
        except Unsummable as error:
            raise UnreadableCell(
                path, _line(path, table, first + error.row), wanted.get(error.column), error
            ) from error
        first += batch.num_rows
        if len(summed) == _MERGED:
            summed = [_together(summed)]
    # Once per file and group: a decimal of Python costs as much as a thousand rows of Arrow.
    for row in _together(summed).to_pylist() if summed else ():
        groups.setdefault(Group(*(row[key] for key in _KEYS)), Sums()).take(_sums(row))


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
            texts = [field.name for field in pq.read_schema(path) if pa.types.is_string(field.type)]
            with pq.ParquetFile(path, read_dictionary=[name for name in columns if name in texts]) as file:
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


def _grouped(columns: Mapping[str, "pa.Array"], rows: int, currency: str | None) -> "pa.Table":
    """The sums of one batch: _KEYS, and every summed value and the number of rows under their names.

    Raises:
        Unsummable: if an amount is not a number, or a row has no currency or billing month.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    def filled(name: str, missing: str) -> "pa.Array":
        return pc.fill_null(texts(columns[name]), missing) if name in columns else pa.repeat(missing, rows)

    month = months(columns, rows)
    code = filled("line_item_currency_code", currency or "")
    if (without := pc.index(code, "").as_py()) >= 0:
        raise Unsummable("line_item_currency_code", without, None)
    kind = filled(_TYPE, "Usage")
    gross, blank, rounded = decimals(columns[_UNBLENDED], _UNBLENDED)
    net, net_rounded = _net(columns, gross, rounded)
    parts = {
        "month": month,
        "currency": code,
        "account": filled("line_item_usage_account_id", ""),
        "type": kind,
        "split": pc.not_equal(filled(_SPLIT, ""), ""),
        "gross": gross,
        "net": net,
        "size": pc.abs(gross),
        "blank": pc.cast(blank, pa.int64()),
        "rounded": pc.cast(rounded, pa.int64()),
        "net_rounded": pc.cast(net_rounded, pa.int64()),
        "no_share": pc.cast(_without_share(columns, kind, rows), pa.int64()),
        **{f"{_DISCOUNT}{name}": amounts for name, amounts in discounts(columns).items()},
    }
    return _together([pa.table({**parts, "rows": pa.repeat(pa.scalar(1, pa.int64()), rows)})])


def _together(tables: Sequence["pa.Table"]) -> "pa.Table":
    """Rows, or sums of them, summed per group."""
    import pyarrow as pa

    whole = pa.concat_tables(tables)
    values = [name for name in whole.column_names if name not in _KEYS]
    found = whole.group_by(_KEYS).aggregate([(value, "sum") for value in values])
    return found.rename_columns([name.removesuffix("_sum") for name in found.column_names]).select(whole.column_names)


def _sums(row: Mapping[str, Any]) -> Sums:
    """One line of Arrow's aggregation."""
    kinds = {name: row[name] or 0.0 for name in row if name.startswith(_DISCOUNT)}
    return Sums(
        **{name: row[name] for name in _SUMMED},
        discounts=Counter({name.removeprefix(_DISCOUNT): amount for name, amount in kinds.items()}),
    )


def _net(columns: Mapping[str, "pa.Array"], gross: "pa.Array", rounded: "pa.Array") -> tuple["pa.Array", "pa.Array"]:
    """Net amounts, the unblended one where there is none; and which had more than 18 places."""
    import pyarrow.compute as pc

    if _NET not in columns or columns[_NET].equals(columns[_UNBLENDED]):
        return gross, rounded
    net, blank, net_rounded = decimals(columns[_NET], _NET)
    return pc.if_else(blank, gross, net), pc.if_else(blank, rounded, net_rounded)


def _without_share(columns: Mapping[str, "pa.Array"], kind: "pa.Array", rows: int) -> "pa.Array":
    """Which rows a commitment covers without saying what share of it they take."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pa.repeat(pa.scalar(value=False), rows)
    for covered, name in _SHARES.items():
        missing = pc.invert(has_number(columns[name])) if name in columns else pa.repeat(pa.scalar(value=True), rows)
        found = pc.or_(found, pc.and_(pc.equal(kind, covered), missing))
    return found


def _line(path: Path, table: RawTable, row: int) -> str:
    """Where a row stands: the line of a CSV file, the number of a Parquet row."""
    if table.format == "parquet":
        return f"row {row + 1}"
    with opened_text(path) as text:
        reader = csv.reader(text)
        cells = (cells for cells in reader if cells)
        next(islice(cells, row + 1, None), None)
        return f"line {reader.line_num}"


class UnreadableCell(BillError):
    """A cell that money depends on says nothing."""

    def __init__(self, path: Path, line: str, column: str | None, error: Unsummable) -> None:
        what = {
            "line_item_currency_code": "no currency",
            _UNBLENDED: f"{error.value!r} is not an amount",
            _NET: f"{error.value!r} is not an amount",
        }.get(error.column, f"{error.value!r} gives no billing month" if error.value else "no billing month")
        super().__init__(
            f"{path}, {line}: {what}{f' (column {column})' if column else ''}.",
            "Set currency for this source in finops.toml."
            if error.column == "line_item_currency_code"
            else "Fetch the file again from the provider, or correct this cell; nothing of it was used.",
        )
