"""Sentences: every heading and conclusion of a report, built by rule from its numbers.

A rule has a case for over, under, equal, no budget and incomplete data. Words are in `say` and `say_many`, where a
translation replaces them; names from the bill are values, never part of a message.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from finops.findings import Finding
from finops.money import add
from finops.report.locale import UNKNOWN, Locale, Scale, decimals, full_stop, is_month, places_of, sentence, shown
from finops.report.model import (
    Accuracy,
    Alert,
    Amount,
    BudgetLine,
    Fan,
    Figure,
    NotComputable,
    QualityCheck,
    Report,
    VarianceRow,
)

_MOST = Decimal("0.5")
"""From this share of the gap on, one part is said to carry most of it."""

_DRIVERS_NAMED = 2
_NAME_LENGTH = 48
_MISSING_NAMED = 4


@dataclass(frozen=True, slots=True)
class Sentences:
    """The words of one report in one language."""

    report: Report
    locale: Locale

    # Answer page

    @property
    def title(self) -> str:
        """`Cloud cost report, November 2026`."""
        return self.locale.say("Cloud cost report, %(period)s", period=self.period)

    @property
    def period(self) -> str:
        """`November 2026`, or the label of a longer period."""
        return self.locale.period(self.report.period, self.report.period_label)

    @property
    def subject(self) -> str:
        """The period as the subject of a sentence: `November`."""
        whole_month = is_month(self.report.period)
        return self.locale.month(self.report.period.start) if whole_month else self.report.period_label

    @property
    def measure(self) -> str:
        """The measure in words: `effective cost`."""
        say = self.locale.say
        known = {
            "billed_cost": say("billed cost"),
            "effective_cost": say("effective cost"),
            "list_cost": say("list cost"),
            "contracted_cost": say("contracted cost"),
            "accelerator_hours": say("accelerator-hours"),
            "vcpu_hours": say("vCPU-hours"),
            "memory_gb_hours": say("memory GB-hours"),
            "flop": say("FLOP"),
            "energy_kwh": say("energy, kWh"),
            "co2e_kg": say("kg CO2e"),
        }
        return known.get(self.report.measure, self.report.measure)

    @property
    def stamp(self) -> tuple[str, ...]:
        """What the figures are of and until when, as parts of one line."""
        report, say = self.report, self.locale.say
        parts = [
            self.data_to,
            say("Fiscal year %(year)s, period %(period)s", year=report.fiscal_label, period=report.fiscal_period),
            say("Prepared %(day)s", day=self.locale.day(report.as_of)),
            say("Status: %(status)s", status=self.status),
        ]
        if report.known_at is not None:
            known = f"{self.locale.day(report.known_at.date())}, {report.known_at:%H:%M}"
            parts.append(say("As known on %(time)s", time=known))
        return tuple(parts)

    @property
    def status(self) -> str:
        """`provisional` or `final`."""
        return self.locale.say("final") if self.report.status == "final" else self.locale.say("provisional")

    @property
    def data_to(self) -> str:
        """Until when charges are complete; days are UTC days."""
        if self.report.data_to is None:
            return self.locale.say("No data yet")
        return self.locale.say("Data to %(day)s, 23:59 UTC", day=self.locale.day(self.report.data_to))

    @property
    def footer(self) -> str:
        """Data stamp, status and fingerprint of the run."""
        run = self.locale.say("run %(run)s", run=self.report.run_id)
        return f"{self.data_to} · {self.status} · {run}"

    @property
    def finished(self) -> bool:
        """Whether every day of the period is in, so that nothing is left to forecast."""
        return self.report.data_to is not None and self.report.data_to >= self.report.period.last_day

    @property
    def verdict(self) -> str:
        """The answer in one line; for incomplete data that there is none."""
        state = self.report.verdict.state
        if state == "incomplete":
            return self.locale.say("Data is incomplete: %(subject)s has no verdict", subject=self.subject)
        if state == "no-budget":
            return self._verdict_without_budget()
        return self._how_it_ended() if self.finished else self._where_it_heads()

    @property
    def verdict_details(self) -> tuple[str, ...]:
        """The sentences under the verdict: what is missing, or forecast, budget, chance and what drives the gap."""
        verdict, say = self.report.verdict, self.locale.say
        if verdict.state == "incomplete":
            more = len(verdict.missing) - _MISSING_NAMED
            tail = (sentence(self.locale.say_many("%(number)s more.", "%(number)s more.", more)),) if more > 0 else ()
            return (*verdict.missing[:_MISSING_NAMED], *tail)
        forecast, budget = self.money(verdict.forecast), self.money(verdict.budget)
        if isinstance(verdict.budget, NotComputable):
            return (self._why(verdict.budget), self._why(verdict.forecast))
        if isinstance(verdict.forecast, NotComputable):
            return (self._why(verdict.forecast),)
        if self.finished:
            sentences = [say("Spend was %(spend)s against a budget of %(budget)s.", spend=forecast, budget=budget)]
        else:
            sentences = [
                say(
                    "Spend is forecast at %(forecast)s against a budget of %(budget)s.",
                    forecast=forecast,
                    budget=budget,
                )
            ]
            if not isinstance(verdict.chance_over, NotComputable):
                chance = self.locale.chance(verdict.chance_over)
                sentences.append(say("The chance of ending over budget is %(chance)s.", chance=chance))
        return tuple(sentence for sentence in (*sentences, self._drivers()) if sentence)

    @property
    def verdict_mark(self) -> str:
        """What the mark beside the verdict means, for those who do not see it."""
        say = self.locale.say
        return {
            "incomplete": say("Data incomplete"),
            "no-budget": say("No budget"),
            "over": say("Over budget"),
            "under": say("Under budget"),
            "equal": say("On budget"),
        }[self.report.verdict.state]

    @property
    def to_date_label(self) -> str:
        """Label of the first key figure."""
        say = self.locale.say
        return say("Month to date") if is_month(self.report.period) else say("Period to date")

    @property
    def forecast_label(self) -> str:
        """Label of the second key figure."""
        say = self.locale.say
        if self.finished:
            return say("Month total") if is_month(self.report.period) else say("Period total")
        return say("Month-end forecast") if is_month(self.report.period) else say("Forecast at period end")

    @property
    def budget_label(self) -> str:
        """Label of the third key figure."""
        return self.locale.say("%(subject)s budget", subject=self.subject)

    @property
    def forecast_note(self) -> str:
        """The 80 % range under the forecast, in the unit that reads well."""
        if self.finished:
            return self.status
        found = self.report.key_figures.forecast_range
        if isinstance(found, NotComputable):
            return full_stop(found.reason)
        scale = self.locale.scale(found.high.exact, self.report.currency)
        return self.locale.say(
            "%(level)s: %(low)s to %(high)s %(unit)s",
            level=self.locale.level(found.level),
            low=self.locale.scaled(found.low.exact, scale),
            high=self.locale.scaled(found.high.exact, scale),
            unit=scale.unit,
        )

    @property
    def answer_table(self) -> str:
        """What the table of the first page answers."""
        say, state = self.locale.say, self.report.verdict.state
        if state in {"incomplete", "no-budget"}:
            return say("Where the spend is")
        return say("Where the gap comes from") if state == "over" else say("How the projects stand")

    @property
    def answer_column(self) -> str:
        """Head of the last column where no gap is shown."""
        unit = self.locale.symbol(self.report.currency)
        if self.report.verdict.state == "incomplete":
            return self.locale.say("Budget %(unit)s", unit=unit)
        return self.locale.say("Forecast %(unit)s", unit=unit)

    @property
    def gap_column(self) -> str:
        """Head of a column of gaps."""
        return self.locale.say("Gap %(unit)s", unit=self.locale.symbol(self.report.currency))

    @property
    def gap_ratio_column(self) -> str:
        """Head of a column of gaps in percent."""
        return self.locale.say("Gap %%")

    @property
    def chance_column(self) -> str:
        """Head of a column of chances."""
        return self.locale.say("Chance over")

    @property
    def to_date_note(self) -> str:
        """How far the period is from its budget so far."""
        gap = self.report.key_figures.to_date_gap
        if isinstance(gap, NotComputable):
            return self._why_not(self.report.key_figures.to_date, gap)
        amount = self.locale.signed(gap.shown, places=self.places)
        return self.locale.say("%(gap)s to budget so far", gap=amount)

    @property
    def budget_gap(self) -> str:
        """`+14,800 (+6.2%)`; empty where there is none."""
        keys = self.report.key_figures
        return self._signed_gap(keys.gap, keys.gap_ratio)

    @property
    def budget_note(self) -> str:
        """Why there is no gap to the budget."""
        return self._why_not(self.report.key_figures.budget, self.report.key_figures.gap)

    @property
    def year_gap(self) -> str:
        """The year's gap and percent; empty where there is none."""
        keys = self.report.key_figures
        return self._signed_gap(keys.year_gap, keys.year_gap_ratio)

    @property
    def year_note(self) -> str:
        """Why there is no gap to the year's budget."""
        return self._why_not(self.report.key_figures.year, self.report.key_figures.year_gap)

    @property
    def decisions_note(self) -> str:
        """What is asked of the owners."""
        return self.locale.say("Each owner decides: cut the spend, or change the limit and say why.")

    def more_alerts(self, number: int) -> str:
        """How many alerts the first page does not show."""
        return sentence(
            self.locale.say_many(
                "%(number)s more alert is on the next page.", "%(number)s more alerts are on the next page.", number
            )
        )

    @property
    def no_decision(self) -> str:
        """Why no decision is asked for."""
        say = self.locale.say
        if self.report.verdict.state == "incomplete":
            return say("None until the data is complete.")
        if not self.report.budgets:
            return say("None: no budget is set.")
        return say("None: no budget is likely to end over its limit.")

    @property
    def nobody(self) -> str:
        """Stands where no owner is named."""
        return self.locale.say("nobody named")

    # Fan

    @property
    def fan(self) -> str:
        """What the cumulative chart shows."""
        fan = self.report.fan
        if isinstance(fan, NotComputable):
            return self.locale.say("Spend over the period cannot be drawn")
        verdict = self.report.verdict
        if verdict.state in {"incomplete", "no-budget"} or isinstance(verdict.budget, NotComputable):
            return self._fan_without_budget(fan)
        if fan.left_budget_on is not None:
            return self._left_budget(fan.left_budget_on)
        return self._within_budget()

    @property
    def fan_caption(self) -> str:
        """Measure, unit, period and forms of the cumulative chart."""
        caption = self.locale.say(
            "Total %(measure)s in %(unit)s, %(period)s: %(lines)s",
            measure=self.measure,
            unit=self.fan_scale.unit,
            period=self.period,
            lines=", ".join(self._fan_lines()),
        )
        fan = self.report.fan
        months = 0 if isinstance(fan, NotComputable) else len(fan.paced_by)
        if not months:
            return caption
        return caption + self.locale.say_many(
            "; the budget follows the course of the month before",
            "; the budget follows the course of the %(number)s months before",
            months,
        )

    @property
    def fan_scale(self) -> Scale:
        """The unit of the cumulative chart."""
        fan = self.report.fan
        values = () if isinstance(fan, NotComputable) else fan.days
        largest = max(
            (abs(value) for day in values for value in (day.actual, day.high_95, day.forecast, day.budget) if value),
            default=Decimal(0),
        )
        return self.locale.scale(largest, self.report.currency)

    @property
    def fan_description(self) -> str:
        """The chart in words and numbers, for those who do not see it."""
        report, say = self.report, self.locale.say
        if isinstance(report.fan, NotComputable):
            return full_stop(report.fan.reason)
        parts: list[str] = []
        last = _last_actual(report.fan)
        if last is not None:
            day, value = last
            amount, when = self._exact_money(value), self.locale.long_day(day)
            parts.append(say("Spend reached %(amount)s by %(day)s.", amount=amount, day=when))
        end = report.fan.days[-1]
        if end.forecast is not None and not self.finished:
            parts.append(say("Forecast at the end: %(amount)s.", amount=self._exact_money(end.forecast)))
        for level, low, high in (("80%", end.low_80, end.high_80), ("95%", end.low_95, end.high_95)):
            if low is not None and high is not None and not self.finished:
                bounds = {"low": self._exact_money(low), "high": self._exact_money(high)}
                parts.append(say("%(level)s range: %(low)s to %(high)s.", level=level, **bounds))
        if end.budget is not None:
            parts.append(say("Budget: %(amount)s.", amount=self._exact_money(end.budget)))
            final = end.forecast if end.forecast is not None else end.actual
            if final is not None:
                gap = self.locale.signed_money(final - end.budget, report.currency, places=self.places)
                parts.append(say("Gap to budget at the end: %(gap)s.", gap=gap))
        return " ".join(parts)

    # Variance

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

    def left_out(self, number: int) -> str:
        """How many lines of a table are only in the attached data."""
        return sentence(
            self.locale.say_many(
                "%(number)s more line is in the attached data.",
                "%(number)s more lines are in the attached data.",
                number,
            )
        )

    # Alerts and budgets

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

    # Appendix

    @property
    def accuracy(self) -> str:
        """How many of the last months closed inside the range."""
        accuracy = self.report.accuracy
        if isinstance(accuracy, NotComputable):
            return self.locale.say("How good the forecast has been is not known yet")
        count = len(accuracy.months)
        if accuracy.hits == count:
            return self.locale.say_many(
                "The last month closed inside the 80%% range",
                "All of the last %(number)s months closed inside the 80%% range",
                count,
            )
        found = self.locale.say_many(
            "%(hits)s of the last %(number)s month closed inside the 80%% range",
            "%(hits)s of the last %(number)s months closed inside the 80%% range",
            count,
            hits=self.locale.spelled(accuracy.hits),
        )
        return sentence(found)

    @property
    def accuracy_caption(self) -> str:
        """What the accuracy chart shows."""
        accuracy = self.report.accuracy
        if isinstance(accuracy, NotComputable):
            return full_stop(accuracy.reason)
        days = {past.made_on.day for past in accuracy.months}
        unit = self.accuracy_scale.unit
        if len(days) == 1:
            day = self.locale.count(next(iter(days)))
            return self.locale.say(
                "Forecast made with data to day %(day)s of the month, its 80%% range, and the closed month, %(unit)s",
                day=day,
                unit=unit,
            )
        return self.locale.say(
            "Forecast made within the month, its 80%% range, and the closed month, %(unit)s", unit=unit
        )

    @property
    def accuracy_errors(self) -> str:
        """The mean error, beside that of the straight line."""
        accuracy = self.report.accuracy
        if isinstance(accuracy, NotComputable):
            return full_stop(accuracy.reason)
        return self.locale.say(
            "Mean absolute error %(error)s of the closed month. "
            "A straight line through the month to date had %(naive)s on the same months.",
            error=self.locale.share(accuracy.error_ratio),
            naive=self.locale.share(accuracy.naive_error_ratio),
        )

    @property
    def accuracy_scale(self) -> Scale:
        """The unit of the accuracy chart."""
        accuracy = self.report.accuracy
        months = () if isinstance(accuracy, NotComputable) else accuracy.months
        largest = max((max(abs(past.high_80), abs(past.actual)) for past in months), default=Decimal(0))
        return self.locale.scale(largest, self.report.currency)

    @property
    def accuracy_description(self) -> str:
        """The accuracy chart in words and numbers."""
        accuracy = self.report.accuracy
        if isinstance(accuracy, NotComputable):
            return full_stop(accuracy.reason)
        return " ".join(self._past_forecasts(accuracy))

    @property
    def method(self) -> tuple[str, ...]:
        """What was fitted to what, as sentences."""
        method, say = self.report.method, self.locale.say
        if isinstance(method, NotComputable):
            return (say("Nothing was forecast."), full_stop(method.reason))
        sentences = [
            say(
                "The forecast rests on %(days)s days of data, %(first)s to %(last)s.",
                days=self.locale.count(method.history.days),
                first=self.locale.day(method.history.start),
                last=self.locale.day(method.history.last_day),
            )
        ]
        if method.days_left_out:
            sentences.append(
                self.locale.say_many(
                    "The last day was left out as incomplete (%(days)s).",
                    "The last %(number)s days were left out as incomplete (%(days)s).",
                    len(method.days_left_out),
                    days=", ".join(self.locale.short_day(day) for day in method.days_left_out),
                )
            )
        sentences.append(
            say(
                "%(draws)s simulated paths (seed %(seed)s) give the ranges. All projects are simulated together, "
                "so the range of the total is narrower than the sum of theirs.",
                draws=self.locale.count(method.draws),
                seed=str(method.seed),
            )
        )
        return tuple(sentences)

    @property
    def data_quality(self) -> str:
        """How many checks need a look."""
        checks = self.report.data_quality
        doubtful = sum(check.result != "ok" for check in checks)
        if not checks:
            return self.locale.say("No data check was made")
        if not doubtful:
            return self.locale.say_many(
                "The data check is in order", "All %(number)s data checks are in order", len(checks)
            )
        found = self.locale.say_many(
            "%(number)s of %(all)s data checks needs a look",
            "%(number)s of %(all)s data checks need a look",
            doubtful,
            all=self.locale.spelled(len(checks)),
        )
        return sentence(found)

    @property
    def reconciliation(self) -> str:
        """Whether the money of the exports is all here."""
        rows, say = self.report.reconciliation.rows, self.locale.say
        if not rows:
            return say("There is nothing to reconcile")
        if any(row.difference for row in rows):
            return say("The exports and this report differ")
        if any(row.export is None for row in rows):
            return say("The cost table and this report agree; not every export could be read again")
        return say("Every cent of the exports is in this report")

    @property
    def coverage(self) -> str:
        """How much of the bill has an owner."""
        coverage = self.report.allocation_coverage
        if isinstance(coverage, NotComputable):
            return full_stop(coverage.reason)
        share = self.locale.share(coverage)
        return self.locale.say("%(share)s of the billed cost is allocated to a project.", share=share)

    @property
    def findings(self) -> str:
        """How many findings the data has."""
        count = len(self.report.findings)
        if not count:
            return self.locale.say("The data holds nothing doubtful")
        return sentence(self.locale.say_many("One finding about the data", "%(number)s findings about the data", count))

    def result(self, check: QualityCheck) -> str:
        """`ok`, `check` or `fail`."""
        say = self.locale.say
        return {"ok": say("ok"), "check": say("check"), "fail": say("fail")}[check.result]

    def severity(self, finding: Finding) -> str:
        """`info`, `warning` or `error`."""
        say = self.locale.say
        return {"info": say("info"), "warning": say("warning"), "error": say("error")}[finding.severity]

    @property
    def all_sources(self) -> str:
        """Stands where a finding concerns the whole table."""
        return self.locale.say("all")

    def finding_rows(self, finding: Finding) -> str:
        """How many rows a finding concerns, or a dash."""
        return UNKNOWN if finding.rows is None else self.locale.count(finding.rows)

    def finding_cost(self, finding: Finding) -> str:
        """The cost a finding concerns, with its currency, or a dash."""
        if finding.cost is None:
            return UNKNOWN
        return self.locale.money(finding.cost, finding.currency or self.report.currency, places=2)

    @property
    def bridge_caption(self) -> str:
        """From what to what the bridge leads."""
        return self.locale.say("From billed cost to %(measure)s, %(period)s", measure=self.measure, period=self.period)

    @property
    def bridge_note(self) -> str:
        """Why the bridge ends above or below the spend to date; empty where the two are one."""
        steps, to_date = self.report.reconciliation.steps, self.report.key_figures.to_date
        if not steps or isinstance(to_date, NotComputable):
            return ""
        beyond = add(steps[-1].amount, to_date.exact.copy_negate())
        if not beyond:
            return ""
        return self.locale.say(
            "Charges of days that are not complete yet are in this table and not in the spend to date: %(amount)s.",
            amount=self.locale.signed_money(beyond, self.report.currency, places=2),
        )

    def attached(self, names: Sequence[str]) -> str:
        """What data the document carries, and the fingerprint of the run."""
        say = self.locale.say
        run = say("Fingerprint of inputs, rules, versions and date: %(run)s.", run=self.report.run_id)
        if not names:
            return f"{say('The PDF of this report carries every number printed here, unrounded.')} {run}"
        listed = ", ".join(names)
        return f"{say('This PDF carries %(names)s: every number printed here, unrounded.', names=listed)} {run}"

    # Parts of sentences

    @property
    def places(self) -> int:
        """Decimals of shown amounts."""
        return places_of(self.report.unit)

    def money(self, figure: Figure) -> str:
        """The shown amount with its currency."""
        if isinstance(figure, NotComputable):
            return self.locale.say("not computable")
        return self.locale.money(figure.shown, self.report.currency, places=self.places)

    def short_name(self, name: str) -> str:
        """A name cut to what a heading or a narrow cell can hold."""
        return name if len(name) <= _NAME_LENGTH else f"{name[: _NAME_LENGTH - 1].rstrip()}…"

    def reasons(self, figures: Iterable[object]) -> tuple[str, ...]:
        """Why figures of a table are missing: each reason once, in order of appearance."""
        found = (figure.reason for figure in figures if isinstance(figure, NotComputable))
        return tuple(dict.fromkeys(found))

    def _gap_and_ratio(self, gap: Figure, ratio: Decimal | NotComputable) -> str:
        """`€14,800 (6.2%)`, unsigned: the words say the side."""
        if isinstance(gap, NotComputable):
            return self.locale.say("not computable")
        amount = self.locale.money(abs(gap.shown), self.report.currency, places=self.places)
        if isinstance(ratio, NotComputable):
            return amount
        return f"{amount} ({self.locale.percent(abs(ratio)).removeprefix('+')})"

    def _how_it_ended(self) -> str:
        say, subject = self.locale.say, self.subject
        amount = self._gap_and_ratio(self.report.verdict.gap, self.report.verdict.gap_ratio)
        if self.report.verdict.state == "over":
            return say("%(subject)s ended %(amount)s over budget", subject=subject, amount=amount)
        if self.report.verdict.state == "under":
            return say("%(subject)s ended %(amount)s under budget", subject=subject, amount=amount)
        return say("%(subject)s ended exactly on budget", subject=subject)

    def _where_it_heads(self) -> str:
        say, subject = self.locale.say, self.subject
        amount = self._gap_and_ratio(self.report.verdict.gap, self.report.verdict.gap_ratio)
        if self.report.verdict.state == "over":
            return say("%(subject)s is heading %(amount)s over budget", subject=subject, amount=amount)
        if self.report.verdict.state == "under":
            return say("%(subject)s is on course: %(amount)s under budget", subject=subject, amount=amount)
        return say("%(subject)s is on course: exactly on budget", subject=subject)

    def _verdict_without_budget(self) -> str:
        forecast, say, subject = self.report.verdict.forecast, self.locale.say, self.subject
        if isinstance(forecast, NotComputable):
            return say("%(subject)s has neither a budget nor a forecast", subject=subject)
        amount = self.money(forecast)
        if self.finished:
            return say("%(subject)s ended at %(amount)s; no budget is set", subject=subject, amount=amount)
        return say("%(subject)s is forecast at %(amount)s; no budget is set", subject=subject, amount=amount)

    def _near(self, day: date | None) -> str:
        """A day, with its year where that is not this one, or a dash."""
        if day is None:
            return UNKNOWN
        return self.locale.short_day(day) if day.year == self.report.as_of.year else self.locale.day(day)

    def _signed_gap(self, gap: Figure, ratio: Decimal | NotComputable) -> str:
        if isinstance(gap, NotComputable):
            return ""
        amount = self.locale.signed(gap.shown, places=self.places)
        return amount if isinstance(ratio, NotComputable) else f"{amount} ({self.locale.percent(ratio)})"

    def _why_not(self, *figures: Figure) -> str:
        return full_stop(next(iter(self.reasons(figures)), ""))

    def _with_unit(self, number: str, budget: Alert | BudgetLine) -> str:
        return number if budget.unit == self.report.currency else f"{number}\N{NO-BREAK SPACE}{budget.unit}"

    def _places_in(self, budget: Alert | BudgetLine, figure: Amount) -> int:
        return self.places if budget.unit == self.report.currency else min(2, decimals(figure.shown))

    def _why(self, figure: Figure) -> str:
        return full_stop(figure.reason) if isinstance(figure, NotComputable) else ""

    def _drivers(self) -> str:
        """The largest parts of the gap that go its way, as one sentence; empty where there is none."""
        verdict = self.report.verdict
        total = shown(verdict.gap)
        if not total:
            return ""
        named = [(self.short_name(name), gap.shown) for name, gap in verdict.drivers if gap.shown * total > 0][
            :_DRIVERS_NAMED
        ]
        parts = [self._driver(name, gap) for name, gap in named]
        return f"{'; '.join(parts)}." if parts else ""

    def _driver(self, name: str, gap: Decimal) -> str:
        amount = self.locale.money(abs(gap), self.report.currency, places=self.places)
        if gap > 0:
            return self.locale.say("%(name)s adds %(amount)s", name=name, amount=amount)
        return self.locale.say("%(name)s is %(amount)s under its budget", name=name, amount=amount)

    def _fan_without_budget(self, fan: Fan) -> str:
        last = _last_actual(fan)
        if last is None:
            return self.locale.say("No day of the period is complete yet")
        day, value = last
        return self.locale.say(
            "Spend reached %(amount)s by %(day)s", amount=self._exact_money(value), day=self.locale.long_day(day)
        )

    def _fan_lines(self) -> Iterator[str]:
        fan, say = self.report.fan, self.locale.say
        days = () if isinstance(fan, NotComputable) else fan.days
        if any(day.actual is not None for day in days):
            yield say("actual")
        if any(day.forecast is not None for day in days) and not self.finished:
            yield say("forecast with 80%% and 95%% range")
        if any(day.budget is not None for day in days):
            yield say("budget")

    def _left_budget(self, day: date) -> str:
        if day == self.report.period.start:
            return self.locale.say("Spend has been above the budget line since the first day")
        return self.locale.say("Spend left the budget line on %(day)s", day=self.locale.long_day(day))

    def _within_budget(self) -> str:
        say = self.locale.say
        if self.finished:
            return say("Spend ended within the budget line")
        if self.report.verdict.state == "over":
            return say("Spend is within the budget line and is forecast to cross it")
        return say("Spend is on course to end within the budget line")

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

    def _past_forecasts(self, accuracy: Accuracy) -> Iterable[str]:
        for past in accuracy.months:
            yield self.locale.say(
                "%(month)s: forecast %(forecast)s, range %(low)s to %(high)s, closed at %(actual)s.",
                month=self.locale.month_and_year(_first_of(past.month)),
                forecast=self._exact_money(past.forecast),
                low=self._exact_money(past.low_80),
                high=self._exact_money(past.high_80),
                actual=self._exact_money(past.actual),
            )

    def _exact_money(self, value: Decimal) -> str:
        return self.locale.money(value, self.report.currency, places=self.places)


def _first_of(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def _month_before(day: date) -> date:
    return date(day.year - (day.month == 1), (day.month - 2) % 12 + 1, 1)


def _last_actual(fan: Fan) -> tuple[date, Decimal] | None:
    known = [(day.day, day.actual) for day in fan.days if day.actual is not None]
    return known[-1] if known else None


def _gaps_towards(rows: tuple[VarianceRow, ...], total: Decimal) -> list[tuple[str, Decimal]]:
    """Rows whose gap goes the way of the total, largest first."""
    gaps = [(row.name, row.gap.shown) for row in rows if isinstance(row.gap, Amount) and row.gap.shown * total > 0]
    return sorted(gaps, key=lambda gap: -abs(gap[1]))
