"""The columns of the table `cost`: FOCUS 1.2 as data, and our own `x_` columns.

Source: FOCUS specification 1.2, columns chapter (ratified 2025-05-29).
"""

from dataclasses import dataclass
from typing import Literal

MONEY = "decimal(36, 18)"
"""Ibis type of money and unit prices: sums and differences stay within 38 digits on every engine."""
QUANTITY = "float64"
"""Ibis type of quantities: byte-seconds of a petabyte do not fit a decimal with 18 places."""
TIME = "timestamp('UTC')"
TEXT = "string"

Level = Literal["mandatory", "conditional", "recommended", "own"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the cost table.

    Attributes:
        name: FOCUS name, or `x_` and our own.
        type: Ibis type.
        level: feature level in FOCUS 1.2; `own` for ours.
        nullable: whether FOCUS allows null.
        allowed: the values an enumeration allows; empty where any value is.
    """

    name: str
    type: str
    level: Level
    nullable: bool
    allowed: tuple[str, ...] = ()


SERVICE_CATEGORIES = (
    "AI and Machine Learning", "Analytics", "Business Applications", "Compute", "Databases", "Developer Tools",
    "Multicloud", "Identity", "Integration", "Internet of Things", "Management and Governance", "Media", "Migration",
    "Mobile", "Networking", "Security", "Storage", "Web", "Other",
)  # fmt: skip

FOCUS = (
    Column("AvailabilityZone", TEXT, "recommended", True),
    Column("BilledCost", MONEY, "mandatory", False),
    Column("BillingAccountId", TEXT, "mandatory", False),
    Column("BillingAccountName", TEXT, "mandatory", True),
    Column("BillingAccountType", TEXT, "conditional", False),
    Column("BillingCurrency", TEXT, "mandatory", False),
    Column("BillingPeriodEnd", TIME, "mandatory", False),
    Column("BillingPeriodStart", TIME, "mandatory", False),
    Column("CapacityReservationId", TEXT, "conditional", True),
    Column("CapacityReservationStatus", TEXT, "conditional", True, ("Used", "Unused")),
    Column("ChargeCategory", TEXT, "mandatory", False, ("Usage", "Purchase", "Tax", "Credit", "Adjustment")),
    Column("ChargeClass", TEXT, "mandatory", True, ("Correction",)),
    Column("ChargeDescription", TEXT, "mandatory", True),
    Column("ChargeFrequency", TEXT, "recommended", False, ("One-Time", "Recurring", "Usage-Based")),
    Column("ChargePeriodEnd", TIME, "mandatory", False),
    Column("ChargePeriodStart", TIME, "mandatory", False),
    Column("CommitmentDiscountCategory", TEXT, "conditional", True, ("Spend", "Usage")),
    Column("CommitmentDiscountId", TEXT, "conditional", True),
    Column("CommitmentDiscountName", TEXT, "conditional", True),
    Column("CommitmentDiscountQuantity", QUANTITY, "conditional", True),
    Column("CommitmentDiscountStatus", TEXT, "conditional", True, ("Used", "Unused")),
    Column("CommitmentDiscountType", TEXT, "conditional", True),
    Column("CommitmentDiscountUnit", TEXT, "conditional", True),
    Column("ConsumedQuantity", QUANTITY, "conditional", True),
    Column("ConsumedUnit", TEXT, "conditional", True),
    Column("ContractedCost", MONEY, "mandatory", False),
    Column("ContractedUnitPrice", MONEY, "conditional", True),
    Column("EffectiveCost", MONEY, "mandatory", False),
    Column("InvoiceId", TEXT, "recommended", True),
    Column("InvoiceIssuerName", TEXT, "mandatory", False),
    Column("ListCost", MONEY, "mandatory", False),
    Column("ListUnitPrice", MONEY, "conditional", True),
    Column("PricingCategory", TEXT, "conditional", True, ("Standard", "Dynamic", "Committed", "Other")),
    Column("PricingCurrency", TEXT, "conditional", True),
    Column("PricingCurrencyContractedUnitPrice", MONEY, "conditional", True),
    Column("PricingCurrencyEffectiveCost", MONEY, "conditional", True),
    Column("PricingCurrencyListUnitPrice", MONEY, "conditional", True),
    Column("PricingQuantity", QUANTITY, "mandatory", True),
    Column("PricingUnit", TEXT, "mandatory", True),
    Column("ProviderName", TEXT, "mandatory", False),
    Column("PublisherName", TEXT, "mandatory", False),
    Column("RegionId", TEXT, "conditional", True),
    Column("RegionName", TEXT, "conditional", True),
    Column("ResourceId", TEXT, "conditional", True),
    Column("ResourceName", TEXT, "conditional", True),
    Column("ResourceType", TEXT, "conditional", True),
    Column("ServiceCategory", TEXT, "mandatory", False, SERVICE_CATEGORIES),
    Column("ServiceName", TEXT, "mandatory", False),
    Column("ServiceSubcategory", TEXT, "recommended", False),
    Column("SkuId", TEXT, "conditional", True),
    Column("SkuMeter", TEXT, "conditional", True),
    Column("SkuPriceDetails", TEXT, "conditional", True),
    Column("SkuPriceId", TEXT, "conditional", True),
    Column("SubAccountId", TEXT, "conditional", True),
    Column("SubAccountName", TEXT, "conditional", True),
    Column("SubAccountType", TEXT, "conditional", True),
    Column("Tags", TEXT, "conditional", True),
)
"""The 57 columns of FOCUS 1.2, in the specification's order (alphabetical)."""

NAMES_OF_1_3 = {"ServiceProviderName": "ProviderName", "HostProviderName": "ProviderName"}
"""Columns that FOCUS 1.3 adds, to the stored column that says the same of a provider's own charges; its ProviderName
and PublisherName stay, deprecated (FOCUS specification 1.3, ratified 2025-12-04)."""

OWN = (
    Column("x_AdjustmentReason", TEXT, "own", True),
    Column("x_BillingTimeZone", TEXT, "own", True),
    Column("x_CommitmentEnd", TIME, "own", True),
    Column("x_CommitmentStart", TIME, "own", True),
    Column("x_CostCategories", TEXT, "own", True),
    Column("x_Credits", TEXT, "own", True),
    Column("x_Delivery", TEXT, "own", False),
    Column("x_ExchangeRateFromUsd", MONEY, "own", True),
    Column("x_ExportTime", TIME, "own", True),
    Column("x_InstanceType", TEXT, "own", True),
    Column("x_LineItemType", TEXT, "own", True),
    Column("x_Operation", TEXT, "own", True),
    Column("x_ServiceCode", TEXT, "own", True),
)
"""Our own columns that travel in the files; `x_CreditType` and the like live in x_LineItemType."""

PARTITIONS = (
    Column("x_Source", TEXT, "own", False),
    Column("x_BillingMonth", TEXT, "own", False),
)
"""Partition columns: in the folder names of the Delta table, not in its files."""

STORED = FOCUS + OWN
"""What a data file holds, in order."""

REQUIRED = (
    "BilledCost",
    "EffectiveCost",
    "ListCost",
    "ContractedCost",
    "BillingCurrency",
    "BillingPeriodStart",
    "BillingPeriodEnd",
    "ChargePeriodStart",
    "ChargePeriodEnd",
    "ChargeCategory",
    "ProviderName",
    "ServiceName",
    "x_LineItemType",
)
"""What every connector's mapping must give, without nulls (x_LineItemType: the provider's own word for the row)."""

BY_NAME = {column.name: column for column in STORED + PARTITIONS}
