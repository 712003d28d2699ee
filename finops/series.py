"""Series: daily values of a measure per scope, read from `allocated`."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from finops import money
from finops.allocation import tag
from finops.periods import Period

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

MEASURES: Mapping[str, str] = {
    "billed_cost": "BilledCost",
    "effective_cost": "EffectiveCost",
    "list_cost": "ListCost",
    "contracted_cost": "ContractedCost",
    "accelerator_hours": "x_AcceleratorHours",
    "vcpu_hours": "x_VcpuHours",
    "memory_gb_hours": "x_MemoryGbHours",
    "flop": "x_Flop",
    "energy_kwh": "x_EnergyKwh",
    "co2e_kg": "x_Co2eKg",
}
"""Column of `allocated` per measure."""

_AT_ONCE = 50_000
"""Rows turned into Python's values at once."""

COSTS = frozenset({"billed_cost", "effective_cost", "list_cost", "contracted_cost"})
"""The measures that are money."""

FIELDS: Mapping[str, str] = {
    "project": "x_Project",
    "team": "x_Team",
    "phase": "x_Phase",
    "environment": "x_Environment",
    "provider": "ProviderName",
    "service": "ServiceName",
    "account": "SubAccountId",
    "region": "RegionId",
    "source": "x_Source",
    "commitment": "CommitmentDiscountId",
}
"""Column of `allocated` per field of a scope and of `--by`; `with_teams` adds that of teams."""


def unit_of(measure: str, currency: str) -> str:
    """What amounts of a measure are in: the currency, or the measure's own name."""
    return currency if measure in COSTS else measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """A filter over the table: every named field must equal one of its values; an empty scope is everything.

    Attributes:
        fields: pairs of field (`project`, `service`, …, or `tag:KEY`) and its values, sorted by field.
    """

    fields: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def __str__(self) -> str:
        """In words: `project search, phase training`; `all cost` for everything."""
        return ", ".join(f"{name} {' or '.join(values)}" for name, values in self.fields) or "all cost"

    def holds(self, row: Mapping[str, Any]) -> bool:
        """Whether a row with these fields lies inside.

        Args:
            row: field to value, as `daily` gives it.
        """
        return all(row.get(name) in values for name, values in self.fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyTable:
    """Exact daily values of one measure, per combination of fields.

    Attributes:
        measure: what is summed.
        fields: which fields tell the rows apart.
        rows: (values of the fields in their order, day, amount, currency).
    """

    measure: str
    fields: tuple[str, ...]
    rows: tuple[tuple[tuple[str | None, ...], date, Decimal, str], ...]

    def daily(self, scope: Scope) -> dict[date, Decimal]:
        """Exact sum per day of what lies inside the scope; days without rows are left out."""
        found: dict[date, Decimal] = {}
        for _, day, amount in self._inside(scope):
            found[day] = money.add(found[day], amount) if day in found else amount
        return dict(sorted(found.items()))

    def dailies(self, field: str, scope: Scope) -> dict[str | None, dict[date, Decimal]]:
        """Exact sums per day of what lies inside the scope, for each value of a field; None for no value."""
        at = self.fields.index(field)
        found: dict[str | None, dict[date, Decimal]] = {}
        for values, day, amount in self._inside(scope):
            daily = found.setdefault(values[at], {})
            daily[day] = money.add(daily[day], amount) if day in daily else amount
        return {value: dict(sorted(daily.items())) for value, daily in found.items()}

    def _inside(self, scope: Scope) -> Iterator[tuple[tuple[str | None, ...], date, Decimal]]:
        held: dict[tuple[str | None, ...], bool] = {}  # the same fields come back on every day
        for values, day, amount, _ in self.rows:
            inside = held.get(values)
            if inside is None:
                inside = held[values] = scope.holds(dict(zip(self.fields, values, strict=True)))
            if inside:
                yield values, day, amount

    def values(self, field: str) -> list[str | None]:
        """The distinct values of a field, sorted, None last."""
        at = self.fields.index(field)
        found = {values[at] for values, *_ in self.rows}
        return sorted(found, key=lambda value: (value is None, value or ""))

    def total(self, scope: Scope, period: Period) -> Decimal:
        """Exact sum of the days inside the period (end exclusive)."""
        return money.add(*(amount for day, amount in self.daily(scope).items() if day in period))


def with_teams(rows: "ir.Table", teams: Mapping[str, str]) -> "ir.Table":
    """Rows with the team their project belongs to, as `x_Team`; null where it belongs to none.

    Args:
        rows: with `x_Project`.
        teams: project to team.
    """
    import ibis

    cases = [(rows.x_Project == project, team) for project, team in sorted(teams.items())]
    return rows.mutate(x_Team=ibis.cases(*cases, else_=ibis.null("string")) if cases else ibis.null("string"))


def daily(allocated: "ir.Table", measure: str, fields: Sequence[str]) -> "ir.Table":
    """Expression of daily sums.

    Args:
        allocated: the table.
        measure: a key of MEASURES.
        fields: keys of FIELDS, or `tag:KEY` for a tag that a rule names.

    Returns:
        x_Day, BillingCurrency, one column per field (f0, f1, …), amount; null amounts (measure not known) are left out.
    """
    columns = {f"f{at}": _field(allocated, name) for at, name in enumerate(fields)}
    rows = allocated.select(
        x_Day=allocated.x_Day, BillingCurrency=allocated.BillingCurrency, **columns, amount=allocated[MEASURES[measure]]
    )
    rows = rows.filter(rows.amount.notnull())
    return rows.group_by(["x_Day", "BillingCurrency", *columns]).agg(amount=rows.amount.sum())


def read(
    execute: Callable[["ir.Table"], "pa.Table"], allocated: "ir.Table", measure: str, fields: Sequence[str]
) -> DailyTable:
    """Execute `daily`.

    Rows share what is equal of their fields, days and currencies: a thousand projects and three years are a million
    rows.

    Args:
        execute: an expression into memory, as an engine's `arrow` does.
        allocated: as for `daily`.
        measure: as for `daily`.
        fields: as for `daily`.
    """
    held: dict[Any, Any] = {}
    same = held.setdefault
    rows: list[tuple[tuple[str | None, ...], date, Decimal, str]] = []
    for batch in execute(daily(allocated, measure, fields)).to_batches(max_chunksize=_AT_ONCE):
        columns = [_coded(batch.column(f"f{at}")) for at in range(len(fields))]
        combinations = zip(*columns, strict=True) if columns else itertools.repeat((), batch.num_rows)
        days, currencies = _coded(batch.column("x_Day")), _coded(batch.column("BillingCurrency"))
        amounts = (
            one if isinstance(one, Decimal) else Decimal(repr(one)) for one in batch.column("amount").to_pylist()
        )
        for values, day, amount, currency in zip(combinations, days, amounts, currencies, strict=True):
            rows.append((same(values, values), same(day, day), amount, same(currency, currency)))
    return DailyTable(measure=measure, fields=tuple(fields), rows=tuple(rows))


def _coded(column: "pa.Array[Any]") -> Iterator[Any]:
    """The cells of a column, equal ones as one object."""
    coded = column.dictionary_encode()
    known = coded.dictionary.to_pylist()
    return (None if place is None else known[place] for place in coded.indices.to_pylist())


def _field(allocated: "ir.Table", name: str) -> "ir.StringValue":
    if name.startswith("tag:"):
        return tag(allocated.Tags, name.removeprefix("tag:"))
    return allocated[FIELDS[name]]
