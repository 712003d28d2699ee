"""Reporting: one month's `Report` from the tables, and its files."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from finops import __version__, breakdown, evidence, ownership, periods
from finops.analysis import NOT_ALLOCATED, Analysis, analyse, reading
from finops.config import Config
from finops.errors import AccessError, FinopsError
from finops.evidence import Evidence
from finops.forecast.backtest import PastMonth, past_months
from finops.forecast.forecaster import History
from finops.local_files import fingerprint
from finops.periods import Period
from finops.rates import Rate
from finops.report import html, machine, pdf, xlsx
from finops.report.compose import compose
from finops.report.inputs import Inputs
from finops.report.locale import locale
from finops.report.model import Report
from finops.report.sentences import Sentences
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


def monthly(config: Config, *, month: Period, as_of: date, known_at: datetime | None, measure: str | None) -> Report:
    """The report of one month.

    Raises:
        FinopsError: nothing is stored, known or comparable.
    """
    day = min(as_of, month.last_day)
    with reading(config) as (tables, engine):
        analysis = analyse(config, tables, engine, as_of=as_of, known_at=known_at, day=day, measure=measure)
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
            total=analysis.total,
            parts=analysis.parts,
            not_allocated=NOT_ALLOCATED,
            slices=told.services,
            accounts=told.accounts,
            newcomers=told.newcomers,
            commitments=told.commitments,
            credits=told.credits,
            coverage=told.coverage,
            rates=_rates(analysis, found),
            tco=_ownership(config, as_of),
            outlooks=analysis.outlooks,
            budgets=config.budgets,
            owners=projects,
            past=_past(analysis, month, config.forecast.seed),
            reconciliation=found.reconciliation,
            freshness=found.freshness,
            findings=found.findings,
            billed=found.billed,
            allocated_billed=found.allocated_billed,
            run_id=_run_id(config, month, as_of, found.states),
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
    makers: Mapping[str, Callable[[], bytes]] = {
        "pdf": lambda: _pdf(report),
        "html": lambda: _html(report),
        "xlsx": lambda: xlsx.render(report),
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


def _pdf(report: Report) -> bytes:
    attached = {"report-data.csv": machine.to_csv(report), "report.xlsx": xlsx.render(report)}
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


def _rates(analysis: Analysis, found: Evidence) -> tuple[Rate, ...]:
    """The newest rate of every other currency in the month."""
    day = analysis.data_to or analysis.as_of
    currencies = sorted({row.currency for row in found.reconciliation.rows})
    newest = (analysis.conversion.newest(currency, day) for currency in currencies)
    return tuple(rate for rate in newest if rate is not None)


def _past(analysis: Analysis, month: Period, seed: int) -> list[PastMonth]:
    """Forecasts made again in the closed months before this one, from the same day of the month."""
    if analysis.total.forecast is None or analysis.data_to is None:
        return []
    history = analysis.total.forecast.history
    before = History(start=history.start, values=history.values[: max((month.start - history.start).days, 0)])
    day = analysis.data_to.day if analysis.data_to in month else month.days
    return past_months(before, cut_off_day=min(day, _LATEST_CUT_OFF), months=PAST_MONTHS, seed=seed)


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
