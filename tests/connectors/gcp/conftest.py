"""Exports written by a test, taken through the connector and the engine; whatever is read must be conserved."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from finops.connector import ControlTotals, Source
from finops.findings import Finding
from finops.focus.table import complete, totals
from finops.money import add
from finops.store.engine import DuckDB, Engine
from finops_gcp.connector import GcpConnector

PLAIN: Mapping[str, Any] = {
    "billing_account_id": "01A7C4-9E52B0-3D61F8",
    "service": {"id": "6F81-5844-456A", "description": "Compute Engine"},
    "sku": {"id": "CF4E-A0C7-E3BF", "description": "N2 Instance Core running in Frankfurt"},
    "usage_start_time": "2026-01-05 10:00:00 UTC",
    "usage_end_time": "2026-01-05 11:00:00 UTC",
    "project": {"id": "search-prod", "name": "Search"},
    "location": {"location": "europe-west3", "region": "europe-west3", "zone": "europe-west3-a"},
    "export_time": "2026-01-05 15:00:00 UTC",
    "cost": 10.0,
    "currency": "EUR",
    "currency_conversion_rate": 0.86,
    "usage": {"amount": 3600.0, "unit": "seconds", "amount_in_pricing_units": 1.0, "pricing_unit": "hour"},
    "invoice": {"month": "202601"},
    "cost_type": "regular",
}
"""A record of which nothing is doubtful; credits and labels are missing, as BigQuery leaves out what is null."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What came of an export."""

    rows: list[dict[str, Any]]
    findings: tuple[Finding, ...]
    control: ControlTotals

    @property
    def row(self) -> dict[str, Any]:
        """The only row."""
        (row,) = self.rows
        return row

    def finding(self, rule: str) -> Finding:
        """The only finding of that rule."""
        (found,) = (finding for finding in self.findings if finding.rule == rule)
        return found

    def of(self, category: str) -> list[dict[str, Any]]:
        """The rows of a charge category."""
        return [row for row in self.rows if row["ChargeCategory"] == category]

    def sum(self, column: str) -> Decimal:
        """The total of a cost column."""
        return add(*(row[column] for row in self.rows))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A folder for exports and an engine to read them with."""

    folder: Path
    engine: Engine
    workdirs: Callable[[], Path]

    def file(self, content: str | bytes, name: str = "export.jsonl") -> Path:
        """Write a file as it is given."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def connector(self, location: Path, *, currency: str | None = None) -> GcpConnector:
        """A connector of that location."""
        source = Source(name="gcp", location=str(location), currency=currency, currency_from="organisation.currency")
        return GcpConnector(source, self.workdirs())

    def read(self, path: Path, *, currency: str | None = None) -> Read:
        """Take a file through fetch, mapping and engine, and prove that its money is conserved."""
        connector = self.connector(path, currency=currency)
        (delivery,) = connector.deliveries()
        raw = connector.fetch(delivery)
        control = connector.control_totals(raw)
        self.engine.bind(raw)
        table = complete(connector.to_focus(raw), delivery)
        sums = self.engine.rows(totals(table))
        assert {(row["currency"], row["month"]): row["billed"] for row in sums} == control.billed
        return Read(rows=self.engine.rows(table), findings=raw.findings, control=control)

    def read_records(self, *records: Mapping[str, Any], currency: str | None = None) -> Read:
        """Read JSON lines of plain records changed by these; a null takes a field away."""
        return self.read(self.file(json_lines(*records)), currency=currency)

    def read_each(self, *records: Mapping[str, Any]) -> list[Read]:
        """Read plain records changed by these in one go; what came of each, told apart by its billing account."""
        read = self.read_records(*({**changes, "billing_account_id": str(n)} for n, changes in enumerate(records)))
        rows = [[row for row in read.rows if row["BillingAccountId"] == str(n)] for n in range(len(records))]
        return [replace(read, rows=found) for found in rows]


def record(**changes: object) -> dict[str, Any]:
    """The plain record changed by these fields; None takes one away."""
    return {name: value for name, value in {**PLAIN, **changes}.items() if value is not None}


def json_lines(*records: Mapping[str, Any]) -> str:
    """Plain records changed by these, one per line."""
    return "".join(json.dumps(record(**changes)) + "\n" for changes in records)


def csv_text(*rows: Mapping[str, str]) -> str:
    """A CSV file of these cells."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


@pytest.fixture(scope="session")
def gcp_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with DuckDB(memory_limit="1GB", spill=tmp_path_factory.mktemp("spill")) as engine:
        yield engine


@pytest.fixture
def bench(tmp_path: Path, gcp_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(folder=tmp_path / "export", engine=gcp_engine, workdirs=lambda: tmp_path_factory.mktemp("workdir"))


@pytest.fixture
def records() -> Callable[..., dict[str, Any]]:
    return record


@pytest.fixture
def lines() -> Callable[..., str]:
    return json_lines


@pytest.fixture
def csv_of() -> Callable[..., str]:
    return csv_text
