"""Bad input after a good month: one clear error or a counted Finding, its exit code, and the tables as they were.

What a person reads stands in bad_input.txt, case by case; `pytest -n 0 --update-golden` writes it anew.
"""

import gzip
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import pytest

from finops import plugins
from finops.connector import Connector, Delivery, RawExport, Source
from tests import exports, golden
from tests.cli.conftest import Ran, Run
from tests.exports import FOCUS_HEADER, on
from tests.rights import without_rights
from tests.shop import Shop, money

SAID = Path(__file__).with_name("bad_input.txt")
HEAD = "What a person reads who brings bad input: the command, its exit code, and its words. FOLDER is where it ran."

FOCUS = FOCUS_HEADER + (
    "10,10,10,10,EUR,payer,a,2026-01-01T00:00:00Z,2026-02-01T00:00:00Z,2026-01-05T00:00:00Z,2026-01-06T00:00:00Z,"
    "Usage,,,Acme,Compute,Compute,\n"
)
AWS = (
    "bill/PayerAccountId,bill/BillingPeriodStartDate,bill/BillingPeriodEndDate,lineItem/UsageAccountId,"
    "lineItem/LineItemType,lineItem/UsageStartDate,lineItem/UsageEndDate,lineItem/ProductCode,"
    "lineItem/CurrencyCode,lineItem/UnblendedCost\n"
    "999900001111,2026-01-01T00:00:00Z,2026-02-01T00:00:00Z,0001,Usage,2026-01-05T00:00:00Z,2026-01-06T00:00:00Z,"
    "AmazonEC2,EUR,10\n"
)
GCP = (
    '{"billing_account_id": "01A7C4-9E52B0-3D61F8", "service": {"id": "6F81", "description": "Compute Engine"}, '
    '"sku": {"id": "CF4E", "description": "Core"}, "usage_start_time": "2026-01-05 12:00:00 UTC", '
    '"usage_end_time": "2026-01-05 13:00:00 UTC", "cost": 10, "currency": "EUR", "credits": [], '
    '"invoice": {"month": "202601"}, "cost_type": "regular"}\n'
)
GOOD = {"aws": ("a.csv", AWS), "gcp": ("a.jsonl", GCP), "focus": ("a.csv", FOCUS)}
"""One row of the fifth of January in each provider's words, and the name of a file that holds it."""

Around = Callable[[Shop, pytest.MonkeyPatch], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bad:
    """One bad input.

    Attributes:
        arrange: brings it into the folder of a shop that has ingested a good month.
        connector: that reads the folder `bills`.
        config: text of finops.toml instead of the usual one.
        currency: what [organisation] says; empty for nothing.
        command: what the person runs.
        code: how it must end.
        around: what holds only while it runs.
    """

    arrange: Callable[[Shop], object] = lambda _: None
    connector: str = "focus"
    config: str | None = None
    currency: str = "EUR"
    command: tuple[str, ...] = ("ingest",)
    code: int = 1
    around: Around = lambda _, __: nullcontext()


def _written(name: str, content: str | bytes) -> Callable[[Shop], object]:
    data = content.encode() if isinstance(content, str) else content
    return lambda shop: (shop.folder / "bills" / name).write_bytes(data)


def _row(connector: str, old: str, new: str) -> Callable[[Shop], object]:
    """A file with a good row and the same row again, with one cell spoilt."""
    name, text = GOOD[connector]
    row = text.splitlines(keepends=True)[-1]
    assert old in row
    return _written(name, text + row.replace(old, new, 1))


def _every(name: str, spoilt: dict[str, tuple[str, str]], **more: str) -> dict[str, Bad]:
    return {
        f"{name} ({connector})": Bad(
            connector=connector, arrange=_row(connector, *cells), currency=more.get("currency", "EUR")
        )
        for connector, cells in spoilt.items()
    }


def _truncated(connector: str) -> Callable[[Shop], object]:
    name, text = GOOD[connector]
    return _written(f"{name}.gz", gzip.compress(text.encode() * 99, mtime=0)[:-20])


def _manifest_of_nothing(shop: Shop) -> None:
    """A legacy report whose manifest names a file that nobody delivered."""
    exports.legacy_cur(shop.folder / "bills", "2026-01", "a1", [on("2026-01-05", "10")])
    (manifest,) = (shop.folder / "bills").rglob("*-Manifest.json")
    told = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**told, "reportKeys": ["cur/report/20260101-20260201/a1/gone-2.csv.gz"]}))


def _longest(connector: str) -> Callable[[Shop], object]:
    """A line of a hundred million characters, no cell of which ends."""
    name, text = GOOD[connector]
    return lambda shop: (shop.folder / "bills" / name).write_text(text.rstrip()[:-1] + "x" * 100_000_000 + "\n")


def _killed(shop: Shop) -> None:
    """What a killed run leaves behind: a data file cut off, a commit's first draft, and the export it was reading."""
    name, text = GOOD["focus"]
    (shop.folder / "bills" / name).write_text(text)
    cost = shop.folder / ".finops" / "cost"
    half = cost / "x_Source=acme" / "x_BillingMonth=2026-01" / f"{'0' * 16}-{'1' * 16}-0123456789ab.parquet"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"PAR1 and no more")
    (cost / "_delta_log" / "_commit_0123.json.tmp").write_bytes(b'{"add":')


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
            file.write(FOCUS.removeprefix(FOCUS_HEADER))
        return raw


@contextmanager
def _restless(_: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    original = plugins.connector

    def restless(name: str, source: Source, workdir: Path) -> Connector:
        return Restless(original(name, source, workdir))

    with monkeypatch.context() as patched:
        patched.setattr(plugins, "connector", restless)
        yield


def _is_private(folder: Path) -> bool:
    """Whether others may not pass through the folder, as pytest makes its own."""
    return not folder.stat().st_mode & 0o001


def _without(path: str, mode: int) -> Around:
    """No right to read or write below the folder; the folder itself and its configuration can be reached."""

    @contextmanager
    def around(shop: Shop, _: pytest.MonkeyPatch) -> Iterator[None]:
        for folder in filter(_is_private, (shop.folder, *shop.folder.parents)):
            folder.chmod(0o755)
        with without_rights(shop.folder / path, mode):
            yield

    return around


_USAGE = ('"usage_start_time": "2026-01-05 12:00:00 UTC"', '"usage_start_time": null')
_SOURCE = '[[sources]]\nname = "acme"\nconnector = "focus"\nlocation = "bills"\n'
_IN_DOLLARS = _written("dollars.csv", FOCUS.replace(",EUR,", ",USD,"))

BAD: dict[str, Bad] = {
    **{f"truncated gzip ({c})": Bad(connector=c, arrange=_truncated(c)) for c in GOOD},
    "a manifest that names a missing file (aws)": Bad(connector="aws", arrange=_manifest_of_nothing),
    **{
        f"a file of the wrong kind ({c})": Bad(connector=c, arrange=_written(GOOD[c][0], b"%PDF-1.7 not a bill"))
        for c in GOOD
    },
    **{
        f"an unknown column set ({c})": Bad(connector=c, arrange=_written("a.csv", "colour,shape\nred,round\n"))
        for c in GOOD
    },
    **_every(
        "a row without a currency",
        {"aws": (",EUR,", ",,"), "gcp": ('"EUR"', '""'), "focus": (",EUR,", ",,")},
        currency="",
    ),
    **_every(
        "a row without a date",
        {
            "aws": ("2026-01-01T00:00:00Z,2026-02-01T00:00:00Z,0001,Usage,2026-01-05T00:00:00Z", ",,0001,Usage,"),
            "focus": (
                "2026-01-01T00:00:00Z,2026-02-01T00:00:00Z,2026-01-05T00:00:00Z,2026-01-06T00:00:00Z",
                ",,,",
            ),
        },
    ),
    "a row without a date (gcp)": Bad(
        connector="gcp", arrange=_written("a.jsonl", GCP + GCP.replace('"202601"', "null").replace(*_USAGE))
    ),
    **_every(
        "a thousands mark",
        {
            "aws": (",EUR,10", ',EUR,"1,234.5"'),
            "gcp": ('"cost": 10', '"cost": "1,234.5"'),
            "focus": ("10,", '"1,234",'),
        },
    ),
    **_every("NaN", {"aws": (",EUR,10", ",EUR,NaN"), "gcp": ('"cost": 10', '"cost": NaN'), "focus": ("10,", "NaN,")}),
    **{f"an empty folder ({c})": Bad(connector=c) for c in GOOD},
    **{f"a line of 100 MB ({c})": Bad(connector=c, arrange=_longest(c)) for c in GOOD},
    "a configuration with a misspelt key": Bad(config=_SOURCE.replace("connector", "conector"), code=2),
    "a configuration with a wrong type": Bad(
        config=f'[organisation]\nfiscal_year_start = "April"\n\n{_SOURCE}', code=2
    ),
    "a configuration with a duplicate name": Bad(
        config=f'{_SOURCE}\n[[budgets]]\nname = "all"\nlimit = 1\n\n[[budgets]]\nname = "all"\nlimit = 2\n', code=2
    ),
    "two sources with one name": Bad(config=_SOURCE + _SOURCE, code=2),
    "a file that changes while it is read": Bad(arrange=_written(*GOOD["focus"]), around=_restless),
    "no right to read a file": Bad(arrange=_written(*GOOD["focus"]), around=_without("bills/a.csv", 0)),
    "no right to read a folder": Bad(arrange=_written(*GOOD["focus"]), around=_without("bills", 0)),
    "no right to write the store": Bad(arrange=_written(*GOOD["focus"]), around=_without(".finops/cost", 0o555)),
    "no right to read the store": Bad(command=("status",), around=_without(".finops/allocated", 0)),
    "no right to read the configuration": Bad(code=1, around=_without("finops.toml", 0)),
    "no right to write a report": Bad(
        command=("report", "--month", "2026-02", "--as-of", "2026-02-20", "--format", "json", "-o", "out"),
        arrange=lambda shop: (shop.folder / "out").mkdir(),
        around=_without("out", 0o555),
    ),
}


DOUBTFUL: dict[str, tuple[str, str, str, str]] = {
    "a row without a usage time (gcp)": ("gcp", *_USAGE, "20"),
    "a row without an invoice month (gcp)": ("gcp", '"202601"', "null", "20"),
    "a thousands mark beside a decimal point (focus)": ("focus", "10,", '"1,234.5",', "1244.5"),
}
"""Rows that count all the same: the connector that reads them, the cell, what it is spoilt to, and the month's cost."""


@pytest.fixture(scope="session")
def good_month(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that has ingested a good month; copied, it is the same."""
    shop = Shop(folder=tmp_path_factory.mktemp("good"))
    shop.bill("good.csv", on("2026-02-03", "7"))
    shop.ingest()
    return shop.folder


@pytest.fixture
def stocked(shop: Shop, good_month: Path) -> Shop:
    """A shop of one's own that has ingested the good month."""
    shutil.copytree(good_month, shop.folder, dirs_exist_ok=True)
    return shop


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_told_in_words_and_the_tables_stay(
    run: Run, stocked: Shop, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, case: str
) -> None:
    bad = BAD[case]
    (stocked.folder / "bills" / "good.csv").unlink()
    bad.arrange(stocked)
    exports.settings(
        stocked.folder,
        ("acme", bad.connector, "bills"),
        organisation=f'currency = "{bad.currency}"' if bad.currency else "",
    )
    if bad.config is not None:
        (stocked.folder / "finops.toml").write_text(f"version = 1\n\n{bad.config}")
    before, versions = stocked.files(), stocked.versions()

    with bad.around(stocked, monkeypatch):
        ran = run(stocked.folder, *bad.command)

    assert (ran.code, ran.out) == (bad.code, "")
    assert (stocked.files(), stocked.versions()) == (before, versions)
    _compare(case, _told(bad.command, ran, stocked.folder), request)


@pytest.mark.parametrize("case", DOUBTFUL)
def test_a_doubtful_row_is_kept_and_counted(run: Run, stocked: Shop, request: pytest.FixtureRequest, case: str) -> None:
    connector, old, new, cost = DOUBTFUL[case]
    _row(connector, old, new)(stocked)
    exports.settings(
        stocked.folder, ("acme", "focus", "bills/good.csv"), ("cloud", connector, f"bills/{GOOD[connector][0]}")
    )

    ran = run(stocked.folder, "ingest")

    assert (ran.code, ran.out) == (0, "")
    assert stocked.cost() == stocked.allocated() == money(m01=cost, m02="7")
    _compare(case, _told(("ingest",), ran, stocked.folder), request)


def test_a_store_half_written_by_a_killed_run_is_read_as_before_and_finished_by_the_next(
    run: Run, stocked: Shop, request: pytest.FixtureRequest
) -> None:
    before = (stocked.cost(), stocked.allocated())
    _killed(stocked)
    exports.settings(stocked.folder)
    status = run(stocked.folder, "status", "--as-of", "2026-02-20")
    assert (status.code, (stocked.cost(), stocked.allocated())) == (0, before)

    ran = run(stocked.folder, "ingest")

    assert (ran.code, ran.out) == (0, "")
    assert set(stocked.cost()) == set(stocked.allocated()) == {"2026-01", "2026-02"}
    _compare("a store half written by a killed run", _told(("ingest",), ran, stocked.folder), request)


@pytest.mark.parametrize("command", ["ingest", "status", "forecast", "report"])
def test_an_amount_without_a_rate_is_stored_and_whoever_must_add_says_which_is_missing(
    run: Run, stocked: Shop, request: pytest.FixtureRequest, command: str
) -> None:
    _IN_DOLLARS(stocked)
    exports.settings(stocked.folder)
    ran = run(stocked.folder, "ingest")
    assert (ran.code, ran.out) == (0, "")
    assert set(stocked.cost()) == {"2026-01", "2026-02"}
    if command != "ingest":
        ran = run(stocked.folder, command, "--as-of", "2026-02-20")
        assert (ran.code, ran.out) == (2, "")
        assert not (stocked.folder / "reports").exists()
    _compare(f"an amount without a rate: {command}", _told((command,), ran, stocked.folder), request)


def test_every_case_has_its_words_and_no_words_are_left_over() -> None:
    alone = {
        "a store half written by a killed run",
        *(f"an amount without a rate: {command}" for command in ("ingest", "status", "forecast", "report")),
    }
    assert set(golden.sections(SAID)) == {*BAD, *DOUBTFUL, *alone}


def _told(command: tuple[str, ...], ran: Ran, folder: Path) -> str:
    assert "Traceback" not in ran.err
    said = ran.err.replace(str(folder), "FOLDER").strip()
    return f"$ finops {' '.join(command)}\nexit {ran.code}\n{said}"


def _compare(case: str, told: str, request: pytest.FixtureRequest) -> None:
    known = golden.sections(SAID)
    if request.config.getoption(golden.UPDATE):
        golden.write(SAID, HEAD, {**known, case: told})
        return
    assert told == known.get(case)
