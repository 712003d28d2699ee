"""The first page: a verdict only where the data carries one, four figures, and a fan that starts from the truth."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest

from finops.budgets.budget import Budget
from finops.budgets.spend import Spend
from finops.report.answer import fan, key_figures, verdict
from finops.report.figures import NO_BUDGET
from finops.report.inputs import Inputs
from finops.report.model import Amount, Fan, KeyFigures, NotComputable, SourceFreshness, Verdict
from finops.report.variance import variance_table
from tests.budgets.futures import spend
from tests.report.cases import budget, inputs, part

UNIT = Decimal(1)
SHOP = part("shop", "10", "12", [12.0, 14.0])  # 120 to date, 21 days of 13: 393, or 372 or 414
SEARCH = part("search", "20", "20", [20.0])  # 620


def judged(given: Inputs) -> Verdict:
    return verdict(given, variance_table(given, UNIT), given.total.outlook(given.period))


def figures(given: Inputs) -> KeyFigures:
    table = variance_table(given, UNIT)
    return key_figures(given, table.total, given.total.outlook(given.period), UNIT)


def drawn(given: Inputs) -> Fan:
    found = fan(given, variance_table(given, UNIT).total)
    assert isinstance(found, Fan)
    return found


@pytest.mark.parametrize(
    ("limit", "state", "gap"), [("392.4", "over", 1), ("393.4", "equal", 0), ("393", "equal", 0), ("400", "under", -7)]
)
def test_over_under_or_equal_is_what_is_shown(limit: str, state: str, gap: int) -> None:
    found = judged(inputs([SHOP], [budget("all", limit)]))

    assert found.state == state
    assert isinstance(found.gap, Amount)
    assert found.gap.shown == gap
    assert found.missing == ()


def test_the_chance_comes_with_the_verdict() -> None:
    assert judged(inputs([SHOP], [budget("all", "400")])).chance_over == Decimal("0.5")


def test_without_a_budget_there_is_no_verdict_but_a_forecast() -> None:
    found = judged(inputs([SHOP]))

    assert (found.state, found.gap, found.chance_over) == ("no-budget", NO_BUDGET, NO_BUDGET)
    assert isinstance(found.forecast, Amount)


def test_without_a_forecast_the_verdict_is_incomplete_and_says_why() -> None:
    found = judged(inputs([spend(["5"])], [budget("all", "9")]))

    assert (found.state, found.missing) == ("incomplete", ("2026-10: too little is known.",))


def source(name: str, data_to: date | None) -> SourceFreshness:
    return SourceFreshness(source=name, provider="AWS", data_to=data_to, deliveries=1, rows=1)


@pytest.mark.parametrize(
    ("data_to", "as_of", "missing"),
    [
        (date(2026, 10, 10), date(2026, 10, 11), False),
        (date(2026, 10, 1), date(2026, 10, 12), False),  # ten days late
        (date(2026, 10, 1), date(2026, 10, 13), True),
        (date(2026, 9, 1), date(2026, 10, 11), True),
        (date(2026, 8, 31), date(2026, 10, 11), False),  # ended before the month ahead: another one replaced it
        (date(2026, 10, 21), date(2027, 1, 1), False),  # of a closed month only its own days are needed
        (date(2026, 10, 20), date(2027, 1, 1), True),
        (None, date(2026, 10, 11), False),
    ],
)
def test_a_source_that_is_late_takes_the_verdict_and_one_that_ended_does_not(
    data_to: date | None,
    as_of: date,
    missing: bool,  # noqa: FBT001 - a case
) -> None:
    found = judged(inputs([SHOP], [budget("all", "400")], freshness=[source("aws", data_to)], as_of=as_of))

    assert found.missing == ((f"Source aws holds no charges after {data_to}.",) if missing else ())
    assert found.state == ("incomplete" if missing else "under")


def test_the_drivers_push_where_the_gap_goes_the_largest_first() -> None:
    parts = [SHOP, SEARCH, *(part(f"p{at}", "1", "10", [10.0]) for at in range(3))]
    limits = {"shop": "300", "search": "800", "p0": "300", "p1": "100", "p2": "310"}
    budgets = [budget(name, limit, project=name) for name, limit in limits.items()]

    over = judged(inputs(parts, budgets))
    assert [(name, int(gap.shown)) for name, gap in over.drivers] == [("p1", 210), ("shop", 93), ("p0", 10)]
    under = judged(inputs(parts[:2], budgets[:2]))
    assert [(name, int(gap.shown)) for name, gap in under.drivers] == [("search", -180)]


def test_the_four_figures() -> None:
    found = figures(inputs([SHOP], [budget("all", "400"), budget("year", "5000", period="fiscal_year")]))

    assert found.to_date == Amount(exact=Decimal(120), shown=Decimal(120))
    assert isinstance(found.forecast, Amount)
    assert found.forecast.shown == 393
    assert not isinstance(found.forecast_range, NotComputable)
    assert found.forecast_range.low.shown == 376
    assert found.forecast_range.high.shown == 410


def year(budgets: Sequence[Budget], fiscal_year_start: int) -> tuple[object, object]:
    parts = [spend(["10"] * 10, [10.0], until=date(2027, 10, 1))]
    found = figures(inputs(parts, budgets, fiscal_year_start=fiscal_year_start))
    assert isinstance(found.year, Amount)
    return found.year.shown, found.year_gap.shown if isinstance(found.year_gap, Amount) else found.year_gap


MONTHS = {f"2026-{at:02d}": "100" for at in range(1, 13)}


@pytest.mark.parametrize(
    ("budgets", "start", "gap"),
    [
        ([budget("y", "3000", period="fiscal_year")], 10, 650),
        ([budget("y", "900", period="fiscal_year"), budget("m", "1")], 1, 20),
        ([budget("y", "900", period="year")], 1, 20),
        ([budget("y", "900", period="year")], 10, NO_BUDGET),  # another year than the fiscal one
        ([budget("m", "100")], 1, -280),
        ([budget("m", MONTHS)], 1, -280),
        ([budget("m", MONTHS)], 10, NO_BUDGET),  # a month has no limit
        ([budget("p", "900", project="shop")], 1, NO_BUDGET),
        ([budget("h", "900", measure="flop", period="fiscal_year")], 1, NO_BUDGET),
        ([], 1, NO_BUDGET),
    ],
)
def test_the_years_budget_is_its_own_or_the_sum_of_its_months(budgets: list[Budget], start: int, gap: object) -> None:
    """Ten a day from October on: 920 to the end of the calendar year, 3,650 in the year from October."""
    assert year(budgets, start) == (920 if start == 1 else 3650, gap)


def test_the_fan_is_actual_to_the_last_complete_day_and_forecast_from_there() -> None:
    found = drawn(inputs([SHOP], [budget("all", "310")]))
    days = found.days

    assert (len(days), days[0].day, days[-1].day, found.data_to) == (
        31,
        date(2026, 10, 1),
        date(2026, 10, 31),
        date(2026, 10, 10),
    )
    assert [day.actual for day in days] == [*(Decimal(12) * at for at in range(1, 11)), *[None] * 21]
    assert [day.forecast for day in days[:9]] == [None] * 9
    last = days[9]
    assert {last.actual, last.forecast, last.low_80, last.high_80, last.low_95, last.high_95} == {Decimal(120)}
    assert (days[10].forecast, days[30].forecast) == (Decimal("133.0000"), Decimal("393.0000"))
    assert days[30].budget == 310


def test_bands_lie_inside_one_another_and_widen() -> None:
    days = drawn(inputs([SHOP])).days[9:]
    widths = []
    for day in days:
        assert day.low_95 is not None
        assert day.low_80 is not None
        assert day.high_80 is not None
        assert day.high_95 is not None
        assert day.low_95 <= day.low_80 <= day.high_80 <= day.high_95
        widths.append(day.high_95 - day.low_95)
    assert widths == sorted(widths)
    assert widths[0] == 0


def test_without_a_budget_the_fan_has_no_budget_line() -> None:
    found = drawn(inputs([SHOP]))

    assert {day.budget for day in found.days} == {None}
    assert found.left_budget_on is None


def test_before_the_first_complete_day_all_is_forecast() -> None:
    """September is known, October has not begun."""
    found = drawn(inputs([part("shop", "10", "0", [5.0], days=0)]))

    assert found.data_to is None
    assert {day.actual for day in found.days} == {None}
    assert (found.days[0].forecast, found.days[-1].forecast) == (Decimal("5.0000"), Decimal("155.0000"))


def test_a_closed_month_has_no_forecast_lines() -> None:
    found = drawn(inputs([part("shop", "10", "12", [5.0], days=40)]))

    assert found.days[-1].actual == Decimal(372)
    assert {(day.forecast, day.low_80, day.high_95) for day in found.days} == {(None, None, None)}
    assert found.data_to == date(2026, 10, 31)


def test_without_a_complete_day_there_is_no_fan() -> None:
    given = inputs([spend([])])

    assert fan(given, variance_table(given, UNIT).total) == NotComputable(reason="too little is known")


def test_a_fan_without_a_forecast_ends_with_the_actual() -> None:
    found = drawn(inputs([spend(["5", "6"])]))

    assert [day.actual for day in found.days[:3]] == [Decimal(5), Decimal(11), None]
    assert {day.forecast for day in found.days} == {None}


@pytest.mark.parametrize(
    ("days", "left"),
    [
        (["20", "5", "5", "5"], None),  # above on the first day, back below on the third
        (["5", "5", "5", "5"], None),
        (["5", "20", "20", "20"], date(2026, 10, 2)),
        (["20", "1", "1", "40"], date(2026, 10, 4)),
    ],
)
def test_the_day_the_budget_was_left_begins_the_last_run_above_it(days: list[str], left: date | None) -> None:
    """Ten a day are allowed."""
    found: Sequence[Spend] = [spend(days, [1.0])]

    assert drawn(inputs(found, [budget("all", "310")])).left_budget_on == left
