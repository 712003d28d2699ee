"""Published tables hold, from input columns alone, and every input matters."""

import csv
import io
import json
import math
from pathlib import Path

import pytest
from click.testing import CliRunner

from finops import verify
from finops.cli.compute import compute
from finops.tco.reasons import NoFigure

HERE = Path(__file__).parent
SHARED = HERE.parents[2] / "shared" / "reference" / "cases"
OURS = tuple(verify.FORMULAS)
WITHOUT_INPUTS = {"lp2368-amortised-hour-h100": "capex and hours stand in its note only, which is no input"}

LABELS = {
    "gpu": "the device's name",
    "device": "the device's name",
    "convention": "another convention is another formula",
}
"""Inputs that name something, and so have no 1 %."""

COUNTS = {"year": "an ordinal: the next year is another case", "n": "whole payments, but any number of them computes"}


def _cases() -> list[dict[str, str]]:
    files = [HERE / "published.csv", *(sorted(SHARED.glob("*.csv")) if SHARED.is_dir() else [])]
    rows = [row for file in files for row in csv.DictReader(io.StringIO(file.read_text("utf-8")))]
    return [row for row in rows if row["formula_id"] in OURS and row["case_id"] not in WITHOUT_INPUTS]


CASES = _cases()
MONEY = [case for case in CASES if case["formula_id"].startswith(("F-FIN", "F-DEP", "F-TCO", "F-CLOUD"))]
"""Whose tables print hardly a column beside the inputs; those of compute print many."""


def _id(case: dict[str, str]) -> str:
    return f"{case['case_id']}-{case['quantity']}"


@pytest.mark.parametrize("case", CASES, ids=_id)
def test_a_published_figure_holds_within_its_tolerance(case: dict[str, str]) -> None:
    expected = float(case["expected"])
    allowed = max(float(case["tol_rel"] or 0) * abs(expected), float(case["tol_abs"] or 0))
    assert abs(verify.computed(case) - expected) <= allowed


@pytest.mark.parametrize("case", CASES, ids=_id)
def test_no_column_of_results_is_read(case: dict[str, str]) -> None:
    blind = {name: "" if name in verify.JUDGED else text for name, text in case.items()}
    assert verify.computed(blind) == verify.computed(case)


def _moved(text: str) -> str | None:
    """A number one percent larger, also inside a list or a quotient; None where it is zero or no number."""
    head, mark, rest = text.partition("/")
    try:
        value = float(head)
    except ValueError:
        return None
    return f"{value * 1.01!r}{mark}{rest}" if value else None


def _variants(case: dict[str, str]) -> list[tuple[str, dict[str, str]]]:
    found: list[tuple[str, dict[str, str]]] = []
    for name in case.keys() - verify.JUDGED - verify.ABOUT - LABELS.keys():
        if name == "call":
            for part in case["call"].split(";"):
                key, _, text = part.partition("=")
                values = text.partition(" (")[0].split("|")
                for at, value in enumerate(values):
                    if (moved := _moved(value)) is not None:
                        changed = "|".join([*values[:at], moved, *values[at + 1 :]])
                        found.append((f"{key}[{at}]", {**case, "call": case["call"].replace(part, f"{key}={changed}")}))
        elif case[name] and (moved := _moved(case[name])) is not None:
            found.append((name, {**case, name: moved}))
    return found


IRRELEVANT = {
    ("F-TCO-8", "tokens_per_month"): {"gpus", "usd_per_gpu", "watts_per_gpu", "usd_per_kwh", "input_share"},
}
"""Columns that a table prints beside a quantity that does not depend on them."""


@pytest.mark.parametrize("case", MONEY, ids=_id)
def test_one_percent_more_of_an_input_moves_the_result(case: dict[str, str]) -> None:
    base, idle = verify.computed(case), IRRELEVANT.get((case["formula_id"], case["quantity"]), set())
    checked = 0
    for name, variant in _variants(case):
        if name in COUNTS and name == "year":
            with pytest.raises(NoFigure, match="whole"):
                verify.computed(variant)
        elif name in idle:
            assert verify.computed(variant) == base
        else:
            assert verify.computed(variant) != base, name
            checked += 1
    assert checked


def _verify(tmp_path: Path, text: str) -> tuple[int, dict[str, object]]:
    (tmp_path / "cases.csv").write_text(text, encoding="utf-8")
    ran = CliRunner().invoke(compute, ["verify", "--cases", str(tmp_path), "--format", "json"], catch_exceptions=False)
    return ran.exit_code, json.loads(ran.stdout)


HEAD = "case_id,formula_id,capex,onprem_usd_per_h,cloud_usd_per_h,quantity,expected,unit,tol_rel,tol_abs,source,as_of\n"


def test_json_has_the_promised_keys_and_a_good_row_exits_with_zero(tmp_path: Path) -> None:
    code, found = _verify(tmp_path, HEAD + "a,F-TCO-1,100,1,2,break_even_hours,100,h,,,me,2026\n")
    assert code == 0
    assert list(found) == ["schema", "rows", "summary"]
    assert found["rows"] == [
        {"case_id": "a", "quantity": "break_even_hours", "expected": 100.0, "computed": 100.0, "ok": True}
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("a,F-TCO-1,100,1,2,break_even_hours,101,h,0.001,,me,2026\n", "computed 100"),
        ("a,F-NEW-1,100,1,2,break_even_hours,100,h,,,me,2026\n", "no formula is called 'F-NEW-1'"),
        ("a,F-TCO-1,100,1,2,price,100,h,,,me,2026\n", "gives break_even_hours"),
        ("a,F-TCO-1,,1,2,break_even_hours,100,h,,,me,2026\n", "the case has no capex"),
        ("a,F-TCO-1,abc,1,2,break_even_hours,100,h,,,me,2026\n", "'abc', which is no number"),
        ("a,F-TCO-1,100,2,2,break_even_hours,100,h,,,me,2026\n", "costs no more than running"),
        ("a,F-TCO-1,100,1,2,break_even_hours,,h,,,me,2026\n", "no number"),
        ("a,F-TCO-1,nan,1,2,break_even_hours,100,h,,,me,2026\n", "not finite"),
    ],
)
def test_a_row_that_does_not_hold_exits_with_one_and_says_why(tmp_path: Path, line: str, reason: str) -> None:
    code, found = _verify(tmp_path, HEAD + line)
    assert code == 1
    summary = found["summary"]
    assert isinstance(summary, dict)
    assert reason in summary["reasons"][0]["reason"]


def test_a_file_that_holds_no_cases_is_a_mistake_with_its_mend(tmp_path: Path) -> None:
    from finops.errors import ConfigurationError

    (tmp_path / "x.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="holds no cases"):
        verify.verify(tmp_path / "x.csv")


def test_a_line_with_too_many_cells_is_a_mistake(tmp_path: Path) -> None:
    from finops.errors import ConfigurationError

    (tmp_path / "x.csv").write_text(HEAD + "a,F-TCO-1,1,2,3,4,5,6,7,8,9,10,11,12\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="columns"):
        verify.verify(tmp_path / "x.csv")


@pytest.mark.parametrize(("unit", "factor"), [("percent", 100.0), ("-", 1.0), ("", 1.0)])
def test_a_share_is_given_in_the_unit_asked_for(unit: str, factor: float) -> None:
    case = {"formula_id": "F-CLOUD-2", "quantity": "break_even_utilisation", "discount": "0.25", "unit": unit}
    assert math.isclose(verify.computed(case), 0.75 * factor)
