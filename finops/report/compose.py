"""Compose: from spend, outlooks and sums to the frozen `Report`. Pure: everything it needs comes in as arguments."""

from decimal import Decimal

from finops import periods
from finops.budgets.alerts import overruns
from finops.report.answer import fan, key_figures, verdict
from finops.report.appendix import accuracy, assumptions, method, quality
from finops.report.figures import unit_of
from finops.report.inputs import Inputs
from finops.report.lines import alert_line, budget_line
from finops.report.model import NotComputable, Report
from finops.report.variance import variance_table


def compose(given: Inputs) -> Report:
    """The report of one period."""
    unit = unit_of(given)
    whole = given.total.outlook(given.period)
    table = variance_table(given, unit)
    start = given.fiscal_year_start
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
        budgets=tuple(budget_line(one, given, unit) for one in given.outlooks),
        alerts=tuple(alert_line(alert, given, unit) for alert in overruns(given.outlooks)),
        accuracy=accuracy(given.past),
        method=method(given),
        assumptions=assumptions(given),
        data_quality=quality(given),
        reconciliation=given.reconciliation,
        allocation_coverage=_coverage(given),
        freshness=given.freshness,
        findings=given.findings,
    )


def _coverage(given: Inputs) -> Decimal | NotComputable:
    """Billed cost with a project over all billed cost."""
    if not given.billed:
        return NotComputable(reason=f"nothing was billed in {given.period.months()[0]}")
    return given.allocated_billed / given.billed
