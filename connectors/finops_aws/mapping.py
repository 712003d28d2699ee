"""Mapping: line items to FOCUS rows, and the rows that stand for unused commitments and what negations leave."""

from typing import TYPE_CHECKING, Any

from finops.focus import cells
from finops.focus.columns import BY_NAME, MONEY, QUANTITY, TIME

from finops_aws.columns import DISCOUNTS
from finops_aws.lines import (
    BILL_END,
    BILL_START,
    CATEGORIES,
    CURRENCY,
    END,
    NET,
    START,
    TAGS,
    TYPE,
    UNBLENDED,
    Lines,
)
from finops_aws.tables import SERVICES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import ibis.expr.types as ir

    from finops.connector import RawExport

PLAN_COVERED = "SavingsPlanCoveredUsage"
PLAN_NEGATION = "SavingsPlanNegation"
PLAN_FEE = "SavingsPlanRecurringFee"
PLAN_UPFRONT = "SavingsPlanUpfrontFee"
RESERVED_USAGE = "DiscountedUsage"
RESERVED_FEE = "RIFee"

COVERED = (PLAN_COVERED, RESERVED_USAGE)
"""Usage that a commitment pays for: billed 0, whatever the report shows."""
CANCELLING = (*COVERED, PLAN_NEGATION)
"""Types whose amounts cancel; what is left becomes an Adjustment."""
PURCHASES = ("Fee", PLAN_FEE, PLAN_UPFRONT, RESERVED_FEE)
DISCOUNT_ROWS = (
    "EdpDiscount",
    "PrivateRateDiscount",
    "BundledDiscount",
    "RiVolumeDiscount",
    "SppDiscount",
    "Discount",
)
KNOWN_TYPES = ("Usage", *CANCELLING, *PURCHASES, "Tax", "Credit", "Refund", *DISCOUNT_ROWS)

NOISE_PER_ROW = 1e-9
"""Difference of net and unblended sums that rounding explains, per row: reports carry 10 places."""
NOISE_OF_SUM = 1e-12
"""The same as a share of the sum: what adding floats costs."""

PROVIDER = "AWS"
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
_TIMES = (BILL_START, BILL_END, START, END)
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
_UNUSED = (
    "reservation_unused_amortized_upfront_fee_for_billing_period",
    "reservation_unused_recurring_fee",
    "reservation_net_unused_amortized_upfront_fee_for_billing_period",
    "reservation_net_unused_recurring_fee",
    "savings_plan_total_commitment_to_date",
    "savings_plan_used_commitment",
    "savings_plan_amortized_upfront_commitment_for_billing_period",
    "savings_plan_recurring_commitment_for_billing_period",
    "savings_plan_net_amortized_upfront_commitment_for_billing_period",
    "savings_plan_net_recurring_commitment_for_billing_period",
)


def focus_rows(raw: "RawExport", currency: str | None) -> "ir.Table":
    """Map an export to FOCUS; builds an expression, reads nothing.

    Args:
        raw: as `fetch` gave it.
        currency: of rows that name none.
    """
    import ibis  # noqa: PLC0415 - heavy, needed only when a mapping is built

    lines = Lines(raw, currency)
    parts = [_charges(raw, lines)]
    if any(lines.has(name) for name in _UNUSED):
        parts.append(_unused(raw, lines))
    if lines.has(TYPE):
        parts.append(_adjustments(lines))
    return ibis.union(*parts, distinct=False) if len(parts) > 1 else parts[0]


def _charges(raw: "RawExport", lines: Lines) -> "ir.Table":
    """One row per line item that is no negation."""
    rows = lines.select((*_TEXTS, *_TIMES, *_COSTS, "line_item_usage_amount", TAGS, CATEGORIES))
    rows = _with_basis(rows.filter(rows[TYPE] != PLAN_NEGATION), lines)
    rows = _with_service(raw, _with_amounts(rows))
    billed, covered = rows.billed, rows[TYPE].isin(COVERED)
    usage, purchase = rows.category == "Usage", rows.category == "Purchase"
    whole = rows[SPLIT].isnull()
    priced = (usage | purchase) & whole
    listed = _listed(rows)
    contracted = covered.ifelse(_contracted_of_covered(rows, listed), billed)
    list_price = cells.money(priced.ifelse(rows.pricing_public_on_demand_rate, _null_like(rows.pricing_public_on_demand_rate)))
    price = cells.money(priced.ifelse(_of_basis(rows, "line_item_net_unblended_rate", "line_item_unblended_rate"), _none()))
    quantity = priced.ifelse(rows.line_item_usage_amount, _none(QUANTITY))
    return _shaped(
        rows,
        {
            **_common(rows),
            **_commitment(rows, usage=usage & whole),
            "BilledCost": billed,
            "EffectiveCost": whole.ifelse(_effective(rows), _zero()),
            "ListCost": (usage & whole).ifelse(_first(listed, contracted), billed),
            "ContractedCost": whole.ifelse(contracted, _zero()),
            "ListUnitPrice": _first(list_price, price),
            "ContractedUnitPrice": covered.ifelse(_first(list_price, price), price),
            "ChargeCategory": rows.category,
            "ChargeClass": ((rows[TYPE] == "Refund") & (rows[START] < rows[BILL_START])).ifelse("Correction", _none()),
            "ChargeDescription": rows.line_item_line_item_description,
            "ChargeFrequency": _frequency(rows),
            "PricingCategory": _pricing_category(rows, covered=covered),
            "PricingQuantity": quantity,
            "PricingUnit": quantity.notnull().ifelse(rows.pricing_unit, _none()),
            "ConsumedQuantity": usage.ifelse(quantity, _none(QUANTITY)),
            "ConsumedUnit": (usage & quantity.notnull()).ifelse(rows.pricing_unit, _none()),
            "ResourceId": rows.line_item_resource_id,
            "ResourceType": rows.line_item_resource_id.notnull().ifelse(rows.product_product_family, _none()),
            "SkuId": (rows.category != "Tax").ifelse(rows.product_sku, _none()),
            "SkuPriceId": (rows.category != "Tax").ifelse(rows.pricing_rate_code, _none()),
            "Tags": rows[TAGS],
            "x_CostCategories": rows[CATEGORIES],
        },
    )


def _unused(raw: "RawExport", lines: Lines) -> "ir.Table":
    """One row per commitment fee of which a part was not used: its share of the fee moves there."""
    rows = lines.select((*_TEXTS, *_TIMES, UNBLENDED, NET, *_UNUSED, TAGS, CATEGORIES))
    rows = _with_basis(rows.filter(rows[TYPE].isin((PLAN_FEE, RESERVED_FEE))), lines)
    rows = _with_service(raw, rows.mutate(unused=_unused_cost(rows), category=_text("Usage")))
    rows = rows.filter(rows.unused > _zero())
    arn = _arn(rows)
    return _shaped(
        rows,
        {
            **_common(rows),
            **_commitment(rows, usage=None),
            "CommitmentDiscountStatus": arn.notnull().ifelse("Unused", _none()),
            "BilledCost": _zero(),
            "EffectiveCost": rows.unused,
            "ListCost": _zero(),
            "ContractedCost": _zero(),
            "ChargeCategory": _text("Usage"),
            "ChargeDescription": _text("Unused commitment: ") + _first(rows.line_item_line_item_description, rows[TYPE]),
            "ChargeFrequency": _text("Usage-Based"),
            "PricingCategory": _text("Committed"),
            "ResourceId": _first(arn, rows.line_item_resource_id),
            "SkuId": rows.product_sku,
            "SkuPriceId": rows.pricing_rate_code,
            "Tags": rows[TAGS],
            "x_CostCategories": rows[CATEGORIES],
        },
    )


def _adjustments(lines: Lines) -> "ir.Table":
    """One row per account, currency and month in which covered usage and its negation do not cancel."""
    rows = lines.select(
        (
            *("bill_invoice_id", "bill_invoicing_entity", "bill_payer_account_id", "bill_payer_account_name"),
            *("line_item_usage_account_id", "line_item_usage_account_name", "line_item_legal_entity", SPLIT),
            *(TYPE, CURRENCY, BILL_START, BILL_END, UNBLENDED, NET),
        )
    )
    rows = _with_basis(rows.filter(rows[TYPE].isin(CANCELLING) & rows[SPLIT].isnull()), lines)
    rows = rows.mutate(amount=_first(cells.money(_of_basis(rows, NET, UNBLENDED)), _zero()), month=_month(rows))
    invoice = rows.bill_invoice_id
    left = rows.group_by("line_item_usage_account_id", CURRENCY, "month").agg(
        rest=rows.amount.sum().cast(MONEY),
        invoice=(invoice.min() == invoice.max()).ifelse(invoice.max(), _none()),
        issuer=_first(rows.bill_invoicing_entity, rows.line_item_legal_entity).max(),
        payer=rows.bill_payer_account_id.max(),
        payer_name=rows.bill_payer_account_name.max(),
        account_name=rows.line_item_usage_account_name.max(),
        start=rows[BILL_START].min(),
        end=rows[BILL_END].max(),
    )
    left = left.filter(left.rest != _zero())
    account, end = left.line_item_usage_account_id, _first(left.end, left.start.truncate("M") + _interval(months=1))
    return _shaped(
        left,
        {
            "BilledCost": left.rest,
            "EffectiveCost": left.rest,
            "ListCost": left.rest,
            "ContractedCost": left.rest,
            "BillingAccountId": _first(left.payer, account),
            "BillingAccountName": left.payer_name,
            "BillingAccountType": _text(BILLING_ACCOUNT),
            "BillingCurrency": left[CURRENCY],
            "BillingPeriodStart": left.start,
            "BillingPeriodEnd": end,
            "ChargePeriodStart": left.start,
            "ChargePeriodEnd": end,
            "ChargeCategory": _text("Adjustment"),
            "ChargeDescription": _text("What covered usage and its negation leave"),
            "ChargeFrequency": _text("One-Time"),
            "InvoiceId": left.invoice,
            "InvoiceIssuerName": _first(left.issuer, _text(PROVIDER)),
            "ProviderName": _text(PROVIDER),
            "PublisherName": _first(left.issuer, _text(PROVIDER)),
            "ServiceName": _text("AWS"),
            "ServiceCategory": _text("Other"),
            "SubAccountId": account,
            "SubAccountName": left.account_name,
            "SubAccountType": account.notnull().ifelse(SUB_ACCOUNT, _none()),
            "x_AdjustmentReason": (left.rest > _zero()).ifelse(NOT_CANCELLED, OVER_CANCELLED),
            "x_LineItemType": _text(PLAN_NEGATION),
        },
    )


NOT_CANCELLED = "Usage covered by a commitment that no negation cancels"
OVER_CANCELLED = "Negation beyond the usage covered by a commitment"
BILLING_ACCOUNT = "Management account"
SUB_ACCOUNT = "Account"
SPLIT = "split_line_item_parent_resource_id"
"""Filled on rows that divide the cost of a resource which is also in the file."""


def _with_basis(rows: "ir.Table", lines: Lines) -> "ir.Table":
    """The rows with `net`: whether the net columns are what the month's invoice adds up to."""
    import ibis  # noqa: PLC0415 - heavy, needed only when a mapping is built

    if not lines.has(NET):
        return rows.mutate(net=ibis.literal(False))  # noqa: FBT003 - a literal's value
    basis = _basis(lines)
    joined = rows.mutate(month=_month(rows)).left_join(basis, ["month", CURRENCY])
    return joined.select(*rows.columns, net=_first(joined.net, ibis.literal(False)))  # noqa: FBT003 - a literal's value


def _basis(lines: Lines) -> "ir.Table":
    """Per month and currency, whether net sums tie out: they equal the unblended ones (discounts are rows), or differ by
    the discount columns (the default of CUR 2.0). Decided in floats, so that five million cells are not read as decimals
    twice; the control totals decide again, in decimals.
    """
    totals = [name for name in ("discount_total_discount",) if lines.has(name)]
    singles = [name for name in DISCOUNTS if lines.has(name)]
    mapped = ["discount"] if lines.has("discount") and not totals else []
    rows = lines.select((CURRENCY, BILL_START, UNBLENDED, NET, SPLIT, *totals, *singles, *mapped))
    rows = rows.filter(rows[SPLIT].isnull())
    gross = _first(rows[UNBLENDED].try_cast(QUANTITY), _float(0))
    net = _first(rows[NET].try_cast(QUANTITY), gross)
    sums = {
        name: sum((_first(rows[column].try_cast(QUANTITY), _float(0)) for column in columns), start=_float(0))
        for name, columns in (("total", totals), ("singles", singles), ("mapped", mapped))
        if columns
    }
    rows = rows.select(CURRENCY, month=_month(rows), gross=gross, gap=net - gross, **sums)
    found = rows.group_by("month", CURRENCY).agg(
        noise=rows.count() * NOISE_PER_ROW + rows.gross.abs().sum() * NOISE_OF_SUM,
        gap=rows.gap.sum().abs(),
        **{name: rows[name].sum().abs() for name in sums},
    )
    ties = found.gap <= found.noise
    for name in sums:
        ties |= (found.gap - found[name]).abs() <= found.noise
    return found.select("month", CURRENCY, net=ties)


def _of_basis(rows: "ir.Table", net: str, gross: str) -> "ir.Value":
    """The net cell where the month is billed net and the cell is filled, else the gross one."""
    if rows[net].type() != rows[gross].type():
        return rows.net.ifelse(_first(rows[net].cast("string"), rows[gross].cast("string")), rows[gross].cast("string"))
    return rows.net.ifelse(_first(rows[net], rows[gross]), rows[gross])


def _with_amounts(rows: "ir.Table") -> "ir.Table":
    """The rows with `category`, `amount` (U of the mapping rules) and `billed`."""
    amount = _first(cells.money(_of_basis(rows, NET, UNBLENDED)), _zero())
    rows = rows.mutate(amount=amount, category=_category(rows))
    free = rows[TYPE].isin(COVERED) | rows[SPLIT].notnull()
    return rows.mutate(billed=free.ifelse(_zero(), rows.amount))


def _with_service(raw: "RawExport", rows: "ir.Table") -> "ir.Table":
    """The rows with `service` and `service_category`."""
    rows = rows.mutate(service=_first(rows.product_product_name, rows.line_item_product_code, _text(PROVIDER)))
    known = raw.table(SERVICES)
    known = known.select(known_service=known.service, known_category=known.category)
    joined = rows.left_join(known, rows.service == known.known_service)
    return joined.select(*rows.columns, service_category=_first(joined.known_category, _text("Other")))


def _category(rows: "ir.Table") -> "ir.StringValue":
    """ChargeCategory; a refund has that of what it refunds."""
    kind, arn = rows[TYPE], _arn(rows)
    import ibis  # noqa: PLC0415 - heavy, needed only when a mapping is built

    refunded = ibis.cases((rows.line_item_tax_type.notnull(), "Tax"), (arn.notnull(), "Purchase"), else_="Usage")
    return ibis.cases(
        (kind.isin(("Usage", *COVERED)), "Usage"),
        (kind.isin(PURCHASES) | kind.endswith("Fee"), "Purchase"),
        (kind == "Tax", "Tax"),
        (kind == "Credit", "Credit"),
        (kind == "Refund", refunded),
        (kind.endswith("Discount"), "Adjustment"),
        else_="Usage",
    )


def _effective(rows: "ir.Table") -> "ir.DecimalValue":
    """The amortised cost: of covered usage its share of the commitment, of what bought the commitment nothing."""
    import ibis  # noqa: PLC0415 - heavy, needed only when a mapping is built

    plan = _of_basis(rows, "savings_plan_net_savings_plan_effective_cost", "savings_plan_savings_plan_effective_cost")
    reserved = _of_basis(rows, "reservation_net_effective_cost", "reservation_effective_cost")
    if plan.type() != reserved.type():
        plan, reserved = plan.cast("string"), reserved.cast("string")
    kind = rows[TYPE]
    share = ibis.cases((kind == PLAN_COVERED, plan), (kind == RESERVED_USAGE, reserved))
    bought = kind.isin((PLAN_FEE, PLAN_UPFRONT, RESERVED_FEE)) | ((kind == "Fee") & _arn(rows).notnull())
    return ibis.cases(
        (kind.isin(COVERED), _first(cells.money(share), _zero())), (bought, _zero()), else_=rows.billed
    )


def _listed(rows: "ir.Table") -> "ir.DecimalValue":
    """The cost at public prices; null where the report has none, or 0 for usage that was charged."""
    listed = cells.money(rows.pricing_public_on_demand_cost)
    return ((listed == _zero()) & (rows.amount != _zero())).ifelse(_none(MONEY), listed)


def _contracted_of_covered(rows: "ir.Table", listed: "ir.DecimalValue") -> "ir.DecimalValue":
    """Of covered usage: what it had cost without the commitment, after negotiated discounts where the report shows them."""
    discounted = (rows[TYPE] == PLAN_COVERED) & rows.net & rows[NET].notnull()
    return discounted.ifelse(rows.amount, _first(listed, rows.amount))


def _unused_cost(rows: "ir.Table") -> "ir.DecimalValue":
    """The part of a fee that no usage took, gross or net as the month is billed."""
    plan = cells.money(rows.savings_plan_total_commitment_to_date) - cells.money(rows.savings_plan_used_commitment)
    upfront, recurring = (
        "savings_plan_{}amortized_upfront_commitment_for_billing_period",
        "savings_plan_{}recurring_commitment_for_billing_period",
    )
    net, gross = (
        _first(cells.quantity(rows[upfront.format(kind)]), _float(0)) + _first(cells.quantity(rows[recurring.format(kind)]), _float(0))
        for kind in ("net_", "")
    )
    # No net column holds it: used commitment is gross, and the discount on it is the discount on the whole commitment.
    used = cells.quantity(rows.savings_plan_used_commitment)
    net_plan = ((net != 0) & (gross != 0)).ifelse(cells.money(net - used * net / gross), _none(MONEY))
    plan = rows.net.ifelse(_first(net_plan, plan), plan)
    reserved = _sum(rows, "reservation_unused_amortized_upfront_fee_for_billing_period", "reservation_unused_recurring_fee")
    net_reserved = _sum(
        rows, "reservation_net_unused_amortized_upfront_fee_for_billing_period", "reservation_net_unused_recurring_fee"
    )
    reserved = rows.net.ifelse(_first(net_reserved, reserved), reserved)
    return _first((rows[TYPE] == PLAN_FEE).ifelse(plan, reserved).cast(MONEY), _zero())


def _sum(rows: "ir.Table", *names: str) -> "ir.DecimalValue":
    """Sum of amounts, missing ones 0; null where all are missing."""
    amounts = [cells.money(rows[name]) for name in names]
    total = sum((_first(amount, _zero()) for amount in amounts[1:]), start=_first(amounts[0], _zero())).cast(MONEY)
    return _first(*amounts).isnull().ifelse(_none(MONEY), total)


def _common(rows: "ir.Table") -> "dict[str, ir.Value]":
    """Columns that charges and unused commitments fill in the same way."""
    start = _first(rows[START], rows[BILL_START])
    marketplace = rows.bill_billing_entity == "AWS Marketplace"
    entity = rows.line_item_legal_entity
    zone = rows.line_item_availability_zone
    region = _first(rows.product_region_code, rows.product_region, zone.re_extract(_REGION_OF_ZONE, 1).nullif(""))
    account = rows.line_item_usage_account_id
    return {
        "AvailabilityZone": zone,
        "BillingAccountId": _first(rows.bill_payer_account_id, account),
        "BillingAccountName": rows.bill_payer_account_name,
        "BillingAccountType": _text(BILLING_ACCOUNT),
        "BillingCurrency": rows[CURRENCY],
        "BillingPeriodStart": rows[BILL_START],
        "BillingPeriodEnd": _first(rows[BILL_END], rows[BILL_START].truncate("M") + _interval(months=1)),
        "ChargePeriodStart": start,
        "ChargePeriodEnd": _charge_end(rows, start),
        "InvoiceId": rows.bill_invoice_id,
        "InvoiceIssuerName": _first(rows.bill_invoicing_entity, entity, rows.bill_billing_entity, _text(PROVIDER)),
        "ProviderName": _text(PROVIDER),
        "PublisherName": _first(entity, marketplace.ifelse(rows.bill_billing_entity, _none()), _text(PROVIDER)),
        "RegionId": region,
        "RegionName": region.notnull().ifelse(rows.product_location, _none()),
        "ServiceCategory": rows.service_category,
        "ServiceName": rows.service,
        "SkuMeter": rows.line_item_usage_type,
        "SubAccountId": account,
        "SubAccountName": rows.line_item_usage_account_name,
        "SubAccountType": account.notnull().ifelse(SUB_ACCOUNT, _none()),
        "x_InstanceType": rows.product_instance_type,
        "x_LineItemType": rows[TYPE],
        "x_Operation": rows.line_item_operation,
        "x_ServiceCode": rows.line_item_product_code,
    }


_REGION_OF_ZONE = r"^([a-z]{2}(?:-[a-z]+)+-[0-9]+)"
"""`us-east-1` of `us-east-1a`, and of the local zone `us-west-2-lax-1a` its region `us-west-2`."""


def _charge_end(rows: "ir.Table", start: "ir.TimestampValue") -> "ir.TimestampValue":
    """The exclusive end: a last second of a day means the next full one; a missing end is the next day's start."""
    end = rows[END]
    last_second = (end.hour() == 23) & (end.minute() == 59) & (end.second() == 59)  # noqa: PLR2004 - 23:59:59
    end = last_second.ifelse(end.truncate("s") + _interval(seconds=1), end)
    end = _first(end, start.truncate("D") + _interval(days=1))
    return (end > start).ifelse(end, start + _interval(seconds=1))


def _commitment(rows: "ir.Table", *, usage: "ir.BooleanValue | None") -> "dict[str, ir.Value]":
    """Commitment and capacity reservation of the row.

    Args:
        rows: line items.
        usage: which rows are usage, whose status is Used; None leaves the status to the caller.
    """
    arn, plan = _arn(rows), rows.savings_plan_savings_plan_a_r_n
    named = arn.notnull()
    found: dict[str, ir.Value] = {
        "CommitmentDiscountId": arn,
        "CommitmentDiscountCategory": named.ifelse(plan.notnull().ifelse("Spend", "Usage"), _none()),
        "CommitmentDiscountType": named.ifelse(plan.notnull().ifelse("Savings Plan", "Reserved Instance"), _none()),
    }
    if usage is None:
        return found
    reserved = rows.reservation_reservation_a_r_n.contains(_CAPACITY)
    idle = rows.line_item_usage_type.re_search("Unused(Box|Ded)").ifelse("Unused", "Used")
    return found | {
        "CommitmentDiscountStatus": (usage & named).ifelse("Used", _none()),
        "CapacityReservationId": reserved.ifelse(rows.reservation_reservation_a_r_n, _none()),
        "CapacityReservationStatus": (usage & reserved).ifelse(idle, _none()),
    }


_CAPACITY = ":capacity-reservation/"
"""Part of a reservation's ARN that tells a reservation of capacity, which is no discount."""


def _arn(rows: "ir.Table") -> "ir.StringValue":
    """The commitment's ARN; on-demand usage and taxes have none."""
    reservation = rows.reservation_reservation_a_r_n
    reservation = reservation.contains(_CAPACITY).ifelse(_none(), reservation)
    arn = _first(rows.savings_plan_savings_plan_a_r_n, reservation)
    return rows[TYPE].isin(("Usage", "Tax")).ifelse(_none(), arn)


def _frequency(rows: "ir.Table") -> "ir.StringValue":
    """ChargeFrequency: fees of a commitment by their type, other fees by how long they last."""
    import ibis  # noqa: PLC0415 - heavy, needed only when a mapping is built

    kind = rows[TYPE]
    monthly = rows[END] >= rows[START] + _interval(days=27)
    return ibis.cases(
        (kind.isin((PLAN_FEE, RESERVED_FEE)), "Recurring"),
        ((kind == PLAN_UPFRONT) | (kind == "Credit"), "One-Time"),
        (rows.category != "Purchase", "Usage-Based"),
        (_arn(rows).isnull() & monthly, "Recurring"),
        else_="One-Time",
    )


def _pricing_category(rows: "ir.Table", *, covered: "ir.BooleanValue") -> "ir.StringValue":
    import ibis  # noqa: PLC0415 - heavy, needed only when a mapping is built

    return ibis.cases(
        (covered, "Committed"),
        (rows.category == "Tax", _none()),
        (rows.line_item_usage_type.contains("SpotUsage"), "Dynamic"),
        else_="Standard",
    )


def _month(rows: "ir.Table") -> "ir.TimestampValue":
    """Start of the billing month."""
    return rows[BILL_START].truncate("M")


def _shaped(rows: "ir.Table", found: "Mapping[str, ir.Value]") -> "ir.Table":
    """The cells as a table whose columns and types are the same for every kind of row."""
    return rows.select(**{name: found.get(name, _none()).cast(BY_NAME[name].type) for name in MAPPED})


MAPPED = tuple(
    name
    for name in BY_NAME
    if not name.startswith(("PricingCurrency", "x_")) or name in {"x_AdjustmentReason", "x_CostCategories", "x_InstanceType", "x_LineItemType", "x_Operation", "x_ServiceCode"}
)
"""The columns the mapping fills."""


def _first(*values: "ir.Value") -> Any:  # noqa: ANN401 - the type of its arguments
    """The first of the values that is not null."""
    import ibis  # noqa: PLC0415 - heavy, needed only when a mapping is built

    return ibis.coalesce(*values)


def _none(kind: str = "string") -> Any:  # noqa: ANN401 - a null of any type
    import ibis  # noqa: PLC0415 - heavy, needed only when a mapping is built

    return ibis.null(kind)


def _zero() -> "ir.DecimalScalar":
    import ibis  # noqa: PLC0415 - heavy, needed only when a mapping is built

    return ibis.literal(0).cast(MONEY)


def _float(value: float) -> "ir.FloatingScalar":
    import ibis  # noqa: PLC0415 - heavy, needed only when a mapping is built

    return ibis.literal(value, type=QUANTITY)


def _text(value: str) -> "ir.StringScalar":
    import ibis  # noqa: PLC0415 - heavy, needed only when a mapping is built

    return ibis.literal(value, type="string")


def _interval(**length: int) -> "ir.IntervalScalar":
    import ibis  # noqa: PLC0415 - heavy, needed only when a mapping is built

    return ibis.interval(**length)


def _null_like(cell: "ir.Value") -> "ir.Value":
    return _none(cell.type())
