"""TCO: which option is cheaper until when, and which assumptions decide."""

from collections.abc import Sequence
from decimal import Decimal

from finops.report.locale import Scale, decimals, full_stop
from finops.report.model import Amount, Assumption, NotComputable, TcoPart, TcoRow, TcoSwing
from finops.report.sentences.words import Words

_NAMED = 2


class TcoWords(Words):
    """Owned against rented."""

    __slots__ = ()

    def tco(self, part: TcoPart) -> str:
        """Which is cheaper, and until when."""
        say, owned, comparator = self.locale.say, self.short_name(part.owned), self.short_name(part.comparator)
        months = self.locale.count(part.horizon_months)
        if isinstance(part.break_even, NotComputable):
            return say("%(comparator)s is cheaper for all %(months)s months", comparator=comparator, months=months)
        if part.break_even == 0:
            return say("%(owned)s is cheaper from the start", owned=owned)
        if part.lost_again is not None:
            return say(
                "%(owned)s is cheaper only from month %(month)s to %(last)s",
                owned=owned,
                month=self.locale.count(part.break_even),
                last=self.locale.count(part.lost_again - 1),
            )
        return say(
            "%(comparator)s is cheaper for %(months)s months, then %(owned)s",
            comparator=comparator,
            months=self.locale.count(part.break_even - 1),
            owned=owned,
        )

    def tco_curves(self, part: TcoPart) -> str:
        """Where the curves cross."""
        say, owned, comparator = self.locale.say, self.short_name(part.owned), self.short_name(part.comparator)
        if isinstance(part.break_even, NotComputable):
            return say("No break-even within %(months)s months", months=self.locale.count(part.horizon_months))
        if part.break_even == 0:
            return say("%(owned)s has cost no more from the start", owned=owned)
        return say(
            "%(comparator)s passes %(owned)s in month %(month)s",
            comparator=comparator,
            owned=owned,
            month=self.locale.count(part.break_even),
        )

    def tco_curves_caption(self, part: TcoPart) -> str:
        """What is drawn."""
        return self.locale.say(
            "%(study)s: cumulative cost in %(unit)s over %(months)s months, same demand, not discounted",
            study=self.short_name(part.name),
            unit=self.tco_scale(part).unit,
            months=self.locale.count(part.horizon_months),
        )

    def tco_description(self, part: TcoPart) -> str:
        """The curves in words and numbers, for those who do not see them."""
        return " ".join(
            self.locale.say(
                "%(name)s: %(first)s at the start, %(last)s after %(months)s months.",
                name=curve.name,
                first=self._tco_money(curve.cumulative[0], part),
                last=self._tco_money(curve.cumulative[-1], part),
                months=self.locale.count(part.horizon_months),
            )
            for curve in part.curves
        )

    def tco_table_caption(self, part: TcoPart) -> str:
        """Horizon and unit of the table."""
        return self.locale.say(
            "Total cost of ownership over %(months)s months, in %(unit)s",
            months=self.locale.count(part.horizon_months),
            unit=self.tco_scale(part).unit,
        )

    def tco_scale(self, part: TcoPart) -> Scale:
        """The unit of table and chart."""
        symbol = self.locale.symbol(part.currency)
        if part.unit >= _TENTH_OF_A_MILLION:
            return Scale(divisor=Decimal(1_000_000), places=1, unit=f"M{symbol}")
        if part.unit > 1:
            return Scale(divisor=Decimal(1000), places=1, unit=f"k{symbol}")
        return Scale(divisor=Decimal(1), places=0, unit=symbol)

    def tco_block(self, part: TcoPart, row: TcoRow) -> str:
        """What a line of the table is called."""
        say = self.locale.say
        if row.block == "refresh":
            months = sorted({month for curve in part.curves for month in curve.refresh_months})
            if len(months) == 1:
                return say("Hardware refresh (month %(month)s)", month=self.locale.count(months[0]))
        names = {
            "purchase": say("Purchase, migration, leases"),
            "rent": say("Compute, storage and transfer"),
            "refresh": say("Hardware refresh"),
            "energy": say("Power, cooling, rack space"),
            "staff": say("Staff time"),
            "licences": say("Maintenance, licences, support"),
            "resale": say("Resale of hardware"),
            "tax": say("Tax relief"),
            "total": say("Total, not discounted"),
            "npv": say("Net present value at %(rate)s", rate=self.locale.share(part.discount_rate)),
        }
        return names[row.block]

    def tco_difference(self, part: TcoPart) -> str:
        """Head of the last column."""
        return f"{self.short_name(part.curves[-1].name)} − {self.short_name(part.owned)}"

    def tco_amount(self, part: TcoPart, amount: Amount) -> str:
        """A shown amount in the table's unit."""
        return self.locale.scaled(amount.shown, self.tco_scale(part))

    def tco_signed(self, part: TcoPart, amount: Amount) -> str:
        """A difference in the table's unit."""
        return self.locale.signed_scaled(amount.shown, self.tco_scale(part))

    def tco_decides(self, part: TcoPart) -> str:
        """The assumptions that move most."""
        say = self.locale.say
        names = [swing.name for swing in part.swings[:_NAMED]]
        if not names:
            return say("No assumption has a range, so none can be said to decide")
        if len(names) == 1:
            return say("%(name)s decides the answer", name=names[0])
        return say("%(first)s and %(second)s decide the answer", first=names[0], second=names[1])

    def tco_swings_caption(self, part: TcoPart) -> str:
        """What the bars are."""
        pair = {"owned": self.short_name(part.owned), "comparator": self.short_name(part.comparator)}
        if isinstance(part.break_even, NotComputable):
            return self.locale.say(
                "What %(owned)s saves against %(comparator)s, net present value in %(unit)s, one assumption at a time",
                **pair,
                unit=self.tco_scale(part).unit,
            )
        return self.locale.say(
            "Break-even month, %(comparator)s against %(owned)s, one assumption changed at a time", **pair
        )

    def tco_swings_description(self, part: TcoPart) -> str:
        """The bars in words and numbers, for those who do not see them."""
        return " ".join(
            f"{self.tco_swing(swing)}: {self.tco_ends(part, swing)[0]}, {self.tco_ends(part, swing)[1]}."
            for swing in part.swings
        )

    def tco_swing(self, swing: TcoSwing) -> str:
        """An assumption with its two ends."""
        low, high = (self._tco_number(value) for value in (swing.low, swing.high))
        return f"{swing.name}, {low} / {high} {swing.unit}"

    def tco_ends(self, part: TcoPart, swing: TcoSwing) -> tuple[str, str]:
        """What comes out at its low and at its high."""
        if isinstance(part.break_even, NotComputable):
            scale = self.tco_scale(part)
            return (
                self.locale.signed_scaled(swing.low_saving, scale),
                self.locale.signed_scaled(swing.high_saving, scale),
            )
        first, second = (
            self.locale.say("never") if month is None else self.locale.count(month)
            for month in (swing.low_month, swing.high_month)
        )
        return first, second

    def tco_swings_note(self, part: TcoPart) -> str:
        """How to read the bars."""
        if isinstance(part.break_even, NotComputable):
            return self.locale.say("Dark = first value named, light = second value. Above zero owning is cheaper.")
        return self.locale.say("Dark = first value named, light = second value. A later break-even favours renting.")

    def tco_never(self, part: TcoPart) -> str:
        """Why there is no break-even; empty where there is one."""
        return full_stop(part.break_even.reason) if isinstance(part.break_even, NotComputable) else ""

    def tco_notes(self, part: TcoPart) -> Sequence[str]:
        """What is not counted, as sentences."""
        return [full_stop(note) for note in part.notes]

    def tco_input(self, item: Assumption) -> str:
        """The value of an input as this language writes numbers."""
        value = Decimal(item.value)
        return self.locale.number(value, places=min(4, decimals(value)))

    def _tco_number(self, value: Decimal) -> str:
        places = 0 if abs(value) >= _MANY else min(3, decimals(value))
        return self.locale.number(value, places=places)

    def _tco_money(self, value: Decimal, part: TcoPart) -> str:
        return self.locale.money(value, part.currency, places=0)


_MANY = Decimal(1000)
"""From here on a swing's end has no decimals."""

_TENTH_OF_A_MILLION = Decimal(100_000)
