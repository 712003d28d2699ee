"""The suite a forecaster must pass: subclass it in a test file, and pytest runs the whole contract.

A subclass of `ForecasterContract` named `Test…` gives one method, `forecaster`. Histories are made up here from a fixed
seed; no file is read.
"""

from collections.abc import Iterable
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pytest

from finops.forecast.forecaster import Forecast, Forecaster, History, NothingToForecast, Shocks
from finops.periods import Period, month

Floats = npt.NDArray[np.float64]

START = date(2025, 8, 1)


def history_of(values: Iterable[float], *, start: date = START) -> History:
    """A history that starts on a day."""
    return History(start=start, values=tuple(float(value) for value in values))


def ordinary_days(days: int, *, seed: int = 7) -> Floats:
    """Spend of an ordinary project: quieter weekends, noise, a slowly moving level, about 100 a day."""
    generator = np.random.default_rng(seed)
    weekday = (START.weekday() + np.arange(days)) % 7
    level = 100 * np.exp(np.cumsum(generator.normal(0, 0.005, days)))
    return np.asarray(level * np.where(weekday >= 5, 0.7, 1.1) * np.exp(generator.normal(0, 0.08, days)))


def bursts(days: int) -> Floats:
    """Spend of a cluster that is idle on four of five days."""
    generator = np.random.default_rng(11)
    return np.where(generator.random(days) < 0.2, generator.gamma(2.0, 200.0, days), 0.0)


def credited(days: int) -> Floats:
    """Spend with a refund now and then that makes a day negative."""
    values = ordinary_days(days)
    values[20::45] -= 900.0
    return values


HISTORIES = {
    "a year and more": ordinary_days(440),
    "three months": ordinary_days(92),
    "seven weeks": ordinary_days(49),
    "three weeks": ordinary_days(21),
    "ten days": ordinary_days(10),
    "five days": ordinary_days(5),
    "one day": ordinary_days(1),
    "bursts": bursts(300),
    "refunds": credited(300),
    "all credits": -ordinary_days(200),
    "constant": np.full(200, 42.5),
    "zeros": np.zeros(120),
    "starts late": np.concatenate([np.zeros(400), ordinary_days(30)]),
    "ended": np.concatenate([ordinary_days(200), np.zeros(60)]),
    "closed at weekends": np.where((START.weekday() + np.arange(200)) % 7 >= 5, 0.0, ordinary_days(200)),
}


class ForecasterContract:
    """What every forecaster promises."""

    draws = 400
    days = 120

    def forecaster(self) -> Forecaster:
        """Build the forecaster."""
        raise NotImplementedError

    def ahead(self, values: Iterable[float], *, days: int | None = None, seed: int = 1) -> Forecast:
        """The forecast after a history of these values."""
        shocks = Shocks(seed=seed, draws=self.draws)
        return self.forecaster().forecast(history_of(values), days=days or self.days, shocks=shocks)

    def whole(self, forecast: Forecast) -> Period:
        """All days ahead of a forecast."""
        return Period(start=forecast.history.end, end=forecast.end)

    @pytest.mark.parametrize("name", HISTORIES)
    def test_every_history_gives_paths_of_numbers(self, name: str) -> None:
        """Whatever was charged before, every day ahead has a number, and the model is named."""
        forecast = self.ahead(HISTORIES[name])
        assert forecast.paths.shape == (self.draws, self.days)
        assert forecast.mean.shape == (self.days,)
        assert np.isfinite(forecast.paths).all()
        assert np.isfinite(forecast.mean).all()
        assert forecast.model

    @pytest.mark.parametrize("name", HISTORIES)
    def test_ranges_are_nested_around_the_median(self, name: str) -> None:
        """The 95 % range holds the 80 % range, which holds the median; chances fall as the limit rises."""
        forecast = self.ahead(HISTORIES[name])
        total = forecast.total(self.whole(forecast))
        (low, high), (lowest, highest) = total.interval(0.8), total.interval(0.95)
        assert lowest <= low <= total.quantile(0.5) <= high <= highest
        assert total.chance_over(lowest) >= total.chance_over(low) >= total.chance_over(high)

    @pytest.mark.parametrize("name", HISTORIES)
    def test_the_mean_lies_in_the_95_percent_range(self, name: str) -> None:
        """Point forecast and range of the same total do not contradict each other."""
        forecast = self.ahead(HISTORIES[name])
        total = forecast.total(self.whole(forecast))
        low, high = total.interval(0.95)
        slack = 1e-9 * (1 + abs(total.mean))
        assert low - slack <= total.mean <= high + slack

    @pytest.mark.parametrize("name", HISTORIES)
    @pytest.mark.parametrize("factor", [7.0, 1e-6, 1e9])
    def test_another_currency_gives_the_same_forecast(self, name: str, factor: float) -> None:
        """Values times a factor give paths times the factor."""
        one, other = self.ahead(HISTORIES[name]), self.ahead(HISTORIES[name] * factor)
        size = float(np.abs(one.paths).max()) + 1e-12
        np.testing.assert_allclose(other.mean / factor, one.mean, rtol=1e-5, atol=1e-5 * size)
        np.testing.assert_allclose(other.paths / factor, one.paths, rtol=1e-4, atol=1e-4 * size)

    @pytest.mark.parametrize("name", ["a year and more", "three weeks", "bursts", "one day"])
    def test_the_same_seed_gives_the_same_paths(self, name: str) -> None:
        """Two runs agree to the last bit."""
        one, other = self.ahead(HISTORIES[name]), self.ahead(HISTORIES[name])
        np.testing.assert_array_equal(one.paths, other.paths)
        np.testing.assert_array_equal(one.mean, other.mean)

    def test_another_seed_gives_other_paths_but_the_same_point_forecast(self) -> None:
        """Randomness is in the draws alone."""
        one, other = self.ahead(HISTORIES["a year and more"]), self.ahead(HISTORIES["a year and more"], seed=2)
        assert not np.array_equal(one.paths, other.paths)
        np.testing.assert_array_equal(one.mean, other.mean)

    @pytest.mark.parametrize("name", ["a year and more", "three months", "ten days", "bursts", "ended"])
    def test_a_longer_horizon_does_not_change_the_days_before(self, name: str) -> None:
        """The month is the same whether the month or the year is asked for."""
        short, long = self.ahead(HISTORIES[name], days=20), self.ahead(HISTORIES[name], days=200)
        np.testing.assert_allclose(long.paths[:, :20], short.paths, rtol=1e-9)
        np.testing.assert_allclose(long.mean[:20], short.mean, rtol=1e-9)

    def test_totals_are_known_days_plus_paths(self) -> None:
        """A month that is half over: its known days as they are, the rest as drawn."""
        values = ordinary_days(76)  # to 15 October
        forecast = self.ahead(values)
        total = forecast.total(month("2025-10"))
        assert total.actual == pytest.approx(values[61:].sum())
        np.testing.assert_allclose(total.draws, values[61:].sum() + forecast.paths[:, :16].sum(axis=1))
        assert total.mean == pytest.approx(values[61:].sum() + forecast.mean[:16].sum())

    def test_totals_of_two_months_add_up_path_by_path(self) -> None:
        """October and November are the two months together."""
        forecast = self.ahead(ordinary_days(76))
        both = forecast.total(Period(start=date(2025, 10, 1), end=date(2025, 12, 1)))
        parts = [forecast.total(month(label)) for label in ("2025-10", "2025-11")]
        np.testing.assert_allclose(both.draws, parts[0].draws + parts[1].draws)
        assert both.mean == pytest.approx(parts[0].mean + parts[1].mean)

    def test_a_constant_series_goes_on(self) -> None:
        """Nothing but the constant is expected, and the range is not far from it."""
        forecast = self.ahead(HISTORIES["constant"])
        np.testing.assert_allclose(forecast.mean, 42.5)
        low, high = forecast.total(self.whole(forecast)).interval(0.8)
        assert 0.9 < low / (42.5 * self.days) <= 1 <= high / (42.5 * self.days) < 1.1

    def test_a_series_of_zeros_stays_zero(self) -> None:
        """Nothing is expected where nothing ever was."""
        forecast = self.ahead(HISTORIES["zeros"])
        assert not forecast.mean.any()
        assert not forecast.paths.any()

    @pytest.mark.parametrize("name", [name for name, values in HISTORIES.items() if (values >= 0).all()])
    def test_spend_that_never_was_negative_does_not_become_so(self, name: str) -> None:
        """A total is never below what is booked."""
        forecast = self.ahead(HISTORIES[name])
        assert forecast.paths.min() >= 0
        assert forecast.mean.min() >= 0

    def test_credits_stay_negative(self) -> None:
        """A series of credits is a series of credits."""
        forecast = self.ahead(HISTORIES["all credits"])
        assert forecast.total(self.whole(forecast)).quantile(0.9) < 0

    def test_an_empty_history_is_not_forecast(self) -> None:
        """A figure that could not be computed is not computable, and never a guess."""
        with pytest.raises(NothingToForecast):
            self.ahead([])

    @pytest.mark.parametrize("days", [1, 5, 10, 21, 49])
    def test_a_short_history_says_so(self, days: int) -> None:
        """The reason names the days seen."""
        reason = self.ahead(ordinary_days(days)).reason
        assert reason is not None
        assert f"{days} day" in reason

    def test_one_day_goes_on_with_a_wide_range(self) -> None:
        """One day says what a day costs and nothing about how it varies."""
        forecast = self.ahead([50.0])
        np.testing.assert_allclose(forecast.mean, 50.0)
        low, high = forecast.total(self.whole(forecast)).interval(0.8)
        assert high - low > 0.1 * 50.0 * self.days

    def test_less_history_gives_a_wider_range(self) -> None:
        """Ten days of a series leave more open than a year of it."""
        long, short = ordinary_days(440), ordinary_days(440)[-10:]
        widths = []
        for values in (long, short):
            forecast = self.ahead(values)
            low, high = forecast.total(self.whole(forecast)).interval(0.8)
            widths.append((high - low) / forecast.mean.sum())
        assert widths[1] > widths[0]

    def test_quiet_weekends_are_expected_again(self) -> None:
        """Saturdays and Sundays of the mean path lie below the other days."""
        forecast = self.ahead(HISTORIES["a year and more"], days=28)
        weekday = (forecast.history.end.weekday() + np.arange(28)) % 7
        ratio = forecast.mean[weekday >= 5].mean() / forecast.mean[weekday < 5].mean()
        assert 0.55 < ratio < 0.75

    def test_bursts_do_not_explode(self) -> None:
        """The expected total stays within what such a time has held before."""
        values = HISTORIES["bursts"]
        forecast = self.ahead(values)
        sums = np.convolve(values, np.ones(self.days), mode="valid")
        assert 0.5 * sums.min() < forecast.mean.sum() < 1.5 * sums.max()
        assert forecast.total(self.whole(forecast)).quantile(0.9) < 4 * sums.max()

    def test_growth_is_damped(self) -> None:
        """A line that doubled in 200 days is not drawn on for a year."""
        forecast = self.ahead(np.linspace(100, 200, 200), days=365)
        assert 190 < forecast.mean[-1] < 300

    def test_one_spike_does_not_raise_the_level(self) -> None:
        """Ten times the usual on one of the last days stays one day."""
        values = ordinary_days(200)
        spiked = values.copy()
        spiked[-5] *= 10
        assert self.ahead(spiked).mean.sum() == pytest.approx(self.ahead(values).mean.sum(), rel=0.1)

    def test_a_new_level_is_followed(self) -> None:
        """Forty days at twice the level are the level."""
        values = ordinary_days(200)
        values[-40:] *= 2
        assert self.ahead(values, days=30).mean.mean() == pytest.approx(values[-40:].mean(), rel=0.2)

    def test_a_leap_day_is_a_day(self) -> None:
        """February 2028 has 29 days ahead of a history that ends with January."""
        history = history_of(np.full(200, 10.0), start=date(2028, 2, 1) - timedelta(days=200))
        forecast = self.forecaster().forecast(history, days=29, shocks=Shocks(seed=1, draws=self.draws))
        assert forecast.end == date(2028, 3, 1)
        assert forecast.total(month("2028-02")).mean == pytest.approx(290.0)
