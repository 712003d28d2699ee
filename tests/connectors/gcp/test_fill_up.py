"""The last days of a bill are judged by how days filled up before."""

from datetime import date, timedelta
from pathlib import Path

from finops_gcp import fill_up

FIRST = date(2026, 1, 1)


def arrived(days: int, parts: tuple[float, ...]) -> dict[tuple[date, date], float]:
    """Days whose cost of 10 arrives in these parts; the last day of all is the last one of export."""
    last = FIRST + timedelta(days=days)
    return {
        (day, day + timedelta(days=age)): 10 * part
        for day in (FIRST + timedelta(days=at) for at in range(days + 1))
        for age, part in enumerate(parts)
        if day + timedelta(days=age) <= last
    }


def test_days_that_usually_had_less_at_their_age_are_incomplete() -> None:
    seen = arrived(20, (0.5, 0.3, 0.19, 0.01))
    usual = fill_up.profile(seen)
    assert [round(share, 2) for share in usual[:4]] == [0.5, 0.8, 0.99, 1.0]
    found = fill_up.incomplete(seen, usual)
    assert [(one.day.day, round(one.share, 2)) for one in found] == [(20, 0.8), (21, 0.5)]
    assert "2026-01-21 (usually 50% there by now)" in fill_up.finding(found).message


def test_the_last_days_of_a_month_are_judged_by_the_exports_of_the_next() -> None:
    seen, parts = arrived(30, (0.5, 0.5)), (0.5, 1.0)
    assert [one.day.day for one in fill_up.incomplete(seen, parts, newest=date(2026, 1, 31))] == [31]
    assert not fill_up.incomplete(seen, parts, newest=date(2026, 2, 9))


def test_a_bill_that_is_there_at_once_has_no_incomplete_days() -> None:
    seen = arrived(20, (1.0,))
    assert fill_up.incomplete(seen, fill_up.profile(seen)) == []
    assert fill_up.profile({}) == ()


def test_the_first_days_of_a_month_are_judged_by_the_month_before(tmp_path: Path) -> None:
    parts = (0.6, 0.4)
    fill_up.remember(tmp_path, fill_up.profile(arrived(20, parts)))
    young = arrived(2, parts)
    assert fill_up.profile(young) == ()
    assert [one.day.day for one in fill_up.incomplete(young, fill_up.remembered(tmp_path))] == [3]
    assert fill_up.remembered(None) == fill_up.remembered(tmp_path / "nowhere") == ()
