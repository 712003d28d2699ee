"""Any FOCUS file becomes the rows of the cost table, cent for cent; what is none is refused by name."""

import gzip
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finops import money
from finops.connector import Source
from finops.errors import AccessError, BillError, ConfigurationError
from finops_focus.connector import FocusConnector

if TYPE_CHECKING:
    from .conftest import Bench

GOLDEN = """\
Id,BilledCost,BillingAccountId,BillingCurrency,BillingPeriodEnd,BillingPeriodStart,ChargeCategory,ChargeClass,ChargeFrequency,ChargePeriodEnd,ChargePeriodStart,ContractedCost,EffectiveCost,ListCost,ListUnitPrice,PricingQuantity,ProviderName,PublisherName,Region,ServiceCategory,ServiceName,SkuPriceid,SubAccountId,Tags,x_ServiceCode
17,0.00000040000,0012,USD,2024-10-01 00:00:00,2024-09-01 00:00:00,Usage,NULL,Usage-based,2024-09-02 01:00:00,2024-09-02 00:00:00,NULL,0.0000001,0.5,"0.02",1.000,AWS,AWS,us-east-1,Compute,Amazon EC2,A.B,007,"{""team"": ""a"", ""app"": ""x""}",AmazonEC2
18,-3,0012,USD,2024-10-01 00:00:00,2024-09-01 00:00:00,Credit,NULL,One-Time,2024-09-30 00:00:00,2024-09-29 00:00:00,-3,-3,-3,NULL,NULL,Oracle,,NULL,Other,OCI,NULL,NULL,NULL,NULL
"""  # noqa: E501 - a file as it comes


def test_a_file_with_the_usual_dirt_in_rows_of_the_table(bench: "Bench") -> None:
    read = bench.read(bench.file(GOLDEN))
    usage, credit = sorted(read.rows, key=lambda row: -row["BilledCost"])
    september, october = datetime(2024, 9, 1, tzinfo=UTC), datetime(2024, 10, 1, tzinfo=UTC)
    assert {name: value for name, value in usage.items() if value is not None} == {
        "BilledCost": Decimal("0.0000004"),
        "BillingAccountId": "0012",
        "BillingCurrency": "USD",
        "BillingPeriodStart": september,
        "BillingPeriodEnd": october,
        "ChargeCategory": "Usage",
        "ChargeFrequency": "Usage-Based",
        "ChargePeriodStart": datetime(2024, 9, 2, tzinfo=UTC),
        "ChargePeriodEnd": datetime(2024, 9, 2, 1, tzinfo=UTC),
        "ContractedCost": Decimal("0.0000004"),
        "EffectiveCost": Decimal("0.0000001"),
        "ListCost": Decimal("0.5"),
        "ListUnitPrice": Decimal("0.02"),
        "PricingQuantity": 1.0,
        "ProviderName": "AWS",
        "PublisherName": "AWS",
        "RegionId": "us-east-1",
        "ServiceCategory": "Compute",
        "ServiceName": "Amazon EC2",
        "SkuPriceId": "A.B",
        "SubAccountId": "007",
        "Tags": '{"app": "x", "team": "a"}',
        "x_Delivery": "bill.csv",
        "x_LineItemType": "Usage",
        "x_ServiceCode": "AmazonEC2",
    }
    assert {name: value for name, value in credit.items() if value is not None} == {
        "BilledCost": Decimal(-3),
        "BillingAccountId": "0012",
        "BillingCurrency": "USD",
        "BillingPeriodStart": september,
        "BillingPeriodEnd": october,
        "ChargeCategory": "Credit",
        "ChargeFrequency": "One-Time",
        "ChargePeriodStart": datetime(2024, 9, 29, tzinfo=UTC),
        "ChargePeriodEnd": datetime(2024, 9, 30, tzinfo=UTC),
        "ContractedCost": Decimal(-3),
        "EffectiveCost": Decimal(-3),
        "ListCost": Decimal(-3),
        "ProviderName": "Oracle",
        "ServiceCategory": "Other",
        "ServiceName": "OCI",
        "x_Delivery": "bill.csv",
        "x_LineItemType": "Credit",
    }
    assert [(finding.rule, finding.rows) for finding in read.findings] == [
        ("focus.other-names", None),
        ("focus.dropped-columns", None),
        ("focus.no-contracted-cost", 1),
        ("focus.respelt-value", 1),
    ]
    assert read.control.billed == {("USD", "2024-09"): Decimal("-2.9999996")}


AMOUNTS = st.one_of(
    st.decimals(-(10**9), 10**9, places=4).map(str),
    st.decimals(-1, 1, places=24).map(str),
    st.floats(-1e6, 1e6).map(repr),
    st.sampled_from(["0", "-0.00", "5e-06", ".5", "+7", "0.0000000000000000005", "0.0000000000000000015"]),
)
MONTHS = st.sampled_from(["2026-01-01T00:00:00Z", "2026-01-01 00:00:00", "2025-12-01", "NULL"])


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(AMOUNTS, st.sampled_from(["USD", "EUR", ""]), MONTHS), min_size=1, max_size=40))
def test_money_is_conserved_per_currency_and_month(bench: "Bench", rows: list[tuple[str, str, str]]) -> None:
    cells = ({"BilledCost": row[0], "BillingCurrency": row[1], "BillingPeriodStart": row[2]} for row in rows)
    read = bench.read_rows(*cells, currency="CHF")  # compares mapping and control totals
    wanted: dict[tuple[str, str], Decimal] = {}
    for amount, currency, month in rows:
        key = currency or "CHF", "2026-01" if month == "NULL" else month[:7]
        wanted[key] = money.add(wanted.get(key, Decimal(0)), money.stored(amount))
    assert read.control.billed == wanted


def test_each_file_is_one_delivery_with_a_key_that_names_no_folder_of_this_machine(bench: "Bench") -> None:
    bench.file(GOLDEN, "2024/09.csv")
    bench.file(gzip.compress(GOLDEN.encode()), "2024/10.csv.gz")
    bench.file("notes", "2024/README.txt")
    assert [delivery.key for delivery in bench.connector(bench.folder).deliveries()] == [
        "2024/09.csv",
        "2024/10.csv.gz",
    ]
    glob = bench.connector(bench.folder / "2024" / "*.gz")
    assert [delivery.key for delivery in glob.deliveries()] == ["10.csv.gz"]


def test_a_fingerprint_changes_with_the_content_and_with_what_fills_gaps(bench: "Bench") -> None:
    path = bench.file(GOLDEN)
    (first,) = bench.connector(path).deliveries()
    (again,) = bench.connector(path).deliveries()
    (euro,) = bench.connector(path, currency="EUR").deliveries()
    bench.file(GOLDEN.replace("-3,-3,-3", "-2,-3,-3"))
    (restated,) = bench.connector(path).deliveries()
    assert first == again
    assert len({first.fingerprint, euro.fingerprint, restated.fingerprint}) == 3
    assert first.key == restated.key


@pytest.mark.parametrize(
    ("header", "kind", "todo"),
    [
        ("MeterCategory,CostInBillingCurrency,ChargeType,Tags", "an Azure cost export", "Azure Cost Management"),
        ("UsageDateTime,MeterCategory,Currency", "an Azure cost export", "Azure Cost Management"),
        ("identity/LineItemId,lineItem/UnblendedCost", "an AWS Cost and Usage Report", 'connector = "aws"'),
        ("line_item_unblended_cost,bill_payer_account_id", "an AWS Cost and Usage Report", 'connector = "aws"'),
        ("service.description,usage_start_time,cost", "a Google Cloud billing export", 'connector = "gcp"'),
        ("lineItem/intervalUsageStart,cost/myCost", "an Oracle Cloud cost report", "FOCUS reports"),
        ("day,team,euros", "its columns begin with day, team, euros", "FOCUS format"),
        ("BilledCost,ServiceName", "its columns begin with BilledCost, ServiceName", "FOCUS format"),
    ],
)
def test_what_is_no_focus_file_is_refused_by_name(bench: "Bench", header: str, kind: str, todo: str) -> None:
    with pytest.raises(BillError) as refused:
        bench.read(bench.file(f"{header}\n" + "," * header.count(",") + "\n"))
    assert "bill.csv is no FOCUS file" in refused.value.what
    assert kind in refused.value.what
    assert todo.lower() in refused.value.todo.lower()


def test_an_empty_file_is_refused_and_a_header_alone_is_a_bill_of_nothing(bench: "Bench") -> None:
    with pytest.raises(BillError, match="is empty"):
        bench.read(bench.file(""))
    assert bench.read(bench.file(GOLDEN.splitlines()[0] + "\n")).rows == []


def test_a_missing_location_file_or_kind_of_file_is_said(bench: "Bench") -> None:
    with pytest.raises(AccessError, match="does not exist"):
        bench.connector(bench.folder / "nowhere").deliveries()
    with pytest.raises(BillError, match="holds no FOCUS file"):
        bench.connector(bench.folder).deliveries()
    path = bench.file(GOLDEN)
    connector = bench.connector(path)
    (delivery,) = connector.deliveries()
    path.unlink()
    with pytest.raises(AccessError, match=r"bill\.csv"):
        connector.fetch(delivery)


@pytest.mark.parametrize("location", [None, "s3://bucket/focus"])
def test_a_location_elsewhere_is_a_fault_of_the_configuration(location: str | None, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match='Source "saas"'):
        FocusConnector(Source(name="saas", location=location), tmp_path).deliveries()


def test_another_format_is_a_fault_of_the_configuration(bench: "Bench") -> None:
    with pytest.raises(ConfigurationError, match='format = "cur2"'):
        bench.connector(bench.file(GOLDEN), kind="cur2").deliveries()


def test_a_file_without_currency_takes_the_sources_and_says_so(bench: "Bench") -> None:
    read = bench.read_rows({}, without=["BillingCurrency"], currency="EUR")
    assert read.row["BillingCurrency"] == "EUR"
    assert read.finding("focus.no-currency").message.endswith("EUR is taken from organisation.currency.")


def test_single_rows_without_currency_are_counted(bench: "Bench") -> None:
    read = bench.read_rows({}, {"BillingCurrency": "NULL"}, {"BillingCurrency": "eur"}, currency="EUR")
    assert sorted(row["BillingCurrency"] for row in read.rows) == ["EUR", "EUR", "USD"]
    assert read.finding("focus.no-currency").rows == 1


def test_a_file_without_currency_and_without_the_sources_is_refused(bench: "Bench") -> None:
    with pytest.raises(BillError, match=r"bill\.csv, line 2: there is no BillingCurrency") as refused:
        bench.read_rows({}, without=["BillingCurrency"])
    assert 'currency = "USD"' in refused.value.todo
