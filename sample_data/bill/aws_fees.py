"""What AWS charges once a month, dated on its first day: support, marketplace, tax, a refund."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from bill import company, identity, period, story
from bill.aws_line import CurLine, invoice, ten_places, whole_month
from bill.aws_workloads import PRODUCTS

_SELLER = "Lanternfish Software Ltd"
_MARKETPLACE = "8kq3v0w5r7yx2mznd4tplanternlogs"
_MARKETPLACE_FEE = Decimal("2530.0000000000")
_CENT = Decimal("0.01")
_SUPPORT_TIER = Decimal(150_000)
_SUPPORT_FIRST, _SUPPORT_REST = Decimal("0.10"), Decimal("0.07")
FIRST_SUPPORT_FEE = Decimal("13416.6200000000")
"""Of the first month, whose month before is not in the sample."""


def support_fee(spent: Decimal) -> Decimal:
    """Enterprise Support: a tenth of the first 150,000 of last month's charges, 7 % of the rest."""
    tier = min(spent, _SUPPORT_TIER)
    return (tier * _SUPPORT_FIRST + (spent - tier) * _SUPPORT_REST).quantize(_CENT)


def support(month: str, fee: Decimal) -> CurLine:
    """Enterprise Support, charged to the payer."""
    return replace(
        whole_month(month, "Fee", company.PAYER, "support"),
        line_item_product_code="AWSSupportEnterprise",
        line_item_usage_type="Dollar",
        line_item_unblended_cost=fee,
        line_item_line_item_description="AWS Support (Enterprise) - 10% of the first 150K, 7% of the next 350K",
        product={"product_name": PRODUCTS["AWSSupportEnterprise"]},
        product_servicecode="AWSSupportEnterprise",
        product_product_family="AWS Support",
        pricing_unit="Dollar",
    )


def support_refund(month: str, amount: Decimal) -> CurLine:
    """What AWS gives back of a support fee of an earlier month, once the charges it was reckoned from have changed."""
    restated = story.RESTATEMENT
    start = period.midnight(period.month_start(restated.fee_month))
    end = period.midnight(period.month_end(restated.fee_month)) - timedelta(seconds=1)
    return replace(
        support(month, -amount),
        identity_line_item_id=identity.line_id("aws", month, "support refund"),
        identity_time_interval=f"{start:%Y-%m-%dT%H:%M:%SZ}/{end:%Y-%m-%dT%H:%M:%SZ}",
        bill_bill_type="Refund",
        line_item_line_item_type="Refund",
        line_item_usage_start_date=start,
        line_item_usage_end_date=end,
        line_item_line_item_description=(
            f"Refund of AWS Support (Enterprise) for {restated.fee_month}: charges of {restated.month} were restated"
        ),
    )


def marketplace(month: str) -> CurLine:
    """Software of another seller, on an invoice of its own."""
    return replace(
        whole_month(month, "Usage", company.PLATFORM, "marketplace"),
        bill_invoice_id=invoice(month, "marketplace"),
        bill_billing_entity="AWS Marketplace",
        line_item_product_code=_MARKETPLACE,
        line_item_usage_type="MP:lanternfish-50gb-month",
        line_item_operation="SubscriptionFee",
        line_item_unblended_rate=f"{_MARKETPLACE_FEE}",
        line_item_unblended_cost=_MARKETPLACE_FEE,
        line_item_line_item_description="AWS Marketplace contract or monthly fee: 50 GB a day, 14 days of retention",
        line_item_legal_entity=_SELLER,
        product={"product_name": PRODUCTS[_MARKETPLACE]},
        product_servicecode=_MARKETPLACE,
        pricing_unit="Units",
        pricing_public_on_demand_cost=_MARKETPLACE_FEE,
        pricing_public_on_demand_rate=f"{_MARKETPLACE_FEE}",
        resource_tags={"user_project": "platform", "user_team": "platform"},
    )


def tax(month: str) -> CurLine:
    """VAT on the marketplace; on AWS itself the buyer owes it (reverse charge), so no line shows it."""
    return replace(
        whole_month(month, "Tax", company.PLATFORM, "tax"),
        bill_invoice_id=invoice(month, "marketplace"),
        bill_billing_entity="AWS Marketplace",
        line_item_product_code=_MARKETPLACE,
        line_item_usage_type="MP:lanternfish-50gb-month",
        line_item_unblended_cost=ten_places(_MARKETPLACE_FEE * Decimal(company.VAT)),
        line_item_line_item_description=f"Tax for product code {_MARKETPLACE}",
        line_item_tax_type="VAT",
        line_item_legal_entity=_SELLER,
        product={"product_name": PRODUCTS[_MARKETPLACE]},
    )


def refund(month: str) -> CurLine:
    """What AWS gave back."""
    return replace(
        whole_month(month, "Refund", company.SHOP_PROD, "refund"),
        bill_invoice_id=invoice(month, "refund"),
        bill_bill_type="Refund",
        line_item_product_code="AmazonCloudFront",
        line_item_usage_type="EU-DataTransfer-Out-Bytes",
        line_item_unblended_cost=Decimal(story.REFUND),
        line_item_line_item_description="Service level credit for Amazon CloudFront",
        product={"product_name": PRODUCTS["AmazonCloudFront"]},
        product_servicecode="AmazonCloudFront",
    )
