"""Units as FOCUS writes them: `GB-Months` for AWS's `GB-Mo` and Google's `gibibyte month` is `GiB-Months`.

Source: FOCUS specification 1.2, attribute UnitFormat (ratified 2025-05-29).
"""

import re
from collections.abc import Mapping

TIMES = ("Year", "Month", "Day", "Hour", "Minute", "Second")
SIZES = tuple(f"{prefix}{unit}" for unit in ("b", "B") for prefix in ("", "K", "M", "G", "T", "P", "E")) + tuple(
    f"{prefix}i{unit}" for unit in ("b", "B") for prefix in ("K", "M", "G", "T", "P", "E")
)

_SIZE = "|".join(SIZES)
_TIME = "|".join(TIMES)
_TIMES = "|".join(f"{time}s" for time in TIMES)
_COUNT = r"[A-Za-z][A-Za-z0-9]*(?: +[A-Za-z][A-Za-z0-9]*)*"
PATTERN = f"^({_COUNT}|({_COUNT})-({_TIMES})|({_COUNT})/({_TIME})|[0-9]+ ({_COUNT})|({_COUNT})/[0-9]+ ({_TIMES}))$"
"""Units in the specification's format; how times and sizes are spelt is looked at next."""

_WORDS: Mapping[str, str] = {
    "hr": "Hour",
    "hrs": "Hour",
    "h": "Hour",
    "mo": "Month",
    "mos": "Month",
    "sec": "Second",
    "secs": "Second",
    "min": "Minute",
    "mins": "Minute",
    **{word: time for time in TIMES for word in (time.lower(), f"{time.lower()}s")},
    **{
        f"{prefix}{unit}{plural}": f"{short}{letter}"
        for unit, letter in (("byte", "B"), ("bit", "b"))
        for plural in ("", "s")
        for prefix, short in (
            ("", ""), ("kilo", "K"), ("mega", "M"), ("giga", "G"), ("tera", "T"), ("peta", "P"), ("exa", "E"),
            ("kibi", "Ki"), ("mebi", "Mi"), ("gibi", "Gi"), ("tebi", "Ti"), ("pebi", "Pi"), ("exbi", "Ei"),
        )
    },
}  # fmt: skip
"""Spellings that providers use, in lower case, to the specification's word in the singular."""
_THOUSANDS: Mapping[str, str] = {"k": "000", "m": "000000"}
_RATE = re.compile(r"([A-Za-z]+)/(Second|second|sec|s)-(Mo|Months?)")
_QUANTITY = re.compile(r"([0-9][0-9,]*)([KkM]?)(?:[ /]+(\S.*))?")


def in_focus(text: str) -> str:
    """The unit in the specification's format, as near as its words tell; one that fits stays as it is.

    >>> [in_focus(unit) for unit in ("Hrs", "GB-Mo", "gibibyte month", "byte-seconds", "1K tokens")]
    ['Hours', 'GB-Months', 'GiB-Months', 'B-Seconds', '1000 Tokens']
    """
    unit = text.strip()
    if is_focus(unit):
        return unit
    spelt = _respelt(unit)
    return spelt if is_focus(spelt) else "Units"


def is_focus(unit: str) -> bool:
    """Whether the unit has the specification's format, and its times and sizes the specification's spelling."""
    if not re.fullmatch(PATTERN, unit):
        return False
    if unit.islower() and unit not in SIZES:
        return False  # a count begins with a capital
    words = re.split(r"[-/\s]+", unit)
    return all(word.lower() not in _WORDS or word.removesuffix("s") == _WORDS[word.lower()] for word in words)


def _respelt(unit: str) -> str:
    """The unit by its words; not always one the format allows."""
    quantity = _QUANTITY.fullmatch(unit)
    if quantity:
        number = quantity[1].replace(",", "") + _THOUSANDS.get(quantity[2].lower(), "")
        what = quantity[3] or "Units"
        if number == "1":
            return in_focus(f"Units/{what}" if unit[1:].lstrip().startswith("/") else what)
        return f"{number} {_cleaned(_plural(_word(re.sub(r'[-/]', ' ', what)))) or 'Units'}"
    rate = _RATE.fullmatch(unit)  # a throughput kept for months: the rate is one word
    if rate:
        return f"{rate[1]}ps-Months"
    per, _, interval = unit.partition("/")
    if interval:
        return f"{_cleaned(_plural(_word(per)))}/{_cleaned(_word(interval))}"
    parts = [_word(part) for part in re.split(r"[-\s]+", unit) if part]
    if len(parts) > 1 and parts[-1] in TIMES:
        what = next((part for part in parts[:-1] if part in SIZES), None) or " ".join(parts[:-1])
        return f"{_cleaned(what)}-{parts[-1]}s"
    return _cleaned(_plural(" ".join(parts))) or "Units"


def _word(text: str) -> str:
    """One word, or several with blanks, in the singular where it is a time or a size of the specification."""
    return " ".join(_WORDS.get(word.lower(), word) for word in text.split())


def _plural(text: str) -> str:
    """A time in the plural; counts stay as the provider writes them, sizes have no plural."""
    return f"{text}s" if text in TIMES else text


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _cleaned(text: str) -> str:
    """Words the format allows: letters and digits, a letter first."""
    words = [re.sub(r"[^A-Za-z0-9]", "", word) for word in text.split()]
    kept = " ".join(word for word in words if word and word[0].isalpha())
    return kept if kept in SIZES else _capital(kept)
