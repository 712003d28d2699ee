"""What a dollar was worth in euro: a made-up rate per business day, slow to move and the same for every seed."""

from bisect import bisect_right
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import numpy as np

from bill import files, identity, period

BASE, QUOTE = "USD", "EUR"
PLAN = "0.92"
"""What the budgets reckon with; the same number stands in `finops.toml`."""

_SOURCE = "made-up daily rate for the sample company"
_TURNS = (
    (date(2025, 8, 1), 0.913),
    (date(2025, 11, 10), 0.932),
    (date(2026, 2, 2), 0.940),
    (date(2026, 4, 15), 0.921),
    (date(2026, 7, 1), 0.913),
    (date(2026, 9, 1), 0.918),
    (date(2026, 10, 31), 0.930),
)
"""Where the rate turns; between two of them it goes straight, but for a little noise."""
_NOISE, _NOISE_MEMORY = 0.0009, 0.85
_SATURDAY = 5
_STEP = Decimal("0.0001")


def write(folder: Path) -> None:
    """Write `rates.csv`, one line per business day."""
    lines = [f"{day},{BASE},{QUOTE},{rate},{_SOURCE}" for day, rate in by_day().items()]
    files.write_text(folder / "rates.csv", "\n".join(["date,from,to,rate,source", *lines, ""]))


@cache
def by_day() -> Mapping[date, Decimal]:
    """Euro for a dollar, per business day."""
    days = [day for day in period.days() if day.weekday() < _SATURDAY and day not in period.HOLIDAYS]
    turns, values = zip(*((day.toordinal(), value) for day, value in _TURNS), strict=True)
    shocks = np.random.default_rng(identity.seed_of("rates")).normal(0, _NOISE, len(days))
    noise, rates = 0.0, {}
    for day, shock in zip(days, shocks, strict=True):
        noise = _NOISE_MEMORY * noise + float(shock)
        rates[day] = Decimal(float(np.interp(day.toordinal(), turns, values)) + noise).quantize(_STEP)
    return rates


@cache
def on(day: date) -> Decimal:
    """Euro for a dollar on a day; on weekends and holidays the rate of the business day before.

    >>> on(date(2026, 10, 18)) == on(date(2026, 10, 16))
    True
    """
    days = list(by_day())
    return by_day()[days[bisect_right(days, day) - 1]]


def in_euro(amount: Decimal, currency: str, day: date) -> Decimal:
    """An amount in EUR at the rate of its day, exact."""
    return amount * on(day) if currency == BASE else amount


def average(month: str) -> Decimal:
    """Mean of the days of a month, each counted once."""
    rates = [on(day) for day in period.days_of(month)]
    return (sum(rates, Decimal(0)) / len(rates)).quantize(_STEP)


def of_invoice(day: date) -> Decimal:
    """The rate that Google used for a whole month: that of its first day."""
    return on(max(period.FIRST_DAY, day - timedelta(days=day.day - 1)))
