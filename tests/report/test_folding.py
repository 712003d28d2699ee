"""Long tables: the largest gaps stay, the rest become one row, and the columns still foot."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from finops.money import add
from finops.report.folding import folded, folded_groups, folded_lines
from finops.report.model import Amount, Detail, DetailRow, NotComputable, VarianceRow
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


def of_groups(detail: Detail, keep: int) -> tuple[list[list[DetailRow]], int]:
    groups, hidden = folded_groups(detail.groups, keep=keep, name=name)
    return [list(group.rows) for group in groups], hidden


def test_groups_keep_what_spends_or_changes_most_and_say_what_they_hide() -> None:
    rows, hidden = of_groups(samples.detail({"a": (("x", 10, 1, 10), ("y", 500, 1, 9), ("z", 5, 1, 5)), "b": ()}), 1)

    assert [row.name for row in rows[0]] == ["y", "2 others"]
    assert hidden == 2
    assert rows[1] == []


def test_a_single_row_is_not_folded_into_one_for_others() -> None:
    rows, hidden = of_groups(samples.detail({"a": (("x", 10, 1, 10), ("y", 500, 1, 9))}), 1)

    assert [row.name for row in rows[0]] == ["x", "y"]
    assert hidden == 0


@given(
    st.lists(st.lists(st.tuples(st.integers(-50, 500), st.integers(-50, 500)), max_size=9), min_size=1, max_size=4),
    st.integers(1, 12),
)
def test_folded_groups_still_add_up_to_their_subtotals(values: list[list[tuple[int, int]]], keep: int) -> None:
    lines = {
        f"g{g}": tuple((f"r{n}", before, 1, after) for n, (before, after) in enumerate(rows))
        for g, rows in enumerate(values)
    }
    detail = samples.detail(lines)

    groups, _ = folded_groups(detail.groups, keep=keep, name=name)

    for group in groups:
        for column in ("previous", "to_date", "forecast", "change"):
            figures = [getattr(row, column) for row in group.rows]
            added = sum((figure.shown for figure in figures), Decimal(0))
            assert added == getattr(group.subtotal, column).shown


def test_lines_of_coverage_keep_the_largest_and_their_sum() -> None:
    lines = samples.coverage().rules

    kept = folded_lines(lines, keep=2, name=name)

    assert [line.name for line in kept] == ["webshop", "2 others"]
    assert kept[1].billed == samples.exactly(43_500)
    assert kept[1].share == add(*(line.share for line in lines[1:] if isinstance(line.share, Decimal)))
    assert folded_lines(lines, keep=3, name=name) == lines
