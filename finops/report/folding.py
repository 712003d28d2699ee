"""Folding: a long variance table shortened to its largest gaps, the rest as one row that still foots."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from finops.money import add
from finops.report.model import Amount, Figure, NotComputable, VarianceRow


def folded(
    rows: Sequence[VarianceRow], *, keep: int, name: Callable[[int], str]
) -> tuple[tuple[VarianceRow, ...], tuple[VarianceRow, ...]]:
    """Rows with the largest gaps in the table's order, and none or one row for all others.

    Args:
        rows: of one table, without its total.
        keep: how many rows there may be in all.
        name: of the row that stands for the others, from their number.
    """
    if len(rows) <= keep:
        return tuple(rows), ()
    by_gap = sorted(range(len(rows)), key=lambda n: (-_size(rows[n].gap), -_size(rows[n].forecast), n))
    kept = set(by_gap[: keep - 1])
    others = [row for n, row in enumerate(rows) if n not in kept]
    return tuple(row for n, row in enumerate(rows) if n in kept), (_sum(others, name(len(others))),)


def _sum(rows: Sequence[VarianceRow], name: str) -> VarianceRow:
    budget = _total([row.budget for row in rows])
    forecast = _total([row.forecast for row in rows])
    gap = _difference(forecast, budget)
    return VarianceRow(
        name=name,
        previous=_total([row.previous for row in rows]),
        to_date=_total([row.to_date for row in rows]),
        budget=budget,
        forecast=forecast,
        gap=gap,
        gap_ratio=_ratio(gap, budget),
        chance_over=NotComputable(reason="The chance of several projects together is not that of any one of them."),
        bar=Decimal(0),
    )


def _total(figures: Sequence[Figure]) -> Figure:
    """What is known, added up, as the table's own total does; the first reason where nothing is known."""
    known = [figure for figure in figures if isinstance(figure, Amount)]
    if not known:
        return figures[0]
    return Amount(exact=add(*(figure.exact for figure in known)), shown=add(*(figure.shown for figure in known)))


def _difference(forecast: Figure, budget: Figure) -> Figure:
    if isinstance(forecast, NotComputable):
        return forecast
    if isinstance(budget, NotComputable):
        return budget
    return Amount(exact=add(forecast.exact, budget.exact.copy_negate()), shown=forecast.shown - budget.shown)


def _ratio(gap: Figure, budget: Figure) -> Decimal | NotComputable:
    if isinstance(gap, NotComputable):
        return gap
    if isinstance(budget, NotComputable):
        return budget
    if budget.exact <= 0:
        return NotComputable(reason="The budget is zero or negative, so a percentage has no base.")
    return gap.exact / budget.exact


def _size(figure: Figure) -> Decimal:
    return abs(figure.shown) if isinstance(figure, Amount) else Decimal(-1)
