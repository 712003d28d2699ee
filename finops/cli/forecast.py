"""`finops forecast`: spend to the end of month, quarter and fiscal year."""

import shutil
import sys

import click

from finops.cli.options import Context, common


@click.command()
@click.option(
    "--by", default="project", show_default=True, help="project, provider, service, account, region or tag:KEY."
)
@click.option("--project", "projects", multiple=True, help="Only this project; may be given several times.")
@click.option("--provider", "providers", multiple=True, help="Only this provider.")
@click.option("--service", "services", multiple=True, help="Only this service.")
@click.option("--measure", help="What is forecast.  [default: the organisation's]")
@common("table", "json", "csv", "md")
def forecast(
    context: Context,
    *,
    by: str,
    projects: tuple[str, ...],
    providers: tuple[str, ...],
    services: tuple[str, ...],
    measure: str | None,
) -> None:
    """Spend to the end of month, quarter and fiscal year, with ranges. Ingests first where nothing is stored yet."""
    from finops import series
    from finops.cli.stored import ingested
    from finops.forecasting import forecast_table
    from finops.report import forecast_grid, grid, locale, records
    from finops.report.forecast_table import SCHEMA

    if by not in series.FIELDS and not by.startswith("tag:"):
        raise click.BadParameter(f"{by!r} is not one of {', '.join(series.FIELDS)} or tag:KEY.", param_hint="--by")
    if measure is not None and measure not in series.MEASURES:
        raise click.BadParameter(f"{measure!r} is not one of {', '.join(series.MEASURES)}.", param_hint="--measure")
    config, complete = ingested(context)
    chosen = {"project": projects, "provider": providers, "service": services}
    scope = series.Scope(fields=tuple(sorted((name, values) for name, values in chosen.items() if values)))
    table = forecast_table(config, as_of=context.as_of, known_at=context.known_at, measure=measure, by=by, scope=scope)
    if context.format == "json":
        context.write(records.to_json(table, schema=SCHEMA))
    elif context.format == "csv":
        context.write(grid.comma_separated(*forecast_grid.forecast_records(table)))
    else:
        shown = forecast_grid.forecast_grid(
            table, locale.locale(config.organisation.locale), sparklines=context.terminal
        )
        width = shutil.get_terminal_size().columns if context.terminal else None
        context.write(
            grid.markdown(shown) if context.format == "md" else grid.terminal(shown, width=width, colour=context.colour)
        )
    if not complete:
        sys.exit(1)
