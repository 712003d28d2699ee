"""Issued: events of the forecast, and how good issued forecasts were, in words."""

from decimal import Decimal

from finops.report.issued import LedgerLine
from finops.report.locale import UNKNOWN, sentence
from finops.report.model import Accuracy, EventEffect, NotComputable
from finops.report.sentences.words import Words


class IssuedWords(Words):
    """Events and the ledger."""

    __slots__ = ()

    @property
    def events(self) -> str:
        """What the events together add to the year, as a heading."""
        events = self.report.events
        if not events:
            return ""
        total = sum((one.year.shown for one in events), Decimal(0))
        amount = self.locale.signed_money(total, self.report.currency)
        return sentence(
            self.locale.say_many(
                "one dated event changes the year's forecast by %(amount)s",
                "%(number)s dated events change the year's forecast by %(amount)s",
                len(events),
                amount=amount,
            )
        )

    @property
    def events_caption(self) -> str:
        """What the table of events holds."""
        return self.locale.say(
            "What the history cannot know, and is in the forecast above, %(unit)s",
            unit=self.locale.symbol(self.report.currency),
        )

    @property
    def events_note(self) -> str:
        """How events enter."""
        return self.locale.say(
            "Each event is measured against the forecast without events, so they add up; one that may not happen "
            "counts with its chance. Ends of commitments are those of the bill and of finops.toml."
        )

    @property
    def event_columns(self) -> tuple[str, str]:
        """The month and the year, as columns."""
        return self.locale.short_period(self.report.period, self.report.period_label), self.report.fiscal_label

    def event_days(self, event: EventEffect) -> str:
        """From when to when."""
        start = self.locale.day(event.starts_on)
        if event.ends_on is None:
            return start
        return self.locale.say("%(start)s to before %(end)s", start=start, end=self.locale.day(event.ends_on))

    def event_effect(self, event: EventEffect) -> str:
        """The effect, and how likely it is."""
        if event.chance == 1:
            return event.effect
        chance = self.locale.chance(event.chance)
        return self.locale.say("%(effect)s, %(chance)s likely", effect=event.effect, chance=chance)

    @property
    def issued(self) -> str:
        """How many issued forecasts held, as a heading."""
        lines = [one for one in self.report.issued if one.stage == "all"] or list(self.report.issued)
        if not lines:
            return ""
        count, hits = sum(one.forecasts for one in lines), sum(one.hits_80 for one in lines)
        return sentence(
            self.locale.say_many(
                "%(hits)s of the one forecast issued came inside its 80%% range",
                "%(hits)s of %(number)s forecasts issued came inside their 80%% range",
                count,
                hits=self.locale.count(hits),
            )
        )

    @property
    def issued_caption(self) -> str:
        """What the table of the ledger holds."""
        return self.locale.say("Forecasts kept when they were issued, never made again, beside what came")

    @property
    def issued_note(self) -> str:
        """What the columns mean."""
        hindsight = sum(one.in_hindsight for one in self.report.issued if one.stage != "all")
        note = self.locale.say(
            "Over forecast: what came less the forecast, over the forecast. Error: absolute, over what came. "
            "Level: FinOps bands of 12%% (run), 15%% (walk) and 20%% (crawl)."
        )
        if not hindsight:
            return note
        late = self.locale.say_many(
            "One of them was made after its period had ended, by a clock set back.",
            "%(number)s of them were made after their period had ended, by a clock set back.",
            hindsight,
        )
        return f"{note} {late}"

    def issued_subject(self, line: LedgerLine) -> str:
        """`Months, from their first third`."""
        say = self.locale.say
        lengths = {"month": say("Months"), "quarter": say("Quarters"), "year": say("Years"), "other": say("Others")}
        stages = {
            "start": say("in or before the first third"),
            "middle": say("in the second third"),
            "end": say("in the last third"),
            "all": say("at any time"),
        }
        return f"{lengths[line.period]}, {stages[line.stage]}"

    def issued_share(self, value: Decimal | None) -> str:
        """A share, or a dash."""
        return UNKNOWN if value is None else self.locale.share(value)

    def issued_variance(self, value: Decimal | None) -> str:
        """A signed share, or a dash."""
        return UNKNOWN if value is None else self.locale.percent(value)

    def issued_hits(self, hits: int, line: LedgerLine) -> str:
        """`7 of 9`."""
        return self.locale.say(
            "%(hits)s of %(all)s", hits=self.locale.count(hits), all=self.locale.count(line.forecasts)
        )

    @property
    def accuracy_origin(self) -> str:
        """How many of the past forecasts shown were issued then, and how many made again."""
        accuracy = self.report.accuracy
        if isinstance(accuracy, NotComputable):
            return ""
        return self._origin(accuracy)

    def _origin(self, accuracy: Accuracy) -> str:
        issued = sum(past.issued_on is not None for past in accuracy.months)
        if not issued:
            return self.locale.say(
                "All of them were made again as they would have been; the ledger holds none of them."
            )
        if issued == len(accuracy.months):
            return self.locale.say("All of them are shown as they were issued.")
        return self.locale.say_many(
            "One of them is shown as it was issued; the others were made again.",
            "%(number)s of them are shown as they were issued; the others were made again.",
            issued,
        )
