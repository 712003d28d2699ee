"""Holidays: learnt from a series' own, taken out of its level, put into its future; and nothing without evidence."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from finops import public_holidays
from finops.forecast.forecaster import Forecast, History, forecast_all
from finops.forecast.holiday_effect import holiday_effect
from finops.forecast.holidays import Holidays
from finops.periods import Period, month

START, CUT_OFF, UNTIL = date(2025, 1, 1), date(2026, 11, 26), date(2027, 1, 8)
DAYS = (CUT_OFF - START).days
ALL = public_holidays.of_places(["DE", "US"], start=START, end=UNTIL)
GERMAN, AMERICAN = ALL
Floats = npt.NDArray[np.float64]


def office(
    *, seed: int, off: dict[date, float], days: int = (UNTIL - START).days, noise: float = 0.05, weekend: float = 0.25
) -> Floats:
    """A development environment: 100 on working days, less on weekends, and on holidays so much of that."""
    rng = np.random.default_rng(seed)
    found = []
    for n in range(days):
        day = START + timedelta(days=n)
        found.append(100.0 * (weekend if day.weekday() > 4 else off.get(day, 1.0)) * rng.lognormal(0.0, noise))
    return np.array(found)


AT_40 = dict.fromkeys(GERMAN.days, 0.4)


def forecast(values: Floats, *holidays: Holidays) -> Forecast:
    history = History(start=START, values=tuple(values[:DAYS].tolist()), holidays=holidays)
    return forecast_all({"dev": history}, until=UNTIL, seed=1, draws=200)["dev"]


def test_a_december_with_holidays_at_40_per_cent_is_foreseen() -> None:
    """Four working days of holidays from Christmas to New Year; errors of the days around them are halved and more."""
    days = Period(start=date(2026, 12, 21), end=date(2027, 1, 4))
    plain: list[float] = []
    told: list[float] = []
    plain_month: list[float] = []
    told_month: list[float] = []
    for seed in range(6):
        values = office(seed=seed, off=AT_40)
        came = values[(days.start - START).days : (days.end - START).days]
        december = values[(date(2026, 12, 1) - START).days : (date(2027, 1, 1) - START).days].sum()
        for found, errors, months in (
            (forecast(values), plain, plain_month),
            (forecast(values, GERMAN), told, told_month),
        ):
            at = (days.start - found.history.end).days
            errors.append(np.abs(found.mean[at : at + days.days] - came).mean())
            months.append(abs(found.total(month("2026-12")).mean - december))
    assert np.mean(told) < 0.5 * np.mean(plain)
    assert np.mean(told_month) < 0.6 * np.mean(plain_month)


def test_it_says_what_it_learnt_and_moves_ranges_along() -> None:
    values = office(seed=1, off=AT_40)
    found, christmas = forecast(values, GERMAN), (date(2026, 12, 25) - CUT_OFF).days
    assert "holidays of DE -6" in found.model
    assert 35 < found.mean[christmas] < 47
    assert np.quantile(found.paths[:, christmas], 0.9) < 60 < np.quantile(found.paths[:, christmas + 3], 0.1)


def test_without_holidays_every_byte_is_as_before() -> None:
    """Nor do those of a place change anything where nothing is to be learnt: too few of them, or no effect."""
    values = office(seed=2, off={})
    before = forecast(values)
    few = replace(GERMAN, days=frozenset(sorted(GERMAN.days)[:2]) | {day for day in GERMAN.days if day >= CUT_OFF})
    for holidays in ((few,), (GERMAN,)):
        after = forecast(values, *holidays)
        assert after.model == before.model
        assert after.paths.tobytes() == before.paths.tobytes()
        assert after.mean.tobytes() == before.mean.tobytes()


def test_each_country_has_its_own_share_and_days_of_both_add_up() -> None:
    """Germans at 60 %, Americans at 80: together they make it 40 %."""
    off = dict.fromkeys(GERMAN.days, 0.6) | {day: 0.4 if day in GERMAN.days else 0.8 for day in AMERICAN.days}
    effect = holiday_effect(START, office(seed=3, off=off)[:DAYS], ALL)
    assert effect is not None
    assert effect.shares["DE"] == pytest.approx(-0.4, abs=0.04)
    assert effect.shares["US"] == pytest.approx(-0.2, abs=0.04)


def test_a_fee_on_a_holiday_stays_whole() -> None:
    """500 on the first of every month, of which January, May and November may be holidays."""
    values = office(seed=4, off=AT_40, noise=0.01)
    firsts = [n for n in range(len(values)) if (START + timedelta(days=n)).day == 1]
    values[firsts] += 500
    found = forecast(values, GERMAN)
    new_year = (date(2027, 1, 1) - CUT_OFF).days
    assert found.mean[new_year] == pytest.approx(540, rel=0.05)


def test_a_holiday_on_a_weekend_is_none() -> None:
    assert date(2026, 10, 3) not in GERMAN.days  # German Unity Day, a Saturday
    assert date(2025, 10, 3) in GERMAN.days
    (egypt,) = public_holidays.of_places(["EG"], start=START, end=UNTIL)
    assert egypt.days
    assert {day.weekday() for day in egypt.days} <= {6, 0, 1, 2, 3}  # off on Friday and Saturday


def test_parts_of_a_country_have_more() -> None:
    germany, bavaria = public_holidays.of_places(["DE-BY", "DE", "DE"], start=START, end=UNTIL)
    assert (germany.place, bavaria.place) == ("DE", "DE-BY")
    assert date(2026, 1, 6) in bavaria.days - germany.days
    assert germany.days < bavaria.days


@given(
    values=st.lists(st.floats(min_value=-1e6, max_value=1e6), min_size=1, max_size=120),
    off=st.sets(st.integers(min_value=0, max_value=160), max_size=20),
    scale=st.sampled_from([1e-6, 0.5, 1e6]),
)
@example(values=[1.0, *[0.0] * 6, 5e-324, *[0.0] * 6, 1.0, *[0.0] * 7], off={22}, scale=0.5)
@settings(max_examples=60)
def test_any_history_is_taken_and_scale_changes_no_share(values: list[float], off: set[int], scale: float) -> None:
    holidays = Holidays(place="X", days=frozenset(START + timedelta(days=n) for n in off))
    found = holiday_effect(START, np.array(values), [holidays])
    scaled = holiday_effect(START, np.array(values) * scale, [holidays])
    if found is None or scaled is None:
        assert found is scaled is None
        return
    assert scaled.shares["X"] == pytest.approx(found.shares["X"], rel=1e-6)
    assert np.isfinite(found.ordinary).all()
    mean = np.abs(np.resize(np.array(values), 40))
    factors = found.factors(mean)
    assert ((factors >= 0) & (factors <= 3)).all()
    assert (factors[[n for n in range(40) if len(values) + n not in off]] == 1).all()
