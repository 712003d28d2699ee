"""Patterns: how a spreadsheet shows amounts, percentages and days in a report's language, as number formats.

A cell holds every digit a double has; these only round what is shown. Separators are those of the reader's program.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from locale import windows_locale

import babel

from finops.report.locale import MINUS, Locale

CHANCE = '[<=0.005]"<1%";[>=0.995]">99%";0%'
"""A probability as whole percent, capped: nothing is ever 0 % or 100 % sure."""

SIGNED_PERCENT = f'"+"0.0%;"{MINUS}"0.0%;0.0%'
SHARE = "0.0%"

_CURRENCY_PARTS = re.compile(r"[#0][#0.,]*|¤+|-|.", re.DOTALL)
_DATE_PARTS = re.compile(r"'([^']*)'|(y+)|([ML]+)|(d+)|(.)", re.DOTALL)
_CODES = {name: code for code, name in windows_locale.items()}
_LONGEST_MONTH = 4
_SIGNS = 2


@dataclass(frozen=True, slots=True)
class Patterns:
    """The number formats of one language."""

    locale: Locale

    # Amounts

    def money(self, currency: str, places: int = 0) -> str:
        """A plain amount with its currency where the language puts it; a sign only when negative."""
        return f"{self._money(currency, places, '')};{self._money(currency, places, MINUS)}"

    def signed_money(self, currency: str, places: int = 0) -> str:
        """A gap with its currency: always with its sign, save zero."""
        return f"{self._money(currency, places, '+')};{self._money(currency, places, MINUS)};0"

    def plain(self, places: int = 0) -> str:
        """A plain amount whose unit stands elsewhere."""
        number = _number(places)
        return f'{number};"{MINUS}"{number}'

    def signed(self, places: int = 0) -> str:
        """A gap whose unit stands elsewhere."""
        number = _number(places)
        return f'"+"{number};"{MINUS}"{number};0'

    # Days

    @property
    def day(self) -> str:
        """`20 Nov 2026`."""
        return self._date("yMMMd")

    @property
    def short_day(self) -> str:
        """`20 Nov`."""
        return self._date("MMMd")

    @property
    def month(self) -> str:
        """`Nov 2026`."""
        return self._date("yMMM")

    def _money(self, currency: str, places: int, sign: str) -> str:
        positive, _, negative = self.locale.babel.currency_formats["standard"].pattern.partition(";")
        pattern = positive if not sign else negative or f"-{positive}"
        symbol = self.locale.symbol(currency)
        parts = _CURRENCY_PARTS.findall(pattern)
        found = []
        for part, following in zip(parts, [*parts[1:], ""], strict=True):
            if part == "-":
                found.append(_quoted(sign))
            elif part.startswith("¤"):
                found.append(f"[${symbol}{self._code('-')}]")
                if symbol[-1:].isalpha() and following[:1] in {"#", "0"}:  # as the report prints it: CHF 100
                    found.append(_quoted("\N{NO-BREAK SPACE}"))
            else:
                found.append(_number(places) if part[0] in "#0" else _quoted(part))
        return _joined(found)

    def _date(self, skeleton: str) -> str:
        """The language's own order of day, month and year.

        A spreadsheet knows no month without a day's grammar, so `LLL` is `mmm` too.
        """
        known = self.locale.babel.datetime_skeletons
        pattern = str(known[skeleton].pattern) if skeleton in known else "d MMM y"
        found = [f"[${self._code('-')}]"] if self._code("") else []
        for literal, year, month, day, other in _DATE_PARTS.findall(pattern):
            if year:
                found.append("yyyy")
            elif month:
                found.append("m" * min(len(month), _LONGEST_MONTH))
            elif day:
                found.append(day)
            elif literal or other:
                found.append(_quoted(literal or other))
        return _joined(found)

    def _code(self, before: str) -> str:
        """The language's number in spreadsheets (`809` is British English); empty where it has none."""
        name = self.locale.babel
        code = _CODES.get(str(name)) or _CODES.get(_without_script(name))
        return "" if code is None else f"{before}{code:X}"


def with_text_as(pattern: str, text: str) -> str:
    """The pattern of numbers, showing this in place of any text the cell holds.

    >>> with_text_as('#,##0;"−"#,##0', "unknown")
    '#,##0;"−"#,##0;#,##0;"unknown"'
    """
    sections = pattern.split(";")
    if len(sections) == _SIGNS:
        sections.append(sections[0])  # the third is for zero, and text comes fourth
    return ";".join((*sections, _quoted(text)))


def rounds_to_zero(cell: str, places: int) -> str:
    """A condition: the cell's number is shown as zero."""
    half = Decimal("0.5").scaleb(-places)
    return f"=AND(ISNUMBER({cell}),ABS({cell})<{half:f})"


def _number(places: int) -> str:
    return f"#,##0.{'0' * places}" if places else "#,##0"


def _quoted(text: str) -> str:
    return f'"{text}"' if text else ""


def _joined(parts: list[str]) -> str:
    """One format; literals that meet become one, as a doubled quote may be read as a quote."""
    return "".join(parts).replace('""', "")


def _without_script(name: babel.Locale) -> str:
    return f"{name.language}_{name.territory}"
