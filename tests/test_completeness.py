"""How earlier days filled up says how much of the last ones is there, per source and service."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from finops.analysis import analyse, reading
from finops.budgets.spend import PeriodOutlook
from finops.clock import Clock
from finops.completeness import FIELDS, Completeness, learn, learnt
from finops.config import load
from finops.periods import month
from finops.series import DailyTable, Scope
from finops.vintages import Vintage
from tests import exports, vintages
from tests.shop import Shop

FIRST = date(2026, 3, 1)
LAST = date(2026, 3, 30)
CURVES = {("gcp", "queries"): (0.6, 0.9, 1.0), ("gcp", "storage"): (1.0,), ("aws", "compute"): (0.3, 0.8)}
"""What is there of the newest day, the one before, … of a day that will cost 100."""


def table(newest: date) -> DailyTable:
    """All days from the first to the newest, the last ones as far as they are there."""
    rows = []
    for (source, service), curve in CURVES.items():
        for at in range((newest - FIRST).days + 1):
            age = (newest - FIRST).days - at
            there = curve[age] if age < len(curve) else 1.0
            rows.append(((service, source), FIRST + timedelta(days=at), Decimal(f"{100 * there:.2f}"), "EUR"))
    return DailyTable(measure="effective_cost", fields=FIELDS, rows=tuple(rows))


def state(newest: date) -> Vintage:
    return Vintage(known_at=datetime.combine(newest, time(12), tzinfo=UTC), table=table(newest))


def filled() -> Completeness:
    return learnt([state(LAST - timedelta(days=back)) for back in range(20, -1, -1)], as_of=LAST)


def test_the_curve_of_every_service_is_found() -> None:
    found = filled()
    assert (found.states, found.since) == (20, LAST - timedelta(days=20))
    for (source, service), curve in CURVES.items():
        for age, there in enumerate(curve):
            share = found.share(source, service, age)
            assert share is not None
            assert share.there == pytest.approx(there)
            assert share.spread < 0.01


def test_a_service_not_seen_before_is_like_its_source() -> None:
    share = filled().share("gcp", "new", 0)
    assert share is not None
    assert share.there == pytest.approx(0.8)  # 60 and 100 of 200
    assert filled().share("azure", None, 0) is None


def test_completed_days_are_what_they_will_be() -> None:
    whole = filled().completed(table(LAST))
    for values, day, amount, _ in whole.rows:
        there = CURVES[values[1] or "", values[0] or ""]
        if there[0] >= 0.5 or day < LAST:
            assert abs(amount - 100) < Decimal("0.0001"), (values, day)
        else:  # three tenths of a day say too little
            assert amount == 30


def test_late_days_are_told_with_what_is_there() -> None:
    late = filled().late(table(LAST))
    assert [one.day for one in late] == [LAST - timedelta(days=1), LAST]
    assert [one.completed for one in late] == [True, False]
    assert late[0].there == pytest.approx((90 + 100 + 80) / 300)


def test_an_export_that_stands_still_gets_no_older() -> None:
    """A week after the last delivery its last day is still as incomplete as it was."""
    states = [state(LAST - timedelta(days=back)) for back in range(20, -1, -1)]
    again = Vintage(known_at=states[-1].known_at + timedelta(days=7), table=states[-1].table)
    late = learnt([*states, again], as_of=LAST + timedelta(days=7)).late(again.table)
    assert late[-1].day == LAST
    assert late[-1].there < 0.8


def test_the_clock_completes_what_is_told_and_forecasts_the_rest() -> None:
    found = filled()
    daily = found.completed(table(LAST)).daily(Scope())
    clock = Clock.of(daily, LAST + timedelta(days=1), history_months=36, late=found.late(table(LAST)))
    assert clock.data_to == LAST - timedelta(days=2)
    assert clock.left_out == (LAST - timedelta(days=1), LAST)
    assert [one.day for one in clock.completed] == [LAST - timedelta(days=1)]


def test_without_a_history_the_clock_is_as_it_was() -> None:
    daily = table(LAST).daily(Scope())
    clock = Clock.of(daily, LAST + timedelta(days=1), history_months=36)
    assert clock.completed == ()


def test_one_bill_that_says_when_its_rows_were_exported_is_enough(shop: Shop) -> None:
    """Six tenths of a day come in its evening, three on the next day, one after that; the last export is of the 30th.

    So 30 March has six tenths of its 100 and 29 March nine; a clock that is set back has full days and looks at none.
    """
    rows = [
        exports.on(str(day), cost, exported=f"{day + timedelta(days=age)} {hour} UTC")
        for day in (FIRST + timedelta(days=at) for at in range(30))
        for age, hour, cost in ((0, "20:10:00", "60"), (1, "08:00:00", "30"), (2, "08:00:00", "10"))
        if day + timedelta(days=age) <= LAST
    ]
    exports.gcp_jsonl(shop.folder / "gcp" / "march.jsonl", rows)
    exports.settings(shop.folder, ("gcp", "gcp", "gcp"))
    config = load(shop.folder / "finops.toml", variables={})
    shop.ingest(config)
    with reading(config) as (tables, engine):
        told = learn(tables, engine, measure="effective_cost", as_of=LAST + timedelta(days=1), known_at=None)
        found = analyse(config, tables, engine, as_of=LAST + timedelta(days=1), known_at=None)
        assert learn(tables, engine, measure="accelerator_hours", as_of=LAST, known_at=None) is None
        assert learn(tables, engine, measure="effective_cost", as_of=date(2026, 3, 20), known_at=None) is None
    assert str(told).startswith("how days filled up in 30 states of the bill of gcp, by its times of export, since ")
    assert found.data_to == date(2026, 3, 28)
    assert [(one.day.day, round(one.there, 3), one.completed) for one in found.completed] == [
        (29, 0.9, True),
        (30, 0.6, True),
    ]
    outlook = found.total.outlook(month("2026-03"))
    assert isinstance(outlook, PeriodOutlook)
    assert outlook.amount == pytest.approx(Decimal(3100), abs=1)


@pytest.mark.long
def test_days_of_a_store_that_is_filled_daily_are_completed(shop: Shop) -> None:
    """Sixteen daily runs, each with nine tenths of the last day; the forecast takes the day as it will be."""
    exports.settings(shop.folder, ("acme", "focus", "bills"), rules=exports.PROJECTS)
    config = load(shop.folder / "finops.toml", variables={})
    before = exports.daily("2026-01-01", "2026-02-28", project="search")
    shop.bill("2026-01.csv", *(one for one in before if one.day.month == 1))
    shop.bill("2026-02.csv", *(one for one in before if one.day.month == 2))
    following = 0
    for last in range(10, 26):
        days = exports.daily("2026-03-01", f"2026-03-{last}", project="search")
        part = exports.on(f"2026-03-{last}", str(Decimal(days[-1].cost) * Decimal("0.9")), project="search")
        shop.bill("2026-03.csv", *days[:-1], part)
        shop.ingest(config)
        following = vintages.made_at(shop, datetime(2026, 3, last + 1, 6, tzinfo=UTC), since=following)
    with reading(config) as (tables, engine):
        found = analyse(config, tables, engine, as_of=date(2026, 3, 26), known_at=None)
    assert found.data_to == date(2026, 3, 24)
    assert [(one.day, round(one.there, 3)) for one in found.completed] == [(date(2026, 3, 25), 0.9)]
    whole = Decimal(exports.daily("2026-03-25", "2026-03-25", project="search")[0].cost)
    assert found.total.forecast is not None
    assert float(found.total.forecast.mean[0]) == pytest.approx(float(whole), rel=1e-3)
    assert found.total.forecast.paths[:, 0].min() >= float(whole) * 0.9
    told = found.total.outlook(month("2026-03"))
    assert isinstance(told, PeriodOutlook)
    assert str(found.filled) == "how days filled up in 15 states of the store since 2026-03-11"
