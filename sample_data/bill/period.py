"""When: the days of the sample, the moment its exports were taken, and how much of a day had arrived by then."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

FIRST_DAY = date(2025, 8, 1)
LAST_DAY = date(2026, 10, 20)
REFERENCE_DAY = date(2026, 10, 1)
"""Daily costs in the tables of workloads are those around this day; growth is counted from here, backwards too."""

EXPORTED_AT = datetime(2026, 10, 20, 22, tzinfo=UTC)
"""Charges arrive hours to two days after the usage, so the last two days are incomplete."""

OPEN_MONTH = "2026-10"
"""Not yet invoiced: its rows carry no invoice id."""

HOLIDAYS = frozenset(
    {
        date(2025, 12, 25),
        date(2025, 12, 26),
        date(2026, 1, 1),
        date(2026, 4, 6),
        date(2026, 4, 27),
        date(2026, 5, 14),
        date(2026, 5, 25),
    }
)
"""Dutch public holidays, on which offices work as on a Sunday."""

_DECEMBER = 12
_HOURS = 24
_PROMPT = 0.4
"""Part of an hour's charges that arrives as soon as any does."""
_LAST_HOURS = 48
"""Every charge has arrived by then; in between they come evenly."""


def days() -> tuple[date, ...]:
    """Every day of the sample, first and last included."""
    return tuple(FIRST_DAY + timedelta(days=n) for n in range((LAST_DAY - FIRST_DAY).days + 1))


def months() -> tuple[str, ...]:
    """Every month of the sample, as `2026-10`, in order."""
    return tuple(dict.fromkeys(month_of(day) for day in days()))


def month_of(day: date) -> str:
    """The month a day lies in.

    >>> month_of(date(2026, 10, 9))
    '2026-10'
    """
    return f"{day:%Y-%m}"


def month_start(month: str) -> date:
    """First day of a month.

    >>> month_start("2026-10")
    datetime.date(2026, 10, 1)
    """
    return date.fromisoformat(f"{month}-01")


def month_end(month: str) -> date:
    """First day of the month after; a range has an exclusive end.

    >>> month_end("2025-12")
    datetime.date(2026, 1, 1)
    """
    start = month_start(month)
    if start.month == _DECEMBER:
        return date(start.year + 1, 1, 1)
    return date(start.year, start.month + 1, 1)


def days_of(month: str) -> Iterator[date]:
    """The days of a month that the sample holds."""
    return (day for day in days() if month_of(day) == month)


def midnight(day: date) -> datetime:
    """The first moment of a day in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def delivered_hours(day: date, lag_hours: int) -> int:
    """Hours of a day that had reached the export when it was taken.

    Args:
        day: the day of the usage.
        lag_hours: how long after the usage the first of its charges arrive.

    >>> [delivered_hours(date(2026, 10, day), 12) for day in (17, 18, 19, 20)]
    [24, 24, 18, 5]
    """
    since_midnight = (EXPORTED_AT - midnight(day)) // timedelta(hours=1)
    return round(sum(_arrived(since_midnight - hour, lag_hours) for hour in range(1, _HOURS + 1)))


def _arrived(age: int, lag_hours: int) -> float:
    """Part of the charges of an hour that arrive within so many hours of it."""
    if age < lag_hours:
        return 0.0
    return min(1.0, _PROMPT + (1 - _PROMPT) * (age - lag_hours) / (_LAST_HOURS - lag_hours))
