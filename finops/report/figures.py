"""Figures: amounts as they are and as they are shown, and the little arithmetic between them."""

from collections.abc import Sequence
from decimal import Decimal

from finops.budgets.spend import NotForecast, PeriodOutlook
from finops.money import add, rounded_to_total, subtract
from finops.report.model import Amount, Figure, NotComputable, Range

NO_BUDGET = NotComputable(reason="no budget covers it")
SMALL_TOTAL = Decimal(1000)


def unit_of(month_to_date: Decimal) -> Decimal:
    """Whole currency units; cents where the whole period costs less than a thousand."""
    return Decimal(1) if abs(month_to_date) >= SMALL_TOTAL else Decimal("0.01")


def amount(exact: Decimal, unit: Decimal) -> Amount:
    """An amount that stands alone, rounded by itself."""
    return Amount(exact=exact, shown=rounded_to_total([exact], unit)[0])


def column(exact: Sequence[Decimal | None], unit: Decimal) -> list[Figure]:
    """A column that adds up as shown; missing entries are not computable and add nothing."""
    known = [value for value in exact if value is not None]
    shown = iter(rounded_to_total(known, unit))
    return [NO_BUDGET if value is None else Amount(exact=value, shown=next(shown)) for value in exact]


def minus(left: Figure, right: Figure) -> Figure:
    """The difference, as exact and as shown, so that shown rows foot."""
    if isinstance(left, NotComputable):
        return left
    if isinstance(right, NotComputable):
        return right
    return Amount(exact=subtract(left.exact, right.exact), shown=subtract(left.shown, right.shown))


def summed(figures: Sequence[Figure]) -> Figure:
    """The sum; not computable where any part is not."""
    missing = [figure for figure in figures if isinstance(figure, NotComputable)]
    if missing:
        return missing[0]
    known = [figure for figure in figures if isinstance(figure, Amount)]
    return Amount(exact=add(*(f.exact for f in known)), shown=add(*(f.shown for f in known)))


def ratio(gap: Figure, base: Figure, *, what: str = "the budget") -> Decimal | NotComputable:
    """Gap over base; not computable for a base that is zero or negative."""
    if isinstance(gap, NotComputable):
        return gap
    if isinstance(base, NotComputable):
        return base
    if base.exact <= 0:
        return NotComputable(reason=f"{what} is zero or negative")
    return gap.exact / base.exact


def chance(spend: PeriodOutlook | NotForecast, limit: Decimal | None) -> Decimal | NotComputable:
    """Probability that a period ends above its limit."""
    if limit is None:
        return NO_BUDGET
    if isinstance(spend, NotForecast):
        return NotComputable(reason=spend.reason)
    return probability(spend.chance_over(limit))


def probability(chance: float) -> Decimal:
    """A share from statistics, to four places."""
    return Decimal(repr(round(chance, 4)))


def range_of(spend: PeriodOutlook | NotForecast, level: str, unit: Decimal) -> Range | NotComputable:
    """The central range of a period's total, for example of level 0.8."""
    if isinstance(spend, NotForecast):
        return NotComputable(reason=spend.reason)
    bounds = spend.range(float(level))
    if bounds is None:
        return NotComputable(reason="the period is over")
    return Range(level=Decimal(level), low=amount(bounds[0], unit), high=amount(bounds[1], unit))
