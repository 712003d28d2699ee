"""Pipeline: the one place that orders the steps of ingest and report; every step itself lives on its own floor."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from finops import double_counting, rates
from finops.apportioning import Apportionment
from finops.config import Config
from finops.connector import Progress, Tell, unheard
from finops.findings import Finding
from finops.intake import Intake, Narrate, SourceResult
from finops.quantities import counted
from finops.rates import Rates
from finops.reallocation import Reallocation
from finops.store import engines
from finops.store.engine import Engine
from finops.store.scratch import scratch
from finops.store.tables import Tables


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestResult:
    """What ingest did.

    Attributes:
        sources: one result per source, in the order of the configuration.
        allocated: (source, month) pairs allocated anew.
        findings: about the store as a whole.
    """

    sources: tuple[SourceResult, ...]
    allocated: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...] = ()


def ingest(
    config: Config,
    *,
    narrate: Narrate,
    progress: Progress = unheard,
    tell: Tell = unheard,
    allocate_only: bool = False,
) -> IngestResult:
    """Pull new or restated deliveries of every source, normalise, allocate, store.

    A source that fails leaves its months as they were and does not stop the others.

    Args:
        config: sources, rules and store.
        narrate: told what is read and allocated.
        progress: told how far it has come.
        tell: told what a person should know before it happens, for example what it costs.
        allocate_only: apply the rules to the rows already stored; fetch nothing.

    Raises:
        FinopsError: what concerns the store or the rules, not one source.
    """
    double_counting.refuse(config)
    tables = Tables.at(config.store.path, config.store.url)
    with _working(config) as (engine, workdir):
        intake = Intake(tables=tables, engine=engine, workdir=workdir, narrate=narrate, progress=progress, tell=tell)
        results = tuple(intake.take(entry) for entry in (() if allocate_only else config.sources))
        reallocation = Reallocation(
            tables=tables,
            engine=engine,
            rules=config.rules,
            narrate=narrate,
            apportionment=_apportionment(config),
        )
        rebuilt = reallocation.run()
    return IngestResult(sources=results, allocated=rebuilt, findings=tuple(_not_configured(config, tables)))


def vacuum(config: Config, *, now: datetime) -> int:
    """Remove what was replaced longer ago than `retention_days` of [store], and what killed runs left.

    The daily sums of what is removed stay in the table `vintages`.

    Returns:
        How many files were removed.

    Raises:
        FinopsError: if the store may not be read or written.
    """
    kept_from = now - timedelta(days=config.store.retention_days)
    with _working(config) as (engine, _):
        return Tables.at(config.store.path, config.store.url).vacuum(kept_from, engine)


def _not_configured(config: Config, tables: Tables) -> Iterator[Finding]:
    """Sources whose rows are stored though finops.toml names them no more: after a change of name they count twice."""
    files = tables.cost.files()
    for name in sorted({file.source for file in files} - {entry.source.name for entry in config.sources}):
        rows = sum(file.rows or 0 for file in files if file.source == name)
        yield Finding(
            rule="source.not-configured",
            severity="warning",
            source=name,
            rows=rows,
            message=f"finops.toml no longer names the source {name}; its {counted(rows, 'row')} "
            f"{'stays in the table and counts' if rows == 1 else 'stay in the table and count'}. "
            "If it was given another name, its cost counts twice: name it as before, or ingest into a new store.",
        )


def _apportionment(config: Config) -> Apportionment:
    known = rates.read(config.rates) if config.rates is not None and config.rules.shared else Rates()
    return Apportionment.of(config.rules.shared, rates=known, currency=config.organisation.currency)


@contextmanager
def _working(config: Config) -> Iterator[tuple[Engine, Path]]:
    """An engine and a folder for temporary files, both gone afterwards."""
    with scratch(config.store.spill) as folder:
        spill = folder / "spill"
        spill.mkdir()
        with engines.opened(config.store, spill=spill) as engine:
            yield engine, folder
