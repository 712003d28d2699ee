"""Options every command takes, and what they become: a `Context` with configuration, clock and streams."""

import functools
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from finops.config import FILE, Config

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a command was called with.

    Attributes:
        as_of: the clock: charges of this day and later are not complete, charges after it are not used.
        as_of_given: whether somebody set it.
        known_at: the table as it was known then; None for now.
        format: of the output, as given; None where the command chooses.
        output: where to write; None for standard output.
        terminal: whether the output goes to a terminal.
        colour: whether that wants colours.
    """

    config_file: Path
    as_of: date
    as_of_given: bool
    known_at: datetime | None
    format: str | None
    output: Path | None
    quiet: bool
    verbose: bool
    terminal: bool
    colour: bool

    def config(self) -> Config:
        """The configuration, read now."""
        from finops import config

        return config.load(self.config_file, variables=os.environ, user_file=user_file())

    def narrate(self, line: str) -> None:
        """One line for a person, on standard error; nothing with --quiet."""
        if not self.quiet:
            click.echo(line, err=True)

    def detail(self, line: str) -> None:
        """One line for a person who asked for details, or who waits at a terminal."""
        if self.verbose and not self.quiet:
            click.echo(line, err=True)

    def write(self, text: str) -> None:
        """The command's data: to the output file, or to standard output."""
        if self.output is None:
            click.echo(text)
            return
        try:
            self.output.parent.mkdir(parents=True, exist_ok=True)
            self.output.write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            from finops.errors import AccessError

            raise AccessError(
                f"{self.output} cannot be written: {error.strerror}.", "Name another file with -o."
            ) from error


_YEARS = range(1970, 2200)
"""Years of bills and of what can be forecast from them; a date outside is a slip of the hand."""


class _Day(click.ParamType[date]):
    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:  # noqa: ANN401
        try:
            day = value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no date like 2026-10-21", param, ctx)
        if day.year not in _YEARS:
            self.fail(f"{value} lies outside {_YEARS[0]} to {_YEARS[-1]}", param, ctx)
        return day


class _Time(click.ParamType[datetime]):
    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:  # noqa: ANN401
        try:
            moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no time like 2026-10-21T06:00:00Z", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


DAY = _Day()


def common(*formats: str, several: bool = False) -> Callable[[Command], Command]:
    """Add the options every command takes; the command gets them as one `Context`.

    Args:
        formats: values of --format the command knows; none leaves the option out.
        several: whether it takes more than one of them, with commas between.
    """

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def wrapped(**given: Any) -> Any:  # noqa: ANN401 - click passes what the options say
            terminal = sys.stdout.isatty() and given["output"] is None
            context = Context(
                config_file=given.pop("config_file"),
                as_of_given=given["as_of"] is not None,
                as_of=given.pop("as_of") or datetime.now(UTC).date(),
                known_at=given.pop("known_at"),
                format=given.pop("format", None),
                terminal=terminal,
                output=given.pop("output"),
                quiet=given.pop("quiet"),
                verbose=given.pop("verbose"),
                colour=not given.pop("no_color") and not os.environ.get("NO_COLOR") and terminal,
            )
            return command(context, **given)

        options = [
            click.option(
                "--config", "-c", "config_file", type=click.Path(path_type=Path), default=Path(FILE), show_default=True
            ),
            click.option("--as-of", type=DAY, help="The clock; charges after it are not used.  [default: today, UTC]"),
            click.option("--known-at", type=_Time(), help="The table as it was known then.  [default: now]"),
            click.option(
                "--output", "-o", type=click.Path(path_type=Path), help="Write here instead of standard output."
            ),
            click.option("--quiet", "-q", is_flag=True, help="Say nothing but errors."),
            click.option("--verbose", "-v", is_flag=True, help="Say more."),
            click.option("--no-color", is_flag=True, help="No colours; NO_COLOR does the same."),
        ]
        if formats:
            options.append(
                click.option(
                    "--format",
                    "format",
                    help=f"{'Some' if several else 'One'} of {', '.join(formats)}.",
                    callback=_known(formats, several=several),
                )
            )
        for option in reversed(options):
            wrapped = option(wrapped)
        return wrapped  # type: ignore[return-value]  # click's decorators keep the call

    return decorate


def _known(
    formats: tuple[str, ...], *, several: bool
) -> Callable[[click.Context, click.Parameter, str | None], str | None]:
    def check(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
        if value is None:
            return None
        unknown = [part for part in (value.split(",") if several else [value]) if part not in formats]
        if unknown:
            raise click.BadParameter(f"{unknown[0]!r} is not one of {', '.join(formats)}", ctx, param)
        return value

    return check


def user_file() -> Path:
    """Where this user's defaults are looked for."""
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "finops" / FILE
