"""Progress: one line on standard error that shows how far something long has come, on a terminal only."""

import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

import click

from finops.cli.options import Context
from finops.connector import Step

_PATIENCE = 1.0
"""Seconds before a bar appears: what is quicker needs none."""
_PAUSE = 0.1
"""Seconds between two drawings."""
_BAR = 24
_MEGABYTE = 1_000_000
_ERASE = "\r\x1b[K"


class Bar:
    """Draws the newest step over the one before; gone without a trace when the work is done.

    Args:
        context: whose narration shares the stream.
        stream: of a terminal; None draws nothing.
    """

    def __init__(self, context: Context, stream: TextIO | None) -> None:
        self._context = context
        self._stream = stream
        self._begun = time.monotonic()
        self._drawn: float | None = None

    def step(self, step: Step) -> None:
        """Show a step, unless another one was shown a moment ago."""
        now = time.monotonic()
        soon = now - self._begun < _PATIENCE or (self._drawn is not None and now - self._drawn < _PAUSE)
        if self._stream is None or soon:
            return
        self._drawn = now
        self._stream.write(_ERASE + drawn(step, width=shutil.get_terminal_size().columns))
        self._stream.flush()

    def narrate(self, line: str) -> None:
        """A line for a person who asked for details; the bar makes room."""
        self.erase()
        self._context.detail(line)

    def tell(self, line: str) -> None:
        """A line for everybody; the bar makes room."""
        self.erase()
        self._context.narrate(_printable(line))

    def warn(self, line: str) -> None:
        """Something that went wrong beside the work, which goes on; the bar makes room."""
        self.erase()
        click.echo(f"finops: {line}", err=True)

    def erase(self) -> None:
        """Take the bar away."""
        if self._stream is not None and self._drawn is not None:
            self._stream.write(_ERASE)
            self._stream.flush()
            self._drawn = None


@contextmanager
def watched(context: Context) -> Iterator[Bar]:
    """A bar for the time of something long; draws only where standard error is a terminal, and never with --quiet."""
    bar = Bar(context, sys.stderr if sys.stderr.isatty() and not context.quiet else None)
    try:
        yield bar
    finally:
        bar.erase()


def drawn(step: Step, *, width: int) -> str:
    """A step as one line that fits the width.

    >>> drawn(Step(what="aws: reading", done=3, total=12), width=80)
    'aws: reading  [######------------------]  3 of 12 files'
    >>> drawn(Step(what="aws: downloading", done=1_500_000, total=None, unit="bytes"), width=80)
    'aws: downloading  1.5 MB'
    """
    bar = ""
    if step.total:
        full = min(_BAR * step.done // step.total, _BAR)
        bar = f"[{'#' * full}{'-' * (_BAR - full)}]"
    parts = [_printable(step.what), bar, _counted(step)]
    return "  ".join(part for part in parts if part)[: max(width - 1, 0)]


def _counted(step: Step) -> str:
    if step.unit == "bytes":
        of = "" if step.total is None else f" of {step.total / _MEGABYTE:,.1f}"
        return f"{step.done / _MEGABYTE:,.1f}{of} MB"
    of = "" if step.total is None else f" of {step.total:,}"
    return f"{step.done:,}{of} {_printable(step.unit)}"


def _printable(text: str) -> str:
    """The text without what a terminal would obey: names come from bills and buckets."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
