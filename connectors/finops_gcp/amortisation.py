"""Fees of older commitments and the usage they covered, brought together in pools.

In this model (resource-based commitments, and spend-based ones before July 2025) the fee is a row of its own; usage
costs its price on demand, and a credit takes the covered part off. Nothing in an export says which fee covered which
row, so fees and credits of one account, currency, month of usage and product form a pool. The month is the one of the
usage in US Pacific time: a commitment serves the hours it is paid for, whenever their usage is invoiced. A delivery
stands alone: what another one holds is unknown here. How a pool's fee is spread: settlement.py.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from finops import money
from finops_gcp import pacific, product
from finops_gcp.product import Product

if TYPE_CHECKING:
    import pyarrow as pa

_ZERO = Decimal(0)
_Either = TypeVar("_Either", "Fees", "Usage")


class Scope(NamedTuple):
    """Within what fees and covered usage find one another; `category` is `Usage` or `Spend`."""

    account: str
    currency: str
    month: str
    category: str

    @property
    def label(self) -> str:
        """For a message: `2026-10 of 01A7C4-9E52B0-3D61F8`."""
        return f"{self.month[:4]}-{self.month[4:]}" + (f" of {self.account}" if self.account else "")


class Covers(NamedTuple):
    """What a fee is for, or a credit was given for; empty text where the export does not say."""

    subscription: str
    service: str
    region: str
    product: Product


_LEVELS: tuple[Callable[[Covers], Hashable | None], ...] = (
    lambda covers: covers.subscription or None,
    lambda covers: (covers.service, covers.region, covers.product),
    lambda covers: (covers.service, covers.region, covers.product.resource),
    lambda covers: (covers.service, covers.product.resource),
    lambda covers: covers.product.resource,
)
"""From the closest likeness to the widest: what finds its other side is settled there. A commitment for memory never
covers cores, so the resource stays to the end."""


@dataclass(slots=True, kw_only=True)
class Part:
    """A fee of one project and day.

    Attributes:
        row: staged cells, to make an unused row from.
    """

    row: dict[str, str | None]
    paid: Decimal = _ZERO


@dataclass(slots=True, kw_only=True)
class Fees:
    """Fees of one commitment, or of one SKU where the export names no commitment.

    Attributes:
        key: `commitment_key` of their rows.
        words: description of the SKU.
        subscription: the commitment's identifier; None where the export has none.
        units: what was committed to, per unit of the rows.
        parts: by project and day.
    """

    key: str
    covers: Covers
    words: str
    subscription: str | None
    units: dict[str, Decimal] = field(default_factory=dict)
    parts: dict[tuple[str | None, str], Part] = field(default_factory=dict)

    @property
    def paid(self) -> Decimal:
        """Their sum."""
        return money.add(*(part.paid for part in self.parts.values()))


@dataclass(slots=True, kw_only=True)
class Usage:
    """Usage of one SKU that credits of commitments covered.

    Attributes:
        number: of this group, from 0.
        unit: of `amount`.
        covered: what the credits took off, positive.
        cost, amount: of the rows, on demand.
        rows: that carry such a credit.
    """

    number: int
    covers: Covers
    unit: str
    covered: Decimal = _ZERO
    cost: Decimal = _ZERO
    amount: Decimal = _ZERO
    rows: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Fees and the usage they covered; one of them may be missing."""

    scope: Scope
    fees: tuple[Fees, ...]
    usage: tuple[Usage, ...]


class Amortisation:
    """Adds up the fees and the covered usage of one delivery.

    Attributes:
        covered: every covered row: `row` (number), `amount` (what credits took off), `group` (number of its `Usage`).
    """

    def __init__(self) -> None:
        self.covered: list[pa.RecordBatch] = []
        self._fees: dict[Scope, dict[tuple[str, Covers], Fees]] = {}
        self._usage: dict[Scope, dict[tuple[Covers, str, str], Usage]] = {}
        self._numbers = count()

    def add_fee(self, cells: Mapping[str, str | None], *, category: str, key: str, paid: Decimal) -> None:
        """Count a row of a fee.

        Args:
            cells: staged.
            category: what was committed to: `Usage` or `Spend`.
            key: its `commitment_key`.
            paid: cost with its discounts.
        """
        words, subscription = cells.get("sku_description") or "", cells.get("subscription_instance_id")
        covers = _covers(cells, product.NONE if category == "Spend" else product.of(words))
        if product.is_flexible(words):
            covers = covers._replace(region="")
        fees = self._fees.setdefault(_scope(cells, category), {}).setdefault(
            (key, covers), Fees(key=key, covers=covers, words=words, subscription=subscription)
        )
        unit = cells.get("usage_unit") or ""
        fees.units[unit] = money.add(fees.units.get(unit, _ZERO), _number(cells.get("usage_amount")))
        start, end = cells.get("usage_start_time") or "", cells.get("usage_end_time") or ""
        part = fees.parts.setdefault((cells.get("project_id"), start[:10]), Part(row=dict(cells)))
        part.paid = money.add(part.paid, paid)
        part.row["usage_start_time"] = min(part.row.get("usage_start_time") or "", start)
        part.row["usage_end_time"] = max(part.row.get("usage_end_time") or "", end)

    def add_usage(self, rows: Iterable[tuple[int, Mapping[str, str | None], str, str, Decimal]]) -> None:
        """Count rows of usage that a credit of a commitment covered.

        Args:
            rows: number, staged cells, category and name of the credit, what it takes off.
        """
        import pyarrow as pa

        found: list[tuple[int, Decimal, int]] = []
        for number, cells, category, credit_name, covered in rows:
            usage = self._usage_of(cells, category, credit_name)
            usage.covered = money.add(usage.covered, covered)
            usage.cost = money.add(usage.cost, _number(cells.get("cost")))
            usage.amount = money.add(usage.amount, _number(cells.get("usage_amount")))
            usage.rows += 1
            found.append((number, covered, usage.number))
        if found:
            kinds = (pa.int64(), pa.decimal128(36, money.PLACES), pa.int32())
            columns = [pa.array(cells, kind) for cells, kind in zip(zip(*found, strict=True), kinds, strict=True)]
            self.covered.append(pa.record_batch(columns, names=["row", "amount", "group"]))

    def pools(self, *, without: Iterable[str]) -> Iterator[Pool]:
        """Fees with the usage that is most like them.

        Args:
            without: `commitment_key` of fees that another rule tells.
        """
        told = set(without)
        for scope in sorted(self._fees.keys() | self._usage.keys()):
            fees = [one for one in self._fees.get(scope, {}).values() if one.key not in told]
            usage = list(self._usage.get(scope, {}).values())
            for level in _LEVELS:
                paying, using = _by(level, fees), _by(level, usage)
                for likeness in paying.keys() & using.keys() - {None}:
                    yield Pool(scope=scope, fees=tuple(paying[likeness]), usage=tuple(using[likeness]))
                fees = [one for one in fees if level(one.covers) is None or level(one.covers) not in using]
                usage = [one for one in usage if level(one.covers) is None or level(one.covers) not in paying]
            yield from (Pool(scope=scope, fees=(one,), usage=()) for one in fees)
            if usage:
                yield Pool(scope=scope, fees=(), usage=tuple(usage))

    def _usage_of(self, cells: Mapping[str, str | None], category: str, credit_name: str) -> Usage:
        named = product.of(cells.get("sku_description") or "")
        if category == "Spend":
            named = product.NONE
        elif not named.resource:
            named = product.of(credit_name)
        covers = _covers(cells, named)
        unit = cells.get("usage_unit") or ""
        groups = self._usage.setdefault(_scope(cells, category), {})
        key = (covers, cells.get("sku_id") or "", unit)
        if key not in groups:
            groups[key] = Usage(number=next(self._numbers), covers=covers, unit=unit)
        return groups[key]


def _scope(cells: Mapping[str, str | None], category: str) -> Scope:
    month = pacific.month(cells.get("usage_start_time") or "") or cells.get("invoice_month") or ""
    return Scope(cells.get("billing_account_id") or "", cells.get("currency") or "", month, category)


def _covers(cells: Mapping[str, str | None], what: Product) -> Covers:
    return Covers(
        cells.get("subscription_instance_id") or "",
        cells.get("service_id") or cells.get("service_description") or "",
        cells.get("location_region") or "",
        what,
    )


def _number(text: str | None) -> Decimal:
    """A quantity; what is no number counts as none."""
    try:
        return money.stored(text or "0")
    except ValueError:
        return _ZERO


def _by(level: Callable[[Covers], Hashable | None], things: Iterable[_Either]) -> dict[Hashable | None, list[_Either]]:
    found: dict[Hashable | None, list[_Either]] = {}
    for thing in things:
        found.setdefault(level(thing.covers), []).append(thing)
    return found
