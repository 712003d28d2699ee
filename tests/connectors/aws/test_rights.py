"""Finding exports through the APIs, what doctor says about them, and the policy that is enough for all of it."""

import fnmatch
import gzip
import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from finops import asking
from finops.connector import Check, Source
from finops.errors import ConfigurationError
from finops.focus.table import complete
from finops.store.engine import DuckDB
from finops_aws.connector import AwsConnector
from tests.aws_cloud import VARIABLES, Cloud, cloud, refused

HEADER = b"bill/BillingPeriodStartDate,lineItem/UsageStartDate,lineItem/CurrencyCode,lineItem/UnblendedCost\n"
MONTH = "20260101-20260201"
ARN = "arn:aws:bcm-data-exports:us-east-1:123456789012:export/{}"


@pytest.fixture(scope="module")
def server() -> Iterator[Cloud]:
    with cloud() as found:
        yield found


def report(name: str = "report", bucket: str = "billing", **more: object) -> dict[str, Any]:
    """A legacy report as DescribeReportDefinitions has it."""
    return {
        "ReportName": name,
        "TimeUnit": "HOURLY",
        "Format": "textORcsv",
        "Compression": "GZIP",
        "AdditionalSchemaElements": ["RESOURCES"],
        "S3Bucket": bucket,
        "S3Prefix": "cur",
        "S3Region": "eu-central-1",
        "ReportVersioning": "CREATE_NEW_REPORT",
        "ReportStatus": {"lastDelivery": "20260105T000000Z", "lastStatus": "SUCCESS"},
        **more,
    }


def data_export(name: str, table: str, *, healthy: bool = True) -> dict[str, Any]:
    """A Data Export as GetExport has it, with the reference of ListExports."""
    moment = datetime(2026, 1, 5, tzinfo=UTC)
    status = {"StatusCode": "HEALTHY" if healthy else "UNHEALTHY", "CreatedAt": moment, "LastUpdatedAt": moment}
    if not healthy:
        status["StatusReason"] = "INSUFFICIENT_PERMISSION"
    output = {"OutputType": "CUSTOM", "Format": "PARQUET", "Compression": "PARQUET", "Overwrite": "OVERWRITE_REPORT"}
    place = {"S3Bucket": "billing", "S3Prefix": "exp", "S3Region": "us-east-1", "S3OutputConfigurations": output}
    return {
        "reference": {"ExportArn": ARN.format(name), "ExportName": name, "ExportStatus": status},
        "export": {
            "ExportArn": ARN.format(name),
            "Name": name,
            "DataQuery": {"QueryStatement": f"SELECT * FROM {table}"},  # noqa: S608 - what AWS answers, no query of ours
            "DestinationConfigurations": {"S3Destination": place},
            "RefreshCadence": {"Frequency": "SYNCHRONOUS"},
        },
    }


@pytest.fixture
def account(server: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """An account with a report, a CUR 2.0, a FOCUS export and an export that is no bill, on two pages."""
    for name, value in {**VARIABLES, "AWS_ENDPOINT_URL": server.url}.items():
        monkeypatch.setenv(name, value)
    made = [
        data_export("cur2", "COST_AND_USAGE_REPORT"),
        data_export("focus", "FOCUS_1_2_AWS", healthy=False),
        data_export("advice", "COST_OPTIMIZATION_RECOMMENDATIONS"),
    ]
    references = [each["reference"] for each in made]
    pages: dict[str | None, dict[str, Any]] = {
        None: {"Exports": references[:2], "NextToken": "more"},
        "more": {"Exports": references[2:]},
    }
    server.answers["bcm-data-exports:ListExports"] = lambda given: pages[given.get("NextToken")]
    exports = {each["export"]["ExportArn"]: each["export"] for each in made}
    server.answers["bcm-data-exports:GetExport"] = lambda given: {"Export": exports[given["ExportArn"]]}
    server.answers["cur:DescribeReportDefinitions"] = lambda _: {"ReportDefinitions": [report()]}
    server.log.clear()
    yield server
    server.faults.clear()
    server.answers.clear()


def connector(tmp_path: Path, location: str | None, **options: str) -> AwsConnector:
    workdir = tmp_path / uuid.uuid4().hex
    workdir.mkdir()
    source = Source(name="aws", location=location, options=options, cache=tmp_path / "cache")
    return AwsConnector(source, workdir)


def delivered(server: Cloud, bucket: str) -> str:
    """A month of the report in a bucket of that name; its location."""
    name = f"cur/report/{MONTH}/one/report-1.csv.gz"
    line = b"2026-01-01T00:00:00Z,2026-01-01T00:00:00Z,USD,1\n"
    manifest = json.dumps({"reportKeys": [name]}).encode()
    server.bucket(bucket, {name: gzip.compress(HEADER + line), f"cur/report/{MONTH}/report-Manifest.json": manifest})
    return f"s3://{bucket}/cur/report"


def shown(checks: list[Check]) -> list[str]:
    return [f"{check.status} {check.name}: {check.message}" for check in checks]


def test_exports_are_found_through_the_apis(account: Cloud, tmp_path: Path) -> None:
    found = [(each.location, each.description, each.trouble) for each in connector(tmp_path, None).exports()]
    assert found == [
        ("s3://billing/exp/cur2", "CUR 2.0 'cur2' (Parquet, overwriting)", None),
        ("s3://billing/exp/focus", "FOCUS export 'focus' (Parquet, overwriting)", "INSUFFICIENT_PERMISSION"),
        ("s3://billing/cur/report", "legacy Cost and Usage Report 'report' (CSV, new files each time)", None),
    ]
    assert account.actions() == {
        "bcm-data-exports:ListExports",
        "bcm-data-exports:GetExport",
        "cur:DescribeReportDefinitions",
    }


@pytest.mark.usefixtures("account")
def test_init_takes_what_aws_tells() -> None:
    found = asking.ask("aws", taken={"cur2"})
    assert [(place.name, place.location) for place in found.places] == [
        ("cur2-2", "s3://billing/exp/cur2"),
        ("focus", "s3://billing/exp/focus"),
        ("report", "s3://billing/cur/report"),
    ]
    assert "Its provider says: INSUFFICIENT_PERMISSION." in found.places[1].notes
    with pytest.raises(ConfigurationError, match="'focus' cannot ask its provider"):
        asking.ask("focus", taken=())


def test_an_account_without_exports_says_so(account: Cloud) -> None:
    account.answers["bcm-data-exports:ListExports"] = lambda _: {"Exports": []}
    account.answers["cur:DescribeReportDefinitions"] = lambda _: {}
    assert asking.ask("aws", taken=()).notes[0] == "aws has no cost export that these credentials may see."


def test_doctor_goes_from_the_outside_in(account: Cloud, tmp_path: Path) -> None:
    location = delivered(account, "billing")
    assert shown(connector(tmp_path, location).checks()) == [
        "ok credentials: Signed in as arn:aws:sts::123456789012:user/moto.",
        "ok bucket: s3://billing/cur/report can be listed and its manifests read.",
        "ok export: legacy Cost and Usage Report 'report' (CSV, new files each time).",
    ]


def test_doctor_tells_half_deliveries_and_exports_in_trouble(account: Cloud, tmp_path: Path) -> None:
    name = f"wide-{uuid.uuid4().hex[:6]}"
    delivered(account, name)
    account.client("s3").delete_object(Bucket=name, Key=f"cur/report/{MONTH}/one/report-1.csv.gz")
    trouble = report(bucket=name, ReportStatus={"lastStatus": "ERROR_PERMISSIONS"})
    account.answers["cur:DescribeReportDefinitions"] = lambda _: {"ReportDefinitions": [trouble, report("b", name)]}
    found = shown(connector(tmp_path, f"s3://{name}/cur").checks())
    assert f"warning delivery: report/{MONTH} is not complete: its manifest names report-1.csv.gz" in found[2]
    assert found[3].startswith(f"warning export: s3://{name}/cur holds 2 exports")
    assert found[4].endswith("its last delivery ended with ERROR_PERMISSIONS.")
    assert found[4].startswith("failed export")


def test_doctor_says_where_the_exports_are_for_a_wrong_location(account: Cloud, tmp_path: Path) -> None:
    delivered(account, "billing")
    found = connector(tmp_path, "s3://billing/elsewhere").checks()
    assert [check.status for check in found] == ["ok", "failed", "warning"]
    assert "at s3://billing/cur/report" in found[2].message


def test_doctor_ends_where_nobody_is_signed_in(account: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    [check] = connector(tmp_path, "s3://billing/cur").checks()
    assert (check.name, check.status, account.log) == ("credentials", "failed", [])


def test_that_the_apis_may_not_be_asked_is_a_note(account: Cloud, tmp_path: Path) -> None:
    location = delivered(account, "billing")
    account.faults.append(lambda request, _: refused("AccessDenied", 403) if "Exports" in request.action else None)
    last = connector(tmp_path, location).checks()[-1]
    assert last.status == "warning"
    assert last.todo is not None
    assert "Ingest works without." in last.todo


def test_files_of_this_machine_need_no_check(tmp_path: Path) -> None:
    assert connector(tmp_path, str(tmp_path)).checks() == []


# ── the policy ────────────────────────────────────────────────────────────────────────────────────────────────


def allows(policy: dict[str, Any], action: str, resource: str, prefix: str) -> bool:
    """Whether a statement allows the action, as IAM reads it."""

    def texts(value: Any) -> list[str]:  # noqa: ANN401 - JSON
        return [value] if isinstance(value, str) else list(value)

    def fits(statement: dict[str, Any]) -> bool:
        wanted = statement.get("Condition", {}).get("StringLike", {}).get("s3:prefix", ["*"])
        return (
            statement["Effect"] == "Allow"
            and action in texts(statement["Action"])
            and any(fnmatch.fnmatchcase(resource, pattern) for pattern in texts(statement["Resource"]))
            and (action != "s3:ListBucket" or any(fnmatch.fnmatchcase(prefix, pattern) for pattern in wanted))
        )

    return any(map(fits, policy["Statement"]))


def test_the_printed_policy_allows_every_call_and_no_more(account: Cloud, tmp_path: Path) -> None:
    location = delivered(account, "billing")
    made = connector(tmp_path, location)
    made.checks()
    made.exports()
    [delivery] = made.deliveries()
    made.pull([delivery])
    made.fetch(delivery)
    policy = json.loads(made.policy())
    asked = {request.action for request in account.log} - {"sts:GetCallerIdentity"}  # needs no right
    for request in account.log:
        bucket, _, key = request.path.lstrip("/").partition("/")
        resource = f"arn:aws:s3:::{bucket}{'/' if key else ''}{key}" if request.action.startswith("s3:") else "*"
        prefix = request.query.get("prefix", [""])[0]
        assert request.action == "sts:GetCallerIdentity" or allows(policy, request.action, resource, prefix), request
    assert {action for statement in policy["Statement"] for action in statement["Action"]} == asked
    assert all("*" not in action for statement in policy["Statement"] for action in statement["Action"])


def test_the_policy_allows_no_other_object(tmp_path: Path) -> None:
    policy = json.loads(connector(tmp_path, "s3://billing/cur/report").policy())
    assert not allows(policy, "s3:GetObject", "arn:aws:s3:::billing/cur/report2/x", "")
    assert not allows(policy, "s3:GetObject", "arn:aws:s3:::other/cur/report/x", "")
    assert not allows(policy, "s3:PutObject", "arn:aws:s3:::billing/cur/report/x", "")


@pytest.mark.parametrize(
    ("options", "partition"),
    [
        ({}, "aws"),
        ({"region": "cn-north-1"}, "aws-cn"),
        ({"role_arn": "arn:aws-us-gov:iam::123456789012:role/reader"}, "aws-us-gov"),
    ],
)
def test_the_policy_of_a_partition(tmp_path: Path, options: dict[str, str], partition: str) -> None:
    policy = json.loads(connector(tmp_path, "s3://billing", **options).policy())
    assert policy["Statement"][1]["Resource"] == f"arn:{partition}:s3:::billing/*"
    assert "Condition" not in policy["Statement"][0]


def test_without_a_location_placeholders_stand_for_it(tmp_path: Path) -> None:
    policy = json.loads(connector(tmp_path, None).policy())
    assert policy["Statement"][0]["Resource"] == "arn:aws:s3:::BUCKET"


# ── names of accounts ─────────────────────────────────────────────────────────────────────────────────────────


def test_names_of_accounts_come_from_organizations_where_the_export_has_none(account: Cloud, tmp_path: Path) -> None:
    client = account.client("organizations")
    client.create_organization(FeatureSet="ALL")
    made = client.create_account(AccountName="Search", Email="search@example.com")["CreateAccountStatus"]["AccountId"]
    name = f"cur/report/{MONTH}/one/report-1.csv.gz"
    lines = b"".join(
        b"2026-01-01T00:00:00Z,2026-01-01T00:00:00Z,USD,1,%s\n" % each for each in (made.encode(), b"000000000009")
    )
    content = gzip.compress(HEADER.strip() + b",lineItem/UsageAccountId\n" + lines)
    manifest = json.dumps({"reportKeys": [name]}).encode()
    account.bucket("names", {name: content, f"cur/report/{MONTH}/report-Manifest.json": manifest})
    aws = connector(tmp_path, "s3://names/cur/report", account_names="organizations")
    raw = aws.fetch(aws.deliveries()[0])
    with DuckDB(memory_limit="2GB", spill=tmp_path) as engine:
        engine.bind(raw)
        rows = engine.rows(complete(aws.to_focus(raw), raw.delivery))
    assert {row["SubAccountId"]: row["SubAccountName"] for row in rows} == {made: "Search", "000000000009": None}
    assert "organizations:ListAccounts" in account.actions()
    granted = {action for statement in json.loads(aws.policy())["Statement"] for action in statement["Action"]}
    assert account.actions() <= granted

    account.faults.append(lambda request, _: _no_names() if "ListAccounts" in request.action else None)
    again = connector(tmp_path, "s3://names/cur/report", account_names="organizations")
    raw = again.fetch(again.deliveries()[0])
    assert [finding.rule for finding in raw.findings if "names" in finding.rule] == ["aws.no-account-names"]
    assert again.control_totals(raw).billed == {("USD", "2026-01"): 2}


def _no_names() -> tuple[int, dict[str, str], bytes]:
    body = b'{"__type": "AccessDeniedException", "Message": "not allowed"}'
    return 400, {"Content-Type": "application/x-amz-json-1.1"}, body
