"""From a bucket of AWS to the report, with the real client over HTTP and nothing of ours replaced."""

import random
import signal
import subprocess
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from finops.store.tables import Tables
from tests.aws_cloud import VARIABLES, Cloud, cloud
from tests.journeys.conftest import Shell

pytestmark = pytest.mark.long

SAMPLE = Path(__file__).parents[2] / "sample_data"
EXPORT = "finance/wielrijk-cur2"
MONTHS = 14
KILLS = 25


@pytest.fixture
def bucket() -> Iterator[Cloud]:
    """A bucket with the fourteen months of the sample bill, as CUR 2.0 delivers them."""
    with cloud() as found:
        deliver(found)
        yield found


def deliver(cloud: Cloud, *, since: str = "") -> None:
    """Put the months from that one on into the bucket, each with its manifest."""
    files = sorted(path for path in (SAMPLE / "aws").rglob("*") if path.is_file())
    names = {path.relative_to(SAMPLE / "aws").as_posix(): path for path in files}
    wanted = {name: path for name, path in names.items() if name.split("BILLING_PERIOD=")[1][:7] >= since}
    cloud.bucket("billing", {name: path.read_bytes() for name, path in wanted.items()})


def settings(folder: Path, cloud: Cloud, *, location: str = f"s3://billing/{EXPORT}") -> Path:
    folder.mkdir(exist_ok=True)
    text = (
        'version = 1\n[organisation]\nname = "Wielrijk"\ncurrency = "USD"\nfiscal_year_start = 10\n'
        f'[[sources]]\nname = "aws"\nconnector = "aws"\nlocation = "{location}"\nendpoint_url = "{cloud.url}"\n'
        '[[projects]]\nname = "search"\nmatch = [{ tag = "project", equals = "search" }]\n'
        '[[budgets]]\nname = "total"\nscope = {}\nlimit = 200000\n'
    )
    (folder / "finops.toml").write_text(text)
    return folder


def sums(folder: Path) -> dict[tuple[str, str], Decimal]:
    """Billed and effective cost per month of the table `cost`, as any Delta reader finds it."""
    uris = [file.uri for file in Tables.at(folder / ".finops").cost.files()]
    if not uris:
        return {}
    wanted = "x_BillingMonth, sum(BilledCost) AS billed, sum(EffectiveCost) AS effective"
    with duckdb.connect() as connection:
        rows = connection.read_parquet(uris, hive_partitioning=True).aggregate(wanted).fetchall()
    return {(month, name): amount for month, *amounts in rows for name, amount in zip("be", amounts, strict=True)}


def test_fourteen_months_of_a_bucket_become_a_report(bucket: Cloud, shell: Shell, tmp_path: Path) -> None:
    pulled = settings(tmp_path / "pulled", bucket)
    began = time.monotonic()
    first = shell.run(pulled, "ingest", **VARIABLES)
    duration = time.monotonic() - began
    assert first.code == 0, first.err
    assert f"from {MONTHS} new or restated deliveries (2025-09 to 2026-10), 0 unchanged" in first.err
    assert bucket.actions() == {"s3:ListBucket", "s3:GetObject"}

    local = settings(tmp_path / "local", bucket, location=str(SAMPLE / "aws"))
    text = (local / "finops.toml").read_text().replace(f'endpoint_url = "{bucket.url}"\n', "")
    (local / "finops.toml").write_text(text)
    assert shell.run(local, "ingest").code == 0
    assert sums(pulled) == sums(local)
    assert len(sums(pulled)) == 2 * MONTHS

    bucket.log.clear()
    began = time.monotonic()
    second = shell.run(pulled, "ingest", **VARIABLES)
    assert second.err == f"aws: nothing new, {MONTHS} deliveries unchanged\n"
    assert bucket.actions() == {"s3:ListBucket"}
    assert time.monotonic() - began < duration

    reported = shell.run(pulled, "report", "--month", "2026-09", "--as-of", "2026-10-21", "-o", "out", **VARIABLES)
    assert reported.code == 0, reported.err
    assert {path.name for path in (pulled / "out").iterdir()} == {
        f"2026-09.{kind}" for kind in ("pdf", "html", "xlsx", "json")
    }
    assert bucket.actions() == {"s3:ListBucket"}  # a report asks nobody

    checked = shell.run(pulled, "doctor", "--as-of", "2026-10-21", **VARIABLES)
    assert "14 deliveries, none of them new or restated since the last ingest." in checked.out


def test_half_a_month_leaves_the_old_one_and_lets_the_others_in(bucket: Cloud, shell: Shell, tmp_path: Path) -> None:
    folder = settings(tmp_path / "pulled", bucket)
    assert shell.run(folder, "ingest", **VARIABLES).code == 0
    before = sums(folder)
    s3 = bucket.client("s3")
    listed = s3.list_objects_v2(Bucket="billing", Prefix=f"{EXPORT}/data/BILLING_PERIOD=2026-10")["Contents"]
    s3.delete_object(Bucket="billing", Key=listed[0]["Key"])
    ran = shell.run(folder, "ingest", **VARIABLES)
    assert ran.code == 0
    assert "warning aws: metadata/BILLING_PERIOD=2026-10 is not complete: its manifest names" in ran.err
    assert sums(folder) == before


def test_killed_at_any_moment_a_reader_sees_whole_months_and_the_next_run_goes_on(shell: Shell, tmp_path: Path) -> None:
    with cloud() as bucket:
        deliver(bucket, since="2026-09")
        _kill_and_go_on(bucket, shell, tmp_path)


def _kill_and_go_on(bucket: Cloud, shell: Shell, tmp_path: Path) -> None:
    whole = settings(tmp_path / "whole", bucket)
    began = time.monotonic()
    assert shell.run(whole, "ingest", **VARIABLES).code == 0
    duration = time.monotonic() - began
    wanted = sums(whole)
    moments = random.Random(4)  # noqa: S311 - moments that repeat, no secret
    killed, folders = 0, [settings(tmp_path / "store-0", bucket)]
    while killed < KILLS:
        # Some runs begin with nothing, some where the one before was killed; a whole store makes room for an empty one.
        if sums(folders[-1]) or killed >= len(folders) * 5:
            folders.append(settings(tmp_path / f"store-{len(folders)}", bucket))
        began = time.monotonic()
        with shell.start(folders[-1], "ingest", **VARIABLES) as process:
            try:
                process.wait(timeout=duration * moments.uniform(0.1, 0.95))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
            process.communicate()
        if process.returncode == -signal.SIGKILL:
            killed += 1
        else:  # the machine got faster meanwhile: later moments are taken from the shorter run
            duration = time.monotonic() - began
        assert sums(folders[-1]) in ({}, wanted)

    for folder in folders[-5:]:
        bucket.log.clear()
        ran = shell.run(folder, "ingest", **VARIABLES)
        assert ran.code == 0, ran.err
        assert sums(folder) == wanted
        assert len(set(bucket.got())) == len(bucket.got())  # nothing twice
