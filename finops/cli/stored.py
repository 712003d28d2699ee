"""The first run of a reading command: what `finops ingest` would have stored is stored first."""

import sys

import click

from finops.cli.options import Context
from finops.config import Config


def ingested(context: Context) -> Config:
    """The configuration, with something in its store: exports are read first where nothing was ever stored.

    Once there is a table, reading commands use it as it is: `finops ingest` is what brings in new exports.
    """
    from finops import pipeline
    from finops.store.tables import Tables

    config = context.config()
    # An empty table is what a run leaves behind that was stopped before its first commit.
    if Tables.at(config.store.path).allocated.files():
        return config
    context.narrate("nothing stored yet: reading the exports first")
    result = pipeline.ingest(config, narrate=context.detail)
    failed = [source for source in result.sources if source.error is not None]
    for source in failed:
        if source.error is not None:
            click.echo(f"finops: {source.source}: {source.error.what}\n        {source.error.todo}", err=True)
    if failed:
        sys.exit(1)
    return config
