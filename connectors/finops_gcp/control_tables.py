"""The control totals of CSV and Parquet exports: Arrow counts equal rows, each combination is then added once."""

import csv
from collections.abc import Callable, Iterable, Mapping
from typing import IO, TYPE_CHECKING, Any

from finops_gcp import control_cells
from finops_gcp.control_sums import Sums, Unreadable

if TYPE_CHECKING:
    import pyarrow as pa

_BLOCK = 32 << 20
_TIMES = (("invoice.month", "usage_start_time"), ("BillingPeriodStart", "ChargePeriodStart"))
"""What says the month of a row, and what does where that is missing."""
_OUTER = {name.partition(".")[0] for name in control_cells.NEEDED} | {
    name.replace(".", "_") for name in control_cells.NEEDED
}


def add_csv(sums: Sums, binary: IO[bytes], reopened: Callable[[], IO[bytes]]) -> None:
    """Add every record of a CSV file.

    Args:
        sums: to add to.
        binary: the file's bytes, from the start.
        reopened: the same bytes once more.

    Raises:
        BillError: if one cannot be read; names the line.
    """
    import pyarrow as pa
    import pyarrow.csv as pacsv

    with reopened() as head:
        header = next(csv.reader([head.readline().decode("utf-8-sig")]), [])
    wanted = _spelled(header)

    def place(cells: Mapping[str, Any]) -> str:
        with reopened() as again:
            return _line(again, header, wanted, cells)

    try:
        reader = pacsv.open_csv(
            pa.PythonFile(binary, mode="r"),
            read_options=pacsv.ReadOptions(block_size=_BLOCK),
            parse_options=pacsv.ParseOptions(newlines_in_values=True),
            convert_options=pacsv.ConvertOptions(
                include_columns=list(wanted), column_types=dict.fromkeys(wanted, pa.string()), strings_can_be_null=False
            ),
        )
        for batch in reader:
            _add(sums, pa.table(list(batch.columns), names=list(wanted.values())), place)
            sums.rows += batch.num_rows
    except pa.ArrowInvalid as error:
        raise Unreadable(sums.path, "", f"it is no CSV ({error})") from error


def add_parquet(sums: Sums) -> None:
    """Add every record of a Parquet file.

    Raises:
        BillError: if one cannot be read; names its row.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(sums.path) as file:
            wanted = [name for name in file.schema_arrow.names if _plain(name) in map(_plain, _OUTER)]
            for batch in file.iter_batches(columns=wanted):
                _add_parquet_batch(sums, batch)
                sums.rows += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        raise Unreadable(sums.path, "", f"it is no Parquet file that can be read ({error})") from error


def _add_parquet_batch(sums: Sums, batch: "pa.RecordBatch") -> None:
    """Costs, then each credit as if it were the cost of a row of its own with the month and currency of its row."""
    import pyarrow as pa

    cells = _leaves(batch)
    nested = cells.pop("credits", None)
    rows = pa.table({name: column.cast(pa.string()) for name, column in cells.items()})
    first = sums.rows + 1

    def place(found: Mapping[str, Any]) -> str:
        mask = [all(row[name] == value for name, value in found.items()) for row in rows.to_pylist()]
        return f"row {first + mask.index(True)}" if True in mask else "a credit"

    if nested is not None and pa.types.is_nested(nested.type):
        amounts, parents = _credit_amounts(nested)
        taken = rows.take(parents)
        _add(sums, taken.set_column(taken.column_names.index("cost"), "cost", amounts), place)
    elif nested is not None:
        rows = rows.append_column("credits", nested.cast(pa.string()))
    _add(sums, rows, place)


def _credit_amounts(credits_of: "pa.Array") -> "tuple[pa.Array, pa.Array]":
    """The amounts of nested credits as text, and the row of each."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_struct(credits_of.type):
        parents = pa.array(range(len(credits_of)), pa.int64())
        return pc.struct_field(credits_of, "amount").cast(pa.string()), parents
    return (
        pc.struct_field(pc.list_flatten(credits_of), "amount").cast(pa.string()),
        pc.list_parent_indices(credits_of),
    )


def _leaves(batch: "pa.RecordBatch") -> "dict[str, pa.Array]":
    """The columns that are summed, taken out of their records where they are nested."""
    import pyarrow as pa
    import pyarrow.compute as pc

    columns = dict(zip(batch.schema.names, batch.columns, strict=True))
    by_plain = {_plain(name): column for name, column in columns.items()}
    found: dict[str, pa.Array] = {}
    for name in control_cells.NEEDED:
        outer, _, inner = name.partition(".")
        record = columns.get(outer)
        if inner and outer != "credits" and record is not None and pa.types.is_struct(record.type):
            if record.type.get_field_index(inner) >= 0:
                found[name] = pc.struct_field(record, inner)
        elif _plain(name) in by_plain:
            found[name] = by_plain[_plain(name)]
    return found


def _add(sums: Sums, rows: "pa.Table", place: Callable[[Mapping[str, Any]], str]) -> None:
    rows = _without_times(rows)
    names = rows.column_names
    for combination in rows.group_by(names).aggregate([([], "count_all")]).to_pylist():
        count = combination.pop("count_all")
        try:
            sums.add(combination, count=count)
        except ValueError as error:
            raise Unreadable(sums.path, place(combination), str(error)) from error


def _without_times(rows: "pa.Table") -> "pa.Table":
    """The rows without their usage times, which make each of them different, unless one has no invoice month."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for month, start in _TIMES:
        if month in rows.column_names and start in rows.column_names:
            months = pc.utf8_trim_whitespace(rows[month])
            is_missing = pc.or_(months.is_null(), pc.is_in(months, pa.array(sorted(control_cells.EMPTY))))
            return rows if pc.any(is_missing).as_py() else rows.drop_columns([start])
    return rows


def _line(binary: IO[bytes], header: list[str], wanted: Mapping[str, str], cells: Mapping[str, Any]) -> str:
    """Where the first row with these cells stands, for a message."""
    where = {header.index(spelled): cells[name] for spelled, name in wanted.items() if name in cells}
    reader = csv.reader(line.decode("utf-8-sig") for line in binary)
    before = 0
    for row in reader:
        if len(row) == len(header) and all(row[index] == (value or "") for index, value in where.items()):
            return f"line {before + 1}"
        before = reader.line_num
    return ""


def _spelled(header: Iterable[str]) -> dict[str, str]:
    """The header's spelling of each field that is summed."""
    names = {_plain(name): name for name in control_cells.NEEDED}
    return {name: names[_plain(name)] for name in header if _plain(name) in names}


def _plain(name: str) -> str:
    return name.strip().lower().replace(".", "_")
