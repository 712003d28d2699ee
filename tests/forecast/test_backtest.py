"""Past months forecast again as they would have been."""

from datetime import date, timedelta

import numpy as np
import pytest

from finops.forecast.backtest import past_months
from finops.forecast.forecaster import History, forecast_all
from finops.periods import month
from finops.testing.forecaster import START, ordinary_days

YEAR = History(start=START, values=tuple(ordinary_days(440).tolist()))  # to 14 October 2026


def test_the_last_whole_months_are_made_again_oldest_first() -> None:
    found = past_months(YEAR, cut_off_day=15, months=6, seed=1)
    assert [past.month for past in found] == ["2026-04", "2026-05", "2026-06", "2026-07", "2026-08", "2026-09"]
    assert [past.made_on.day for past in found] == [15] * 6


def test_a_forecast_made_again_is_the_one_made_then() -> None:
    past = past_months(YEAR, cut_off_day=15, months=1, seed=1)[0]
    then = History(start=START, values=YEAR.values[: (date(2026, 9, 16) - START).days])
    total = forecast_all({"then": then}, until=date(2026, 10, 1), seed=1)["then"].total(month("2026-09"))
    assert past.mean == total.mean
    assert (past.low_80, past.high_80) == total.interval(0.8)


def test_days_after_the_cut_off_change_nothing_but_what_came() -> None:
    values = list(YEAR.values)
    after = (date(2026, 9, 16) - START).days
    changed = History(start=START, values=(*values[:after], *(value * 3 for value in values[after:])))
    one, other = (past_months(history, cut_off_day=15, months=1, seed=1)[0] for history in (YEAR, changed))
    assert (one.mean, one.low_80, one.high_80, one.naive) == (other.mean, other.low_80, other.high_80, other.naive)
    assert other.actual > one.actual


def test_actual_and_straight_line_of_a_month() -> None:
    values = np.full(92, 10.0)  # August to October 2025
    values[61 + 15 :] = 20.0  # from 16 October on
    history = History(start=START, values=tuple(values.tolist()))
    past = past_months(history, cut_off_day=15, months=1, seed=1)[0]
    assert past.month == "2025-10"
    assert past.naive == pytest.approx(310)
    assert past.actual == pytest.approx(150 + 320)
    assert not past.hit


def test_a_hit_lies_in_the_range() -> None:
    past = past_months(YEAR, cut_off_day=28, months=1, seed=1)[0]
    assert past.hit == (past.low_80 <= past.actual <= past.high_80)
    assert past.mean == pytest.approx(past.actual, rel=0.1)


def test_months_before_the_history_are_left_out() -> None:
    young = History(start=date(2026, 8, 20), values=YEAR.values[:50])  # to 8 October
    assert [past.month for past in past_months(young, cut_off_day=15, seed=1)] == ["2026-09"]


def test_months_before_the_first_charge_are_left_out() -> None:
    late = History(start=START, values=(*([0.0] * 380), *YEAR.values[380:]))  # first charge on 16 August 2026
    assert [past.month for past in past_months(late, cut_off_day=15, seed=1)] == ["2026-09"]


def test_the_last_day_of_february_is_never_known() -> None:
    history = History(start=date(2025, 10, 1), values=YEAR.values[:160])
    found = past_months(history, cut_off_day=30, months=1, seed=1)
    assert found[0].made_on == date(2026, 2, 27)


def test_a_month_that_ends_with_the_history_is_whole() -> None:
    history = History(start=START, values=YEAR.values[: (date(2026, 10, 1) - START).days])
    assert history.end - timedelta(days=1) == date(2026, 9, 30)
    assert past_months(history, cut_off_day=15, months=1, seed=1)[0].month == "2026-09"


@pytest.mark.parametrize("day", [0, 31])
def test_a_cut_off_outside_the_month_is_refused(day: int) -> None:
    with pytest.raises(ValueError, match="between 1 and 30"):
        past_months(YEAR, cut_off_day=day, seed=1)
