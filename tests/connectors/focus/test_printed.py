"""Numbers printed for people are read where they can mean one thing, and left to be refused where they cannot."""

import pyarrow as pa
import pytest

from finops.focus.files.printed import has_decimal_commas, plain


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("$10,000.00", "10000.00"),
        ("$10,000.00 ", "10000.00"),
        ("$20.00", "20.00"),
        ("-$5.50", "-5.50"),
        ("($1,234.50)", "-1234.50"),
        ("1,234,567.89", "1234567.89"),
        ("12.5", "12.5"),
        ("1,234", "1,234"),
        ("1,23", "1,23"),
        ("€1,234", "€1,234"),
        ("twelve, or so", "twelve, or so"),
    ],
)
def test_thousands_are_read_beside_a_dollar_or_a_point(printed: str, number: str) -> None:
    assert plain(pa.array([printed]), decimal_comma=False).to_pylist() == [number]


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("1.234,56", "1234.56"),
        ("12,5", "12.5"),
        ("-0,000305367", "-0.000305367"),
        ("1.234", "1234"),
        ("7", "7"),
        ("1.234,56 €", "1234.56"),
        ("7 €", "7"),
        ("1,2,3", "1,2,3"),
    ],
)
def test_a_decimal_comma_is_read_in_a_file_that_writes_one(printed: str, number: str) -> None:
    assert plain(pa.array([printed]), decimal_comma=True).to_pylist() == [number]


@pytest.mark.parametrize(
    ("cells", "is_so"),
    [(["1,5", "2"], True), (["1.234,5"], True), (["1.5", "2"], False), (["1,5", "1.5"], False), (["1234"], False)],
)
def test_a_file_writes_decimal_commas_when_one_shows_it_and_none_shows_a_point(
    cells: list[str], *, is_so: bool
) -> None:
    assert has_decimal_commas([pa.array(cells)]) == is_so


def test_nulls_stay(  # the usual case: a column without any printed number is handed back as it is
) -> None:
    cells = pa.array(["1.5", None])
    assert plain(cells, decimal_comma=False) is cells
    assert plain(pa.array(["$1.50", None]), decimal_comma=False).to_pylist() == ["1.50", None]
