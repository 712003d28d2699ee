"""Apportioning: the shared cost of a month, split among the projects it belongs to; not a unit of 1e-18 is lost."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finops.allocation import COSTS, RESOURCES, Shared, metric
from finops.allocation.metric import Metric
from finops.allocation.rules import DAY
from finops.allocation.sharing import Parts, parts, split, whole
from finops.allocation.table import SHARED
from finops.money import PLACES, add
from finops.periods import Period
from finops.rates import Conversion, Rates
from finops.series import MEASURES
from finops.store.engine import Engine

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

_BYTES = 16
"""Of a decimal in Arrow: a whole number of units, little end first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Apportionment:
    """What a month's shared cost is split by.

    Attributes:
        shared: pools, without a circle.
        rates: for measures in several currencies.
        currency: to compare them in; None: the alphabetically first of the month.
        metrics: what the files of metric splits say.
    """

    shared: tuple[Shared, ...]
    rates: Rates = field(default_factory=Rates)
    currency: str | None = None
    metrics: Mapping[Path, Metric] = field(default_factory=dict)

    @classmethod
    def of(cls, shared: tuple[Shared, ...], *, rates: Rates, currency: str | None) -> "Apportionment":
        """With the metric files read.

        Raises:
            FinopsError: if a metric file cannot be read or used.
        """
        metrics = {one.file: metric.read(one.file) for one in shared if one.file is not None}
        return cls(shared=shared, rates=rates, currency=currency, metrics=metrics)

    @property
    def looks_around(self) -> bool:
        """Whether a split depends on cost of other sources in the same month."""
        return any(one.split == "proportional" for one in self.shared)

    def state(self, month: Period) -> str:
        """Changes when something beside rules and rows changes how the month is split."""
        (label,) = month.months()
        said = [str(sorted(told.get(label, {}).items())) for _, told in sorted(self.metrics.items())]
        if self.looks_around:
            said += [self.currency or "", *map(str, self.rates.within(month))]
        return " ".join(said)

    def parts(self, month: Period, rows: "Sequence[ir.Table]", engine: Engine) -> dict[str, Parts]:
        """What each project gets of each pool.

        Args:
            month: split.
            rows: of all its sources, from `allocation.direct`.
            engine: reads them.

        Raises:
            RateMissing: if measures in two currencies would have to be compared without a rate.
        """
        measures = sorted({one.measure for one in self.shared if one.split == "proportional"})
        own = {one: _own(one, rows, engine, self.rates, self.currency) for one in measures}
        return parts(self.shared, {one.rule.name: self._weights(one, month, own) for one in self.shared})

    def _weights(self, one: Shared, month: Period, own: Mapping[str, Mapping[str, Decimal]]) -> Mapping[str, Fraction]:
        if one.split == "even":
            return dict.fromkeys(one.to, Fraction(1))
        if one.split == "fixed":
            return {name: Fraction(part) for name, part in zip(one.to, one.parts, strict=True)}
        (label,) = month.months()
        known = own[one.measure] if one.file is None else self.metrics[one.file].get(label, {})
        return {name: Fraction(max(known.get(name, Decimal(0)), Decimal(0))) for name in one.to}


def apportioned(pool: "pa.Table", found: Mapping[str, Parts], shared: Iterable[Shared]) -> "pa.Table":
    """Rows of shared cost as rows of the projects that bear it.

    Args:
        pool: rows of `allocation.direct` that belong to a pool.
        found: what each project gets of each pool.
        shared: the pools, for `x_AllocationRule`.

    Returns:
        The same columns; every row became one per project, whose amounts add up to its own.
    """
    import pyarrow as pa

    words = {one.rule.name: str(one) for one in shared}
    receivers = {name: list(of) for name, of in found.items()}
    shares = {name: whole(list(of.values())) for name, of in found.items()}
    names, rules = pool[SHARED].to_pylist(), pool["x_AllocationRule"].to_pylist()
    taken = [at for at, name in enumerate(names) for _ in receivers[name]]
    projects = [project for name in names for project in receivers[name]]
    said = [
        f"{words[name]}: {rule}" if project is not None else f"{words[name]}, not split as there is nothing to go by"
        for name, rule in zip(names, rules, strict=True)
        for project in receivers[name]
    ]
    changed: dict[str, pa.Array] = {
        "x_Project": pa.array(projects, pa.string()),
        "x_AllocationRule": pa.array(said, pa.string()),
    }
    for column in COSTS:
        units = _units(pool[column].combine_chunks())
        changed[column] = _decimals(
            [part for name, amount in zip(names, units, strict=True) for part in split(amount, shares[name])]
        )
    for column in RESOURCES:
        values = pool[column].to_pylist()
        fractions = {name: [float(part) for part in of.values()] for name, of in found.items()}
        changed[column] = pa.array(
            [
                None if value is None else value * part
                for name, value in zip(names, values, strict=True)
                for part in fractions[name]
            ],
            pa.float64(),
        )
    repeated = pool.take(pa.array(taken, pa.int64()))
    return pa.table({name: changed.get(name, repeated[name]) for name in pool.column_names})


def _own(
    measure: str, rows: "Sequence[ir.Table]", engine: Engine, rates: Rates, currency: str | None
) -> dict[str, Decimal]:
    """What each project and pool has of a measure itself, over all sources, in one currency."""
    import ibis

    found: list[dict[str, Any]] = []
    for table in rows:
        named = table.select(
            DAY, "BillingCurrency", owner=ibis.coalesce(table.x_Project, table[SHARED]), amount=table[MEASURES[measure]]
        )
        named = named.filter(named.owner.notnull() & named.amount.notnull())
        found += engine.rows(named.group_by([DAY, "BillingCurrency", "owner"]).agg(amount=named.amount.sum()))
    currencies = sorted({row["BillingCurrency"] for row in found})
    conversion = Conversion(rates=rates, quote=currency if len(currencies) > 1 and currency else (*currencies, "")[0])
    sums: dict[str, list[Decimal]] = {}
    for row in sorted(found, key=lambda one: one[DAY]):  # so that the first missing rate is the one named
        amount = row["amount"] if isinstance(row["amount"], Decimal) else Decimal(repr(row["amount"]))
        if MEASURES[measure] in COSTS:
            amount = conversion(amount, row[DAY], row["BillingCurrency"])
        sums.setdefault(row["owner"], []).append(amount)
    return {owner: add(*amounts) for owner, amounts in sums.items()}


def _units(amounts: "pa.Array") -> list[int]:
    """Decimals of 18 places as whole numbers of units; what is null counts as none."""
    buffer, start = amounts.buffers()[1], amounts.offset
    raw = memoryview(buffer or b"")[start * _BYTES : (start + len(amounts)) * _BYTES]
    units = [int.from_bytes(raw[at : at + _BYTES], "little", signed=True) for at in range(0, len(raw), _BYTES)]
    return [unit if is_known else 0 for unit, is_known in zip(units, amounts.is_valid().to_pylist(), strict=True)]


def _decimals(units: Sequence[int]) -> "pa.Array":
    import pyarrow as pa

    buffer = pa.py_buffer(b"".join(unit.to_bytes(_BYTES, "little", signed=True) for unit in units))
    return pa.Array.from_buffers(pa.decimal128(36, PLACES), len(units), [None, buffer])
