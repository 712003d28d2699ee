"""Reallocation: bring `allocated` to the state of `cost` and the rules; only months that differ are made again."""

import contextlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from finops import allocation
from finops.allocation import Assigner, Rules
from finops.errors import RetryError
from finops.intake import MoneyNotConserved
from finops.store.engine import Engine
from finops.store.lake import DataFile, Staged, hashed
from finops.store.tables import Tables

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa


_TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Reallocation:
    """Applies rules to a store.

    Attributes:
        tables: of the store.
        engine: executes the expressions.
        rules: to apply.
        narrate: told what is allocated.
    """

    tables: Tables
    engine: Engine
    rules: Rules
    narrate: Callable[[str], None]

    def run(self) -> tuple[tuple[str, str], ...]:
        """Make every month again whose rows or rules changed; one commit.

        Another run may allocate at the same time. What is to be done depends on the tables alone, so whoever comes
        second looks again, and finds little or nothing left.

        Returns:
            The (source, month) pairs made again or removed.

        Raises:
            FinopsError: nothing was changed then.
        """
        for _ in range(_TRIES - 1):
            with contextlib.suppress(RetryError):
                return self._run()
        return self._run()

    def _run(self) -> tuple[tuple[str, str], ...]:
        seen, version = self.tables.allocated.version(), self.tables.cost.version()
        wanted = _partitions(self.tables.cost.files(version=version) if version is not None else [])
        active = _partitions(self.tables.allocated.files(version=seen) if seen is not None else [])
        stale = [
            partition
            for partition in sorted({*wanted, *active})
            if [file.state for file in active.get(partition, [])] != [hashed(self._state(wanted.get(partition, [])))]
        ]
        assigner = Assigner(self.rules)
        staged: list[Staged] = []
        try:
            for partition in stale:
                if partition in wanted:
                    self.narrate(f"{partition[0]}: allocating {partition[1]}")
                    self._allocate(wanted[partition], assigner, staged)
            if stale:
                why = {"operation": "allocate", "rules": self.rules.fingerprint}
                replaced = [file for partition in stale for file in active.get(partition, [])]
                self.tables.allocated.commit(add=staged, remove=replaced, seen=seen, why=why, built_from=version)
        except BaseException:
            self.tables.allocated.discard(staged)
            raise
        return tuple(stale)

    def _state(self, files: Sequence[DataFile]) -> str:
        """Changes when the rows of the month or the rules change."""
        return " ".join([self.rules.fingerprint, *(file.path for file in files)])

    def _allocate(self, files: Sequence[DataFile], assigner: Assigner, staged: list[Staged]) -> None:
        source, month = files[0].source, files[0].month
        cost = self.tables.read_cost(self.engine, files)
        grouped = self.engine.keep("grouped", allocation.grouped(cost, self.rules))
        # Without a rule that looks at anything there is one key, the empty one.
        keys = self.engine.rows(allocation.distinct_keys(grouped, self.rules)) if self.rules.columns else [{}]
        owners = self.engine.bind_rows("assignments", assignments(keys, self.rules, assigner))
        path = self.tables.allocated.stage(source, month, "allocated", self._state(files))
        written = self.engine.write(allocation.allocated(grouped, owners, self.rules), path)
        staged.append(Staged(source=source, month=month, written=written))
        result = self.engine.bind_written("result", [written], self.tables.allocated_schema)
        before, after = (self.engine.rows(allocation.totals(rows)) for rows in (cost, result))
        _prove(f"Allocating {source} {month}", before, after)


def with_owners(rows: "ir.Table", rules: Rules, engine: Engine) -> "ir.Table":
    """Rows of `cost` with whose they are: the columns `allocation.RESULT` after their own."""
    keys = engine.rows(allocation.row_keys(rows, rules)) if rules.columns else [{}]
    owners = engine.bind_rows("assignments", assignments(keys, rules, Assigner(rules)))
    return allocation.tagged(rows, owners, rules)


def _partitions(files: Iterable[DataFile]) -> dict[tuple[str, str], list[DataFile]]:
    found: dict[tuple[str, str], list[DataFile]] = {}
    for file in files:
        found.setdefault((file.source, file.month), []).append(file)
    return found


def assignments(keys: Sequence[dict[str, Any]], rules: Rules, assigner: Assigner) -> "pa.Table":
    """Whose each key is, as a table: k0, k1, … and the columns `allocation.RESULT`."""
    import pyarrow as pa

    names = [f"k{at}" for at in range(len(rules.columns))]
    assigned = [assigner.assign(tuple(row[name] for name in names)) for row in keys]
    columns = {name: [row[name] for row in keys] for name in names}
    columns |= {
        "x_Project": [one.project for one in assigned],
        "x_Phase": [one.phase for one in assigned],
        "x_Environment": [one.environment for one in assigned],
        "x_AllocationRule": [one.rule for one in assigned],
    }
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})


def _prove(what: str, cost: Sequence[dict[str, Any]], allocated: Sequence[dict[str, Any]]) -> None:
    """Raise unless `allocated` holds exactly the four costs of `cost`, per currency."""
    before, after = ({row["BillingCurrency"]: row for row in rows} for rows in (cost, allocated))
    for currency in sorted({*before, *after}, key=str):
        for name in allocation.COSTS:
            left, right = (side[currency][name] if currency in side else Decimal(0) for side in (before, after))
            if left != right:
                raise MoneyNotConserved(what, f"{name} {currency}", left, right)
