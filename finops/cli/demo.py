"""`finops demo`: the whole job on the bundled sample bill."""

import shutil
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import click

from finops.cli.options import Context, common
from finops.cli.progress import watched
from finops.quantities import counted

_MONTH = "2026-10"
_AS_OF = date(2026, 10, 21)
"""The day after the sample bill's last charges."""


@click.command()
@common("pdf", "html", "xlsx", "json", "csv", several=True)
def demo(context: Context) -> None:
    """The whole job on the bundled sample bill: PDF, HTML, XLSX and JSON in one folder (-o, by default demo/)."""
    from finops import config as settings
    from finops import periods, pipeline, reporting, resources

    folder = context.output or Path("demo")
    bill = folder / "bill"
    _copy(resources.sample_data(), bill)
    config = settings.load(bill / settings.FILE, variables={})
    context.narrate(f"Sample bill of {config.organisation.name}: {len(config.sources)} sources in {bill}")
    with watched(context) as bar:
        result = pipeline.ingest(config, narrate=bar.narrate, progress=bar.step, tell=bar.tell)
    for source in result.sources:
        if source.error is not None:
            raise source.error
        deliveries = counted(len(source.changed), "delivery", "deliveries")
        context.narrate(f"  {source.source}: {counted(source.rows, 'row')}, {deliveries}")
    month = periods.month(_MONTH)
    with watched(context) as bar:
        report = reporting.monthly(
            config,
            month=month,
            as_of=_AS_OF,
            known_at=context.known_at,
            measure=None,
            issued_at=datetime.now(UTC),
            warn=bar.warn,
            progress=bar.step,
        )
    context.narrate(reporting.answer(report))
    files = reporting.write(report, folder, (context.format or "pdf,html,xlsx,json").split(","))
    for path in files.paths:
        click.echo(path)
    for name, error in files.failed.items():
        click.echo(f"finops: no {name}: {error.what}\n        {error.todo}", err=True)
    context.narrate(f"Next: cd {bill} && finops forecast --as-of {_AS_OF}")
    if files.failed:
        sys.exit(1)


def _copy(sample: Path, folder: Path) -> None:
    """A fresh copy of the exports; a store of an earlier demo stays, so a second run shows that nothing is new."""
    from finops.errors import AccessError

    ignored = shutil.ignore_patterns("*.py", "__pycache__", ".*", "bill", "TRUTH.json")
    try:
        shutil.copytree(sample, folder, ignore=ignored, dirs_exist_ok=True)
    except OSError as error:
        raise AccessError(
            f"The sample bill cannot be copied to {folder}: {error}.", "Name another folder with -o."
        ) from error
