"""Data quality per source and month: each doubt is found where it is, and nowhere else."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from finops import digest, quality
from finops.findings import Finding
from finops.store.engine import DuckDB, Engine
from tests.focus.rows import table

AS_OF = date(2026, 1, 31)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with DuckDB(memory_limit="256MB", spill=tmp_path_factory.mktemp("spill")) as opened:
        yield opened


def on(day: int, **cells: Any) -> dict[str, Any]:  # noqa: ANN401 - cells are of many types
    start = datetime(2026, 1, day, tzinfo=UTC)
    return {"ChargePeriodStart": start, "ChargePeriodEnd": start + timedelta(days=1), "ResourceId": f"{day}", **cells}


def found(engine: Engine, rows: Sequence[dict[str, Any]], *, as_of: date = AS_OF) -> dict[str, Finding]:
    cost = engine.bind_rows("cost", table(*rows))
    days = engine.rows(quality.by_day(cost))
    kept = digest.parsed(digest.Digest(days=tuple(days), commitments=()).to_json())
    assert kept is not None
    assert list(kept.days) == days  # what a footer keeps is what was counted
    told = quality.all_findings(days, as_of=as_of)
    told += quality.repeated_findings(engine.rows(quality.repeated(cost)))
    return {finding.rule: finding for finding in told}


def full() -> list[dict[str, Any]]:
    """Four rows a day, to the last day but two."""
    return [on(day, SkuId=f"{n}") for day in range(1, 30) for n in range(4)]


def test_a_full_month_gives_no_doubt(engine: Engine) -> None:
    assert found(engine, full()) == {}


def test_days_that_lack_rows_are_named(engine: Engine) -> None:
    rows = [
        row for row in full() if not (row["ResourceId"] == "9" or (row["ResourceId"] == "7" and row["SkuId"] > "0"))
    ]
    told = found(engine, rows)
    assert told["quality.missing-days"].message == "2026-01: no row at all on 2026-01-09."
    assert told["quality.thin-days"].message == "2026-01: less than half of the usual 4 rows on 2026-01-07."


def test_the_last_month_has_to_be_fresh(engine: Engine) -> None:
    told = found(engine, full(), as_of=date(2026, 2, 10))
    assert told["quality.stale"].message == "2026-01: the last charges are of 2026-01-29, 12 days ago."


def test_charges_after_the_clock_do_not_count(engine: Engine) -> None:
    assert "quality.stale" not in found(engine, full(), as_of=date(2026, 1, 10))


def test_negative_usage_is_told_with_its_share(engine: Engine) -> None:
    finding = found(engine, [*full(), on(3, BilledCost=Decimal(-58), SkuId="refund")])["quality.negative-usage"]
    assert (finding.rows, finding.cost_share) == (1, Decimal("0.5"))


def test_a_correction_is_no_negative_usage(engine: Engine) -> None:
    row = on(3, BilledCost=Decimal(-58), SkuId="refund", ChargeClass="Correction")
    assert "quality.negative-usage" not in found(engine, [*full(), row])


def test_tag_coverage_is_the_share_of_usage_cost(engine: Engine) -> None:
    finding = found(engine, [*full(), on(3, Tags=None, BilledCost=Decimal(58), SkuId="bare")])["quality.untagged"]
    assert (finding.severity, finding.cost_share) == ("info", Decimal("0.5"))


def test_blanks_that_focus_forbids_are_counted_by_column(engine: Engine) -> None:
    finding = found(engine, [*full(), on(3, InvoiceIssuerName=None, SkuId="x")])["quality.blanks"]
    assert "InvoiceIssuerName (1 rows)" in finding.message


def test_rows_that_stand_twice_are_told_with_their_cost(engine: Engine) -> None:
    finding = found(engine, [*full(), on(3, SkuId="0"), on(3, SkuId="0")])["quality.repeated-rows"]
    assert (finding.rows, finding.cost, finding.currency) == (2, Decimal(1), "EUR")
