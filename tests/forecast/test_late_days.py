"""Which days at the end of a bill are incomplete."""

from datetime import date, timedelta

import numpy as np
import pytest

from finops.forecast.late_days import incomplete_days, split_incomplete
from finops.testing.forecaster import START, bursts, ordinary_days

LATER = date(2030, 1, 1)


def left_out(values: np.ndarray, as_of: date = LATER) -> int:
    return split_incomplete(START, values.tolist(), as_of=as_of).left_out


def cut(days: int, *shares: float) -> np.ndarray:
    """Ordinary days of which the last, the last but one, ... are there to a share only."""
    values = ordinary_days(days)
    for lag, share in enumerate(shares, 1):
        values[-lag] *= share
    return values


def test_whole_days_are_kept() -> None:
    history = split_incomplete(START, ordinary_days(100).tolist(), as_of=LATER)
    assert history.left_out == 0
    assert len(history.values) == 100
    assert history.booked == ()


def test_half_a_day_at_the_end_is_left_out_and_what_it_holds_is_kept() -> None:
    values = cut(100, 0.4)
    history = split_incomplete(START, values.tolist(), as_of=LATER)
    assert history.left_out == 1
    assert history.values == tuple(values[:99].tolist())
    assert history.booked == (values[99],)
    assert incomplete_days(history) == (START + timedelta(days=99),)


def test_two_days_may_be_incomplete() -> None:
    assert left_out(cut(100, 0.2, 0.6)) == 2


def test_three_days_may_be_incomplete() -> None:
    assert left_out(cut(100, 0.1, 0.3, 0.6)) == 3


def test_a_series_low_for_four_days_has_fallen_and_keeps_them() -> None:
    assert left_out(cut(100, 0.3, 0.3, 0.3, 0.3)) == 0


def test_a_series_that_ended_keeps_its_zeros() -> None:
    assert left_out(np.concatenate([ordinary_days(100), np.zeros(5)])) == 0


@pytest.mark.parametrize("days", range(60, 100))
def test_idle_days_of_a_bursty_series_are_not_late(days: int) -> None:
    assert left_out(bursts(days)) == 0


def test_a_quiet_weekend_is_not_late() -> None:
    closed = np.where((START.weekday() + np.arange(100)) % 7 >= 5, 0.0, ordinary_days(100))
    sunday = 100 - (START + timedelta(days=99)).isoweekday() % 7
    assert left_out(closed[:sunday]) == 0


def test_the_day_of_the_clock_is_incomplete_even_when_it_looks_whole() -> None:
    last = START + timedelta(days=99)
    assert left_out(ordinary_days(100), as_of=last) == 1


def test_the_day_of_the_clock_counts_among_the_three() -> None:
    last = START + timedelta(days=99)
    assert left_out(cut(100, 0.1, 0.2, 0.5), as_of=last) == 3
    assert left_out(cut(100, 0.1, 0.2, 0.4, 0.5), as_of=last) == 1


def test_days_after_the_clock_are_not_used() -> None:
    history = split_incomplete(START, ordinary_days(100).tolist(), as_of=START + timedelta(days=49))
    assert len(history.values) == 49
    assert history.left_out == 1


def test_a_clock_before_the_first_day_leaves_nothing() -> None:
    history = split_incomplete(START, ordinary_days(10).tolist(), as_of=START - timedelta(days=1))
    assert history.values == ()
    assert history.left_out == 0


def test_too_few_days_say_nothing_about_the_last() -> None:
    assert left_out(cut(20, 0.3)) == 0


def test_nothing_at_all_is_a_history_without_days() -> None:
    assert split_incomplete(START, [], as_of=LATER).values == ()
