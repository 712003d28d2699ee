"""Rates: dated, sourced, exact; a missing one is named by day and pair."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from finops import rates
from finops.rates import BadRate, Rate, RateMissing, Rates

FRIDAY = date(2026, 10, 16)


def rate(day: date, value: str, base: str = "USD", quote: str = "EUR") -> Rate:
    return Rate(day=day, base=base, quote=quote, value=Decimal(value), source="ECB")


def test_a_weekend_takes_the_rate_of_friday() -> None:
    known = Rates([rate(FRIDAY, "0.92"), rate(date(2026, 10, 19), "0.93")])
    assert known.convert(Decimal(100), date(2026, 10, 18), "USD", "EUR") == 92
    assert known.convert(Decimal(100), date(2026, 10, 19), "USD", "EUR") == 93


def test_the_same_currency_needs_no_rate() -> None:
    assert Rates().convert(Decimal("1.1"), FRIDAY, "EUR", "EUR") == Decimal("1.1")


def test_an_inverse_rate_serves_where_the_pair_is_not_listed() -> None:
    known = Rates([rate(FRIDAY, "0.8", "EUR", "USD")])
    assert known.convert(Decimal(4), FRIDAY, "USD", "EUR") == 5


@pytest.mark.parametrize("day", [date(2026, 10, 15), date(2026, 10, 24)])
def test_a_day_without_a_rate_is_named_with_its_pair(day: date) -> None:
    with pytest.raises(RateMissing, match=f"Cost of {day} is in USD, and no rate from USD to EUR"):
        Rates([rate(FRIDAY, "0.92")]).convert(Decimal(1), day, "USD", "EUR")


def test_every_digit_of_the_product_counts_until_the_eighteenth_place() -> None:
    known = Rates([rate(FRIDAY, "0.912345678901234567")])
    assert known.convert(Decimal("12345678901234567.1"), FRIDAY, "USD", "EUR") == Decimal(
        "11263526798643498.736761164645800946"
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("2026-10-32,USD,EUR,0.9,ECB", "line 2: '2026-10-32' is no date"),
        ("2026-10-16,USD,EUR,0.9.1,ECB", "'0.9.1' no number"),
        ("2026-10-16,USD,EUR,NaN,ECB", "not above zero"),
        ("2026-10-16,USD,EUR,-1,ECB", "not above zero"),
        ("2026-10-16,USD,EUR,0.9,", "has no source"),
        ("2026-10-16,USD,EUR,0.9", "4 cells, not 5"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, said: str) -> None:
    file = tmp_path / "rates.csv"
    file.write_text(f"date,from,to,rate,source\n{line}\n")
    with pytest.raises(BadRate, match=said):
        rates.read(file)


def test_a_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "rates.csv"
    file.write_text("date,from,to,rate,source\n2026-10-16,USD,EUR,0.92,ECB\n\n")
    found = rates.read(file).at(FRIDAY, "USD", "EUR")
    assert found == rate(FRIDAY, "0.92")
