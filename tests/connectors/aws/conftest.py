"""A report in, FOCUS rows out: the fixtures every test of the mapping stands on."""

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from finops.connector import ControlTotals, RawExport, Source
from finops.focus.table import complete
from finops.store.engine import DuckDB
from finops_aws.connector import AwsConnector

DEFAULTS = {
    "bill/PayerAccountId": "000000000001",
    "bill/BillingPeriodStartDate": "2026-01-01T00:00:00Z",
    "bill/BillingPeriodEndDate": "2026-02-01T00:00:00Z",
    "lineItem/UsageAccountId": "000000000002",
    "lineItem/LineItemType": "Usage",
    "lineItem/UsageStartDate": "2026-01-05T00:00:00Z",
    "lineItem/UsageEndDate": "2026-01-05T01:00:00Z",
    "lineItem/ProductCode": "AmazonEC2",
    "lineItem/CurrencyCode": "USD",
    "lineItem/UnblendedCost": "0",
}
"""Columns every line of a test's report has unless it says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """What a report became."""

    rows: list[dict[str, Any]]
    raw: RawExport
    control: ControlTotals

    @property
    def billed(self) -> Decimal:
        return sum((row["BilledCost"] for row in self.rows), start=Decimal(0))

    @property
    def effective(self) -> Decimal:
        return sum((row["EffectiveCost"] for row in self.rows), start=Decimal(0))

    @property
    def rules(self) -> set[str]:
        return {finding.rule for finding in (*self.raw.findings, *self.control.findings)}

    def of(self, kind: str) -> dict[str, Any]:
        """The one row of a line item type and charge category such as `Usage` or `RIFee/Usage`."""
        kind, _, category = kind.partition("/")
        found = [row for row in self.rows if row["x_LineItemType"] == kind and category in {"", row["ChargeCategory"]}]
        assert len(found) == 1
        return found[0]


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Mapped]:
    """Read a location: its first delivery mapped and summed, which must agree."""

    def run(location: Path, *, currency: str | None = None, format: str = "auto") -> Mapped:  # noqa: A002 - the source's word
        workdir = tmp_path / "work"
        workdir.mkdir(exist_ok=True)
        source = Source(name="aws", location=str(location), currency=currency, format=format)
        connector = AwsConnector(source, workdir)
        raw = connector.fetch(connector.deliveries()[0])
        control = connector.control_totals(raw)
        with DuckDB(memory_limit="6GB", spill=workdir) as engine:
            engine.bind(raw)
            rows = engine.rows(complete(connector.to_focus(raw), raw.delivery))
        found: dict[tuple[str, str], Decimal] = {}
        for row in rows:
            month = (row["BillingCurrency"], f"{row['BillingPeriodStart']:%Y-%m}")
            found[month] = found.get(month, Decimal(0)) + row["BilledCost"]
        assert found == control.billed
        return Mapped(rows=rows, raw=raw, control=control)

    return run


@pytest.fixture
def report(tmp_path: Path, read: Callable[..., Mapped]) -> Callable[..., Mapped]:
    """Write lines as a legacy CSV report and read it; a line names only the cells it is about."""

    def run(*lines: dict[str, str], **options: Any) -> Mapped:  # noqa: ANN401 - passed on to `read`
        path = tmp_path / "report.csv"
        write_csv(path, lines)
        return read(path, **options)

    return run


def write_csv(path: Path, lines: Iterable[dict[str, str]]) -> None:
    """Write lines as a legacy report with the columns any of them names."""
    filled = [{**DEFAULTS, **line} for line in lines]
    names = list(dict.fromkeys(name for line in filled for name in line))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names, restval="")
        writer.writeheader()
        writer.writerows(filled)
