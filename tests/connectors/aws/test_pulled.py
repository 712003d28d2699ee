"""Exports pulled from a bucket with the real client over HTTP: what is fetched, what is not, and what faults do."""

import gzip
import json
import shutil
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from moto.s3.models import s3_backends

from finops.connector import Delivery, IncompleteDelivery, Source, Step
from finops.errors import AccessError, BillError, ConfigurationError, RetryError
from finops_aws.connector import AwsConnector
from finops_aws.kept import Cache
from tests.aws_cloud import VARIABLES, Cloud, cloud, cut, on, refused, times

MONTHS = ("20260101-20260201", "20260201-20260301", "20260301-20260401")
HEADER = (
    "bill/PayerAccountId,bill/BillingPeriodStartDate,lineItem/UsageAccountId,lineItem/UsageStartDate,"
    "lineItem/LineItemType,lineItem/CurrencyCode,lineItem/UnblendedCost\n"
)


@pytest.fixture(scope="module")
def server() -> Iterator[Cloud]:
    with cloud() as found:
        yield found


@dataclass(kw_only=True)
class Billing:
    """A bucket, and a connector on it that keeps a cache between runs."""

    server: Cloud
    folder: Path
    name: str
    steps: list[Step] = field(default_factory=list)

    def put(self, objects: dict[str, bytes]) -> None:
        self.server.bucket(self.name, objects)

    def month(self, period: str, cost: str, *, assembly: str = "one", files: int = 1) -> None:
        """Deliver a month of a legacy report whose files cost this each; the manifest comes last."""
        names = [f"cur/report/{period}/{assembly}/report-{number}.csv.gz" for number in range(1, files + 1)]
        start = f"{period[:4]}-{period[4:6]}-01T00:00:00Z"
        line = f"0001,{start},0002,{start},Usage,USD,{cost}\n"
        self.put({name: gzip.compress((HEADER + line).encode(), mtime=number) for number, name in enumerate(names)})
        manifest = {"assemblyId": assembly, "reportKeys": names}
        self.put({f"cur/report/{period}/report-Manifest.json": json.dumps(manifest).encode()})

    def connector(self, *, location: str = "cur/report", cache: bool = True, **options: str) -> AwsConnector:
        workdir = self.folder / uuid.uuid4().hex
        workdir.mkdir()
        source = Source(
            name="aws",
            location=f"s3://{self.name}/{location}",
            options={"endpoint_url": self.server.url, **options},
            cache=self.folder / "cache" if cache else None,
            progress=self.steps.append,
        )
        return AwsConnector(source, workdir)

    def cached(self) -> list[Path]:
        return sorted(path for path in (self.folder / "cache").rglob("*") if path.is_file())


@pytest.fixture
def billing(server: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Billing]:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    yield Billing(server=server, folder=tmp_path, name=f"billing-{uuid.uuid4().hex[:8]}")
    server.faults.clear()
    server.log.clear()


def billed(connector: AwsConnector, deliveries: list[Delivery] | None = None) -> dict[str, Decimal]:
    """Billed cost per delivery, read through the whole connector."""
    listed = connector.deliveries() if deliveries is None else deliveries
    connector.pull(listed)
    return {
        each.key: sum(connector.control_totals(connector.fetch(each)).billed.values(), Decimal(0)) for each in listed
    }


# ── what is fetched ───────────────────────────────────────────────────────────────────────────────────────────


def test_months_are_pulled_and_only_what_changed_is_pulled_again(billing: Billing) -> None:
    for number, period in enumerate(MONTHS, start=1):
        billing.month(period, str(number), files=2)
    first = billing.connector().deliveries()
    assert billed(billing.connector()) == {period: Decimal(2 * n) for n, period in enumerate(MONTHS, start=1)}
    assert len(billing.server.got()) == 3 + 6

    billing.server.log.clear()
    assert billing.connector().deliveries() == first
    assert billing.server.actions() == {"s3:ListBucket"}

    billing.month(MONTHS[1], "20", assembly="two")
    second = billing.connector().deliveries()
    assert [one.fingerprint == other.fingerprint for one, other in zip(first, second, strict=True)] == [
        True,
        False,
        True,
    ]
    billing.server.log.clear()
    assert billed(billing.connector())[MONTHS[1]] == 20
    assert billing.server.got() == [f"cur/report/{MONTHS[1]}/two/report-1.csv.gz"]


def test_a_month_overwritten_in_place_has_another_fingerprint(billing: Billing) -> None:
    billing.month(MONTHS[0], "1")
    before = billing.connector().deliveries()
    billing.month(MONTHS[0], "2")
    after = billing.connector().deliveries()
    assert [each.key for each in before] == [each.key for each in after]
    assert before != after
    assert billed(billing.connector()) == {MONTHS[0]: Decimal(2)}


def test_more_than_a_page_of_keys_is_listed(billing: Billing) -> None:
    billing.month(MONTHS[0], "3")
    backend = s3_backends["123456789012"]["aws"]  # through HTTP this would take a minute
    for number in range(1001):
        backend.put_object(billing.name, f"cur/report/{MONTHS[0]}/old-{number:04d}/report-1.csv.gz", b"")
    assert billed(billing.connector()) == {MONTHS[0]: Decimal(3)}
    assert sum(request.action == "s3:ListBucket" for request in billing.server.log) >= 2


@pytest.mark.parametrize("location", ["", "cur", "cur/report", f"cur/report/{MONTHS[0]}", "cur/report/"])
def test_the_location_may_begin_anywhere(billing: Billing, location: str) -> None:
    billing.month(MONTHS[0], "1")
    assert list(billed(billing.connector(location=location)).values()) == [1]


def test_one_object_may_be_named(billing: Billing) -> None:
    billing.month(MONTHS[0], "1")
    location = f"cur/report/{MONTHS[0]}/one/report-1.csv.gz"
    assert billed(billing.connector(location=location)) == {"report-1.csv.gz": Decimal(1)}


def test_runs_of_data_exports_are_told_by_their_manifests(billing: Billing) -> None:
    text = HEADER.replace("/", "_") + "1,2026-01-01T00:00:00Z,2,2026-01-01T00:00:00Z,Usage,USD,{}\n"
    for run, cost in (("20260105T000000Z-a", 1), ("20260106T000000Z-b", 2)):
        name = f"exp/cur2/data/BILLING_PERIOD=2026-01/{run}/cur2-00001.csv.gz"
        billing.put({name: gzip.compress(text.format(cost).encode())})
        manifest = json.dumps({"dataFiles": [f"s3://{billing.name}/{name}"]}).encode()
        billing.put({f"exp/cur2/metadata/BILLING_PERIOD=2026-01/{run}/cur2-Manifest.json": manifest})
    assert billed(billing.connector(location="exp/cur2")) == {"metadata/BILLING_PERIOD=2026-01": Decimal(2)}


def test_two_exports_of_the_same_month_below_one_location_are_a_doubt(billing: Billing) -> None:
    """Nothing says that they hold the same charges, but most do, and then each counts twice."""
    billing.month(MONTHS[0], "1")
    billing.month(MONTHS[1], "2")
    name = "exp/cur2/data/BILLING_PERIOD=2026-01/cur2-00001.csv.gz"
    text = HEADER.replace("/", "_") + "1,2026-01-01T00:00:00Z,2,2026-01-01T00:00:00Z,Usage,USD,1\n"
    billing.put({name: gzip.compress(text.encode())})
    manifest = json.dumps({"dataFiles": [f"s3://{billing.name}/{name}"]}).encode()
    billing.put({"exp/cur2/metadata/BILLING_PERIOD=2026-01/cur2-Manifest.json": manifest})
    connector = billing.connector(location="")
    doubts = {
        each.key: [finding.message for finding in connector.fetch(each).findings if "several" in finding.rule]
        for each in connector.deliveries()
    }
    assert [len(found) for found in doubts.values()] == [1, 0, 1]
    assert "holds 2 exports of the same months (cur/report, exp/cur2)" in doubts["cur/report/20260101-20260201"][0]
    [delivery, _] = billing.connector().deliveries()
    assert not [one for one in billing.connector().fetch(delivery).findings if "several" in one.rule]


def test_the_status_table_beside_legacy_parquet_is_no_bill(billing: Billing) -> None:
    billing.month(MONTHS[0], "1")
    billing.put({"cur/report/cost_and_usage_data_status/cost_and_usage_data_status.parquet": b"PAR1"})
    assert list(billed(billing.connector())) == [MONTHS[0]]


def test_progress_counts_bytes_of_all_downloads_together(billing: Billing) -> None:
    billing.month(MONTHS[0], "1", files=3)
    billed(billing.connector())
    last = [step for step in billing.steps if step.what == "aws: downloading"][-1]
    assert last.done == last.total
    assert last.unit == "bytes"


# ── half a delivery ───────────────────────────────────────────────────────────────────────────────────────────


def incomplete(connector: AwsConnector, key: str) -> str:
    listed = {each.key: each for each in connector.deliveries()}
    connector.pull(list(listed.values()))
    with pytest.raises(IncompleteDelivery) as caught:
        connector.fetch(listed[key])
    return caught.value.what


def test_a_manifest_that_names_an_absent_file_leaves_its_month_alone(billing: Billing) -> None:
    billing.month(MONTHS[0], "1")
    billing.month(MONTHS[1], "2", files=2)
    billing.server.client("s3").delete_object(Bucket=billing.name, Key=f"cur/report/{MONTHS[1]}/one/report-2.csv.gz")
    connector = billing.connector()
    assert "its manifest names report-2.csv.gz, which is not there" in incomplete(connector, MONTHS[1])
    assert billed(connector, connector.deliveries()[:1]) == {MONTHS[0]: Decimal(1)}


def test_a_month_without_its_manifest_is_not_read(billing: Billing) -> None:
    billing.month(MONTHS[0], "1")
    billing.put({f"cur/report/{MONTHS[1]}/one/report-1.csv.gz": gzip.compress(HEADER.encode())})
    assert "it has no manifest yet" in incomplete(billing.connector(), MONTHS[1])


def test_the_first_run_of_a_data_export_waits_for_its_manifest(billing: Billing) -> None:
    billing.put({"exp/cur2/data/BILLING_PERIOD=2026-01/cur2-00001.csv.gz": gzip.compress(HEADER.encode())})
    assert "no manifest" in incomplete(billing.connector(location="exp/cur2"), "data/BILLING_PERIOD=2026-01")


def test_files_newer_than_their_manifest_are_being_written(billing: Billing) -> None:
    billing.month(MONTHS[0], "1")

    def later(request: Any, answer: Any) -> Any:  # noqa: ANN401 - a fault
        """As if the data had been written again a minute after the manifest, an hour before now."""
        if request.action != "s3:ListBucket":
            return None
        status, headers, body = answer
        parts = body.split(b"<Contents>")
        for at, part in enumerate(parts[1:], start=1):
            minute = b"01" if b"csv.gz" in part else b"00"
            begin, _, rest = part.partition(b"<LastModified>")
            parts[at] = begin + b"<LastModified>2026-02-03T05:" + minute + b":00.000Z" + rest[rest.index(b"<") :]
        others = {name: text for name, text in headers.items() if name.lower() != "date"}
        return status, {**others, "Date": clock}, b"<Contents>".join(parts)

    billing.server.faults.append(later)
    clock = "Tue, 03 Feb 2026 06:00:00 GMT"
    assert "a new one is being written" in incomplete(billing.connector(), MONTHS[0])
    clock = "Wed, 04 Feb 2026 06:00:00 GMT"  # somebody copied the bucket in another order
    assert billed(billing.connector()) == {MONTHS[0]: Decimal(1)}


def test_a_month_restated_while_it_is_read_is_left_for_later(billing: Billing) -> None:
    billing.month(MONTHS[0], "1")
    connector = billing.connector()
    listed = connector.deliveries()
    billing.month(MONTHS[0], "2")
    connector.pull(listed)
    with pytest.raises(IncompleteDelivery, match="rewritten while it was read"):
        connector.fetch(listed[0])
    assert billed(billing.connector()) == {MONTHS[0]: Decimal(2)}


# ── faults ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_connection_cut_in_mid_body_goes_on_where_it_stopped(billing: Billing) -> None:
    billing.put(
        {f"cur/{number}.csv": (HEADER + "1,2026-01-01,2,2026-01-01,Usage,USD,1\n" * 3000).encode() for number in (1,)}
    )
    billing.server.faults.append(times(2, on(r"1\.csv", cut(0.5))))
    assert billed(billing.connector(location="cur")) == {".": Decimal(3000)}
    ranges = [request.headers.get("HTTP_RANGE") for request in billing.server.log if request.action == "s3:GetObject"]
    assert ranges[0] is None
    assert all(text and text.startswith("bytes=") for text in ranges[1:])


def test_throttling_and_503_are_tried_again(billing: Billing) -> None:
    billing.month(MONTHS[0], "1")
    billing.server.faults.append(times(1, on("csv", lambda _: refused("SlowDown", 503))))
    billing.server.faults.append(times(1, on("csv", lambda _: refused("InternalError", 500))))
    assert billed(billing.connector()) == {MONTHS[0]: Decimal(1)}


def test_content_that_is_not_what_its_etag_says_is_fetched_again_and_never_kept(billing: Billing) -> None:
    billing.month(MONTHS[0], "1")

    def other(answer: Any) -> Any:  # noqa: ANN401 - an answer
        status, headers, body = answer
        return status, headers, body[:-1] + b"x"

    billing.server.faults.append(times(1, on("csv", other)))
    assert billed(billing.connector()) == {MONTHS[0]: Decimal(1)}

    billing.month(MONTHS[0], "2")
    billing.server.faults[:] = [on("csv", other)]
    connector = billing.connector()
    with pytest.raises(RetryError, match="did not arrive whole, 5 times in a row"):
        connector.pull(connector.deliveries())
    assert not [
        path for path in billing.cached() if path.name == "report-1.csv.gz" and path.parent.name not in _kept(billing)
    ]


def _kept(billing: Billing) -> set[str]:
    """Folders of the cache whose report unpacks."""
    return {
        path.parent.name
        for path in billing.cached()
        if path.name.endswith(".csv.gz") and gzip.decompress(path.read_bytes())
    }


def test_another_etag_than_the_listing_is_another_object(billing: Billing) -> None:
    billing.month(MONTHS[0], "1")
    billing.server.faults.append(on("csv", lambda answer: (answer[0], {**answer[1], "ETag": '"0"'}, answer[2])))
    connector = billing.connector()
    listed = connector.deliveries()
    with pytest.raises(IncompleteDelivery):
        connector.fetch(listed[0])


@pytest.mark.parametrize(
    ("code", "status", "said"),
    [
        ("ExpiredToken", 400, "have expired"),
        ("InvalidAccessKeyId", 403, "does not accept the credentials"),
        ("InvalidObjectState", 403, "archive class of S3.*Restore it"),
        ("AccessDenied", 403, r"may not read s3://.*/report-2.csv.gz \(s3:GetObject\).*--print-policy aws"),
    ],
)
def test_a_refusal_says_what_to_do_and_keeps_what_arrived(billing: Billing, code: str, status: int, said: str) -> None:
    billing.month(MONTHS[0], "1", files=2)
    billing.server.faults.append(on(r"report-2\.csv", lambda _: refused(code, status)))
    connector = billing.connector()
    listed = connector.deliveries()
    with pytest.raises(AccessError, match=said):
        connector.pull(listed)
    billing.server.faults.clear()
    billing.server.log.clear()
    assert billed(billing.connector()) == {MONTHS[0]: Decimal(2)}
    assert len(billing.server.got()) <= 2


@pytest.mark.parametrize(
    ("name", "said"),
    [("none-such-bucket", "there is no such bucket"), (None, "holds no object")],
    ids=["bucket", "prefix"],
)
def test_a_place_that_is_not_there(billing: Billing, name: str | None, said: str) -> None:
    billing.month(MONTHS[0], "1")
    billing.name = name or billing.name
    with pytest.raises(AccessError, match=said):
        billing.connector(location="nothing").deliveries()


def test_nobody_is_signed_in(billing: Billing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(AccessError, match=r"no AWS credentials for the source 'aws'.*aws sso login"):
        billing.connector().deliveries()
    with pytest.raises(AccessError, match=r"names the AWS profile 'x', which this machine does not know"):
        billing.connector(profile="x").deliveries()


def test_a_server_that_is_not_there_is_tried_later(billing: Billing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("finops_aws.access._ATTEMPTS", 1)
    with pytest.raises(RetryError, match="could not be reached"):
        billing.connector(endpoint_url="http://127.0.0.1:9").deliveries()


# ── access ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_role_is_assumed_with_its_external_id(billing: Billing) -> None:
    billing.month(MONTHS[0], "1")
    connector = billing.connector(role_arn="arn:aws:iam::123456789012:role/reader", external_id="abc")
    assert billed(connector) == {MONTHS[0]: Decimal(1)}
    assert {"sts:AssumeRole", "s3:ListBucket", "s3:GetObject"} == billing.server.actions()
    assert sum(request.action == "sts:AssumeRole" for request in billing.server.log) == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"external_id": "x"}, "external_id without a role_arn"),
        ({"table": "x"}, "sets table, which the connector aws does not know"),
        ({"cache_limit": "much"}, "cache_limit 'much'"),
    ],
)
def test_options_that_make_no_sense(billing: Billing, options: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        AwsConnector(Source(name="aws", location=f"s3://{billing.name}", options=options), billing.folder).deliveries()


def test_a_location_without_bucket(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="names no bucket"):
        AwsConnector(Source(name="aws", location="s3:///x"), tmp_path).deliveries()


# ── the cache ─────────────────────────────────────────────────────────────────────────────────────────────────

HOSTILE = (
    "../../../outside",
    "/etc/absolute",
    "%2e%2e/%2e%2e/encoded",
    "ünïcode/Käse\u202egnp",
    "con\\..\\..\\windows",
    "dots/.././..//x",
    "-rf",
    "x" * 200,
)


def test_hostile_keys_write_nothing_outside_the_cache(billing: Billing, tmp_path: Path) -> None:
    text = (HEADER + "1,2026-01-01,2,2026-01-01,Usage,USD,1\n").encode()
    keys = [f"evil/{name}/{number}.csv" for number, name in enumerate(HOSTILE)]
    longest = "evil/" + "/".join(["y" * 250] * 4)
    keys.append(longest + "z" * (1024 - len(longest.encode()) - 4) + ".csv")
    billing.put({key: text + key.encode()[:0] for key in keys})
    before = {path for path in tmp_path.parent.rglob("*") if tmp_path not in path.parents}
    connector = billing.connector(location="evil")
    found = billed(connector)
    assert sum(found.values()) == len(keys)
    assert {path for path in tmp_path.parent.rglob("*") if tmp_path not in path.parents} == before
    written = billing.cached()
    assert len(written) == len(keys)
    assert all(path.resolve().is_relative_to((billing.folder / "cache").resolve()) for path in written)
    assert all(path.parent.parent == billing.folder / "cache" / "objects" for path in written)


def test_a_manifest_that_leads_out_of_its_folder_is_refused(billing: Billing) -> None:
    manifest = json.dumps({"reportKeys": ["cur/report/../../../etc/passwd.csv"]}).encode()
    billing.put({f"cur/report/{MONTHS[0]}/report-Manifest.json": manifest})
    with pytest.raises(BillError, match="leads out of its folder"):
        billing.connector().deliveries()


def test_keys_that_differ_in_slashes_only_are_refused(billing: Billing) -> None:
    billing.put({"cur/a.csv": b"x", "cur//a.csv": b"y"})
    with pytest.raises(BillError, match="differ only in slashes"):
        billing.connector(location="cur").deliveries()


def test_the_cache_keeps_to_its_limit(billing: Billing) -> None:
    for number, period in enumerate(MONTHS, start=1):
        billing.month(period, str(number))
    size = max(path["Size"] for path in billing.server.client("s3").list_objects_v2(Bucket=billing.name)["Contents"])
    connector = billing.connector(cache_limit=str(size))
    connector.pull(connector.deliveries())
    for delivery in connector.deliveries():
        connector.fetch(delivery)
        assert 0 < sum(path.stat().st_size for path in billing.cached()) <= size
    assert billed(billing.connector(cache_limit=str(size))) == {
        period: Decimal(n) for n, period in enumerate(MONTHS, start=1)
    }


@pytest.mark.parametrize("limit", ["0", "300"], ids=["nothing is kept", "months are larger than the cache"])
def test_what_is_not_kept_passes_one_month_at_a_time(billing: Billing, limit: str) -> None:
    for number, period in enumerate(MONTHS, start=1):
        billing.month(period, str(number), files=3)
    connector = billing.connector(cache_limit=limit)
    connector.pull(connector.deliveries())
    for number, delivery in enumerate(connector.deliveries(), start=1):
        assert sum(connector.control_totals(connector.fetch(delivery)).billed.values()) == 3 * number
        reports = [path for path in billing.folder.rglob("report-*.csv.gz") if "cache" not in path.parts]
        assert len(reports) == 3
        assert sum(path.stat().st_size for path in billing.cached()) <= int(limit)


def test_without_a_cache_nothing_outlives_the_run(billing: Billing) -> None:
    billing.month(MONTHS[0], "1")
    assert billed(billing.connector(cache_limit="0")) == {MONTHS[0]: Decimal(1)}
    assert billing.cached() == []
    assert billed(billing.connector(cache=False)) == {MONTHS[0]: Decimal(1)}


def test_files_of_another_run_may_vanish_while_room_is_made(tmp_path: Path) -> None:
    """Another run renames and removes its own between listing and looking: here all the time."""
    cache, stop = Cache(tmp_path / "cache", limit=0), threading.Event()

    def other_run() -> None:
        while not stop.is_set():
            partial = tmp_path / "cache" / "ab" / "tmp.partial"
            partial.parent.mkdir(parents=True, exist_ok=True)
            partial.write_bytes(b"1")
            shutil.rmtree(partial.parent)

    other = threading.Thread(target=other_run)
    other.start()
    try:
        for _ in range(300):
            cache.trim([tmp_path / "cache" / "ab" / "kept"])
    finally:
        stop.set()
        other.join()


def test_two_runs_may_share_a_cache(billing: Billing) -> None:
    billing.month(MONTHS[0], "1", files=4)
    found: list[dict[str, Decimal]] = []
    runs: list[Callable[[], None]] = [lambda: found.append(billed(billing.connector())) for _ in range(3)]
    threads = [threading.Thread(target=run) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [{MONTHS[0]: Decimal(4)}] * 3
