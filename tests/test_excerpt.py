"""The first rows of a large file as a small one of the same kind."""

import gzip
import json
from pathlib import Path

import pytest

from finops.excerpt import excerpt
from finops.local_files import BrokenFile


def cut(path: Path, rows: int) -> Path:
    folder = path.parent / "excerpts"
    folder.mkdir()
    copy = excerpt(path, folder, rows=rows)
    assert copy is not None
    return copy


def test_csv_keeps_its_header_and_first_rows_byte_by_byte(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"a,b\r\n1,2\r\n3,4\r\n")
    assert cut(tmp_path / "x.csv", 1).read_bytes() == b"a,b\r\n1,2\r\n"


def test_a_row_that_would_be_cut_inside_a_quoted_cell_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "x.csv.gz").write_bytes(gzip.compress(b'a,b\n1,"x"\n2,"y\nz"\n'))
    copy = cut(tmp_path / "x.csv.gz", 2)
    assert (copy.name, copy.read_text()) == ("x.csv", 'a,b\n1,"x"\n')


@pytest.mark.parametrize(
    "text",
    ['{"a": 1.50}\n{"a": 2}\n{"a": 3}\n', '[{"a": 1.50}, {"a": 2}, {"a": 3}]', '[\n{\n"a": 1.50},\n{"a": 2}\n'],
    ids=["lines", "array", "over several lines, cut off"],
)
def test_json_becomes_one_record_a_line_with_its_numbers_as_they_are(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)
    lines = cut(tmp_path / "x.json", 2).read_text().splitlines()
    assert [json.loads(line) for line in lines] == [{"a": 1.5}, {"a": 2}]
    assert "1.50" in lines[0]


def test_parquet_keeps_its_columns_and_first_rows(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table({"a": [1, 2, 3], "b": ["x", "y", "z"]})
    pq.write_table(table, tmp_path / "x.parquet")
    assert pq.read_table(cut(tmp_path / "x.parquet", 2)).equals(table.slice(0, 2))


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_bytes(b"PAR1")
    with pytest.raises(BrokenFile, match=r"x\.parquet cannot be read"):
        cut(tmp_path / "x.parquet", 2)


def test_a_zip_archive_is_not_cut(tmp_path: Path) -> None:
    (tmp_path / "x.csv.zip").touch()
    assert excerpt(tmp_path / "x.csv.zip", tmp_path, rows=2) is None
