"""Rates: dated exchange rates with their source; a day without a rate is said, never guessed."""

import bisect
import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from pathlib import Path

from finops.errors import ConfigurationError
from finops.local_files import opened_text
from finops.money import PLACES, add
from finops.periods import Period

_EXACT = Context(prec=76, rounding=ROUND_HALF_EVEN)
_STEP = Decimal(1).scaleb(-PLACES)
_OLDEST_DAYS = 7
"""A rate holds over weekends and holidays, for at most a week."""
_HEADER = ("date", "from", "to", "rate", "source")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """One unit of `base` is worth `value` units of `quote` on a day; `source` is who said so."""

    day: date
    base: str
    quote: str
    value: Decimal
    source: str


class Rates:
    """Exchange rates by pair and day.

    Args:
        rates: in any order; of two for one pair and day the later one counts.
    """

    def __init__(self, rates: Iterable[Rate] = ()) -> None:
        by_pair: dict[tuple[str, str], dict[date, Rate]] = {}
        for rate in rates:
            by_pair.setdefault((rate.base, rate.quote), {})[rate.day] = rate
        self._by_pair: Mapping[tuple[str, str], list[Rate]] = {
            pair: [days[day] for day in sorted(days)] for pair, days in by_pair.items()
        }

    def at(self, day: date, base: str, quote: str) -> Rate | None:
        """The newest rate of the day or the week before it; the inverse pair serves where the pair is not listed."""
        listed = self._by_pair.get((base, quote))
        if listed is not None:
            return _newest(listed, day)
        inverse = _newest(self._by_pair.get((quote, base), []), day)
        if inverse is None:
            return None
        value = _EXACT.divide(Decimal(1), inverse.value)
        return Rate(day=inverse.day, base=base, quote=quote, value=value, source=inverse.source)

    def within(self, period: Period) -> list[Rate]:
        """Every rate that may be asked for on a day of the period, by pair and day."""
        first = period.start - timedelta(days=_OLDEST_DAYS)
        return [rate for _, days in sorted(self._by_pair.items()) for rate in days if first <= rate.day < period.end]

    def convert(self, amount: Decimal, day: date, base: str, quote: str) -> Decimal:
        """The amount at the day's rate, half-even to 18 places; the same amount where the currencies are one.

        Raises:
            RateMissing: if neither the pair nor its inverse has a rate for the day.
        """
        if base == quote:
            return amount
        rate = self.at(day, base, quote)
        if rate is None:
            raise RateMissing(day, base, quote)
        return _EXACT.multiply(amount, rate.value).quantize(_STEP, context=_EXACT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """From every currency of a bill to one: amounts at the rate of their day.

    Attributes:
        quote: the currency they become.
    """

    rates: Rates
    quote: str

    def __call__(self, amount: Decimal, day: date, currency: str) -> Decimal:
        """The amount of a day in the one currency.

        Raises:
            RateMissing: as `Rates.convert`.
        """
        return self.rates.convert(amount, day, currency, self.quote)

    def at_mean_of(self, amount: Decimal, period: Period, currency: str) -> Decimal:
        """The amount at the mean of a period's daily rates: what it would be had rates not moved since.

        Raises:
            RateMissing: if no day of the period has a rate.
        """
        if currency == self.quote:
            return amount
        known = [rate.value for day in period if (rate := self.rates.at(day, currency, self.quote))]
        if not known:
            raise RateMissing(period.start, currency, self.quote)
        mean = _EXACT.divide(add(*known), Decimal(len(known)))
        return _EXACT.multiply(amount, mean).quantize(_STEP, context=_EXACT)

    def newest(self, currency: str, day: date) -> Rate | None:
        """The rate a report made on the day names for a currency; None for the one currency itself."""
        return None if currency == self.quote else self.rates.at(day, currency, self.quote)


class RateMissing(ConfigurationError):
    """There is money in a currency that cannot be converted."""

    def __init__(self, day: date, base: str, quote: str) -> None:
        super().__init__(
            f"Cost of {day} is in {base}, and no rate from {base} to {quote} is known for that day or the week before.",
            "Add one to the file that [rates] names (date,from,to,rate,source), or report in another currency.",
        )


class BadRate(ConfigurationError):
    """A line of the rates file cannot be used."""

    def __init__(self, file: Path, line: int, why: str) -> None:
        super().__init__(f"{file}, line {line}: {why}.", "Correct the line: date,from,to,rate,source.")


def read(file: Path) -> Rates:
    """Read a rates file: CSV with the columns date, from, to, rate, source.

    Raises:
        AccessError: if the file may not be read.
        BadRate: for the first line that is no rate.
    """
    with opened_text(file) as text:
        rows = csv.reader(text)
        header = tuple(cell.strip() for cell in next(rows, []))
        if header != _HEADER:
            raise BadRate(file, 1, f"the header is {','.join(header)!r}, not {','.join(_HEADER)}")
        return Rates([_rate(file, rows.line_num, row) for row in rows if row])


def _rate(file: Path, line: int, row: list[str]) -> Rate:
    if len(row) != len(_HEADER):
        raise BadRate(file, line, f"it has {len(row)} cells, not {len(_HEADER)}")
    day, base, quote, value, source = (cell.strip() for cell in row)
    try:
        rate = Rate(day=date.fromisoformat(day), base=base, quote=quote, value=Decimal(value), source=source)
    except (ValueError, InvalidOperation) as error:
        raise BadRate(file, line, f"{day!r} is no date or {value!r} no number") from error
    if not rate.value.is_finite() or rate.value <= 0:
        raise BadRate(file, line, f"the rate {value!r} is not above zero")
    if not source:
        raise BadRate(file, line, "the rate has no source")
    return rate


def _newest(rates: list[Rate], day: date) -> Rate | None:
    at = bisect.bisect_right(rates, day, key=lambda rate: rate.day)
    if at == 0 or (day - rates[at - 1].day).days > _OLDEST_DAYS:
        return None
    return rates[at - 1]
