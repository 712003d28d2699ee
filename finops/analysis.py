"""Analysis: the stored table read once, and what commands judge from it: spend, its forecast, budgets' outlooks."""

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from finops import completeness, credited, periods, planning, public_holidays, rates, series
from finops.budgets.budget import Budget
from finops.budgets.outlook import Outlook, outlook
from finops.budgets.spend import Spend
from finops.clock import Clock
from finops.completeness import Completeness
from finops.config import Config
from finops.connector import Progress
from finops.errors import BillError, ConfigurationError
from finops.forecast.event import Event
from finops.forecast.late_days import LateDay
from finops.forecast.width import Width
from finops.hierarchy import Hierarchy
from finops.money import add, subtract
from finops.rates import Conversion, Rate, Rates
from finops.report.forecast_table import CreditsEnded, CreditsGoOn
from finops.series import DailyTable, Scope
from finops.store import engines
from finops.store.engine import Engine
from finops.store.scratch import scratch
from finops.store.tables import Tables


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Analysis:
    """One measure of the table, as known at a time and up to a day.

    Attributes:
        measure: what is analysed; `currency` of it, or its unit.
        by: the field the parts differ in; `scope` what all of them lie in.
        as_of: the clock; charges after it were left out.
        first_day, data_to: first day with charges, and last complete day, inclusive.
        left_out: days after data_to that were seen but are incomplete; `completed` those of them that are told as they
            will be, by how days `filled` up before; None where the store's history is too short to say.
        total, parts: spend of everything, and per value of `by`; parts add up to the total, day by day, path by path.
        outlooks: of every budget that has a period at the day asked for.
        events: all that were looked at; `horizon` the first day after the forecast.
        table: the exact daily values behind them.
        conversion: into `currency`.
        rates: of every other currency there is cost in, the newest that was used.
        by_rates: budget name to what dated rates add over budget rates to its complete days; only budgets of money in a
            currency with a budget rate.
        holidays: places whose public holidays the forecast knows.
        credits: what those that go on took off the last four weeks inside the scope; None where it is next to nothing.
        credits_ended: those inside the scope that have run out in that time; the forecast goes without them.
        widths: by measure, how much wider the ranges are than usual, by own past totals; none where these are few.
    """

    measure: str
    currency: str
    by: str
    scope: Scope
    as_of: date
    known_at: datetime | None
    first_day: date
    data_to: date | None
    left_out: tuple[date, ...]
    completed: tuple[LateDay, ...]
    filled: Completeness | None
    total: Spend
    parts: tuple[Spend, ...]
    outlooks: tuple[Outlook, ...]
    events: tuple[Event, ...]
    horizon: date
    table: DailyTable
    conversion: Conversion
    rates: tuple[Rate, ...]
    by_rates: Mapping[str, Decimal]
    holidays: tuple[str, ...]
    widths: Mapping[str, Width]
    credits: CreditsGoOn | None
    credits_ended: tuple[CreditsEnded, ...]


@contextmanager
def reading(config: Config) -> Iterator[tuple[Tables, Engine]]:
    """The tables of a store and an engine to read them with.

    Raises:
        NothingStored: if nothing was ever ingested there.
    """
    tables = Tables.at(config.store.path, config.store.url)
    if tables.allocated.version() is None:
        raise NothingStored(config.store.place)
    with (
        scratch(config.store.spill) as spill,
        engines.opened(config.store, spill=spill) as engine,
    ):
        yield tables, engine


def analyse(
    config: Config,
    tables: Tables,
    engine: Engine,
    *,
    as_of: date,
    known_at: datetime | None,
    day: date | None = None,
    measure: str | None = None,
    by: str = "project",
    scope: Scope | None = None,
    what_if: Sequence[Event] = (),
    progress: Progress = lambda _: None,
) -> Analysis:
    """Read the table and forecast.

    Args:
        config: budgets, reporting currency, seed.
        tables: of the store.
        engine: reads them.
        as_of: the clock: charges after it are not used, its own day counts as incomplete.
        known_at: the table as it was then; None for now.
        day: a day of the period budgets are judged in; None for as_of.
        measure: None for the organisation's.
        by: field of `series.FIELDS`, or `tag:KEY`, that tells the parts apart.
        scope: only cost inside it; None for everything.
        what_if: events beside those of the configuration and the bill.
        progress: told how many series are forecast.

    Raises:
        NothingKnown: if the table held nothing up to as_of.
        UnknownValue: if the scope names a project, service or the like that there is none of.
        RateMissing: if there is money in another currency than the report's, and no rate for its day.
    """
    measure, day, scope = measure or config.organisation.measure, day or as_of, scope or Scope()
    events = (*planning.dated_facts(config, tables, engine, as_of=as_of, known_at=known_at), *what_if)
    judged = [
        budget
        for budget in config.budgets
        if budget.period_at(day, fiscal_year_start=config.organisation.fiscal_year_start)
    ]
    wanted = sorted(
        {
            by,
            "project",
            "provider",
            "service",
            *(name for name, _ in scope.fields),
            *(n for b in judged for n, _ in b.scope.fields),
            *(n for event in events for n, _ in event.scope.fields),
        }
    )
    filled = completeness.learn(tables, engine, measure=measure, as_of=as_of, known_at=known_at)
    wanted = wanted if filled is None else sorted({*wanted, *completeness.FIELDS})
    stored = series.with_teams(tables.read_allocated(engine, known_at=known_at), config.teams)
    _check_fields(config, wanted)
    stored = stored.filter(stored.x_Day <= as_of)
    measures = sorted({measure, *(budget.measure for budget in judged)})
    read = {one: series.read(engine.arrow, stored, one, wanted) for one in measures}
    table = read[measure]
    if not table.rows:
        raise NothingKnown(config.store.place, measure, as_of, known_at)
    _check_scope(config, table, scope)
    conversion = _conversion(config, table, {one.currency for one in events if one.currency is not None})
    billed = read
    read = {one: in_one_currency(rows, conversion) for one, rows in billed.items()}
    table = read[measure]
    completed = {} if filled is None else {one: filled.completed(rows) for one, rows in read.items()}
    late = () if filled is None else filled.late(table)
    whole = completed.get(measure, table).daily(Scope())
    clock = Clock.of(whole, as_of, history_months=config.forecast.history_months, late=late)
    horizon = _horizon(config, clock, day, judged)
    if config.forecast.holidays:
        known = public_holidays.of_places(config.forecast.holidays, start=clock.since, end=horizon)
        clock = replace(clock, holidays=known)
    events = tuple(planning.converted(one, conversion, clock.data_to or as_of) for one in events)
    credit = {
        one: in_one_currency(credited.credits_of(engine.arrow, stored, rows), conversion) for one, rows in read.items()
    }
    ended = {one: credited.ended(rows, clock.data_to) for one, rows in credit.items()}
    hierarchy = Hierarchy(
        tables=read,
        projects=tuple(project.name for project in config.projects),
        teams=config.teams,
        events=events,
        clock=clock,
        horizon=horizon,
        seed=config.forecast.seed,
        recent={
            one: planning.recent(rows, clock.data_to) if events and clock.data_to else [] for one, rows in read.items()
        },
        completed=completed,
        ended_credits=ended,
        progress=progress,
    )
    parts, total = hierarchy.parts(measure, by, scope)
    spends = [hierarchy.spend(budget.measure, budget.scope) for budget in judged]
    start = config.organisation.fiscal_year_start
    found = (outlook(one, spend, day=day, fiscal_year_start=start) for one, spend in zip(judged, spends, strict=True))
    outlooks = [one for one in found if one is not None]
    return Analysis(
        measure=measure,
        currency=series.unit_of(measure, conversion.quote),
        scope=scope,
        conversion=conversion,
        rates=_rates(billed, conversion, clock.data_to or as_of),
        holidays=tuple(one.place for one in clock.holidays),
        by_rates=_by_rates(billed, outlooks, conversion, clock.data_to),
        by=by,
        as_of=as_of,
        known_at=known_at,
        first_day=clock.first_day,
        data_to=clock.data_to,
        left_out=clock.left_out,
        completed=clock.completed,
        filled=filled,
        total=total,
        parts=parts,
        outlooks=tuple(outlooks),
        events=events,
        horizon=horizon,
        table=table,
        widths=hierarchy.widths,
        credits=credited.credits_go_on(credit[measure], ended[measure], table, scope=scope, data_to=clock.data_to),
        credits_ended=credited.credits_ended(ended[measure], scope, clock.data_to),
    )


class NothingStored(ConfigurationError):
    """The store is empty."""

    def __init__(self, place: str) -> None:
        super().__init__(f"The store {place} holds no table yet.", "Run finops ingest first.")


class NothingKnown(BillError):
    """Nothing was known at that time, or up to that day."""

    def __init__(self, place: str, measure: str, as_of: date, known_at: datetime | None) -> None:
        when = f" as known at {known_at:%Y-%m-%d %H:%M} UTC" if known_at else ""
        super().__init__(
            f"The store {place} holds no {measure.replace('_', ' ')} up to {as_of}{when}.",
            "Ask for a later --as-of or --known-at, or ingest an export that carries it.",
        )


class UnknownValue(ConfigurationError):
    """The scope names something that no cost carries: most likely a slip of the hand."""

    def __init__(self, field: str, value: str, known: Sequence[str]) -> None:
        near = difflib.get_close_matches(value, known, n=1)
        todo = f"Did you mean {near[0]!r}?" if near else f"There is {', '.join(known) or 'none'}."
        super().__init__(f"No cost of {field} {value!r} is known.", todo)


class UnknownTag(ConfigurationError):
    """A tag that no rule names is not in the daily table."""

    def __init__(self, key: str, known: Sequence[str]) -> None:
        super().__init__(
            f"The daily table does not hold the tag {key!r}.",
            f"Name the tag in a rule of finops.toml and run finops ingest; it holds {', '.join(known) or 'no tags'}.",
        )


def _check_fields(config: Config, wanted: Iterable[str]) -> None:
    for name in wanted:
        key = name.removeprefix("tag:")
        if name.startswith("tag:") and key not in config.rules.tag_keys:
            raise UnknownTag(key, config.rules.tag_keys)


def _check_scope(config: Config, table: DailyTable, scope: Scope) -> None:
    for field, values in scope.fields:
        known = {value for value in table.values(field) if value is not None}
        known |= {project.name for project in config.projects} if field == "project" else set()
        known |= set(config.teams.values()) if field == "team" else set()
        for value in values:
            if value not in known:
                raise UnknownValue(field, value, sorted(known))


def _conversion(config: Config, table: DailyTable, others: Collection[str] = ()) -> Conversion:
    """Into the reporting currency; without one, into the currency that the bill had first.

    Args:
        config: names the file of rates, which is read where anything is in another currency.
        table: what is billed.
        others: currencies of what is not in it.
    """
    first: dict[str, date] = {}
    for _, day, _, currency in table.rows:
        first[currency] = min(day, first.get(currency, day))
    quote = config.organisation.currency or min(first, key=lambda currency: (first[currency], currency))
    known = rates.read(config.rates) if config.rates is not None and {*first, *others} != {quote} else Rates()
    return Conversion(rates=known, quote=quote, plan=rates.planned(config.plan, quote))


def in_one_currency(table: DailyTable, conversion: Conversion) -> DailyTable:
    """Money in one currency; other measures as they are."""
    if table.measure not in series.COSTS:
        return table
    in_order = sorted(table.rows, key=lambda row: row[1])  # so that the first missing rate is the one named
    rows = tuple(
        (values, day, conversion(amount, day, currency), conversion.quote) if currency != conversion.quote else row
        for row in in_order
        for values, day, amount, currency in [row]
    )
    return DailyTable(measure=table.measure, fields=table.fields, rows=rows)


def _rates(billed: Mapping[str, DailyTable], conversion: Conversion, day: date) -> tuple[Rate, ...]:
    """The newest rate up to the day of every currency that was converted."""
    money = [table for measure, table in billed.items() if measure in series.COSTS]
    currencies = sorted({currency for table in money for *_, currency in table.rows})
    known = (conversion.newest(currency, day) for currency in currencies)
    return tuple(rate for rate in known if rate is not None)


def _by_rates(
    billed: Mapping[str, DailyTable], outlooks: Iterable[Outlook], conversion: Conversion, data_to: date | None
) -> dict[str, Decimal]:
    """What dated rates add over budget rates to the complete days of each budget, in the one currency."""
    found: dict[str, Decimal] = {}
    for one in outlooks:
        table = billed[one.budget.measure]
        if table.measure not in series.COSTS or data_to is None:
            continue
        added = [
            subtract(conversion(amount, day, currency), planned)
            for values, day, amount, currency in table.rows
            if day in one.period
            and day <= data_to
            and one.budget.scope.holds(dict(zip(table.fields, values, strict=True)))
            and (planned := conversion.planned(amount, currency)) is not None
        ]
        if added:
            found[one.budget.name] = add(*added)
    return found


def _horizon(config: Config, clock: Clock, day: date, judged: Iterable[Budget]) -> date:
    """The exclusive end of every period anybody may ask for: the fiscal years of clock and day, and all budgets'."""
    start = config.organisation.fiscal_year_start
    ends = [periods.fiscal_year_of(one, fiscal_year_start=start).end for one in (day, clock.data_to or day)]
    ends += [period.end for budget in judged if (period := budget.period_at(day, fiscal_year_start=start))]
    return max(ends)
