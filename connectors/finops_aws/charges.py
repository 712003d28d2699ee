"""Charges: an answer of Cost Explorer as the line items of a report, so that one mapping is right for both."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from finops.connector import RawTable
from finops.findings import Finding
from finops.focus.columns import TEXT
from finops.money import add, subtract
from finops_aws.answers import Answer, Charge
from finops_aws.line_types import (
    CANCELLING,
    COMMITMENT_FEES,
    FEE,
    PLAN_COVERED,
    PLAN_FEE,
    PLAN_NEGATION,
    PLAN_UPFRONT,
    RESERVED_FEE,
    RESERVED_UPFRONT,
    RESERVED_USAGE,
)
from finops_aws.tables import LINE_ITEMS

_NOISE = Decimal("1e-9")
"""Per charge: answers carry ten places."""
_CENT = Decimal("0.01")
_KINDS: Mapping[str, str] = {
    "savingsplancoveredusage": PLAN_COVERED,
    "savingsplannegation": PLAN_NEGATION,
    "savingsplanrecurringfee": PLAN_FEE,
    "savingsplanupfrontfee": PLAN_UPFRONT,
    "reservationappliedusage": RESERVED_USAGE,
    "recurringreservationfee": RESERVED_FEE,
    "upfrontreservationfee": RESERVED_UPFRONT,
    "supportfee": FEE,
    "enterprisediscountprogramdiscount": "EdpDiscount",
    "privateratecarddiscount": "PrivateRateDiscount",
    "privateratediscount": "PrivateRateDiscount",
    "bundleddiscount": "BundledDiscount",
    "solutionproviderprogramdiscount": "SppDiscount",
    "rivolumediscount": "RiVolumeDiscount",
}
"""Cost Explorer's words, without blanks and capitals, for line item types that a report names otherwise.

Source: AWS Cost Management user guide, charge types, and answers published in public repositories (read November 2026).
"""
_COLUMNS = (
    "bill_payer_account_id",
    "bill_billing_period_start_date",
    "bill_billing_period_end_date",
    "line_item_usage_account_id",
    "line_item_usage_account_name",
    "line_item_usage_start_date",
    "line_item_usage_end_date",
    "line_item_line_item_type",
    "line_item_line_item_description",
    "line_item_currency_code",
    "line_item_unblended_cost",
    "line_item_net_unblended_cost",
    "line_item_usage_type",
    "line_item_operation",
    "line_item_availability_zone",
    "product_product_name",
    "product_region_code",
    "product_instance_type",
    "resource_tags",
    "cost_category",
    "pricing_public_on_demand_cost",
    "savings_plan_savings_plan_effective_cost",
    "savings_plan_net_savings_plan_effective_cost",
    "savings_plan_total_commitment_to_date",
    "savings_plan_used_commitment",
    "savings_plan_recurring_commitment_for_billing_period",
    "savings_plan_net_recurring_commitment_for_billing_period",
    "reservation_effective_cost",
    "reservation_net_effective_cost",
    "reservation_unused_recurring_fee",
    "reservation_net_unused_recurring_fee",
)


def line_items(answer: Answer, workdir: Path) -> RawTable:
    """Write the charges of a month as a table of line items; every cell is text."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    lines = [line for charge in answer.charges for line in _lines(answer, charge)]
    columns = {name: pa.array([line.get(name) for line in lines], pa.string()) for name in _COLUMNS}
    path = workdir / f"{answer.month}.parquet"
    pq.write_table(pa.table(columns), path)
    return RawTable(name=LINE_ITEMS, files=(path,), format="parquet", columns=dict.fromkeys(_COLUMNS, TEXT))


def findings(answer: Answer) -> Iterator[Finding]:
    """That there is less detail than in an export, what may still change, and amortised cost that has no place."""
    by = " and ".join(group.word for group in answer.groups)
    yield Finding(
        rule="aws.less-detail",
        severity="warning",
        message=f"Cost Explorer gives cost by day, {by} alone: no resources, quantities, prices, invoices or single "
        "commitments, and no savings of reservations. A cost export (CUR 2.0 or FOCUS) has them.",
    )
    if answer.is_estimated:
        yield Finding(
            rule="aws.estimated",
            severity="info",
            message=f"{answer.month}: AWS calls these figures estimated until its invoice; each ingest asks again.",
        )
    for currency in sorted({charge.currency for charge in answer.charges}):
        plain = [each for each in answer.charges if each.currency == currency and _has_no_share(line_type(each.kind))]
        left = add(*(subtract(_number(each.amounts[2]), _number(each.amounts[0])) for each in plain))
        if abs(left) > len(plain) * _NOISE:
            yield Finding(
                rule="aws.amortised-elsewhere",
                severity="warning",
                message=f"{answer.month}: Cost Explorer amortises {left:f} {currency} more on charges that no "
                "commitment covers; their effective cost is what was billed.",
                cost=left,
                currency=currency,
            )


def weighed(finding: Finding) -> Finding:
    """The finding, worth knowing only where it is about less than a cent: every amount of an answer was rounded."""
    is_noise = finding.cost is not None and abs(finding.cost) < _CENT
    return replace(finding, severity="info") if is_noise else finding


def line_type(kind: str) -> str:
    """The line item type of a record type, which is the same word for most.

    >>> line_type("Enterprise Discount Program Discount"), line_type("Savings Plan Negation"), line_type("Tax")
    ('EdpDiscount', 'SavingsPlanNegation', 'Tax')
    """
    word = re.sub(r"[^a-z]", "", kind.lower())
    return _KINDS.get(word, kind)


def _lines(answer: Answer, charge: Charge) -> Iterator[dict[str, str | None]]:
    """The line items of a charge: one, or two where a fee is partly the upfront payment of reservations.

    Amortised cost is 0 for an upfront payment and the fee itself for any other, so it tells how much is which.
    """
    kind = line_type(charge.kind)
    line = _common(answer, charge) | {"line_item_line_item_type": kind}
    gross, net, share, net_share = charge.amounts
    if kind == FEE and _number(share) != _number(gross):
        upfront: dict[str, str | None] = {
            "line_item_line_item_type": RESERVED_UPFRONT,
            "line_item_unblended_cost": f"{subtract(_number(gross), _number(share)):f}",
            "line_item_net_unblended_cost": f"{subtract(_number(net or gross), _number(net_share or share)):f}",
        }
        yield line | upfront
        gross, net = share, net_share
        if not _number(gross) and not _number(net):
            return
    yield line | {
        "line_item_unblended_cost": gross,
        "line_item_net_unblended_cost": net or None,
        **_amortised(kind, share, net_share),
    }


def _amortised(kind: str, share: str, net_share: str) -> dict[str, str | None]:
    """The amortised cost in the columns where a report has it: of a fee it is the part that nobody used.

    What usage on a reservation would cost without it is not told; its share of the fee stands for it, so that no saving
    is made up.
    """
    net = net_share or None
    if kind == PLAN_COVERED:
        return {
            "savings_plan_savings_plan_effective_cost": share,
            "savings_plan_net_savings_plan_effective_cost": net,
        }
    if kind == RESERVED_USAGE:
        return {
            "reservation_effective_cost": share,
            "reservation_net_effective_cost": net,
            "pricing_public_on_demand_cost": share,
        }
    if kind == PLAN_FEE:
        return {
            "savings_plan_total_commitment_to_date": share,
            "savings_plan_used_commitment": "0",
            "savings_plan_recurring_commitment_for_billing_period": share,
            "savings_plan_net_recurring_commitment_for_billing_period": net,
        }
    if kind == RESERVED_FEE:
        return {"reservation_unused_recurring_fee": share, "reservation_net_unused_recurring_fee": net}
    return {}


def _common(answer: Answer, charge: Charge) -> dict[str, str | None]:
    """Cells that every kind of charge fills in the same way."""
    year, month = int(answer.month[:4]), int(answer.month[5:])
    after = f"{year + month // 12}-{month % 12 + 1:02d}"
    found: dict[str, str | None] = {
        "bill_payer_account_id": answer.payer,
        "bill_billing_period_start_date": f"{answer.month}-01T00:00:00Z",
        "bill_billing_period_end_date": f"{after}-01T00:00:00Z",
        "line_item_usage_start_date": f"{charge.day}T00:00:00Z",
        "line_item_usage_end_date": f"{charge.day}T23:59:59Z",
        "line_item_currency_code": charge.currency,
    }
    told = [charge.kind]
    for group, key in zip(answer.groups, charge.keys, strict=True):
        value = group.cell(key)
        if group.type == "DIMENSION":
            found[group.column] = value
        elif value is not None:
            pair = {f"user_{group.key}" if group.type == "TAG" else group.key: value}
            found[group.column] = json.dumps({**json.loads(found.get(group.column) or "{}"), **pair})
        if group.word == "account" and value is not None:
            found["line_item_usage_account_name"] = answer.accounts.get(value)
        elif value is not None:
            told.append(value)
    found["line_item_line_item_description"] = ", ".join(told)
    return found


def _has_no_share(kind: str) -> bool:
    """Whether amortised and unblended cost of a line item type are the same."""
    return kind not in {*CANCELLING, *COMMITMENT_FEES, FEE}


def _number(text: str) -> Decimal:
    return Decimal(text or 0)
