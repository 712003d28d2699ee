"""The cost table as a file: every row and digit of it, FOCUS columns first and in order, or no file at all."""

import csv
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from finops import exporting
from finops.analysis import NothingStored
from finops.config import load
from finops.errors import AccessError
from finops.exporting import NothingSelected, Selection
from finops.focus import columns, conformity
from finops.money import add
from finops.store.engine import DuckDB, Format
from tests import exports
from tests.exports import on
from tests.shop import Shop

FOCUS = [column.name for column in columns.FOCUS]
OURS = [column.name for column in (*columns.OWN, *columns.PARTITIONS)]
WHOSE = ["x_Project", "x_Phase", "x_Environment", "x_AllocationRule"]


def exported(shop: Shop, output: Path, *, form: Format = "parquet", **selection: Any) -> int:  # noqa: ANN401 - passed on
    config = load(shop.folder / "finops.toml", variables={})
    return exporting.export(config, Selection(**selection), output, form, narrate=lambda _: None)


def in_table(shop: Shop, *, months: tuple[str, ...] = (), start: date = date.min, end: date = date.max) -> Decimal:
    rows = shop.query("cost", "x_BillingMonth, (ChargePeriodStart AT TIME ZONE 'UTC')::DATE, BilledCost")
    return add(*(cost for month, day, cost in rows if (not months or month in months) and start <= day < end))


def billed(path: Path) -> Decimal:
    if path.suffix == ".parquet":
        return add(*pq.ParquetFile(path).read(["BilledCost"])["BilledCost"].to_pylist())
    with path.open(newline="") as file:
        return add(*(Decimal(row["BilledCost"]) for row in csv.DictReader(file)))


def header(path: Path) -> list[str]:
    if path.suffix == ".parquet":
        return list(pq.read_schema(path).names)
    with path.open(newline="") as file:
        return next(csv.reader(file))


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_every_row_and_digit_is_there(company: Shop, tmp_path: Path, form: Format) -> None:
    path = tmp_path / f"cost.{form}"
    assert exported(company, path, form=form) == len(company.query("cost", "x_Source"))
    assert billed(path) == in_table(company)
    assert header(path) == FOCUS + OURS


@pytest.mark.parametrize("form", ["parquet", "csv"])
@pytest.mark.parametrize("allocated", [True, False])
def test_a_strict_focus_file_holds_focus_columns_alone(
    company: Shop, tmp_path: Path, form: Format, *, allocated: bool
) -> None:
    path = tmp_path / f"cost.{form}"
    exported(company, path, form=form, extensions=False, allocated=allocated)
    assert header(path) == FOCUS + (WHOSE if allocated else [])


def test_a_file_of_1_3_has_its_names_and_keeps_the_rules(company: Shop, tmp_path: Path) -> None:
    path = tmp_path / "cost.parquet"
    exported(company, path, version="1.3")
    assert header(path) == [*FOCUS, "ServiceProviderName", "HostProviderName", *OURS]
    rows = pq.ParquetFile(path).read()
    assert rows["ServiceProviderName"] == rows["HostProviderName"] == rows["ProviderName"]
    assert rows["ServiceProviderName"].null_count == 0
    with DuckDB(memory_limit="512MB", spill=tmp_path) as engine:
        bound = engine.bind_rows("exported", rows)
        counts = [row for query in conformity.counted(bound) for row in engine.rows(query)]
    assert conformity.judged(counts, dict(bound.schema().items())).failing == ()


def test_a_purchase_that_stands_alone_is_two_rows_of_the_file_and_one_of_the_table(shop: Shop, tmp_path: Path) -> None:
    shop.bill("jan.csv", on("2026-01-05", "29", category="Purchase"), on("2026-01-06", "3"))
    shop.ingest()
    path = tmp_path / "cost.csv"
    assert exported(shop, path, form="csv") == len(shop.query("cost", "x_Source")) + 1 == 3
    with path.open(newline="") as file:
        rows = [
            (row["ChargeCategory"], *map(Decimal, (row["BilledCost"], row["EffectiveCost"])))
            for row in csv.DictReader(file)
        ]
    assert sorted(rows) == [("Purchase", 29, 0), ("Usage", 0, 29), ("Usage", 3, 3)]


def test_parquet_has_the_tables_own_types(company: Shop, tmp_path: Path) -> None:
    exported(company, tmp_path / "cost.parquet")
    schema = pq.read_schema(tmp_path / "cost.parquet")
    assert schema.field("BilledCost").type == pa.decimal128(36, 18)
    assert schema.field("ChargePeriodStart").type == pa.timestamp("us", tz="UTC")
    assert schema.field("Tags").type == pa.string()


def test_csv_has_plain_numbers_and_utc_times(shop: Shop, tmp_path: Path) -> None:
    shop.bill("a.csv", on("2026-01-05", "0.000000000000000001", project='odd "name", really'))
    shop.ingest()
    exported(shop, tmp_path / "cost.csv", form="csv")
    with (tmp_path / "cost.csv").open(newline="") as file:
        [row] = csv.DictReader(file)
    assert row["BilledCost"] == "0.000000000000000001"
    assert row["ChargePeriodStart"] == "2026-01-05T00:00:00Z"
    assert row["Tags"] == '{"app": "x", "project": "odd \\"name\\", really"}'


def test_whose_cost_each_row_is_follows(company: Shop, tmp_path: Path) -> None:
    path = tmp_path / "cost.parquet"
    assert exported(company, path, allocated=True) == len(company.query("cost", "x_Source"))
    assert header(path) == FOCUS + OURS + WHOSE
    found: dict[str | None, Decimal] = {}
    for row in pq.ParquetFile(path).read(["x_Project", "BilledCost"]).to_pylist():
        found[row["x_Project"]] = add(found.get(row["x_Project"], Decimal(0)), row["BilledCost"])
    for project, amount in found.items():
        rows = company.query("allocated", "x_Project, BilledCost")
        assert amount == add(*(cost for name, cost in rows if name == project))
    assert set(found) == {"search", "shop", None}


@pytest.mark.parametrize(
    "asked",
    [
        {"months": ("2026-01",)},
        {"months": ("2025-12", "2026-03")},
        {"start": date(2026, 1, 10), "end": date(2026, 2, 1)},
        {"start": date(2026, 3, 15)},
        {"end": date(2025, 10, 2)},
        {"months": ("2026-01",), "start": date(2026, 1, 31)},
    ],
)
def test_a_selection_holds_its_own_rows_alone(company: Shop, tmp_path: Path, asked: dict[str, Any]) -> None:
    exported(company, tmp_path / "cost.parquet", **asked)
    assert billed(tmp_path / "cost.parquet") == in_table(company, **asked) != 0


@pytest.mark.long
def test_known_at_exports_the_table_of_then(shop: Shop, tmp_path: Path) -> None:
    before = datetime.now(UTC)
    shop.bill("a.csv", on("2026-01-05", "10"))
    shop.ingest()
    then = datetime.now(UTC)
    shop.bill("a.csv", on("2026-01-05", "99"))
    shop.ingest()

    exported(shop, tmp_path / "then.parquet", known_at=then)
    exported(shop, tmp_path / "now.parquet")
    assert billed(tmp_path / "then.parquet") == 10
    assert billed(tmp_path / "now.parquet") == 99
    with pytest.raises(NothingSelected, match=f"as known at {before:%Y-%m-%d}"):
        exported(shop, tmp_path / "before.parquet", known_at=before)


@pytest.mark.long
def test_an_export_can_be_read_again(company: Shop, tmp_path: Path) -> None:
    """A FOCUS file of ours is a source like any other: the money is the same."""
    again = Shop(folder=tmp_path)
    exported(company, tmp_path / "bills" / "cost.parquet", extensions=False)
    exported(company, tmp_path / "csv" / "cost.csv", form="csv", extensions=False)
    result = again.ingest(exports.configured(tmp_path, ("a", "focus", "bills"), ("b", "focus", "csv")))
    assert [source.error for source in result.sources] == [None, None]
    assert add(*again.cost().values()) == 2 * in_table(company)


def test_where_no_row_fits_there_is_no_file(company: Shop, tmp_path: Path) -> None:
    path = tmp_path / "cost.parquet"
    path.write_text("an older export")
    with pytest.raises(NothingSelected):
        exported(company, path, months=("1999-01",))
    assert path.read_text() == "an older export"
    assert [entry.name for entry in tmp_path.iterdir()] == ["cost.parquet"]


def test_an_empty_store_says_what_to_run(shop: Shop, tmp_path: Path) -> None:
    exports.settings(shop.folder)
    with pytest.raises(NothingStored):
        exported(shop, tmp_path / "cost.parquet")


def test_a_missing_folder_is_made(company: Shop, tmp_path: Path) -> None:
    exported(company, tmp_path / "new" / "folder" / "cost.parquet", months=("2026-01",))
    assert billed(tmp_path / "new" / "folder" / "cost.parquet") == in_table(company, months=("2026-01",))


def test_a_path_that_cannot_be_a_file_is_named(company: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    for output in (tmp_path, Path(), Path(".."), Path("/")):
        with pytest.raises(AccessError, match="is a folder"):
            exported(company, output, months=("2026-01",))
    with pytest.raises(AccessError, match="file cannot be made"):
        exported(company, tmp_path / "file" / "cost.parquet", months=("2026-01",))
