"""Explaining: a number traced to rows, rule and source file; a forecast to its model, an alert to its drivers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from finops import differing, periods, rates
from finops.allocation import RESULT
from finops.allocation.table import day_of
from finops.analysis import UnknownValue, reading
from finops.config import Config
from finops.errors import BillError
from finops.forecasting import forecast_table
from finops.money import add
from finops.periods import Moment, Period
from finops.planning import NOT_ALLOCATED
from finops.rates import Conversion, Rates
from finops.reallocation import with_owners
from finops.report.explanation import Explanation, Fact
from finops.report.model import NotComputable
from finops.report.records import exact
from finops.series import COSTS, MEASURES

if TYPE_CHECKING:
    import ibis.expr.types as ir

_MOST_ROWS = 20
_DRIVERS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which rows are asked for; None for any.

    Attributes:
        day: of the charge, as `allocated` counts it.
        resource, sku, service, account, project: equal to the row's.
    """

    month: Period
    day: date | None = None
    resource: str | None = None
    sku: str | None = None
    service: str | None = None
    account: str | None = None
    project: str | None = None


class NoSuchRow(BillError):
    """No row fits."""

    def __init__(self, month: str) -> None:
        super().__init__(f"No row of {month} fits.", "Ask for less, or for another --month.")


def project(config: Config, name: str, month: Period, *, as_of: date, known_at: datetime | None) -> Explanation:
    """What a project's month is made of: by rule, source and file, with its part of shared cost.

    Args:
        config: rules and rates.
        name: of the project; `not allocated` for what nobody claims.
        month: billing month.
        as_of: the clock: later charges are not used.
        known_at: the tables as they were then; None for now.

    Raises:
        UnknownValue: if there is no such project.
    """
    known = [one.name for one in config.projects]
    if name not in {*known, NOT_ALLOCATED}:
        raise UnknownValue("project", name, known)
    (label,) = month.months()
    measure = MEASURES[config.organisation.measure]
    with reading(config) as (tables, engine):
        files = [file for file in tables.cost.files(known_at=known_at) if file.month == label]
        cost = tables.read_cost(engine, files, "cost_explained")
        owned = with_owners(cost.filter(day_of(cost) <= as_of), config.rules, engine)
        claimed = (
            owned.x_Project.isnull() & owned.x_AllocationRule.isnull()
            if name == NOT_ALLOCATED
            else (owned.x_Project == name)
        )
        own = engine.rows(_traced(owned.filter(claimed), measure))
        stored = tables.read_allocated(engine, known_at=known_at)
        stored = stored.filter((stored.x_BillingMonth == label) & (stored.x_Day <= as_of))
        mine = stored.x_Project.isnull() if name == NOT_ALLOCATED else stored.x_Project == name
        whole = engine.rows(_summed(stored.filter(mine), measure))
        shared = engine.rows(_summed(stored.filter(mine & stored.x_AllocationRule.startswith("shared ")), measure))
    convert = _conversion(config, {row["currency"] for row in (*own, *whole)})
    rows = [
        (
            (row["rule"] or "no rule claims it", row["source"], row["delivery"], row["currency"]),
            row["rows"],
            _converted([row], convert),
        )
        for row in _together(own, ("rule", "source", "delivery", "currency"))
    ]
    rows += [
        ((row["rule"], row["source"], "its part of shared cost", row["currency"]), None, _converted([row], convert))
        for row in _together(shared, ("rule", "source", "currency"))
    ]
    rows.sort(key=lambda row: (-abs(row[2]), row[0]))
    total = add(*(amount for *_, amount in rows))
    stored_total = _converted(whole, convert)
    return Explanation(
        subject=f"{name} in {label}: {config.organisation.measure.replace('_', ' ')} {exact(total)} {convert.quote}",
        facts=(
            Fact(name="in the daily table", value=f"{exact(stored_total)} {convert.quote}"),
            *_rate_facts(convert, {row["currency"] for row in own}, min(as_of, month.last_day)),
        ),
        columns=("rule", "source", "file", "currency", "rows", "amount"),
        rows=tuple((*key, "" if count is None else str(count), exact(amount)) for key, count, amount in rows),
    )


def rows(config: Config, wanted: Wanted, *, as_of: date, known_at: datetime | None) -> Explanation:
    """Rows of the cost table, the dearest first: what each is, whose and why, and the file it came in.

    Raises:
        NoSuchRow: if none fits.
    """
    (label,) = wanted.month.months()
    with reading(config) as (tables, engine):
        files = [file for file in tables.cost.files(known_at=known_at) if file.month == label]
        cost = tables.read_cost(engine, files, "cost_explained")
        cost = cost.mutate(day=day_of(cost))
        cost = cost.filter(cost.day <= as_of)
        columns = {
            "ResourceId": wanted.resource,
            "SkuId": wanted.sku,
            "ServiceName": wanted.service,
            "SubAccountId": wanted.account,
        }
        for column, value in {**columns, "day": wanted.day}.items():
            if value is not None:
                cost = cost.filter(cost[column] == value)
        owned = with_owners(cost, config.rules, engine)
        if wanted.project is not None:
            owned = owned.filter(owned.x_Project == wanted.project)
        names = (
            *("day", "ServiceName", "ResourceId", "ChargeCategory", "x_LineItemType", "BillingCurrency", "BilledCost"),
            *("EffectiveCost", *RESULT, "x_Source", "x_Delivery"),
        )
        dearest = owned.order_by(owned.EffectiveCost.abs().desc(), *names).limit(_MOST_ROWS).select(*names)
        found, count = engine.rows(dearest), engine.rows(owned.aggregate(rows=owned.count()))[0]["rows"]
    if not found:
        raise NoSuchRow(label)
    convert = _conversion(config, {row["BillingCurrency"] for row in found})
    shown = "all of them" if count == len(found) else f"the {len(found)} dearest"
    return Explanation(
        subject=f"{count} rows of {label} fit; {shown}",
        facts=tuple(_rate_facts(convert, {row["BillingCurrency"] for row in found}, min(as_of, wanted.month.last_day))),
        columns=(
            *("day", "service", "resource", "charge", "billed", "effective", "currency"),
            *("project", "phase", "environment", "rule", "source", "file"),
        ),
        rows=tuple(
            (
                *(str(row["day"]), row["ServiceName"], row["ResourceId"] or ""),
                f"{row['ChargeCategory']} ({row['x_LineItemType']})",
                *(exact(row["BilledCost"]), exact(row["EffectiveCost"]), row["BillingCurrency"]),
                row["x_Project"] or ("shared cost" if row["x_AllocationRule"] else NOT_ALLOCATED),
                *(row["x_Phase"], row["x_Environment"] or "", row["x_AllocationRule"] or "no rule claims it"),
                *(row["x_Source"], row["x_Delivery"]),
            )
            for row in found
        ),
    )


def forecast(config: Config, *, name: str | None, by: str, as_of: date, known_at: datetime | None) -> Explanation:
    """What a forecast rests on: model, days used and left out, and its ranges.

    Raises:
        UnknownValue: if there is no such series.
    """
    table = forecast_table(config, as_of=as_of, known_at=known_at, by=by)
    series = {one.name: one for one in table.series}
    if name is not None and name not in series:
        raise UnknownValue(by, name, sorted(series))
    one = table.total if name is None else series[name]
    left_out = ", ".join(map(str, table.days_left_out)) or "none"
    return Explanation(
        subject=f"Forecast of {name or 'all cost'}: {table.measure.replace('_', ' ')} in {table.currency}",
        facts=(
            Fact(name="model", value=one.model or "none: nothing could be fitted"),
            *([Fact(name="why a simpler one", value=one.fallback_reason)] if one.fallback_reason else []),
            Fact(name="history", value=f"{table.history} to {table.data_to}"),
            Fact(name="days seen and left out as incomplete", value=left_out),
            Fact(
                name="ranges",
                value=f"from simulated paths, seed {table.seed}; how good such forecasts were is in the report",
            ),
        ),
        columns=("period", "so far", "forecast", "80 % range", "95 % range"),
        rows=tuple(
            (
                period.label,
                exact(period.to_date),
                f"not computable: {period.forecast.reason}"
                if isinstance(period.forecast, NotComputable)
                else exact(period.forecast),
                _range(period.low_80, period.high_80),
                _range(period.low_95, period.high_95),
            )
            for period in one.periods
        ),
    )


def alert(config: Config, name: str, *, as_of: date, known_at: datetime | None) -> Explanation:
    """Why a budget is, or is not, an alert: its figures, and what moved its scope since the month before.

    Raises:
        UnknownValue: if there is no such budget in a running period.
    """
    table = forecast_table(config, as_of=as_of, known_at=known_at, budget=name)
    if not table.budgets:
        raise UnknownValue("budget", name, [one.name for one in config.budgets])
    (one,) = table.budgets
    (budget,) = (budget for budget in config.budgets if budget.name == name)
    chance = "not computable" if one.chance_over is None else exact(one.chance_over)
    forecast_said = one.forecast.reason if isinstance(one.forecast, NotComputable) else exact(one.forecast)
    facts = [
        Fact(name="level", value=one.level or "none: no alert"),
        Fact(name="rule", value="high: over, or a chance of 0.9 and a gap of 5 %; medium: a chance of 0.6"),
        Fact(name="scope", value=one.scope),
        Fact(name="period", value=f"{one.period}, {one.start} to {one.end}, end exclusive"),
        Fact(name="limit", value="none for this period" if one.limit is None else exact(one.limit)),
        Fact(name="spent on complete days", value=exact(one.to_date)),
        Fact(name="forecast", value=forecast_said),
        Fact(name="chance of ending over", value=chance),
        Fact(name="over on", value="already over" if one.already_over else str(one.overrun_on or "not expected")),
        Fact(name="owner", value=one.owner or "nobody is named"),
    ]
    month = periods.month_of(as_of)
    drivers: Sequence[tuple[str, str, str]] = ()
    try:
        bridge = differing.bridged(
            config,
            Moment(month=periods.previous_month(month), known_at=known_at),
            Moment(month=month, known_at=known_at),
            as_of=as_of,
            measure=budget.measure if budget.measure in COSTS else None,
            scope=budget.scope,
        )
    except BillError as error:
        facts.append(Fact(name="drivers", value=f"not computable: {error.what}"))
    else:
        parts = [(step.title, part) for step in bridge.steps for part in step.parts if step.kind != "days"]
        parts.sort(key=lambda pair: -abs(pair[1].amount))
        drivers = [
            (
                title,
                " · ".join(text for text in (part.name, f"{part.service} in {part.project}") if text),
                exact(part.amount),
            )
            for title, part in parts[:_DRIVERS]
        ]
        facts.append(
            Fact(
                name="drivers",
                value=f"from {bridge.start.month} ({exact(bridge.start.total)}) to {bridge.end.month} so far "
                f"({exact(bridge.end.total)}) in {bridge.currency}; `finops diff` has all of them",
            )
        )
    return Explanation(
        subject=f"Budget {name}", facts=tuple(facts), columns=("step", "what", "amount"), rows=tuple(drivers)
    )


def _traced(owned: "ir.Table", measure: str) -> "ir.Table":
    """Sums per rule, source, file, currency and day."""
    rows = owned.select(
        rule=owned.x_AllocationRule,
        source=owned.x_Source,
        delivery=owned.x_Delivery,
        currency=owned.BillingCurrency,
        day=day_of(owned),
        amount=owned[measure],
    )
    return rows.group_by(["rule", "source", "delivery", "currency", "day"]).agg(
        amount=rows.amount.sum(), rows=rows.count()
    )


def _summed(stored: "ir.Table", measure: str) -> "ir.Table":
    rows = stored.select(
        rule=stored.x_AllocationRule,
        source=stored.x_Source,
        currency=stored.BillingCurrency,
        day=stored.x_Day,
        amount=stored[measure],
    )
    return rows.group_by(["rule", "source", "currency", "day"]).agg(amount=rows.amount.sum())


def _together(rows: Iterable[dict[str, Any]], keys: Sequence[str]) -> list[dict[str, Any]]:
    """Rows of days as one with its `daily` amounts, per key."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        key = tuple(row[name] for name in keys)
        one = found.setdefault(key, {**dict(zip(keys, key, strict=True)), "rows": 0, "daily": []})
        one["rows"] += row.get("rows", 0)
        one["daily"].append((row["day"], row["amount"]))
    return list(found.values())


def _converted(rows: Iterable[dict[str, Any]], convert: Conversion) -> Decimal:
    days = [
        (day, amount, row["currency"])
        for row in rows
        for day, amount in row.get("daily") or [(row["day"], row["amount"])]
    ]
    return add(*(convert(amount, day, currency) for day, amount, currency in sorted(days)))


def _conversion(config: Config, currencies: set[str]) -> Conversion:
    quote = config.organisation.currency or min(currencies, default="")
    known = rates.read(config.rates) if config.rates is not None and currencies != {quote} else Rates()
    return Conversion(rates=known, quote=quote)


def _rate_facts(convert: Conversion, currencies: set[str], day: date) -> list[Fact]:
    newest = [convert.newest(currency, day) for currency in sorted(currencies - {convert.quote})]
    return [
        Fact(
            name=f"rate {one.base}/{one.quote}, each day at its own, newest",
            value=f"{exact(one.value)} of {one.day} ({one.source})",
        )
        for one in newest
        if one is not None
    ]


def _range(low: Decimal | None, high: Decimal | None) -> str:
    return "" if low is None or high is None else f"{exact(low)} to {exact(high)}"
