"""FOCUS files written by a test, taken through the connector and the engine; whatever is read must be conserved."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from finops.connector import ControlTotals, Source
from finops.findings import Finding
from finops.focus.table import complete, totals
from finops.store.engine import DuckDB, Engine
from finops_focus.connector import FocusConnector

PLAIN: Mapping[str, str] = {
    "BilledCost": "10",
    "EffectiveCost": "9",
    "ListCost": "12",
    "ContractedCost": "11",
    "BillingCurrency": "USD",
    "BillingAccountId": "0001",
    "BillingPeriodStart": "2026-01-01T00:00:00Z",
    "BillingPeriodEnd": "2026-02-01T00:00:00Z",
    "ChargePeriodStart": "2026-01-05T00:00:00Z",
    "ChargePeriodEnd": "2026-01-06T00:00:00Z",
    "ChargeCategory": "Usage",
    "ProviderName": "AWS",
    "ServiceName": "Amazon EC2",
    "ServiceCategory": "Compute",
}
"""A row of which nothing is doubtful."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What came of a file."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A folder for files and an engine to read them with."""

    folder: Path
    engine: Engine
    workdirs: Callable[[], Path]

    def file(self, content: str | bytes, name: str = "bill.csv") -> Path:
        """Write a file as it is given."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def connector(self, location: Path, *, currency: str | None = None, kind: str = "auto") -> FocusConnector:
        """A connector of that location, with the currency and format that its source names."""
        source = Source(
            name="saas", location=str(location), format=kind, currency=currency, currency_from="organisation.currency"
        )
        return FocusConnector(source, self.workdirs())

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
        assert sum(row["rows"] for row in sums) == control.rows
        return Read(rows=self.engine.rows(table), findings=raw.findings, control=control)

    def read_rows(self, *rows: Mapping[str, str], without: Sequence[str] = (), currency: str | None = None) -> Read:
        """Read a CSV file of plain rows changed by these; columns named in `without` are left out."""
        return self.read(self.file(csv_text(*rows, without=without)), currency=currency)


def csv_text(*rows: Mapping[str, str], without: Sequence[str] = ()) -> str:
    """A CSV file of plain rows changed by these cells; a new column joins at the end."""
    columns = [name for name in dict.fromkeys((*PLAIN, *(key for row in rows for key in row))) if name not in without]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows({**PLAIN, **row} for row in rows)
    return text.getvalue()


@pytest.fixture(scope="session")
def focus_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with DuckDB(memory_limit="512MB", spill=tmp_path_factory.mktemp("spill")) as engine:
        yield engine


@pytest.fixture
def bench(tmp_path: Path, focus_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(folder=tmp_path, engine=focus_engine, workdirs=lambda: tmp_path_factory.mktemp("workdir"))


@pytest.fixture
def csv_of() -> Callable[..., str]:
    return csv_text
