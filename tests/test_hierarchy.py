"""What project, provider, team, service and total say fits together, whatever is asked and in whatever order."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops import planning
from finops.budgets.spend import PeriodOutlook, Spend
from finops.clock import Clock
from finops.connector import Step
from finops.forecast.event import Event
from finops.hierarchy import Hierarchy
from finops.money import add
from finops.periods import Period
from finops.planning import NOT_ALLOCATED
from finops.series import DailyTable, Scope

FIELDS = ("project", "provider", "service", "team")
START, AS_OF = date(2026, 7, 1), date(2026, 10, 11)
HORIZON = date(2026, 12, 1)
WHOLE = Period(start=date(2026, 10, 1), end=date(2026, 12, 1))
TEAMS = {"search": "web", "shop": "web", "erp": "office"}
EVENTS = (
    Event(
        name="price",
        start=date(2026, 11, 1),
        kind="percent",
        amount=Decimal(6),
        scope=Scope(fields=(("provider", ("AWS",)),)),
    ),
    Event(name="launch", start=date(2026, 11, 5), kind="per_day", amount=Decimal("33.33")),
)


Rows = list[tuple[tuple[str | None, ...], date, Decimal, str]]


def rows_of(seed: int, *, factor: Decimal = Decimal(1)) -> Rows:
    """A hundred days of four projects on two providers and three services; one cell has credits."""
    random = np.random.default_rng(seed)
    found: Rows = []
    for project in ("search", "shop", "erp", None):
        for provider, services in (("AWS", ("compute", "storage")), ("Google Cloud", ("queries",))):
            for service in services:
                if random.random() < 0.3:
                    continue
                level = float(10 ** random.uniform(0, 3))
                days = level * np.exp(0.2 * random.standard_normal((AS_OF - START).days))
                team = None if project is None else TEAMS[project]
                for at, amount in enumerate(days):
                    exact = Decimal(f"{amount - (level if service == 'queries' and at % 30 == 3 else 0):.4f}")
                    found.append(
                        ((project, provider, service, team), START + timedelta(days=at), exact * factor, "EUR")
                    )
    return found or [(("search", "AWS", "compute", "web"), START, Decimal(1) * factor, "EUR")]


def hierarchy(rows: Rows, events: tuple[Event, ...] = EVENTS, ended: Rows | None = None) -> Hierarchy:
    table = DailyTable(measure="effective_cost", fields=FIELDS, rows=tuple(rows))
    clock = Clock.of(table.daily(Scope()), AS_OF, history_months=36)
    assert clock.data_to is not None
    return Hierarchy(
        tables={"effective_cost": table},
        projects=("search", "shop", "erp"),
        teams=TEAMS,
        events=events,
        clock=clock,
        horizon=HORIZON,
        seed=1,
        recent={"effective_cost": planning.recent(table, clock.data_to)},
        ended_credits={"effective_cost": replace(table, rows=tuple(ended or []))},
    )


def said(spend: Spend) -> PeriodOutlook:
    result = spend.outlook(WHOLE)
    assert isinstance(result, PeriodOutlook)
    return result


def scope(**fields: str) -> Scope:
    return Scope(fields=tuple(sorted((name, (value,)) for name, value in fields.items())))


def same(one: Spend, other: Spend) -> None:
    assert said(one).amount == said(other).amount
    assert said(one).spread == said(other).spread
    assert dict(said(one).steps) == dict(said(other).steps)


def fits(of: Hierarchy, *scopes: Scope) -> None:
    """Parts by any field add up to the total, which is the same whatever is asked, steps and futures too."""
    measure = "effective_cost"
    totals = []
    for asked in scopes:
        for by in FIELDS:
            parts, total = of.parts(measure, by, asked)
            if not parts:
                continue
            totals.append((asked, total))
            spent = add(*(said(part).amount for part in parts))
            assert abs(spent - said(total).amount) <= Decimal("0.0001") * (len(parts) + 1)
            for name, amount in said(total).steps:
                assert add(*(dict(said(part).steps).get(name, Decimal(0)) for part in parts)) == amount
            paths = np.sum([part.forecast.paths for part in parts if part.forecast], axis=0)
            assert total.forecast is not None
            np.testing.assert_allclose(paths, total.forecast.paths, rtol=1e-6, atol=1e-6)
    for asked, total in totals:
        same(total, of.spend(measure, asked))
        same(total, next(other for again, other in totals if again == asked))
    for by in ("project", "provider", "team"):
        for part in of.parts(measure, by, Scope())[0]:
            if part.name != NOT_ALLOCATED and part.daily:
                same(part, of.spend(measure, scope(**{by: part.name})))


@settings(max_examples=2, deadline=None)
@given(st.integers(0, 10**6))
def test_project_provider_team_service_and_total_fit_together(seed: int) -> None:
    fits(hierarchy(rows_of(seed)), Scope(), scope(provider="AWS"), scope(project="search"))


def test_a_project_that_costs_nothing_yet_fits_into_its_team_and_the_total() -> None:
    """It is the only one of its team, which is told apart all the same: both may begin."""
    began = date(2026, 8, 20)
    rows = [row for row in rows_of(5) if row[0][0] != "erp" and (row[0][0] != "shop" or row[1] >= began)]
    of = hierarchy(rows)
    fits(of, Scope(), scope(project="erp"), scope(team="office"), scope(team="web"))
    alone = of.spend("effective_cost", scope(project="erp"))
    assert alone.forecast is not None
    assert alone.forecast.paths.any()
    for by in FIELDS:
        parts, total = of.parts("effective_cost", by, scope(project="erp"))
        assert [part.name for part in parts] == {"project": ["erp"], "team": ["office"]}.get(by, [])
        same(total, alone)
    offices = [part for part in of.parts("effective_cost", "team", Scope())[0] if part.name == "office"]
    same(offices[0], alone)


@settings(max_examples=1, deadline=None)
@given(st.integers(0, 10**6))
def test_rows_in_another_order_say_the_same(seed: int) -> None:
    rows = rows_of(seed)
    shuffled = [rows[at] for at in np.random.default_rng(seed + 1).permutation(len(rows))]
    for by in ("project", "service"):
        one, other = (hierarchy(given_rows).parts("effective_cost", by, Scope()) for given_rows in (rows, shuffled))
        assert [part.name for part in one[0]] == [part.name for part in other[0]]
        for mine, theirs in zip((*one[0], one[1]), (*other[0], other[1]), strict=True):
            same(mine, theirs)


def test_another_currency_is_another_unit() -> None:
    """At one rate, every amount is that of the other currency times the rate."""
    rate = Decimal("160.25")
    one, other = (hierarchy(rows_of(5, factor=factor), events=()) for factor in (Decimal(1), rate))
    for by in ("project", "provider"):
        for mine, theirs in zip(*(of.parts("effective_cost", by, Scope())[0] for of in (one, other)), strict=True):
            levels = (Decimal("0.1"), Decimal("0.5"), Decimal("0.9"))
            amounts = [(said(spend).amount, *said(spend).quantiles(levels)) for spend in (mine, theirs)]
            for small, large in zip(*amounts, strict=True):
                assert float(large / rate) == pytest.approx(float(small), rel=1e-6)


def test_configured_projects_come_first_and_what_has_none_last() -> None:
    names = [part.name for part in hierarchy(rows_of(5)).parts("effective_cost", "project", Scope())[0]]
    assert names[:3] == ["search", "shop", "erp"]
    assert names[3:] in ([], [NOT_ALLOCATED])


def test_an_event_falls_on_a_scope_that_was_not_charged_yet() -> None:
    launch = Event(
        name="launch",
        start=date(2026, 11, 1),
        kind="per_day",
        amount=Decimal(10),
        scope=Scope(fields=(("provider", ("Azure",)),)),
    )
    asked = scope(provider="Azure")
    assert said(hierarchy(rows_of(5), (launch,)).spend("effective_cost", asked)).amount == 300


def steady(projects: int) -> Rows:
    """Ten months of projects with hardly any noise, which nobody would expect of projects, on two providers."""
    random = np.random.default_rng(9)
    return [
        (
            (f"p{at:02}", "AWS" if at % 2 else "Google Cloud", "compute", None),
            date(2025, 12, 1) + timedelta(days=day),
            Decimal(f"{100 + random.normal(0, 0.5):.4f}"),
            "EUR",
        )
        for at in range(projects)
        for day in range((AS_OF - date(2025, 12, 1)).days)
    ]


def test_own_past_totals_make_all_ranges_as_wide_as_they_have_to_be() -> None:
    measure, asked = "effective_cost", Scope()
    of = hierarchy(steady(10), events=())
    parts, total = of.parts(measure, "project", asked)
    width = of.widths[measure]
    assert (width.totals, width.inside > 0.9, width.factor < 0.95) == (120, True, True)
    few = hierarchy(steady(8), events=())
    usual = {part.name: part for part in few.parts(measure, "project", asked)[0]}
    assert few.widths == {}
    october = Period(start=date(2026, 10, 1), end=date(2026, 11, 1))
    for part in [one for one in parts if one.daily][:3]:
        outlooks = [one.outlook(october) for one in (part, usual[part.name])]
        narrow, as_usual = (one.range(0.8) for one in outlooks if isinstance(one, PeriodOutlook))
        assert narrow is not None
        assert as_usual is not None
        assert narrow[1] - narrow[0] < as_usual[1] - as_usual[0]
    # one width, whatever is asked first: what is said fits together
    again = hierarchy(steady(10), events=())
    aws = again.spend(measure, scope(provider="AWS"))
    assert again.widths == of.widths
    same(aws, next(part for part in of.parts(measure, "provider", asked)[0] if part.name == "AWS"))
    same(again.parts(measure, "project", asked)[1], total)


def test_very_many_projects_share_fewer_futures() -> None:
    rows = steady(200)
    parts, total = hierarchy([row for row in rows if row[1] >= date(2026, 9, 1)], events=()).parts(
        "effective_cost", "project", Scope()
    )
    assert total.forecast is not None
    assert {part.forecast.paths.shape[0] for part in parts if part.forecast} == {300_000 // 203}
    assert total.forecast.paths.shape[0] == 300_000 // 203


def test_paths_that_find_no_room_are_made_again_and_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = rows_of(7)
    usual = hierarchy(rows)
    monkeypatch.setattr("finops.hierarchy._MOST_BYTES", 0)
    small = hierarchy(rows)
    for asked in (Scope(), scope(provider="AWS")):
        for by in FIELDS:
            pairs = [of.parts("effective_cost", by, asked) for of in (usual, small)]
            for mine, theirs in zip((*pairs[0][0], pairs[0][1]), (*pairs[1][0], pairs[1][1]), strict=True):
                same(mine, theirs)


def test_credits_that_ended_are_taken_out_of_parts_and_totals_alike() -> None:
    """Half of what search costs on AWS was paid by a grant until a fortnight ago; without it, it costs what it did."""
    rows = rows_of(5)
    grant = [
        (values, day, -amount / 2, currency)
        for values, day, amount, currency in rows
        if values[:2] == ("search", "AWS") and day < date(2026, 9, 27)
    ]
    assert grant
    of, gross = hierarchy([*rows, *grant], events=(), ended=grant), hierarchy(rows, events=())
    totals = []
    for by in FIELDS:
        for asked in (Scope(), scope(provider="AWS")):
            parts, total = of.parts("effective_cost", by, asked)
            spent = add(*(said(part).amount for part in parts))
            assert abs(spent - said(total).amount) <= Decimal("0.0001") * (len(parts) + 1)
            totals.append((asked, total))
    for asked, total in totals:
        same(total, of.spend("effective_cost", asked))
    ahead = Period(start=date(2026, 11, 1), end=date(2026, 12, 1))
    for asked in (scope(project="search"), Scope()):
        outlooks = [one.spend("effective_cost", asked).outlook(ahead) for one in (of, gross)]
        amounts = [float(one.amount) for one in outlooks if isinstance(one, PeriodOutlook)]
        assert amounts[0] == pytest.approx(amounts[1])
    search = of.spend("effective_cost", scope(project="search"))
    assert search.forecast is not None
    known = search.forecast.history
    charged = [float(search.daily.get(known.start + timedelta(days=at), 0)) for at in range(len(known.values))]
    assert known.values == pytest.approx(charged)


def test_how_many_series_are_forecast_is_told() -> None:
    told: list[Step] = []
    of = replace(hierarchy(rows_of(5)), progress=told.append)
    of.parts("effective_cost", "project", Scope())
    past = [one for one in told if one.what == "forecasting past months"]
    ahead = [one for one in told if one.what == "forecasting"]
    for steps in (past, ahead):
        assert [one.done for one in steps] == list(range(1, len(steps) + 1))
        assert {one.total for one in steps} == {len(steps)}
