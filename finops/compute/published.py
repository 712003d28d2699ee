"""Published formulas of compute: FLOP, utilisation, time, cost, emissions, search and quotas, from a case's columns.

Each gives the formula's own unit (FLOP, FLOP/s, kWh, grams); a case's `unit` scales it.
"""

import math
from typing import Final

from finops.case_inputs import CaseInputs, Formulas, MissingInput

_TERA, _MILLION, _BILLION, _DAY = 1e12, 1e6, 1e9, 86_400.0
PETAFLOP_S_DAY: Final = 8.64e19
"""FLOP in a day at 10^15 FLOP/s."""

_EPSILON = 1e-9
"""Added before a logarithm is floored: log3(81) comes out below 4."""


# ── FLOP, utilisation, time ───────────────────────────────────────────────────────────────────────────────────


def _params(given: CaseInputs) -> float:
    return given.number("params_million") * _MILLION if given.has("params_million") else given.number("params", "N")


def _tokens(given: CaseInputs) -> float:
    return given.number("tokens_billion") * _BILLION if given.has("tokens_billion") else given.number("tokens", "D")


def _training(given: CaseInputs) -> float:
    """C = k·N·D (F-FLOP-1, Kaplan et al. 2020)."""
    return given.number("flop_per_param_per_token", "k", default=6.0) * _params(given) * _tokens(given)


def _training_days(given: CaseInputs) -> float:
    return _training(given) / PETAFLOP_S_DAY


def _from_hardware(given: CaseInputs) -> float:
    """C = n·achieved·seconds, or n·peak·utilisation·seconds (F-FLOP-2)."""
    if given.has("achieved_tflops"):
        rate = given.number("achieved_tflops")
    else:
        rate = given.number("peak_tflops") * given.number("utilisation", "mfu")
    return given.number("devices", "n") * rate * _TERA * given.number("days") * _DAY


def _size(given: CaseInputs) -> float:
    """N = 12·l·h²·(1 + 13/(12h) + (V+s)/(12·l·h)) (F-FLOP-3, Narayanan et al. 2021)."""
    layers, hidden = given.number("layers", "l"), given.number("hidden", "h")
    words = given.number("vocab", "V") + given.number("seq_len", "s")
    return 12 * layers * hidden**2 * (1 + 13 / (12 * hidden) + words / (12 * layers * hidden))


def _mfu(given: CaseInputs) -> float:
    """(tokens/s)·(6N + 12·L·H·Q·T)/(n·peak) (F-MFU-1, Chowdhery et al. 2022)."""
    per_token = 6 * _params(given)
    if given.number("include_attention", default=1.0):
        shape = given.number("layers") * given.number("heads") * given.number("head_dim")
        per_token += 12 * shape * given.number("seq_len")
    return given.number("tokens_per_s") * per_token / (given.number("devices") * given.number("peak_flops_per_device"))


def _share_of_peak(given: CaseInputs) -> float:
    return given.number("achieved_tflops_per_device") / given.number("peak_tflops_per_device")


def _aggregate(given: CaseInputs) -> float:
    return given.number("achieved_tflops_per_device") * _TERA * given.number("devices")


def _time(given: CaseInputs) -> float:
    """8·T·P/(n·X)·(1 + s/(6h) + V/(16·l·h)) in days, 6 without recompute (F-TIME-1, Narayanan et al. 2021)."""
    factor = 8 if given.number("activation_recompute", default=1.0) else 6
    rate = given.number("devices") * given.number("tflops_per_device") * _TERA
    hidden = given.number("hidden")
    bracket = (
        1 + given.number("seq_len") / (6 * hidden) + given.number("vocab") / (16 * given.number("layers") * hidden)
    )
    return factor * _tokens(given) * _params(given) / rate * bracket / _DAY


def _optimal_tokens(given: CaseInputs) -> float:
    """D = C/(6N) (F-SCALE-1)."""
    return given.number("train_flop", "C") / (6 * _params(given))


def _doubling(given: CaseInputs) -> float:
    """12·ln 2/ln g in months (F-GROWTH-1)."""
    return 12 * math.log(2) / math.log(given.number("factor_per_year", "g"))


# ── cost of a run ─────────────────────────────────────────────────────────────────────────────────────────────


def _amortised(given: CaseInputs) -> float:
    """Server value used up, with its share of the network, and energy (F-TRAIN-1, Cottier et al. 2024)."""
    hours, value = given.number("chip_hours", "G"), given.number("server_usd_per_chip_at_start", "V")
    decline = given.number("progress_oom_per_year", "k") * math.log(10) / given.number("hours_per_year", default=8766.0)
    network = given.number("interconnect_share", "i")
    hardware = hours * value * decline * (1 + network / (1 - network))
    kilowatts = given.number("tdp_w") / 1000 * given.number("server_to_chip_power") * given.number("mean_power_share")
    energy = hours * kilowatts * given.number("pue") * given.number("usd_per_kwh")
    return (hardware + energy) * given.number("inflation_factor", default=1.0)


def _acquisition(given: CaseInputs) -> float:
    """n·V0/(1-i) (F-TRAIN-2); published tables hold the number of chips in the column of chip-hours."""
    chips = given.number("chips", "n", "chip_hours")
    value = given.number("server_usd_per_chip", "server_usd_per_chip_at_start")
    return chips * value / (1 - given.number("interconnect_share", "i")) * given.number("inflation_factor", default=1.0)


def _per_million_tokens(given: CaseInputs) -> float:
    """p/(3600·v)·10^6 (F-UNIT-1)."""
    return given.number("usd_per_hour", "p") / (3600 * given.number("tokens_per_s", "v")) * _MILLION


def _amortised_hour(given: CaseInputs) -> float:
    """K/H + o (F-UNIT-2)."""
    capital, hours = given.number("capex", "K"), given.number("horizon_h", "H")
    return capital / hours + given.number("onprem_usd_per_h", "o")


# ── energy and emissions ──────────────────────────────────────────────────────────────────────────────────────


def _energy(given: CaseInputs) -> float:
    """Device-hours·W/1000·PUE in kWh (F-CARBON-1)."""
    return given.number("device_hours") * given.number("watts_per_device") / 1000 * given.number("pue")


def _emissions(given: CaseInputs) -> float:
    return _energy(given) * given.number("gco2e_per_kwh")


def _energy_of_machine(given: CaseInputs) -> float:
    """PUE·h·W/1000 in kWh (F-CARBON-2, Strubell et al. 2019)."""
    return given.number("pue") * given.number("hours") * given.number("total_watts") / 1000


def _emissions_of_machine(given: CaseInputs) -> float:
    return _energy_of_machine(given) * given.number("lb_per_kwh")


def _embodied(given: CaseInputs) -> float:
    """TE·(TiR/EL)·(RR/ToR) in grams (F-CARBON-3, SCI)."""
    time = given.number("time_reserved_h") / given.number("lifespan_h")
    share = given.number("resources_reserved") / given.number("resources_total")
    return given.number("embodied_total_kg") * 1000 * time * share


def _sci(given: CaseInputs) -> float:
    operational = given.number("energy_kwh") * given.number("gco2e_per_kwh")
    return (operational + _embodied(given)) / given.number("functional_units", "R", default=1.0)


def _residual(given: CaseInputs) -> float:
    """I·(1-CFE) (F-CARBON-4)."""
    return given.number("grid_gco2e_per_kwh") * (1 - given.number("carbon_free_share"))


# ── search and quotas ─────────────────────────────────────────────────────────────────────────────────────────


def _bracket(given: CaseInputs) -> tuple[int, float, float, int]:
    """Configurations and resource a bracket starts with, its reduction, and the rung asked for (F-STOP-2)."""
    largest, eta = given.number("max_resource", "R"), given.number("eta")
    if eta <= 1 or largest < 1:
        raise MissingInput(f"eta {eta:g} and a resource of {largest:g} make no brackets")
    most = math.floor(math.log(largest) / math.log(eta) + _EPSILON)
    bracket, rung = given.whole("bracket_s", "s"), given.whole("rung_i", "i")
    if not 0 <= rung <= bracket <= most:
        raise MissingInput(f"there is no rung {rung} of bracket {bracket}: brackets are 0 to {most}")
    first = math.ceil((most + 1) * eta**bracket / (bracket + 1) - _EPSILON)
    return first, largest * eta**-bracket, eta, rung


def _configurations(given: CaseInputs) -> float:
    first, _, eta, rung = _bracket(given)
    return float(math.floor(first * eta**-rung + _EPSILON))


def _resource(given: CaseInputs) -> float:
    _, start, eta, rung = _bracket(given)
    return start * math.pow(eta, rung)


def _reserved(given: CaseInputs) -> float:
    """(r/100)^n (F-QUOTA-3, AWS Batch)."""
    return math.pow(given.number("compute_reservation") / 100, given.number("active_fair_shares"))


def _hypervolume(given: CaseInputs) -> float:
    """Area that points dominate up to a reference point, two directions (F-PARETO-2)."""
    signs = [1.0 if word.strip() == "min" else -1.0 for word in given.text("direction", default="min;min").split(";")]
    points = [_point(text, signs) for text in given.text("points").split("|")]
    limit_x, limit_y = _point(given.text("ref"), signs)
    area, reached = 0.0, limit_y
    for x, y in sorted(points):
        if x < limit_x and y < reached:
            area += (limit_x - x) * (reached - y)
            reached = y
    return area


def _point(text: str, signs: list[float]) -> tuple[float, float]:
    values = [float(part) for part in text.split(";")]
    if len(values) != 2 or len(signs) != 2:  # noqa: PLR2004 - a plane has two
        raise MissingInput(f"{text!r} is no point of a plane")
    return values[0] * signs[0], values[1] * signs[1]


FORMULAS: Final[Formulas] = {
    "F-FLOP-1": {"training_flop": _training, "petaflop_s_days": _training_days},
    "F-FLOP-2": {"training_flop": _from_hardware},
    "F-FLOP-3": {"parameters": _size},
    "F-MFU-1": {"mfu": _mfu},
    "F-MFU-2": {"share_of_peak": _share_of_peak, "aggregate_throughput": _aggregate},
    "F-TIME-1": {"days": _time},
    "F-SCALE-1": {"tokens": _optimal_tokens},
    "F-GROWTH-1": {"doubling_months": _doubling},
    "F-TRAIN-1": {"amortised_hardware_plus_energy": _amortised},
    "F-TRAIN-2": {"hardware_acquisition": _acquisition},
    "F-UNIT-1": {"usd_per_million_tokens": _per_million_tokens},
    "F-UNIT-2": {"amortised_usd_per_hour": _amortised_hour},
    "F-CARBON-1": {"co2e": _emissions, "energy": _energy},
    "F-CARBON-2": {"co2e": _emissions_of_machine, "energy_incl_pue": _energy_of_machine},
    "F-CARBON-3": {"sci": _sci, "embodied_share": _embodied},
    "F-CARBON-4": {"residual_intensity": _residual},
    "F-STOP-2": {"n_configs": _configurations, "resource_each": _resource},
    "F-QUOTA-3": {"reserved_share": _reserved},
    "F-PARETO-2": {"hypervolume": _hypervolume},
}
"""Fits (F-SCALE-2 to 4) and the other indicators of a frontier come with the parts of the tool that use them."""
