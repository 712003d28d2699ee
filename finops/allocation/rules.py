"""Rules: who claims which rows and when, which costs are shared and how; in the order they are tried."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal

from finops.allocation.conditions import Condition, Match, conditions

_VERSION = 4
"""Of this program's way to apply rules: part of the fingerprint."""

Split = Literal["even", "proportional", "fixed", "metric"]

DAY = "x_Day"
"""The key column of dated rules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A name that claims every row for which one alternative holds.

    Attributes:
        name: project, phase, environment, or pool of shared cost.
        any_of: alternatives.
        start, end: days on which the rule applies, end exclusive; None for open. A row's day is that of `allocated`.
    """

    name: str
    any_of: tuple[Match, ...]
    start: date | None = None
    end: date | None = None

    @property
    def is_dated(self) -> bool:
        """Whether there are days on which it does not apply."""
        return self.start is not None or self.end is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """Cost that belongs to several projects, and how it is split among them.

    Attributes:
        rule: which rows; tried after the projects' own rules.
        split: even; proportional to the `measure` the receivers have themselves in the same billing month, before any
            split; fixed `parts`; or a metric file.
        to: projects, or other pools, which are then split themselves; without circles.
        measure: of a proportional split, a key of `series.MEASURES`.
        parts: of a fixed split, one per receiver; they count in proportion to their sum.
        file: of a metric split.
    """

    rule: Rule
    split: Split
    to: tuple[str, ...]
    measure: str = "effective_cost"
    parts: tuple[Decimal, ...] = ()
    file: Path | None = None

    def __str__(self) -> str:
        """In words, for `x_AllocationRule`."""
        if self.split == "proportional":
            return f"shared {self.rule.name}, in proportion to {self.measure.replace('_', ' ')}"
        if self.split == "metric" and self.file is not None:
            return f"shared {self.rule.name}, by {self.file.name}"
        return f"shared {self.rule.name}, {'evenly' if self.split == 'even' else 'fixed parts'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """All rules, in the order they are tried: the first match wins, per kind."""

    projects: tuple[Rule, ...] = ()
    phases: tuple[Rule, ...] = ()
    environments: tuple[Rule, ...] = ()
    shared: tuple[Shared, ...] = ()

    @property
    def all(self) -> tuple[Rule, ...]:
        """Every rule of every kind."""
        return (*self.projects, *(one.rule for one in self.shared), *self.phases, *self.environments)

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal characters that change when a rule, its order or this program's way to apply them changes."""
        # Of a file its name counts: where a checkout lies is no part of a rule.
        shared = tuple(replace(one, file=one.file and Path(one.file.name)) for one in self.shared)
        text = repr((_VERSION, replace(self, shared=shared)))
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()

    @property
    def tag_keys(self) -> tuple[str, ...]:
        """The tag keys that any rule looks at, sorted; `allocated` keeps them."""
        return tuple(sorted({c.key for c in self.conditions() if c.column == "Tags" and c.key is not None}))

    @property
    def columns(self) -> tuple[str, ...]:
        """The key columns that any rule looks at, sorted: columns of `cost`, and `x_Day` where a rule is dated."""
        dated = {DAY} if self.boundaries else set()
        return tuple(sorted({condition.column for condition in self.conditions()} | dated))

    @property
    def boundaries(self) -> tuple[date, ...]:
        """The days on which a rule begins or ceases to apply, sorted."""
        ends = {day for rule in self.all for day in (rule.start, rule.end)}
        return tuple(sorted(day for day in ends if day is not None))

    def conditions(self) -> Iterator[Condition]:
        """Every condition of every rule."""
        return (condition for rule in self.all for match in rule.any_of for condition in conditions(match))
