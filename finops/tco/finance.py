"""Money over time: net present value, annuities and rates of return (F-FIN-1 to F-FIN-3 of standard finance).

Rates are per period as fractions (0.08 is 8 %). A flow is paid at the end of its period; the first one is today.
"""

import math
from collections.abc import Sequence

from finops.tco.reasons import Never, NoFigure

_LARGEST_RATE = 1e6
_LARGEST_FACTOR = 1e5
"""Of a period's discounting: a loss of all but a hundred-thousandth a period is no rate of return."""
_NOTHING = 1e-100
"""Share of the largest flow below which a flow is none."""
_STEPS = 200


def net_present_value(rate: float, flows: Sequence[float]) -> float:
    """What the flows are worth today: sum of CF_t / (1+r)^t from t = 0 (F-FIN-1).

    Raises:
        NoFigure: at a rate of -100 % or less.

    >>> round(net_present_value(0.08, [-40_000, 5_000, 8_000, 12_000, 30_000]), 5)
    3065.22267
    """
    if rate <= -1:
        raise NoFigure(f"a discount rate of {rate:.2%} leaves nothing to divide by")
    return math.fsum(flow * (1 + rate) ** -at for at, flow in enumerate(flows))


def annuity(principal: float, rate: float, periods: float) -> float:
    """The level payment that repays a principal (F-FIN-2): P·i / (1-(1+i)^-n), and P/n at i = 0.

    Raises:
        NoFigure: without periods, or at a rate of -100 % or less.

    >>> round(annuity(200_000, 0.075 / 12, 180), 6)
    1854.02472
    """
    _need_periods(periods)
    return principal / _annuity_factor(rate, periods)


def present_value(payment: float, rate: float, periods: float, *, future: float = 0.0) -> float:
    """What level payments, and a sum at their end, are worth today."""
    return payment * _annuity_factor(rate, periods) + future * math.pow(1 + rate, -periods)


def future_value(payment: float, rate: float, periods: float, *, present: float = 0.0) -> float:
    """What level payments, and a sum paid in today, have grown to after the last one.

    >>> round(future_value(100, 0.05 / 12, 120, present=100), 6)
    15692.928894
    """
    return (payment * _annuity_factor(rate, periods) + present) * math.pow(1 + rate, periods)


def periods_to_repay(principal: float, rate: float, payment: float) -> float:
    """How many payments repay a principal.

    Raises:
        Never: where the payment does not cover the interest.

    >>> round(periods_to_repay(8000, 0.07 / 12, 150), 6)
    64.073349
    """
    if payment <= 0 or principal * rate >= payment:
        raise Never(f"a payment of {payment:g} does not cover the interest of {principal * rate:g}")
    if rate == 0:
        return principal / payment
    return -math.log1p(-principal * rate / payment) / math.log1p(rate)


def interest_in(principal: float, rate: float, periods: float, number: int) -> float:
    """Interest inside payment `number` (1 is the first) of an annuity."""
    _need_periods(periods)
    if not 1 <= number <= periods:
        raise NoFigure(f"payment {number} is none of the {periods:g}")
    return balance_after(principal, rate, periods, number - 1) * rate


def balance_after(principal: float, rate: float, periods: float, paid: int) -> float:
    """What is still owed after so many payments of an annuity."""
    left = periods - paid
    # As the worth of the payments left: what has grown less what was paid would cancel to a few digits.
    return annuity(principal, rate, periods) * _annuity_factor(rate, left) if left > 0 else 0.0


def interest_total(principal: float, rate: float, periods: float) -> float:
    """All interest of an annuity.

    >>> round(interest_total(2500, 0.0824 / 12, 12), 2)
    112.98
    """
    return annuity(principal, rate, periods) * periods - principal


def rates_of_return(flows: Sequence[float]) -> tuple[float, ...]:
    """Every rate above -100 % at which the flows are worth nothing, ascending (F-FIN-3): none, one or several.

    Signs that change once have one rate at most; with more changes there may be several, and none of them alone is
    the return. The roots are bracketed on a fine grid of discount factors and closed in on by bisection.

    >>> [round(rate, 5) for rate in rates_of_return([-100, 39, 59, 55, 20])]
    [0.28095]
    >>> [round(rate, 4) for rate in rates_of_return([-1000, 2500, -1560])]
    [0.2, 0.3]
    """
    import numpy as np  # noqa: PLC0415 - 0.2 s, not for --help

    amounts = np.asarray(flows, dtype=float)
    # What is next to nothing beside the largest flow moves no rate, but would overflow on the way to the roots.
    trimmed = np.trim_zeros(np.where(np.abs(amounts) < np.abs(amounts).max(initial=0) * _NOTHING, 0, amounts))
    if trimmed.size < 2 or (trimmed > 0).all() or (trimmed < 0).all():  # noqa: PLR2004 - a return needs two flows
        return ()
    factors = np.roots(trimmed[::-1] / np.abs(trimmed).max())  # in x = 1/(1+r)
    real = factors[
        (np.abs(factors.imag) < 1e-7 * np.maximum(1, np.abs(factors)))
        & (factors.real > 0)
        & (factors.real < _LARGEST_FACTOR)
    ].real
    given = trimmed.tolist()
    found = sorted({float(f"{_polished(1 / x - 1, given):.12g}") for x in real})
    weight = math.fsum(map(abs, given))
    return tuple(rate for rate in found if -1 < rate < _LARGEST_RATE and _is_root(rate, given, weight))


def rate_of_return(flows: Sequence[float]) -> float:
    """The one internal rate of return.

    Raises:
        NoFigure: where there is none, or more than one.
    """
    found = rates_of_return(flows)
    if not found:
        raise NoFigure("the flows have no internal rate of return: their value is zero at no rate")
    if len(found) > 1:
        listed = ", ".join(f"{rate:.2%}" for rate in found)
        raise NoFigure(f"the flows have several internal rates of return: {listed}")
    return found[0]


def monthly(annual_rate: float) -> float:
    """The nominal rate of a month: a twelfth of the year's (F-FIN-2)."""
    return annual_rate / 12


def cost_of_capital(*, equity: float, debt: float, equity_cost: float, debt_cost: float, tax_rate: float) -> float:
    """WACC = E/V·k_e + D/V·k_d·(1-tax) per year, E and D at market value.

    Raises:
        NoFigure: without capital.

    >>> cost_of_capital(equity=60, debt=40, equity_cost=0.10, debt_cost=0.05, tax_rate=0.25)
    0.075
    """
    if equity + debt <= 0:
        raise NoFigure("there is no capital to weigh")
    return (equity * equity_cost + debt * debt_cost * (1 - tax_rate)) / (equity + debt)


def _annuity_factor(rate: float, periods: float) -> float:
    if rate <= -1:
        raise NoFigure(f"a rate of {rate:.2%} leaves nothing to divide by")
    return periods if rate == 0 else -math.expm1(-periods * math.log1p(rate)) / rate


def _need_periods(periods: float) -> None:
    if periods <= 0:
        raise NoFigure(f"{periods:g} periods repay nothing")


def _is_root(rate: float, flows: Sequence[float], weight: float) -> bool:
    """Whether the value there is zero, as far as a double can tell: the roots of long flows may be strays."""
    largest = max(1.0, (1 + rate) ** -(len(flows) - 1))
    return abs(net_present_value(rate, flows)) <= 1e-9 * weight * largest


def _polished(rate: float, flows: Sequence[float]) -> float:
    """The root near a rate, by a few Newton steps: eigenvalues of long flows are good to six places only."""
    for _ in range(_STEPS):
        value = net_present_value(rate, flows)
        slope = math.fsum(-at * flow * (1 + rate) ** (-at - 1) for at, flow in enumerate(flows))
        if slope == 0:
            break
        step = value / slope
        if rate - step <= -1 or abs(step) < 1e-15 * max(1, abs(rate)):
            break
        rate -= step
    return rate
