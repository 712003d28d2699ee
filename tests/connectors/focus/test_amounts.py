"""A column of amounts is read as the tables keep it, and only plain numbers are amounts."""

from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops import money
from finops.focus.files import amounts

NUMBERS = st.one_of(
    st.decimals(-(10**17), 10**17, allow_nan=False).map(str),
    st.decimals(-10, 10, places=30).map("{:f}".format),
    st.floats(-1e17, 1e17).map(repr),
    st.sampled_from(["0", "-0", ".5", "5.", "+1.5", "000012", "1E3", "5e-06", "0." + "0" * 18 + "5"]),
)


@settings(deadline=None)
@given(st.lists(NUMBERS, max_size=50))
def test_amounts_are_read_as_the_tables_keep_them(written: list[str]) -> None:
    cells = pa.array(written, pa.string())
    assert amounts.first_unreadable(cells) is None
    found, rounded = amounts.stored(cells)
    assert found.to_pylist() == [money.stored(text) for text in written]
    assert rounded == sum(money.stored(text) != Decimal(text) for text in written)


@pytest.mark.parametrize(
    "text",
    ["$10,000.00", "1,234", "1_000", "12 EUR", "(5)", "nan", "inf", "1e18", "9" * 19, "e5", ".", "-", "\u0665", "0x1"],
)
def test_anything_else_is_no_amount(text: str) -> None:
    assert amounts.first_unreadable(pa.array(["1", None, text, "x"])) == 2


def test_a_quantity_may_be_of_any_size() -> None:
    cells = pa.array(["1e300", "9" * 30, None, "many", "1,5"])
    assert amounts.no_numbers(cells).to_pylist() == ["many", "1,5"]
