"""From Google's servers to the report: BigQuery and the Cloud Billing API as fakes that speak their protocols."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
import pytest
from deltalake import DeltaTable
from google.cloud import billing_v1

from tests.connectors.gcp import fake_bigquery, fake_billing
from tests.connectors.gcp.fake_bigquery import FakeBigQuery
from tests.connectors.gcp.fake_billing import FakeBilling
from tests.journeys.conftest import Shell

ACCOUNT = "01A7C4-9E52B0-3D61F8"
TABLE = "acme.billing.gcp_billing_export_v1_01A7C4_9E52B0_3D61F8"
DETAILED = "acme.billing.gcp_billing_export_resource_v1_01A7C4_9E52B0_3D61F8"
FOCUS = "acme.gcp_billing_immutable_01A7C4_9E52B0_3D61F8_eu.gcp_billing_export_focus_01A7C4_9E52B0_3D61F8"
COMPUTE = "6F81-5844-456A"


@pytest.fixture
def bigquery() -> Iterator[FakeBigQuery]:
    with fake_bigquery.serving() as fake:
        fake.create(TABLE)
        yield fake


@pytest.fixture
def billing() -> Iterator[FakeBilling]:
    with fake_billing.serving() as fake:
        name = f"billingAccounts/{ACCOUNT}"
        fake.accounts.append(billing_v1.BillingAccount(name=name, display_name="Acme Cloud", open=True))
        fake.links[name] = ["llm"]
        fake.add_sku(COMPUTE, "CF4E-A0C7-E3BF", "N2 Instance Core running in Frankfurt", (0, 0, 50_000_000))
        yield fake


def usage(day: date, cost: float, *, exported: date | None = None) -> dict[str, Any]:
    return {
        "billing_account_id": ACCOUNT,
        "service": {"id": COMPUTE, "description": "Compute Engine"},
        "sku": {"id": "CF4E-A0C7-E3BF", "description": "N2 Instance Core running in Frankfurt"},
        "usage_start_time": f"{day} 10:00:00 UTC",
        "usage_end_time": f"{day} 11:00:00 UTC",
        "export_time": f"{exported or day + timedelta(days=1)} 02:00:00 UTC",
        "project": {"id": "llm"},
        "cost": cost,
        "currency": "EUR",
        "usage": {"amount": 3600.0, "unit": "seconds", "amount_in_pricing_units": 200.0, "pricing_unit": "hour"},
        "invoice": {"month": f"{day:%Y%m}"},
        "cost_type": "regular",
        "credits": [{"name": "Negotiated", "type": "DISCOUNT", "amount": -cost / 4}],
    }


def configured(folder: Path, bigquery: FakeBigQuery, billing: FakeBilling, *tables: str) -> None:
    sources = "".join(
        f'[[sources]]\nname = "gcp-{number}"\nconnector = "gcp"\ntable = "{table}"\ncredentials = "anonymous"\n'
        f'endpoint_url = "{bigquery.url}"\nbilling_endpoint = "{billing.endpoint}"\n'
        for number, table in enumerate(tables)
    )
    head = 'version = 1\n[organisation]\nname = "Acme"\ncurrency = "EUR"\n'
    project = '[[projects]]\nname = "llm"\nmatch = [{ account = "llm" }]\n'
    (folder / "finops.toml").write_text(head + sources + project)


def stored(folder: Path, *columns: str) -> list[dict[str, Any]]:
    files = DeltaTable(folder / ".finops" / "cost").file_uris()
    rows: list[dict[str, Any]] = ds.dataset(files).to_table(columns=list(columns)).to_pylist()
    return rows


@pytest.mark.long
def test_bigquery_and_the_catalogue_end_in_the_report(
    tmp_path: Path, shell: Shell, bigquery: FakeBigQuery, billing: FakeBilling
) -> None:
    configured(tmp_path, bigquery, billing, TABLE)
    days = [date(2026, 1, 1) + timedelta(days=at) for at in range(59)]
    bigquery.load(TABLE, [usage(day, 8.0) for day in days], at=datetime(2026, 3, 1, tzinfo=UTC))

    ran = shell.run(tmp_path, "ingest")
    assert ran.code == 0, ran.err
    assert "invoice month 2026-01 reads" in ran.err
    assert "6.25 USD per TiB" in ran.err
    names = ("BilledCost", "ListCost", "ListUnitPrice", "BillingAccountName", "x_Delivery")
    rows = stored(tmp_path, *names)
    assert len(rows) == 59
    assert {tuple(row[name] for name in names[:4]) for row in rows} == {
        (Decimal(6), Decimal(10), Decimal("0.05"), "Acme Cloud")
    }
    assert {row["x_Delivery"] for row in rows} == {f"{TABLE}/2026-01", f"{TABLE}/2026-02"}

    late = usage(date(2026, 2, 27), 4.0, exported=date(2026, 3, 3))
    bigquery.load(TABLE, [late], at=datetime(2026, 3, 3, tzinfo=UTC))
    again = shell.run(tmp_path, "ingest")
    assert again.code == 0, again.err
    assert "2026-01" not in again.err
    assert len(stored(tmp_path, "BilledCost")) == 60
    assert shell.run(tmp_path, "ingest").code == 0
    assert sum(row["BilledCost"] for row in stored(tmp_path, "BilledCost")) == 59 * 6 + 3

    report = shell.run(
        tmp_path, "report", "--month", "2026-02", "--as-of", "2026-03-05", "--format", "json,html", "-o", "out"
    )
    assert report.code == 0, report.err
    told = (tmp_path / "out" / "2026-02.json").read_text()
    assert json.loads(told)["schema"].startswith("finops.report/")
    assert str(28 * 6 + 3) in told
    assert "llm" in (tmp_path / "out" / "2026-02.html").read_text()


@pytest.mark.parametrize("other", [DETAILED, FOCUS])
def test_two_exports_of_one_account_are_never_added(
    tmp_path: Path, shell: Shell, bigquery: FakeBigQuery, billing: FakeBilling, other: str
) -> None:
    configured(tmp_path, bigquery, billing, TABLE, other)
    ran = shell.run(tmp_path, "ingest")
    assert ran.code == 2
    assert f"Sources 'gcp-0' and 'gcp-1' both hold the bill of Google Cloud billing account {ACCOUNT}" in ran.err
    assert not bigquery.queries
    assert not (tmp_path / ".finops" / "cost").exists()


@pytest.mark.long
def test_doctor_looks_at_the_table_and_prints_the_policy(
    tmp_path: Path, shell: Shell, bigquery: FakeBigQuery, billing: FakeBilling
) -> None:
    configured(tmp_path, bigquery, billing, TABLE)
    bigquery.load(TABLE, [usage(date(2026, 1, 5), 8.0)], at=datetime(2026, 1, 6, tzinfo=UTC))
    ran = shell.run(tmp_path, "doctor", "--as-of", "2026-01-06")
    assert f"{TABLE} is a standard usage cost export in EU: 1 rows." in ran.out
    assert "A look at all invoice months reads" in ran.out
    assert f"Billing account {ACCOUNT} is called Acme Cloud; it pays for 1 project." in ran.out
    assert not bigquery.queries

    granted = shell.run(tmp_path, "doctor", "--print-policy", "gcp-0")
    assert f"--role=roles/bigquery.dataViewer acme:billing.{TABLE.rsplit('.', maxsplit=1)[-1]}" in granted.out
    assert "DATASET" in shell.run(tmp_path, "doctor", "--print-policy", "gcp").out

    bigquery.refuse["tables"] = (403, "Access Denied")
    refused = shell.run(tmp_path, "doctor", "--as-of", "2026-01-06")
    assert refused.code == 1
    assert "Grant roles/bigquery.dataViewer" in refused.out
