"""Ingest: deliveries in, both tables out; nothing doubled, nothing lost, nothing done twice."""

import json
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import ibis
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from finops import plugins
from finops.config import Config
from finops.connector import ControlTotals, Delivery, RawExport, RawTable, Source
from finops.errors import BillError, ConfigurationError
from tests import exports
from tests.exports import on
from tests.shop import Shop, money


def test_both_tables_hold_what_the_exports_say(shop: Shop) -> None:
    shop.bill("a.csv", on("2026-01-05", "10.5", project="search"), on("2026-02-01", "0.000000000000000001"))
    shop.bill("b.csv.gz", on("2026-01-31", "-3", project="shop-de"))
    result = shop.ingest()

    assert shop.cost() == shop.allocated() == money(m01="7.5", m02="0.000000000000000001")
    [source] = result.sources
    assert (source.changed, source.unchanged, source.months, source.rows) == (
        ("a.csv", "b.csv.gz"),
        0,
        ("2026-01", "2026-02"),
        3,
    )
    assert sorted(result.allocated) == [("acme", "2026-01"), ("acme", "2026-02")]


def test_twice_changes_nothing(shop: Shop) -> None:
    shop.bill("a.csv", on("2026-01-05", "10"), on("2026-02-05", "20"))
    shop.ingest()
    before, files = shop.versions(), shop.files()
    result = shop.ingest()

    assert (shop.versions(), shop.files()) == (before, files)
    [source] = result.sources
    assert (source.changed, source.unchanged, source.months, source.rows) == ((), 1, (), 0)
    assert result.allocated == ()


def test_a_touched_file_changes_nothing(shop: Shop) -> None:
    bill = shop.bill("a.csv", on("2026-01-05", "10"))
    shop.ingest()
    files = shop.files()
    content = bill.read_bytes()
    bill.unlink()
    bill.write_bytes(content)
    os.utime(bill, (0, 0))
    assert shop.ingest().sources[0].changed == ()
    assert shop.files() == files


def test_a_restated_delivery_replaces_the_old_one(shop: Shop) -> None:
    shop.bill("a.csv", on("2026-01-05", "10"))
    shop.bill("b.csv", on("2026-01-06", "1"))
    shop.ingest()
    before = shop.versions()
    shop.bill("a.csv", on("2026-01-05", "12"), on("2026-01-07", "3"))
    result = shop.ingest()

    assert shop.cost() == shop.allocated() == money(m01="16")
    assert result.sources[0].changed == ("a.csv",)
    assert result.sources[0].unchanged == 1
    assert shop.versions() == tuple(version + 1 for version in before if version is not None)


@pytest.mark.parametrize(
    ("restated", "expected"),
    [
        pytest.param(["01", "02", "03"], {"m01": "101", "m02": "112", "m03": "100"}, id="spans the same months"),
        pytest.param(["02"], {"m01": "1", "m02": "112"}, id="shrinks to fewer months"),
        pytest.param(
            ["01", "02", "03", "04"],
            {"m01": "101", "m02": "112", "m03": "100", "m04": "100"},
            id="grows to more months",
        ),
        pytest.param(["05"], {"m01": "1", "m02": "12", "m05": "100"}, id="moves to another month"),
        pytest.param([], {"m01": "1", "m02": "12"}, id="becomes empty"),
    ],
)
def test_a_restatement_spans_months_that_others_share(
    shop: Shop, restated: list[str], expected: Mapping[str, str]
) -> None:
    shop.bill("wide.csv", *(on(f"2026-{month}-05", "50") for month in ("01", "02", "03")))
    shop.bill("early.csv", on("2026-01-06", "1"), on("2026-02-06", "2"))
    shop.bill("late.csv", on("2026-02-07", "10"))
    shop.ingest()
    version = shop.tables.cost.version()
    shop.bill("wide.csv", *(on(f"2026-{month}-05", "100") for month in restated))
    shop.ingest()

    assert shop.cost() == shop.allocated() == money(**expected)
    assert shop.tables.cost.version() == (version or 0) + 1
    files = shop.files()
    shop.ingest()
    assert shop.files() == files


def test_a_restated_month_of_a_legacy_report_replaces_the_old_assembly(shop: Shop) -> None:
    config = exports.configured(shop.folder, ("aws", "aws", "aws"))
    exports.legacy_cur(shop.folder / "aws", "2026-01", "one", [on("2026-01-05", "10"), on("2026-01-06", "5")])
    exports.legacy_cur(shop.folder / "aws", "2026-02", "one", [on("2026-02-05", "7")])
    shop.ingest(config)
    exports.legacy_cur(shop.folder / "aws", "2026-01", "two", [on("2026-01-05", "11", project="search")])
    result = shop.ingest(config)

    assert len(result.sources[0].changed) == 1
    assert shop.cost() == shop.allocated() == money(m01="11", m02="7")
    assert sorted(shop.query("allocated", "x_Project, BilledCost"), key=str) == [
        ("search", Decimal(11)),
        (None, Decimal(7)),
    ]


def test_sources_of_three_providers_share_one_store(shop: Shop) -> None:
    config = exports.configured(
        shop.folder, ("aws", "aws", "aws"), ("gcp", "gcp", "gcp/*.jsonl"), ("acme", "focus", "bills")
    )
    exports.cur2_parquet(shop.folder / "aws", "2026-01", [on("2026-01-05", "10.5", project="search")])
    exports.gcp_jsonl(shop.folder / "gcp" / "a.jsonl", [on("2026-01-05", "4", project="search"), on("2026-02-05", "2")])
    shop.bill("a.csv", on("2026-01-05", "1", project="search"))
    result = shop.ingest(config)

    assert [source.error for source in result.sources] == [None, None, None]
    assert shop.cost() == shop.allocated() == money(m01="15.5", m02="2")
    assert {file.source for file in shop.tables.cost.files()} == {"aws", "gcp", "acme"}
    assert shop.query("allocated", "sum(BilledCost) FILTER (x_Project = 'search')") == [(Decimal("15.5"),)]

    exports.gcp_jsonl(shop.folder / "gcp" / "a.jsonl", [on("2026-02-05", "3")])
    shop.ingest(config)
    assert shop.cost() == shop.allocated() == money(m01="11.5", m02="3")


def test_a_renamed_file_is_not_doubled(shop: Shop) -> None:
    shop.bill("a.csv", on("2026-01-05", "10"), on("2026-02-05", "20")).rename(shop.folder / "bills" / "old.csv")
    shop.ingest()
    (shop.folder / "bills" / "old.csv").rename(shop.folder / "bills" / "new.csv")
    result = shop.ingest()

    assert shop.cost() == shop.allocated() == money(m01="10", m02="20")
    assert result.sources[0].findings == ()
    assert shop.query("cost", "x_Delivery") == [("new.csv",)] * 2


def test_a_deleted_file_keeps_its_rows_and_is_told(shop: Shop) -> None:
    shop.bill("a.csv", on("2026-01-05", "10"))
    shop.bill("b.csv", on("2026-02-05", "20"), on("2026-02-06", "1"))
    shop.ingest()
    files = shop.files()
    (shop.folder / "bills" / "b.csv").unlink()
    [finding] = shop.ingest().sources[0].findings

    assert (finding.rule, finding.severity, finding.rows, finding.source) == (
        "source.delivery-gone",
        "warning",
        2,
        "acme",
    )
    assert "2026-02" in finding.message
    assert shop.files() == files


def test_a_copy_beside_the_original_is_told(shop: Shop) -> None:
    bill = shop.bill("bill.csv", on("2026-01-05", "10"))
    (bill.parent / "bill (1).csv").write_bytes(bill.read_bytes())
    [finding] = shop.ingest().sources[0].findings
    assert finding.rule == "source.same-content"
    assert "bill.csv" in finding.message
    assert "bill (1).csv" in finding.message


def test_rows_of_another_program_are_replaced_and_told(shop: Shop) -> None:
    """A program that compacts the table leaves one file of all deliveries; each is read again, none counts twice."""
    shop.bill("a.csv", on("2026-01-05", "10"))
    shop.bill("b.csv", on("2026-01-06", "5"))
    shop.ingest()
    DeltaTable(str(shop.folder / ".finops" / "cost")).optimize.compact()
    assert [file.part for file in shop.tables.cost.files()] == [""]
    result = shop.ingest()

    assert [finding.rule for finding in result.sources[0].findings] == ["source.foreign-rows"]
    assert shop.cost() == shop.allocated() == money(m01="15")
    assert shop.ingest().sources[0].findings == ()


def test_one_failing_source_does_not_stop_the_others(shop: Shop) -> None:
    shop.bill("a.csv", on("2026-01-05", "10"))
    exports.focus_csv(shop.folder / "broken" / "good.csv", [on("2026-01-05", "99")])
    (shop.folder / "broken" / "worse.csv").write_text("no,focus\n1,2\n")
    config = exports.configured(
        shop.folder,
        ("missing", "focus", "nowhere"),
        ("broken", "focus", "broken"),
        ("misspelt", "fokus", "bills"),
        ("acme", "focus", "bills"),
    )
    missing, broken, misspelt, good = shop.ingest(config).sources

    assert missing.error is not None
    assert "nowhere does not exist" in missing.error.what
    assert isinstance(broken.error, BillError)
    assert isinstance(misspelt.error, ConfigurationError)
    assert "Did you mean 'focus'?" in misspelt.error.todo
    assert good.error is None
    assert shop.cost() == shop.allocated() == money(m01="10")
    assert not list((shop.folder / ".finops").rglob("*x_Source=broken*/**/*.parquet"))


def test_a_source_that_fails_keeps_what_it_had(shop: Shop) -> None:
    bill = shop.bill("a.csv", on("2026-01-05", "10"))
    shop.ingest()
    files = shop.files()
    bill.write_text("BilledCost\nmany\n")
    assert shop.ingest().sources[0].error is not None
    assert shop.files() == files


def test_a_source_under_another_name_is_told(shop: Shop) -> None:
    """Its cost counts twice then, and nobody would see why."""
    shop.bill("a.csv", on("2026-01-05", "10"))
    assert shop.ingest().findings == ()
    renamed = exports.configured(shop.folder, ("renamed", "focus", "bills"))
    for _ in range(2):
        [finding] = shop.ingest(renamed).findings
        assert (finding.rule, finding.source, finding.rows) == ("source.not-configured", "acme", 1)
    assert shop.cost() == money(m01="20")
    assert shop.ingest(exports.configured(shop.folder, ("acme", "focus", "bills"))).findings[0].source == "renamed"


@pytest.mark.parametrize("name", ["spill", "sources", "mapped", "a.b-c_D"])
def test_a_source_may_have_any_name(shop: Shop, name: str) -> None:
    """Also the names of our own working folders."""
    shop.bill("a.csv", on("2026-01-05", "10"), on("2026-02-05", "10"))
    [source] = shop.ingest(exports.configured(shop.folder, (name, "focus", "bills"))).sources
    assert source.error is None
    assert {file.source for file in shop.tables.cost.files()} == {name}


# ── a connector that is wrong ─────────────────────────────────────────────────────────────────────────────────────


class WrongConnector:
    """Reads `amounts.json`: rows of month and amount, and totals that need not fit them."""

    def __init__(self, source: Source, workdir: Path) -> None:
        self._file = Path(source.location or "")
        self._workdir = workdir

    def deliveries(self) -> list[Delivery]:
        return [Delivery(key="amounts", fingerprint=self._file.read_text(), files=(self._file,))]

    def fetch(self, delivery: Delivery) -> RawExport:
        rows = json.loads(self._file.read_text())["rows"]
        path = self._workdir / "rows.csv"
        path.write_text("month,cost\n" + "".join(f"{month},{cost}\n" for month, cost in rows))
        table = RawTable(name="rows", files=(path,), format="csv", columns={"month": "string", "cost": "string"})
        return RawExport(delivery=delivery, tables=(table,))

    def to_focus(self, raw: RawExport) -> ibis.Table:
        rows = raw.table("rows")
        start = (rows.month + "-01T00:00:00Z").cast("timestamp('UTC')")
        cost = rows.cost.cast("decimal(36, 18)")
        return rows.select(
            BilledCost=cost,
            EffectiveCost=cost,
            ListCost=cost,
            ContractedCost=cost,
            BillingCurrency=ibis.literal("EUR"),
            BillingPeriodStart=start,
            BillingPeriodEnd=start + ibis.interval(months=1),
            ChargePeriodStart=start,
            ChargePeriodEnd=start + ibis.interval(days=1),
            ChargeCategory=ibis.literal("Usage"),
            ProviderName=ibis.literal("Wrong"),
            ServiceName=ibis.literal("Wrong"),
            x_LineItemType=ibis.literal("Usage"),
        )

    def control_totals(self, raw: RawExport) -> ControlTotals:
        told = json.loads(raw.delivery.files[0].read_text())
        billed = {("EUR", month): Decimal(amount) for month, amount in told["totals"].items()}
        return ControlTotals(billed=billed, rows=len(told["rows"]))


@pytest.fixture
def wrong(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Config]:
    """Write what the wrong connector reads, beside a source that is right."""
    entry = EntryPoint(name="wrong", value="tests.test_intake:WrongConnector", group=plugins.GROUP)
    installed = entry_points(group=plugins.GROUP)
    monkeypatch.setattr("finops.plugins.entry_points", lambda group: [*installed, entry] if group else [])

    def write(rows: list[tuple[str, str]], totals: dict[str, str]) -> Config:
        (shop.folder / "amounts.json").write_text(json.dumps({"rows": rows, "totals": totals}))
        return exports.configured(shop.folder, ("wrong", "wrong", "amounts.json"), ("acme", "focus", "bills"))

    shop.bill("a.csv", on("2026-01-05", "10"))
    return write


@pytest.mark.parametrize(
    ("rows", "totals"),
    [
        pytest.param([("2026-01", "1")], {"2026-01": "1.000000000000000001"}, id="one digit off"),
        pytest.param([("2026-01", "1"), ("2026-02", "2")], {"2026-01": "2", "2026-02": "1"}, id="months swapped"),
        pytest.param([("2026-01", "1"), ("2026-02", "2")], {"2026-01": "3"}, id="a month that the totals lack"),
        pytest.param([("2026-01", "1"), ("2026-02", "0")], {"2026-01": "1"}, id="a month of nothing that they lack"),
        pytest.param([("2026-01", "1")], {"2026-01": "1", "2026-02": "2"}, id="a month that the rows lack"),
        pytest.param(
            [("2026-01", "1"), ("2026-02", "2"), ("2026-03", "0")],
            {"2026-01": "1", "2026-02": "2"},
            id="a third month of nothing",
        ),
    ],
)
def test_totals_that_differ_commit_nothing(
    shop: Shop, wrong: Callable[..., Config], rows: list[tuple[str, str]], totals: dict[str, str]
) -> None:
    bad, good = shop.ingest(wrong(rows, totals)).sources

    assert isinstance(bad.error, BillError)
    assert "amounts" in bad.error.what
    assert good.error is None
    assert shop.cost() == shop.allocated() == money(m01="10")
    assert not list((shop.folder / ".finops").rglob("*x_Source=wrong*/**/*.parquet"))


def test_totals_that_agree_are_committed(shop: Shop, wrong: Callable[..., Config]) -> None:
    """The wrong connector is wrong only where the test above says so."""
    bad, _ = shop.ingest(wrong([("2026-01", "1"), ("2026-02", "2")], {"2026-01": "1", "2026-02": "2"})).sources
    assert bad.error is None
    assert shop.cost() == money(m01="11", m02="2")


# ── the tables, as a stranger reads them ──────────────────────────────────────────────────────────────────────────


def test_a_strangers_reader_finds_the_promised_schema(shop: Shop) -> None:
    shop.bill("a.csv", on("2026-01-05", "10.123456789012345678", project="search"))
    shop.ingest()
    cost = DeltaTable(str(shop.folder / ".finops" / "cost"))
    allocated = DeltaTable(str(shop.folder / ".finops" / "allocated"))
    for table in (cost, allocated):
        types = {field.name: str(field.type) for field in table.schema().fields}
        assert table.metadata().partition_columns == ["x_Source", "x_BillingMonth"]
        for name in ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost"):
            assert types[name] == 'PrimitiveType("decimal(36,18)")'
    types = {field.name: str(field.type) for field in cost.schema().fields}
    assert types["ChargePeriodStart"] == types["BillingPeriodEnd"] == 'PrimitiveType("timestamp")'
    row = shop.query("cost", "BilledCost, Tags, x_Source, typeof(ChargePeriodStart), x_Delivery")
    assert row == [
        (
            Decimal("10.123456789012345678"),
            '{"app": "x", "project": "search"}',
            "acme",
            "TIMESTAMP WITH TIME ZONE",
            "a.csv",
        )
    ]
    [found] = shop.query("allocated", "x_Project, x_AllocationRule, x_Day::VARCHAR, BilledCost, Tags")
    assert found == (
        "search",
        "tag project = search",
        "2026-01-05",
        Decimal("10.123456789012345678"),
        '{"project": "search"}',
    )


def test_the_files_have_the_types_that_the_log_promises(company: Shop) -> None:
    """DuckDB reads over a wider decimal; Spark does not."""
    tables = company.tables
    for table, promised in ((tables.cost, tables.row_schema), (tables.allocated, tables.allocated_schema)):
        for file in table.files():
            found = pq.read_schema(file.uri)
            assert dict(zip(found.names, found.types, strict=True)) == dict(
                zip(promised.names, promised.types, strict=True)
            )


def test_a_late_charge_counts_in_its_billing_month(shop: Shop) -> None:
    shop.bill("a.csv", on("2026-01-31", "5", month="2026-02"), on("2026-03-01", "7", month="2026-02"))
    shop.ingest()
    assert shop.cost() == shop.allocated() == money(m02="12")
    assert sorted(shop.query("allocated", "x_Day::VARCHAR, BilledCost")) == [
        ("2026-02-01", Decimal(5)),
        ("2026-02-28", Decimal(7)),
    ]


def test_the_past_answers_as_it_was_known(shop: Shop) -> None:
    shop.bill("a.csv", on("2026-01-05", "10"))
    before = datetime.now(UTC)
    shop.ingest()
    between = datetime.now(UTC)
    shop.bill("a.csv", on("2026-01-05", "99"))
    shop.ingest()

    assert shop.cost(known_at=before) == shop.allocated(known_at=before) == {}
    assert shop.cost(known_at=between) == shop.allocated(known_at=between) == money(m01="10")
    assert shop.cost(known_at=datetime.now(UTC)) == money(m01="99")
