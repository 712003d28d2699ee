"""Compose: from spend, outlooks and sums to the frozen `Report`. Pure: everything it needs comes in as arguments."""

from decimal import Decimal

from finops import periods
from finops.budgets.alerts import overruns
from finops.budgets.spend import NotForecast, PeriodOutlook
from finops.report.answer import fan, key_figures, verdict
from finops.report.appendix import accuracy, assumptions, method, quality
from finops.report.bridge import bridge
from finops.report.coverage import coverage
from finops.report.detail import detail, movers
from finops.report.event_effects import event_effects
from finops.report.figures import unit_of
from finops.report.holdings import commitment_lines, credit_lines
from finops.report.inputs import Inputs
from finops.report.issued import ledger_lines
from finops.report.lines import alert_line, budget_line
from finops.report.model import Amount, Bridge, Detail, NotComputable, Report, VarianceTable
from finops.report.slices import Expected, expected
from finops.report.tco_part import tco_part
from finops.report.variance import variance_table
from finops.report.year import fiscal_year


def compose(given: Inputs) -> Report:
    """The report of one period."""
    unit = unit_of(given.total.to_date(given.period))
    whole = given.total.outlook(given.period)
    table = variance_table(given, unit)
    start = given.fiscal_year_start
    services, accounts = _expected(given, whole)
    totals = _totals(table)
    return Report(
        organisation=given.organisation,
        scope="all providers",
        currency=given.currency,
        locale=given.locale,
        measure=given.measure,
        unit=unit,
        period=given.period,
        period_label=given.period.months()[0],
        fiscal_label=periods.fiscal_label(periods.fiscal_year_of(given.period.start, fiscal_year_start=start)),
        fiscal_period=f"P{periods.fiscal_number(given.period.start, fiscal_year_start=start):02d}",
        data_to=given.data_to,
        as_of=given.as_of,
        known_at=given.known_at,
        status="final" if given.final else "provisional",
        run_id=given.run_id,
        classification=given.classification,
        verdict=verdict(given, table, whole),
        key_figures=key_figures(given, table.total, whole, unit),
        fan=fan(given, table.total),
        variance=table,
        budgets=tuple(budget_line(one, given, table, unit) for one in given.outlooks),
        alerts=tuple(alert_line(alert, given, table, unit) for alert in overruns(given.outlooks)),
        accuracy=accuracy(given.past),
        method=method(given),
        assumptions=assumptions(given),
        data_quality=quality(given),
        reconciliation=given.reconciliation,
        allocation_coverage=_coverage(given),
        freshness=given.freshness,
        findings=given.findings,
        bridge=_bridge(given, services, totals, unit),
        year=fiscal_year(given, unit),
        movers=movers(services, unit),
        commitments=commitment_lines(given.commitments, as_of=given.as_of, days_known=given.days_known, unit=unit),
        credits=credit_lines(given.credits, given.period, data_to=given.data_to, unit=unit),
        coverage=coverage(given.coverage, unit),
        services=_detail(services, totals, unit),
        accounts=_detail(accounts, totals, unit),
        issued=ledger_lines(given.scored),
        events=event_effects(given, unit),
        tco=tuple(part for one in given.tco if (part := tco_part(one)) is not None),
    )


def _expected(given: Inputs, whole: PeriodOutlook | NotForecast) -> tuple[list[Expected], list[Expected]]:
    """Services and accounts with what is expected of each; none where the month is not computable."""
    if isinstance(whole, NotForecast):
        return [], []
    outlooks = {part.name: part.outlook(given.period) for part in given.parts}
    parts = {name: one.amount for name, one in outlooks.items() if isinstance(one, PeriodOutlook)}
    everything = {one.part: whole.amount for one in given.accounts}
    return (
        expected(given.slices, parts, given.period, given.data_to),
        expected(given.accounts, everything, given.period, given.data_to),
    )


def _totals(table: VarianceTable) -> dict[str, Amount] | NotComputable:
    """Month before, to date and forecast of everything, as the variance table prints them."""
    found: dict[str, Amount] = {}
    for name in ("previous", "to_date", "forecast"):
        figure = getattr(table.total, name)
        if isinstance(figure, NotComputable):
            return figure
        found[name] = figure
    return found


def _bridge(
    given: Inputs, services: list[Expected], totals: dict[str, Amount] | NotComputable, unit: Decimal
) -> Bridge | NotComputable:
    if isinstance(totals, NotComputable):
        return totals
    closed = given.total.closed(given.period)
    return bridge(
        services,
        totals["previous"],
        totals["forecast"],
        given.period,
        closed=closed,
        unit=unit,
        newcomers=given.newcomers,
    )


def _detail(slices: list[Expected], totals: dict[str, Amount] | NotComputable, unit: Decimal) -> Detail | NotComputable:
    return totals if isinstance(totals, NotComputable) else detail(slices, totals, unit)


def _coverage(given: Inputs) -> Decimal | NotComputable:
    """Billed cost with a project over all billed cost."""
    if not given.billed:
        return NotComputable(reason=f"nothing was billed in {given.period.months()[0]}")
    return given.allocated_billed / given.billed
