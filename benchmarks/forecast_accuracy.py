"""Forecast benchmark: month totals of made-up daily bills beside those of a straight line (run-rate).

    ./run bench forecast_accuracy

Anybody's series are forecast by `finops backtest --tasks`; docs/forecast-accuracy.md has the table beside its peers.
"""

import sys
from datetime import date, timedelta

import numpy as np

from finops.forecast.backtest import past_months
from finops.forecast.forecaster import History

SEED = 1
FIRST_DAY = date(2025, 1, 1)
SATURDAY = 5


def made_up_bills(kinds: int = 24, days: int = 500) -> dict[str, list[float]]:
    """Daily bills with weekdays, growth, a fee on the first, noise, spikes and level shifts; seeded."""
    random = np.random.default_rng(SEED)
    bills = {}
    for kind in range(kinds):
        at = np.arange(days)
        level = 100 * np.exp((kind % 4 - 1) * 0.3 * at / 365)
        level[random.integers(100, days) :] *= (1, 1, 1.5, 0.7)[kind // 4 % 4]
        daily = (
            level
            * np.where(at % 7 >= SATURDAY, 1 - 0.15 * (kind % 3), 1)
            * random.lognormal(0, 0.03 + 0.04 * (kind % 5), days)
        )
        daily[random.integers(0, days, 3)] *= 3
        daily[np.array([day.day == 1 for day in (FIRST_DAY + timedelta(days=int(n)) for n in at)])] += 300 * (kind % 2)
        bills[f"bill {kind}"] = daily.tolist()
    return bills


def measure(bills: dict[str, list[float]]) -> str:
    """Errors of month totals forecast on the 10th and 20th of the last six months, beside a straight line's."""
    past = [
        one
        for values in bills.values()
        for cut_off in (10, 20)
        for one in past_months(History(start=FIRST_DAY, values=tuple(values)), cut_off_day=cut_off, seed=SEED)
    ]
    spent = sum(abs(one.actual) for one in past)
    ours, line = (
        sum(abs(value - one.actual) for value, one in pairs) / spent
        for pairs in ([(one.mean, one) for one in past], [(one.naive, one) for one in past])
    )
    hits = sum(one.hit for one in past) / len(past)
    return (
        f"{len(past)} month totals of {len(bills)} made-up bills: WAPE {ours:.3f}, run-rate {line:.3f}, "
        f"ratio {ours / line:.2f}; in the 80 % range {hits:.2f}"
    )


def main() -> None:
    """Measure on made-up bills."""
    sys.stdout.write(measure(made_up_bills()) + "\n")


if __name__ == "__main__":
    main()
