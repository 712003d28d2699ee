"""Inputs: everything a report of one period is composed from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from finops.budgets.budget import Budget
from finops.budgets.outlook import Outlook
from finops.budgets.spend import Spend
from finops.findings import Finding
from finops.forecast.backtest import PastMonth
from finops.forecast.late_days import LateDay
from finops.forecast.ledger import Scored
from finops.periods import Period, previous_month
from finops.rates import Rate
from finops.report.coverage import CoverageFact
from finops.report.forecast_table import CreditsEnded, CreditsGoOn, OwnRange
from finops.report.holdings import CommitmentFact, CreditFact
from finops.report.model import Reconciliation, SourceFreshness
from finops.report.slices import NewcomerFact, Slice
from finops.tco.answer import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What a report of one period is composed from.

    Attributes:
        period: reported; `fiscal_year_start` the organisation's first month.
        measure, currency: of every amount.
        as_of: the clock; `known_at` of the table, None for now.
        first_day, data_to, left_out, completed: of the data, as `analysis.Analysis`; `completed_by` says by what.
        holidays: places whose public holidays the forecast knows; `holidays_by` says from where.
        own_ranges: how much wider ranges are than usual, where own past totals say so.
        credits_go_on, credits_ended: what credits take off that the forecast goes on with, and those it goes without.
        total, parts: spend of everything and per project; `not_allocated` the name of the part nobody claims.
        slices: per service of each part, the days of the period and of the month before.
        accounts: the same per account, as slices of one part named `everything`.
        newcomers: kinds of instances that the month before did not have.
        commitments, credits, coverage: of the period, as the tables have them.
        rates: the exchange rates the newest day was converted at.
        tco: what studies of owned against rented say.
        outlooks: of all budgets, judged in the period.
        budgets: as configured; `owners` of projects.
        past: forecasts of earlier months, issued or re-made; scored: those of the ledger whose period is over.
        reconciliation, freshness, findings: of the tables.
        billed, allocated_billed: billed cost of the period, and the part of it with a project.
        run_id, organisation, locale, classification, seed: as printed.
        final: whether the provider closed the period.
    """

    period: Period
    fiscal_year_start: int
    measure: str
    currency: str
    as_of: date
    known_at: datetime | None
    first_day: date
    data_to: date | None
    left_out: tuple[date, ...]
    completed: tuple[LateDay, ...] = ()
    completed_by: str | None = None
    holidays: tuple[str, ...] = ()
    holidays_by: str | None = None
    own_ranges: tuple[OwnRange, ...] = ()
    credits_go_on: CreditsGoOn | None = None
    credits_ended: tuple[CreditsEnded, ...] = ()
    total: Spend
    parts: tuple[Spend, ...]
    not_allocated: str
    slices: tuple[Slice, ...] = ()
    accounts: tuple[Slice, ...] = ()
    newcomers: tuple[NewcomerFact, ...] = ()
    commitments: tuple[CommitmentFact, ...] = ()
    credits: tuple[CreditFact, ...] = ()
    coverage: tuple[CoverageFact, ...] = ()
    rates: tuple[Rate, ...] = ()
    tco: tuple[Answer, ...] = ()
    outlooks: tuple[Outlook, ...]
    budgets: tuple[Budget, ...]
    owners: Mapping[str, str]
    past: Sequence[PastMonth]
    scored: Sequence[Scored] = ()
    reconciliation: Reconciliation
    freshness: tuple[SourceFreshness, ...]
    findings: tuple[Finding, ...]
    billed: Decimal
    allocated_billed: Decimal
    run_id: str
    organisation: str
    locale: str
    classification: str | None
    seed: int
    final: bool

    @property
    def days_known(self) -> int:
        """Complete days at the start of the period."""
        if self.data_to is None:
            return 0
        return max(0, min((self.data_to - self.period.start).days + 1, self.period.days))

    def has_ended(self, source: SourceFreshness) -> bool:
        """Whether a source stopped before the month ahead of the period: an export that another one replaced."""
        return source.data_to is not None and source.data_to < previous_month(self.period).start

    def is_known(self, day: date) -> bool:
        """Whether the day is complete."""
        return self.data_to is not None and day <= self.data_to
