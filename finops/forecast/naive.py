"""Naive: what the two simplest methods say about a period's total, for every better one to be held against."""

from datetime import date, timedelta

from finops.forecast.forecaster import History
from finops.periods import Period

_YEAR_OF_WEEKS = 364
_WEEK = 7
_RECENT = 28


def run_rate(history: History, period: Period) -> float | None:
    """The days of the period known so far at their mean; before its first day, the mean of the last four weeks.

    Args:
        history: complete days.
        period: any.

    Returns:
        None where no day is known.
    """
    known = [_on(history, day) for day in period if history.start <= day < history.end]
    recent = known or list(history.values[-_RECENT:])
    if not recent:
        return None
    mean = sum(recent) / len(recent)
    return sum(known) + mean * (period.days - len(known))


def seasonal_naive(history: History, period: Period) -> float | None:
    """Every day not known yet costs what it cost 364 days before, or else a whole number of weeks before.

    Args:
        history: complete days.
        period: any.

    Returns:
        None where less than a week is known.
    """
    if len(history.values) < _WEEK:
        return None
    return sum(_on(history, day) if day < history.end else _before(history, day) for day in period)


def _before(history: History, day: date) -> float:
    year_before = day - timedelta(days=_YEAR_OF_WEEKS)
    if history.start <= year_before < history.end:
        return _on(history, year_before)
    weeks = -(-((day - history.end).days + 1) // _WEEK)
    return _on(history, day - timedelta(days=_WEEK * weeks))


def _on(history: History, day: date) -> float:
    at = (day - history.start).days
    return history.values[at] if 0 <= at < len(history.values) else 0.0
