"""Google's usage cost export in FOCUS columns: what a staged row means. Only expressions; nothing is executed here.

Rules: FOCUS 1.2, and the Cloud Billing documentation of the export's fields (November 2026).
"""

from typing import TYPE_CHECKING

from finops.focus import cells
from finops.focus.columns import MONEY, TIME
from finops_gcp import pacific, services

if TYPE_CHECKING:
    import ibis.expr.types as ir

PROVIDER = "Google Cloud"
COMMITMENT_TYPE = "Committed use discount"

_ADJUSTMENTS = ("adjustment", "rounding_error")
_ZONE = r"^(.*[0-9])-[a-z]$"
"""A zone is its region and a letter; some exports write the zone where the region belongs."""
_COLLECTION = r"/([a-zA-Z]+)/[^/]+$"
"""`//compute.googleapis.com/projects/p/zones/z/instances/1` is one of `instances`."""
_HOST = r"^//([^/]+)/"


def to_focus(charges: "ir.Table", links: "ir.Table") -> "ir.Table":
    """FOCUS columns of staged charges.

    Args:
        charges: the staged table of `staged.COLUMNS`.
        links: keys of the rows whose commitments are told in FOCUS terms, of `staged.LINK_COLUMNS`.
    """
    rows = _with_roles(charges.left_join(links, charges.commitment_key == links.link_key))
    return rows.select(
        **_money(rows),
        **_quantities(rows),
        **_account(rows),
        **_periods(rows),
        **_charge(rows),
        **_commitment(rows),
        **_what(rows),
        **_where(rows),
        **_own(rows),
    )


def _with_roles(rows: "ir.Table") -> "ir.Table":
    """Names for what a row is, used by every rule below."""
    import ibis

    is_charge = rows.kind == "charge"
    linked = rows.link_key.notnull()
    fee, covered = rows.is_fee.fill_null(False), rows.is_covered.fill_null(False)  # noqa: FBT003 - what null means
    category = ibis.cases(
        (rows.kind == "credit", "Credit"),
        (rows.kind == "rounding", "Adjustment"),
        (rows.kind == "unused", "Usage"),
        (rows.cost_type == "tax", "Tax"),
        (rows.cost_type.isin(_ADJUSTMENTS), "Adjustment"),
        (fee, "Purchase"),
        else_="Usage",
    )
    return rows.mutate(
        category=category,
        is_purchase_of_link=is_charge & linked & fee,
        is_usage_of_link=is_charge & linked & covered,
        covered=is_charge & covered,
        own_commitment=ibis.coalesce(rows.link_commitment_id, rows.commitment_id),
        amount=cells.money(rows.cost),
        service=ibis.coalesce(rows.service_description, rows.service_id, ibis.literal(PROVIDER)),
    )


def _money(rows: "ir.Table") -> "dict[str, ir.Value]":
    import ibis

    zero = ibis.literal(0).cast(MONEY)
    discounts, offset = rows.discounts.fill_null(zero), rows.offset_amount.fill_null(zero)
    discounted = (rows.amount + discounts).cast(MONEY)
    net = (rows.amount + discounts + offset).cast(MONEY)
    unused = rows.kind == "unused"
    is_charge = rows.kind == "charge"
    at_default_price = cells.money(rows.cost_at_effective_price_default)
    return {
        "BilledCost": ibis.cases(
            (unused, zero), (rows.is_usage_of_link, discounts), (rows.is_purchase_of_link, discounted), else_=net
        ),
        "EffectiveCost": ibis.cases(
            (rows.is_purchase_of_link | (rows.kind == "rounding"), zero),
            (rows.is_usage_of_link, discounted),
            (rows.link_share.notnull(), (net + rows.link_share).cast(MONEY)),
            else_=net,
        ),
        "ListCost": ibis.cases(
            (unused, zero), (is_charge, ibis.coalesce(cells.money(rows.cost_at_list), rows.amount)), else_=rows.amount
        ),
        "ContractedCost": ibis.cases(
            (unused, zero), (rows.covered, ibis.coalesce(at_default_price, rows.amount)), else_=rows.amount
        ),
    }


def _quantities(rows: "ir.Table") -> "dict[str, ir.Value]":
    """Prices and quantities; consumed ones on usage alone, priced ones also on purchases."""
    import ibis

    is_charge = rows.kind == "charge"
    unused = rows.kind == "unused"
    used = is_charge & (rows.category == "Usage")
    priced = is_charge & rows.category.isin(["Usage", "Purchase"])
    consumed = used.ifelse(cells.quantity(rows.usage_amount), None)
    # The unused part of a commitment has no units of a product: its unit is the money committed.
    pricing = ibis.cases(
        (unused, cells.quantity(rows.cost)), (priced, cells.quantity(rows.usage_amount_in_pricing_units))
    )
    unit = unused.ifelse(rows.currency, rows.usage_pricing_unit)
    spot = rows.sku_description.lower().re_search(r"\b(spot|preemptible)\b")
    committed = (used & rows.commitment_category.notnull()) | unused
    return {
        "ConsumedQuantity": consumed,
        "ConsumedUnit": consumed.notnull().ifelse(rows.usage_unit, None),
        "PricingQuantity": pricing,
        "PricingUnit": pricing.notnull().ifelse(unit, None),
        "ListUnitPrice": priced.ifelse(cells.money(rows.list_unit_price), None),
        "ContractedUnitPrice": priced.ifelse(cells.money(rows.contracted_unit_price), None),
        "PricingCategory": ibis.cases((committed, "Committed"), (used & spot, "Dynamic"), (priced, "Standard")),
    }


def _account(rows: "ir.Table") -> "dict[str, ir.Value]":
    """The billing account and the project; charges without a project have no sub-account."""
    import ibis

    project = rows.project_id
    return {
        "BillingAccountId": rows.billing_account_id,
        "BillingAccountName": rows.billing_account_name,
        "BillingAccountType": ibis.literal("Billing account"),
        "BillingCurrency": rows.currency,
        "SubAccountId": project,
        "SubAccountName": project.notnull().ifelse(ibis.coalesce(rows.project_name, project), None),
        "SubAccountType": project.notnull().ifelse("Project", None),
        "InvoiceIssuerName": ibis.literal(PROVIDER),
        "ProviderName": ibis.literal(PROVIDER),
        "PublisherName": (rows.transaction_type.fill_null("GOOGLE") == "GOOGLE").ifelse(
            "Google", ibis.coalesce(rows.seller_name, ibis.literal("Google"))
        ),
    }


def _periods(rows: "ir.Table") -> "dict[str, ir.Value]":
    """The invoice month written as the first of the month in UTC, and the period of the usage."""
    import ibis

    year, month = rows.invoice_month.substr(0, 4), rows.invoice_month.substr(4, 2)
    number = month.try_cast("int64")
    last = number == 12  # noqa: PLR2004 - December
    next_year = last.ifelse((year.try_cast("int64") + 1).cast("string"), year)
    next_month = (number % 12 + 1).cast("string").lpad(2, "0")
    start, end = _first(year, month), _first(next_year, next_month)
    used_from = ibis.coalesce(cells.time(rows.usage_start_time), start)
    used_to = ibis.coalesce(cells.time(rows.usage_end_time), end)
    return {
        "BillingPeriodStart": start,
        "BillingPeriodEnd": end,
        "ChargePeriodStart": used_from,
        # Usage windows are hourly; an empty one, which adjustments may have, is its hour.
        "ChargePeriodEnd": (used_to > used_from).ifelse(used_to, used_from + ibis.interval(hours=1)),
    }


def _first(year: "ir.StringValue", month: "ir.StringValue") -> "ir.TimestampValue":
    return (year + "-" + month + "-01T00:00:00Z").try_cast(TIME)


def _charge(rows: "ir.Table") -> "dict[str, ir.Value]":
    import ibis

    return {
        "ChargeCategory": rows.category,
        "ChargeClass": rows.is_correction.fill_null(False).ifelse("Correction", None),  # noqa: FBT003 - what null means
        "ChargeDescription": ibis.cases(
            (rows.kind == "credit", ibis.coalesce(rows.credit_name, rows.sku_description)),
            (rows.kind == "unused", ibis.literal("Unused: ") + rows.sku_description),
            else_=rows.sku_description,
        ),
        "ChargeFrequency": ibis.cases(
            (rows.category == "Usage", "Usage-Based"), (rows.category == "Purchase", "Recurring"), else_="One-Time"
        ),
    }


def _commitment(rows: "ir.Table") -> "dict[str, ir.Value]":
    has_one = rows.own_commitment.notnull() & (rows.category.isin(["Usage", "Purchase"]))
    status = (rows.kind == "unused").ifelse("Unused", "Used")
    return {
        "CommitmentDiscountId": has_one.ifelse(rows.own_commitment, None),
        "CommitmentDiscountCategory": has_one.ifelse(rows.commitment_category, None),
        "CommitmentDiscountName": has_one.ifelse(rows.commitment_name, None),
        "CommitmentDiscountType": has_one.ifelse(COMMITMENT_TYPE, None),
        "CommitmentDiscountStatus": (has_one & (rows.category == "Usage")).ifelse(status, None),
    }


def _what(rows: "ir.Table") -> "dict[str, ir.Value]":
    """Service, SKU and resource; an unused commitment is its own resource."""
    import ibis

    unused = rows.kind == "unused"
    resource = ibis.coalesce(rows.resource_global_name, rows.resource_name)
    collection = resource.re_extract(_COLLECTION, 1).nullif("")
    host = resource.re_extract(_HOST, 1).nullif("")
    category = ibis.cases(
        *((rows.service.isin(names), name) for name, names in services.CATEGORIES.items()), else_=services.OTHER
    )
    named_sku = rows.category != "Tax"
    return {
        "ServiceName": rows.service,
        "ServiceCategory": category,
        "ServiceSubcategory": ibis.literal("Other (") + category + ")",
        "SkuId": named_sku.ifelse(rows.sku_id, None),
        "SkuPriceId": named_sku.ifelse(rows.sku_id, None),
        "SkuMeter": named_sku.ifelse(rows.sku_description, None),
        "ResourceId": unused.ifelse(rows.commitment_id, resource),
        "ResourceName": unused.ifelse(
            None, resource.notnull().ifelse(ibis.coalesce(rows.resource_name, resource), None)
        ),
        "ResourceType": ibis.cases(
            (unused & rows.commitment_id.notnull(), "commitment"),
            (~unused & resource.notnull(), ibis.coalesce(collection, host, rows.service)),
        ),
    }


def _where(rows: "ir.Table") -> "dict[str, ir.Value]":
    import ibis

    region = ibis.coalesce(rows.location_region, rows.location_zone).re_replace(_ZONE, r"\1")
    return {"RegionId": region, "RegionName": region, "AvailabilityZone": rows.location_zone}


def _own(rows: "ir.Table") -> "dict[str, ir.Value]":
    import ibis

    reason = ibis.coalesce(rows.adjustment_info_description, rows.adjustment_info_type, rows.adjustment_info_mode)
    return {
        "Tags": rows.tags,
        "x_AdjustmentReason": (rows.kind == "rounding").ifelse(
            "Covered usage and the offset of commitment fees differ by Google's rounding", reason
        ),
        "x_BillingTimeZone": ibis.literal(pacific.TIME_ZONE),
        "x_Credits": rows.credits,
        "x_ExchangeRateFromUsd": cells.money(rows.currency_conversion_rate),
        "x_ExportTime": cells.time(rows.export_time),
        "x_InstanceType": rows.instance_type,
        "x_LineItemType": ibis.cases(
            (rows.kind == "charge", rows.cost_type), (rows.kind == "credit", rows.credit_type), else_=rows.kind
        ),
        "x_ServiceCode": rows.service_id,
    }
