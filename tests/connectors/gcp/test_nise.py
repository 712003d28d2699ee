"""Fresh exports of a generator that nobody here wrote: every digit of cost and credits is in the table."""

import ast
import csv
import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from finops.money import add, stored

if TYPE_CHECKING:
    from .conftest import Bench

pytestmark = pytest.mark.long

INPUT = """\
---
generators:
  - ComputeEngineGenerator:
      start_date: 2026-01-30
      end_date: 2026-02-02
      price: 0.0475
      usage.amount_in_pricing_units: 1
      sku_id: CF4E-A0C7-E3BF
      instance_type: n2-standard-4
      location.region: us-east4-a
      currency: USD
      labels: [{"environment": "prod"}]
      credit_amount: -0.0142
      cross_over:
        month: all
        days: [ 1, -1 ]
        overwrite: True
  - CloudStorageGenerator:
      start_date: 2026-01-30
      end_date: 2026-02-02
      price: 0.02
      usage.amount_in_pricing_units: 2
      location.region: us-east4-a
      currency: USD
      credit_amount: -0.01
projects:
  - billing_account_id: 01ABCD-234567-89EF01
    project.name: Atlas Production
    project.id: atlas-prod
    project.labels: owner:ana
    location.location: us-east4
    location.country: US
    location.region: us-east4
    location.zone: us-east4-a
"""


def generated(folder: Path, *form: str) -> list[Path]:
    """The files of a fresh export."""
    (folder / "input.yml").write_text(INPUT)
    nise = Path(sys.executable).with_name("nise")
    days = ("-s", "2026-01-30", "-e", "2026-02-02")
    given = ("--static-report-file", "input.yml", "-w", "-r")
    subprocess.run([nise, "report", "gcp", *days, *given, *form], cwd=folder, check=True, capture_output=True)
    return sorted(path for path in folder.iterdir() if path.suffix in {".csv", ".json"})


def summed(records: Iterable[tuple[str, str, Any]]) -> dict[tuple[str, str], Decimal]:
    """Net cost per month of records: month, cost and credits."""
    found: dict[tuple[str, str], Decimal] = {}
    for month, cost, credits_of in records:
        listed = credits_of if isinstance(credits_of, list) else [credits_of] if credits_of else []
        amounts = [stored(str(cost)), *(stored(str(one["amount"])) for one in listed)]
        key = ("USD", f"{month[:4]}-{month[4:]}")
        found[key] = add(found.get(key, Decimal(0)), *amounts)
    return found


def test_flat_csv(bench: "Bench", tmp_path: Path) -> None:
    files = generated(tmp_path)
    assert len(files) == 2
    for path in files:
        with path.open(newline="") as text:
            rows: list[Mapping[str, str]] = list(csv.DictReader(text))
        told = ((row["invoice.month"], row["cost"], ast.literal_eval(row["credits"] or "[]")) for row in rows)
        assert bench.read(path).control.billed == summed(told)


def test_nested_json(bench: "Bench", tmp_path: Path) -> None:
    (path,) = generated(tmp_path, "--gcp-dataset-name", "fresh")
    records = [json.loads(line, parse_float=str) for line in path.read_text().splitlines()]
    told = ((one["invoice"]["month"], one["cost"], one.get("credits")) for one in records)
    read = bench.read(path)
    assert read.control.billed == summed(told)
    assert len(read.rows) >= len(records) > 100
