"""`finops export`: the cost table as a file."""

from datetime import date

import click

from finops.cli.options import DAY, Context, common


@click.command()
@click.option(
    "--focus", "focus", type=click.Choice(["1.2", "1.3"]), default="1.2", show_default=True, help="Version written."
)
@click.option("--allocated", is_flag=True, help="Add whose cost each row is: project, phase, environment, rule.")
@click.option("--no-extensions", is_flag=True, help="FOCUS columns only, without our own x_ columns.")
@click.option("--month", "months", multiple=True, metavar="YYYY-MM", help="Only this billing month; may be repeated.")
@click.option("--from", "start", type=DAY, help="First day of charges.")
@click.option("--to", "end", type=DAY, help="First day after them.")
@common("parquet", "csv")
def export(
    context: Context,
    *,
    focus: str,
    allocated: bool,
    no_extensions: bool,
    months: tuple[str, ...],
    start: date | None,
    end: date | None,
) -> None:
    """The FOCUS cost table as Parquet or CSV, to the file named with -o."""
    from finops import exporting, periods
    from finops.store.engine import Format

    if context.output is None:
        raise click.UsageError("Name the file to write with -o, for example -o cost.parquet.")
    form = context.format or context.output.suffix.lower().lstrip(".")
    if form not in {"parquet", "csv"}:
        raise click.BadParameter(f"{context.output} says neither .parquet nor .csv; add --format.", param_hint="-o")
    try:
        labels = tuple(periods.month(label).months()[0] for label in months)
    except ValueError as error:
        raise click.BadParameter(f"{error}.", param_hint="--month") from error
    selection = exporting.Selection(
        months=labels,
        start=start,
        end=end,
        known_at=context.known_at,
        extensions=not no_extensions,
        allocated=allocated,
        version="1.3" if focus == "1.3" else "1.2",
    )
    form_named: Format = "csv" if form == "csv" else "parquet"
    rows = exporting.export(context.config(), selection, context.output, form_named, narrate=context.detail)
    context.narrate(f"{rows:,} rows")
    click.echo(context.output)
