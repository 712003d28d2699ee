"""The suite a connector must pass: subclass it in a test file, and pytest runs the whole contract.

A subclass of `ConnectorContract` named `Test…` gives two methods: `connector`, which builds the connector, and
`write_export`, which gives it a small export to read.
"""

import gzip
import os
import shutil
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import pytest

from finops.connector import Connector, ControlTotals, Delivery, RawExport, Source
from finops.errors import AccessError, BillError
from finops.focus.columns import BY_NAME, REQUIRED, STORED
from finops.focus.table import complete
from finops.money import add
from finops.store.engine import DuckDB, Engine

_MEMORY = "6GB"
"""More than a small export needs; engines reserve it per CSV reader."""


class ConnectorContract:
    """What every connector promises; `write_export` gives it something to read.

    Attributes:
        currency: configured for the source; None where the export names its own.
        format: configured for the source.
    """

    currency: ClassVar[str | None] = None
    format: ClassVar[str] = "auto"

    def connector(self, source: Source, workdir: Path) -> Connector:
        """Build the connector, as `finops` does."""
        raise NotImplementedError

    def write_export(self, folder: Path) -> None:
        """Write a small honest export into an empty folder: some rows, at least one file of at least 100 bytes."""
        raise NotImplementedError

    def engine(self, spill: Path) -> Engine:
        """What executes the mapping; another one must give the same rows."""
        return DuckDB(memory_limit=_MEMORY, spill=spill)

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        """A folder that holds the export."""
        folder = tmp_path / "export"
        folder.mkdir()
        self.write_export(folder)
        return folder

    def build(self, location: Path, workdir: Path) -> Connector:
        """The connector on a location."""
        workdir.mkdir(parents=True, exist_ok=True)
        source = Source(name="contract", location=str(location), format=self.format, currency=self.currency)
        return self.connector(source, workdir)

    def test_the_constructor_reads_nothing(self, tmp_path: Path) -> None:
        """A location that does not exist is no error before the listing, and the work folder stays empty."""
        self.build(tmp_path / "nowhere", tmp_path / "work")
        assert not list((tmp_path / "work").iterdir())

    def test_listing_is_stable_and_repeatable(self, folder: Path, tmp_path: Path) -> None:
        """Two listings are equal, by the same connector and by another."""
        connector = self.build(folder, tmp_path / "work")
        first = connector.deliveries()
        assert first
        assert connector.deliveries() == first
        assert self.build(folder, tmp_path / "other").deliveries() == first
        assert len({delivery.key for delivery in first}) == len(first)

    def test_keys_and_fingerprints_survive_a_move(self, folder: Path, tmp_path: Path) -> None:
        """Neither names a place on this machine."""
        before = self.build(folder, tmp_path / "work").deliveries()
        moved = shutil.move(folder, tmp_path / "elsewhere")
        after = self.build(Path(moved), tmp_path / "other").deliveries()
        assert _identities(after) == _identities(before)

    def test_fingerprints_change_with_content_only(self, folder: Path, tmp_path: Path) -> None:
        """A new time of a file changes nothing; one more byte does."""
        connector = self.build(folder, tmp_path / "work")
        first = connector.deliveries()
        for path in first[0].files:
            os.utime(path, (1, 1))
        assert _identities(connector.deliveries()) == _identities(first)
        with first[0].files[0].open("ab") as file:
            file.write(b"\n")
        changed = connector.deliveries()
        assert [delivery.key for delivery in changed] == [delivery.key for delivery in first]
        assert changed[0].fingerprint != first[0].fingerprint

    def test_rows_have_every_required_column_without_nulls(self, folder: Path, tmp_path: Path) -> None:
        """Required columns are filled, columns are of the table and of its types, enumerations hold allowed values."""
        connector = self.build(folder, tmp_path / "work")
        for delivery in connector.deliveries():
            mapped = connector.to_focus(connector.fetch(delivery))
            assert set(REQUIRED) <= set(mapped.columns)
            assert set(mapped.columns) <= {column.name for column in STORED}
            for name, kind in mapped.schema().items():
                assert str(kind).removeprefix("!") == BY_NAME[name].type, name
        for row in self.rows(folder, tmp_path / "again"):
            assert not [name for name in REQUIRED if row[name] is None]
            for column in STORED:
                assert not column.allowed or row[column.name] in {None, *column.allowed}, column.name
                assert row[column.name] not in {"", "NULL", "N/A"}, column.name
            assert row["BillingPeriodEnd"] > row["BillingPeriodStart"]
            assert row["ChargePeriodEnd"] > row["ChargePeriodStart"]

    def test_control_totals_equal_the_mapped_sums(self, folder: Path, tmp_path: Path) -> None:
        """Exactly, per currency and month."""
        connector = self.build(folder, tmp_path / "work")
        for delivery in connector.deliveries():
            raw = connector.fetch(delivery)
            control = connector.control_totals(raw)
            assert control.rows > 0
            assert _sums(self.executed(connector, raw, tmp_path)) == _filled(control)

    def test_reading_a_delivery_twice_gives_the_same_rows(self, folder: Path, tmp_path: Path) -> None:
        """A second connector with its own work folder maps the same rows."""
        assert self.rows(folder, tmp_path / "first") == self.rows(folder, tmp_path / "second")

    def test_a_missing_file_is_an_access_error_that_names_it(self, folder: Path, tmp_path: Path) -> None:
        """Of fetching; the listing came before."""
        connector = self.build(folder, tmp_path / "work")
        delivery = connector.deliveries()[0]
        delivery.files[0].unlink()
        with pytest.raises(AccessError, match=delivery.files[0].name):
            connector.fetch(delivery)

    def test_a_file_that_is_cut_off_is_a_bill_error(self, folder: Path, tmp_path: Path) -> None:
        """Of fetching or summing: half a file must never be half a bill."""
        connector = self.build(folder, tmp_path / "work")
        path = connector.deliveries()[0].files[0]
        content = path.read_bytes()
        packed = content if content.startswith((b"PAR1", b"\x1f\x8b")) else gzip.compress(content)
        path.write_bytes(packed[: len(packed) // 2])
        with pytest.raises(BillError, match=path.name):
            connector.control_totals(connector.fetch(connector.deliveries()[0]))

    def test_an_empty_folder_is_a_bill_error(self, tmp_path: Path) -> None:
        """Nothing to read is not nothing to pay."""
        (tmp_path / "empty").mkdir()
        with pytest.raises(BillError):
            self.build(tmp_path / "empty", tmp_path / "work").deliveries()

    def test_a_location_that_does_not_exist_is_an_access_error(self, tmp_path: Path) -> None:
        """Its path is wrong, or the disk is not there."""
        with pytest.raises(AccessError, match="nowhere"):
            self.build(tmp_path / "nowhere", tmp_path / "work").deliveries()

    def test_the_mapping_touches_no_file(self, folder: Path, tmp_path: Path) -> None:
        """It compiles to SQL when every file is gone."""
        import ibis

        connector = self.build(folder, tmp_path / "work")
        raw = connector.fetch(connector.deliveries()[0])
        shutil.rmtree(folder)
        shutil.rmtree(tmp_path / "work")
        assert "BilledCost" in ibis.to_sql(connector.to_focus(raw), dialect="duckdb")

    def rows(self, location: Path, workdir: Path) -> list[dict[str, Any]]:
        """Every row of every delivery as the cost table would hold it, in a fixed order."""
        connector = self.build(location, workdir)
        found = [
            row
            for delivery in connector.deliveries()
            for row in self.executed(connector, connector.fetch(delivery), workdir)
        ]
        return sorted(found, key=lambda row: repr(sorted(row.items())))

    def executed(self, connector: Connector, raw: RawExport, spill: Path) -> list[dict[str, Any]]:
        """The mapped rows of one delivery."""
        with self.engine(spill) as engine:
            engine.bind(raw)
            return engine.rows(complete(connector.to_focus(raw), raw.delivery))


def _identities(deliveries: list[Delivery]) -> list[tuple[str, str]]:
    return [(delivery.key, delivery.fingerprint) for delivery in deliveries]


def _sums(rows: list[dict[str, Any]]) -> Mapping[tuple[str, str], Decimal]:
    """Billed cost per currency and billing month; months that add up to nothing left out."""
    found: dict[tuple[str, str], Decimal] = {}
    for row in rows:
        key = (row["BillingCurrency"], f"{row['BillingPeriodStart']:%Y-%m}")
        found[key] = add(found.get(key, Decimal(0)), row["BilledCost"])
    return {key: total for key, total in found.items() if total}


def _filled(control: ControlTotals) -> Mapping[tuple[str, str], Decimal]:
    return {key: total for key, total in control.billed.items() if total}
