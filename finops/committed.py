"""Committed: what commitments that end, and those bought that have yet to begin, change, as events.

The bill tells of those it has seen, finops.toml (`[[commitments]]`) of what exports lack; one told by both is one.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from finops import commitments, digest, rates, series
from finops.commitments import Agreement, Commitment, tail
from finops.config import Config
from finops.forecast.event import Event
from finops.money import FORECAST_UNIT, add, subtract
from finops.periods import FOUR_WEEKS
from finops.rates import Rates
from finops.series import Scope
from finops.store.engine import Engine
from finops.store.tables import Tables

if TYPE_CHECKING:
    import ibis.expr.types as ir

_LATE = timedelta(days=3)
"""Days before the clock that may not be all in yet."""
_SHOWN = 24
"""Characters of an identifier that may stand in a name; the first eight stand for a longer one."""

Found = tuple[Event, str | None]
"""An event, and the provider of the commitment that ends; None where a commitment begins."""


def events(
    config: Config, tables: Tables, engine: Engine, *, as_of: date, known_at: datetime | None
) -> tuple[Found, ...]:
    """What commitments of the bill and of finops.toml change after the clock.

    Of one that ends, usage then costs the contracted price, and its fee ends. One that begins costs its fee, and its
    usage falls away where a discount says how much that is.

    Args:
        config: commitments, their currencies' rates, and whether those of the bill alone are looked at.
        tables: of the store.
        engine: reads them.
        as_of: the clock.
        known_at: the tables as they were then; None for now.

    Raises:
        RateMissing: if a commitment is in another currency than the usage it covers, and no rate is known.
    """
    since, to = as_of - _LATE - FOUR_WEEKS, as_of - _LATE
    months = {f"{day:%Y-%m}" for day in (since, to, as_of)}
    told = _told(tables, engine, months, known_at=known_at)
    stated = [one for one in config.commitments if one.end > as_of]
    billed = [one for one in told if one.end > as_of] if config.forecast.commitments else []
    if not (stated or billed):
        return ()
    allocated = tables.read_allocated(engine, known_at=known_at)
    seen = _seen(engine.rows(_covered(allocated, since, to)))
    found: list[Found] = [
        (event, one.provider or "")
        for one in billed
        if not any(entry.is_called(one.identifier) for entry in config.commitments)
        for event in _end_in_bill(one, seen.get(one.identifier, ()))
    ]
    names = {one.identifier: one for one in told}
    begin = []
    for entry in stated:
        called = next(iter(sorted(filter(entry.is_called, {*seen, *names}), key=len, reverse=True)), None)
        if called is not None and called in seen:
            known = names.get(called, Commitment(identifier=called, end=entry.end, provider=seen[called][0].provider))
            found += [(event, known.provider or "") for event in _end(entry, known, seen[called])]
        elif entry.start is not None and entry.start > to:
            begin.append(entry)
        else:
            found += [(event, "") for event in _end_unseen(entry)]
    if not begin:
        return tuple(found)
    ends = {one.identifier: one.end for one in told} | {
        identifier: entry.end for entry in config.commitments for identifier in seen if entry.is_called(identifier)
    }
    usage = _usage(config, engine, allocated.filter((allocated.x_Day >= since) & (allocated.x_Day < to)), begin)
    return (*found, *((event, None) for event in _begins(config, begin, usage, ends, to)))


# ── that end ──────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What one commitment cost in four weeks, and its usage at the contracted price, in one currency."""

    effective: Decimal
    contracted: Decimal
    currency: str
    provider: str


def _seen(rows: Sequence[Mapping[str, object]]) -> dict[str, list[_Seen]]:
    found: dict[str, list[_Seen]] = {}
    for row in rows:
        one = _Seen(
            effective=_amount(row["effective"]),
            contracted=_amount(row["contracted"]),
            currency=str(row["currency"]),
            provider=str(row["provider"] or ""),
        )
        found.setdefault(str(row["identifier"]), []).append(one)
    return found


def _amount(value: object) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(0)


def _end_in_bill(one: Commitment, seen: Sequence[_Seen]) -> Iterator[Event]:
    """In effective cost, whose fee the bill tells: usage at the contracted price, less what it cost, used or not."""
    if len(seen) != 1 or not (dearer := subtract(seen[0].contracted, seen[0].effective)):
        return
    yield Event(
        name=f"{_name(one)} ends",
        scope=Scope(fields=(("commitment", (one.identifier,)),)),
        start=one.end,
        kind="per_day",
        amount=(dearer / FOUR_WEEKS.days).quantize(FORECAST_UNIT),
        measure="effective_cost",
        origin="bill",
        currency=seen[0].currency,
    )


def _end(entry: Agreement, known: Commitment, seen: Sequence[_Seen]) -> Iterator[Event]:
    """As the bill's own on the day that finops.toml says; in billed cost too, where that tells the fee."""
    one = replace(known, end=entry.end, name=entry.name or known.name)
    for event in _end_in_bill(one, seen):
        yield replace(event, origin="finops.toml")
    if len(seen) != 1 or not entry.daily:
        return
    usage = Event(
        name=f"{_name(one)} ends: usage",
        scope=Scope(fields=(("commitment", (one.identifier,)),)),
        start=one.end,
        kind="per_day",
        amount=(seen[0].contracted / FOUR_WEEKS.days).quantize(FORECAST_UNIT),
        measure="billed_cost",
        currency=seen[0].currency,
    )
    yield usage
    if entry.recurring:
        fee = -entry.recurring.quantize(FORECAST_UNIT)
        yield replace(usage, name=f"{_name(one)} ends: fee", amount=fee, currency=entry.currency)


def _end_unseen(entry: Agreement) -> Iterator[Event]:
    """Of one that runs, but that the bill does not name: all of it used, as far as its discount is said."""
    event = Event(
        name=f"{_name_of(entry)} ends",
        scope=entry.scope,
        start=entry.end,
        kind="per_day",
        amount=Decimal(0),
        measure="effective_cost",
        currency=entry.currency,
        basis="not in the bill, no discount stated: nothing is added",
    )
    if entry.covers:
        dearer, billed = subtract(entry.covers, entry.daily), subtract(entry.covers, entry.recurring)
        event = replace(event, amount=dearer.quantize(FORECAST_UNIT), basis="not in the bill: taken as fully used")
        yield replace(event, measure="billed_cost", amount=billed.quantize(FORECAST_UNIT))
    yield event


def _name(one: Commitment) -> str:
    short = tail(one.identifier)
    short = short if len(short) <= _SHOWN else short[:8]
    return one.name or f"{one.kind or 'Commitment'} {short}"


def _name_of(entry: Agreement) -> str:
    return entry.name or _name(Commitment(identifier=entry.identifier, end=entry.end))


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
    return rows.group_by(identifier=rows.CommitmentDiscountId, currency=rows.BillingCurrency).agg(
        effective=rows.EffectiveCost.sum(),
        contracted=unused.ifelse(0, rows.ContractedCost).sum(),
        provider=rows.ProviderName.max(),
    )


# ── that begin ────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Usage:
    """What usage of some fields costs on a day at the contracted price."""

    fields: Mapping[str, str | None]
    day: date
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class _Exchange:
    """Money into one currency at the rate of one day."""

    known: Rates
    day: date
    quote: str

    def __call__(self, amount: Decimal, currency: str | None) -> Decimal:
        """An amount in the one currency; without a currency it is in that already."""
        return amount if currency in {None, self.quote} else self.known.convert(amount, self.day, currency, self.quote)


def _usage(config: Config, engine: Engine, allocated: "ir.Table", begin: Sequence[Agreement]) -> list[_Usage]:
    """Usage at the contracted price, told apart by the fields of scopes and by the commitment that covers it now."""
    import ibis

    if all(entry.discount is None for entry in begin):
        return []
    fields = sorted({"commitment", *(name for entry in begin for name, _ in entry.scope.fields)})
    rows = series.with_teams(allocated, config.teams)
    used = ibis.coalesce(rows.CommitmentDiscountStatus, "Used") != "Unused"
    rows = rows.filter((rows.ChargeCategory == "Usage") & used)
    rows = rows.mutate(ContractedCost=ibis.coalesce(rows.ContractedCost, rows.EffectiveCost))
    table = series.read(engine.arrow, rows, "contracted_cost", fields)
    return [
        _Usage(dict(zip(table.fields, values, strict=True)), day, amount, currency)
        for values, day, amount, currency in table.rows
        if amount > 0
    ]


def _begins(
    config: Config, begin: Sequence[Agreement], usage: Sequence[_Usage], ends: Mapping[str, date], to: date
) -> Iterator[Event]:
    """The fee of each, and what it covers of the usage that is left free by those that run then or begin before."""
    known = rates.read(config.rates) if config.rates is not None else Rates()
    in_order = sorted(begin, key=lambda entry: (entry.start or date.min, entry.identifier))
    for at, entry in enumerate(in_order):
        if entry.start is None:
            continue
        fee = Event(
            name=f"{_name_of(entry)} begins: fee",
            scope=entry.scope,
            start=entry.start,
            until=entry.end,
            kind="per_day",
            amount=entry.daily.quantize(FORECAST_UNIT),
            measure="effective_cost",
            currency=entry.currency,
            basis="" if entry.discount is not None else "no discount stated: covers none of today's usage",
        )
        if entry.daily:
            yield fee
        if entry.recurring:
            yield replace(fee, measure="billed_cost", amount=entry.recurring.quantize(FORECAST_UNIT))
        if entry.upfront:
            name, upfront = f"{_name_of(entry)} begins: upfront", entry.upfront.quantize(FORECAST_UNIT)
            yield replace(fee, name=name, measure="billed_cost", kind="once", amount=upfront, until=None)
        if not entry.covers or not usage:
            continue
        # amounts meet in one currency, at the newest rate
        exchange = _Exchange(known=known, day=to, quote=entry.currency or usage[0].currency)
        free = [one for one in usage if _is_free(one, entry.start, ends)]
        for other in in_order[:at]:
            if other.end > entry.start:
                free, _ = _shared(other, free, exchange)
        _, taken = _shared(entry, free, exchange)
        covered = replace(
            fee,
            name=f"{_name_of(entry)} begins: usage it covers",
            amount=-(taken / FOUR_WEEKS.days).quantize(FORECAST_UNIT),
            currency=exchange.quote,
            basis=f"up to {entry.covers.quantize(Decimal('0.01'))} a day at {entry.discount}% off",
        )
        yield covered
        yield replace(covered, measure="billed_cost")


def _is_free(one: _Usage, day: date, ends: Mapping[str, date]) -> bool:
    """Whether no commitment covers it on a day; one whose end nobody tells goes on."""
    identifier = one.fields["commitment"]
    return identifier is None or ends.get(identifier, date.max) <= day


def _shared(entry: Agreement, usage: Sequence[_Usage], exchange: _Exchange) -> tuple[list[_Usage], Decimal]:
    """What a commitment leaves of usage, and what it takes in all, each day up to what its fee stands for."""
    covers = exchange(entry.covers or Decimal(0), entry.currency)
    there: dict[date, Decimal] = {}
    for one in usage:
        if entry.scope.holds(one.fields):
            there[one.day] = add(there.get(one.day, Decimal(0)), exchange(one.amount, one.currency))
    parts = {day: min(covers / amount, Decimal(1)) for day, amount in there.items()}
    left = [
        replace(one, amount=one.amount * (1 - parts[one.day])) if entry.scope.holds(one.fields) else one
        for one in usage
    ]
    return left, add(*(amount * parts[day] for day, amount in there.items()))
