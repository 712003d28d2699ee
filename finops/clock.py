"""Clock: which days a forecast looks at, and which of the last ones are complete."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from finops import periods
from finops.forecast.forecaster import History
from finops.forecast.holidays import Holidays
from finops.forecast.late_days import LateDay, split_incomplete
from finops.money import to_float
from finops.periods import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """First day with charges, first day the forecast looks at, last complete day, days left out.

    Attributes:
        completed: those of the days left out, from the first on, that a forecast is told as they will be.
        holidays: from `since` to the end of the forecast, where asked for.
    """

    first_day: date
    since: date
    data_to: date | None
    left_out: tuple[date, ...]
    completed: tuple[LateDay, ...] = ()
    holidays: tuple[Holidays, ...] = ()

    @classmethod
    def of(
        cls, daily: Mapping[date, Decimal], as_of: date, *, history_months: int, late: Sequence[LateDay] = ()
    ) -> "Clock":
        """The clock of all charges together: how far back the forecast looks, and which days are complete.

        Args:
            daily: amounts; those of late days as they will be.
            as_of: the clock.
            history_months: how far back at most.
            late: last days that are known not to be all in; others are told from their level.
        """
        first, last = min(daily), max(daily)
        since = max(first, periods.months_before(as_of, history_months))
        values = (
            [to_float(daily.get(day, Decimal(0))) for day in Period(start=since, end=last + timedelta(days=1))]
            if last >= since
            else []
        )
        history = split_incomplete(since, values, as_of=as_of)
        seen = min(last, as_of)
        end = min([history.end, *(one.day for one in late if one.day > since)])
        return cls(
            first_day=first,
            since=since,
            data_to=end - timedelta(days=1) if history.values else None,
            left_out=tuple(end + timedelta(days=n) for n in range(max((seen - end).days + 1, 0))),
            completed=tuple(_completed(late, end, history.end)),
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
            holidays=self.holidays,
        )


def _completed(late: Sequence[LateDay], first: date, end: date) -> Iterator[LateDay]:
    """The late days from the first on, without a gap, that are told well enough and do not look too low even then."""
    for at, one in enumerate(late):
        if one.day != first + timedelta(days=at) or one.day >= end or not one.completed:
            return
        yield one
