"""Every rule that is evaluated is broken once here, and found; a row that keeps them all breaks none."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import ibis
import pyarrow as pa
import pytest

from finops.focus import conformity
from finops.focus.columns import BY_NAME, FOCUS, MONEY, QUANTITY, TIME
from finops.focus.rules import Rule, evaluated, not_evaluated
from finops.focus.rules import broken as is_broken
from finops.store.engine import DuckDB, Engine
from tests.focus.rows import ARROW, GOOD, table

_WRONG: dict[str, Any] = {
    "allowed": "Nonsense",
    "one of": "Nonsense",
    "at least": -1,
    "zero": 7,
    "belongs to": "Object Storage",
    "flat": '{"a": {"b": 1}}',
    "national currency": "QQQ",
    "format text": " ",
    "format number": float("nan"),
    "decimal": float("nan"),
    "format time": datetime(1900, 1, 1, tzinfo=UTC),
    "format unit": "GB-Mo",
    "format currency": "usd",
    "format key value": "[1]",
    "after": datetime(2020, 1, 1, tzinfo=UTC),
}
"""First words of a check to a cell that breaks it."""


_OBJECTS = {"SkuPriceDetails", "Tags"}
"""Columns whose type is a format of text."""
_OF_COLUMNS = [rule for rule in evaluated() if rule.check.startswith(("present", "type "))]
_OF_GROUPS = [rule for rule in evaluated() if re.fullmatch(r"one (?!of )\w+", rule.check)]
_OF_CELLS = [rule for rule in evaluated() if rule not in _OF_COLUMNS and rule not in _OF_GROUPS]
_CONDITIONAL = [
    rule for rule in _OF_CELLS if rule.when and not rule.check.startswith(("format", "decimal", "at least"))
]
_AT_ONCE = 40
"""Rules of one query: planning one for each rule costs more than all the rest of this file."""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with DuckDB(memory_limit="512MB", spill=tmp_path_factory.mktemp("spill")) as opened:
        yield opened


@pytest.fixture(scope="module")
def verdicts(engine: Engine) -> dict[str, bool]:
    """Whether each rule finds its own row broken: `inside ID` breaks it, `outside ID` would if it were looked at."""
    found: dict[str, bool] = {}
    floats = [rule for rule in _OF_CELLS if kinds(rule)]
    others = [rule for rule in _OF_CELLS if not kinds(rule)]
    for some in (floats, others):
        for at in range(0, len(some), _AT_ONCE):
            found |= _verdicts(engine, some[at : at + _AT_ONCE])
    return found


def _verdicts(engine: Engine, rules: Sequence[Rule]) -> dict[str, bool]:
    rows = [{**violation(rule), **inside(rule), "x_Operation": f"inside {rule.id}"} for rule in rules]
    rows += [
        {**violation(rule), **outside(rule), "x_Operation": f"outside {rule.id}"}
        for rule in rules
        if rule in _CONDITIONAL
    ]
    as_floats = {name: kind for rule in rules for name, kind in kinds(rule).items()}
    rows = [{**{name: float(GOOD[name]) for name in as_floats}, **row} for row in rows]
    bound = engine.bind_rows("rows", table(*rows, kinds=as_floats))
    cells = {rule.id: cell for rule in rules if (cell := is_broken(rule, bound)) is not None}
    assert len(cells) == len(rules)
    answers = engine.rows(bound.select(row=bound.x_Operation, **cells))
    return {answer["row"]: answer[answer["row"].split()[1]] for answer in answers}


def judged(engine: Engine, rows: pa.Table, *rules: Rule) -> conformity.Conformity:
    asked = rules or None
    bound = engine.bind_rows("rows", rows)
    counts = [row for query in conformity.counted(bound, asked) for row in engine.rows(query)]
    return conformity.judged(counts, dict(bound.schema().items()), asked)


def test_a_row_that_keeps_the_rules_breaks_none(engine: Engine) -> None:
    result = judged(engine, table({}))
    assert result.failing == ()
    assert (result.rows, len(result.evaluated)) == (1, len(evaluated()))


@pytest.mark.parametrize("rule", _OF_COLUMNS, ids=lambda rule: rule.id)
def test_every_rule_of_columns_is_found_broken(rule: Rule) -> None:
    counts = [{"currency": "EUR", "rows": 1, "size": Decimal(1)}]
    columns = dict(ibis.memtable(off(rule)).schema().items())
    assert conformity.judged(counts, columns, [rule]).failing == (rule.id,)


@pytest.mark.parametrize("rule", _OF_GROUPS, ids=lambda rule: rule.id)
def test_every_rule_of_rows_with_one_key_is_found_broken(engine: Engine, rule: Rule) -> None:
    rows = table({}, {rule.check.removeprefix("one "): "another"})
    assert judged(engine, rows, rule).failing == (rule.id,)
    assert judged(engine, table({}, {}), rule).failing == ()


@pytest.mark.parametrize("rule", _OF_CELLS, ids=lambda rule: rule.id)
def test_every_rule_of_cells_is_found_broken(verdicts: dict[str, bool], rule: Rule) -> None:
    assert verdicts[f"inside {rule.id}"]


@pytest.mark.parametrize("rule", _CONDITIONAL, ids=lambda rule: rule.id)
def test_a_rule_with_a_condition_leaves_other_rows_alone(verdicts: dict[str, bool], rule: Rule) -> None:
    assert not verdicts[f"outside {rule.id}"]


def test_every_published_id_is_evaluated_or_has_its_reason() -> None:
    ids = [rule.id for rule in evaluated()]
    assert len(ids) == len(set(ids))
    assert not {*ids} & {*not_evaluated()}
    assert len(ids) + len(not_evaluated()) == 621  # what FOCUS 1.2 published
    assert all(not_evaluated().values())


def test_every_column_has_rules_of_presence_type_and_null() -> None:
    for column in FOCUS:
        checks = {rule.check.split()[0] for rule in evaluated() if rule.column == column.name}
        assert {"present", "type" if column.name not in _OBJECTS else "format"} <= checks, column.name
        if not column.nullable and column.name != "BillingAccountType":  # that one follows its account
            assert any(r.check == "not null" and r.column == column.name for r in evaluated()), column.name


def test_cost_and_share_of_a_broken_rule_are_told(engine: Engine) -> None:
    rows = table({"RegionName": None, "BilledCost": Decimal(-1)}, {"BilledCost": Decimal(3)})
    [finding] = judged(engine, rows, rule_named("RegionName-C-005-C")).findings
    assert (finding.severity, finding.rows, finding.cost, finding.currency) == ("error", 1, Decimal(-1), "EUR")
    assert finding.cost_share == Decimal("0.25")


def test_amounts_of_two_currencies_are_not_added(engine: Engine) -> None:
    rows = table({"RegionName": None}, {"RegionName": None, "BillingCurrency": "USD"}, {"BillingCurrency": "USD"})
    [finding] = judged(engine, rows, rule_named("RegionName-C-005-C")).findings
    assert (finding.rows, finding.cost, finding.currency) == (2, None, None)
    assert finding.cost_share == 1  # of the currency most concerned


def test_what_should_hold_is_a_warning(engine: Engine) -> None:
    [finding] = judged(engine, table({"ChargeDescription": None}), rule_named("ChargeDescription-C-003-O")).findings
    assert finding.severity == "warning"


def test_an_empty_table_breaks_no_rule(engine: Engine) -> None:
    assert judged(engine, table()).failing == ()


# --- breaking a rule --------------------------------------------------------------------------------------------------


def rule_named(name: str) -> Rule:
    return next(rule for rule in evaluated() if rule.id == name)


def off(rule: Rule) -> pa.Table:
    """A table without the rule's column, or with it of another type."""
    if rule.check == "present":
        return table({}, without=[rule.column])
    value, kind = (1, pa.int64()) if rule.check == "type text" else ("1", pa.string())
    return table({rule.column: value}, kinds={rule.column: kind})


def kinds(rule: Rule) -> dict[str, pa.DataType]:
    """Only a float can be no number."""
    return {rule.column: pa.float64()} if rule.check in {"format number", "decimal"} else {}


def violation(rule: Rule) -> dict[str, Any]:
    """Cells that break what the rule asks of its column."""
    words = rule.check
    if words == "null":
        return {rule.column: GOOD[rule.column]}
    if words == "not null":
        return {rule.column: None}
    if words.startswith("not "):
        return {rule.column: words.removeprefix("not ")}
    if words.startswith("same as"):
        return {rule.column: Decimal(99) if BY_NAME[rule.column].type == MONEY else "another"}
    if words.startswith("product of"):
        return {rule.column: Decimal(99)}
    return {rule.column: next(cell for check, cell in _WRONG.items() if words.startswith(check))}


def inside(rule: Rule) -> dict[str, Any]:
    """Cells that make the rule look at the row, but for its own column."""
    cells = {}
    for column, null, mark, value in terms(rule.when.split(" or ")[0]):
        if column == rule.column and (null or mark == "!="):
            continue
        cells[column] = (None if null == "null" else GOOD[column]) if null else value if mark == "=" else "Other"
    return cells


def outside(rule: Rule) -> dict[str, Any]:
    """Cells that keep the rule from looking at the row."""
    cells: dict[str, Any] = {}
    for part in rule.when.split(" or "):
        for column, null, mark, value in terms(part):
            if null:
                cells.setdefault(column, value_of(column) if null == "null" else None)
            else:
                cells.setdefault(column, "Nothing" if mark == "=" else value)
    if " or " in rule.when:  # one row has to lie outside every part
        cells = {"ChargeCategory": "Usage", "CommitmentDiscountStatus": "Used"}
    return cells


def value_of(column: str) -> Any:  # noqa: ANN401 - cells are of many types
    return {MONEY: Decimal(1), QUANTITY: 1.0, TIME: GOOD["ChargePeriodStart"]}.get(BY_NAME[column].type, GOOD[column])


def terms(part: str) -> list[tuple[str, str, str, str]]:
    found = [re.fullmatch(r"(\w+) (?:is (null|not null)|(=|!=) ([^|]+).*)", term) for term in part.split(" and ")]
    return [(one[1], one[2] or "", one[3] or "", one[4] or "") for one in found if one]


def test_rows_of_tests_have_the_tables_types() -> None:
    assert {*ARROW} == {column.type for column in FOCUS}
