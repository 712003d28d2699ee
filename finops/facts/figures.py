"""Figures of hardware and cloud prices, tariffs and shares: one value each, with unit, source and date.

Prices go stale: the same cloud server was listed at 98.32 USD/h in May 2025 and at 55.04 in December. A figure is used
only where a scenario names it, and is flagged once it is older than twelve months.
"""

import csv
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from finops.errors import ConfigurationError

_FILE = Path(__file__).with_name("figures.csv")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A figure and where it was read.

    Attributes:
        key: its name in scenario files.
        as_of: the day it held; the first of the month where the source names only that.
    """

    key: str
    item: str
    value: Decimal
    unit: str
    source: str
    as_of: date

    @property
    def number(self) -> float:
        """The value for statistics."""
        return float(self.value)


class NoSuchFact(ConfigurationError):
    """A fact is named that does not ship."""

    def __init__(self, key: str) -> None:
        import difflib  # noqa: PLC0415 - only for the mistake

        near = difflib.get_close_matches(key, facts(), n=1, cutoff=0.4)
        todo = f"Did you mean {near[0]!r}?" if near else "docs/tco.md lists what ships."
        super().__init__(f"No fact is called {key!r}.", todo)


def fact(key: str) -> Fact:
    """The fact of a name.

    Raises:
        NoSuchFact: where none has it.

    >>> fact("annual-maintenance").value, fact("annual-maintenance").as_of.isoformat()
    (Decimal('0.12'), '2026-01-15')
    """
    found = facts().get(key)
    if found is None:
        raise NoSuchFact(key)
    return found


@cache
def facts() -> dict[str, Fact]:
    """Every fact by its key."""
    with _FILE.open(encoding="utf-8", newline="") as lines:
        return {
            line["key"]: Fact(
                key=line["key"],
                item=line["item"],
                value=Decimal(line["value"]),
                unit=line["unit"],
                source=line["source"],
                as_of=date.fromisoformat(line["as_of"] + ("-01" if len(line["as_of"]) == len("2024-05") else "")),
            )
            for line in csv.DictReader(lines)
        }
