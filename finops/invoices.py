"""Invoices: what providers asked to be paid, from finops.toml or a CSV file.

The CSV has a header with at least `month,amount,currency`, and where they are known `source`, `invoice_id`, `account`
and `category` (a FOCUS charge category: Usage, Purchase, Tax, Credit, Adjustment). Lines of one invoice add up; lines
with an account or a category are also compared by these.
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from finops.errors import ConfigurationError
from finops.local_files import opened_text
from finops.money import stored

COLUMNS = ("month", "source", "invoice_id", "amount", "currency", "account", "category")
_NEEDED = ("month", "amount", "currency")
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """An amount a provider asked for; None where the invoice does not say.

    Attributes:
        month: billing month, such as `2026-10`.
        account: SubAccountId; `category`: ChargeCategory.
    """

    month: str
    amount: Decimal
    currency: str
    source: str | None = None
    invoice_id: str | None = None
    account: str | None = None
    category: str | None = None


class BadInvoice(ConfigurationError):
    """A line of an invoice file cannot be used."""

    def __init__(self, file: Path, line: int, why: str) -> None:
        super().__init__(
            f"{file}, line {line}: {why}.", f"Write the columns {', '.join(COLUMNS)}; the last two may miss."
        )


def read(file: Path) -> list[InvoiceLine]:
    """Read an invoice file.

    Raises:
        AccessError: if the file may not be read.
        BadInvoice: for the first line that is none.
    """
    with opened_text(file) as text:
        rows = csv.reader(text)
        header = [cell.strip().lower() for cell in next(rows, [])]
        missing = [name for name in _NEEDED if name not in header]
        unknown = [name for name in header if name not in COLUMNS]
        if missing or unknown or len(set(header)) != len(header):
            why = f"lacks {', '.join(missing)}" if missing else f"has {', '.join(unknown) or 'a column twice'}"
            raise BadInvoice(file, 1, f"the header {why}")
        found = []
        for row in rows:
            if not row:
                continue
            if len(row) != len(header):
                raise BadInvoice(file, rows.line_num, f"it has {len(row)} cells, not {len(header)}")
            cells = {name: cell.strip() for name, cell in zip(header, row, strict=True)}
            try:
                found.append(line(cells))
            except ValueError as error:
                raise BadInvoice(file, rows.line_num, str(error)) from error
        return found


def line(cells: Mapping[str, str]) -> InvoiceLine:
    """An invoice line from texts; empty ones are none.

    Raises:
        ValueError: if month, amount or currency are none.
    """
    month, currency = cells.get("month", ""), cells.get("currency", "")
    if not _MONTH.fullmatch(month):
        message = f"{month!r} is no month like '2026-10'"
        raise ValueError(message)
    if not _CURRENCY.fullmatch(currency):
        message = f"{currency!r} is no currency like 'EUR'"
        raise ValueError(message)
    told = {name: cells.get(name) or None for name in ("source", "invoice_id", "account", "category")}
    return InvoiceLine(month=month, amount=stored(cells.get("amount", "")), currency=currency, **told)
