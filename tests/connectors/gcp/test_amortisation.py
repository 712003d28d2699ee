"""Older commitments: fees move to the usage that credits covered, to the last digit; the rest is unused."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.money import add
from finops.store.engine import Engine
from finops_gcp import json_file
from finops_gcp.amortisation import Amortisation
from finops_gcp.commitments import Bill
from finops_gcp.settlement import Settlement

from .conftest import Bench, Read, record

CASES = Path(__file__).with_name("google_commitments.txt")
GOOGLES = Path(__file__).parents[4] / "shared/data/billing/gcp/google_cud_tests"
"""Google's files, where they are."""

CREDITS = {"committed": "Committed Usage Discount: RAM", "sustained": "Sustained Usage Discount"}
RAM_FEE = {"id": "FEE", "description": "Commitment v1: Ram in Americas for 3 Year"}
RAM = {"id": "RAM", "description": "N1 Standard Instance Ram running in Americas"}
FLEX_FEE = {"id": "FLEX", "description": "Commitment - dollar based v1: GCE Flexible CUD for 1 year"}

FEE_KEY = Bill("account", "201901", "USD").fee_key("FEE", "")

Expected = list[tuple[str, str, str, str, Decimal]]


def _cases() -> Iterator[tuple[str, list[dict[str, Any]], Expected]]:
    for block in CASES.read_text().split("\ncase ")[1:]:
        name, *lines = block.splitlines()
        records: list[dict[str, Any]] = []
        expected: Expected = []
        for line in (line for line in lines if line and not line.startswith("#")):
            given_row, _, effective = line.partition(" -> ")
            kind, day, month, project, *rest = given_row.split()
            expected.append((kind, day, month, project, Decimal(effective)))
            if kind != "unused":
                records.append(_record(kind, day, month, project, rest))
        yield name, records, sorted(expected)


def _record(kind: str, day: str, month: str, project: str, rest: list[str]) -> dict[str, Any]:
    _, cost, *credit_words = rest
    pairs = zip(credit_words[::2], credit_words[1::2], strict=True)
    return {
        "sku": RAM_FEE if kind == "fee" else RAM,
        "usage_start_time": f"{day} 08:25:11.227 UTC",
        "usage_end_time": f"{day} 12:25:14.792 UTC",
        "project": {"id": project},
        "location": {"region": "us-west1"},
        "invoice": {"month": month},
        "cost": cost,
        "usage": {"amount": cost, "unit": "gibibyte hour"},
        "credits": [{"name": CREDITS[name], "amount": amount} for name, amount in pairs],
    }


def _told(read: Read) -> Expected:
    """Kind, day, invoice month, project and effective cost of every row."""
    found: Expected = []
    for row in read.rows:
        kind = "fee" if row["ChargeCategory"] == "Purchase" else "usage"
        kind = "unused" if row["CommitmentDiscountStatus"] == "Unused" else kind
        day, month = f"{row['ChargePeriodStart']:%Y-%m-%d}", f"{row['BillingPeriodStart']:%Y%m}"
        found.append((kind, day, month, row["SubAccountId"], row["EffectiveCost"]))
    return sorted(found)


def _per_commitment(read: Read) -> dict[str, tuple[Decimal, Decimal]]:
    """What was paid for each commitment and what usage rows carry of it."""
    fees = {row["CommitmentDiscountId"]: Decimal(0) for row in read.of("Purchase")}
    paid, carried = dict(fees), dict(fees)
    for row in read.rows:
        name = row["CommitmentDiscountId"]
        if row["ChargeCategory"] == "Purchase":
            paid[name] = add(paid[name], row["BilledCost"])
        elif name:
            carried[name] = add(carried[name], row["EffectiveCost"], -row["BilledCost"])
    return {name: (paid[name], carried[name]) for name in paid}


@pytest.fixture(scope="module")
def together(
    gcp_engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Mapping[str, Iterable[Mapping[str, Any]]]], dict[str, Read]]:
    """Reads cases in one file, each as a billing account of its own: accounts share nothing."""

    def read(cases: Mapping[str, Iterable[Mapping[str, Any]]]) -> dict[str, Read]:
        bench = Bench(
            folder=tmp_path_factory.mktemp("cases"),
            engine=gcp_engine,
            workdirs=lambda: tmp_path_factory.mktemp("workdir"),
        )
        named = ({**one, "billing_account_id": name} for name, records in cases.items() for one in records)
        found = bench.read(bench.file("".join(json.dumps(one) + "\n" for one in named)))
        rows: dict[str, list[dict[str, Any]]] = {name: [] for name in cases}
        for row in found.rows:
            rows[row["BillingAccountId"]].append(row)
        return {name: replace(found, rows=of_case) for name, of_case in rows.items()}

    return read


@pytest.fixture(scope="module")
def googles_cases(together: Callable[..., dict[str, Read]]) -> dict[str, Read]:
    return together({name: [record(**one) for one in records] for name, records, _ in _cases()})


@pytest.mark.parametrize(("name", "expected"), [(name, expected) for name, _, expected in _cases()])
def test_googles_cases_have_the_effective_cost_that_is_justified_there(
    googles_cases: dict[str, Read], name: str, expected: Expected
) -> None:
    read = googles_cases[name]
    assert _told(read) == expected, name
    for paid, carried in _per_commitment(read).values():
        assert carried == paid
    assert read.sum("EffectiveCost") == read.sum("BilledCost")


@pytest.mark.skipif(not GOOGLES.is_dir(), reason="Google's files are not on this machine")
def test_googles_own_files_give_the_same(together: Callable[..., dict[str, Read]]) -> None:
    files = {name: GOOGLES / f"test_{name}" / "export.json" for name, *_ in _cases()}
    found = together({name: [one for _, one in json_file.objects(path)] for name, path in files.items()})
    for name, _, expected in _cases():
        assert _told(found[name]) == expected, name


def test_a_fee_of_memory_covers_no_cores_and_is_unused(bench: Bench) -> None:
    read = bench.read_records(
        {"sku": RAM_FEE, "cost": 40}, {"credits": [{"type": "COMMITTED_USAGE_DISCOUNT", "amount": -6}]}
    )
    assert sorted((row["BilledCost"], row["EffectiveCost"]) for row in read.rows) == [(0, 40), (4, 4), (40, 0)]
    assert read.finding("gcp.commitment-unused").cost == 40
    assert read.finding("gcp.commitment-fee-elsewhere").cost == 6


def test_a_commitment_of_a_kind_without_credits_stays_where_it_was_billed(bench: Bench) -> None:
    read = bench.read_records({"sku": {"id": "S", "description": "BigQuery Enterprise 1 Year Commitment"}, "cost": 40})
    assert [(row["BilledCost"], row["EffectiveCost"]) for row in read.rows] == [(40, 40)]
    assert read.finding("gcp.commitment-not-amortised").cost == 40


def test_commitments_of_money_are_shared_by_credits_and_what_exceeds_them_is_unused(bench: Bench) -> None:
    credit = {"type": "COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE", "name": "Committed Usage Discount - Dollar Based"}
    used = [{"cost": 30, "credits": [{**credit, "amount": -amount}], "project": {"id": "llm"}} for amount in (10, 20)]
    elsewhere = {"location": {"region": "us-east1"}, "cost": 10, "credits": [{**credit, "amount": -10}]}
    read = bench.read_records({"sku": FLEX_FEE, "cost": 50, "usage": None, "project": None}, *used, elsewhere)
    found = sorted((row["SubAccountId"] or "", row["BilledCost"], row["EffectiveCost"]) for row in read.rows)
    assert found == [("", 0, 10), ("", 50, 0), ("llm", 10, 30), ("llm", 20, 30), ("search-prod", 0, 10)]
    assert "was used" in read.finding("gcp.commitment-use-estimated").message


def test_a_commitment_with_an_identifier_pays_for_the_usage_that_names_it(bench: Bench) -> None:
    def usage(name: str, cost: int) -> dict[str, Any]:
        return {
            "sku": RAM,
            "subscription": {"instance_id": name},
            "cost": cost,
            "usage": {"amount": cost, "unit": "h"},
            "credits": [{"type": "COMMITTED_USAGE_DISCOUNT", "amount": -cost}],
        }

    fees = [
        {"sku": RAM_FEE, "subscription": {"instance_id": name}, "cost": cost, "usage": {"amount": 100, "unit": "h"}}
        for name, cost in (("one", 60), ("three", 40))
    ]
    read = bench.read_records(*fees, usage("one", 50), usage("three", 100))
    assert _per_commitment(read) == {name: (Decimal(paid),) * 2 for name, paid in (("one", 60), ("three", 40))}
    used = {row["CommitmentDiscountId"]: row["EffectiveCost"] for row in read.rows if row["ListCost"] in {50, 100}}
    assert used == {"one": 30, "three": 40}


def test_a_machine_family_takes_its_own_fee_first(bench: Bench) -> None:
    credit = [{"type": "COMMITTED_USAGE_DISCOUNT", "amount": -10}]
    fees = [
        {"sku": {"id": name, "description": f"Commitment v1: {name} in Frankfurt for 1 Year"}, "cost": cost}
        for name, cost in (("N2 Cpu", 5), ("Cpu", 8))
    ]
    old = {"id": "N1", "description": "N1 Predefined Instance Core running in Frankfurt"}
    read = bench.read_records(*fees, {"credits": credit}, {"credits": credit, "sku": old})
    used = {row["SkuMeter"][:2]: row["EffectiveCost"] for row in read.rows if row["CommitmentDiscountStatus"] == "Used"}
    assert used == {"N2": 5, "N1": 8}


_AMOUNTS = st.decimals(min_value=0, max_value=1000, places=9)


@given(
    st.lists(st.tuples(_AMOUNTS, _AMOUNTS, st.sampled_from("ab")), min_size=1, max_size=6),
    st.lists(st.tuples(_AMOUNTS, _AMOUNTS), min_size=1, max_size=3),
    st.sampled_from(["h", "other"]),
)
def test_what_is_carried_and_what_is_unused_add_up_to_the_fees(
    usage: list[tuple[Decimal, Decimal, str]], fees: list[tuple[Decimal, Decimal]], unit: str
) -> None:
    ledger = Amortisation()
    for number, (paid, units) in enumerate(fees):
        cells = {"sku_description": RAM_FEE["description"], "usage_unit": "h", "usage_amount": f"{units:f}"}
        ledger.add_fee({**cells, "project_id": str(number)}, category="Usage", key=FEE_KEY, paid=paid)
    cells = {"sku_description": RAM["description"], "usage_unit": unit, "usage_amount": "3", "cost": "7"}
    rows = [({**cells, "sku_id": sku}, covered) for covered, _, sku in usage]
    ledger.add_usage((n, row, "Usage", "", covered) for n, (row, covered) in enumerate(rows))
    settled = Settlement(ledger, without=())
    shares = [share.amount for some in settled.shares() for share in some]
    assert add(*shares, *(part.amount for part in settled.unused())) == add(*(paid for paid, _ in fees))
    assert min([Decimal(0), *shares]) > Decimal("-1e-15")


def test_a_fee_finds_its_usage_in_another_file_of_the_same_export(bench: Bench, lines: Callable[..., str]) -> None:
    """BigQuery cuts an export into numbered files as it likes."""
    covered = {"sku": RAM, "cost": 40, "credits": [{"type": "COMMITTED_USAGE_DISCOUNT", "amount": -40}]}
    bench.file(lines({"sku": RAM_FEE, "cost": 30}), "bill-000000000000.jsonl")
    bench.file(lines(covered), "bill-000000000001.jsonl")
    read = bench.read(bench.folder)
    assert sorted((row["BilledCost"], row["EffectiveCost"]) for row in read.rows) == [(0, 30), (30, 0)]
    assert read.control.rows == 2
