"""Exports in BigQuery: invoice months as deliveries, late rows, limits of cost, and every refusal in words."""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from finops.connector import ControlTotals, Delivery, Source
from finops.errors import AccessError, BillError, ConfigurationError, RetryError
from finops.focus.table import complete, totals
from finops.store.engine import Engine
from finops_gcp.connector import GcpConnector

from . import fake_bigquery, google_focus

if TYPE_CHECKING:
    from finops.findings import Finding

    from .conftest import Bench
    from .fake_bigquery import FakeBigQuery

Record = Callable[..., dict[str, Any]]

TABLE = "acme.billing.gcp_billing_export_v1_01A7C4_9E52B0_3D61F8"
LOADED = datetime(2026, 1, 6, 4, tzinfo=UTC)
PRICED = fake_bigquery.STANDARD.append(
    pa.field(
        "price",
        pa.struct([(part, pa.float64()) for part in ("effective_price", "list_price", "pricing_unit_quantity")]),
    )
).append(pa.field("cost_at_list", pa.float64()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """The fake BigQuery and a source that reads it."""

    bigquery: "FakeBigQuery"
    engine: Engine
    folder: Path
    told: list[str] = field(default_factory=list)

    def connector(self, name: str = "first", **options: str) -> GcpConnector:
        """A connector of the table; connectors of one name share a cache, as runs do."""
        number = sum(1 for _ in self.folder.iterdir())
        workdir = self.folder / f"work-{number}"
        workdir.mkdir()
        known = {"table": TABLE, "credentials": "anonymous", "endpoint_url": self.bigquery.url}
        source = Source(
            name="gcp",
            location=None,
            options={**known, **options},
            cache=self.folder / f"cache-{name}",
            tell=self.told.append,
        )
        return GcpConnector(source, workdir)

    def read(self, name: str = "first", **options: str) -> "Loaded":
        """All months, each proved against its totals."""
        connector = self.connector(name, **options)
        loaded = Loaded()
        for delivery in connector.deliveries():
            raw = connector.fetch(delivery)
            control = connector.control_totals(raw)
            self.engine.bind(raw)
            table = complete(connector.to_focus(raw), delivery)
            sums = self.engine.rows(totals(table))
            assert {(row["currency"], row["month"]): row["billed"] for row in sums} == control.billed
            loaded.fingerprints[delivery.key] = delivery.fingerprint
            loaded.controls[delivery.key] = control
            loaded.rows += self.engine.rows(table)
            loaded.findings += raw.findings
        return loaded


@dataclass(slots=True, kw_only=True)
class Loaded:
    """What came of a table."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    fingerprints: dict[str, str] = field(default_factory=dict)
    controls: dict[str, ControlTotals] = field(default_factory=dict)
    findings: "list[Finding]" = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a store keeps of a month, as staged; the mapping reads nothing else."""

    fingerprint: str
    rows: list[str]
    billed: Mapping[tuple[str, str], Decimal]

    @classmethod
    def of(cls, connector: GcpConnector, delivery: Delivery) -> "Kept":
        raw = connector.fetch(delivery)
        charges = pq.read_table(raw.tables[0].files[0]).to_pylist()
        rows = sorted(repr(sorted(row.items(), key=str)) for row in charges)
        return cls(fingerprint=delivery.fingerprint, rows=rows, billed=connector.control_totals(raw).billed)


@pytest.fixture
def cloud(tmp_path: Path, gcp_engine: Engine) -> Iterator[Cloud]:
    with fake_bigquery.serving() as bigquery:
        bigquery.create(TABLE)
        yield Cloud(bigquery=bigquery, engine=gcp_engine, folder=tmp_path)


@pytest.fixture
def record(records: Record) -> Record:
    """The plain record changed by these fields."""
    return records


def days(record: Record, number: int) -> list[tuple[datetime, list[dict[str, Any]]]]:
    """Ten days of an export, each with rows of the days before it; the last ones fall into the next invoice month."""
    found: list[tuple[datetime, list[dict[str, Any]]]] = []
    for day in range(number):
        loaded = datetime(2026, 1, 27, 3, tzinfo=UTC) + timedelta(days=day)
        rows = [
            record(
                cost=day + late / 8,
                usage_start_time=f"{loaded - timedelta(days=late):%Y-%m-%d} 10:00:00 UTC",
                usage_end_time=f"{loaded - timedelta(days=late):%Y-%m-%d} 11:00:00 UTC",
                export_time=f"{loaded:%Y-%m-%d %H:%M:%S} UTC",
                invoice={"month": "202601" if (loaded - timedelta(days=late)).month == 1 else "202602"},
                credits=[{"name": "Free trial", "type": "PROMOTION", "amount": -late / 16}],
            )
            for late in range(4)
        ]
        found.append((loaded, rows))
    return found


def test_an_invoice_month_is_a_delivery_and_its_rows_are_those_of_a_file(
    cloud: Cloud, record: Record, bench: "Bench"
) -> None:
    rows = [
        record(cost=0.1, project={"id": "p", "name": "P", "labels": [{"key": "team", "value": "x"}]}),
        record(cost=5e-06, credits=[{"name": "a", "type": "DISCOUNT", "amount": -1e-06}], labels=[]),
    ]
    cloud.bigquery.load(TABLE, rows, at=LOADED)
    loaded = cloud.read()
    assert list(loaded.fingerprints) == [f"{TABLE}/2026-01"]
    told = [{**row, "x_Delivery": ""} for row in bench.read_records(*rows).rows]
    assert [{**row, "x_Delivery": ""} for row in loaded.rows] == told
    assert loaded.controls[f"{TABLE}/2026-01"].billed == {("EUR", "2026-01"): Decimal("0.100004")}


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2])
def test_rows_that_arrive_over_ten_days_in_any_order_end_in_the_same_table(
    cloud: Cloud, record: Record, seed: int
) -> None:
    arrivals = days(record, 10)
    random.Random(seed).shuffle(arrivals)  # noqa: S311 - an order to repeat
    kept: dict[str, Kept] = {}
    read = 0
    for loaded_at, rows in arrivals:
        cloud.bigquery.load(TABLE, rows, at=loaded_at)
        connector = cloud.connector("late")
        for delivery in connector.deliveries():
            if delivery.key not in kept or kept[delivery.key].fingerprint != delivery.fingerprint:
                kept[delivery.key] = Kept.of(connector, delivery)
                read += 1
    connector = cloud.connector("once")
    once = {delivery.key: Kept.of(connector, delivery) for delivery in connector.deliveries()}
    assert kept == once
    assert sum(len(month.rows) for month in once.values()) == 40 + 30  # 30 credits are rows of their own
    assert read < 20


def test_only_months_with_new_rows_change_and_a_table_that_did_not_is_not_asked(cloud: Cloud, record: Record) -> None:
    cloud.bigquery.load(TABLE, [record(), record(invoice={"month": "202602"})], at=LOADED)
    first = cloud.connector().deliveries()
    asked = len(cloud.bigquery.queries)
    assert cloud.connector().deliveries() == first
    assert len(cloud.bigquery.queries) == asked
    late = record(invoice={"month": "202602"}, export_time="2026-02-03 15:00:00 UTC")
    cloud.bigquery.load(TABLE, [late], at=LOADED + timedelta(days=28))
    january, february = cloud.connector().deliveries()
    assert january == first[0]
    assert february.fingerprint != first[1].fingerprint
    assert len(cloud.bigquery.queries) == asked + 1
    assert "2026-01-05T15:00:00" in cloud.bigquery.queries[-1]


def test_only_the_partitions_and_columns_that_are_needed_are_read(cloud: Cloud, record: Record) -> None:
    cloud.bigquery.load(TABLE, [record()], at=LOADED)
    cloud.read()
    survey, rows, control = cloud.bigquery.queries
    assert "`cost`" not in survey
    assert "2026-01-06T00:00:00" in rows
    assert "country" not in rows
    assert "BIGNUMERIC" in control
    assert cloud.bigquery.dry_runs == cloud.bigquery.queries
    assert cloud.bigquery.limits == [str(100 << 30)] * 3


def test_bytes_and_price_are_told_before_a_query_and_a_limit_stops_it(cloud: Cloud, record: Record) -> None:
    cloud.bigquery.load(TABLE, [record()], at=LOADED)
    with pytest.raises(ConfigurationError, match=r"more than the limit of 1000 bytes; it was not run"):
        cloud.connector(max_bytes_billed="1000").deliveries()
    assert not cloud.bigquery.queries
    assert "at most 0.0001 USD on demand (6.25 USD per TiB: BigQuery pricing page" in cloud.told[0]


def test_rows_that_come_in_between_listing_and_reading_are_left_for_the_next_run(cloud: Cloud, record: Record) -> None:
    cloud.bigquery.load(TABLE, [record()], at=LOADED)
    connector = cloud.connector()
    (delivery,) = connector.deliveries()
    cloud.bigquery.load(TABLE, [record(export_time="2026-01-06 01:00:00 UTC")], at=LOADED)
    raw = connector.fetch(delivery)
    assert connector.control_totals(raw).rows == 1
    cloud.bigquery.load(TABLE, [record()], at=LOADED)  # of an export that was seen: the listing is no longer true
    with pytest.raises(RetryError, match="had 1 rows when it was listed and 2"):
        connector.fetch(delivery)


def test_deleted_rows_are_an_error_that_is_shown(cloud: Cloud, record: Record) -> None:
    cloud.bigquery.load(TABLE, [record(), record(cost=1.5)], at=LOADED)
    cloud.read()
    cloud.bigquery.delete(TABLE, "cost = 1.5")
    (finding,) = cloud.read().findings
    assert (finding.rule, finding.severity, finding.rows) == ("gcp.rows-deleted", "error", 1)


def test_the_last_days_are_flagged_by_how_days_filled_up_before(cloud: Cloud, record: Record) -> None:
    for loaded_at, rows in days(record, 25):
        cloud.bigquery.load(TABLE, rows, at=loaded_at)
    january, february = (connector := cloud.connector()).deliveries()
    assert not connector.fetch(january).findings
    (finding,) = connector.fetch(february).findings
    assert finding.rule == "gcp.days-incomplete"
    assert "2026-02-20 (usually " in finding.message


def test_a_broken_cache_costs_a_longer_look_only(cloud: Cloud, record: Record) -> None:
    cloud.bigquery.load(TABLE, [record()], at=LOADED)
    first = cloud.connector().deliveries()
    (cloud.folder / "cache-first" / "survey.json").write_text('{"version": 1, "table": 3')
    assert cloud.connector().deliveries() == first


@pytest.mark.parametrize(
    ("refused", "error", "words"),
    [
        ({"tables": (403, "Access Denied: no bigquery.tables.get")}, AccessError, "roles/bigquery.dataViewer"),
        ({"jobs": (403, "Access Denied: no bigquery.jobs.create")}, AccessError, "roles/bigquery.jobUser"),
        ({"tables": (404, "Not found: Dataset acme:billing")}, AccessError, "Not found: Dataset acme:billing"),
        ({"jobs": (400, "Unrecognized name: x")}, AccessError, "Unrecognized name"),
    ],
)
def test_what_google_refuses_is_said_with_what_to_do(
    cloud: Cloud, record: Record, refused: dict[str, tuple[int, str]], error: type[Exception], words: str
) -> None:
    cloud.bigquery.load(TABLE, [record()], at=LOADED)
    cloud.bigquery.refuse.update(refused)
    with pytest.raises(error, match=words):
        cloud.connector().deliveries()


def test_a_table_that_is_empty_or_no_export_is_a_bill_error(cloud: Cloud) -> None:
    with pytest.raises(BillError, match="holds no rows"):
        cloud.connector().deliveries()
    other = pa.schema([("id", pa.string())])
    cloud.bigquery.create("acme.billing.other", other)
    with pytest.raises(BillError, match="no usage cost export of Google Cloud: it has the columns id"):
        cloud.connector(table="acme.billing.other").deliveries()


@pytest.mark.long
def test_googles_focus_export_gives_the_rows_of_the_detailed_one(cloud: Cloud, record: Record) -> None:
    price = {"effective_price": 0.1, "list_price": 0.125, "pricing_unit_quantity": 1}
    small = {**price, "effective_price": 5e-06}
    usage = [
        record(cost=0.1, price=price, credits=[{"name": "a", "type": "PROMOTION", "amount": -0.025}]),
        record(cost=5e-06, invoice={"month": "202602"}, labels=[{"key": "team", "value": "x"}], price=small),
    ]
    table = "acme.gcp_billing_immutable_01A7C4_9E52B0_3D61F8_eu.gcp_billing_export_focus_01A7C4_9E52B0_3D61F8"
    cloud.bigquery.create(table, google_focus.SCHEMA)
    cloud.bigquery.load(table, list(map(google_focus.focus, usage)), at=LOADED)
    loaded = cloud.read(table=table)
    assert [sum(one.billed.values()) for one in loaded.controls.values()] == [Decimal("0.075"), Decimal("0.000005")]
    assert list(loaded.fingerprints) == [f"{table}/2026-01", f"{table}/2026-02"]
    detailed = TABLE.replace("_v1_", "_resource_v1_")
    cloud.bigquery.create(detailed, PRICED)
    cloud.bigquery.load(detailed, usage, at=LOADED)
    assert _told(cloud.read("detailed", table=detailed).rows) == _told(loaded.rows)

    survey, rows, control = cloud.bigquery.queries[:3]
    assert "`BilledCost`" not in survey
    assert "2026-01-06T00:00:00" in rows
    assert "EffectiveCost" not in rows
    assert "BillingPeriodStart < TIMESTAMP('2026-02-01T00:00:00+00:00')" in control
    assert cloud.bigquery.dry_runs == cloud.bigquery.queries


def _told(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "x_Delivery": "", "x_Credits": ""} for row in rows]  # NUMERIC has nine places


@pytest.mark.parametrize("name", ["billing.table", "a.b.c.d; DROP", "a.b.`c`"])
def test_a_name_that_is_no_table_is_refused_before_anything_is_asked(cloud: Cloud, name: str) -> None:
    with pytest.raises(ConfigurationError, match=r"no project\.dataset\.table"):
        cloud.connector(table=name).deliveries()


def test_a_view_is_asked_as_a_whole_each_time(cloud: Cloud, record: Record) -> None:
    cloud.bigquery.create("acme.billing.my_view", kind="VIEW")
    cloud.bigquery.load("acme.billing.my_view", [record()], at=LOADED)
    first = cloud.connector(table="acme.billing.my_view").deliveries()
    assert cloud.connector(table="acme.billing.my_view").deliveries() == first
    assert len(cloud.bigquery.queries) == 2
    assert "_PARTITIONTIME" not in cloud.bigquery.queries[-1]
