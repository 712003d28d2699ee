"""What must hold for any study: money adds up, and more of a cost never makes an option cheaper."""

import math
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops.tco import break_even, compare, depreciation, finance
from finops.tco.cashflow import flows
from finops.tco.quantity import values_of
from finops.tco.reasons import Never, NoFigure
from finops.tco.scenario import Study
from tests.tco import studies

MONEY = st.floats(1, 1e7)
RATE = st.floats(0, 0.5)
FEW = settings(max_examples=40, deadline=None)


@pytest.fixture(scope="module")
def base() -> Study:
    with tempfile.TemporaryDirectory() as folder:
        return studies.study(Path(folder))


def npv(study: Study, option: str, **values: float) -> float:
    return flows(study, option, values).net_present_value


COST = "options.Own.assets.Server.cost"
PRICE = "options.Cloud.rent.on_demand"
POWER = "options.Own.power.kw_per_system"
RATE_KEY = "study.discount_rate"


@FEW
@given(capital=MONEY, price=MONEY, share=st.floats(0, 0.999))
def test_at_the_break_even_hours_both_have_cost_the_same(capital: float, price: float, share: float) -> None:
    running = price * share
    hours = break_even.hours(capital, price, running)
    owned, cloud = break_even.owned_cost(capital, running, hours), break_even.cloud_cost(price, hours)
    assert math.isclose(owned, cloud, rel_tol=1e-6)


@FEW
@given(capital=MONEY, price=MONEY, running=MONEY, horizon=st.floats(1, 1e5))
def test_at_the_break_even_use_both_cost_the_same(capital: float, price: float, running: float, horizon: float) -> None:
    try:
        use = break_even.utilisation(capital, price, running, horizon)
    except Never:
        assert capital + running * horizon > price * horizon
    else:
        assert math.isclose(break_even.owned_cost(capital, running, horizon), price * horizon * use, rel_tol=1e-9)
        assert math.isclose(break_even.daily_hours(capital, price, running, horizon), 24 * use, rel_tol=1e-12)


@FEW
@given(factor=st.floats(0.001, 1000), capital=MONEY, price=MONEY)
def test_break_even_hours_do_not_know_the_currency(factor: float, capital: float, price: float) -> None:
    base = break_even.hours(capital, price, price / 3)
    assert math.isclose(break_even.hours(capital * factor, price * factor, price / 3 * factor), base, rel_tol=1e-9)


@FEW
@given(
    cost=MONEY,
    residual=st.floats(0, 1),
    years=st.floats(0.5, 30),
    factor=st.floats(0.5, 3),
)
def test_depreciation_adds_up_to_cost_less_residual(cost: float, residual: float, years: float, factor: float) -> None:
    left = cost * residual
    schedule = depreciation.declining_balance(cost, left, years, factor)
    assert math.isclose(sum(schedule), cost - left, rel_tol=1e-9, abs_tol=1e-6)
    assert min(schedule) >= -1e-6
    assert math.isclose(depreciation.straight_line(cost, left, years) * years, cost - left, rel_tol=1e-9, abs_tol=1e-6)
    assert math.isclose(sum(depreciation.macrs(years, factor)), 1, rel_tol=1e-9)


@FEW
@given(flows_=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40))
def test_at_a_rate_of_zero_the_present_value_is_the_sum(flows_: list[float]) -> None:
    assert math.isclose(finance.net_present_value(0, flows_), math.fsum(flows_), rel_tol=1e-12, abs_tol=1e-9)


@FEW
@given(principal=MONEY, rate=st.floats(0, 0.1), periods=st.integers(1, 400))
def test_an_annuity_repays_its_principal_and_all_inverses_agree(principal: float, rate: float, periods: int) -> None:
    payment = finance.annuity(principal, rate, periods)
    assert math.isclose(finance.present_value(payment, rate, periods), principal, rel_tol=1e-9)
    if (1 + rate) ** periods < 1e9:  # beyond, the payment is all but the interest, and a double cannot tell how long
        assert math.isclose(finance.periods_to_repay(principal, rate, payment), periods, rel_tol=1e-6)
    assert math.isclose(finance.balance_after(principal, rate, periods, periods), 0, abs_tol=principal * 1e-6)
    interest = math.fsum(finance.interest_in(principal, rate, periods, n) for n in range(1, min(periods, 60) + 1))
    if periods <= 60:
        assert math.isclose(interest, finance.interest_total(principal, rate, periods), abs_tol=principal * 1e-7)


@FEW
@given(investment=MONEY, gains=st.lists(st.floats(0, 1e6), min_size=1, max_size=20))
def test_a_rate_of_return_has_no_present_value(investment: float, gains: list[float]) -> None:
    for rate in finance.rates_of_return([-investment, *gains]):
        value = finance.net_present_value(rate, [-investment, *gains])
        assert abs(value) <= 1e-4 * (investment + sum(gains))  # a rate has twelve digits, a factor near it fewer


@FEW
@given(scale=st.floats(0.01, 100))
def test_a_study_in_another_currency_has_the_same_answer(base: Study, scale: float) -> None:
    money = [one.key for one in base.quantities.values() if one.unit.startswith("EUR")]
    scaled = {key: base.quantities[key].value * scale for key in money}
    before, after = flows(base, "Own"), flows(base, "Own", scaled)
    assert math.isclose(after.net_present_value, before.net_present_value * scale, rel_tol=1e-9)
    assert math.isclose(after.total / scale, before.total, rel_tol=1e-9)  # there and back
    cloud = flows(base, "Cloud", scaled)
    even = compare.break_even_month(before.cumulative, flows(base, "Cloud").cumulative)
    assert compare.break_even_month(after.cumulative, cloud.cumulative) == even


@FEW
@given(low=MONEY, more=st.floats(0, 1e6))
def test_dearer_hardware_never_breaks_even_earlier(base: Study, low: float, more: float) -> None:
    assert npv(base, "Own", **{COST: low + more}) >= npv(base, "Own", **{COST: low})
    assert _month(base, **{COST: low + more}) >= _month(base, **{COST: low})


@FEW
@given(low=st.floats(0.1, 100), more=st.floats(0, 100))
def test_a_dearer_cloud_never_breaks_even_later(base: Study, low: float, more: float) -> None:
    assert npv(base, "Cloud", **{PRICE: low + more}) >= npv(base, "Cloud", **{PRICE: low})
    assert _month(base, **{PRICE: low + more}) <= _month(base, **{PRICE: low})


@FEW
@given(low=st.floats(0, 700), more=st.floats(0, 30))
def test_more_use_never_breaks_even_later(base: Study, low: float, more: float) -> None:
    assert _month(base, **{"demand.quantity": low + more}) <= _month(base, **{"demand.quantity": low})


@FEW
@given(low=st.floats(0, 50), more=st.floats(0, 50))
def test_more_power_never_costs_less(base: Study, low: float, more: float) -> None:
    assert npv(base, "Own", **{POWER: low + more}) >= npv(base, "Own", **{POWER: low})
    assert _month(base, **{POWER: low + more}) >= _month(base, **{POWER: low})


@FEW
@given(rate=RATE)
def test_a_discounted_cost_is_the_sum_at_a_rate_of_zero_and_agrees_with_the_formula(base: Study, rate: float) -> None:
    found = flows(base, "Own", {RATE_KEY: rate})
    assert math.isclose(found.net_present_value, finance.net_present_value(rate / 12, found.cash), rel_tol=1e-9)
    assert math.isclose(npv(base, "Own", **{RATE_KEY: 0.0}), found.total, rel_tol=1e-9)


ASSETS = {
    "straight line": "residual_share = 0.1",
    "declining balance": 'residual_share = 0.05\ndepreciation = "declining-balance"',
    "MACRS": 'residual_share = 0.2\ndepreciation = "macrs"',
    "technology": 'decline_oom_per_year = 0.14\ndepreciation = "technology"',
    "straight line with market price": "decline_oom_per_year = 0.14",
    "nothing at its end": "",
    "prices that fall": "residual_share = 0.1\nprice_trend_per_year = -0.1",
    "used on": "residual_share = 0.1\nrefresh = false",
    "bought later": "residual_share = 0.1\nmonth = 7",
    "loan": "residual_share = 0.1\nloan = { share = 0.8, rate = 0.07, months = 36 }",
    "loan beyond the horizon": "residual_share = 0.1\nloan = { share = 0.8, rate = 0.07, months = 120 }",
    "loan without interest": "residual_share = 0.1\nloan = { share = 0.8, rate = 0.0, months = 36 }",
    "lease": "lease = { per_month = 5000, months = 36 }",
    "failures": "residual_share = 0.1\nfailures_per_year = 0.04",
}


@pytest.mark.parametrize("asset", ASSETS.values(), ids=ASSETS)
@pytest.mark.parametrize("life", [12, 30, 48, 60])
def test_books_and_cash_come_to_the_same_over_the_horizon(tmp_path: Path, asset: str, life: int) -> None:
    found = flows(studies.study(tmp_path, asset=asset, life=life), "Own")
    assert math.isclose(sum(found.book), found.total, rel_tol=1e-9)
    assert all(math.isfinite(value) for value in (*found.cash, *found.book))


@FEW
@given(use=st.floats(50, 700), price=st.floats(15, 80))
def test_the_use_at_which_both_cost_the_same_is_where_owning_starts_to_pay(
    base: Study, use: float, price: float
) -> None:
    values = {**values_of(base.quantities), PRICE: price}
    diff = compare.difference(base)
    changed = _with_price(base, price)
    try:
        limit = compare.break_even_use(changed)
    except NoFigure:
        assert diff.net_present_value({**values, "demand.quantity": use})[0] > 0
    else:
        gap = diff.net_present_value({**values, "demand.quantity": use})[0]
        assert (gap <= 0.01) if use >= limit else (gap >= -0.01)


def _with_price(study: Study, price: float) -> Study:
    import dataclasses

    quantities = {**study.quantities, PRICE: dataclasses.replace(study.quantities[PRICE], value=price)}
    return dataclasses.replace(study, quantities=quantities)


def _month(study: Study, **values: float) -> float:
    try:
        owned, other = flows(study, "Own", values), flows(study, "Cloud", values)
        return compare.break_even_month(owned.cumulative, other.cumulative).month
    except Never:
        return math.inf
