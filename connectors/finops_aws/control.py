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
    known = read_header(list(table.columns)).known
    wanted = {name: known[name] for name in _WANTED if name in known}
    first = 0
    for batch in _batches(path, table, list(wanted.values())):
        columns = {name: batch.column(own) for name, own in wanted.items()}
        try:
            found = _grouped(columns, batch.num_rows, currency)
        except Unsummable as error:
            raise UnreadableCell(
                path, _line(path, table, first + error.row), wanted.get(error.column), error
            ) from error
        for group, sums in found.items():
            groups.setdefault(group, Sums()).take(sums)
        first += batch.num_rows


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


def _grouped(columns: Mapping[str, "pa.Array"], rows: int, currency: str | None) -> Groups:
    """The sums of one batch.

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
        **{f"discount {name}": amounts for name, amounts in discounts(columns).items()},
    }
    keys, values = list(parts)[:5], list(parts)[5:]
    summed = pa.table(parts).group_by(keys).aggregate([*((value, "sum") for value in values), ([], "count_all")])
    return {Group(*(row[key] for key in keys)): _sums(row) for row in summed.to_pylist()}


def _sums(row: Mapping[str, Any]) -> Sums:
    """One line of Arrow's aggregation."""
    return Sums(
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
