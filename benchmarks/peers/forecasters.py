"""Peers: what other libraries and dashboards forecast, each as its own documentation says, on the same task folders.

Every function takes the two tables of a task folder (`history`, `tasks`) and returns one row per task, as
`finops backtest --tasks` writes it. Ranges of a period's total are read from simulated paths, which each of these
models offers, not from summed daily bounds; what is booked in the period is added. A series that a peer cannot fit
(too short, constant) gets the run-rate, as its users would fall back on it; how many did is printed.
"""

import logging
import sys
import warnings
from collections.abc import Callable, Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

LEVELS = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
DRAWS = 500
SEED = 1
WEEK, YEAR_OF_MONTHS, YEAR_OF_DAYS = 7, 12, 364

Values = np.ndarray
Simulate = Callable[[pd.Series, int, int], tuple[Values, Values]]
"""(history, season, steps) to the mean path (steps,) and simulated paths (draws, steps)."""


def stl(history: pd.DataFrame, tasks: pd.DataFrame) -> pd.DataFrame:
    """STLForecast of statsmodels around ARIMA(1,1,1), the form its documentation shows."""

    def simulate(values: pd.Series, season: int, steps: int) -> tuple[Values, Values]:
        from statsmodels.tsa.arima.model import ARIMA
        from statsmodels.tsa.forecasting.stl import STLForecast

        model = STLForecast(values, ARIMA, model_kwargs={"order": (1, 1, 1)}, period=season).fit()
        mean = np.asarray(model.forecast(steps))
        inner = model.model_result
        around = np.asarray(
            inner.simulate(steps, anchor="end", repetitions=DRAWS, rng=np.random.default_rng(SEED))
        ).reshape(steps, DRAWS)
        return mean, (mean[:, None] + around - np.asarray(inner.forecast(steps))[:, None]).T

    return _by_item(history, tasks, simulate, "STLForecast")


def ets(history: pd.DataFrame, tasks: pd.DataFrame) -> pd.DataFrame:
    """ETS(A,Ad,A) of statsmodels."""

    def simulate(values: pd.Series, season: int, steps: int) -> tuple[Values, Values]:
        from statsmodels.tsa.exponential_smoothing.ets import ETSModel

        model = ETSModel(values, error="add", trend="add", damped_trend=True, seasonal="add", seasonal_periods=season)
        fit = model.fit(disp=False)
        paths = fit.simulate(steps, anchor="end", repetitions=DRAWS, rng=np.random.default_rng(SEED))
        return np.asarray(fit.forecast(steps)), np.asarray(paths).reshape(steps, DRAWS).T

    return _by_item(history, tasks, simulate, "ETS")


def auto_ets(history: pd.DataFrame, tasks: pd.DataFrame) -> pd.DataFrame:
    """AutoETS of statsforecast."""
    from statsforecast.models import AutoETS

    return _by_item(history, tasks, _of_statsforecast(AutoETS), "AutoETS")


def auto_theta(history: pd.DataFrame, tasks: pd.DataFrame) -> pd.DataFrame:
    """AutoTheta of statsforecast."""
    from statsforecast.models import AutoTheta

    return _by_item(history, tasks, _of_statsforecast(AutoTheta), "AutoTheta")


def auto_arima(history: pd.DataFrame, tasks: pd.DataFrame) -> pd.DataFrame:
    """AutoARIMA of statsforecast; daily series with its `approximation`, R's default for long ones."""
    from statsforecast.models import AutoARIMA

    def model(season_length: int) -> object:
        return AutoARIMA(season_length=season_length, approximation=season_length == WEEK)

    return _by_item(history, tasks, _of_statsforecast(model), "AutoARIMA")


def prophet(history: pd.DataFrame, tasks: pd.DataFrame) -> pd.DataFrame:
    """Prophet with its defaults."""

    def simulate(values: pd.Series, season: int, steps: int) -> tuple[Values, Values]:
        from prophet import Prophet

        for name in ("cmdstanpy", "prophet"):  # after the import, which sets the levels anew
            logging.getLogger(name).setLevel(logging.ERROR)
        np.random.seed(SEED)  # noqa: NPY002 - prophet draws from the global generator
        model = Prophet(uncertainty_samples=DRAWS).fit(pd.DataFrame({"ds": values.index, "y": values.to_numpy()}))
        future = model.make_future_dataframe(steps, freq="D" if season == WEEK else "MS", include_history=False)
        mean = model.predict(future)["yhat"].to_numpy()
        return mean, np.asarray(model.predictive_samples(future)["yhat"]).T

    return _by_item(history, tasks, simulate, "prophet")


def run_rate(history: pd.DataFrame, tasks: pd.DataFrame) -> pd.DataFrame:
    """The straight line of most dashboards: the period's mean so far, or that of the last 28 days or 12 months."""
    by_item = {str(item): group for item, group in history.groupby("item_id", sort=False)}
    rows = []
    for item, group in tasks.groupby("item_id", sort=False):
        values = _values(by_item[str(item)])
        for task in group.to_dict("records"):
            line = _line(values, task)
            rows.append((task["task_id"], line, *([line] * len(LEVELS))))
    return pd.DataFrame(rows, columns=_columns())


def seasonal_naive(history: pd.DataFrame, tasks: pd.DataFrame) -> pd.DataFrame:
    """The same days a year ago where they are known (364 days, 12 months), else the last week again."""

    def simulate(values: pd.Series, season: int, steps: int) -> tuple[Values, Values]:
        year = YEAR_OF_DAYS if season == WEEK else YEAR_OF_MONTHS
        lag = year if len(values) >= year else min(season, len(values))
        mean = np.resize(values.to_numpy()[-lag:], steps)
        return mean, mean[None, :]

    return _by_item(history, tasks, simulate, "seasonal naive")


def _of_statsforecast(model: Callable[..., object]) -> Simulate:
    def simulate(values: pd.Series, season: int, steps: int) -> tuple[Values, Values]:
        known = values.to_numpy(dtype=np.float64)
        fitted = model(season_length=season).fit(known)  # type: ignore[attr-defined]  # the models share no base class
        return np.asarray(fitted.predict(steps)["mean"]), np.asarray(fitted.simulate(steps, DRAWS, seed=SEED))

    return simulate


def _by_item(history: pd.DataFrame, tasks: pd.DataFrame, simulate: Simulate, name: str) -> pd.DataFrame:
    """Fit each item once and read all its periods from the paths."""
    by_item = {str(item): group for item, group in history.groupby("item_id", sort=False)}
    rows: list[tuple[object, ...]] = []
    fell_back: dict[str, int] = {}
    for item, group in tasks.groupby("item_id", sort=False):
        values = _values(by_item[str(item)])
        season = WEEK if group["freq"].iloc[0] == "D" else YEAR_OF_MONTHS
        periods = pd.period_range(group["cutoff"].iloc[0], group["end"].max(), freq="D" if season == WEEK else "M")[1:]
        future = periods.to_timestamp()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                mean, paths = simulate(values, season, len(future))
            usable = bool(np.isfinite(mean).all() and np.isfinite(paths).all())
            why = "not finite"
        except Exception as error:  # noqa: BLE001 - whatever a peer raises: it is counted and printed
            mean, paths, usable, why = np.empty(0), np.empty((0, 0)), False, type(error).__name__
        if not usable:
            fell_back[why] = fell_back.get(why, 0) + 1
        for task in group.to_dict("records"):
            if not usable:
                line = _line(values, task)
                rows.append((task["task_id"], line, *([line] * len(LEVELS))))
                continue
            booked = float(values[task["start"] : task["end"]].sum())
            inside = np.asarray((future >= task["start"]) & (future <= task["end"]))
            total = booked + paths[:, inside].sum(axis=1)
            rows.append((task["task_id"], booked + float(mean[inside].sum()), *np.quantile(total, LEVELS)))
    sys.stderr.write(f"{name}: run-rate instead on {sum(fell_back.values())} of {len(by_item)} items {fell_back}\n")
    return pd.DataFrame(rows, columns=_columns())


def _values(mine: pd.DataFrame) -> pd.Series:
    freq = "D" if mine["freq"].iloc[0] == "D" else "MS"
    return pd.Series(mine["cost"].to_numpy(dtype=np.float64), pd.DatetimeIndex(mine["date"], freq=freq))


def _line(values: pd.Series, task: Mapping[Hashable, Any]) -> float:
    start, end, cutoff, daily = task["start"], task["end"], task["cutoff"], task["freq"] == "D"
    past = values[start:] if start <= cutoff else values.iloc[:0]
    length = (end - start).days + 1 if daily else len(pd.period_range(start, end, freq="M"))
    return float((past if len(past) else values.iloc[-(28 if daily else 12) :]).mean()) * length


def _columns() -> list[str]:
    return ["task_id", "mean", *(f"q{level:g}" for level in LEVELS)]
