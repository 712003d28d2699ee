"""Whose cost a dated fact concerns, and the ends of commitments that a bill tells."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from finops.forecast.event import Event
from finops.forecast.steps import Part
from finops.planning import NOT_ALLOCATED, _stands_for, borne, concerns, recent, within
from finops.series import DailyTable, Scope

LAST = date(2026, 10, 10)
PARTS = {name: within("project", name, Scope()) for name in ("search", "shop", "new", NOT_ALLOCATED)}


def scope(**fields: str) -> Scope:
    return Scope(fields=tuple(sorted((name, (value,)) for name, value in fields.items())))


def event(**more: Any) -> Event:  # noqa: ANN401 - passed on
    given: dict[str, Any] = {"name": "launch", "start": date(2026, 11, 1), "kind": "percent", "amount": Decimal(6)}
    return Event(**(given | more))


def table(*rows: tuple[str | None, str, str], day: date = LAST) -> DailyTable:
    return DailyTable(
        measure="effective_cost",
        fields=("project", "provider"),
        rows=tuple(((project, provider), day, Decimal(amount), "EUR") for project, provider, amount in rows),
    )


COST = table(("search", "AWS", "60"), ("search", "GCP", "20"), ("shop", "GCP", "10"), (None, "AWS", "40"))


def test_a_part_bears_what_it_costs_inside_the_scope() -> None:
    found = borne(event(scope=scope(provider="AWS")), recent(COST, LAST), PARTS, by="project")
    assert found == {"search": Part(share=0.75, weight=0.6), NOT_ALLOCATED: Part(share=1.0, weight=0.4)}


def test_an_event_of_everything_falls_on_every_part_that_costs_something() -> None:
    found = borne(event(), recent(COST, LAST), PARTS, by="project")
    assert {name: part.share for name, part in found.items()} == dict.fromkeys(PARTS, 1)
    assert found["new"].weight == 0
    assert sum(part.weight for part in found.values()) == pytest.approx(1)


def test_a_narrower_question_bears_its_part_of_the_amount_alone() -> None:
    only = scope(provider="AWS", project="search")
    found = borne(event(scope=scope(provider="AWS")), recent(COST, LAST), {"it": only}, by=None)
    assert found == {"it": Part(share=1.0, weight=0.6)}


@pytest.mark.parametrize(
    ("where", "bearer", "share"),
    [
        (scope(project="new"), "new", 1.0),
        (scope(provider="Azure"), NOT_ALLOCATED, 0.0),
        (scope(project="new", provider="Azure"), "new", 0.0),
        (scope(project="elsewhere"), None, 0.0),
    ],
)
def test_where_nothing_was_charged_yet_one_part_bears_an_amount(where: Scope, bearer: str | None, share: float) -> None:
    """And six per cent of it are six per cent of what the part that it names will cost, or of nothing."""
    found = borne(event(scope=where), recent(COST, LAST), PARTS, by="project")
    assert found == ({} if bearer is None else {bearer: Part(share=share, weight=1.0)})


def test_credits_and_old_days_carry_no_share() -> None:
    old = table(("shop", "AWS", "1000"), day=date(2026, 9, 12))
    credit = table(("search", "AWS", "-5"))
    both = replace(COST, rows=(*COST.rows, *old.rows, *credit.rows))
    asked = event(scope=scope(provider="AWS"))
    rows = recent(both, LAST)
    assert {name for name, part in borne(asked, rows, PARTS, by="project").items() if part.weight} == {
        "search",
        NOT_ALLOCATED,
    }


def test_money_moves_costs_and_no_hours() -> None:
    assert concerns(event(), "billed_cost")
    assert not concerns(event(), "accelerator_hours")
    assert concerns(event(measure="accelerator_hours"), "accelerator_hours")
    assert not concerns(event(measure="accelerator_hours"), "effective_cost")


def test_who_wrote_an_expiry_down_is_not_told_it_twice() -> None:
    expiry = event(scope=scope(commitment="sp-1"), kind="per_day", origin="bill")
    assert _stands_for(event(scope=scope(provider="AWS")), expiry, "AWS")
    assert _stands_for(event(scope=scope(commitment="sp-1")), expiry, "AWS")
    assert not _stands_for(event(scope=scope(provider="AWS"), start=date(2026, 11, 2)), expiry, "AWS")
    assert not _stands_for(event(scope=scope(provider="GCP")), expiry, "AWS")
    assert not _stands_for(event(scope=scope(project="search")), expiry, "AWS")
