"""`finops check`: the table against the exports, the specification and the budgets; the gate for CI and cron."""

import sys
from typing import TYPE_CHECKING

import click

from finops.cli.options import Context, common

if TYPE_CHECKING:
    from finops.checking import Checked

_CODES = {"incomplete": 3, "overrun": 4, "anomaly": 5}


@click.command()
@click.option("--focus", type=click.Choice(["1.2"]), help="Hold the table, as exported, against FOCUS of this version.")
@click.option("--month", "months", multiple=True, metavar="YYYY-MM", help="Only this billing month; may be repeated.")
@click.option(
    "--fail-on",
    "fail_on",
    multiple=True,
    type=click.Choice([*_CODES, "any"]),
    help="Exit 3 on errors in the data, 4 on a budget over its limit or expected to be; may be repeated.",
)
@common("table", "json", "csv", "md")
def check(context: Context, *, focus: str | None, months: tuple[str, ...], fail_on: tuple[str, ...]) -> None:
    """Evaluate data checks and budgets; with --focus, the rules of the FOCUS specification."""
    from finops import checking, periods
    from finops.cli.stored import ingested

    try:
        labels = tuple(periods.month(label).months()[0] for label in months)
    except ValueError as error:
        raise click.BadParameter(f"{error}.", param_hint="--month") from error
    config, complete = ingested(context)
    if focus is not None:
        checked = checking.against_focus(config, known_at=context.known_at, months=labels)
    else:
        checked = checking.data_and_budgets(config, as_of=context.as_of, known_at=context.known_at, months=labels)
    context.write(_shown(context, checked))
    if not complete:
        sys.exit(1)
    code = _code(checked, fail_on)
    if code:
        sys.exit(code)


def _shown(context: Context, checked: "Checked") -> str:
    import shutil

    from finops.report import check_grid, grid

    if context.format == "json":
        return check_grid.to_json(
            checked.findings, checked.overruns, checked.conformity, as_of=context.as_of, known_at=context.known_at
        )
    if context.format == "csv":
        return grid.comma_separated(*check_grid.finding_records(checked.findings))
    shown = check_grid.check_grid(checked.findings, checked.overruns, checked.conformity, details=context.verbose)
    width = shutil.get_terminal_size().columns if context.terminal else None
    if context.format == "md":
        return grid.markdown(shown)
    return grid.terminal(shown, width=width, colour=context.colour)


def _code(checked: "Checked", fail_on: tuple[str, ...]) -> int:
    """The lowest exit code that is asked for and met; 0 for none."""
    met = {"incomplete": checked.is_incomplete, "overrun": bool(checked.overruns), "anomaly": False}
    asked = {*_CODES} if "any" in fail_on else {*fail_on}
    return min((_CODES[name] for name in asked if met[name]), default=0)
