"""The `finops` command: commands loaded when called, and the one place that turns our errors into exit codes."""

import importlib
import sys

import click

from finops import __version__
from finops.errors import FinopsError

_COMMANDS = {
    "demo": "demo:demo",
    "init": "init:init",
    "doctor": "doctor:doctor",
    "ingest": "ingest:ingest",
    "status": "status:status",
    "forecast": "forecast:forecast",
    "explain": "explain:explain",
    "diff": "diff:diff",
    "reconcile": "reconcile:reconcile",
    "check": "check:check",
    "backtest": "backtest:backtest",
    "report": "report:report",
    "tco": "tco:tco",
    "compute": "compute:compute",
    "export": "export:export",
    "config": "config:config",
}
"""Command to `module:function` in this package; nothing is imported before its command runs or is asked for help."""

_HELP = {
    "demo": "The whole job on the bundled sample bill: PDF, HTML, XLSX and JSON in one folder.",
    "init": "Write a commented finops.toml for the exports in a folder.",
    "doctor": "Check configuration, access, exports, freshness and PDF libraries; say how to mend each.",
    "ingest": "Pull new or restated deliveries from every source, normalise, allocate, store.",
    "status": "Period to date per budget: spent, expected, limit, chance and date of overrun.",
    "forecast": "Spend to the end of month, quarter and fiscal year, with ranges.",
    "explain": "Why a row, project, forecast or alert is what it is; which rules would catch what has none.",
    "diff": "What changed between two months or two states of one: a bridge that adds up to the cent.",
    "reconcile": "The cost table against invoices, to the cent.",
    "check": "Hold the data against exports, budgets and the FOCUS rules; a gate for CI with --fail-on.",
    "backtest": "How good such forecasts would have been on this very data, against naive methods.",
    "report": "PDF, HTML, XLSX and JSON for one month.",
    "tco": "On-premises against cloud: break-even, how sure that is, and what decides it.",
    "compute": "The AI compute budget: verify.",
    "export": "The FOCUS cost table or the allocated table as Parquet or CSV.",
    "config": "Print the schema, show the settings in force, check finops.toml.",
}


class _Commands(click.Group):
    """A group that knows its commands' names and one-line helps without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in _COMMANDS:
            return None
        module, _, function = _COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(f"finops.cli.{module}"), function)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Commands"):
            formatter.write_dl(list(_HELP.items()))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "FINOPS"})
@click.version_option(__version__, prog_name="finops")
def commands() -> None:
    """Cloud cost forecasting and FinOps reporting on your own machine."""


def main() -> None:
    """Run the command line; our errors become one message on stderr and their exit code."""
    try:
        commands.main(prog_name="finops", standalone_mode=False)
    except FinopsError as error:
        click.echo(f"finops: {error.what}\n        {error.todo}", err=True)
        sys.exit(error.exit_code)
    except click.exceptions.Abort:
        click.echo("finops: interrupted; nothing half done was kept.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
