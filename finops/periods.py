"""Periods of time: billing months, quarters and fiscal years. Ends are exclusive, always."""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

HOURS_A_DAY = 24
"""Days are UTC's, none of which is longer or shorter."""

FOUR_WEEKS = timedelta(weeks=4)
"""How far back recent cost reaches: every weekday counts as often as the others."""

_MONTH = re.compile(r"(?!0000)[0-9]{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Period:
    """Days from `start` (inclusive) to `end` (exclusive).

    Raises:
        ValueError: if the end is not after the start.
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            message = f"A period must end after it starts: {self.start} to {self.end}"
            raise ValueError(message)

    @property
    def days(self) -> int:
        """Number of days.

        >>> month("2026-02").days
        28
        """
        return (self.end - self.start).days

    @property
    def last_day(self) -> date:
        """The last day inside the period."""
        return self.end - timedelta(days=1)

    def __contains__(self, day: date) -> bool:
        """Whether the day lies inside; the end does not."""
        return self.start <= day < self.end

    def __iter__(self) -> Iterator[date]:
        """Every day, first to last."""
        return (self.start + timedelta(days=n) for n in range(self.days))

    def months(self) -> tuple[str, ...]:
        """The calendar months touched, as `2026-10`, first to last.

        >>> Period(start=date(2026, 11, 15), end=date(2027, 1, 1)).months()
        ('2026-11', '2026-12')
        """
        found: list[str] = []
        at = self.start.replace(day=1)
        while at < self.end:
            found.append(f"{at:%Y-%m}")
            at = _add_months(at, 1)
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A billing month, as it was known at a time; None for now."""

    month: Period
    known_at: datetime | None = None

    @property
    def label(self) -> str:
        """Such as `2026-10`."""
        return self.month.months()[0]


def month(label: str) -> Period:
    """The billing month of a label such as `2026-10`.

    Raises:
        ValueError: if the label is not a year and a month.

    >>> month("2026-12")
    Period(start=datetime.date(2026, 12, 1), end=datetime.date(2027, 1, 1))
    """
    if not _MONTH.fullmatch(label):
        message = f"A month is written like 2026-10, not {label!r}"
        raise ValueError(message)
    start = date(int(label[:4]), int(label[5:]), 1)
    return Period(start=start, end=_add_months(start, 1))


def month_of(day: date) -> Period:
    """The month that holds the day."""
    return month(f"{day:%Y-%m}")


def previous_month(period: Period) -> Period:
    """The calendar month before the one the period starts in."""
    return month_of(period.start.replace(day=1) - timedelta(days=1))


def months_before(day: date, months: int) -> date:
    """The first day of the month that lies so many months before the day's.

    >>> months_before(date(2026, 10, 21), 12)
    datetime.date(2025, 10, 1)
    """
    return _add_months(day.replace(day=1), -months)


def month_after(first: date, months: int) -> date:
    """First day of the month so many months after that of a day."""
    return _add_months(first.replace(day=1), months)


def months_between(first: date, until: date) -> int:
    """Months from the first of a month to an exclusive end; one that has begun counts."""
    return (until.year - first.year) * 12 + until.month - first.month + (1 if until.day > 1 else 0)


def quarter_of(day: date, *, fiscal_year_start: int = 1) -> Period:
    """The quarter that holds the day, counted from the first month of the fiscal year.

    >>> quarter_of(date(2026, 11, 3), fiscal_year_start=4).start
    datetime.date(2026, 10, 1)
    """
    into = (day.month - fiscal_year_start) % 3
    start = _add_months(day.replace(day=1), -into)
    return Period(start=start, end=_add_months(start, 3))


def year_of(day: date) -> Period:
    """The calendar year that holds the day."""
    return fiscal_year_of(day, fiscal_year_start=1)


def fiscal_year_of(day: date, *, fiscal_year_start: int) -> Period:
    """The fiscal year that holds the day.

    >>> fiscal_year_of(date(2027, 2, 1), fiscal_year_start=4).start
    datetime.date(2026, 4, 1)
    """
    into = (day.month - fiscal_year_start) % 12
    start = _add_months(day.replace(day=1), -into)
    return Period(start=start, end=_add_months(start, 12))


def fiscal_label(year: Period) -> str:
    """`2026/27` for a fiscal year over the turn of the year, `2026` for a calendar year.

    >>> fiscal_label(fiscal_year_of(date(2026, 11, 1), fiscal_year_start=4))
    '2026/27'
    """
    last = year.last_day.year
    return str(year.start.year) if last == year.start.year else f"{year.start.year}/{last % 100:02d}"


def fiscal_number(day: date, *, fiscal_year_start: int) -> int:
    """Number of the day's month in its fiscal year, 1 to 12.

    >>> fiscal_number(date(2026, 11, 1), fiscal_year_start=4)
    8
    """
    return (day.month - fiscal_year_start) % 12 + 1


def _add_months(day: date, months: int) -> date:
    """The first-of-month day moved by whole months; later days are cut to the month's length."""
    index = day.year * 12 + day.month - 1 + months
    year, number = divmod(index, 12)
    return date(year, number + 1, min(day.day, calendar.monthrange(year, number + 1)[1]))
