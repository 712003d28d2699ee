"""The billing month of a moment: Google bills months in US Pacific time."""

from datetime import UTC, datetime, timedelta

TIME_ZONE = "America/Los_Angeles"

_SUMMER_MONTHS = range(4, 12)
"""Months that begin in daylight saving time: it starts on the second Sunday of March and ends on the first Sunday of
November at two o'clock (Energy Policy Act of 2005, since 2007). So the 1st of a month needs no time zone data, which
minimal systems lack."""


def month(start: str) -> str | None:
    """The month such as `202610` in which a usage starts; None where the text is no time.

    Args:
        start: as exports write it: UTC, with a blank or T, with or without Z, ` UTC` or an offset.

    >>> month("2026-02-01 07:59:59 UTC"), month("2026-02-01T08:00:00Z"), month("2026-08-01T07:00:00")
    ('202601', '202602', '202608')
    """
    try:
        moment = datetime.fromisoformat(start.strip().removesuffix("UTC").rstrip().removesuffix("Z"))
    except ValueError:
        return None
    utc = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    summer, winter = utc - timedelta(hours=7), utc - timedelta(hours=8)
    return f"{summer if summer.month in _SUMMER_MONTHS else winter:%Y%m}"
