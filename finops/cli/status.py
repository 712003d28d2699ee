"""`finops status`: every budget in its running period."""

import shutil
import sys

import click

from finops.cli.options import Context, common


@click.command()
@click.option("--budget", help="Only the budget of this name.")
@common("table", "json", "csv", "md")
def status(context: Context, *, budget: str | None) -> None:
    """Period to date per budget: spent, expected, limit, chance and date of overrun."""
    from finops.cli.stored import ingested
    from finops.forecasting import forecast_table
    from finops.report import forecast_grid, grid, locale, records
    from finops.report.forecast_table import SCHEMA

    config, complete = ingested(context)
    names = [one.name for one in config.budgets]
    if budget is not None and budget not in names:
        raise click.BadParameter(f"{budget!r} is not one of {', '.join(names) or 'no budgets'}.", param_hint="--budget")
    table = forecast_table(config, as_of=context.as_of, known_at=context.known_at, budget=budget)
    if context.format == "json":
        context.write(records.to_json(table, schema=SCHEMA))
    elif context.format == "csv":
        context.write(grid.comma_separated(*forecast_grid.budget_records(table)))
    else:
        shown = forecast_grid.status_grid(table, locale.locale(config.organisation.locale))
        width = shutil.get_terminal_size().columns if context.terminal else None
        context.write(
            grid.markdown(shown) if context.format == "md" else grid.terminal(shown, width=width, colour=context.colour)
        )
    if not complete:
        sys.exit(1)
