"""Control totals: what the written files add up to, for tests that read them in another way."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthTotal:
    """What one billing month of one source holds.

    Attributes:
        month: billing month, as `2026-10`.
        currency: of the amounts.
        rows: rows written.
        amounts: named sums, exact, of the values as written; `billed` is always there.
    """

    month: str
    currency: str
    rows: int
    amounts: dict[str, Decimal]

    def as_json(self) -> dict[str, object]:
        """Amounts as decimal strings."""
        return {"rows": self.rows} | {name: f"{amount.normalize():f}" for name, amount in self.amounts.items()}


def by_source(totals: dict[str, list[MonthTotal]]) -> dict[str, object]:
    """Source to currency to month."""
    return {source: _by_currency(months) for source, months in totals.items()}


def _by_currency(totals: Iterable[MonthTotal]) -> dict[str, dict[str, object]]:
    result: dict[str, dict[str, object]] = {}
    for total in totals:
        result.setdefault(total.currency, {})[total.month] = total.as_json()
    return result
