"""Exports in Cloud Storage: objects as deliveries, downloaded when they changed."""

import gzip
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from finops.connector import Source
from finops.errors import AccessError, BillError, ConfigurationError
from finops_gcp.connector import GcpConnector

from . import fake_storage
from .google_focus import focus, parquet

if TYPE_CHECKING:
    from .fake_storage import FakeStorage

Lines = Callable[..., str]


@pytest.fixture
def storage() -> "Iterator[FakeStorage]":
    with fake_storage.serving() as fake:
        yield fake


@pytest.fixture
def connector(storage: "FakeStorage", tmp_path: Path) -> Callable[..., GcpConnector]:
    """A connector of a location."""

    def build(location: str, *, cache: Path | None = None) -> GcpConnector:
        options = {"credentials": "anonymous", "endpoint_url": storage.url}
        return GcpConnector(Source(name="gcp", location=location, options=options, cache=cache), tmp_path)

    return build


def test_the_objects_below_a_prefix_are_deliveries_with_their_money(
    storage: "FakeStorage", connector: Callable[[str], GcpConnector], lines: Lines
) -> None:
    storage.objects |= {
        "export/2026-01.jsonl.gz": gzip.compress(lines({"cost": 0.1}, {"cost": 0.2}).encode()),
        "export/2026-02.jsonl": lines({"invoice": {"month": "202602"}}).encode(),
        "export/2026-03.json": lines({"invoice": {"month": "202603"}}).encode(),
        "export/notes.txt": b"no",
        "other/a.jsonl": b"no",
    }
    found = connector("gs://bills/export/")
    first, second, third = found.deliveries()
    assert [first.key, second.key, third.key] == ["2026-01.jsonl.gz", "2026-02.jsonl", "2026-03.json"]
    assert not storage.downloads
    raw = found.fetch(first)
    assert found.control_totals(raw).billed == {("EUR", "2026-01"): Decimal("0.3")}
    assert storage.downloads == ["export/2026-01.jsonl.gz"]


def test_a_fingerprint_follows_the_content(
    storage: "FakeStorage", connector: Callable[[str], GcpConnector], lines: Lines
) -> None:
    storage.objects["a.jsonl"] = lines({}).encode()
    (before,) = connector("gs://bills").deliveries()
    assert connector("gs://bills/*.jsonl").deliveries() == [before]
    storage.objects["a.jsonl"] = lines({}, {}).encode()
    (after,) = connector("gs://bills").deliveries()
    assert (after.key, after.fingerprint == before.fingerprint) == (before.key, False)


def test_what_is_no_export_or_not_there_is_said(
    storage: "FakeStorage", connector: Callable[[str], GcpConnector]
) -> None:
    with pytest.raises(BillError, match="holds no JSON, CSV or Parquet file"):
        connector("gs://bills/export").deliveries()
    storage.objects["focus.csv"] = b"BilledCost,ChargePeriodStart\n1,2026-01-01T00:00:00Z\n"
    found = connector("gs://bills/focus.csv")
    with pytest.raises(BillError, match="another provider's FOCUS file"):
        found.fetch(found.deliveries()[0])
    storage.refuse = 403
    with pytest.raises(AccessError, match=r"roles/storage\.objectViewer"):
        connector("gs://bills").deliveries()


def test_a_standard_and_a_detailed_export_of_one_account_are_refused(
    storage: "FakeStorage", connector: Callable[[str], GcpConnector]
) -> None:
    for kind in ("v1", "resource_v1"):
        storage.objects[f"gcp_billing_export_{kind}_01A7C4_9E52B0_3D61F8-202601.jsonl"] = b""
    with pytest.raises(
        ConfigurationError, match=r"the detailed export .* and the standard export .*01A7C4-9E52B0-3D61F8"
    ):
        connector("gs://bills").deliveries()


def test_two_kinds_are_told_apart_by_what_they_hold_in_later_runs_too(
    storage: "FakeStorage", connector: Callable[..., GcpConnector], records: Callable[..., Any], tmp_path: Path
) -> None:
    storage.objects["a.jsonl"] = json.dumps(records(resource={"name": "vm-1"})).encode()
    storage.objects["b.parquet"] = parquet(focus(records()))
    first = connector("gs://bills", cache=tmp_path)
    detailed, other = first.deliveries()
    first.fetch(detailed)
    later = connector("gs://bills", cache=tmp_path)
    later.deliveries()
    with pytest.raises(ConfigurationError, match=r"detailed export \(a.jsonl\) and the FOCUS export \(b.parquet\)"):
        later.fetch(other)
    del storage.objects["a.jsonl"]
    alone = connector("gs://bills", cache=tmp_path)
    alone.fetch(*alone.deliveries())


def test_the_files_of_one_export_are_one_delivery_that_may_shrink(
    storage: "FakeStorage", connector: Callable[..., GcpConnector], lines: Lines
) -> None:
    for number in range(3):
        storage.objects[f"x/bill-{number:012}.jsonl"] = lines({"cost": number + 1}).encode()
    storage.objects["x/bill-000000000003.jsonl"] = b""
    found = connector("gs://bills/x/")
    (before,) = found.deliveries()
    assert before.key == "bill-*.jsonl"
    assert found.control_totals(found.fetch(before)).billed == {("EUR", "2026-01"): Decimal(6)}
    del storage.objects["x/bill-000000000002.jsonl"]
    (after,) = connector("gs://bills/x/").deliveries()
    assert (after.key, after.fingerprint == before.fingerprint) == (before.key, False)
