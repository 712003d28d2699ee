"""Totals in the making, and the error of a record that cannot be added to them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from finops import money
from finops.errors import BillError
from finops_gcp import control_cells


class Unreadable(BillError):
    """A record, or a file of them, cannot be summed."""

    def __init__(self, path: Path, place: str, why: str) -> None:
        where = f"{path}, {place}" if place else str(path)
        super().__init__(f"{where}: {why}.", "Correct this record or export the file again; nothing was changed.")


@dataclass(slots=True, kw_only=True)
class Sums:
    """Costs and credits of one file so far.

    Attributes:
        path: of the file.
        currency: of records that name none.
        billed: per currency and billing month.
        rows: records added.
        rounded: amounts that had more than 18 places.
    """

    path: Path
    currency: str | None
    billed: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    rows: int = 0
    rounded: int = 0

    def add(self, cells: Mapping[str, Any], *, count: int = 1) -> None:
        """Add the cost and the credits of `count` equal records.

        Raises:
            ValueError: if a cell cannot be read; says why.
        """
        named = control_cells.word(cells.get("currency")) or control_cells.word(cells.get("BillingCurrency"))
        currency = named or self.currency
        if currency is None:
            message = "there is no currency"
            raise ValueError(message)
        key = (currency, control_cells.month(cells))
        total = self.billed.get(key, Decimal(0))
        for at, text in enumerate(control_cells.amounts(cells)):
            try:
                amount, is_rounded = control_cells.amount(text)
            except ValueError as error:
                message = f"{'credit' if at else 'cost'} {error}"
                raise ValueError(message) from error
            self.rounded += count if is_rounded else 0
            if amount:
                total = money.add(total, amount if count == 1 else control_cells.times(amount, count))
        self.billed[key] = total
