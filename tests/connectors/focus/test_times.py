"""Times are read in Python as the engine reads them; dates with slashes only where their order is certain."""

from datetime import UTC, datetime

import pytest

from finops.focus.files import times
from finops.focus.files.times import SlashDate


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2026-01-31T12:30:15Z", datetime(2026, 1, 31, 12, 30, 15, tzinfo=UTC)),
        ("2026-01-31 12:30:15", datetime(2026, 1, 31, 12, 30, 15, tzinfo=UTC)),
        ("2026-01-31 12:30:15 UTC", datetime(2026, 1, 31, 12, 30, 15, tzinfo=UTC)),
        ("2026-01-31T12:30:15.5Z", datetime(2026, 1, 31, 12, 30, 15, 500_000, tzinfo=UTC)),
        ("2026-01-31T00:30:00+02:00", datetime(2026, 1, 30, 22, 30, tzinfo=UTC)),
        ("2026-01-31T23:30:00-07:00", datetime(2026, 2, 1, 6, 30, tzinfo=UTC)),
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("1/31/2026", datetime(2026, 1, 31, tzinfo=UTC)),
        ("4/1/25", datetime(2025, 4, 1, tzinfo=UTC)),
    ],
)
def test_a_time_in_utc(text: str, wanted: datetime) -> None:
    assert times.read(text) == wanted


@pytest.mark.parametrize(
    "text", ["", "today", "2026-02-30", "2026-01-01T30:00:00Z", "31.13.2026", "13/1/25", "2/30/25", "1/2/3"]
)
def test_what_is_no_time(text: str) -> None:
    assert times.read(text) is None


def date(first: int, second: int, *, period: bool = False) -> SlashDate:
    return SlashDate(first=first, second=second, year=2025, is_billing_period=period)


@pytest.mark.parametrize(
    ("dates", "order"),
    [
        ([date(1, 1), date(2, 2)], "either"),
        ([date(1, 31)], "american"),
        ([date(1, 31), date(31, 1)], "unknown"),
        ([date(13, 1)], "unknown"),
        ([date(4, 1, period=True), date(5, 1, period=True), date(4, 2)], "american"),
        ([date(1, 4, period=True), date(1, 5, period=True), date(2, 4)], "unknown"),
        ([date(1, 1, period=True), date(1, 2)], "unknown"),
        ([date(4, 1), date(4, 2)], "unknown"),
    ],
)
def test_the_order_of_dates_with_slashes(dates: list[SlashDate], order: str) -> None:
    assert times.order(dates) == order
