"""The export summed again: from its text, by readers that share nothing with staging and mapping.

The net total of an invoice month is the sum of cost plus the sum of all credits, whatever they are called.
"""

import ast
import csv
import gzip
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from finops import money
from finops.connector import ControlTotals
from finops.errors import BillError
from finops.findings import Finding

if TYPE_CHECKING:
    import pyarrow as pa

_EMPTY = frozenset({"", "NULL", "null", "None"})
_NEEDED = ("cost", "currency", "invoice.month", "usage_start_time", "credits", "credits.amount")
_MONTH = re.compile(r"^(\d{4})-?(\d{2})(?:\.0)?$")
_TOKEN = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|-?\d+\.?\d*(?:[eE][-+]?\d+)?""")
_SCAN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}]', re.DOTALL)
_CSV_BLOCK = 32 << 20


class Unreadable(BillError):
    """An amount, a month or a currency of the export cannot be read."""

    def __init__(self, path: Path, place: str, why: str) -> None:
        super().__init__(f"{path}{place}: {why}.", "Correct this record or export the file again; nothing was changed.")


@dataclass(slots=True, kw_only=True)
class _Sums:
    """Totals in the making."""

    path: Path
    currency: str | None
    billed: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    rows: int = 0
    rounded: int = 0

    def add(self, cells: Mapping[str, Any], *, times: int = 1) -> None:
        """Add the cost and the credits of a record, or of `times` equal ones.

        Raises:
            ValueError: if a cell cannot be read; says why.
        """
        amounts = [_word(cells.get("cost")) or "0", *_credit_amounts(cells)]
        key = (_word(cells.get("currency")) or self.currency or _refuse("it has no currency"), _month(cells))
        for text in amounts:
            amount, is_rounded = _amount(text)
            if amount:
                self.billed[key] = money.add(self.billed.get(key, Decimal(0)), _multiplied(amount, times))
            self.rounded += times if is_rounded else 0
        self.billed.setdefault(key, Decimal(0))


def control_totals(files: Iterable[Path], *, currency: str | None) -> ControlTotals:
    """Sum of cost and credits per currency and invoice month.

    Args:
        files: of one delivery.
        currency: of records that name none.

    Raises:
        AccessError: if a file is missing or may not be read.
        BillError: if an amount is not a number, or a record has neither month nor currency; names file and line.
    """
    totals: dict[tuple[str, str], Decimal] = {}
    rows = rounded = 0
    for path in files:
        sums = _Sums(path=path, currency=currency)
        _add_file(sums)
        rows, rounded = rows + sums.rows, rounded + sums.rounded
        for key, amount in sums.billed.items():
            totals[key] = money.add(totals.get(key, Decimal(0)), amount)
    return ControlTotals(billed=totals, rows=rows, rounded_cells=rounded, findings=tuple(_findings(rounded)))


def _findings(rounded: int) -> Iterator[Finding]:
    if rounded:
        message = f"{rounded} amounts have more than {money.PLACES} decimal places and were rounded half-even."
        yield Finding(rule="gcp.amount-rounded", severity="info", message=message, rows=rounded)


def _add_file(sums: _Sums) -> None:
    with _opened(sums.path) as binary:
        start = binary.peek(64).lstrip(b"\xef\xbb\xbf \t\r\n")[:4] if hasattr(binary, "peek") else b""
        if start == b"PAR1":
            _add_parquet(sums)
        elif start[:1] in {b"{", b"["}:
            _add_json(sums, binary)
        elif start:
            _add_csv(sums, binary)
        elif binary.read(1):
            _add_json(sums, binary)


# --- JSON ------------------------------------------------------------------------------------------------------------


def _add_json(sums: _Sums, binary: IO[bytes]) -> None:
    for line, text in _objects(binary):
        try:
            record = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
            sums.add(_flattened(record))
        except ValueError as error:
            raise Unreadable(sums.path, f", line {line}", str(error)) from error
        sums.rows += 1


def _objects(binary: IO[bytes]) -> Iterator[tuple[int, str]]:
    """The text of every outermost object and its line, found by counting braces outside of strings."""
    depth, first = 0, 1
    parts: list[str] = []
    for number, raw in enumerate(binary, start=1):
        line = raw.decode("utf-8-sig" if number == 1 else "utf-8")
        begin = 0
        for found in _SCAN.finditer(line):
            if (mark := found.group()) == "{":
                if depth == 0:
                    begin, first = found.start(), number
                depth += 1
            elif mark == "}":
                depth -= 1
                if depth == 0:
                    yield first, "".join((*parts, line[begin : found.end()]))
                    parts, begin = [], found.end()
        if depth:
            parts.append(line[begin:])
    if depth:
        yield first, "".join(parts)


def _flattened(record: Mapping[str, Any]) -> dict[str, Any]:
    """The cells that are summed, from a nested or a flat record."""
    found: dict[str, Any] = {}
    for name in _NEEDED:
        outer, dot, inner = name.partition(".")
        nested = record.get(outer) if dot else None
        if isinstance(nested, dict) and outer != "credits":
            found[name] = nested.get(inner)
        else:
            found[name] = record.get(name, record.get(name.replace(".", "_")))
    return found


# --- CSV and Parquet: distinct combinations are counted by Arrow, then added once each --------------------------------


def _add_csv(sums: _Sums, binary: IO[bytes]) -> None:
    import pyarrow as pa
    import pyarrow.csv as pacsv

    with _opened(sums.path) as head:
        header = next(csv.reader([head.readline().decode("utf-8-sig")]), [])
    wanted = _spelled(header)
    try:
        reader = pacsv.open_csv(
            pa.PythonFile(binary, mode="r"),
            read_options=pacsv.ReadOptions(block_size=_CSV_BLOCK),
            parse_options=pacsv.ParseOptions(newlines_in_values=True),
            convert_options=pacsv.ConvertOptions(
                include_columns=list(wanted), column_types=dict.fromkeys(wanted, pa.string()), strings_can_be_null=False
            ),
        )
        for batch in reader:
            _add_counted(sums, pa.table(dict(zip(wanted.values(), batch.columns, strict=True))), _csv_line)
            sums.rows += batch.num_rows
    except pa.ArrowInvalid as error:
        if "Empty CSV" not in str(error):
            raise Unreadable(sums.path, "", f"it is no CSV ({error})") from error


def _add_parquet(sums: _Sums) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(sums.path) as file:
            schema = file.schema_arrow
            outer = [
                name for name in schema.names if name.partition(".")[0] in {need.partition(".")[0] for need in _NEEDED}
            ]
            outer += [
                name for name in schema.names if name in {need.replace(".", "_") for need in _NEEDED} - set(outer)
            ]
            for batch in file.iter_batches(columns=sorted(set(outer))):
                _add_parquet_batch(sums, batch)
                sums.rows += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        raise Unreadable(sums.path, "", f"it is no Parquet file we can read ({error})") from error


def _add_parquet_batch(sums: _Sums, batch: "pa.RecordBatch") -> None:
    """Costs, then each credit as if it were the cost of a row of its own with the month and currency of its row."""
    import pyarrow as pa
    import pyarrow.compute as pc

    leaves = _leaves(batch)
    credits = leaves.pop("credits", None)
    rows = pa.table({name: cells.cast(pa.string()) for name, cells in leaves.items()})
    if credits is not None and pa.types.is_list(credits.type) and pa.types.is_struct(credits.type.value_type):
        amounts = pc.struct_field(pc.list_flatten(credits), "amount").cast(pa.string())
        taken = rows.take(pc.list_parent_indices(credits))
        _add_counted(sums, taken.set_column(taken.schema.get_field_index("cost"), "cost", amounts), _parquet_row)
    elif credits is not None and pa.types.is_struct(credits.type):
        amounts = pc.struct_field(credits, "amount").cast(pa.string())
        _add_counted(sums, rows.set_column(rows.schema.get_field_index("cost"), "cost", amounts), _parquet_row)
    elif credits is not None and not pa.types.is_null(credits.type):
        rows = rows.append_column("credits", credits.cast(pa.string()))
    _add_counted(sums, rows, _parquet_row)


def _leaves(batch: "pa.RecordBatch") -> "dict[str, pa.Array]":
    import pyarrow as pa
    import pyarrow.compute as pc

    found: dict[str, Any] = {}
    for name in _NEEDED:
        outer, dot, inner = name.partition(".")
        if dot and outer in batch.schema.names and pa.types.is_struct(batch.column(outer).type):
            if outer != "credits" and batch.schema.field(outer).type.get_field_index(inner) >= 0:
                found[name] = pc.struct_field(batch.column(outer), inner)
        else:
            found |= {
                name: batch.column(spelled)
                for spelled in (name, name.replace(".", "_"))
                if spelled in batch.schema.names
            }
    return found


def _add_counted(sums: _Sums, rows: "pa.Table", locate: Any) -> None:  # noqa: ANN401 - one of the two functions below
    if (
        rows.schema.get_field_index("invoice.month") >= 0
        and not rows["invoice.month"].null_count
        and "usage_start_time" in rows.column_names
    ):
        import pyarrow as pa
        import pyarrow.compute as pc

        if not pc.any(pc.is_in(pc.utf8_trim_whitespace(rows["invoice.month"]), pa.array(sorted(_EMPTY)))).as_py():
            rows = rows.drop_columns(
                ["usage_start_time"]
            )  # only needed where there is no month; it would make every row distinct
    names = rows.column_names
    counted = rows.group_by(names).aggregate([([], "count_all")]).to_pylist()
    for combination in counted:
        try:
            sums.add(combination, times=combination["count_all"])
        except ValueError as error:
            place = locate(sums.path, {name: combination[name] for name in names})
            raise Unreadable(sums.path, place, str(error)) from error


def _csv_line(path: Path, cells: Mapping[str, Any]) -> str:
    """Where a row with these cells stands, for a message."""
    with _opened(path) as binary:
        reader = csv.reader(line.decode("utf-8-sig") for line in binary)
        header = next(reader)
        wanted = {header.index(spelled): cells[name] for spelled, name in _spelled(header).items() if name in cells}
        before = reader.line_num
        for row in reader:
            if row and all(row[index] == (value or "") for index, value in wanted.items()):
                return f", line {before + 1}"
            before = reader.line_num
    return ""


def _parquet_row(_path: Path, cells: Mapping[str, Any]) -> str:
    return f", a row of {_word(cells.get('invoice.month')) or 'no month'}"


def _spelled(header: Iterable[str]) -> dict[str, str]:
    """The header's spelling of each field that is summed."""
    plain = {name.replace(".", "_"): name for name in _NEEDED}
    return {name: plain[key] for name in header if (key := name.strip().lower().replace(".", "_")) in plain}


# --- Cells -----------------------------------------------------------------------------------------------------------


def _credit_amounts(cells: Mapping[str, Any]) -> list[str]:
    cell = cells.get("credits")
    if isinstance(cell, str):
        cell = _parsed(cell)
    if cell is None:
        single = cells.get("credits.amount")
        return [single] if isinstance(single, str) and single.strip() not in _EMPTY else []
    listed = [cell] if isinstance(cell, dict) else cell
    return [text for credit in listed if (text := _word(credit.get("amount")))]


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Any:  # noqa: ANN401 - whatever the text holds
    if text.strip() in _EMPTY:
        return None
    try:
        return json.loads(text, parse_float=str, parse_int=str)
    except ValueError:
        # Python's way of writing a list: its numbers are put in quotes first, so that they are not read as floats.
        quoted = _TOKEN.sub(lambda found: found[0] if found[0][0] in "'\"" else f"'{found[0]}'", text)
        try:
            return ast.literal_eval(quoted)
        except (SyntaxError, ValueError) as error:
            message = f"credits {text[:80]!r} are not JSON"
            raise ValueError(message) from error


@lru_cache(maxsize=65536)
def _amount(text: str) -> tuple[Decimal, bool]:
    amount = money.stored(text)
    return amount, Decimal(text.strip()) != amount


def _multiplied(amount: Decimal, times: int) -> Decimal:
    """Exact: an amount has at most 18 places, and a count few digits."""
    scaled = int(amount.scaleb(money.PLACES)) * times
    return Decimal(scaled).scaleb(-money.PLACES)


def _month(cells: Mapping[str, Any]) -> str:
    given = _word(cells.get("invoice.month"))
    if given is None:
        return _pacific_month(
            _word(cells.get("usage_start_time")) or _refuse("it has neither invoice month nor usage time")
        )
    found = _MONTH.match(given)
    return f"{found[1]}-{found[2]}" if found else _refuse(f"{given!r} is no invoice month")


@lru_cache(maxsize=4096)
def _pacific_month(text: str) -> str:
    """The Pacific month of a UTC time: eight hours earlier, seven in daylight saving time."""
    plain = re.sub(r"( ?UTC|Z|\+00:?00)$", "", text)
    try:
        moment = datetime.fromisoformat(plain)
    except ValueError:
        return _refuse(f"{text!r} is no time")
    second_sunday = 14 - datetime(moment.year, 3, 7).weekday() - 1 + 1  # noqa: DTZ001 - a calendar day
    first_sunday = 7 - datetime(moment.year, 11, 7).weekday() - 1 + 1  # noqa: DTZ001 - a calendar day
    summer = datetime(moment.year, 3, second_sunday, 10) <= moment < datetime(moment.year, 11, first_sunday, 9)  # noqa: DTZ001 - UTC
    return f"{moment - timedelta(hours=7 if summer else 8):%Y-%m}"


def _word(value: object) -> str | None:
    text = "" if value is None else str(value).strip()
    return None if text in _EMPTY else text


def _refuse(why: str) -> Any:  # noqa: ANN401 - never returns
    raise ValueError(why)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """The bytes of a file, unpacked where it is gzip."""
    try:
        with path.open("rb") as packed:
            yield gzip.open(packed) if packed.peek(2)[:2] == b"\x1f\x8b" else packed
    except (EOFError, gzip.BadGzipFile, UnicodeDecodeError) as error:
        raise Unreadable(path, "", f"its text is broken ({error})") from error
