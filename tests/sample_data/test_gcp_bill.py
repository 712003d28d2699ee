"""What must hold in Google's export holds in the sample's: Pacific months, late rows, credits, whole cents."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]

_PACIFIC = ZoneInfo("America/Los_Angeles")
_OPEN = "2026-10"


def _time(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC)


def _credits(gcp: list[Row], kind: str) -> Decimal:
    return sum((one["amount"] for row in gcp for one in row["credits"] if one["type"] == kind), Decimal(0))


def test_a_file_holds_one_invoice_month(gcp: list[Row]) -> None:
    assert all(row["file"].endswith(f"-{row['invoice']['month']}.jsonl.gz") for row in gcp)


def test_the_first_hours_of_a_month_in_utc_are_on_the_invoice_of_the_month_before(gcp: list[Row]) -> None:
    edge = [row for row in gcp if row["usage_start_time"] == "2026-10-01 00:00:00 UTC" and row["month"] == "2026-09"]
    assert len(edge) > 15
    assert {row["usage_end_time"] for row in edge} == {"2026-10-01 07:00:00 UTC"}


def test_no_row_of_usage_spans_two_pacific_months(gcp: list[Row]) -> None:
    for row in gcp:
        start, end = _time(row["usage_start_time"]), _time(row["usage_end_time"])
        if start.year == 2025 and start.month == 8 and start.day == 1:
            continue  # the sample begins with a whole UTC day
        last = (end - timedelta(seconds=1)).astimezone(_PACIFIC)
        assert start.astimezone(_PACIFIC).month == last.month


def test_some_late_usage_is_on_the_next_invoice(gcp: list[Row]) -> None:
    late = [row for row in gcp if _time(row["usage_end_time"]).astimezone(_PACIFIC) < _month_start(row["month"])]
    assert 5 < len(late) < 100


def _month_start(month: str) -> datetime:
    return datetime.strptime(month, "%Y-%m").replace(tzinfo=_PACIFIC)


def test_rows_are_exported_hours_to_two_days_after_the_usage(gcp: list[Row]) -> None:
    delays = [
        _time(row["export_time"]) - _time(row["usage_end_time"])
        for row in gcp
        if row["cost_type"] == "regular" and row["usage_end_time"] < "2026-10-18"
    ]
    assert min(delays) >= timedelta(hours=5)
    assert max(delays) <= timedelta(hours=48)


def test_an_issued_invoice_is_a_number_of_whole_cents(gcp: list[Row]) -> None:
    invoices: dict[str, Decimal] = defaultdict(Decimal)
    for row in gcp:
        invoices[row["month"]] += sum((one["amount"] for one in row["credits"]), Decimal(row["cost"]))
    open_invoice = invoices.pop(_OPEN)
    assert all(total == total.quantize(Decimal("0.01")) for total in invoices.values())
    assert open_invoice != open_invoice.quantize(Decimal("0.01"))


def test_every_cost_type_is_there(gcp: list[Row]) -> None:
    assert {row["cost_type"] for row in gcp} == {"regular", "tax", "adjustment", "rounding_error"}


def test_tax_belongs_to_no_project(gcp: list[Row]) -> None:
    taxes = [row for row in gcp if row["cost_type"] == "tax"]
    assert len(taxes) == 15
    assert all("project" not in row for row in taxes)


def test_discounts_and_the_grant_lower_the_bill(gcp: list[Row]) -> None:
    assert _credits(gcp, "COMMITTED_USAGE_DISCOUNT") < -70_000
    assert _credits(gcp, "SUSTAINED_USAGE_DISCOUNT") < -5_000
    assert _credits(gcp, "PROMOTION") == -30_000


def test_the_grant_is_used_up_on_12_october(gcp: list[Row]) -> None:
    granted = [row for row in gcp for one in row["credits"] if one["type"] == "PROMOTION"]
    assert max(row["usage_start_time"] for row in granted)[:10] == "2026-10-12"
    assert {one["name"] for row in gcp for one in row["credits"] if one["type"] == "PROMOTION"} == {
        "AI migration grant 2026, EUR 30,000"
    }
    later = [row for row in gcp if row["usage_start_time"] > "2026-10-13"]
    assert any(row.get("project", {}).get("id") == "wielrijk-llm-lab" for row in later)


def test_prices_are_text_and_costs_are_numbers(gcp: list[Row]) -> None:
    row = next(row for row in gcp if row["sku"]["description"].startswith("N2 Instance Core"))
    assert isinstance(row["price"]["effective_price"], str)
    assert isinstance(row["cost"], Decimal)
    assert Decimal(row["price"]["effective_price"]) * row["usage"]["amount_in_pricing_units"] - row["cost"] < Decimal(
        "0.000001"
    )
