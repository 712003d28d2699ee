"""Records of the detailed export as Google's FOCUS export has them."""

import io
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

_NUMERIC = pa.decimal128(38, 9)
_PAIRS = pa.list_(pa.struct([("Key", pa.string()), ("Value", pa.string())]))
_TIME = pa.timestamp("us", tz="UTC")
SCHEMA = pa.schema(
    [
        ("AvailabilityZone", pa.string()),
        ("BilledCost", _NUMERIC),
        ("BillingAccountId", pa.string()),
        ("BillingCurrency", pa.string()),
        ("BillingPeriodStart", _TIME),
        ("BillingPeriodEnd", _TIME),
        ("ChargeCategory", pa.string()),
        ("ChargeClass", pa.string()),
        ("ChargeDescription", pa.string()),
        ("ChargePeriodStart", _TIME),
        ("ChargePeriodEnd", _TIME),
        ("ConsumedQuantity", _NUMERIC),
        ("ConsumedUnit", pa.string()),
        ("ContractedCost", _NUMERIC),
        ("ContractedUnitPrice", _NUMERIC),
        ("EffectiveCost", _NUMERIC),
        ("ListCost", _NUMERIC),
        ("ListUnitPrice", _NUMERIC),
        ("PricingCategory", pa.string()),
        ("PricingQuantity", _NUMERIC),
        ("PricingUnit", pa.string()),
        ("ProviderName", pa.string()),
        ("PublisherName", pa.string()),
        ("RegionId", pa.string()),
        ("ResourceId", pa.string()),
        ("ResourceName", pa.string()),
        ("ServiceName", pa.string()),
        ("SkuId", pa.string()),
        ("SubAccountId", pa.string()),
        ("SubAccountName", pa.string()),
        ("x_ConsumptionModelId", pa.string()),
        ("x_ConsumptionModelDescription", pa.string()),
        ("x_CostAtEffectivePriceDefault", _NUMERIC),
        ("x_CostType", pa.string()),
        (
            "x_Credits",
            pa.list_(
                pa.struct(
                    [
                        ("Name", pa.string()),
                        ("Amount", _NUMERIC),
                        ("FullName", pa.string()),
                        ("Id", pa.string()),
                        ("Type", pa.string()),
                    ]
                )
            ),
        ),
        ("x_CurrencyConversionRate", pa.float64()),
        ("x_ExportTime", _TIME),
        ("x_Labels", _PAIRS),
        ("x_Project", pa.struct([("Id", pa.string()), ("Number", pa.string()), ("Name", pa.string())])),
        ("x_ProjectLabels", _PAIRS),
        ("x_ServiceId", pa.string()),
        ("x_SubscriptionInstanceId", pa.string()),
        ("x_SystemLabels", _PAIRS),
        (
            "x_Tags",
            pa.list_(
                pa.struct(
                    [
                        ("Key", pa.string()),
                        ("Value", pa.string()),
                        ("x_Inherited", pa.bool_()),
                        ("x_Namespace", pa.string()),
                    ]
                )
            ),
        ),
    ]
)
"""The export's schema (preview, July 2026), without columns that nobody reads."""


def focus(usage: Mapping[str, Any], **changes: object) -> dict[str, Any]:
    """A record of the detailed export as Google's FOCUS export has it, deviations from the specification included."""
    credits_of = usage.get("credits") or []
    cost = Decimal(str(usage["cost"]))
    billed = cost + sum((Decimal(str(one["amount"])) for one in credits_of), Decimal(0))
    month = usage["invoice"]["month"]
    price, project, location = usage.get("price", {}), usage.get("project", {}), usage.get("location", {})
    pairs = {
        name: [{"Key": one["key"], "Value": one["value"]} for one in cells]
        for name, cells in (
            ("x_Labels", usage.get("labels", [])),
            ("x_ProjectLabels", project.get("labels", [])),
            ("x_SystemLabels", usage.get("system_labels", [])),
        )
    }
    return {
        "AvailabilityZone": location.get("zone"),
        "BilledCost": billed,
        "BillingAccountId": usage["billing_account_id"],
        "BillingCurrency": usage["currency"],
        "BillingPeriodStart": datetime(int(month[:4]), int(month[4:]), 1, 8, tzinfo=UTC),
        "BillingPeriodEnd": datetime(int(month[:4]), int(month[4:]), 28, 8, tzinfo=UTC),
        "ChargeCategory": {"tax": "tax", "regular": "usage"}.get(usage["cost_type"], "adjustment"),
        "ChargeClass": "correction" if usage.get("adjustment_info") else None,
        "ChargeDescription": usage["sku"]["description"],
        "ChargePeriodStart": _moment(usage["usage_start_time"]),
        "ChargePeriodEnd": _moment(usage["usage_end_time"]),
        "ConsumedQuantity": _number(usage["usage"]["amount"]),
        "ConsumedUnit": usage["usage"]["unit"],
        "ContractedCost": cost,
        "ContractedUnitPrice": _number(price.get("effective_price")),
        "EffectiveCost": billed,
        "ListCost": _number(usage.get("cost_at_list", usage["cost"])),
        "ListUnitPrice": _number(price.get("list_price")),
        "PricingCategory": "standard",
        "PricingQuantity": _number(price.get("pricing_unit_quantity", 1)),
        "PricingUnit": usage["usage"]["pricing_unit"],
        "ProviderName": "Google Cloud",
        "PublisherName": usage.get("seller_name", "Google Cloud"),
        "RegionId": location.get("region"),
        "ResourceId": usage.get("resource", {}).get("global_name"),
        "ResourceName": usage.get("resource", {}).get("name"),
        "ServiceName": usage["service"]["description"],
        "SkuId": usage["sku"]["id"],
        "SubAccountId": usage["billing_account_id"],
        "x_ConsumptionModelId": usage.get("consumption_model", {}).get("id"),
        "x_ConsumptionModelDescription": usage.get("consumption_model", {}).get("description"),
        "x_CostAtEffectivePriceDefault": _number(usage.get("cost_at_effective_price_default")),
        "x_CostType": usage["cost_type"],
        "x_Credits": [
            {
                "Name": one.get("name"),
                "Amount": _number(one["amount"]),
                "FullName": one.get("full_name"),
                "Id": one.get("id"),
                "Type": one.get("type"),
            }
            for one in credits_of
        ],
        "x_CurrencyConversionRate": usage["currency_conversion_rate"],
        "x_ExportTime": _moment(usage["export_time"]),
        "x_Project": {"Id": project.get("id"), "Name": project.get("name")} if project else None,
        "x_ServiceId": usage["service"]["id"],
        "x_SubscriptionInstanceId": usage.get("subscription", {}).get("instance_id"),
        "x_Tags": [
            {
                "Key": one["key"],
                "Value": one["value"],
                "x_Inherited": one.get("inherited"),
                "x_Namespace": one.get("namespace"),
            }
            for one in usage.get("tags", [])
        ],
        **pairs,
        **changes,
    }


def _number(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.removesuffix(" UTC")).replace(tzinfo=UTC)


def parquet(*rows: Mapping[str, Any], schema: pa.Schema = SCHEMA) -> bytes:
    """A Parquet file as BigQuery's export writes it."""
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([dict(row) for row in rows], schema=schema), out)
    return out.getvalue()
