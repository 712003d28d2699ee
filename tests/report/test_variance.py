"""The variance table foots in rows and columns, as shown, whatever the amounts."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from finops.report.figures import NO_BUDGET
from finops.report.model import Amount, NotComputable, VarianceRow, VarianceTable
from finops.report.variance import monthly_limits, total_limit, variance_table
from tests.budgets.futures import spend
from tests.report.cases import NOT_ALLOCATED, budget, inputs, part

UNIT = Decimal(1)
SHOP = part("shop", "10", "12", [12.0, 14.0])
SEARCH = part("search", "20", "20", [20.0])
REST = part(NOT_ALLOCATED, "1", "1", [1.0])
COLUMNS = ("previous", "to_date", "budget", "forecast", "gap")


def shown(row: VarianceRow, name: str) -> Decimal:
    figure = getattr(row, name)
    assert isinstance(figure, Amount), f"{name} of {row.name}"
    return figure.shown


def foots(table: VarianceTable) -> None:
    for name in COLUMNS:
        assert sum(shown(row, name) for row in table.rows) == shown(table.total, name), name
    for row in (*table.rows, table.total):
        assert shown(row, "gap") == shown(row, "forecast") - shown(row, "budget")


CENTS = st.decimals(min_value=-(10**6), max_value=10**6, places=6).map(str)
FUTURES = st.lists(st.floats(min_value=-1e6, max_value=1e6), min_size=2, max_size=2)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(CENTS, CENTS, FUTURES, CENTS), min_size=1, max_size=6),
    CENTS | st.none(),
    st.sampled_from([Decimal(1), Decimal("0.01")]),
)
def test_rows_and_columns_foot_as_shown(
    rows: list[tuple[str, str, list[float], str]], total: str | None, unit: Decimal
) -> None:
    parts = [part(f"p{at}", *row[:3]) for at, row in enumerate(rows)]
    budgets = [budget(f"b{at}", row[3], project=f"p{at}") for at, row in enumerate(rows)]
    table = variance_table(inputs(parts, [*budgets, *([budget("all", total)] if total else [])]), unit)

    foots(table)
    for row in (*table.rows, table.total):
        for name in COLUMNS[:-1]:
            figure = getattr(row, name)
            assert abs(figure.shown - figure.exact) < unit


def test_what_the_totals_budget_leaves_over_belongs_to_what_is_not_allocated() -> None:
    given = inputs([SHOP, SEARCH, REST], [budget("all", "1500"), budget("s", "400", project="shop"),
                                          budget("f", "650", project="search")])  # fmt: skip
    table = variance_table(given, UNIT)

    assert monthly_limits(given) == {"shop": Decimal(400), "search": Decimal(650), NOT_ALLOCATED: Decimal(450)}
    assert [(row.name, shown(row, "budget")) for row in table.rows] == [
        ("shop", Decimal(400)),
        ("search", Decimal(650)),
        (NOT_ALLOCATED, Decimal(450)),
    ]
    assert shown(table.total, "budget") == 1500
    foots(table)


def test_budget_left_over_has_a_row_also_where_all_cost_has_a_project() -> None:
    table = variance_table(inputs([SHOP], [budget("all", "1000"), budget("s", "400", project="shop")]), UNIT)

    rest = table.rows[-1]
    assert (rest.name, shown(rest, "budget"), shown(rest, "forecast"), rest.chance_over) == (
        NOT_ALLOCATED,
        Decimal(600),
        Decimal(0),
        Decimal("0.0"),
    )
    foots(table)


def test_projects_with_more_budget_than_the_total_leave_less_than_nothing() -> None:
    table = variance_table(inputs([SHOP], [budget("all", "300"), budget("s", "400", project="shop")]), UNIT)

    assert shown(table.rows[-1], "budget") == -100
    assert table.rows[-1].gap_ratio == NotComputable(reason="the budget is zero or negative")
    foots(table)


def test_budgets_that_fill_the_total_leave_no_row() -> None:
    table = variance_table(inputs([SHOP], [budget("all", "400"), budget("s", "400", project="shop")]), UNIT)

    assert [row.name for row in table.rows] == ["shop"]
    foots(table)


def test_a_budget_of_a_project_nobody_knows_is_part_of_what_is_left() -> None:
    given = inputs(
        [SHOP], [budget("all", "1000"), budget("s", "400", project="shop"), budget("x", "9", project="gone")]
    )

    assert monthly_limits(given) == {"shop": Decimal(400), NOT_ALLOCATED: Decimal(600)}
    foots(variance_table(given, UNIT))


def test_without_any_budget_there_is_no_gap_and_everything_else() -> None:
    table = variance_table(inputs([SHOP, SEARCH]), UNIT)

    for row in (*table.rows, table.total):
        assert row.budget == row.gap == row.gap_ratio == row.chance_over == NO_BUDGET
        assert row.bar == 0
    assert (shown(table.total, "previous"), shown(table.total, "to_date")) == (Decimal(900), Decimal(320))
    assert shown(table.total, "forecast") == 320 + 21 * 33


def test_a_project_without_a_budget_leaves_the_total_to_its_own() -> None:
    table = variance_table(inputs([SHOP, SEARCH], [budget("all", "1000"), budget("s", "400", project="shop")]), UNIT)

    assert {row.name: row.budget for row in table.rows}["search"] == NO_BUDGET
    assert shown(table.total, "budget") == 1000
    assert shown(table.rows[-1], "budget") == 600
    assert [row.name for row in table.rows] == ["shop", "search", NOT_ALLOCATED]


def test_a_project_without_history_shows_only_its_budget() -> None:
    silent = part("new", "0", "0", [0.0])
    given = inputs([SHOP, silent, part("silent", "0", "0", [0.0])], [budget("n", "50", project="new")])
    table = variance_table(given, UNIT)

    assert [row.name for row in table.rows] == ["shop", "new"]
    assert (shown(table.rows[1], "to_date"), shown(table.rows[1], "budget"), shown(table.rows[1], "gap")) == (
        Decimal(0),
        Decimal(50),
        Decimal(-50),
    )


def test_without_a_forecast_the_reason_stands_in_its_place() -> None:
    table = variance_table(inputs([spend(["5", "5"])], [budget("s", "400", project="shop")]), UNIT)

    assert table.rows[0].forecast == table.rows[0].gap == NotComputable(reason="too little is known")
    assert table.total.chance_over == NotComputable(reason="too little is known")
    assert shown(table.rows[0], "to_date") == 10


def test_the_month_before_is_not_computable_where_the_data_starts_later() -> None:
    table = variance_table(inputs([spend(["5", "5"], [1.0])]), UNIT)

    assert table.rows[0].previous == table.total.previous == NotComputable(reason="the data starts on 2026-10-01")


def test_budgets_of_another_measure_or_period_are_not_in_the_table() -> None:
    others = [
        budget("q", "5", period="quarter"),
        budget("p", "5", project="shop", period="year"),
        budget("h", "5", measure="accelerator_hours"),
    ]
    given = inputs([SHOP], others)

    assert total_limit(given) is None
    assert monthly_limits(given) == {}


def test_the_first_of_two_budgets_counts() -> None:
    given = inputs(
        [SHOP], [budget("a", "5", project="shop"), budget("b", "6", project="shop"), budget("c", "7"), budget("d", "8")]
    )

    assert monthly_limits(given) == {"shop": Decimal(5), NOT_ALLOCATED: Decimal(2)}
    assert total_limit(given) == 7


def test_bars_share_one_scale() -> None:
    table = variance_table(
        inputs([SHOP, SEARCH], [budget("s", "400", project="shop"), budget("f", "500", project="search")]), UNIT
    )

    gaps = [row.gap.exact for row in (*table.rows, table.total) if isinstance(row.gap, Amount)]
    bars = [row.bar for row in (*table.rows, table.total)]
    assert max(map(abs, bars)) == 1
    assert bars == [(gap / max(map(abs, gaps))).quantize(Decimal("0.0001")) for gap in gaps]
