"""Cost Explorer where there is no export: what is asked and what it costs, what is kept, and what comes of it."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from finops import asking
from finops.connector import Connector, Source
from finops.errors import AccessError, BillError, ConfigurationError, FinopsError, RetryError
from finops.focus.table import complete
from finops.store.engine import DuckDB
from finops.testing.connector import ConnectorContract
from finops_aws import answers as kept
from finops_aws.answers import Answer, Charge
from finops_aws.connector import AwsConnector
from finops_aws.grouping import Group
from tests.aws_cloud import VARIABLES, Cloud, Request, cloud, times
from tests.aws_cloud import Answer as HttpAnswer
from tests.explored import Spent, answers

TODAY = datetime(2026, 2, 11, 6, tzinfo=UTC)
PAYER = "123456789012"
"""The account moto's credentials belong to."""
S3, EC2 = "Amazon Simple Storage Service", "Amazon Elastic Compute Cloud - Compute"


@pytest.fixture(scope="module")
def server() -> Iterator[Cloud]:
    with cloud() as found:
        yield found


@dataclass(kw_only=True)
class Account:
    """An account without exports, and a connector that keeps what it was told."""

    server: Cloud
    folder: Path
    told: list[str] = field(default_factory=list)

    def connector(self, *, cache: str = "cache", **options: str) -> AwsConnector:
        workdir = self.folder / uuid.uuid4().hex
        workdir.mkdir()
        source = Source(
            name="aws",
            location=None,
            format="cost-explorer",
            options={"endpoint_url": self.server.url, "months": "2", **options},
            cache=self.folder / cache,
            tell=self.told.append,
        )
        return AwsConnector(source, workdir)

    def asked(self) -> int:
        return sum(request.action == "ce:GetCostAndUsage" for request in self.server.log)

    def billed(self, connector: AwsConnector) -> dict[str, Decimal]:
        """Billed cost by month."""
        totals = [connector.control_totals(connector.fetch(each)).billed for each in connector.deliveries()]
        return {month: amount for each in totals for (_, month), amount in each.items()}

    def rows(self, connector: AwsConnector) -> list[dict[str, Any]]:
        """Every row of the first month; billed cost is what the control totals say."""
        delivery = connector.deliveries()[0]
        raw = connector.fetch(delivery)
        with DuckDB(memory_limit="2GB", spill=self.folder) as engine:
            engine.bind(raw)
            rows = engine.rows(complete(connector.to_focus(raw), delivery))
        [((_, month), billed)] = connector.control_totals(raw).billed.items()
        assert sum((row["BilledCost"] for row in rows), start=Decimal(0)) == billed
        assert delivery.key == f"cost-explorer/{month}"
        return sorted(rows, key=lambda row: (row["x_LineItemType"], row["BilledCost"]))


def cells(connector: AwsConnector, *names: str) -> list[tuple[Any, ...]]:
    """Cells of the first month's line items, as they are mapped."""
    [path] = connector.fetch(connector.deliveries()[0]).tables[0].files
    return [tuple(row[name] for name in names) for row in pq.read_table(path).to_pylist()]


@pytest.fixture
def account(server: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    server.clock = TODAY
    server.reset()
    yield Account(server=server, folder=tmp_path)
    server.faults.clear()
    server.answers.clear()


# ── what is asked, and what that costs ────────────────────────────────────────────────────────────────────────


def test_the_price_is_told_before_anything_is_asked(account: Account) -> None:
    spent = [Spent(day="2026-01-05", cost="1.5"), Spent(day="2026-02-01", kind="Tax", second="Tax", cost="0.3")]
    account.server.explorer(answers(spent, "2026-01-01", "2026-02-11"))
    connector = account.connector(max_requests="9")
    assert account.told == []
    connector.deliveries()
    assert account.told == [
        (
            "aws: asking Cost Explorer about 2026-01 to 2026-02: one request for the kinds of charges, then one for "
            "each kind and each further page, 0.01 USD each, at most 9 (0.09 USD; AWS Cost Explorer FAQ and price "
            "list, each page counts, November 2026)"
        ),
        "aws: 2 kinds of charges, so at least 2 more requests, 0.02 USD",
    ]
    assert account.asked() == 3
    assert account.server.actions() == {"sts:GetCallerIdentity", "ce:GetCostAndUsage"}


def test_pages_are_followed_and_each_one_counts(account: Account) -> None:
    spent = [Spent(day=f"2026-01-{day:02d}", cost=f"0.{day:010d}") for day in range(1, 32)]
    account.server.explorer(answers(spent, "2026-01-01", "2026-02-11", pages=5))
    assert account.billed(account.connector()) == {"2026-01": sum(range(1, 32)) * Decimal("1e-10")}
    assert account.asked() == 1 + 5


def test_a_run_that_would_pay_for_too_much_stops(account: Account) -> None:
    spent = [Spent(day="2026-01-05", cost="1")]
    account.server.explorer(answers(spent, "2026-01-01", "2026-02-11", pages=4))
    with pytest.raises(ConfigurationError, match=r"asked Cost Explorer 3 times, its limit \(0.03 USD\)"):
        account.connector(max_requests="3").deliveries()
    assert account.asked() == 3


def test_throttling_is_tried_again(account: Account) -> None:
    account.server.explorer(answers([Spent(day="2026-01-05", cost="1")], "2026-01-01", "2026-02-11"))
    account.server.faults.append(times(2, _says("LimitExceededException", "Rate exceeded")))
    assert account.billed(account.connector()) == {"2026-01": 1}


@pytest.mark.parametrize(
    ("code", "kind", "said"),
    [
        ("AccessDeniedException", AccessError, r"may not ask Cost Explorer \(ce:GetCostAndUsage\)"),
        ("DataUnavailableException", AccessError, "has no data of the source 'aws' from 2026-01-01 on: told so"),
        ("ValidationException", AccessError, "has no data .* told so"),
        ("ExpiredTokenException", AccessError, "have expired"),
    ],
)
def test_refusals_say_what_to_do(account: Account, code: str, kind: type[FinopsError], said: str) -> None:
    account.server.faults.append(_says(code, "told so."))
    with pytest.raises(kind, match=said):
        account.connector().deliveries()


def test_sums_that_changed_between_two_requests_are_not_used(account: Account) -> None:
    told = answers([Spent(day="2026-01-05", cost="1")], "2026-01-01", "2026-02-11")
    told[1] = answers([Spent(day="2026-01-05", cost="1.01")], "2026-01-01", "2026-02-11")[1]
    account.server.explorer(told)
    with pytest.raises(RetryError, match="two different sums of Usage in 2026-01"):
        account.connector().deliveries()
    assert account.connector().checks()[1].message.endswith("no answer is kept yet.")


@pytest.mark.parametrize(
    "changed",
    [
        {"Keys": ["Usage", "000000000002"]},
        {"Metrics": {}},
        {"Metrics": {"UnblendedCost": {"Amount": "1,5", "Unit": "USD"}}},
        {"Metrics": {"UnblendedCost": {"Amount": "NaN", "Unit": "USD"}}},
    ],
)
def test_an_answer_to_another_question_is_no_bill(account: Account, changed: dict[str, Any]) -> None:
    told = answers([Spent(day="2026-01-05", cost="1")], "2026-01-01", "2026-02-11")
    told[0]["ResultsByTime"][4]["Groups"][0] |= changed
    account.server.explorer(told)
    with pytest.raises(BillError, match="groups or amounts that were not asked for"):
        account.connector().deliveries()


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "{}",
        '{"schema": "finops.cost-explorer/1", "month": "2026-01"}',
        (
            '{"schema": "finops.cost-explorer/1", "month": "2026-13", "payer": "1", "group_by": [], "accounts": {}, '
            '"charges": []}'
        ),
        (
            '{"schema": "finops.cost-explorer/1", "month": "2026-01", "payer": "1", "group_by": ["account"], '
            '"accounts": {}, "charges": [["2026-01-01", "Usage", ["2"], "USD", "1.5.2", "", "", ""]]}'
        ),
        (
            '{"schema": "finops.cost-explorer/1", "month": "2026-01", "payer": "1", "group_by": ["colour"], '
            '"accounts": {}, "charges": [["2026-01-01", "Usage", ["2"], "USD", "1.5", "", "", ""]]}'
        ),
    ],
)
def test_a_kept_answer_that_is_none_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "2026-01.json").write_text(text)
    source = Source(name="aws", location=str(tmp_path), format="cost-explorer")
    with pytest.raises(BillError, match=r"2026-01\.json"):
        AwsConnector(source, tmp_path / "work").deliveries()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"group_by": "account, colour"}, "group_by = 'account, colour'"),
        ({"group_by": "account, service, region"}, "Name one or two of"),
        ({"group_by": "tag:"}, "group_by = 'tag:'"),
        ({"group_by": "account, account"}, "group_by"),
        ({"months": "39"}, "months = '39'"),
        ({"max_requests": "many"}, "max_requests = 'many'"),
    ],
)
def test_options_that_make_no_sense(account: Account, options: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        account.connector(**options).deliveries()
    assert account.server.log == []


def test_options_of_cost_explorer_belong_to_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="sets group_by, which is for Cost Explorer"):
        AwsConnector(Source(name="aws", location="/x", options={"group_by": "account"}), tmp_path).deliveries()
    with pytest.raises(ConfigurationError, match="format 'cost-explorer' and the location s3://b"):
        AwsConnector(Source(name="aws", location="s3://b", format="cost-explorer"), tmp_path).deliveries()


# ── what is kept ──────────────────────────────────────────────────────────────────────────────────────────────


def test_closed_months_are_not_asked_again_and_estimated_ones_are(account: Account) -> None:
    spent = [
        Spent(day=f"{month}-05", cost=cost) for month, cost in (("2025-11", "1"), ("2025-12", "2"), ("2026-01", "3"))
    ]
    account.server.explorer(answers(spent, "2025-11-01", "2026-02-11", estimated="2026-01-01"))
    first = account.connector(months="4").deliveries()
    assert [delivery.key[-7:] for delivery in first] == ["2025-11", "2025-12", "2026-01"]

    account.server.explorer(
        answers(
            [*spent[:2], Spent(day="2026-01-05", cost="3.5"), Spent(day="2026-02-02", cost="4")],
            "2026-01-01",
            "2026-02-12",
        )
    )
    account.server.clock = TODAY.replace(day=12)
    account.told.clear()
    second = account.connector(months="4").deliveries()
    assert "about 2026-01 to 2026-02:" in account.told[0]
    assert second[:2] == first[:2]
    assert second[2].key == first[2].key
    assert second[2].fingerprint != first[2].fingerprint
    assert [delivery.key[-7:] for delivery in second] == ["2025-11", "2025-12", "2026-01", "2026-02"]
    assert list(account.billed(account.connector(months="4")).values()) == [1, 2, Decimal("3.5"), 4]


def test_a_closed_month_that_was_estimated_is_asked_once_more(account: Account) -> None:
    spent = [Spent(day="2025-12-05", cost="2"), Spent(day="2026-01-05", cost="3")]
    account.server.explorer(answers(spent, "2025-12-01", "2026-02-11", estimated="2025-12-01"))
    account.connector(months="3").deliveries()
    account.server.explorer(answers(spent, "2025-12-01", "2026-02-12"))
    account.server.clock = TODAY.replace(day=12)
    account.connector(months="3").deliveries()
    assert "about 2025-12 to 2026-02:" in account.told[2]
    account.server.explorer(answers(spent, "2026-01-01", "2026-02-13"))
    account.server.clock = TODAY.replace(day=13)
    account.connector(months="3").deliveries()
    assert "about 2026-01 to 2026-02:" in account.told[4]


def test_a_month_that_lost_its_charges_is_a_delivery_without_any(account: Account) -> None:
    spent = [Spent(day="2025-12-05", cost="2"), Spent(day="2026-01-05", cost="3"), Spent(day="2026-02-05", cost="4")]
    account.server.explorer(answers(spent, "2025-12-01", "2026-02-11"))
    assert account.billed(account.connector(months="4")) == {"2025-12": 2, "2026-01": 3, "2026-02": 4}
    account.server.clock = TODAY.replace(day=12)
    account.server.explorer(answers([spent[0], spent[2]], "2026-01-01", "2026-02-12"))
    connector = account.connector(months="4")
    assert [each.key[-7:] for each in connector.deliveries()] == ["2025-12", "2026-01", "2026-02"]
    account.server.explorer(answers([spent[0], spent[2]], "2026-01-01", "2026-02-12"))
    assert account.billed(connector) == {"2025-12": 2, "2026-02": 4}


def test_a_lost_or_damaged_answer_is_asked_for_again_and_changes_nothing(account: Account) -> None:
    spent = [Spent(day="2025-11-05", cost="1"), Spent(day="2025-12-05", cost="2"), Spent(day="2026-01-05", cost="3")]
    everything = answers(spent, "2025-11-01", "2026-02-11")
    account.server.explorer(everything)
    first = account.connector(months="4").deliveries()
    first[0].files[0].write_text("{")
    account.server.explorer([*answers(spent, "2025-11-01", "2025-12-01"), *answers(spent, "2026-01-01", "2026-02-11")])
    assert account.connector(months="4").deliveries() == first
    assert account.asked() == 2 + 2  # of November, and of the two last months, which are asked about each time


def test_the_first_day_of_a_month_asks_about_whole_days_alone(account: Account) -> None:
    account.server.clock = datetime(2026, 2, 1, 3, tzinfo=UTC)
    account.server.explorer(answers([Spent(day="2026-01-31", cost="1")], "2026-01-01", "2026-02-01"))
    assert [delivery.key for delivery in account.connector().deliveries()] == ["cost-explorer/2026-01"]
    assert "about 2026-01:" in account.told[0]


def test_no_charges_are_no_bill(account: Account) -> None:
    with pytest.raises(BillError, match="Cost Explorer shows no charges in any month"):
        account.connector().deliveries()


# ── what becomes of it ────────────────────────────────────────────────────────────────────────────────────────


def test_every_kind_of_charge_becomes_the_right_row(account: Account) -> None:
    """Unblended, amortised, and what FOCUS makes of it: (category, frequency, billed, effective, pricing)."""
    day = "2026-01-03"
    spent = [
        Spent(day=day, kind="Usage", cost="10.0000000001"),
        # A plan covers 8 at on-demand prices for 6 of its 7; the last one is not used.
        Spent(day=day, kind="SavingsPlanCoveredUsage", second=EC2, cost="8", amortized="6"),
        Spent(day=day, kind="SavingsPlanNegation", second=EC2, cost="-8", amortized="0.0"),
        Spent(day=day, kind="SavingsPlanRecurringFee", second="Savings Plans", cost="7", amortized="1"),
        Spent(day=day, kind="SavingsPlanUpfrontFee", second="Savings Plans", cost="50", amortized="0.0"),
        # A reservation with 3 a day, of which 2 are used; its upfront payment stands with a fee of another kind.
        Spent(day=day, kind="DiscountedUsage", second=EC2, cost="0", amortized="2"),
        Spent(day=day, kind="RIFee", second=EC2, cost="3", amortized="1"),
        Spent(day=day, kind="Fee", second=EC2, cost="105", amortized="5"),
        Spent(day=day, kind="Support fee", second="AWS Support (Business)", cost="29"),
        Spent(day=day, kind="Tax", second="Tax", cost="2.5"),
        Spent(day=day, kind="Credit", cost="-4"),
        Spent(day=day, kind="Refund", cost="-1"),
        Spent(day=day, kind="Enterprise Discount Program Discount", cost="-0.5"),
        Spent(day=day, kind="Private Rate Card Discount", cost="-0.25"),
        Spent(day=day, kind="Bundled Discount", cost="-0.125"),
    ]
    account.server.explorer(answers(spent, "2026-01-01", "2026-02-11"))
    connector = account.connector()
    rows = account.rows(connector)
    found = {
        (row["x_LineItemType"], row["ChargeCategory"]): (
            row["ChargeFrequency"],
            row["BilledCost"],
            row["EffectiveCost"],
            row["PricingCategory"],
        )
        for row in rows
        if row["x_LineItemType"] != "Fee"
    }
    assert found == {
        ("Usage", "Usage"): ("Usage-Based", Decimal("10.0000000001"), Decimal("10.0000000001"), "Standard"),
        ("SavingsPlanCoveredUsage", "Usage"): ("Usage-Based", 0, 6, "Committed"),
        ("SavingsPlanRecurringFee", "Purchase"): ("Recurring", 7, 0, "Standard"),
        ("SavingsPlanRecurringFee", "Usage"): ("Usage-Based", 0, 1, "Committed"),
        ("SavingsPlanUpfrontFee", "Purchase"): ("One-Time", 50, 0, "Standard"),
        ("DiscountedUsage", "Usage"): ("Usage-Based", 0, 2, "Committed"),
        ("RIFee", "Purchase"): ("Recurring", 3, 0, "Standard"),
        ("RIFee", "Usage"): ("Usage-Based", 0, 1, "Committed"),
        ("RIUpfrontFee", "Purchase"): ("One-Time", 100, 0, "Standard"),
        ("Tax", "Tax"): ("Usage-Based", Decimal("2.5"), Decimal("2.5"), None),
        ("Credit", "Credit"): ("One-Time", -4, -4, "Standard"),
        ("Refund", "Usage"): ("Usage-Based", -1, -1, "Standard"),
        ("EdpDiscount", "Adjustment"): ("Usage-Based", Decimal("-0.5"), Decimal("-0.5"), "Standard"),
        ("PrivateRateDiscount", "Adjustment"): ("Usage-Based", Decimal("-0.25"), Decimal("-0.25"), "Standard"),
        ("BundledDiscount", "Adjustment"): ("Usage-Based", Decimal("-0.125"), Decimal("-0.125"), "Standard"),
    }
    fees: list[tuple[Any, ...]] = sorted(
        (row["ServiceName"], row["BilledCost"], row["EffectiveCost"]) for row in rows if row["x_LineItemType"] == "Fee"
    )
    assert fees == [("AWS Support (Business)", 29, 29), (EC2, 5, 5)]
    # Billed is what AWS calls unblended, effective what it calls amortised.
    assert sum(row["BilledCost"] for row in rows) == sum(Decimal(each.cost) for each in spent)
    assert sum(row["EffectiveCost"] for row in rows) == sum(Decimal(each.amounts[2]) for each in spent)
    covered = next(row for row in rows if row["x_LineItemType"] == "SavingsPlanCoveredUsage")
    assert (covered["ListCost"], covered["ContractedCost"]) == (8, 8)
    reserved = next(row for row in rows if row["x_LineItemType"] == "DiscountedUsage")
    assert (reserved["ListCost"], reserved["ContractedCost"]) == (2, 2)  # no saving is made up
    assert {row["CommitmentDiscountId"] for row in rows} == {None}
    assert {row["CommitmentDiscountStatus"] for row in rows} == {None}  # FOCUS has none without the commitment
    assert {(row["BillingAccountId"], row["SubAccountId"], row["SubAccountName"]) for row in rows} == {
        (PAYER, "000000000002", "Search")
    }
    assert {row["ServiceCategory"] for row in rows if row["ServiceName"] == EC2} == {"Compute"}
    raw = connector.fetch(connector.deliveries()[0])
    assert [finding.rule for finding in raw.findings] == ["aws.less-detail"]
    assert connector.control_totals(raw).findings == ()


@pytest.mark.long
def test_net_costs_count_where_they_add_up_to_the_same(account: Account) -> None:
    """A discount is a row of its own in unblended costs, and spread over the others in net ones: 18 either way."""
    spent = [
        Spent(day="2026-01-03", kind="SavingsPlanRecurringFee", cost="9", net="8", amortized="2", net_amortized="1.5"),
        Spent(day="2026-01-03", cost="10", net="9", net_amortized="9"),
        Spent(day="2026-01-03", kind="Enterprise Discount Program Discount", cost="-2", net="0.0", net_amortized="0.0"),
        Spent(day="2026-02-03", cost="10", net="8", amortized="10", net_amortized="8"),
    ]
    account.server.explorer(answers(spent, "2026-01-01", "2026-02-11"))
    connector = account.connector()
    found = [
        (row["x_LineItemType"], row["ChargeCategory"], row["BilledCost"], row["EffectiveCost"])
        for row in account.rows(connector)
    ]
    assert found == [
        ("EdpDiscount", "Adjustment", 0, 0),
        ("SavingsPlanRecurringFee", "Usage", 0, Decimal("1.5")),
        ("SavingsPlanRecurringFee", "Purchase", 8, 0),
        ("Usage", "Usage", 9, 9),
    ]
    [_, february] = connector.deliveries()
    control = connector.control_totals(connector.fetch(february))
    assert control.billed == {("USD", "2026-02"): 10}
    assert [finding.rule for finding in control.findings] == ["aws.net-does-not-tie"]


def test_what_rounding_leaves_of_a_plan_is_worth_knowing_only(account: Account) -> None:
    spent = [
        Spent(day="2026-01-03", kind="SavingsPlanCoveredUsage", second=EC2, cost="8.0000000001", amortized="6"),
        Spent(day="2026-01-03", kind="SavingsPlanNegation", second=EC2, cost="-8", amortized="0.0"),
        Spent(day="2026-02-03", kind="SavingsPlanNegation", second=EC2, cost="-8", amortized="0.0"),
    ]
    account.server.explorer(answers(spent, "2026-01-01", "2026-02-11"))
    connector = account.connector()
    found = [connector.control_totals(connector.fetch(each)) for each in connector.deliveries()]
    assert [(one.rule, one.severity) for each in found for one in each.findings] == [
        ("aws.covered-not-cancelled", "info"),
        ("aws.covered-not-cancelled", "warning"),
    ]
    assert [sum(each.billed.values()) for each in found] == [Decimal("1e-10"), -8]


def test_amortised_cost_that_belongs_to_no_commitment_is_a_doubt(account: Account) -> None:
    account.server.explorer(answers([Spent(day="2026-01-03", cost="1", amortized="3")], "2026-01-01", "2026-02-11"))
    connector = account.connector()
    raw = connector.fetch(connector.deliveries()[0])
    [doubt] = [finding for finding in raw.findings if finding.rule == "aws.amortised-elsewhere"]
    assert doubt.cost == 2
    assert doubt.currency == "USD"


def test_tags_and_cost_categories_tell_charges_apart_too(account: Account) -> None:
    spent = [
        Spent(day="2026-01-03", account='project$se"arch', second="team$a", cost="1"),
        Spent(day="2026-01-03", account="project$", second="team$", cost="2"),
    ]
    account.server.explorer(answers(spent, "2026-01-01", "2026-02-11"))
    connector = account.connector(group_by="tag:project, cost_category:team")
    assert cells(connector, "line_item_unblended_cost", "resource_tags", "cost_category", "bill_payer_account_id") == [
        ("2", None, None, PAYER),
        ("1", '{"user_project": "se\\"arch"}', '{"team": "a"}', PAYER),
    ]


def test_regions_and_usage_types_have_words_for_nothing(account: Account) -> None:
    spent = [Spent(day="2026-01-03", account="eu-central-1", second="BoxUsage:m5.large", cost="1")]
    spent.append(Spent(day="2026-01-04", account="NoRegion", second="NoUsageType", cost="2"))
    account.server.explorer(answers(spent, "2026-01-01", "2026-02-11"))
    connector = account.connector(group_by="region, usage_type")
    assert cells(connector, "product_region_code", "line_item_usage_type", "line_item_usage_account_id") == [
        ("eu-central-1", "BoxUsage:m5.large", None),
        (None, None, None),
    ]


# ── around it ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_doctor_pays_nothing_and_says_where_an_export_is(account: Account) -> None:
    account.server.answers["bcm-data-exports:ListExports"] = lambda _: {"Exports": []}
    account.server.answers["cur:DescribeReportDefinitions"] = lambda _: {"ReportDefinitions": [_report()]}
    found = account.connector().checks()
    assert [(check.name, check.status) for check in found] == [
        ("credentials", "ok"),
        ("exports", "ok"),
        ("export", "warning"),
    ]
    assert "each request costs 0.01 USD" in found[1].message
    assert 'location = "s3://billing/cur/report"' in str(found[2].todo)
    assert account.asked() == 0


def test_doctor_proposes_it_where_there_is_no_export(account: Account, tmp_path: Path) -> None:
    account.server.answers["bcm-data-exports:ListExports"] = lambda _: {"Exports": []}
    account.server.answers["cur:DescribeReportDefinitions"] = lambda _: {"ReportDefinitions": []}
    source = Source(name="aws", location="s3://none-such", options={"endpoint_url": account.server.url})
    last = AwsConnector(source, tmp_path).checks()[-1]
    assert last.message == "This account has no cost export."
    assert 'format = "cost-explorer"' in str(last.todo)


def test_init_proposes_it_where_there_is_no_export(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", account.server.url)
    account.server.answers["bcm-data-exports:ListExports"] = lambda _: {"Exports": []}
    account.server.answers["cur:DescribeReportDefinitions"] = lambda _: {"ReportDefinitions": []}
    found = asking.ask("aws", taken=())
    assert [(each.connector, dict(each.settings)) for each in found.proposals] == [("aws", {"format": "cost-explorer"})]
    assert "0.01 USD a request" in found.notes[1]


def test_the_printed_policy_is_what_was_asked_for(account: Account) -> None:
    account.server.answers["bcm-data-exports:ListExports"] = lambda _: {"Exports": []}
    account.server.answers["cur:DescribeReportDefinitions"] = lambda _: {"ReportDefinitions": []}
    account.server.explorer(answers([Spent(day="2026-01-03", cost="1")], "2026-01-01", "2026-02-11"))
    connector = account.connector()
    account.billed(connector)
    connector.checks()
    granted = {action for statement in json.loads(connector.policy())["Statement"] for action in statement["Action"]}
    needed = account.server.actions() - {"sts:GetCallerIdentity"}  # needs no right
    assert needed <= granted
    assert granted - needed == {"bcm-data-exports:GetExport"}  # there is no export to describe


def test_two_sources_of_the_same_explorer_are_one_bill(account: Account) -> None:
    assert (
        account.connector().bill()
        == account.connector().bill()
        == "what Cost Explorer shows to the credentials of this machine"
    )
    assert account.connector(profile="x").bill() != account.connector().bill()


def _says(code: str, message: str) -> Any:  # noqa: ANN401 - a fault
    def fault(request: Request, _: HttpAnswer) -> HttpAnswer | None:
        body = json.dumps({"__type": code, "Message": message, "message": message}).encode()
        return (400, {"Content-Type": "application/x-amz-json-1.1"}, body) if request.action.startswith("ce:") else None

    return fault


def _report() -> dict[str, Any]:
    return {
        "ReportName": "report",
        "TimeUnit": "HOURLY",
        "Format": "Parquet",
        "Compression": "Parquet",
        "AdditionalSchemaElements": ["RESOURCES"],
        "S3Bucket": "billing",
        "S3Prefix": "cur",
        "S3Region": "eu-central-1",
    }


@pytest.mark.long
class TestKeptAnswers(ConnectorContract):
    """A folder of answers that were kept, as it may be copied to another machine."""

    format = "cost-explorer"

    def connector(self, source: Source, workdir: Path) -> Connector:
        return AwsConnector(source, workdir)

    def write_export(self, folder: Path) -> None:
        account, service = Group.named("account"), Group.named("service")
        assert account is not None
        assert service is not None
        for month in ("2025-12", "2026-01"):
            lines = (
                ("Usage", S3, "1.0000000001"),
                ("SavingsPlanCoveredUsage", EC2, "2.5"),
                ("SavingsPlanNegation", EC2, "-2.25"),
            )
            found = Answer(
                month=month,
                is_estimated=month == "2026-01",
                payer=PAYER,
                groups=(account, service),
                accounts={"000000000002": "Search"},
                charges=tuple(
                    Charge(
                        day=f"{month}-07", kind=kind, keys=("000000000002", name), currency="USD", amounts=(cost,) * 4
                    )
                    for kind, name, cost in lines
                ),
            )
            path = folder / f"{month}.json"
            path.write_text(found.to_json())
            assert kept.read(path).to_json() == found.to_json()
