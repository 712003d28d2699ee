"""A simple method takes over where it did clearly better on past months, and only there."""

from datetime import date, timedelta

import numpy as np
import pytest

from finops.forecast.backtest import PastMonth
from finops.forecast.choice import FEWEST_TOTALS, Choice, chosen, judge, past_half_year
from finops.forecast.forecaster import Forecast, History, forecast_all
from finops.testing.forecaster import ordinary_days

START = date(2025, 8, 1)


def past(month: int, *, usual: float = 100.0, straight: float = 100.0, seasonal: float = 100.0) -> PastMonth:
    """A month that cost 100, and what was said before."""
    return PastMonth(
        month=f"2026-{month:02}",
        made_on=date(2026, month, 10),
        mean=usual,
        low_80=0.0,
        high_80=0.0,
        actual=100.0,
        naive=straight,
        seasonal=seasonal,
    )


def twice(*months: PastMonth) -> list[PastMonth]:
    return [*months, *months]


def test_a_method_that_erred_less_in_every_month_is_used() -> None:
    found = judge(twice(*(past(at, usual=110.0 + at, straight=101.0, seasonal=105.0) for at in range(1, 7))))
    assert found is not None
    assert (found.method, found.totals) == ("run-rate", 12)
    assert found.error == pytest.approx(0.01)
    assert "Run-rate did clearly better on 12 past totals (1.0% off, the usual model 13.5%)" in found.reason


def test_one_lucky_month_is_noise() -> None:
    lucky = past(1, usual=190.0, straight=100.0)
    others = (past(at, usual=102.0, straight=103.0) for at in range(2, 7))
    assert judge(twice(lucky, *others)) is None


def test_few_totals_say_nothing() -> None:
    assert judge([past(at, usual=150.0) for at in range(1, FEWEST_TOTALS)]) is None
    assert judge(past_half_year(History(start=START, values=tuple(ordinary_days(100).tolist())), seed=1)) is None


def test_the_usual_model_stays_where_it_is_good() -> None:
    """A fee on the first is what the straight line gets wrong."""
    days = [START + timedelta(days=at) for at in range(300)]
    values = ordinary_days(300) + np.array([2000.0 if day.day == 1 else 0.0 for day in days])
    assert judge(past_half_year(History(start=START, values=tuple(values.tolist())), seed=1)) is None


@pytest.mark.parametrize("factor", [1.0, 160.0])
def test_last_year_again_is_used_where_it_comes_again(factor: float) -> None:
    """Sales that double the level every other fortnight, on the same days as the year before."""
    random = np.random.default_rng(4)
    year = 100.0 * np.exp(0.7 * np.repeat(random.standard_normal(28), 13))[:364]
    values = np.concatenate([year, year])[: 364 + 300] * factor
    found = judge(past_half_year(History(start=START, values=tuple(values.tolist())), seed=1))
    assert found is not None
    assert found.method == "seasonal naive"


def used(values: np.ndarray, method: str, booked: tuple[float, ...] = ()) -> tuple[Forecast, Forecast]:
    known = History(start=START, values=tuple(values.tolist()), left_out=len(booked), booked=booked)
    before = forecast_all({"one": known}, until=known.end + timedelta(days=60), seed=1, draws=200)["one"]
    choice = Choice(method=method, totals=12, error=0.1, usual=0.2)  # type: ignore[arg-type]  # one of the two
    return before, chosen(before, choice)


def test_the_days_are_those_of_the_method_and_the_futures_as_wide() -> None:
    values = ordinary_days(420)  # to 24 September
    before, after = used(values, "run-rate")
    np.testing.assert_allclose(after.mean, values[-24:].mean())
    np.testing.assert_allclose(after.paths / after.mean, before.paths / before.mean)
    assert after.model == "run-rate"
    _, after = used(values, "seasonal naive")
    np.testing.assert_allclose(after.mean, values[420 - 364 : 420 - 304])


def test_what_is_booked_is_no_forecast() -> None:
    _, after = used(ordinary_days(420), "run-rate", booked=(1e4, 1e4))
    assert after.paths[:, :2].min() >= 1e4
    assert after.mean[:2].min() >= 1e4


def test_credits_are_moved_not_scaled() -> None:
    values = ordinary_days(420)
    values[30::40] -= 900.0
    before, after = used(values, "run-rate")
    np.testing.assert_allclose(after.paths - before.paths, np.tile(after.mean - before.mean, (200, 1)), atol=1e-9)
