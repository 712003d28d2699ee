"""Skill: errors of past forecasts by hand, beside those of the simple methods."""

from datetime import date, timedelta

import numpy as np
import pytest

from finops.forecast.backtest import past_months
from finops.forecast.forecaster import History
from finops.forecast.skill import Skill, skill
from finops.testing.forecaster import ordinary_days

START = date(2025, 1, 1)


def history(days: int) -> History:
    return History(start=START, values=tuple(float(at) for at in range(days)))


def test_seasonal_naive_takes_the_days_a_year_before() -> None:
    # January 2026 is known to the 30th; 31 January 2026 is day 395, and 364 days before it day 31
    (past,) = past_months(history(397), cut_off_day=30, months=1, seed=1, draws=1)
    assert past.seasonal == sum(range(365, 395)) + 31


def test_seasonal_naive_takes_the_last_week_known_where_there_is_no_year() -> None:
    # February 2025 is known to the 14th (days 31 to 44); its last two weeks are the week of days 38 to 44 twice
    known, week = sum(range(31, 45)), sum(range(38, 45))
    (past,) = past_months(history(60), cut_off_day=14, months=1, seed=1, draws=1)
    assert past.seasonal == known + 2 * week


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


def test_what_was_known_then_is_told_apart() -> None:
    known = History(start=START, values=tuple(ordinary_days(300).tolist()))
    first = past_months(known, cut_off_day=10, months=4, seed=1)[0].made_on
    less = History(start=START, values=known.values[: (first - START).days - 1])  # two days were not in yet
    found = skill(known, cut_off_days=[10], months=4, seed=1, known={first: less})
    usual = skill(known, cut_off_days=[10], months=4, seed=1)
    assert found is not None
    assert usual is not None
    assert (found.totals, found.as_known, usual.as_known) == (4, 1, 0)
    assert found.error != usual.error
