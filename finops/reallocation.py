"""Reallocation: bring `allocated` to the state of `cost` and the rules; only months that differ are made again."""

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from finops import allocation, arrivals, commitments, periods, quality
from finops.allocation import Assigner, Rules
from finops.allocation.table import SHARED, Lookups
from finops.apportioning import Apportionment, apportioned
from finops.digest import Digest
from finops.errors import RetryError
from finops.intake import MoneyNotConserved
from finops.periods import Period
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
        apportionment: of the rules' shared cost; None: without rates and metric files.
    """

    tables: Tables
    engine: Engine
    rules: Rules
    narrate: Callable[[str], None]
    apportionment: Apportionment | None = None

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
        apportionment = self.apportionment or Apportionment(shared=self.rules.shared)
        states = self._states(wanted, apportionment)
        stale = [
            partition
            for partition in sorted({*wanted, *active})
            if [file.state for file in active.get(partition, [])] != [hashed(states.get(partition, ""))]
        ]
        staged: list[Staged] = []
        try:
            together = [partition for partition in stale if partition in wanted]
            for group in self._groups(together):
                work = [(wanted[partition], states[partition]) for partition in group]
                self._allocate(work, apportionment, staged)
            if stale:
                why = {"operation": "allocate", "rules": self.rules.fingerprint}
                replaced = [file for partition in stale for file in active.get(partition, [])]
                self.tables.allocated.commit(add=staged, remove=replaced, seen=seen, why=why, built_from=version)
        except BaseException:
            self.tables.allocated.discard(staged)
            raise
        return tuple(stale)

    def _states(
        self, wanted: Mapping[tuple[str, str], Sequence[DataFile]], apportionment: Apportionment
    ) -> dict[tuple[str, str], str]:
        """Per partition a text that changes when its rows, the rules or what it is split by change."""
        found: dict[tuple[str, str], str] = {}
        for (source, month), files in wanted.items():
            around = apportionment.looks_around
            paths = [file.path for other, mine in sorted(wanted.items()) for file in mine if other[1] == month]
            said = [self.rules.fingerprint, *(paths if around else (file.path for file in files))]
            if apportionment.shared:
                said.append(apportionment.state(periods.month(month)))
            found[source, month] = " ".join(said)
        return found

    def _groups(self, partitions: Sequence[tuple[str, str]]) -> list[list[tuple[str, str]]]:
        """What is allocated together: a month where a split looks at other sources, else each partition alone."""
        if not any(one.split == "proportional" for one in self.rules.shared):
            return [[partition] for partition in partitions]
        months: dict[str, list[tuple[str, str]]] = {}
        for partition in partitions:
            months.setdefault(partition[1], []).append(partition)
        return list(months.values())

    def _allocate(
        self, work: Sequence[tuple[Sequence[DataFile], str]], apportionment: Apportionment, staged: list[Staged]
    ) -> None:
        """Allocate a month of some sources, each given as its files and its state."""
        for files, _ in work:
            self.narrate(f"{files[0].source}: allocating {files[0].month}")
        month = periods.month(work[0][0][0].month)
        costs = [self.tables.read_cost(self.engine, files, f"cost_{at}") for at, (files, _) in enumerate(work)]
        for (files, state), cost, rows in zip(
            work, costs, allocate(costs, month, self.rules, apportionment, self.engine), strict=True
        ):
            source, label = files[0].source, files[0].month
            path = self.tables.allocated.stage(source, label, "allocated", state)
            said = Digest(
                days=tuple(self.engine.rows(quality.by_day(cost))),
                commitments=commitments.of_rows(self.engine.rows(commitments.ends(cost))),
                arrivals=arrivals.of_rows(self.engine.rows(arrivals.by_hour(cost))),
            )
            written = self.engine.write(rows, path, note=said.to_json())
            staged.append(Staged(source=source, month=label, written=written))
            result = self.engine.bind_written("result", [written], self.tables.allocated_schema)
            before, after = (self.engine.rows(allocation.totals(table)) for table in (cost, result))
            _prove(f"Allocating {source} {label}", before, after)


def allocate(
    costs: "Sequence[ir.Table]", month: Period, rules: Rules, apportionment: Apportionment, engine: Engine
) -> "list[ir.Table]":
    """The rows of `allocated` of one month, without partition columns.

    Args:
        costs: rows of `cost`, a table per source: all of the month's where a split looks at other sources.
        month: their billing month.
        rules: to apply.
        apportionment: what shared cost is split by.
        engine: executes what rules are judged on.

    Returns:
        A table per source, to be read before the next month is allocated.
    """
    assigner = Assigner(rules)
    direct = [_direct(cost, rules, assigner, engine, at) for at, cost in enumerate(costs)]
    if not rules.shared:
        return [allocation.allocated(rows, None, rules) for rows in direct]
    parts = apportionment.parts(month, direct, engine)
    found = []
    for at, rows in enumerate(direct):
        pool = engine.arrow(rows.filter(rows[SHARED].notnull()))
        split = engine.bind_rows(f"split_{at}", apportioned(pool, parts, rules.shared))
        found.append(allocation.allocated(rows, split, rules))
    return found


def _direct(cost: "ir.Table", rules: Rules, assigner: Assigner, engine: Engine, at: int) -> "ir.Table":
    """Whose the rows are, shared cost not split yet."""
    lookups = narrowing(cost, rules, engine, assigner)
    grouped = engine.keep(f"grouped_{at}", allocation.grouped(cost, rules, lookups))
    # Without a rule that looks at anything there is one key, the empty one.
    keys = engine.rows(allocation.distinct_keys(grouped, rules)) if rules.columns else [{}]
    owners = engine.bind_rows(f"assignments_{at}", assignments(keys, rules, assigner))
    rows = allocation.direct(grouped, owners, rules)
    return engine.keep(f"direct_{at}", rows) if rules.shared else rows


def narrowing(cost: "ir.Table", rules: Rules, engine: Engine, assigner: Assigner) -> Lookups:
    """The lookups of `allocation.grouped`: what rules tell apart in columns that `allocated` does not keep."""
    found: list[tuple[str, ir.Table]] = []
    for column in allocation.told(rules):
        if column == "Tags":
            found.append((column, engine.keep("told_Tags", allocation.kept_tags(cost, rules))))
        else:
            values = engine.arrow(allocation.distinct_values(cost, column))["value"].to_pylist()
            found.append((column, engine.bind_rows(f"told_{column}", _lookup(assigner.told_apart(column, values)))))
    return tuple(found)


def with_owners(rows: "ir.Table", rules: Rules, engine: Engine) -> "ir.Table":
    """Rows of `cost` with whose they are: the columns `allocation.RESULT` after their own."""
    assigner = Assigner(rules)
    lookups = narrowing(rows, rules, engine, assigner)
    keys = engine.rows(allocation.row_keys(rows, rules, lookups)) if rules.columns else [{}]
    owners = engine.bind_rows("assignments", assignments(keys, rules, assigner))
    return allocation.tagged(rows, owners, rules, lookups)


def _lookup(told: Mapping[str, str]) -> "pa.Table":
    import pyarrow as pa

    return pa.table({"value": pa.array(told.keys(), pa.string()), "told": pa.array(told.values(), pa.string())})


def _partitions(files: Iterable[DataFile]) -> dict[tuple[str, str], list[DataFile]]:
    found: dict[tuple[str, str], list[DataFile]] = {}
    for file in files:
        found.setdefault((file.source, file.month), []).append(file)
    return found


def assignments(keys: Sequence[dict[str, Any]], rules: Rules, assigner: Assigner) -> "pa.Table":
    """Whose each key is, as a table: k0, k1, …, the columns `allocation.RESULT`, and the pool of shared cost."""
    import pyarrow as pa

    names = [f"k{at}" for at in range(len(rules.columns))]
    assigned = [assigner.assign(tuple(row[name] for name in names)) for row in keys]
    columns = {name: [row[name] for row in keys] for name in names}
    columns |= {
        "x_Project": [one.project for one in assigned],
        "x_Phase": [one.phase for one in assigned],
        "x_Environment": [one.environment for one in assigned],
        "x_AllocationRule": [one.rule for one in assigned],
        SHARED: [one.shared for one in assigned],
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
