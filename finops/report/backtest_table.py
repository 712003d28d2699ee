"""Backtest table: how good forecasts of past months were per series, as a record and as rows of words and numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from finops.report.grid import Column, Grid, Row
from finops.report.issued import LedgerLine, PastIssued
from finops.report.locale import Locale
from finops.report.model import NotComputable
from finops.report.records import digits, schema_document

SCHEMA = "finops.backtest/1"
_NONE = "–"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """How far one series' forecasts were off; shares, 0.05 is five per cent."""

    months: int
    error: Decimal
    run_rate: Decimal
    seasonal_naive: Decimal
    variance: Decimal
    in_80_range: Decimal
    band: str
    naive_is_as_good: bool
    totals: int
    as_known_then: int
    used: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredSeries:
    """One series and its scores, or why there are none."""

    name: str
    scores: Scores | NotComputable


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """Forecasts as they were issued, beside what came.

    Attributes:
        lines: the KPI per kind of period and stage.
        forecasts: every one whose period is over.
        open: how many wait for the end of their period.
        not_scored: how many are about what the table no longer tells apart, or in another currency.
    """

    lines: tuple[LedgerLine, ...]
    forecasts: tuple[PastIssued, ...]
    open: int
    not_scored: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestTable:
    """Forecasts of past months, made again as they would have been, beside what came; and those really issued.

    Attributes:
        known_from: day from which the store tells what was known when.
    """

    measure: str
    currency: str
    by: str
    as_of: date
    known_at: datetime | None
    cut_off_days: tuple[int, ...]
    known_from: date | None
    series: tuple[ScoredSeries, ...]
    total: ScoredSeries
    ledger: Ledger = Ledger(lines=(), forecasts=(), open=0, not_scored=0)


SCHEMA_DOCUMENT: Final[dict[str, Any]] = schema_document(BacktestTable, schema=SCHEMA, title="A finops backtest")

_HEADER = ("error", "run_rate", "seasonal_naive", "variance", "in_80_range")


def backtest_grid(table: BacktestTable, words: Locale) -> Grid:
    """What `finops backtest` shows."""
    days = " and ".join(str(day) for day in table.cut_off_days)
    return Grid(
        title=f"Past months forecast again from day {days}  {table.measure}  {table.currency}",
        columns=(
            Column(header=table.by.removeprefix("tag:").capitalize(), align="left"),
            Column(header="Months", dropped=4),
            Column(header="Error"),
            Column(header="Run-rate", dropped=1),
            Column(header="Seasonal naive", dropped=2),
            Column(header="Over forecast", dropped=3),
            Column(header="In 80% range"),
            Column(header="Level", align="left", dropped=5),
        ),
        rows=tuple(Row(cells=_cells(one, words)) for one in table.series),
        total=Row(cells=_cells(table.total, words)),
        notes=tuple(_notes(table)),
    )


def ledger_grid(table: BacktestTable, words: Locale) -> Grid:
    """The ledger as `finops backtest` shows it: the KPI of the forecasts issued."""
    ledger = table.ledger
    notes = [
        f"{ledger.open} more wait for the end of their period." if ledger.open else "",
        f"{ledger.not_scored} cannot be scored: another currency, or a scope the table no longer holds."
        if ledger.not_scored
        else "",
        "" if ledger.lines else "No forecast issued so far has reached the end of its period.",
    ]
    hindsight = sum(line.in_hindsight for line in ledger.lines if line.stage != "all")
    if hindsight:
        notes.append(f"{hindsight} were made after their period had ended, by a clock set back.")
    return Grid(
        title="Forecasts issued, beside what came",
        columns=(
            Column(header="Period", align="left"),
            Column(header="Made", align="left"),
            Column(header="Forecasts", dropped=1),
            Column(header="In 80% range"),
            Column(header="In 95% range", dropped=4),
            Column(header="Over forecast", dropped=3),
            Column(header="Error"),
            Column(header="Level", align="left"),
            Column(header="Run-rate", dropped=2),
            Column(header="Seasonal naive", dropped=2),
        ),
        rows=tuple(Row(cells=_ledger_cells(line, words)) for line in ledger.lines),
        notes=tuple(note for note in notes if note),
    )


def _ledger_cells(line: LedgerLine, words: Locale) -> tuple[str, ...]:
    stages = {"start": "first third", "middle": "second third", "end": "last third", "all": "at any time"}

    def share(value: Decimal | None) -> str:
        return _NONE if value is None else words.share(value)

    return (
        line.period,
        stages[line.stage],
        words.count(line.forecasts),
        f"{line.hits_80} of {line.forecasts}",
        f"{line.hits_95} of {line.forecasts}",
        _NONE if line.variance is None else words.percent(line.variance),
        share(line.error),
        line.band or _NONE,
        share(line.run_rate),
        share(line.seasonal_naive),
    )


def backtest_records(table: BacktestTable) -> tuple[list[str], list[list[str]]]:
    """Header and rows for CSV: plain numbers, the total last."""
    rows = []
    for one in (*table.series, table.total):
        if isinstance(one.scores, NotComputable):
            rows.append([one.name, "0", *[""] * len(_HEADER), "", "", "0", "0", ""])
            continue
        numbers = [digits(getattr(one.scores, name)) for name in _HEADER]
        told = (one.scores.band, str(one.scores.naive_is_as_good).lower())
        counts = (str(one.scores.totals), str(one.scores.as_known_then))
        rows.append([one.name, str(one.scores.months), *numbers, *told, *counts, one.scores.used])
    return [table.by, "months", *_HEADER, "band", "naive_is_as_good", "totals", "as_known_then", "used"], rows


def _cells(one: ScoredSeries, words: Locale) -> tuple[str, ...]:
    if isinstance(one.scores, NotComputable):
        return (one.name, *[_NONE] * 7)
    scores = one.scores
    return (
        one.name,
        str(scores.months),
        words.share(scores.error),
        words.share(scores.run_rate),
        words.share(scores.seasonal_naive),
        words.percent(scores.variance),
        words.share(scores.in_80_range),
        scores.band,
    )


def _notes(table: BacktestTable) -> list[str]:
    scored = [one for one in (*table.series, table.total) if isinstance(one.scores, Scores)]
    simple = [one.name for one in scored if isinstance(one.scores, Scores) and one.scores.naive_is_as_good]
    return [
        "Error: absolute, over what came. Over forecast: plus is more spent than forecast.",
        "Level: FinOps bands of 12% (run), 15% (walk) and 20% (crawl).",
        *([f"A simple method is as good for {', '.join(simple)}."] if simple else []),
        *(f"{name} is forecast by {used}: it did clearly better." for name, used in _simply(scored)),
        *_known(table, scored),
        *(
            f"{one.name}: {one.scores.reason}"
            for one in (*table.series, table.total)
            if isinstance(one.scores, NotComputable)
        ),
    ]


def _simply(scored: Sequence[ScoredSeries]) -> list[tuple[str, str]]:
    used = [(one.name, one.scores.used) for one in scored if isinstance(one.scores, Scores)]
    return [(name, method) for name, method in used if method != "model"]


def _known(table: BacktestTable, scored: Sequence[ScoredSeries]) -> list[str]:
    """Whether the past forecasts rest on what was known then."""
    totals = sum(one.scores.totals for one in scored if isinstance(one.scores, Scores))
    then = sum(one.scores.as_known_then for one in scored if isinstance(one.scores, Scores))
    if not totals:
        return []
    since = "" if table.known_from is None else f"; the store tells what was known when since {table.known_from}"
    if then == totals:
        return ["Made again by what was known then."]
    some = "Made again by" if not then else f"{then} of {totals} made again by what was known then, the others by"
    return [f"{some} today's figures of the days then{since}."]
