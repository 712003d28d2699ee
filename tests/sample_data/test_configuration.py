"""The sample's `finops.toml` is valid, reads what lies beside it, and its budgets fit what was spent."""

import tomllib
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from finops import config, rates
from finops.config import Config

Row = dict[str, Any]

_OPEN = "2026-10"


@pytest.fixture(scope="module")
def configured(sample: Path) -> Config:
    return config.load(sample / "finops.toml", variables={})


def test_nothing_in_it_is_ignored_but_the_plan_rate(configured: Config) -> None:
    assert not configured.unused


def test_every_source_reads_files_beside_it(configured: Config, sample: Path, truth: Row) -> None:
    assert {entry.source.name for entry in configured.sources} == set(truth)
    for entry in configured.sources:
        location = Path(entry.source.location or "")
        assert location.is_relative_to(sample)
        assert location.is_dir() or list(location.parent.glob(location.name))


def test_every_project_has_a_budget_of_its_own(configured: Config) -> None:
    projects = {project.name for project in configured.projects}
    assert projects <= {budget.name for budget in configured.budgets}


def test_the_budgets_of_the_projects_and_what_nobody_owns_make_up_the_month(configured: Config) -> None:
    projects = {project.name for project in configured.projects}
    planned = sum((budget.limit or Decimal(0) for budget in configured.budgets if budget.name in projects), Decimal(0))
    total = next(budget for budget in configured.budgets if budget.name == "total").limits["2026-10"]
    assert Decimal("0.04") < (total - planned) / total < Decimal("0.06")


def test_the_fiscal_year_is_the_sum_of_the_monthly_plan(configured: Config) -> None:
    by_name = {budget.name: budget for budget in configured.budgets}
    assert by_name["fiscal-year"].limit == sum(by_name["total"].limits.values())


def test_the_closed_months_of_the_fiscal_year_kept_to_the_plan(configured: Config, story: Row) -> None:
    total = next(budget for budget in configured.budgets if budget.name == "total")
    months = story["currencies"]["months"]
    spent = {month: Decimal(months[month]["EUR"]) / limit for month, limit in total.limits.items() if month in months}
    open_month = spent.pop(_OPEN)
    assert len(spent) == 6
    assert all(Decimal("0.97") < share < Decimal("1.01") for share in spent.values())
    assert open_month < Decimal("0.7")


def test_a_dollar_has_a_rate_on_every_day_of_the_bill(sample: Path) -> None:
    known = rates.read(sample / "rates.csv")
    day, last = date(2025, 8, 1), date(2026, 10, 20)
    while day <= last:
        rate = known.at(day, "USD", "EUR")
        assert rate is not None, day
        assert Decimal("0.90") <= rate.value <= Decimal("0.95")
        assert rate.source == "made-up daily rate for the sample company"
        day += timedelta(days=1)


def test_the_budgets_reckon_with_the_plan_rate_of_the_story(sample: Path, story: Row) -> None:
    settings = tomllib.loads((sample / "finops.toml").read_text(encoding="utf-8"), parse_float=Decimal)
    assert settings["rates"] == {"file": "rates.csv", "plan": {"USD/EUR": Decimal(story["currencies"]["plan_rate"])}}
