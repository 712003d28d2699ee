"""Small studies for tests: one owned system against one rented, with whatever is asked for on top."""

from pathlib import Path
from typing import Any

from finops.tco.scenario import Study
from finops.tco.scenario_file import load

HEAD = """
version = 1
[study]
name = "test"
currency = "EUR"
start = "2026-11"
as_of = 2026-10-01
horizon_months = {horizon}
discount_rate = {rate}
{study}
[demand]
unit = "hour"
quantity = {demand}
{demand_more}
[[options]]
name = "Own"
capacity = {{ systems = 1, units_per_month = 730 }}
power = {{ kw_per_system = {kilowatts}, mean_share = 0.75, pue = 1.5, tariff = {tariff} }}
{own}
[[options.assets]]
name = "Server"
cost = {cost}
life_months = {life}
{asset}
[[options]]
name = "Cloud"
[options.rent]
on_demand = {price}
{rent}
"""

BASE: dict[str, Any] = {
    "horizon": 48,
    "rate": 0.06,
    "study": "",
    "demand": 500,
    "demand_more": "",
    "kilowatts": 8,
    "tariff": 0.25,
    "own": "",
    "cost": 200000,
    "life": 48,
    "asset": "residual_share = 0.1",
    "price": 20,
    "rent": "",
}


def text(**changes: Any) -> str:  # noqa: ANN401 - whatever TOML takes
    return HEAD.format(**{**BASE, **changes})


def study(folder: Path, **changes: Any) -> Study:  # noqa: ANN401 - as above
    file = folder / "study.toml"
    file.write_text(text(**changes), encoding="utf-8")
    return load(file)
