"""Skill: errors of past forecasts by hand, beside those of the simple methods."""

from datetime import date, timedelta

import numpy as np
import pytest

from finops.forecast.backtest import PastMonth, past_months
from finops.forecast.forecaster import History
from finops.forecast.skill import Skill, seasonal_naive, skill
from finops.testing.forecaster import ordinary_days

START = date(2025, 1, 1)


def history(days: int) -> History:
    return History(start=START, values=tuple(float(at) for at in range(days)))


def past(month: str, made_on: date) -> PastMonth:
    return PastMonth(month=month, made_on=made_on, mean=0.0, low_80=0.0, high_80=0.0, actual=0.0, naive=0.0)


def test_seasonal_naive_takes_the_days_a_year_before() -> None:
    # January 2026 is known to the 30th; 31 January 2026 is day 395, and 364 days before it day 31
    assert seasonal_naive(history(396), past("2026-01", date(2026, 1, 30))) == sum(range(365, 395)) + 31


def test_seasonal_naive_takes_the_last_week_known_where_there_is_no_year() -> None:
    # February 2025 is known to the 14th (days 31 to 44); its last two weeks are the week of days 38 to 44 twice
    known, week = sum(range(31, 45)), sum(range(38, 45))
    assert seasonal_naive(history(59), past("2025-02", date(2025, 2, 14))) == known + 2 * week


def test_the_figures_are_those_of_the_past_forecasts() -> None:
    known = History(start=START, values=tuple(ordinary_days(300).tolist()))
    months = past_months(known, cut_off_day=10, months=4, seed=1)
    found = skill(known, cut_off_days=[10], months=4, seed=1)
    assert found is not None
    came, expected = sum(one.actual for one in months), sum(one.mean for one in months)
    assert found.months == 4
    assert found.error == pytest.approx(sum(abs(one.mean - one.actual) for one in months) / came)
    assert found.variance == pytest.approx((came - expected) / expected)
    assert found.hits == sum(one.hit for one in months) / 4


def test_nothing_charged_or_too_short_has_no_skill() -> None:
    assert skill(History(start=START, values=(0.0,) * 200), cut_off_days=[10], months=6, seed=1) is None
    assert skill(History(start=START, values=(5.0,) * 20), cut_off_days=[10], months=6, seed=1) is None


@pytest.mark.parametrize(
    ("error", "band"), [(0.12, "run"), (0.13, "walk"), (0.15, "walk"), (0.2, "crawl"), (0.21, "below crawl")]
)
def test_bands_end_where_the_finops_foundation_says(error: float, band: str) -> None:
    scores = Skill(months=1, error=error, run_rate=1.0, seasonal_naive=1.0, variance=0.0, hits=1.0)
    assert scores.band == band


def test_a_simple_method_that_is_as_good_is_said_to_be() -> None:
    scores = Skill(months=1, error=0.1, run_rate=0.101, seasonal_naive=0.5, variance=0.0, hits=1.0)
    assert scores.naive_is_as_good
    worse = Skill(months=1, error=0.1, run_rate=0.2, seasonal_naive=0.5, variance=0.0, hits=1.0)
    assert not worse.naive_is_as_good


def test_a_fee_is_where_we_beat_the_straight_line() -> None:
    days = [START + timedelta(days=at) for at in range(300)]
    values = ordinary_days(300) + np.array([2000.0 if day.day == 1 else 0.0 for day in days])
    found = skill(History(start=START, values=tuple(values.tolist())), cut_off_days=[10], months=4, seed=1)
    assert found is not None
    assert found.error < 0.2 * found.run_rate
