"""Fan: what the cumulative chart shows, and its numbers in words."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from finops.report.locale import Scale, full_stop
from finops.report.model import Fan, NotComputable
from finops.report.sentences.words import Words


class FanWords(Words):
    """The cumulative chart."""

    __slots__ = ()

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


def _last_actual(fan: Fan) -> tuple[date, Decimal] | None:
    known = [(day.day, day.actual) for day in fan.days if day.actual is not None]
    return known[-1] if known else None
