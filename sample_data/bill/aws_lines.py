"""The AWS bill: usage, what commitments make of it, and the fees of the month."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from bill import aws_fees, aws_plans, aws_reservation, period, story
from bill.aws_line import ZERO, CurLine, with_blended
from bill.aws_usage import usage_by_day
from bill.aws_workloads import AwsSku
from bill.workload import Workload


def lines_by_month(seed: int) -> dict[str, list[CurLine]]:
    """Every line item of the sample, per billing month, sorted."""
    usage = usage_by_day(seed)
    by_month: dict[str, list[CurLine]] = {}
    support, refund = aws_fees.FIRST_SUPPORT_FEE, ZERO
    for month in period.months():
        lines = [line for day in period.days_of(month) for line in _day(usage[day], day)]
        spent = _spent(lines)
        lines += _monthly(month, lines, support)
        by_month[month] = sorted(lines, key=_order)
        support = aws_fees.support_fee(spent)
        if month == story.RESTATEMENT.month:
            charged = aws_fees.support_fee(_spent(as_first_invoiced(lines)) - _spent(lines) + spent)
            refund, support = charged - support, charged
    restated = story.RESTATEMENT
    by_month[restated.refund_month].append(with_blended(aws_fees.support_refund(restated.refund_month, refund)))
    by_month[restated.refund_month].sort(key=_order)
    return by_month


def as_first_invoiced(lines: Iterable[CurLine]) -> list[CurLine]:
    """The lines of the restated month before AWS found out that it had counted some usage twice."""
    return [_twice(line) if _was_counted_twice(line) else line for line in lines]


def _was_counted_twice(line: CurLine) -> bool:
    restated = story.RESTATEMENT
    return (
        line.line_item_line_item_type == "Usage"
        and line.line_item_product_code == restated.product_code
        and restated.first <= line.line_item_usage_start_date.date() < restated.end
    )


def _twice(line: CurLine) -> CurLine:
    return replace(
        line,
        line_item_usage_amount=line.line_item_usage_amount * 2,
        line_item_unblended_cost=line.line_item_unblended_cost * 2,
        line_item_blended_cost=line.line_item_blended_cost * 2,
        pricing_public_on_demand_cost=(line.pricing_public_on_demand_cost or ZERO) * 2,
    )


def _spent(lines: Iterable[CurLine]) -> Decimal:
    return sum((line.line_item_unblended_cost for line in lines), ZERO)


def _order(line: CurLine) -> tuple[object, ...]:
    """Alike lines together: files of this order are half as large."""
    return (
        line.line_item_usage_account_id,
        line.line_item_product_code,
        line.line_item_usage_type,
        line.line_item_line_item_type,
        line.line_item_resource_id or "",
        line.line_item_usage_start_date,
        line.identity_line_item_id,
    )


def _day(usage: list[tuple[Workload[AwsSku], CurLine]], day: date) -> list[CurLine]:
    """One day of the bill: commitments applied, cheapest cover first."""
    plan = next((plan for plan in story.SAVINGS_PLANS if plan.start <= day < plan.end), None)
    lines, used, negated = aws_plans.cover(usage, day, plan) if plan else ([line for _, line in usage], ZERO, [])
    lines = [aws_reservation.reserved(line) if aws_reservation.is_reserved(line, day) else line for line in lines]
    lines += aws_plans.negations(negated, day)
    hours = period.delivered_hours(day, aws_plans.LAG_HOURS)
    if plan and hours:
        lines.append(aws_plans.fee(plan, day, hours, used))
    return [with_blended(line) for line in lines]


def _monthly(month: str, lines: list[CurLine], support: Decimal) -> list[CurLine]:
    """What is charged once a month, on its first day."""
    monthly = [aws_fees.support(month, support), aws_fees.marketplace(month), aws_fees.tax(month)]
    held = story.RESERVATION
    if held.start <= period.month_start(month) < held.end:
        monthly.append(aws_reservation.monthly_fee(month, lines))
    if month == period.month_of(held.start):
        monthly.append(aws_reservation.purchase(month))
    if month == story.REFUND_MONTH:
        monthly.append(aws_fees.refund(month))
    return [with_blended(line) for line in monthly]
