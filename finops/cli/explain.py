"""`finops explain`: a number traced to rows, rule and source file."""

import shutil
from datetime import date
from typing import TYPE_CHECKING

import click

from finops.cli.options import DAY, Context, common

if TYPE_CHECKING:
    from finops.periods import Period
    from finops.report.explanation import Explanation

_MONTH = click.option("--month", metavar="YYYY-MM", help="Billing month.  [default: that of --as-of]")
_FORMATS = ("table", "json", "csv", "md")


@click.group()
def explain() -> None:
    """Why a row, project, forecast or alert is what it is; which rules would catch what has none."""


@explain.command()
@click.argument("name")
@_MONTH
@common(*_FORMATS)
def project(context: Context, *, name: str, month: str | None) -> None:
    """What a project's month is made of: by rule, source and file, with its part of shared cost."""
    from finops import explaining
    from finops.cli.stored import ingested

    config, _ = ingested(context)
    period = _period(context, month)
    _show(context, explaining.project(config, name, period, as_of=context.as_of, known_at=context.known_at))


@explain.command()
@click.option("--day", type=DAY, help="Day of the charge.")
@click.option("--resource", help="ResourceId.")
@click.option("--sku", help="SkuId.")
@click.option("--service", help="ServiceName.")
@click.option("--account", help="SubAccountId.")
@click.option("--project", "project_name", help="Whose it is.")
@_MONTH
@common(*_FORMATS)
def row(
    context: Context,
    *,
    day: date | None,
    resource: str | None,
    sku: str | None,
    service: str | None,
    account: str | None,
    project_name: str | None,
    month: str | None,
) -> None:
    """Rows of the cost table, the dearest first: whose, by which rule, and the file each came in."""
    from finops import explaining
    from finops.cli.stored import ingested

    config, _ = ingested(context)
    wanted = explaining.Wanted(
        month=_period(context, month or (f"{day:%Y-%m}" if day else None)),
        day=day,
        resource=resource,
        sku=sku,
        service=service,
        account=account,
        project=project_name,
    )
    _show(context, explaining.rows(config, wanted, as_of=context.as_of, known_at=context.known_at))


@explain.command()
@click.argument("name", required=False)
@click.option("--by", default="project", show_default=True, help="What NAME is: project, provider, service, …")
@common(*_FORMATS)
def forecast(context: Context, *, name: str | None, by: str) -> None:
    """What the forecast of NAME, or of everything, rests on: model, days used and left out, ranges."""
    from finops import explaining, series
    from finops.cli.stored import ingested

    if by not in series.FIELDS and not by.startswith("tag:"):
        raise click.BadParameter(f"{by!r} is not one of {', '.join(series.FIELDS)} or tag:KEY.", param_hint="--by")
    config, _ = ingested(context)
    _show(context, explaining.forecast(config, name=name, by=by, as_of=context.as_of, known_at=context.known_at))


@explain.command()
@click.argument("budget")
@common(*_FORMATS)
def alert(context: Context, *, budget: str) -> None:
    """Why BUDGET is, or is not, an alert, and what drives it."""
    from finops import explaining
    from finops.cli.stored import ingested

    config, _ = ingested(context)
    _show(context, explaining.alert(config, budget, as_of=context.as_of, known_at=context.known_at))


@explain.command()
@_MONTH
@common(*_FORMATS)
def untagged(context: Context, *, month: str | None) -> None:
    """What no rule claims, the rules that would catch most of it, and tags that look misspelt."""
    from finops import untagged as unclaimed
    from finops.cli.stored import ingested

    config, _ = ingested(context)
    period = _period(context, month)
    _show(context, unclaimed.explain(config, period, as_of=context.as_of, known_at=context.known_at))


def _period(context: Context, month: str | None) -> "Period":
    from finops import periods

    try:
        return periods.month_of(context.as_of) if month is None else periods.month(month)
    except ValueError as error:
        raise click.BadParameter(f"{error}.", param_hint="--month") from error


def _show(context: Context, found: "Explanation") -> None:
    from finops.report import explanation, grid, records

    if context.format == "json":
        context.write(records.to_json(found, schema=explanation.SCHEMA))
    elif context.format == "csv":
        context.write(grid.comma_separated(*explanation.records(found)))
    else:
        shown = explanation.grid(found)
        width = shutil.get_terminal_size().columns if context.terminal else None
        context.write(
            grid.markdown(shown) if context.format == "md" else grid.terminal(shown, width=width, colour=context.colour)
        )
