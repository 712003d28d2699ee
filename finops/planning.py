"""Planning: the dated facts a forecast takes in, from finops.toml and from the bill, and whose cost they concern."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from finops import committed
from finops.config import Config
from finops.forecast.event import Event
from finops.forecast.steps import Part
from finops.money import FORECAST_UNIT, add, to_float
from finops.periods import FOUR_WEEKS
from finops.rates import Conversion
from finops.series import COSTS, DailyTable, Scope
from finops.store.engine import Engine
from finops.store.tables import Tables

NOT_ALLOCATED = "not allocated"
"""The name of cost that no project rule claims."""


def dated_facts(
    config: Config, tables: Tables, engine: Engine, *, as_of: date, known_at: datetime | None
) -> tuple[Event, ...]:
    """The events of finops.toml, then what commitments that end or begin change, where none of these stands for it.

    Args:
        config: events, commitments, and whether the bill is looked at.
        tables: of the store.
        engine: reads them.
        as_of: the clock.
        known_at: the tables as they were then; None for now.

    Raises:
        RateMissing: if a commitment is in another currency than the usage it covers, and no rate is known.
    """
    if not (config.forecast.commitments or config.commitments):
        return config.events
    found = committed.events(config, tables, engine, as_of=as_of, known_at=known_at)
    names = {one.name for one in config.events}
    return (
        *config.events,
        *(
            event
            for event, provider in found
            if event.name not in names and not any(_stands_for(one, event, provider) for one in config.events)
        ),
    )


def converted(event: Event, conversion: Conversion, day: date) -> Event:
    """The event with its amount in the report's currency, at the day's rate."""
    if event.currency is None or event.kind in {"percent", "growth"}:
        return event
    amount = conversion(event.amount, day, event.currency).quantize(FORECAST_UNIT)
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
    before = data_to - FOUR_WEEKS
    found: dict[tuple[str | None, ...], list[Decimal]] = {}
    for values, day, amount, _ in table.rows:
        if before < day <= data_to:
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


def _stands_for(event: Event, change: Event, provider: str | None) -> bool:
    """Whether somebody wrote a commitment's end down: on the same day, for all that the provider bills or it alone."""
    wanted, own = dict(event.scope.fields), dict(change.scope.fields)
    if provider is None or set(own) != {"commitment"}:
        return False
    (identifier,) = own["commitment"]
    return (
        event.start == change.start
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
