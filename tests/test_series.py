"""Series are exact daily sums of one measure, of what lies inside a scope."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import cast

import pyarrow as pa
import pytest

from finops import allocation, series
from finops.focus.tags import canonical
from finops.periods import Period
from finops.series import DailyTable, Scope
from finops.store.engine import DuckDB, Engine

ONE, TWO, THREE = date(2026, 10, 1), date(2026, 10, 2), date(2026, 10, 3)
TABLE = DailyTable(
    measure="effective_cost",
    fields=("project", "service"),
    rows=(
        (("shop", "EC2"), ONE, Decimal("0.1"), "EUR"),
        (("shop", "S3"), ONE, Decimal("0.2"), "EUR"),
        (("search", "EC2"), THREE, Decimal(100000000000000000000), "EUR"),
        ((None, "S3"), THREE, Decimal("0.000000000000000001"), "EUR"),
    ),
)
Pairs = tuple[tuple[str, tuple[str, ...]], ...]
KINDS = {"x_Day": pa.date32(), **dict.fromkeys(allocation.COSTS, pa.decimal128(36, 18))} | dict.fromkeys(
    allocation.RESOURCES, pa.float64()
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with DuckDB(memory_limit="256MB", spill=tmp_path_factory.mktemp("spill")) as opened:
        yield opened


def read(engine: Engine, rows: Sequence[object], measure: str, *fields: str) -> DailyTable:
    """Rows of `allocated` as a daily table, as analysis reads them."""
    names = [column.name for column in allocation.columns()]
    schema = pa.schema([(name, KINDS.get(name, pa.string())) for name in names])
    whole = [{"x_Day": ONE, "BillingCurrency": "EUR", **cast("Mapping[str, object]", row)} for row in rows]
    stored = engine.bind_rows("allocated", pa.Table.from_pylist(whole, schema=schema))
    return series.read(engine.arrow, stored, measure, fields)


def test_an_empty_scope_is_everything() -> None:
    assert TABLE.daily(Scope()) == {
        ONE: Decimal("0.3"),
        THREE: Decimal("100000000000000000000.000000000000000001"),
    }
    assert str(Scope()) == "all cost"


@pytest.mark.parametrize(
    ("fields", "total", "words"),
    [
        ((("project", ("shop",)),), "0.3", "project shop"),
        ((("project", ("shop", "search")), ("service", ("EC2",))), "100000000000000000000.1",
         "project shop or search, service EC2"),
        ((("service", ("S3",)),), "0.200000000000000001", "service S3"),
        ((("project", ("nobody",)),), "0", "project nobody"),
        ((("region", ("eu",)),), "0", "region eu"),
    ],
)  # fmt: skip
def test_every_named_field_must_equal_one_of_its_values(fields: Pairs, total: str, words: str) -> None:
    scope = Scope(fields=fields)

    assert TABLE.total(scope, Period(start=ONE, end=date(2026, 10, 4))) == Decimal(total)
    assert str(scope) == words


def test_a_total_leaves_out_its_end_day() -> None:
    assert TABLE.total(Scope(), Period(start=ONE, end=THREE)) == Decimal("0.3")
    assert TABLE.total(Scope(), Period(start=TWO, end=THREE)) == 0


def test_values_are_sorted_and_what_has_none_comes_last() -> None:
    assert TABLE.values("project") == ["search", "shop", None]
    assert TABLE.values("service") == ["EC2", "S3"]


def test_days_are_summed_exactly_per_field_and_currency(engine: Engine) -> None:
    rows: list[dict[str, object]] = [
        {"x_Project": "shop", "EffectiveCost": Decimal("99999999999999999.000000000000000001")},
        {"x_Project": "shop", "EffectiveCost": Decimal("0.000000000000000001")},
        {"x_Project": "shop", "EffectiveCost": Decimal(5), "BillingCurrency": "USD"},
        {"x_Project": None, "EffectiveCost": Decimal(7), "x_Day": TWO},
    ]
    table = read(engine, rows, "effective_cost", "project")

    assert sorted(table.rows, key=str) == [
        (("shop",), ONE, Decimal("5.000000000000000000"), "USD"),
        (("shop",), ONE, Decimal("99999999999999999.000000000000000002"), "EUR"),
        ((None,), TWO, Decimal("7.000000000000000000"), "EUR"),
    ]


@pytest.mark.parametrize("field", sorted({*series.FIELDS} - {"team"}))
def test_every_field_has_its_column(engine: Engine, field: str) -> None:
    table = read(engine, [{series.FIELDS[field]: "it", "BilledCost": Decimal(2)}], "billed_cost", field)

    assert table.daily(Scope(fields=((field, ("it",)),))) == {ONE: Decimal(2)}


@pytest.mark.parametrize("measure", sorted(series.MEASURES))
def test_every_measure_has_its_column(engine: Engine, measure: str) -> None:
    column = series.MEASURES[measure]
    value = Decimal("2.5") if measure in series.COSTS else 2.5
    table = read(engine, [{column: value}], measure, "project")

    assert table.daily(Scope()) == {ONE: Decimal("2.5")}


def test_rows_whose_measure_is_not_known_are_left_out(engine: Engine) -> None:
    rows = [{"x_Project": "a", "x_EnergyKwh": None}, {"x_Project": "b", "x_EnergyKwh": 0.1, "x_Day": TWO}]
    table = read(engine, rows, "energy_kwh", "project")

    assert table.rows == ((("b",), TWO, Decimal("0.1"), "EUR"),)
    assert read(engine, rows[:1], "energy_kwh", "project").rows == ()


@pytest.mark.parametrize("key", ["team", "app.kubernetes.io/name", "/team", "$cost", 'a"b', "it's", "città", ""])
def test_a_tag_is_a_field_whatever_its_key(engine: Engine, key: str) -> None:
    rows = [
        {"Tags": canonical({key: "x", "zz": "y"}), "BilledCost": Decimal(1)},
        {"Tags": canonical({key: ""}), "BilledCost": Decimal(2)},
        {"Tags": canonical({"zz": "x"}), "BilledCost": Decimal(4)},
        {"Tags": None, "BilledCost": Decimal(8)},
    ]
    table = read(engine, rows, "billed_cost", f"tag:{key}")

    assert table.values(f"tag:{key}") == ["true", "x", None]
    assert table.daily(Scope(fields=((f"tag:{key}", ("x", "true")),))) == {ONE: Decimal(3)}
