"""From an account without any export to forecast and report, by Cost Explorer, with the real client over HTTP."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.aws_cloud import VARIABLES, cloud
from tests.explored import Spent, answers
from tests.journeys.conftest import Shell
from tests.journeys.test_aws_bucket import sums

pytestmark = pytest.mark.long

DAYS = [f"2026-{month:02d}-{day:02d}" for month in (7, 8, 9) for day in range(1, 31)]
SPENT = [
    each
    for day in DAYS
    for each in (
        Spent(day=day, account="000000000002", cost="100.1"),
        Spent(day=day, account="000000000003", kind="DiscountedUsage", cost="0", amortized="20"),
        Spent(day=day, account="000000000003", kind="RIFee", cost="25", amortized="5"),
    )
]


def test_an_account_without_exports_gets_its_forecast_and_report(shell: Shell, tmp_path: Path) -> None:
    with cloud() as server:
        server.clock = datetime(2026, 10, 1, 5, tzinfo=UTC)
        server.answers["bcm-data-exports:ListExports"] = lambda _: {"Exports": []}
        server.answers["cur:DescribeReportDefinitions"] = lambda _: {"ReportDefinitions": []}
        variables = {**VARIABLES, "AWS_ENDPOINT_URL": server.url}
        asked = shell.run(tmp_path, "init", "--ask", "aws", "--currency", "USD", **variables)
        assert "0.01 USD a request" in asked.err
        text = (tmp_path / "finops.toml").read_text()
        example = '#[[sources]]\n#name = "aws"\n#connector = "aws"\n#format = "cost-explorer"\n'
        assert example in text
        taken = example.replace("#", "") + "months = 3\n"
        taken += '[[budgets]]\nname = "total"\nscope = {}\nlimit = 3500\n[[projects]]\nname = "search"\n'
        taken += 'match = [{ account = "000000000002" }]\n'
        (tmp_path / "finops.toml").write_text(text.replace(example, taken))

        server.explorer(answers(SPENT, "2026-08-01", "2026-10-01", estimated="2026-09-01"))
        first = shell.run(tmp_path, "ingest", **variables)
        assert first.code == 0, first.err
        assert "0.01 USD each" in first.err
        assert first.err.count("Cost Explorer gives cost by day, account and service alone") == 1
        assert [amount for (_, name), amount in sorted(sums(tmp_path).items()) if name == "b"] == [Decimal(3753)] * 2

        server.clock = datetime(2026, 10, 2, 5, tzinfo=UTC)
        more = [*SPENT, Spent(day="2026-10-01", cost="7"), Spent(day="2026-09-30", kind="Tax", cost="1.25")]
        server.explorer(answers(more, "2026-09-01", "2026-10-02", estimated="2026-09-01"))
        second = shell.run(tmp_path, "ingest", **variables)
        assert "(2026-09 to 2026-10), 1 unchanged" in second.err
        assert [amount for (_, name), amount in sorted(sums(tmp_path).items()) if name == "b"] == [
            Decimal(3753),
            Decimal("3754.25"),
            Decimal(7),
        ]

        server.log.clear()
        forecast = shell.run(tmp_path, "forecast", "--as-of", "2026-09-20", "--format", "json", **variables)
        assert forecast.code == 0, forecast.err
        checked = shell.run(tmp_path, "doctor", "--as-of", "2026-10-02", **variables)
        assert "Cost Explorer was not asked, as each request costs 0.01 USD" in checked.out
        reported = shell.run(
            tmp_path, "report", "--month", "2026-09", "--as-of", "2026-10-02", "-o", "out", **variables
        )
        assert reported.code == 0, reported.err
        assert "ce:GetCostAndUsage" not in server.actions()  # none of them pays for anything
    report = json.loads((tmp_path / "out" / "2026-09.json").read_text())
    assert "no resources, quantities, prices" in json.dumps(report)
    assert '"3754.25' in json.dumps(report)
    assert "no resources, quantities, prices" in (tmp_path / "out" / "2026-09.html").read_text()
