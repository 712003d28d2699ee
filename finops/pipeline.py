"""Pipeline: the one place that orders the steps of ingest and report; every step itself lives on its own floor."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finops import allocation, plugins
from finops.config import Config, SourceEntry
from finops.connector import Connector, ControlTotals, Delivery
from finops.errors import BillError, ConfigurationError, FinopsError
from finops.findings import Finding
from finops.focus import table as cost_table
from finops.money import add
from finops.store.engine import Engine
from finops.store.lake import DataFile, Staged, hashed, states
from finops.store.receipt import Receipt
from finops.store.tables import Tables

if TYPE_CHECKING:
    import pyarrow as pa

Narrate = Callable[[str], None]
"""Takes one line for a person who waits; what it does with it is the caller's business."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceResult:
    """What ingest did with one source.

    Attributes:
        changed: keys of deliveries read because they were new or restated.
        unchanged: how many were as before.
        months: billing months rewritten.
        rows: written.
        findings: of the deliveries read now.
        error: why nothing of this source changed; None when it went well.
    """

    source: str
    changed: tuple[str, ...] = ()
    unchanged: int = 0
    months: tuple[str, ...] = ()
    rows: int = 0
    findings: tuple[Finding, ...] = ()
    error: FinopsError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestResult:
    """What ingest did.

    Attributes:
        allocated: (source, month) pairs allocated anew.
    """

    sources: tuple[SourceResult, ...]
    allocated: tuple[tuple[str, str], ...]


def ingest(config: Config, *, narrate: Narrate, allocate_only: bool = False) -> IngestResult:
    """Pull new or restated deliveries of every source, normalise, allocate, store.

    A source that fails leaves its months as they were and does not stop the others.

    Raises:
        FinopsError: what concerns the store or the rules, not one source.
    """
    if config.store.engine != "duckdb":
        raise ConfigurationError(
            f"[store] engine is {config.store.engine!r}.", 'This version runs on engine = "duckdb".'
        )
    tables = Tables.at(config.store.path)
    with _working(config) as (engine, workdir):
        entries = () if allocate_only else config.sources
        results = tuple(_ingest_source(entry, tables, engine, workdir, narrate) for entry in entries)
        rebuilt = allocate(config, tables, engine, narrate)
    return IngestResult(sources=results, allocated=rebuilt)


@contextmanager
def _working(config: Config) -> Iterator[tuple[Engine, Path]]:
    """An engine and a folder for temporary files, both gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="finops-") as folder:
        spill = Path(folder) / "spill"
        spill.mkdir()
        with Engine(memory_limit=config.store.memory_limit, spill=spill) as engine:
            yield engine, Path(folder)


# ── cost ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _ingest_source(entry: SourceEntry, tables: Tables, engine: Engine, workdir: Path, narrate: Narrate) -> SourceResult:
    name = entry.source.name
    staged: list[Staged] = []
    try:
        folder = workdir / name
        folder.mkdir()
        connector = plugins.connector(entry.connector, entry.source, folder)
        deliveries = connector.deliveries()
        seen, active = tables.cost.version(), [file for file in tables.cost.files() if file.source == name]
        known = states(active)
        changed = [d for d in deliveries if known.get((name, hashed(d.key))) != {hashed(d.fingerprint)}]
        replaced, missing = _replaced(name, active, deliveries, changed)
        findings: list[Finding] = [] if not missing else [_missing(name, missing)]
        for delivery in changed:
            narrate(f"{name}: reading {delivery.key}")
            findings += _read(connector, delivery, name, tables, engine, folder, staged)
        if changed or replaced:
            why = {"source": name, "deliveries": len(changed), "operation": "ingest"}
            tables.cost.commit(add=staged, remove=replaced, seen=seen, why=why)
    except FinopsError as error:
        for file in staged:
            file.written.path.unlink(missing_ok=True)
        return SourceResult(source=name, error=error)
    return SourceResult(
        source=name,
        changed=tuple(delivery.key for delivery in changed),
        unchanged=len(deliveries) - len(changed),
        months=tuple(sorted({file.month for file in (*staged, *replaced)})),
        rows=sum(file.written.rows for file in staged),
        findings=tuple(findings),
    )


def _replaced(
    source: str, active: Sequence[DataFile], deliveries: Sequence[Delivery], changed: Sequence[Delivery]
) -> tuple[list[DataFile], list[DataFile]]:
    """(Files the changed deliveries replace, files of deliveries the source no longer holds).

    A delivery that only got another name is replaced by its new self: same content under a new key. Any other one that
    is gone keeps its rows, since providers and people delete old exports while the money was still spent.
    """
    parts = {hashed(delivery.key) for delivery in deliveries}
    renewed = {hashed(delivery.key) for delivery in changed}
    contents = {hashed(delivery.fingerprint) for delivery in changed}
    gone = [file for file in active if file.part not in parts]
    renamed = [file for file in gone if file.state in contents or not file.part]
    missing = [file for file in gone if file not in renamed]
    return [file for file in active if file.part in renewed] + renamed, missing


def _missing(source: str, files: Sequence[DataFile]) -> Finding:
    months = ", ".join(sorted({file.month for file in files}))
    return Finding(
        rule="source.delivery-gone",
        severity="warning",
        source=source,
        rows=sum(file.rows or 0 for file in files),
        message=f"Source {source} no longer holds deliveries read earlier ({months}); their rows stay in the table.",
    )


def _read(
    connector: Connector,
    delivery: Delivery,
    source: str,
    tables: Tables,
    engine: Engine,
    workdir: Path,
    staged: list[Staged],
) -> list[Finding]:
    """Map one delivery into one file per month, and prove that no cent was lost or invented on the way."""
    raw = connector.fetch(delivery)
    control = connector.control_totals(raw)
    findings = [replace(finding, source=source) for finding in (*raw.findings, *control.findings)]
    engine.bind(raw)
    mapped = cost_table.complete(connector.to_focus(raw), delivery)
    months = sorted({month for _, month in control.billed})
    expected = None
    if len(months) > 1:
        # One pass over the export, however many months it holds.
        once = engine.write(mapped, workdir / f"{hashed(delivery.key)}.mapped.parquet")
        mapped, expected = engine.bind_written("mapped", [once], tables.row_schema), once.rows
    new: list[Staged] = []
    for month in months:
        rows = mapped if expected is None else mapped.filter(cost_table.month(mapped) == month)
        note = _receipt(delivery, control, month, findings if month == months[0] else []).to_json()
        path = tables.cost.stage(source, month, delivery.key, delivery.fingerprint)
        staged.append(Staged(source=source, month=month, written=engine.write(rows, path, note=note)))
        new.append(staged[-1])
    if new:
        written = engine.bind_written("written", [file.written for file in new], tables.row_schema)
        _prove(delivery, control, engine.rows(cost_table.totals(written)), expected)
    return findings


def _receipt(delivery: Delivery, control: ControlTotals, month: str, findings: Sequence[Finding]) -> Receipt:
    billed = {currency: amount for (currency, at), amount in control.billed.items() if at == month}
    return Receipt(delivery=delivery.key, month=month, billed=billed, rows=control.rows, findings=tuple(findings))


def _prove(delivery: Delivery, control: ControlTotals, totals: Sequence[dict[str, Any]], expected: int | None) -> None:
    """Raise unless the rows written hold exactly what the export's own text adds up to."""
    found = {(row["currency"], row["month"]): row["billed"] for row in totals}
    for currency, month in sorted({*found, *control.billed}, key=str):
        table, export = (sums.get((currency, month)) or Decimal(0) for sums in (found, control.billed))
        if table != export or currency is None or month is None:
            raise MoneyNotConserved(delivery.key, f"{month} {currency}", export, table)
    rows = sum(row["rows"] for row in totals)
    if expected is not None and rows != expected:
        raise BillError(
            f"{delivery.key}: {expected - rows} of {expected} rows carry a billing month that the export's totals do not name.",
            "Nothing was changed; please report this export's layout.",
        )


class MoneyNotConserved(BillError):
    """Two readings of the same money differ; nothing is committed."""

    def __init__(self, what: str, where: str, left: Decimal, right: Decimal) -> None:
        super().__init__(
            f"{what}: {where} adds up to {left} on the one side and {right} on the other, a difference of {add(right, -left)}.",
            "Nothing was changed; please report it with the export's header line.",
        )


# ── allocated ─────────────────────────────────────────────────────────────────────────────────────────────────


def allocate(config: Config, tables: Tables, engine: Engine, narrate: Narrate) -> tuple[tuple[str, str], ...]:
    """Bring `allocated` to the state of `cost` and the rules; only months that differ are made again.

    Returns:
        The (source, month) pairs made again or removed.

    Raises:
        FinopsError: nothing was changed then.
    """
    seen, version = tables.allocated.version(), tables.cost.version()
    wanted = _partitions(tables.cost.files(version=version) if version is not None else [])
    active = _partitions(tables.allocated.files())
    assigner = allocation.Assigner(config.rules)
    stale: list[DataFile] = []
    staged: list[Staged] = []
    changed: list[tuple[str, str]] = []
    try:
        for partition, files in sorted(wanted.items()):
            state = _allocated_state(files, config.rules)
            have = active.pop(partition, [])
            if [file.state for file in have] == [hashed(state)]:
                continue
            source, month = partition
            narrate(f"{source}: allocating {month}")
            staged.append(_allocate_month(files, state, config.rules, assigner, tables, engine))
            stale += have
            changed.append(partition)
        stale += [file for files in active.values() for file in files]
        changed += active
        if changed:
            why = {"operation": "allocate", "rules": config.rules.fingerprint}
            tables.allocated.commit(add=staged, remove=stale, seen=seen, why=why, built_from=version)
    except FinopsError:
        for file in staged:
            file.written.path.unlink(missing_ok=True)
        raise
    return tuple(changed)


def _partitions(files: Iterable[DataFile]) -> dict[tuple[str, str], list[DataFile]]:
    found: dict[tuple[str, str], list[DataFile]] = {}
    for file in files:
        found.setdefault((file.source, file.month), []).append(file)
    return found


def _allocated_state(files: Sequence[DataFile], rules: allocation.Rules) -> str:
    """Changes when the rows of the month or the rules change."""
    return " ".join([rules.fingerprint, *(file.path for file in files)])


def _allocate_month(
    files: Sequence[DataFile],
    state: str,
    rules: allocation.Rules,
    assigner: allocation.Assigner,
    tables: Tables,
    engine: Engine,
) -> Staged:
    source, month = files[0].source, files[0].month
    cost = tables.read_cost(engine, files)
    grouped = engine.keep("grouped", allocation.grouped(cost, rules))
    keys = engine.rows(allocation.distinct_keys(grouped, rules))
    assignments = engine.bind_rows("assignments", _assignments(keys, rules, assigner))
    path = tables.allocated.stage(source, month, "allocated", state)
    written = engine.write(allocation.allocated(grouped, assignments, rules), path)
    staged = Staged(source=source, month=month, written=written)
    try:
        result = engine.bind_written("result", [written], tables.allocated_schema)
        _prove_allocated(
            f"{source} {month}", engine.rows(allocation.totals(cost)), engine.rows(allocation.totals(result))
        )
    except FinopsError:
        path.unlink(missing_ok=True)
        raise
    return staged


def _assignments(keys: Sequence[dict[str, Any]], rules: allocation.Rules, assigner: allocation.Assigner) -> "pa.Table":
    import pyarrow as pa

    names = [f"k{at}" for at in range(len(rules.columns))]
    assigned = [assigner.assign(tuple(row[name] for name in names)) for row in keys]
    columns = {name: [row[name] for row in keys] for name in names}
    columns |= {
        "x_Project": [one.project for one in assigned],
        "x_Phase": [one.phase for one in assigned],
        "x_Environment": [one.environment for one in assigned],
        "x_AllocationRule": [one.rule for one in assigned],
    }
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})


def _prove_allocated(what: str, cost: Sequence[dict[str, Any]], allocated: Sequence[dict[str, Any]]) -> None:
    """Raise unless `allocated` holds exactly the four costs of `cost`, per currency."""
    left, right = ({row["BillingCurrency"]: row for row in rows} for rows in (cost, allocated))
    for currency in sorted({*left, *right}, key=str):
        for name in allocation.COSTS:
            before, after = (side[currency][name] if currency in side else Decimal(0) for side in (left, right))
            if before != after:
                raise MoneyNotConserved(what, f"{name} {currency}", before, after)
