"""What happens to the bill, apart from ordinary days: the one place for events.

The chapters, as `TRUTH.json` counts them:
- an unplanned GPU training job of project `llm` from 9 October 2026 on: `JOB`;
- a Savings Plan that ends on 4 November 2026, with no successor bought yet: `SAVINGS_PLANS`;
- a grant of Google credits that is used up on 12 October 2026: `PROMOTION`;
- a project that begins on 29 September 2026: `NEW_PROJECT`;
- two late days at the end: `period.EXPORTED_AT`;
- a month that AWS restated, and what it gave back of the support fee: `RESTATEMENT`;
- shared costs: what runs in the account `shared-platform`, in the table of workloads;
- spend that nobody tagged: the last rows of the tables of workloads;
- two currencies: `company.CURRENCY` and `bill/rates.py`.

Quieter events: the plan before, a reservation of databases from February 2026, a refund, a correction by Google.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from bill import aws_workloads, company, period
from bill.aws_workloads import AwsSku
from bill.workload import Workload

JOB_TAG = "pretrain-wielrijk-7b"
_PRETRAINING = company.tags("llm", "ml", "dev", job=JOB_TAG)
JOB_STARTS = date(2026, 10, 9)

JOB: tuple[Workload[AwsSku], ...] = (
    Workload(
        name="pretrain-7b", account=company.ML_PROD, sku=aws_workloads.P4D_24, daily=579.67, noise=0,
        tags=_PRETRAINING, first=JOB_STARTS,
    ),
    Workload(
        name="pretrain-7b-lustre", account=company.ML_PROD, sku=aws_workloads.LUSTRE, daily=63.10, noise=0.001,
        tags=_PRETRAINING, first=JOB_STARTS, lag_hours=20,
    ),
)  # fmt: skip
"""One p4d.24xlarge day and night, with the file system that feeds it: nobody had planned it."""

NEW_PROJECT = "repairs"
_REPAIRS = company.tags(NEW_PROJECT, "workshop")
_REPAIRS_START = date(2026, 9, 29)

REPAIRS: tuple[Workload[AwsSku], ...] = (
    Workload(
        name="repairs-booking", account=company.SHOP_PROD, sku=aws_workloads.LAMBDA, daily=27, week="shop", growth=12,
        noise=0.06, tags=_REPAIRS, first=_REPAIRS_START, lag_hours=12,
    ),
    Workload(
        name="repairs-db", account=company.SHOP_PROD, sku=aws_workloads.RDS_M6G_4, daily=33.86, noise=0,
        tags=_REPAIRS, first=_REPAIRS_START, lag_hours=12,
    ),
    Workload(
        name="repairs-photos", account=company.SHOP_PROD, sku=aws_workloads.S3_STANDARD, daily=8, growth=20,
        noise=0.003, tags=_REPAIRS, first=_REPAIRS_START, lag_hours=30,
    ),
)  # fmt: skip
"""Workshops whose repairs can be booked online: a project with three weeks of history."""

LATE_WORKLOADS_AWS = JOB + REPAIRS


@dataclass(frozen=True, slots=True, kw_only=True)
class SavingsPlan:
    """A Compute Savings Plan, no upfront, of one year.

    Attributes:
        key: names it; the ARN is derived from it.
        start: first day.
        end: first day no longer covered.
        hourly: commitment per hour in the billing currency.
    """

    key: str
    start: date
    end: date
    hourly: str


SAVINGS_PLANS = (
    SavingsPlan(key="2024", start=date(2024, 11, 4), end=date(2025, 11, 4), hourly="29.2000000000"),
    SavingsPlan(key="2025", start=date(2025, 11, 4), end=date(2026, 11, 4), hourly="34.6000000000"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """Reserved database instances, partial upfront.

    Attributes:
        key: names it; the ARN is derived from it.
        account: who bought it.
        instance: instance type it covers.
        count: instances reserved.
        start: first day.
        end: first day no longer covered.
        hourly: recurring price of one instance per hour.
        upfront: paid once, for all instances.
    """

    key: str
    account: str
    instance: str
    count: int
    start: date
    end: date
    hourly: str
    upfront: str


RESERVATION = Reservation(
    key="orders",
    account=company.SHOP_PROD,
    instance="db.r6g.2xlarge",
    count=4,
    start=date(2026, 2, 1),
    end=date(2027, 2, 1),
    hourly="0.3610000000",
    upfront="12640.0000000000",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """A grant of GCP credits.

    Attributes:
        key: credit id.
        name: as on the bill.
        project: the project it is used up by.
        share: part of a row it pays for.
        start: first day.
        amount: the whole grant in the billing currency; it stops when used up.
    """

    key: str
    name: str
    project: str
    share: str
    start: date
    amount: str


PROMOTION = Promotion(
    key="wielrijk-ai-migration-2026",
    name="AI migration grant 2026, EUR 30,000",
    project=company.GCP_LLM,
    share="0.40",
    start=date(2026, 1, 14),
    amount="30000.000000",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restatement:
    """A closed month of AWS that was corrected weeks later.

    Attributes:
        month: the month whose usage was counted twice in part.
        product_code: of the usage counted twice.
        first: first day counted twice.
        end: first day counted right again.
        invoiced_at: when the export was executed that was invoiced at first.
        restated_at: when it was executed with the corrected usage.
        fee_month: the month whose support fee was reckoned from the wrong charges.
        refund_month: the open month on whose bill the difference of that fee is given back.
    """

    month: str
    product_code: str
    first: date
    end: date
    invoiced_at: datetime
    restated_at: datetime
    fee_month: str
    refund_month: str


RESTATEMENT = Restatement(
    month="2026-08",
    product_code="AmazonCloudFront",
    first=date(2026, 8, 10),
    end=date(2026, 8, 25),
    invoiced_at=datetime(2026, 9, 4, 5, 41, 7, tzinfo=UTC),
    restated_at=datetime(2026, 10, 6, 6, 18, 52, tzinfo=UTC),
    fee_month="2026-09",
    refund_month="2026-10",
)
"""Log files of the content network were read twice for two weeks of August."""

REFUND_MONTH, REFUND = "2026-03", "-446.3400000000"
"""What AWS gave back for an outage of the content network."""

CORRECTION_MONTH, CORRECTED_DAY, CORRECTION = "2026-05", date(2026, 3, 17), "-187.420000"
"""What Google took back in May for queries counted twice in March."""


def executed_at(month: str) -> datetime:
    """When the newest export of a month was executed: days after its end, or when it was restated."""
    if month == RESTATEMENT.month:
        return RESTATEMENT.restated_at
    closed = period.midnight(period.month_end(month)) + timedelta(days=3, hours=5, minutes=41, seconds=7)
    return min(closed, period.EXPORTED_AT)
