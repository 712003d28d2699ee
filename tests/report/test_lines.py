"""Lines of budgets and alerts show what the variance table shows, and say what drives them."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from finops.budgets.alerts import overruns
from finops.budgets.budget import Budget
from finops.report.inputs import Inputs
from finops.report.lines import alert_line, budget_line
from finops.report.model import Alert, Amount, BudgetLine, NotComputable
from finops.report.slices import Slice
from finops.report.variance import variance_table
from finops.series import Scope
from tests.budgets.futures import spend
from tests.report.cases import NOT_ALLOCATED, SEPTEMBER_FIRST, budget, inputs, part

UNIT = Decimal(1)
SHOP = part("shop", "10", "12.4", [12.4, 14.4])
SEARCH = part("search", "20", "20.4", [20.4])
REST = part(NOT_ALLOCATED, "1", "1.4", [1.4])


def lines(given: Inputs) -> list[BudgetLine]:
    table = variance_table(given, UNIT)
    return [budget_line(one, given, table, UNIT) for one in given.outlooks]


def alerts(given: Inputs) -> list[Alert]:
    table = variance_table(given, UNIT)
    return [alert_line(alert, given, table, UNIT) for alert in overruns(given.outlooks)]


def daily(before: str, now: str, days: int = 10) -> Mapping[date, Decimal]:
    """An amount per day of September, and one per known day of October."""
    return {
        SEPTEMBER_FIRST + timedelta(days=at): Decimal(amount) for at, amount in enumerate([before] * 30 + [now] * days)
    }


def service(part: str, name: str, before: str, now: str) -> Slice:
    return Slice(part=part, group="AWS", name=name, daily=daily(before, now))


AMOUNTS = st.decimals(min_value=0, max_value=5000, places=4).map(str)


@settings(max_examples=30, deadline=None)
@examples(
    st.lists(st.tuples(AMOUNTS, AMOUNTS, AMOUNTS), min_size=1, max_size=5), AMOUNTS, st.sampled_from(["1", "0.01"])
)
def test_a_monthly_budget_shows_the_same_figures_as_its_row(
    rows: list[tuple[str, str, str]], total: str, unit: str
) -> None:
    parts = [part(f"p{at}", before, now, [float(now)]) for at, (before, now, _) in enumerate(rows)]
    budgets = [budget(f"b{at}", row[2], project=f"p{at}") for at, row in enumerate(rows)]
    given = inputs(parts, [*budgets, budget("all", total)])
    table = variance_table(given, Decimal(unit))
    named = {row.name: row for row in table.rows}

    for one in given.outlooks:
        line = budget_line(one, given, table, Decimal(unit))
        row = table.total if one.budget.scope == Scope() else named[f"p{one.budget.name[1:]}"]
        assert (line.to_date, line.limit, line.forecast, line.gap) == (row.to_date, row.budget, row.forecast, row.gap)
        assert (line.gap_ratio, line.chance_over) == (row.gap_ratio, row.chance_over)


def test_a_second_budget_of_a_project_keeps_its_own_limit() -> None:
    first, second = lines(inputs([SHOP], [budget("a", "300.4", project="shop"), budget("b", "200.4", project="shop")]))

    assert (first.forecast, first.to_date) == (second.forecast, second.to_date)
    assert isinstance(second.limit, Amount)
    assert isinstance(second.gap, Amount)
    assert isinstance(second.forecast, Amount)
    assert second.limit == Amount(exact=Decimal("200.4"), shown=Decimal(200))
    assert second.gap.shown == second.forecast.shown - 200


def test_a_longer_budget_is_rounded_by_itself() -> None:
    (line,) = lines(inputs([SHOP], [budget("q", "2000.5", project="shop", period="quarter")]))

    assert line.limit == Amount(exact=Decimal("2000.5"), shown=Decimal(2000))
    assert line.period_label == "FY2026/27 Q1"
    assert isinstance(line.forecast, Amount)
    assert line.forecast.exact == Decimal(124) + Decimal("13.4") * 82


def test_a_line_names_scope_owner_and_unit() -> None:
    asked = [budget("a", "1", project="shop"), budget("b", "2", project="search"), budget("c", "3", owner="me")]
    found = lines(inputs([SHOP, SEARCH], asked))

    assert [(line.name, line.scope, line.owner, line.unit) for line in found] == [
        ("a", "project shop", "shop@example.org", "EUR"),
        ("b", "project search", None, "EUR"),
        ("c", "all cost", "me", "EUR"),
    ]


def test_a_month_without_a_limit_says_so() -> None:
    (line,) = lines(inputs([SHOP], [budget("a", {"2026-09": "5"}, project="shop")]))

    assert line.limit == line.gap == line.gap_ratio == NotComputable(reason="a month of the period has no limit")
    assert line.chance_over == NotComputable(reason="no budget covers it")
    assert isinstance(line.forecast, Amount)


def test_without_a_forecast_the_line_says_why() -> None:
    (line,) = lines(inputs([spend(["5", "5"])], [budget("a", "9")]))

    assert line.forecast == line.gap == NotComputable(reason="too little is known")
    assert line.chance_over == Decimal("1.0"), "a limit behind us is certain"


def test_an_alert_carries_its_line_and_level() -> None:
    (alert,) = alerts(inputs([SHOP], [budget("a", "380", project="shop")]))
    (line,) = lines(inputs([SHOP], [budget("a", "380", project="shop")]))

    assert alert.level == "high"
    assert not alert.already_over
    for name in ("name", "scope", "period", "limit", "forecast", "gap", "chance_over", "overrun_on", "owner"):
        assert getattr(alert, name) == getattr(line, name)
    assert alert.overrun_on is not None


def test_an_alert_of_a_limit_behind_us_names_no_day_ahead() -> None:
    (alert,) = alerts(inputs([SHOP], [budget("a", "100", project="shop")]))

    assert alert.already_over
    assert alert.overrun_on is None


def reason(*slices: Slice, scope: str | None = "shop", parts: tuple[object, ...] = (SHOP, SEARCH)) -> str:
    (alert,) = alerts(inputs(parts, [budget("a", "100", project=scope)], slices=slices))  # type: ignore[arg-type]  # spends
    return alert.reason


def test_the_reason_is_the_service_that_grew_most() -> None:
    grown = service("shop", "Amazon EC2", "10", "1010"), service("shop", "Amazon S3", "5", "4")

    assert reason(*grown) == "Amazon EC2 costs 1,000 EUR a day more than in 2026-09."
    assert reason(*grown, scope=None) == "Amazon EC2 in shop costs 1,000 EUR a day more than in 2026-09."


def test_the_reason_looks_at_the_last_week_of_complete_days() -> None:
    late = Slice(part="shop", group="AWS", name="SageMaker", daily={**daily("0", "0"), date(2026, 10, 10): Decimal(70)})

    assert reason(late) == "SageMaker costs 10 EUR a day more than in 2026-09."


def test_the_reason_of_a_closed_month_looks_at_its_own_last_week() -> None:
    """Charges of the months after it are known, but are not its own."""
    shop = part("shop", "10", "12", [12.0], days=45)
    grown = Slice(part="shop", group="AWS", name="Amazon EC2", daily=daily("10", "30", days=31))

    assert reason(grown, parts=(shop,)) == "Amazon EC2 costs 20 EUR a day more than in 2026-09."


def test_other_projects_are_no_reason() -> None:
    other = service("search", "Amazon EC2", "10", "1010")

    assert reason(other) == "No service costs more than in the month before."
    assert reason(other, scope=None).startswith("Amazon EC2 in search costs")


def test_many_small_rises_name_nobody() -> None:
    rises = [service("shop", f"service {at}", "10", "11") for at in range(4)]

    assert reason(*rises) == "Many small rises; no single service stands out."


def test_falling_cost_is_no_reason() -> None:
    assert reason(service("shop", "Amazon EC2", "10", "9")) == "No service costs more than in the month before."


def test_the_first_month_has_nothing_to_compare_with() -> None:
    assert reason(parts=(spend(["50", "60"], [1.0]),), scope=None) == "No earlier month to compare with."


@pytest.mark.parametrize("field", ["provider", "tag:team"])
def test_a_scope_beyond_projects_points_to_its_detail(field: str) -> None:
    given = inputs([SHOP], [budget("a", "100", project="shop")])
    one = overruns(given.outlooks)[0]
    narrow = Budget(name="n", measure="effective_cost", period="month", scope=Scope(fields=((field, ("x",)),)))
    other = type(one)(
        level=one.level,
        outlook=type(one.outlook)(
            budget=narrow,
            period=one.outlook.period,
            limit=one.outlook.limit,
            to_date=one.outlook.to_date,
            result=one.outlook.result,
            overrun_on=None,
            already_over=True,
        ),
    )

    assert alert_line(other, given, variance_table(given, UNIT), UNIT).reason == "See the detail of its scope."
