"""Verification: published tables computed again with the tool's own formulas.

A case is a line of a CSV file: input columns, then `quantity`, `expected`, `unit`, `tol_rel`, `tol_abs` and where it
was published. Only input columns and the unit reach a formula; `expected` is read to judge, other results never.
Formulas are found in one registry, `FORMULAS`, by their identifier (F-TCO-1) and the quantity asked for.
"""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from finops.case_inputs import CaseInputs, Formulas, MissingInput
from finops.compute import published as of_compute
from finops.errors import AccessError, ConfigurationError
from finops.tco import published as of_tco
from finops.tco.reasons import NoFigure

SCHEMA = "finops.verify/1"

JUDGED = frozenset({"expected", "tol_rel", "tol_abs", "recomputed"})
"""Columns that say what should come out: no formula sees them."""

ABOUT = frozenset({"case_id", "formula_id", "quantity", "unit", "source", "as_of", "note"})
"""Columns that say what a case is; only `quantity` and `unit` reach a formula."""

FORMULAS: Formulas = {**of_tco.FORMULAS, **of_compute.FORMULAS}
"""Every formula the tool can be asked for, by its identifier; each part of the house brings its own."""

_ROUNDING = 1e-12
"""What a double loses on the way, of the expected value."""

_UNITS: Mapping[str, float] = {
    "percent": 100.0,
    "%": 100.0,
    "thousand": 1e-3,
    "million": 1e-6,
    "million tokens": 1e-6,
    "billion": 1e-9,
    "billion tokens": 1e-9,
    "TFLOP/s": 1e-12,
    "PFLOP/s": 1e-15,
    "MWh": 1e-3,
    "kgCO2e": 1e-3,
    "tCO2e": 1e-6,
}
"""Units that are a multiple of the formula's own: `percent` of a share, `million tokens` of tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One case, judged.

    Attributes:
        computed: None where the inputs give no figure; `reason` then says why.
        reason: why it is not ok; None where it is.
        where: file and line.
    """

    case_id: str
    formula_id: str
    quantity: str
    expected: float | None
    computed: float | None
    ok: bool
    reason: str | None
    where: str


def verify(cases: Path) -> tuple[Row, ...]:
    """Compute every case of a file, or of the CSV files of a folder, in order.

    Raises:
        AccessError: if there is nothing to read.
        ConfigurationError: if a file holds no cases.
    """
    files = sorted(cases.glob("*.csv")) if cases.is_dir() else [cases]
    if not files:
        raise AccessError(f"{cases} holds no CSV file.", "Name a file of cases, or a folder of such files.")
    return tuple(row for file in files for row in _judged(file))


def document(rows: Sequence[Row]) -> dict[str, Any]:
    """The rows as JSON has them, and a summary with the reason of every row that is not ok."""
    ok = sum(row.ok for row in rows)
    failed = [
        {
            "case_id": row.case_id,
            "formula_id": row.formula_id,
            "quantity": row.quantity,
            "where": row.where,
            "reason": row.reason,
        }
        for row in rows
        if not row.ok
    ]
    return {
        "schema": SCHEMA,
        "rows": [
            {
                "case_id": row.case_id,
                "quantity": row.quantity,
                "expected": row.expected,
                "computed": row.computed,
                "ok": row.ok,
            }
            for row in rows
        ],
        "summary": {"rows": len(rows), "ok": ok, "failed": len(rows) - ok, "reasons": failed},
    }


def computed(columns: Mapping[str, str]) -> float:
    """The figure a case asks for, from its input columns alone.

    Args:
        columns: the case; `formula_id`, `quantity`, `unit` and inputs. Columns of results are not looked at.

    Raises:
        NoFigure: an unknown formula or quantity, a missing or impossible input; the reason says which.
    """
    formula = FORMULAS.get(columns.get("formula_id") or "")
    if formula is None:
        raise NoFigure(f"no formula is called {columns.get('formula_id') or ''!r}")
    inputs = CaseInputs(
        {name: text for name, text in columns.items() if name not in JUDGED | ABOUT and (text or "").strip()}
    )
    quantity = columns.get("quantity") or ""
    compute = formula.get(quantity) or formula.get("*")
    if compute is None:
        raise NoFigure(f"{columns['formula_id']} gives {', '.join(sorted(formula))}, not {quantity!r}")
    try:
        result = compute(inputs)
    except MissingInput as error:
        raise NoFigure(str(error)) from error
    except (OverflowError, ZeroDivisionError, ValueError) as error:
        raise NoFigure(f"the inputs give no number ({error})") from error
    value = result * _UNITS.get((columns.get("unit") or "").strip(), 1.0)
    if not math.isfinite(value):
        raise NoFigure("the inputs give no finite number")
    return value


def _judged(file: Path) -> Sequence[Row]:
    lines = _lines(file)
    return [_row(columns, f"{file}, line {number}") for number, columns in lines]


def _lines(file: Path) -> Sequence[tuple[int, Mapping[str, str]]]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise AccessError(f"{file} cannot be read: {why}.", "Name a CSV file of cases, or a folder of such.") from error
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    missing = {"case_id", "formula_id", "quantity", "expected"} - set(reader.fieldnames or ())
    if missing:
        raise ConfigurationError(
            f"{file} holds no cases: it has no column {', '.join(sorted(missing))}.",
            "A file of cases has case_id, formula_id, input columns, quantity, expected, unit, tol_rel, tol_abs.",
        )
    found: list[tuple[int, Mapping[str, str]]] = []
    try:
        for columns in reader:
            if None in columns or any(value is None for value in columns.values()):
                count = len(reader.fieldnames or ())
                raise ConfigurationError(
                    f"{file}, line {reader.line_num}: the line does not have the header's {count} columns.",
                    "Quote values that hold commas.",
                )
            found.append((reader.line_num, columns))
    except csv.Error as error:
        raise ConfigurationError(f"{file}, line {reader.line_num}: {error}.", "Correct the line.") from error
    return found


def _row(columns: Mapping[str, str], where: str) -> Row:
    expected = _number(columns.get("expected"))
    value: float | None
    try:
        value, reason = computed(columns), None
    except NoFigure as error:
        value, reason = None, error.reason
    if reason is None and (expected is None or value is None):
        reason = f"expected is {columns.get('expected')!r}, which is no number"
    ok = False
    if expected is not None and value is not None:
        allowed = max(
            (_number(columns.get("tol_rel")) or 0.0) * abs(expected),
            _number(columns.get("tol_abs")) or 0.0,
            _ROUNDING * abs(expected),
        )
        ok = abs(value - expected) <= allowed
        reason = None if ok else f"computed {value:.12g}, expected {expected:.12g} within {allowed:.3g}"
    return Row(
        case_id=columns["case_id"],
        formula_id=columns["formula_id"],
        quantity=columns["quantity"],
        expected=expected,
        computed=value,
        ok=ok,
        reason=reason,
        where=where,
    )


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) else None
