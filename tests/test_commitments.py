"""Commitments as a bill tells of them: kept beside the daily sums, so that forecasts read no line item."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from finops import digest, pipeline, planning
from finops.analysis import reading
from finops.arrivals import Arrival
from finops.checking import newest_quality
from finops.commitments import Commitment, latest
from finops.config import Config
from finops.forecast.event import Event
from finops.forecasting import forecast_table
from tests import exports

PLAN = "arn:aws:savingsplans::1:savingsplan/0001-plan"
AS_OF = date(2026, 4, 2)
COLUMNS = (
    "bill_billing_period_start_date", "bill_billing_period_end_date", "line_item_usage_start_date",
    "line_item_usage_end_date", "line_item_currency_code", "line_item_usage_account_id", "line_item_line_item_type",
    "line_item_unblended_cost", "savings_plan_savings_plan_a_r_n", "savings_plan_savings_plan_effective_cost",
    "savings_plan_end_time", "pricing_public_on_demand_cost",
)  # fmt: skip


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """A store with a savings plan that covers 10 a day for 6, until 10 April."""
    lines = [",".join(COLUMNS)]
    for day in range(1, 31):
        begins, ends = f"2026-03-{day:02}T00:00:00Z", f"2026-03-{day + 1:02}T00:00:00Z"
        when = f"2026-03-01T00:00:00Z,2026-04-01T00:00:00Z,{begins},{ends},EUR,1"
        lines.append(f"{when},SavingsPlanCoveredUsage,10,{PLAN},6,2026-04-10T12:00:00Z,10")
        lines.append(f"{when},SavingsPlanNegation,-10,{PLAN},,2026-04-10T12:00:00Z,")
    (tmp_path / "bill").mkdir()
    (tmp_path / "bill" / "march.csv").write_text("\n".join(lines) + "\n")
    exports.settings(tmp_path, ("aws", "aws", "bill"))
    found = exports.configured(tmp_path, ("aws", "aws", "bill"))
    pipeline.ingest(found, narrate=lambda _: None)
    return found


def files(config: Config, table: str) -> list[Path]:
    return sorted((config.store.path / table).rglob("*.parquet"))


def facts(config: Config) -> tuple[Event, ...]:
    with reading(config) as (tables, engine):
        return planning.dated_facts(config, tables, engine, as_of=AS_OF, known_at=None)


@contextmanager
def moved_away(paths: list[Path]) -> Iterator[None]:
    assert paths
    for path in paths:
        path.rename(path.with_suffix(".away"))
    yield
    for path in paths:
        path.with_suffix(".away").rename(path)


def test_neither_a_forecast_nor_the_state_of_data_takes_a_line_item(config: Config) -> None:
    """The end of a plan is foreseen, and every answer is as before when the data files of `cost` are gone."""

    def answers() -> tuple[object, ...]:
        table = forecast_table(config, as_of=AS_OF, known_at=None)
        return facts(config), table, newest_quality(config, as_of=AS_OF, known_at=None)

    before = answers()
    (end,) = facts(config)
    assert (end.name, end.start, end.amount) == ("Savings Plan 0001-plan ends", date(2026, 4, 10), Decimal(4))
    with moved_away(files(config, "cost")):
        assert answers() == before


def test_line_items_are_read_where_an_older_version_kept_no_ends(config: Config) -> None:
    expected = facts(config)
    (path,) = files(config, "allocated")
    rows = pq.read_table(path)
    metadata = rows.schema.metadata or {}
    note = json.loads(pq.read_metadata(path).metadata[b"finops"])
    pq.write_table(rows.replace_schema_metadata({**metadata, b"finops": json.dumps(note["days"]).encode()}), path)
    older = digest.parsed(json.dumps(note["days"]))
    assert older is not None
    assert older.commitments is None
    assert facts(config) == expected
    assert newest_quality(config, as_of=AS_OF, known_at=None)[0].rows == 60 - 30  # what a plan covers is billed once


def test_the_latest_end_that_several_months_tell_counts() -> None:
    told = [
        Commitment(identifier="a", end=date(2026, 4, 1), name="old", provider="AWS"),
        Commitment(identifier="b", end=date(2026, 3, 1)),
        Commitment(identifier="a", end=date(2027, 4, 1), kind="Spend"),
    ]
    assert latest(told) == (
        Commitment(identifier="b", end=date(2026, 3, 1)),
        Commitment(identifier="a", end=date(2027, 4, 1), name="old", kind="Spend", provider="AWS"),
    )


def test_a_footer_says_what_it_was_given() -> None:
    said = digest.Digest(
        days=(),
        commitments=(Commitment(identifier="a", end=date(2026, 4, 1), name='"'),),
        arrivals=(Arrival(day=date(2026, 4, 1), exported=datetime(2026, 4, 2, 7, tzinfo=UTC), amount=0.1),),
    )
    assert digest.parsed(said.to_json()) == said
    assert digest.parsed(None) is None
