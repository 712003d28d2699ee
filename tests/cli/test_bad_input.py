"""Bad input after a good month: one clear error, the documented exit code, and the tables as they were."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from finops import plugins
from finops.connector import Connector, Delivery, RawExport, Source
from tests import exports
from tests.cli.conftest import Run
from tests.exports import FOCUS_HEADER, on
from tests.shop import Shop

GOOD = FOCUS_HEADER + (
    "10,10,10,10,EUR,payer,a,2026-01-01T00:00:00Z,2026-02-01T00:00:00Z,2026-01-05T00:00:00Z,2026-01-06T00:00:00Z,"
    "Usage,,,Acme,Compute,Compute,\n"
)


def _legacy(folder: Path, change: Callable[[dict[str, object]], object]) -> None:
    """A legacy report whose manifest is changed."""
    exports.legacy_cur(folder, "2026-01", "a1", [on("2026-01-05", "10")])
    (manifest,) = folder.rglob("*-Manifest.json")
    told = json.loads(manifest.read_text())
    change(told)
    manifest.write_text(json.dumps(told))


BAD: dict[str, tuple[str, Callable[[Path], object], tuple[str, ...]]] = {
    "truncated gzip": (
        "focus",
        lambda folder: (folder / "a.csv.gz").write_bytes(gzip.compress(GOOD.encode() * 99)[:-20]),
        ("a.csv.gz", "Fetch this file again"),
    ),
    "a manifest that names a missing file": (
        "aws",
        lambda folder: _legacy(folder, lambda told: told.update(reportKeys=["cur/report/x/gone.csv.gz"])),
        ("gone.csv.gz", "Manifest.json"),
    ),
    "a file of the wrong kind": (
        "focus",
        lambda folder: (folder / "a.csv").write_bytes(b"%PDF-1.7 not a bill"),
        ("a.csv",),
    ),
    "an unknown column set": (
        "focus",
        lambda folder: (folder / "a.csv").write_text("colour,shape\nred,round\n"),
        ("a.csv", "FOCUS"),
    ),
    "rows without a currency": (
        "focus",
        lambda folder: (folder / "a.csv").write_text(GOOD.replace(",EUR,", ",,")),
        ("currency",),
    ),
    "a row without a date": (
        "focus",
        lambda folder: (folder / "a.csv").write_text(
            GOOD
            + GOOD.removeprefix(FOCUS_HEADER).replace("2026-01-05T00:00:00Z", "").replace("2026-01-01T00:00:00Z", "")
        ),
        ("a.csv", "line 3"),
    ),
    "a thousands mark": (
        "focus",
        lambda folder: (folder / "a.csv").write_text(GOOD.replace("\n10,10", '\n"1,234.5",10')),
        ("a.csv", "line 2", "BilledCost", "'1,234.5'"),
    ),
    "NaN": (
        "focus",
        lambda folder: (folder / "a.csv").write_text(GOOD.replace("\n10,10", "\nNaN,10")),
        ("a.csv", "line 2", "BilledCost", "'NaN'"),
    ),
    "an empty folder": ("focus", lambda _: None, ("bills",)),
    "a line of a hundred million characters": (
        "focus",
        lambda folder: (folder / "a.csv").write_text(GOOD.rstrip() + "x" * 100_000_000 + "\n"),
        ("a.csv",),
    ),
}


@pytest.mark.parametrize("bad", BAD)
def test_bad_input_is_one_clear_error_and_the_tables_stay(run: Run, shop: Shop, bad: str) -> None:
    connector, write, words = BAD[bad]
    shop.bill("good.csv", on("2026-02-03", "7"))
    shop.ingest()
    before, versions = shop.files(), shop.versions()
    (shop.folder / "bills" / "good.csv").unlink()
    write(shop.folder / "bills")
    exports.settings(
        shop.folder, ("acme", connector, "bills"), organisation="" if "currency" in bad else 'currency = "EUR"'
    )

    ran = run(shop.folder, "ingest")

    assert (ran.code, ran.out) == (1, "")
    for word in words:
        assert word in ran.err
    assert "Traceback" not in ran.err
    assert len([line for line in ran.err.splitlines() if line.startswith("finops: ")]) == 1
    assert (shop.files(), shop.versions()) == (before, versions)


CONFIGURATION = {
    "a misspelt key": (
        "[[sources]]\nname='a'\nconector='focus'\n",
        "unknown key 'conector'.",
    ),
    "a wrong type": ("[organisation]\nfiscal_year_start='April'\n", "fiscal_year_start is 'April'"),
    "two sources with one name": (
        "[[sources]]\nname='a'\nconnector='aws'\n[[sources]]\nname='a'\nconnector='gcp'\n",
        "'a'",
    ),
}


@pytest.mark.parametrize("mistake", CONFIGURATION)
def test_a_mistake_in_the_configuration_changes_nothing(run: Run, shop: Shop, mistake: str) -> None:
    shop.bill("good.csv", on("2026-02-03", "7"))
    shop.ingest()
    before = shop.files()
    text, said = CONFIGURATION[mistake]
    (shop.folder / "finops.toml").write_text(f"version = 1\n{text}")

    ran = run(shop.folder, "ingest")

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("finops: finops.toml, line ")
    assert said in ran.err
    assert shop.files() == before


class Restless:
    """A connector whose export is written again while it is read."""

    def __init__(self, inner: Connector) -> None:
        self._inner = inner
        self.deliveries = inner.deliveries
        self.to_focus = inner.to_focus
        self.control_totals = inner.control_totals

    def fetch(self, delivery: Delivery) -> RawExport:
        """Read it, and let the provider write the rest of it right after."""
        raw = self._inner.fetch(delivery)
        with delivery.files[0].open("a") as file:
            file.write(GOOD.removeprefix(FOCUS_HEADER))
        return raw


def test_a_file_that_changes_while_it_is_read_is_left_for_the_next_run(
    run: Run, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.bill("a.csv", on("2026-01-05", "10"))
    exports.settings(shop.folder)
    original = plugins.connector

    def restless(name: str, source: Source, workdir: Path) -> Connector:
        return Restless(original(name, source, workdir))

    with monkeypatch.context() as patched:
        patched.setattr(plugins, "connector", restless)
        ran = run(shop.folder, "ingest")
    assert ran.code == 1
    assert "a.csv changed while it was read; nothing of it was used." in ran.err
    assert shop.cost() == {}
    assert run(shop.folder, "ingest").code == 0
    assert set(shop.cost()) == {"2026-01"}
