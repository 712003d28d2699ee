"""Completeness: how much of a bill's last days is there, learnt from how earlier days filled up.

The store's history tells, and where that is too short the times at which a bill's rows were exported, if they say.

A day's age is counted from the newest day of its source in the same state of the store, so that neither the hour of an
ingest nor an export that stands still changes it.
"""

import itertools
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from finops import digest, vintages
from finops.arrivals import Arrival
from finops.forecast.late_days import LateDay
from finops.money import from_float, to_float
from finops.series import COSTS, DailyTable
from finops.store.engine import Engine
from finops.store.tables import Tables
from finops.vintages import Vintage

FIELDS = ("service", "source")
"""What completeness is learnt for; tables that are completed tell these apart."""

FEWEST_STATES = 8
_MOST_STATES = 30
_MOST_APART = 3
_FEWEST_SEEN = 5
_FULL_AFTER = 7
"""Days after the newest one before a day counts as full: what comes later is a correction."""
_LOOKED_BACK = 21
_NEARLY_ALL = 0.98
_TOLD = 0.5
"""Share of a day that must be there for it to be completed; of less, the forecast knows more."""
_LEAST_SPREAD = 0.005
_OF_MAD = 1.4826
"""Standard deviations per median absolute deviation of a normal distribution."""

Key = tuple[str | None, str | None]
"""Source, and service; None for all services of the source."""
Days = Mapping[date, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What is usually there of a day of some age, over 0 to 1, and the relative spread of what comes of it."""

    there: float
    spread: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """How days fill up.

    Attributes:
        shares: by source and service (None for all of them), and age in days, youngest first.
        states: how many states it was learnt from, one a day, since `since`.
        of: what they are states of.
    """

    shares: Mapping[Key, Mapping[int, Share]]
    states: int
    since: date
    of: str = "the store"

    def __str__(self) -> str:
        """What it was learnt from, in words."""
        return f"how days filled up in {self.states} states of {self.of} since {self.since}"

    def share(self, source: str | None, service: str | None, age: int) -> Share | None:
        """What is usually there; of the source where too little is known of the service, None where nothing is."""
        of_service = self.shares.get((source, service), {}).get(age)
        return of_service or self.shares.get((source, None), {}).get(age)

    def completed(self, table: DailyTable) -> DailyTable:
        """The table with its last days as they will usually be once they are all in.

        Args:
            table: with source and service among its fields; days after the clock are not in it.
        """
        source, service = table.fields.index("source"), table.fields.index("service")
        newest = _newest((values[source], day, amount) for values, day, amount, _ in table.rows)
        rows = []
        for values, day, amount, currency in table.rows:
            known = newest.get(values[source])
            age = _FULL_AFTER if known is None else (known - day).days
            share = self.share(values[source], values[service], age) if 0 <= age < _FULL_AFTER else None
            whole = amount if share is None or share.there < _TOLD else amount / Decimal(repr(share.there))
            rows.append((values, day, whole, currency))
        return DailyTable(measure=table.measure, fields=table.fields, rows=tuple(rows))

    def late(self, table: DailyTable) -> tuple[LateDay, ...]:
        """The last days from the oldest one that is not all in, by day.

        Args:
            table: as for `completed`.
        """
        source, service = table.fields.index("source"), table.fields.index("service")
        newest = _newest((values[source], day, amount) for values, day, amount, _ in table.rows)
        last = max(newest.values(), default=None)
        if last is None:
            return ()
        first = last - timedelta(days=_FULL_AFTER - 1)
        found: dict[date, list[tuple[float, Share]]] = {first + timedelta(days=at): [] for at in range(_FULL_AFTER)}
        for values, day, amount, _ in table.rows:
            if day < first or day > last or amount <= 0:
                continue
            age = (newest.get(values[source], day) - day).days
            share = self.share(values[source], values[service], age) if age >= 0 else None
            found[day].append((to_float(amount), share or Share(there=1.0, spread=0.0)))
        days = [_late_day(day, shares) for day, shares in found.items() if shares]
        oldest = next((at for at, one in enumerate(days) if one.there < _NEARLY_ALL), len(days))
        return tuple(days[oldest:])


def learn(
    tables: Tables, engine: Engine, *, measure: str, as_of: date, known_at: datetime | None
) -> Completeness | None:
    """Learn from the last states of the store, one a day.

    Args:
        tables: of the store.
        engine: reads them.
        measure: whose days fill up.
        as_of: the clock: days after it are not looked at.
        known_at: states made later are not looked at; None for now.

    Returns:
        None where there are fewer than eight, or they lie more than three days apart on the whole, and no bill tells
        when its rows were exported.
    """
    by_day = {when.date(): when for when in vintages.times(tables, until=known_at)}
    last = [by_day[day] for day in sorted(by_day)][-_MOST_STATES - 1 :]
    gaps = [(later.date() - earlier.date()).days for earlier, later in itertools.pairwise(last)]
    if len(last) <= FEWEST_STATES or statistics.median(gaps) > _MOST_APART:
        return _by_exports(tables, as_of=as_of, known_at=known_at) if measure in COSTS else None
    since = [when.date() - timedelta(days=_LOOKED_BACK) for when in last]
    since[-1] = since[0]  # the newest state is what all of them are held against
    states = (
        vintages.at(tables, engine, when, measure=measure, fields=FIELDS, since=first)
        for when, first in zip(last, since, strict=True)
    )
    return learnt([state for state in states if state is not None], as_of=as_of)


def _by_exports(tables: Tables, *, as_of: date, known_at: datetime | None) -> Completeness | None:
    """As `learn`, from the bill alone: what was exported by the hour of its newest row on each of the days before."""
    months = {f"{as_of - timedelta(days=back):%Y-%m}" for back in range(_MOST_STATES + _LOOKED_BACK)}
    wanted = [partition for partition in tables.partitions(known_at=known_at) if partition[1] in months]
    told: dict[str, list[Arrival]] = {}
    for (source, _), note in tables.notes(wanted, known_at=known_at).items():
        found = digest.parsed(note)
        told.setdefault(source, []).extend(() if found is None else found.arrivals)
    told = {source: seen for source, seen in told.items() if seen}
    if not told or any(one.day > as_of for seen in told.values() for one in seen):
        return None  # by a clock that was set back the last days look younger than they are
    newest = {source: max(one.exported for one in seen) for source, seen in told.items()}
    states = [
        Vintage(
            known_at=max(newest.values()) - timedelta(days=back),
            table=_exported(
                {
                    source: [one for one in seen if one.exported <= newest[source] - timedelta(days=back)]
                    for source, seen in told.items()
                }
            ),
        )
        for back in range(_MOST_STATES, -1, -1)
    ]
    completeness = learnt(states, as_of=as_of)
    return (
        replace(completeness, of=f"the bill of {', '.join(sorted(told))}, by its times of export,")
        if completeness.shares
        else None
    )


def _exported(seen: Mapping[str, Sequence[Arrival]]) -> DailyTable:
    rows = [((None, source), one.day, from_float(one.amount), "") for source, ones in seen.items() for one in ones]
    return DailyTable(measure="effective_cost", fields=FIELDS, rows=tuple(rows))


def learnt(states: Sequence[Vintage], *, as_of: date) -> Completeness:
    """What states say, the newest of which is last: how much of their last days they had of what it has.

    Args:
        states: tables of FIELDS, at least one, oldest first.
        as_of: days after it are not looked at.
    """
    *earlier, newest = states
    now = _seen(newest, as_of)
    shares: dict[tuple[Key, int], list[float]] = {}
    for state in earlier:
        for key, age, share in _compared(_seen(state, as_of), now):
            shares.setdefault((key, age), []).append(share)
    return Completeness(shares=_shares(shares), states=len(earlier), since=states[0].known_at.date())


def _seen(state: Vintage, as_of: date) -> dict[Key, dict[date, float]]:
    """Cost per day of every source and service, and of every source."""
    found: dict[Key, dict[date, float]] = {}
    for (service, source), day, amount, _ in state.table.rows:
        if day <= as_of:
            for key in {(source, service), (source, None)}:
                days = found.setdefault(key, {})
                days[day] = days.get(day, 0.0) + to_float(amount)
    return found


def _compared(then: Mapping[Key, Days], now: Mapping[Key, Days]) -> Iterable[tuple[Key, int, float]]:
    """What was there of the last days then, over what is there now, where that is all."""
    newest_then, newest_now = ({key[0]: max(days) for key, days in seen.items() if not key[1]} for seen in (then, now))
    for key, days in now.items():
        newest = newest_then.get(key[0])
        if newest is None:
            continue
        for age in range(_FULL_AFTER):
            day = newest - timedelta(days=age)
            whole = days.get(day, 0.0)
            if (newest_now[key[0]] - day).days > _FULL_AFTER and whole > 0:
                yield key, age, min(max(then.get(key, {}).get(day, 0.0) / whole, 0.0), 1.0)


def _shares(seen: Mapping[tuple[Key, int], Sequence[float]]) -> dict[Key, dict[int, Share]]:
    """Medians; a day that is older has no less."""
    found: dict[Key, dict[int, Share]] = {}
    least: dict[Key, float] = {}
    for key, age in sorted(seen, key=lambda one: (str(one[0]), one[1])):
        ratios = seen[key, age]
        if len(ratios) < _FEWEST_SEEN:
            continue
        there = max(statistics.median(ratios), least.get(key, 0.0))
        least[key] = there
        off = statistics.median(abs(ratio - there) for ratio in ratios) / there if there else 1.0
        found.setdefault(key, {})[age] = Share(there=there, spread=max(_OF_MAD * off, _LEAST_SPREAD))
    return found


def _newest(rows: Iterable[tuple[str | None, date, Decimal]]) -> dict[str | None, date]:
    found: dict[str | None, date] = {}
    for source, day, amount in rows:
        if amount and (source not in found or day > found[source]):
            found[source] = day
    return found


def _late_day(day: date, shares: Sequence[tuple[float, Share]]) -> LateDay:
    """All sources together: what is there over what it is completed to."""
    booked = sum(amount for amount, _ in shares)
    whole = sum(amount / max(share.there, _TOLD) for amount, share in shares)
    unsure = sum(amount / max(share.there, _TOLD) * share.spread for amount, share in shares)
    told = all(share.there >= _TOLD for amount, share in shares if amount > _LEAST_SPREAD * booked)
    return LateDay(day=day, there=booked / whole, spread=unsure / whole, completed=told)
