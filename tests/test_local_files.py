"""Exports on this machine: which files count, when they have changed, and what is said of a broken one."""

import gzip
import os
import tempfile
from pathlib import Path

import pytest

from finops import local_files
from finops.errors import AccessError, BillError
from finops.local_files import BrokenFile, LocationMissing, Unreadable
from tests.rights import without_rights

CSV = (".csv", ".csv.gz")


@pytest.fixture
def bills(tmp_path: Path) -> Path:
    """A folder of exports, and of what lies beside them."""
    folder = tmp_path / "bills"
    for name in (
        "a.csv",
        "2026-10/b.csv.gz",
        "2026-10/C.CSV",
        "2026-10/deep/er/d.csv",
        "notes.txt",
        ".hidden.csv",
        ".cache/e.csv",
        "2026-10/_temporary/f.csv",
        "_SUCCESS",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x\n")
    (folder / "folder.csv").mkdir()
    return folder


def names(location: Path | str, bills: Path) -> list[str]:
    return [path.relative_to(bills).as_posix() for path in local_files.find(str(location), CSV)]


def test_a_folder_is_searched_with_its_folders_but_not_the_hidden_ones(bills: Path) -> None:
    assert names(bills, bills) == ["2026-10/C.CSV", "2026-10/b.csv.gz", "2026-10/deep/er/d.csv", "a.csv"]


def test_a_file_named_directly_counts_whatever_it_is_called(bills: Path) -> None:
    assert names(bills / "notes.txt", bills) == ["notes.txt"]
    assert names(bills / ".hidden.csv", bills) == [".hidden.csv"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.csv", ["a.csv"]),
        ("*/*", ["2026-10/C.CSV", "2026-10/b.csv.gz"]),
        ("**/*.csv", ["2026-10/deep/er/d.csv", "a.csv"]),
        ("2026-[01]*/?.csv*", ["2026-10/b.csv.gz"]),
        ("*.parquet", []),
    ],
)
def test_a_glob_gives_the_files_that_fit(bills: Path, pattern: str, expected: list[str]) -> None:
    assert names(bills / pattern, bills) == expected


def test_a_name_with_brackets_is_a_file_before_it_is_a_glob(bills: Path) -> None:
    (bills / "export[1].csv").write_text("x\n")

    assert names(bills / "export[1].csv", bills) == ["export[1].csv"]
    assert local_files.key(bills / "export[1].csv", str(bills / "export[1].csv")) == "export[1].csv"


def test_a_folder_without_such_files_is_empty_not_missing(tmp_path: Path) -> None:
    assert local_files.find(str(tmp_path), CSV) == []


@pytest.mark.parametrize("name", ["gone", "gone.csv", "gone/*.csv"])
def test_a_location_that_does_not_exist_is_an_error(bills: Path, name: str) -> None:
    with pytest.raises(LocationMissing) as caught:
        local_files.find(str(bills / name), CSV)

    assert caught.value.what == f"{bills / name} does not exist."
    assert caught.value.todo == "Correct the source's location in finops.toml."
    assert isinstance(caught.value, AccessError)


def test_a_folder_inside_that_may_not_be_read_is_no_smaller_bill() -> None:
    with tempfile.TemporaryDirectory() as name:  # others may enter it, unlike pytest's own
        bills = Path(name)
        bills.chmod(0o755)
        (bills / "a.csv").touch()
        (bills / "2026-10").mkdir()

        with without_rights(bills / "2026-10"), pytest.raises(Unreadable, match=r"cannot be read: Permission denied\."):
            local_files.find(name, CSV)


def test_a_location_that_may_not_be_entered_is_an_error(tmp_path: Path) -> None:
    with without_rights(tmp_path), pytest.raises(Unreadable, match=r"cannot be read: Permission denied\."):
        local_files.find(str(tmp_path / "bills"), CSV)


@pytest.mark.parametrize(
    ("location", "key"),
    [
        ("", "2026-10/b.csv.gz"),
        ("2026-10", "b.csv.gz"),
        ("2026-10/b.csv.gz", "b.csv.gz"),
        ("*/*.gz", "2026-10/b.csv.gz"),
    ],
)
def test_a_key_is_the_path_inside_the_location_with_forward_slashes(bills: Path, location: str, key: str) -> None:
    assert local_files.key(bills / "2026-10" / "b.csv.gz", str(bills / location)) == key


def test_a_fingerprint_changes_with_content_number_and_mapping_only(tmp_path: Path) -> None:
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    one.write_bytes(b"x" * 3_000_000)
    two.write_bytes(b"y")
    first = local_files.fingerprint([one, two], mapping="1")

    os.utime(one, (1, 1))
    moved = one.rename(tmp_path / "elsewhere.csv")
    assert local_files.fingerprint([moved, two], mapping="1") == first
    assert len(first) == 64
    assert len({
        first,
        local_files.fingerprint([moved, two], mapping="2"),
        local_files.fingerprint([moved], mapping="1"),
        local_files.fingerprint([moved, two, two], mapping="1"),
        local_files.fingerprint([], mapping="1"),
    }) == 5  # fmt: skip
    with moved.open("r+b") as file:
        file.seek(2_999_999)
        file.write(b"z")
    assert local_files.fingerprint([moved, two], mapping="1") != first


def test_bytes_do_not_wander_between_files_unseen(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in "abcd"]
    for path, content in zip(paths, (b"xy", b"z", b"x", b"yz"), strict=True):
        path.write_bytes(content)

    assert local_files.fingerprint(paths[:2], mapping="") != local_files.fingerprint(paths[2:], mapping="")


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_text_is_read_with_or_without_gzip_and_byte_order_mark(tmp_path: Path, packed: bool, mark: bytes) -> None:  # noqa: FBT001 - a case
    """By its first bytes: the name says nothing."""
    path = tmp_path / "bill.dat"
    content = mark + "Größe,Preis\r\n1,2\r\n".encode()
    path.write_bytes(gzip.compress(content) if packed else content)

    with local_files.opened_text(path) as text:
        assert text.read() == "Größe,Preis\r\n1,2\r\n"
    assert local_files.csv_header(path) == ["Größe", "Preis"]


def test_two_gzip_members_are_one_text(tmp_path: Path) -> None:
    path = tmp_path / "bill.csv.gz"
    path.write_bytes(gzip.compress(b"a\n") + gzip.compress(b"b\n"))

    with local_files.opened_text(path) as text:
        assert text.read() == "a\nb\n"


def test_a_header_may_hold_quotes_line_breaks_and_another_delimiter(tmp_path: Path) -> None:
    path = tmp_path / "bill.csv"
    path.write_text('"a;b";"c\nd"\n1;2\n')

    assert local_files.csv_header(path, delimiter=";") == ["a;b", "c\nd"]
    path.write_text("")
    assert local_files.csv_header(path) == []


def broken(path: Path) -> str:
    """What is said of a file when it is read to its end."""
    with pytest.raises(BrokenFile) as caught, local_files.opened_text(path) as text:
        text.read()
    assert isinstance(caught.value, BillError)
    assert caught.value.todo == "Fetch this file again from the provider; nothing of it was used."
    return caught.value.what.removeprefix(f"{path} cannot be read: ")


def test_gzip_that_is_cut_off_or_broken_is_said(tmp_path: Path) -> None:
    path = tmp_path / "bill.csv.gz"
    whole = gzip.compress(os.urandom(5000).hex().encode())

    path.write_bytes(whole[:-200])
    assert broken(path).startswith("its gzip data is cut off or broken (Compressed file ended before")
    path.write_bytes(whole[:200] + b"\xff" * 200 + whole[400:])
    assert broken(path).startswith("its gzip data is cut off or broken (")
    path.write_bytes(whole[:-6] + b"\0" * 6)
    assert broken(path).startswith("its gzip data is cut off or broken (CRC check failed")


def test_what_is_not_utf_8_is_said(tmp_path: Path) -> None:
    path = tmp_path / "bill.csv"
    path.write_bytes(b"a,b\n" * 10_000 + "Größe".encode("latin-1"))

    assert broken(path) == "it is not UTF-8 text (invalid start byte)."


def test_a_header_that_is_no_csv_is_said(tmp_path: Path) -> None:
    path = tmp_path / "bill.csv"
    path.write_text("x" * 200_000)

    with pytest.raises(BrokenFile, match="its first line is no CSV header"):
        local_files.csv_header(path)


def test_a_missing_file_and_a_folder_cannot_be_read(tmp_path: Path) -> None:
    for path, why in ((tmp_path / "gone.csv", "No such file or directory"), (tmp_path, "Is a directory")):
        expected = f"{path} cannot be read: {why}."
        with pytest.raises(Unreadable) as caught, local_files.opened_text(path):
            pass
        assert caught.value.what == expected
        with pytest.raises(Unreadable) as caught:
            local_files.fingerprint([path], mapping="1")
        assert caught.value.what == expected
        assert caught.value.todo == "Check that the file exists and may be read."
