"""Commitments of finops.toml and of the bill: what their ends and begins change, in which measure, counted once."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from finops import config as configuration
from finops import pipeline, planning, reporting
from finops.analysis import reading
from finops.commitments import Agreement
from finops.config import Config
from finops.forecast.event import Event
from finops.forecasting import forecast_table
from finops.money import add
from finops.periods import month
from finops.report.model import NotComputable
from tests import exports

AS_OF = date(2026, 4, 2)
PLAN = "arn:aws:savingsplans::1:savingsplan/0001-plan"
HEADER = (
    "BilledCost,EffectiveCost,ListCost,ContractedCost,BillingCurrency,BillingAccountId,SubAccountId,BillingPeriodStart,"
    "BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,CommitmentDiscountStatus,CommitmentDiscountId,"
    "ProviderName,ServiceName,ServiceCategory,Tags\n"
)
Stated = Callable[[str], Config]


def bill(folder: Path) -> None:
    """March: a plan that costs 6 a day covers usage of 10, and usage of 50 is covered by none; no end is told."""
    lines = []
    for n in range(31):
        day = date(2026, 3, 1) + timedelta(days=n)
        when = "EUR,payer,1,2026-03-01T00:00:00Z,2026-04-01T00:00:00Z"
        hours = f"{day}T00:00:00Z,{day + timedelta(days=1)}T00:00:00Z"
        lines += [
            f"6,0,6,6,{when},{hours},Purchase,,{PLAN},Acme,Compute,Compute,",
            f"0,6,10,10,{when},{hours},Usage,Used,{PLAN},Acme,Compute,Compute,",
            f"50,50,50,50,{when},{hours},Usage,,,Acme,Compute,Compute,",
        ]
    (folder / "bill").mkdir()
    (folder / "bill" / "march.csv").write_text(HEADER + "\n".join(lines) + "\n")


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("store")
    bill(folder)
    exports.settings(folder, ("acme", "focus", "bill"))
    pipeline.ingest(exports.configured(folder, ("acme", "focus", "bill")), narrate=lambda _: None)
    return folder


@pytest.fixture
def stated(stored: Path) -> Stated:
    """The store's settings with more TOML behind."""
    before = (stored / "finops.toml").read_text()

    def written(more: str) -> Config:
        file = stored / "more.toml"
        file.write_text(before + more)
        return configuration.load(file, variables={})

    return written


def facts(config: Config, measure: str) -> dict[str, tuple[date, date | None, Decimal]]:
    with reading(config) as (tables, engine):
        found = planning.dated_facts(config, tables, engine, as_of=AS_OF, known_at=None)
    mine = [one for one in found if planning.concerns(one, measure)]
    assert len({one.name for one in mine}) == len(mine)
    return {one.name: (one.start, one.until, one.amount) for one in mine}


def only(config: Config) -> tuple[Event, ...]:
    with reading(config) as (tables, engine):
        return planning.dated_facts(config, tables, engine, as_of=AS_OF, known_at=None)


END = date(2026, 5, 1)


@pytest.mark.parametrize("identifier", [PLAN, "0001-plan"])
def test_an_end_that_the_bill_does_not_tell_costs_what_the_bill_says_the_plan_saves(
    stated: Stated, identifier: str
) -> None:
    """10 of usage for 6: four more a day. As billed, ten of usage come and the fee of 0.25 an hour goes."""
    config = stated(f'[[commitments]]\nid = "{identifier}"\nend = 2026-05-01\nhourly = 0.25\n')
    assert facts(config, "effective_cost") == {"Commitment 0001-plan ends": (END, None, Decimal(4))}
    assert facts(config, "billed_cost") == {
        "Commitment 0001-plan ends: usage": (END, None, Decimal(10)),
        "Commitment 0001-plan ends: fee": (END, None, Decimal(-6)),
    }


def test_nothing_is_said_of_billed_cost_where_no_fee_is_stated(stated: Stated) -> None:
    config = stated('[[commitments]]\nid = "0001-plan"\nend = 2026-05-01\n')
    assert facts(config, "effective_cost") == {"Commitment 0001-plan ends": (END, None, Decimal(4))}
    assert facts(config, "billed_cost") == {}


def test_an_event_of_that_day_stands_for_the_end(stated: Stated) -> None:
    config = stated(
        '[[commitments]]\nid = "0001-plan"\nend = 2026-05-01\n'
        '[[events]]\nname = "plan over"\ndate = 2026-05-01\nscope = { provider = "Acme" }\neffect = { percent = 7 }\n'
    )
    assert [one.name for one in only(config)] == ["plan over"]


def test_what_ended_before_the_clock_is_in_the_data(stated: Stated) -> None:
    assert only(stated('[[commitments]]\nid = "0001-plan"\nend = 2026-04-02\n')) == ()


NEXT = '[[commitments]]\nid = "next"\nstart = 2026-05-01\nend = 2027-05-01\nhourly = 0.5\nupfront = 730\n'


def test_one_that_begins_costs_its_fee_on_top_and_says_so_where_no_discount_is_stated(stated: Stated) -> None:
    """12 a day; 730 are 2 more a day over its 365 days, but billed at once."""
    config = stated(NEXT)
    until = date(2027, 5, 1)
    assert facts(config, "effective_cost") == {"Commitment next begins: fee": (END, until, Decimal(14))}
    assert facts(config, "billed_cost") == {
        "Commitment next begins: fee": (END, until, Decimal(12)),
        "Commitment next begins: upfront": (END, None, Decimal(730)),
    }
    assert {one.basis for one in only(config)} == {"no discount stated: covers none of today's usage"}
    assert facts(config, "contracted_cost") == {}


@pytest.mark.parametrize(
    ("discount", "scope", "covered"),
    [
        ("30", "{}", "-20"),  # 14 a day stand for 20 of usage
        ("80", "{}", "-50"),  # for 70, but there are 50 that no plan covers
        ("30", '{ service = "Other" }', "0"),
    ],
)
def test_it_takes_as_much_usage_as_its_fee_stands_for_and_as_is_free(
    stated: Stated, discount: str, scope: str, covered: str
) -> None:
    config = stated(f"{NEXT}discount = {discount}\nscope = {scope}\n")
    for measure in ("effective_cost", "billed_cost"):
        found = facts(config, measure)["Commitment next begins: usage it covers"]
        assert found == (END, date(2027, 5, 1), Decimal(covered))


def test_a_renewal_covers_what_the_one_before_sets_free(stated: Stated) -> None:
    """Of 60 at the contracted price 10 stay with the plan, unless it ends on the day the next begins."""
    running = '[[commitments]]\nid = "0001-plan"\nend = {}\n'
    for end, covered in (("2026-05-01", "-60"), ("2026-05-02", "-50")):
        found = facts(stated(f"{running.format(end)}{NEXT}discount = 80\n"), "effective_cost")
        assert found["Commitment next begins: usage it covers"][2] == Decimal(covered)


def test_two_that_begin_do_not_cover_the_same_usage(stated: Stated) -> None:
    other = NEXT.replace('"next"', '"other"')
    found = facts(stated(f"{NEXT}discount = 65\n{other}discount = 65\n"), "effective_cost")
    assert found["Commitment next begins: usage it covers"][2] == Decimal(-40)
    assert found["Commitment other begins: usage it covers"][2] == Decimal(-10)
    follows = other.replace("2026-05-01", "2027-05-01").replace("2027-05-01\nh", "2028-05-01\nh")
    later = facts(stated(f"{NEXT}discount = 65\n{follows}discount = 65\n"), "effective_cost")
    # 730 over the 366 days to May 2028
    assert later["Commitment other begins: usage it covers"][2] == Decimal("-39.9844")


def test_one_the_bill_does_not_name_ends_as_if_fully_used_or_says_that_nothing_is_known(stated: Stated) -> None:
    running = (
        '[[commitments]]\nid = "cud-7"\nname = "GPU commitment"\nstart = 2025-05-01\nend = 2026-05-01\nhourly = 1\n'
    )
    (silent,) = only(stated(running))
    assert (silent.name, silent.amount) == ("GPU commitment ends", Decimal(0))
    assert silent.basis == "not in the bill, no discount stated: nothing is added"
    told = stated(f"{running}discount = 25\nupfront = 1095\n")
    assert facts(told, "effective_cost") == {"GPU commitment ends": (END, None, Decimal(9))}  # 27 for 36
    assert facts(told, "billed_cost") == {"GPU commitment ends": (END, None, Decimal(12))}  # 24 billed for 36


def test_money_of_a_commitment_is_converted_once_it_meets_the_bills(stated: Stated, stored: Path) -> None:
    """14 dollars at 30 % stand for 20, which are 10 euro of usage; the fee is 7 euro."""
    (stored / "rates.csv").write_text("date,from,to,rate,source\n2026-03-30,USD,EUR,0.5,test\n")
    config = stated(f'{NEXT}discount = 30\ncurrency = "USD"\n[rates]\nfile = "rates.csv"\n')
    table = forecast_table(config, as_of=AS_OF, known_at=None, measure="effective_cost")
    assert {one.name: one.amount for one in table.events} == {
        "Commitment next begins: fee": Decimal(7),
        "Commitment next begins: usage it covers": Decimal(-10),
    }


@pytest.mark.parametrize("measure", ["effective_cost", "billed_cost"])
def test_base_and_steps_are_the_forecast_to_the_last_digit(stated: Stated, measure: str) -> None:
    config = stated(f'[[commitments]]\nid = "0001-plan"\nend = 2026-05-01\nhourly = 0.25\n{NEXT}discount = 37\n')
    table = forecast_table(config, as_of=AS_OF, known_at=None, measure=measure)
    assert len(table.events) == len({one.name for one in table.events}) >= 3
    year = table.total.periods[-1]
    assert len(year.steps) == len(table.events)
    for series in (table.total, *table.series):
        for period in series.periods:
            assert not isinstance(period.forecast, NotComputable)
            assert not isinstance(period.base, NotComputable)
            assert add(period.base, *(step.amount for step in period.steps)) == period.forecast


def test_what_it_costs_and_stands_for_a_day() -> None:
    """24 at 20 % stand for 30; without a discount nobody can tell."""
    one = Agreement(identifier="a", end=date(2027, 1, 1), hourly=Decimal(1), discount=Decimal(20))
    assert [one.recurring, one.daily, one.covers] == [Decimal(24), Decimal(24), Decimal(30)]
    assert Agreement(identifier="a", end=date(2027, 1, 1), hourly=Decimal(1)).covers is None


def test_the_report_tells_the_end_and_the_name_that_the_bill_does_not(stated: Stated) -> None:
    """And what the end adds to the month and the year, among the events that make up the forecast."""
    config = stated(
        f'[[commitments]]\nid = "0001-plan"\nname = "plan"\nend = 2026-05-01\n{NEXT}start = 2026-04-20\n'.replace(
            "start = 2026-05-01\n", ""
        )
    )
    report = reporting.monthly(config, month=month("2026-04"), as_of=AS_OF, known_at=None, measure="effective_cost")
    assert not isinstance(report.commitments, NotComputable)
    events = {one.name: (one.effect, one.month.exact) for one in report.events}
    assert events["plan ends"] == ("+4 a day", Decimal(0))
    fee = "+13.94 a day; no discount stated: covers none of today's usage"  # 730 over 376 days, and twelve
    assert events["Commitment next begins: fee"] == (fee, Decimal("153.3565"))
    march = reporting.monthly(config, month=month("2026-03"), as_of=AS_OF, known_at=None, measure="effective_cost")
    (line,) = march.commitments
    assert (line.name, line.ends_on, line.ends_soon) == ("plan", END, True)
