"""The bill measures a demand, and own hardware becomes a bill: both through the tables, by the command line."""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import chdir
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from finops import config as settings
from finops import measuring, pipeline
from finops.cli.tco import tco
from finops.errors import BillError, ConfigurationError
from finops.store.tables import Tables
from finops.tco.cashflow import flows
from finops.tco.scenario_file import load
from tests.tco import studies

AS_OF = date(2026, 7, 4)
CONFIG = """version = 1
[organisation]
currency = "EUR"
[[sources]]
name = "bill"
connector = "focus"
location = "bill.csv"
[[projects]]
name = "llm"
match = [{ tag = "project", equals = "llm" }]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with chdir(tmp_path):
        (tmp_path / "finops.toml").write_text(CONFIG, encoding="utf-8")
        yield tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(tco, [*arguments, "--draws", "100"], catch_exceptions=False)


def ingested(folder: Path) -> settings.Config:
    found = settings.load(folder / "finops.toml", variables={})
    for source in pipeline.ingest(found, narrate=lambda _: None).sources:
        assert source.error is None, source.error
    return found


def charge(
    day: date, hours: float, *, instance: str, unit: str = "Hrs", meter: str = "BoxUsage", rate: str = "7.5"
) -> dict[str, str]:
    cost = str(Decimal(rate) * Decimal(str(hours)))
    start, after = day.replace(day=1), (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return {
        "BilledCost": cost,
        "EffectiveCost": cost,
        "ListCost": cost,
        "ContractedCost": cost,
        "BillingAccountId": "1",
        "BillingAccountName": "one",
        "BillingCurrency": "EUR",
        "BillingPeriodStart": f"{start}T00:00:00Z",
        "BillingPeriodEnd": f"{after}T00:00:00Z",
        "ChargePeriodStart": f"{day}T00:00:00Z",
        "ChargePeriodEnd": f"{day + timedelta(days=1)}T00:00:00Z",
        "ChargeCategory": "Usage",
        "ChargeDescription": "x",
        "ChargeFrequency": "Usage-Based",
        "ConsumedQuantity": str(hours),
        "ConsumedUnit": unit,
        "PricingQuantity": str(hours),
        "PricingUnit": unit,
        "PricingCategory": "Standard",
        "InvoiceIssuerName": "Cloud",
        "ProviderName": "Cloud",
        "PublisherName": "Cloud",
        "ServiceCategory": "Compute",
        "ServiceName": "Machines",
        "SkuId": instance,
        "SkuPriceId": instance,
        "SkuMeter": meter,
        "Tags": json.dumps({"project": "llm"}),
        "x_InstanceType": instance,
    }


def bill(folder: Path, rows: list[dict[str, str]]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    (folder / "bill.csv").write_text(text.getvalue(), encoding="utf-8")


def days(start: date, end: date) -> list[date]:
    return [start + timedelta(days=n) for n in range((end - start).days)]


def half_a_year(instance: str = "gpu.8x") -> list[dict[str, str]]:
    """Weekends idle, weekdays 24 hours; the last three months twice as much."""
    first = [
        charge(day, 12.0, instance=instance) for day in days(date(2026, 1, 1), date(2026, 4, 1)) if day.weekday() < 5
    ]
    then = [
        charge(day, 24.0, instance=instance) for day in days(date(2026, 4, 1), date(2026, 7, 3)) if day.weekday() < 5
    ]
    return [*first, *then]


def test_the_bill_gives_hours_rate_growth_and_pattern(folder: Path) -> None:
    rows = half_a_year()
    beside = [charge(date(2026, 5, 4), 99.0, instance="gpu.8x", meter="EBSOptimized:gpu.8x")]
    bill(folder, [*rows, *beside, charge(date(2026, 5, 4), 3.0, instance="small", rate="0.1")])
    found = measuring.uses(ingested(folder), "project=llm", as_of=AS_OF, known_at=None)
    assert [use.instance for use in found] == ["gpu.8x", "small"]
    use = found[0]
    june_on = [row for row in rows if row["BillingPeriodStart"] < "2026-07"]
    assert use.hours == pytest.approx(sum(float(row["ConsumedQuantity"]) for row in june_on))
    assert use.months == tuple(f"2026-{number:02d}" for number in range(1, 7))
    assert use.rate == pytest.approx(7.5)
    taken = measuring.measured(found, "project=llm")
    assert taken.units_per_month == pytest.approx(use.hours / 6)
    assert taken.growth_per_year is not None
    assert taken.growth_per_year > 1
    assert sum(level.share for level in taken.pattern) == pytest.approx(1)
    assert sum(level.share * level.level for level in taken.pattern) == pytest.approx(1)
    assert taken.pattern[0].level == 0
    assert taken.as_of == date(2026, 6, 30)
    assert measuring.measured(found, "project=llm", "small").rate_per_unit == pytest.approx(0.1)


def test_a_scenario_takes_what_it_asks_for_and_says_that_it_was_measured(folder: Path) -> None:
    bill(folder, half_a_year())
    measured = '{ measured = "units_per_month" }'
    text = studies.text(demand=measured, price='{ measured = "rate_per_unit" }', demand_more="pattern_from_bill = true")
    (folder / "study.toml").write_text(text, encoding="utf-8")
    ran = run("study.toml", "--from-bill", "project=llm", "--as-of", str(AS_OF), "--format", "json")
    assert ran.exit_code == 0
    inputs = {one["label"]: one for one in json.loads(ran.stdout)["studies"][0]["inputs"]}
    assert inputs["Demand"]["kind"] == "measured"
    assert inputs["Cloud: on-demand price"]["value"] == "7.5"
    assert inputs["Demand"]["source"] == "bill, project=llm, gpu.8x, 2026-01 to 2026-06"
    assert "gpu.8x: " in ran.stderr


def test_what_the_bill_cannot_say_is_an_error_with_its_reason(folder: Path) -> None:
    bill(folder, [charge(date(2026, 5, 4), 99.0, instance="n2", unit="seconds")])
    config = ingested(folder)
    with pytest.raises(BillError, match=r"its instances \(n2\) are not metered by the hour"):
        measuring.uses(config, "project=llm", as_of=AS_OF, known_at=None)
    with pytest.raises(BillError, match="it has no instances"):
        measuring.uses(config, "project=other", as_of=AS_OF, known_at=None)
    with pytest.raises(ConfigurationError, match="Write it like project=llm"):
        measuring.uses(config, "llm", as_of=AS_OF, known_at=None)


def test_a_scenario_that_asks_for_nothing_is_not_measured_silently(folder: Path) -> None:
    bill(folder, half_a_year())
    (folder / "study.toml").write_text(studies.text(), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="asks for what the bill says"):
        run("study.toml", "--from-bill", "project=llm", "--as-of", str(AS_OF))


@pytest.mark.long
def test_own_hardware_is_ingested_by_our_own_connector_to_the_cent(folder: Path) -> None:
    own = """maintenance_per_year = 0.12
staff = { fte = 0.5, cost_per_year = 90001 }
once = [{ name = "Move", month = 0, cost = 1234.56 }]"""
    (folder / "study.toml").write_text(studies.text(own=own, life=6, horizon=12), encoding="utf-8")
    ran = run("study.toml", "--as-focus", "bill.csv", "--tag", "project=llm")
    assert (ran.exit_code, ran.stdout) == (0, "bill.csv\n")
    config = ingested(folder)
    import pyarrow.parquet as pq

    tables = Tables.at(config.store.path)
    rows = [row for file in tables.cost.files() for row in pq.read_table(file.uri).to_pylist()]
    found = flows(load(folder / "study.toml"), "Own")
    for column, expected in (("BilledCost", found.total), ("EffectiveCost", sum(found.book))):
        assert float(sum(row[column] for row in rows)) == pytest.approx(expected, abs=0.05)
    assert {row["ServiceName"] for row in rows} == {
        "Own hardware",
        "Power and cooling",
        "Operations staff",
        "Migration and exit",
    }
    hours = sum(row["ConsumedQuantity"] for row in rows if row["ConsumedUnit"] == "hour")
    assert hours == pytest.approx(500 * 12)
    tags = {row["Tags"] for row in rows}
    assert all(json.loads(tag)["project"] == "llm" for tag in tags)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("study.toml", "--as-focus", "x.csv", "--option", "Cloud"), "owns nothing by the name 'Cloud'"),
        (("study.toml", "study.toml", "--as-focus", "x.csv"), "2 scenario files"),
    ],
)
def test_only_what_is_owned_is_written(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    (folder / "study.toml").write_text(studies.text(), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=said):
        run(*arguments)
    assert not (folder / "x.csv").exists()
