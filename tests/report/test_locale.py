"""How numbers, dates and words are written: signs, places, caps and what no locale may do."""

from datetime import date
from decimal import Decimal
from gettext import NullTranslations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.periods import Period, month
from finops.report.locale import MINUS, Locale, Negative, UnknownLocale, is_month, locale, shown
from finops.report.model import Amount, NotComputable

EN, DE = locale("en_GB"), locale("de_DE")
LOCALES = [locale(name) for name in ("en_GB", "en_US", "de_DE", "de_CH", "fr_FR", "sv_SE", "ja_JP")]
UNKNOWN_YET = NotComputable(reason="too early")

amounts = st.decimals(min_value=-(10**12), max_value=10**12, places=4)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("en_GB", "€254,800"),
        ("de_DE", "254.800\u00a0€"),
        ("de_CH", "EUR\u00a0254’800"),
        ("fr_FR", "254\u202f800\u00a0€"),
    ],
)
def test_the_locale_decides_separators_and_the_place_of_the_currency(name: str, expected: str) -> None:
    assert locale(name).money(Decimal(254_800), "EUR") == expected


def test_letters_of_a_currency_keep_a_space_from_the_number() -> None:
    assert EN.money(Decimal(-14_800), "CHF") == f"{MINUS}CHF\u00a014,800"


@pytest.mark.parametrize(
    ("gap", "expected"),
    [("14800", "+14,800"), ("-900", "−900"), ("0", "0"), ("0.4", "0"), ("-0.4", "0"), ("-0.6", "−1")],
)
def test_a_gap_carries_a_sign_save_where_it_prints_as_zero(gap: str, expected: str) -> None:
    assert EN.signed(Decimal(gap)) == expected


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [
        ("0.0617", "+6.2%"),
        ("-0.081", "−8.1%"),
        ("0.0001", "0.0%"),
        ("9.9994", "+999.9%"),
        ("9.9995", ">999%"),
        ("120", ">999%"),
        ("-12", "<−999%"),
    ],
)
def test_percent_has_one_decimal_and_ends_at_999(ratio: str, expected: str) -> None:
    assert EN.percent(Decimal(ratio)) == expected


def test_german_percent_has_a_comma_and_a_space() -> None:
    assert DE.percent(Decimal("0.0617")) == "+6,2\u00a0%"


@pytest.mark.parametrize(
    ("chance", "expected"),
    [
        ("0", "<1%"),
        ("0.0049", "<1%"),
        ("0.012", "1%"),
        ("0.976", "98%"),
        ("0.994", "99%"),
        ("0.9951", ">99%"),
        ("1", ">99%"),
    ],
)
def test_a_chance_is_never_printed_as_none_or_all(chance: str, expected: str) -> None:
    assert EN.chance(Decimal(chance)) == expected


def test_every_digit_of_a_stored_amount_is_printed() -> None:
    stored = Decimal("123456789012345678.100000000000000005")

    assert EN.exact(stored) == "123,456,789,012,345,678.100000000000000005"
    assert EN.exact(stored.copy_negate()) == "−123,456,789,012,345,678.100000000000000005"
    assert EN.exact(Decimal("912.0400000000")) == "912.04"


@pytest.mark.parametrize(
    ("name", "negative", "expected"),
    [("en_GB", "minus", "−1,381"), ("en_GB", "parentheses", "(1,381)"), ("de_DE", "parentheses", "−1.381")],
)
def test_parentheses_are_a_choice_that_german_never_takes(name: str, negative: Negative, expected: str) -> None:
    assert locale(name, negative=negative).number(Decimal(-1381)) == expected


def test_parentheses_never_touch_gaps() -> None:
    assert locale("en_GB", negative="parentheses").signed(Decimal(-900)) == "−900"


@given(amounts, st.sampled_from(LOCALES), st.integers(min_value=0, max_value=4))
def test_no_number_is_written_with_a_hyphen(value: Decimal, words: Locale, places: int) -> None:
    written = (
        words.number(value, places=places),
        words.signed(value, places=places),
        words.money(value, "EUR", places=places),
        words.signed_money(value, "USD", places=places),
        words.percent(value),
        words.exact(value),
    )

    assert not any("-" in text for text in written)


@given(amounts, st.integers(min_value=0, max_value=4))
def test_a_printed_number_reads_back_within_half_a_unit(value: Decimal, places: int) -> None:
    read = Decimal(EN.number(value, places=places).replace(",", "").replace(MINUS, "-"))

    assert abs(read - value) <= Decimal("0.5").scaleb(-places)


@given(st.decimals(min_value=0, max_value=1, places=6), st.sampled_from(LOCALES))
def test_no_chance_is_certain_in_any_language(chance: Decimal, words: Locale) -> None:
    digits = "".join(mark for mark in words.chance(chance) if mark.isdigit())

    assert 1 <= int(digits) <= 99


@pytest.mark.parametrize(
    ("largest", "unit", "text"),
    [
        ("254800", "k€", "254.8"),
        ("25480000", "M€", "25.5"),
        ("9800", "€", "9,800"),
        ("12.5", "€", "12.50"),
    ],
)
def test_a_chart_names_the_unit_its_numbers_read_well_in(largest: str, unit: str, text: str) -> None:
    scale = EN.scale(Decimal(largest), "EUR")

    assert (scale.unit, EN.scaled(Decimal(largest), scale)) == (unit, text)


def test_dates_follow_the_language() -> None:
    day = date(2026, 11, 20)

    assert (EN.day(day), EN.long_day(day), EN.month(day)) == ("20 Nov 2026", "20 November", "November")
    assert (DE.day(day), DE.long_day(day)) == ("20. Nov. 2026", "20. November")
    assert locale("en_US").long_day(day) == "November 20"


def test_a_month_is_named_and_a_longer_period_keeps_its_label() -> None:
    quarter = Period(start=date(2026, 10, 1), end=date(2027, 1, 1))

    assert EN.period(month("2026-11"), "2026-11") == "November 2026"
    assert EN.short_period(month("2026-11"), "2026-11") == "Nov 2026"
    assert EN.period(quarter, "2026-Q4") == "2026-Q4"
    assert not is_month(quarter)


def test_what_is_not_known_is_a_dash_and_what_has_no_base_is_not_applicable() -> None:
    gap = Amount(exact=Decimal("5.2"), shown=Decimal(5))

    assert EN.figure(UNKNOWN_YET) == "–"
    assert EN.gap(UNKNOWN_YET) == "–"
    assert EN.chance_of(UNKNOWN_YET) == "–"
    assert EN.gap_ratio(UNKNOWN_YET, UNKNOWN_YET) == "–"
    assert EN.gap_ratio(UNKNOWN_YET, gap) == "n/a"
    assert shown(UNKNOWN_YET) is None


def test_a_percent_sign_in_a_value_is_no_format() -> None:
    assert EN.say("%(name)s is at 80%%", name="100% %(x)s") == "100% %(x)s is at 80%"


def test_words_come_from_the_translation() -> None:
    class Shouting(NullTranslations):
        def gettext(self, message: str) -> str:
            return f"{message}!"

        def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
            return f"{msgid1 if n == 1 else msgid2}!"

    words = Locale(babel=EN.babel, translations=Shouting())

    assert words.say("final") == "final!"
    assert words.say_many("%(number)s day", "%(number)s days", 20) == "20 days!"
    assert words.spelled(2) == "two!"


@pytest.mark.parametrize("name", ["", "xx_YY", "english", "en_GB; DROP TABLE"])
def test_an_unknown_locale_says_what_to_set(name: str) -> None:
    with pytest.raises(UnknownLocale, match=r"organisation\.locale"):
        locale(name)


def test_the_language_tag_is_that_of_html() -> None:
    assert (EN.language_tag, locale("de-CH").language_tag) == ("en-GB", "de-CH")
