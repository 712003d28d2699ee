"""Periods end before their end, and months, quarters and fiscal years fill the calendar without gap or overlap."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops import periods
from finops.periods import Period

DAYS = st.dates(min_value=date(1970, 1, 1), max_value=date(2199, 12, 31))
STARTS = st.integers(min_value=1, max_value=12)


def test_the_end_lies_outside() -> None:
    october = periods.month("2026-10")

    assert date(2026, 10, 1) in october
    assert date(2026, 10, 31) in october
    assert date(2026, 11, 1) not in october
    assert october.last_day == date(2026, 10, 31)
    assert october.days == len(list(october)) == 31
    assert list(october)[-1] == date(2026, 10, 31)


@pytest.mark.parametrize("end", [date(2026, 10, 1), date(2026, 9, 30)])
def test_a_period_that_does_not_end_after_its_start_is_refused(end: date) -> None:
    with pytest.raises(ValueError, match=f"A period must end after it starts: 2026-10-01 to {end}"):
        Period(start=date(2026, 10, 1), end=end)


@pytest.mark.parametrize(
    "label", ["2026-13", "2026-00", "2026-1", "26-10", "2026/10", "202610", "", "2026-10-01", "٢٠٢٦-10", "0000-01"]
)
def test_what_is_no_month_is_refused(label: str) -> None:
    with pytest.raises(ValueError, match="A month is written like 2026-10"):
        periods.month(label)


@pytest.mark.parametrize(
    ("label", "days"), [("2024-02", 29), ("2026-02", 28), ("2000-02", 29), ("2100-02", 28), ("2026-12", 31)]
)
def test_february_knows_leap_years(label: str, days: int) -> None:
    assert periods.month(label).days == days


@given(DAYS)
def test_a_day_lies_in_its_month_and_months_follow_one_another(day: date) -> None:
    month = periods.month_of(day)

    assert day in month
    assert month.months() == (f"{day:%Y-%m}",)
    assert periods.month(month.months()[0]) == month
    assert periods.previous_month(month).end == month.start
    assert periods.months_before(day, 1) == periods.previous_month(month).start
    assert periods.months_before(day, 12) == month.start.replace(year=day.year - 1)


@given(DAYS, STARTS)
def test_fiscal_years_are_twelve_months_from_their_first_one(day: date, start: int) -> None:
    year = periods.fiscal_year_of(day, fiscal_year_start=start)

    assert day in year
    assert (year.start.day, year.start.month) == (1, start)
    assert len(year.months()) == 12
    leap = any((one.month, one.day) == (2, 29) for one in year)
    assert year.days == (366 if leap else 365)
    assert periods.fiscal_year_of(year.end, fiscal_year_start=start).start == year.end
    assert periods.fiscal_year_of(year.last_day, fiscal_year_start=start) == year


@given(DAYS, STARTS)
def test_four_quarters_fill_a_fiscal_year(day: date, start: int) -> None:
    year = periods.fiscal_year_of(day, fiscal_year_start=start)
    quarter = periods.quarter_of(day, fiscal_year_start=start)

    assert day in quarter
    at, quarters = year.start, []
    while at < year.end:
        quarters.append(periods.quarter_of(at, fiscal_year_start=start))
        at = quarters[-1].end
    assert quarter in quarters
    assert (len(quarters), at) == (4, year.end)
    assert all(len(one.months()) == 3 for one in quarters)


@given(DAYS, STARTS)
def test_a_months_number_counts_from_the_fiscal_years_first_month(day: date, start: int) -> None:
    year = periods.fiscal_year_of(day, fiscal_year_start=start)

    assert year.months()[periods.fiscal_number(day, fiscal_year_start=start) - 1] == f"{day:%Y-%m}"


@pytest.mark.parametrize(
    ("day", "start", "label"),
    [
        (date(2026, 11, 1), 4, "2026/27"),
        (date(2027, 3, 31), 4, "2026/27"),
        (date(2027, 4, 1), 4, "2027/28"),
        (date(1999, 12, 1), 10, "1999/00"),
        (date(2026, 11, 1), 1, "2026"),
    ],
)
def test_fiscal_years_are_called_by_the_years_they_touch(day: date, start: int, label: str) -> None:
    assert periods.fiscal_label(periods.fiscal_year_of(day, fiscal_year_start=start)) == label


def test_a_calendar_year_is_one() -> None:
    assert periods.year_of(date(2026, 6, 1)) == Period(start=date(2026, 1, 1), end=date(2027, 1, 1))


@given(DAYS, st.integers(min_value=1, max_value=900))
def test_a_period_names_every_month_it_touches_once(day: date, length: int) -> None:
    period = Period(start=day, end=day + timedelta(days=length))

    assert period.months() == tuple(dict.fromkeys(f"{one:%Y-%m}" for one in period))


def test_periods_sort_by_their_start() -> None:
    labels = ["2026-10", "2025-12", "2026-01"]

    assert [one.months()[0] for one in sorted(map(periods.month, labels))] == sorted(labels)
