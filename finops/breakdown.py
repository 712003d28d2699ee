"""Breakdown: what a month's report tells apart, read from the tables: services, accounts, commitments, credits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from finops.allocation import Rules
from finops.money import add, subtract
from finops.periods import Period, previous_month
from finops.planning import NOT_ALLOCATED
from finops.rates import Conversion
from finops.reallocation import with_owners
from finops.report.coverage import CoverageFact
from finops.report.holdings import CommitmentFact, CreditFact
from finops.report.slices import NewcomerFact, Slice
from finops.series import MEASURES
from finops.store.engine import Engine
from finops.store.tables import Tables

if TYPE_CHECKING:
    import ibis.expr.types as ir

WHOLE = "everything"
"""The part that slices by account belong to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """A month and the one before, told apart; amounts in the report's currency."""

    services: tuple[Slice, ...]
    accounts: tuple[Slice, ...]
    newcomers: tuple[NewcomerFact, ...]
    commitments: tuple[CommitmentFact, ...]
    credits: tuple[CreditFact, ...]
    coverage: tuple[CoverageFact, ...]


def gather(
    tables: Tables,
    engine: Engine,
    *,
    month: Period,
    measure: str,
    as_of: date,
    data_to: date | None,
    known_at: datetime | None,
    conversion: Conversion,
    rules: Rules,
) -> Breakdown:
    """Read the breakdown of one month.

    Args:
        tables: of the store.
        engine: reads them.
        month: reported.
        measure: a key of `series.MEASURES`, of money.
        as_of: the clock: later charges are not used.
        data_to: last complete day; commitments count only up to it.
        known_at: the tables as they were then; None for now.
        conversion: into the report's currency.
        rules: whose rows are whose.
    """
    both = Period(start=previous_month(month).start, end=month.end)
    allocated = tables.read_allocated(engine, known_at=known_at)
    allocated = allocated.filter(
        (allocated.x_Day >= both.start) & (allocated.x_Day < both.end) & (allocated.x_Day <= as_of)
    )
    files = [file for file in tables.cost.files(known_at=known_at) if file.month in both.months()]
    cost = tables.read_cost(engine, files, "cost_of_months")
    by_service = _daily(allocated, measure, part="x_Project", group="ProviderName", name="ServiceName")
    instances = _instances(with_owners(cost, rules, engine), measure, as_of)
    return Breakdown(
        services=_slices(engine.rows(by_service), conversion, month),
        newcomers=_newcomers(engine.rows(instances), conversion, month),
        accounts=_slices(engine.rows(_accounts(allocated, measure)), conversion, month),
        commitments=_commitments(
            engine.rows(_covered(allocated, month, data_to or month.start)), engine.rows(_named(cost)), conversion
        ),
        credits=_credits(engine.rows(_credit_rows(cost, as_of)), conversion),
        coverage=_coverage(engine.rows(_billed(allocated, month)), conversion),
    )


def _daily(allocated: "ir.Table", measure: str, **names: str) -> "ir.Table":
    keys = {key: allocated[column] for key, column in names.items()}
    rows = allocated.select(
        day=allocated.x_Day, currency=allocated.BillingCurrency, amount=allocated[MEASURES[measure]], **keys
    )
    return rows.group_by(["day", "currency", *keys]).agg(amount=rows.amount.sum())


def _accounts(allocated: "ir.Table", measure: str) -> "ir.Table":
    import ibis

    name = ibis.coalesce(allocated.SubAccountName, allocated.SubAccountId, ibis.literal("no account"))
    rows = allocated.mutate(account=name, everything=ibis.literal(WHOLE))
    return _daily(rows, measure, part="everything", group="ProviderName", name="account")


def _slices(rows: Iterable[dict[str, Any]], convert: Conversion, month: Period) -> tuple[Slice, ...]:
    before = previous_month(month)
    found: dict[tuple[str, str, str], dict[date, Decimal]] = {}
    moved: dict[tuple[str, str, str], list[_ByRates]] = {}
    for row in rows:
        key = (row["part"] or NOT_ALLOCATED, row["group"] or "no provider", row["name"] or "no service")
        amount = convert(row["amount"], row["day"], row["currency"])
        daily = found.setdefault(key, {})
        daily[row["day"]] = add(daily.get(row["day"], Decimal(0)), amount)
        if row["currency"] != convert.quote and (row["day"] in month or row["day"] in before):
            unmoved = convert.at_mean_of(row["amount"], before, row["currency"])
            planned = convert.planned(row["amount"], row["currency"])
            by_plan = Decimal(0) if planned is None else subtract(unmoved, planned)
            one = _ByRates(is_now=row["day"] in month, rates=subtract(amount, unmoved), plan=by_plan)
            moved.setdefault(key, []).append(one)
    return tuple(
        Slice(
            part=key[0],
            group=key[1],
            name=key[2],
            daily=daily,
            by_rates=add(*(one.rates for one in moved.get(key, ()) if one.is_now)),
            rates_before=add(*(one.rates for one in moved.get(key, ()) if not one.is_now)),
            by_plan=add(*(one.plan for one in moved.get(key, ()) if one.is_now)),
            plan_before=add(*(one.plan for one in moved.get(key, ()) if not one.is_now)),
        )
        for key, daily in sorted(found.items())
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _ByRates:
    """What rates add to one amount: dated ones to the mean of the month before, and that to the budget rate."""

    is_now: bool
    rates: Decimal
    plan: Decimal


def _instances(owned: "ir.Table", measure: str, as_of: date) -> "ir.Table":
    """Cost per project, service, kind of instance and day."""
    rows = owned.filter(owned.x_InstanceType.notnull() & (owned.ChargePeriodStart.date() <= as_of))
    rows = rows.select(
        part=rows.x_Project,
        service=rows.ServiceName,
        name=rows.x_InstanceType,
        day=rows.ChargePeriodStart.date(),
        currency=rows.BillingCurrency,
        amount=rows[MEASURES[measure]],
    )
    return rows.group_by(["part", "service", "name", "day", "currency"]).agg(amount=rows.amount.sum())


def _newcomers(rows: Iterable[dict[str, Any]], convert: Conversion, month: Period) -> tuple[NewcomerFact, ...]:
    """Kinds of instances that cost something in the month and nothing before it."""
    found: dict[tuple[str, str, str], dict[date, Decimal]] = {}
    for row in rows:
        if row["amount"]:
            daily = found.setdefault((row["part"] or NOT_ALLOCATED, row["service"], row["name"]), {})
            amount = convert(row["amount"], row["day"], row["currency"])
            daily[row["day"]] = add(daily.get(row["day"], Decimal(0)), amount)
    return tuple(
        NewcomerFact(part=part, service=service, name=name, first_day=min(daily), to_date=add(*daily.values()))
        for (part, service, name), daily in sorted(found.items())
        if min(daily) > month.start
    )


def _covered(allocated: "ir.Table", month: Period, data_to: date) -> "ir.Table":
    """Cost under commitments on the month's complete days."""
    days = allocated.x_Day
    rows = allocated.filter(
        allocated.CommitmentDiscountId.notnull()
        & allocated.CommitmentDiscountStatus.notnull()
        & (days >= month.start)
        & (days <= data_to)
    )
    keys = ["CommitmentDiscountId", "ProviderName", "CommitmentDiscountStatus", "x_Day", "BillingCurrency"]
    return rows.group_by(keys).agg(effective=rows.EffectiveCost.sum(), contracted=rows.ContractedCost.sum())


def _named(cost: "ir.Table") -> "ir.Table":
    """What commitments are called, and when they end."""
    rows = cost.filter(cost.CommitmentDiscountId.notnull())
    return rows.group_by("CommitmentDiscountId").agg(
        name=rows.CommitmentDiscountName.max(),
        kind=rows.CommitmentDiscountType.max(),
        ends=rows.x_CommitmentEnd.max(),
    )


def _commitments(
    sums: Iterable[dict[str, Any]], words: Iterable[dict[str, Any]], convert: Conversion
) -> tuple[CommitmentFact, ...]:
    about = {row["CommitmentDiscountId"]: row for row in words}
    found: dict[tuple[str, str], dict[str, list[Decimal]]] = {}
    for row in sums:
        key = (row["CommitmentDiscountId"], row["ProviderName"])
        parts = found.setdefault(key, {"Used": [], "Unused": [], "contracted": []})
        parts[row["CommitmentDiscountStatus"]].append(convert(row["effective"], row["x_Day"], row["BillingCurrency"]))
        if row["CommitmentDiscountStatus"] == "Used":
            parts["contracted"].append(convert(row["contracted"], row["x_Day"], row["BillingCurrency"]))
    return tuple(
        CommitmentFact(
            identifier=identifier,
            name=about.get(identifier, {}).get("name"),
            kind=about.get(identifier, {}).get("kind"),
            provider=provider,
            used=add(*parts["Used"]),
            unused=add(*parts["Unused"]),
            contracted=add(*parts["contracted"]),
            ends_on=_day(about.get(identifier, {}).get("ends")),
        )
        for (identifier, provider), parts in sorted(found.items())
    )


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


def _credit_rows(cost: "ir.Table", as_of: date) -> "ir.Table":
    import ibis

    rows = cost.filter((cost.ChargeCategory == "Credit") & (cost.ChargePeriodStart.date() <= as_of))
    rows = rows.select(
        name=ibis.coalesce(rows.ChargeDescription, rows.x_LineItemType, ibis.literal("Credit")),
        provider=rows.ProviderName,
        day=rows.ChargePeriodStart.date(),
        currency=rows.BillingCurrency,
        amount=rows.BilledCost,
    )
    return rows.group_by(["name", "provider", "day", "currency"]).agg(amount=rows.amount.sum())


def _credits(rows: Iterable[dict[str, Any]], convert: Conversion) -> tuple[CreditFact, ...]:
    found: dict[tuple[str, str], dict[date, Decimal]] = {}
    for row in rows:
        daily = found.setdefault((row["name"], row["provider"]), {})
        daily[row["day"]] = add(daily.get(row["day"], Decimal(0)), convert(row["amount"], row["day"], row["currency"]))
    return tuple(
        CreditFact(name=name, provider=provider, daily=daily) for (name, provider), daily in sorted(found.items())
    )


def _billed(allocated: "ir.Table", month: Period) -> "ir.Table":
    import ibis

    rows = allocated.filter(allocated.x_Day >= month.start)
    rows = rows.select(
        project=rows.x_Project,
        rule=rows.x_AllocationRule,
        provider=rows.ProviderName,
        account=ibis.coalesce(rows.SubAccountName, rows.SubAccountId, ibis.literal("no account")),
        service=rows.ServiceName,
        day=rows.x_Day,
        currency=rows.BillingCurrency,
        amount=rows.BilledCost,
    )
    # What has a project is told apart by its rule alone.
    unknown = rows.project.isnull()
    causes = {name: unknown.ifelse(rows[name], ibis.null("string")) for name in ("provider", "account", "service")}
    rows = rows.mutate(**causes)
    keys = ["project", "rule", "provider", "account", "service", "day", "currency"]
    return rows.group_by(keys).agg(amount=rows.amount.sum())


def _coverage(rows: Sequence[dict[str, Any]], convert: Conversion) -> tuple[CoverageFact, ...]:
    found: dict[tuple[str | None, str | None, str], list[Decimal]] = {}
    for row in rows:
        cause = ", ".join(row[name] for name in ("provider", "account", "service") if row[name])
        key = (row["project"], row["rule"], "" if row["project"] is not None else cause)
        found.setdefault(key, []).append(convert(row["amount"], row["day"], row["currency"]))
    return tuple(
        CoverageFact(project=project, rule=rule, cause=cause, billed=add(*amounts))
        for (project, rule, cause), amounts in sorted(found.items(), key=lambda item: tuple(map(str, item[0])))
    )
