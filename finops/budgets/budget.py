"""Budget: a scope, a measure, a period and a limit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from finops import periods
from finops.money import add
from finops.periods import Period
from finops.series import Scope

Recurrence = Literal["month", "quarter", "year", "fiscal_year"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A limit for what a scope may use in a period.

    Attributes:
        name: identity.
        scope: filter over the table; an empty one is everything.
        measure: for example `effective_cost`.
        period: how often it starts anew, or one fixed period.
        limit: per period; None where `limits` are given by month.
        limits: month label to limit; a longer period's limit is the sum of its months.
        owner: who decides, for example a mail address; None when nobody is named.
    """

    name: str
    measure: str
    period: Recurrence | Period
    scope: Scope = field(default_factory=Scope)
    limit: Decimal | None = None
    limits: Mapping[str, Decimal] = field(default_factory=dict)
    owner: str | None = None

    def period_at(self, day: date, *, fiscal_year_start: int) -> Period | None:
        """The period that holds the day; None when a fixed period does not."""
        if isinstance(self.period, Period):
            return self.period if day in self.period else None
        if self.period == "month":
            return periods.month_of(day)
        if self.period == "quarter":
            return periods.quarter_of(day, fiscal_year_start=fiscal_year_start)
        start = 1 if self.period == "year" else fiscal_year_start
        return periods.fiscal_year_of(day, fiscal_year_start=start)

    def limit_of(self, period: Period) -> Decimal | None:
        """The limit of one of its periods; None where a month of it has none."""
        if self.limit is not None:
            return self.limit
        months = [self.limits.get(label) for label in period.months()]
        known = [limit for limit in months if limit is not None]
        return add(*known) if len(known) == len(months) else None
