"""Differing: the bridge between two months, two states of a month, or both, from the rows of `cost`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from finops import drivers, rates
from finops.allocation import tag
from finops.allocation.table import day_of
from finops.analysis import reading
from finops.config import Config
from finops.drivers import Family, Rate, Spent, State, Thing
from finops.errors import BillError
from finops.money import add, subtract
from finops.periods import Moment, Period
from finops.planning import NOT_ALLOCATED
from finops.rates import Conversion, Rates
from finops.reallocation import with_owners
from finops.report import difference
from finops.report.difference import Difference, RateUsed, Side
from finops.series import FIELDS, MEASURES, Scope, with_teams
from finops.store.engine import Engine
from finops.store.lake import DataFile
from finops.store.tables import Tables

if TYPE_CHECKING:
    import ibis.expr.types as ir

SHARED_COST = "shared cost"
"""Whose the rows of a pool of shared cost are: a bridge tells what was bought, before it is split."""


class NothingThere(BillError):
    """A side of the bridge has no rows."""

    def __init__(self, moment: Moment, scope: Scope) -> None:
        when = "" if moment.known_at is None else f" as known at {moment.known_at:%Y-%m-%d %H:%M} UTC"
        where, others = (f" in {scope}", "other values, ") if scope.fields else ("", "")
        super().__init__(
            f"The store holds no cost of {moment.label}{where}{when}.",
            f"Ask for {others}another month or time, or ingest it first.",
        )


def bridged(
    config: Config, start: Moment, end: Moment, *, as_of: date, measure: str | None = None, scope: Scope | None = None
) -> Difference:
    """The bridge from one month, or state of a month, to another.

    Args:
        config: rules, rates, currency.
        start: where it begins.
        end: where it ends; the same month known at another time tells what became known.
        as_of: the clock: later charges are not used on either side.
        measure: of money; None for the organisation's.
        scope: only what lies inside.

    Raises:
        NothingThere: if a side has no rows.
        RateMissing: if money cannot be converted.
    """
    measure, scope = measure or config.organisation.measure, scope or Scope()
    with reading(config) as (tables, engine):
        reader = _Reader(config=config, tables=tables, engine=engine, as_of=as_of, measure=measure, scope=scope)
        known = {one: reader.daily(one) for one in {start, end, replace(start, known_at=end.known_at)}}
        for one in (start, end):
            # Nothing in the scope is a true zero where the month is there and the other side has something.
            if not known[one] and (not reader.holds(one) or not any(known.values())):
                raise NothingThere(one, scope)
        conversion = _conversion(config, [row for rows in known.values() for row in rows])
        if start.month == end.month:
            seen: dict[str, date] = {}
            for row in known[start]:
                seen[row["source"]] = max(row["day"], seen.get(row["source"], row["day"]))
            change = drivers.learned(_by_day(known[start], conversion), _by_day(known[end], conversion), seen)
        else:
            then, now = (_by_family(known[one], conversion) for one in (start, replace(start, known_at=end.known_at)))
            restated = {
                family: moved
                for family in {*then, *now}
                if (moved := subtract(now.get(family, Decimal(0)), then.get(family, Decimal(0))))
            }
            before = reader.state(replace(start, known_at=end.known_at), now)
            after = reader.state(end, _by_family(known[end], conversion))
            change = drivers.change(before, after, _rates(conversion, start, as_of, [before, after]), restated)
    currencies = {row["currency"] for rows in known.values() for row in rows}
    return Difference(
        measure=measure,
        currency=conversion.quote,
        scope=str(scope),
        start=_side(start, as_of, change.start),
        end=_side(end, as_of, change.end),
        steps=difference.steps(
            change,
            days_before=_days(start, as_of),
            days_after=_days(end, as_of),
            learned=start.month == end.month,
        ),
        rates=tuple(_used(conversion, one, start, end, as_of) for one in sorted(currencies - {conversion.quote})),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """Reads one month's rows, whose they are, inside the scope."""

    config: Config
    tables: Tables
    engine: Engine
    as_of: date
    measure: str
    scope: Scope

    def daily(self, moment: Moment) -> list[dict[str, Any]]:
        """Sums per source, family and day: source, project, provider, service, currency, day, amount."""
        rows = self._rows(moment)
        keys = ["source", "project", "provider", "service", "currency", "day"]
        return self.engine.rows(rows.group_by(keys).agg(amount=rows.amount.sum()))

    def holds(self, moment: Moment) -> bool:
        """Whether anything of the month is stored that the clock has reached."""
        return moment.month.start <= self.as_of and bool(self._files(moment))

    def state(self, moment: Moment, converted: dict[Family, Decimal]) -> State:
        """One side, thing by thing."""
        rows = self._rows(moment)
        keys = ["project", "provider", "service", "currency", "unit", "meter", "sku", "region", "pricing"]
        sold = rows.usage.notnull()
        sums = rows.group_by(keys).agg(
            **{
                kind: rows[kind].sum() for kind in ("usage", "commitments", "credits", "tax", "adjustments", "quantity")
            },
            unmeasured=(sold & rows.quantity.isnull()).cast("int64").sum(),
            days=sold.ifelse(rows.day, None).nunique(),
        )
        spent: dict[Thing, Spent] = {}
        for row in self.engine.rows(sums):
            thing, money = _thing(row), _spent(row)
            spent[thing] = money
        return State(days=_days(moment, self.as_of), spent=spent, converted=converted)

    def _files(self, moment: Moment) -> list[DataFile]:
        return [file for file in self.tables.cost.files(known_at=moment.known_at) if file.month == moment.label]

    def _rows(self, moment: Moment) -> "ir.Table":
        files = self._files(moment)
        at = "now" if moment.known_at is None else f"{moment.known_at:%Y%m%d%H%M%S%f}"
        cost = self.tables.read_cost(self.engine, files, f"cost_{moment.label}_{at}")
        cost = cost.filter(day_of(cost) <= self.as_of)
        owned = with_teams(with_owners(cost, self.config.rules, self.engine), self.config.teams)
        for name, values in self.scope.fields:
            owned = owned.filter(_field(owned, name).isin(values))
        return _told_apart(owned, MEASURES[self.measure])


def _field(owned: "ir.Table", name: str) -> "ir.StringValue":
    return tag(owned.Tags, name.removeprefix("tag:")) if name.startswith("tag:") else owned[FIELDS[name]]


def _told_apart(owned: "ir.Table", measure: str) -> "ir.Table":
    """Rows with their amount as usage, or as one of the charges that are steps of their own."""
    import ibis

    amount, category = owned[measure], owned.ChargeCategory
    # List and contracted cost know no commitments.
    committed = owned.CommitmentDiscountId.notnull() & (measure in {"BilledCost", "EffectiveCost"})
    covered = committed & (category == "Usage") & owned.CommitmentDiscountStatus.fill_null("").isin(["", "Used"])
    other = category.isin(["Credit", "Tax", "Adjustment"])
    none = ibis.null(amount.type())
    usage = ibis.cases((other, none), (covered, owned.ContractedCost), (committed, none), else_=amount)
    project = ibis.cases(
        (owned.x_Project.notnull(), owned.x_Project),
        (owned.x_AllocationRule.notnull(), SHARED_COST),
        else_=NOT_ALLOCATED,
    )
    return owned.select(
        source=owned.x_Source,
        project=project,
        provider=owned.ProviderName,
        service=owned.ServiceName,
        currency=owned.BillingCurrency,
        day=day_of(owned),
        amount=amount,
        usage=usage,
        commitments=(committed & ~other).ifelse(amount - usage.fill_null(0), none),
        credits=(category == "Credit").ifelse(amount, none),
        tax=(category == "Tax").ifelse(amount, none),
        adjustments=(category == "Adjustment").ifelse(amount, none),
        quantity=usage.notnull().ifelse(owned.PricingQuantity, None),
        unit=usage.notnull().ifelse(owned.PricingUnit, None),
        meter=ibis.coalesce(owned.SkuMeter, owned.x_InstanceType),
        sku=owned.SkuId,
        region=owned.RegionId,
        pricing=owned.PricingCategory,
    )


def _thing(row: dict[str, Any]) -> Thing:
    sku = f"SKU {row['sku']}" if row["sku"] else None
    pricing = None if row["pricing"] == "Standard" else row["pricing"]
    return Thing(
        project=row["project"],
        provider=row["provider"],
        service=row["service"],
        name=", ".join(part for part in (row["meter"], sku, row["region"], pricing) if part),
        unit=row["unit"] or "",
        currency=row["currency"],
    )


def _spent(row: dict[str, Any]) -> Spent:
    known = row["quantity"] is not None and not row["unmeasured"]
    return Spent(
        quantity=Decimal(repr(row["quantity"])) if known else None,
        days=row["days"],
        **{name: row[name] or Decimal(0) for name in ("usage", "commitments", "credits", "tax", "adjustments")},
    )


def _conversion(config: Config, rows: Sequence[dict[str, Any]]) -> Conversion:
    """Into the reporting currency; without one, into the currency that the bill had first."""
    first = min(rows, key=lambda row: (row["day"], row["currency"]))
    quote = config.organisation.currency or str(first["currency"])
    foreign = {row["currency"] for row in rows} != {quote}
    known = rates.read(config.rates) if config.rates is not None and foreign else Rates()
    return Conversion(rates=known, quote=quote, plan=rates.planned(config.plan, quote))


def _family(row: dict[str, Any]) -> Family:
    return row["project"], row["provider"], row["service"], row["currency"]


def _by_family(rows: Iterable[dict[str, Any]], convert: Conversion) -> dict[Family, Decimal]:
    found: dict[Family, list[Decimal]] = {}
    for row in sorted(rows, key=lambda row: row["day"]):  # so that the first missing rate is the one named
        found.setdefault(_family(row), []).append(convert(row["amount"], row["day"], row["currency"]))
    return {family: add(*amounts) for family, amounts in found.items()}


def _by_day(rows: Iterable[dict[str, Any]], convert: Conversion) -> dict[tuple[str, Family, date], Decimal]:
    return {
        (row["source"], _family(row), row["day"]): convert(row["amount"], row["day"], row["currency"])
        for row in sorted(rows, key=lambda row: row["day"])
    }


def _rates(conversion: Conversion, start: Moment, as_of: date, states: Iterable[State]) -> dict[str, Rate]:
    currencies = {family[3] for state in states for family in state.converted} - {conversion.quote}
    return {
        one: Rate(mean=conversion.mean(_counted(start, as_of), one), plan=conversion.plan_rate(one))
        for one in currencies
    }


def _used(conversion: Conversion, currency: str, start: Moment, end: Moment, as_of: date) -> RateUsed:
    last = _counted(end, as_of).last_day
    newest = conversion.newest(currency, last)
    if newest is None:
        raise rates.RateMissing(last, currency, conversion.quote)
    return RateUsed(
        currency=f"{currency}/{conversion.quote}",
        mean=conversion.mean(_counted(start, as_of), currency),
        plan=conversion.plan_rate(currency),
        newest=newest.value,
        newest_day=newest.day,
        source=newest.source,
    )


def _counted(moment: Moment, as_of: date) -> Period:
    """The days of the month up to the clock."""
    if as_of >= moment.month.last_day:
        return moment.month
    return Period(start=moment.month.start, end=max(as_of, moment.month.start) + timedelta(days=1))


def _days(moment: Moment, as_of: date) -> int:
    return _counted(moment, as_of).days


def _side(moment: Moment, as_of: date, total: Decimal) -> Side:
    return Side(month=moment.label, known_at=moment.known_at, to=_counted(moment, as_of).last_day, total=total)
