"""Outlook: how a budget's running period will end against its limit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from finops.budgets.budget import Budget
from finops.budgets.spend import NotForecast, PeriodOutlook, Spend
from finops.money import subtract
from finops.periods import Period, fiscal_label, fiscal_year_of

CHANCES = tuple(map(Decimal, ("0.1", "0.25", "0.5", "0.75", "0.9")))
"""Of the dates of overrun that are told."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outlook:
    """One budget in one of its periods.

    Attributes:
        limit: of the period; None where a month of it has no limit.
        result: the period's total, or why it is not computable.
        overrun_on: first day the running total is above the limit; None if it is not expected to be.
        already_over: whether complete days alone are above the limit.
        overrun_by: chance, and the first day by whose end the running total has been above the limit with that chance;
            a chance that is not reached is left out.
        spend: what it was judged by.
    """

    budget: Budget
    period: Period
    limit: Decimal | None
    to_date: Decimal
    result: PeriodOutlook | NotForecast
    overrun_on: date | None
    already_over: bool
    overrun_by: tuple[tuple[Decimal, date], ...] = ()
    spend: Spend | None = None

    @property
    def gap(self) -> Decimal | None:
        """Forecast minus limit, plus is over; None where either is not known."""
        if self.limit is None or isinstance(self.result, NotForecast):
            return None
        return subtract(self.result.amount, self.limit)

    @property
    def chance_over(self) -> float | None:
        """Probability of ending above the limit; None where it is not known. An exceeded limit is certain."""
        if self.limit is None:
            return None
        if isinstance(self.result, NotForecast):
            return 1.0 if self.already_over else None
        return self.result.chance_over(self.limit)


def outlook(budget: Budget, spend: Spend, *, day: date, fiscal_year_start: int) -> Outlook | None:
    """The outlook of the period that holds the day; None when the budget has no period then.

    Args:
        budget: what is allowed.
        spend: of exactly the budget's scope and measure.
        day: a day of the period asked for.
        fiscal_year_start: month, 1 to 12.
    """
    period = budget.period_at(day, fiscal_year_start=fiscal_year_start)
    if period is None:
        return None
    limit, to_date = budget.limit_of(period), spend.to_date(period)
    return Outlook(
        budget=budget,
        period=period,
        limit=limit,
        to_date=to_date,
        result=spend.outlook(period),
        overrun_on=None if limit is None else spend.overrun_on(period, limit),
        already_over=limit is not None and to_date > limit,
        overrun_by=() if limit is None else spend.overrun_by(period, limit, CHANCES),
        spend=spend,
    )


def period_label(period: Period, *, fiscal_year_start: int) -> str:
    """What people call a period: `2026-10`, `2026-Q4` (of the fiscal year it lies in), `FY2026/27`, or its days.

    >>> from datetime import date
    >>> period_label(Period(start=date(2026, 10, 1), end=date(2027, 1, 1)), fiscal_year_start=4)
    'FY2026/27 Q3'
    """
    months = period.months()
    whole = period.start.day == 1 and period.end.day == 1
    into = (period.start.month - fiscal_year_start) % 12
    names: Mapping[int, str] = {1: months[0], 12: f"FY{fiscal_label(period)}"} if whole else {}
    if len(months) in names and (len(months) == 1 or into == 0):
        return names[len(months)]
    if whole and len(months) == 12 and period.start.month == 1:  # noqa: PLR2004 - a year
        return str(period.start.year)
    if whole and len(months) == 3 and into % 3 == 0:  # noqa: PLR2004 - a quarter
        year = fiscal_year_of(period.start, fiscal_year_start=fiscal_year_start)
        return (
            f"FY{fiscal_label(year)} Q{into // 3 + 1}"
            if fiscal_year_start > 1
            else f"{period.start.year}-Q{into // 3 + 1}"
        )
    return f"{period.start} to {period.last_day}"
