"""Shared cost: split to the last digit, through every chain, and nothing lost, made or split twice."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finops.allocation import COSTS, AllOf, AnyOf, Condition, Match, Not, Rule, Rules, Shared
from finops.allocation.sharing import circle, parts, split, whole
from finops.apportioning import Apportionment, _decimals, _units
from finops.focus import tags
from finops.money import add
from finops.periods import month
from finops.rates import RateMissing, Rates
from finops.reallocation import allocate
from finops.store.engine import DuckDB, Engine
from finops.store.tables import Tables

PROJECTS, POOLS = ("search", "shop", "llm"), ("network", "platform", "support")
FIRST, END = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
SCHEMA = Tables.at(Path()).cost.schema
Row = Mapping[str, Any]


@given(st.integers(-(10**40), 10**40), st.lists(st.integers(0, 10**30), min_size=1, max_size=8).filter(any))
def test_parts_add_up_and_none_is_a_whole_unit_off(units: int, shares: list[int]) -> None:
    found = split(units, shares)

    assert sum(found) == units
    for part, share in zip(found, shares, strict=True):
        assert abs(Fraction(part) - Fraction(units * share, sum(shares))) < 1
        assert share or not part


@given(st.lists(st.fractions(min_value=0, max_value=1), min_size=1, max_size=6))
def test_whole_shares_keep_the_proportion(fractions: list[Fraction]) -> None:
    shares = whole(fractions)
    assert [one * sum(fractions) for one in shares] == [one * sum(shares) for one in fractions]


@given(st.lists(st.integers(-(10**35), 10**35), max_size=20))
def test_units_and_decimals_are_the_same_amounts(units: list[int]) -> None:
    decimals = _decimals(units)
    assert _units(decimals) == units
    assert decimals.to_pylist() == [Decimal(f"{unit}e-18") for unit in units]


def pool(name: str, *to: str) -> Shared:
    return Shared(rule=Rule(name=name, any_of=()), split="even", to=to)


def test_a_circle_is_found_wherever_it_begins() -> None:
    assert circle([pool("a", "b", "x"), pool("b", "c"), pool("c", "x", "b")]) == ("b", "c", "b")
    assert circle([pool("a", "a")]) == ("a", "a")
    assert circle([pool("a", "b", "c"), pool("b", "c"), pool("c", "x")]) == ()


def test_what_cannot_be_split_is_said_also_at_the_end_of_a_chain() -> None:
    weights = {"a": {"b": Fraction(1), "x": Fraction(3)}, "b": {"x": Fraction(0), "y": Fraction(0)}}
    found = parts([pool("a", "b", "x"), pool("b", "x", "y")], weights)

    assert found == {"a": {None: Fraction(1, 4), "x": Fraction(3, 4)}, "b": {None: Fraction(1)}}


# ── random rules over random bills ───────────────────────────────────────────────────────────────────────────────

TEXTS = st.sampled_from(["1", "2", "3", "prod", "db-1", "db-2"])
LEAVES = st.builds(
    lambda field, key, values, pattern: Condition(
        field=field,
        key=key if field in {"tag", "label", "cost_category"} else None,
        values=() if pattern else tuple(values),
        pattern=pattern,
    ),
    st.sampled_from(["tag", "label", "cost_category", "account", "service", "resource", "source", "ChargeCategory"]),
    st.sampled_from(["app", "env", "a.b/c"]),
    st.lists(TEXTS, min_size=1, max_size=2),
    st.sampled_from([None, None, "^db", "[12]", ""]),
)
MATCHES: st.SearchStrategy[Match] = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda two: AllOf(parts=tuple(two)), st.lists(inner, min_size=2, max_size=3)),
        st.builds(lambda two: AnyOf(parts=tuple(two)), st.lists(inner, min_size=2, max_size=3)),
        st.builds(lambda one: Not(part=one), inner),
    ),
    max_leaves=4,
)
DAYS = st.none() | st.dates(min_value=FIRST.date(), max_value=END.date())


def rule(name: str) -> st.SearchStrategy[Rule]:
    return st.builds(
        lambda matches, start, end: Rule(name=name, any_of=tuple(matches), start=start, end=end),
        st.lists(MATCHES, min_size=1, max_size=2),
        DAYS,
        DAYS,
    )


@st.composite
def shared(draw: st.DrawFn, at: int) -> Shared:
    """A pool that may give to projects and to the pools after it, so that there is no circle."""
    to = tuple(draw(st.lists(st.sampled_from([*PROJECTS, *POOLS[at + 1 :]]), min_size=1, max_size=5, unique=True)))
    kind = draw(st.sampled_from(["even", "proportional", "fixed", "metric"]))
    return Shared(
        rule=draw(rule(POOLS[at])),
        split=kind,  # type: ignore[arg-type]  # one of the four
        to=to,
        measure=draw(st.sampled_from(["billed_cost", "effective_cost"])),
        parts=tuple(Decimal(n) for n in draw(st.lists(st.integers(1, 9), min_size=len(to), max_size=len(to)))),
        file=Path("seats.csv") if kind == "metric" else None,
    )


RULES = st.builds(
    lambda projects, phases, pools: Rules(projects=tuple(projects), phases=tuple(phases), shared=tuple(pools)),
    st.tuples(*map(rule, PROJECTS)),
    st.lists(rule("training"), max_size=1),
    st.tuples(*(shared(at) for at in range(len(POOLS)))) | st.just(()),
)
AMOUNTS = st.decimals(min_value=-(10**9), max_value=10**12, places=18) | st.integers(-5, 5).map(
    lambda unit: Decimal(unit).scaleb(-18)
)
ROWS = st.builds(
    lambda hours, keys, texts, currency, costs: {
        "BillingPeriodStart": FIRST,
        "BillingPeriodEnd": END,
        "ChargePeriodStart": FIRST + timedelta(hours=hours),
        "Tags": tags.canonical(dict.fromkeys(keys, texts[0])),
        "x_CostCategories": tags.canonical({"app": texts[1]} if texts[1] else {}),
        **dict(zip(("SubAccountId", "ResourceId"), texts[2:], strict=True)),
        "ServiceName": texts[0],
        "ProviderName": "AWS",
        "ChargeCategory": "Usage",
        "BillingCurrency": currency,
        **dict(zip(COSTS, costs, strict=True)),
    },
    st.integers(-48, 30 * 24),
    st.sets(st.sampled_from(["app", "env", "a.b/c", "other"])),
    st.tuples(TEXTS, *([st.none() | TEXTS] * 3)),
    st.sampled_from(["EUR", "USD"]),
    st.tuples(*[AMOUNTS] * 4),
)
BILLS = st.fixed_dictionaries({"aws": st.lists(ROWS, min_size=1, max_size=15), "gcp": st.lists(ROWS, max_size=10)})
RATES = "date,from,to,rate,source\n" + "".join(f"2026-02-{day:02},USD,EUR,0.9,test\n" for day in range(1, 29))


@pytest.fixture(scope="module")
def rates(tmp_path_factory: pytest.TempPathFactory) -> Rates:
    from finops import rates

    file = tmp_path_factory.mktemp("rates") / "rates.csv"
    file.write_text(RATES)
    return rates.read(file)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with DuckDB(memory_limit="512MB", spill=tmp_path_factory.mktemp("spill")) as opened:
        yield opened


def allocated(
    engine: Engine, bill: Mapping[str, Sequence[Row]], rules: Rules, rates: Rates
) -> Mapping[str, Sequence[Row]]:
    """Rows of `allocated` per source, as reallocation makes them."""
    costs = [
        engine.bind_rows(
            f"bill_{at}",
            pa.Table.from_pylist([{"x_Source": source, "x_BillingMonth": "2026-02", **row} for row in rows], SCHEMA),
        )
        for at, (source, rows) in enumerate(bill.items())
    ]
    seats = {Path("seats.csv"): {"2026-02": {"search": Decimal(3), "shop": Decimal("0.5"), "platform": Decimal(1)}}}
    apportionment = Apportionment(shared=rules.shared, rates=rates, currency="EUR", metrics=seats)
    return dict(
        zip(bill, map(engine.rows, allocate(costs, month("2026-02"), rules, apportionment, engine)), strict=True)
    )


def sums(rows: Sequence[Row], *keys: str) -> dict[tuple[Any, ...], list[Decimal]]:
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row[key] for key in keys), []).append(row)
    return {key: [add(*(row[name] for row in group)) for name in COSTS] for key, group in groups.items()}


ANY_HEALTH = list(HealthCheck)


def check_that_all_is_there(engine: Engine, rates: Rates, bill: Any, rules: Rules) -> None:  # noqa: ANN401 - rows
    found = allocated(engine, bill, rules, rates)
    for source, rows in bill.items():
        mine = found[source]
        assert sums(mine, "BillingCurrency") == sums(rows, "BillingCurrency")
        # Whose it is changes nothing about what it is: also every service keeps its cost.
        assert sums(mine, "ServiceName", "BillingCurrency") == sums(rows, "ServiceName", "BillingCurrency")
        assert {row["x_Project"] for row in mine} <= {*PROJECTS, None}


@settings(max_examples=10, deadline=None, suppress_health_check=ANY_HEALTH)
@given(BILLS, RULES)
def test_allocated_and_unallocated_are_the_bill(engine: Engine, rates: Rates, bill: Any, rules: Rules) -> None:  # noqa: ANN401 - rows
    check_that_all_is_there(engine, rates, bill, rules)


@pytest.mark.long
@settings(max_examples=100, deadline=None, suppress_health_check=ANY_HEALTH)
@given(BILLS, RULES)
def test_allocated_and_unallocated_are_the_bill_whatever_the_rules(
    engine: Engine,
    rates: Rates,
    bill: Any,  # noqa: ANN401 - rows
    rules: Rules,
) -> None:
    check_that_all_is_there(engine, rates, bill, rules)


@pytest.mark.long
@settings(max_examples=25, deadline=None, suppress_health_check=ANY_HEALTH)
@given(BILLS, RULES, st.randoms(use_true_random=False))
def test_the_order_of_rows_and_sources_is_irrelevant(
    engine: Engine,
    rates: Rates,
    bill: Any,  # noqa: ANN401 - rows
    rules: Rules,
    random: Any,  # noqa: ANN401 - hypothesis' own
) -> None:
    keys = ("x_Day", "x_Project", "x_Phase", "x_AllocationRule", "ServiceName", "SubAccountId", "BillingCurrency")
    before = allocated(engine, bill, rules, rates)
    mixed = {source: random.sample(rows, len(rows)) for source, rows in reversed(bill.items())}
    after = allocated(engine, mixed, rules, rates)

    assert {name: sums(rows, *keys) for name, rows in before.items()} == {
        name: sums(rows, *keys) for name, rows in after.items()
    }


def charged(account: str, billed: str, *, effective: str | None = None, currency: str = "EUR") -> Row:
    amounts = {**dict.fromkeys(COSTS, Decimal(billed)), "EffectiveCost": Decimal(effective or billed)}
    return {
        **dict(zip(("BillingPeriodStart", "ChargePeriodStart", "BillingPeriodEnd"), (FIRST, FIRST, END), strict=True)),
        "SubAccountId": account,
        "ServiceName": "S",
        "ProviderName": "P",
        "ChargeCategory": "Usage",
        "BillingCurrency": currency,
        **amounts,
    }


def of(account: str, name: str) -> Rule:
    return Rule(name=name, any_of=(Condition(field="account", values=(account,)),))


def sharing(*pools: Shared) -> Rules:
    return Rules(projects=(of("1", "search"), of("2", "shop")), shared=pools)


def billed(rows: Sequence[Row]) -> dict[str | None, Decimal]:
    return {key[0]: amounts[0] for key, amounts in sums(rows, "x_Project").items()}


def test_a_proportional_split_follows_the_month_of_all_sources_at_its_rates(engine: Engine, rates: Rates) -> None:
    """Search has 90 EUR (100 USD at 0.9) in one source, shop 30 EUR in the other: three to one."""
    rules = sharing(Shared(rule=of("9", "platform"), split="proportional", to=("search", "shop")))
    bill = {
        "aws": [charged("1", "100", currency="USD"), charged("9", "8", currency="USD")],
        "gcp": [charged("2", "30")],
    }
    found = allocated(engine, bill, rules, rates)["aws"]

    assert billed(found) == {"search": Decimal(106), "shop": Decimal(2)}
    assert {row["x_AllocationRule"] for row in found} == {
        "account = 1",
        "shared platform, in proportion to effective cost: account = 9",
    }


def test_without_a_rate_two_currencies_are_not_compared(engine: Engine) -> None:
    rules = sharing(Shared(rule=of("9", "platform"), split="proportional", to=("search", "shop")))
    bill = {
        "aws": [charged("1", "100", currency="USD"), charged("9", "8", currency="USD")],
        "gcp": [charged("2", "30")],
    }
    with pytest.raises(RateMissing, match="Cost of 2026-02-01 is in USD, and no rate from USD to EUR is known"):
        allocated(engine, bill, rules, Rates())


def test_the_measure_of_a_proportional_split_is_the_one_said(engine: Engine) -> None:
    bill = {"aws": [charged("1", "1", effective="3"), charged("2", "3", effective="1"), charged("9", "4")]}
    for measure, search in (("billed_cost", 2), ("effective_cost", 4)):
        rules = sharing(Shared(rule=of("9", "p"), split="proportional", to=("search", "shop"), measure=measure))
        assert billed(allocated(engine, bill, rules, Rates())["aws"])["search"] == search


def test_a_chain_is_split_in_order_and_ends_at_projects(engine: Engine) -> None:
    """Network gives half to search and half to platform; platform gives a quarter of what it has to search."""
    rules = sharing(
        Shared(rule=of("9", "platform"), split="fixed", to=("search", "shop"), parts=(Decimal(25), Decimal(75))),
        Shared(rule=of("8", "network"), split="even", to=("search", "platform")),
    )
    found = allocated(engine, {"aws": [charged("8", "80"), charged("9", "4")]}, rules, Rates())["aws"]

    assert billed(found) == {"search": Decimal(40 + 10 + 1), "shop": Decimal(30 + 3)}


def test_what_nobody_can_bear_stays_unallocated_and_says_why(engine: Engine) -> None:
    rules = sharing(Shared(rule=of("9", "platform"), split="metric", to=("search",), file=Path("other.csv")))
    costs = [engine.bind_rows("bill_0", pa.Table.from_pylist([{**charged("9", "5"), "x_Source": "aws"}], SCHEMA))]
    apportionment = Apportionment(shared=rules.shared, metrics={Path("other.csv"): {}})
    (found,) = map(engine.rows, allocate(costs, month("2026-02"), rules, apportionment, engine))

    assert billed(found) == {None: Decimal(5)}
    assert found[0]["x_AllocationRule"] == "shared platform, by other.csv, not split as there is nothing to go by"


def test_cents_that_do_not_divide_are_all_there(engine: Engine) -> None:
    rules = Rules(
        projects=tuple(of(name, name) for name in PROJECTS),
        shared=(Shared(rule=of("9", "p"), split="even", to=PROJECTS),),
    )
    found = billed(allocated(engine, {"aws": [charged("9", "0.01")]}, rules, Rates())["aws"])

    third = Decimal("0.003333333333333333")
    assert found == {"search": third + Decimal(1).scaleb(-18), "shop": third, "llm": third}
