"""Cells as the control totals read them: amounts, months and credits, by code that the mapping does not use."""

import ast
import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from finops import money

NEEDED = (
    "cost", "currency", "invoice.month", "usage_start_time", "credits", "credits.amount",
    "BilledCost", "BillingCurrency", "BillingPeriodStart", "ChargePeriodStart",
)  # fmt: skip
"""The fields that are summed, or say where: of a usage cost export, and of Google's FOCUS export."""

EMPTY = frozenset({"", "NULL", "null", "None"})

_MONTH = re.compile(r"^(\d{4})-?(\d{2})(?:\.0)?$")
_UTC = re.compile(r"( ?UTC|Z|\+00:?00)$")
_TOKEN = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|-?\d+\.?\d*(?:[eE][-+]?\d+)?""")


def word(value: object) -> str | None:
    """The text of a cell; None where it spells nothing."""
    text = "" if value is None else str(value).strip()
    return None if text in EMPTY else text


@lru_cache(maxsize=65_536)
def amount(text: str) -> tuple[Decimal, bool]:
    """An amount with 18 places, and whether it had more.

    Raises:
        ValueError: if it is no number.
    """
    stored = money.stored(text)
    return stored, Decimal(text.strip()) != stored


def times(value: Decimal, count: int) -> Decimal:
    """The amount as often as it occurs; exact, whatever its size."""
    return Decimal(int(value.scaleb(money.PLACES)) * count).scaleb(-money.PLACES)


def amounts(cells: Mapping[str, Any]) -> list[str]:
    """The cost of a record and the amounts of all its credits; what was billed is both together.

    Raises:
        ValueError: if the credits cannot be read.
    """
    if (billed := word(cells.get("BilledCost"))) is not None:
        return [billed]
    return [word(cells.get("cost")) or "0", *_credit_amounts(cells)]


def month(cells: Mapping[str, Any]) -> str:
    """The billing month such as `2026-10`: the invoice's, else the usage's in US Pacific time.

    Raises:
        ValueError: if there is neither.
    """
    if (given := word(cells.get("invoice.month"))) is not None:
        return _invoice_month(given)
    if (start := word(cells.get("BillingPeriodStart"))) is not None:
        return _month_of(start)
    return _pacific_month(word(cells.get("usage_start_time")) or word(cells.get("ChargePeriodStart")) or "")


@lru_cache(maxsize=4096)
def _invoice_month(text: str) -> str:
    found = _MONTH.match(text)
    if found is None:
        message = f"{text!r} is no invoice month such as 202610"
        raise ValueError(message)
    return f"{found[1]}-{found[2]}"


@lru_cache(maxsize=4096)
def _month_of(text: str) -> str:
    """The month of a moment in UTC.

    >>> _month_of("2026-01-01 08:00:00 UTC"), _month_of("2026-01-01T00:00:00Z")
    ('2026-01', '2026-01')
    """
    try:
        return f"{datetime.fromisoformat(_UTC.sub('', text)):%Y-%m}"
    except ValueError as error:
        message = f"the start of the billing period {text!r} is no time"
        raise ValueError(message) from error


@lru_cache(maxsize=4096)
def _pacific_month(text: str) -> str:
    """The Pacific month of a UTC time: seven hours earlier in daylight saving time, else eight.

    >>> _pacific_month("2026-03-08 09:59:00 UTC"), _pacific_month("2026-11-01T06:59:00")
    ('2026-03', '2026-10')
    """
    try:
        moment = datetime.fromisoformat(_UTC.sub("", text))
    except ValueError as error:
        message = f"there is no invoice month, and {f'{text!r} is no time' if text else 'no usage time either'}"
        raise ValueError(message) from error
    summer_starts = datetime(moment.year, 3, _sunday(moment.year, 3, 8), 10)  # noqa: DTZ001 - all of these are UTC
    summer_ends = datetime(moment.year, 11, _sunday(moment.year, 11, 1), 9)  # noqa: DTZ001 - all of these are UTC
    return f"{moment - timedelta(hours=7 if summer_starts <= moment < summer_ends else 8):%Y-%m}"


def _sunday(year: int, number: int, earliest: int) -> int:
    """Day of the first Sunday of a month that is not before `earliest`."""
    return earliest + (6 - datetime(year, number, earliest).weekday()) % 7  # noqa: DTZ001 - a calendar day


def _credit_amounts(cells: Mapping[str, Any]) -> list[str]:
    cell = cells.get("credits")
    if isinstance(cell, str):
        cell = _parsed(cell)
    if cell is None:
        single = word(cells.get("credits.amount"))
        return [single] if single else []
    listed = [cell] if isinstance(cell, dict) else cell
    return [text for credit in listed if (text := word(credit.get("amount")))]


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Any:  # noqa: ANN401 - whatever the text holds
    if word(text) is None:
        return None
    try:
        return json.loads(text, parse_float=str, parse_int=str)
    except ValueError:
        # Python's way of writing a list: its numbers are put in quotes first, so that they are not read as floats.
        quoted = _TOKEN.sub(lambda found: found[0] if found[0][0] in "'\"" else f"'{found[0]}'", text)
        try:
            return ast.literal_eval(quoted)
        except (SyntaxError, ValueError) as error:
            message = f"credits {text[:80]!r} are not JSON"
            raise ValueError(message) from error
