"""Detail: the long tables by service and by account."""

from finops.periods import previous_month
from finops.report.locale import is_month, sentence
from finops.report.model import Amount, Detail, DetailRow, NotComputable
from finops.report.sentences.words import Words


class DetailWords(Words):
    """Detail by service and by account."""

    __slots__ = ()

    @property
    def services(self) -> str:
        """Which service is the largest."""
        say, found = self.locale.say, _largest(self.report.services)
        if found is None:
            return say("Detail by service")
        amount, share = self._amount_and_share(found, self.report.services)
        name = self.short_name(found.name)
        if not share:
            return say("%(name)s is the largest service, at %(amount)s", name=name, amount=amount)
        if self.finished:
            return say(
                "%(name)s is the largest service: %(amount)s, %(share)s of the total",
                name=name,
                amount=amount,
                share=share,
            )
        return say(
            "%(name)s is the largest service: %(amount)s, %(share)s of the forecast",
            name=name,
            amount=amount,
            share=share,
        )

    @property
    def accounts(self) -> str:
        """Which account is the largest."""
        say, found = self.locale.say, _largest(self.report.accounts)
        if found is None:
            return say("Detail by account")
        amount, share = self._amount_and_share(found, self.report.accounts)
        name = self.short_name(found.name)
        if not share:
            return say("%(name)s is the largest account, at %(amount)s", name=name, amount=amount)
        if self.finished:
            return say(
                "%(name)s is the largest account: %(amount)s, %(share)s of the total",
                name=name,
                amount=amount,
                share=share,
            )
        return say(
            "%(name)s is the largest account: %(amount)s, %(share)s of the forecast",
            name=name,
            amount=amount,
            share=share,
        )

    @property
    def services_caption(self) -> str:
        """Measure, period, unit and order of the table by service."""
        return self.locale.say(
            "%(measure)s by provider and service, %(period)s, in %(unit)s, largest forecast first",
            measure=sentence(self.measure),
            period=self.period,
            unit=self.locale.symbol(self.report.currency),
        )

    @property
    def accounts_caption(self) -> str:
        """Measure, period, unit and order of the table by account."""
        return self.locale.say(
            "%(measure)s by provider and account, %(period)s, in %(unit)s, largest forecast first",
            measure=sentence(self.measure),
            period=self.period,
            unit=self.locale.symbol(self.report.currency),
        )

    @property
    def service_head(self) -> str:
        """Head of the column of services."""
        return self.locale.say("Service")

    @property
    def account_head(self) -> str:
        """Head of the column of accounts."""
        return self.locale.say("Account")

    @property
    def detail_columns(self) -> tuple[str, str, str]:
        """Heads of the amounts: month before, to date, forecast."""
        say, period = self.locale.say, self.report.period
        if not is_month(period):
            return say("Previous actual"), say("To date"), say("Forecast")
        name = self.locale.short_month(period.start)
        return (
            say("%(month)s actual", month=self.locale.short_month(previous_month(period).start)),
            say("%(month)s to date", month=name),
            say("%(month)s actual", month=name) if self.finished else say("%(month)s forecast", month=name),
        )

    @property
    def all_together(self) -> str:
        """The line that adds up a table."""
        return self.locale.say("Total")

    def folded_away(self, number: int) -> str:
        """How many lines stand together in one, and where they are on their own."""
        return sentence(
            self.locale.say_many(
                "%(number)s line is added up as other; it is in the attached data.",
                "%(number)s lines are added up as others; each is in the attached data.",
                number,
            )
        )

    @property
    def change_column(self) -> str:
        """Head of a column of changes."""
        return self.locale.say("Change %(unit)s", unit=self.locale.symbol(self.report.currency))

    @property
    def change_ratio_column(self) -> str:
        """Head of a column of changes in percent."""
        return self.locale.say("Change %%")

    @property
    def change_note(self) -> str:
        """How to read a change."""
        return self.locale.say("Change = forecast − month before. Plus means more spend. n/a: nothing to compare with.")

    def change_ratio(self, row: DetailRow) -> str:
        """The change in percent; `n/a` where the month before is nothing as shown, a dash where it is not known."""
        if isinstance(row.previous, Amount) and not row.previous.shown and isinstance(row.change, Amount):
            return self.locale.say("n/a")
        return self.locale.gap_ratio(row.change_ratio, row.change)

    def subtotal(self, name: str) -> str:
        """The line that adds up one provider."""
        return self.locale.say("%(name)s, subtotal", name=name)

    def other_services(self, number: int) -> str:
        """The row that stands for services not shown on their own."""
        return sentence(self.locale.say_many("%(number)s other service", "%(number)s other services", number))

    def other_accounts(self, number: int) -> str:
        """The row that stands for accounts not shown on their own."""
        return sentence(self.locale.say_many("%(number)s other account", "%(number)s other accounts", number))

    def _amount_and_share(self, row: DetailRow, detail: Detail | NotComputable) -> tuple[str, str]:
        amount = self.money(row.forecast)
        total = detail.total.forecast if isinstance(detail, Detail) else detail
        if not isinstance(total, Amount) or not isinstance(row.forecast, Amount) or total.exact <= 0:
            return amount, ""
        return amount, self.locale.share(row.forecast.exact / total.exact)


def _largest(detail: Detail | NotComputable) -> DetailRow | None:
    """The row with the largest forecast above zero."""
    rows = [row for group in detail.groups for row in group.rows] if isinstance(detail, Detail) else []
    known = [(row.forecast.shown, row) for row in rows if isinstance(row.forecast, Amount) and row.forecast.shown > 0]
    return max(known, key=lambda pair: pair[0])[1] if known else None
