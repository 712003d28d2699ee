"""Reporting: one month's `Report` from the tables, and its files."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

from finops import __version__, breakdown, evidence, issuing, ownership, periods, public_holidays, scoring
from finops.analysis import Analysis, analyse, reading
from finops.commitments import Agreement
from finops.config import Config
from finops.connector import Progress
from finops.errors import AccessError, FinopsError
from finops.evidence import Evidence
from finops.forecast.backtest import PastMonth, past_months
from finops.forecast.ledger import Scored
from finops.local_files import fingerprint
from finops.money import to_float
from finops.periods import Period
from finops.planning import NOT_ALLOCATED
from finops.rates import Rate
from finops.report import html, machine, pdf, xlsx
from finops.report.compose import compose
from finops.report.forecast_table import own_ranges
from finops.report.holdings import CommitmentFact
from finops.report.inputs import Inputs
from finops.report.locale import locale
from finops.report.model import Report
from finops.report.sentences import Sentences
from finops.series import Scope
from finops.tco.answer import Answer

FORMATS = ("pdf", "html", "xlsx", "json", "csv")
PAST_MONTHS = 6
_DRAWS = 20_000
"""Of comparisons of owned against rented: a chance in whole percent needs no more."""
_LATEST_CUT_OFF = 30
"""Day of a past month: its last one would leave nothing to forecast."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """What was written, and what could not be.

    Attributes:
        paths: in the order asked for.
        failed: formats that could not be written, with the reason.
    """

    paths: tuple[Path, ...]
    failed: Mapping[str, FinopsError]


def monthly(
    config: Config,
    *,
    month: Period,
    as_of: date,
    known_at: datetime | None,
    measure: str | None,
    issued_at: datetime | None = None,
    warn: Callable[[str], None] = lambda _: None,
    progress: Progress = lambda _: None,
) -> Report:
    """The report of one month.

    Args:
        config: everything finops.toml says.
        month: reported.
        as_of: the clock.
        known_at: the table as it was then; None for now.
        measure: None for the organisation's.
        issued_at: now, where its forecasts go into the ledger; None where they do not.
        warn: told, in one line, where the ledger could not be written; the report itself stands.
        progress: told how many series are forecast.

    Raises:
        FinopsError: nothing is stored, known or comparable.
    """
    day = min(as_of, month.last_day)
    with reading(config) as (tables, engine):
        analysis = analyse(
            config, tables, engine, as_of=as_of, known_at=known_at, day=day, measure=measure, progress=progress
        )
        past = scoring.past(config, tables, engine, analysis)
        if issued_at is not None:
            try:
                issuing.issue(config, tables, analysis, command="report", issued_at=issued_at)
            except AccessError as error:
                warn(f"{error.what} The forecasts of this report are not kept in the ledger.")
        found = evidence.gather(
            tables,
            engine,
            month=month,
            measure=analysis.measure,
            as_of=as_of,
            known_at=known_at,
            conversion=analysis.conversion,
        )
        told = breakdown.gather(
            tables,
            engine,
            month=month,
            measure=analysis.measure,
            as_of=as_of,
            data_to=analysis.data_to,
            known_at=known_at,
            conversion=analysis.conversion,
            rules=config.rules,
        )
    projects = {project.name: project.owner for project in config.projects if project.owner}
    return compose(
        Inputs(
            period=month,
            fiscal_year_start=config.organisation.fiscal_year_start,
            measure=analysis.measure,
            currency=analysis.currency,
            as_of=as_of,
            known_at=known_at,
            first_day=analysis.first_day,
            data_to=analysis.data_to,
            left_out=analysis.left_out,
            completed=analysis.completed,
            completed_by=str(analysis.filled) if analysis.completed else None,
            holidays=analysis.holidays,
            holidays_by=public_holidays.source() if analysis.holidays else None,
            own_ranges=own_ranges(analysis.widths),
            credits_go_on=analysis.credits,
            credits_ended=analysis.credits_ended,
            total=analysis.total,
            parts=analysis.parts,
            not_allocated=NOT_ALLOCATED,
            slices=told.services,
            accounts=told.accounts,
            newcomers=told.newcomers,
            commitments=tuple(_stated(fact, config.commitments) for fact in told.commitments),
            credits=told.credits,
            coverage=told.coverage,
            rates=_rates(analysis, found),
            tco=_ownership(config, as_of),
            outlooks=analysis.outlooks,
            budgets=config.budgets,
            owners=projects,
            past=_past(analysis, month, past.scored, config.forecast.seed),
            scored=past.scored,
            reconciliation=found.reconciliation,
            freshness=found.freshness,
            findings=found.findings,
            billed=found.billed,
            allocated_billed=found.allocated_billed,
            run_id=_run_id(config, month, as_of, [*found.states, *(one.issued.entry for one in past.scored)]),
            organisation=config.organisation.name,
            locale=config.organisation.locale,
            classification=config.report.classification,
            seed=config.forecast.seed,
            final=found.final,
        )
    )


def answer(report: Report) -> str:
    """The verdict in one line, in the report's language."""
    words = Sentences(report, locale(report.locale))
    return " ".join((f"{words.verdict}.", *words.verdict_details))


def write(report: Report, folder: Path, formats: Sequence[str]) -> Files:
    """Write the report's files, named by its period; one that cannot be made does not stop the others.

    Raises:
        AccessError: if the folder may not be written.
    """
    workbook = cache(lambda: xlsx.render(report))  # a file of its own, and attached to the PDF
    makers: Mapping[str, Callable[[], bytes]] = {
        "pdf": lambda: _pdf(report, workbook()),
        "html": lambda: _html(report),
        "xlsx": workbook,
        "json": lambda: machine.to_json(report).encode(),
        "csv": lambda: machine.to_csv(report),
    }
    paths: list[Path] = []
    failed: dict[str, FinopsError] = {}
    for name in formats:
        path = folder / f"{report.period_label}.{name}"
        try:
            content = makers[name]()
        except FinopsError as error:
            failed[name] = error
            continue
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except OSError as error:
            raise AccessError(f"{path} cannot be written: {error.strerror}.", "Name another folder with -o.") from error
        paths.append(path)
    return Files(paths=tuple(paths), failed=failed)


def _pdf(report: Report, workbook: bytes) -> bytes:
    attached = {"report-data.csv": machine.to_csv(report), "report.xlsx": workbook}
    return pdf.render(report, attachments=attached)


def _html(report: Report) -> bytes:
    return html.render(report).encode()


def _ownership(config: Config, as_of: date) -> tuple[Answer, ...]:
    """What the scenario files of finops.toml say."""
    if not config.tco:
        return ()
    return ownership.answers(
        ownership.studies(config.tco),
        as_of=as_of,
        seed=config.forecast.seed,
        draws=_DRAWS,
        fiscal_year_start=config.organisation.fiscal_year_start,
    ).studies


def _stated(fact: CommitmentFact, agreements: Sequence[Agreement]) -> CommitmentFact:
    """A commitment with the end and the name that finops.toml tells, where it does."""
    told = next((one for one in agreements if one.is_called(fact.identifier)), None)
    return fact if told is None else replace(fact, ends_on=told.end, name=told.name or fact.name)


def _rates(analysis: Analysis, found: Evidence) -> tuple[Rate, ...]:
    """The newest rate of every other currency in the month."""
    day = analysis.data_to or analysis.as_of
    currencies = sorted({row.currency for row in found.reconciliation.rows})
    newest = (analysis.conversion.newest(currency, day) for currency in currencies)
    return tuple(rate for rate in newest if rate is not None)


def _past(analysis: Analysis, month: Period, scored: Sequence[Scored], seed: int) -> list[PastMonth]:
    """Forecasts of the closed months before this one: as issued where the ledger has one, else made again.

    Of several that were issued the one made nearest to this report's day of the month counts.
    """
    if analysis.total.forecast is None or analysis.data_to is None:
        return []
    history = analysis.total.forecast.history
    before = history.until(month.start)
    day = analysis.data_to.day if analysis.data_to in month else month.days
    issued = _issued_months(analysis, scored, day)
    again = past_months(before, cut_off_day=min(day, _LATEST_CUT_OFF), months=PAST_MONTHS, seed=seed, leave_out=issued)
    found = {one.month: one for one in again} | {name: one for name, one in issued.items() if name < str(month.start)}
    return [found[name] for name in sorted(found)][-PAST_MONTHS:]


def _issued_months(analysis: Analysis, scored: Sequence[Scored], day: int) -> dict[str, PastMonth]:
    mine = [
        one
        for one in scored
        if (one.issued.measure, one.issued.unit, one.issued.scope) == (analysis.measure, analysis.currency, Scope())
        and one.issued.period == periods.month_of(one.issued.period.start)
        and one.issued.data_to in one.issued.period
        and not one.issued.in_hindsight
    ]
    found: dict[str, PastMonth] = {}
    for one in sorted(mine, key=lambda one: -abs(one.issued.data_to.day - day)):
        low, high = one.issued.range(Decimal("0.80"))
        said = one.issued.forecast if one.issued.run_rate is None else one.issued.run_rate
        found[one.issued.period.months()[0]] = PastMonth(
            month=one.issued.period.months()[0],
            made_on=one.issued.data_to,
            mean=to_float(one.issued.forecast),
            low_80=to_float(low),
            high_80=to_float(high),
            actual=to_float(one.actual),
            naive=to_float(said),
            issued_on=one.issued.issued_at.date(),
        )
    return found


def _run_id(config: Config, month: Period, as_of: date, states: Sequence[str]) -> str:
    """A hash over inputs, rules, budgets, versions and the clock: the same for the same report, and nothing else."""
    said = [__version__, str(month), as_of.isoformat(), config.rules.fingerprint, *states]
    said += [repr(budget) for budget in config.budgets] + [repr(config.organisation), repr(config.forecast)]
    if config.plan:
        said.append(repr(sorted(config.plan.items())))
    if config.rates is not None:
        said.append(fingerprint([config.rates], mapping="rates"))
    if config.tco:
        said.append(fingerprint(config.tco, mapping="tco"))
    return hashlib.blake2b(json.dumps(said).encode(), digest_size=6).hexdigest()


def month_named(label: str | None, as_of: date) -> Period:
    """The month asked for; without a name the running one.

    Raises:
        ValueError: if the label is no month.
    """
    return periods.month_of(as_of) if label is None else periods.month(label)
