"""Locale: how a reader's language writes amounts, signs, percentages, dates and sentences.

Babel knows separators and places; what reports add to it (a true minus, signs on gaps, capped chances, k€) is here.
"""

import decimal
import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from gettext import NullTranslations
from typing import Literal

import babel
from babel.dates import format_date, format_skeleton
from babel.numbers import format_currency, format_decimal, format_percent, get_currency_symbol

from finops.errors import ConfigurationError
from finops.periods import Period, month_of
from finops.report.model import Amount, Figure, NotComputable

MINUS = "\u2212"
UNKNOWN = "\N{EN DASH}"
"""Printed where a figure is not known; a note under the table says why."""

Negative = Literal["minus", "parentheses"]

_IDENTIFIER = re.compile(r"[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8}){0,2}")
_PERCENT_CAP = Decimal("9.9995")  # from here on one decimal would print 1,000.0 %
_MANY_THOUSANDS = 10_000_000  # from here on thousands have five digits
_MANY_UNITS = 10_000
_CENTS_MATTER = 100
_WHOLE = Decimal(1)
_DIGITS = 76  # more than the 38 of a money column; Babel rounds to the context's digits


class UnknownLocale(ConfigurationError):
    """The locale is not one Babel knows."""

    def __init__(self, identifier: str) -> None:
        super().__init__(
            f"{identifier!r} is not a known locale.",
            "Set organisation.locale to a language and a country, for example en_GB or de_DE.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The unit of one table or chart: divide by `divisor`, print `places` decimals, name it `unit`."""

    divisor: Decimal
    places: int
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Locale:
    """One language with its formats.

    Attributes:
        babel: separators, date patterns and currency places.
        negative: how plain negative amounts are written; German never takes parentheses.
        translations: the words; English is the language they are written in.
    """

    babel: babel.Locale
    negative: Negative = "minus"
    translations: NullTranslations = field(default_factory=NullTranslations)

    @property
    def language_tag(self) -> str:
        """For `html lang`: `en-GB`."""
        return str(self.babel).replace("_", "-")

    # Words

    def say(self, message: str, **values: str) -> str:
        """A translated sentence with its values filled in; `message` is a %-format, so a percent sign is `%%`."""
        return self.translations.gettext(message) % values

    def say_many(self, singular: str, plural: str, number: int, **values: str) -> str:
        """The sentence for this number of things; `%(number)s` is filled in, spelled where it is small."""
        return self.translations.ngettext(singular, plural, number) % {"number": self.spelled(number), **values}

    def spelled(self, number: int) -> str:
        """A small whole number as a word, others in digits."""
        say = self.say
        words = (
            *(say("none"), say("one"), say("two"), say("three"), say("four"), say("five"), say("six")),
            *(say("seven"), say("eight"), say("nine"), say("ten"), say("eleven"), say("twelve")),
        )
        return words[number] if 0 <= number < len(words) else self.count(number)

    # Numbers

    def count(self, number: int) -> str:
        """A whole number with separators."""
        return self.number(Decimal(number))

    def number(self, value: Decimal, *, places: int = 0) -> str:
        """A plain amount: a sign only when negative.

        >>> locale("en_GB").number(Decimal("-1381.4"))
        '−1,381'
        """
        rounded = _rounded(value, places)
        text = self._decimal(rounded.copy_abs(), places)
        if rounded >= 0:
            return text
        return f"({text})" if self._takes_parentheses else f"{MINUS}{text}"

    def signed(self, value: Decimal, *, places: int = 0) -> str:
        """A gap or change: always with its sign, save zero.

        >>> locale("en_GB").signed(Decimal("14800"))
        '+14,800'
        """
        rounded = _rounded(value, places)
        return f"{_sign(rounded)}{self._decimal(rounded.copy_abs(), places)}"

    def exact(self, value: Decimal) -> str:
        """Every digit the value has, at least two decimals.

        >>> locale("en_GB").exact(Decimal("1234.100000000000000005"))
        '1,234.100000000000000005'
        """
        return self.number(value, places=decimals(value, least=2))

    def scaled(self, value: Decimal, scale: Scale) -> str:
        """A plain amount in the scale's unit, which is not repeated."""
        return self.number(value / scale.divisor, places=scale.places)

    def signed_scaled(self, value: Decimal, scale: Scale) -> str:
        """A gap in the scale's unit, which is not repeated."""
        return self.signed(value / scale.divisor, places=scale.places)

    def scale(self, largest: Decimal, currency: str) -> Scale:
        """The unit in which numbers up to `largest` read well: the currency, its thousands or its millions."""
        symbol = self.symbol(currency)
        if abs(largest) >= _MANY_THOUSANDS:
            return Scale(divisor=Decimal(1_000_000), places=1, unit=f"M{symbol}")
        if abs(largest) >= _MANY_UNITS:
            return Scale(divisor=Decimal(1000), places=1, unit=f"k{symbol}")
        return Scale(divisor=Decimal(1), places=2 if abs(largest) < _CENTS_MATTER else 0, unit=symbol)

    # Money

    def symbol(self, currency: str) -> str:
        """The currency as this language writes it: `€`, `CHF`."""
        return get_currency_symbol(currency, locale=self.babel)

    def money(self, value: Decimal, currency: str, *, places: int = 0) -> str:
        r"""An amount with its currency, placed as the locale does.

        >>> locale("de_DE").money(Decimal(254800), "EUR")
        '254.800\xa0€'
        """
        return self._currency(_rounded(value, places), currency, places)

    def signed_money(self, value: Decimal, currency: str, *, places: int = 0) -> str:
        """A gap with its currency and, save for zero, its sign.

        >>> locale("en_GB").signed_money(Decimal("-2100"), "EUR")
        '−€2,100'
        """
        rounded = _rounded(value, places)
        negative = self._currency(rounded.copy_abs().copy_negate(), currency, places)
        return negative.replace(MINUS, _sign(rounded))

    # Ratios

    def percent(self, ratio: Decimal) -> str:
        """A signed ratio as percent with one decimal, above 999 % as `>999%`.

        >>> locale("en_GB").percent(Decimal("0.0617"))
        '+6.2%'
        """
        if abs(ratio) >= _PERCENT_CAP:
            capped = self._percent(Decimal("9.99"), 0)
            return f">{capped}" if ratio > 0 else f"<{MINUS}{capped}"
        rounded = _rounded(ratio, 3)
        return f"{_sign(rounded)}{self._percent(abs(rounded), 1)}"

    def share(self, ratio: Decimal) -> str:
        """An unsigned ratio as percent with one decimal, for errors and shares."""
        return f"{MINUS if _rounded(ratio, 3) < 0 else ''}{self._percent(abs(_rounded(ratio, 3)), 1)}"

    def level(self, ratio: Decimal) -> str:
        """A range's level as whole percent: `80%`."""
        return self._percent(ratio, 0)

    def chance(self, chance: Decimal) -> str:
        """A probability as whole percent, capped: nothing is ever 0 % or 100 % sure.

        >>> [locale("en_GB").chance(Decimal(c)) for c in ("0.001", "0.976", "1")]
        ['<1%', '98%', '>99%']
        """
        whole = _rounded(chance * 100, 0)
        if whole < 1:
            return f"<{self._percent(Decimal('0.01'), 0)}"
        if whole > 99:  # noqa: PLR2004 - the cap
            return f">{self._percent(Decimal('0.99'), 0)}"
        return self._percent(whole / 100, 0)

    # Dates

    def day(self, day: date) -> str:
        """`20 Nov 2026`."""
        return format_skeleton("yMMMd", day, locale=self.babel)

    def short_day(self, day: date) -> str:
        """`20 Nov`."""
        return format_skeleton("MMMd", day, locale=self.babel)

    def long_day(self, day: date) -> str:
        """`20 November`."""
        return format_skeleton("MMMMd", day, locale=self.babel)

    def month(self, day: date) -> str:
        """`November`."""
        return format_date(day, "LLLL", locale=self.babel)

    def short_month(self, day: date) -> str:
        """`Nov`."""
        return format_date(day, "LLL", locale=self.babel)

    def month_and_year(self, day: date) -> str:
        """`November 2026`."""
        return format_skeleton("yMMMM", day, locale=self.babel)

    def short_period(self, period: Period, label: str) -> str:
        """`Nov 2026` for a month, otherwise its label."""
        return format_skeleton("yMMM", period.start, locale=self.babel) if is_month(period) else label

    def period(self, period: Period, label: str) -> str:
        """`November 2026` for a month, otherwise its label."""
        return self.month_and_year(period.start) if is_month(period) else label

    # Figures of the model

    def figure(self, figure: Figure, *, places: int = 0) -> str:
        """The shown amount, or a dash."""
        return UNKNOWN if isinstance(figure, NotComputable) else self.number(figure.shown, places=places)

    def gap(self, figure: Figure, *, places: int = 0) -> str:
        """The shown gap with its sign, or a dash."""
        return UNKNOWN if isinstance(figure, NotComputable) else self.signed(figure.shown, places=places)

    def gap_ratio(self, ratio: Decimal | NotComputable, gap: Figure) -> str:
        """Percent; `n/a` where the budget of a known gap is no base, a dash where the gap is not known."""
        if not isinstance(ratio, NotComputable):
            return self.percent(ratio)
        return UNKNOWN if isinstance(gap, NotComputable) else self.say("n/a")

    def chance_of(self, chance: Decimal | NotComputable) -> str:
        """The capped chance, or a dash."""
        return UNKNOWN if isinstance(chance, NotComputable) else self.chance(chance)

    @property
    def _takes_parentheses(self) -> bool:
        return self.negative == "parentheses" and self.babel.language != "de"

    def _decimal(self, value: Decimal, places: int) -> str:
        with decimal.localcontext(prec=_DIGITS):
            return format_decimal(value, format=_pattern("#,##0", places), locale=self.babel)

    def _percent(self, ratio: Decimal, places: int) -> str:
        pattern = _with_places(self.babel.percent_formats[None].pattern, places)
        return format_percent(ratio, format=pattern, locale=self.babel)

    def _currency(self, value: Decimal, currency: str, places: int) -> str:
        pattern = _with_places(self.babel.currency_formats["standard"].pattern, places)
        with decimal.localcontext(prec=_DIGITS):
            text = format_currency(value, currency, format=pattern, locale=self.babel, currency_digits=False)
        # The specification puts a space between a currency's letters and a digit; Babel does not.
        return re.sub(r"(?<=[^\W\d_])(?=\d)", "\N{NO-BREAK SPACE}", text).replace("-", MINUS)


def locale(identifier: str, *, negative: Negative = "minus") -> Locale:
    """The locale of an identifier such as `en_GB`.

    Raises:
        UnknownLocale: if Babel does not know it.
    """
    if not _IDENTIFIER.fullmatch(identifier):  # Babel reads as far as it understands and drops the rest
        raise UnknownLocale(identifier)
    try:
        known = babel.Locale.parse(identifier, sep="-" if "-" in identifier else "_")
    except (ValueError, babel.UnknownLocaleError) as error:
        raise UnknownLocale(identifier) from error
    return Locale(babel=known, negative=negative)


def sentence(text: str) -> str:
    """The text with a capital at its start.

    >>> sentence("five of six")
    'Five of six'
    """
    return text[:1].upper() + text[1:]


def full_stop(reason: str) -> str:
    """A reason as a sentence of its own.

    >>> full_stop("no budget covers it")
    'No budget covers it.'
    """
    return reason if not reason else sentence(reason.rstrip(".")) + "."


def is_month(period: Period) -> bool:
    """Whether the period is exactly one calendar month."""
    return period == month_of(period.start)


def decimals(value: Decimal, *, least: int = 0) -> int:
    """How many decimals a value has, trailing zeros not counted.

    >>> decimals(Decimal("12.3400"))
    2
    """
    exponent = value.normalize(decimal.Context(prec=_DIGITS)).as_tuple().exponent
    return max(least, -exponent if isinstance(exponent, int) else 0)


def places_of(unit: Decimal) -> int:
    """Decimals of amounts rounded to `unit`: 0 for 1, 2 for 0.01."""
    return decimals(unit)


def shown(figure: Figure) -> Decimal | None:
    """The shown value; None where it is not computable."""
    return figure.shown if isinstance(figure, Amount) else None


def _rounded(value: Decimal, places: int) -> Decimal:
    """Half-even; a negative zero becomes zero."""
    with decimal.localcontext(prec=_DIGITS, rounding=decimal.ROUND_HALF_EVEN):
        return value.quantize(_WHOLE.scaleb(-places)) + 0


def _sign(rounded: Decimal) -> str:
    if rounded == 0:
        return ""
    return "+" if rounded > 0 else MINUS


def _pattern(whole: str, places: int) -> str:
    return f"{whole}.{'0' * places}" if places else whole


def _with_places(pattern: str, places: int) -> str:
    """A locale's own pattern with this many decimals instead of its own.

    >>> _with_places("¤#,##0.00;¤-#,##0.00", 0)
    '¤#,##0;¤-#,##0'
    """
    return re.sub(r"0(\.0+)?(?=[^0#.,]|$)", _pattern("0", places), pattern)
