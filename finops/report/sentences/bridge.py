"""Bridge: what moved spend since the month before, and which services moved most."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from finops.money import subtract
from finops.periods import month, previous_month
from finops.report.cut import cut
from finops.report.locale import Scale, decimals, full_stop, sentence
from finops.report.model import Amount, Bridge, BridgeBar, NotComputable
from finops.report.sentences.words import Words

_NAMED = 2
_BULLETS = 3
_LEFT = ("rest", "other")
"""Groups of steps that are no cause: they name nothing one could look at."""
_WORTH_NAMING = Decimal("0.2")
"""A second cause is named from this share of the change on."""


class BridgeWords(Words):
    """The bridge between two months, and the largest moves."""

    __slots__ = ()

    @property
    def moved(self) -> str:
        """What lifts or lowers the month, and by how much."""
        bridge, say = self.report.bridge, self.locale.say
        if isinstance(bridge, NotComputable):
            return say("What moved since the month before is not known")
        change = subtract(bridge.end.shown, bridge.start.shown)
        if not change:
            return self._as_before(bridge)
        names = self._causes(bridge.steps, change)
        return self._caused(bridge, change, names) if names else self._changed(bridge, change)

    @property
    def moved_caption(self) -> str:
        """Unit and months of the bridge; why there is none."""
        bridge = self.report.bridge
        if isinstance(bridge, NotComputable):
            return full_stop(bridge.reason)
        start, end = self._long(bridge.start_month), self._long(bridge.end_month)
        unit = self.moved_scale.unit
        if bridge.end_is_actual:
            return self.locale.say(
                "Bridge in %(unit)s, %(start)s actual to %(end)s actual", unit=unit, start=start, end=end
            )
        return self.locale.say(
            "Bridge in %(unit)s, %(start)s actual to %(end)s forecast", unit=unit, start=start, end=end
        )

    @property
    def moved_scale(self) -> Scale:
        """The unit of the bridge."""
        bridge = self.report.bridge
        if isinstance(bridge, NotComputable):
            return self.locale.scale(Decimal(0), self.report.currency)
        return self.locale.scale(max(abs(bridge.start.exact), abs(bridge.end.exact)), self.report.currency)

    @property
    def moved_note(self) -> str:
        """Where the axis begins, and what the forms of the columns mean."""
        bridge, say = self.report.bridge, self.locale.say
        if isinstance(bridge, NotComputable):
            return ""
        forms = say("Solid = actual.") if bridge.end_is_actual else say("Solid = actual, hatched = forecast.")
        floor = cut(bridge)
        if not floor:
            return forms
        scale = self.moved_scale
        value = floor / scale.divisor
        at = f"{self.locale.number(value, places=decimals(value))}\N{NO-BREAK SPACE}{scale.unit}"
        return f"{say('Axis cut below %(amount)s, marked on the two total columns.', amount=at)} {forms}"

    @property
    def moved_description(self) -> str:
        """The bridge in words and numbers, for those who do not see it."""
        bridge = self.report.bridge
        if isinstance(bridge, NotComputable):
            return full_stop(bridge.reason)
        parts = [f"{self._long(bridge.start_month)}: {self.money(bridge.start)}."]
        parts += [f"{self.step(step)}: {self._signed_money(step.amount)}." for step in bridge.steps]
        parts.append(f"{self._long(bridge.end_month)}: {self.money(bridge.end)}.")
        return " ".join(parts)

    @property
    def movements(self) -> tuple[tuple[str, str], ...]:
        """The largest steps: name with amount, and a sentence on each."""
        bridge = self.report.bridge
        if isinstance(bridge, NotComputable):
            return ()
        named = [step for step in bridge.steps if step.group not in _LEFT and step.amount.shown]
        largest = sorted(named, key=lambda step: -abs(step.amount.shown))[:_BULLETS]
        return tuple((self._lead(step), self._about(step, bridge)) for step in largest)

    def step(self, step: BridgeBar) -> str:
        """The name of a step: of a driver that of the bill, of others our own words."""
        say = self.locale.say
        bridge = self.report.bridge
        if step.group == "other":
            return say("Other")
        if step.group == "calendar" and isinstance(bridge, Bridge):
            days, before = month(bridge.end_month).days, month(bridge.start_month).days
            span = {"days": self.locale.count(days), "before": self.locale.count(before)}
            return (
                say("More days (%(days)s vs %(before)s)", **span)
                if days > before
                else say("Fewer days (%(days)s vs %(before)s)", **span)
            )
        return step.name

    def total_label(self, label: str, *, actual: bool) -> str:
        """Under a total column: `Oct 2026 forecast`."""
        period = month(label)
        text = self.locale.short_period(period, label)
        if actual:
            return self.locale.say("%(month)s actual", month=text)
        return self.locale.say("%(month)s forecast", month=text)

    @property
    def movers(self) -> str:
        """Which service moves most."""
        first = next(iter(self.report.movers), None)
        if first is None or isinstance(first.change, NotComputable) or not first.change.shown:
            return self.locale.say("Largest moves by service")
        values = {
            "name": self.short_name(first.name),
            "amount": self._unsigned(first.change.shown),
            "before": self._month_before_name,
        }
        return self._rises(values) if first.change.shown > 0 else self._falls(values)

    @property
    def movers_caption(self) -> str:
        """From where to where the moves lead, and their unit."""
        say = self.locale.say
        unit, subject = self.locale.symbol(self.report.currency), self.subject
        if self.finished:
            return say(
                "Largest moves by service, %(before)s to %(subject)s, both actual, in %(unit)s",
                before=self._month_before_name,
                subject=subject,
                unit=unit,
            )
        return say(
            "Largest moves by service, %(before)s actual to %(subject)s forecast, in %(unit)s",
            before=self._month_before_name,
            subject=subject,
            unit=unit,
        )

    @property
    def _month_before_name(self) -> str:
        return self.locale.month(previous_month(self.report.period).start)

    def _rises(self, values: dict[str, str]) -> str:
        if self.finished:
            return self.locale.say("%(name)s rose most, by %(amount)s over %(before)s", **values)
        return self.locale.say("%(name)s rises most, by %(amount)s over %(before)s", **values)

    def _falls(self, values: dict[str, str]) -> str:
        if self.finished:
            return self.locale.say("%(name)s fell most, by %(amount)s under %(before)s", **values)
        return self.locale.say("%(name)s falls most, by %(amount)s under %(before)s", **values)

    def _as_before(self, bridge: Bridge) -> str:
        values = {"end": self._name(bridge.end_month), "start": self._name(bridge.start_month)}
        if bridge.end_is_actual:
            return self.locale.say("%(end)s came to exactly what %(start)s did", **values)
        return self.locale.say("%(end)s is forecast at exactly what %(start)s came to", **values)

    def _changed(self, bridge: Bridge, change: Decimal) -> str:
        say, values = self.locale.say, self._change(bridge, change)
        if bridge.end_is_actual:
            above, below = (
                say("%(end)s ended %(amount)s above %(start)s", **values),
                say("%(end)s ended %(amount)s below %(start)s", **values),
            )
        else:
            above, below = (
                say("%(end)s is forecast %(amount)s above %(start)s", **values),
                say("%(end)s is forecast %(amount)s below %(start)s", **values),
            )
        return above if change > 0 else below

    def _caused(self, bridge: Bridge, change: Decimal, names: list[str]) -> str:
        many, count = self.locale.say_many, len(names)
        values = {**self._change(bridge, change), "names": self._listed(names)}
        if bridge.end_is_actual and change > 0:
            return self.locale.say("%(names)s lifted %(end)s by %(amount)s over %(start)s", **values)
        if bridge.end_is_actual:
            return self.locale.say("%(names)s lowered %(end)s by %(amount)s under %(start)s", **values)
        if change > 0:
            return many(
                "%(names)s lifts %(end)s by %(amount)s over %(start)s",
                "%(names)s lift %(end)s by %(amount)s over %(start)s",
                count,
                **values,
            )
        return many(
            "%(names)s lowers %(end)s by %(amount)s under %(start)s",
            "%(names)s lower %(end)s by %(amount)s under %(start)s",
            count,
            **values,
        )

    def _change(self, bridge: Bridge, change: Decimal) -> dict[str, str]:
        return {
            "end": self._name(bridge.end_month),
            "start": self._name(bridge.start_month),
            "amount": self._unsigned(change),
        }

    def _causes(self, steps: Iterable[BridgeBar], change: Decimal) -> list[str]:
        """The largest steps that go the way of the change, the second only where it matters."""
        same_way = [step for step in steps if step.group not in _LEFT and step.amount.shown * change > 0]
        largest = sorted(same_way, key=lambda step: -abs(step.amount.shown))[:_NAMED]
        worth = [step for step in largest[1:] if abs(step.amount.shown) >= abs(change) * _WORTH_NAMING]
        return list(self._in_a_sentence([*largest[:1], *worth]))

    def _in_a_sentence(self, steps: Iterable[BridgeBar]) -> Iterator[str]:
        for n, step in enumerate(steps):
            if step.group == "driver":
                yield self.short_name(step.name)
                continue
            words = self._own_words(step)
            yield sentence(words) if n == 0 else words

    def _own_words(self, step: BridgeBar) -> str:
        if step.group == "rate":
            return self.locale.say("the exchange rate")
        if step.group == "plan":
            return self.locale.say("the budget rate")
        return self.locale.say("more days") if step.amount.shown > 0 else self.locale.say("fewer days")

    def _listed(self, names: list[str]) -> str:
        if len(names) == 1:
            return names[0]
        return self.locale.say("%(first)s and %(second)s", first=names[0], second=names[1])

    def _lead(self, step: BridgeBar) -> str:
        return f"{self.short_name(self.step(step))}, {self._signed_money(step.amount)}."

    def _about(self, step: BridgeBar, bridge: Bridge) -> str:
        if step.group == "calendar":
            return self._about_days(bridge)
        if step.group == "rate":
            return self.locale.say("The same charges at the exchange rates of this month.")
        if step.group == "plan":
            return self.locale.say("What the change is worth at last month's mean rate rather than the budget rate.")
        share = self._about_share(step.amount.shown, subtract(bridge.end.shown, bridge.start.shown))
        return " ".join(part for part in (share, self._about_newcomer(step)) if part)

    def _about_newcomer(self, step: BridgeBar) -> str:
        if step.newcomer is None:
            return ""
        return self.locale.say(
            "New in it since %(day)s: %(name)s, %(amount)s so far.",
            day=self.locale.long_day(step.newcomer.first_day),
            name=step.newcomer.name,
            amount=self.money(step.newcomer.to_date),
        )

    def _about_days(self, bridge: Bridge) -> str:
        after, before = month(bridge.end_month), month(bridge.start_month)
        say, count = self.locale.say, self.locale.count
        text = say(
            "%(end)s has %(days)s days, %(start)s %(before)s.",
            end=self._name(bridge.end_month),
            start=self._name(bridge.start_month),
            days=count(after.days),
            before=count(before.days),
        )
        if bridge.start.exact <= 0:
            return text
        ratio = (bridge.end.exact / after.days) / (bridge.start.exact / before.days) - 1
        share = self.locale.share(abs(ratio))
        if ratio > 0:
            return f"{text} {say('Per day, spend is up %(share)s.', share=share)}"
        if ratio < 0:
            return f"{text} {say('Per day, spend is down %(share)s.', share=share)}"
        return text

    def _about_share(self, part: Decimal, change: Decimal) -> str:
        if not change:
            return ""
        say, share = self.locale.say, abs(part / change)
        values = {"share": self.locale.share(share)}
        if part * change > 0 and share >= 1:
            more, less = say("More than the whole rise."), say("More than the whole fall.")
            exactly_more, exactly_less = say("The whole rise."), say("The whole fall.")
            if share == 1:
                return exactly_more if change > 0 else exactly_less
            return more if change > 0 else less
        if part * change > 0:
            return say("%(share)s of the rise.", **values) if change > 0 else say("%(share)s of the fall.", **values)
        if change > 0:
            return say("Without it the rise would be %(share)s larger.", **values)
        return say("Without it the fall would be %(share)s larger.", **values)

    def _signed_money(self, amount: Amount) -> str:
        return self.locale.signed_money(amount.shown, self.report.currency, places=self.places)

    def _unsigned(self, amount: Decimal) -> str:
        return self.locale.money(abs(amount), self.report.currency, places=self.places)

    def _name(self, label: str) -> str:
        return self.locale.month(month(label).start)

    def _long(self, label: str) -> str:
        return self.locale.month_and_year(month(label).start)
