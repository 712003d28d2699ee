"""Diagnosis: what stands between this configuration and its reports, each trouble with its remedy."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from finops import plugins, rates
from finops.config import Config, SourceEntry
from finops.connector import Check, Checked, CheckStatus, Connector, Delivery, Permitted, Source
from finops.errors import ConfigurationError, FinopsError
from finops.quantities import counted
from finops.report import pdf
from finops.store.engine import DuckDB
from finops.store.lake import hashed, states
from finops.store.scratch import scratch
from finops.store.tables import Tables

SCHEMA: Final = "finops.doctor/1"
CONFIGURATION: Final = "configuration"
_LATE_DAYS = 3
"""Days without charges before a source counts as late: providers deliver within one or two."""
_WORST: Final[tuple[CheckStatus, ...]] = ("failed", "warning", "ok")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of the tool, and what was looked at in it."""

    name: str
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """Everything that was looked at.

    Attributes:
        status: the worst one of all checks.
        parts: configuration, store, one per source, reports.
    """

    as_of: date
    status: CheckStatus
    parts: tuple[Part, ...]

    @property
    def is_misconfigured(self) -> bool:
        """Whether the configuration itself must be changed."""
        broken = next(part for part in self.parts if part.name == CONFIGURATION)
        return any(check.status == "failed" for check in broken.checks)


def diagnose(config: Config | ConfigurationError, *, as_of: date, known_at: datetime | None = None) -> Diagnosis:
    """Look at configuration, store, every source and the PDF libraries.

    Asks the providers of the sources that have one, by calls that are free of charge. Without a valid configuration
    there is nothing to look at but the PDF libraries.

    Args:
        config: the settings, or why there are none.
        as_of: the clock that freshness is measured by.
        known_at: the tables as they were then; None for now.
    """
    parts = list(_parts(config, as_of, known_at))
    found = {check.status for part in parts for check in part.checks}
    return Diagnosis(as_of=as_of, status=next(one for one in _WORST if one in found), parts=tuple(parts))


def policy(name: str, config: Config | None) -> str:
    """The least-privilege policy of a source, or of a connector with placeholders for its location.

    Args:
        name: of a source of the configuration, else of an installed connector.
        config: where sources are looked up; None where there is no configuration.

    Raises:
        ConfigurationError: if nothing has that name, or its connector needs no rights at a provider.
    """
    entries = {entry.source.name: entry for entry in (() if config is None else config.sources)}
    entry = entries.get(name) or SourceEntry(connector=name, source=Source(name=name, location=None))
    with scratch() as folder:
        connector = plugins.connector(entry.connector, entry.source, folder)
    if not isinstance(connector, Permitted):
        raise NoPolicy(entry.connector)
    return connector.policy()


class NoPolicy(ConfigurationError):
    """A connector reads files alone."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The connector {name!r} publishes no policy: it asks no provider for rights.",
            "Nothing has to be granted to use it.",
        )


def _parts(config: Config | ConfigurationError, as_of: date, known_at: datetime | None) -> Iterator[Part]:
    if isinstance(config, ConfigurationError):
        yield Part(name=CONFIGURATION, checks=(_failed("file", config),))
    else:
        yield Part(name=CONFIGURATION, checks=tuple(_configuration(config)))
        tables = Tables.at(config.store.path, config.store.url)
        last_days = dict(_last_days(tables, as_of, known_at))
        yield Part(name="store", checks=(_store(config, tables, known_at),))
        for entry in config.sources:
            checks = [*_source(entry, tables), _freshness(last_days.get(entry.source.name), as_of)]
            yield Part(name=f"source {entry.source.name}", checks=tuple(checks))
    yield Part(name="reports", checks=(_pdf(),))


def _configuration(config: Config) -> Iterator[Check]:
    sources = "1 source" if len(config.sources) == 1 else f"{len(config.sources)} sources"
    yield Check(name="file", status="ok", message=f"{config.file} is valid: {sources}, {len(config.budgets)} budgets.")
    if not config.sources:
        yield Check(
            name="sources",
            status="warning",
            message="No [[sources]] say where the bills come from.",
            todo="Let finops init find exports, or add a [[sources]] entry.",
        )
    if config.unused:
        yield Check(
            name="settings",
            status="warning",
            message=f"This version does not use {', '.join(config.unused)} yet.",
            todo="Nothing has to be done; these settings have no effect.",
        )
    if config.rates is not None:
        try:
            rates.read(config.rates)
        except FinopsError as error:
            yield _failed("rates", error)
        else:
            yield Check(name="rates", status="ok", message=f"{config.rates} is valid.")


def _store(config: Config, tables: Tables, known_at: datetime | None) -> Check:
    try:
        files = tables.cost.files(known_at=known_at)
        allocated = tables.allocated.files(known_at=known_at)
    except FinopsError as error:
        return _failed("tables", error)
    if broken := [file.uri for file in (*files, *allocated) if file.part and not file.state]:
        return Check(
            name="tables",
            status="failed",
            message=f"{counted(len(broken), 'data file')} of {config.store.place} "
            f"{'is' if len(broken) == 1 else 'are'} gone or cut short: {broken[0]}"
            f"{' and others' if len(broken) > 1 else ''}.",
            todo="Type: finops ingest, which makes them again from the exports.",
        )
    if not files:
        return Check(
            name="tables",
            status="warning",
            message=f"{config.store.place} holds no table yet.",
            todo="Type: finops ingest",
        )
    months = sorted({file.month for file in files})
    rows = sum(file.rows or 0 for file in files)
    return Check(
        name="tables",
        status="ok",
        message=f"{config.store.place} holds {rows:,} rows of {len(months)} months, {months[0]} to {months[-1]}.",
    )


def _source(entry: SourceEntry, tables: Tables) -> Iterator[Check]:
    """What the connector says about itself, and what its source holds."""
    with scratch() as folder:
        try:
            connector = plugins.connector(entry.connector, entry.source, folder)
        except ConfigurationError as error:
            yield _failed("connector", error)
            return
        checks = connector.checks() if isinstance(connector, Checked) else []
        yield from checks
        # A connector that has looked at its exports itself did so because listing them is not free of charge.
        if not any(check.status == "failed" or check.name == "exports" for check in checks):
            yield _deliveries(entry, connector, tables)


def _deliveries(entry: SourceEntry, connector: Connector, tables: Tables) -> Check:
    try:
        found = connector.deliveries()
        new = _new(entry.source.name, found, tables)
    except FinopsError as error:
        return _failed("exports", error)
    if not found:
        return Check(
            name="exports",
            status="warning",
            message="The source holds no delivery yet.",
            todo="A new export starts within 24 hours; look again then, or check the source's location.",
        )
    message = f"{_counted(len(found))}, {new or 'none'} of them new or restated since the last ingest."
    return Check(name="exports", status="ok", message=message, todo="Type: finops ingest" if new else None)


def _new(source: str, deliveries: list[Delivery], tables: Tables) -> int:
    known = states([file for file in tables.cost.files() if file.source == source])
    return sum(known.get((source, hashed(each.key))) != {hashed(each.fingerprint)} for each in deliveries)


def _last_days(tables: Tables, as_of: date, known_at: datetime | None) -> Iterator[tuple[str, date]]:
    """The last day with charges per source, none later than the clock."""
    try:
        if not tables.partitions(known_at=known_at):
            return
        with scratch() as spill, DuckDB(memory_limit="1GB", spill=spill) as engine:
            allocated = tables.read_allocated(engine, known_at=known_at)
            seen = allocated.filter(allocated.x_Day <= as_of)
            for row in engine.rows(seen.group_by("x_Source").agg(last=seen.x_Day.max())):
                yield row["x_Source"], row["last"]
    except FinopsError:
        return  # the store's own check says why it cannot be read


def _freshness(last: date | None, as_of: date) -> Check:
    if last is None:
        return Check(
            name="freshness",
            status="warning",
            message="No charges of this source are stored.",
            todo="Type: finops ingest",
        )
    days = (as_of - last).days
    if days <= _LATE_DAYS:
        return Check(name="freshness", status="ok", message=f"Charges are stored up to {last}.")
    return Check(
        name="freshness",
        status="warning",
        message=f"The last charges stored are of {last}, {days} days before {as_of}.",
        todo="Type: finops ingest. If nothing is new, look whether the provider still delivers this export.",
    )


def _pdf() -> Check:
    try:
        version = pdf.libraries()
    except FinopsError as error:
        return _failed("PDF libraries", error)
    return Check(name="PDF libraries", status="ok", message=f"Pango {version} sets the pages.")


def _failed(name: str, error: FinopsError) -> Check:
    return Check(name=name, status="failed", message=error.what, todo=error.todo)


def _counted(deliveries: int) -> str:
    return "1 delivery" if deliveries == 1 else f"{deliveries:,} deliveries"
