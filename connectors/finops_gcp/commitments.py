"""Commitment fees and what their offset pays for: Google's consumption-model commitments in FOCUS terms.

In this model (spend-based commitments since July 2025) covered usage is priced at the discounted rate, and its cost
comes off the fee as the credit FEE_UTILIZATION_OFFSET. FOCUS wants it the other way round: the whole fee is billed,
covered usage is not billed and carries its share as effective cost, the rest of the fee is an unused row. That is right
only where covered usage and offset cancel; where they do not, for example because a file holds one of them only, every
row keeps its own cost and credits.
"""

from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from finops import money
from finops.findings import Finding

ROUNDING_PER_CELL = Decimal("0.000001")
"""Google writes costs to the millionth, so sums of covered usage and offset may differ by one of it per cell."""

_SEPARATOR = "\x1f"


class Bill(NamedTuple):
    """The part of a bill within which covered usage and offsets must cancel."""

    account: str
    month: str
    currency: str

    @property
    def key(self) -> str:
        """What covered usage rows of this bill carry."""
        return _SEPARATOR.join(self)

    def fee_key(self, sku: str, subscription: str) -> str:
        """What the fee rows of one commitment carry."""
        return _SEPARATOR.join((*self, sku, subscription))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """The fee of a commitment on one row.

    Attributes:
        row: the row's staged cells, to make the unused row from.
        commitment: identifier of the commitment; None where the export has none.
        paid: cost with its discounts, without the offset.
        offset: what usage took off; negative.
    """

    row: dict[str, str | None]
    commitment: str | None
    paid: Decimal
    offset: Decimal


@dataclass(slots=True, kw_only=True)
class _Part:
    """Fees of one commitment, project and day."""

    row: dict[str, str | None]
    commitment: str | None
    unused: Decimal


@dataclass(slots=True, kw_only=True)
class _Month:
    """What one bill says of its commitments."""

    covered: Decimal = Decimal(0)
    offset: Decimal = Decimal(0)
    covered_rows: int = 0
    offset_rows: int = 0
    parts: dict[tuple[str, str | None, str], _Part] = field(default_factory=dict)
    paid: dict[str, Decimal] = field(default_factory=dict)
    fee_rows: dict[str, int] = field(default_factory=dict)
    with_offset: dict[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Rows with this key follow the module's rule: fees have no effective cost, covered usage is not billed.

    Attributes:
        key: of the rows.
        commitment: that covered usage belongs to; None for fees, and where several could have covered it.
    """

    key: str
    commitment: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """A row the export does not have.

    Attributes:
        kind: `unused` (the rest of a fee) or `rounding` (what covered usage and offset differ by).
        row: cells of the fee it stems from.
        commitment: whose fee it was; None where unknown.
        amount: effective cost of an unused row, billed cost of a rounding one.
        category: what was committed to: `Usage` or `Spend`.
    """

    kind: str
    row: dict[str, str | None]
    commitment: str | None
    amount: Decimal
    category: str = "Spend"


class Commitments:
    """Adds up fees, offsets and covered usage of one file, and says which bills can be told in FOCUS terms."""

    def __init__(self) -> None:
        self._months: dict[Bill, _Month] = {}

    def add_covered(self, bill: Bill, cost: Decimal) -> None:
        """Count a row of usage priced by a commitment's consumption model."""
        month = self._months.setdefault(bill, _Month())
        month.covered = money.add(month.covered, cost)
        month.covered_rows += 1

    def add_fee(self, bill: Bill, fee: Fee) -> None:
        """Count a row of a commitment's fee, or of an offset alone."""
        month = self._months.setdefault(bill, _Month())
        key = bill.fee_key(fee.row.get("sku_id") or "", fee.row.get("subscription_instance_id") or "")
        month.offset = money.add(month.offset, fee.offset)
        month.paid[key] = money.add(month.paid.get(key, Decimal(0)), fee.paid)
        month.fee_rows[key] = month.fee_rows.get(key, 0) + 1
        if fee.offset:
            month.offset_rows += 1
            month.with_offset[key] = month.with_offset.get(key) or fee.commitment
        day = (fee.row.get("usage_start_time") or "")[:10]
        part = month.parts.setdefault(
            (key, fee.row.get("project_id"), day),
            _Part(row=dict(fee.row), commitment=fee.commitment, unused=Decimal(0)),
        )
        part.unused = money.add(part.unused, fee.paid, fee.offset)
        part.row["usage_end_time"] = max(part.row.get("usage_end_time") or "", fee.row.get("usage_end_time") or "")
        part.row["usage_start_time"] = min(
            part.row.get("usage_start_time") or "", fee.row.get("usage_start_time") or ""
        )

    def links(self) -> Iterator[Link]:
        """Keys of the rows that follow the rule."""
        for bill, month in self._months.items():
            if _cancels(month):
                ids = set(month.with_offset.values())
                yield Link(key=bill.key, commitment=ids.pop() if len(ids) == 1 else None)
                yield from (Link(key=key, commitment=None) for key in month.with_offset)

    def derived(self) -> Iterator[Derived]:
        """The unused and rounding rows of the bills that follow the rule."""
        for month in self._months.values():
            if not _cancels(month):
                continue
            fees = [(key, part) for (key, _, _), part in month.parts.items() if key in month.with_offset]
            for key, part in fees:
                if part.unused:
                    commitment = part.commitment or month.with_offset[key]
                    yield Derived(kind="unused", row=part.row, commitment=commitment, amount=part.unused)
            if rest := money.add(month.covered, month.offset):
                yield Derived(kind="rounding", row=fees[0][1].row, commitment=None, amount=rest)

    def offset_keys(self) -> set[str]:
        """Keys of the fees that have offsets: this rule's, whether they cancel or not."""
        return {key for month in self._months.values() for key in month.with_offset}

    def findings(self, *, spread: Container[str]) -> Iterator[Finding]:
        """What cannot be told in FOCUS terms, per bill.

        Args:
            spread: keys of fees that another rule tells.
        """
        for bill, month in sorted(self._months.items()):
            cancels = _cancels(month)
            if not cancels and (month.covered_rows or month.offset_rows):
                yield _not_cancelled(bill, month)
            elif cancels and (rest := money.add(month.covered, month.offset)):
                yield _rounded(bill, rest)
            plain = {
                key: paid
                for key, paid in month.paid.items()
                if paid and key not in spread and not (cancels and key in month.with_offset)
            }
            if plain:
                yield _not_amortised(bill, money.add(*plain.values()), sum(month.fee_rows[key] for key in plain))


def _cancels(month: _Month) -> bool:
    """Whether offsets pay for exactly the covered usage, but for the provider's rounding."""
    allowed = ROUNDING_PER_CELL * (month.covered_rows + month.offset_rows)
    return month.offset_rows > 0 and abs(money.add(month.covered, month.offset)) <= allowed


def _label(bill: Bill) -> str:
    return f"{bill.month[:4]}-{bill.month[4:]}" + (f" of {bill.account}" if bill.account else "")


def _plain(amount: Decimal) -> str:
    """An amount for a message, without the zeros of its 18 places."""
    return f"{amount.normalize():f}"


def _not_cancelled(bill: Bill, month: _Month) -> Finding:
    rest = money.add(month.covered, month.offset)
    return Finding(
        rule="gcp.commitment-offset-not-cancelled",
        severity="warning",
        message=(
            f"In {_label(bill)}, usage priced by commitments costs {_plain(month.covered)} and the offset of their "
            f"fees is {_plain(month.offset)}: they do not cancel. Each row keeps its own cost and credits."
        ),
        rows=month.covered_rows + month.offset_rows,
        cost=rest,
        currency=bill.currency,
    )


def _rounded(bill: Bill, rest: Decimal) -> Finding:
    return Finding(
        rule="gcp.commitment-offset-rounding",
        severity="info",
        message=(
            f"In {_label(bill)}, usage priced by commitments and the offset of their fees differ by {_plain(rest)}, "
            "kept as an Adjustment."
        ),
        rows=1,
        cost=rest,
        currency=bill.currency,
    )


def _not_amortised(bill: Bill, paid: Decimal, rows: int) -> Finding:
    return Finding(
        rule="gcp.commitment-not-amortised",
        severity="warning",
        message=(
            f"In {_label(bill)}, commitment fees of {_plain(paid)} stay where they were billed, because the export "
            "does not say which usage they cover: effective cost equals billed cost on these rows."
        ),
        rows=rows,
        cost=paid,
        currency=bill.currency,
    )
