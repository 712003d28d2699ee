"""`allocated` follows `cost` and the rules: nothing is fetched for it, and only what differs is made again."""

import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from finops import allocation, reallocation
from finops.config import Config
from finops.errors import BillError
from finops.intake import Intake
from finops.reallocation import Reallocation
from finops.store.engine import DuckDB
from tests import exports
from tests.exports import on
from tests.shop import Shop, money

OTHER_RULES = """
[[projects]]
name = "everything"
match = [{ provider = "Acme Cloud" }]
"""


@pytest.fixture
def two_months(shop: Shop) -> Shop:
    """January belongs to search and nobody, February to shop."""
    shop.bill("a.csv", on("2026-01-05", "10", project="search"), on("2026-01-06", "5"))
    shop.bill("b.csv", on("2026-02-05", "20", project="shop-de"))
    shop.ingest()
    return shop


def projects(shop: Shop) -> dict[str | None, Decimal]:
    found: dict[str | None, Decimal] = {}
    for project, billed in shop.query("allocated", "x_Project, BilledCost"):
        found[project] = found.get(project, Decimal(0)) + billed
    return found


def take_only(shop: Shop, config: Config) -> None:
    """What a run has done that was stopped between the two commits."""
    workdir = shop.folder / "work"
    (workdir / "spill").mkdir(parents=True)
    with DuckDB(memory_limit="512MB", spill=workdir / "spill") as engine:
        intake = Intake(tables=shop.tables, engine=engine, workdir=workdir, narrate=lambda _: None)
        assert [intake.take(entry).error for entry in config.sources] == [None] * len(config.sources)
    shutil.rmtree(workdir)


def test_whose_cost_it_is_follows_the_rules(two_months: Shop) -> None:
    assert projects(two_months) == {"search": Decimal(10), "shop": Decimal(20), None: Decimal(5)}
    assert {rules for (rules,) in two_months.query("allocated", "x_Rules")} == {
        exports.configured(two_months.folder).rules.fingerprint
    }


@pytest.mark.parametrize("allocate_only", [True, False])
def test_a_changed_rule_allocates_again_without_fetching(two_months: Shop, *, allocate_only: bool) -> None:
    cost = {name: seen for name, seen in two_months.files().items() if "/cost/" in name}
    if allocate_only:  # proof that nothing is read
        shutil.rmtree(two_months.folder / "bills")
    config = exports.configured(two_months.folder, rules=OTHER_RULES)
    result = two_months.ingest(config, allocate_only=allocate_only)

    assert projects(two_months) == {"everything": Decimal(35)}
    assert all(source.changed == () for source in result.sources)
    assert result.allocated == (("acme", "2026-01"), ("acme", "2026-02"))
    assert {name: seen for name, seen in two_months.files().items() if "/cost/" in name} == cost


def test_the_same_rules_change_nothing(two_months: Shop) -> None:
    files = two_months.files()
    assert two_months.ingest(allocate_only=True).allocated == ()
    assert two_months.files() == files


def test_months_share_their_expressions_and_other_rules_have_their_own(two_months: Shop) -> None:
    allocation.grouped.cache_clear()
    two_months.ingest(exports.configured(two_months.folder, rules=OTHER_RULES))
    assert (allocation.grouped.cache_info().misses, allocation.grouped.cache_info().hits) == (1, 1)
    two_months.ingest()
    assert (allocation.grouped.cache_info().misses, allocation.grouped.cache_info().hits) == (2, 2)
    assert projects(two_months) == {"search": Decimal(10), "shop": Decimal(20), None: Decimal(5)}


def test_only_a_month_that_differs_is_made_again(two_months: Shop) -> None:
    january = {file.path for file in two_months.tables.allocated.files() if file.month == "2026-01"}
    two_months.bill("b.csv", on("2026-02-05", "21", project="shop-de"))
    assert two_months.ingest().allocated == (("acme", "2026-02"),)
    assert {file.path for file in two_months.tables.allocated.files() if file.month == "2026-01"} == january
    assert projects(two_months)["shop"] == 21


def test_a_month_without_rows_leaves_the_table(two_months: Shop) -> None:
    two_months.bill("b.csv")
    assert two_months.ingest().allocated == (("acme", "2026-02"),)
    assert two_months.allocated() == two_months.cost() == money(m01="15")


def test_without_rules_nothing_has_a_project(two_months: Shop) -> None:
    two_months.ingest(exports.configured(two_months.folder, rules=""), allocate_only=True)
    assert projects(two_months) == {None: Decimal(35)}


@pytest.mark.parametrize("allocate_only", [True, False])
def test_allocated_behind_cost_is_completed_by_the_next_run(two_months: Shop, *, allocate_only: bool) -> None:
    """A run stopped between its two commits leaves whole months, the old ones, and the next run does the rest."""
    two_months.bill("a.csv", on("2026-01-05", "11", project="search"))
    take_only(two_months, exports.configured(two_months.folder))
    assert two_months.cost() == money(m01="11", m02="20")
    assert two_months.allocated() == money(m01="15", m02="20")

    result = two_months.ingest(allocate_only=allocate_only)
    assert two_months.allocated() == two_months.cost()
    assert result.allocated == (("acme", "2026-01"),)


def test_each_version_says_what_it_was_built_from(two_months: Shop) -> None:
    assert two_months.tables.allocated.built_from() == two_months.tables.cost.version()
    two_months.bill("a.csv", on("2026-01-05", "11", project="search"))
    two_months.ingest()
    assert two_months.tables.allocated.built_from() == two_months.tables.cost.version()


def test_money_lost_on_the_way_commits_nothing(two_months: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules that forget a key would drop its rows: the two sums say so before anything is committed."""
    files = two_months.files()
    whole = reallocation.assignments
    monkeypatch.setattr(reallocation, "assignments", lambda *given: whole(*given).slice(1))
    with pytest.raises(BillError, match=r"Allocating acme 2026-01: BilledCost EUR is 15\.0+ on the one side"):
        two_months.ingest(exports.configured(two_months.folder, rules=OTHER_RULES))
    assert two_months.files() == files


def test_a_data_file_that_is_gone_is_an_error_of_ours(two_months: Shop) -> None:
    for file in two_months.tables.cost.files():
        Path(file.uri).unlink()
    with pytest.raises(Exception, match=r"cannot be read|cannot be written") as caught:
        two_months.ingest(exports.configured(two_months.folder, rules=OTHER_RULES), allocate_only=True)
    assert type(caught.value).__module__ == "finops.store.engine"


def test_every_measure_is_conserved(shop: Shop) -> None:
    shop.bill(
        "a.csv", on("2026-01-05", "10.5", effective="7.25", project="search"), on("2026-01-05", "0", effective="3")
    )
    shop.ingest()
    for name in allocation.COSTS:
        sums = [sum(value for (value,) in shop.query(table, name)) for table in ("cost", "allocated")]
        assert sums[0] == sums[1] != 0


def test_tables_without_any_cost_stay_away(shop: Shop) -> None:
    shop.bill("a.csv")
    result = shop.ingest()
    assert result.allocated == ()
    assert shop.versions() == (None, None)


def test_a_run_is_told_what_it_waits_for(two_months: Shop) -> None:
    told: list[str] = []
    config = exports.configured(two_months.folder, rules=OTHER_RULES)
    spill = two_months.folder / "spill"
    spill.mkdir()
    with DuckDB(memory_limit="512MB", spill=spill) as engine:
        Reallocation(tables=two_months.tables, engine=engine, rules=config.rules, narrate=told.append).run()
    assert told == ["acme: allocating 2026-01", "acme: allocating 2026-02"]
