"""Exports of Google Cloud keep the contract of every connector: nested JSON lines, and flat CSV."""

import json
from pathlib import Path

from finops.connector import Connector, Source
from finops.testing.connector import ConnectorContract
from finops_gcp.connector import GcpConnector

NESTED = {
    "billing_account_id": "01A7C4-9E52B0-3D61F8",
    "service": {"id": "6F81-5844-456A", "description": "Compute Engine"},
    "sku": {"id": "CF4E-A0C7-E3BF", "description": "N2 Instance Core"},
    "usage_start_time": "2026-01-31 23:00:00 UTC",
    "usage_end_time": "2026-02-01 00:00:00 UTC",
    "project": {"id": "search-prod", "labels": [{"key": "team", "value": "search"}]},
    "cost": 0.1234567890123456785,
    "currency": "EUR",
    "credits": [{"name": "Free trial", "amount": -0.1, "type": "PROMOTION"}],
    "cost_type": "regular",
}
FLAT = """\
service.description,sku.id,usage_start_time,usage_end_time,cost,credits,invoice.month,cost_type
DNS,A1,2026-01-05T10:00:00Z,2026-01-05T11:00:00Z,5e-06,"[{'amount': -5e-06, 'type': 'FREE_TIER'}]",202601,regular
Invoice,,2026-01-31T00:00:00,2026-01-31T00:00:00,19,,202602,tax
"""


class TestJson(ConnectorContract):
    """One file per invoice month."""

    def connector(self, source: Source, workdir: Path) -> Connector:
        return GcpConnector(source, workdir)

    def write_export(self, folder: Path) -> None:
        for month in ("202601", "202602"):
            record = json.dumps(NESTED | {"invoice": {"month": month}})
            (folder / f"{month}.jsonl").write_text(f"{record}\n{record}\n")


class TestCsv(TestJson):
    """A file that leaves the currency to the source."""

    currency = "USD"

    def write_export(self, folder: Path) -> None:
        (folder / "export.csv").write_text(FLAT)
