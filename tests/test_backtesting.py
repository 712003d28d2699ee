"""Past months are forecast again by what was known then, where the store tells, and the table says which."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from finops.backtesting import backtest_table
from finops.config import load
from finops.report.backtest_table import BacktestTable, Scores, backtest_grid
from finops.report.locale import locale
from tests import exports, vintages
from tests.shop import Shop

AS_OF = date(2026, 3, 21)
THEN = datetime(2026, 2, 11, 6, tzinfo=UTC)


@pytest.fixture
def restated(shop: Shop) -> Shop:
    """Bills to 10 February as known on the 11th; since 21 March all days of February cost double."""
    for month, last in (("2025-10", 31), ("2025-11", 30), ("2025-12", 31), ("2026-01", 31)):
        shop.bill(f"{month}.csv", *exports.daily(f"{month}-01", f"{month}-{last}", cost=10, project="search"))
    shop.bill("2026-02.csv", *exports.daily("2026-02-01", "2026-02-10", cost=10, project="search"))
    exports.settings(shop.folder, ("acme", "focus", "bills"), rules=exports.PROJECTS)
    shop.ingest(load(shop.folder / "finops.toml", variables={}))
    first = vintages.made_at(shop, THEN)
    shop.bill("2026-02.csv", *exports.daily("2026-02-01", "2026-02-28", cost=20, project="search"))
    shop.bill("2026-03.csv", *exports.daily("2026-03-01", "2026-03-20", cost=20, project="search"))
    shop.ingest(load(shop.folder / "finops.toml", variables={}))
    vintages.made_at(shop, datetime(2026, 3, 21, 6, tzinfo=UTC), since=first)
    return shop


def table(shop: Shop, months: int) -> BacktestTable:
    config = load(shop.folder / "finops.toml", variables={})
    return backtest_table(config, as_of=AS_OF, known_at=None, months=months)


def test_a_forecast_rests_on_what_was_known_then(restated: Shop) -> None:
    """On 11 February ten days at 10 were known; on the 21st nothing new for ten days: today's figures are used."""
    found = table(restated, 1)
    assert found.known_from == THEN.date()
    for one in (found.total, next(one for one in found.series if one.name == "search")):
        assert isinstance(one.scores, Scores)
        assert (one.scores.totals, one.scores.as_known_then) == (2, 1)
        # at 10 a day half of the month was expected on the 10th; the 20th knew 20 a day
        assert one.scores.error > Decimal("0.2")
        assert Decimal("0.24") < one.scores.run_rate < Decimal("0.27")


def test_the_table_says_which_figures_it_rests_on(restated: Shop) -> None:
    notes = backtest_grid(table(restated, 3), locale("en_GB")).notes
    told = "2 of 12 made again by what was known then, the others by today's figures of the days then"
    assert any(note.startswith(told) and "since 2026-02-11" in note for note in notes)


def test_where_nothing_was_known_todays_figures_are_used(company: Shop) -> None:
    notes = backtest_grid(table(company, 3), locale("en_GB")).notes
    assert any(note.startswith("Made again by today's figures of the days then") for note in notes)
