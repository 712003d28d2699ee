"""Money: exact decimals with a currency; rounded once, when shown."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal, InvalidOperation

PLACES = 18
"""Decimal places a money column of the tables keeps: `decimal(36,18)`."""

FORECAST_UNIT = Decimal("0.0001")
"""A hundredth of a cent: what foreseen amounts are rounded to, since finer digits of a statistic say nothing."""

_EXACT = Context(prec=76, rounding=ROUND_HALF_EVEN)
_STEP = Decimal(1).scaleb(-PLACES)
_PLAIN = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
"""What a number looks like; Decimal itself also takes `1_000`, `NaN` and digits of other scripts."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency; amounts of two currencies do not add."""

    amount: Decimal
    currency: str

    def __add__(self, other: "Money") -> "Money":
        """Add an amount of the same currency.

        Raises:
            ValueError: if the currencies differ; convert first, with a rate and its date.
        """
        if self.currency != other.currency:
            message = f"{self.currency} and {other.currency} do not add without an exchange rate"
            raise ValueError(message)
        return Money(add(self.amount, other.amount), self.currency)

    def __neg__(self) -> "Money":
        """The same amount with the other sign."""
        return Money(self.amount.copy_negate(), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        """Subtract an amount of the same currency."""
        return self + -other


def add(*amounts: Decimal) -> Decimal:
    """Exact sum: no digit is lost up to 76 of them, where Decimal's default keeps 28.

    >>> add(Decimal("1e20"), Decimal("1e-18"))
    Decimal('100000000000000000000.000000000000000001')
    """
    total = Decimal(0)
    for amount in amounts:
        total = _EXACT.add(total, amount)
    return total


def subtract(whole: Decimal, *parts: Decimal) -> Decimal:
    """Exact difference: whole minus every part. Python's own minus sign rounds to 28 digits, also a lone one.

    >>> subtract(Decimal("1e20"), Decimal("1e-18"))
    Decimal('99999999999999999999.999999999999999999')
    """
    return add(whole, *(part.copy_negate() for part in parts))


def stored(text: str) -> Decimal:
    """The number in a cell as the tables keep it: 18 places, half-even.

    Args:
        text: one plain number, with or without an exponent; blanks around it are ignored.

    Raises:
        ValueError: if it is not one finite number (thousands marks and NaN are none), or too large for any column.

    >>> stored("5e-06")
    Decimal('0.000005000000000000')
    >>> stored("0.0000000000000000025")
    Decimal('2E-18')
    """
    if not _PLAIN.fullmatch(text.strip()):
        message = f"{text!r} is not a number"
        raise ValueError(message)
    try:
        return Decimal(text.strip()).quantize(_STEP, context=_EXACT)
    except InvalidOperation as error:
        message = f"{text.strip()[:40]!r} is too large for an amount"
        raise ValueError(message) from error


def to_float(amount: Decimal) -> float:
    """The one crossing from money to statistics."""
    return float(amount)


def from_float(value: float) -> Decimal:
    """The one crossing back: a statistic as money, to the hundredth of a cent.

    >>> from_float(254800.12345678)
    Decimal('254800.1235')
    """
    return Decimal(repr(float(value))).quantize(FORECAST_UNIT, context=_EXACT)


def rounded_to_total(parts: Sequence[Decimal], unit: Decimal) -> tuple[Decimal, ...]:
    """Round parts to whole units so that they add up to their rounded total (largest remainder).

    Args:
        parts: exact amounts, any sign.
        unit: step to round to, for example `Decimal(1)` or `Decimal(100)`.

    Returns:
        One multiple of `unit` per part; each differs from its exact amount by less than one unit.

    >>> rounded_to_total([Decimal("1.4"), Decimal("1.4"), Decimal("1.4")], Decimal(1))
    (Decimal('2'), Decimal('1'), Decimal('1'))
    """
    exact = [_EXACT.divide(part, unit) for part in parts]
    floors = [one.to_integral_value(rounding=ROUND_FLOOR) for one in exact]
    total = add(*exact).to_integral_value(rounding=ROUND_HALF_EVEN)
    missing = int(subtract(total, add(*floors)))
    by_remainder = sorted(range(len(parts)), key=lambda i: (subtract(floors[i], exact[i]), i))
    raised = set(by_remainder[:missing])
    return tuple(_EXACT.multiply(add(floor, Decimal(i in raised)), unit) for i, floor in enumerate(floors))
