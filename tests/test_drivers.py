"""Drivers: a bridge with every driver at once, worked out by hand; and any bridge adds up to the last digit."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finops.drivers import KINDS, Change, Family, Rate, Spent, State, Thing, change, learned
from finops.money import add, subtract

D = Decimal


def thing(name: str, *, service: str = "Compute", unit: str = "Hrs", currency: str = "EUR") -> Thing:
    return Thing(project="llm", provider="AWS", service=service, name=name, unit=unit, currency=currency)


def family(service: str, currency: str = "EUR") -> Family:
    return "llm", "AWS", service, currency


def spent(usage: str, quantity: str | None = None, *, days: int = 30, **charges: str) -> Spent:
    return Spent(
        usage=D(usage),
        quantity=None if quantity is None else D(quantity),
        days=days,
        **{name: D(amount) for name, amount in charges.items()},
    )


def state(days: int, items: dict[Thing, Spent], converted: dict[Family, str]) -> State:
    return State(days=days, spent=items, converted={name: D(amount) for name, amount in converted.items()})


def by_service(found: Change) -> dict[tuple[str, str], Decimal]:
    sums: dict[tuple[str, str], list[Decimal]] = {}
    for one in found.effects:
        sums.setdefault((one.kind, one.service), []).append(one.amount)
    return {key: add(*amounts) for key, amounts in sums.items()}


def test_a_bridge_with_every_driver_at_once() -> None:
    """September (30 days) to October (31), in EUR; AWS's usage of Storage is billed in USD.

    Compute, large and small, in hours. 30 days scaled to 31: large 300 h at 2.00 = 600 becomes 310 h for 620, small
    600 h at 0.50 = 300 becomes 620 h for 310: days = 20 + 10 = 30. Average price before: 930 / 930 h = 1.00.
    October: large 500 h for 1,100 (2.20 each), small 700 h for 315 (0.45 each).
      volume = (1,200 - 930) x 1.00 = 270
      mix    = 500 x 2.00 + 700 x 0.50 - 1,200 x 1.00 = 150
      price  = 1,100 - 1,000 + 315 - 350 = 65
    gpu is new for 80, old is gone with 45. Support is a fee without a quantity, charged on one day: 100 to 130.
    The plan saved 50 (contracted less effective) and saves 20 now: commitments = +30. Credits -25 to -10: +15.
    Tax 19 to 24: +5. An adjustment of -7 in October.
    Storage: 1,000 GB at 0.10 USD in 30 days = 100 USD, 1,240 GB for 124 USD in 31: days 3.333..., volume 20.666... USD,
    24 USD in all. September's 100 USD were 91 EUR at the days' rates, its mean rate 0.90, the budget rate 0.95;
    October's 124 USD were 118 EUR. At the budget rate: days 3.1666..., volume 19.6333..., together 22.80.
      plan = 24 x (0.90 - 0.95) = -1.20, rate = (118 - 91) - 24 x 0.90 = 5.40
    September was known with 10 EUR less when the first report went out: restatement = 10.
    """
    support = thing("plan", service="Support", unit="")
    storage = thing("gp3", service="Storage", unit="GB", currency="USD")
    before = state(
        30,
        {
            thing("large"): spent("600", "300", commitments="-50"),
            thing("small"): spent("300", "600"),
            thing("old"): spent("45", "90"),
            thing("credit", unit=""): spent("0", days=0, credits="-25"),
            thing("tax", unit=""): spent("0", days=0, tax="19"),
            support: spent("100", days=1),
            storage: spent("100", "1000"),
        },
        {family("Compute"): "889", family("Support"): "100", family("Storage", "USD"): "91"},
    )
    after = state(
        31,
        {
            thing("large"): spent("1100", "500", days=31, commitments="-20"),
            thing("small"): spent("315", "700", days=31),
            thing("gpu"): spent("80", "4", days=9),
            thing("credit", unit=""): spent("0", days=0, credits="-10"),
            thing("tax", unit=""): spent("0", days=0, tax="24"),
            thing("refund", unit=""): spent("0", days=0, adjustments="-7"),
            support: spent("130", days=1),
            storage: spent("124", "1240", days=31),
        },
        {family("Compute"): "1482", family("Support"): "130", family("Storage", "USD"): "118"},
    )
    found = change(before, after, {"USD": Rate(mean=D("0.90"), plan=D("0.95"))}, restated={family("Compute"): D(10)})

    assert (found.start, found.end) == (D(1070), D(1730))
    assert {key: amount.quantize(D("0.0001")) for key, amount in by_service(found).items()} == {
        ("restatement", "Compute"): D("10.0000"),
        ("days", "Compute"): D("30.0000"),
        ("volume", "Compute"): D("270.0000"),
        ("mix", "Compute"): D("150.0000"),
        ("price", "Compute"): D("65.0000"),
        ("new", "Compute"): D("80.0000"),
        ("gone", "Compute"): D("-45.0000"),
        ("commitments", "Compute"): D("30.0000"),
        ("credits", "Compute"): D("15.0000"),
        ("tax", "Compute"): D("5.0000"),
        ("adjustments", "Compute"): D("-7.0000"),
        ("usage", "Support"): D("30.0000"),
        ("days", "Storage"): D("3.1667"),
        ("volume", "Storage"): D("19.6333"),
        ("plan", "Storage"): D("-1.2000"),
        ("rate", "Storage"): D("5.4000"),
    }
    assert tuple(found.steps) == KINDS, "every driver moved something, in the order bridges show them"
    assert add(found.start, *found.steps.values()) == found.end


def test_without_a_budget_rate_there_is_no_plan_step() -> None:
    storage = thing("gp3", currency="USD")
    found = change(
        state(30, {storage: spent("100", "10")}, {family("Compute", "USD"): "91"}),
        state(30, {storage: spent("150", "15")}, {family("Compute", "USD"): "141"}),
        {"USD": Rate(mean=D("0.9"))},
    )
    assert found.steps == {"volume": D(45), "rate": D(5)}


def test_the_same_things_at_the_same_prices_in_equal_months_move_nothing() -> None:
    one = state(30, {thing("a"): spent("10", "3"), thing("b"): spent("7", "3")}, {family("Compute"): "17"})
    assert change(one, one, {}).effects == ()


@pytest.mark.parametrize(("old", "new"), [(None, "3"), ("3", None), ("0", "3"), ("3", "-1")])
def test_without_usable_quantities_volume_and_price_are_not_told_apart(old: str | None, new: str | None) -> None:
    found = change(
        state(30, {thing("a"): spent("10", old)}, {family("Compute"): "10"}),
        state(30, {thing("a"): spent("14", new)}, {family("Compute"): "14"}),
        {},
    )
    assert found.steps == {"usage": D(4)}


AMOUNTS = st.decimals(min_value=-(10**12), max_value=10**12, places=18)
SPENT = st.builds(
    Spent,
    usage=AMOUNTS,
    quantity=st.none() | st.floats(-10, 1e9).map(lambda value: D(repr(value))),
    days=st.integers(0, 31),
    commitments=AMOUNTS,
    credits=AMOUNTS,
    tax=AMOUNTS,
    adjustments=AMOUNTS,
)
THINGS = st.builds(
    Thing,
    project=st.sampled_from(["a", "b"]),
    provider=st.just("AWS"),
    service=st.sampled_from(["S3", "EC2"]),
    name=st.sampled_from(["x", "y", "z"]),
    unit=st.sampled_from(["", "Hrs", "GB"]),
    currency=st.sampled_from(["EUR", "USD"]),
)
SIDES = st.dictionaries(THINGS, SPENT, max_size=8)
RATES = st.builds(Rate, mean=st.decimals("0.01", 200, places=6), plan=st.none() | st.decimals("0.01", 200, places=6))


def converted(items: dict[Thing, Spent], at: Decimal) -> dict[Family, Decimal]:
    """What a bill's own currency keeps, and another becomes at some rate of its days."""
    found: dict[Family, Decimal] = {}
    for one, money in items.items():
        key = (one.project, one.provider, one.service, one.currency)
        amount = money.total if one.currency == "EUR" else (money.total * at).quantize(D("1e-18"), context=EXACT)
        found[key] = add(found.get(key, D(0)), amount)
    return found


def _exact() -> Any:  # noqa: ANN401 - decimal's context
    from decimal import Context

    return Context(prec=76)


EXACT = _exact()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SIDES, SIDES, RATES, st.integers(1, 31), st.integers(1, 31), st.decimals("0.01", 9, places=4))
def test_any_bridge_adds_up_to_the_last_digit(  # noqa: PLR0917 - hypothesis passes by place
    old: dict[Thing, Spent], new: dict[Thing, Spent], rate: Rate, days: int, later: int, at: Decimal
) -> None:
    with _local():
        before = State(days=days, spent=old, converted=converted(old, at))
        after = State(days=later, spent=new, converted=converted(new, at))
    found = change(before, after, {"USD": rate})

    assert add(found.start, *(one.amount for one in found.effects)) == found.end
    assert add(*found.steps.values()) == subtract(found.end, found.start)
    only_euro = all(one.currency == "EUR" for one in (*old, *new))
    assert not only_euro or not {"rate", "plan"} & set(found.steps)


def _local() -> Any:  # noqa: ANN401 - decimal's context manager
    from decimal import localcontext

    return localcontext(EXACT)


def test_what_became_known_is_new_days_and_restated_ones() -> None:
    compute, storage = family("Compute"), family("Storage")
    first, second, third = (date(2026, 10, day) for day in (1, 2, 3))
    before = {("aws", compute, first): D(10), ("aws", compute, second): D(4)}
    after = {
        ("aws", compute, first): D(11),
        ("aws", compute, second): D(4),
        ("aws", compute, third): D(9),
        ("aws", storage, first): D(2),
        ("gcp", storage, first): D(5),
    }
    found = learned(before, after, {"aws": second})

    assert by_service(found) == {
        ("restatement", "Compute"): D(1),
        ("restatement", "Storage"): D(2),
        ("days", "Compute"): D(9),
        ("days", "Storage"): D(5),
    }
    assert (found.start, found.end) == (D(14), D(31))
