"""Own hardware as a source: an owned option's months as FOCUS rows, so that owned and rented hours stand in one table.

What is paid is `BilledCost`; what the books show of it is `EffectiveCost`: a server is billed when it is bought, and is
effective month by month as it wears. Over the horizon, where all is sold at its end, both come to the same.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from finops import periods
from finops.money import from_float
from finops.periods import Period
from finops.tco.cashflow import Flows, LineFlow, flows
from finops.tco.scenario import Block, Study

COLUMNS: Final = (
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingAccountType",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargeFrequency",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "ConsumedQuantity",
    "ConsumedUnit",
    "ContractedCost",
    "EffectiveCost",
    "InvoiceIssuerName",
    "ListCost",
    "PricingCategory",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "ResourceId",
    "ResourceName",
    "ResourceType",
    "ServiceCategory",
    "ServiceName",
    "SkuId",
    "SkuPriceId",
    "Tags",
)

PROVIDER = "On-premises"

_SERVICES: Final[Mapping[Block, tuple[str, str]]] = {
    "purchase": ("Compute", "Own hardware"),
    "refresh": ("Compute", "Own hardware"),
    "resale": ("Compute", "Own hardware"),
    "financing": ("Compute", "Own hardware"),
    "maintenance": ("Compute", "Own hardware"),
    "energy": ("Other", "Power and cooling"),
    "space": ("Other", "Rack space"),
    "staff": ("Other", "Operations staff"),
    "licences": ("Management and Governance", "Licences and support"),
    "network": ("Networking", "Network"),
    "one-off": ("Migration", "Migration and exit"),
}
"""FOCUS service category and name of a block; what is rented and tax are no cost of own hardware."""


def render(study: Study, option: str, *, tags: Mapping[str, str]) -> bytes:
    """An option's own costs as FOCUS CSV, one row per line and month.

    Args:
        study: that the option is part of.
        option: its name.
        tags: on every row, for allocation rules.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n", restval="")
    writer.writeheader()
    found = flows(study, option)
    for flow in found.lines:
        if flow.line.block in _SERVICES:
            writer.writerows(_rows(study, found, flow, tags))
    return text.getvalue().encode()


def _rows(study: Study, found: Flows, flow: LineFlow, tags: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """What is paid at the start is a charge of the first day; the rest are charges of their months."""
    for month, (cash, book) in enumerate(zip(flow.cash, flow.book, strict=True)):
        billed, effective = from_float(cash), from_float(book)
        if billed or effective:
            whole = _month(study.start, max(month, 1))
            charged = Period(start=whole.start, end=whole.start + timedelta(days=1)) if month == 0 else whole
            yield {
                **_common(study, found.option, flow, tags),
                **_amounts(billed, effective),
                **_quantity(study, found, flow, month),
                "ChargeCategory": _category(flow.line.block, billed),
                "ChargeFrequency": "Recurring" if month and flow.line.block != "one-off" else "One-Time",
                "BillingPeriodStart": _time(whole.start),
                "BillingPeriodEnd": _time(whole.end),
                "ChargePeriodStart": _time(charged.start),
                "ChargePeriodEnd": _time(charged.end),
            }


def _common(study: Study, option: str, flow: LineFlow, tags: Mapping[str, str]) -> dict[str, str]:
    category, service = _SERVICES[flow.line.block]
    sku = f"{flow.line.block}/{flow.line.name}"
    return {
        "BillingAccountId": study.name,
        "BillingAccountName": study.name,
        "BillingAccountType": "Scenario",
        "BillingCurrency": study.currency,
        "ChargeDescription": f"{option}: {flow.line.name}",
        "InvoiceIssuerName": PROVIDER,
        "ProviderName": PROVIDER,
        "PublisherName": PROVIDER,
        "ResourceId": option,
        "ResourceName": option,
        "ResourceType": "Own hardware",
        "ServiceCategory": category,
        "ServiceName": service,
        "SkuId": sku,
        "SkuPriceId": sku,
        "PricingCategory": "Standard",
        "Tags": json.dumps(
            dict(sorted({"option": option, "scenario": study.name, **tags}.items())), ensure_ascii=False
        ),
    }


def _amounts(billed: Decimal, effective: Decimal) -> dict[str, str]:
    """List and contracted cost are what a unit costs here: the effective cost."""
    return {
        "BilledCost": f"{billed:f}",
        "EffectiveCost": f"{effective:f}",
        "ListCost": f"{effective:f}",
        "ContractedCost": f"{effective:f}",
        "PricingQuantity": "1",
        "PricingUnit": "Months",
    }


def _quantity(study: Study, found: Flows, flow: LineFlow, month: int) -> dict[str, str]:
    """Hardware is consumed in the demand's unit, once per month, by its first line."""
    first = next((one for one in found.lines if one.line.block == "purchase"), None)
    if flow is not first or not month or not found.owned[month]:
        return {}
    return {"ConsumedQuantity": f"{from_float(found.owned[month]):f}", "ConsumedUnit": study.demand.unit}


def _category(block: Block, billed: Decimal) -> str:
    if block in {"purchase", "refresh"} and billed:
        return "Purchase"
    return "Adjustment" if block == "resale" else "Usage"


def _month(start: date, number: int) -> Period:
    index = start.year * 12 + start.month - 1 + number - 1
    return periods.month(f"{index // 12}-{index % 12 + 1:02d}")


def _time(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"
