"""The first run of a reading command: what `finops ingest` would have stored is stored first."""

import sys

import click

from finops.cli.options import Context
from finops.cli.progress import watched
from finops.config import Config
from finops.quantities import counted


def ingested(context: Context) -> tuple[Config, bool]:
    """The configuration, with something in its store: exports are read first where nothing was ever stored.

    Once there is a table, reading commands use it as it is: `finops ingest` is what brings in new exports.

    Returns:
        The configuration, and whether every source could be read: a command that answers from the others exits with 1.
    """
    from finops import pipeline
    from finops.store.tables import Tables

    config = context.config()
    tables = Tables.at(config.store.path, config.store.url)
    allocated = tables.allocated
    # An empty table is what a run leaves behind that was stopped before its first commit.
    if allocated.files():
        if context.known_at is not None and (months := tables.from_vintages(known_at=context.known_at)):
            context.narrate(
                f"as known at {context.known_at:%Y-%m-%d %H:%M} UTC: the daily sums of {counted(months, 'month')} "
                "come from the table vintages, as a vacuum removed the rows"
            )
        return config, True
    context.narrate("nothing stored yet: reading the exports first")
    with watched(context) as bar:
        result = pipeline.ingest(config, narrate=bar.narrate, progress=bar.step, tell=bar.tell)
    errors = [(source.source, source.error) for source in result.sources if source.error is not None]
    for name, error in errors:
        click.echo(f"finops: {name}: {error.what}\n        {error.todo}", err=True)
    if errors and not allocated.files():
        sys.exit(1)
    return config, not errors
