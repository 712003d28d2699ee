"""FOCUS exports of AWS: several files of a run, told by their manifest; maps, nulls and columns that AWS leaves out."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from finops.connector import Connector, Source
from finops.errors import BillError
from finops.focus.table import complete
from finops.store.engine import DuckDB
from finops.testing.connector import ConnectorContract
from finops_aws.connector import AwsConnector

JANUARY, FEBRUARY = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)


def write(path: Path, *, rows: int = 1, cost: float = 1.5, **more: list[object] | pa.Array) -> None:
    """A file as the AWS FOCUS export writes it: doubles, maps, nulls where AWS documents gaps."""
    moments, pairs = pa.timestamp("ms"), pa.map_(pa.string(), pa.string())
    plain = [moment.replace(tzinfo=None) for moment in (JANUARY, FEBRUARY)]
    columns = {
        "BilledCost": [cost] * rows,
        "EffectiveCost": [cost] * rows,
        "ListCost": [2.0] * rows,
        "ContractedCost": [cost] * rows,
        "BillingCurrency": ["USD"] * rows,
        "BillingAccountId": ["012345678901"] * rows,
        "SubAccountId": ["001234567890"] * rows,
        "BillingPeriodStart": pa.array([plain[0]] * rows, moments),
        "BillingPeriodEnd": pa.array([plain[1]] * rows, moments),
        "ChargePeriodStart": pa.array([plain[0]] * rows, moments),
        "ChargePeriodEnd": pa.array([plain[0].replace(hour=1)] * rows, moments),
        "ChargeCategory": ["Usage"] * rows,
        "ProviderName": ["AWS"] * rows,
        "PublisherName": pa.nulls(rows, pa.string()),
        "InvoiceIssuerName": pa.nulls(rows, pa.string()),
        "ServiceName": ["Amazon Elastic Compute Cloud"] * rows,
        "ServiceCategory": ["Compute"] * rows,
        "ContractedUnitPrice": pa.nulls(rows, pa.float64()),
        "SkuId": pa.nulls(rows, pa.string()),
        "Tags": pa.array([[("project", "search")]] * rows, pairs),
        "x_ServiceCode": ["AmazonEC2"] * rows,
        "x_Operation": ["RunInstances"] * rows,
        "x_CostCategories": pa.array([[("team", "a")]] * rows, pairs),
        "x_Discounts": pa.array([[]] * rows, pairs),
        **more,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)


def deliver(root: Path, *, run: str = "20260105T000000Z-a", cost: float = 1.5) -> None:
    """A run of two files, the second with a column of FOCUS 1.2; the partition's name is in lower case."""
    data = f"fin/focus/data/billing_period=2026-01/{run}"
    write(root / data / "focus-00001.snappy.parquet", rows=2, cost=cost)
    write(root / data / "focus-00002.snappy.parquet", cost=cost, InvoiceId=["42"])
    manifest = root / f"fin/focus/metadata/billing_period=2026-01/{run}/focus-Manifest.json"
    manifest.parent.mkdir(parents=True)
    names = [f"s3://billing/{data}/focus-0000{number}.snappy.parquet" for number in (1, 2)]
    manifest.write_text(json.dumps({"dataFiles": names}))


def connector(root: Path, workdir: Path, *, format: str = "auto") -> AwsConnector:  # noqa: A002 - the source's word
    workdir.mkdir(exist_ok=True)
    return AwsConnector(Source(name="aws", location=str(root), format=format), workdir)


@pytest.mark.parametrize("format", ["auto", "focus"])
def test_the_newest_run_is_read_whole(tmp_path: Path, format: str) -> None:  # noqa: A002 - the source's word
    deliver(tmp_path / "fin", cost=9.0)
    deliver(tmp_path / "fin", run="20260106T000000Z-b")
    made = connector(tmp_path / "fin", tmp_path / "work", format=format)
    [delivery] = made.deliveries()
    raw = made.fetch(delivery)
    control = made.control_totals(raw)
    assert control.billed == {("USD", "2026-01"): Decimal("4.5")}
    with DuckDB(memory_limit="2GB", spill=tmp_path / "work") as engine:
        engine.bind(raw)
        rows = engine.rows(complete(made.to_focus(raw), delivery))
    assert sum(row["BilledCost"] for row in rows) == Decimal("4.5")
    assert sorted(str(row["InvoiceId"]) for row in rows) == ["42", "None", "None"]
    assert {(row["SubAccountId"], row["Tags"], row["x_CostCategories"], row["x_ServiceCode"]) for row in rows} == {
        ("001234567890", '{"project": "search"}', '{"team": "a"}', "AmazonEC2")
    }


def test_a_source_that_asks_for_a_report_does_not_get_focus(tmp_path: Path) -> None:
    deliver(tmp_path / "fin")
    made = connector(tmp_path / "fin", tmp_path / "work", format="cur2")
    with pytest.raises(BillError, match=r'columns of format "focus", and the source asks for "cur2"'):
        made.fetch(made.deliveries()[0])


class TestFocusExport(ConnectorContract):
    """One file of an AWS FOCUS export."""

    def connector(self, source: Source, workdir: Path) -> Connector:
        return AwsConnector(source, workdir)

    def write_export(self, folder: Path) -> None:
        write(folder / "data" / "BILLING_PERIOD=2026-01" / "focus-00001.snappy.parquet", rows=3)
