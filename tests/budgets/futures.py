"""Spend with a handful of futures, small enough to work out by hand."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from finops.budgets.spend import Spend
from finops.forecast.forecaster import Forecast, History
from finops.forecast.futures import held

FIRST = date(2026, 10, 1)


def spend(
    days: Sequence[str],
    futures: Sequence[float] = (),
    *,
    first: date = FIRST,
    until: date = date(2026, 11, 1),
    history: int | None = None,
    booked: Sequence[str] = (),
) -> Spend:
    """Spend from the first day on, its last complete day the last of `days`.

    Args:
        days: amount per complete day.
        futures: amount a day of each possible future; their mean is the point forecast. None: no forecast.
        first: day of the first amount.
        until: end of the forecast, exclusive.
        history: how many of the last days the forecast knows; None for all.
        booked: amounts of incomplete days after them.
    """
    import numpy as np

    daily = {first + timedelta(days=at): Decimal(amount) for at, amount in enumerate((*days, *booked))}
    data_to = first + timedelta(days=len(days) - 1) if days else None
    if not futures or data_to is None:
        return Spend(name="shop", daily=daily, data_to=data_to, forecast=None, unknown="too little is known")
    known = [float(amount) for amount in days][-(history or len(days)) :]
    start = data_to - timedelta(days=len(known) - 1)
    ahead = (until - data_to).days - 1
    forecast = Forecast(
        history=History(start=start, values=tuple(known), left_out=len(booked)),
        futures=held(np.array([[amount] * ahead for amount in futures], dtype=np.float64).reshape(len(futures), ahead)),
        mean=np.full(ahead, float(np.mean(futures))),
        model="futures worked out by hand",
    )
    return Spend(name="shop", daily=daily, data_to=data_to, forecast=forecast)
