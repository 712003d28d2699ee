"""AWS usage at on-demand price: one line per machine or resource and day, as far as delivered."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

from bill import company, identity, period, story
from bill.aws_line import HOURS, CurLine, blank_day, ten_places
from bill.aws_workloads import PRODUCTS, REGIONS, WORKLOADS, AwsSku
from bill.workload import Workload

_WHOLE_UNITS = frozenset({"Hrs", "Hours", "Requests", "ReadRequestUnits"})
_FAMILIES = {
    "c": "Compute optimized",
    "g": "GPU instance",
    "m": "General purpose",
    "p": "GPU instance",
    "r": "Memory optimized",
}
_ONE_LINE_PER_MACHINE = frozenset({"AmazonEC2", "AmazonRDS"})


def usage_by_day(seed: int) -> dict[date, list[tuple[Workload[AwsSku], CurLine]]]:
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
            blank_day(day, "Usage", workload.account, workload.name, slot),
            line_item_product_code=sku.code,
            line_item_usage_type=sku.usage_type,
            line_item_operation=sku.operation,
            line_item_availability_zone=_zone(sku, slot),
            line_item_resource_id=_resource(workload, name, day),
            line_item_usage_amount=quantity,
            line_item_unblended_rate=sku.rate,
            line_item_unblended_cost=ten_places(Decimal(sku.rate) * quantity),
            line_item_line_item_description=_description(sku),
            pricing_term="Spot" if sku.on_demand else "OnDemand",
            pricing_public_on_demand_rate=on_demand,
            pricing_public_on_demand_cost=ten_places(Decimal(on_demand) * quantity),
            resource_tags={f"user_{key}": value for key, value in sorted(workload.tags.items())},
            **_product(sku),  # type: ignore[arg-type]
        )


def _quantities(workload: Workload[AwsSku], cost: float, hours: int) -> list[Decimal]:
    """Units of one day: machines of 24 hours each where it is machines, else one amount."""
    sku = workload.sku
    units = cost / float(sku.rate)
    if workload.noise == 0 and sku.unit in _WHOLE_UNITS:
        units = round(units / HOURS) * HOURS
    units *= hours / HOURS
    whole = sku.unit in _WHOLE_UNITS
    total = Decimal(round(units)) if whole else Decimal(f"{units:.6f}")
    if sku.unit != "Hrs" or sku.code not in _ONE_LINE_PER_MACHINE:
        return [total]
    machines = [Decimal(hours)] * int(total // hours)
    rest = total - sum(machines)
    return [*machines, rest] if rest else machines


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
        "product_instance_family": _FAMILIES[sku.instance.removeprefix("db.")[0]] if sku.instance else None,
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
        return f"${price:f} per On Demand Linux {sku.instance} Instance Hour"
    return f"${price:f} per {sku.unit} for {sku.usage_type} in {where}"


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
