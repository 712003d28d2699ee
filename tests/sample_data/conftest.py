"""The sample bill, read here from the files as they lie there and by nothing that wrote them."""

import csv
import functools
import gzip
import json
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data"

Row = dict[str, Any]

_CUR2_COLUMNS = [
    "bill_invoice_id",
    "bill_billing_period_start_date",
    "line_item_line_item_type",
    "line_item_usage_account_id",
    "line_item_usage_start_date",
    "line_item_usage_amount",
    "line_item_usage_type",
    "line_item_product_code",
    "line_item_currency_code",
    "line_item_unblended_cost",
    "product_product_family",
    "product_region_code",
    "reservation_effective_cost",
    "reservation_end_time",
    "reservation_reservation_a_r_n",
    "reservation_start_time",
    "reservation_subscription_id",
    "reservation_amortized_upfront_fee_for_billing_period",
    "reservation_unused_amortized_upfront_fee_for_billing_period",
    "reservation_unused_recurring_fee",
    "savings_plan_end_time",
    "savings_plan_offering_type",
    "savings_plan_savings_plan_a_r_n",
    "savings_plan_savings_plan_effective_cost",
    "savings_plan_start_time",
    "savings_plan_total_commitment_to_date",
    "savings_plan_used_commitment",
    "resource_tags",
]


@pytest.fixture(scope="session")
def sample() -> Path:
    """The folder of the sample bill."""
    return SAMPLE


@pytest.fixture(scope="session")
def truth() -> Row:
    """Control totals per source, currency and month, as the generator wrote them."""
    sources: Row = _truth()["sources"]
    return sources


@pytest.fixture(scope="session")
def story() -> Row:
    """What each chapter of the story amounts to, as the generator wrote it."""
    chapters: Row = _truth()["story"]
    return chapters


def _truth() -> Row:
    document: Row = json.loads((SAMPLE / "TRUTH.json").read_text(encoding="utf-8"))
    return document


@pytest.fixture(scope="session")
def rate() -> Callable[[date], Decimal]:
    """Euro for a dollar on a day: the newest rate of the file that is not of a later day."""
    with (SAMPLE / "rates.csv").open(encoding="utf-8", newline="") as file:
        rates = {date.fromisoformat(row["date"]): Decimal(row["rate"]) for row in csv.DictReader(file)}
    return functools.cache(lambda day: rates[max(one for one in rates if one <= day)])


@pytest.fixture(scope="session")
def cur2() -> list[Row]:
    """Line items of the newest execution of every month; amounts as the shortest decimal of the double."""
    newest = {path.parent.parent: path for path in sorted(SAMPLE.glob("aws/**/*-Manifest.json"))}
    return _cur2_rows(newest.values())


@pytest.fixture(scope="session")
def superseded() -> list[Row]:
    """Line items of the one execution that has a newer one beside it."""
    newest = {path.parent.parent: path for path in sorted(SAMPLE.glob("aws/**/*-Manifest.json"))}
    return _cur2_rows(set(SAMPLE.glob("aws/**/*-Manifest.json")) - set(newest.values()))


def _cur2_rows(manifests: Iterable[Path]) -> list[Row]:
    rows = []
    for manifest in manifests:
        for uri in json.loads(manifest.read_text(encoding="utf-8"))["dataFiles"]:
            file = SAMPLE / "aws" / uri.removeprefix("s3://").split("/", 1)[1]
            rows += pq.ParquetFile(file).read(columns=_CUR2_COLUMNS).to_pylist()
    for row in rows:
        row |= {name: Decimal(repr(value)) for name, value in row.items() if isinstance(value, float)}
        row["month"] = f"{row['bill_billing_period_start_date']:%Y-%m}"
        row["day"] = row["line_item_usage_start_date"].date()
    return rows


@pytest.fixture(scope="session")
def legacy() -> list[Row]:
    """Line items of the legacy report that its manifest names."""
    manifest = json.loads(next(SAMPLE.glob("aws-legacy/*/*/*/*-Manifest.json")).read_text(encoding="utf-8"))
    rows: list[Row] = []
    for key in manifest["reportKeys"]:
        with gzip.open(SAMPLE / "aws-legacy" / key, "rt", encoding="utf-8", newline="") as file:
            rows += csv.DictReader(file)
    return rows


@pytest.fixture(scope="session")
def gcp() -> list[Row]:
    """Rows of the Google export, numbers as they stand in the text; the invoice month of the file beside them."""
    rows: list[Row] = []
    for path in sorted(SAMPLE.glob("gcp/*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            rows += [json.loads(line, parse_float=Decimal) | {"file": path.name} for line in file]
    for row in rows:
        row["month"] = f"{row['invoice']['month'][:4]}-{row['invoice']['month'][4:]}"
    return rows


@pytest.fixture(scope="session")
def azure() -> list[Row]:
    """Rows of the FOCUS files."""
    rows: list[Row] = []
    for path in sorted(SAMPLE.glob("azure/*.parquet")):
        rows += pq.ParquetFile(path).read().to_pylist()
    for row in rows:
        row["month"] = f"{row['BillingPeriodStart']:%Y-%m}"
    return rows
