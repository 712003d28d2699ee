"""The engine reads exports as text, writes files with a note, and says in our words what it cannot do."""

import gzip
from decimal import Decimal
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from finops.connector import Delivery, RawExport, RawTable
from finops.errors import AccessError, BillError, ConfigurationError
from finops.store.engine import DuckDB, Engine, OutOfMemory, StorageFailed, UnreadableRows, note_of


def export(*files: Path, columns: dict[str, str] | None = None, form: str = "csv", delimiter: str = ",") -> RawExport:
    table = RawTable(
        name="lines",
        files=files,
        format="parquet" if form == "parquet" else "csv",
        columns=columns or {"id": "string", "cost": "string"},
        delimiter=delimiter,
    )
    return RawExport(delivery=Delivery(key="k", fingerprint="f", files=files), tables=(table,))


def rows_of(engine: Engine, raw: RawExport) -> list[dict[str, object]]:
    engine.bind(raw)
    return engine.rows(raw.table("lines"))


def test_cells_of_csv_stay_text(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text('id,cost\n0012,1e-3\n"a ""b"", c","two\nlines"\n')
    assert sorted(map(str, rows_of(engine, export(file)))) == sorted(
        map(str, [{"id": "0012", "cost": "1e-3"}, {"id": 'a "b", c', "cost": "two\nlines"}])
    )


def test_several_files_and_other_delimiters_are_one_table(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id;cost\n1;2\n")
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(b"id;cost\n3;4\n"))
    found = rows_of(engine, export(tmp_path / "a.csv", tmp_path / "b.csv.gz", delimiter=";"))
    assert sorted(str(row["id"]) for row in found) == ["1", "3"]


def test_names_and_paths_with_quotes_are_only_names(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / 'it\'s "odd".csv'
    file.write_text("id,co'st\n1,2\n")
    assert rows_of(engine, export(file, columns={"id": "string", "co'st": "string"})) == [{"id": "1", "co'st": "2"}]


def test_decimals_arrive_exact(engine: Engine) -> None:
    exact = Decimal("123456789012345678.123456789012345678")
    table = engine.bind_rows("t", pa.table({"x": pa.array([exact, exact], pa.decimal128(36, 18))}))
    assert engine.rows(table.agg(x=table.x.sum())) == [{"x": Decimal("246913578024691356.246913578024691356")}]


def test_a_name_and_its_columns_are_one_table_whatever_is_in_it(engine: Engine) -> None:
    first = engine.bind_rows("t", pa.table({"x": [1]}))
    again = engine.bind_rows("t", pa.table({"x": [2]}))
    assert again is first
    assert engine.rows(first) == [{"x": 2}]
    assert engine.keep("t2", first) is engine.keep("t2", again)
    assert engine.bind_rows("t", pa.table({"x": ["2"]})) is not first
    assert engine.bind_rows("other", pa.table({"x": [1]})) is not first


def test_decimals_are_written_as_wide_as_promised(engine: Engine, tmp_path: Path) -> None:
    """A difference of two decimals is one digit wider to DuckDB, and Ibis drops the cast that would bring it back."""
    table = engine.bind_rows("t", pa.table({"x": pa.array([Decimal("1.5")], pa.decimal128(36, 18))}))
    money = "decimal(36, 18)"
    engine.write(table.select(x=(table.x - table.x).cast(money), y=table.x.cast(money)), tmp_path / "a.parquet")
    assert pq.read_schema(tmp_path / "a.parquet").types == [pa.decimal128(36, 18)] * 2


@pytest.mark.parametrize("note", [None, "plain", "it's {\"json\": 'ü'}"])
def test_a_note_comes_back_from_the_file(engine: Engine, tmp_path: Path, note: str | None) -> None:
    path = tmp_path / "new" / "folder" / "a.parquet"
    written = engine.write(engine.bind_texts("t", key="v"), path, note=note)
    assert (written.rows, written.size) == (1, path.stat().st_size)
    assert note_of(path) == note
    assert pq.read_metadata(path).row_group(0).column(0).compression == "ZSTD"


def test_csv_has_a_header_and_iso_times(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    time = ibis.timestamp("2026-10-01 00:00:00").cast("timestamp('UTC')")
    engine.write(engine.bind_texts("t", key="a,b").mutate(at=time), path, form="csv")
    assert path.read_text() == 'key,at\n"a,b",2026-10-01T00:00:00Z\n'


def test_what_cannot_be_written_leaves_nothing_behind(engine: Engine, tmp_path: Path) -> None:
    texts = engine.bind_texts("t", x="no number")
    with pytest.raises(UnreadableRows, match="no number"):
        engine.write(texts.select(x=texts.x.cast("int64")), tmp_path / "a.parquet")
    assert not (tmp_path / "a.parquet").exists()


def test_a_folder_that_cannot_be_made_is_named(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AccessError, match="file cannot be made"):
        engine.write(engine.bind_texts("t", x="1"), tmp_path / "file" / "a.parquet")


def test_rows_with_too_many_cells_are_the_bills_fault(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,cost\n1,2\n1,2,3\n")
    with pytest.raises(BillError, match="cannot be read as a table"):
        rows_of(engine, export(tmp_path / "a.csv"))


def test_a_header_that_repeats_a_name_in_other_letters_is_the_bills_fault(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Cost,cost\n1,2\n")
    with pytest.raises(BillError, match="cannot be read as a table"):
        rows_of(engine, export(tmp_path / "a.csv", columns={"Cost": "string", "cost": "string"}))


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1 truncated PAR1", b"\x00" * 100])
def test_what_is_no_parquet_file_is_the_bills_fault(engine: Engine, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.parquet").write_bytes(content)
    with pytest.raises((BillError, AccessError)):
        rows_of(engine, export(tmp_path / "a.parquet", form="parquet"))


def test_a_column_that_a_file_lacks_is_the_bills_fault(engine: Engine, tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": ["1"]}), tmp_path / "a.parquet")
    raw = export(tmp_path / "a.parquet", form="parquet")
    engine.bind(raw)
    with pytest.raises(BillError, match="cost"):
        engine.rows(raw.table("lines").select("cost"))


def test_a_file_that_is_gone_is_an_access_error(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(StorageFailed, match="gone"):
        rows_of(engine, export(tmp_path / "gone.csv"))


@pytest.mark.parametrize("content", [None, b"", b"no parquet at all"])
def test_a_note_of_a_broken_file_is_an_access_error(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "a.parquet").write_bytes(content)
    with pytest.raises(AccessError, match=r"a\.parquet cannot be read"):
        note_of(tmp_path / "a.parquet")


def test_too_little_memory_says_which_setting_to_raise(tmp_path: Path) -> None:
    with DuckDB(memory_limit="8MB", spill=tmp_path) as small:
        numbers = ibis.range(0, 3_000_000).unnest().name("n").as_table()
        wide = numbers.mutate(text=numbers.n.cast("string").lpad(200, "x"))
        with pytest.raises(OutOfMemory, match="memory_limit") as caught:
            small.rows(wide.agg(texts=wide.text.collect().length()))
    assert isinstance(caught.value, ConfigurationError)


def test_an_empty_list_of_files_is_an_empty_table(engine: Engine) -> None:
    schema = pa.schema([("x", pa.int64()), ("x_Source", pa.string())])
    assert engine.rows(engine.bind_files("t", [], schema, ["x_Source"])) == []


def test_partition_columns_come_from_the_folders_as_text(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "x_Source=007" / "x_BillingMonth=2026-01" / "a.parquet"
    file.parent.mkdir(parents=True)
    pq.write_table(pa.table({"x": [1]}), file)
    schema = pa.schema([("x", pa.int64()), ("x_Source", pa.string()), ("x_BillingMonth", pa.string())])
    table = engine.bind_files("t", [str(file)], schema, ["x_Source", "x_BillingMonth"])
    assert engine.rows(table) == [{"x": 1, "x_Source": "007", "x_BillingMonth": "2026-01"}]
