"""FOCUS files keep the contract of every connector: CSV without a currency of its own, and Parquet."""

from pathlib import Path

import pyarrow as pa
from pyarrow import csv, parquet

from finops.connector import Connector, Source
from finops.testing.connector import ConnectorContract
from finops_focus.connector import FocusConnector

EXPORT = """\
BilledCost,BillingPeriodStart,BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,Provider,ServiceName,Tags
12.5,2026-01-01T00:00:00Z,2026-02-01T00:00:00Z,2026-01-05T00:00:00Z,2026-01-06T00:00:00Z,Usage,Acme,DB,"{'b': 1}"
-2.5,2026-01-01T00:00:00Z,2026-02-01T00:00:00Z,2026-01-31T00:00:00Z,2026-02-01T00:00:00Z,credit,Acme,NULL,NULL
0.0000000000000000005,2026-02-01T00:00:00Z,NULL,2026-02-05T00:00:00Z,,Tax,NULL,DB,
"""


class TestCsv(ConnectorContract):
    """Two files that leave the currency to the source."""

    currency = "EUR"

    def connector(self, source: Source, workdir: Path) -> Connector:
        return FocusConnector(source, workdir)

    def write_export(self, folder: Path) -> None:
        for month in ("01", "02"):
            (folder / f"{month}.csv").write_text(EXPORT)


class TestParquet(TestCsv):
    """The same bill as one Parquet file."""

    def write_export(self, folder: Path) -> None:
        table = csv.read_csv(pa.BufferReader(EXPORT.encode()))
        parquet.write_table(table, folder / "bill.parquet")
