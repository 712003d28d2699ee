"""Promises of the provider that its own report breaks, and doubts about its cells: findings from the sums."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from finops.findings import Finding
from finops.money import PLACES, add
from finops_aws.sums import Group, Groups, Sums, totals

_CANCELLING = ("SavingsPlanCoveredUsage", "DiscountedUsage", "SavingsPlanNegation")
_KNOWN = frozenset(
    (
        *(
            "Usage",
            *_CANCELLING,
            "SavingsPlanRecurringFee",
            "SavingsPlanUpfrontFee",
            "RIFee",
            "RIUpfrontFee",
            "Fee",
            "Tax",
            "Credit",
        ),
        *(
            "Refund",
            "EdpDiscount",
            "PrivateRateDiscount",
            "BundledDiscount",
            "RiVolumeDiscount",
            "SppDiscount",
            "Discount",
        ),
    )
)
"""Line item types of the data dictionaries, written down apart from the mapping's."""

Months = Mapping[tuple[str, str], Sums]
"""Sums per currency and month."""
Net = Mapping[tuple[str, str], bool]
"""Per currency and month, whether net costs count."""


def broken_promises(groups: Groups, months: Months, net: Net) -> Iterator[Finding]:
    """Every doubt about the report.

    Args:
        groups: sums of all line items, split ones too.
        months: sums without split line items.
        net: which months are billed net.
    """
    whole = {group: sums for group, sums in groups.items() if not group.split}
    yield from _not_cancelled(whole, net)
    yield from _net_differs(months, net)
    yield from _odd_types(whole)
    yield from _no_share(months)
    yield from _blank(months)
    yield from _split(groups)
    yield from _rounded(months, net)


def _not_cancelled(groups: Groups, net: Net) -> Iterator[Finding]:
    """Per month, the accounts whose covered usage and negations do not cancel."""
    left: dict[tuple[str, str], dict[str, Decimal]] = {}
    for group, sums in groups.items():
        if group.type in _CANCELLING:
            where = (group.currency, group.month)
            accounts = left.setdefault(where, {})
            amount = sums.net if net[where] else sums.gross
            accounts[group.account] = add(accounts.get(group.account, Decimal(0)), amount)
    for (currency, month), accounts in sorted(left.items()):
        rest = {account: amount for account, amount in sorted(accounts.items()) if amount}
        if rest:
            total = add(*rest.values())
            largest = max(rest, key=lambda account: abs(rest[account]))
            yield Finding(
                rule="aws.covered-not-cancelled",
                severity="warning",
                message=f"{month}: covered usage and its negation leave {_shown(total)} {currency} in {len(rest)} "
                f"accounts, most of it in {largest or 'rows without account'}; kept as one Adjustment row per account.",
                rows=len(rest),
                cost=total,
                currency=currency,
            )


def _net_differs(months: Months, net: Net) -> Iterator[Finding]:
    """Per month, why net or unblended costs were taken where the two differ."""
    for month, sums in sorted(months.items()):
        difference = sums.gap
        if net[month] and abs(difference) > sums.noise:
            yield Finding(
                rule="aws.discounts-in-columns",
                severity="info",
                message=f"{month[1]}: discounts of {_shown(difference)} {month[0]} are columns of this report and "
                "no rows; billed cost is the net column, which the invoice adds up to.",
                cost=difference,
                currency=month[0],
            )
        elif not net[month]:
            yield Finding(
                rule="aws.net-does-not-tie",
                severity="warning",
                message=f"{month[1]}: net costs differ from unblended ones by {_shown(difference)} {month[0]}, and "
                "discount columns do not explain it; billed cost is the unblended column.",
                cost=difference,
                currency=month[0],
            )


def _odd_types(groups: Groups) -> Iterator[Finding]:
    """Line item types nobody told this connector about."""
    odd = totals(
        {group: sums for group, sums in groups.items() if group.type not in _KNOWN},
        _by_type,
    )
    for (currency, word), sums in sorted(odd.items()):
        yield Finding(
            rule="aws.unknown-line-item-type",
            severity="warning",
            message=f"Line item type {word} is not known; its rows were kept by the ending of its name.",
            rows=sums.rows,
            cost=sums.gross,
            currency=currency,
        )


def _no_share(months: Months) -> Iterator[Finding]:
    """Covered usage whose share of the commitment is missing: effective cost is too low by it."""
    rows = sum(sums.no_share for sums in months.values())
    if rows:
        yield Finding(
            rule="aws.effective-cost-missing",
            severity="warning",
            message=f"{rows} rows are covered by a commitment but lack their share of it; their effective cost is 0.",
            rows=rows,
        )


def _blank(months: Months) -> Iterator[Finding]:
    rows = sum(sums.blank for sums in months.values())
    if rows:
        yield Finding(
            rule="aws.blank-cost",
            severity="warning",
            message=f"{rows} rows have no unblended cost; they count as 0.",
            rows=rows,
        )


def _split(groups: Groups) -> Iterator[Finding]:
    """Rows that divide the cost of a resource which is also in the file."""
    rows = sum(sums.rows for group, sums in groups.items() if group.split)
    if rows:
        yield Finding(
            rule="aws.split-rows",
            severity="info",
            message=f"{rows} rows divide the cost of a parent resource that is also in the file "
            "(split cost allocation); they are kept with cost 0.",
            rows=rows,
        )


def _rounded(months: Months, net: Net) -> Iterator[Finding]:
    cells = sum(sums.net_rounded if net[month] else sums.rounded for month, sums in months.items())
    if cells:
        yield Finding(
            rule="focus.rounded",
            severity="info",
            message=f"{cells} amounts have more than {PLACES} decimal places and were rounded half to even.",
            rows=cells,
        )


def _by_type(group: Group) -> tuple[str, str]:
    return group.currency, group.type


def _shown(amount: Decimal) -> str:
    """The amount without an exponent and without zeros at its end."""
    return f"{amount:f}".rstrip("0").rstrip(".") if amount else "0"
