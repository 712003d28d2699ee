"""A bar on a terminal, nothing elsewhere."""

import io
from datetime import date
from pathlib import Path

import pytest

from finops.cli import progress
from finops.cli.options import Context
from finops.cli.progress import Bar, drawn, watched
from finops.connector import Step


def _context(*, quiet: bool = False) -> Context:
    return Context(
        config_file=Path("finops.toml"),
        as_of_given=True,
        as_of=date(2026, 1, 1),
        known_at=None,
        format=None,
        output=None,
        quiet=quiet,
        verbose=True,
        terminal=False,
        colour=False,
    )


def test_a_step_is_one_line_that_fits() -> None:
    half = Step(what="aws: downloading", done=5_000_000, total=10_000_000, unit="bytes")
    assert drawn(half, width=80) == "aws: downloading  [############------------]  5.0 of 10.0 MB"
    assert len(drawn(half, width=20)) == 19
    assert drawn(Step(what="a", done=1234, total=None), width=80) == "a  1,234 files"
    assert drawn(Step(what="a", done=0, total=0), width=80) == "a  0 of 0 files"


def test_a_hostile_name_draws_nothing_of_its_own() -> None:
    assert "\x1b" not in drawn(Step(what="\x1b[2J", done=1, total=2, unit="\r"), width=80)


def test_quick_work_shows_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    bar = Bar(_context(), stream)
    bar.step(Step(what="a", done=1, total=2))
    bar.erase()
    assert stream.getvalue() == ""
    monkeypatch.setattr(progress, "_PATIENCE", 0)
    bar.step(Step(what="a", done=1, total=2))
    bar.step(Step(what="a", done=2, total=2))  # a moment later: not drawn again
    bar.erase()
    assert stream.getvalue() == "\r\x1b[Ka  [############------------]  1 of 2 files\r\x1b[K"


def test_the_bar_makes_room_for_a_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(progress, "_PATIENCE", 0)
    stream = io.StringIO()
    bar = Bar(_context(), stream)
    bar.step(Step(what="a", done=1, total=2))
    bar.narrate("reading")
    assert stream.getvalue().endswith("\r\x1b[K")
    assert capsys.readouterr().err == "reading\n"


@pytest.mark.parametrize(
    ("terminal", "quiet", "is_drawn"), [(True, False, True), (True, True, False), (False, False, False)]
)
def test_only_a_terminal_gets_a_bar(
    monkeypatch: pytest.MonkeyPatch, *, terminal: bool, quiet: bool, is_drawn: bool
) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: terminal)
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr(progress, "_PATIENCE", 0)
    with watched(_context(quiet=quiet)) as bar:
        bar.step(Step(what="a", done=1, total=2))
    assert (stream.getvalue() != "") is is_drawn
