"""The detailed usage cost export of Google Cloud as JSON lines, one file per invoice month."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from bill import company, files, gcp_invoice, gcp_rows, identity, period, story
from bill.gcp_credits import Commitments, grant
from bill.gcp_rows import MICRO, Row
from bill.gcp_workloads import WORKLOADS, GcpSku
from bill.truth import MonthTotal
from bill.workload import Workload

_FILE = f"gcp_billing_export_resource_v1_{company.GCP_BILLING_ACCOUNT.replace('-', '_')}"
_LONGEST_LAG_HOURS, _SHORTEST_LAG_HOURS = 46, 5
_LATE_SHARE = 0.12
_FEE_LAG_HOURS = 12
_DAY = timedelta(days=1)


def write(folder: Path, by_month: Mapping[str, list[Row]]) -> list[MonthTotal]:
    """Write every invoice month.

    Args:
        folder: where the files go.
        by_month: as `rows_by_month` gave it.
    """
    return [_write_month(folder, month, rows) for month, rows in by_month.items()]


def rows_by_month(seed: int) -> dict[str, list[Row]]:
    """Every row of the sample, per invoice month; the seed is that of the noise and of the delays."""
    by_month: dict[str, list[Row]] = defaultdict(list)
    for row in [*_usage_rows(seed), *_commitment_fees(), *gcp_invoice.third_party(), _correction()]:
        by_month[gcp_invoice.month_of(row)].append(row)
    grant((row for month in sorted(by_month) for row in by_month[month]), story.PROMOTION)
    for month, rows in by_month.items():
        if month != period.OPEN_MONTH:
            rows.append(gcp_invoice.rounding(month, rows))
    return {month: by_month[month] for month in sorted(by_month)}


def _write_month(folder: Path, month: str, rows: list[Row]) -> MonthTotal:
    rows = sorted(rows, key=lambda row: (str(row["export_time"]), json.dumps(row["sku"]), json.dumps(row)))
    text = "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows)
    files.write_gzip(folder / f"{_FILE}-{month.replace('-', '')}.jsonl.gz", text)
    cost, held = gcp_rows.sums(rows)
    return MonthTotal(
        month=month,
        currency=company.CURRENCY["gcp"],
        rows=len(rows),
        amounts={"billed": cost + held, "cost": cost, "credits": held},
    )


def _usage_rows(seed: int) -> Iterator[Row]:
    commitments = Commitments()
    for workload in WORKLOADS:
        for day, cost in workload.cost_by_day(seed).items():
            hours = period.delivered_hours(day, workload.lag_hours)
            for start, end in gcp_rows.windows(day, hours) if hours and cost else ():
                chance = identity.seed_of(seed, workload.name, start) / 2**64
                yield _usage(workload, (start, end), cost * ((end - start) / _DAY), chance, commitments)


def _usage(
    workload: Workload[GcpSku], window: tuple[datetime, datetime], cost: float, chance: float, commitments: Commitments
) -> Row:
    """One row; chance, from 0 to 1, says how late it was exported."""
    sku, (start, end) = workload.sku, window
    quantity = Decimal(f"{cost / float(sku.price):.6f}")
    exact = (Decimal(sku.price) * quantity).quantize(MICRO)
    return {
        **gcp_rows.head(sku.service, sku.description, start, end, workload.account),
        "labels": gcp_rows.labels(workload.tags),
        "system_labels": gcp_rows.labels({"compute.googleapis.com/machine_spec": sku.machine} if sku.machine else {}),
        "location": gcp_rows.location(sku),
        **gcp_rows.sold_by_google(_exported(end, chance), exact, start.date()),
        "usage": gcp_rows.usage(sku, quantity),
        "credits": commitments.credits(sku, start.date(), exact),
        "invoice": gcp_rows.invoice(start.date(), start, late=chance > 1 - _LATE_SHARE),
        "cost_type": "regular",
        **_resource(workload),
        "price": gcp_rows.price(sku.price, sku.pricing_unit),
        "cost_at_list": float(exact),
    }


def _exported(end: datetime, chance: float) -> datetime:
    """Hours to two days after the usage; never after the export was taken."""
    lag = _SHORTEST_LAG_HOURS + chance * (_LONGEST_LAG_HOURS - _SHORTEST_LAG_HOURS)
    seconds = int(min(lag * 3600, (period.EXPORTED_AT - end).total_seconds()))
    return end + timedelta(seconds=seconds)


def _resource(workload: Workload[GcpSku]) -> Row:
    if not workload.sku.resource:
        return {}
    name = workload.name.removesuffix("-ram").removesuffix("-core")
    global_name = workload.sku.resource.format(project=workload.account, name=name)
    return {"resource": {"name": name, "global_name": global_name}}


def _commitment_fees() -> Iterator[Row]:
    """The fees of the commitments: a row of its own per commitment and day."""
    skus = {workload.sku.commitment: workload.sku for workload in WORKLOADS if workload.sku.commitment}
    for description, sku in skus.items():
        for day in period.days():
            hours = period.delivered_hours(day, _FEE_LAG_HOURS)
            for window in gcp_rows.windows(day, hours) if hours else ():
                yield _fee(str(description), sku, day, window)


def _fee(description: str, sku: GcpSku, day: date, window: tuple[datetime, datetime]) -> Row:
    start, end = window
    share = Decimal((end - start) // timedelta(minutes=1)) / (_DAY // timedelta(minutes=1))
    cost = (Decimal(sku.committed_daily) * Decimal(sku.commitment_rate) * share).quantize(MICRO)
    price = Decimal(sku.price) * Decimal(sku.commitment_rate)
    return {
        **gcp_rows.head(sku.service, description, start, end, company.GCP_SEARCH),
        "labels": [],
        "system_labels": [],
        "location": gcp_rows.FRANKFURT,
        **gcp_rows.sold_by_google(_exported(end, 0.2), cost, day),
        "usage": gcp_rows.usage(sku, (cost / price).quantize(MICRO)),
        "credits": [],
        "invoice": gcp_rows.invoice(day, start),
        "cost_type": "regular",
        "price": gcp_rows.price(f"{price:.9f}", sku.pricing_unit),
        "cost_at_list": float(cost),
    }


def _correction() -> Row:
    """Queries counted twice in March, taken back on the invoice of May."""
    workload = next(one for one in WORKLOADS if one.name == "analysts")
    day = story.CORRECTED_DAY
    start, cost = period.midnight(day), float(story.CORRECTION)
    corrected = period.midnight(period.month_start(story.CORRECTION_MONTH)) + timedelta(days=11)
    return _usage(workload, (start, start + _DAY), cost, 0, Commitments()) | {
        "export_time": gcp_rows.moment(corrected),
        "cost": cost,
        "cost_at_list": cost,
        "invoice": {"month": story.CORRECTION_MONTH.replace("-", ""), "publisher_type": "GOOGLE"},
        "cost_type": "adjustment",
        "adjustment_info": {
            "id": identity.guid("adjustment", day),
            "description": f"Duplicate usage reported on {day}",
            "mode": "PARTIAL_CORRECTION",
            "type": "USAGE_CORRECTION",
        },
    }
