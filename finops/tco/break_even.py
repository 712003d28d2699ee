"""Break-even: when owned hardware has cost as much as rented, in closed form (F-TCO-1 to F-TCO-8).

One hour convention throughout: a year of 8,760 hours, a month of 730. (Published studies mix 720 and 730.)
Prices and running costs are per hour, capital is what is paid at the start, all in one currency.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from finops.tco.finance import annuity, monthly
from finops.tco.reasons import Never, NoFigure

HOURS_PER_YEAR = 8760
HOURS_PER_MONTH = 730
PER_MILLION = 1_000_000

POWER_AND_COOLING_SHARE = 0.82
"""Of the facility's annuity (F-TCO-5, Hamilton 2010)."""


def hours(capital: float, cloud_price: float, running: float) -> float:
    """Hours of use after which owning has cost no more (F-TCO-1): K/(c-o).

    Raises:
        Never: where an hour of the cloud costs no more than running the owned system.
        NoFigure: for a negative capital.

    >>> round(hours(250_141.80, 98.32, 6.37), 2)
    2720.41
    """
    if capital < 0:
        raise NoFigure(f"a capital cost of {capital:g} is no purchase")
    if cloud_price <= running:
        raise Never(
            f"an hour of the cloud at {cloud_price:g} costs no more than running the owned system at {running:g}"
        )
    return capital / (cloud_price - running)


def owned_cost(capital: float, running: float, horizon_h: float) -> float:
    """Cost over a horizon, always on (F-TCO-2): K + o·H."""
    return capital + running * horizon_h


def cloud_cost(cloud_price: float, horizon_h: float) -> float:
    """Cost of renting for every hour of a horizon (F-TCO-2): c·H."""
    return cloud_price * horizon_h


def saving_share(capital: float, cloud_price: float, running: float, horizon_h: float) -> float:
    """What owning saves of the cloud's cost (F-TCO-2): 1-(K+o·H)/(c·H); negative where it costs more.

    >>> round(saving_share(250_141.80, 98.32, 6.37, 43_800), 3)
    0.877
    """
    rented = cloud_cost(cloud_price, horizon_h)
    if rented <= 0:
        raise NoFigure("renting costs nothing, so there is nothing to save a share of")
    return 1 - owned_cost(capital, running, horizon_h) / rented


def daily_hours(capital: float, cloud_price: float, running: float, horizon_h: float) -> float:
    """Hours a day of renting that cost as much as an always-on owned system (F-TCO-3): (K+o·H)/(c·days).

    Raises:
        Never: where that takes more hours than a day has.
    """
    return 24 * utilisation(capital, cloud_price, running, horizon_h)


def utilisation(capital: float, cloud_price: float, running: float, horizon_h: float) -> float:
    """The share of hours above which owning is cheaper (F-TCO-3): u* = (K/H + o)/c.

    The owned system runs all the time, the rented one only when used.

    Raises:
        Never: above 1: owning is dearer even when every hour is used.
        NoFigure: without a horizon or a price.

    >>> round(utilisation(250_141.80, 98.32, 6.37, 43_800), 4)
    0.1229
    """
    share = _utilisation(capital, cloud_price, running, horizon_h)
    if share > 1:
        raise Never(f"owning would need {share:.0%} of the hours: it is dearer even when every hour is used")
    return share


def _utilisation(capital: float, cloud_price: float, running: float, horizon_h: float) -> float:
    if horizon_h <= 0:
        raise NoFigure(f"a horizon of {horizon_h:g} hours is none")
    if cloud_price <= 0:
        raise Never(f"renting at {cloud_price:g} an hour is free")
    return (capital / horizon_h + running) / cloud_price


def maintenance_per_hour(capital: float, share_per_year: float, hours_per_year: float = HOURS_PER_YEAR) -> float:
    """Maintenance as a yearly share of capital, per hour (part of F-TCO-4): m·K/8760."""
    _need_hours(hours_per_year)
    return share_per_year * capital / hours_per_year


def power_per_hour(power_kw: float, tariff: float, *, cooling_tariff: float = 0.0, pue: float = 1.0) -> float:
    """Electricity per hour (part of F-TCO-4): P·(t_e + t_c), or P·PUE·t_e in place of the cooling surcharge."""
    return power_kw * (tariff * pue + cooling_tariff)


def rack_per_hour(fee_per_month: float, hours_per_month: float = HOURS_PER_MONTH) -> float:
    """A monthly rack fee per hour (part of F-TCO-4): R/h_m."""
    _need_hours(hours_per_month)
    return fee_per_month / hours_per_month


@dataclass(frozen=True, slots=True, kw_only=True)
class Facility:
    """A data centre's monthly cost (F-TCO-5, Hamilton 2010): capital by its own life in months, and power.

    Attributes:
        assets: (capital, life in months) of servers, network and facility.
        rate: cost of capital per year; critical_kw: critical load; load: mean share of it drawn; tariff: per kWh.
    """

    assets: Sequence[tuple[float, float]]
    rate: float
    critical_kw: float
    load: float
    pue: float
    tariff: float

    def per_month(self) -> float:
        """Annuities of the capital plus power."""
        capital = sum(annuity(cost, monthly(self.rate), life) for cost, life in self.assets)
        return capital + self.critical_kw * self.load * self.pue * self.tariff * HOURS_PER_MONTH


def useful_hour(yearly_cost: float, devices: float, *, availability: float = 1.0, used: float = 1.0) -> float:
    """Full owned cost per accelerator-hour with useful work (F-TCO-6): yearly cost/(G·8760·a·u).

    Raises:
        NoFigure: where no hour is used.
    """
    useful = devices * HOURS_PER_YEAR * availability * used
    if useful <= 0:
        raise NoFigure("no hour is available and used, so none has a cost")
    return yearly_cost / useful


def availability(mtbf_h: float, mttr_h: float) -> float:
    """Share of hours a device works: MTBF/(MTBF+MTTR)."""
    if mtbf_h <= 0 or mttr_h < 0:
        raise NoFigure(f"failures every {mtbf_h:g} h repaired in {mttr_h:g} h give no availability")
    return mtbf_h / (mtbf_h + mttr_h)


def tokens_per_month(tokens_per_s: float, hours_per_month: float, load: float = 1.0) -> float:
    """Capacity (part of F-TCO-8): v·h·3600, times the share of it that is used."""
    return tokens_per_s * hours_per_month * 3600 * load


def api_cost(tokens: float, input_share: float, price_in: float, price_out: float) -> float:
    """What an API asks for so many tokens (part of F-TCO-8); prices per million tokens.

    Raises:
        NoFigure: for a share outside 0 to 1.
    """
    if not 0 <= input_share <= 1:
        raise NoFigure(f"an input share of {input_share:g} is no share")
    return tokens * (input_share * price_in + (1 - input_share) * price_out) / PER_MILLION


def months_against_api(capital: float, api_cost_per_month: float, energy_per_month: float) -> float:
    """Months until own devices have cost no more than an API (F-TCO-8): n·P/(API cost - n·W·h·t_e).

    Raises:
        Never: where the API costs no more than the electricity.
    """
    if api_cost_per_month <= energy_per_month:
        raise Never(
            f"the API at {api_cost_per_month:g} a month costs no more than the electricity at {energy_per_month:g}"
        )
    return capital / (api_cost_per_month - energy_per_month)


def _need_hours(value: float) -> None:
    if value <= 0:
        raise NoFigure(f"{value:g} hours are no period")
