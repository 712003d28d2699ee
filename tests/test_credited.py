"""Credits that have run out are told from those that go on, and from those that come now and then."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

import pytest

from finops import credited
from finops.series import DailyTable, Scope

Row = tuple[tuple[str | None, ...], date, Decimal, str]

FIELDS = ("project", "provider")
DATA_TO = date(2026, 3, 20)
DAYS = range(40)


def ten_off(days: Iterable[int], *, project: str = "search", provider: str = "AWS") -> list[Row]:
    """Ten a day, so many days before the last complete one."""
    return [((project, provider), DATA_TO - timedelta(days=at), Decimal(-10), "EUR") for at in days]


def table(*rows: Row) -> DailyTable:
    return DailyTable(measure="effective_cost", fields=FIELDS, rows=rows)


@pytest.mark.parametrize(
    ("days", "over"),
    [
        pytest.param(range(3, 40), True, id="none on the last three days"),
        pytest.param(range(2, 40), False, id="one two days ago may be late"),
        pytest.param(range(5, 60, 7), False, id="weekly ones have not run out"),
        pytest.param([*range(-2, 0), *range(3, 40)], True, id="days that are not all in do not count"),
    ],
)
def test_a_credit_has_ended_when_it_came_daily_and_no_longer_does(days: Iterable[int], *, over: bool) -> None:
    assert bool(credited.ended(table(*ten_off(days)), DATA_TO).rows) is over


def test_each_combination_of_fields_is_looked_at_by_itself() -> None:
    gone, lasting = ten_off(DAYS[5:]), ten_off(DAYS, project="shop")
    assert credited.ended(table(*gone, *lasting), DATA_TO).rows == tuple(gone)


def test_nothing_has_ended_where_no_day_is_complete() -> None:
    assert credited.ended(table(*ten_off(DAYS[5:])), None).rows == ()


def test_what_ended_is_told_by_provider_and_only_for_four_weeks() -> None:
    over = table(
        *ten_off(DAYS[5:]), *ten_off(DAYS[9:], project="shop"), *ten_off(range(28, 60), provider="Google Cloud")
    )
    (aws,) = credited.credits_ended(over, Scope(), DATA_TO)
    assert (aws.provider, aws.last_day) == ("AWS", date(2026, 3, 15))
    assert aws.per_day == (Decimal(280 + 240) / 28).quantize(Decimal("0.0001"))
    (shop,) = credited.credits_ended(over, Scope(fields=(("project", ("shop",)),)), DATA_TO)
    assert (shop.last_day, shop.per_day) == (date(2026, 3, 11), Decimal(10))
    assert credited.credits_ended(over, Scope(fields=(("provider", ("Google Cloud",)),)), DATA_TO) == ()


def test_what_goes_on_is_the_rest_and_its_share_is_of_the_charges_without_it() -> None:
    gone, lasting = ten_off(DAYS[5:]), ten_off(DAYS, project="shop")
    charged: list[Row] = [
        ((project, "AWS"), DATA_TO - timedelta(days=at), Decimal(20), "EUR")
        for project in ("search", "shop")
        for at in DAYS
    ]
    credit, net = table(*gone, *lasting), table(*charged, *gone, *lasting)
    found = credited.credits_go_on(credit, table(*gone), net, scope=Scope(), data_to=DATA_TO)
    assert found is not None
    assert (found.last_four_weeks, found.per_day) == (Decimal(280), Decimal(10))
    assert found.share == (Decimal(280) / (2 * 28 * 20 - 23 * 10)).quantize(Decimal("0.0001"))
    alone = Scope(fields=(("project", ("search",)),))
    assert credited.credits_go_on(credit, table(*gone), net, scope=alone, data_to=DATA_TO) is None


def test_a_grant_that_pays_for_all_is_all_of_it_and_next_to_nothing_is_not_told() -> None:
    credit = table(*ten_off(DAYS))
    found = credited.credits_go_on(credit, table(), credit, scope=Scope(), data_to=DATA_TO)
    assert found is not None
    assert found.share == 1
    dear = table((("search", "AWS"), DATA_TO, Decimal(100_000), "EUR"))
    assert credited.credits_go_on(credit, table(), dear, scope=Scope(), data_to=DATA_TO) is None
