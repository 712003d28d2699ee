"""Currencies, months and tags of an export's newest files, through the connector that reads it."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from finops import sampling
from finops.discovery import discover
from finops.sampling import Sample, sampler
from tests.exports import daily, focus_csv, gcp_jsonl, on


def sampled(folder: Path, *, currency: str | None = None) -> Sample:
    """The one place in the folder."""
    (place,) = discover(folder, base=folder).places
    with sampler(folder.resolve(), currency=currency) as sample:
        return sample(place)


def test_a_small_export_is_read_whole(tmp_path: Path) -> None:
    charges = [on("2026-08-31", "1.5", project="search"), on("2026-09-02", "2", project="shop", currency="USD")]
    focus_csv(tmp_path / "bills" / "x.csv", charges)
    found = sampled(tmp_path)
    assert found.whole_months == {"2026-08", "2026-09"}
    august, september = sorted(found.lines, key=lambda line: line.month or "")
    assert (august.currency, august.cost, august.last_day) == ("EUR", Decimal("1.5"), date(2026, 8, 31))
    assert (september.currency, september.bill) == ("USD", ("Acme Cloud", "payer"))
    assert json.loads(september.tags or "") == {"app": "x", "project": "shop"}


def test_of_a_long_export_the_newest_months_are_read_and_the_oldest_of_them_stays_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "_ENOUGH_ROWS", 3)
    for month in range(1, 8):
        focus_csv(tmp_path / "bills" / f"2026-{month:02}.csv", [on(f"2026-{month:02}-03", "1")])
    found = sampled(tmp_path)
    assert {line.month for line in found.lines} == {"2026-05", "2026-06", "2026-07"}
    assert found.whole_months == {"2026-06", "2026-07"}


@pytest.mark.parametrize("limit", ["_MOST_READ", "_MOST_LISTED"])
@pytest.mark.parametrize("name", ["x.csv", "x.csv.gz", "x.jsonl"])
def test_of_a_large_file_the_first_rows_tell_tags_and_currency_but_no_month(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, name: str
) -> None:
    monkeypatch.setattr(sampling, limit, 1000)
    monkeypatch.setattr(sampling, "_FIRST_ROWS", 10)
    charges = daily("2026-01-01", "2026-03-31", project="search")
    write = gcp_jsonl if name.endswith(".jsonl") else focus_csv
    write(tmp_path / "bills" / name, charges)
    found = sampled(tmp_path)
    assert sum(line.rows for line in found.lines) == 10
    assert {(line.month, line.currency) for line in found.lines} == {(None, "EUR")}
    assert found.whole_months == frozenset()


def test_a_file_that_breaks_after_its_header_is_a_note_without_a_path_of_this_machine(tmp_path: Path) -> None:
    file = focus_csv(tmp_path / "bills" / "x.csv", [on("2026-09-01", "1")])
    file.write_text(file.read_text() + "not,enough,cells\n")
    found = sampled(tmp_path)
    assert found.lines == ()
    (note,) = found.place.notes
    assert note.startswith("finops ingest will stop here: bills/x.csv")
    assert str(tmp_path) not in note


def test_a_connector_that_is_not_installed_is_a_note(tmp_path: Path) -> None:
    focus_csv(tmp_path / "x.csv", [on("2026-09-01", "1")])
    (place,) = discover(tmp_path, base=tmp_path).places
    with sampler(tmp_path, currency=None) as sample:
        assert "which is not installed" in sample(replace(place, connector="foucs")).place.notes[0]


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    start = date(2026, 9, 1)
    focus_csv(tmp_path / "bills" / "x.csv", [on(str(start + timedelta(days=n)), "1") for n in range(3)])
    with sampler(tmp_path, currency=None) as sample:
        assert sample(discover(tmp_path / "bills", base=tmp_path).places[0]).lines
        assert list((tmp_path / "temporary").iterdir())
    assert list((tmp_path / "temporary").iterdir()) == []
