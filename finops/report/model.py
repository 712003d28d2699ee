"""Report: everything a reader sees, already computed. Renderings choose words and order, and do no arithmetic.

Amounts are in the report's currency. Plus in a gap is over budget, adverse. A figure that could not be computed is a
`NotComputable` with its reason, never zero and never None.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from finops.findings import Finding
from finops.periods import Period
from finops.report.issued import LedgerLine

SCHEMA = "finops.report/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotComputable:
    """A figure that could not be computed, and why."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """An amount as it is and as it is shown.

    Attributes:
        exact: every digit, for JSON, CSV and the spreadsheet.
        shown: rounded to the unit of its table or chart, so that shown parts add up to shown totals.
    """

    exact: Decimal
    shown: Decimal


Figure = Amount | NotComputable


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A central range of a total: level (0.8 or 0.95), lower and upper bound."""

    level: Decimal
    low: Amount
    high: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer in one sentence, as parts a rule puts into words.

    Attributes:
        state: incomplete (data is missing: no verdict is given), no-budget, over, under, equal.
        gap: forecast minus budget; NotComputable without a budget.
        gap_ratio: gap over budget (0.062 is 6.2 %); NotComputable where the budget is zero or negative.
        chance_over: probability of ending over budget, 0 to 1.
        missing: for `incomplete`, what is missing, as sentences.
        drivers: the largest contributions to the gap, largest first: (name, gap of that part).
    """

    state: Literal["incomplete", "no-budget", "over", "under", "equal"]
    forecast: Figure
    budget: Figure
    gap: Figure
    gap_ratio: Decimal | NotComputable
    chance_over: Decimal | NotComputable
    missing: tuple[str, ...] = ()
    drivers: tuple[tuple[str, Amount], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFigures:
    """The four figures of the first page.

    Attributes:
        to_date: spend of the period so far.
        to_date_gap: to date minus the budget of the days so far.
        forecast: of the whole period, with its 80 % range.
        budget: of the period; gap and ratio as in the verdict.
        year: outlook of the fiscal year, with its gap to the year's budget.
    """

    to_date: Figure
    to_date_gap: Figure
    forecast: Figure
    forecast_range: Range | NotComputable
    budget: Figure
    gap: Figure
    gap_ratio: Decimal | NotComputable
    year: Figure
    year_gap: Figure
    year_gap_ratio: Decimal | NotComputable


@dataclass(frozen=True, slots=True, kw_only=True)
class FanDay:
    """Cumulative values at the end of one day, exact; None where the line is not drawn.

    `actual` runs through the last complete day; the forecast fields start there (all equal to actual on that day).
    Gap fields are cumulative value minus cumulative budget; None without a budget.
    """

    day: date
    actual: Decimal | None
    forecast: Decimal | None
    low_80: Decimal | None
    high_80: Decimal | None
    low_95: Decimal | None
    high_95: Decimal | None
    budget: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fan:
    """Cumulative spend of the period with forecast and budget, day by day.

    Attributes:
        days: one entry per day of the period, in order.
        data_to: last complete day; None when the period has none yet.
        left_budget_on: first day from which the cumulative actual stays above the budget line; None if it does not.
        paced_by: the months whose course the budget line follows; empty where the budget is spread evenly.
    """

    days: tuple[FanDay, ...]
    data_to: date | None
    left_budget_on: date | None
    paced_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VarianceRow:
    """One line of the variance table.

    Attributes:
        name: budget, project or `not allocated`.
        previous: the whole previous period, actual.
        to_date, budget, forecast: of the period. Shown values foot in rows (gap = forecast - budget) and columns.
        bar: gap over the largest absolute gap of the table, -1 to 1, for the bar in the cell; 0 where not computable.
        chance_over: probability of ending over the budget.
    """

    name: str
    previous: Figure
    to_date: Figure
    budget: Figure
    forecast: Figure
    gap: Figure
    gap_ratio: Decimal | NotComputable
    chance_over: Decimal | NotComputable
    bar: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class VarianceTable:
    """Spend per project against its budget: rows, and the total they add up to."""

    rows: tuple[VarianceRow, ...]
    total: VarianceRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A budget that is, or is likely to end, over its limit.

    Attributes:
        level: high (chance of at least 90 % and gap of at least 5 % of the budget, or already over), medium (60 %).
        name: the budget; `scope` in words, for example `project search`.
        period: of the budget, with its label.
        overrun_on: the day the forecast crosses the limit; None if it does not, or when it already has.
        already_over: whether actual spend is above the limit today.
        owner: who decides; None when nobody is named.
        reason: what drives it, one sentence.
    """

    level: Literal["high", "medium"]
    name: str
    scope: str
    period: Period
    period_label: str
    measure: str
    unit: str
    limit: Figure
    forecast: Figure
    gap: Figure
    gap_ratio: Decimal | NotComputable
    chance_over: Decimal | NotComputable
    overrun_on: date | None
    already_over: bool
    owner: str | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetLine:
    """Every budget with its outlook, also those without an alert."""

    name: str
    scope: str
    period: Period
    period_label: str
    measure: str
    unit: str
    to_date: Figure
    limit: Figure
    forecast: Figure
    gap: Figure
    gap_ratio: Decimal | NotComputable
    chance_over: Decimal | NotComputable
    overrun_on: date | None
    owner: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastForecast:
    """A forecast re-made as it would have been, beside what came.

    Attributes:
        month: the closed month, `2026-09`.
        made_on: cut-off: days after it were not used.
        forecast, low_80, high_80, actual: month totals; `hit` is whether actual lies in the range.
        naive: straight-line extrapolation of the month to date at the same cut-off.
        issued_on: day it was issued, where it stands in the ledger; None where it was made again.
    """

    month: str
    made_on: date
    forecast: Decimal
    low_80: Decimal
    high_80: Decimal
    actual: Decimal
    naive: Decimal
    hit: bool
    issued_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """How good such forecasts have been on this bill.

    Attributes:
        months: oldest first.
        error_ratio: mean absolute error over the closed months' mean; naive_error_ratio the same for straight line.
    """

    months: tuple[PastForecast, ...]
    hits: int
    error_ratio: Decimal
    naive_error_ratio: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """A number the report rests on that the bill does not hold.

    Attributes:
        stale: older than twelve months at the report's as-of date.
    """

    name: str
    value: str
    unit: str
    as_of: date | None
    source: str
    stale: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """What was fitted to what.

    Attributes:
        models: (series name, model in words, reason for a fallback or None).
        history: days used for the total.
        days_left_out: last days seen but not used, as incomplete.
        draws, seed: of the simulation.
    """

    models: tuple[tuple[str, str, str | None], ...]
    history: Period
    days_left_out: tuple[date, ...]
    draws: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityCheck:
    """One line of the data-quality table.

    Attributes:
        name: what was checked; `value` what was found, in words; `effect` on this report, in words.
    """

    name: str
    result: Literal["ok", "check", "fail"]
    value: str
    effect: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationRow:
    """Money from the export to this report, for one source, currency and month, every digit.

    Attributes:
        export: control total of the export's text; None where the source was not read in this store (older version).
        table: billed cost in `cost`; `allocated` and `unallocated` in `allocated`; difference of all: zero.
    """

    source: str
    month: str
    currency: str
    export: Decimal | None
    table: Decimal
    allocated: Decimal
    unallocated: Decimal
    difference: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeStep:
    """One step from billed cost to the measure shown, to the cent: name and signed amount."""

    name: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """From the exports to the figures above.

    Attributes:
        rows: per source, currency and month of the period.
        steps: billed total, then what turns it into the measure shown (purchases of commitments, unused commitment,
            amortised cost, credits), then the measure's total; they add up exactly.
    """

    rows: tuple[ReconciliationRow, ...]
    steps: tuple[BridgeStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFreshness:
    """One source: last day with charges, its months, deliveries and rows."""

    source: str
    provider: str
    data_to: date | None
    deliveries: int
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """What was not there in the month before: a kind of instance, its first day and its cost since."""

    name: str
    first_day: date
    to_date: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeBar:
    """One step of the bridge between two totals; plus is more spend.

    Attributes:
        group: calendar (days in the month), rate (exchange rates), plan (what they add to budget rates), driver (a
            service in a project), rest (its other services, or those of a provider), other (what is left: at most 1 %
            of the start); `finops.drivers` defines the first three.
        newcomer: the largest thing that is new in a driver; None where nothing is.
    """

    name: str
    group: Literal["calendar", "rate", "plan", "driver", "rest", "other"]
    amount: Amount
    newcomer: Newcomer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge:
    """From the month before, as it was, to this month's forecast; shown steps add up to the shown difference.

    Attributes:
        start_month, end_month: labels, `2026-09` and `2026-10`.
        steps: calendar and rate first, then drivers by size, what is left by project, then other.
        end_is_actual: whether the month is over, so that its end is no forecast.
    """

    start_month: str
    end_month: str
    start: Amount
    end: Amount
    steps: tuple[BridgeBar, ...]
    end_is_actual: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FiscalMonth:
    """One month of the fiscal year.

    Attributes:
        state: actual (over), running (partly actual), forecast, or unknown (before the data starts).
        spend: of the whole month; the 80 % range of what is not over yet, else not computable.
    """

    month: str
    state: Literal["actual", "running", "forecast", "unknown"]
    spend: Figure
    range: Range | NotComputable
    budget: Figure
    gap: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class FiscalRow:
    """One line of the year's table.

    Attributes:
        part: to_date (closed months), running (this month), rest (months after it), year (all of it).
        first, last: numbers of its months in the year, 1 to 12, inclusive; 0 where the part is empty.
        actual: complete days; forecast: the whole part.
    """

    part: Literal["to_date", "running", "rest", "year"]
    first: int
    last: int
    actual: Figure
    forecast: Figure
    budget: Figure
    gap: Figure
    gap_ratio: Decimal | NotComputable
    range: Range | NotComputable


@dataclass(frozen=True, slots=True, kw_only=True)
class FiscalYear:
    """The twelve months of the fiscal year in order, and the four lines that add up to it."""

    label: str
    months: tuple[FiscalMonth, ...]
    rows: tuple[FiscalRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailRow:
    """One line of a detail table: a service, or an account; `group` is its provider.

    Attributes:
        previous: whole month before; to_date, forecast: of the period; change: forecast minus previous.
        bar: change over the largest absolute change of the table, -1 to 1; 0 where not computable.
    """

    name: str
    group: str
    previous: Figure
    to_date: Figure
    forecast: Figure
    change: Figure
    change_ratio: Decimal | NotComputable
    bar: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailGroup:
    """The lines of one provider, largest forecast first, and their subtotal."""

    name: str
    rows: tuple[DetailRow, ...]
    subtotal: DetailRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """A long table, grouped, with the total its subtotals add up to."""

    groups: tuple[DetailGroup, ...]
    total: DetailRow


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentLine:
    """A commitment discount used in the period.

    Attributes:
        used, unused: effective cost of covered usage, and of what was paid for and not used.
        utilisation: used over both, 0 to 1.
        covered_at_contract: what the covered usage would have cost without it, in the period so far.
        ends_on: first day it no longer covers; None where the export does not say.
        ends_soon: within 45 days after the as-of date.
        monthly_effect: how much more a month of the same usage costs once it has ended; plus is more.
    """

    identifier: str
    name: str
    kind: str
    provider: str
    used: Amount
    unused: Amount
    utilisation: Decimal | NotComputable
    covered_at_contract: Amount
    ends_on: date | None
    ends_soon: bool
    monthly_effect: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditLine:
    """A credit, by its name; amounts are negative, as they lower the bill.

    Attributes:
        previous, to_date: of the month before, and of the period so far.
        last_day: of a charge with it.
        has_ended: no such credit on the last three complete days, though the days before had it.
    """

    name: str
    provider: str
    previous: Amount
    to_date: Amount
    last_day: date
    has_ended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageLine:
    """Billed cost of the period by what allocates it.

    Attributes:
        name: project, or provider, account and service of what nothing allocates.
        share: of all billed cost of the period, 0 to 1.
    """

    name: str
    rule: str | None
    billed: Amount
    share: Decimal | NotComputable


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How much of the billed cost has a project, by rule, and what has none, the largest first."""

    allocated: Amount
    unallocated: Amount
    share: Decimal | NotComputable
    rules: tuple[CoverageLine, ...]
    open: tuple[CoverageLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventEffect:
    """A dated fact in the forecast of the total.

    Attributes:
        effect: in words, for example `+6% of provider AWS`.
        month, year: what it adds to the period and to its fiscal year; base and events add up to their forecasts.
        chance: that it happens, 0 to 1.
        origin: finops.toml or bill.
    """

    name: str
    starts_on: date
    ends_on: date | None
    effect: str
    month: Amount
    year: Amount
    chance: Decimal
    origin: str


NOT_IN_REPORT = NotComputable(reason="this report was made without it")


@dataclass(frozen=True, slots=True, kw_only=True)
class TcoCurve:
    """One option of a comparison of owned against rented.

    Attributes:
        cumulative: cost at the end of every month, month 0 first, exact.
        refresh_months: in which assets are bought again.
        total: over the horizon, as in the table.
    """

    name: str
    kind: Literal["owned", "rented", "hybrid"]
    cumulative: tuple[Decimal, ...]
    refresh_months: tuple[int, ...]
    total: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class TcoRow:
    """One cost block over the horizon: an amount per option, and the last option less the owned one."""

    block: str
    amounts: tuple[Amount, ...]
    difference: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class TcoSwing:
    """One assumption changed at a time.

    Attributes:
        low, high: its ends; low_month, high_month: break-even month there, None for never within the horizon.
        low_saving, high_saving: what owning saves there in net present value.
    """

    name: str
    unit: str
    low: Decimal
    high: Decimal
    low_month: int | None
    high_month: int | None
    low_saving: Decimal
    high_saving: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class TcoPart:
    """Owned against rented: one study.

    Attributes:
        unit: that its shown amounts are rounded to.
        curves: at most three options: the owned one, its comparator, and the cheapest of the others.
        rows, total, net_present_value: the table of cost blocks; shown amounts add up.
        break_even: first month whose end finds owning no dearer; lost_again: first later month that finds it dearer.
        cheapest: option with the lowest net present value that serves the whole demand.
        saving: what owning saves against the comparator in net present value; chance: that it saves anything.
        swings: largest first; facts: recommendation, what decides, and under which conditions, as sentences.
        inputs: everything it rests on; notes: what is not counted.
    """

    name: str
    currency: str
    unit: Decimal
    horizon_months: int
    discount_rate: Decimal
    owned: str
    comparator: str
    curves: tuple[TcoCurve, ...]
    rows: tuple[TcoRow, ...]
    total: TcoRow
    net_present_value: TcoRow
    break_even: int | NotComputable
    lost_again: int | None
    cheapest: str | NotComputable
    saving: Figure
    chance: Decimal | NotComputable
    swings: tuple[TcoSwing, ...]
    facts: tuple[str, ...]
    inputs: tuple[Assumption, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One month (or another period) of cloud spend against budget.

    Attributes:
        scope: what it covers, in words, for example `all providers`.
        unit: Decimal step amounts of month tables are shown in, for example 1.
        period_label: `2026-10`; `fiscal_label` `2026/27`; `fiscal_period` `P07`.
        data_to: last complete day of data used, inclusive; None without data.
        as_of: the clock of this report.
        status: provisional until the provider closed the month.
        run_id: hash over inputs, rules, versions and as_of.
        known_at: what the table was known as; None for now.
        allocation_coverage: allocated over all billed cost of the period, 0 to 1.
        bridge, year, movers, commitments, credits, coverage, services, accounts, tco: parts of the full report; movers
            are the services whose forecast differs most from the month before, the largest change first.
        issued: how good the forecasts in the ledger were, per kind of period and stage; empty where none is over.
        events: dated facts in the forecast, with what each adds.
    """

    organisation: str
    scope: str
    currency: str
    locale: str
    measure: str
    unit: Decimal
    period: Period
    period_label: str
    fiscal_label: str
    fiscal_period: str
    data_to: date | None
    as_of: date
    known_at: datetime | None
    status: Literal["provisional", "final"]
    run_id: str
    classification: str | None
    verdict: Verdict
    key_figures: KeyFigures
    fan: Fan | NotComputable
    variance: VarianceTable
    budgets: tuple[BudgetLine, ...]
    alerts: tuple[Alert, ...]
    accuracy: Accuracy | NotComputable
    method: Method | NotComputable
    assumptions: tuple[Assumption, ...]
    data_quality: tuple[QualityCheck, ...]
    reconciliation: Reconciliation
    allocation_coverage: Decimal | NotComputable
    freshness: tuple[SourceFreshness, ...]
    findings: tuple[Finding, ...]
    bridge: Bridge | NotComputable = NOT_IN_REPORT
    year: FiscalYear | NotComputable = NOT_IN_REPORT
    movers: tuple[DetailRow, ...] = ()
    commitments: tuple[CommitmentLine, ...] = ()
    credits: tuple[CreditLine, ...] = ()
    coverage: Coverage | NotComputable = NOT_IN_REPORT
    services: Detail | NotComputable = NOT_IN_REPORT
    accounts: Detail | NotComputable = NOT_IN_REPORT
    tco: tuple[TcoPart, ...] = ()
    issued: tuple[LedgerLine, ...] = ()
    events: tuple[EventEffect, ...] = ()
