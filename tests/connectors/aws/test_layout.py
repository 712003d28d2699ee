"""Which files belong together, told by manifests where there are any, else by folders."""

import json
from pathlib import Path

import pytest

from finops.errors import BillError
from finops_aws.layout import FileSet, file_sets
from finops_aws.tree import Folder

MONTH = "20260101-20260201"


def touch(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")


def manifest(root: Path, name: str, keys: list[str], word: str = "reportKeys") -> None:
    touch(root, name)
    (root / name).write_text(json.dumps({word: keys}))


def shown(sets: list[FileSet], root: Path) -> dict[str, list[str]]:
    return {each.key: [path.relative_to(root).as_posix() for path in each.files] for each in sets}


@pytest.fixture
def legacy(tmp_path: Path) -> Path:
    """A bucket with a month whose second assembly counts."""
    folder = f"cur/report/{MONTH}"
    touch(tmp_path, f"{folder}/old/r-1.csv.gz", f"{folder}/new/r-1.csv.gz", f"{folder}/new/r-2.csv.gz")
    keys = [f"/cur/report/{MONTH}/new/r-{number}.csv.gz" for number in (1, 2)]
    manifest(tmp_path, f"{folder}/r-Manifest.json", keys)
    manifest(tmp_path, f"{folder}/old/r-Manifest.json", [f"cur/report/{MONTH}/old/r-1.csv.gz"])
    manifest(tmp_path, f"{folder}/new/r-Manifest.json", keys)
    return tmp_path


@pytest.mark.parametrize("start", ["", "cur", "cur/report", f"cur/report/{MONTH}"])
def test_the_months_manifest_names_the_files_wherever_the_location_begins(legacy: Path, start: str) -> None:
    [found] = file_sets(Folder(str(legacy / start)))
    assert found.key == f"cur/report/{MONTH}".removeprefix(start).strip("/") or found.key == MONTH
    assert [path.relative_to(legacy / f"cur/report/{MONTH}").as_posix() for path in found.files] == [
        "new/r-1.csv.gz",
        "new/r-2.csv.gz",
    ]


def test_a_bucket_copied_below_the_location_is_found_too(legacy: Path, tmp_path: Path) -> None:
    [found] = file_sets(Folder(str(legacy.parent / legacy.name)))
    assert all(Path(path).is_file() for path in found.files)
    moved = tmp_path / "backup" / "bucket"
    moved.mkdir(parents=True)
    (legacy / "cur").rename(moved / "cur")
    [found] = file_sets(Folder(str(tmp_path / "backup")))
    assert [path.name for path in found.files] == ["r-1.csv.gz", "r-2.csv.gz"]
    assert all(Path(path).is_file() for path in found.files)


def test_the_key_stays_when_the_month_is_restated(legacy: Path) -> None:
    [before] = file_sets(Folder(str(legacy)))
    manifest(legacy, f"cur/report/{MONTH}/r-Manifest.json", [f"cur/report/{MONTH}/old/r-1.csv.gz"])
    [after] = file_sets(Folder(str(legacy)))
    assert after.key == before.key
    assert after.files != before.files


def test_a_named_file_that_is_missing_is_listed_where_it_should_be(legacy: Path) -> None:
    (legacy / f"cur/report/{MONTH}/new/r-2.csv.gz").unlink()
    [found] = file_sets(Folder(str(legacy)))
    assert found.files[1] == legacy / f"cur/report/{MONTH}/new/r-2.csv.gz"


def test_a_file_of_the_same_name_in_another_month_is_not_taken_for_a_missing_one(tmp_path: Path) -> None:
    touch(tmp_path, "cur/report/20260201-20260301/r-1.csv.gz")
    for month in (MONTH, "20260201-20260301"):
        manifest(tmp_path, f"cur/report/{month}/r-Manifest.json", [f"cur/report/{month}/r-1.csv.gz"])
    first, second = file_sets(Folder(str(tmp_path)))
    assert not Path(first.files[0]).exists()
    assert Path(second.files[0]).exists()


def test_legacy_parquet_is_found_beside_its_manifest(tmp_path: Path) -> None:
    data = "cur/report/report/year=2026/month=1"
    touch(tmp_path, f"{data}/r-1.snappy.parquet", f"{data}/left-over.snappy.parquet")
    manifest(
        tmp_path, f"cur/report/{MONTH}/r-Manifest.json", ["cur/report/report/year=2026/month=1/r-1.snappy.parquet"]
    )
    assert shown(file_sets(Folder(str(tmp_path / "cur/report"))), tmp_path) == {MONTH: [f"{data}/r-1.snappy.parquet"]}


def test_partitions_without_a_manifest_are_one_delivery_each(tmp_path: Path) -> None:
    touch(
        tmp_path,
        "report/year=2026/month=1/a.snappy.parquet",
        "report/year=2026/month=1/b.snappy.parquet",
        "report/year=2026/month=2/a.snappy.parquet",
        "data/billing_period=2026-03/x.parquet",
        "data/BILLING_PERIOD=2026-04/x.parquet",
    )
    found = shown(file_sets(Folder(str(tmp_path))), tmp_path)
    assert set(found) == {
        "report/year=2026/month=1",
        "report/year=2026/month=2",
        "data/billing_period=2026-03",
        "data/BILLING_PERIOD=2026-04",
    }
    assert len(found["report/year=2026/month=1"]) == 2


def test_only_files_of_the_cur2_manifest_are_read(tmp_path: Path) -> None:
    part = "exports/x/data/BILLING_PERIOD=2026-01"
    touch(tmp_path, f"{part}/20260110T000000Z-a/x-1.parquet", f"{part}/20260111T000000Z-b/x-1.parquet")
    name = f"s3://bucket/{part}/20260111T000000Z-b/x-1.parquet"
    manifest(tmp_path, "exports/x/metadata/BILLING_PERIOD=2026-01/x-Manifest.json", [name], "dataFiles")
    assert shown(file_sets(Folder(str(tmp_path))), tmp_path) == {
        "exports/x/metadata/BILLING_PERIOD=2026-01": [f"{part}/20260111T000000Z-b/x-1.parquet"]
    }


def test_of_manifests_per_run_the_newest_counts(tmp_path: Path) -> None:
    for run in ("20260110T000000Z-b", "20260111T000000Z-a"):
        name = f"x/data/BILLING_PERIOD=2026-01/{run}/x-1.parquet"
        touch(tmp_path, name)
        manifest(tmp_path, f"x/metadata/BILLING_PERIOD=2026-01/{run}/x-Manifest.json", [name], "dataFiles")
    [found] = file_sets(Folder(str(tmp_path)))
    assert found.files[0].parent.name == "20260111T000000Z-a"
    assert found.key == "x/metadata/BILLING_PERIOD=2026-01"


def test_several_runs_without_a_manifest_are_not_guessed(tmp_path: Path) -> None:
    part = "x/data/BILLING_PERIOD=2026-01"
    touch(tmp_path, f"{part}/20260110T000000Z-a/x-1.parquet", f"{part}/20260111T000000Z-b/x-1.parquet")
    with pytest.raises(BillError, match=r"BILLING_PERIOD=2026-01 holds 2 runs.*metadata"):
        file_sets(Folder(str(tmp_path)))


def test_loose_files_of_a_folder_belong_together(tmp_path: Path) -> None:
    touch(tmp_path, "a/1.csv", "a/2.csv.gz", "b/1.parquet", "notes.txt", "input.yml")
    assert shown(file_sets(Folder(str(tmp_path))), tmp_path) == {"a": ["a/1.csv", "a/2.csv.gz"], "b": ["b/1.parquet"]}


def test_a_file_named_directly_is_a_delivery(tmp_path: Path) -> None:
    touch(tmp_path, "a.csv", "b.csv")
    assert shown(file_sets(Folder(str(tmp_path / "a.csv"))), tmp_path) == {"a.csv": ["a.csv"]}


def test_a_glob_takes_what_it_matches(tmp_path: Path) -> None:
    touch(tmp_path, "a.csv", "b.csv", "c.parquet")
    assert shown(file_sets(Folder(str(tmp_path / "*.csv"))), tmp_path) == {".": ["a.csv", "b.csv"]}


@pytest.mark.parametrize(
    "content",
    ["{", "[]", '{"reportKeys": []} x', '{"other": 1}', '{"reportKeys": [1]}', "[" * 100_000],
    ids=["cut off", "list", "more", "other", "number", "deep"],
)
def test_a_broken_manifest_is_an_error_that_names_it(tmp_path: Path, content: str) -> None:
    touch(tmp_path, f"{MONTH}/r-Manifest.json")
    (tmp_path / f"{MONTH}/r-Manifest.json").write_text(content)
    with pytest.raises(BillError, match=r"r-Manifest\.json cannot be used"):
        file_sets(Folder(str(tmp_path)))


@pytest.mark.parametrize("name", ["x" * 5000, "a\\u0000b", "\\ud800"], ids=["long", "zero", "half a character"])
def test_a_manifest_may_name_what_no_disk_holds(tmp_path: Path, name: str) -> None:
    touch(tmp_path, f"{MONTH}/r-Manifest.json")
    (tmp_path / f"{MONTH}/r-Manifest.json").write_text(f'{{"reportKeys": ["cur/{name}.csv.gz"]}}')
    [found] = file_sets(Folder(str(tmp_path)))
    assert len(found.missing) == 1


def test_files_of_other_kinds_are_no_report(tmp_path: Path) -> None:
    touch(tmp_path, "generator.yml", "readme.txt")
    with pytest.raises(BillError, match="holds no cost export"):
        file_sets(Folder(str(tmp_path)))
