"""States of a store as they would stand after months of daily runs: when each was made is set by hand."""

import json
from datetime import datetime

from tests.shop import Shop


def made_at(shop: Shop, when: datetime, *, since: int = 0) -> int:
    """Say that the versions of `allocated` from one on were made at a time; the next version's number."""
    log = shop.folder / ".finops" / "allocated" / "_delta_log"
    entries = [entry for entry in sorted(log.glob("*.json")) if int(entry.stem) >= since]
    for entry in entries:
        actions = [json.loads(line) for line in entry.read_text("utf-8").splitlines()]
        for action in actions:
            if "commitInfo" in action:
                action["commitInfo"]["timestamp"] = int(when.timestamp() * 1000)
        entry.write_text("".join(f"{json.dumps(action)}\n" for action in actions), "utf-8")
    return since + len(entries)
