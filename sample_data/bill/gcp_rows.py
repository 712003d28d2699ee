"""The parts that every row of Google's export is put together from.

Field names and their order: Google's description of the detailed usage cost export (read 2026-11). BigQuery writes
FLOAT columns as numbers, NUMERIC ones as text, and leaves out what is null.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from bill import company, identity, period, rates
from bill.gcp_workloads import SERVICES, GcpSku

Row = dict[str, object]

ZERO = Decimal(0)
MICRO = Decimal("0.000001")
PACIFIC = ZoneInfo("America/Los_Angeles")
FRANKFURT: Row = {"location": "europe-west3", "country": "DE", "region": "europe-west3"}
_NETHERLANDS: Row = {"location": "europe-west4", "country": "NL", "region": "europe-west4", "zone": "europe-west4-a"}


def windows(day: date, hours: int) -> list[tuple[datetime, datetime]]:
    """A UTC day, cut where the invoice month changes: at midnight in California."""
    start = period.midnight(day)
    end = start + timedelta(hours=hours)
    if day.day != 1 or day == period.FIRST_DAY:
        return [(start, end)]
    cut = datetime(day.year, day.month, day.day, tzinfo=PACIFIC).astimezone(start.tzinfo)
    return [(start, cut), (cut, end)] if cut < end else [(start, end)]


def invoice(day: date, start: datetime, *, late: bool = False) -> Row:
    """The Pacific month of the usage; what is reported late on a month's last day goes on the next invoice."""
    month = f"{start.astimezone(PACIFIC):%Y%m}"
    tomorrow = day + timedelta(days=1)
    if day == period.FIRST_DAY:
        month = f"{day:%Y%m}"  # the sample begins with a whole invoice month
    elif late and tomorrow.day == 1 and tomorrow <= period.LAST_DAY:
        month = f"{tomorrow:%Y%m}"
    return {"month": month, "publisher_type": "GOOGLE"}


def head(service: str, description: str, start: datetime, end: datetime, project: str | None) -> Row:
    """What was used, when and by which project."""
    fields: Row = {
        "billing_account_id": company.GCP_BILLING_ACCOUNT,
        "service": {"id": SERVICES[service], "description": service},
        "sku": {"id": sku_id(description), "description": description},
        "usage_start_time": moment(start),
        "usage_end_time": moment(end),
    }
    if project is not None:
        name, number, project_labels = company.GCP_PROJECTS[project]
        fields["project"] = {
            "id": project,
            "number": number,
            "name": name,
            "labels": labels(project_labels),
            "ancestry_numbers": f"/610482937715/{number}/",
        }
    return fields


def sku_id(description: str) -> str:
    """Id of a SKU, as `6C71-E844-38BC`."""
    digits = identity.hexadecimal(12, "sku", description).upper()
    return f"{digits[:4]}-{digits[4:8]}-{digits[8:]}"


def moment(time: datetime) -> str:
    """A time as BigQuery exports it."""
    return f"{time:%Y-%m-%d %H:%M:%S} UTC"


def labels(pairs: Mapping[str, str]) -> list[dict[str, str]]:
    """Labels as a list of keys and values."""
    return [{"key": key, "value": value} for key, value in sorted(pairs.items())]


def location(sku: GcpSku) -> Row:
    """Where it ran."""
    if sku.global_location:
        return {"location": "global"}
    if "Netherlands" in sku.description or "running in EMEA" in sku.description:
        return _NETHERLANDS
    return FRANKFURT | {"zone": "europe-west3-a"} if sku.machine else FRANKFURT


def sold_by_google(exported: datetime, cost: Decimal, day: date) -> Row:
    """Seller, time of export, amount and currency of a row of Google's own."""
    return {
        "tags": [],
        "transaction_type": "GOOGLE",
        "seller_name": "Google",
        "export_time": moment(exported),
        **amount(cost, day),
    }


def amount(cost: Decimal, day: date) -> Row:
    """Cost in the billing currency, and the rate at which Google came to it from its dollar prices."""
    return {
        "cost": float(cost),
        "currency": company.CURRENCY["gcp"],
        "currency_conversion_rate": float(rates.of_invoice(day)),
    }


def usage(sku: GcpSku, quantity: Decimal) -> Row:
    """Measured usage, and the same in units of the price."""
    return {
        "amount": float(f"{float(quantity) * sku.units:.10g}"),
        "unit": sku.unit,
        "amount_in_pricing_units": float(quantity),
        "pricing_unit": sku.pricing_unit,
    }


def price(value: str, unit: str) -> Row:
    """Price of one unit; nothing is negotiated, so it is the list price."""
    return {
        "effective_price": value,
        "tier_start_amount": "0",
        "unit": unit,
        "pricing_unit_quantity": "1",
        "list_price": value,
    }


def credits_of(row: Row) -> list[Row]:
    """The credits of a row."""
    held = row["credits"]
    return held if isinstance(held, list) else []


def sums(rows: Iterable[Row]) -> tuple[Decimal, Decimal]:
    """Cost and credits, from the numbers as they are written."""
    rows = list(rows)
    cost = sum((Decimal(repr(row["cost"])) for row in rows), ZERO)
    held = sum((Decimal(repr(one["amount"])) for row in rows for one in credits_of(row)), ZERO)
    return cost, held
