"""Credited: what credits took off: those that have ended no longer do, those that go on are taken to go on."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from finops import series
from finops.money import FORECAST_UNIT, add, subtract
from finops.periods import FOUR_WEEKS, Period
from finops.planning import within
from finops.report.forecast_table import CreditsEnded, CreditsGoOn
from finops.report.holdings import has_ended
from finops.series import DailyTable, Scope

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

_WORTH_TELLING = Decimal("0.01")


def credits_of(execute: Callable[["ir.Table"], "pa.Table"], allocated: "ir.Table", table: DailyTable) -> DailyTable:
    """What of a table's amounts are credits: negative, in the currency they were billed in; none of what is no money.

    Args:
        execute: an expression into memory, as an engine's `arrow` does.
        allocated: what the table was read from.
        table: for its measure and fields.
    """
    if table.measure not in series.COSTS:
        return DailyTable(measure=table.measure, fields=table.fields, rows=())
    return series.read(execute, allocated.filter(allocated.ChargeCategory == "Credit"), table.measure, table.fields)


def ended(credit: DailyTable, data_to: date | None) -> DailyTable:
    """The rows of credits that have run out: those of a combination of fields are looked at as one."""
    days: dict[tuple[str | None, ...], set[date]] = {}
    for values, day, amount, _ in credit.rows:
        if amount and data_to is not None and day <= data_to:
            days.setdefault(values, set()).add(day)
    over = {values for values, one in days.items() if has_ended(one, data_to)}
    return DailyTable(
        measure=credit.measure, fields=credit.fields, rows=tuple(row for row in credit.rows if row[0] in over)
    )


def credits_ended(over: DailyTable, scope: Scope, data_to: date | None) -> tuple[CreditsEnded, ...]:
    """Credits inside a scope that ended in the last four weeks, one record per provider.

    Args:
        over: rows of credits that have ended, with providers.
        scope: only what lies inside.
        data_to: the last complete day.
    """
    found = []
    for provider in filter(None, over.values("provider")):
        if provider not in dict(scope.fields).get("provider", (provider,)):
            continue
        daily = over.daily(within("provider", provider, scope))
        if daily and data_to is not None and max(daily) > data_to - FOUR_WEEKS:
            last = max(daily)
            taken = subtract(Decimal(0), *(amount for day, amount in daily.items() if day > last - FOUR_WEEKS))
            per_day = (taken / FOUR_WEEKS.days).quantize(FORECAST_UNIT)
            found.append(CreditsEnded(provider=provider, last_day=last, per_day=per_day))
    return tuple(found)


def credits_go_on(
    credit: DailyTable, over: DailyTable, table: DailyTable, *, scope: Scope, data_to: date | None
) -> CreditsGoOn | None:
    """What the other credits inside a scope took off the last four weeks; None where it is less than a hundredth.

    Args:
        credit: all of it, in the table's currency.
        over: those that have ended.
        table: what was charged, credits taken off.
        scope: only what lies inside.
        data_to: the last complete day.
    """
    if data_to is None:
        return None
    weeks = Period(start=data_to - FOUR_WEEKS + timedelta(days=1), end=data_to + timedelta(days=1))
    taken = subtract(over.total(scope, weeks), credit.total(scope, weeks))
    if taken <= 0:
        return None
    share = min(taken / max(add(table.total(scope, weeks), taken), taken), Decimal(1))
    if share < _WORTH_TELLING:
        return None
    return CreditsGoOn(
        last_four_weeks=taken,
        per_day=(taken / FOUR_WEEKS.days).quantize(FORECAST_UNIT),
        share=share.quantize(FORECAST_UNIT),
    )
