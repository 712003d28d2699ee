"""Year: how the fiscal year stands, month by month and in all."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from finops.periods import month
from finops.report.locale import UNKNOWN, Scale, full_stop
from finops.report.model import Amount, Figure, FiscalMonth, FiscalRow, FiscalYear, NotComputable, Range
from finops.report.sentences.words import Words

_THOUSAND, _TENTH_OF_A_THOUSAND = Decimal(1000), Decimal(100)


class YearWords(Words):
    """The fiscal year."""

    __slots__ = ()

    @property
    def year(self) -> str:
        """What the year is on course for."""
        keys, say = self.report.key_figures, self.locale.say
        if isinstance(keys.year, NotComputable):
            return say("What the fiscal year will come to is not known")
        if isinstance(keys.year_gap, NotComputable):
            return self._year_without_budget(self.money(keys.year))
        gap, amount = keys.year_gap.shown, self._unsigned_money(keys.year_gap.shown)
        if self._year_is_over:
            over, under = (
                say("The year ended %(amount)s over budget", amount=amount),
                say("The year ended %(amount)s under budget", amount=amount),
            )
            return (over if gap > 0 else under) if gap else say("The year ended exactly on budget")
        over, under = (
            say("The year is on course for %(amount)s over budget", amount=amount),
            say("The year is on course for %(amount)s under budget", amount=amount),
        )
        return (over if gap > 0 else under) if gap else say("The year is on course for exactly its budget")

    @property
    def year_months(self) -> str:
        """How many months are over their budget, closed and to come."""
        months, say = self._months, self.locale.say
        past = [gap for one in months if one.state == "actual" and (gap := _gap(one)) is not None]
        ahead = [gap for one in months if one.state in {"running", "forecast"} and (gap := _gap(one)) is not None]
        if not past and not ahead:
            return self._highest_month()
        parts = []
        if past:
            parts.append(self._closed_over(sum(gap > 0 for gap in past), len(past)))
        if ahead:
            parts.append(self._ahead_over(sum(gap > 0 for gap in ahead), len(ahead)))
        text = parts[0] if len(parts) == 1 else say("%(closed)s; %(ahead)s", closed=parts[0], ahead=parts[1])
        return text[:1].upper() + text[1:]

    @property
    def year_caption(self) -> str:
        """Measure, unit, months and forms of the year's chart; why there is none."""
        year = self.report.year
        if isinstance(year, NotComputable):
            return full_stop(year.reason)
        return self.locale.say(
            "Total %(measure)s in %(unit)s per month, fiscal year %(year)s (%(first)s to %(last)s): %(forms)s",
            measure=self.measure,
            unit=self.year_chart_scale.unit,
            year=year.label,
            first=self._short(year.months[0]) if year.months else UNKNOWN,
            last=self._short(year.months[-1]) if year.months else UNKNOWN,
            forms=", ".join(self._forms()),
        )

    @property
    def year_chart_scale(self) -> Scale:
        """The unit of the year's chart."""
        largest = max((abs(value.exact) for value in _chart_amounts(self._months)), default=Decimal(0))
        return self.locale.scale(largest, self.report.currency)

    @property
    def year_description(self) -> str:
        """The months in words and numbers, for those who do not see the chart."""
        year = self.report.year
        if isinstance(year, NotComputable):
            return full_stop(year.reason)
        return " ".join(self._month_in_words(one) for one in year.months)

    @property
    def year_table_caption(self) -> str:
        """The fiscal year and the unit of its table."""
        return self.locale.say(
            "Fiscal year %(year)s in %(unit)s", year=self.report.fiscal_label, unit=self.year_scale.unit
        )

    @property
    def year_scale(self) -> Scale:
        """The unit of the table: thousands where every shown amount is whole hundreds, so that it still foots."""
        year = self.report.year
        rows = () if isinstance(year, NotComputable) else year.rows
        shown = [value.shown for row in rows for value in _row_amounts(row)]
        symbol = self.locale.symbol(self.report.currency)
        if not any(shown) or any(value % _TENTH_OF_A_THOUSAND for value in shown):
            return Scale(divisor=Decimal(1), places=self.places, unit=symbol)
        tenths = any(value % _THOUSAND for value in shown)
        return Scale(divisor=_THOUSAND, places=1 if tenths else 0, unit=f"k{symbol}")

    @property
    def year_gap_column(self) -> str:
        """Head of the column of gaps in the year's table."""
        return self.locale.say("Gap %(unit)s", unit=self.year_scale.unit)

    @property
    def year_note_forecast(self) -> str:
        """What the columns hold, so that each adds up."""
        return self.locale.say(
            "Forecast = actual of what is over, and what is expected of the rest. Gap = forecast − budget."
        )

    def year_part(self, row: FiscalRow) -> str:
        """The name of one line, with its periods."""
        say = self.locale.say
        if row.part == "year":
            return say("Full year") if self._year_is_over else say("Full year outlook")
        if row.part == "running":
            name = self._long_month(row.first)
            return say("%(month)s (%(periods)s), provisional", month=name, periods=self._periods(row))
        if row.part == "to_date":
            return say("Year to date (%(periods)s)", periods=self._periods(row))
        return say("Rest of year (%(periods)s)", periods=self._periods(row))

    def year_figure(self, figure: Figure) -> str:
        """A plain amount of the year's table."""
        return UNKNOWN if isinstance(figure, NotComputable) else self.locale.scaled(figure.shown, self.year_scale)

    def year_signed(self, figure: Figure) -> str:
        """A gap of the year's table."""
        return (
            UNKNOWN if isinstance(figure, NotComputable) else self.locale.signed_scaled(figure.shown, self.year_scale)
        )

    def year_range(self, found: Range | NotComputable) -> str:
        """`246.0 to 263.6`, or a dash."""
        if isinstance(found, NotComputable):
            return UNKNOWN
        low, high = self.year_figure(found.low), self.year_figure(found.high)
        return self.locale.say("%(low)s to %(high)s", low=low, high=high)

    @property
    def _months(self) -> tuple[FiscalMonth, ...]:
        return self.report.year.months if isinstance(self.report.year, FiscalYear) else ()

    @property
    def _year_is_over(self) -> bool:
        states = {one.state for one in self._months}
        return bool(states) and states <= {"actual", "unknown"}

    def _year_without_budget(self, amount: str) -> str:
        if self._year_is_over:
            return self.locale.say("The year ended at %(amount)s; no budget covers it", amount=amount)
        return self.locale.say("The year is on course for %(amount)s; no budget covers it", amount=amount)

    def _closed_over(self, over: int, count: int) -> str:
        many = self.locale.say_many
        if not over:
            return many(
                "the closed month is within its budget", "all %(number)s closed months are within their budget", count
            )
        if over == count:
            return many(
                "the closed month is over its budget", "all %(number)s closed months are over their budget", count
            )
        return many(
            "%(over)s of %(number)s closed month is over budget",
            "%(over)s of %(number)s closed months are over budget",
            count,
            over=self.locale.spelled(over),
        )

    def _ahead_over(self, over: int, count: int) -> str:
        many = self.locale.say_many
        if not over:
            return many(
                "the month to come is forecast within its budget",
                "all %(number)s to come are forecast within their budget",
                count,
            )
        if over == count:
            return many(
                "the month to come is forecast over its budget",
                "all %(number)s to come are forecast over their budget",
                count,
            )
        return many(
            "%(over)s of %(number)s to come is forecast over budget",
            "%(over)s of %(number)s to come are forecast over budget",
            count,
            over=self.locale.spelled(over),
        )

    def _highest_month(self) -> str:
        known = [(one.spend.shown, one) for one in self._months if isinstance(one.spend, Amount)]
        if not known:
            return self.locale.say("No month of the year is known")
        amount, highest = max(known, key=lambda pair: pair[0])
        return self.locale.say(
            "%(month)s is the highest month, at %(amount)s",
            month=self.locale.month(month(highest.month).start),
            amount=self.locale.money(amount, self.report.currency, places=self.places),
        )

    def _forms(self) -> Iterator[str]:
        states, say = {one.state for one in self._months}, self.locale.say
        if "actual" in states:
            yield say("actual solid")
        if states & {"running", "forecast"}:
            yield say("forecast hatched with its 80%% range")
        if any(isinstance(one.budget, Amount) for one in self._months):
            yield say("budget outlined")

    def _month_in_words(self, one: FiscalMonth) -> str:
        name, say = self.locale.month_and_year(month(one.month).start), self.locale.say
        if isinstance(one.spend, NotComputable):
            return say("%(month)s: not known.", month=name)
        amount = self.money(one.spend)
        text = (
            say("%(month)s: actual %(amount)s", month=name, amount=amount)
            if one.state == "actual"
            else say("%(month)s: forecast %(amount)s", month=name, amount=amount)
        )
        if isinstance(one.gap, NotComputable):
            return f"{text}."
        gap = self.locale.signed_money(one.gap.shown, self.report.currency, places=self.places)
        return f"{text}, {say('gap %(gap)s', gap=gap)}."

    def _periods(self, row: FiscalRow) -> str:
        first, last = f"P{row.first:02d}", f"P{row.last:02d}"
        if row.first == row.last:
            return first
        return self.locale.say("%(first)s to %(last)s", first=first, last=last)

    def _long_month(self, number: int) -> str:
        months = self._months
        if not 0 < number <= len(months):
            return self.subject
        return self.locale.month(month(months[number - 1].month).start)

    def _short(self, one: FiscalMonth) -> str:
        return self.locale.short_month(month(one.month).start)

    def _unsigned_money(self, amount: Decimal) -> str:
        return self.locale.money(abs(amount), self.report.currency, places=self.places)


def _gap(one: FiscalMonth) -> Decimal | None:
    return one.gap.shown if isinstance(one.gap, Amount) else None


def _chart_amounts(months: Sequence[FiscalMonth]) -> Iterator[Amount]:
    for one in months:
        yield from (figure for figure in (one.spend, one.budget) if isinstance(figure, Amount))
        if isinstance(one.range, Range):
            yield one.range.high


def _row_amounts(row: FiscalRow) -> Iterator[Amount]:
    figures: tuple[Figure, ...] = (row.actual, row.forecast, row.budget)
    yield from (figure for figure in figures if isinstance(figure, Amount))
