"""One line item of the AWS bill; its fields are the columns of CUR 2.0."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from bill import company, identity, period

ZERO = Decimal(0)
HOURS = 24
ISSUER = "Amazon Web Services EMEA SARL"
_STEP = Decimal("0.0000000001")


@dataclass(frozen=True, slots=True, kw_only=True)
class CurLine:
    """One line item; every field is the CUR 2.0 column of that name."""

    identity_line_item_id: str
    identity_time_interval: str
    bill_invoice_id: str
    bill_invoicing_entity: str = ISSUER
    bill_billing_entity: str = "AWS"
    bill_bill_type: str = "Anniversary"
    bill_payer_account_id: str = company.PAYER
    bill_payer_account_name: str = company.AWS_ACCOUNTS[company.PAYER]
    bill_billing_period_start_date: datetime
    bill_billing_period_end_date: datetime
    line_item_usage_account_id: str
    line_item_usage_account_name: str
    line_item_line_item_type: str
    line_item_usage_start_date: datetime
    line_item_usage_end_date: datetime
    line_item_product_code: str
    line_item_usage_type: str
    line_item_operation: str | None = None
    line_item_availability_zone: str | None = None
    line_item_resource_id: str | None = None
    line_item_usage_amount: Decimal
    line_item_normalization_factor: Decimal = ZERO
    line_item_normalized_usage_amount: Decimal = ZERO
    line_item_currency_code: str = company.CURRENCY["aws"]
    line_item_unblended_rate: str | None = None
    line_item_unblended_cost: Decimal
    line_item_blended_rate: str | None = None
    line_item_blended_cost: Decimal = ZERO
    line_item_line_item_description: str
    line_item_tax_type: str | None = None
    line_item_legal_entity: str = ISSUER
    product: Mapping[str, str] = field(default_factory=dict)
    product_servicecode: str | None = None
    product_product_family: str | None = None
    product_region_code: str | None = None
    product_location: str | None = None
    product_location_type: str | None = None
    product_instance_type: str | None = None
    product_instance_family: str | None = None
    product_operation: str | None = None
    product_usagetype: str | None = None
    product_sku: str | None = None
    product_pricing_unit: str | None = None
    pricing_rate_code: str | None = None
    pricing_rate_id: str | None = None
    pricing_currency: str | None = None
    pricing_unit: str | None = None
    pricing_term: str | None = None
    pricing_purchase_option: str | None = None
    pricing_lease_contract_length: str | None = None
    pricing_offering_class: str | None = None
    pricing_public_on_demand_cost: Decimal | None = None
    pricing_public_on_demand_rate: str | None = None
    reservation_amortized_upfront_cost_for_usage: Decimal = ZERO
    reservation_amortized_upfront_fee_for_billing_period: Decimal = ZERO
    reservation_effective_cost: Decimal = ZERO
    reservation_end_time: str | None = None
    reservation_modification_status: str | None = None
    reservation_number_of_reservations: str | None = None
    reservation_recurring_fee_for_usage: Decimal = ZERO
    reservation_reservation_a_r_n: str | None = None
    reservation_start_time: str | None = None
    reservation_subscription_id: str | None = None
    reservation_total_reserved_units: str | None = None
    reservation_units_per_reservation: str | None = None
    reservation_unused_amortized_upfront_fee_for_billing_period: Decimal = ZERO
    reservation_unused_quantity: Decimal = ZERO
    reservation_unused_recurring_fee: Decimal = ZERO
    reservation_upfront_value: Decimal = ZERO
    savings_plan_amortized_upfront_commitment_for_billing_period: Decimal = ZERO
    savings_plan_end_time: str | None = None
    savings_plan_offering_type: str | None = None
    savings_plan_payment_option: str | None = None
    savings_plan_purchase_term: str | None = None
    savings_plan_recurring_commitment_for_billing_period: Decimal = ZERO
    savings_plan_region: str | None = None
    savings_plan_savings_plan_a_r_n: str | None = None
    savings_plan_savings_plan_effective_cost: Decimal = ZERO
    savings_plan_savings_plan_rate: Decimal = ZERO
    savings_plan_start_time: str | None = None
    savings_plan_total_commitment_to_date: Decimal = ZERO
    savings_plan_used_commitment: Decimal = ZERO
    discount: Mapping[str, float] = field(default_factory=dict)
    discount_bundled_discount: Decimal = ZERO
    discount_total_discount: Decimal = ZERO
    cost_category: Mapping[str, str] = field(default_factory=dict)
    resource_tags: Mapping[str, str] = field(default_factory=dict)


def blank_day(day: date, kind: str, account: str, *parts: object) -> CurLine:
    """A line of one day with what every line has."""
    month = period.month_of(day)
    start, end = period.midnight(day), period.midnight(day + timedelta(days=1))
    return CurLine(
        identity_line_item_id=identity.line_id("aws", day, kind, account, *parts),
        identity_time_interval=f"{start:%Y-%m-%dT%H:%M:%SZ}/{end:%Y-%m-%dT%H:%M:%SZ}",
        bill_invoice_id=invoice(month, "usage"),
        bill_billing_period_start_date=period.midnight(period.month_start(month)),
        bill_billing_period_end_date=period.midnight(period.month_end(month)),
        line_item_usage_account_id=account,
        line_item_usage_account_name=company.AWS_ACCOUNTS[account],
        line_item_line_item_type=kind,
        line_item_usage_start_date=start,
        line_item_usage_end_date=end,
        line_item_product_code="",
        line_item_usage_type="",
        line_item_usage_amount=Decimal(1),
        line_item_unblended_cost=ZERO,
        line_item_line_item_description="",
    )


def whole_month(month: str, kind: str, account: str, *parts: object) -> CurLine:
    """A line of a whole month; AWS writes its end as the last second of the month."""
    start = period.midnight(period.month_start(month))
    end = period.midnight(period.month_end(month)) - timedelta(seconds=1)
    return replace(
        blank_day(period.month_start(month), kind, account, *parts),
        identity_time_interval=f"{start:%Y-%m-%dT%H:%M:%SZ}/{end:%Y-%m-%dT%H:%M:%SZ}",
        line_item_usage_start_date=start,
        line_item_usage_end_date=end,
    )


def with_blended(line: CurLine) -> CurLine:
    """Blended equals unblended: no volume tiers are shared."""
    return replace(
        line,
        line_item_blended_rate=line.line_item_unblended_rate,
        line_item_blended_cost=line.line_item_unblended_cost,
    )


def invoice(month: str, what: str) -> str:
    """Invoice id of a month; blank until AWS has issued it."""
    if month == period.OPEN_MONTH:
        return ""
    return f"EUINNL{month[2:4]}-{identity.number(7, 'invoice', month, what)}"


def ten_places(amount: Decimal) -> Decimal:
    """An amount with the ten decimals of a CUR."""
    return amount.quantize(_STEP)
