"""One bill in every form an export can have gives the same rows."""

import gzip
import io
import json
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from finops.errors import BillError

if TYPE_CHECKING:
    from .conftest import Bench, Read

Records = Callable[..., dict[str, Any]]
_PROMOTION = {"name": "Free trial", "amount": -0.3, "full_name": None, "id": "trial", "type": "PROMOTION"}
_DISCOUNT = {
    "name": "Sustained use",
    "amount": -2.25,
    "full_name": None,
    "id": "sud",
    "type": "SUSTAINED_USAGE_DISCOUNT",
}


@pytest.fixture
def bill(records: Records) -> list[dict[str, Any]]:
    """Two records: numbers that a double would spoil, nested labels, credits."""
    return [
        records(cost=0.1, credits=[_PROMOTION, _DISCOUNT], labels=[{"key": "team", "value": "a"}]),
        records(cost=5e-06, credits=[], project={"id": "p2", "name": "P2", "labels": [{"key": "x", "value": ""}]}),
    ]


def test_an_avro_file_is_refused_with_what_to_export_and_never_passed_over(
    bench: "Bench", lines: Callable[..., str]
) -> None:
    bench.file(lines({}), "a.jsonl")
    bench.file(b"Obj\x01\x04\x14avro.codec", "b.avro")
    with pytest.raises(BillError, match=r"b\.avro is an Avro file") as caught:
        bench.connector(bench.folder).deliveries()
    assert "--destination_format=PARQUET" in caught.value.todo


def facts(read: "Read") -> list[tuple[object, ...]]:
    names = ("ChargeCategory", "BilledCost", "SubAccountId", "Tags", "ConsumedQuantity", "x_ExportTime", "ServiceName")
    return sorted((tuple(row[name] for name in names) for row in read.rows), key=repr)


def flat(record: dict[str, Any], dot: str, text: Callable[[object], str]) -> dict[str, str]:
    cells: dict[str, str] = {}
    for name, value in record.items():
        if isinstance(value, dict):
            cells |= {
                f"{name}{dot}{part}": text(cell) if isinstance(cell, list) else str(cell)
                for part, cell in value.items()
            }
        else:
            cells[name] = text(value) if isinstance(value, list) else str(value)
    return cells


@pytest.mark.long
def test_json_may_stand_in_lines_one_after_the_other_or_in_an_array(bench: "Bench", bill: list[dict[str, Any]]) -> None:
    as_lines = "\n".join(map(json.dumps, bill))
    forms = {
        "lines.jsonl": as_lines,
        "bom.jsonl": "\ufeff" + as_lines,
        "pretty.json": "\n".join(json.dumps(record, indent=2) for record in bill) + "\n\n",
        "glued.json": "".join(map(json.dumps, bill)),
        "array.json": json.dumps(bill),
        "pretty-array.json": json.dumps(bill, indent=1),
        "array-of-lines.json": "[\n" + ",\n".join(map(json.dumps, bill)) + "\n]\n",
    }
    read = {name: facts(bench.read(bench.file(text, name))) for name, text in forms.items()}
    packed = bench.read(bench.file(gzip.compress(as_lines.encode()), "lines.jsonl.gz"))
    assert facts(packed)[0][:4] == ("Credit", Decimal("-0.3"), "search-prod", '{"team": "a"}')
    assert [name for name, found in read.items() if found != facts(packed)] == []


@pytest.mark.parametrize("dot", [".", "_"])
@pytest.mark.parametrize("text", [json.dumps, str])
def test_csv_may_write_lists_as_json_or_as_python_does(
    bench: "Bench", bill: list[dict[str, Any]], csv_of: Callable[..., str], dot: str, text: Callable[[object], str]
) -> None:
    nested = bench.read(bench.file("\n".join(map(json.dumps, bill))))
    content = csv_of(*(flat(record, dot, text) for record in bill))
    assert facts(bench.read(bench.file(content, "export.csv"))) == facts(nested)


def test_parquet_may_be_nested_or_flat(bench: "Bench", bill: list[dict[str, Any]]) -> None:
    expected = facts(bench.read(bench.file("\n".join(map(json.dumps, bill)))))
    for name, rows in {"nested": bill, "flat": [flat(record, ".", json.dumps) for record in bill]}.items():
        columns = dict.fromkeys(column for row in rows for column in row)
        packed = io.BytesIO()
        parquet.write_table(pa.Table.from_pylist([{**columns, **row} for row in rows]), packed)
        assert facts(bench.read(bench.file(packed.getvalue(), f"{name}.parquet"))) == expected, name


def test_a_record_may_be_longer_than_what_is_read_at_once(bench: "Bench", records: Records) -> None:
    long = records(labels=[{"key": "note", "value": "x" * 3_000_000}])
    read = bench.read(bench.file(json.dumps([records(), long, records()])))
    assert read.sum("BilledCost") == 30


def test_numbers_keep_the_text_of_the_export(bench: "Bench", lines: Callable[..., str]) -> None:
    text = lines({"cost": 7}).replace('"cost": 7', '"cost": 0.123456789012345678')
    assert bench.read(bench.file(text)).row["BilledCost"] == Decimal("0.123456789012345678")


def test_numbers_may_be_strings_or_have_an_exponent(bench: "Bench") -> None:
    read = bench.read_records({"cost": "12.50"}, {"cost": 5e-06}, {"cost": "-1E-7"})
    assert read.sum("BilledCost") == Decimal("12.5000049")


def test_credits_may_be_missing_one_object_or_text(bench: "Bench") -> None:
    nothing: list[object] = [None, [], "", "null", "[]", {"name": "", "amount": 0, "type": ""}]
    some: list[object] = [
        {"name": "SUD", "amount": "-1.0", "type": "SUSTAINED_USAGE_DISCOUNT"},
        '[{"name": "SUD", "amount": -1.0, "type": "SUSTAINED_USAGE_DISCOUNT"}]',
        "[{'name': 'SUD', 'full_name': None, 'amount': -1.0, 'type': 'SUSTAINED_USAGE_DISCOUNT'}]",
    ]
    reads = bench.read_each(*({"credits": cell} for cell in (*nothing, *some)))
    assert [read.row["BilledCost"] for read in reads] == [10] * len(nothing) + [9] * len(some)


def test_a_flat_file_may_hold_the_parts_of_one_credit_in_columns(bench: "Bench", csv_of: Callable[..., str]) -> None:
    row = {"sku.id": "a", "usage_start_time": "2026-01-05", "cost": "3", "currency": "EUR", "invoice.month": "202601"}
    read = bench.read(bench.file(csv_of(row | {"credits.amount": "-1", "credits.type": "DISCOUNT"}), "export.csv"))
    assert read.row["BilledCost"] == 2


@pytest.mark.parametrize(
    ("content", "name", "place"),
    [
        ('{"cost": 1, "usage_start_time": "x", "sku": {"id": "a"}}\n{"cost": 2,\n', "e.jsonl", "line 2"),
        ("cost,usage_start_time,sku.id\n1,2026-01-05,a\n1,2\n", "e.csv", "line 3"),
        ('cost,usage_start_time,sku.id\n1,2026-01-05,a\n1,2,"a\n', "e.csv", "line 3"),
        ('{"cost": 1, "usage_start_time": "x", "sku": {"id": "a"}}\n7\n', "e.jsonl", "line 2"),
    ],
)
def test_a_broken_record_is_an_error_that_names_its_line(bench: "Bench", content: str, name: str, place: str) -> None:
    connector = bench.connector(bench.file(content, name), currency="EUR")
    (delivery,) = connector.deliveries()
    with pytest.raises(BillError, match=place):
        connector.fetch(delivery)
