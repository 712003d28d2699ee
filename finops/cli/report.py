"""`finops report`: the files of one month's report."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from finops.cli.options import Context, common
from finops.cli.progress import watched


@click.command()
@click.option("--month", metavar="YYYY-MM", help="The month to report.  [default: the running one]")
@click.option("--measure", help="What is reported.  [default: the organisation's]")
@common("pdf", "html", "xlsx", "json", "csv", several=True)
def report(context: Context, *, month: str | None, measure: str | None) -> None:
    """PDF, HTML, XLSX and JSON for one month, into -o DIR or reports/."""
    from finops import reporting, series

    if measure is not None and measure not in series.MEASURES:
        raise click.BadParameter(f"{measure!r} is not one of {', '.join(series.MEASURES)}.", param_hint="--measure")
    period = _month(month, context)
    with watched(context) as bar:
        made = reporting.monthly(
            context.config(),
            month=period,
            as_of=context.as_of,
            known_at=context.known_at,
            measure=measure,
            issued_at=datetime.now(UTC),
            warn=bar.warn,
            progress=bar.step,
        )
    formats = (context.format or "pdf,html,xlsx,json").split(",")
    files = reporting.write(made, context.output or Path("reports"), formats)
    for path in files.paths:
        click.echo(path)
    for name, error in files.failed.items():
        click.echo(f"finops: no {name}: {error.what}\n        {error.todo}", err=True)
    if files.failed:
        sys.exit(1)


def _month(label: str | None, context: Context):  # type: ignore[no-untyped-def]  # noqa: ANN202 - a Period, imported late
    from finops import reporting

    try:
        period = reporting.month_named(label, context.as_of)
    except ValueError as error:
        raise click.BadParameter(f"{error}.", param_hint="--month") from error
    if period.start > context.as_of:
        raise click.BadParameter(
            f"{label} lies after {context.as_of}: nothing is known of it yet.", param_hint="--month"
        )
    return period
