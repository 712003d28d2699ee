"""Clock: which days a forecast looks at, and which of the last ones are complete."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from finops import periods
from finops.forecast.forecaster import History
from finops.forecast.late_days import split_incomplete
from finops.money import to_float
from finops.periods import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """First day with charges, first day the forecast looks at, last complete day, days left out."""

    first_day: date
    since: date
    data_to: date | None
    left_out: tuple[date, ...]

    @classmethod
    def of(cls, daily: Mapping[date, Decimal], as_of: date, *, history_months: int) -> "Clock":
        """The clock of all charges together: how far back the forecast looks, and which days are complete."""
        first, last = min(daily), max(daily)
        since = max(first, periods.months_before(as_of, history_months))
        values = (
            [to_float(daily.get(day, Decimal(0))) for day in Period(start=since, end=last + timedelta(days=1))]
            if last >= since
            else []
        )
        history = split_incomplete(since, values, as_of=as_of)
        seen = min(last, as_of)
        return cls(
            first_day=first,
            since=since,
            data_to=history.end - timedelta(days=1) if history.values else None,
            left_out=tuple(history.end + timedelta(days=n) for n in range(max((seen - history.end).days + 1, 0))),
        )

    def history(self, daily: Mapping[date, Decimal]) -> History:
        """One series on the common days."""
        if self.data_to is None:
            return History(start=self.since, values=())
        days = Period(start=self.since, end=self.data_to + timedelta(days=1))
        return History(
            start=self.since,
            values=tuple(to_float(daily.get(day, Decimal(0))) for day in days),
            left_out=len(self.left_out),
            booked=tuple(to_float(daily.get(day, Decimal(0))) for day in self.left_out),
        )
