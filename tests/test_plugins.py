"""Connectors come in by entry points: listed without import, loaded one at a time, missed with a hint."""

import subprocess
import sys
from pathlib import Path

import pytest

from finops import plugins
from finops.connector import Source
from finops.plugins import BrokenConnector, UnknownConnector

SOURCE = Source(name="bills", location=None)
PACKAGE = """
class Stranger:
    def __init__(self, source, workdir):
        self.source, self.workdir = source, workdir
"""


@pytest.fixture
def stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed package of somebody else's with three connectors, two of them broken."""
    (tmp_path / "stranger_bills.py").write_text(PACKAGE)
    info = tmp_path / "stranger_bills-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger-bills\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[finops.connectors]\nstranger = stranger_bills:Stranger\n"
        "lost = stranger_bills_lost:Stranger\nnameless = stranger_bills:Nobody\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_our_own_connectors_use_the_same_door() -> None:
    assert {"aws", "focus", "gcp"} <= set(plugins.names())


def test_a_strangers_connector_is_listed_and_built(stranger: Path) -> None:
    built = plugins.connector("stranger", SOURCE, stranger)

    assert "stranger" in plugins.names()
    assert type(built).__name__ == "Stranger"
    assert vars(built) == {"source": SOURCE, "workdir": stranger}


def test_listing_and_finding_import_nothing(stranger: Path) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(stranger)!r}); from finops import plugins; "
        "plugins.names(); plugins.find('stranger', 'bills'); plugins.find('lost', 'bills'); "
        "sys.exit(any(name.startswith(('stranger', 'finops_')) for name in sys.modules))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownConnector) as caught:
        plugins.connector("focsu", SOURCE, Path())

    assert caught.value.what == "Source 'bills' names the connector 'focsu', which is not installed."
    assert caught.value.todo == "Did you mean 'focus'?"
    assert caught.value.exit_code == 2


def test_a_name_nothing_is_near_to_is_answered_with_all_there_are(stranger: Path) -> None:
    with pytest.raises(UnknownConnector) as caught:
        plugins.find("xyzzy", "bills")

    assert stranger.is_dir()
    assert caught.value.todo == f"Installed: {', '.join(plugins.names())}."
    assert "aws" in caught.value.todo
    assert "stranger" in caught.value.todo


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("lost", "The connector 'lost' (stranger_bills_lost:Stranger) cannot be loaded: No module named"),
        ("nameless", "The connector 'nameless' (stranger_bills:Nobody) cannot be loaded: module 'stranger_bills' has"),
    ],
)
def test_a_connector_that_cannot_be_imported_is_named(stranger: Path, name: str, what: str) -> None:
    with pytest.raises(BrokenConnector) as caught:
        plugins.connector(name, SOURCE, stranger)

    assert caught.value.what.startswith(what)
    assert caught.value.todo == "Install its package again."
