"""The detailed usage cost export of Google Cloud as JSON lines, one file per invoice month.

Field names and their order: Google's description of the detailed usage cost export (read 2026-11). BigQuery writes FLOAT columns as
numbers, NUMERIC ones as text, and leaves out what is null.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from bill import company, files, identity, period, story
from bill.gcp_workloads import SERVICES, WORKLOADS, GcpSku
from bill.truth import MonthTotal
from bill.workload import Workload

Row = dict[str, object]

_PACIFIC = ZoneInfo("America/Los_Angeles")
_MICRO = Decimal("0.000001")
_ZERO = Decimal(0)
_FILE = f"gcp_billing_export_resource_v1_{company.GCP_BILLING_ACCOUNT.replace('-', '_')}"
_LONGEST_LAG_HOURS, _SHORTEST_LAG_HOURS = 46, 5
_LATE_SHARE = 0.12
_DAY = 24
_SUSTAINED = (Decimal(0), Decimal("0.0667"), Decimal("0.1333"), Decimal("0.2"))
_SELLER, _THIRD_PARTY, _THIRD_PARTY_FEE = "Vectorpost GmbH", "Vectorpost Managed Index", Decimal("1180.000000")
_EUR_PER_USD = Decimal("0.8612")


def write(folder: Path, seed: int) -> list[MonthTotal]:
    """Write every invoice month.

    Args:
        folder: where the files go.
        seed: of the noise and of the delays.
    """
    rows = _rows_by_invoice_month(seed)
    return [_write_month(folder, month, rows[month]) for month in sorted(rows)]


def _write_month(folder: Path, month: str, rows: list[Row]) -> MonthTotal:
    rows = sorted(rows, key=lambda row: (_export_time(row), json.dumps(row["sku"]), json.dumps(row, sort_keys=True)))
    text = "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":"), default=str) + "\n" for row in rows)
    files.write_gzip(folder / f"{_FILE}-{month.replace('-', '')}.jsonl.gz", text)
    cost, credits_ = _sums(rows)
    return MonthTotal(
        month=month,
        currency=company.CURRENCY["gcp"],
        rows=len(rows),
        amounts={"billed": cost + credits_, "cost": cost, "credits": credits_},
    )


def _export_time(row: Row) -> str:
    return str(row["export_time"])


def _sums(rows: list[Row]) -> tuple[Decimal, Decimal]:
    """Cost and credits, from the numbers as they are written."""
    cost = sum((Decimal(repr(row["cost"])) for row in rows), _ZERO)
    credits_ = sum((Decimal(repr(one["amount"])) for row in rows for one in _credits_of(row)), _ZERO)
    return cost, credits_


def _credits_of(row: Row) -> list[dict[str, object]]:
    held = row["credits"]
    return held if isinstance(held, list) else []


def _rows_by_invoice_month(seed: int) -> dict[str, list[Row]]:
    by_month: dict[str, list[Row]] = defaultdict(list)
    for row in [*_usage_rows(seed), *_commitment_rows(), *_third_party_rows(), _correction()]:
        by_month[_invoice_month(row)].append(row)
    _grant(by_month)
    for month, rows in by_month.items():
        if month != period.OPEN_MONTH:
            rows.append(_rounding(month, rows))
    return by_month


def _invoice_month(row: Row) -> str:
    invoice = row["invoice"]
    month = str(invoice["month"]) if isinstance(invoice, dict) else ""
    return f"{month[:4]}-{month[4:]}"


def _usage_rows(seed: int) -> Iterator[Row]:
    committed = _Commitments()
    for workload in WORKLOADS:
        for day, cost in workload.cost_by_day(seed).items():
            hours = period.delivered_hours(day, workload.lag_hours)
            if not hours or not cost:
                continue
            for start, end in _windows(day, hours):
                share = (end - start) / timedelta(days=1)
                yield _usage(workload, day, start, end, cost * share, committed, seed)


def _windows(day: date, hours: int) -> list[tuple[datetime, datetime]]:
    """A UTC day, cut where the invoice month changes: at midnight in California."""
    start = period.midnight(day)
    end = start + timedelta(hours=hours)
    if day.day != 1 or day == period.FIRST_DAY:
        return [(start, end)]
    cut = datetime(day.year, day.month, day.day, tzinfo=_PACIFIC).astimezone(start.tzinfo)
    return [(start, cut), (cut, end)] if cut < end else [(start, end)]


class _Commitments:
    """What is left, per day, of the usage that a commitment covers."""

    def __init__(self) -> None:
        self._left: dict[tuple[str, date], Decimal] = {}

    def take(self, sku: GcpSku, day: date, cost: Decimal) -> Decimal:
        """Use up a part of the day's commitment.

        Returns:
            The list price of the usage covered.
        """
        if sku.commitment is None:
            return _ZERO
        key = (sku.commitment, day)
        left = self._left.setdefault(key, Decimal(sku.committed_daily))
        taken = min(left, cost)
        self._left[key] = left - taken
        return taken


def _usage(
    workload: Workload[GcpSku],
    day: date,
    start: datetime,
    end: datetime,
    daily: float,
    committed: _Commitments,
    seed: int,
) -> Row:
    sku = workload.sku
    quantity = Decimal(f"{daily / float(sku.price):.6f}")
    cost = (Decimal(sku.price) * quantity).quantize(_MICRO)
    chance = identity.seed_of(seed, workload.name, start) / 2**64
    exported = _exported(end, chance)
    return {
        **_head(sku.service, sku.description, start, end, workload.account),
        "labels": _labels(workload.tags),
        "system_labels": _system_labels(sku),
        "location": _location(sku),
        "tags": [],
        "transaction_type": "GOOGLE",
        "seller_name": "Google",
        "export_time": _time(exported),
        "cost": float(cost),
        **_currency(),
        "usage": {
            "amount": float(f"{float(quantity) * sku.units:.10g}"),
            "unit": sku.unit,
            "amount_in_pricing_units": float(quantity),
            "pricing_unit": sku.pricing_unit,
        },
        "credits": _credits(sku, day, cost, committed),
        "invoice": {"month": _month_of_invoice(day, start, chance), "publisher_type": "GOOGLE"},
        "cost_type": "regular",
        **_resource(workload),
        "price": _price(sku),
        "cost_at_list": float(cost),
    }


def _exported(end: datetime, chance: float) -> datetime:
    """Hours to two days after the usage; never after the export was taken."""
    lag = _SHORTEST_LAG_HOURS + chance * (_LONGEST_LAG_HOURS - _SHORTEST_LAG_HOURS)
    seconds = int(min(lag * 3600, (period.EXPORTED_AT - end).total_seconds()))
    return end + timedelta(seconds=seconds)


def _month_of_invoice(day: date, start: datetime, chance: float) -> str:
    """The Pacific month of the usage; what is reported late on the last day goes on the next invoice."""
    if day == period.FIRST_DAY:
        return f"{day:%Y%m}"
    local = start.astimezone(_PACIFIC)
    tomorrow = day + timedelta(days=1)
    if tomorrow.day == 1 and chance > 1 - _LATE_SHARE and tomorrow <= period.LAST_DAY:
        return f"{tomorrow:%Y%m}"
    return f"{local:%Y%m}"


def _head(service: str, description: str, start: datetime, end: datetime, project: str | None) -> Row:
    sku_id = identity.hexadecimal(12, "sku", description).upper()
    head: Row = {
        "billing_account_id": company.GCP_BILLING_ACCOUNT,
        "service": {"id": SERVICES[service], "description": service},
        "sku": {"id": f"{sku_id[:4]}-{sku_id[4:8]}-{sku_id[8:]}", "description": description},
        "usage_start_time": _time(start),
        "usage_end_time": _time(end),
    }
    if project is not None:
        name, number, labels = company.GCP_PROJECTS[project]
        head["project"] = {
            "id": project,
            "number": number,
            "name": name,
            "labels": _labels(labels),
            "ancestry_numbers": f"/610482937715/{number}/",
        }
    return head


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _labels(labels: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in sorted(labels.items())]


def _system_labels(sku: GcpSku) -> list[dict[str, str]]:
    return _labels({"compute.googleapis.com/machine_spec": sku.machine}) if sku.machine else []


def _location(sku: GcpSku) -> Row:
    if sku.global_location:
        return {"location": "global"}
    if "Netherlands" in sku.description or "EMEA running" in sku.description:
        return {"location": "europe-west4", "country": "NL", "region": "europe-west4", "zone": "europe-west4-a"}
    location: Row = {"location": "europe-west3", "country": "DE", "region": "europe-west3"}
    return location | {"zone": "europe-west3-a"} if sku.machine else location


def _currency() -> Row:
    return {"currency": company.CURRENCY["gcp"], "currency_conversion_rate": float(_EUR_PER_USD)}


def _resource(workload: Workload[GcpSku]) -> Row:
    if not workload.sku.resource:
        return {}
    name = workload.name.removesuffix("-ram").removesuffix("-core")
    global_name = workload.sku.resource.format(project=workload.account, name=name)
    return {"resource": {"name": name, "global_name": global_name}}


def _price(sku: GcpSku) -> Row:
    return {
        "effective_price": sku.price,
        "tier_start_amount": "0",
        "unit": sku.pricing_unit,
        "pricing_unit_quantity": "1",
        "list_price": sku.price,
    }


def _credits(sku: GcpSku, day: date, cost: Decimal, committed: _Commitments) -> list[Row]:
    """Commitments first; what they leave earns more sustained use discount the longer the month has run."""
    held: list[Row] = []
    covered = committed.take(sku, day, cost)
    if covered:
        held.append(_credit("COMMITTED_USAGE_DISCOUNT", "Committed Usage Discount: CPU and RAM", -covered))
    quarter = min(3, (day.day - 1) * 4 // 30)
    discount = ((cost - covered) * _SUSTAINED[quarter]).quantize(_MICRO)
    if sku.sustained and discount:
        held.append(_credit("SUSTAINED_USAGE_DISCOUNT", "Sustained Usage Discount", -discount))
    return held


def _credit(kind: str, name: str, amount: Decimal, key: str = "") -> Row:
    return {"id": key, "full_name": "", "type": kind, "name": name, "amount": float(amount)}


def _grant(by_month: Mapping[str, list[Row]]) -> None:
    """Pay a share of the grant's project with it, oldest row first, until it is used up."""
    promotion = story.PROMOTION
    left, start = Decimal(promotion.amount), f"{promotion.start}"
    rows = [row for month in sorted(by_month) for row in by_month[month]]
    for row in sorted(rows, key=lambda row: (str(row["usage_start_time"]), json.dumps(row["sku"]))):
        project = row.get("project")
        if not isinstance(project, dict) or project["id"] != promotion.project:
            continue
        if str(row["usage_start_time"]) < start:
            continue
        amount = min(left, (Decimal(repr(row["cost"])) * Decimal(promotion.share)).quantize(_MICRO))
        if amount:
            left -= amount
            row["credits"] = [*_credits_of(row), _credit("PROMOTION", promotion.name, -amount, promotion.key)]


def _commitment_rows() -> Iterator[Row]:
    """The fees of the commitments: a row of its own per commitment and day."""
    skus = {workload.sku.commitment: workload.sku for workload in WORKLOADS if workload.sku.commitment}
    for description, sku in skus.items():
        for day in period.days():
            hours = period.delivered_hours(day, _DAY // 2)
            if hours:
                yield from (_fee(str(description), sku, day, *window) for window in _windows(day, hours))


def _fee(description: str, sku: GcpSku, day: date, start: datetime, end: datetime) -> Row:
    share = Decimal((end - start) // timedelta(hours=1)) / _DAY
    cost = (Decimal(sku.committed_daily) * Decimal(sku.commitment_rate) * share).quantize(_MICRO)
    price = Decimal(sku.price) * Decimal(sku.commitment_rate)
    quantity = cost / price
    return {
        **_head(sku.service, description, start, end, company.GCP_SEARCH),
        "labels": [],
        "system_labels": [],
        "location": {"location": "europe-west3", "country": "DE", "region": "europe-west3"},
        "tags": [],
        "transaction_type": "GOOGLE",
        "seller_name": "Google",
        "export_time": _time(_exported(end, 0.2)),
        "cost": float(cost),
        **_currency(),
        "usage": {
            "amount": float(f"{float(quantity) * sku.units:.10g}"),
            "unit": sku.unit,
            "amount_in_pricing_units": float(f"{quantity:.6f}"),
            "pricing_unit": sku.pricing_unit,
        },
        "credits": [],
        "invoice": {"month": _month_of_invoice(day, start, 0), "publisher_type": "GOOGLE"},
        "cost_type": "regular",
        "price": _price(sku) | {"effective_price": f"{price:.9f}", "list_price": f"{price:.9f}"},
        "cost_at_list": float(cost),
    }


def _third_party_rows() -> Iterator[Row]:
    """A marketplace subscription on the first of the month, and the VAT on it, which belongs to no project."""
    for month in period.months():
        day = period.month_start(month)
        start = period.midnight(day) + timedelta(hours=8)
        end = start + timedelta(hours=1)
        invoice = {"month": f"{day:%Y%m}", "publisher_type": "PARTNER"}
        row: Row = {
            **_head(_THIRD_PARTY, "Monthly plan M", start, end, company.GCP_SEARCH),
            "labels": [],
            "system_labels": [],
            "location": {"location": "global"},
            "tags": [],
            "transaction_type": "THIRD_PARTY_RESELLER",
            "seller_name": _SELLER,
            "export_time": _time(start + timedelta(hours=9)),
            "cost": float(_THIRD_PARTY_FEE),
            **_currency(),
            "usage": {"amount": 1.0, "unit": "requests", "amount_in_pricing_units": 1.0, "pricing_unit": "count"},
            "credits": [],
            "invoice": invoice,
            "cost_type": "regular",
            "price": {
                "effective_price": f"{_THIRD_PARTY_FEE}",
                "tier_start_amount": "0",
                "unit": "count",
                "pricing_unit_quantity": "1",
                "list_price": f"{_THIRD_PARTY_FEE}",
            },
            "cost_at_list": float(_THIRD_PARTY_FEE),
        }
        yield row
        tax = (_THIRD_PARTY_FEE * Decimal(company.VAT)).quantize(_MICRO)
        yield _without_usage(row, "Tax", "tax", tax) | {"invoice": invoice}


def _without_usage(row: Row, description: str, kind: str, amount: Decimal) -> Row:
    """A row of the invoice rather than of a project: tax, rounding."""
    kept = {key: value for key, value in row.items() if key not in {"project", "usage", "price", "cost_at_list"}}
    return kept | {
        "sku": {"id": identity.hexadecimal(12, "sku", description).upper(), "description": description},
        "cost": float(amount),
        "credits": [],
        "cost_type": kind,
    }


def _correction() -> Row:
    """Queries counted twice in March, taken back on the invoice of May."""
    workload = next(one for one in WORKLOADS if one.name == "analysts")
    day = story.CORRECTED_DAY
    start = period.midnight(day)
    row = _usage(workload, day, start, start + timedelta(days=1), float(story.CORRECTION), _Commitments(), 0)
    return row | {
        "export_time": _time(period.midnight(period.month_start(story.CORRECTION_MONTH)) + timedelta(days=11)),
        "cost": float(story.CORRECTION),
        "cost_at_list": float(story.CORRECTION),
        "invoice": {"month": story.CORRECTION_MONTH.replace("-", ""), "publisher_type": "GOOGLE"},
        "cost_type": "adjustment",
        "adjustment_info": {
            "id": identity.guid("adjustment", day),
            "description": "Duplicate usage reported on 2026-03-17",
            "mode": "PARTIAL_CORRECTION",
            "type": "USAGE_CORRECTION",
        },
    }


def _rounding(month: str, rows: list[Row]) -> Row:
    """What makes an invoice a number of whole cents."""
    cost, credits_ = _sums(rows)
    total = cost + credits_
    last = max(rows, key=lambda row: (str(row["usage_end_time"]), json.dumps(row["sku"])))
    row = _without_usage(last, "Rounding error", "rounding_error", total.quantize(Decimal("0.01")) - total)
    return {key: value for key, value in row.items() if key != "resource"} | {
        "service": {"id": "CEC9-ADCF-1E0F", "description": "Invoice"},
        "labels": [],
        "system_labels": [],
        "location": {},
        "export_time": _time(period.midnight(period.month_end(month)) + timedelta(days=3)),
        "invoice": {"month": month.replace("-", ""), "publisher_type": "GOOGLE"},
    }
