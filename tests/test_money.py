"""Money is exact, keeps its currency, and rounds so that parts add up."""

from decimal import ROUND_HALF_EVEN, Context, Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from finops.money import Money, add, from_float, rounded_to_total, stored, subtract, to_float

CENT = Decimal("0.01")
AMOUNTS = st.decimals(min_value=-(10**18), max_value=10**18, places=18)
EXACT = Context(prec=100)


def test_amounts_of_one_currency_add_and_subtract_exactly() -> None:
    large, small = Money(Decimal(99999999999999999999), "EUR"), Money(Decimal("1e-18"), "EUR")

    assert (large + small).amount == Decimal("99999999999999999999.000000000000000001")
    assert (large - small).amount == Decimal("99999999999999999998.999999999999999999")
    assert (-(large + small)).amount == Decimal("-99999999999999999999.000000000000000001")
    assert (large + small).currency == "EUR"


def test_amounts_of_two_currencies_do_not_mix() -> None:
    euro, dollar = Money(Decimal(1), "EUR"), Money(Decimal(1), "USD")

    with pytest.raises(ValueError, match="EUR and USD do not add without an exchange rate"):
        euro + dollar
    with pytest.raises(ValueError, match="EUR and USD"):
        euro - dollar
    assert euro != dollar


@given(st.lists(AMOUNTS, max_size=8))
def test_sums_of_38_digits_lose_nothing_and_come_back(amounts: list[Decimal]) -> None:
    total = add(*amounts)

    assert int(EXACT.scaleb(total, 18)) == sum(int(EXACT.scaleb(amount, 18)) for amount in amounts)
    assert subtract(total, *amounts) == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12.5", "12.5"),
        (" -0.10 ", "-0.1"),
        ("+3", "3"),
        (".5", "0.5"),
        ("1E3", "1000"),
        ("5e-06", "0.000005"),
        ("0.0000000000000000005", "0"),  # tie, even below
        ("0.0000000000000000015", "0.000000000000000002"),  # tie, even above
        ("-0.0000000000000000025", "-0.000000000000000002"),
        ("0.0000000000000000025" + "0" * 90 + "1", "0.000000000000000003"),  # beyond a tie, however late
        ("99999999999999999999.999999999999999999", "99999999999999999999.999999999999999999"),
    ],
)
def test_a_cell_is_stored_with_18_places_half_even(text: str, expected: str) -> None:
    assert stored(text) == Decimal(expected)
    assert stored(text).as_tuple().exponent == -18


@pytest.mark.parametrize(
    "text", ["", "1,000.00", "1_000", "NaN", "inf", "1 2", "0x1", "١٢", "--1", "1e999", "1e80", "€5"]
)
def test_what_is_no_plain_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a number|is too large for an amount"):
        stored(text)


@given(st.decimals(min_value=-(10**19), max_value=10**19, places=25))
def test_storing_rounds_by_less_than_a_step_and_storing_again_changes_nothing(amount: Decimal) -> None:
    kept = stored(str(amount))

    assert abs(subtract(kept, amount)) <= Decimal("0.5e-18")
    assert stored(str(kept)) == kept


def test_statistics_come_back_to_the_hundredth_of_a_cent() -> None:
    assert from_float(0.1 + 0.2) == Decimal("0.3000")
    assert from_float(1e30) == Decimal("1e30")
    assert to_float(Decimal("254800.12")) == 254800.12


@given(st.lists(AMOUNTS, max_size=12), st.sampled_from([Decimal(1), CENT, Decimal(100), Decimal("0.0001")]))
@example([Decimal("0.5")] * 4, Decimal(1))
@example([Decimal("-0.5"), Decimal("0.5")], Decimal(1))
def test_rounded_parts_add_up_to_their_rounded_total(parts: list[Decimal], unit: Decimal) -> None:
    shown = rounded_to_total(parts, unit)

    steps = EXACT.divide(add(*parts), unit).to_integral_value(rounding=ROUND_HALF_EVEN)
    assert add(*shown) == EXACT.multiply(steps, unit)
    assert len(shown) == len(parts)
    for part, one in zip(parts, shown, strict=True):
        assert EXACT.remainder(one, unit) == 0
        assert abs(subtract(one, part)) < unit


@given(st.lists(AMOUNTS, max_size=12))
def test_what_is_already_whole_does_not_move(parts: list[Decimal]) -> None:
    whole = [part.quantize(CENT, context=EXACT) for part in parts]

    assert list(rounded_to_total(whole, CENT)) == whole


@given(st.lists(AMOUNTS, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_the_larger_remainder_is_raised_first_whatever_the_order(parts: list[Decimal], random: object) -> None:
    order = sorted(range(len(parts)), key=lambda _: random.random())  # type: ignore[attr-defined]  # a random.Random
    straight = rounded_to_total(parts, Decimal(1))
    shuffled = rounded_to_total([parts[at] for at in order], Decimal(1))

    assert sorted(straight) == sorted(shuffled)
    assert rounded_to_total(parts, Decimal(1)) == straight


def test_among_equal_remainders_the_first_is_raised() -> None:
    third = Decimal("0.333333333333333333")

    assert list(rounded_to_total([third, third, third], Decimal(1))) == [Decimal(1), Decimal(0), Decimal(0)]
    assert list(rounded_to_total([Decimal("-1.4")] * 3, Decimal(1))) == [Decimal(-1), Decimal(-1), Decimal(-2)]
