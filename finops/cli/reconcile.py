"""`finops reconcile`: the cost table against invoices, to the cent."""

import shutil
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path

import click

from finops.cli.options import Context, common

_INCOMPLETE = 3


@click.command()
@click.option(
    "--invoices", "files", type=click.Path(path_type=Path), multiple=True,
    help="CSV with month,source,invoice_id,amount,currency[,account,category]; besides those of finops.toml.",
)  # fmt: skip
@click.option("--month", "months", multiple=True, metavar="YYYY-MM", help="Only this billing month; may be repeated.")
@click.option("--tolerance", default="0.01", show_default=True, help="A difference below it counts as none.")
@click.option("--fail-on", type=click.Choice(["incomplete", "any"]), help="Exit with 3 where not all is equal.")
@common("table", "json", "csv", "md")
def reconcile(
    context: Context, *, files: tuple[Path, ...], months: tuple[str, ...], tolerance: str, fail_on: str | None
) -> None:
    """Compare every invoice with the rows of the cost table; show what differs by invoice, account and category."""
    from finops import invoices, invoicing, periods
    from finops.cli.stored import ingested
    from finops.report import grid, locale, reconciled, records

    try:
        labels = [periods.month(label).months()[0] for label in months]
    except ValueError as error:
        raise click.BadParameter(f"{error}.", param_hint="--month") from error
    try:
        least = Decimal(tolerance)
    except InvalidOperation as error:
        raise click.BadParameter(f"{tolerance!r} is no number.", param_hint="--tolerance") from error
    if not least.is_finite() or least <= 0:
        raise click.BadParameter(f"{tolerance!r} is not above zero.", param_hint="--tolerance")
    config, complete = ingested(context)
    lines = [*invoicing.configured(config), *(line for file in files for line in invoices.read(file))]
    found = invoicing.reconcile(config, lines, months=labels, known_at=context.known_at, tolerance=least)
    if context.format == "json":
        context.write(records.to_json(found, schema=reconciled.SCHEMA))
    elif context.format == "csv":
        context.write(grid.comma_separated(*reconciled.records(found)))
    else:
        shown = reconciled.grid(found, locale.locale(config.organisation.locale))
        width = shutil.get_terminal_size().columns if context.terminal else None
        context.write(
            grid.markdown(shown) if context.format == "md" else grid.terminal(shown, width=width, colour=context.colour)
        )
    if not complete:
        sys.exit(1)
    if fail_on is not None and not found.complete:
        sys.exit(_INCOMPLETE)
