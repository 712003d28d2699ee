"""Holdings: which commitments end, which credits have run out, and how well commitments are used."""

from datetime import date
from decimal import Decimal

from finops.money import add
from finops.report.locale import UNKNOWN, full_stop, sentence
from finops.report.model import Amount, CommitmentLine, CreditLine, NotComputable
from finops.report.sentences.words import Words

_FACTS_TOLD = 6


class HoldingWords(Words):
    """Commitments and credits."""

    __slots__ = ()

    @property
    def holdings(self) -> str:
        """What ends, or has run out; that nothing does."""
        facts = (*self.commitment_ends, *self.credit_ends)
        return facts[0] if facts else self._nothing_ends()

    @property
    def holding_facts(self) -> tuple[str, ...]:
        """What else ends or has run out, as sentences."""
        facts = (*self.commitment_ends, *self.credit_ends)
        return tuple(full_stop(fact) for fact in facts[1 : 1 + _FACTS_TOLD])

    @property
    def holdings_on_the_answer_page(self) -> tuple[str, ...]:
        """The first commitment that ends soon and the first credit that has run out, a sentence each."""
        return tuple(full_stop(fact) for facts in (self.commitment_ends, self.credit_ends) for fact in facts[:1])

    @property
    def commitment_ends(self) -> tuple[str, ...]:
        """A heading for each commitment that ends soon."""
        ending = [
            (line, line.ends_on) for line in self.report.commitments if line.ends_soon and line.ends_on is not None
        ]
        return tuple(self._ending(line, day, alone=len(ending) == 1) for line, day in ending)

    @property
    def credit_ends(self) -> tuple[str, ...]:
        """A heading for each credit that has run out."""
        return tuple(
            self.locale.say(
                "%(name)s ran out on %(day)s", name=self.short_name(line.name), day=self.locale.long_day(line.last_day)
            )
            for line in self.report.credits
            if line.has_ended
        )

    @property
    def credit_facts(self) -> tuple[str, ...]:
        """Credits that have run out, as sentences."""
        return tuple(full_stop(fact) for fact in self.credit_ends[:2])

    @property
    def commitments(self) -> str:
        """How much of what was paid for commitments is used."""
        lines, say = self.report.commitments, self.locale.say
        if not lines:
            return say("No commitment covers usage in %(subject)s", subject=self.subject)
        used, unused = add(*(line.used.exact for line in lines)), add(*(line.unused.exact for line in lines))
        lapsed = add(*(line.unused.shown for line in lines))
        if used + unused <= 0:
            return say("Nothing was paid for commitments in %(subject)s so far", subject=self.subject)
        if not lapsed:
            return say("What was paid for commitments is used in full")
        return say(
            "%(share)s of what was paid for commitments is used; %(amount)s lapsed",
            share=self.locale.share(used / (used + unused)),
            amount=self.locale.money(lapsed, self.report.currency, places=self.places),
        )

    @property
    def commitments_caption(self) -> str:
        """Period and unit of the table of commitments."""
        return self.locale.say(
            "Commitments, %(period)s, in %(unit)s",
            period=self.period_so_far,
            unit=self.locale.symbol(self.report.currency),
        )

    @property
    def commitments_note(self) -> str:
        """What the columns mean."""
        return self.locale.say(
            "Ends on = first day it no longer covers. After the end = how much more, or with a minus less, the same "
            "usage costs a month without it, judged by the days so far."
        )

    @property
    def credits(self) -> str:
        """By how much credits lower the bill."""
        say, lines = self.locale.say, self.report.credits
        now, before = add(*(line.to_date.shown for line in lines)), add(*(line.previous.shown for line in lines))
        values = {"subject": self.subject, "now": self._money(now), "before": self._money(before)}
        if now < 0 and self.finished:
            return say("Credits lowered %(subject)s by %(now)s, the month before by %(before)s", **values)
        if now < 0 and before <= 0:
            return say("Credits lower %(subject)s by %(now)s so far, the whole month before by %(before)s", **values)
        if not now and before < 0:
            return say("No credit lowers %(subject)s; the month before had %(before)s", **values)
        if not now:
            return say("Credits come to nothing in %(subject)s", **values)
        if now > 0:
            return say("Credits taken back add %(now)s to %(subject)s", **values)
        return say("Credits lower %(subject)s by %(now)s so far", **values)

    @property
    def credits_caption(self) -> str:
        """Unit of the table of credits."""
        return self.locale.say(
            "Credits in %(unit)s; a minus lowers the bill", unit=self.locale.symbol(self.report.currency)
        )

    def commitment_name(self, line: CommitmentLine) -> str:
        """Its name; its identifier where it has none."""
        return line.name or line.identifier

    def ends_on(self, line: CommitmentLine) -> str:
        """When a commitment ends, or a dash."""
        return UNKNOWN if line.ends_on is None else self.locale.day(line.ends_on)

    def utilisation(self, ratio: Decimal | NotComputable) -> str:
        """The used share, or a dash."""
        return UNKNOWN if isinstance(ratio, NotComputable) else self.locale.share(ratio)

    def credit_state(self, line: CreditLine) -> str:
        """`ended` or `running`."""
        return self.locale.say("ended") if line.has_ended else self.locale.say("running")

    def _ending(self, line: CommitmentLine, last: date, *, alone: bool) -> str:
        say = self.locale.say
        kind = self.short_name(line.kind) or say("commitment")
        name = kind if alone else f"{kind} {self.short_name(self.commitment_name(line))}"
        values = {"name": name, "day": self.locale.long_day(last)}
        effect = line.monthly_effect
        if not isinstance(effect, Amount) or not effect.shown:
            return say("The %(name)s ends on %(day)s", **values)
        amount = self._money(effect.shown)
        if effect.shown > 0:
            return say("The %(name)s that ends on %(day)s will add %(amount)s a month", amount=amount, **values)
        return say("The %(name)s that ends on %(day)s will save %(amount)s a month", amount=amount, **values)

    def _nothing_ends(self) -> str:
        say, dated = self.locale.say, [line for line in self.report.commitments if line.ends_on is not None]
        parts = []
        if dated:
            parts.append(say("no commitment ends within 45 days"))
        elif self.report.commitments:
            parts.append(say("the exports do not say when commitments end"))
        if self.report.credits:
            parts.append(say("no credit has run out"))
        if len(parts) == 1:
            return sentence(parts[0])
        if not parts:
            return say("There are no commitments and no credits")
        return sentence(say("%(first)s, and %(second)s", first=parts[0], second=parts[1]))

    def _money(self, amount: Decimal) -> str:
        return self.locale.money(abs(amount), self.report.currency, places=self.places)
