"""What Cost Explorer would answer about a list of charges, in the order the connector asks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

METRICS = ("UnblendedCost", "NetUnblendedCost", "AmortizedCost", "NetAmortizedCost")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """One group of charges of a day; metrics that are not named follow the ones before them."""

    day: str
    kind: str = "Usage"
    account: str = "000000000002"
    second: str = "Amazon Simple Storage Service"
    cost: str = "0"
    net: str | None = None
    amortized: str | None = None
    net_amortized: str | None = None

    @property
    def amounts(self) -> tuple[str, ...]:
        net, amortized = self.net or self.cost, self.amortized or self.cost
        return self.cost, net, amortized, self.net_amortized or self.amortized or net


def answers(
    spent: Sequence[Spent], start: str, end: str, *, estimated: str = "9999", pages: int = 1
) -> list[dict[str, Any]]:
    """To the question about kinds, then to one question per kind.

    Args:
        spent: what there is.
        start: first day.
        end: day after the last one.
        estimated: first day AWS calls estimated.
        pages: over which the answer about each kind is spread.
    """
    days = _days(start, end)
    mine = [each for each in spent if start <= each.day < end]
    kinds = sorted({each.kind for each in mine if any(map(Decimal, each.amounts))})
    by_kind = {
        (day, kind): _sum(each for each in mine if (each.day, each.kind) == (day, kind))
        for day in days
        for kind in kinds
    }
    first = [_result(day, [([k], a) for (at, k), a in by_kind.items() if at == day], estimated) for day in days]
    found: list[dict[str, Any]] = [{"ResultsByTime": first}]
    for kind in kinds:
        results = []
        for day in days:
            told = [each for each in mine if (each.day, each.kind) == (day, kind)]
            results.append(_result(day, [([each.account, each.second], each.amounts) for each in told], estimated))
        size = -(-len(results) // pages)
        parts = [results[at : at + size] for at in range(0, len(results), size)]
        for number, part in enumerate(parts, start=1):
            more = {"NextPageToken": f"{kind}-{number}"} if number < len(parts) else {}
            names = [{"Value": "000000000002", "Attributes": {"description": "Search"}}]
            found.append({"ResultsByTime": part, "DimensionValueAttributes": names, **more})
    return found


def _result(day: str, groups: Sequence[tuple[list[str], Sequence[str]]], estimated: str) -> Mapping[str, Any]:
    return {
        "TimePeriod": {"Start": day, "End": (date.fromisoformat(day) + timedelta(days=1)).isoformat()},
        "Total": {},
        "Groups": [
            {
                "Keys": keys,
                "Metrics": {
                    name: {"Amount": amount, "Unit": "USD"} for name, amount in zip(METRICS, amounts, strict=True)
                },
            }
            for keys, amounts in groups
        ],
        "Estimated": day >= estimated,
    }


def _sum(charges: Iterable[Spent]) -> list[str]:
    columns = [each.amounts for each in charges]
    return [f"{sum((Decimal(row[at]) for row in columns), start=Decimal(0)):f}" for at in range(len(METRICS))]


def _days(start: str, end: str) -> list[str]:
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    return [(first + timedelta(days=at)).isoformat() for at in range((last - first).days)]
