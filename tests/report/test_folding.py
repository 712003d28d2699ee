"""Long tables: the largest gaps stay, the rest become one row, and the columns still foot."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from finops.report.folding import folded
from finops.report.model import Amount, NotComputable, VarianceRow
from tests.report import samples


def name(count: int) -> str:
    return f"{count} others"


def row(label: str, budget: int | None, forecast: int) -> samples.Row:
    return (label, 1, 1, budget, forecast, "0.5")


def rows(*lines: samples.Row) -> tuple[VarianceRow, ...]:
    return samples.variance(lines).rows


def shown(rows_in: tuple[VarianceRow, ...], column: str) -> Decimal:
    figures = [getattr(each, column) for each in rows_in]
    return sum((figure.shown for figure in figures if isinstance(figure, Amount)), Decimal(0))


def test_a_short_table_stays_whole() -> None:
    table = rows(row("a", 10, 20), row("b", 10, 5))

    assert folded(table, keep=2, name=name) == (table, ())


def test_the_largest_gaps_stay_in_the_order_of_the_table() -> None:
    table = rows(row("a", 10, 11), row("b", 10, 30), row("c", 10, 10), row("d", 50, 20))

    kept, others = folded(table, keep=3, name=name)

    assert [each.name for each in kept] == ["b", "d"]
    assert [each.name for each in others] == ["2 others"]


def test_projects_without_a_budget_are_added_where_they_have_figures() -> None:
    table = rows(row("a", 10, 90), row("b", None, 30), row("c", 10, 10))

    _, (others,) = folded(table, keep=2, name=name)

    assert isinstance(others.forecast, Amount)
    assert isinstance(others.budget, Amount)
    assert (others.forecast.shown, others.budget.shown) == (Decimal(40), Decimal(10))


def test_where_nothing_is_known_the_reason_stays() -> None:
    table = rows(row("a", 10, 90), row("b", None, 30), row("c", None, 10))

    _, (others,) = folded(table, keep=2, name=name)

    assert others.budget == samples.NO_BUDGET
    assert others.gap == samples.NO_BUDGET
    assert others.gap_ratio == samples.NO_BUDGET


def test_the_chance_of_several_projects_is_not_guessed() -> None:
    _, (others,) = folded(rows(*(row(f"p{n}", 10, 10 + n) for n in range(9))), keep=3, name=name)

    assert isinstance(others.chance_over, NotComputable)


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=30), st.integers(2, 12))
def test_every_column_adds_up_as_before(values: list[tuple[int, int]], keep: int) -> None:
    table = rows(*(row(f"p{n}", budget, forecast) for n, (budget, forecast) in enumerate(values)))

    kept, others = folded(table, keep=keep, name=name)

    assert len(kept) + len(others) <= max(keep, 1)
    for column in ("previous", "to_date", "budget", "forecast", "gap"):
        assert shown((*kept, *others), column) == shown(table, column)
