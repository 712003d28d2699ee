"""Explanation: what `finops explain` says, as a frozen record with a published JSON schema, and as a grid."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from finops.report.grid import Column, Grid, Row
from finops.report.records import schema_document

SCHEMA = "finops.explain/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that holds for all of it: a name and a value, amounts with every digit."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Where a number comes from.

    Attributes:
        subject: what is explained, and the number.
        facts: in the order to read them.
        columns, rows: what it is made of, as text.
    """

    subject: str
    facts: tuple[Fact, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


SCHEMA_DOCUMENT: Final[dict[str, Any]] = schema_document(Explanation, schema=SCHEMA, title="An explanation")

_NUMBERS = frozenset({"amount", "rows", "billed", "effective", "share", "part", "so far"})


def grid(found: Explanation) -> Grid:
    """The explanation as a table; facts stand under it."""
    return Grid(
        title=found.subject,
        columns=tuple(Column(header=name, align="right" if name in _NUMBERS else "left") for name in found.columns),
        rows=tuple(Row(cells=cells) for cells in found.rows),
        notes=("", *(f"{fact.name}: {fact.value}" for fact in found.facts)),
    )


def records(found: Explanation) -> tuple[Sequence[str], list[list[str]]]:
    """Header and rows for CSV."""
    return found.columns, [list(row) for row in found.rows]
