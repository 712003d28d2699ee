"""The committed sample is what its generator writes, adds up to its control totals, and stays small."""

import gzip
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

Row = dict[str, Any]

_WRITTEN = ("aws", "aws-legacy", "azure", "gcp", "rates.csv", "TRUTH.json")
_MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
def regenerated(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bill")
    command = [sys.executable, "-W", "error", str(sample / "generate.py"), "--out", str(folder)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return folder


def _files(folder: Path) -> list[Path]:
    every = [path for name in _WRITTEN for path in [folder / name, *folder.glob(f"{name}/**/*")]]
    return sorted(path.relative_to(folder) for path in every if path.is_file())


@pytest.mark.long
def test_the_generator_writes_the_committed_files_and_no_others(sample: Path, regenerated: Path) -> None:
    assert _files(regenerated) == _files(sample)


@pytest.mark.long
def test_the_committed_rows_are_those_of_the_generator(sample: Path, regenerated: Path) -> None:
    for name in _files(sample):
        ours, theirs = sample / name, regenerated / name
        if name.suffix == ".parquet":
            # Rows, not bytes: a file names the version of the library that wrote it.
            assert pq.ParquetFile(theirs).read().equals(pq.ParquetFile(ours).read()), name
        elif name.suffix == ".gz":
            # Text, not bytes: compressors differ between builds of Python.
            assert gzip.decompress(theirs.read_bytes()) == gzip.decompress(ours.read_bytes()), name
        else:
            assert theirs.read_bytes() == ours.read_bytes(), name


def test_compressed_files_carry_neither_a_time_nor_a_name(sample: Path) -> None:
    for path in sample.glob("**/*.gz"):
        flags, *time = path.read_bytes()[3:8]
        assert (flags, time) == (0, [0, 0, 0, 0]), path.name


def test_everything_together_is_under_six_megabytes(sample: Path) -> None:
    assert sum((sample / name).stat().st_size for name in _files(sample)) < 6 * _MEGABYTE


def test_cur_2_adds_up_to_its_control_totals(cur2: list[Row], truth: Row) -> None:
    expected = truth["aws"]["USD"]
    assert {row["line_item_currency_code"] for row in cur2} == {"USD"}
    assert _counted(cur2, "line_item_unblended_cost") == _stated(expected)


def test_the_legacy_report_adds_up_to_its_control_total(legacy: list[Row], truth: Row) -> None:
    rows = [{"month": row["bill/BillingPeriodStartDate"][:7], "cost": row["lineItem/UnblendedCost"]} for row in legacy]
    assert _counted(rows, "cost") == _stated(truth["aws-legacy"]["USD"])


def test_google_cost_and_credits_add_up_to_their_control_totals(gcp: list[Row], truth: Row) -> None:
    rows = [row | {"net": sum((one["amount"] for one in row["credits"]), Decimal(row["cost"]))} for row in gcp]
    assert _counted(rows, "net") == _stated(truth["gcp"]["EUR"])
    for total in truth["gcp"]["EUR"].values():
        assert Decimal(total["cost"]) + Decimal(total["credits"]) == Decimal(total["billed"])


def test_azure_adds_up_to_its_control_totals(azure: list[Row], truth: Row) -> None:
    assert _counted(azure, "BilledCost") == _stated(truth["azure"]["EUR"])


def _counted(rows: Iterable[Row], cost: str) -> dict[str, tuple[int, Decimal]]:
    counted: dict[str, tuple[int, Decimal]] = defaultdict(lambda: (0, Decimal(0)))
    for row in rows:
        count, total = counted[row["month"]]
        counted[row["month"]] = (count + 1, total + Decimal(row[cost]))
    return dict(counted)


def _stated(months: Row) -> dict[str, tuple[int, Decimal]]:
    return {month: (total["rows"], Decimal(total["billed"])) for month, total in months.items()}
