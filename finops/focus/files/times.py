"""Times as FOCUS files write them, read without an engine; and whether dates with slashes are of the American form.

The American form (month/day/year) is accepted where the whole file speaks for it: a second number above 12, or billing
periods that begin and end on the first of a month that way and not the other. Else nobody can know.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Literal

_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z| ?UTC|([+-])(\d\d)(?::?(\d\d))?)?)?",
    re.ASCII,
)
_SLASHES = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{2}|\d{4})", re.ASCII)
_DOTS = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)
_MONTHS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class SlashDate:
    """A date with slashes, as written.

    Attributes:
        first, second: day and month, in an order the date alone does not always tell.
        year: in full.
        is_billing_period: whether it stands where billing periods begin or end.
    """

    first: int
    second: int
    year: int
    is_billing_period: bool

    @property
    def is_american(self) -> bool:
        """Whether it can be month/day/year."""
        return self.first <= _MONTHS

    @property
    def is_proof(self) -> bool:
        """Whether it can be nothing but month/day/year."""
        return self.is_american and self.second > _MONTHS


def read(text: str) -> datetime | None:
    """The time in UTC; None where the text is none. Dates with slashes are read month first.

    >>> read("2026-01-31 12:00:00").isoformat()
    '2026-01-31T12:00:00+00:00'
    >>> read("4/1/25").isoformat()
    '2025-04-01T00:00:00+00:00'
    """
    try:
        return _iso(text) or _american(text) or _german(text)
    except (ValueError, OverflowError):
        return None


def slash_date(text: str, *, is_billing_period: bool) -> SlashDate | None:
    """The numbers of a date with slashes; None for any other text."""
    match = _SLASHES.fullmatch(text)
    if match is None:
        return None
    first, second = int(match[1]), int(match[2])
    return SlashDate(first=first, second=second, year=_year(match[3]), is_billing_period=is_billing_period)


def order(dates: Iterable[SlashDate]) -> Literal["american", "either", "unknown"]:
    """Whether these dates of one file are month/day/year, the same both ways, or not to be told.

    >>> april_to_may = [SlashDate(first=m, second=1, year=2025, is_billing_period=True) for m in (4, 5)]
    >>> order(april_to_may)
    'american'
    """
    dates = list(dates)
    if all(date.first == date.second for date in dates):
        return "either"
    if not all(date.is_american for date in dates):
        return "unknown"
    periods = [date for date in dates if date.is_billing_period]
    months_first = bool(periods) and all(date.second == 1 for date in periods)
    days_first = all(date.first == 1 for date in periods)
    if any(date.is_proof for date in dates) or (months_first and not days_first):
        return "american"
    return "unknown"


def is_month_start(time: datetime) -> bool:
    """Whether it is midnight UTC on the first of a month."""
    return time == datetime(time.year, time.month, 1, tzinfo=UTC)


def _iso(text: str) -> datetime | None:
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, sign, hours, minutes = match.groups()
    micros = int((fraction or "0")[:6].ljust(6, "0"))
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0)) * (-1 if sign == "-" else 1)
    clock = (int(hour or 0), int(minute or 0), int(second or 0), micros)
    return datetime(int(year), int(month), int(day), *clock, tzinfo=timezone(offset)).astimezone(UTC)


def _american(text: str) -> datetime | None:
    match = _SLASHES.fullmatch(text)
    if match is None:
        return None
    day = date(_year(match[3]), int(match[1]), int(match[2]))
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _german(text: str) -> datetime | None:
    """A day before its month: with dots nobody writes them the other way round."""
    match = _DOTS.fullmatch(text)
    return datetime(int(match[3]), int(match[2]), int(match[1]), tzinfo=UTC) if match else None


def _year(digits: str) -> int:
    """A year in full; two digits are of this century: no cloud sent bills in the last one."""
    return int(digits) if len(digits) > 2 else 2000 + int(digits)  # noqa: PLR2004 - the digits of a short year
