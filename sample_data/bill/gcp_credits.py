"""What lowers Google's rows: commitments, sustained use discounts, and a grant until it is used up."""

import json
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from bill import story
from bill.gcp_rows import MICRO, ZERO, Row, credits_of
from bill.gcp_workloads import GcpSku

_SUSTAINED = (Decimal(0), Decimal("0.0667"), Decimal("0.1333"), Decimal("0.2"))
"""Discount of N2 by quarter of the month: usage of a whole month earns a tenth on average."""


class Commitments:
    """What is left, per day, of the usage that a commitment covers."""

    def __init__(self) -> None:
        self._left: dict[tuple[str, date], Decimal] = {}

    def credits(self, sku: GcpSku, day: date, cost: Decimal) -> list[Row]:
        """Credits of one row: commitments first; what they leave earns more the longer the month has run."""
        held: list[Row] = []
        covered = self._take(sku, day, cost)
        if covered:
            held.append(_credit("COMMITTED_USAGE_DISCOUNT", "Committed Usage Discount: CPU and RAM", -covered))
        quarter = min(3, (day.day - 1) * 4 // 30)
        discount = ((cost - covered) * _SUSTAINED[quarter]).quantize(MICRO)
        if sku.sustained and discount:
            held.append(_credit("SUSTAINED_USAGE_DISCOUNT", "Sustained Usage Discount", -discount))
        return held

    def _take(self, sku: GcpSku, day: date, cost: Decimal) -> Decimal:
        if sku.commitment is None:
            return ZERO
        key = (sku.commitment, day)
        left = self._left.setdefault(key, Decimal(sku.committed_daily))
        taken = min(left, cost)
        self._left[key] = left - taken
        return taken


def grant(rows: Iterable[Row], promotion: story.Promotion) -> None:
    """Let the promotion pay for its share of its project's rows, oldest first, until it is used up."""
    left, start = Decimal(promotion.amount), f"{promotion.start}"
    for row in sorted(rows, key=lambda row: (str(row["usage_start_time"]), json.dumps(row["sku"]))):
        project = row.get("project")
        if not isinstance(project, dict) or project["id"] != promotion.project:
            continue
        if str(row["usage_start_time"]) < start:
            continue
        amount = min(left, (Decimal(repr(row["cost"])) * Decimal(promotion.share)).quantize(MICRO))
        if amount:
            left -= amount
            row["credits"] = [*credits_of(row), _credit("PROMOTION", promotion.name, -amount, promotion.key)]


def _credit(kind: str, name: str, amount: Decimal, key: str = "") -> Row:
    return {"id": key, "full_name": "", "type": kind, "name": name, "amount": float(amount)}
