"""Measuring: what the bill says of a demand: hours by instance type, effective rates, how use spreads over days."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby, pairwise
from typing import Any

from finops.analysis import NothingStored
from finops.config import Config
from finops.errors import BillError, ConfigurationError
from finops.money import add, to_float
from finops.periods import month, months_before
from finops.reallocation import with_owners
from finops.store import engines
from finops.store.scratch import scratch
from finops.store.tables import Tables
from finops.tco.scenario import Level
from finops.tco.scenario_file import Measured

MONTHS = 12
_HOURS = frozenset({"hrs", "hours", "hour", "h", "1 hour"})
_BESIDE = re.compile(r"EBSOptimized|CPUCredits|DataTransfer|Surcharge")
"""Meters that run beside an instance's hours, and would count them twice."""

_FIELDS = {
    "project": "x_Project",
    "phase": "x_Phase",
    "environment": "x_Environment",
    "provider": "ProviderName",
    "service": "ServiceName",
}
_GROWTH_MONTHS, _EDGE = 6, 3
_LEVELS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceUse:
    """Use of one instance type.

    Attributes:
        daily: hours per day; cost: effective, of the same rows, in `currency`.
        months: whole billing months looked at, from the first with any use on.
    """

    instance: str
    currency: str
    daily: Mapping[date, float]
    cost: Decimal
    months: tuple[str, ...]

    @property
    def hours(self) -> float:
        """All hours."""
        return sum(self.daily.values())

    @property
    def per_month(self) -> float:
        """Mean hours of a month."""
        return self.hours / len(self.months)

    @property
    def rate(self) -> float:
        """Effective cost of an hour."""
        return to_float(self.cost) / self.hours


def uses(config: Config, scope: str, *, as_of: date, known_at: datetime | None) -> tuple[InstanceUse, ...]:
    """Instance types of a scope, the dearest first, over the last whole months before a day.

    Args:
        config: store and rules.
        scope: `project=llm`; a field and a value, or several with commas between.
        as_of: the clock; its own month is not whole.
        known_at: the table as it was then; None for now.

    Raises:
        NothingStored: if nothing was ever ingested.
        ConfigurationError: if the scope is written otherwise.
        BillError: if nothing in it is measured in instance-hours.
    """
    conditions = _conditions(scope)
    tables = Tables.at(config.store.path, config.store.url)
    if tables.cost.version() is None:
        raise NothingStored(config.store.place)
    end = as_of.replace(day=1)
    labels = [f"{months_before(end, back):%Y-%m}" for back in range(MONTHS, 0, -1)]
    files = [file for file in tables.cost.files(known_at=known_at) if file.month in labels]
    with (
        scratch(config.store.spill) as spill,
        engines.opened(config.store, spill=spill) as engine,
    ):
        rows = with_owners(tables.read_cost(engine, files), config.rules, engine)
        rows = rows.filter(
            rows.x_InstanceType.notnull() & (rows.ChargeCategory == "Usage") & rows.ConsumedUnit.notnull()
        )
        for field, value in conditions:
            rows = rows.filter(rows[field] == value)
        day = rows.ChargePeriodStart.date()
        keys = rows.select(
            instance=rows.x_InstanceType,
            unit=rows.ConsumedUnit,
            meter=rows.SkuMeter,
            month=rows.x_BillingMonth,
            day=day,
            currency=rows.BillingCurrency,
            hours=rows.ConsumedQuantity,
            cost=rows.EffectiveCost,
        )
        groups = ["instance", "unit", "meter", "month", "day", "currency"]
        found = engine.rows(keys.group_by(groups).agg(hours=keys.hours.sum(), cost=keys.cost.sum()))
    return _uses(found, labels, scope)


def _uses(rows: Sequence[dict[str, Any]], labels: Sequence[str], scope: str) -> tuple[InstanceUse, ...]:
    metered = [
        row for row in rows if row["unit"].lower() in _HOURS and not _BESIDE.search(row["meter"] or "") and row["hours"]
    ]
    if not metered:
        others = sorted({row["instance"] for row in rows})
        why = f"its instances ({', '.join(others)}) are not metered by the hour" if others else "it has no instances"
        raise BillError(
            f"Nothing of {scope} from {labels[0]} to {labels[-1]} is measured in instance-hours: {why}.",
            "Give the demand's quantity in the scenario file, and run without --from-bill.",
        )
    made = []
    key = lambda row: (row["instance"], row["currency"])  # noqa: E731 - one key for sorting and grouping
    for (instance, currency), group in groupby(sorted(metered, key=key), key=key):
        part = list(group)
        daily: dict[date, float] = {}
        for row in part:
            daily[row["day"]] = daily.get(row["day"], 0.0) + row["hours"]
        first = min(row["month"] for row in part)
        made.append(
            InstanceUse(
                instance=instance,
                currency=currency,
                daily=dict(sorted(daily.items())),
                cost=add(*(row["cost"] for row in part)),
                months=tuple(label for label in labels if label >= first),
            )
        )
    return tuple(sorted(made, key=lambda use: (-use.cost, use.instance)))


def measured(found: Sequence[InstanceUse], scope: str, instance: str | None = None) -> Measured:
    """What a scenario takes from the bill: one instance type's use.

    Args:
        found: as `uses` gives them.
        scope: for the source.
        instance: its type; None for the dearest.

    Raises:
        ConfigurationError: if the type is not among them.
    """
    known = [use.instance for use in found]
    if instance is not None and instance not in known:
        raise ConfigurationError(
            f"{scope} has no hours of {instance!r}.", f"It has hours of: {', '.join(dict.fromkeys(known))}."
        )
    use = next(use for use in found if instance in {None, use.instance})
    last = month(use.months[-1]).last_day
    return Measured(
        units_per_month=use.per_month,
        rate_per_unit=use.rate,
        growth_per_year=_growth(use),
        currency=use.currency,
        pattern=_pattern(use),
        as_of=last,
        source=f"bill, {scope}, {use.instance}, {use.months[0]} to {use.months[-1]}",
    )


def _conditions(scope: str) -> list[tuple[str, str]]:
    found = []
    for part in scope.split(","):
        field, equals, value = part.partition("=")
        if not equals or field.strip() not in _FIELDS or not value.strip():
            raise ConfigurationError(
                f"--from-bill is {scope!r}.", f"Write it like project=llm; fields are {', '.join(_FIELDS)}."
            )
        found.append((_FIELDS[field.strip()], value.strip()))
    return found


def _growth(use: InstanceUse) -> float | None:
    """Change per year between the first and the last three months; None where there are fewer than six."""
    if len(use.months) < _GROWTH_MONTHS:
        return None
    by_month = [sum(hours for day, hours in use.daily.items() if f"{day:%Y-%m}" == label) for label in use.months]
    before, after = sum(by_month[:_EDGE]), sum(by_month[-_EDGE:])
    return (after / before) ** (12 / (len(by_month) - _EDGE)) - 1 if before > 0 and after > 0 else None


def _pattern(use: InstanceUse) -> tuple[Level, ...]:
    """Days by how much was used on them, in five groups; days without any use count."""
    start, end = month(use.months[0]).start, month(use.months[-1]).end
    hours = sorted(use.daily.get(start + timedelta(days=n), 0.0) for n in range((end - start).days))
    mean = sum(hours) / len(hours)
    if mean <= 0:
        return (Level(share=1.0, level=1.0),)
    edges = [round(len(hours) * at / _LEVELS) for at in range(_LEVELS + 1)]
    groups = [hours[low:high] for low, high in pairwise(edges) if high > low]
    return tuple(Level(share=len(group) / len(hours), level=sum(group) / len(group) / mean) for group in groups)
