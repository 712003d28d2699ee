"""Google's FOCUS export as the usage cost export it is made of, so that both are mapped by the same rules.

The export keeps what it was made from in columns of its own (`x_Credits`, `x_CostType`, `x_Project` and so on). In
those of the specification it breaks the specification: enumerations in lower case, periods that end on their last
day, the billing account as sub-account, the block of a price as pricing quantity, commitment fees left in the
effective cost, promotions and purchases among usage. None of that is copied: each row is taken back to its cost and
credits.

Sources: Google's FOCUS BigQuery view (2024-03), schema of the FOCUS usage cost export (preview, 2026-07).
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from finops import money
from finops_gcp.batch import Batch

SIGNS = frozenset({"x_costtype", "x_credits", "x_serviceid", "x_exporttime", "x_project", "x_project_id"})
"""Plain names of which Google's export has several, and no other provider's."""

_MADE_FROM: Mapping[str, tuple[str, ...]] = {
    "billing_account_id": ("billingaccountid",),
    "service_id": ("x_serviceid",),
    "project_id": ("x_project_id",),
    "project_name": ("x_project_name",),
    "service_description": ("servicename",),
    "sku_id": ("skuid",),
    "sku_description": ("chargedescription",),
    "usage_start_time": ("chargeperiodstart",),
    "usage_end_time": ("chargeperiodend",),
    "location_region": ("regionid",),
    "location_zone": ("availabilityzone",),
    "resource_name": ("resourcename",),
    "resource_global_name": ("resourceid",),
    "export_time": ("x_exporttime",),
    "cost_at_list": ("listcost",),
    "cost_at_effective_price_default": ("x_costateffectivepricedefault",),
    "currency": ("billingcurrency",),
    "currency_conversion_rate": ("x_currencyconversionrate",),
    "usage_amount": ("consumedquantity",),
    "usage_unit": ("consumedunit",),
    "usage_pricing_unit": ("pricingunit",),
    "consumption_model_id": ("x_consumptionmodelid",),
    "consumption_model_description": ("x_consumptionmodeldescription",),
    "subscription_instance_id": ("x_subscriptioninstanceid", "commitmentdiscountid"),
    "price_list_price": ("listunitprice",),
    "price_effective_price": ("contractedunitprice",),
    "adjustment_info_mode": ("chargeclass",),
}
"""Field of the usage cost export to the plain names of the FOCUS columns that hold it, best first."""

_LISTS: Mapping[str, tuple[str, str]] = {
    "labels": ("x_labels", "label"),
    "project_labels": ("x_projectlabels", "project_label"),
    "system_labels": ("x_systemlabels", "system_label"),
    "tags": ("x_tags", "tag"),
}
"""Field to the column of the export, and to what the older view calls its entries among `Tags`."""

_COST_TYPES = {"tax": "tax", "adjustment": "adjustment"}
"""Charge category in lower case to cost type, for a view without `x_CostType`."""
_PART = {"x_type": "type", "x_inherited": "inherited", "x_namespace": "namespace", "fullname": "full_name"}
_GOOGLE = ("google", "google cloud")
_MONTH = re.compile(r"\d{4}-\d\d-\d\d")
_HALF_OF_NUMERIC = Decimal("5e-10")
"""What a unit price of BigQuery's NUMERIC may be off by: it has 9 places."""
_NEARLY = Decimal("1e-6")


def is_one(names: Iterable[str]) -> bool:
    """Whether a header, or the fields of a record, are those of Google's FOCUS export or view.

    Args:
        names: plain names.
    """
    found = set(names)
    return {"billedcost", "billingperiodstart"} <= found and len(found & SIGNS) > 1


def column_of(field: str, names: Iterable[str]) -> str | None:
    """The plain name of the column that holds a field of the usage cost export; None where none does."""
    found = set(names)
    return next((name for name in _MADE_FROM.get(field, ()) if name in found), None)


def as_usage(batch: Batch) -> Batch:
    """The records as those of a usage cost export.

    The cost of a row is its billed cost without its credits, so that both add up to what was billed, to the last digit.

    Raises:
        ValueError: if an amount is no number.
    """
    columns: dict[str, Any] = {}
    for field in _MADE_FROM:
        given = [name for name in _MADE_FROM[field] if name in batch.columns]
        if len(given) == 1:
            columns[field] = batch.columns[given[0]]
        elif given:
            columns[field] = [first or second for first, second in zip(*map(batch.values, given), strict=True)]
    credits_of = [_records(cell) for cell in batch.values("x_credits")]
    billed, contracted = batch.texts("billedcost").to_pylist(), batch.texts("contractedcost").to_pylist()
    costs = list(map(_before_credits, billed, credits_of))
    columns |= {"credits": credits_of, "cost": costs} | _lists(batch)
    columns["invoice_month"] = list(map(_month, batch.texts("billingperiodstart").to_pylist()))
    columns["cost_type"] = _cost_types(batch)
    columns["project_id"], columns["project_name"] = _projects(batch)
    columns["transaction_type"], columns["seller_name"] = _sellers(batch)
    quantities = zip(
        batch.texts("pricingquantity").to_pylist(),
        batch.texts("contractedunitprice").to_pylist(),
        (one or other for one, other in zip(contracted, costs, strict=True)),
        batch.texts("consumedquantity").to_pylist(),
        strict=True,
    )
    told = [_quantity(*cells) for cells in quantities]
    columns["usage_amount_in_pricing_units"] = [amount for amount, _ in told]
    columns["price_pricing_unit_quantity"] = [block for _, block in told]
    return Batch(places=batch.places, columns=columns, unit=batch.unit)


def _before_credits(billed: str | None, credits_of: Sequence[Mapping[str, Any]]) -> str | None:
    given = (str(one.get("amount") or "").strip() for one in credits_of)
    amounts = [text for text in given if text not in {"", "NULL", "null", "None"}]
    if not amounts:
        return billed
    return f"{money.subtract(money.stored(billed or '0'), *map(money.stored, amounts)):f}"


def _lists(batch: Batch) -> dict[str, list[Any]]:
    """Labels and tags; the older view has all of them in one list, with their kind."""
    if any(column in batch.columns for column, _ in _LISTS.values()):
        return {field: [_records(cell) for cell in batch.values(column)] for field, (column, _) in _LISTS.items()}
    tagged = [_records(cell) for cell in batch.values("tags")]
    return {
        field: [[one for one in records if one.get("type", "label") == kind] for records in tagged]
        for field, (_, kind) in _LISTS.items()
    }


def _records(cell: object) -> list[dict[str, Any]]:
    """A repeated field with the names of parts as the usage cost export has them; JSON text, as CSV files hold it, too.

    Raises:
        ValueError: if it is no list of records.
    """
    given = cell
    if isinstance(cell, str):
        text = cell.strip()
        cell = json.loads(text, parse_float=str, parse_int=str) if text and text.lower() != "null" else None
    if not cell:
        return []
    listed = [cell] if isinstance(cell, Mapping) else cell
    if not isinstance(listed, list) or not all(isinstance(one, Mapping) for one in listed):
        message = f"{str(given)[:80]!r} is no list of records"
        raise ValueError(message)
    return [{_PART.get(name.lower(), name.lower()): _plain(value) for name, value in one.items()} for one in listed]


def _plain(value: object) -> object:
    """The value; a decimal as its shortest text, because NUMERIC always has nine places."""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value


def _month(start: str | None) -> str | None:
    """The invoice month of a period: the month it starts in, at midnight in UTC or in Pacific time.

    >>> _month("2026-01-01 08:00:00 UTC"), _month("2026-02-01T00:00:00Z"), _month(None)
    ('202601', '202602', None)
    """
    if start is None or not _MONTH.match(start):
        return None
    try:
        moment = datetime.fromisoformat(start.removesuffix("UTC").rstrip())
    except ValueError:
        return None
    return f"{moment.astimezone(UTC) if moment.tzinfo else moment:%Y%m}"


def _cost_types(batch: Batch) -> list[str | None]:
    given = batch.texts("x_costtype").to_pylist()
    categories = batch.texts("chargecategory").to_pylist()
    return [
        one or _COST_TYPES.get((category or "").lower(), "regular")
        for one, category in zip(given, categories, strict=True)
    ]


def _projects(batch: Batch) -> tuple[list[str | None], list[str | None]]:
    """Identifiers and names; the older view has the billing account where the project belongs."""
    if "x_project_id" in batch.columns:
        return batch.texts("x_project_id").to_pylist(), batch.texts("x_project_name").to_pylist()
    accounts = batch.texts("billingaccountid").to_pylist()
    named = zip(batch.texts("subaccountid").to_pylist(), batch.texts("subaccountname").to_pylist(), strict=True)
    kept = [
        (project, name) if project != account else (None, None)
        for account, (project, name) in zip(accounts, named, strict=True)
    ]
    return [project for project, _ in kept], [name for _, name in kept]


def _sellers(batch: Batch) -> tuple[list[str], list[str | None]]:
    publishers = batch.texts("publishername").to_pylist()
    sellers = [None if name is None or name.lower() in _GOOGLE else name for name in publishers]
    return ["GOOGLE" if seller is None else "THIRD_PARTY_RESELLER" for seller in sellers], sellers


def _quantity(
    given: str | None, price: str | None, cost: str | None, consumed: str | None
) -> tuple[str | None, str | None]:
    """Amount in pricing units, and the block of units that the prices are for; None for what cannot be told.

    A quantity that times its price is the cost stays. Any other is the block: the amount is the cost by the price.

    >>> _quantity("730", "0.05", "36.5", "2628000")
    ('730', None)
    >>> _quantity("1000000", "0.4", "1.2", "3000000")
    ('3000000', '1000000')
    >>> _quantity("1", None, "7", "3600")
    (None, None)
    """
    try:
        amount, cells = Decimal(given or "0"), [Decimal(cell or "0") for cell in (price, cost)]
    except ArithmeticError:
        return None, None
    unit_price, contracted = cells
    if amount <= 0 or given is None:
        return given, None
    if price is None:
        return (given, None) if given == consumed else (None, None)
    off = abs(amount * unit_price - contracted)
    if off <= amount * _HALF_OF_NUMERIC + _HALF_OF_NUMERIC + abs(contracted) * _NEARLY:
        return given, None
    if not unit_price or not contracted:
        return None, given
    return f"{(contracted * amount / unit_price).normalize():f}", given
