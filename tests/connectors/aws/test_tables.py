"""Files as tables: odd ones are rewritten, broken ones refused."""

import gzip
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from finops.errors import BillError

from .conftest import DEFAULTS, Mapped, write_csv

LINE = {"lineItem/UnblendedCost": "1.5", "lineItem/LineItemDescription": 'a,\n"b"'}


def test_short_lines_are_filled_and_counted(tmp_path: Path, read: Callable[..., Mapped]) -> None:
    path = tmp_path / "report.csv"
    path.write_text(
        ",".join([*DEFAULTS, "costCategory/Team"]) + "\n" + ",".join([*list(DEFAULTS.values())[:-1], "2"]) + "\n"
    )
    mapped = read(path)
    assert mapped.billed == 2
    assert [(finding.rule, finding.rows) for finding in mapped.raw.findings] == [("aws.short-lines", 1)]


def test_a_line_longer_than_its_header_is_an_error_that_names_it(tmp_path: Path, read: Callable[..., Mapped]) -> None:
    path = tmp_path / "report.csv"
    path.write_text(",".join(DEFAULTS) + "\n" + ",".join([*DEFAULTS.values(), "2"]) + "\n")
    with pytest.raises(BillError, match=r"report.csv, line 2: 11 cells where the header names 10"):
        read(path)


def test_a_packed_file_is_told_by_its_bytes(tmp_path: Path, read: Callable[..., Mapped]) -> None:
    write_csv(tmp_path / "plain.csv", [LINE])
    (tmp_path / "report.csv").write_bytes(gzip.compress((tmp_path / "plain.csv").read_bytes()))
    mapped = read(tmp_path / "report.csv")
    assert mapped.billed == Decimal("1.5")
    assert mapped.rows[0]["ChargeDescription"] == 'a,\n"b"'


def test_a_zip_archive_of_one_file_is_read(tmp_path: Path, read: Callable[..., Mapped]) -> None:
    write_csv(tmp_path / "plain.csv", [LINE])
    with zipfile.ZipFile(tmp_path / "report.csv.zip", "w") as archive:
        archive.write(tmp_path / "plain.csv", "report-1.csv")
    assert read(tmp_path / "report.csv.zip").billed == Decimal("1.5")


def test_files_of_different_columns_and_types_add_up(tmp_path: Path, read: Callable[..., Mapped]) -> None:
    folder = tmp_path / "export"
    folder.mkdir()
    write_csv(folder / "1.csv", [LINE, {"lineItem/UnblendedCost": "1e-7", "resourceTags/user:Team": "b"}])
    columns = {name: [value] for name, value in DEFAULTS.items()}
    for number, cost in (("2", pa.array([0.25])), ("3", pa.array([Decimal("2.125")], pa.decimal128(6, 3)))):
        rows = pa.table({**columns, "lineItem/UnblendedCost": cost, "product/sku": pa.nulls(1)})
        pq.write_table(rows, folder / f"{number}.parquet")
    mapped = read(folder)
    assert mapped.billed == Decimal("3.8750001")
    assert mapped.control.rows == 4


def test_columns_that_differ_by_case_only_are_both_read(report: Callable[..., Mapped]) -> None:
    mapped = report({"resourceTags/user:Name": "a", "resourceTags/user:name": "b"})
    assert mapped.rows[0]["Tags"] == '{"Name": "a", "name": "b"}'


def test_text_that_is_no_parquet_is_an_error_that_names_the_file(tmp_path: Path, read: Callable[..., Mapped]) -> None:
    (tmp_path / "x.parquet").write_text("no")
    with pytest.raises(BillError, match=r"x\.parquet"):
        read(tmp_path / "x.parquet")
