"""The fields of Google's usage cost export that we read, and every way their names are written.

Source: Cloud Billing documentation, structure of the standard and the detailed data export (November 2026). Fields that
are not listed here (for example `project.ancestors`, `invoice.publisher_type`) are dropped.
"""

from collections.abc import Iterable

SCALARS = (
    "billing_account_id",
    "service.id",
    "service.description",
    "sku.id",
    "sku.description",
    "usage_start_time",
    "usage_end_time",
    "project.id",
    "project.name",
    "location.region",
    "location.zone",
    "resource.name",
    "resource.global_name",
    "export_time",
    "cost",
    "cost_at_list",
    "cost_at_effective_price_default",
    "currency",
    "currency_conversion_rate",
    "usage.amount",
    "usage.unit",
    "usage.amount_in_pricing_units",
    "usage.pricing_unit",
    "invoice.month",
    "cost_type",
    "transaction_type",
    "seller_name",
    "adjustment_info.id",
    "adjustment_info.description",
    "adjustment_info.mode",
    "adjustment_info.type",
    "consumption_model.id",
    "consumption_model.description",
    "subscription.instance_id",
    "price.list_price",
    "price.effective_price",
    "price.effective_price_default",
    "price.pricing_unit_quantity",
)
"""Fields of one value."""

LISTS = ("labels", "project.labels", "system_labels", "tags", "credits")
"""Repeated fields: a list, one object, or either as text in flat files."""

CREDIT_PARTS = ("credits.type", "credits.name", "credits.full_name", "credits.id", "credits.amount")
"""Columns of a flat file that holds one credit per row."""

FOCUS_SCALARS = (
    "AvailabilityZone",
    "BilledCost",
    "BillingAccountId",
    "BillingCurrency",
    "BillingPeriodStart",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "CommitmentDiscountId",
    "ConsumedQuantity",
    "ConsumedUnit",
    "ContractedCost",
    "ContractedUnitPrice",
    "ListCost",
    "ListUnitPrice",
    "PricingQuantity",
    "PricingUnit",
    "PublisherName",
    "RegionId",
    "ResourceId",
    "ResourceName",
    "ServiceName",
    "SkuId",
    "SubAccountId",
    "SubAccountName",
    "x_ConsumptionModelDescription",
    "x_ConsumptionModelId",
    "x_CostAtEffectivePriceDefault",
    "x_CostType",
    "x_CurrencyConversionRate",
    "x_ExportTime",
    "x_Project.Id",
    "x_Project.Name",
    "x_ServiceId",
    "x_SubscriptionInstanceId",
)
"""What is read of Google's FOCUS export: `focus_export` takes it back to the fields above."""

FOCUS_LISTS = ("Tags", "x_Credits", "x_Labels", "x_ProjectLabels", "x_SystemLabels", "x_Tags")
"""Its repeated fields; `Tags` of the older view, the others of the export."""

FIELDS = SCALARS + LISTS + CREDIT_PARTS + FOCUS_SCALARS + FOCUS_LISTS

_REQUIRED = {"cost", "usage_start_time"}
_ONE_OF = {"service_description", "sku_id", "sku_description"}


def plain(name: str) -> str:
    """One spelling for `service.description` and `service_description`.

    >>> plain("Usage.Amount_in_pricing_units ")
    'usage_amount_in_pricing_units'
    """
    return name.strip().lower().replace(".", "_")


KNOWN = frozenset(plain(name) for name in FIELDS)
"""Plain names of all fields."""


def inside() -> dict[str, dict[str, str]]:
    """Per record of the nested form, its parts and their plain names: `{"sku": {"id": "sku_id", ...}, ...}`."""
    parts: dict[str, dict[str, str]] = {}
    for name in SCALARS + LISTS + FOCUS_SCALARS:
        record, dot, part = name.partition(".")
        if dot:
            parts.setdefault(record, {})[part] = plain(name)
    return parts


def is_in(plain_name: str, paths: Iterable[str]) -> bool:
    """Whether a field is among these, whatever way they are written."""
    return plain_name in map(plain, paths)


def is_export(names: Iterable[str]) -> bool:
    """Whether a header, or the fields of a record, are those of a standard or detailed usage cost export.

    Args:
        names: plain names.
    """
    found = set(names)
    return found >= _REQUIRED and bool(found & _ONE_OF)
