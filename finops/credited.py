"""Credited: what credits took off the last four weeks; no export says when they end, so forecasts go on with them."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from finops import series
from finops.money import FORECAST_UNIT, add, subtract
from finops.periods import FOUR_WEEKS, Period
from finops.rates import Conversion
from finops.report.forecast_table import CreditsGoOn
from finops.series import DailyTable, Scope

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

_WORTH_TELLING = Decimal("0.01")


def credits_go_on(
    execute: Callable[["ir.Table"], "pa.Table"],
    allocated: "ir.Table",
    table: DailyTable,
    *,
    scope: Scope,
    conversion: Conversion,
    data_to: date | None,
) -> CreditsGoOn | None:
    """Sum the credits inside a scope; None where they are less than a hundredth, and for what is no money.

    Args:
        execute: an expression into memory, as an engine's `arrow` does.
        allocated: rows with every field that the scope names.
        table: what was charged, of the measure, in one currency.
        scope: only what lies inside.
        conversion: into that currency.
        data_to: the last complete day.

    Raises:
        RateMissing: if a credit is in another currency, and no rate is known for its day.
    """
    if table.measure not in series.COSTS or data_to is None:
        return None
    weeks = Period(start=data_to - FOUR_WEEKS + timedelta(days=1), end=data_to + timedelta(days=1))
    inside = (allocated.x_Day >= weeks.start) & (allocated.x_Day < weeks.end)
    rows = allocated.filter((allocated.ChargeCategory == "Credit") & inside)
    found = series.read(execute, rows, table.measure, [name for name, _ in scope.fields])
    amounts = (
        conversion(amount, day, currency)
        for values, day, amount, currency in found.rows
        if scope.holds(dict(zip(found.fields, values, strict=True)))
    )
    taken = subtract(Decimal(0), *amounts)
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
