"""The AWS bill as line items: usage, what commitments do to it, fees, tax and a refund; columns as in CUR 2.0."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from bill import company, identity, period, story
from bill.aws_workloads import PRODUCTS, REGIONS, WORKLOADS, AwsSku
from bill.workload import Workload

_STEP = Decimal("0.0000000001")
_ZERO = Decimal(0)
_DAY = 24
_AWS = "Amazon Web Services EMEA SARL"
_SELLER = "Lanternfish Software Ltd"
_MARKETPLACE = "8kq3v0w5r7yx2mznd4tplanternlogs"
_MARKETPLACE_FEE = Decimal("2340.0000000000")
_SUPPORT_TIER = Decimal(150_000)
_SUPPORT_FIRST, _SUPPORT_REST = Decimal("0.10"), Decimal("0.07")
_FIRST_SUPPORT_FEE = Decimal("12410.3700000000")
_PLAN_LAG_HOURS = 8
_WHOLE_UNITS = frozenset({"Hrs", "Hours", "Requests", "ReadRequestUnits"})
_ONE_LINE_PER_MACHINE = frozenset({"AmazonEC2", "AmazonRDS"})
_RDS_LAG_HOURS = 12
_OFFPEAK = {5: Decimal("0.955"), 6: Decimal("0.940")}
_PEAK = Decimal("0.985")


@dataclass(frozen=True, slots=True, kw_only=True)
class CurLine:
    """One line item; every field is the CUR 2.0 column of that name."""

    identity_line_item_id: str
    identity_time_interval: str
    bill_invoice_id: str
    bill_invoicing_entity: str = _AWS
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
    line_item_normalization_factor: Decimal = _ZERO
    line_item_normalized_usage_amount: Decimal = _ZERO
    line_item_currency_code: str = company.CURRENCY["aws"]
    line_item_unblended_rate: str | None = None
    line_item_unblended_cost: Decimal
    line_item_blended_rate: str | None = None
    line_item_blended_cost: Decimal = _ZERO
    line_item_line_item_description: str
    line_item_tax_type: str | None = None
    line_item_legal_entity: str = _AWS
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
    reservation_amortized_upfront_cost_for_usage: Decimal = _ZERO
    reservation_amortized_upfront_fee_for_billing_period: Decimal = _ZERO
    reservation_effective_cost: Decimal = _ZERO
    reservation_end_time: str | None = None
    reservation_modification_status: str | None = None
    reservation_number_of_reservations: str | None = None
    reservation_recurring_fee_for_usage: Decimal = _ZERO
    reservation_reservation_a_r_n: str | None = None
    reservation_start_time: str | None = None
    reservation_subscription_id: str | None = None
    reservation_total_reserved_units: str | None = None
    reservation_units_per_reservation: str | None = None
    reservation_unused_amortized_upfront_fee_for_billing_period: Decimal = _ZERO
    reservation_unused_quantity: Decimal = _ZERO
    reservation_unused_recurring_fee: Decimal = _ZERO
    reservation_upfront_value: Decimal = _ZERO
    savings_plan_amortized_upfront_commitment_for_billing_period: Decimal = _ZERO
    savings_plan_end_time: str | None = None
    savings_plan_offering_type: str | None = None
    savings_plan_payment_option: str | None = None
    savings_plan_purchase_term: str | None = None
    savings_plan_recurring_commitment_for_billing_period: Decimal = _ZERO
    savings_plan_region: str | None = None
    savings_plan_savings_plan_a_r_n: str | None = None
    savings_plan_savings_plan_effective_cost: Decimal = _ZERO
    savings_plan_savings_plan_rate: Decimal = _ZERO
    savings_plan_start_time: str | None = None
    savings_plan_total_commitment_to_date: Decimal = _ZERO
    savings_plan_used_commitment: Decimal = _ZERO
    discount: Mapping[str, float] = field(default_factory=dict)
    discount_bundled_discount: Decimal = _ZERO
    discount_total_discount: Decimal = _ZERO
    cost_category: Mapping[str, str] = field(default_factory=dict)
    resource_tags: Mapping[str, str] = field(default_factory=dict)


def lines_by_month(seed: int) -> dict[str, list[CurLine]]:
    """Every line item of the sample, per billing month, sorted."""
    usage = _usage_by_day(seed)
    by_month: dict[str, list[CurLine]] = {}
    support = _FIRST_SUPPORT_FEE
    for month in period.months():
        lines = [line for day in period.days_of(month) for line in _day(usage[day], day)]
        spent = sum((line.line_item_unblended_cost for line in lines), _ZERO)
        lines += _monthly(month, lines, support)
        by_month[month] = sorted(lines, key=_order)
        support = _support_fee(spent)
    return by_month


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


def _usage_by_day(seed: int) -> dict[date, list[tuple[Workload[AwsSku], CurLine]]]:
    """Usage at on-demand price as far as delivered, each line with the workload it came from."""
    by_day: dict[date, list[tuple[Workload[AwsSku], CurLine]]] = defaultdict(list)
    for workload in WORKLOADS + story.LATE_WORKLOADS_AWS:
        for day, cost in workload.cost_by_day(seed).items():
            hours = period.delivered_hours(day, workload.lag_hours)
            if hours and cost:
                by_day[day] += [(workload, line) for line in _usage_lines(workload, day, cost, hours)]
    return by_day


def _usage_lines(workload: Workload[AwsSku], day: date, cost: float, hours: int) -> Iterator[CurLine]:
    sku = workload.sku
    for slot, quantity in enumerate(_quantities(workload, cost, hours)):
        if not quantity:
            continue
        name = workload.name if slot == 0 else f"{workload.name}-{slot + 1}"
        on_demand = sku.on_demand or sku.rate
        yield replace(
            _blank(day, "Usage", workload.account, workload.name, slot),
            line_item_product_code=sku.code,
            line_item_usage_type=sku.usage_type,
            line_item_operation=sku.operation,
            line_item_availability_zone=_zone(sku, slot),
            line_item_resource_id=_resource(workload, name, day),
            line_item_usage_amount=quantity,
            line_item_unblended_rate=sku.rate,
            line_item_unblended_cost=_cents(Decimal(sku.rate) * quantity),
            line_item_line_item_description=_description(sku),
            pricing_term="Spot" if sku.on_demand else "OnDemand",
            pricing_public_on_demand_rate=on_demand,
            pricing_public_on_demand_cost=_cents(Decimal(on_demand) * quantity),
            resource_tags={f"user_{key}": value for key, value in sorted(workload.tags.items())},
            **_product(sku),  # type: ignore[arg-type]
        )


def _quantities(workload: Workload[AwsSku], cost: float, hours: int) -> list[Decimal]:
    """Units of one day: machines of 24 hours each where it is machines, else one amount."""
    sku = workload.sku
    units = cost / float(sku.rate)
    if workload.noise == 0 and sku.unit in _WHOLE_UNITS:
        units = round(units / _DAY) * _DAY
    units *= hours / _DAY
    whole = sku.unit in _WHOLE_UNITS
    total = Decimal(round(units)) if whole else Decimal(f"{units:.6f}")
    if sku.unit != "Hrs" or sku.code not in _ONE_LINE_PER_MACHINE:
        return [total]
    machines = [Decimal(hours)] * int(total // hours)
    rest = total - sum(machines)
    return [*machines, rest] if rest else machines


def _blank(day: date, kind: str, account: str, *parts: object) -> CurLine:
    """A line of one day with what every line has."""
    month = period.month_of(day)
    start, end = period.midnight(day), period.midnight(day + timedelta(days=1))
    return CurLine(
        identity_line_item_id=identity.line_id("aws", day, kind, account, *parts),
        identity_time_interval=f"{start:%Y-%m-%dT%H:%M:%SZ}/{end:%Y-%m-%dT%H:%M:%SZ}",
        bill_invoice_id=_invoice(month, "usage"),
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
        line_item_unblended_cost=_ZERO,
        line_item_line_item_description="",
    )


def _whole_month(month: str, kind: str, account: str, *parts: object) -> CurLine:
    """A line of a whole month; AWS writes its end as the last second of the month."""
    start = period.midnight(period.month_start(month))
    end = period.midnight(period.month_end(month)) - timedelta(seconds=1)
    return replace(
        _blank(period.month_start(month), kind, account, *parts),
        identity_time_interval=f"{start:%Y-%m-%dT%H:%M:%SZ}/{end:%Y-%m-%dT%H:%M:%SZ}",
        line_item_usage_start_date=start,
        line_item_usage_end_date=end,
    )


def _invoice(month: str, what: str) -> str:
    """Invoice id of a month; blank until AWS has issued it."""
    if month == period.OPEN_MONTH:
        return ""
    return f"EUINNL{month[2:4]}-{identity.number(7, 'invoice', month, what)}"


def _product(sku: AwsSku) -> dict[str, object]:
    region, (_, location) = sku.region, REGIONS[sku.region]
    sku_id = identity.letters(16, sku.usage_type, sku.operation)
    attributes = {"product_name": PRODUCTS[sku.code], "region": region, "servicename": PRODUCTS[sku.code]}
    if sku.instance and sku.code == "AmazonEC2":
        attributes |= {"operating_system": "Linux", "tenancy": "Shared", "capacitystatus": "Used"}
    if sku.code == "AmazonRDS":
        attributes |= {"database_engine": "PostgreSQL", "deployment_option": "Single-AZ"}
    return {
        "product": attributes,
        "product_servicecode": sku.code,
        "product_product_family": sku.family,
        "product_region_code": region,
        "product_location": location,
        "product_location_type": "AWS Region",
        "product_instance_type": sku.instance,
        "product_instance_family": "GPU instance" if sku.instance and sku.instance[0] in "gp" else None,
        "product_operation": sku.operation,
        "product_usagetype": sku.usage_type,
        "product_sku": sku_id,
        "product_pricing_unit": sku.unit,
        "pricing_rate_code": f"{sku_id}.JRTCKXETXF.6YS6EN2CT7",
        "pricing_rate_id": identity.number(11, "rate", sku.usage_type),
        "pricing_currency": company.CURRENCY["aws"],
        "pricing_unit": sku.unit,
    }


def _description(sku: AwsSku) -> str:
    price = Decimal(sku.rate).normalize()
    where = REGIONS[sku.region][1]
    if sku.on_demand:
        return f"{sku.instance} Linux/UNIX Spot Instance-hour in {where} in VPC Zone"
    if sku.instance and sku.code == "AmazonEC2":
        return f"EUR {price:f} per On Demand Linux {sku.instance} Instance Hour"
    return f"EUR {price:f} per {sku.unit} for {sku.usage_type} in {where}"


def _zone(sku: AwsSku, slot: int) -> str | None:
    return f"{sku.region}{'abc'[slot % 3]}" if sku.resource.startswith("i-") else None


def _resource(workload: Workload[AwsSku], name: str, day: date) -> str | None:
    """Id of the resource; machines of a fleet are replaced once a month."""
    pattern = workload.sku.resource
    if not pattern:
        return None
    age = period.month_of(day) if workload.covered else ""
    hexadecimal = identity.hexadecimal(17, name, workload.account, age)
    name = identity.letters(13, name) if workload.sku.code == "AmazonCloudFront" else name
    if workload.sku.code == "AmazonS3":
        name = f"wielrijk-{name}"
    return pattern.format(id=hexadecimal, account=workload.account, region=workload.sku.region, name=name)


def _cents(amount: Decimal) -> Decimal:
    """An amount with the ten decimals of a CUR."""
    return amount.quantize(_STEP)


def _day(usage: list[tuple[Workload[AwsSku], CurLine]], day: date) -> list[CurLine]:
    """One day of the bill: commitments applied, cheapest cover first."""
    plan = next((plan for plan in story.SAVINGS_PLANS if plan.start <= day < plan.end), None)
    lines, used, negated = _cover(usage, day, plan) if plan else ([line for _, line in usage], _ZERO, [])
    lines = [_reserved(line) if _is_reserved(line, day) else line for line in lines]
    lines += _negations(negated, day)
    hours = period.delivered_hours(day, _PLAN_LAG_HOURS)
    if plan and hours:
        lines.append(_plan_fee(plan, day, hours, used))
    return [_blended(line) for line in lines]


def _blended(line: CurLine) -> CurLine:
    """Blended equals unblended: no volume tiers are shared."""
    return replace(
        line,
        line_item_blended_rate=line.line_item_unblended_rate,
        line_item_blended_cost=line.line_item_unblended_cost,
    )


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


def _cover(
    usage: list[tuple[Workload[AwsSku], CurLine]], day: date, plan: story.SavingsPlan
) -> tuple[list[CurLine], Decimal, list[CurLine]]:
    """Cover usage as far as the day's commitment goes.

    The commitment is spent hour by hour, so quiet hours leave a part of it unused even on a busy day.

    Returns:
        The lines, the commitment used, and those of the lines that are covered.
    """
    hours = period.delivered_hours(day, _PLAN_LAG_HOURS)
    left = Decimal(plan.hourly) * hours * _OFFPEAK.get(day.weekday(), _PEAK)
    lines: list[CurLine] = []
    covered: list[CurLine] = []
    used = _ZERO
    for workload, line in sorted(usage, key=_saving):
        rate = Decimal(workload.sku.plan_rate or 0)
        quantity = min(line.line_item_usage_amount, _six_places(left / rate)) if workload.covered and rate else _ZERO
        if not quantity:
            lines.append(line)
            continue
        effective = _cents(rate * quantity)
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
        line_item_unblended_cost=_cents(rate * quantity),
        pricing_public_on_demand_cost=_cents(on_demand * quantity),
    )


def _covered(line: CurLine, plan: story.SavingsPlan, quantity: Decimal, rate: Decimal) -> CurLine:
    return replace(
        _scaled(line, quantity),
        identity_line_item_id=identity.line_id(line.identity_line_item_id, "covered"),
        line_item_line_item_type="SavingsPlanCoveredUsage",
        savings_plan_savings_plan_rate=rate,
        savings_plan_savings_plan_effective_cost=_cents(rate * quantity),
        **_plan_columns(plan),  # type: ignore[arg-type]
    )


def _negations(covered: Iterable[CurLine], day: date) -> list[CurLine]:
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
        line_item_usage_amount=sum((one.line_item_usage_amount for one in group), _ZERO),
        line_item_unblended_cost=-sum((one.line_item_unblended_cost for one in group), _ZERO),
        line_item_line_item_description=(
            f"SavingsPlanNegation used by AccountId : {account} and UsageSku : {line.product_sku}"
        ),
        pricing_public_on_demand_cost=None,
        pricing_public_on_demand_rate=None,
        pricing_term=None,
        savings_plan_savings_plan_rate=_ZERO,
        savings_plan_savings_plan_effective_cost=_ZERO,
        resource_tags={},
    )


def _plan_fee(plan: story.SavingsPlan, day: date, hours: int, used: Decimal) -> CurLine:
    fee = _cents(Decimal(plan.hourly) * hours)
    return replace(
        _blank(day, "SavingsPlanRecurringFee", company.PLATFORM, plan.key),
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


def _is_reserved(line: CurLine, day: date) -> bool:
    held = story.RESERVATION
    return (
        held.start <= day < held.end
        and line.line_item_usage_account_id == held.account
        and line.product_instance_type == held.instance
    )


def _reserved(line: CurLine) -> CurLine:
    """Usage under the reservation: free at the time, and worth its share of both fees."""
    hours, held = line.line_item_usage_amount, story.RESERVATION
    recurring, upfront = _cents(Decimal(held.hourly) * hours), _cents(_upfront_hourly() * hours)
    return replace(
        line,
        line_item_line_item_type="DiscountedUsage",
        line_item_unblended_rate="0.0000000000",
        line_item_unblended_cost=_ZERO,
        line_item_line_item_description=f"PostgreSQL, {held.instance} reserved instance applied",
        pricing_term="Reserved",
        pricing_purchase_option="Partial Upfront",
        pricing_lease_contract_length="1yr",
        pricing_offering_class="standard",
        reservation_recurring_fee_for_usage=recurring,
        reservation_amortized_upfront_cost_for_usage=upfront,
        reservation_effective_cost=recurring + upfront,
        **_reservation_columns(),  # type: ignore[arg-type]
    )


def _upfront_hourly() -> Decimal:
    held = story.RESERVATION
    return Decimal(held.upfront) / (held.count * _DAY * (held.end - held.start).days)


def _reservation_columns() -> dict[str, str]:
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


def _monthly(month: str, lines: list[CurLine], support: Decimal) -> list[CurLine]:
    """What is charged once a month, on its first day."""
    monthly = [_support(month, support), _marketplace(month), _tax(month)]
    held = story.RESERVATION
    if held.start <= period.month_start(month) < held.end:
        monthly.append(_reservation_fee(month, lines))
    if month == period.month_of(held.start):
        monthly.append(_reservation_purchase(month))
    if month == story.REFUND_MONTH:
        monthly.append(_refund(month))
    return [_blended(line) for line in monthly]


def _support_fee(spent: Decimal) -> Decimal:
    """Enterprise Support: a tenth of the first 150,000 of last month's charges, 7 % of the rest."""
    tier = min(spent, _SUPPORT_TIER)
    return (tier * _SUPPORT_FIRST + (spent - tier) * _SUPPORT_REST).quantize(Decimal("0.01")).quantize(_STEP)


def _support(month: str, fee: Decimal) -> CurLine:
    return replace(
        _whole_month(month, "Fee", company.PAYER, "support"),
        line_item_product_code="AWSSupportEnterprise",
        line_item_usage_type="Dollar",
        line_item_unblended_cost=fee,
        line_item_line_item_description="AWS Support (Enterprise) - 10% of the first 150K, 7% of the next 350K",
        product={"product_name": PRODUCTS["AWSSupportEnterprise"]},
        product_servicecode="AWSSupportEnterprise",
        product_product_family="AWS Support",
        pricing_unit="Dollar",
    )


def _marketplace(month: str) -> CurLine:
    return replace(
        _whole_month(month, "Usage", company.PLATFORM, "marketplace"),
        bill_invoice_id=_invoice(month, "marketplace"),
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


def _tax(month: str) -> CurLine:
    return replace(
        _whole_month(month, "Tax", company.PLATFORM, "tax"),
        bill_invoice_id=_invoice(month, "marketplace"),
        bill_billing_entity="AWS Marketplace",
        line_item_product_code=_MARKETPLACE,
        line_item_usage_type="MP:lanternfish-50gb-month",
        line_item_unblended_cost=_cents(_MARKETPLACE_FEE * Decimal(company.VAT)),
        line_item_line_item_description=f"Tax for product code {_MARKETPLACE}",
        line_item_tax_type="VAT",
        line_item_legal_entity=_SELLER,
        product={"product_name": PRODUCTS[_MARKETPLACE]},
    )


def _reservation_fee(month: str, lines: list[CurLine]) -> CurLine:
    """The recurring fee of the whole month, and the part of it that no instance has used so far."""
    held = story.RESERVATION
    month_days = (period.month_end(month) - period.month_start(month)).days
    reserved = Decimal(held.count * _DAY * month_days)
    so_far = sum(held.count * period.delivered_hours(day, _RDS_LAG_HOURS) for day in period.days_of(month))
    used = sum((x.line_item_usage_amount for x in lines if x.line_item_line_item_type == "DiscountedUsage"), _ZERO)
    unused = max(_ZERO, Decimal(so_far) - used)
    return replace(
        _whole_month(month, "RIFee", held.account, held.key),
        line_item_product_code="AmazonRDS",
        line_item_usage_type=f"EUC1-HeavyUsage:{held.instance}",
        line_item_operation="CreateDBInstance:0014",
        line_item_usage_amount=reserved,
        line_item_unblended_rate=held.hourly,
        line_item_unblended_cost=_cents(Decimal(held.hourly) * reserved),
        line_item_line_item_description=f"EUR {Decimal(held.hourly).normalize():f} hourly fee per PostgreSQL, "
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
        reservation_amortized_upfront_fee_for_billing_period=_cents(_upfront_hourly() * reserved),
        reservation_unused_quantity=unused,
        reservation_unused_recurring_fee=_cents(Decimal(held.hourly) * unused),
        reservation_unused_amortized_upfront_fee_for_billing_period=_cents(_upfront_hourly() * unused),
        **_reservation_columns(),  # type: ignore[arg-type]
    )


def _reservation_purchase(month: str) -> CurLine:
    held = story.RESERVATION
    return replace(
        _whole_month(month, "Fee", held.account, "upfront"),
        bill_invoice_id=_invoice(month, "upfront"),
        bill_bill_type="Purchase",
        line_item_product_code="AmazonRDS",
        line_item_usage_type=f"EUC1-HeavyUsage:{held.instance}",
        line_item_usage_amount=Decimal(held.count),
        line_item_unblended_cost=Decimal(held.upfront),
        line_item_line_item_description=f"Sign up charge for subscription: "
        f"{_reservation_columns()['reservation_subscription_id']}",
        product={"product_name": PRODUCTS["AmazonRDS"], "region": "eu-central-1"},
        product_servicecode="AmazonRDS",
        product_region_code="eu-central-1",
        reservation_upfront_value=Decimal(held.upfront),
        **_reservation_columns(),  # type: ignore[arg-type]
    )


def _refund(month: str) -> CurLine:
    return replace(
        _whole_month(month, "Refund", company.SHOP_PROD, "refund"),
        bill_invoice_id=_invoice(month, "refund"),
        bill_bill_type="Refund",
        line_item_product_code="AmazonCloudFront",
        line_item_usage_type="EU-DataTransfer-Out-Bytes",
        line_item_unblended_cost=Decimal(story.REFUND),
        line_item_line_item_description="Service level credit for Amazon CloudFront",
        product={"product_name": PRODUCTS["AmazonCloudFront"]},
        product_servicecode="AmazonCloudFront",
    )
