"""Published formulas of total cost of ownership: identifier, quantity, and how a case's columns reach the function.

Names of inputs are those of published tables (`capex`, `onprem_usd_per_h`), with the symbols of the formula as others.
"""

from collections.abc import Callable
from typing import Final

from finops.case_inputs import CaseInputs, Formulas, MissingInput
from finops.facts.figures import fact
from finops.tco import break_even, depreciation, finance, rental
from finops.tco.reasons import NoFigure

_CAPITAL = ("capex", "capital", "capital_cost", "K", "principal")
_RUNNING = ("onprem_usd_per_h", "running_usd_per_h", "opex_usd_per_h", "onprem_per_h", "running", "o")
_CLOUD = ("cloud_usd_per_h", "cloud_price", "cloud_per_h", "c")
_HORIZON = ("horizon_h", "hours", "H")
_RATE = ("rate", "r", "i", "discount_rate")
_PERIODS = ("n", "nper", "periods")
_PRINCIPAL = ("principal", "pv", "present_value", "P")
_PAYMENT = ("payment", "pmt", "A")
_TARIFF = ("usd_per_kwh", "tariff", "tariff_usd_per_kwh", "t_e")


def _flows(given: CaseInputs) -> tuple[float, ...]:
    return given.numbers("cashflows", "values", "flows")


# ── money over time ───────────────────────────────────────────────────────────────────────────────────────────


def _npv(given: CaseInputs) -> float:
    return finance.net_present_value(given.number(*_RATE), _flows(given))


def _wacc(given: CaseInputs) -> float:
    return finance.cost_of_capital(
        equity=given.number("equity", "E"),
        debt=given.number("debt", "D"),
        equity_cost=given.number("equity_cost", "k_e"),
        debt_cost=given.number("debt_cost", "k_d"),
        tax_rate=given.number("tax_rate", "tax", "tau"),
    )


def _payment(given: CaseInputs) -> float:
    return finance.annuity(given.number(*_PRINCIPAL), given.number(*_RATE), given.number(*_PERIODS))


def _interest_total(given: CaseInputs) -> float:
    return finance.interest_total(given.number(*_PRINCIPAL), given.number(*_RATE), given.number(*_PERIODS))


def _interest(given: CaseInputs) -> float:
    number = given.whole("per", "period", "number")
    return finance.interest_in(given.number(*_PRINCIPAL), given.number(*_RATE), given.number(*_PERIODS), number)


def _repaid(given: CaseInputs) -> float:
    return _payment(given) - _interest(given)


def _balance(given: CaseInputs) -> float:
    paid = given.whole("per", "period", "paid")
    return finance.balance_after(given.number(*_PRINCIPAL), given.number(*_RATE), given.number(*_PERIODS), paid)


def _present(given: CaseInputs) -> float:
    future = given.number("future", "fv", "future_value", default=0.0)
    return finance.present_value(
        given.number(*_PAYMENT, default=0.0), given.number(*_RATE), given.number(*_PERIODS), future=future
    )


def _future(given: CaseInputs) -> float:
    return finance.future_value(
        given.number(*_PAYMENT, default=0.0),
        given.number(*_RATE),
        given.number(*_PERIODS),
        present=given.number(*_PRINCIPAL, default=0.0),
    )


def _periods(given: CaseInputs) -> float:
    return finance.periods_to_repay(abs(given.number(*_PRINCIPAL)), given.number(*_RATE), abs(given.number(*_PAYMENT)))


def _irr(given: CaseInputs) -> float:
    return finance.rate_of_return(_flows(given))


# ── depreciation ──────────────────────────────────────────────────────────────────────────────────────────────

_COST = ("cost", "capex", "price", "C")
_RESIDUAL = ("residual", "salvage", "residual_value", "S")
_LIFE = ("life_years", "class_years", "life", "years_of_life", "L")
_FACTOR = ("db_factor", "factor", "f")
_DECLINE = ("progress_oom_per_year", "oom_per_year", "decline", "k")


def _straight_line(given: CaseInputs) -> float:
    return depreciation.straight_line(given.number(*_COST), given.number(*_RESIDUAL, default=0.0), given.number(*_LIFE))


def _declining_years(given: CaseInputs) -> tuple[float, ...]:
    cost = given.number(*_COST, default=1.0)
    residual = given.number(*_RESIDUAL, default=0.0)
    return depreciation.declining_balance(cost, residual, given.number(*_LIFE), given.number(*_FACTOR, default=2.0))


def _declining(given: CaseInputs) -> float:
    return _year(_declining_years(given), given)


def _declining_rate(given: CaseInputs) -> float:
    return _declining(given) / given.number(*_COST, default=1.0)


def _declining_book(given: CaseInputs) -> float:
    return given.number(*_COST, default=1.0) - sum(_declining_years(given)[: given.whole("year", "t")])


def _macrs(given: CaseInputs) -> float:
    convention = given.text("convention", default="half-year")
    if convention != "half-year":
        raise MissingInput(f"convention is {convention!r}; the formula is that of the half-year convention")
    life = given.number(*_LIFE)
    factor = given.number(*_FACTOR, default=2.0 if life <= _LAST_DOUBLE else 1.5)
    return _year(depreciation.macrs(life, factor), given)


_LAST_DOUBLE: Final = 10
"""Classes of 3 to 10 years decline twofold, those of 15 and 20 years by 1.5 (IRS Publication 946)."""


def _macrs_amount(given: CaseInputs) -> float:
    return given.number(*_COST) * _macrs(given)


def _technology(given: CaseInputs) -> float:
    decline = given.number(*_DECLINE, default=fact("ml-price-performance-progress").number)
    price = given.number("initial_value", "value_at_start", "V_0", *_COST, default=1.0)
    return depreciation.technology_decline(price, given.number("years", "age_years", "year", "t"), decline)


def _year(years: tuple[float, ...], given: CaseInputs) -> float:
    number = given.whole("year", "t")
    if number < 1:
        raise NoFigure(f"year {number} is before the first")
    return years[number - 1] if number <= len(years) else 0.0


# ── owned against rented ──────────────────────────────────────────────────────────────────────────────────────


def _with_horizon(function: Callable[[float, float, float, float], float]) -> Callable[[CaseInputs], float]:
    def compute(given: CaseInputs) -> float:
        return function(
            given.number(*_CAPITAL), given.number(*_CLOUD), given.number(*_RUNNING), given.number(*_HORIZON)
        )

    return compute


def _break_even_hours(given: CaseInputs) -> float:
    return break_even.hours(given.number(*_CAPITAL), given.number(*_CLOUD), given.number(*_RUNNING))


def _break_even_months(given: CaseInputs) -> float:
    return _break_even_hours(given) / given.number("hours_per_month", "h_m", default=float(break_even.HOURS_PER_MONTH))


def _owned_cost(given: CaseInputs) -> float:
    return break_even.owned_cost(given.number(*_CAPITAL), given.number(*_RUNNING), given.number(*_HORIZON))


def _cloud_cost(given: CaseInputs) -> float:
    return break_even.cloud_cost(given.number(*_CLOUD), given.number(*_HORIZON))


def _saving(given: CaseInputs) -> float:
    return _cloud_cost(given) - _owned_cost(given)


def _maintenance(given: CaseInputs) -> float:
    share = given.number("maintenance_share", "m", default=fact("annual-maintenance").number)
    hours = given.number(*_HORIZON, "hours_per_year", default=float(break_even.HOURS_PER_YEAR))
    return break_even.maintenance_per_hour(given.number(*_CAPITAL), share, hours)


def _colocation(given: CaseInputs) -> float:
    fee = given.number(
        "rack_usd_per_month", "rack_fee", "colocation_usd_per_month", "R",
        default=fact("colocation-high-density-rack").number,
    )  # fmt: skip
    return break_even.rack_per_hour(fee, given.number(*_HORIZON, "hours_per_month", "h_m", default=730.0))


def _power(given: CaseInputs) -> float:
    return break_even.power_per_hour(
        _kilowatts(given),
        given.number(*_TARIFF),
        cooling_tariff=given.number("cooling_usd_per_kwh", "cooling_tariff", "t_c", default=0.0),
        pue=given.number("pue", "PUE", default=1.0),
    )


def _kilowatts(given: CaseInputs) -> float:
    if given.has("watts", "power_w"):
        return given.number("watts", "power_w") / 1000
    return given.number("power_kw", "kw", "P")


def _running_per_hour(given: CaseInputs) -> float:
    staff = given.number("staff_usd_per_h", "staff", default=0.0)
    return _maintenance(given) + _power(given) + _colocation(given) + staff


def _facility(given: CaseInputs) -> float:
    assets = [
        (given.number(f"{name}_capex", f"{name}_usd"), given.number(f"{name}_months", f"{name}_life_months"))
        for name in ("servers", "network", "facility")
        if given.has(f"{name}_capex", f"{name}_usd")
    ]
    return break_even.Facility(
        assets=assets,
        rate=given.number(*_RATE),
        critical_kw=given.number("critical_kw", "P_crit"),
        load=given.number("load", "load_share", "s"),
        pue=given.number("pue", "PUE"),
        tariff=given.number(*_TARIFF),
    ).per_month()


def _useful_hour(given: CaseInputs) -> float:
    years = given.number(*_LIFE)
    rate = given.number(*_RATE)
    residual = given.number(*_RESIDUAL, default=0.0) * (1 + rate) ** -years
    yearly = finance.annuity(given.number(*_CAPITAL) - residual, rate, years)
    if given.has("power_kw", "watts", "kw", "P"):
        yearly += _power(given) * break_even.HOURS_PER_YEAR
    for name in ("maintenance", "energy", "colocation", "staff", "network", "spares"):
        yearly += given.number(f"{name}_usd_per_year", name, default=0.0)
    available = given.number("availability", "a", default=1.0)
    if given.has("mtbf_h", "mtbf"):
        available = break_even.availability(given.number("mtbf_h", "mtbf"), given.number("mttr_h", "mttr"))
    return break_even.useful_hour(
        yearly,
        given.number("devices", "gpus", "G"),
        availability=available,
        used=given.number("utilisation", "used", "u", default=1.0),
    )


# ── an API against own devices ────────────────────────────────────────────────────────────────────────────────


def _tokens(given: CaseInputs) -> float:
    return break_even.tokens_per_month(
        given.number("tokens_per_s", "v"),
        given.number("hours_per_month", "h"),
        given.number("load", "utilisation", default=1.0),
    )


def _api(given: CaseInputs) -> float:
    return break_even.api_cost(
        _tokens(given),
        given.number("input_share", "x"),
        given.number("usd_in_per_million", "p_in"),
        given.number("usd_out_per_million", "p_out"),
    )


def _device_energy(given: CaseInputs) -> float:
    kilowatts = given.number("watts_per_gpu", "watts_per_device") / 1000
    return _devices(given) * kilowatts * given.number("hours_per_month", "h") * given.number(*_TARIFF)


def _devices(given: CaseInputs) -> float:
    return given.number("gpus", "devices", "n")


def _api_months(given: CaseInputs) -> float:
    capital = _devices(given) * given.number("usd_per_gpu", "usd_per_device", "P")
    return break_even.months_against_api(capital, _api(given), _device_energy(given))


# ── renting ───────────────────────────────────────────────────────────────────────────────────────────────────


def _rental(given: CaseInputs) -> float:
    price = given.number("usd_per_device_hour", "usd_per_h", "price", "p")
    return rental.rental(given.number("devices", "n", default=1.0), given.number("hours", "h"), price)


_COMMITTED = ("commitment_usd_per_h", "committed_usd_per_h", "commitment_price", "p_c")
_ON_DEMAND = ("on_demand_usd_per_h", "on_demand_price", "p_od")


def _commitment_price(given: CaseInputs) -> float:
    if given.has("discount") and not given.has(*_COMMITTED):
        return given.number(*_ON_DEMAND) * (1 - given.number("discount"))
    return given.number(*_COMMITTED)


def _effective_price(given: CaseInputs) -> float:
    return rental.price_per_used_hour(_commitment_price(given), given.number("utilisation", "used", "u"))


def _worthwhile(given: CaseInputs) -> float:
    if given.has("discount") and not given.has(*_COMMITTED, *_ON_DEMAND):
        return 1 - given.number("discount")
    return rental.worthwhile_use(_commitment_price(given), given.number(*_ON_DEMAND))


_CHECKPOINT = ("checkpoint_h", "checkpoint", "delta")
_RESTART = ("restart_h", "restart", "R")
_BETWEEN = ("mtbi_h", "mtbf_h", "between_interruptions_h", "M")


def _overhead(given: CaseInputs) -> float:
    if given.has("overhead"):
        return given.number("overhead")
    return rental.interruption_overhead(
        given.number(*_CHECKPOINT),
        given.number("interval_h", "interval", "tau"),
        given.number(*_RESTART),
        given.number(*_BETWEEN),
    )


def _spot(given: CaseInputs) -> float:
    price = given.number("spot_usd_per_h", "spot_price", "usd_per_device_hour", "p_s")
    return rental.spot_cost(price, given.number("work_h", "hours", "W"), _overhead(given))


def _young(given: CaseInputs) -> float:
    return rental.checkpoint_interval(given.number(*_CHECKPOINT), given.number(*_BETWEEN))


def _available(given: CaseInputs) -> float:
    return rental.available_interval(given.number(*_CHECKPOINT), given.number(*_RESTART), given.number(*_BETWEEN))


def _interval(given: CaseInputs) -> float:
    return _available(given) if given.has(*_RESTART) else _young(given)


def _egress(given: CaseInputs) -> float:
    sizes = (
        given.numbers("tier_gb", "tiers_gb", "tier_sizes_gb")
        if given.has("tier_gb", "tiers_gb", "tier_sizes_gb")
        else ()
    )
    prices = given.numbers("tier_usd_per_gb", "prices_usd_per_gb", "usd_per_gb", "price_per_gb")
    if len(sizes) == len(prices) - 1:
        sizes = (*sizes, float("inf"))
    if len(sizes) != len(prices):
        raise MissingInput(f"there are {len(sizes)} tiers and {len(prices)} prices")
    tiers = list(zip(sizes, prices, strict=True))
    return rental.egress(
        given.number("gb", "egress_gb", "gigabytes", "GB"), tiers, free=given.number("free_gb", default=0.0)
    )


_BREAK_EVEN_HOURS: Final = {"break_even_hours": _break_even_hours, "break_even_months": _break_even_months}

FORMULAS: Final[Formulas] = {
    "F-FIN-1": {"npv": _npv, "net_present_value": _npv, "wacc": _wacc},
    "F-FIN-2": {
        "payment": _payment,
        "pmt": _payment,
        "annuity": _payment,
        "interest_total": _interest_total,
        "interest": _interest,
        "ipmt": _interest,
        "principal_part": _repaid,
        "ppmt": _repaid,
        "balance": _balance,
        "present_value": _present,
        "pv": _present,
        "future_value": _future,
        "fv": _future,
        "periods": _periods,
        "nper": _periods,
    },
    "F-FIN-3": {"irr": _irr},
    "F-DEP-1": {"depreciation": _straight_line, "depreciation_per_year": _straight_line, "*": _straight_line},
    "F-DEP-2": {
        "depreciation": _declining,
        "depreciation_per_year": _declining,
        "depreciation_rate": _declining_rate,
        "book_value": _declining_book,
    },
    "F-DEP-3": {"depreciation_rate": _macrs, "depreciation": _macrs_amount},
    "F-DEP-4": {"value": _technology, "*": _technology},
    "F-TCO-1": {**_BREAK_EVEN_HOURS},
    "F-TCO-2": {
        "onprem_cost": _owned_cost,
        "owned_cost": _owned_cost,
        "cloud_cost": _cloud_cost,
        "saving": _saving,
        "savings": _saving,
        "saving_share": _with_horizon(break_even.saving_share),
    },
    "F-TCO-3": {
        "break_even_hours_per_day": _with_horizon(break_even.daily_hours),
        "daily_hours": _with_horizon(break_even.daily_hours),
        "hours_per_day": _with_horizon(break_even.daily_hours),
        "utilisation": _with_horizon(break_even.utilisation),
        "break_even_utilisation": _with_horizon(break_even.utilisation),
    },
    "F-TCO-4": {
        "maintenance_per_hour": _maintenance,
        "colocation_per_hour": _colocation,
        "power_per_hour": _power,
        "electricity_per_hour": _power,
        "onprem_usd_per_h": _running_per_hour,
        "running_per_hour": _running_per_hour,
        "opex_per_hour": _running_per_hour,
    },
    "F-TCO-5": {"cost_per_month": _facility, "monthly_cost": _facility, "*": _facility},
    "F-TCO-6": {"usd_per_useful_hour": _useful_hour, "cost_per_accelerator_hour": _useful_hour, "*": _useful_hour},
    "F-TCO-8": {
        "tokens_per_month": _tokens,
        "api_cost": _api,
        "api_cost_per_month": _api,
        "energy_per_month": _device_energy,
        "electricity_per_month": _device_energy,
        "break_even_months": _api_months,
    },
    "F-CLOUD-1": {"*": _rental},
    "F-CLOUD-2": {
        "effective_price": _effective_price,
        "effective_usd_per_h": _effective_price,
        "break_even_utilisation": _worthwhile,
        "utilisation": _worthwhile,
    },
    "F-CLOUD-3": {"overhead": _overhead, "cost": _spot, "expected_cost": _spot, "*": _spot},
    "F-CLOUD-4": {
        "interval": _interval,
        "checkpoint_interval": _young,
        "young_interval": _young,
        "availability_interval": _available,
        "*": _interval,
    },
    "F-CLOUD-5": {"*": _egress},
}
"""F-TCO-7 (tornado and Monte Carlo) has no closed form; it is `finops.tco.uncertainty`."""
