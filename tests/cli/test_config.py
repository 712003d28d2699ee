"""`finops config`: the schema, the settings in force, and a check that reads no export."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from finops.config import schema
from tests import exports
from tests.cli.conftest import Run


def test_schema_is_the_json_schema(run: Run, tmp_path: Path) -> None:
    ran = run(tmp_path, "config", "schema")
    assert (ran.code, ran.err) == (0, "")
    Draft202012Validator.check_schema(json.loads(ran.out))
    assert json.loads(ran.out) == schema()


def test_show_tells_defaults_file_and_variables_together(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exports.settings(tmp_path)
    shown = json.loads(run(tmp_path, "config", "show").out)
    assert shown["organisation"]["currency"] == "EUR"
    assert shown["store"]["path"] == ".finops"
    monkeypatch.setenv("FINOPS_STORE_PATH", "elsewhere")
    assert json.loads(run(tmp_path, "config", "show").out)["store"]["path"] == "elsewhere"


def test_show_goes_to_a_file(run: Run, tmp_path: Path) -> None:
    exports.settings(tmp_path)
    ran = run(tmp_path, "config", "show", "-o", tmp_path / "settings.json")
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert json.loads((tmp_path / "settings.json").read_text("utf-8"))["version"] == 1


def test_lint_finds_what_is_legal_and_yet_no_use(run: Run, tmp_path: Path) -> None:
    rules = '[[budgets]]\nname = "b"\nscope = { project = "serach" }\nlimit = 1\n'
    exports.settings(tmp_path, rules=exports.PROJECTS + rules)
    ran = run(tmp_path, "config", "lint")
    assert ran.code == 0
    assert ran.out == "finops.toml: ok, 1 sources, 2 projects, 1 budgets\n"
    assert "a budget is scoped to project 'serach', which no [[projects]] entry names" in ran.err
    assert run(tmp_path, "config", "lint", "--quiet").err == ""
