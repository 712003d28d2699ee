"""A store that Spark filled is the store that DuckDB fills: rows, types and totals, to the last digit."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from benchmarks.scale import generate
from finops import digest, explaining, periods, pipeline
from finops.config import Config, load
from finops.explaining import Wanted
from finops.money import add
from finops.store.engine import note_of
from finops.store.lake import LakeTable
from finops.store.tables import Tables
from tests import exports
from tests.exports import on
from tests.spark_session import ON_SPARK

pytestmark = [*ON_SPARK]
ROWS = 4_000
MILLION = 1_000_000
SETTINGS = """version = 1
[organisation]
currency = "USD"
[store]
path = "{engine}"
engine = "{engine}"
master = "local[2]"
memory_limit = "1GB"
[[sources]]
name = "aws"
connector = "aws"
location = "cur"
[[sources]]
name = "acme"
connector = "focus"
location = "bills"
[[projects]]
name = "search"
match = [{{ tag = "project", equals = "search" }}]
[[projects]]
name = "llm"
match = [{{ tag = "project", equals = "llm" }}, {{ resource = "*0000000a" }}]
[[shared]]
name = "platform"
match = [{{ service = "AWS Lambda" }}]
split = "proportional"
"""


def by_either(folder: Path, rows: int) -> dict[str, Config]:
    """The same exports ingested by either engine, into stores side by side."""
    generate(folder / "cur", rows)
    exports.focus_csv(
        folder / "bills" / "two.csv",
        [on("2026-10-05", "10.1", project="search", currency="USD"), on("2026-11-06", "5", currency="USD")],
    )
    found = {}
    for engine in ("duckdb", "spark"):
        file = folder / f"{engine}.toml"
        file.write_text(SETTINGS.format(engine=engine))
        found[engine] = load(file, variables={})
        result = pipeline.ingest(found[engine], narrate=lambda _: None)
        assert [source.error for source in result.sources] == [None, None]
        assert result.allocated == (("acme", "2026-10"), ("acme", "2026-11"), ("aws", "2026-10"))
    return found


@pytest.fixture(scope="module")
def ingested(spark: object, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Config]:  # noqa: ARG001 - engines find it
    return by_either(tmp_path_factory.mktemp("stores"), ROWS)


@pytest.mark.usefixtures("spark")
def test_a_million_rows_are_allocated_alike(tmp_path: Path) -> None:
    found = by_either(tmp_path, MILLION)
    by_spark, by_duckdb = found["spark"], found["duckdb"]
    mine, other = (sorted_rows(lake(config, "allocated")) for config in (by_spark, by_duckdb))
    assert mine.num_rows > MILLION // 10
    assert mine.schema == other.schema
    assert mine.equals(other)
    for table in ("cost", "allocated"):
        assert costs(lake(by_spark, table)) == costs(lake(by_duckdb, table)) == costs(lake(by_duckdb, "cost"))


@pytest.mark.parametrize("table", ["cost", "allocated"])
def test_tables_are_equal_row_by_row(ingested: dict[str, Config], table: str) -> None:
    mine, other = (sorted_rows(lake(config, table)) for config in (ingested["spark"], ingested["duckdb"]))
    assert mine.num_rows > 1000
    assert mine.schema == other.schema
    assert mine.equals(other)
    assert costs(lake(ingested["spark"], table)) == costs(lake(ingested["duckdb"], table))


@pytest.mark.parametrize("table", ["cost", "allocated"])
def test_logs_and_notes_say_the_same(ingested: dict[str, Config], table: str) -> None:
    mine, other = (lake(config, table) for config in (ingested["spark"], ingested["duckdb"]))
    assert DeltaTable(str(mine.folder)).schema() == DeltaTable(str(other.folder)).schema()
    for ours, theirs in zip(mine.files(), other.files(), strict=True):
        assert (ours.part, ours.rows) == (theirs.part, theirs.rows)
        assert ours.state == theirs.state or table == "allocated"  # that one's names its own files of `cost`
        notes = [note_of(Path(file.uri)) or "" for file in (ours, theirs)]
        assert day_by_day(notes[0]) == day_by_day(notes[1]) if table == "allocated" else notes[0] == notes[1]
        assert pq.read_metadata(ours.uri).row_group(0).column(0).compression == "ZSTD"


def test_nothing_new_starts_nothing(ingested: dict[str, Config], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("finops.store.spark_session.running", lambda: pytest.fail("Spark was asked for a session"))
    result = pipeline.ingest(ingested["spark"], narrate=lambda _: None)
    assert ([source.unchanged for source in result.sources], result.allocated) == ([1, 1], ())


def test_line_items_are_read_alike(ingested: dict[str, Config]) -> None:
    def told(config: Config) -> Any:  # noqa: ANN401 - compared, never looked into
        wanted = Wanted(month=periods.month("2026-10"), service="AWS Lambda")
        return explaining.rows(config, wanted, as_of=date(2026, 11, 10), known_at=None)

    assert told(ingested["spark"]) == told(ingested["duckdb"])


def test_one_store_takes_turns(ingested: dict[str, Config]) -> None:
    """What one engine wrote, the other reads and goes on with."""
    by_spark = ingested["spark"]
    by_duckdb = replace(by_spark, store=replace(by_spark.store, engine="duckdb"))
    rules = replace(by_spark.rules, shared=())
    before = sorted_rows(lake(by_spark, "allocated"))
    again = [pipeline.ingest(replace(one, rules=rules), narrate=lambda _: None) for one in (by_duckdb, by_spark)]
    assert [len(result.allocated) for result in again] == [3, 0]
    pipeline.ingest(by_spark, narrate=lambda _: None, allocate_only=True)
    assert sorted_rows(lake(by_spark, "allocated")).equals(before)


def lake(config: Config, table: str) -> LakeTable:
    tables = Tables.at(config.store.path)
    return tables.cost if table == "cost" else tables.allocated


def sorted_rows(table: LakeTable) -> pa.Table:
    """Every row as a stranger's reader finds it, sorted by all columns."""
    # Whether a column holds nulls is what DuckDB happens to know of each file; the log says that every one may.
    rows = pa.concat_tables(
        found.cast(pa.schema([pa.field(field.name, field.type) for field in found.schema]))
        for found in (pq.read_table(file.uri, partitioning="hive") for file in table.files())
    )
    return rows.select(sorted(rows.column_names)).sort_by([(name, "ascending") for name in sorted(rows.column_names)])


def costs(table: LakeTable) -> list[Decimal]:
    """The four costs of a table, to the last digit."""
    names = ["BilledCost", "EffectiveCost", "ListCost", "ContractedCost"]
    files = [pq.read_table(file.uri, columns=names, partitioning=None) for file in table.files()]
    return [add(*(pa.compute.sum(file[name]).as_py() for file in files)) for name in names]


def day_by_day(note: str) -> object:
    """What the note of a file of `allocated` says, whatever order engines gave the days in."""
    said = digest.parsed(note)
    assert said is not None
    return sorted(said.days, key=lambda row: row["day"]), said.commitments
