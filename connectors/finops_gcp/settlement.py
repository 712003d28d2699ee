"""A pool's fees, spread over the usage they covered to the last digit; what covered nothing is unused.

- The units that a row's credits covered are the credits at the price of its SKU. The fee is divided by the units
  committed to, or by those covered if they are more; each covered unit carries that rate.
- Where units cannot be compared, as with commitments of money per hour, credits share the fee as they are. A commitment
  that is used up never costs more than its usage on demand, so what a fee exceeds its credits by is unused.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from finops import money
from finops.findings import Finding
from finops_gcp import product
from finops_gcp.amortisation import Amortisation, Fees, Part, Pool
from finops_gcp.commitments import Derived

ROW_KEY = "row\x1f{}"
"""`commitment_key` of a row that a credit covered, by its number."""

_ZERO = Decimal(0)
_DIGITS = 100
"""Of factors: more than any product of an amount and a share needs to be right at 18 places."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What a row carries of the fees.

    Attributes:
        key: `commitment_key` of the row.
        commitment: that covered it; None where several could have.
    """

    key: str
    commitment: str | None
    amount: Decimal


class Settlement:
    """Every fee of a delivery, spread.

    Args:
        amortisation: all fees and covered usage.
        without: `commitment_key` of fees that another rule tells.
    """

    def __init__(self, amortisation: Amortisation, *, without: Iterable[str]) -> None:
        pools = list(amortisation.pools(without=without))
        matched = {one.key for pool in pools if pool.usage for one in pool.fees}
        self._covered = amortisation.covered
        self._orphans = [pool for pool in pools if not pool.fees]
        self._pools = [pool for pool in pools if pool.fees and (pool.usage or _is_spread(pool.fees[0], matched))]
        self._factors: dict[int, Decimal] = {}
        self._commitments: dict[int, str | None] = {}
        self._rest: dict[int, Decimal] = {}
        for pool in self._pools:
            self._commitments |= dict.fromkeys((one.number for one in pool.usage), _commitment(pool))
            self._factors |= _factors(pool)
            if pool.usage:
                self._rest[pool.usage[0].number] = _carried(pool)

    @property
    def fees(self) -> dict[str, str]:
        """`commitment_key` of every fee that is spread, with its commitment."""
        return {one.key: _named(one) for pool in self._pools for one in pool.fees}

    def shares(self) -> Iterator[list[Share]]:
        """The shares of the rows, some at a time."""
        groups = {one.number: pool.usage[0].number for pool in self._pools for one in pool.usage}
        left, last = dict(self._rest), self._last_rows(groups)
        for batch in self._covered:
            found: list[Share] = []
            for row, amount, group in zip(*(batch.column(at).to_pylist() for at in range(3)), strict=True):
                if group not in groups:
                    continue
                pool = groups[group]
                share = left[pool] if last[pool] == row else self._share(amount, group)
                left[pool] = money.subtract(left[pool], share)
                found.append(Share(key=ROW_KEY.format(row), commitment=self._commitments[group], amount=share))
            if found:
                yield found

    def unused(self) -> Iterator[Derived]:
        """The parts of fees that covered nothing."""
        for pool in self._pools:
            parts = [(fees, part) for fees in pool.fees for part in fees.parts.values() if part.paid]
            rest = money.subtract(_paid(pool), _carried(pool))
            for (fees, part), amount in zip(parts, _portions(rest, [part for _, part in parts]), strict=True):
                if amount:
                    category = pool.scope.category
                    yield Derived(
                        kind="unused", row=part.row, commitment=_named(fees), amount=amount, category=category
                    )

    def findings(self) -> Iterator[Finding]:
        """What the export leaves open, per pool."""
        for pool in self._pools:
            if pool.usage and _paid(pool) and not _is_measured(pool):
                yield _finding(
                    pool,
                    "gcp.commitment-use-estimated",
                    f"were spread over usage by its credits of {_plain(_covered(pool))}, because the export does not "
                    "say what part of these commitments was used; what the fees exceed the credits by is unused",
                )
            elif not pool.usage and _paid(pool):
                yield _finding(
                    pool, "gcp.commitment-unused", "are unused: no usage of that month here carries a credit for them"
                )
        for pool in self._orphans:
            yield Finding(
                rule="gcp.commitment-fee-elsewhere",
                severity="info",
                message=(
                    f"In {pool.scope.label}, credits of commitments took {_plain(_covered(pool))} off usage whose fees "
                    "are not here; it carries no share of them."
                ),
                rows=sum(one.rows for one in pool.usage),
                cost=_covered(pool),
                currency=pool.scope.currency,
            )

    def _share(self, amount: Decimal, group: int) -> Decimal:
        with localcontext(prec=_DIGITS):
            return money.stored(f"{amount * self._factors[group]:f}")

    def _last_rows(self, groups: dict[int, int]) -> dict[int, int]:
        """Per pool, the row that takes what the rounding of the others leaves."""
        last: dict[int, int] = {}
        for batch in self._covered:
            for row, group in zip(batch.column("row").to_pylist(), batch.column("group").to_pylist(), strict=True):
                if group in groups:
                    last[groups[group]] = row
        return last


def _is_spread(fees: Fees, matched: set[str]) -> bool:
    """Whether a fee that covered nothing here is an unused commitment, rather than one of another kind."""
    return fees.key in matched or product.is_commitment(fees.words)


def _paid(pool: Pool) -> Decimal:
    return money.add(*(one.paid for one in pool.fees))


def _covered(pool: Pool) -> Decimal:
    return money.add(*(one.covered for one in pool.usage))


def _is_measured(pool: Pool) -> bool:
    """Whether the units committed to and those covered can be compared."""
    units = {unit for fees in pool.fees for unit, amount in fees.units.items() if amount}
    return (
        len(units) == 1
        and all(one.unit in units and one.cost > 0 and one.amount > 0 for one in pool.usage)
        and all(any(fees.units.values()) for fees in pool.fees)
    )


def _carried(pool: Pool) -> Decimal:
    """What covered usage carries of the fees."""
    paid, weights = _paid(pool), _weights(pool)
    total = sum(weights, start=_ZERO)
    if total <= 0 or paid <= 0:
        return _ZERO
    if not _is_measured(pool):
        return min(paid, _covered(pool))
    committed = money.add(*(amount for fees in pool.fees for amount in fees.units.values()))
    with localcontext(prec=_DIGITS):
        return paid if total >= committed else money.stored(f"{paid * total / committed:f}")


def _weights(pool: Pool) -> list[Decimal]:
    """What each group of usage counts: units covered, or what credits took off."""
    if not _is_measured(pool):
        return [one.covered for one in pool.usage]
    with localcontext(prec=_DIGITS):
        return [one.covered * one.amount / one.cost for one in pool.usage]


def _factors(pool: Pool) -> dict[int, Decimal]:
    """Share of the fees per amount of credits, by group of usage."""
    carried, weights = _carried(pool), _weights(pool)
    total = sum(weights, start=_ZERO)
    with localcontext(prec=_DIGITS):
        return {
            one.number: carried * weight / total / one.covered if total > 0 and one.covered else _ZERO
            for one, weight in zip(pool.usage, weights, strict=True)
        }


def _portions(rest: Decimal, parts: Sequence[Part]) -> list[Decimal]:
    """The rest of the fees by what each part paid; the last one takes what rounding leaves."""
    total = money.add(*(part.paid for part in parts))
    if not parts or not total:
        return [_ZERO for _ in parts]
    with localcontext(prec=_DIGITS):
        found = [money.stored(f"{rest * part.paid / total:f}") for part in parts[:-1]]
    return [*found, money.subtract(rest, *found)]


def _named(fees: Fees) -> str:
    """The commitment: its identifier, else the SKU and region it is for, which is all an older export tells."""
    return fees.subscription or "/".join(part for part in (fees.key.split("\x1f")[3], fees.covers.region) if part)


def _commitment(pool: Pool) -> str | None:
    """The one commitment that covered a pool's usage."""
    names = {_named(one) for one in pool.fees}
    return names.pop() if len(names) == 1 else None


def _finding(pool: Pool, rule: str, what: str) -> Finding:
    return Finding(
        rule=rule,
        severity="info",
        message=f"In {pool.scope.label}, commitment fees of {_plain(_paid(pool))} ({pool.fees[0].words}) {what}.",
        rows=sum(len(fees.parts) for fees in pool.fees),
        cost=_paid(pool),
        currency=pool.scope.currency,
    )


def _plain(amount: Decimal) -> str:
    """An amount for a message, without the zeros of its 18 places."""
    return f"{amount.normalize():f}"
