"""Rates: dated, sourced, exact; a missing one is named by day and pair."""

import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from finops import rates
from finops.periods import month
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
        ("2026-10-16,USD,EUR,0.9.1,ECB", "'0.9.1' is no number"),
        ("2026-10-16,USD,EUR,NaN,ECB", "not above zero"),
        ("2026-10-16,USD,EUR,-1,ECB", "not above zero"),
        ("2026-10-16,USD,EUR,0.9,", "has no source"),
        ("2026-10-16,USD,EUR,0.9", "4 cells, not 5"),
        ("2026-10-16,usd,EUR,0.9,ECB", "'usd' is no currency like EUR"),
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


ECB = """Date,USD,JPY,BGN,CHF,
2026-10-16,1.25,185.5,N/A,0.9,
2026-10-15,1.2,185.1,N/A,0.92,
"""


@pytest.fixture(params=["csv", "zip"])
def ecb(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The file as the bank publishes it: a comma at the end of lines, N/A where there is no rate, newest first."""
    if request.param == "csv":
        (tmp_path / "eurofxref-hist.csv").write_text(ECB)
        return tmp_path / "eurofxref-hist.csv"
    with zipfile.ZipFile(tmp_path / "eurofxref-hist.zip", "w") as packed:
        packed.writestr("eurofxref-hist.csv", ECB)
    return tmp_path / "eurofxref-hist.zip"


def test_the_reference_rates_of_the_european_central_bank_are_read(ecb: Path) -> None:
    known = rates.read(ecb)
    dollar = known.at(FRIDAY, "USD", "EUR")

    assert dollar is not None
    assert (dollar.day, dollar.value, dollar.source) == (
        FRIDAY,
        Decimal("0.8"),
        "ECB euro foreign exchange reference rates",
    )
    assert known.convert(Decimal(10), date(2026, 10, 15), "EUR", "USD") == 12
    assert known.at(FRIDAY, "EUR", "BGN") is None


def test_two_rates_of_a_euro_give_the_third_with_its_day_and_source(ecb: Path) -> None:
    found = rates.read(ecb).at(date(2026, 10, 18), "USD", "CHF")

    assert found is not None
    assert (found.day, found.value, found.source) == (
        FRIDAY,
        Decimal("0.72"),
        "ECB euro foreign exchange reference rates",
    )


def test_the_daily_file_writes_its_day_in_words(tmp_path: Path) -> None:
    file = tmp_path / "eurofxref.csv"
    file.write_text("Date, USD, JPY, \n16 October 2026, 1.25, 185.5, \n")
    found = rates.read(file).at(FRIDAY, "EUR", "USD")

    assert found is not None
    assert found.value == Decimal("1.25")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Date,USD,\n2026-10-16,x,\n", "line 2: 'x' is no number"),
        ("Date,USD,\n16 Oktober 2026,1.2,\n", "line 2: '16 Oktober 2026' is no date"),
        ("Date,USD,\n2026-10-16,1.2\n", "line 2: it has 2 cells, not 3"),
        ("Day,USD\n", "line 1: the header is 'Day,USD'"),
    ],
)
def test_a_bad_line_of_the_bank_is_named(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "eurofxref.csv"
    file.write_text(text)
    with pytest.raises(BadRate, match=said):
        rates.read(file)


def test_a_zip_that_holds_no_one_csv_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr("readme.txt", "x")
    with pytest.raises(BadRate, match="the zip holds 0 CSV files, not one"):
        rates.read(tmp_path / "a.zip")


def test_plan_rates_are_those_into_the_one_currency() -> None:
    pairs = {"USD/EUR": Decimal("0.92"), "EUR/GBP": Decimal("0.8"), "USD/CHF": Decimal(2)}
    assert rates.planned(pairs, "EUR") == {"USD": Decimal("0.92"), "GBP": Decimal("1.25")}


def test_only_rates_that_a_period_may_ask_for_lie_within_it() -> None:
    days = [date(2026, 9, 23), date(2026, 9, 24), date(2026, 10, 31), date(2026, 11, 1)]
    known = Rates([rate(day, "0.9") for day in days])
    assert [one.day for one in known.within(month("2026-10"))] == days[1:3]
