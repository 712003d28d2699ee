"""A made-up company with half a year of daily charges in a store: what forecasts and reports are tested on."""

from pathlib import Path

from tests import exports
from tests.shop import Shop

BUDGETS = """
[[budgets]]
name = "total"
limit = 3500

[[budgets]]
name = "search"
scope = { project = "search" }
limit = 9999
"""
RULES = exports.PROJECTS + BUDGETS
AS_OF = "2026-03-21"
"""The day after its last charges."""


def found(folder: Path) -> Shop:
    """Two sources from October 2025 to 20 March 2026; months before March have invoices."""
    shop = Shop(folder=folder)
    for month, last in (("2025-10", 31), ("2025-11", 30), ("2025-12", 31), ("2026-01", 31), ("2026-02", 28)):
        days = (f"{month}-01", f"{month}-{last}")
        shop.bill(
            f"{month}.csv",
            *exports.daily(*days, project="search", invoice="I1"),
            *exports.daily(*days, cost=20, invoice="I1"),
        )
        exports.gcp_jsonl(folder / "gcp" / f"{month}.jsonl", exports.daily(*days, cost=30, project="shop-de"))
    shop.bill(
        "2026-03.csv",
        *exports.daily("2026-03-01", "2026-03-20", project="search"),
        *exports.daily("2026-03-01", "2026-03-20", cost=20),
    )
    exports.gcp_jsonl(
        folder / "gcp" / "2026-03.jsonl", exports.daily("2026-03-01", "2026-03-20", cost=30, project="shop-de")
    )
    exports.settings(folder, ("acme", "focus", "bills"), ("gcp", "gcp", "gcp"), rules=RULES)
    return shop
