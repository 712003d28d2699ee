"""What reserved database instances do to the bill: usage without a price, the monthly fee, the purchase."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from bill import identity, period, story
from bill.aws_line import HOURS, ZERO, CurLine, invoice, ten_places, whole_month
from bill.aws_workloads import PRODUCTS

_LAG_HOURS = 12


def is_reserved(line: CurLine, day: date) -> bool:
    """Whether the reservation covers this usage."""
    held = story.RESERVATION
    return (
        held.start <= day < held.end
        and line.line_item_usage_account_id == held.account
        and line.product_instance_type == held.instance
    )


def reserved(line: CurLine) -> CurLine:
    """Usage under the reservation: free at the time, and worth its share of both fees."""
    hours, held = line.line_item_usage_amount, story.RESERVATION
    recurring, upfront = ten_places(Decimal(held.hourly) * hours), ten_places(_upfront_hourly() * hours)
    return replace(
        line,
        line_item_line_item_type="DiscountedUsage",
        line_item_unblended_rate="0.0000000000",
        line_item_unblended_cost=ZERO,
        line_item_line_item_description=f"PostgreSQL, {held.instance} reserved instance applied",
        pricing_term="Reserved",
        pricing_purchase_option="Partial Upfront",
        pricing_lease_contract_length="1yr",
        pricing_offering_class="standard",
        reservation_recurring_fee_for_usage=recurring,
        reservation_amortized_upfront_cost_for_usage=upfront,
        reservation_effective_cost=recurring + upfront,
        **_columns(),  # type: ignore[arg-type]
    )


def _upfront_hourly() -> Decimal:
    held = story.RESERVATION
    return Decimal(held.upfront) / (held.count * HOURS * (held.end - held.start).days)


def _columns() -> dict[str, str]:
    held = story.RESERVATION
    subscription = identity.number(10, "reservation", held.key)
    return {
        "reservation_reservation_a_r_n": (
            f"arn:aws:rds:eu-central-1:{held.account}:ri:ri-{held.start}-{identity.hexadecimal(8, held.key)}"
        ),
        "reservation_subscription_id": subscription,
        "reservation_start_time": f"{held.start}T00:00:00.000Z",
        "reservation_end_time": f"{held.end}T00:00:00.000Z",
        "reservation_modification_status": "Original",
        "reservation_number_of_reservations": str(held.count),
        "reservation_units_per_reservation": "1.0",
    }


def monthly_fee(month: str, lines: Iterable[CurLine]) -> CurLine:
    """The recurring fee of the whole month, and the part of it that no instance has used so far."""
    held = story.RESERVATION
    month_days = (period.month_end(month) - period.month_start(month)).days
    reserved = Decimal(held.count * HOURS * month_days)
    so_far = sum(held.count * period.delivered_hours(day, _LAG_HOURS) for day in period.days_of(month))
    used = sum((x.line_item_usage_amount for x in lines if x.line_item_line_item_type == "DiscountedUsage"), ZERO)
    unused = max(ZERO, Decimal(so_far) - used)
    return replace(
        whole_month(month, "RIFee", held.account, held.key),
        line_item_product_code="AmazonRDS",
        line_item_usage_type=f"EUC1-HeavyUsage:{held.instance}",
        line_item_operation="CreateDBInstance:0014",
        line_item_usage_amount=reserved,
        line_item_unblended_rate=held.hourly,
        line_item_unblended_cost=ten_places(Decimal(held.hourly) * reserved),
        line_item_line_item_description=f"USD {Decimal(held.hourly).normalize():f} hourly fee per PostgreSQL, "
        f"{held.instance} instance",
        product={"product_name": PRODUCTS["AmazonRDS"], "region": "eu-central-1"},
        product_servicecode="AmazonRDS",
        product_product_family="Database Instance",
        product_region_code="eu-central-1",
        product_instance_type=held.instance,
        pricing_unit="Hrs",
        pricing_term="Reserved",
        pricing_purchase_option="Partial Upfront",
        pricing_lease_contract_length="1yr",
        pricing_offering_class="standard",
        reservation_total_reserved_units=f"{reserved}",
        reservation_amortized_upfront_fee_for_billing_period=ten_places(_upfront_hourly() * reserved),
        reservation_unused_quantity=unused,
        reservation_unused_recurring_fee=ten_places(Decimal(held.hourly) * unused),
        reservation_unused_amortized_upfront_fee_for_billing_period=ten_places(_upfront_hourly() * unused),
        **_columns(),  # type: ignore[arg-type]
    )


def purchase(month: str) -> CurLine:
    """The upfront payment, on an invoice of its own."""
    held = story.RESERVATION
    return replace(
        whole_month(month, "Fee", held.account, "upfront"),
        bill_invoice_id=invoice(month, "upfront"),
        bill_bill_type="Purchase",
        line_item_product_code="AmazonRDS",
        line_item_usage_type=f"EUC1-HeavyUsage:{held.instance}",
        line_item_usage_amount=Decimal(held.count),
        line_item_unblended_cost=Decimal(held.upfront),
        line_item_line_item_description=f"Sign up charge for subscription: {_columns()['reservation_subscription_id']}",
        product={"product_name": PRODUCTS["AmazonRDS"], "region": "eu-central-1"},
        product_servicecode="AmazonRDS",
        product_region_code="eu-central-1",
        reservation_upfront_value=Decimal(held.upfront),
        **_columns(),  # type: ignore[arg-type]
    )
