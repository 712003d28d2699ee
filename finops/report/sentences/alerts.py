"""Alerts: which budgets are over, or likely to end over, and how budgets are written."""

from finops.report.locale import UNKNOWN, decimals, sentence
from finops.report.model import Alert, Amount, BudgetLine, Figure, NotComputable
from finops.report.sentences.words import Words


class AlertWords(Words):
    """Alerts and budgets."""

    __slots__ = ()

    @property
    def alerts(self) -> str:
        """How many budgets are over, or likely to end over."""
        alerts = self.report.alerts
        if not self.report.budgets and not alerts:
            return self.locale.say("No budget is set, so nothing can overrun")
        if self.report.verdict.state == "incomplete" and not alerts:
            return self.locale.say("Whether a budget overruns is open until the data is complete")
        over = sum(alert.already_over for alert in alerts)
        likely = len(alerts) - over
        parts = []
        if over:
            parts.append(
                self.locale.say_many(
                    "%(number)s budget is over its limit", "%(number)s budgets are over their limit", over
                )
            )
        if likely:
            parts.append(
                self.locale.say_many(
                    "%(number)s budget is likely to end over its limit",
                    "%(number)s budgets are likely to end over their limit",
                    likely,
                )
            )
        return sentence(", ".join(parts)) or self.locale.say("No budget is likely to end over its limit")

    @property
    def budgets(self) -> str:
        """How many budgets there are."""
        count = len(self.report.budgets)
        if not count:
            return self.locale.say("No budget is set")
        return self.locale.say_many("The budget and its outlook", "All %(number)s budgets and their outlook", count)

    def level(self, alert: Alert) -> str:
        """`high` or `medium`."""
        return self.locale.say("high") if alert.level == "high" else self.locale.say("medium")

    def overrun(self, alert: Alert) -> str:
        """When the limit is crossed: a date, `already over`, or a dash."""
        if alert.already_over:
            return self.locale.say("already over")
        return self._near(alert.overrun_on)

    def crossing(self, line: BudgetLine) -> str:
        """When the forecast crosses a budget's limit, or a dash."""
        return self._near(line.overrun_on)

    def period_of(self, budget: Alert | BudgetLine) -> str:
        """The period of one budget."""
        return self.locale.short_period(budget.period, budget.period_label)

    @property
    def alerts_caption(self) -> str:
        """What the alerts table holds, and the unit of the budgets that name none."""
        return self.locale.say(
            "Overrun alerts in %(unit)s; other units stand beside the number",
            unit=self.locale.symbol(self.report.currency),
        )

    @property
    def budgets_caption(self) -> str:
        """The unit of the budgets that name none."""
        return self.locale.say(
            "Limits and forecasts in %(unit)s; other units stand beside the number",
            unit=self.locale.symbol(self.report.currency),
        )

    def in_unit(self, figure: Figure, budget: Alert | BudgetLine) -> str:
        """A shown amount, with its unit where that is not the report's currency."""
        if isinstance(figure, NotComputable):
            return UNKNOWN
        return self._with_unit(self.locale.number(figure.shown, places=self._places_in(budget, figure)), budget)

    def gap_in_unit(self, budget: Alert | BudgetLine) -> str:
        """A shown gap, with its unit where that is not the report's currency."""
        if isinstance(budget.gap, NotComputable):
            return UNKNOWN
        return self._with_unit(self.locale.signed(budget.gap.shown, places=self._places_in(budget, budget.gap)), budget)

    def _with_unit(self, number: str, budget: Alert | BudgetLine) -> str:
        return number if budget.unit == self.report.currency else f"{number}\N{NO-BREAK SPACE}{budget.unit}"

    def _places_in(self, budget: Alert | BudgetLine, figure: Amount) -> int:
        return self.places if budget.unit == self.report.currency else min(2, decimals(figure.shown))
