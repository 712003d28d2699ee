"""Assigner: applies rules to keys. Conditions are judged once per value, rules once per set of conditions that hold.

So the work grows with the distinct values of the columns that rules look at, hardly with the number of rules.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from finops.allocation.conditions import KEYED, Condition, compiled, holds
from finops.allocation.rules import DAY, Rule, Rules

UNASSIGNED = "unassigned"
"""The phase of cost that no phase rule claims."""

Key = tuple[str | None, ...]
"""One value per key column, in the order of `Rules.columns`; None where a row has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Whose a key is.

    Attributes:
        project: None where unallocated, or shared.
        rule: what said so, in words; None where nothing did.
        phase, environment: likewise.
        shared: the pool of shared cost it belongs to; None where it belongs to none.
    """

    project: str | None
    rule: str | None
    phase: str
    environment: str | None
    shared: str | None = None


class Assigner:
    """Applies rules to keys; patterns are compiled once.

    Raises:
        ValueError: if a pattern is no RE2 expression.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._bit = {condition: 1 << at for at, condition in enumerate(dict.fromkeys(rules.conditions()))}
        self._dated = {
            rule: 1 << at for at, rule in enumerate((r for r in rules.all if r.is_dated), start=len(self._bit))
        }
        self._tests = {
            column: [_Test(one, bit) for one, bit in self._bit.items() if one.column == column]
            for column in rules.columns
        }
        self._answers: dict[str, dict[str | None, int]] = {column: {None: 0} for column in rules.columns}
        self._known: dict[int, Assignment] = {}

    def assign(self, key: Key) -> Assignment:
        """Whose a key is."""
        held = 0
        for column, value in zip(self._rules.columns, key, strict=True):
            answers = self._answers[column]
            if value not in answers:
                answers[value] = self._answer(column, value)
            held |= answers[value]
        if held not in self._known:
            self._known[held] = self._judged(held)
        return self._known[held]

    def told_apart(self, column: str, values: Iterable[str]) -> dict[str, str]:
        """Each value for which a condition holds, with the first value that has the same answers.

        So a column with a million values, such as resources, has no more keys than rules tell apart.
        """
        first: dict[int, str] = {}
        found: dict[str, str] = {}
        for value in values:
            answer = self._answer(column, value)
            if answer:
                found[value] = first.setdefault(answer, value)
        return found

    def _answer(self, column: str, value: str | None) -> int:
        """The conditions on a column that hold for a value, as bits."""
        if value is None:
            return 0
        if column == DAY:
            return sum(bit for rule, bit in self._dated.items() if _applies(rule, value))
        tests = self._tests[column]
        pairs = _pairs(value) if any(test.condition.field in KEYED for test in tests) else {}
        return sum(
            test.bit
            for test in tests
            if test.holds(pairs.get(test.condition.key) if test.condition.key is not None else value)
        )

    def _judged(self, held: int) -> Assignment:
        project = self._first(self._rules.projects, held)
        pool = None if project else self._first([one.rule for one in self._rules.shared], held)
        phase = self._first(self._rules.phases, held)
        environment = self._first(self._rules.environments, held)
        claim = project or pool
        return Assignment(
            project=project[0] if project else None,
            rule=claim[1] if claim else None,
            phase=phase[0] if phase else UNASSIGNED,
            environment=environment[0] if environment else None,
            shared=pool[0] if pool else None,
        )

    def _first(self, rules: Sequence[Rule], held: int) -> tuple[str, str] | None:
        for rule in rules:
            if rule in self._dated and not held & self._dated[rule]:
                continue
            for match in rule.any_of:
                if holds(match, lambda condition: bool(held & self._bit[condition])):
                    return rule.name, str(match)
        return None


class _Test:
    """A condition, its pattern compiled, and its bit."""

    __slots__ = ("_pattern", "_values", "bit", "condition")

    def __init__(self, condition: Condition, bit: int) -> None:
        self.condition = condition
        self.bit = bit
        self._pattern = None if condition.pattern is None else compiled(condition.pattern)
        self._values = frozenset(condition.values)

    def holds(self, value: str | None) -> bool:
        if value is None:
            return False
        return value in self._values if self._pattern is None else self._pattern.search(value) is not None


def _applies(rule: Rule, day: str) -> bool:
    """Whether a rule applies on a day, written 2026-10-01; empty for a day before every rule's first or last one."""
    begun = rule.start is None or day >= rule.start.isoformat()
    return begun and (rule.end is None or day < rule.end.isoformat())


def _pairs(text: str) -> dict[str, str]:
    """The keys and values of a JSON object as text: values that are no text as JSON writes them, `null` as none."""
    found = json.loads(text)
    if not isinstance(found, dict):
        return {}
    return {
        key: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for key, value in found.items()
        if value is not None
    }
