"""Appendix: accuracy, method, data quality and reconciliation in words."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from finops.findings import Finding
from finops.money import add
from finops.report.locale import UNKNOWN, Scale, full_stop, sentence
from finops.report.model import Accuracy, NotComputable, QualityCheck
from finops.report.sentences.words import Words


class AppendixWords(Words):
    """The appendix."""

    __slots__ = ()

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
        """From what to what the steps lead."""
        return self.locale.say("From billed cost to %(measure)s, %(period)s", measure=self.measure, period=self.period)

    @property
    def bridge_note(self) -> str:
        """Why the steps end above or below the spend to date; empty where the two are one."""
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


def _first_of(month: str) -> date:
    return date.fromisoformat(f"{month}-01")
