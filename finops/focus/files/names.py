"""The columns of a FOCUS file by the names of FOCUS 1.2: older, newer and respelt names, and what is dropped.

Source: FOCUS specification 0.5, 1.0-preview (the older names) and 1.0 to 1.4, columns chapters.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from finops.focus.columns import STORED

OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    "ChargeCategory": ("ChargeType",),
    "ConsumedQuantity": ("UsageQuantity",),
    "ConsumedUnit": ("UsageUnit",),
    "EffectiveCost": ("AmortizedCost",),
    "InvoiceId": ("x_InvoiceId",),  # Azure, before FOCUS 1.2 had the column
    "InvoiceIssuerName": ("InvoiceIssuer",),
    "ProviderName": ("Provider", "ServiceProviderName", "HostProviderName"),
    "PublisherName": ("Publisher",),
    "RegionId": ("Region",),
    "x_LineItemType": ("x_ChargeType", "x_CostType"),
}
"""Names of other versions and providers that mean a stored column; the first that has a value wins."""

AZURE_NAMES: Mapping[str, tuple[str, ...]] = {
    "BillingAccountId": ("BillingAccountId",),
    "BilledCost": ("CostInBillingCurrency", "PreTaxCost", "Cost", "Kosten"),
    "BillingCurrency": ("BillingCurrencyCode", "BillingCurrency", "Currency", "Währung"),
    "BillingPeriodStart": ("BillingPeriodStartDate",),
    "ChargePeriodStart": ("Date", "UsageDateTime", "UsageDate", "Datum"),
    "ChargeCategory": ("ChargeType", "Gebührentyp"),
    "ChargeDescription": ("ProductName", "Product", "Produkt", "MeterName"),
    "ChargeFrequency": ("Frequency",),
    "CommitmentDiscountId": ("benefitId", "ReservationId"),
    "CommitmentDiscountName": ("benefitName", "ReservationName"),
    "BillingAccountName": ("BillingAccountName",),
    "ConsumedQuantity": ("Quantity", "UsageQuantity", "Verbrauchte Menge"),
    "ConsumedUnit": ("UnitOfMeasure", "Maßeinheit"),
    "ContractedUnitPrice": ("EffectivePrice", "ResourceRate", "Ressourcensatz"),
    "ListUnitPrice": ("PayGPrice",),
    "PricingCategory": ("PricingModel",),
    "PricingQuantity": ("Quantity", "UsageQuantity", "Verbrauchte Menge"),
    "PricingUnit": ("UnitOfMeasure", "Maßeinheit"),
    "PublisherName": ("PublisherName",),
    "RegionId": ("ResourceLocation", "Ressourcenstandort"),
    "ResourceId": ("ResourceId", "InstanceId", "InstanceName", "Instanz-ID"),
    "ResourceName": ("ResourceName",),
    "ResourceType": ("ResourceType", "ConsumedService", "Verbrauchter Dienst"),
    "ServiceName": ("MeterCategory", "Kategorie der Verbrauchseinheit"),
    "SkuId": ("MeterId", "ID der Verbrauchseinheit"),
    "SkuMeter": ("MeterName", "Name der Verbrauchseinheit"),
    "SkuPriceId": ("PartNumber",),
    "SubAccountId": ("SubscriptionId", "SubscriptionGuid", "Abonnement-GUID", "Abonnement-ID"),
    "SubAccountName": ("SubscriptionName", "Abonnementname", "Name des Abonnements"),
    "Tags": ("Tags", "Kategorien"),
}
"""Azure's own cost exports (enterprise agreement, customer agreement, pay as you go; English and German headers): the
stored column to the names they use. Its billing periods end on their last day, so their end is left to the mapping.
Source: Microsoft Cost Management, usage details file fields (as of 2025)."""

OTHER_VALUES: Mapping[str, Mapping[str, str]] = {
    "ChargeCategory": {
        "unusedreservation": "Usage",
        "unusedsavingsplan": "Usage",
        "roundingadjustment": "Adjustment",
        "refund": "Purchase",
    },
    "ChargeFrequency": {"usagebased": "Usage-Based", "onetime": "One-Time"},
    "PricingCategory": {
        "ondemand": "Standard",
        "spot": "Dynamic",
        "reservation": "Committed",
        "savingsplan": "Committed",
    },
}
"""What other exports call a value of the specification, in lower case."""

_SET_BY_US = frozenset({"x_Delivery"})
_AMOUNT = "BilledCost"
_STARTS = ("BillingPeriodStart", "ChargePeriodStart")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What the columns of one file mean.

    Attributes:
        sources: stored column to the file's columns that feed it, best first; a column the file lacks is not there.
        renamed: (name in the file, stored column) where the name is of another version.
        dropped: columns of the file that the table has no place for, in file order.
        provider: whose file it can only be; None where the file itself says.
    """

    sources: Mapping[str, tuple[str, ...]]
    renamed: tuple[tuple[str, str], ...]
    dropped: tuple[str, ...]
    provider: str | None = None

    @property
    def used(self) -> tuple[str, ...]:
        """The file's columns that are read, each once."""
        return tuple(dict.fromkeys(name for names in self.sources.values() for name in names))

    @property
    def is_focus(self) -> bool:
        """Whether the file can be a FOCUS file: what was billed, and when."""
        return _AMOUNT in self.sources and any(start in self.sources for start in _STARTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of export that is no FOCUS file.

    Attributes:
        name: what it is, with its article.
        todo: what its owner does instead.
    """

    name: str
    todo: str


_AZURE = Kind(
    name="an Azure cost export without a cost or a date",
    todo="Export 'Cost and usage details' in Azure Cost Management with all columns, and name its files here.",
)
_ORACLE = Kind(
    name="an Oracle Cloud cost report of the older kind",
    todo="Take Oracle's FOCUS reports instead (folder 'FOCUS Reports' of the same bucket).",
)
_AWS = Kind(name="an AWS Cost and Usage Report", todo='Set connector = "aws" for this source.')
_GCP = Kind(name="a Google Cloud billing export", todo='Set connector = "gcp" for this source.')

_SIGNS: tuple[tuple[str, Kind], ...] = (
    ("cost/mycost", _ORACLE),
    ("costinbillingcurrency", _AZURE),
    ("pretaxcost", _AZURE),
    ("metercategory", _AZURE),
    ("kategorie der verbrauchseinheit", _AZURE),
    ("lineitem/unblendedcost", _AWS),
    ("line_item_unblended_cost", _AWS),
    ("lineitem_unblendedcost", _AWS),
    ("usage_start_time", _GCP),
    ("invoice.month", _GCP),
)
"""A column, in lower case, that only exports of one kind have."""


def layout(columns: Sequence[str]) -> Layout:
    """What the columns of a file mean; names are compared without regard to case, an exactly written one first.

    >>> layout(["BilledCost", "Region", "SkuPriceid", "Id"]).renamed
    (('Region', 'RegionId'), ('SkuPriceid', 'SkuPriceId'))
    """
    sources: dict[str, tuple[str, ...]] = {}
    renamed: list[tuple[str, str]] = []
    columns = list(columns)
    is_azure = kind(columns) is _AZURE and _find(_AMOUNT, columns) is None
    for stored in STORED:
        if stored.name in _SET_BY_US:
            continue
        names = AZURE_NAMES.get(stored.name, ()) if is_azure else (stored.name, *OTHER_NAMES.get(stored.name, ()))
        found = tuple(name for name in (_find(name, columns) for name in names) if name is not None)
        if found:
            sources[stored.name] = found
            renamed += [(name, stored.name) for name in found if name != stored.name]
    used = {name for names in sources.values() for name in names}
    return Layout(
        provider="Microsoft" if is_azure else None,
        sources=sources,
        renamed=tuple(renamed),
        dropped=tuple(column for column in columns if column not in used),
    )


def kind(columns: Sequence[str]) -> Kind | None:
    """What kind of export other than FOCUS these columns look like; None for an unknown one."""
    lower = {column.lower() for column in columns}
    return next((found for sign, found in _SIGNS if sign in lower), None)


def _find(name: str, columns: Sequence[str]) -> str | None:
    """The column of that name: exactly so, else the first that differs only in case."""
    if name in columns:
        return name
    return next((column for column in columns if column.lower() == name.lower()), None)
