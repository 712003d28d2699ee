"""The store in a bucket: the whole job there, on two machines, with the real libraries over HTTP."""

import json
import signal
import time
from pathlib import Path

import pytest

from tests import exports
from tests.aws_cloud import VARIABLES, cloud
from tests.exports import on
from tests.journeys.conftest import Shell

pytestmark = pytest.mark.long
AS_OF = ("--as-of", "2026-04-15")
STORE = "s3://lake/finance"


def machine(folder: Path, bills: Path, store: str) -> Path:
    """A folder with a configuration that reads these bills."""
    folder.mkdir()
    (folder / "finops.toml").write_text(
        f'version = 1\n[organisation]\nname = "Wielrijk"\ncurrency = "EUR"\n[store]\npath = "{store}"\n'
        f'[[sources]]\nname = "cloud"\nconnector = "focus"\nlocation = "{bills}"\n'
        '[[projects]]\nname = "search"\nmatch = [{ tag = "project", equals = "search" }]\n'
        '[[budgets]]\nname = "total"\nscope = {}\nlimit = 5000\n'
    )
    return folder


def bill(folder: Path, month: int, *, times: int = 1) -> None:
    days = range(1, 29)
    charges = [on(f"2026-{month:02}-{day:02}", str(times * (10 + day % 7)), project="search") for day in days]
    exports.focus_csv(folder / f"2026-{month:02}.csv", charges)


def test_the_whole_job_on_a_store_in_a_bucket(shell: Shell, tmp_path: Path) -> None:
    bills = tmp_path / "bills"
    for month in (1, 2, 3):
        bill(bills, month)
    with cloud() as bucket:
        bucket.bucket("lake", {})
        variables = {**VARIABLES, "AWS_ENDPOINT_URL": bucket.url}
        local = machine(tmp_path / "local", bills, ".finops")
        here = machine(tmp_path / "here", bills, STORE)
        there = machine(tmp_path / "there", bills, STORE)

        for folder in (local, here):
            ran = shell.run(folder, "ingest", **variables)
            assert ran.code == 0, ran.err
        again = shell.run(there, "ingest", **variables)
        assert again.err == "cloud: nothing new, 3 deliveries unchanged\n"

        for command in (("status",), ("forecast",), ("check",)):
            wanted, found = (shell.run(folder, *command, *AS_OF, **variables) for folder in (local, there))
            assert (found.code, found.out) == (0, wanted.out), found.err
        reports = []
        for folder in (local, there):
            asked = ("report", "--month", "2026-03", "-o", "out", "--format", "json", *AS_OF)
            ran = shell.run(folder, *asked, **variables)
            assert ran.code == 0, ran.err
            reports.append(json.loads((folder / "out" / "2026-03.json").read_text()))
        assert reports[0]["reconciliation"] == reports[1]["reconciliation"]

        bill(bills, 3, times=2)
        with shell.start(here, "ingest", **variables) as killed:
            time.sleep(2.5)
            killed.send_signal(signal.SIGKILL)
        both = [shell.start(folder, "ingest", **variables) for folder in (here, there)]
        ended = [(process.communicate(timeout=120)[1], process.returncode) for process in both]
        assert any(code == 0 for _, code in ended), ended
        assert all(code == 0 or "at the same time" in err for err, code in ended), ended
        assert shell.run(local, "ingest", **variables).code == 0
        wanted, found = (shell.run(folder, "status", *AS_OF, **variables) for folder in (local, there))
        assert found.out == wanted.out

        bucket.bucket("lake", {})
        refused = shell.run(there, "ingest", **{**variables, "FINOPS_STORE_PATH": "s3://no-such-lake/finance"})
        assert refused.code != 0
        assert "s3://no-such-lake/finance" in refused.err
        assert "bucket does not exist" in refused.err


def test_a_bucket_that_cannot_be_reached_is_told(shell: Shell, tmp_path: Path) -> None:
    bills = tmp_path / "bills"
    bill(bills, 1)
    variables = {**VARIABLES, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    ran = shell.run(machine(tmp_path / "here", bills, STORE), "status", *AS_OF, **variables)
    assert ran.code == 1
    assert STORE in ran.err
    assert "cannot be" in ran.err
