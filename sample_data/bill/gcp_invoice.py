"""Rows of Google's invoice rather than of usage: a marketplace plan, the VAT on it, the rounding to cents."""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal

from bill import company, gcp_rows, period
from bill.gcp_rows import MICRO, Row

_SELLER, _PLAN, _FEE = "Vectorpost GmbH", "Vectorpost Managed Index", Decimal("1180.000000")
_CENT = Decimal("0.01")
_OF_USAGE = frozenset({"project", "usage", "price", "cost_at_list", "resource"})


def month_of(row: Row) -> str:
    """Invoice month of a row, as `2026-10`."""
    invoice = row["invoice"]
    month = str(invoice["month"]) if isinstance(invoice, dict) else ""
    return f"{month[:4]}-{month[4:]}"


def third_party() -> Iterator[Row]:
    """A marketplace subscription on the first of the month, and its VAT, which belongs to no project."""
    for month in period.months():
        start = period.midnight(period.month_start(month)) + timedelta(hours=8)
        row: Row = {
            **gcp_rows.head(_PLAN, "Monthly plan M", start, start + timedelta(hours=1), company.GCP_SEARCH),
            "labels": [],
            "system_labels": [],
            "location": {"location": "global"},
            "tags": [],
            "transaction_type": "THIRD_PARTY_RESELLER",
            "seller_name": _SELLER,
            "export_time": gcp_rows.moment(start + timedelta(hours=9)),
            **gcp_rows.amount(_FEE, start.date()),
            "usage": {"amount": 1.0, "unit": "requests", "amount_in_pricing_units": 1.0, "pricing_unit": "count"},
            "credits": [],
            "invoice": {"month": month.replace("-", ""), "publisher_type": "PARTNER"},
            "cost_type": "regular",
            "price": gcp_rows.price(f"{_FEE}", "count"),
            "cost_at_list": float(_FEE),
        }
        yield row
        yield _on_invoice(row, "Tax", "tax", (_FEE * Decimal(company.VAT)).quantize(MICRO))


def rounding(month: str, rows: Sequence[Row]) -> Row:
    """What makes the invoice a number of whole cents."""
    cost, held = gcp_rows.sums(rows)
    total = cost + held
    last = max(rows, key=lambda row: (str(row["usage_end_time"]), json.dumps(row["sku"])))
    return _on_invoice(last, "Rounding error", "rounding_error", total.quantize(_CENT) - total) | {
        "service": {"id": "CEC9-ADCF-1E0F", "description": "Invoice"},
        "labels": [],
        "system_labels": [],
        "location": {},
        "export_time": gcp_rows.moment(period.midnight(period.month_end(month)) + timedelta(days=3)),
        "invoice": {"month": month.replace("-", ""), "publisher_type": "GOOGLE"},
    }


def _on_invoice(row: Row, description: str, kind: str, amount: Decimal) -> Row:
    kept = {key: value for key, value in row.items() if key not in _OF_USAGE}
    return kept | {
        "sku": {"id": gcp_rows.sku_id(description), "description": description},
        "cost": float(amount),
        "credits": [],
        "cost_type": kind,
    }
