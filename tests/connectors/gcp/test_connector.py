"""Exports of a location are deliveries; other files are named or refused, and none with costs is passed over."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from finops.connector import Source
from finops.errors import BillError, ConfigurationError
from finops_gcp.connector import GcpConnector

if TYPE_CHECKING:
    from .conftest import Bench

Lines = Callable[..., str]


def test_every_export_of_a_folder_is_a_delivery_named_by_its_path(bench: "Bench", lines: Lines) -> None:
    for name in ("b.jsonl", "2026/a.json", "_temporary/c.json", "notes.txt"):
        bench.file(lines({}), name)
    assert [delivery.key for delivery in bench.connector(bench.folder).deliveries()] == ["2026/a.json", "b.jsonl"]


def test_a_glob_holds_the_files_it_names(bench: "Bench", lines: Lines) -> None:
    for name in ("a.jsonl", "b.jsonl", "b.csv"):
        bench.file(lines({}), name)
    assert [found.key for found in bench.connector(bench.folder / "*.jsonl").deliveries()] == ["a.jsonl", "b.jsonl"]


def test_a_file_without_costs_beside_exports_is_named_once(bench: "Bench", lines: Lines) -> None:
    bench.file(lines({}), "a.jsonl")
    bench.file(lines({}), "b.jsonl")
    bench.file('[{"id": "1", "commitments_amount": 100}]', "commitments.json")
    connector = bench.connector(bench.folder)
    findings = [connector.fetch(delivery).findings for delivery in connector.deliveries()]
    assert [[finding.rule for finding in found] for found in findings] == [["gcp.foreign-file"], []]
    assert "commitments.json" in findings[0][0].message


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("other.json", '{"id": 1}\n{"id": 2, "billing": {"total_cost": 5}}'),
        ("focus.csv", "BilledCost,ChargePeriodStart\n1,2026-01-01T00:00:00Z\n"),
    ],
)
def test_a_foreign_file_with_costs_is_refused(bench: "Bench", lines: Lines, name: str, content: str) -> None:
    bench.file(lines({}), "a.jsonl")
    bench.file(content, name)
    with pytest.raises(BillError, match=name):
        bench.connector(bench.folder).deliveries()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("BilledCost,ChargePeriodStart\n1,2026-01-01T00:00:00Z\n", 'connector = "focus"'),
        ("identity/LineItemId,lineItem/UnblendedCost\na,1\n", 'connector = "aws"'),
        ("line_item_unblended_cost,bill_payer_account_id\n1,a\n", 'connector = "aws"'),
        ('[{"type": "STRING", "name": "cost", "mode": "NULLABLE"}]', "a BigQuery table schema"),
        ('{"id": "1", "amount": 100}', "the fields id, amount"),
        ("", "an empty file"),
    ],
)
def test_a_file_that_is_no_export_is_refused_with_what_it_looks_like(bench: "Bench", content: str, words: str) -> None:
    with pytest.raises(BillError, match=words):
        bench.connector(bench.file(content, "bill.data")).deliveries()


def test_a_folder_without_exports_says_what_is_there(bench: "Bench") -> None:
    bench.file('{"id": "1"}', "commitments.json")
    with pytest.raises(BillError, match=r"commitments\.json looks like"):
        bench.connector(bench.folder).deliveries()


def test_a_missing_currency_is_taken_from_the_source_and_said(bench: "Bench") -> None:
    read = bench.read_records({"currency": None}, {}, currency="CHF")
    assert {row["BillingCurrency"] for row in read.rows} == {"CHF", "EUR"}
    assert "organisation.currency" in read.finding("gcp.currency-assumed").message


def test_a_missing_currency_without_one_in_the_source_is_an_error(bench: "Bench", lines: Lines) -> None:
    connector = bench.connector(bench.file(lines({}, {"currency": None})))
    with pytest.raises(ConfigurationError, match=r"line 2 .*`currency`"):
        connector.fetch(connector.deliveries()[0])


@pytest.mark.parametrize(
    ("location", "kind", "words"),
    [(None, "auto", "BigQuery"), ("s3://b/x", "auto", "gs://bucket"), ("/x", "cur2", "cur2")],
)
def test_what_it_cannot_read_is_said_with_what_to_do(
    bench: "Bench", location: str | None, kind: str, words: str
) -> None:
    with pytest.raises(ConfigurationError, match=words):
        GcpConnector(Source(name="s", location=location, format=kind), bench.workdirs()).deliveries()


def test_a_missing_cost_counts_as_nothing_and_is_said(bench: "Bench") -> None:
    read = bench.read_records({}, {"cost": None, "credits": [{"type": "DISCOUNT", "amount": -1}]})
    assert read.sum("BilledCost") == 9
    assert read.finding("gcp.cost-missing").rows == 1


def test_json_that_is_no_export_but_text_is_refused(bench: "Bench") -> None:
    with pytest.raises(BillError, match=r"notes\.json"):
        bench.connector(bench.file("{no json", "notes.json")).deliveries()


def test_a_configured_currency_changes_the_fingerprint(bench: "Bench", lines: Lines) -> None:
    path = bench.file(lines({}))
    found = {bench.connector(path, currency=currency).deliveries()[0].fingerprint for currency in (None, "EUR", "USD")}
    assert len(found) == 3


def test_findings_name_json_fields_only_where_they_are_doubtful(bench: "Bench") -> None:
    assert json.dumps([finding.rule for finding in bench.read_records({}).findings]) == "[]"
