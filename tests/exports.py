"""Small exports in the providers' own formats, and a configuration beside them: what tests of a store read."""

import csv
import gzip
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

from finops import periods
from finops.config import Config, load


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One row of a bill; the billing month is the day's unless it says another."""

    day: date
    cost: str
    effective: str | None = None
    month: str | None = None
    project: str = ""
    account: str = "0001"
    currency: str = "EUR"
    invoice: str = ""
    category: str = "Usage"
    status: str = ""
    provider: str = "Acme Cloud"
    service: str = "Compute"
    exported: str = ""

    @property
    def billing(self) -> periods.Period:
        """The month it is billed in."""
        return periods.month(self.month or f"{self.day:%Y-%m}")


def on(day: str, cost: str, **more: str) -> Charge:
    """A charge of a day such as `2026-01-05`."""
    return Charge(day=date.fromisoformat(day), cost=cost, **more)


def daily(first: str, last: str, *, cost: int = 100, project: str = "", invoice: str = "") -> list[Charge]:
    """One charge a day, both days included, with a week's rhythm and a few cents that never repeat."""
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    days = [start + timedelta(days=n) for n in range((end - start).days + 1)]
    return [
        Charge(
            day=day,
            cost=str(Decimal(cost if day.weekday() < 5 else cost // 2) + Decimal(day.toordinal() % 97) / 100),
            project=project,
            invoice=invoice,
        )
        for day in days
    ]


FOCUS_HEADER = (
    "BilledCost,EffectiveCost,ListCost,ContractedCost,BillingCurrency,BillingAccountId,SubAccountId,BillingPeriodStart,"
    "BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,CommitmentDiscountStatus,InvoiceId,ProviderName,"
    "ServiceName,ServiceCategory,Tags\n"
)


def focus_csv(path: Path, charges: Iterable[Charge]) -> Path:
    """A FOCUS file; gzip where its name says so."""
    text = io.StringIO(newline="")
    text.write(FOCUS_HEADER)
    writer = csv.writer(text, lineterminator="\n")
    for one in charges:
        effective = one.effective or one.cost
        writer.writerow(
            [
                *(one.cost, effective, effective, effective, one.currency, "payer", one.account),
                *(_time(one.billing.start), _time(one.billing.end)),
                *(_time(one.day), _time(one.day + timedelta(days=1))),
                *(one.category, one.status, one.invoice, one.provider, one.service, "Compute"),
                json.dumps({"project": one.project, "app": "x"}) if one.project else "",
            ]
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    content = text.getvalue().encode()
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)
    return path


def legacy_cur(root: Path, month: str, assembly: str, charges: Iterable[Charge]) -> None:
    """A month of a legacy Cost and Usage Report; its newest assembly counts."""
    period = periods.month(month)
    folder = f"cur/report/{period.start:%Y%m%d}-{period.end:%Y%m%d}"
    key = f"{folder}/{assembly}/report-1.csv.gz"
    header = (
        "bill/PayerAccountId,bill/BillingPeriodStartDate,bill/BillingPeriodEndDate,lineItem/UsageAccountId,"
        "lineItem/LineItemType,lineItem/UsageStartDate,lineItem/UsageEndDate,lineItem/ProductCode,"
        "lineItem/CurrencyCode,lineItem/UnblendedCost,resourceTags/user:project"
    )
    lines = [
        f"999900001111,{_time(one.billing.start)},{_time(one.billing.end)},{one.account},Usage,{_time(one.day)},"
        f"{_time(one.day + timedelta(days=1))},AmazonEC2,{one.currency},{one.cost},{one.project}"
        for one in charges
    ]
    (root / key).parent.mkdir(parents=True)
    with gzip.open(root / key, "wt") as file:
        file.write("\n".join([header, *lines]) + "\n")
    (root / folder / "report-Manifest.json").write_text(json.dumps({"assemblyId": assembly, "reportKeys": [key]}))


def cur2_parquet(root: Path, month: str, charges: Sequence[Charge]) -> None:
    """A month of CUR 2.0 as its overwriting export leaves it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    part = root / "data" / f"BILLING_PERIOD={month}"
    part.mkdir(parents=True, exist_ok=True)
    moments = pa.timestamp("ms")
    rows = {
        "bill_payer_account_id": ["999900001111"] * len(charges),
        "bill_billing_period_start_date": pa.array([_moment(one.billing.start) for one in charges], moments),
        "bill_billing_period_end_date": pa.array([_moment(one.billing.end) for one in charges], moments),
        "line_item_usage_account_id": [one.account for one in charges],
        "line_item_line_item_type": ["Usage"] * len(charges),
        "line_item_usage_start_date": pa.array([_moment(one.day) for one in charges], moments),
        "line_item_usage_end_date": pa.array([_moment(one.day + timedelta(days=1)) for one in charges], moments),
        "line_item_product_code": ["AmazonEC2"] * len(charges),
        "line_item_currency_code": [one.currency for one in charges],
        "line_item_unblended_cost": [float(one.cost) for one in charges],
        "resource_tags": pa.array(
            [[("user_project", one.project)] if one.project else [] for one in charges],
            pa.map_(pa.string(), pa.string()),
        ),
    }
    pq.write_table(pa.table(rows), part / "export-00001.snappy.parquet")


def gcp_jsonl(path: Path, charges: Iterable[Charge]) -> Path:
    """A usage cost export of Google Cloud, as JSON lines."""
    records = [
        {
            "billing_account_id": "01A7C4-9E52B0-3D61F8",
            "service": {"id": "6F81-5844-456A", "description": "Compute Engine"},
            "sku": {"id": "CF4E-A0C7-E3BF", "description": "N2 Instance Core"},
            "usage_start_time": f"{one.day} 12:00:00 UTC",
            "usage_end_time": f"{one.day} 13:00:00 UTC",
            "project": {"id": one.account, "labels": [{"key": "project", "value": one.project}]},
            "cost": float(one.cost),
            "currency": one.currency,
            "credits": [],
            "invoice": {"month": f"{one.billing.start:%Y%m}"},
            "cost_type": "regular",
        }
        | ({"export_time": one.exported} if one.exported else {})
        for one in charges
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


PROJECTS = """
[[projects]]
name = "search"
owner = "search@example.com"
match = [{ tag = "project", equals = "search" }]

[[projects]]
name = "shop"
match = [{ tag = "project", matches = "^shop" }]
"""


def settings(
    folder: Path, *sources: tuple[str, str, str], rules: str = PROJECTS, organisation: str = 'currency = "EUR"'
) -> Path:
    """Write finops.toml; a source is its name, connector and location."""
    text = f"version = 1\n[organisation]\n{organisation}\n"
    for name, connector, location in sources or (("acme", "focus", "bills"),):
        text += f'\n[[sources]]\nname = "{name}"\nconnector = "{connector}"\nlocation = "{location}"\n'
    file = folder / "finops.toml"
    file.write_text(text + rules)
    return file


def configured(folder: Path, *sources: tuple[str, str, str], **more: str) -> Config:
    """Write finops.toml and read it, without this machine's variables."""
    return load(settings(folder, *sources, **more), variables={})


def _time(day: date) -> str:
    return f"{day}T00:00:00Z"


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC).replace(tzinfo=None)
