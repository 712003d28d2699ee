"""Microsoft's export in FOCUS 1.0: one Parquet file per month, with a few of its own `x_` columns."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from json import dumps
from pathlib import Path

import pyarrow as pa

from bill import company, files, identity, period
from bill.azure_workloads import WORKLOADS, AzureSku
from bill.truth import MonthTotal
from bill.workload import Workload

Row = dict[str, object]
_Costs = tuple[Workload[AzureSku], dict[date, float]]

_STEP = Decimal("0.0000000001")
_DAY = 24
_SUPPORT = Decimal("850.0000000000")
_MONEY = frozenset(
    {"BilledCost", "ContractedCost", "EffectiveCost", "ListCost", "ContractedUnitPrice", "ListUnitPrice",
     "ConsumedQuantity", "PricingQuantity"}
)  # fmt: skip
_TIMES = frozenset({"BillingPeriodEnd", "BillingPeriodStart", "ChargePeriodEnd", "ChargePeriodStart"})
_COLUMNS = (
    "AvailabilityZone", "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd",
    "BillingPeriodStart", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargeFrequency", "ChargePeriodEnd",
    "ChargePeriodStart", "CommitmentDiscountCategory", "CommitmentDiscountId", "CommitmentDiscountName",
    "CommitmentDiscountStatus", "CommitmentDiscountType", "ConsumedQuantity", "ConsumedUnit", "ContractedCost",
    "ContractedUnitPrice", "EffectiveCost", "InvoiceIssuerName", "ListCost", "ListUnitPrice", "PricingCategory",
    "PricingQuantity", "PricingUnit", "ProviderName", "PublisherName", "RegionId", "RegionName", "ResourceId",
    "ResourceName", "ResourceType", "ServiceCategory", "ServiceName", "SkuId", "SkuPriceId", "SubAccountId",
    "SubAccountName", "SubAccountType", "Tags", "x_AccountOwnerId", "x_BillingProfileId", "x_InvoiceId",
    "x_PricingSubcategory", "x_ResourceGroupName", "x_SkuMeterCategory", "x_SkuMeterId", "x_SkuMeterName",
)  # fmt: skip


def write(folder: Path, by_month: Mapping[str, list[Row]]) -> list[MonthTotal]:
    """Write every month.

    Args:
        folder: where the files go.
        by_month: as `rows_by_month` gave it.
    """
    return [_write_month(folder, month, rows) for month, rows in by_month.items()]


def rows_by_month(seed: int) -> dict[str, list[Row]]:
    """Every row of the sample, per month; the seed is that of the noise."""
    usage = [(workload, workload.cost_by_day(seed)) for workload in WORKLOADS]
    return {month: [_support(month), *_usage_of_month(month, usage)] for month in period.months()}


def _usage_of_month(month: str, usage: Sequence[_Costs]) -> Iterator[Row]:
    for workload, costs in usage:
        for day in period.days_of(month):
            if _delivered(workload, day, costs):
                yield _usage(workload, day, costs[day])


def _write_month(folder: Path, month: str, rows: Sequence[Row]) -> MonthTotal:
    start, end = period.month_start(month), period.month_end(month) - timedelta(days=1)
    name = f"wielrijk-focus-cost_{start:%Y%m%d}-{end:%Y%m%d}.parquet"
    files.write_parquet(folder / name, _table(rows), compression="zstd")
    return MonthTotal(
        month=month,
        currency=company.CURRENCY["azure"],
        rows=len(rows),
        amounts={"billed": sum((Decimal(str(row["BilledCost"])) for row in rows), Decimal(0))},
    )


def _delivered(workload: Workload[AzureSku], day: date, costs: dict[date, float]) -> bool:
    return bool(costs.get(day)) and period.delivered_hours(day, workload.lag_hours) > 0


def _usage(workload: Workload[AzureSku], day: date, cost: float) -> Row:
    sku = workload.sku
    hours = period.delivered_hours(day, workload.lag_hours)
    quantity = _quantity(workload, cost, hours)
    amount = (Decimal(sku.price) * quantity).quantize(_STEP)
    group = f"rg-{workload.name.split('-')[0]}-{workload.tags.get('env', 'old')}"
    return {
        **_common(period.month_of(day), amount, day, day + timedelta(days=1)),
        "ChargeCategory": "Usage",
        "ChargeDescription": f"{sku.service} - {sku.meter} - EU West",
        "ChargeFrequency": "Usage-Based",
        "ConsumedQuantity": quantity,
        "ConsumedUnit": sku.unit,
        "ContractedUnitPrice": Decimal(sku.price),
        "ListUnitPrice": Decimal(sku.price),
        "PricingCategory": "Standard",
        "PricingQuantity": quantity,
        "PricingUnit": sku.unit,
        "RegionId": "westeurope",
        "RegionName": "West Europe",
        "ResourceId": f"{_subscription(workload.account)}/resourcegroups/{group}/providers/{sku.path}/{workload.name}",
        "ResourceName": workload.name,
        "ResourceType": sku.kind,
        "ServiceCategory": sku.category,
        "ServiceName": sku.service,
        **_sku(sku),
        "SubAccountId": _subscription(workload.account),
        "SubAccountName": workload.account,
        "SubAccountType": "Subscription",
        "Tags": dumps(workload.tags, sort_keys=True),
        "x_ResourceGroupName": group,
    }


def _quantity(workload: Workload[AzureSku], cost: float, hours: int) -> Decimal:
    units = cost / float(workload.sku.price)
    if workload.noise == 0:
        units = round(units / _DAY) * _DAY
    return Decimal(f"{units * hours / _DAY:.6f}")


def _subscription(name: str) -> str:
    return f"/subscriptions/{company.AZURE_SUBSCRIPTIONS[name]}"


def _sku(sku: AzureSku) -> Row:
    product = f"DZH318Z0{identity.letters(4, sku.service)}"
    return {
        "SkuId": product,
        "SkuPriceId": f"{product}_{identity.letters(4, sku.meter)}_NetherlandsEUR",
        "x_PricingSubcategory": "Standard",
        "x_SkuMeterCategory": sku.service,
        "x_SkuMeterId": identity.guid("meter", sku.meter),
        "x_SkuMeterName": sku.meter,
    }


def _common(month: str, amount: Decimal, start: date, end: date) -> Row:
    return {
        **dict.fromkeys(("BilledCost", "ContractedCost", "EffectiveCost", "ListCost"), amount),
        "BillingAccountId": company.AZURE_BILLING_ACCOUNT,
        "BillingAccountName": company.NAME,
        "BillingCurrency": company.CURRENCY["azure"],
        "BillingPeriodStart": period.midnight(period.month_start(month)),
        "BillingPeriodEnd": period.midnight(period.month_end(month)),
        "ChargePeriodStart": period.midnight(start),
        "ChargePeriodEnd": period.midnight(end),
        "InvoiceIssuerName": "Microsoft",
        "ProviderName": "Microsoft",
        "PublisherName": "Microsoft",
        "x_AccountOwnerId": "cloud@wielrijk.example",
        "x_BillingProfileId": f"{company.AZURE_BILLING_ACCOUNT}/billingProfiles/QX4T-7WZK-BG7-PGB",
        "x_InvoiceId": None if month == period.OPEN_MONTH else f"G{identity.number(9, 'azure invoice', month)}",
    }


def _support(month: str) -> Row:
    """The support plan: bought anew on the first of every month."""
    start = period.month_start(month)
    return {
        **_common(month, _SUPPORT, start, period.month_end(month)),
        "ChargeCategory": "Purchase",
        "ChargeDescription": "Professional Direct Support Plan",
        "ChargeFrequency": "Recurring",
        "ContractedUnitPrice": _SUPPORT,
        "ListUnitPrice": _SUPPORT,
        "PricingCategory": "Standard",
        "PricingQuantity": Decimal(1),
        "PricingUnit": "Units",
        "ServiceCategory": "Other",
        "ServiceName": "Azure Support",
        "SkuId": "DZH318Z0BSQ4",
        "SkuPriceId": "DZH318Z0BSQ4_0001_NetherlandsEUR",
        "SubAccountId": _subscription(company.AZURE_BACKOFFICE),
        "SubAccountName": company.AZURE_BACKOFFICE,
        "SubAccountType": "Subscription",
    }


def _table(rows: Sequence[Row]) -> pa.Table:
    return pa.table({name: pa.array([row.get(name) for row in rows], _type(name)) for name in _COLUMNS})


def _type(name: str) -> pa.DataType:
    if name in _MONEY:
        return pa.decimal128(38, 18)
    return pa.timestamp("ms", tz="UTC") if name in _TIMES else pa.string()
