"""Folding: long tables shortened to their largest lines, the rest as one row that still foots."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

from finops.money import add
from finops.report.model import Amount, CoverageLine, DetailGroup, DetailRow, Figure, NotComputable, VarianceRow


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


def folded_groups(
    groups: Sequence[DetailGroup], *, keep: int, name: Callable[[int], str]
) -> tuple[tuple[DetailGroup, ...], int]:
    """Groups with the rows that spend or change most, all others of a group as one row; and how many rows that hides.

    Args:
        groups: of one table.
        keep: how many rows there may be in all; a row for others comes on top where a group needs one.
        name: of the row that stands for the others, from their number.
    """
    every = [(g, n) for g, group in enumerate(groups) for n in range(len(group.rows))]
    if len(every) <= keep:
        return tuple(groups), 0

    def weight(place: tuple[int, int]) -> Decimal:
        row = groups[place[0]].rows[place[1]]
        return max(_size(row.forecast), _size(row.change), _size(row.previous))

    kept = set(sorted(every, key=lambda place: (-weight(place), place))[:keep])
    shortened = [_shortened(group, {n for of, n in kept if of == g}, name) for g, group in enumerate(groups)]
    return tuple(group for group, _ in shortened), sum(hidden for _, hidden in shortened)


def folded_lines(lines: Sequence[CoverageLine], *, keep: int, name: Callable[[int], str]) -> tuple[CoverageLine, ...]:
    """The largest lines, which come first, and one for all others where there are more than `keep`."""
    if len(lines) <= keep:
        return tuple(lines)
    others = lines[keep - 1 :]
    shares = [line.share for line in others if isinstance(line.share, Decimal)]
    billed = Amount(
        exact=add(*(line.billed.exact for line in others)), shown=add(*(line.billed.shown for line in others))
    )
    share = add(*shares) if len(shares) == len(others) else others[0].share
    return (*lines[: keep - 1], CoverageLine(name=name(len(others)), rule=None, billed=billed, share=share))


def _shortened(group: DetailGroup, kept: set[int], name: Callable[[int], str]) -> tuple[DetailGroup, int]:
    others = [row for n, row in enumerate(group.rows) if n not in kept]
    if len(others) <= 1:  # its own line takes no more room than one for others
        return group, 0
    rows = (*(group.rows[n] for n in sorted(kept)), _sum_of_details(others, name(len(others)), group.name))
    return replace(group, rows=rows), len(others)


def _sum_of_details(rows: Sequence[DetailRow], name: str, group: str) -> DetailRow:
    previous, forecast = _total([row.previous for row in rows]), _total([row.forecast for row in rows])
    change = _difference(forecast, previous)
    return DetailRow(
        name=name,
        group=group,
        previous=previous,
        to_date=_total([row.to_date for row in rows]),
        forecast=forecast,
        change=change,
        change_ratio=_ratio(change, previous),
        bar=Decimal(0),
    )


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
        return NotComputable(reason="What it is compared with is zero or negative, so a percentage has no base.")
    return gap.exact / budget.exact


def _size(figure: Figure) -> Decimal:
    return abs(figure.shown) if isinstance(figure, Amount) else Decimal(-1)
