"""The contract of every connector, on a legacy delivery tree and on CUR 2.0."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from finops.connector import Connector, Source
from finops.testing.connector import ConnectorContract
from finops_aws.connector import AwsConnector

_HEADER = (
    "bill/PayerAccountId,bill/BillingPeriodStartDate,bill/BillingPeriodEndDate,lineItem/UsageAccountId,lineItem/LineItemType,"
    "lineItem/UsageStartDate,lineItem/UsageEndDate,lineItem/ProductCode,lineItem/CurrencyCode,lineItem/UnblendedCost,"
    "savingsPlan/SavingsPlanEffectiveCost"
)
_ROWS = (
    "Usage,2026-01-03T00:00:00Z,2026-01-03T01:00:00Z,AmazonEC2,EUR,0.1234567890123456785,",
    "SavingsPlanCoveredUsage,2026-01-03T00:00:00Z,2026-01-03T01:00:00Z,AmazonEC2,EUR,2.5,1.7",
    "SavingsPlanNegation,2026-01-03T00:00:00Z,2026-01-03T01:00:00Z,AmazonEC2,EUR,-2.25,",
    "Tax,2026-01-01T00:00:00Z,2026-01-31T23:59:59Z,AmazonEC2,EUR,1e-7,",
)


class TestLegacyTree(ConnectorContract):
    """A month's manifest and one packed CSV file."""

    def connector(self, source: Source, workdir: Path) -> Connector:
        return AwsConnector(source, workdir)

    def write_export(self, folder: Path) -> None:
        month = folder / "cur" / "report" / "20260101-20260201"
        (month / "run").mkdir(parents=True)
        name = "cur/report/20260101-20260201/run/report-1.csv.gz"
        (month / "report-Manifest.json").write_text(json.dumps({"assemblyId": "run", "reportKeys": [name]}))
        rows = [f"012345678901,2026-01-01T00:00:00Z,2026-02-01T00:00:00Z,001234567890,{row}" for row in _ROWS]
        with gzip.open(folder / name, "wt") as file:
            file.write("\n".join([_HEADER, *rows]) + "\n")


class TestCur2(ConnectorContract):
    """Two months of Parquet without a manifest."""

    format = "cur2"
    currency = "USD"

    def connector(self, source: Source, workdir: Path) -> Connector:
        return AwsConnector(source, workdir)

    def write_export(self, folder: Path) -> None:
        for month in (1, 2):
            start = datetime(2026, month, 1, tzinfo=UTC).replace(tzinfo=None)
            part = folder / "data" / f"BILLING_PERIOD=2026-{month:02d}"
            part.mkdir(parents=True)
            rows = pa.table(
                {
                    "line_item_usage_start_date": pa.array([start, start], pa.timestamp("ms")),
                    "line_item_unblended_cost": [0.1 * month, 1e-9],
                    "resource_tags": pa.array(
                        [[("user_team", "a"), ("aws_createdBy", "x")], []], pa.map_(pa.string(), pa.string())
                    ),
                }
            )
            pq.write_table(rows, part / "export-00001.snappy.parquet")
