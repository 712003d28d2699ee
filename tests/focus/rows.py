"""Rows of the cost table for tests: one that keeps every rule, and tables of rows that differ from it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from finops.focus.columns import FOCUS, MONEY, OWN, PARTITIONS, QUANTITY, TIME

GOOD: Mapping[str, Any] = {
    "AvailabilityZone": "eu-west-1a",
    "BilledCost": Decimal("0.5"),
    "BillingAccountId": "0001",
    "BillingAccountName": "Acme",
    "BillingAccountType": "Billing Account",
    "BillingCurrency": "EUR",
    "BillingPeriodStart": datetime(2026, 1, 1, tzinfo=UTC),
    "BillingPeriodEnd": datetime(2026, 2, 1, tzinfo=UTC),
    "CapacityReservationId": "cr-1",
    "CapacityReservationStatus": "Used",
    "ChargeCategory": "Usage",
    "ChargeDescription": "A machine",
    "ChargeFrequency": "Usage-Based",
    "ChargePeriodStart": datetime(2026, 1, 5, tzinfo=UTC),
    "ChargePeriodEnd": datetime(2026, 1, 6, tzinfo=UTC),
    "CommitmentDiscountCategory": "Spend",
    "CommitmentDiscountId": "sp-1",
    "CommitmentDiscountName": "Plan",
    "CommitmentDiscountQuantity": 0.5,
    "CommitmentDiscountStatus": "Used",
    "CommitmentDiscountType": "Savings Plan",
    "CommitmentDiscountUnit": "EUR",
    "ConsumedQuantity": 2.0,
    "ConsumedUnit": "Hours",
    "ContractedCost": Decimal("0.5"),
    "ContractedUnitPrice": Decimal("0.25"),
    "EffectiveCost": Decimal("0.5"),
    "InvoiceId": "I-1",
    "InvoiceIssuerName": "Acme Cloud",
    "ListCost": Decimal("0.6"),
    "ListUnitPrice": Decimal("0.3"),
    "PricingCategory": "Committed",
    "PricingCurrency": "EUR",
    "PricingCurrencyContractedUnitPrice": Decimal("0.25"),
    "PricingCurrencyEffectiveCost": Decimal("0.5"),
    "PricingCurrencyListUnitPrice": Decimal("0.3"),
    "PricingQuantity": 2.0,
    "PricingUnit": "Hours",
    "ProviderName": "Acme Cloud",
    "PublisherName": "Acme Cloud",
    "RegionId": "eu-west-1",
    "RegionName": "Ireland",
    "ResourceId": "i-1",
    "ResourceName": "web",
    "ResourceType": "Machine",
    "ServiceCategory": "Compute",
    "ServiceName": "Machines",
    "ServiceSubcategory": "Virtual Machines",
    "SkuId": "S1",
    "SkuMeter": "Machine hours",
    "SkuPriceDetails": '{"x_Size": "large"}',
    "SkuPriceId": "S1.P1",
    "SubAccountId": "0002",
    "SubAccountName": "Shop",
    "SubAccountType": "Sub Account",
    "Tags": '{"team": "a"}',
    "x_Source": "acme",
    "x_BillingMonth": "2026-01",
}
"""A row of covered usage that keeps every rule."""

ARROW = {
    MONEY: pa.decimal128(36, 18),
    QUANTITY: pa.float64(),
    TIME: pa.timestamp("us", tz="UTC"),
    "string": pa.string(),
}


def table(
    *rows: Mapping[str, Any], without: Sequence[str] = (), kinds: Mapping[str, pa.DataType] | None = None
) -> pa.Table:
    """The rows as a table of the stored columns.

    Args:
        rows: what each has in other cells than GOOD.
        without: columns left out.
        kinds: columns of another type than the table's.
    """
    full = [{**GOOD, **row} for row in rows]
    names = [(one.name, ARROW[one.type]) for one in (*FOCUS, *OWN, *PARTITIONS) if one.name not in without]
    return pa.table(
        {
            name: pa.array([row.get(name) for row in full], (kinds or {}).get(name, kind), from_pandas=False)
            for name, kind in names
        }
    )
