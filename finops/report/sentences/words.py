"""Words: what every part of a report says alike: period, measure, money, names and reasons."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from finops.report.locale import UNKNOWN, Locale, full_stop, is_month, places_of, sentence
from finops.report.model import Figure, NotComputable, Report

_NAME_LENGTH = 48


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one report in one language, as far as all its parts share them."""

    report: Report
    locale: Locale

    @property
    def period(self) -> str:
        """`November 2026`, or the label of a longer period."""
        return self.locale.period(self.report.period, self.report.period_label)

    @property
    def period_so_far(self) -> str:
        """`November 2026 to date`; the period alone once it is over."""
        return self.period if self.finished else self.locale.say("%(period)s to date", period=self.period)

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
    def status(self) -> str:
        """`provisional` or `final`."""
        return self.locale.say("final") if self.report.status == "final" else self.locale.say("provisional")

    @property
    def finished(self) -> bool:
        """Whether every day of the period is in, so that nothing is left to forecast."""
        return self.report.data_to is not None and self.report.data_to >= self.report.period.last_day

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

    def _near(self, day: date | None) -> str:
        """A day, with its year where that is not this one, or a dash."""
        if day is None:
            return UNKNOWN
        return self.locale.short_day(day) if day.year == self.report.as_of.year else self.locale.day(day)

    def _why(self, figure: Figure) -> str:
        return full_stop(figure.reason) if isinstance(figure, NotComputable) else ""

    def _why_not(self, *figures: Figure) -> str:
        return full_stop(next(iter(self.reasons(figures)), ""))

    def _signed_gap(self, gap: Figure, ratio: Decimal | NotComputable) -> str:
        if isinstance(gap, NotComputable):
            return ""
        amount = self.locale.signed(gap.shown, places=self.places)
        return amount if isinstance(ratio, NotComputable) else f"{amount} ({self.locale.percent(ratio)})"

    def _exact_money(self, value: Decimal) -> str:
        return self.locale.money(value, self.report.currency, places=self.places)

    def left_out(self, number: int) -> str:
        """How many lines of a table are only in the attached data."""
        return sentence(
            self.locale.say_many(
                "%(number)s more line is in the attached data.",
                "%(number)s more lines are in the attached data.",
                number,
            )
        )
