"""`finops doctor`: what stands in the way, and how to mend it."""

import sys
from typing import TYPE_CHECKING

import click

from finops.cli.options import Context, common

if TYPE_CHECKING:
    from finops.config import Config
    from finops.connector import Check
    from finops.diagnosis import Diagnosis
    from finops.errors import ConfigurationError

_MARKS = {"ok": ("ok", "\x1b[32m"), "warning": ("note", "\x1b[33m"), "failed": ("FAILED", "\x1b[31m")}


@click.command()
@click.option(
    "--print-policy",
    "wanted",
    metavar="CONNECTOR",
    help="Print the least-privilege policy of a connector, or of one of your sources, and look at nothing.",
)
@common("table", "json")
def doctor(context: Context, *, wanted: str | None) -> None:
    """Check configuration, credentials, permissions, exports, freshness and PDF libraries; say how to mend each.

    Asks the providers of your sources, by calls that cost nothing. Exits with 1 where something failed, with 2 where
    finops.toml itself must be changed.
    """
    from finops import diagnosis
    from finops.report import records

    if wanted is not None:
        context.write(diagnosis.policy(wanted, _if_there(context)))
        return
    found = diagnosis.diagnose(_config(context), as_of=context.as_of, known_at=context.known_at)
    if context.format == "json":
        context.write(records.to_json(found, schema=diagnosis.SCHEMA))
    else:
        context.write("\n".join(_lines(found, colour=context.colour)))
    if found.status == "failed":
        sys.exit(2 if found.is_misconfigured else 1)


def _config(context: Context) -> "Config | ConfigurationError":
    from finops.errors import ConfigurationError

    try:
        return context.config()
    except ConfigurationError as error:
        return error


def _if_there(context: Context) -> "Config | None":
    """The configuration where there is one: a policy is wanted before anything is set up."""
    return context.config() if context.config_file.is_file() else None


def _lines(found: "Diagnosis", *, colour: bool) -> list[str]:
    lines = []
    for part in found.parts:
        lines.append(_one_line(part.name))
        for check in part.checks:
            lines += _shown(check, colour=colour)
    return lines


def _shown(check: "Check", *, colour: bool) -> list[str]:
    mark, code = _MARKS[check.status]
    padded = f"{mark:<6}"
    lines = [f"  {code}{padded}\x1b[0m" if colour else f"  {padded}", f"  {check.name}: {_one_line(check.message)}"]
    todo = [f"          {_one_line(check.todo)}"] if check.todo else []
    return ["".join(lines), *todo]


def _one_line(text: str) -> str:
    """The text on one line, without what a terminal would obey: names come from bills and buckets."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
