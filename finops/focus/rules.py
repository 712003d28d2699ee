"""The specification's rules as data with their published ids, and an expression that says which rows break one.

`specification/rules-1.2.csv` holds what can be seen in a table: a rule's id, the column it looks at, what that column
must hold, and where. `specification/not-evaluated-1.2.csv` holds every other published id with the reason.

Source: FOCUS specification 1.2, its normative requirements and their ids (ratified 2025-05-29). Where the published
machine model says something else than the specification's sentence, the sentence counts: docs/focus.md names them.
"""

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from finops.focus.columns import BY_NAME, QUANTITY, SERVICE_CATEGORIES
from finops.focus.currencies import NATIONAL
from finops.focus.services import SUBCATEGORIES
from finops.focus.units import PATTERN

if TYPE_CHECKING:
    import ibis.expr.datatypes as dt
    import ibis.expr.types as ir

_KEY_VALUES = r"^\s*\{.*\}\s*$"
_CURRENCY = r"^([A-Z]{3}|\S{2}|\S.{2,}\S)$"
"""A national currency by its three capitals, or the words of a virtual one."""
CLOSE = 1e-6
"""How far a product may be from a cost, as a share of it: quantities are floats, prices have 18 places."""
MONEY_STEP = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One published rule that the rows of a table can break.

    Attributes:
        id: as published, for example `ListUnitPrice-C-005-C`.
        keyword: MUST, MUST NOT, SHOULD, SHOULD NOT or RECOMMENDED.
        column: it looks at.
        check: what the column must hold there, in the words of `CHECKS`.
        when: on which rows; empty for all.
        says: the specification's sentence.
    """

    id: str
    keyword: str
    column: str
    check: str
    when: str
    says: str

    @property
    def is_strict(self) -> bool:
        """Whether it must hold; the others should."""
        return self.keyword.startswith("MUST")


@cache
def evaluated() -> tuple[Rule, ...]:
    """The rules that a table can be held against, in the order of publication."""
    return tuple(Rule(**row) for row in _data("rules-1.2.csv"))


@cache
def not_evaluated() -> Mapping[str, str]:
    """Every other published id to the reason no table can tell."""
    return {row["id"]: row["why"] for row in _data("not-evaluated-1.2.csv")}


def is_off(rule: Rule, columns: "Mapping[str, dt.DataType]") -> bool:
    """Whether a table with these columns breaks the rule on every row: a column is missing, or of another type."""
    verb, _, kind = rule.check.partition(" ")
    if verb == "present":
        return rule.column not in columns
    return verb == "type" and rule.column in columns and not _TYPES[kind](columns[rule.column])


def broken(rule: Rule, table: "ir.Table") -> "ir.BooleanValue | None":
    """Whether a row breaks the rule; never null. None where rows cannot: `is_off` tells, or a column is not there."""
    if rule.check.startswith(("present", "type ")):
        return None
    check, argument = _check(rule.check)
    needed = {rule.column, *_columns(rule.when), *(name for name in re.findall(r"\w+", argument) if name in BY_NAME)}
    if not needed <= {*table.columns}:
        return None
    return _applies(rule.when, table) & ~check(table, rule.column, argument).fill_null(False)  # noqa: FBT003 - as in `_is_so`


def _data(name: str) -> list[dict[str, str]]:
    text = files("finops.focus").joinpath("specification", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


# --- where a rule applies ---------------------------------------------------------------------------------------------

_TERM = re.compile(r"(?P<column>\w+) (?:is (?P<null>null|not null)|(?P<mark>=|!=) (?P<values>.+))")


def _applies(when: str, table: "ir.Table") -> "ir.BooleanValue":
    """Whether a rule looks at a row: terms joined by `and`, then by `or`; a null is no value, and unlike any."""
    import ibis

    any_of = ibis.literal(not when)
    for part in when.split(" or ") if when else ():
        all_of = ibis.literal(value=True)
        for term in part.split(" and "):
            all_of = all_of & _is_so(_term(term), table)
        any_of = any_of | all_of
    return any_of


def _is_so(term: re.Match[str], table: "ir.Table") -> "ir.BooleanValue":
    cell = table[term["column"]]
    if term["null"]:
        return cell.isnull() if term["null"] == "null" else cell.notnull()
    is_one = cell.isin(term["values"].split("|")).fill_null(False)  # noqa: FBT003 - Ibis takes no keyword
    return is_one if term["mark"] == "=" else ~is_one


def _columns(when: str) -> set[str]:
    return {_term(term)["column"] for part in when.split(" or ") for term in part.split(" and ")} if when else set()


def _term(text: str) -> re.Match[str]:
    found = _TERM.fullmatch(text)
    if found is None:
        message = f"{text!r} is no condition"
        raise ValueError(message)
    return found


# --- what must hold there ---------------------------------------------------------------------------------------------

Check = Callable[["ir.Table", str, str], "ir.BooleanValue"]

_TYPES: "Mapping[str, Callable[[dt.DataType], bool]]" = {
    "text": lambda kind: kind.is_string(),
    "decimal": lambda kind: kind.is_numeric(),
    "time": lambda kind: kind.is_timestamp(),
}


def _check(words: str) -> tuple[Check, str]:
    """The check with its argument, by its first words."""
    for name in sorted(CHECKS, key=len, reverse=True):
        if words == name or words.startswith(f"{name} "):
            return CHECKS[name], words[len(name) :].strip()
    message = f"{words!r} is no check"
    raise ValueError(message)


def _is_product(table: "ir.Table", column: str, factors: str) -> "ir.BooleanValue":
    first, _, second = factors.partition("*")
    cost = table[column].cast(QUANTITY)
    allowed = cost.abs() * CLOSE + MONEY_STEP
    return (table[first].cast(QUANTITY) * table[second] - cost).abs() <= allowed


def _has_one(table: "ir.Table", column: str, other: str) -> "ir.BooleanValue":
    import ibis

    # Least and greatest are equal where there is one value; a count of distinct ones has no window on every engine.
    same = ibis.window(group_by=table[column])
    return (table[other].min().over(same) == table[other].max().over(same)) & table[other].notnull()


def _belongs(table: "ir.Table", column: str, _: str) -> "ir.BooleanValue":
    pairs = [f"{category}\n{kind}" for category in SERVICE_CATEGORIES for kind in SUBCATEGORIES[category]]
    return (table.ServiceCategory + "\n" + table[column]).isin(pairs)


def _is_allowed(table: "ir.Table", column: str, _: str) -> "ir.BooleanValue":
    allowed: Sequence[str] = BY_NAME[column].allowed or [kind for kinds in SUBCATEGORIES.values() for kind in kinds]
    return table[column].isin(allowed)


def _is_flat(table: "ir.Table", column: str, _: str) -> "ir.BooleanValue":
    """Whether no value of a JSON object is an object or a list; keys and values that hold brackets are quoted."""
    bare = table[column].re_replace(r'"(?:[^"\\]|\\.)*"', "")
    return ~bare.re_search(r":\s*[\[{]")


CHECKS: Mapping[str, Check] = {
    "null": lambda table, column, _: table[column].isnull(),
    "not null": lambda table, column, _: table[column].notnull(),
    "decimal": lambda table, column, _: table[column].notnull() & ~_is_nan(table[column]),
    "zero": lambda table, column, _: table[column] == 0,
    "at least": lambda table, column, least: table[column] >= int(least),
    "allowed": _is_allowed,
    "one of": lambda table, column, values: table[column].isin(values.split("|")),
    "not": lambda table, column, value: table[column] != value,
    "same as": lambda table, column, other: table[column] == table[other],
    "after": lambda table, column, other: table[column] > table[other],
    "one": _has_one,
    "product of": _is_product,
    "belongs to": _belongs,
    "flat": _is_flat,
    "national currency": lambda table, column, _: table[column].isin(NATIONAL),
    "format text": lambda table, column, _: ~table[column].re_search(r"^\s*$"),
    "format number": lambda table, column, _: ~_is_nan(table[column]),
    "format time": lambda table, column, _: table[column].year().between(1970, 2199),
    "format unit": lambda table, column, _: table[column].re_search(PATTERN),
    "format currency": lambda table, column, _: table[column].re_search(_CURRENCY),
    "format key value": lambda table, column, _: table[column].re_search(_KEY_VALUES),
}
"""First words of a check to what holds when a row keeps it."""


def _is_nan(cell: "ir.Value") -> "ir.BooleanValue":
    import ibis

    return cell.isnan() | cell.isinf() if cell.type().is_floating() else ibis.literal(value=False)
