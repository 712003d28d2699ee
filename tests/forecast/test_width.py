"""Ranges get as wide as own past totals say, the surer the more these are."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.forecast.backtest import PastMonth
from finops.forecast.forecaster import CalendarForecaster, Forecast, Shocks
from finops.forecast.learnt import LEARNT
from finops.forecast.width import FEWEST_TOTALS, own_width
from finops.periods import Period
from finops.testing.forecaster import START, bursts, history_of, ordinary_days

ENDLESS = 10**6


def past(*actuals: float, low: float = 90.0, median: float = 100.0, high: float = 120.0) -> list[PastMonth]:
    """Months that were said to end between 90 and 120."""
    return [
        PastMonth(
            month="2026-03",
            made_on=date(2026, 3, 10),
            mean=median,
            low_80=low,
            median=median,
            high_80=high,
            actual=one,
            naive=100.0,
        )
        for one in actuals
    ]


def spread(share: float, *, totals: int) -> list[float]:
    """Totals of which a share lies inside, half of the others a quarter beyond each end."""
    inside = round(share * totals)
    outside = totals - inside
    return [101.0] * inside + [87.0] * (outside // 2) + [126.0] * (outside - outside // 2)


def factor_of(months: Sequence[PastMonth]) -> float:
    found = own_width(months)
    assert found is not None
    return found.factor


def test_ranges_that_held_as_they_should_stay() -> None:
    """Four of five inside, the outermost of them at an end."""
    held = past(*[120.0] * 400, *[90.0] * 400, *[140.0] * 200)
    assert factor_of(held) == 1.0


def test_too_narrow_ranges_are_stretched_until_they_hold() -> None:
    """Three of four inside, the others at 1.3 times the distance: that is how far the range has to reach."""
    narrow = past(*spread(0.75, totals=ENDLESS))
    found = own_width(narrow)
    assert found is not None
    assert (found.totals, found.inside) == (ENDLESS, 0.75)
    assert found.factor == pytest.approx(1.3, rel=1e-3)


def test_too_wide_ranges_are_drawn_in() -> None:
    assert factor_of(past(*[116.0] * ENDLESS)) == pytest.approx(0.8, rel=1e-3)


def test_few_totals_count_less_and_very_few_not_at_all() -> None:
    narrow = {totals: past(*spread(0.5, totals=totals)) for totals in (FEWEST_TOTALS, 10 * FEWEST_TOTALS)}
    few, many = map(factor_of, narrow.values())
    assert 1 < few < many < 1.3
    assert few == pytest.approx(1.3 ** (1 / 3))
    assert factor_of(past(*[116.0] * 600)) == pytest.approx(0.8**0.5)  # to be too sure is the worse error
    assert own_width(narrow[FEWEST_TOTALS][1:]) is None


def test_one_table_does_not_make_ranges_more_than_twice_or_less_than_half_as_wide() -> None:
    assert factor_of(past(*[1e9] * ENDLESS)) == pytest.approx(2.0, rel=1e-3)
    assert factor_of(past(*[100.0] * ENDLESS)) == pytest.approx(0.5, rel=1e-3)


def test_what_was_forecast_as_one_value_says_nothing_of_ranges() -> None:
    certain = past(*[5.0] * 1000, low=0.0, median=0.0, high=0.0)
    assert own_width(certain) is None
    assert own_width([*past(*[110.0] * 500), *certain]) == own_width(past(*[110.0] * 500))


def test_a_side_without_width_is_missed_however_far_it_is_stretched() -> None:
    below = past(*[-1.0] * 500, low=0.0, median=0.0, high=5.0)
    assert factor_of(below) == pytest.approx(2.0 ** (500 / 700))


@given(st.lists(st.floats(0, 300), min_size=FEWEST_TOTALS, max_size=150), st.sampled_from([0.01, 160.0]))
def test_currency_and_order_do_not_matter(actuals: list[float], rate: float) -> None:
    months = past(*actuals)
    abroad = [
        replace(
            one,
            actual=one.actual * rate,
            low_80=one.low_80 * rate,
            median=one.median * rate,
            high_80=one.high_80 * rate,
        )
        for one in months[::-1]
    ]
    assert factor_of(abroad) == pytest.approx(factor_of(months))


@pytest.mark.parametrize(
    ("values", "least"),
    [
        pytest.param(ordinary_days(300), 1.15, id="ordinary"),
        pytest.param(ordinary_days(300) - 60.0, 1.15, id="with credits"),
        pytest.param(bursts(300), 1.05, id="bursts, whose days vary more than their level is unsure"),
    ],
)
def test_ranges_follow_the_factor_and_point_forecasts_do_not(values: np.ndarray, least: float) -> None:
    def forecast(width: float) -> Forecast:
        taught = CalendarForecaster(learnt=replace(LEARNT, width=width))
        return taught.forecast(history_of(values), days=365, shocks=Shocks(seed=1))

    def breadth(one: Forecast, days: int) -> float:
        first = one.history.end
        low, high = one.total(Period(start=first, end=date.fromordinal(first.toordinal() + days))).interval(0.8)
        return high - low

    narrow, usual, wide = (forecast(width) for width in (0.7, 1.0, 1.4))
    np.testing.assert_array_equal(narrow.mean, wide.mean)
    assert usual.history.start == START
    for days in (30, 91, 365):
        assert breadth(wide, days) > least * breadth(usual, days)
    assert breadth(narrow, 30) < breadth(usual, 30) / least
    # what a month says of longer totals is no reason to be surer of them
    assert breadth(narrow, 365) == pytest.approx(breadth(usual, 365), rel=0.05)
