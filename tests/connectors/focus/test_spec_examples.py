"""The specification's own worked examples are read, and every amount in them is kept."""

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from finops.money import add
from tests.connectors.focus.conftest import Bench

_SHARED = Path(__file__).parents[3].parent / "shared" / "data" / "billing" / "focus" / "spec_examples"
EXAMPLES = sorted(_SHARED.glob("*.csv"))

WRITTEN = """\
BilledCost;BillingCurrency;BillingPeriodStart;ChargePeriodStart;ServiceName;Tags\r
1.234,50;EUR;2026-01-01;2026-01-05;Rechner;{"team": "a"}\r
0,000000000000000001;EUR;2026-01-01;2026-01-06;Rechner;\r
-12;EUR;2026-01-01;2026-01-07;Rechner;\r
"""
SPREADSHEET = """\
BilledCost,EffectiveCost,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,PricingQuantity
"$10,000.00 ","$10,000.00 ",USD,4/1/25,5/1/25,4/1/25,4/1/26,"1,000.5"
"($20.50)",$0.00 ,USD,4/1/25,5/1/25,4/1/25,2025-04-01T30:00:00Z,1
"""


def test_german_numbers_are_exact(bench: Bench) -> None:
    read = bench.read(bench.file("\ufeff" + WRITTEN))
    assert add(*(row["BilledCost"] for row in read.rows)) == Decimal("1222.500000000000000001")
    assert read.control.billed == {("EUR", "2026-01"): Decimal("1222.500000000000000001")}


def test_amounts_of_a_spreadsheet_are_exact(bench: Bench) -> None:
    read = bench.read(bench.file(SPREADSHEET), currency="USD")
    assert sorted(row["BilledCost"] for row in read.rows) == [Decimal("-20.50"), Decimal(10_000)]
    assert sorted(row["PricingQuantity"] for row in read.rows) == [1.0, 1000.5]
    assert read.finding("focus.unreadable-end").rows == 1


def plain(text: str) -> Decimal:
    return Decimal(text.strip().replace("$", "").replace(",", ""))


@pytest.mark.skipif(not EXAMPLES, reason="the specification's examples are not beside this checkout")
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_money_is_conserved(bench: Bench, path: Path) -> None:
    with path.open(encoding="utf-8-sig", newline="") as file:
        written: list[dict[str, Any]] = [row for row in csv.DictReader(file) if any(row.values())]
    read = bench.read(path, currency="USD")
    assert len(read.rows) == len(written)
    for name in ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost"):
        if name in written[0]:
            total = add(*(plain(row[name]) for row in written))
            assert add(*(row[name] for row in read.rows)) == total, name
    assert add(*read.control.billed.values()) == add(*(plain(row["BilledCost"]) for row in written))
