"""Intake: deliveries of one source into the table `cost`, in one commit, each proved against the export's own text."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finops import plugins
from finops.config import SourceEntry
from finops.connector import (
    Connector,
    ControlTotals,
    Delivery,
    IncompleteDelivery,
    Progress,
    Pulling,
    RawExport,
    Step,
    Tell,
    unheard,
)
from finops.errors import BillError, FinopsError, RetryError
from finops.findings import Finding
from finops.focus import table as cost_table
from finops.money import add, subtract
from finops.store.engine import Engine
from finops.store.lake import DataFile, Staged, hashed, states
from finops.store.receipt import Receipt
from finops.store.tables import Tables

if TYPE_CHECKING:
    import ibis.expr.types as ir

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
class Intake:
    """Reads sources into a store.

    Attributes:
        tables: of the store.
        engine: executes the mappings.
        workdir: existing folder for staged files.
        narrate: told what is read.
        progress: told how many deliveries are done; connectors tell it more.
        tell: told what a person should know before a connector does it.
    """

    tables: Tables
    engine: Engine
    workdir: Path
    narrate: Narrate
    progress: Progress = unheard
    tell: Tell = unheard

    def take(self, entry: SourceEntry) -> SourceResult:
        """Bring the months of one source to what it holds now; on an error they stay as they were."""
        work = _Work(source=entry.source.name)
        try:
            folder = self.workdir / "sources" / work.source
            folder.mkdir(parents=True)
            source = replace(entry.source, progress=self.progress, tell=self.tell)
            return self._take(plugins.connector(entry.connector, source, folder), work)
        except FinopsError as error:
            self.tables.cost.discard(work.staged)
            return SourceResult(source=work.source, error=error)
        except BaseException:
            self.tables.cost.discard(work.staged)
            raise

    def _take(self, connector: Connector, work: "_Work") -> SourceResult:
        deliveries = connector.deliveries()
        seen = self.tables.cost.version()
        active = [file for file in self.tables.cost.files(version=seen) if file.source == work.source]
        known = states(active)
        changed = [d for d in deliveries if known.get((work.source, hashed(d.key))) != {hashed(d.fingerprint)}]
        if foreign := [file for file in active if not file.part]:
            work.findings.append(_foreign(work.source, foreign))
        if changed and isinstance(connector, Pulling):
            connector.pull(changed)
        changed = list(self._read_all(connector, changed, work, _twins(work.source, deliveries)))
        replaced, missing = _replaced(active, deliveries, changed)
        if missing:
            work.findings.append(_gone(work.source, missing))
        if work.staged or replaced:
            why = {"operation": "ingest", "source": work.source, "deliveries": len(changed)}
            self.tables.cost.commit(add=work.staged, remove=replaced, seen=seen, why=why)
        return SourceResult(
            source=work.source,
            changed=tuple(delivery.key for delivery in changed),
            unchanged=len(deliveries) - len(changed),
            months=tuple(sorted({*(file.month for file in work.staged), *(file.month for file in replaced)})),
            rows=sum(file.written.rows for file in work.staged),
            findings=tuple(work.findings),
        )

    def _read_all(
        self,
        connector: Connector,
        deliveries: Sequence[Delivery],
        work: "_Work",
        doubts: Mapping[str, Sequence[Finding]],
    ) -> Iterator[Delivery]:
        """Read deliveries, and give back those that were complete."""
        for done, delivery in enumerate(deliveries):
            self.progress(Step(what=f"{work.source}: reading", done=done, total=len(deliveries), unit="deliveries"))
            self.narrate(f"{work.source}: reading {delivery.key}")
            try:
                self._read(connector, delivery, work, doubts.get(delivery.key, ()))
            except IncompleteDelivery as error:
                work.findings.append(_incomplete(work.source, error))
            else:
                yield delivery

    def _read(self, connector: Connector, delivery: Delivery, work: "_Work", doubts: Sequence[Finding]) -> None:
        """Read one delivery, and refuse it where its files changed meanwhile: parts of two exports are none."""
        before = _seen(delivery)
        try:
            self._map(connector, delivery, work, doubts)
        except BillError as error:
            if _seen(delivery) != before:
                raise ChangedMeanwhile(delivery.key) from error
            raise
        if _seen(delivery) != before:
            raise ChangedMeanwhile(delivery.key)

    def _map(self, connector: Connector, delivery: Delivery, work: "_Work", doubts: Sequence[Finding]) -> None:
        """Map one delivery into one file per month, and prove that no cent was lost or invented on the way."""
        raw = connector.fetch(delivery)
        control = connector.control_totals(raw)
        findings = [
            replace(finding, source=work.source, cost_share=_share(finding, control))
            for finding in (*doubts, *raw.findings, *control.findings)
        ]
        self.engine.bind(raw)
        key = self.engine.bind_texts("delivery", key=delivery.key)
        mapped = work.mapping_of(raw, lambda: cost_table.complete(connector.to_focus(raw), key))
        months = sorted({month for _, month in control.billed})
        expected = None
        if len(months) > 1:
            # One pass over the export, however many months it holds.
            once = self.engine.write(
                mapped, self.workdir / "mapped" / work.source / f"{hashed(delivery.key)}.mapped.parquet"
            )
            mapped, expected = self.engine.bind_written("mapped", [once], self.tables.row_schema), once.rows
        new: list[Staged] = []
        for month in months:
            rows = mapped if expected is None else mapped.filter(cost_table.month(mapped) == month)
            note = _receipt(delivery, control, month, findings if month == months[0] else []).to_json()
            path = self.tables.cost.stage(work.source, month, delivery.key, delivery.fingerprint)
            new.append(Staged(source=work.source, month=month, written=self.engine.write(rows, path, note=note)))
            work.staged.append(new[-1])
        if new:
            written = self.engine.bind_written("written", [file.written for file in new], self.tables.row_schema)
            _prove(delivery, control, self.engine.rows(cost_table.totals(written)), expected)
        work.findings.extend(findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """What one source's intake has made so far."""

    source: str
    staged: list[Staged] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    mappings: "dict[object, ir.Table]" = field(default_factory=dict)

    def mapping_of(self, raw: RawExport, build: "Callable[[], ir.Table]") -> "ir.Table":
        """The mapping of the export's layout, built once: that takes longer than running it on a small month."""
        layout = tuple((table.name, tuple(table.columns.items())) for table in raw.tables)
        if layout not in self.mappings:
            self.mappings[layout] = build()
        return self.mappings[layout]


class ChangedMeanwhile(RetryError):
    """An export was written while it was read."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"{key} changed while it was read; nothing of it was used.", "Run again when the export is complete."
        )


class MoneyNotConserved(BillError):
    """Two readings of the same money differ; nothing is committed."""

    def __init__(self, what: str, where: str, left: Decimal, right: Decimal) -> None:
        super().__init__(
            f"{what}: {where} is {left} on the one side and {right} on the other, off by {subtract(right, left)}.",
            "Nothing was changed; please report it with the export's header line.",
        )


def _replaced(
    active: Iterable[DataFile], deliveries: Iterable[Delivery], changed: Iterable[Delivery]
) -> tuple[list[DataFile], list[DataFile]]:
    """(Files the changed deliveries replace, files of deliveries the source no longer holds).

    A delivery that only got another name is replaced by its new self: same content under a new key. Any other one that
    is gone keeps its rows, since providers and people delete old exports while the money was still spent.
    """
    active = list(active)
    parts = {hashed(delivery.key) for delivery in deliveries}
    renewed = {hashed(delivery.key) for delivery in changed}
    contents = {hashed(delivery.fingerprint) for delivery in changed}
    gone = [file for file in active if file.part not in parts]
    renamed = [file for file in gone if file.state in contents or not file.part]
    missing = [file for file in gone if file not in renamed]
    return [file for file in active if file.part in renewed] + renamed, missing


def _gone(source: str, files: Sequence[DataFile]) -> Finding:
    months = ", ".join(sorted({file.month for file in files}))
    return Finding(
        rule="source.delivery-gone",
        severity="warning",
        source=source,
        rows=sum(file.rows or 0 for file in files),
        message=f"Source {source} no longer holds deliveries read earlier ({months}); their rows stay in the table.",
    )


def _incomplete(source: str, error: IncompleteDelivery) -> Finding:
    return Finding(rule="source.incomplete-delivery", severity="warning", source=source, message=str(error))


def _foreign(source: str, files: Sequence[DataFile]) -> Finding:
    rows = sum(file.rows or 0 for file in files)
    return Finding(
        rule="source.foreign-rows",
        severity="warning",
        source=source,
        rows=rows,
        message=f"Another program wrote {rows} rows of source {source}; what the source holds now replaced them.",
    )


def _twins(source: str, deliveries: Iterable[Delivery]) -> dict[str, list[Finding]]:
    """Deliveries whose content another one repeats, by key: a file copied beside itself counts its cost twice."""
    first: dict[str, str] = {}
    found: dict[str, list[Finding]] = {}
    for delivery in deliveries:
        other = first.setdefault(delivery.fingerprint, delivery.key)
        if other != delivery.key:
            message = f"{delivery.key} holds the same as {other}, so its cost counts twice; remove one if it is a copy."
            found[delivery.key] = [
                Finding(rule="source.same-content", severity="warning", source=source, message=message)
            ]
    return found


def _share(finding: Finding, control: ControlTotals) -> Decimal | None:
    """The share of a delivery's billed cost that a finding concerns; None where that is not computable."""
    whole = add(*(amount for (currency, _), amount in control.billed.items() if currency == finding.currency))
    if finding.cost_share is not None or finding.cost is None or whole <= 0:
        return finding.cost_share
    return min(abs(finding.cost) / whole, Decimal(1))


def _receipt(delivery: Delivery, control: ControlTotals, month: str, findings: Sequence[Finding]) -> Receipt:
    billed = {currency: amount for (currency, at), amount in control.billed.items() if at == month}
    return Receipt(delivery=delivery.key, month=month, billed=billed, rows=control.rows, findings=tuple(findings))


def _prove(delivery: Delivery, control: ControlTotals, totals: Sequence[dict[str, Any]], expected: int | None) -> None:
    """Raise unless the rows written hold exactly what the export's own text adds up to."""
    found = {(row["currency"], row["month"]): row["billed"] for row in totals}
    months = {month for _, month in control.billed}  # rows of another one would lie in the wrong partition
    for currency, month in sorted({*found, *control.billed}, key=str):
        export, table = (sums.get((currency, month)) or Decimal(0) for sums in (control.billed, found))
        if table != export or currency is None or month is None or month not in months:
            raise MoneyNotConserved(delivery.key, f"{month} {currency}", export, table)
    rows = sum(row["rows"] for row in totals)
    if expected is not None and rows != expected:
        raise BillError(
            f"{delivery.key}: {expected - rows} of {expected} rows carry a month that the export's totals do not name.",
            "Nothing was changed; please report this export's layout.",
        )


def _seen(delivery: Delivery) -> list[tuple[int, int] | None]:
    """Size and time of change of every file; None for one that is gone."""
    found: list[tuple[int, int] | None] = []
    for path in delivery.files:
        try:
            state = path.stat()
        except OSError:
            found.append(None)
        else:
            found.append((state.st_size, state.st_mtime_ns))
    return found
