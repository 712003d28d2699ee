"""Answer: the words of the first page: title, stamp, verdict, key figures, decisions."""

from collections.abc import Iterator
from decimal import Decimal

from finops.report.locale import full_stop, is_month, sentence, shown
from finops.report.model import Figure, NotComputable
from finops.report.sentences.holdings import HoldingWords

_DRIVERS_NAMED = 2
_MISSING_NAMED = 4


class AnswerWords(HoldingWords):
    """The first page."""

    __slots__ = ()

    @property
    def title(self) -> str:
        """`Cloud cost report, November 2026`."""
        return self.locale.say("Cloud cost report, %(period)s", period=self.period)

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
        """The sentences under the verdict: what is missing, or forecast, chance, drivers and what ends."""
        verdict = self.report.verdict
        if verdict.state == "incomplete":
            more = len(verdict.missing) - _MISSING_NAMED
            tail = (sentence(self.locale.say_many("%(number)s more.", "%(number)s more.", more)),) if more > 0 else ()
            return (*verdict.missing[:_MISSING_NAMED], *tail)
        if isinstance(verdict.budget, NotComputable):
            told: tuple[str, ...] = (self._why(verdict.budget), self._why(verdict.forecast))
        elif isinstance(verdict.forecast, NotComputable):
            told = (self._why(verdict.forecast),)
        else:
            told = (*self._forecast_and_chance(), self._drivers())
        return tuple(text for text in (*told, *self.holdings_on_the_answer_page) if text)

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

    def _forecast_and_chance(self) -> Iterator[str]:
        verdict, say = self.report.verdict, self.locale.say
        forecast, budget = self.money(verdict.forecast), self.money(verdict.budget)
        if self.finished:
            yield say("Spend was %(spend)s against a budget of %(budget)s.", spend=forecast, budget=budget)
            return
        yield say("Spend is forecast at %(forecast)s against a budget of %(budget)s.", forecast=forecast, budget=budget)
        if not isinstance(verdict.chance_over, NotComputable):
            chance = self.locale.chance(verdict.chance_over)
            yield say("The chance of ending over budget is %(chance)s.", chance=chance)

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
