"""The connector: what it asks of its source, and what it says when something is missing."""

import json
from pathlib import Path

import pytest

from finops.connector import Source
from finops.errors import AccessError, BillError, ConfigurationError
from finops_aws.connector import AwsConnector

from .conftest import write_csv


def build(location: Path | None, tmp_path: Path, *, format: str = "auto") -> AwsConnector:  # noqa: A002 - the source's word
    (tmp_path / "work").mkdir(exist_ok=True)
    source = Source(name="aws", location=str(location) if location else None, format=format)
    return AwsConnector(source, tmp_path / "work")


def test_a_source_without_location_is_a_matter_of_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no location"):
        build(None, tmp_path).deliveries()


def test_a_format_nobody_knows_is_a_matter_of_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r'format "xml".*auto, cur, cur2, focus'):
        build(tmp_path, tmp_path, format="xml").deliveries()


def test_a_missing_file_is_named_with_its_manifest(tmp_path: Path) -> None:
    month = tmp_path / "20260101-20260201"
    month.mkdir()
    (month / "r-Manifest.json").write_text(json.dumps({"reportKeys": ["p/r/20260101-20260201/a/r-1.csv.gz"]}))
    connector = build(tmp_path, tmp_path)
    [delivery] = connector.deliveries()
    with pytest.raises(AccessError, match=r"r-Manifest.json names the file .*20260101-20260201/a/r-1.csv.gz"):
        connector.fetch(delivery)


def test_a_file_that_arrives_changes_the_fingerprint(tmp_path: Path) -> None:
    month = tmp_path / "20260101-20260201"
    month.mkdir()
    (month / "r-Manifest.json").write_text(json.dumps({"reportKeys": ["20260101-20260201/r-1.csv"]}))
    [before] = build(tmp_path, tmp_path).deliveries()
    write_csv(month / "r-1.csv", [{}])
    [after] = build(tmp_path, tmp_path).deliveries()
    assert (before.key, before.files) == (after.key, after.files)
    assert before.fingerprint != after.fingerprint


def test_an_export_without_currency_needs_one_configured(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("cost,usage_start_date\n1,2026-01-01\n")
    connector = build(tmp_path / "r.csv", tmp_path)
    with pytest.raises(BillError, match=r'no currency column.*"aws" in finops.toml'):
        connector.fetch(connector.deliveries()[0])
