"""Forecasts go into the ledger as they are issued, and are scored by what came: from the ledger alone."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from finops import scoring
from finops.analysis import analyse, reading
from finops.config import Config, load
from finops.forecast import forecaster
from finops.forecast.ledger import Scored, kpi
from finops.forecasting import forecast_table
from finops.money import add, subtract
from finops.report.forecast_table import ForecastTable
from finops.report.model import NotComputable
from finops.scoring import Past
from finops.series import Scope
from finops.store import ledger
from tests import exports
from tests.exports import Charge
from tests.shop import Shop

RULES = (
    exports.PROJECTS
    + """
[[budgets]]
name = "search"
scope = { project = "search" }
limit = 3000

[[events]]
name = "launch"
date = 2026-03-15
effect = { per_day = 20 }
scope = { project = "search" }
"""
)


def charges(first: str, last: str) -> list[Charge]:
    return [*exports.daily(first, last, project="search"), *exports.daily(first, last, cost=30)]


def months(first: date, count: int) -> Iterator[date]:
    day = first
    for _ in range(count):
        yield day
        day = (day.replace(day=1) + timedelta(days=40)).replace(day=day.day)


def past(config: Config, as_of: date, monkeypatch: pytest.MonkeyPatch) -> Past:
    """What the ledger says, with nothing forecast while it is asked."""
    with reading(config) as (tables, engine):
        analysis = analyse(config, tables, engine, as_of=as_of, known_at=None)
        with monkeypatch.context() as patch:
            patch.setattr(forecaster.CalendarForecaster, "forecast", None)
            return scoring.past(config, tables, engine, analysis)


def issue(config: Config, as_of: date) -> ForecastTable:
    at = datetime(as_of.year, as_of.month, as_of.day, 6, tzinfo=UTC)
    return forecast_table(config, as_of=as_of, known_at=None, issued_at=at)


def files(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    return {
        str(path): (path.stat().st_mtime_ns, path.stat().st_ino, path.read_bytes())
        for path in sorted((folder / ".finops" / "forecasts").rglob("*"))
        if path.is_file()
    }


def replay(shop: Shop, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Issue on the 11th of so many months, restating one on the way; then score, with nothing forecast again."""
    first = date(2026, 1, 11)
    exports.settings(shop.folder, rules=RULES)
    config = load(shop.folder / "finops.toml", variables={})
    said: list[tuple[date, ForecastTable]] = []
    kept: dict[str, tuple[int, int, bytes]] = {}
    for at, as_of in enumerate(months(first, count)):
        shop.bill("bill.csv", *charges("2025-10-01", str(as_of - timedelta(days=1))))
        if at == 2:
            shop.bill("restated.csv", exports.on("2026-02-03", "55.5"))
        shop.ingest(config)
        said.append((as_of, issue(config, as_of)))
        now = files(shop.folder)
        assert {name: now[name] for name in kept} == kept
        kept = now
    end = next(months(said[-1][0], 1)) + timedelta(days=31)
    shop.bill("bill.csv", *charges("2025-10-01", str(end)))
    shop.ingest(config)

    found = past(config, end + timedelta(days=1), monkeypatch)

    exact = {day: amount for day, amount in _daily(shop).items() if day <= end}
    for scope, name in ((Scope(), None), (Scope(fields=(("project", ("search",)),)), "search")):
        mine = [one for one in found.scored if one.issued.scope == scope and len(one.issued.period.months()) == 1]
        assert len(mine) == count
        off = came = forecast = Decimal(0)
        for (as_of, table), one in zip(said, mine, strict=True):
            series = table.total if name is None else next(part for part in table.series if part.name == name)
            period = series.periods[0]
            assert not isinstance(period.forecast, NotComputable)
            assert (one.issued.as_of, one.issued.period.start) == (as_of, period.start)
            assert one.issued.forecast == period.forecast.quantize(Decimal("0.000001"))
            low, high = one.issued.range(Decimal("0.80"))
            assert (low, high) == tuple(
                bound and bound.quantize(Decimal("0.000001")) for bound in (period.low_80, period.high_80)
            )
            actual = add(
                *(
                    amount
                    for day, parts in exact.items()
                    for project, amount in parts
                    if day in one.issued.period and name in {None, project}
                )
            )
            assert one.actual == actual
            off += abs(subtract(actual, period.forecast))
            came += actual
            forecast += period.forecast
        figures = kpi(mine)
        assert figures is not None
        assert figures.error == (off / came).quantize(Decimal("0.0001"))
        assert figures.variance == ((came - forecast) / forecast).quantize(Decimal("0.0001"))
        assert figures.forecasts == count
        assert figures.hits_80 == sum(_inside(one) for one in mine)


def _inside(one: Scored) -> bool:
    low, high = one.issued.range(Decimal("0.80"))
    return low <= one.actual <= high


def _daily(shop: Shop) -> dict[date, list[tuple[str | None, Decimal]]]:
    found: dict[date, list[tuple[str | None, Decimal]]] = {}
    for day, project, amount in shop.query("allocated", "x_Day, x_Project, EffectiveCost"):
        found.setdefault(day, []).append((project, amount))
    return found


@pytest.mark.long
def test_a_year_replayed_reproduces_the_kpi_from_the_ledger_alone(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    replay(shop, 12, monkeypatch)


@pytest.fixture(scope="module")
def half_a_year(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A store that tests take copies of."""
    shop = Shop(folder=tmp_path_factory.mktemp("shop"))
    shop.bill("bill.csv", *charges("2025-10-01", "2026-03-10"))
    exports.settings(shop.folder, rules=RULES)
    shop.ingest(load(shop.folder / "finops.toml", variables={}))
    return shop


@pytest.fixture
def stocked(shop: Shop, half_a_year: Shop) -> Config:
    """Half a year in the store."""
    shutil.copytree(half_a_year.folder, shop.folder, dirs_exist_ok=True)
    return load(shop.folder / "finops.toml", variables={})


def test_what_a_forecast_rests_on_is_kept_with_it(stocked: Config, shop: Shop) -> None:
    table = issue(stocked, date(2026, 3, 11))
    entries = ledger.read(stocked.store.path)
    assert {(one.cost_version, one.allocated_version) for one in entries} == {shop.versions()}
    scopes = {str(one.scope): one for one in entries if one.period.months() == ("2026-03",)}
    assert set(scopes) == {"all cost", "project search", "project shop", "project not allocated"}
    search = scopes["project search"]
    assert search.events == (("launch", Decimal(340)),)  # 17 days of 20
    assert add(search.base, *(amount for _, amount in search.events)) == search.forecast
    assert search.model == table.series[0].model
    assert search.run_rate is not None


def test_saying_it_again_adds_nothing_and_another_table_does(stocked: Config, shop: Shop) -> None:
    issue(stocked, date(2026, 3, 11))
    before = files(shop.folder)
    issue(stocked, date(2026, 3, 11))
    assert files(shop.folder) == before
    shop.bill("late.csv", exports.on("2026-03-09", "99"))
    shop.ingest(stocked)
    issue(stocked, date(2026, 3, 11))
    assert len(files(shop.folder)) > len(before)


def test_a_forecast_that_nobody_issues_is_not_kept(stocked: Config) -> None:
    forecast_table(stocked, as_of=date(2026, 3, 11), known_at=None)
    assert ledger.read(stocked.store.path) == []


def test_an_entry_in_another_currency_or_of_an_unknown_tag_is_counted_not_scored(
    stocked: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue(stocked, date(2026, 2, 11))
    (one,) = (one for one in ledger.read(stocked.store.path) if one.scope == Scope() and len(one.period.months()) == 1)
    ledger.keep(
        stocked.store.path,
        [replace(one, unit="USD"), replace(one, scope=Scope(fields=(("tag:gone", ("x",)),)))],
    )
    found = past(stocked, date(2026, 3, 11), monkeypatch)
    assert found.not_scored == 2
    assert {str(one.issued.scope) for one in found.scored} >= {"all cost", "project search"}
    assert found.open > 0


def test_a_ledger_that_cannot_be_written_does_not_stop_the_forecast(stocked: Config) -> None:
    (stocked.store.path / "forecasts").write_text("in the way")
    told: list[str] = []
    table = forecast_table(
        stocked,
        as_of=date(2026, 3, 11),
        known_at=None,
        issued_at=datetime(2026, 3, 11, tzinfo=UTC),
        warn=told.append,
    )
    assert table.total.model
    assert len(told) == 1
    assert "not kept in the ledger" in told[0]
