"""Planning: the dated facts a forecast takes in, from finops.toml and from the bill, and whose cost they concern."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from finops import commitments, digest
from finops.commitments import Commitment
from finops.config import Config
from finops.forecast.event import Event
from finops.forecast.steps import Part
from finops.money import add, subtract, to_float
from finops.rates import Conversion
from finops.series import COSTS, DailyTable, Scope
from finops.store.engine import Engine
from finops.store.tables import Tables

if TYPE_CHECKING:
    import ibis.expr.types as ir

NOT_ALLOCATED = "not allocated"
"""The name of cost that no project rule claims."""

_RECENT_DAYS = 28
_LATE_DAYS = 3
"""Days before the clock that may not be all in yet."""
_UNIT = Decimal("0.0001")
_SHOWN = 24
"""Characters of an identifier that may stand in a name; the first eight stand for a longer one."""


def dated_facts(
    config: Config, tables: Tables, engine: Engine, *, as_of: date, known_at: datetime | None
) -> tuple[Event, ...]:
    """The events of finops.toml, then the expiries of commitments in the bill that none of these stands for.

    Args:
        config: events, and whether the bill is looked at.
        tables: of the store.
        engine: reads them.
        as_of: the clock.
        known_at: the tables as they were then; None for now.
    """
    if not config.forecast.commitments:
        return config.events
    found = _expiries(tables, engine, as_of=as_of, known_at=known_at)
    names = {one.name for one in config.events}
    return (
        *config.events,
        *(
            expiry
            for expiry, provider in found
            if expiry.name not in names and not any(_stands_for(one, expiry, provider) for one in config.events)
        ),
    )


def converted(event: Event, conversion: Conversion, day: date) -> Event:
    """The event with its amount in the report's currency, at the day's rate."""
    if event.currency is None or event.kind in {"percent", "growth"}:
        return event
    amount = conversion(event.amount, day, event.currency).quantize(_UNIT)
    return replace(event, amount=amount, currency=None)


def within(by: str, name: str, scope: Scope) -> Scope:
    """The part of a scope in which a field has one value."""
    return Scope(fields=tuple(sorted((*(field for field in scope.fields if field[0] != by), (by, (name,))))))


def concerns(event: Event, measure: str) -> bool:
    """Whether an event changes a measure: the one it names, or else every cost."""
    return event.measure == measure if event.measure is not None else measure in COSTS


Recent = Sequence[tuple[Mapping[str, str], Decimal]]
"""What the last four weeks cost, per combination of fields."""


def recent(table: DailyTable, data_to: date) -> Recent:
    """Sum the last four weeks of a table up to the last complete day."""
    first = data_to - timedelta(days=_RECENT_DAYS - 1)
    found: dict[tuple[str | None, ...], list[Decimal]] = {}
    for values, day, amount, _ in table.rows:
        if first <= day <= data_to:
            found.setdefault(values, []).append(amount)
    return [(named(table.fields, values), add(*amounts)) for values, amounts in found.items()]


def borne(event: Event, rows: Recent, parts: Mapping[str, Scope], *, by: str | None) -> dict[str, Part]:
    """How much of an event falls on each part, by what they cost in the last four weeks.

    A part bears what it costs inside the event's scope. Where nothing was charged there yet, an amount falls on the one
    part that the event names, or else on what is not allocated, or else on the first part that may hold it; a per cent
    of a scope that a part lies in by name is of all it will cost, and of any other that costs nothing it is nothing.

    Args:
        event: whose.
        rows: as `recent` gives them, with every field that the scopes name.
        parts: scope of each; `not allocated` stands for no value.
        by: the field whose value is the name of a part; None where there is one part only.
    """
    concerned = Decimal(0)
    own: dict[str, Decimal] = {}
    both: dict[str, Decimal] = {}
    for row, amount in rows:
        if amount <= 0:  # credits and refunds carry no share
            continue
        inside = event.scope.holds(row)
        concerned = add(concerned, amount) if inside else concerned
        name = next(iter(parts)) if by is None else row[by]
        if name in parts and parts[name].holds(row):
            own[name] = add(own.get(name, Decimal(0)), amount)
            if inside:
                both[name] = add(both.get(name, Decimal(0)), amount)
    if concerned <= 0:
        bearer = _bearer(event, parts)
        return {} if bearer is None else {bearer: Part(share=_whole(event.scope, parts[bearer]), weight=1.0)}
    found = {}
    for name, scope in parts.items():
        share = to_float(both[name] / own[name]) if name in both else 0.0
        weight = to_float(both[name] / concerned) if name in both else 0.0
        share = max(min(share, 1.0), _whole(event.scope, scope))
        if share or weight:
            found[name] = Part(share=share, weight=weight)
    return found


def _stands_for(event: Event, expiry: Event, provider: str) -> bool:
    """Whether somebody wrote the expiry down: on the same day, for all that the provider bills or this commitment."""
    wanted = dict(event.scope.fields)
    identifier = dict(expiry.scope.fields)["commitment"][0]
    return (
        event.start == expiry.start
        and set(wanted) <= {"provider", "commitment"}
        and provider in wanted.get("provider", (provider,))
        and identifier in wanted.get("commitment", (identifier,))
    )


def named(fields: Sequence[str], values: Sequence[str | None]) -> dict[str, str]:
    """The fields of a row by name, with the name of no value where there is none."""
    return {field: NOT_ALLOCATED if value is None else value for field, value in zip(fields, values, strict=True)}


def _whole(outer: Scope, inner: Scope) -> float:
    """1 where everything inside one scope lies inside the other by what they name, whatever was charged; else 0."""
    fields = dict(inner.fields)
    return float(all(name in fields and set(fields[name]) <= set(values) for name, values in outer.fields))


def _bearer(event: Event, parts: Mapping[str, Scope]) -> str | None:
    """The part that takes an event of cost not seen yet; None where it lies outside all of them."""
    wanted = dict(event.scope.fields)
    possible = [
        name
        for name, scope in parts.items()
        if all(name_ not in wanted or set(wanted[name_]) & set(values) for name_, values in scope.fields)
    ]
    named = [
        name
        for name in possible
        if any(field in wanted and set(values) & set(wanted[field]) for field, values in parts[name].fields)
    ]
    unclaimed = [name for name in possible if name == NOT_ALLOCATED]
    return next(iter([*named, *unclaimed, *possible]), None)


def _expiries(tables: Tables, engine: Engine, *, as_of: date, known_at: datetime | None) -> list[tuple[Event, str]]:
    """One event, and its provider, per commitment that ends after the clock.

    Its usage then costs the contracted price, and what it costs itself, used or not, ends.
    """
    since, to = as_of - timedelta(days=_RECENT_DAYS + _LATE_DAYS), as_of - timedelta(days=_LATE_DAYS)
    months = {f"{day:%Y-%m}" for day in (since, to, as_of)}
    ends = [one for one in _told(tables, engine, months, known_at=known_at) if one.end > as_of]
    if not ends:
        return []
    allocated = tables.read_allocated(engine, known_at=known_at)
    sums = engine.rows(_covered(allocated, since, to))
    found = []
    for one in ends:
        mine = [row for row in sums if row["CommitmentDiscountId"] == one.identifier]
        dearer = add(*(subtract(row["contracted"] or Decimal(0), row["effective"] or Decimal(0)) for row in mine))
        if not mine or not dearer or len({row["BillingCurrency"] for row in mine}) > 1:
            continue
        short = re.split(r"[/:]", one.identifier)[-1]
        short = short if len(short) <= _SHOWN else short[:8]
        name = one.name or f"{one.kind or 'Commitment'} {short}"
        event = Event(
            name=f"{name} ends",
            scope=Scope(fields=(("commitment", (one.identifier,)),)),
            start=one.end,
            kind="per_day",
            amount=(dearer / _RECENT_DAYS).quantize(_UNIT),
            measure="effective_cost",
            origin="bill",
            currency=mine[0]["BillingCurrency"],
        )
        found.append((event, one.provider or ""))
    return found


def _told(
    tables: Tables, engine: Engine, months: Collection[str], *, known_at: datetime | None
) -> tuple[Commitment, ...]:
    """The commitments of some months, from what was kept beside their daily sums; line items where nothing was."""
    wanted = [partition for partition in tables.partitions(known_at=known_at) if partition[1] in months]
    digests = {one: digest.parsed(note) for one, note in tables.notes(wanted, known_at=known_at).items()}
    kept = [one.commitments for one in digests.values() if one is not None and one.commitments is not None]
    bare = {partition for partition, one in digests.items() if one is None or one.commitments is None}
    files = [f for f in tables.cost.files(known_at=known_at) if (f.source, f.month) in bare] if bare else []
    if files:
        cost = tables.read_cost(engine, files, "cost_of_commitments")
        kept.append(commitments.of_rows(engine.rows(commitments.ends(cost))))
    return commitments.latest(one for told in kept for one in told)


def _covered(allocated: "ir.Table", since: date, to: date) -> "ir.Table":
    """Cost with each commitment, and at the contracted price without it, over some days."""
    rows = allocated.filter(
        allocated.CommitmentDiscountId.notnull()
        & allocated.CommitmentDiscountStatus.notnull()
        & (allocated.x_Day >= since)
        & (allocated.x_Day < to)
    )
    unused = rows.CommitmentDiscountStatus == "Unused"
    return rows.group_by(["CommitmentDiscountId", "BillingCurrency"]).agg(
        effective=rows.EffectiveCost.sum(), contracted=unused.ifelse(0, rows.ContractedCost).sum()
    )
