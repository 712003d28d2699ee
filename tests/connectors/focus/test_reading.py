"""Every dialect of CSV and Parquet gives the same rows; a broken file is refused with the line that broke it."""

import gzip
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from finops.errors import BillError
from finops.focus.files import reading

if TYPE_CHECKING:
    from .conftest import Bench

ROWS = (
    {"BilledCost": "1.5", "ServiceName": 'a "quoted"\nname; with, marks'},
    {"BilledCost": "-0.25", "ServiceName": "b"},
)


def dialects(text: str) -> dict[str, tuple[str, bytes]]:
    """The same bill as files of several dialects."""
    plain = text.encode()
    header, body = text.split("\n", 1)
    return {
        "plain": ("bill.csv", plain),
        "byte-order mark": ("bill.csv", b"\xef\xbb\xbf" + plain),
        "gzip": ("bill.csv.gz", gzip.compress(plain)),
        "gzip in two members": ("bill.csv.gz", gzip.compress(plain[:50]) + gzip.compress(plain[50:])),
        "gzip without its suffix": ("bill.csv", gzip.compress(plain)),
        "suffix without gzip": ("bill.csv.gz", plain),
        "blank lines": ("bill.csv", f"{header}\n\n{body}\n\n".encode()),
        "Windows header": ("bill.csv", f"{header}\r\n{body}".encode()),
        "blanks in the header": ("bill.csv", (header.replace(",", " , ") + "\n" + body).encode()),
    }


@pytest.mark.parametrize("dialect", list(dialects("\n")))
def test_a_csv_file_of_any_dialect(bench: "Bench", csv_of: Callable[..., str], dialect: str) -> None:
    name, content = dialects(csv_of(*ROWS))[dialect]
    read = bench.read(bench.file(content, name))
    assert {(row["BilledCost"], row["ServiceName"]) for row in read.rows} == {
        (Decimal("1.5"), 'a "quoted"\nname; with, marks'),
        (Decimal("-0.25"), "b"),
    }


@pytest.mark.parametrize("mark", [";", "\t"])
def test_the_delimiter_is_taken_from_the_header(bench: "Bench", csv_of: Callable[..., str], mark: str) -> None:
    read = bench.read(bench.file(csv_of({"BilledCost": "1.5"}).replace(",", mark)))
    assert read.row["BilledCost"] == Decimal("1.5")


def test_a_comma_beside_points_is_no_plain_number(bench: "Bench", csv_of: Callable[..., str]) -> None:
    text = csv_of({"BilledCost": "1.5"}, {"BilledCost": "2.5"}).replace(",", ";").replace("2.5", "2,5")
    with pytest.raises(BillError, match=r"line 3: BilledCost is '2,5'"):
        bench.read(bench.file(text))


def test_a_line_with_more_or_fewer_cells_is_named(bench: "Bench", csv_of: Callable[..., str]) -> None:
    text = csv_of({"ServiceName": "two\nlines"}, {}, {})
    lines = text.splitlines()
    for broken, cells in ((lines[-1] + ",more", 15), (lines[-1].rsplit(",", 1)[0], 13)):
        with pytest.raises(BillError, match=rf"bill\.csv, line 5: {cells} cells, but the header has 14"):
            bench.read(bench.file("\n".join([*lines[:-1], broken])))


def test_a_broken_file_is_refused(bench: "Bench", csv_of: Callable[..., str]) -> None:
    text = csv_of({}, {})
    for content in (
        gzip.compress(text.encode())[:-12],
        text.replace("EC2", "\xe9").encode("latin-1"),
        b"PAR1 and no more",
    ):
        with pytest.raises(BillError, match=r"bill\.csv cannot be read"):
            bench.read(bench.file(content))


def test_a_column_that_counts_must_not_be_there_twice(bench: "Bench", csv_of: Callable[..., str]) -> None:
    text = csv_of({"BilledCost2": "1", "Id": "7", "Id2": "8"})
    assert bench.read(bench.file(text.replace("Id2", "Id"))).row["BilledCost"] == 10
    with pytest.raises(BillError, match="has the column BilledCost twice"):
        bench.read(bench.file(text.replace("BilledCost2", "BilledCost")))


COLUMNS: dict[str, tuple[pa.DataType, Any]] = {
    "BilledCost": (pa.decimal128(38, 9), Decimal("1.5")),
    "BillingCurrency": (pa.dictionary(pa.int32(), pa.string()), "USD"),
    "BillingPeriodStart": (pa.timestamp("us", tz="UTC"), datetime(2026, 1, 1, tzinfo=UTC)),
    "ChargePeriodStart": (pa.timestamp("ns"), datetime(2026, 1, 5)),  # noqa: DTZ001 - a file without zones
    "ChargePeriodEnd": (pa.date32(), date(2026, 1, 6)),
    "ServiceName": (pa.large_string(), "Amazon EC2"),
    "SubAccountId": (pa.int64(), 12345678901234),
    "BillingAccountId": (pa.float64(), 12345678901234.0),
    "ListUnitPrice": (pa.float64(), 0.1),
    "ChargeClass": (pa.null(), None),
    "Tags": (pa.map_(pa.string(), pa.string()), [("team", "a"), ("app", None)]),
    "x_Credits": (
        pa.list_(pa.struct([("name", pa.string()), ("amount", pa.float64())])),
        [{"name": "n", "amount": -1.5}],
    ),
}


def parquet_file(bench: "Bench", **changed: tuple[pa.DataType, Any]) -> Path:
    columns = COLUMNS | changed
    path = bench.folder / "bill.parquet"
    parquet.write_table(pa.table({name: pa.array([value], kind) for name, (kind, value) in columns.items()}), path)
    return path


def test_a_parquet_file_of_many_types(bench: "Bench") -> None:
    row = bench.read(parquet_file(bench)).row
    assert {name: row[name] for name in COLUMNS} == {
        "BilledCost": Decimal("1.5"),
        "BillingCurrency": "USD",
        "BillingPeriodStart": datetime(2026, 1, 1, tzinfo=UTC),
        "ChargePeriodStart": datetime(2026, 1, 5, tzinfo=UTC),
        "ChargePeriodEnd": datetime(2026, 1, 6, tzinfo=UTC),
        "ServiceName": "Amazon EC2",
        "SubAccountId": "12345678901234",
        "BillingAccountId": "12345678901234",
        "ListUnitPrice": Decimal("0.1"),
        "ChargeClass": None,
        "Tags": '{"app": true, "team": "a"}',
        "x_Credits": '[{"amount": -1.5, "name": "n"}]',
    }


@pytest.mark.parametrize(
    ("kind", "value", "wanted"),
    [
        (pa.float64(), 0.1, "0.1"),
        (pa.float64(), 5e-06, "0.000005"),
        (pa.float64(), 1e16, "10000000000000000"),
        (pa.float32(), 0.1, "0.1"),
        (pa.int32(), 7, "7"),
        (pa.string(), " 1.50 ", "1.5"),
        (pa.binary(), b"2.5", "2.5"),
        (pa.decimal128(38, 20), Decimal("0.00000000000000000250"), "0.000000000000000002"),
        (pa.decimal256(76, 38), Decimal("0.00000000000000000250"), "0.000000000000000002"),
    ],
)
def test_an_amount_of_any_parquet_type_is_exact(bench: "Bench", kind: pa.DataType, value: object, wanted: str) -> None:
    assert bench.read(parquet_file(bench, BilledCost=(kind, value))).row["BilledCost"] == Decimal(wanted)


def test_an_amount_that_is_not_a_number_names_the_row_of_a_parquet_file(bench: "Bench") -> None:
    with pytest.raises(BillError, match=r"bill\.parquet, row 1: BilledCost is blank or null"):
        bench.read(parquet_file(bench, BilledCost=(pa.float64(), float("nan"))))
    with pytest.raises(BillError, match=r"bill\.parquet, row 1: BilledCost is 'inf'"):
        bench.read(parquet_file(bench, BilledCost=(pa.float64(), float("inf"))))


@pytest.mark.parametrize(
    ("kind", "tags"),
    [
        (pa.string(), "[{'key': 'team', 'value': 'a'}]"),
        (pa.list_(pa.struct([("key", pa.string()), ("value", pa.string())])), [{"key": "team", "value": "a"}]),
        (pa.struct([("team", pa.string())]), {"team": "a"}),
    ],
)
def test_tags_of_any_parquet_type_have_one_form(bench: "Bench", kind: pa.DataType, tags: object) -> None:
    assert bench.read(parquet_file(bench, Tags=(kind, tags))).row["Tags"] == '{"team": "a"}'


def test_a_place_is_the_line_where_the_row_begins(bench: "Bench") -> None:
    file = reading.opened(bench.file('a,b\n\n1,"x\ny"\n2,z\n'))
    assert [file.place(row) for row in range(3)] == ["line 3", "line 5", "row 3"]
