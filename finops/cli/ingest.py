"""`finops ingest`: pull, normalise, allocate, store."""

import sys
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from finops.cli.options import Context, common
from finops.cli.progress import watched
from finops.quantities import counted

if TYPE_CHECKING:
    from finops.findings import Finding


@click.command()
@click.option("--allocate-only", is_flag=True, help="Apply changed rules to the rows already stored; fetch nothing.")
@click.option(
    "--vacuum", is_flag=True, help="Then remove what was replaced longer ago than retention_days; daily sums stay."
)
@common()
def ingest(context: Context, *, allocate_only: bool, vacuum: bool) -> None:
    """Pull new or restated deliveries from every source, normalise, allocate, store."""
    from finops import pipeline

    config = context.config()
    with watched(context) as bar:
        result = pipeline.ingest(
            config, narrate=bar.narrate, progress=bar.step, tell=bar.tell, allocate_only=allocate_only
        )
    for source in result.sources:
        for line, times in Counter(_line(source.source, finding) for finding in source.findings).items():
            context.narrate(f"{line}{f' ({times} times)' if times > 1 else ''}")
    for source in result.sources:
        if source.error is not None:
            click.echo(f"finops: {source.source}: {source.error.what}\n        {source.error.todo}", err=True)
        elif source.months:
            months = f"{source.months[0]} to {source.months[-1]}" if len(source.months) > 1 else "".join(source.months)
            context.narrate(
                f"{source.source}: {counted(source.rows, 'row')} from "
                f"{counted(len(source.changed), 'new or restated delivery', 'new or restated deliveries')} "
                f"({months}), {source.unchanged} unchanged"
            )
        else:
            context.narrate(
                f"{source.source}: nothing new, {counted(source.unchanged, 'delivery', 'deliveries')} unchanged"
            )
    for finding in result.findings:
        context.narrate(f"{finding.severity:7} {finding.message}")
    if result.allocated:
        context.narrate(f"allocated {counted(len(result.allocated), 'month')} anew")
    if vacuum:
        removed = pipeline.vacuum(config, now=datetime.now(UTC))
        context.narrate(
            f"vacuum: {counted(removed, 'file')} removed; rows are kept as known since "
            f"{config.store.retention_days} days, daily sums for good"
        )
    if any(source.error is not None for source in result.sources):
        sys.exit(1)


def _line(source: str, finding: "Finding") -> str:
    share = f" ({finding.cost_share:.1%} of its cost)" if finding.cost_share is not None else ""
    return f"{finding.severity:7} {source}: {finding.message}{share}"
