"""`finops doctor`: every trouble with its remedy, as text and as JSON; a policy without a configuration."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from finops import diagnosis
from finops.config import SourceEntry
from finops.connector import Check, Source
from finops.diagnosis import Diagnosis, Part
from finops.report import pdf, records
from tests import exports
from tests.cli.conftest import Run
from tests.exports import on
from tests.shop import Shop

PUBLISHED = Path(__file__).parents[2] / "docs" / "schemas" / "doctor-1.schema.json"


@pytest.fixture
def healthy(shop: Shop) -> Shop:
    """A folder with one ingested export."""
    shop.bill("a.csv", on("2026-01-05", "10"), on("2026-02-05", "10"))
    exports.settings(shop.folder)
    shop.ingest()
    return shop


def test_all_is_well(run: Run, healthy: Shop) -> None:
    ran = run(healthy.folder, "doctor", "--as-of", "2026-02-06")
    assert ran.code == 0
    assert ran.out.splitlines()[:7] == [
        "configuration",
        "  ok      file: finops.toml is valid: 1 source, 0 budgets.",
        "store",
        f"  ok      tables: {healthy.folder}/.finops holds 2 rows of 2 months, 2026-01 to 2026-02.",
        "source acme",
        "  ok      exports: 1 delivery, none of them new or restated since the last ingest.",
        "  ok      freshness: Charges are stored up to 2026-02-05.",
    ]


def test_late_data_is_told_with_what_to_do(run: Run, healthy: Shop) -> None:
    ran = run(healthy.folder, "doctor", "--as-of", "2026-02-20")
    assert ran.code == 0
    assert "  note    freshness: The last charges stored are of 2026-02-05, 15 days before 2026-02-20." in ran.out
    assert "          Type: finops ingest." in ran.out


def test_a_new_export_is_told(run: Run, healthy: Shop) -> None:
    healthy.bill("b.csv", on("2026-02-06", "1"))
    out = run(healthy.folder, "doctor", "--as-of", "2026-02-06").out
    assert "2 deliveries, 1 of them new or restated since the last ingest.\n          Type: finops ingest\n" in out


def test_an_empty_store_and_no_source_are_no_failure(run: Run, tmp_path: Path) -> None:
    (tmp_path / "finops.toml").write_text('version = 1\n[organisation]\nname = "A"\n')
    ran = run(tmp_path, "doctor")
    assert ran.code == 0
    assert "  note    sources: No [[sources]] say where the bills come from.\n" in ran.out
    assert "  note    tables: " in ran.out


@pytest.mark.parametrize("table", ["cost", "allocated"])
def test_a_damaged_store_fails_whichever_table_it_is(run: Run, healthy: Shop, table: str) -> None:
    files = healthy.tables.cost.files() if table == "cost" else healthy.tables.allocated.files()
    Path(files[0].uri).unlink()
    ran = run(healthy.folder, "doctor", "--as-of", "2026-02-06")
    assert ran.code == 1
    assert f"FAILED  tables: 1 data file of {healthy.folder}/.finops is gone or cut short: {files[0].uri}." in ran.out
    assert "          Type: finops ingest, which makes them again from the exports." in ran.out

    entry = healthy.folder / ".finops" / table / "_delta_log" / "00000000000000000001.json"
    entry.write_bytes(entry.read_bytes()[:100])
    ran = run(healthy.folder, "doctor", "--as-of", "2026-02-06")
    assert ran.code == 1
    assert f"{entry} is damaged." in ran.out


def test_a_source_that_cannot_be_read_fails(run: Run, healthy: Shop) -> None:
    exports.settings(healthy.folder, ("acme", "focus", "nowhere"))
    ran = run(healthy.folder, "doctor")
    assert ran.code == 1
    assert f"  FAILED  exports: {healthy.folder}/nowhere does not exist.\n" in ran.out


def test_a_broken_configuration_fails_with_its_exit_code(run: Run, tmp_path: Path) -> None:
    (tmp_path / "finops.toml").write_text("version = 1\ncolour = 1\n")
    ran = run(tmp_path, "doctor")
    assert ran.code == 2
    assert "FAILED  file: finops.toml, line 2: unknown key 'colour'." in ran.out
    assert "PDF libraries" in ran.out


def test_a_missing_rates_file_fails(run: Run, healthy: Shop) -> None:
    exports.settings(healthy.folder, rules='[rates]\nfile = "rates.csv"\n')
    ran = run(healthy.folder, "doctor")
    assert ran.code == 2
    assert "FAILED  rates: " in ran.out


def test_pdf_libraries_are_named_with_their_packages(run: Run, healthy: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> Any:  # noqa: ANN401 - as the function it stands for
        raise pdf.LibrariesMissing("no libpango")

    monkeypatch.setattr(pdf, "_weasyprint", missing)
    ran = run(healthy.folder, "doctor")
    assert ran.code == 1
    assert "FAILED  PDF libraries: The PDF libraries cannot be loaded: no libpango.\n" in ran.out
    assert "apt-get install -y libpango-1.0-0" in ran.out


def test_json_follows_its_published_schema(run: Run, healthy: Shop) -> None:
    document = json.loads(run(healthy.folder, "doctor", "--format", "json", "--as-of", "2026-02-06").out)
    schema = records.schema_document(Diagnosis, schema=diagnosis.SCHEMA, title="What finops doctor found")
    assert json.loads(PUBLISHED.read_text("utf-8")) == schema
    Draft202012Validator(schema).validate(document)
    assert (document["schema"], document["status"]) == ("finops.doctor/1", "ok")


def test_a_connector_without_policy_says_so(run: Run, tmp_path: Path) -> None:
    ran = run(tmp_path, "doctor", "--print-policy", "focus")
    assert ran.code == 2
    assert "The connector 'focus' publishes no policy" in ran.err


def test_an_unknown_connector_is_answered_with_the_nearest(run: Run, tmp_path: Path) -> None:
    ran = run(tmp_path, "doctor", "--print-policy", "focsu")
    assert ran.code == 2
    assert "Did you mean 'focus'?" in ran.err


class _Ill:
    """A connector that has looked at itself."""

    def __init__(self, source: Source, workdir: Path) -> None:
        self.source = source
        self.workdir = workdir

    def checks(self) -> list[Check]:
        bad = "\x1b[2Jnone\n"
        return [Check(name="credentials", status="failed", message=f"Expired: {bad}.", todo="Log in again.")]

    def policy(self) -> str:
        return f"read {self.source.location or 'BUCKET'}"


def test_what_a_connector_says_is_shown_and_its_exports_are_not_asked_for(
    run: Run, healthy: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("finops.plugins.connector", lambda _, source, workdir: _Ill(source, workdir))
    ran = run(healthy.folder, "doctor")
    assert ran.code == 1
    assert "  FAILED  credentials: Expired:  [2Jnone .\n          Log in again.\n  note    freshness" in ran.out


def test_the_policy_of_a_source_names_its_location(monkeypatch: pytest.MonkeyPatch, healthy: Shop) -> None:
    monkeypatch.setattr("finops.plugins.connector", lambda _, source, workdir: _Ill(source, workdir))
    config = exports.configured(healthy.folder)
    assert isinstance(config.sources[0], SourceEntry)
    assert diagnosis.policy("acme", config) == f"read {healthy.folder}/bills"
    assert diagnosis.policy("focus", config) == diagnosis.policy("focus", None) == "read BUCKET"


def test_a_part_is_found_by_its_name() -> None:
    broken = Part(name="configuration", checks=(Check(name="file", status="failed", message="x"),))
    found = Diagnosis(as_of=on("2026-01-01", "1").day, status="failed", parts=(broken,))
    assert found.is_misconfigured
