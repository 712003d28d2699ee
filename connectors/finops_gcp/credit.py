"""The credits of a row: which lower it, which are money given afterwards, and which offset a commitment fee."""

import ast
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from finops import money

OFFSET = "FEE_UTILIZATION_OFFSET"
"""What covered usage takes off the fee of its commitment (spend-based commitments since July 2025)."""

GIVEN = frozenset({"PROMOTION", "FREE_TIER"})
"""Money given afterwards: a row of its own in FOCUS terms."""

DISCOUNTS = frozenset({
    "SUSTAINED_USAGE_DISCOUNT", "DISCOUNT", "SPENDING_BASED_DISCOUNT", "COMMITTED_USAGE_DISCOUNT",
    "COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE", "SUBSCRIPTION_BENEFIT", "RESELLER_MARGIN",
})  # fmt: skip
"""Lower the row they stand on."""

COMMITMENT_CATEGORY = {
    "COMMITTED_USAGE_DISCOUNT": "Usage",
    "COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE": "Spend",
    OFFSET: "Spend",
}
"""Credits that tell of a commitment, and what was committed to."""

UNTYPED = "CREDIT_TYPE_UNSPECIFIED"

_BY_NAME = (
    (re.compile(r"sustained", re.IGNORECASE), "SUSTAINED_USAGE_DISCOUNT"),
    (
        re.compile(r"commit.*(dollar|spend)|(dollar|spend).*commit", re.IGNORECASE),
        "COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE",
    ),
    (re.compile(r"commit", re.IGNORECASE), "COMMITTED_USAGE_DISCOUNT"),
    (re.compile(r"free.?tier", re.IGNORECASE), "FREE_TIER"),
    (re.compile(r"trial|promo|grant|coupon|voucher|startup", re.IGNORECASE), "PROMOTION"),
    (re.compile(r"reseller", re.IGNORECASE), "RESELLER_MARGIN"),
)
"""Exports from before September 2020 name a credit's kind in words only."""

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """One credit of a row.

    Attributes:
        type: Google's word for its kind, by its name where the export gives none.
        name: in words; None where there are none.
        id: of the credit or the commitment behind it.
        amount: negative lowers the invoice; 18 places.
    """

    type: str
    name: str | None
    id: str | None
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RowCredits:
    """The credits of one row, by what they do to it.

    Attributes:
        discounts: sum of those that lower the row.
        offset: sum of those that offset a commitment fee.
        given: credits that become rows of their own.
        commitment: the credit that tells of a commitment; None where there is none.
        covered: what credits of that type take off; positive.
        text: all of them as JSON; None where there are none.
        unknown: types that Google's documentation did not name; they lower the row.
    """

    discounts: Decimal = _ZERO
    offset: Decimal = _ZERO
    given: tuple[Credit, ...] = ()
    commitment: Credit | None = None
    covered: Decimal = _ZERO
    text: str | None = None
    unknown: tuple[str, ...] = ()


NONE = RowCredits()


def of_row(cell: object) -> RowCredits:
    """The credits in a cell: a list, one object, either as JSON or Python text, or nothing.

    Raises:
        ValueError: if it is none of these, or an amount is no number.

    >>> of_row("[{'name': 'FreeTrial', 'amount': -5e-06, 'id': None, 'type': 'PROMOTION'}]").given[0].amount
    Decimal('-0.000005000000000000')
    """
    records = _records(cell)
    if not records:
        return NONE
    found = [_credit(record) for record in records]
    counted = [credit for credit in found if credit.amount]
    commitment = next((c for c in counted if c.type in COMMITMENT_CATEGORY), None)
    of_commitment = (c.amount.copy_negate() for c in counted if commitment and c.type == commitment.type)
    return RowCredits(
        discounts=money.add(*(c.amount for c in counted if c.type not in GIVEN and c.type != OFFSET)),
        offset=money.add(*(c.amount for c in counted if c.type == OFFSET)),
        given=tuple(c for c in counted if c.type in GIVEN),
        commitment=commitment,
        covered=money.add(*of_commitment),
        text=_text(records) if any(c.amount or c.name or c.id for c in found) else None,
        unknown=tuple(c.type for c in counted if c.type not in DISCOUNTS | GIVEN and c.type not in {OFFSET, UNTYPED}),
    )


def _records(cell: object) -> list[Mapping[str, Any]]:
    if isinstance(cell, str):
        text = cell.strip()
        cell = None if text in {"", "NULL", "null", "None"} else _literal(text)
    if not cell:
        return []
    if isinstance(cell, Mapping):
        return [cell]
    if isinstance(cell, list) and all(isinstance(record, Mapping) for record in cell):
        return cell
    message = f"credits {str(cell)[:80]!r} are neither a list nor an object"
    raise ValueError(message)


def _credit(record: Mapping[str, Any]) -> Credit:
    name = _word(record.get("name")) or _word(record.get("full_name"))
    amount = record.get("amount")
    return Credit(
        type=_type(_word(record.get("type")), name),
        name=_word(record.get("full_name")) or name,
        id=_word(record.get("id")),
        amount=_ZERO if _word(amount) is None else money.stored(str(amount)),  # str of a float is its shortest decimal
    )


def _type(given: str | None, name: str | None) -> str:
    if given and given.upper() != UNTYPED:
        return given.upper()
    return next((kind for pattern, kind in _BY_NAME if name and pattern.search(name)), UNTYPED)


def _word(value: object) -> str | None:
    text = "" if value is None else str(value).strip()
    return None if text in {"", "NULL", "null", "None"} else text


def _text(records: list[Mapping[str, Any]]) -> str:
    """The credits as JSON with amounts as text, so that no reader makes them floats."""
    words = [{key: text for key, value in record.items() if (text := _word(value)) is not None} for record in records]
    return json.dumps(words, ensure_ascii=False, sort_keys=True)


def _literal(text: str) -> object:
    """The value of JSON text or of a Python literal, numbers as written."""
    try:
        return json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except ValueError:
        pass
    try:
        return _value(ast.parse(text, mode="eval").body, text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        message = f"credits {text[:80]!r} are not JSON"
        raise ValueError(message) from error


def _value(node: ast.expr, source: str) -> object:
    """A literal's value; a number is the text it was written as, which a float would round."""
    if isinstance(node, ast.List | ast.Tuple):
        return [_value(item, source) for item in node.elts]
    if isinstance(node, ast.Dict):
        return {
            str(_value(key, source)): _value(value, source)
            for key, value in zip(node.keys, node.values, strict=True)
            if key is not None
        }
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return f"-{_value(node.operand, source)}"
    if isinstance(node, ast.Constant):
        if isinstance(node.value, int | float) and not isinstance(node.value, bool):
            return ast.get_source_segment(source, node) or str(node.value)
        return node.value
    message = "not a literal"
    raise ValueError(message)
