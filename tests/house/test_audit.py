"""The dependency audit fails on what is known, and never mistakes silence for safety."""

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path

import pytest

Verdict = Callable[[str, str], tuple[int, str]]


@pytest.fixture(scope="module")
def verdict(checkout: Path) -> Verdict:
    spec = importlib.util.spec_from_file_location("audit", checkout / ".ci" / "audit.py")
    assert spec is not None
    assert spec.loader is not None
    audit = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(audit)
    judge: Verdict = audit.verdict
    return judge


def _answer(*dependencies: dict[str, object]) -> str:
    return json.dumps({"dependencies": dependencies, "fixes": []})


def test_a_known_vulnerability_fails_and_is_named(verdict: Verdict) -> None:
    known = {"id": "PYSEC-2026-1", "fix_versions": ["2.0"], "aliases": [], "description": ""}
    code, words = verdict(_answer({"name": "leaky", "version": "1.0", "vulns": [known]}), "")
    assert code == 1
    assert "leaky 1.0: PYSEC-2026-1, fixed in 2.0." in words


def test_an_audit_without_findings_passes(verdict: Verdict) -> None:
    answer = _answer(
        {"name": "sound", "version": "1.0", "vulns": []},
        {"name": "unknown", "skip_reason": "Dependency not found"},
    )
    assert verdict(answer, "") == (0, "1 of 2 packages audited, no vulnerability known.")


def test_a_service_that_knows_no_package_is_called_skipped(verdict: Verdict) -> None:
    code, words = verdict(_answer({"name": "unknown", "skip_reason": "Dependency not found"}), "")
    assert code == 0
    assert words.startswith("skipped: ")


def test_no_network_is_called_skipped(verdict: Verdict) -> None:
    code, words = verdict("", "requests.exceptions.ConnectionError: Max retries exceeded")
    assert code == 0
    assert words.startswith("skipped: ")


def test_a_broken_audit_fails_with_its_own_words(verdict: Verdict) -> None:
    assert verdict("", "ERROR: requirements.lock: no hash for leaky\n") == (
        1,
        "ERROR: requirements.lock: no hash for leaky",
    )
