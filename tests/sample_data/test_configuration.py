"""The sample's `finops.toml` is valid, reads what lies beside it, and its budgets fit what was spent."""

from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from finops import config
from finops.config import Config

Row = dict[str, Any]

_LAST_CLOSED = "2026-09"


@pytest.fixture(scope="module")
def configured(sample: Path) -> Config:
    return config.load(sample / "finops.toml", variables={})


def test_nothing_in_it_is_ignored(configured: Config) -> None:
    assert configured.unused == ()


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


def test_the_last_closed_month_kept_to_the_plan(configured: Config, truth: Row) -> None:
    billed: dict[str, Decimal] = defaultdict(Decimal)
    for source in truth.values():
        for month, total in source["EUR"].items():
            billed[month] += Decimal(total["billed"])
    total = next(budget for budget in configured.budgets if budget.name == "total")
    assert Decimal("0.97") < billed[_LAST_CLOSED] / total.limits[_LAST_CLOSED] < Decimal("1.01")
