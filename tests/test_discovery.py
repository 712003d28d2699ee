"""What exports lie in a folder, told from names and headers."""

import gzip
import os
import stat
from pathlib import Path

import pytest

from finops.discovery import Discovery, NoFolder, discover
from tests.exports import cur2_parquet, focus_csv, gcp_jsonl, legacy_cur, on

CHARGES = [on("2026-09-03", "10.00", project="search")]
AZURE_ACTUAL = "SubscriptionId,CostInBillingCurrency,MeterCategory\nx,1,y\n"


def found(folder: Path) -> list[tuple[str, str, str]]:
    return [(place.name, place.connector, place.location) for place in look(folder).places]


def look(folder: Path) -> Discovery:
    return discover(folder, base=folder)


def test_an_empty_folder_holds_nothing(tmp_path: Path) -> None:
    assert look(tmp_path) == Discovery(places=(), notes=())


def test_a_missing_folder_and_a_file_are_errors_that_name_them(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NoFolder, match=r"gone does not exist\."):
        look(tmp_path / "gone")
    with pytest.raises(NoFolder, match=r"file is no folder\."):
        look(tmp_path / "file")


def test_a_report_with_folders_per_month_is_its_folder(tmp_path: Path) -> None:
    legacy_cur(tmp_path, "2026-08", "asm-1", CHARGES)
    legacy_cur(tmp_path, "2026-09", "asm-2", CHARGES)
    assert found(tmp_path) == [("aws", "aws", "cur/report")]


def test_cur_2_begins_above_data_where_its_manifests_lie_beside_it(tmp_path: Path) -> None:
    cur2_parquet(tmp_path / "finance" / "export", "2026-09", CHARGES)
    assert found(tmp_path) == [("aws", "aws", "finance/export/data")]
    manifest = tmp_path / "finance/export/metadata/BILLING_PERIOD=2026-09/export-Manifest.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_text('{"dataFiles": []}')
    assert found(tmp_path) == [("aws", "aws", "finance/export")]


@pytest.mark.parametrize("run", ["", "20260905T000000Z-a"])
def test_a_focus_export_of_aws_is_read_by_its_manifests(tmp_path: Path, run: str) -> None:
    """In both ways of delivery: only AWS's connector knows which files of a month count."""
    export, month = tmp_path / "fin" / "focus", "billing_period=2026-09"
    focus_csv(export / "data" / month / run / "focus-00001.csv.gz", CHARGES)
    (export / "metadata" / month / run).mkdir(parents=True)
    (export / "metadata" / month / run / "focus-Manifest.json").write_text('{"dataFiles": []}')
    assert found(tmp_path) == [("aws", "aws", "fin/focus")]


def test_a_legacy_parquet_report_begins_where_its_manifests_lie(tmp_path: Path) -> None:
    cur2_parquet(tmp_path, "2026-09", CHARGES)
    part = tmp_path / "pre" / "report" / "report" / "year=2026" / "month=9"
    part.mkdir(parents=True)
    next((tmp_path / "data").rglob("*.parquet")).rename(part / "report-1.snappy.parquet")
    manifest = tmp_path / "pre/report/20260901-20261001/report-Manifest.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_text('{"reportKeys": []}')
    assert found(tmp_path) == [("aws", "aws", "pre/report")]


def test_files_of_one_kind_in_a_folder_are_a_pattern(tmp_path: Path) -> None:
    gcp_jsonl(tmp_path / "gcp" / "a-202608.jsonl", CHARGES)
    gcp_jsonl(tmp_path / "gcp" / "a-202609.jsonl", CHARGES)
    focus_csv(tmp_path / "azure" / "x.csv.gz", CHARGES)
    assert found(tmp_path) == [("azure", "focus", "azure/*.csv.gz"), ("gcp", "gcp", "gcp/*.jsonl")]


def test_beside_finops_toml_a_pattern_needs_more_than_an_ending(tmp_path: Path) -> None:
    focus_csv(tmp_path / "focus-2026-08.csv", CHARGES)
    assert found(tmp_path) == [("focus", "focus", "focus-2026-08.csv")]
    focus_csv(tmp_path / "focus-2026-09.csv", CHARGES)
    assert found(tmp_path) == [("focus", "focus", "focus-*.csv")]


def test_a_stranger_in_the_folder_is_in_no_pattern(tmp_path: Path) -> None:
    for month in ("08", "09"):
        focus_csv(tmp_path / "bills" / f"oci_2026-{month}.csv", CHARGES)
    (tmp_path / "bills" / "accounts.csv").write_text("account,owner\n1,ada\n")
    assert found(tmp_path) == [("oci", "focus", "bills/oci_*.csv")]
    focus_csv(tmp_path / "bills" / "zzz.csv", CHARGES)
    assert {location for _, _, location in found(tmp_path)} == {
        "bills/oci_2026-08.csv", "bills/oci_2026-09.csv", "bills/zzz.csv",
    }  # fmt: skip


def test_partitions_of_a_focus_export_are_one_source(tmp_path: Path) -> None:
    for month in ("20260801-20260831", "20260901-20260930"):
        focus_csv(tmp_path / "azure" / "costs" / month / "run" / "part_0.csv", CHARGES)
    assert found(tmp_path) == [("azure", "focus", "azure/costs/**/*.csv")]


def test_several_runs_of_a_month_are_named(tmp_path: Path) -> None:
    for run in ("run-1", "run-2"):
        focus_csv(tmp_path / "azure" / "20260901-20260930" / run / "part_0.csv", CHARGES)
    ((note,),) = (place.notes for place in look(tmp_path).places)
    assert note.startswith("azure/20260901-20260930 holds 2 folders of files")


def test_a_folder_with_a_configuration_of_its_own_is_left_out(tmp_path: Path) -> None:
    focus_csv(tmp_path / "demo" / "bill" / "x.csv", CHARGES)
    (tmp_path / "demo" / "finops.toml").touch()
    (tmp_path / "finops.toml").touch()
    assert look(tmp_path) == Discovery(places=(), notes=("demo has a finops.toml of its own and was left out.",))


def test_everything_in_one_folder_is_told_apart(tmp_path: Path) -> None:
    legacy_cur(tmp_path, "2026-08", "asm-1", CHARGES)
    cur2_parquet(tmp_path, "2026-09", CHARGES)
    gcp_jsonl(tmp_path / "gcp.jsonl", CHARGES)
    focus_csv(tmp_path / "focus.csv", CHARGES)
    assert found(tmp_path) == [
        ("aws", "aws", "cur/report"),
        ("aws-2", "aws", "data"),
        ("focus", "focus", "focus.csv"),
        ("gcp", "gcp", "gcp.jsonl"),
    ]


def test_names_are_unique_whatever_the_case_and_fit_a_source(tmp_path: Path) -> None:
    for folder in ("Büro/costs", "BURO/costs", "請求書", "费用", "a b'\"\n"):
        focus_csv(tmp_path / folder / "x.csv", CHARGES)
    names = [name for name, _, _ in found(tmp_path)]
    assert sorted(names) == ["BURO", "Buro-2", "a-b", "focus", "focus-2"]


def test_signs_of_patterns_in_a_folders_name_are_escaped(tmp_path: Path) -> None:
    focus_csv(tmp_path / "[2026] bills" / "x.csv", CHARGES)
    (place,) = look(tmp_path).places
    assert place.location == "[[]2026] bills/*.csv"
    assert list(tmp_path.glob(place.location)) == list(place.files)


def test_below_a_folder_whose_name_is_a_pattern_no_pattern_is_used(tmp_path: Path) -> None:
    top = tmp_path / "we[ird]"
    focus_csv(top / "bills" / "x.csv", CHARGES)
    focus_csv(top / "y.csv", CHARGES)
    assert [location for _, _, location in found(top)] == ["bills", "y.csv"]


def test_a_folder_that_looks_like_a_home_is_named_in_full(tmp_path: Path) -> None:
    focus_csv(tmp_path / "~ada" / "x.csv", CHARGES)
    assert found(tmp_path)[0][2] == f"{tmp_path}/~ada/*.csv"


def test_a_broken_file_is_a_note_and_stops_nothing(tmp_path: Path) -> None:
    focus_csv(tmp_path / "bills" / "good-1.csv.gz", CHARGES)
    focus_csv(tmp_path / "bills" / "good-2.csv.gz", CHARGES)
    (tmp_path / "bills" / "good-3.csv.gz").write_bytes(gzip.compress(b"BilledCost,x\n")[:12])
    (tmp_path / "alone.parquet").write_bytes(b"PAR1 and no more")
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00\x01")
    result = look(tmp_path)
    (place,) = result.places
    assert (place.location, len(place.files)) == ("bills/*.csv.gz", 2)
    assert [note.split(" cannot")[0] for note in place.notes] == ["bills/good-3.csv.gz"]
    assert sorted(note.split(" cannot")[0] for note in result.notes) == ["alone.parquet", "binary.csv"]


def test_bills_nobody_reads_and_our_own_exports_are_named(tmp_path: Path) -> None:
    (tmp_path / "actual.csv").write_text(AZURE_ACTUAL)
    (tmp_path / "cost.csv").write_text("BilledCost,ChargePeriodStart,x_Delivery\n1,2026-01-01,a\n")
    result = look(tmp_path)
    assert result.places == ()
    assert [note.partition(" was left out: ")[0] for note in result.notes] == ["actual.csv", "cost.csv"]
    assert "FOCUS" in result.notes[0]
    assert "twice" in result.notes[1]


def test_hidden_folders_and_their_like_are_left_alone(tmp_path: Path) -> None:
    for folder in (".finops", "_delta_log", "x/.git"):
        focus_csv(tmp_path / folder / "x.csv", CHARGES)
    assert look(tmp_path).places == ()


def test_a_stranger_among_the_months_of_a_report_is_named(tmp_path: Path) -> None:
    legacy_cur(tmp_path, "2026-09", "asm", CHARGES)
    focus_csv(tmp_path / "cur" / "report" / "focus.csv", CHARGES)
    place = next(place for place in look(tmp_path).places if place.connector == "aws")
    assert place.notes == ("cur/report/focus.csv lies in this report and is none of it: move it away.",)


def test_manifests_without_their_files_are_named(tmp_path: Path) -> None:
    legacy_cur(tmp_path, "2026-09", "asm", CHARGES)
    next(tmp_path.rglob("*.csv.gz")).unlink()
    (note,) = look(tmp_path).notes
    assert note.startswith("cur/report/20260901-20261001/report-Manifest.json is the manifest of a report whose files")


def test_a_name_that_is_no_text_is_named_and_left_out(tmp_path: Path) -> None:
    focus_csv(tmp_path / "x.csv", CHARGES)
    os.rename(tmp_path / "x.csv", os.fsencode(tmp_path) + b"/\xff.csv")  # noqa: PTH104 - bytes
    result = look(tmp_path)
    assert result.places == ()
    assert "no UTF-8 text" in result.notes[0]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_folder_that_may_not_be_read_is_a_note(tmp_path: Path) -> None:
    focus_csv(tmp_path / "open" / "x.csv", CHARGES)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    try:
        assert look(tmp_path).notes == ("closed cannot be read: Permission denied.",)
    finally:
        closed.chmod(stat.S_IRWXU)


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters_are_read(tmp_path: Path, delimiter: str) -> None:
    (tmp_path / "x.csv").write_text(delimiter.join(["BilledCost", "ChargePeriodStart"]) + "\n")
    assert found(tmp_path) == [("x", "focus", "x.csv")]
