"""Variance: who carries the gap between forecast and budget."""

from datetime import date
from decimal import Decimal

from finops.report.locale import is_month, sentence, shown
from finops.report.model import Amount, VarianceRow
from finops.report.sentences.words import Words

_MOST = Decimal("0.5")
"""From this share of the gap on, one part is said to carry most of it."""


class VarianceWords(Words):
    """The variance table."""

    __slots__ = ()

    @property
    def variance(self) -> str:
        """Who carries the gap."""
        say, verdict = self.locale.say, self.report.verdict
        total = shown(self.report.variance.total.gap)
        if verdict.state == "incomplete":
            return say("Spend by project so far")
        if verdict.state == "no-budget" or total is None:
            return self._variance_without_budget()
        gaps = _gaps_towards(self.report.variance.rows, total)
        if total == 0 or not gaps:
            return say("Gaps of the projects cancel out")
        name, gap = self.short_name(gaps[0][0]), gaps[0][1]
        return self._who_carries(name, gap / total, len(gaps)) if total > 0 else self._who_saves(name, gap / total)

    @property
    def variance_caption(self) -> str:
        """Measure, period and unit of the variance table."""
        return self.locale.say(
            "%(measure)s by project, %(period)s, in %(unit)s",
            measure=sentence(self.measure),
            period=self.period,
            unit=self.locale.symbol(self.report.currency),
        )

    @property
    def variance_columns(self) -> tuple[str, str, str, str]:
        """Heads of the four amount columns: earlier actual, to date, budget, forecast."""
        say, period = self.locale.say, self.report.period
        if not is_month(period):
            return say("Previous actual"), say("To date"), say("Budget"), say("Forecast")
        month = self.locale.short_month(period.start)
        previous = self.locale.short_month(_month_before(period.start))
        return (
            say("%(month)s actual", month=previous),
            say("%(month)s to date", month=month),
            say("%(month)s budget", month=month),
            say("%(month)s forecast", month=month),
        )

    def others(self, number: int) -> str:
        """The row that stands for projects not shown on their own."""
        return sentence(self.locale.say_many("%(number)s other project", "%(number)s other projects", number))

    @property
    def shortened(self) -> str:
        """Where the rows a table does not show are."""
        return self.locale.say("Projects with the largest gaps; all are in the attached data.")

    def _variance_without_budget(self) -> str:
        rows = [(row.name, value) for row in self.report.variance.rows if (value := shown(row.forecast)) is not None]
        if not rows:
            return self.locale.say("Spend by project")
        name, value = max(rows, key=lambda row: row[1])
        amount = self.locale.money(value, self.report.currency, places=self.places)
        return self.locale.say(
            "%(name)s is the largest project, at %(amount)s", name=self.short_name(name), amount=amount
        )

    def _who_carries(self, name: str, share: Decimal, parts: int) -> str:
        say = self.locale.say
        if share >= 1:
            return say("%(name)s carries the whole overrun", name=name)
        if share >= _MOST:
            return say("%(name)s carries most of the overrun", name=name)
        return self.locale.say_many(
            "%(number)s project shares the overrun", "The overrun is spread over %(number)s projects", parts
        )

    def _who_saves(self, name: str, share: Decimal) -> str:
        if share >= _MOST:
            return self.locale.say("%(name)s accounts for most of the room under budget", name=name)
        return self.locale.say("Several projects together stay under budget")


def _gaps_towards(rows: tuple[VarianceRow, ...], total: Decimal) -> list[tuple[str, Decimal]]:
    """Rows whose gap goes the way of the total, largest first."""
    gaps = [(row.name, row.gap.shown) for row in rows if isinstance(row.gap, Amount) and row.gap.shown * total > 0]
    return sorted(gaps, key=lambda gap: -abs(gap[1]))


def _month_before(day: date) -> date:
    return date(day.year - (day.month == 1), (day.month - 2) % 12 + 1, 1)
