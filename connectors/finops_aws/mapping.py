"""Mapping: line items to FOCUS rows, and the rows that stand for unused commitments and what negations leave."""

from typing import TYPE_CHECKING

from finops.focus import cells
from finops.focus.columns import MONEY, QUANTITY, STORED
from finops_aws.basis import of_basis, with_basis
from finops_aws.commitments import UNUSED_COLUMNS, rest_of_cancelling, unused
from finops_aws.line_types import (
    COMMITMENT_FEES,
    COVERED,
    CREDIT,
    FEE,
    PLAN_COVERED,
    PLAN_NEGATION,
    PLAN_UPFRONT,
    RECURRING_FEES,
    REFUND,
    RESERVED_UPFRONT,
    RESERVED_USAGE,
    TAX,
    USAGE,
)
from finops_aws.lines import (
    AMOUNT,
    BILL_END,
    BILL_START,
    CATEGORIES,
    CURRENCY,
    END,
    NET,
    SPLIT,
    START,
    TAGS,
    TERMS,
    TYPE,
    UNBLENDED,
    Lines,
)
from finops_aws.literals import first, interval, none, text, zero
from finops_aws.organizations import ACCOUNTS
from finops_aws.tables import SERVICES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import ibis.expr.types as ir

    from finops.connector import RawExport

NOT_CANCELLED = "Usage covered by a commitment that no negation cancels"
OVER_CANCELLED = "Negation beyond the usage covered by a commitment"
"""Values of x_AdjustmentReason."""

_PROVIDER = "AWS"
_BILLING_ACCOUNT = "Management account"
_SUB_ACCOUNT = "Account"
_TEXTS = (
    "bill_invoice_id",
    "bill_invoicing_entity",
    "bill_billing_entity",
    "bill_payer_account_id",
    "bill_payer_account_name",
    "line_item_usage_account_id",
    "line_item_usage_account_name",
    TYPE,
    CURRENCY,
    "line_item_legal_entity",
    "line_item_product_code",
    "line_item_usage_type",
    "line_item_operation",
    "line_item_availability_zone",
    "line_item_resource_id",
    "line_item_line_item_description",
    "line_item_tax_type",
    "product_product_name",
    "product_product_family",
    "product_instance_type",
    "product_location",
    "product_region",
    "product_region_code",
    "product_sku",
    "pricing_rate_code",
    "pricing_unit",
    "reservation_reservation_a_r_n",
    "savings_plan_savings_plan_a_r_n",
    "split_line_item_parent_resource_id",
)
_TIMES = (BILL_START, BILL_END, START, END, *TERMS)
_COSTS = (
    UNBLENDED,
    NET,
    "line_item_unblended_rate",
    "line_item_net_unblended_rate",
    "pricing_public_on_demand_cost",
    "pricing_public_on_demand_rate",
    "reservation_effective_cost",
    "reservation_net_effective_cost",
    "savings_plan_savings_plan_effective_cost",
    "savings_plan_net_savings_plan_effective_cost",
)
_CAPACITY = ":capacity-reservation/"
"""Part of a reservation's ARN that tells a reservation of capacity, which is no discount."""
_REGION_OF_ZONE = r"^([a-z]{2}(?:-[a-z]+)+-[0-9]+)"
"""`us-east-1` of `us-east-1a`, and of the local zone `us-west-2-lax-1a` its region `us-west-2`."""


def focus_rows(raw: "RawExport", currency: str | None) -> "ir.Table":
    """Map an export to FOCUS; builds an expression, reads nothing.

    Args:
        raw: as `fetch` gave it.
        currency: of rows that name none.
    """
    import ibis

    lines = Lines(raw, currency)
    parts = [_charges(raw, lines)]
    if lines.has(TYPE):
        parts.append(_adjustments(lines))
    if lines.has(TYPE) and any(lines.has(name) for name in UNUSED_COLUMNS):
        parts.append(_unused(raw, lines))
    rows = ibis.union(*parts, distinct=False) if len(parts) > 1 else parts[0]
    return _with_account_names(raw, rows)


def _with_account_names(raw: "RawExport", rows: "ir.Table") -> "ir.Table":
    """The rows with names of accounts from AWS Organizations where the export has none."""
    if not any(table.name == ACCOUNTS for table in raw.tables):
        return rows
    known = raw.table(ACCOUNTS)
    known = known.select(known_account=known.account, known_name=known.name)
    joined = rows.left_join(known, rows.SubAccountId == known.known_account)
    named = joined.mutate(SubAccountName=first(joined.SubAccountName, joined.known_name))
    return named.select(*rows.columns)


def _charges(raw: "RawExport", lines: Lines) -> "ir.Table":
    """One row per line item that is no negation."""
    rows = lines.select((*_TEXTS, *_TIMES, *_COSTS, AMOUNT, TAGS, CATEGORIES))
    rows = with_basis(rows.filter(rows[TYPE] != PLAN_NEGATION), lines)
    rows = _with_service(raw, _with_amounts(_with_cells(rows)))
    covered, usage = rows[TYPE].isin(COVERED), rows.category == "Usage"
    contracted = covered.ifelse(_contracted_of_covered(rows), rows.billed)
    quantity = rows.priced.ifelse(rows[AMOUNT], none(QUANTITY))
    return _shaped(
        rows,
        {
            **_common(rows),
            **_commitment(rows),
            **_capacity(rows, usage & rows.whole),
            "CommitmentDiscountStatus": (usage & rows.whole & rows.arn.notnull()).ifelse("Used", none()),
            "BilledCost": rows.billed,
            "EffectiveCost": rows.whole.ifelse(_effective(rows), zero()),
            "ListCost": (usage & rows.whole).ifelse(first(_listed(rows), contracted), rows.billed),
            "ContractedCost": rows.whole.ifelse(contracted, zero()),
            "ListUnitPrice": first(rows.list_price, rows.price),
            "ContractedUnitPrice": covered.ifelse(first(rows.list_price, rows.price), rows.price),
            "ChargeCategory": rows.category,
            "ChargeClass": ((rows[TYPE] == REFUND) & (rows[START] < rows[BILL_START])).ifelse("Correction", none()),
            "ChargeDescription": rows.line_item_line_item_description,
            "ChargeFrequency": _frequency(rows),
            "PricingCategory": _pricing_category(rows, covered=covered),
            "PricingQuantity": quantity,
            "PricingUnit": rows.priced.ifelse(rows.pricing_unit, none()),
            "ConsumedQuantity": usage.ifelse(quantity, none(QUANTITY)),
            "ConsumedUnit": (usage & rows.priced).ifelse(rows.pricing_unit, none()),
            "ResourceId": rows.line_item_resource_id,
            "ResourceType": rows.line_item_resource_id.notnull().ifelse(rows.product_product_family, none()),
            "SkuId": (rows.category != "Tax").ifelse(rows.product_sku, none()),
            "SkuPriceId": (rows.category != "Tax").ifelse(rows.pricing_rate_code, none()),
        },
    )


def _unused(raw: "RawExport", lines: Lines) -> "ir.Table":
    """One row per commitment fee of which a part was not used: that part of the fee moves there."""
    rows = unused(lines, (*_TEXTS, *_TIMES, TAGS, CATEGORIES))
    rows = _with_service(raw, rows.mutate(arn=_arn(rows)))
    return _shaped(
        rows,
        {
            **_common(rows),
            **_commitment(rows),
            "CommitmentDiscountStatus": rows.arn.notnull().ifelse("Unused", none()),
            "BilledCost": zero(),
            "EffectiveCost": rows.unused,
            "ListCost": zero(),
            "ContractedCost": zero(),
            "ChargeCategory": text("Usage"),
            "ChargeDescription": text("Unused commitment: ") + first(rows.line_item_line_item_description, rows[TYPE]),
            "ChargeFrequency": text("Usage-Based"),
            "PricingCategory": text("Committed"),
            "ResourceId": first(rows.arn, rows.line_item_resource_id),
            "SkuId": rows.product_sku,
            "SkuPriceId": rows.pricing_rate_code,
        },
    )


def _adjustments(lines: Lines) -> "ir.Table":
    """One row per account, currency and month in which covered usage and its negation do not cancel."""
    left = rest_of_cancelling(lines)
    account, end = left.line_item_usage_account_id, first(left.end, left.start.truncate("M") + interval(months=1))
    return _shaped(
        left,
        {
            "BilledCost": left.rest,
            "EffectiveCost": left.rest,
            "ListCost": left.rest,
            "ContractedCost": left.rest,
            "BillingAccountId": first(left.payer, account),
            "BillingAccountName": left.payer_name,
            "BillingAccountType": text(_BILLING_ACCOUNT),
            "BillingCurrency": left[CURRENCY],
            "BillingPeriodStart": left.start,
            "BillingPeriodEnd": end,
            "ChargePeriodStart": left.start,
            "ChargePeriodEnd": end,
            "ChargeCategory": text("Adjustment"),
            "ChargeDescription": text("What covered usage and its negation leave"),
            "ChargeFrequency": text("One-Time"),
            "InvoiceId": left.invoice,
            "InvoiceIssuerName": first(left.issuer, text(_PROVIDER)),
            "ProviderName": text(_PROVIDER),
            "PublisherName": first(left.issuer, text(_PROVIDER)),
            "ServiceName": text(_PROVIDER),
            "ServiceCategory": text("Other"),
            "SubAccountId": account,
            "SubAccountName": left.line_item_usage_account_name,
            "SubAccountType": account.notnull().ifelse(_SUB_ACCOUNT, none()),
            "x_AdjustmentReason": (left.rest > zero()).ifelse(NOT_CANCELLED, OVER_CANCELLED),
            "x_LineItemType": text(PLAN_NEGATION),
        },
    )


def _with_cells(rows: "ir.Table") -> "ir.Table":
    """The rows with the cells that count for each: of the month's basis, and of the commitment's kind.

    Cells become money in the next step: `cells.money` names its cell a dozen times, so it must be no long expression.
    """
    import ibis

    kind, arn = rows[TYPE], _arn(rows)
    plan = of_basis(rows, "savings_plan_net_savings_plan_effective_cost", "savings_plan_savings_plan_effective_cost")
    reserved = of_basis(rows, "reservation_net_effective_cost", "reservation_effective_cost")
    if plan.type() != reserved.type():
        plan, reserved = plan.cast("string"), reserved.cast("string")
    return rows.mutate(
        arn=arn,
        category=_category(rows, arn),
        whole=rows[SPLIT].isnull(),
        amount_cell=of_basis(rows, NET, UNBLENDED),
        price_cell=of_basis(rows, "line_item_net_unblended_rate", "line_item_unblended_rate"),
        share_cell=ibis.cases((kind == PLAN_COVERED, plan), (kind == RESERVED_USAGE, reserved)),
        has_net=rows.net & rows[NET].notnull(),
    )


def _with_amounts(rows: "ir.Table") -> "ir.Table":
    """The rows with `amount` (U of the mapping rules), `billed`, `share`, `listed` and unit prices."""
    rows = rows.mutate(priced=rows.category.isin(("Usage", "Purchase")) & rows.whole)
    rows = rows.mutate(
        amount=first(cells.money(rows.amount_cell), zero()),
        share=first(cells.money(rows.share_cell), zero()),
        listed=cells.money(rows.pricing_public_on_demand_cost),
        list_price=rows.priced.ifelse(cells.money(rows.pricing_public_on_demand_rate), none(MONEY)),
        price=rows.priced.ifelse(cells.money(rows.price_cell), none(MONEY)),
    )
    free = rows[TYPE].isin(COVERED) | ~rows.whole
    return rows.mutate(billed=free.ifelse(zero(), rows.amount))


def _with_service(raw: "RawExport", rows: "ir.Table") -> "ir.Table":
    """The rows with `service` and `service_category`."""
    rows = rows.mutate(service=first(rows.product_product_name, rows.line_item_product_code, text(_PROVIDER)))
    known = raw.table(SERVICES)
    known = known.select(known_service=known.service, known_category=known.category)
    joined = rows.left_join(known, rows.service == known.known_service)
    return joined.select(*rows.columns, service_category=first(joined.known_category, text("Other")))


def _category(rows: "ir.Table", arn: "ir.StringValue") -> "ir.StringValue":
    """ChargeCategory; a refund has that of what it refunds."""
    import ibis

    kind = rows[TYPE]
    refunded = ibis.cases((rows.line_item_tax_type.notnull(), "Tax"), (arn.notnull(), "Purchase"), else_="Usage")
    return ibis.cases(
        (kind.isin((USAGE, *COVERED)), "Usage"),
        (kind.endswith("Fee"), "Purchase"),
        (kind == TAX, "Tax"),
        (kind == CREDIT, "Credit"),
        (kind == REFUND, refunded),
        (kind.endswith("Discount"), "Adjustment"),
        else_="Usage",
    )


def _effective(rows: "ir.Table") -> "ir.DecimalValue":
    """The amortised cost: of covered usage its share of the commitment, of what bought the commitment nothing."""
    import ibis

    kind = rows[TYPE]
    bought = kind.isin(COMMITMENT_FEES) | ((kind == FEE) & rows.arn.notnull())
    return ibis.cases((kind.isin(COVERED), rows.share), (bought, zero()), else_=rows.billed)


def _listed(rows: "ir.Table") -> "ir.DecimalValue":
    """The cost at public prices; null where the report has none, or 0 for usage that was charged."""
    return ((rows.listed == zero()) & (rows.amount != zero())).ifelse(none(MONEY), rows.listed)


def _contracted_of_covered(rows: "ir.Table") -> "ir.DecimalValue":
    """Of covered usage: its cost without the commitment, after negotiated discounts where the report has them."""
    discounted = (rows[TYPE] == PLAN_COVERED) & rows.has_net
    return discounted.ifelse(rows.amount, first(_listed(rows), rows.amount))


def _common(rows: "ir.Table") -> "dict[str, ir.Value]":
    """Columns that charges and unused commitments fill in the same way."""
    start = first(rows[START], rows[BILL_START])
    marketplace = rows.bill_billing_entity == "AWS Marketplace"
    entity = rows.line_item_legal_entity
    zone = rows.line_item_availability_zone
    region = first(rows.product_region_code, rows.product_region, zone.re_extract(_REGION_OF_ZONE, 1).nullif(""))
    account = rows.line_item_usage_account_id
    return {
        "AvailabilityZone": zone,
        "BillingAccountId": first(rows.bill_payer_account_id, account),
        "BillingAccountName": rows.bill_payer_account_name,
        "BillingAccountType": text(_BILLING_ACCOUNT),
        "BillingCurrency": rows[CURRENCY],
        "BillingPeriodStart": rows[BILL_START],
        "BillingPeriodEnd": first(rows[BILL_END], rows[BILL_START].truncate("M") + interval(months=1)),
        "ChargePeriodStart": start,
        "ChargePeriodEnd": _charge_end(rows, start),
        "InvoiceId": rows.bill_invoice_id,
        "InvoiceIssuerName": first(rows.bill_invoicing_entity, entity, rows.bill_billing_entity, text(_PROVIDER)),
        "ProviderName": text(_PROVIDER),
        "PublisherName": first(entity, marketplace.ifelse(rows.bill_billing_entity, none()), text(_PROVIDER)),
        "RegionId": region,
        "RegionName": region.notnull().ifelse(rows.product_location, none()),
        "ServiceCategory": rows.service_category,
        "ServiceName": rows.service,
        "SkuMeter": rows.line_item_usage_type,
        "SubAccountId": account,
        "SubAccountName": rows.line_item_usage_account_name,
        "SubAccountType": account.notnull().ifelse(_SUB_ACCOUNT, none()),
        "Tags": rows[TAGS],
        "x_CostCategories": rows[CATEGORIES],
        "x_InstanceType": rows.product_instance_type,
        "x_LineItemType": rows[TYPE],
        "x_Operation": rows.line_item_operation,
        "x_ServiceCode": rows.line_item_product_code,
    }


def _charge_end(rows: "ir.Table", start: "ir.TimestampValue") -> "ir.TimestampValue":
    """The exclusive end: a last second of a day means the next full one; a missing end is the next day's start."""
    end = rows[END]
    last_second = (end.hour() == 23) & (end.minute() == 59) & (end.second() == 59)  # noqa: PLR2004 - 23:59:59
    end = last_second.ifelse(end.truncate("s") + interval(seconds=1), end)
    end = first(end, start.truncate("D") + interval(days=1))
    return (end > start).ifelse(end, start + interval(seconds=1))


def _commitment(rows: "ir.Table") -> "dict[str, ir.Value]":
    """The commitment a row belongs to; its status is left to the caller."""
    plan, named = rows.savings_plan_savings_plan_a_r_n.notnull(), rows.arn.notnull()
    return {
        "CommitmentDiscountId": rows.arn,
        "CommitmentDiscountCategory": named.ifelse(plan.ifelse("Spend", "Usage"), none()),
        "CommitmentDiscountType": named.ifelse(plan.ifelse("Savings Plan", "Reserved Instance"), none()),
        "x_CommitmentStart": first(rows.savings_plan_start_time, rows.reservation_start_time),
        "x_CommitmentEnd": first(rows.savings_plan_end_time, rows.reservation_end_time),
    }


def _capacity(rows: "ir.Table", usage: "ir.BooleanValue") -> "dict[str, ir.Value]":
    """The reservation of capacity a row belongs to; unused capacity has usage types of its own."""
    import ibis

    arn = rows.reservation_reservation_a_r_n
    reserved = first(arn.contains(_CAPACITY), ibis.literal(False))  # noqa: FBT003 - a literal's value
    idle = rows.line_item_usage_type.contains("UnusedBox") | rows.line_item_usage_type.contains("UnusedDed")
    return {
        "CapacityReservationId": reserved.ifelse(arn, none()),
        "CapacityReservationStatus": (usage & reserved).ifelse(idle.ifelse("Unused", "Used"), none()),
    }


def _arn(rows: "ir.Table") -> "ir.StringValue":
    """The commitment's ARN; on-demand usage and taxes have none."""
    reservation = rows.reservation_reservation_a_r_n
    reservation = reservation.contains(_CAPACITY).ifelse(none(), reservation)
    arn = first(rows.savings_plan_savings_plan_a_r_n, reservation)
    return rows[TYPE].isin((USAGE, TAX)).ifelse(none(), arn)


def _frequency(rows: "ir.Table") -> "ir.StringValue":
    """ChargeFrequency: fees of a commitment by their type, other fees by how long they last."""
    import ibis

    kind = rows[TYPE]
    monthly = rows[END] >= rows[START] + interval(days=27)
    return ibis.cases(
        (kind.isin(RECURRING_FEES), "Recurring"),
        (kind.isin((PLAN_UPFRONT, RESERVED_UPFRONT, CREDIT)), "One-Time"),
        (rows.category != "Purchase", "Usage-Based"),
        (rows.arn.isnull() & monthly, "Recurring"),
        else_="One-Time",
    )


def _pricing_category(rows: "ir.Table", *, covered: "ir.BooleanValue") -> "ir.StringValue":
    import ibis

    return ibis.cases(
        (covered, "Committed"),
        (rows.category == "Tax", none()),
        (rows.line_item_usage_type.contains("SpotUsage"), "Dynamic"),
        else_="Standard",
    )


def _shaped(rows: "ir.Table", found: "Mapping[str, ir.Value]") -> "ir.Table":
    """The cells as a table whose columns and types are the same for every kind of row."""
    return rows.select(**{column.name: found.get(column.name, none()).cast(column.type) for column in _MAPPED})


_NOT_MAPPED = (
    "PricingCurrency",
    "x_BillingTimeZone",
    "x_Credits",
    "x_Delivery",
    "x_ExchangeRateFromUsd",
    "x_ExportTime",
)
_MAPPED = tuple(column for column in STORED if not column.name.startswith(_NOT_MAPPED))
"""The columns the mapping gives."""
