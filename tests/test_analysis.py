"""What commands judge is what the table held up to a day, as known at a time, in one currency."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from finops import periods
from finops.analysis import Analysis, NothingKnown, NothingStored, UnknownTag, UnknownValue, analyse, reading
from finops.budgets.spend import PeriodOutlook
from finops.config import Config, Project, load
from finops.forecast.event import Event
from finops.money import add
from finops.planning import NOT_ALLOCATED
from finops.rates import RateMissing
from finops.series import Scope
from tests import exports
from tests.exports import on
from tests.shop import Shop

AS_OF = date(2026, 3, 21)


def config_of(shop: Shop) -> Config:
    return load(shop.folder / "finops.toml", variables={})


def analysed(shop: Shop, config: Config | None = None, **asked: Any) -> Analysis:  # noqa: ANN401 - passed on
    config = config or config_of(shop)
    with reading(config) as (tables, engine):
        return analyse(config, tables, engine, **{"as_of": AS_OF, "known_at": None, **asked})


def in_table(shop: Shop, column: str = "EffectiveCost", *, until: date = date.max) -> Decimal:
    rows = shop.query("allocated", f"x_Day, {column}")
    return add(*(amount for day, amount in rows if day <= until))


@contextmanager
def refused(error: type[Exception], *words: str) -> Iterator[None]:
    with pytest.raises(error) as caught:
        yield
    for word in words:
        assert word in str(caught.value)


def test_parts_add_up_to_the_total_and_the_total_to_the_table(company: Shop) -> None:
    found = analysed(company)
    days = found.total.daily
    assert add(*days.values()) == in_table(company)
    for day, amount in days.items():
        assert add(*(part.daily.get(day, Decimal(0)) for part in found.parts)) == amount
    assert [part.name for part in found.parts] == ["search", "shop", NOT_ALLOCATED]
    assert (found.currency, found.measure) == ("EUR", "effective_cost")


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("source", {"acme", "gcp"}),
        ("provider", {"Acme Cloud", "Google Cloud"}),
        ("tag:project", {"search", "shop-de", NOT_ALLOCATED}),
    ],
)
def test_parts_may_be_told_apart_by_other_fields(company: Shop, by: str, names: set[str]) -> None:
    found = analysed(company, by=by)
    assert {part.name for part in found.parts} == names
    assert add(*(add(*part.daily.values()) for part in found.parts)) == in_table(company)


def test_charges_after_the_clock_are_not_used(company: Shop) -> None:
    found = analysed(company, as_of=date(2026, 2, 10))
    assert max(found.total.daily) == date(2026, 2, 10)
    assert add(*found.total.daily.values()) == in_table(company, until=date(2026, 2, 10))
    assert found.data_to is not None
    assert found.data_to < date(2026, 2, 10)
    assert date(2026, 2, 10) in found.left_out


def test_nothing_is_known_before_the_first_charge(company: Shop) -> None:
    with refused(NothingKnown, "2025-09-30"):
        analysed(company, as_of=date(2025, 9, 30))


def test_a_scope_holds_its_own_cost_alone(company: Shop) -> None:
    found = analysed(company, scope=Scope(fields=(("project", ("search",)),)))
    [part] = found.parts
    assert part.daily == found.total.daily == analysed(company).parts[0].daily


def test_a_value_nobody_has_names_the_nearest(company: Shop) -> None:
    with refused(UnknownValue, "project 'serach'", "Did you mean 'search'?"):
        analysed(company, scope=Scope(fields=(("project", ("serach",)),)))
    with refused(UnknownValue, "provider 'Azure'", "Acme Cloud, Google Cloud"):
        analysed(company, scope=Scope(fields=(("provider", ("Azure",)),)))


def test_a_project_without_any_cost_yet_may_begin_as_others_did(company: Shop) -> None:
    config = config_of(company)
    config = replace(config, projects=(*config.projects, Project(name="new", owner=None, cost_centre=None)))
    alone = analysed(company, config, scope=Scope(fields=(("project", ("new",)),)))
    among = next(part for part in analysed(company, config).parts if part.name == "new")
    for spend in (*alone.parts, alone.total):
        assert spend.forecast is not None
        assert among.forecast is not None
        np.testing.assert_array_equal(spend.forecast.paths, among.forecast.paths)
        assert spend.forecast.reason is not None
        assert "likely to begin within 286 days, by how long others waited" in spend.forecast.reason
        assert not spend.forecast.mean.any()
        assert spend.forecast.paths.any()


def test_a_team_lists_its_projects_that_cost_nothing_yet(company: Shop) -> None:
    config = config_of(company)
    config = replace(config, projects=(*config.projects, Project(name="new", owner=None, cost_centre=None, team="lab")))
    found = analysed(company, config, scope=Scope(fields=(("team", ("lab",)),)))
    assert [part.name for part in found.parts] == ["new"]


def test_a_tag_that_no_rule_names_says_which_are_there(company: Shop) -> None:
    with refused(UnknownTag, "'owner'", "it holds project"):
        analysed(company, by="tag:owner")


def test_a_measure_that_the_bill_does_not_carry_is_not_zero(company: Shop) -> None:
    with refused(NothingKnown, "no vcpu hours"):
        analysed(company, measure="vcpu_hours")


def test_every_budget_has_the_outlook_of_its_own_scope(company: Shop) -> None:
    found = analysed(company)
    total, search = found.outlooks
    march = periods.month("2026-03")
    assert (total.budget.name, search.budget.name) == ("total", "search")
    assert total.to_date == found.total.to_date(march)
    assert search.to_date == found.parts[0].to_date(march)
    assert 0 < search.to_date < total.to_date
    assert total.chance_over is not None
    assert total.chance_over > 0.9
    assert search.chance_over == 0


def test_a_phase_that_has_not_begun_is_foreseen_as_far_as_an_event_plans_it(company: Shop) -> None:
    """A limit is no plan: what a budget allows from April on enters no forecast; an event does, once."""
    training = Scope(fields=(("phase", ("training",)), ("project", ("search",))))
    budget = replace(
        config_of(company).budgets[0],
        name="training",
        scope=training,
        period="year",
        limit=None,
        limits={f"2026-{month:02}": Decimal(500 * (month > 3)) for month in range(1, 13)},
    )
    limited = replace(config_of(company), budgets=(budget,))
    workload = Event(
        name="new model",
        scope=training,
        start=date(2026, 4, 6),
        until=date(2026, 6, 1),
        kind="once",
        amount=Decimal(3000),
        plus_minus=Decimal(600),
    )
    planned = replace(limited, events=(workload,))
    year = periods.fiscal_year_of(AS_OF, fiscal_year_start=1)
    for config, expected in ((limited, Decimal(0)), (planned, Decimal(3000))):
        found = analysed(company, config)
        (one,) = found.outlooks
        assert isinstance(one.result, PeriodOutlook)
        assert (one.limit, one.result.amount) == (Decimal(4500), expected)
        (search,) = (part for part in found.parts if part.name == "search")
        for spend in (found.total, search):
            assert add(*(step.amount(year) for step in spend.steps)) == expected


def test_the_same_seed_gives_the_same_draws(company: Shop) -> None:
    once, twice = (analysed(company).total.outlook(periods.month("2026-03")) for _ in range(2))
    assert isinstance(once, PeriodOutlook)
    assert isinstance(twice, PeriodOutlook)
    assert once.spread
    assert once.spread == twice.spread


def test_another_currency_names_day_and_pair(shop: Shop) -> None:
    shop.bill(
        "a.csv", on("2026-01-05", "10"), on("2026-01-07", "3", currency="USD"), on("2026-01-06", "3", currency="USD")
    )
    config = exports.configured(shop.folder)
    shop.ingest(config)
    with refused(RateMissing, "Cost of 2026-01-06 is in USD, and no rate from USD to EUR"):
        analysed(shop, config)


def test_without_a_reporting_currency_the_bills_own_is_taken(shop: Shop) -> None:
    shop.bill("a.csv", *exports.daily("2026-01-01", "2026-01-31"))
    config = exports.configured(shop.folder, organisation='name = "x"')
    shop.ingest(config)
    assert analysed(shop, config).currency == "EUR"


def test_an_empty_store_says_what_to_run(shop: Shop) -> None:
    with refused(NothingStored, ".finops holds no table yet", "Run finops ingest"):
        analysed(shop, exports.configured(shop.folder))


def test_known_at_shows_the_figures_of_then(shop: Shop) -> None:
    before = datetime.now(UTC)
    shop.bill("a.csv", *exports.daily("2026-01-01", "2026-03-20"))
    config = exports.configured(shop.folder)
    shop.ingest(config)
    between = datetime.now(UTC)
    old = in_table(shop)
    shop.bill("a.csv", *exports.daily("2026-01-01", "2026-03-20", cost=200))
    shop.ingest(config)

    assert add(*analysed(shop, config, known_at=between).total.daily.values()) == old
    assert add(*analysed(shop, config).total.daily.values()) == in_table(shop) > old
    with refused(NothingKnown, f"as known at {before:%Y-%m-%d %H:%M} UTC"):
        analysed(shop, config, known_at=before)


def test_a_closed_month_is_what_it_was(company: Shop) -> None:
    found = analysed(company)
    february = periods.month("2026-02")
    outlook = found.total.outlook(february)
    assert isinstance(outlook, PeriodOutlook)
    assert outlook.amount == outlook.to_date
    rows = company.query("allocated", "x_BillingMonth, EffectiveCost")
    assert outlook.to_date == add(*(amount for month, amount in rows if month == "2026-02"))


def test_one_day_of_history_is_enough_for_an_answer(shop: Shop) -> None:
    shop.bill("a.csv", on("2026-03-20", "10"))
    config = exports.configured(shop.folder)
    shop.ingest(config)
    for as_of in (date(2026, 3, 20), date(2026, 3, 21), date(2026, 3, 25)):
        found = analysed(shop, config, as_of=as_of)
        assert found.total.daily == {date(2026, 3, 20): Decimal(10)}
        assert (found.total.forecast is None) == (found.data_to is None)


def test_a_clock_long_after_the_data_still_answers(shop: Shop) -> None:
    shop.bill("a.csv", *exports.daily("2026-01-01", "2026-01-31"))
    config = exports.configured(shop.folder)
    shop.ingest(config)
    late = analysed(shop, config, as_of=date(2026, 1, 31) + timedelta(days=400))
    assert late.data_to == date(2026, 1, 31)
