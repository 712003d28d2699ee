"""Checking: the stored table held against the specification, the exports and the budgets, for a gate of CI or cron."""

from dataclasses import dataclass
from datetime import date, datetime

from finops import digest, quality
from finops.analysis import analyse, reading
from finops.budgets.alerts import OverrunAlert, overruns
from finops.config import Config
from finops.errors import BillError
from finops.findings import Finding
from finops.focus import conformance, conformity
from finops.focus.conformity import Conformity
from finops.quality import Quality
from finops.store import receipt


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Checked:
    """What `finops check` found.

    Attributes:
        findings: of the data, the most severe first.
        overruns: budgets that are over, or likely to end over, their limit; empty where none is asked for.
        conformity: how the table stands to the specification; None where that was not asked for.
    """

    findings: tuple[Finding, ...]
    overruns: tuple[OverrunAlert, ...] = ()
    conformity: Conformity | None = None

    @property
    def is_incomplete(self) -> bool:
        """Whether a finding says that figures are wrong without a fix."""
        return any(finding.severity == "error" for finding in self.findings)


def against_focus(config: Config, *, known_at: datetime | None, months: tuple[str, ...] = ()) -> Checked:
    """Hold what `finops export` would write against the rules of FOCUS 1.2.

    Args:
        config: store.
        known_at: the table as it was then; None for now.
        months: billing months; empty for all.

    Raises:
        NothingStored: if nothing was ever ingested.
        NoRows: if no month fits.
    """
    with reading(config) as (tables, engine):
        files = [f for f in tables.cost.files(known_at=known_at) if f.month in months or not months]
        rows = tables.read_cost(engine, files)
        words = conformance.words(engine.rows(conformance.words_used(rows)))
        # Kept once: the rules are asked in several queries.
        table = engine.keep("conforming", conformance.conforming(rows, words))
        counts = [row for query in conformity.counted(table) for row in engine.rows(query)]
    if not counts:
        raise NoRows(months)
    found = conformity.judged(counts, dict(table.schema().items()))
    return Checked(findings=_sorted(found.findings), conformity=found)


def data_and_budgets(
    config: Config, *, as_of: date, known_at: datetime | None, months: tuple[str, ...] = ()
) -> Checked:
    """Gather what was doubtful in the exports behind the table, and the budgets that need a decision.

    Raises:
        FinopsError: nothing is stored or known.
    """
    with reading(config) as (tables, engine):
        files = [f for f in tables.cost.files(known_at=known_at) if f.month in months or not months]
        receipts = {(f.source, f.part): receipt.parsed(tables.cost.note(f)) for f in files}
        findings = [finding for one in receipts.values() if one is not None for finding in one.findings]
        cost = tables.read_cost(engine, files)
        findings += quality.all_findings(engine.rows(quality.by_day(cost)), as_of=as_of)
        findings += quality.repeated_findings(engine.rows(quality.repeated(cost)))
        alerts: tuple[OverrunAlert, ...] = ()
        if config.budgets:
            alerts = overruns(analyse(config, tables, engine, as_of=as_of, known_at=known_at).outlooks)
    return Checked(findings=_sorted(findings), overruns=alerts)


def newest_quality(config: Config, *, as_of: date, known_at: datetime | None) -> tuple[Quality, ...]:
    """The quality of the last month of every source, as known at a time and up to a day."""
    with reading(config) as (tables, engine):
        label = f"{as_of:%Y-%m}"
        months: dict[str, str] = {}
        for source, month in tables.partitions(known_at=known_at):
            if month <= label:
                months[source] = max(month, months.get(source, ""))
        notes = tables.notes(months.items(), known_at=known_at)
        digests = {partition: digest.parsed(note) for partition, note in notes.items()}
        days = [day for one in digests.values() if one is not None for day in one.days]
        bare = {partition for partition, one in digests.items() if one is None}  # another program's files
        if bare:
            rows = [file for file in tables.cost.files(known_at=known_at) if (file.source, file.month) in bare]
            days += engine.rows(quality.by_day(tables.read_cost(engine, rows)))
    return quality.qualities(days, as_of=as_of)


class NoRows(BillError):
    """There is nothing to check."""

    def __init__(self, months: tuple[str, ...]) -> None:
        which = f" in {', '.join(months)}" if months else ""
        super().__init__(f"The cost table has no rows{which}.", "Ask for other months, or ingest first.")


_SEVERITIES = ("error", "warning", "info")


def _sorted(findings: "list[Finding] | tuple[Finding, ...]") -> tuple[Finding, ...]:
    """The most severe first, then the dearest, then by name."""
    return tuple(
        sorted(
            findings,
            key=lambda f: (_SEVERITIES.index(f.severity), -(f.cost_share or 0), f.source or "", f.rule, f.message),
        )
    )
