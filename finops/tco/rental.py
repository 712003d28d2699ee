"""Rental: on-demand, commitments, spot with interruptions, egress (F-CLOUD-1 to F-CLOUD-5). Times are in hours."""

import math
from collections.abc import Sequence

from finops.tco.reasons import NoFigure


def rental(devices: float, hours: float, price: float) -> float:
    """Cost of renting (F-CLOUD-1): n·h·p, price per device-hour.

    >>> round(rental(8, 84, 1.46), 2)
    981.12
    """
    return devices * hours * price


def price_per_used_hour(commitment_price: float, used: float) -> float:
    """What an hour in use costs where all hours are paid for (F-CLOUD-2): p_c/u.

    Raises:
        NoFigure: where no hour is used.

    >>> price_per_used_hour(0.5, 0.8)
    0.625
    """
    if used <= 0:
        raise NoFigure("no hour of the commitment is used")
    return commitment_price / used


def worthwhile_use(commitment_price: float, on_demand_price: float) -> float:
    """The share of hours above which a commitment beats on demand (F-CLOUD-2): p_c/p_od = 1-discount."""
    if on_demand_price <= 0:
        raise NoFigure(f"an on-demand price of {on_demand_price:g} cannot be beaten")
    return commitment_price / on_demand_price


def interruption_overhead(checkpoint: float, interval: float, restart: float, between_interruptions: float) -> float:
    """Work lost to checkpoints and restarts, as a share of useful work (F-CLOUD-3): d/t + (t/2 + R)/M.

    >>> round(interruption_overhead(0.1, 2.0, 0.25, 10.0), 3)
    0.175
    """
    if interval <= 0 or between_interruptions <= 0:
        raise NoFigure("checkpoints and interruptions need times above zero between them")
    return checkpoint / interval + (interval / 2 + restart) / between_interruptions


def spot_cost(spot_price: float, work_h: float, overhead: float) -> float:
    """Expected cost on interruptible capacity (F-CLOUD-3): p_s·W·(1+overhead)."""
    return spot_price * work_h * (1 + overhead)


def checkpoint_interval(checkpoint: float, between_interruptions: float) -> float:
    """The interval that loses the least time (F-CLOUD-4, Young 1974): sqrt(2·d·M).

    >>> checkpoint_interval(0.1, 20.0)
    2.0
    """
    if checkpoint < 0 or between_interruptions <= 0:
        raise NoFigure("a checkpoint takes time, and interruptions have time between them")
    return math.sqrt(2 * checkpoint * between_interruptions)


def available_interval(checkpoint: float, restart: float, between_interruptions: float) -> float:
    """The interval with the highest availability (F-CLOUD-4, Saxena et al. 2024): d + sqrt(2(M+R)d + d^2)."""
    if checkpoint < 0 or between_interruptions <= 0 or restart < 0:
        raise NoFigure("a checkpoint takes time, and interruptions have time between them")
    return checkpoint + math.sqrt(2 * (between_interruptions + restart) * checkpoint + checkpoint**2)


def egress(gigabytes: float, tiers: Sequence[tuple[float, float]], *, free: float = 0.0) -> float:
    """Cost of data that leaves (F-CLOUD-5): the free allowance first, then tier by tier.

    Args:
        gigabytes: that leave in a month.
        tiers: (size in GB, price per GB) in order; `inf` for the last.
        free: allowance in GB.

    Raises:
        NoFigure: where the tiers end before the data does.

    >>> round(egress(11_340, [(10_240, 0.09), (40_960, 0.085)], free=100), 2)
    1006.6
    """
    left, cost = max(0.0, gigabytes - free), 0.0
    for size, price in tiers:
        cost += min(left, size) * price
        left = max(0.0, left - size)
    if left > 0:
        raise NoFigure(f"no tier has a price for the last {left:g} GB")
    return cost
