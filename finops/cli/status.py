"""`finops status`: every budget in its running period."""

import shutil
import sys

import click

from finops.cli.options import Context, common
from finops.cli.progress import watched


@click.command()
@click.option("--budget", help="Only the budget of this name.")
@common("table", "json", "csv", "md")
def status(context: Context, *, budget: str | None) -> None:
    """Period to date per budget: spent, expected, limit, chance and date of overrun; and how good the data is."""
    from finops.checking import newest_quality
    from finops.cli.stored import ingested
    from finops.forecasting import forecast_table
    from finops.report import forecast_grid, grid, locale, quality_grid, records
    from finops.report.forecast_table import SCHEMA

    config, complete = ingested(context)
    names = [one.name for one in config.budgets]
    if budget is not None and budget not in names:
        raise click.BadParameter(f"{budget!r} is not one of {', '.join(names) or 'no budgets'}.", param_hint="--budget")
    with watched(context) as bar:
        table = forecast_table(config, as_of=context.as_of, known_at=context.known_at, budget=budget, progress=bar.step)
    if context.format == "json":
        context.write(records.to_json(table, schema=SCHEMA))
    elif context.format == "csv":
        context.write(grid.comma_separated(*forecast_grid.budget_records(table)))
    else:
        words = locale.locale(config.organisation.locale)
        qualities = newest_quality(config, as_of=context.as_of, known_at=context.known_at)
        shown = (forecast_grid.status_grid(table, words), quality_grid.quality_grid(qualities, words))
        width = shutil.get_terminal_size().columns if context.terminal else None
        if context.format == "md":
            context.write("\n\n".join(grid.markdown(one) for one in shown))
        else:
            context.write("\n\n".join(grid.terminal(one, width=width, colour=context.colour) for one in shown))
    if not complete:
        sys.exit(1)
