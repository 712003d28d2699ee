"""What a Compute Savings Plan does to the bill: covered usage, what cancels its price, and the fee."""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from bill import company, identity, period, story
from bill.aws_line import ZERO, CurLine, blank_day, ten_places
from bill.aws_workloads import PRODUCTS, AwsSku
from bill.workload import Workload

LAG_HOURS = 8
"""As of the compute it covers: else an incomplete day would look like a plan badly used."""

_OFFPEAK = {5: Decimal("0.955"), 6: Decimal("0.940")}
_PEAK = Decimal("0.985")


def _plan_arn(plan: story.SavingsPlan) -> str:
    return f"arn:aws:savingsplans::{company.PLATFORM}:savingsplan/{identity.guid('savings plan', plan.key)}"


def _plan_columns(plan: story.SavingsPlan) -> dict[str, str]:
    return {
        "savings_plan_savings_plan_a_r_n": _plan_arn(plan),
        "savings_plan_start_time": f"{plan.start}T00:00:00.000Z",
        "savings_plan_end_time": f"{plan.end}T00:00:00.000Z",
        "savings_plan_offering_type": "ComputeSavingsPlans",
        "savings_plan_payment_option": "No Upfront",
        "savings_plan_purchase_term": "1yr",
        "savings_plan_region": "Any",
    }


def cover(
    usage: list[tuple[Workload[AwsSku], CurLine]], day: date, plan: story.SavingsPlan
) -> tuple[list[CurLine], Decimal, list[CurLine]]:
    """Cover usage as far as the day's commitment goes.

    The commitment is spent hour by hour, so quiet hours leave a part of it unused even on a busy day.

    Returns:
        The lines, the commitment used, and those of the lines that are covered.
    """
    hours = period.delivered_hours(day, LAG_HOURS)
    left = Decimal(plan.hourly) * hours * _OFFPEAK.get(day.weekday(), _PEAK)
    lines: list[CurLine] = []
    covered: list[CurLine] = []
    used = ZERO
    for workload, line in sorted(usage, key=_saving):
        rate = Decimal(workload.sku.plan_rate or 0)
        quantity = min(line.line_item_usage_amount, _six_places(left / rate)) if workload.covered and rate else ZERO
        if not quantity:
            lines.append(line)
            continue
        effective = ten_places(rate * quantity)
        left, used = left - effective, used + effective
        covered.append(_covered(line, plan, quantity, rate))
        rest = line.line_item_usage_amount - quantity
        if rest:
            lines.append(_scaled(line, rest))
    return lines + covered, used, covered


def _saving(item: tuple[Workload[AwsSku], CurLine]) -> tuple[float, str]:
    """AWS covers what saves most first."""
    sku = item[0].sku
    return (float(sku.plan_rate or sku.rate) / float(sku.rate), item[1].identity_line_item_id)


def _six_places(value: Decimal) -> Decimal:
    return Decimal(math.floor(value * 1_000_000)) / 1_000_000


def _scaled(line: CurLine, quantity: Decimal) -> CurLine:
    rate, on_demand = Decimal(line.line_item_unblended_rate or 0), Decimal(line.pricing_public_on_demand_rate or 0)
    return replace(
        line,
        line_item_usage_amount=quantity,
        line_item_unblended_cost=ten_places(rate * quantity),
        pricing_public_on_demand_cost=ten_places(on_demand * quantity),
    )


def _covered(line: CurLine, plan: story.SavingsPlan, quantity: Decimal, rate: Decimal) -> CurLine:
    return replace(
        _scaled(line, quantity),
        identity_line_item_id=identity.line_id(line.identity_line_item_id, "covered"),
        line_item_line_item_type="SavingsPlanCoveredUsage",
        savings_plan_savings_plan_rate=rate,
        savings_plan_savings_plan_effective_cost=ten_places(rate * quantity),
        **_plan_columns(plan),  # type: ignore[arg-type]
    )


def negations(covered: Iterable[CurLine], day: date) -> list[CurLine]:
    """What cancels the on-demand price of covered usage: one line per plan, account and usage type."""
    groups: dict[tuple[str | None, str, str], list[CurLine]] = defaultdict(list)
    for line in covered:
        key = (line.savings_plan_savings_plan_a_r_n, line.line_item_usage_account_id, line.line_item_usage_type)
        groups[key].append(line)
    return [_negation(group, day) for group in groups.values()]


def _negation(group: list[CurLine], day: date) -> CurLine:
    line = group[0]
    account, usage_type = line.line_item_usage_account_id, line.line_item_usage_type
    return replace(
        line,
        identity_line_item_id=identity.line_id("aws", day, "negation", account, usage_type),
        line_item_line_item_type="SavingsPlanNegation",
        line_item_availability_zone=None,
        line_item_resource_id=None,
        line_item_usage_amount=sum((one.line_item_usage_amount for one in group), ZERO),
        line_item_unblended_cost=-sum((one.line_item_unblended_cost for one in group), ZERO),
        line_item_line_item_description=(
            f"SavingsPlanNegation used by AccountId : {account} and UsageSku : {line.product_sku}"
        ),
        pricing_public_on_demand_cost=None,
        pricing_public_on_demand_rate=None,
        pricing_term=None,
        savings_plan_savings_plan_rate=ZERO,
        savings_plan_savings_plan_effective_cost=ZERO,
        resource_tags={},
    )


def fee(plan: story.SavingsPlan, day: date, hours: int, used: Decimal) -> CurLine:
    """The commitment of one day, and how much of it was used."""
    fee = ten_places(Decimal(plan.hourly) * hours)
    return replace(
        blank_day(day, "SavingsPlanRecurringFee", company.PLATFORM, plan.key),
        line_item_product_code="ComputeSavingsPlans",
        line_item_usage_type="ComputeSP:1yrNoUpfront",
        line_item_usage_amount=Decimal(hours),
        line_item_unblended_rate=plan.hourly,
        line_item_unblended_cost=fee,
        line_item_line_item_description="1 year No Upfront Compute Savings Plan",
        line_item_resource_id=_plan_arn(plan),
        product={"product_name": PRODUCTS["ComputeSavingsPlans"]},
        product_servicecode="ComputeSavingsPlans",
        pricing_unit="Hrs",
        savings_plan_total_commitment_to_date=fee,
        savings_plan_used_commitment=used,
        savings_plan_recurring_commitment_for_billing_period=fee,
        **_plan_columns(plan),  # type: ignore[arg-type]
    )
