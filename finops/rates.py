"""Rates: dated exchange rates with their source; a day without a rate is said, never guessed.

Two files are read: our own (date,from,to,rate,source), and the reference rates of the European Central Bank as it
publishes them (eurofxref-hist.csv, eurofxref.csv, or the zip around either): what one euro is worth in each currency.
"""

import bisect
import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from pathlib import Path
from typing import IO

from finops.errors import ConfigurationError
from finops.local_files import opened_text
from finops.money import PLACES, add
from finops.periods import Period

_EXACT = Context(prec=76, rounding=ROUND_HALF_EVEN)
_STEP = Decimal(1).scaleb(-PLACES)
_OLDEST_DAYS = 7
"""A rate holds over weekends and holidays, for at most a week."""
_HEADER = ("date", "from", "to", "rate", "source")
_ECB = "ECB euro foreign exchange reference rates"
_EURO = "EUR"
_CURRENCY = re.compile(r"[A-Z]{3}")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""As the daily file writes them, in whole words or short."""


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
        self._pivots = sorted({currency for pair in by_pair for currency in pair})

    def at(self, day: date, base: str, quote: str) -> Rate | None:
        """The newest rate of the day or the week before it.

        Where the pair is not listed its inverse serves, and where that is not either, the way through one other
        currency, as of two rates of a euro: the first in the alphabet that knows both.
        """
        if (base, quote) in self._by_pair or (quote, base) in self._by_pair:
            return self._listed(day, base, quote)
        for pivot in self._pivots:
            first, second = self._listed(day, base, pivot), self._listed(day, pivot, quote)
            if first is not None and second is not None:
                sources = first.source if first.source == second.source else f"{first.source}; {second.source}"
                value = _EXACT.multiply(first.value, second.value)
                return Rate(day=min(first.day, second.day), base=base, quote=quote, value=value, source=sources)
        return None

    def _listed(self, day: date, base: str, quote: str) -> Rate | None:
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
        plan: budget rates by currency, in `quote`; what they differ from dated rates is a step of bridges.
    """

    rates: Rates
    quote: str
    plan: Mapping[str, Decimal] = field(default_factory=dict)

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
        return _EXACT.multiply(amount, self.mean(period, currency)).quantize(_STEP, context=_EXACT)

    def mean(self, period: Period, currency: str) -> Decimal:
        """The mean of a period's daily rates.

        Raises:
            RateMissing: if no day of the period has a rate.
        """
        if currency == self.quote:
            return Decimal(1)
        known = [rate.value for day in period if (rate := self.rates.at(day, currency, self.quote))]
        if not known:
            raise RateMissing(period.start, currency, self.quote)
        return _EXACT.divide(add(*known), Decimal(len(known)))

    def plan_rate(self, currency: str) -> Decimal | None:
        """The budget rate of a currency; None where there is none."""
        return None if currency == self.quote else self.plan.get(currency)

    def planned(self, amount: Decimal, currency: str) -> Decimal | None:
        """The amount at the budget rate; None where there is none."""
        rate = self.plan_rate(currency)
        return None if rate is None else _EXACT.multiply(amount, rate).quantize(_STEP, context=_EXACT)

    def newest(self, currency: str, day: date) -> Rate | None:
        """The rate a report made on the day names for a currency; None for the one currency itself."""
        return None if currency == self.quote else self.rates.at(day, currency, self.quote)


class RateMissing(ConfigurationError):
    """There is money in a currency that cannot be converted."""

    def __init__(self, day: date, base: str, quote: str) -> None:
        super().__init__(
            f"Cost of {day} is in {base}, and no rate from {base} to {quote} is known for that day or the week before.",
            "Add one to the file that [rates] names (date,from,to,rate,source, or the ECB's eurofxref-hist.csv), "
            "or report in another currency.",
        )


class BadRate(ConfigurationError):
    """A line of the rates file cannot be used."""

    def __init__(self, file: Path, line: int, why: str) -> None:
        super().__init__(f"{file}, line {line}: {why}.", "Correct the line: date,from,to,rate,source.")


def read(file: Path) -> Rates:
    """Read a rates file: CSV with the columns date, from, to, rate, source; or one of the European Central Bank.

    Raises:
        AccessError: if the file may not be read.
        BadRate: for the first line that is no rate.
    """
    if zipfile.is_zipfile(file):
        try:
            return _unpacked(file)
        except (zipfile.BadZipFile, UnicodeDecodeError, EOFError, zlib.error) as error:
            raise BadRate(file, 1, f"the zip is broken ({error})") from error
    with opened_text(file) as text:
        return _rates(file, text)


def _unpacked(file: Path) -> Rates:
    with zipfile.ZipFile(file) as packed:
        names = [name for name in packed.namelist() if name.endswith(".csv")]
        if len(names) != 1:
            raise BadRate(file, 1, f"the zip holds {len(names)} CSV files, not one")
        with packed.open(names[0]) as member, io.TextIOWrapper(member, encoding="utf-8-sig", newline="") as text:
            return _rates(file, text)


def _rates(file: Path, text: IO[str]) -> Rates:
    rows = csv.reader(text)
    header = tuple(cell.strip() for cell in next(rows, []))
    if header == _HEADER:
        return Rates([_rate(file, rows.line_num, row) for row in rows if row])
    if header[:1] == ("Date",) and "USD" in header:
        return Rates([rate for row in rows if row for rate in _of_a_euro(file, rows.line_num, header, row)])
    raise BadRate(file, 1, f"the header is {','.join(header)!r}, not {','.join(_HEADER)}")


def _of_a_euro(file: Path, line: int, header: Sequence[str], row: Sequence[str]) -> Iterator[Rate]:
    """The rates of one line of the European Central Bank; a currency without one that day is `N/A` or empty."""
    if len(row) != len(header):
        raise BadRate(file, line, f"it has {len(row)} cells, not {len(header)}")
    day = _day(file, line, row[0].strip())
    for quote, cell in zip(header[1:], row[1:], strict=True):
        if quote and cell.strip() not in {"", "N/A"}:
            yield Rate(day=day, base=_EURO, quote=quote, value=_value(file, line, cell.strip()), source=_ECB)


def _day(file: Path, line: int, text: str) -> date:
    """`2026-11-13`, or `13 November 2026` as in the daily file."""
    try:
        if parts := re.fullmatch(r"([0-9]{1,2}) ([A-Z][a-z]{2})[a-z]* ([0-9]{4})", text):
            return date(int(parts[3]), _MONTHS.index(parts[2]) + 1, int(parts[1]))
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadRate(file, line, f"{text!r} is no date") from error


def _rate(file: Path, line: int, row: list[str]) -> Rate:
    if len(row) != len(_HEADER):
        raise BadRate(file, line, f"it has {len(row)} cells, not {len(_HEADER)}")
    day, base, quote, value, source = (cell.strip() for cell in row)
    if not source:
        raise BadRate(file, line, "the rate has no source")
    for currency in (base, quote):
        if not _CURRENCY.fullmatch(currency):
            raise BadRate(file, line, f"{currency!r} is no currency like EUR")
    return Rate(day=_day(file, line, day), base=base, quote=quote, value=_value(file, line, value), source=source)


def _value(file: Path, line: int, text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise BadRate(file, line, f"{text!r} is no number") from error
    if not value.is_finite() or value <= 0:
        raise BadRate(file, line, f"the rate {text!r} is not above zero")
    return value


def _newest(rates: list[Rate], day: date) -> Rate | None:
    at = bisect.bisect_right(rates, day, key=lambda rate: rate.day)
    if at == 0 or (day - rates[at - 1].day).days > _OLDEST_DAYS:
        return None
    return rates[at - 1]


def planned(pairs: Mapping[str, Decimal], quote: str) -> dict[str, Decimal]:
    """Budget rates by currency, in one currency.

    Args:
        pairs: as `[rates] plan` has them: `USD/EUR` to what one dollar is worth in euro; the inverse serves, too.
        quote: the one currency; pairs without it are left out.

    >>> planned({"USD/EUR": Decimal("0.92"), "GBP/CHF": Decimal("1.1")}, "EUR")
    {'USD': Decimal('0.92')}
    """
    found: dict[str, Decimal] = {}
    for pair, value in pairs.items():
        base, _, other = pair.partition("/")
        if base == quote:
            found.setdefault(other, _EXACT.divide(Decimal(1), value))
        if other == quote:
            found[base] = value
    return found
