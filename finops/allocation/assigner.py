"""Assigner: applies rules to keys. Conditions are judged once per value, rules once per set of conditions that hold.

So the work grows with the distinct values of the columns that rules look at, hardly with the number of rules.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from finops.allocation.conditions import Condition, found_by, holds, one_of
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
        self._columns = rules.columns
        self._bit = {condition: 1 << at for at, condition in enumerate(dict.fromkeys(rules.conditions()))}
        self._dated = {
            rule: 1 << at for at, rule in enumerate((r for r in rules.all if r.is_dated), start=len(self._bit))
        }
        self._tests = {
            column: _tests({one: bit for one, bit in self._bit.items() if one.column == column})
            for column in self._columns
        }
        self._answers: dict[str, dict[str | None, int]] = {column: {None: 0} for column in self._columns}
        self._known: dict[int, Assignment] = {}
        pools = [one.rule for one in rules.shared]
        self._kinds = {
            kind: _Ordered(of, self._bit, self._dated)
            for kind, of in (
                ("project", rules.projects),
                ("pool", pools),
                ("phase", rules.phases),
                ("environment", rules.environments),
            )
        }

    def assign(self, key: Key) -> Assignment:
        """Whose a key is."""
        held = 0
        for column, value in zip(self._columns, key, strict=True):
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
        pairs = _pairs(value) if tests.keys() - {None} else {}
        held = 0
        for key, test in tests.items():
            told = value if key is None else pairs.get(key)
            if told is not None:
                held |= test.answer(told)
        return held

    def _judged(self, held: int) -> Assignment:
        project = self._kinds["project"].first(held)
        pool = None if project else self._kinds["pool"].first(held)
        phase, environment = (self._kinds[kind].first(held) for kind in ("phase", "environment"))
        claim = project or pool
        return Assignment(
            project=project[0] if project else None,
            rule=claim[1] if claim else None,
            phase=phase[0] if phase else UNASSIGNED,
            environment=environment[0] if environment else None,
            shared=pool[0] if pool else None,
        )


class _Ordered:
    """Rules of one kind; which of them comes first is found among those that can hold at all, not among all."""

    __slots__ = ("_always", "_bit", "_by_bit", "_dated", "_tried")

    def __init__(self, rules: Sequence[Rule], bit: Mapping[Condition, int], dated: Mapping[Rule, int]) -> None:
        self._bit, self._dated = bit, dated
        self._tried = [(rule, match) for rule in rules for match in rule.any_of]
        self._by_bit: dict[int, list[int]] = {}
        self._always: list[int] = []
        for at, (_, match) in enumerate(self._tried):
            needed = one_of(match)
            if needed is None:
                self._always.append(at)
            else:
                for condition in needed:
                    self._by_bit.setdefault(bit[condition], []).append(at)

    def first(self, held: int) -> tuple[str, str] | None:
        """The name of the first rule that holds, and what of it does, in words."""
        candidates, rest = set(self._always), held
        while rest:
            lowest = rest & -rest
            candidates.update(self._by_bit.get(lowest, ()))
            rest ^= lowest
        for at in sorted(candidates):
            rule, match = self._tried[at]
            applies = not rule.is_dated or held & self._dated[rule]
            if applies and holds(match, lambda condition: bool(held & self._bit[condition])):
                return rule.name, str(match)
        return None


class _Test:
    """All conditions on one column, or on one key of its object: one look-up and one search answer them together."""

    __slots__ = ("_bits", "_search", "_values")

    def __init__(self, bits: Mapping[Condition, int]) -> None:
        self._values: dict[str, int] = {}
        for condition, bit in bits.items():
            for value in condition.values:
                self._values[value] = self._values.get(value, 0) | bit
        patterns: dict[str, int] = {}
        for condition, bit in bits.items():
            if condition.pattern is not None:
                patterns[condition.pattern] = patterns.get(condition.pattern, 0) | bit
        self._bits = list(patterns.values())
        self._search = found_by(list(patterns)) if patterns else None

    def answer(self, value: str) -> int:
        """The conditions that hold for a value, as bits."""
        held = self._values.get(value, 0)
        if self._search is not None:
            for at in self._search(value):
                held |= self._bits[at]
        return held


def _tests(bits: Mapping[Condition, int]) -> dict[str | None, _Test]:
    """Per key of a column's object; None for the column itself."""
    by_key: dict[str | None, dict[Condition, int]] = {}
    for condition, bit in bits.items():
        by_key.setdefault(condition.key, {})[condition] = bit
    return {key: _Test(mine) for key, mine in by_key.items()}


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
