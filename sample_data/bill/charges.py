"""The same few things about a row of any provider: month, day, effective cost, and who should know about it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from json import loads

from bill import company, period, rates
from bill.aws_line import ZERO, CurLine
from bill.gcp_rows import Row, credits_of

_NETWORK = frozenset({"Data Transfer", "NAT Gateway", "Storage Snapshot"})
_ACCOUNTS_OF_ONE_PROJECT = frozenset(
    {company.ML_PROD, company.LOGISTICS_PROD, company.PLATFORM, company.GCP_DATA, company.GCP_SEARCH, company.GCP_LLM,
     company.AZURE_BACKOFFICE}
)  # fmt: skip
"""Whose rows belong to a project also without a tag, by the rules in `finops.toml`."""

NETWORK_CAUSE = "shop-prod: NAT gateway, data transfer and snapshots without tags"
_OTHER_CAUSE = "no account: taxes, rounding"
_CAUSES: Mapping[str, str] = {
    company.SHOP_TEST: "shop-test: a scratch machine without tags",
    company.DATA_PROD: "data-prod: queries ad hoc without a project",
    company.SHOP_PROD: "shop-prod: reservation not used, refunds",
    company.GCP_SANDBOX: "wielrijk-sandbox: trials without labels",
    company.AZURE_TEST: "sub-test: a machine left over",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One row of a bill.

    Attributes:
        source: source it is read from.
        month: billing month, as `2026-10`.
        day: day of the charge, moved into its billing month where it lies outside.
        currency: billing currency.
        effective: effective cost in it: commitments spread over what they cover.
        account: account, project or subscription; empty for none.
        project: value of the tag `project`; empty for none.
        cause: why nobody's project has it; empty where one has.
        line: the line item, for AWS.
    """

    source: str
    month: str
    day: date
    currency: str
    effective: Decimal
    account: str
    project: str
    cause: str
    line: CurLine | None = None

    @property
    def in_euro(self) -> Decimal:
        """Effective cost in EUR at the rate of the day."""
        return rates.in_euro(self.effective, self.currency, self.day)


def of_all(
    aws: Mapping[str, Sequence[CurLine]], gcp: Mapping[str, Sequence[Row]], azure: Mapping[str, Sequence[Row]]
) -> list[Charge]:
    """Every row of every bill."""
    return [
        *(_of_aws(month, line) for month, lines in aws.items() for line in lines),
        *(_of_gcp(month, row) for month, rows in gcp.items() for row in rows),
        *(_of_azure(month, row) for month, rows in azure.items() for row in rows),
    ]


def _of_aws(month: str, line: CurLine) -> Charge:
    account, tags = line.line_item_usage_account_id, line.resource_tags
    ours = (
        "user_project" in tags
        or tags.get("user_app", "").startswith("search-")
        or account in _ACCOUNTS_OF_ONE_PROJECT
        or line.line_item_product_code == "AWSSupportEnterprise"
    )
    network = account == company.SHOP_PROD and line.product_product_family in _NETWORK
    return Charge(
        source="aws-legacy" if month == period.month_of(period.FIRST_DAY) else "aws",
        month=month,
        day=_inside(line.line_item_usage_start_date.date(), month),
        currency=company.CURRENCY["aws"],
        effective=_effective(line),
        account=account,
        project=tags.get("user_project", ""),
        cause="" if ours else NETWORK_CAUSE if network else _CAUSES.get(account, _OTHER_CAUSE),
        line=line,
    )


def _effective(line: CurLine) -> Decimal:
    """Covered usage is worth its share of the commitment; a fee is worth what of it was not used."""
    kind = line.line_item_line_item_type
    if kind == "SavingsPlanNegation" or (kind == "Fee" and line.reservation_reservation_a_r_n):
        return ZERO
    amounts = {
        "SavingsPlanCoveredUsage": line.savings_plan_savings_plan_effective_cost,
        "SavingsPlanRecurringFee": line.savings_plan_total_commitment_to_date - line.savings_plan_used_commitment,
        "DiscountedUsage": line.reservation_effective_cost,
        "RIFee": line.reservation_unused_recurring_fee
        + line.reservation_unused_amortized_upfront_fee_for_billing_period,
    }
    return amounts.get(kind, line.line_item_unblended_cost)


def _of_gcp(month: str, row: Row) -> Charge:
    owner, held = row.get("project"), sum((Decimal(repr(one["amount"])) for one in credits_of(row)), ZERO)
    account = str(owner["id"]) if isinstance(owner, dict) else ""
    labels = row["labels"] if isinstance(row["labels"], list) else []
    project = next((one["value"] for one in labels if one["key"] == "project"), "")
    ours = bool(project) or account in _ACCOUNTS_OF_ONE_PROJECT
    used = datetime.strptime(f"{row['usage_start_time']}", "%Y-%m-%d %H:%M:%S UTC")  # noqa: DTZ007 - its day is in UTC
    return Charge(
        source="gcp",
        month=month,
        day=_inside(used.date(), month),
        currency=company.CURRENCY["gcp"],
        effective=Decimal(repr(row["cost"])) + held,
        account=account,
        project=project,
        cause="" if ours else _CAUSES.get(account, _OTHER_CAUSE),
    )


def _of_azure(month: str, row: Row) -> Charge:
    account, tags, start = str(row["SubAccountName"]), loads(str(row.get("Tags") or "{}")), row["ChargePeriodStart"]
    ours = "project" in tags or account in _ACCOUNTS_OF_ONE_PROJECT
    return Charge(
        source="azure",
        month=month,
        day=_inside(start.date() if isinstance(start, datetime) else period.month_start(month), month),
        currency=company.CURRENCY["azure"],
        effective=Decimal(str(row["EffectiveCost"])),
        account=account,
        project=tags.get("project", ""),
        cause="" if ours else _CAUSES.get(account, _OTHER_CAUSE),
    )


def _inside(day: date, month: str) -> date:
    return min(max(day, period.month_start(month)), period.month_end(month) - timedelta(days=1))


def select(charges: Sequence[Charge], *, month: str) -> Iterator[Charge]:
    """The charges of a billing month."""
    return (charge for charge in charges if charge.month == month)
