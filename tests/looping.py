"""A reader that looks at both tables over and over, until its standard input ends: `python -m tests.looping FOLDER`.

Every state of the exports gives January an amount and February twice as much, in both tables; a later one gives more.
"""

import json
import select
import sys
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from tests.exports import on
from tests.shop import Shop

PAUSE = 0.3


def restate_both(shop: Shop, cost: int) -> dict[str, Decimal]:
    """Two exports: January costs this much, February, which is in both, twice as much."""
    row = {"cost": str(cost), "project": "search"}
    shop.bill("a.csv", on("2026-01-05", **row), on("2026-02-05", **row))
    shop.bill("b.csv", on("2026-02-06", **row))
    return {"2026-01": Decimal(cost).normalize(), "2026-02": Decimal(2 * cost).normalize()}


def look(shop: Shop) -> dict[str, Mapping[str, Decimal]]:
    """The months of each table, of one version each."""
    return {"allocated": shop.allocated(), "cost": shop.cost()}


def odd(now: Mapping[str, Mapping[str, Decimal]], before: Mapping[str, Mapping[str, Decimal]]) -> list[str]:
    """What no reader may see: a month that is missing or of another state, a table that goes back or is ahead."""
    found = []
    for table, months in now.items():
        if set(months) != {"2026-01", "2026-02"} or 2 * months["2026-01"] != months["2026-02"]:
            found.append(f"{table} is mixed: {months}")
        elif months["2026-01"] < before[table]["2026-01"]:
            found.append(f"{table} went back from {before[table]} to {months}")
    if not found and now["allocated"]["2026-01"] > now["cost"]["2026-01"]:
        found.append(f"allocated is ahead: {now}")
    return found


def main(folder: str) -> None:
    """Print how often it read, and what was odd."""
    shop = Shop(folder=Path(folder))
    before, reads, found = look(shop), 1, list[str]()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while not select.select([sys.stdin], [], [], PAUSE)[0]:
        try:
            now = look(shop)
            found += odd(now, before)
            before = now
        except Exception as error:  # noqa: BLE001 - a reader's error is what is looked for
            found.append(repr(error))
        reads += 1
    sys.stdout.write(json.dumps({"reads": reads, "odd": found}))


if __name__ == "__main__":
    main(sys.argv[1])
