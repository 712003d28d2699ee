"""A store made before columns were added is read and extended; one that a newer version made is refused."""

from decimal import Decimal
from pathlib import Path
from unittest.mock import patch

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from finops.errors import AccessError
from finops.focus import columns
from finops.store.engine import Engine, Written
from finops.store.lake import PARTITIONS, LakeTable, Staged
from tests.shop import Shop
from tests.store.conftest import SCHEMA, amounts, staged

ADDED = {
    "note": pa.string(),
    "price": pa.decimal128(36, 18),
    "at": pa.timestamp("us", tz="UTC"),
    "hours": pa.float64(),
    "flag": pa.bool_(),
}
NEWER = pa.schema([*SCHEMA, *ADDED.items()])


@pytest.fixture
def older(table: LakeTable) -> LakeTable:
    """With one month, made before the columns were added."""
    table.commit(add=[staged(table, "2026-01", "a", [1, 2])], remove=[], seen=None, why={})
    return table


def newer_file(table: LakeTable, month: str) -> Staged:
    path = table.stage("aws", month, month, "new")
    path.parent.mkdir(parents=True, exist_ok=True)
    row = {"amount": [5], "note": ["n"], "price": [Decimal("0.5")], "at": [None], "hours": [2.0], "flag": [True]}
    types = pa.schema([("amount", pa.int64()), *ADDED.items()])
    pq.write_table(pa.table(row, types), path)
    return Staged(source="aws", month=month, written=Written(path=path, rows=1, size=path.stat().st_size))


def test_columns_that_no_file_has_are_null_and_of_their_type(older: LakeTable, engine: Engine) -> None:
    table = LakeTable(older.folder, NEWER)
    found = engine.arrow(engine.bind_files("cost", [file.uri for file in table.files()], NEWER, PARTITIONS))
    assert sorted(found["amount"].to_pylist()) == [1, 2]
    for name, kind in ADDED.items():
        assert found[name].to_pylist() == [None, None]
        assert found.schema.field(name).type == kind, name


def test_the_first_commit_adds_the_columns_and_every_row_stays(older: LakeTable, engine: Engine) -> None:
    table = LakeTable(older.folder, NEWER)
    seen = table.version()
    after = table.commit(add=[newer_file(table, "2026-02")], remove=[], seen=seen, why={})

    assert after == table.version()
    assert {field.name for field in DeltaTable(str(table.folder)).schema().fields} == set(NEWER.names)
    rows = engine.rows(engine.bind_files("cost", [file.uri for file in table.files()], NEWER, PARTITIONS))
    assert sorted((row["amount"], row["note"], row["hours"]) for row in rows if row["note"]) == [(5, "n", 2.0)]
    assert amounts(table) == [1, 2, 5]
    assert amounts(table, version=seen) == [1, 2]
    assert table.commit(add=[], remove=table.files(), seen=after, why={}) == after + 1


def test_a_table_of_a_newer_version_is_refused_with_the_columns(older: LakeTable) -> None:
    newer = LakeTable(older.folder, NEWER)
    newer.commit(add=[newer_file(newer, "2026-02")], remove=[], seen=newer.version(), why={})
    before = newer.version()
    for refused in (older.files, older.version, lambda: older.commit(add=[], remove=[], seen=before, why={})):
        with pytest.raises(AccessError, match=r"does not know: at, flag, hours, note, price.* newer version made it"):
            refused()
    assert newer.version() == before


def test_a_store_made_by_an_older_version_of_the_cost_columns_goes_on(tmp_path: Path) -> None:
    """Ingested without two columns, then by today's version: read, extended, and the same month of cost."""
    from tests import exports
    from tests.exports import on

    shop = Shop(folder=tmp_path)
    exports.settings(tmp_path)
    shop.bill("a.csv", on("2026-01-05", "10", project="search"))
    fewer = tuple(column for column in columns.STORED if column.name not in {"AvailabilityZone", "SkuId"})
    with patch.object(columns, "STORED", fewer), patch("finops.focus.table.STORED", fewer):
        shop.ingest()
    old = {field.name for field in DeltaTable(str(tmp_path / ".finops" / "cost")).schema().fields}
    assert not old & {"AvailabilityZone", "SkuId"}

    shop.bill("b.csv", on("2026-02-05", "7", project="search"))
    assert [source.error for source in shop.ingest().sources] == [None]
    assert {month: str(cost) for month, cost in shop.cost().items()} == {"2026-01": "1E+1", "2026-02": "7"}
    assert shop.cost() == shop.allocated()
    new = {field.name for field in DeltaTable(str(tmp_path / ".finops" / "cost")).schema().fields}
    assert new - old == {"AvailabilityZone", "SkuId"}
