"""Forecast: simulated daily paths after the last complete day, from which every total and range is read.

Paths of several series drawn together use the same days of the past, so that totals of parts and of the whole fit:
the path of a total is the sum of its parts' paths.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Protocol

from finops.errors import BillError
from finops.forecast.futures import Futures, Room, held
from finops.forecast.holidays import Holidays
from finops.forecast.learnt import LEARNT, Learnt
from finops.periods import Period

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from finops.forecast.beginning import Beginnings

DRAWS = 2000
_QUARTER = 92
FAN_LEVELS = (0.025, 0.1, 0.5, 0.9, 0.975)


class NothingToForecast(BillError):
    """A series without one complete day has no forecast, not even a poor one: show it as not computable."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} holds no complete day, so its forecast is not computable.",
            "Ingest at least one whole day of it, or ask for a later --as-of.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Complete days of one series, without gaps.

    Attributes:
        start: first day.
        values: one value per day, zero where nothing was charged; negative values (credits) are legal.
        left_out: days after the last value that were seen but are incomplete, so the forecast covers them again.
        booked: what those days hold so far, one value each, or empty where unknown: no path goes below it, unless
            the series has credits.
        holidays: past and coming ones, whose effect is learnt; none unless asked for.
    """

    start: date
    values: tuple[float, ...]
    left_out: int = 0
    booked: tuple[float, ...] = ()
    holidays: tuple[Holidays, ...] = ()

    @property
    def end(self) -> date:
        """First day after the last value: where the forecast starts (exclusive end)."""
        return self.start + timedelta(days=len(self.values))

    def until(self, day: date) -> "History":
        """What it was before a day, as far as it is known today."""
        values = self.values[: max((day - self.start).days, 0)]
        return History(start=self.start, values=values, holidays=self.holidays)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forecast:
    """What one series will do, as draws.

    Attributes:
        history: what it rests on.
        futures: the paths.
        mean: array (days): the point forecast per day; totals of parts add up to the total's.
        model: what was fitted, in words a reader can look up, for example `ETS(A,Ad,N) of weeks +
            means of 7, 14, 28 days, weekday profile, log scale`.
        reason: why a simpler model than usual was used; None when nothing stood in the way.
    """

    history: History
    futures: Futures
    mean: "npt.NDArray[np.float64]"
    model: str
    reason: str | None = None

    @property
    def paths(self) -> "npt.NDArray[np.float64]":
        """Array (draws, days): one row per simulated future, one column per day from `history.end`."""
        return self.futures.paths()

    @property
    def end(self) -> date:
        """First day after the paths (exclusive end)."""
        return self.history.end + timedelta(days=len(self.mean))

    def total(self, period: Period) -> "PeriodTotal":
        """Distribution of the period's total: days of the history as they are, later days as drawn.

        Args:
            period: may start before the history (missing days count as zero) and must not end after the paths do.

        Raises:
            ValueError: if the period ends after the last drawn day.
        """
        first, last = self._columns(period)
        actual = sum(self._known(period))
        return PeriodTotal(
            actual=actual,
            mean=actual + float(self.mean[first:last].sum()),
            draws=actual + self.paths[:, first:last].sum(axis=1),
        )

    def cumulative(self, period: Period) -> "CumulativeBands":
        """Running total of the period at the end of each day, for a fan chart.

        Days of the history have all levels equal to the actual running total.

        Raises:
            ValueError: if the period ends after the last drawn day.
        """
        import numpy as np  # noqa: PLC0415 - kept out of start-up: this module is imported for its types

        first, last = self._columns(period)
        known = np.cumsum(_on_each_day(self, period)[: period.days - (last - first)])
        so_far = float(known[-1]) if len(known) else 0.0
        running = np.cumsum(self.paths[:, first:last], axis=1)
        bands = so_far + np.quantile(running, FAN_LEVELS, axis=0) if last > first else np.empty((len(FAN_LEVELS), 0))
        return CumulativeBands(
            period=period,
            known_days=len(known),
            mean=np.concatenate([known, so_far + np.cumsum(self.mean[first:last])]),
            bands={level: np.concatenate([known, band]) for level, band in zip(FAN_LEVELS, bands, strict=True)},
        )

    def overrun_day(self, period: Period, limit: float) -> date | None:
        """First day on which the period's running total, actual and then the point forecast, is above the limit.

        Raises:
            ValueError: if the period ends after the last drawn day.
        """
        running = self.cumulative(period).mean
        above = running > limit
        return period.start + timedelta(days=int(above.argmax())) if above.any() else None

    def overrun_chances(self, period: Period, limit: float) -> "npt.NDArray[np.float64]":
        """Probability, for each day of the period, that the running total has been above the limit by its end.

        Raises:
            ValueError: if the period ends after the last drawn day.
        """
        import numpy as np  # noqa: PLC0415 - kept out of start-up: this module is imported for its types

        first, last = self._columns(period)
        known = np.cumsum(_on_each_day(self, period)[: period.days - (last - first)])
        so_far = float(known[-1]) if len(known) else 0.0
        above = so_far + np.cumsum(self.paths[:, first:last], axis=1) > limit
        was_above = bool((known > limit).any())
        later = np.ones(last - first) if was_above else np.maximum.accumulate(above, axis=1).mean(axis=0)
        return np.concatenate([np.maximum.accumulate(known > limit).astype(np.float64), later])

    def _columns(self, period: Period) -> tuple[int, int]:
        """The drawn days inside the period, as a half-open range of columns."""
        if period.end > self.end:
            message = (
                f"The period ends on {period.last_day}, after the last forecast day {self.end - timedelta(days=1)}"
            )
            raise ValueError(message)
        last = max((period.end - self.history.end).days, 0)
        return min(max((period.start - self.history.end).days, 0), last), last

    def _known(self, period: Period) -> tuple[float, ...]:
        """Values of the history inside the period."""
        first = max((period.start - self.history.start).days, 0)
        last = max((period.end - self.history.start).days, 0)
        return self.history.values[first:last]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PeriodTotal:
    """Distribution of one total.

    Attributes:
        actual: what the complete days of the period hold.
        mean: actual plus point forecast.
        draws: array (draws,): total per path, actual included.
    """

    actual: float
    mean: float
    draws: "npt.NDArray[np.float64]"

    def quantile(self, q: float) -> float:
        """The q-quantile of the total, 0 < q < 1.

        Raises:
            ValueError: if q is not between 0 and 1.
        """
        import numpy as np  # noqa: PLC0415 - kept out of start-up: this module is imported for its types

        if not 0 < q < 1:
            message = f"A quantile lies between 0 and 1, not at {q}"
            raise ValueError(message)
        return float(np.quantile(self.draws, q))

    def interval(self, level: float) -> tuple[float, float]:
        """Lower and upper bound of the central range, for example level 0.8.

        Raises:
            ValueError: if the level is not between 0 and 1.
        """
        return self.quantile((1 - level) / 2), self.quantile((1 + level) / 2)

    def chance_over(self, limit: float) -> float:
        """Probability that the total ends above the limit, 0 to 1."""
        return float((self.draws > limit).mean())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CumulativeBands:
    """Running total of a period at the end of each day.

    Attributes:
        period: one entry per day in every array below.
        known_days: days at the start that are history (or lie before it); all levels are equal there.
        mean: actual, then actual plus point forecast.
        bands: quantile level (0.025, 0.1, 0.5, 0.9, 0.975) to running totals.
    """

    period: Period
    known_days: int
    mean: "npt.NDArray[np.float64]"
    bands: Mapping[float, "npt.NDArray[np.float64]"]


class Forecaster(Protocol):
    """Fits one series and draws its future."""

    @property
    def name(self) -> str:
        """What reports call it."""
        ...

    def forecast(self, history: History, *, days: int, shocks: "Shocks") -> Forecast:
        """Draw `days` days after the history.

        Raises:
            NothingToForecast: if the history holds no day.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Shocks:
    """The randomness of one run, shared by all series: which past days each draw repeats.

    Attributes:
        seed: makes it repeatable.
        draws: number of paths.
    """

    seed: int
    draws: int = DRAWS


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarForecaster:
    """The forecaster in use: calendar effects, averaged levels with damped trends, repeated past days.

    Attributes:
        learnt: shares of the views and sizes of errors.
        beginnings: how the series of the table began, for those that were never charged; None where they stay zero.
    """

    name: str = "calendar"
    learnt: Learnt = LEARNT
    beginnings: "Beginnings | None" = None

    def forecast(self, history: History, *, days: int, shocks: Shocks) -> Forecast:
        """Draw `days` days after the history; how short histories are treated is in `Forecast.reason`."""
        # numpy takes its time to import: only when something is forecast
        import numpy as np  # noqa: PLC0415

        from finops.forecast.holiday_effect import holiday_effect  # noqa: PLC0415
        from finops.forecast.series_model import simulate  # noqa: PLC0415
        from finops.forecast.simulation import shared_days  # noqa: PLC0415

        if not history.values:
            raise NothingToForecast("The series")
        # the same numbers for any horizon: those of whole quarters are drawn once for most series
        shared = shared_days(seed=shocks.seed, draws=shocks.draws, days=-(-days // _QUARTER) * _QUARTER)
        values = np.array(history.values)
        effect = holiday_effect(history.start, values, history.holidays) if history.holidays else None
        values = values if effect is None else effect.ordinary
        first = np.array(_first_charges(history, days))
        outcome = simulate(
            history.start,
            np.concatenate([values, first]),
            days=days - len(first),
            shared=shared,
            learnt=self.learnt,
            beginnings=self.beginnings,
        ).after(first)
        model = outcome.model
        if effect is not None:
            factors = effect.factors(outcome.mean)
            outcome.mean[:] *= factors
            outcome.paths[:] *= factors
            model = f"{model}, {effect.in_words}"
        booked = np.array(history.booked[:days])
        if len(booked) and min(history.values) >= 0:
            outcome.paths[:, : len(booked)] = np.maximum(outcome.paths[:, : len(booked)], booked)
            outcome.mean[: len(booked)] = np.maximum(outcome.mean[: len(booked)], booked)
        return Forecast(
            history=history, futures=held(outcome.paths), mean=outcome.mean, model=model, reason=outcome.reason
        )


def _first_charges(history: History, days: int) -> tuple[float, ...]:
    """What incomplete days hold so far, where they are the first that were charged: all that is known of the series."""
    booked = history.booked[: days - 1]
    return booked if any(booked) and not any(history.values) else ()


FORECASTERS: tuple[Forecaster, ...] = (CalendarForecaster(),)


def forecast_all(
    histories: Mapping[str, History],
    *,
    until: date,
    seed: int,
    draws: int = DRAWS,
    forecaster: Forecaster = FORECASTERS[0],
    room: Room | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> dict[str, Forecast]:
    """Forecast every series to the day before `until`, drawn together.

    A series' paths depend on its history, the seed, the number of draws and the forecaster alone, so that series
    forecast in several calls still fit together. Paths take 8 bytes per draw and day: 6.4 MB for 2,000 draws of 400
    days.

    Args:
        histories: name to complete days; all end on the same day.
        until: exclusive end.
        seed: same seed, same paths.
        draws: number of paths.
        forecaster: the one in use, unless another is tried.
        room: for their paths, and for those made of them; None to hold them all.
        progress: called with the number of series done so far.

    Raises:
        NothingToForecast: if a series holds no day; leave such series out and show them as not computable.
        ValueError: if a series ends at or after `until`, or the series end on different days.
    """
    ends = {history.end for history in histories.values()}
    for name, history in histories.items():
        if not history.values:
            raise NothingToForecast(name)
    if len(ends) > 1:
        message = f"Series forecast together must end on the same day, not on {', '.join(map(str, sorted(ends)))}"
        raise ValueError(message)
    days = min(((until - end).days for end in ends), default=1)
    if days < 1:
        message = f"There is no day to forecast before {until}"
        raise ValueError(message)
    shocks = Shocks(seed=seed, draws=draws)
    found: dict[str, Forecast] = {}
    for name, history in histories.items():
        make = partial(forecaster.forecast, history, days=days, shocks=shocks)
        found[name] = make() if room is None else _kept_in(room, make)
        progress(len(found))
    return found


def _kept_in(room: Room, make: Callable[[], Forecast]) -> Forecast:
    """A forecast whose paths are kept in the room, or made again."""
    one = make()
    futures = one.futures
    again = room.futures(lambda: make().paths, draws=futures.draws, days=futures.days, made=futures.paths())
    return replace(one, futures=again)


def sum_of(forecasts: Mapping[str, Forecast], name: str = "total") -> Forecast:
    """The total of several forecasts drawn together: histories, means and paths add up, path by path.

    Args:
        forecasts: at least one, from the same seed, draws, last day of history and horizon.
        name: what the total is called in its model line.

    Raises:
        ValueError: if there is none, or they were not drawn together.
    """
    parts = [forecasts[part] for part in sorted(forecasts)]  # floats added in another order are other floats
    if not parts:
        message = "There is no forecast to add up"
        raise ValueError(message)
    if len({(part.history.end, part.futures.draws, part.futures.days) for part in parts}) > 1:
        message = f"The parts of {name} were not drawn together: their last days, horizons or numbers of draws differ"
        raise ValueError(message)
    if len(parts) == 1:
        return parts[0]
    paths, mean = parts[0].paths.copy(), parts[0].mean.copy()
    for part in parts[1:]:
        paths += part.paths
        mean += part.mean
    short = [label for label, part in forecasts.items() if part.reason is not None]
    return Forecast(
        history=_sum_of_histories([part.history for part in parts]),
        futures=held(paths),
        mean=mean,
        model=f"{name}: sum of {len(parts)} forecasts, path by path",
        reason=f"Simpler models than usual were used for {', '.join(short)}." if short else None,
    )


def _sum_of_histories(histories: list[History]) -> History:
    start = min(history.start for history in histories)
    end = histories[0].end
    values = [0.0] * (end - start).days
    for history in histories:
        offset = (history.start - start).days
        for at, value in enumerate(history.values, offset):
            values[at] += value
    left_out = max(history.left_out for history in histories)
    booked = [0.0] * max(len(history.booked) for history in histories)
    for history in histories:
        for at, value in enumerate(history.booked):
            booked[at] += value
    return History(
        start=start,
        values=tuple(values),
        left_out=left_out,
        booked=tuple(booked),
        holidays=histories[0].holidays,
    )


def _on_each_day(forecast: Forecast, period: Period) -> list[float]:
    """Actual value of each day of the period, zero before the history and after it."""
    history = forecast.history
    inside = range(period.days)
    offset = (period.start - history.start).days
    return [history.values[offset + at] if 0 <= offset + at < len(history.values) else 0.0 for at in inside]
