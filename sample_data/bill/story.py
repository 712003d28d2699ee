"""What happens to the bill, apart from ordinary days: the one place for events, told or still to be told.

Told now: an unplanned GPU training job of project `llm` from 9 October 2026 on; Savings Plan bought anew on
4 November 2025; a reservation of databases from February 2026; one refund; one correction.

To be told by later chapters, and where:
- a Savings Plan that ends: let `SAVINGS_PLANS` end before `period.LAST_DAY`;
- credits that run out: lower `Promotion.amount` below what a year uses;
- a new project with three weeks of history: a workload with `first` in `LATE_WORKLOADS_AWS`;
- a restated month: name it in `RESTATED_MONTHS` (the AWS writer would keep its first version beside the newer one);
- shared costs: the workloads of project `platform` in the tables, split by `[[shared]]` in `finops.toml`;
- a second currency: `company.CURRENCY`.
"""

from dataclasses import dataclass
from datetime import date

from bill import aws_workloads, company
from bill.aws_workloads import AwsSku
from bill.workload import Workload

_PRETRAINING = company.tags("llm", "ml", "dev", job="pretrain-wielrijk-7b")
_JOB_STARTS = date(2026, 10, 9)

LATE_WORKLOADS_AWS: tuple[Workload[AwsSku], ...] = (
    Workload(
        name="pretrain-7b", account=company.ML_PROD, sku=aws_workloads.P4D_24, daily=536.98, noise=0,
        tags=_PRETRAINING, first=_JOB_STARTS,
    ),
    Workload(
        name="pretrain-7b-lustre", account=company.ML_PROD, sku=aws_workloads.LUSTRE, daily=58.37, noise=0.001,
        tags=_PRETRAINING, first=_JOB_STARTS, lag_hours=20,
    ),
)  # fmt: skip
"""One p4d.24xlarge day and night, with the file system that feeds it: nobody had planned it."""

RESTATED_MONTHS: tuple[str, ...] = ()


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
    SavingsPlan(key="2024", start=date(2024, 11, 4), end=date(2025, 11, 4), hourly="27.0000000000"),
    SavingsPlan(key="2025", start=date(2025, 11, 4), end=date(2026, 11, 4), hourly="32.0000000000"),
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
    hourly="0.3340000000",
    upfront="11691.0000000000",
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
    name="AI migration grant 2026",
    project=company.GCP_LLM,
    share="0.15",
    start=date(2026, 1, 1),
    amount="25000.000000",
)

REFUND_MONTH, REFUND = "2026-03", "-412.8600000000"
"""What AWS gave back for an outage of the content network."""

CORRECTION_MONTH, CORRECTED_DAY, CORRECTION = "2026-05", date(2026, 3, 17), "-187.420000"
"""What Google took back in May for queries counted twice in March."""
