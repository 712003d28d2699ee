"""Fresh reports of a generator that nobody here wrote: every digit of cost is in the table, whatever the delivery."""

import csv
import gzip
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from finops.connector import Source
from finops.focus.table import complete
from finops.money import add, stored
from finops.store.engine import DuckDB
from finops_aws.connector import AwsConnector

pytestmark = pytest.mark.long

INPUT = """\
---
generators:
  - EC2Generator:
      start_date: 2026-03-28
      end_date: 2026-04-04
      resource_id: 91000001
      product_sku: FRESH0000001
      region: eu-central-1a
      tags:
        resourceTags/user:team: käse "x"
        resourceTags/user:Team: other
      instance_type: {inst_type: c6i.large, physical_cores: 1, vcpu: 2, memory: '4 GiB', storage: 'EBS Only', \
family: 'Compute Optimized', cost: 0.0970000001, rate: 0.0970000001}
  - EC2Generator:
      start_date: 2026-03-29
      end_date: 2026-04-03
      resource_id: 91000002
      product_sku: FRESH0000002
      region: us-west-2b
      instance_type: {inst_type: m6g.xlarge, physical_cores: 4, vcpu: 4, memory: '16 GiB', storage: 'EBS Only', \
family: 'General Purpose', cost: 0.154, rate: 0.154, saving: 0.1021}
  - EC2Generator:
      start_date: 2026-03-29
      end_date: 2026-04-02
      resource_id: 91000002
      product_sku: FRESH0000002
      region: us-west-2b
      instance_type: {inst_type: m6g.xlarge, physical_cores: 4, vcpu: 4, memory: '16 GiB', storage: 'EBS Only', \
family: 'General Purpose', cost: 0.154, rate: 0.154, negation: true}
  - S3Generator:
      start_date: 2026-03-28
      end_date: 2026-04-04
      product_sku: FRESH0000003
      resource_id: 91000003
      amount: 7.3
      rate: 0.0245
  - MarketplaceGenerator:
      start_date: 2026-03-28
      end_date: 2026-04-04
      resource_id: 91000004
      product_sku: FRESH0000004
      region: eu-west-1a
      instance_type: {inst_type: m5.large, vcpu: 2, memory: '8 GiB', storage: 'EBS Only', family: 'General Purpose', \
cost: 0.0333, rate: 0.0333}
accounts:
  payer: 091000000001
  user: [091000000001, 091000000002]
  currency_code: EUR
"""
"""A negation that ends a day before the usage it cancels, so that a rest stays."""


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree of two months, several files each, as the generator delivers it into a bucket."""
    folder = tmp_path_factory.mktemp("nise")
    (folder / "input.yml").write_text(INPUT, encoding="utf-8")
    (folder / "bucket").mkdir()
    nise = Path(sys.executable).with_name("nise")
    given = ("--static-report-file", "input.yml", "-w", "--file-row-limit", "300")
    place = ("--aws-s3-bucket-name", "bucket", "--aws-s3-report-name", "fresh", "--aws-s3-report-prefix", "fin")
    days = ("-s", "2026-03-28", "-e", "2026-04-04")
    subprocess.run([nise, "report", "aws", *days, *given, *place], cwd=folder, check=True, capture_output=True)
    return folder / "bucket"


def lines(bucket: Path) -> Iterator[Mapping[str, str]]:
    """Every line of the files that the months' manifests name, read by the csv module."""
    for manifest in sorted(bucket.glob("fin/fresh/*/fresh-Manifest.json")):
        for name in json.loads(manifest.read_text())["reportKeys"]:
            with gzip.open(bucket / name, "rt", encoding="utf-8", newline="") as text:
                yield from csv.DictReader(text)


def summed(rows: Iterator[Mapping[str, str]], column: str) -> dict[str, Decimal]:
    """A column by billing month."""
    found: dict[str, Decimal] = {}
    for row in rows:
        month = row["bill/BillingPeriodStartDate"][:7]
        found[month] = add(found.get(month, Decimal(0)), stored(row[column] or "0"))
    return found


def read(location: Path, workdir: Path) -> dict[str, dict[str, Decimal]]:
    """Billed and effective cost by month of every delivery, mapped; proved against the control totals."""
    workdir.mkdir()
    connector = AwsConnector(Source(name="aws", location=str(location)), workdir)
    found: dict[str, dict[str, Decimal]] = {}
    for delivery in connector.deliveries():
        raw = connector.fetch(delivery)
        with DuckDB(memory_limit="2GB", spill=workdir) as engine:
            engine.bind(raw)
            rows = engine.rows(complete(connector.to_focus(raw), delivery))
        for (currency, month), billed in connector.control_totals(raw).billed.items():
            mine = [row for row in rows if f"{row['BillingPeriodStart']:%Y-%m}" == month]
            assert currency == "EUR"
            assert {row["BillingAccountId"] for row in mine} == {"091000000001"}
            assert add(*(row["BilledCost"] for row in mine)) == billed
            found[month] = {name: add(*(row[name] for row in mine)) for name in ("BilledCost", "EffectiveCost")}
    return found


def test_a_delivery_tree_is_exact_to_the_last_digit(bucket: Path, tmp_path: Path) -> None:
    found = read(bucket / "fin" / "fresh", tmp_path / "work")
    billed = summed(lines(bucket), "lineItem/UnblendedCost")
    assert len(billed) == 2
    assert {month: amounts["BilledCost"] for month, amounts in found.items()} == billed
    kinds = {row["lineItem/LineItemType"] for row in lines(bucket)}
    assert {"Usage", "SavingsPlanCoveredUsage", "SavingsPlanNegation"} <= kinds
    covered = summed(
        (row for row in lines(bucket) if row["lineItem/LineItemType"] == "SavingsPlanCoveredUsage"),
        "savingsPlan/SavingsPlanEffectiveCost",
    )
    # Effective cost is what was billed plus the covered usage's share of a plan whose fee is not in this report.
    assert {month: amounts["EffectiveCost"] for month, amounts in found.items()} == {
        month: add(amount, covered.get(month, Decimal(0))) for month, amount in billed.items()
    }


def test_the_same_lines_as_parquet_of_text_cost_the_same(bucket: Path, tmp_path: Path) -> None:
    """Columns as legacy Parquet and CUR 2.0 name them."""
    rows = list(lines(bucket))
    names = [name for name in rows[0] if name.split("/")[0] not in {"resourceTags", "costCategory"}]
    for month in {row["bill/BillingPeriodStartDate"][:7] for row in rows}:
        part = tmp_path / "export" / "data" / f"BILLING_PERIOD={month}"
        part.mkdir(parents=True)
        with (part / "all.csv").open("w", newline="", encoding="utf-8") as text:
            writer = csv.writer(text)
            writer.writerow([_snake(name) for name in names])
            writer.writerows([row[name] for name in names] for row in rows if row[names[0]] and _month(row) == month)
        source = duckdb.read_csv(str(part / "all.csv"), all_varchar=True)
        source.write_parquet(str(part / "export-00001.snappy.parquet"))
        (part / "all.csv").unlink()
    assert read(tmp_path / "export", tmp_path / "work") == read(bucket / "fin" / "fresh", tmp_path / "again")


def _month(row: Mapping[str, str]) -> str:
    return row["bill/BillingPeriodStartDate"][:7]


def _snake(name: str) -> str:
    group, _, rest = name.partition("/")
    return "_".join(
        "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in part).strip("_")
        for part in (group, rest)
    )
