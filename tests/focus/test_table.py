"""The table `cost` has every stored column whatever a connector gave, and its totals are exact."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import ibis
import pyarrow as pa
import pytest

from finops.connector import Delivery
from finops.focus.columns import BY_NAME, FOCUS, OWN, PARTITIONS, REQUIRED, SERVICE_CATEGORIES, STORED
from finops.focus.table import complete, month, totals
from finops.store.engine import DuckDB, Engine

DELIVERY = Delivery(key="2026/part-1.csv", fingerprint="0" * 64, files=())
MAPPED = ibis.table(
    {
        "BillingPeriodStart": "timestamp('UTC')",
        "BillingCurrency": "string",
        "BilledCost": "decimal(38, 20)",
        "ConsumedQuantity": "int64",
        "SomethingElse": "string",
    },
    name="mapped",
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with DuckDB(memory_limit="256MB", spill=tmp_path_factory.mktemp("spill")) as opened:
        yield opened


def bind(engine: Engine, *rows: tuple[datetime | None, str, str]) -> None:
    engine.bind_rows(
        "mapped",
        pa.table(
            {
                "BillingPeriodStart": pa.array([row[0] for row in rows], pa.timestamp("us", tz="UTC")),
                "BillingCurrency": pa.array([row[1] for row in rows], pa.string()),
                "BilledCost": pa.array([Decimal(row[2]) for row in rows], pa.decimal128(38, 20)),
                "ConsumedQuantity": pa.array([7] * len(rows), pa.int64()),
                "SomethingElse": pa.array(["x"] * len(rows), pa.string()),
            }
        ),
    )


def test_every_stored_column_is_there_in_order_and_of_its_type() -> None:
    schema = complete(MAPPED, DELIVERY).schema()
    assert tuple(schema.names) == tuple(column.name for column in STORED)
    for column in STORED:
        assert schema[column.name].copy(nullable=True) == ibis.dtype(column.type), column.name


def test_what_a_connector_left_out_is_null_and_its_delivery_is_named(engine: Engine) -> None:
    bind(engine, (datetime(2026, 1, 1, tzinfo=UTC), "EUR", "1.5"))
    (row,) = engine.rows(complete(MAPPED, DELIVERY))
    given = {"BilledCost", "BillingPeriodStart", "BillingCurrency", "ConsumedQuantity", "x_Delivery"}
    assert {name for name, value in row.items() if value is not None} == given
    assert row["x_Delivery"] == "2026/part-1.csv"
    assert row["BilledCost"] == Decimal("1.5")
    assert row["ConsumedQuantity"] == 7.0


def test_totals_are_exact_per_currency_and_billing_month(engine: Engine) -> None:
    january, february = datetime(2026, 1, 31, 23, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    bind(
        engine,
        (january, "EUR", "100000000000000.000000000000000001"),
        (january, "EUR", "0.000000000000000001"),
        (january, "USD", "-1"),
        (february, "EUR", "2"),
        (february, "EUR", "-2"),
    )
    found = engine.rows(totals(complete(MAPPED, DELIVERY)).order_by("currency", "month"))
    assert [tuple(row.values()) for row in found] == [
        ("EUR", "2026-01", Decimal("100000000000000.000000000000000002"), 2),
        ("EUR", "2026-02", Decimal(0), 2),
        ("USD", "2026-01", Decimal(-1), 1),
    ]


def test_a_row_without_a_billing_period_has_no_month(engine: Engine) -> None:
    bind(engine, (None, "EUR", "1"))
    table = complete(MAPPED, DELIVERY)
    assert engine.rows(table.select(month=month(table))) == [{"month": None}]


def test_the_columns_are_those_of_focus_1_2_and_ours() -> None:
    assert len(FOCUS) == 57
    assert [column.name for column in FOCUS] == sorted((column.name for column in FOCUS), key=str.lower)
    assert all(column.name.startswith("x_") for column in OWN + PARTITIONS)
    assert len(BY_NAME) == len(STORED) + len(PARTITIONS)
    assert set(REQUIRED) <= {column.name for column in STORED}
    assert len(SERVICE_CATEGORIES) == len(set(SERVICE_CATEGORIES)) == 19
