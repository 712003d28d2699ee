"""Weekday profile and monthly fees."""

from datetime import date

import numpy as np

from finops.forecast.calendar_effects import (
    WeekdayProfile,
    fees_on,
    month_places,
    monthly_fees,
    running_median,
    weekday_profile,
    weekdays,
)

START = date(2025, 1, 1)
DAYS = 210
PLACES = month_places(START, DAYS)
NOISE = np.random.default_rng(3).normal(0, 2, DAYS)


def test_weekdays_start_with_monday() -> None:
    assert weekdays(date(2026, 11, 16), 8).tolist() == [0, 1, 2, 3, 4, 5, 6, 0]


def test_the_last_three_days_of_a_leap_february_count_from_the_end() -> None:
    assert month_places(date(2028, 2, 26), 5).tolist() == [26, -3, -2, -1, 1]


def test_a_fee_on_the_first_is_found_with_its_amount() -> None:
    fees = monthly_fees(100 + NOISE + np.where(PLACES == 1, 500.0, 0.0), PLACES)
    assert list(fees) == [1]
    assert abs(fees[1] - 500) < 10


def test_a_charge_on_the_last_day_is_found_in_months_of_any_length() -> None:
    fees = monthly_fees(100 + NOISE + np.where(PLACES == -1, 80.0, 0.0), PLACES)
    assert list(fees) == [-1]


def test_a_subscription_in_the_middle_of_the_month_is_found() -> None:
    fees = monthly_fees(100 + NOISE + np.where(PLACES == 15, 80.0, 0.0), PLACES)
    assert list(fees) == [15]


def test_a_monthly_credit_is_a_negative_fee() -> None:
    fees = monthly_fees(100 + NOISE + np.where(PLACES == 2, -60.0, 0.0), PLACES)
    assert list(fees) == [2]
    assert fees[2] < -50


def test_noise_is_no_fee() -> None:
    assert monthly_fees(100 + NOISE, PLACES) == {}


def test_one_spike_is_no_fee() -> None:
    values = 100 + NOISE
    values[31] += 500  # 1 February
    assert monthly_fees(values, PLACES) == {}


def test_fees_come_again_on_their_places() -> None:
    assert fees_on({1: 5.0, -1: 7.0}, month_places(date(2026, 4, 29), 4)).tolist() == [0.0, 7.0, 5.0, 0.0]


def test_a_profile_is_found_and_taken_out() -> None:
    days = weekdays(START, DAYS)
    values = np.where(days >= 5, 50.0, 120.0) * np.exp(NOISE / 100)
    profile = weekday_profile(values, days, multiplies=True)
    assert abs(profile.weights[5] / profile.weights[0] - 50 / 120) < 0.03
    assert np.std(profile.remove(values, days)) < 0.1 * np.std(values)
    np.testing.assert_allclose(profile.put_back(profile.remove(values, days), days), values)


def test_amounts_are_added_where_days_are_zero() -> None:
    days = weekdays(START, DAYS)
    profile = weekday_profile(np.where(days >= 5, 0.0, 70.0), days, multiplies=False)
    np.testing.assert_allclose(profile.put_back(np.full(DAYS, 50.0), days), np.where(days >= 5, 0.0, 70.0), atol=1e-6)


def test_noise_gives_a_nearly_flat_profile() -> None:
    profile = weekday_profile(100 + NOISE, weekdays(START, DAYS), multiplies=True)
    assert max(profile.weights) - min(profile.weights) < 0.02


def test_less_than_two_weeks_have_no_profile() -> None:
    flat = WeekdayProfile(weights=(1.0,) * 7, multiplies=True)
    assert weekday_profile(np.arange(1.0, 14.0), weekdays(START, 13), multiplies=True) == flat


def test_a_running_median_ignores_one_spike() -> None:
    values = np.full(30, 10.0)
    values[12] = 1000.0
    assert (running_median(values, 7) == 10).all()
