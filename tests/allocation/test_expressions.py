"""Rows of `cost` become rows of `allocated`: on the engine, with hostile tags, and no cost is lost or made."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finops import allocation
from finops.allocation import COSTS, DIMENSIONS, RESOURCES, RESULT, Assigner, Condition, Rule, Rules
from finops.focus import tags
from finops.focus.columns import BY_NAME
from finops.money import add
from finops.reallocation import assignments, narrowing, with_owners
from finops.store.engine import DuckDB, Engine

KEYS = (
    "project",
    "app.kubernetes.io/name",
    "/team",
    "$cost",
    "$.project",
    'a"b',
    "it's",
    "città",
    "[0]",
    "*",
    "",
    "a b",
)
"""Tag keys a provider allows, or a test fears: plain, with dots and slashes, and what engines read as a path."""
RULES = Rules(
    projects=(
        Rule(name="by tag", any_of=tuple(Condition(field="tag", key=key, values=("x", "null")) for key in KEYS)),
        Rule(name="by account", any_of=(Condition(field="account", pattern="^2"),)),
        Rule(name="by resource", any_of=(Condition(field="resource", pattern="^db-"),), end=date(2026, 2, 9)),
        Rule(name="by category", any_of=(Condition(field="cost_category", key="Team", values=("a",)),)),
    ),
    phases=(Rule(name="training", any_of=(Condition(field="tag", key="a b", pattern="train"),)),),
    environments=(Rule(name="set", any_of=(Condition(field="tag", key="project", pattern=""),)),),
)
NOBODY = Rules()
FIRST, END = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
NEEDED = (
    "x_Source",
    "x_BillingMonth",
    "BillingPeriodStart",
    "BillingPeriodEnd",
    "ChargePeriodStart",
    "ResourceId",
    "Tags",
    "x_CostCategories",
    *DIMENSIONS,
    *COSTS,
)
SCHEMA = ibis.schema({name: BY_NAME[name].type for name in NEEDED}).to_pyarrow()
PLAIN: Mapping[str, object] = {
    "x_Source": "aws",
    "x_BillingMonth": "2026-02",
    "BillingPeriodStart": FIRST,
    "BillingPeriodEnd": END,
    "ChargePeriodStart": FIRST,
    "BillingAccountId": "1",
    "ServiceName": "Amazon EC2",
    "ProviderName": "AWS",
    "ChargeCategory": "Usage",
    "BillingCurrency": "EUR",
    **dict.fromkeys(COSTS, Decimal(0)),
}

Row = Mapping[str, Any]
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8) | st.sampled_from(
    ["x", "null", "true", 'train "it"', "back\\slash", "line\nbreak", "}, {", "é🚀"]
)
AMOUNTS = st.decimals(min_value=-(10**15), max_value=10**15, places=18)
ROWS = st.builds(
    lambda hours, tagged, account, resource, category, currency, costs: {
        **PLAIN,
        "ChargePeriodStart": FIRST + timedelta(hours=hours),
        "Tags": tags.canonical(tagged),
        "SubAccountId": account,
        "ResourceId": resource,
        "x_CostCategories": tags.canonical({} if category is None else {"Team": category}),
        "BillingCurrency": currency,
        **dict(zip(COSTS, costs, strict=True)),
    },
    st.integers(min_value=-40 * 24, max_value=70 * 24),
    st.dictionaries(st.sampled_from(KEYS) | TEXTS, TEXTS, max_size=4),
    st.sampled_from([None, "2001", "3001", ""]),
    st.sampled_from([None, "db-1", "db-2", "vm-1"]),
    st.sampled_from([None, "a", "b"]),
    st.sampled_from(["EUR", "USD"]),
    st.tuples(AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS),
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with DuckDB(memory_limit="512MB", spill=tmp_path_factory.mktemp("spill")) as opened:
        yield opened


def bound(engine: Engine, rows: Sequence[Row]) -> "ir.Table":
    return engine.bind_rows("cost", pa.Table.from_pylist([{**PLAIN, **row} for row in rows], schema=SCHEMA))


def allocate(engine: Engine, rows: Sequence[Row], rules: Rules = RULES) -> Sequence[Row]:
    """Rows of `allocated`, as reallocation makes them."""
    cost, assigner = bound(engine, rows), Assigner(rules)
    grouped = engine.keep("grouped", allocation.grouped(cost, rules, narrowing(cost, rules, engine, assigner)))
    keys = engine.rows(allocation.distinct_keys(grouped, rules)) if rules.columns else [{}]
    owners = engine.bind_rows("assignments", assignments(keys, rules, assigner))
    return engine.rows(allocation.allocated(allocation.direct(grouped, owners, rules), None, rules))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ROWS, min_size=1, max_size=30))
def test_every_cost_lands_on_its_day_and_owner_to_the_last_digit(engine: Engine, rows: list[Row]) -> None:
    assigner, expected = Assigner(RULES), defaultdict[tuple[object, ...], list[Row]](list)
    for row in rows:
        day = min(max(row["ChargePeriodStart"], FIRST), END - timedelta(days=1)).date()
        owner = assigner.assign(tuple(str(day) if name == "x_Day" else row.get(name) for name in RULES.columns))
        expected[day, owner.project, owner.phase, owner.environment, owner.rule, row["BillingCurrency"]].append(row)

    found = defaultdict[tuple[object, ...], list[Row]](list)
    for row in allocate(engine, rows):
        named = ("x_Day", "x_Project", "x_Phase", "x_Environment", "x_AllocationRule", "BillingCurrency")
        found[tuple(row[name] for name in named)].append(row)

    def summed(groups: Mapping[tuple[object, ...], list[Row]]) -> dict[tuple[object, ...], list[Decimal]]:
        return {key: [add(*(row[name] for row in group)) for name in COSTS] for key, group in groups.items()}

    assert summed(found) == summed(expected)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ROWS, min_size=1, max_size=30), st.sampled_from([RULES, NOBODY]))
def test_the_four_costs_are_conserved_per_currency(engine: Engine, rows: list[Row], rules: Rules) -> None:
    cost = bound(engine, rows)
    before = {row["BillingCurrency"]: row for row in engine.rows(allocation.totals(cost))}
    after = allocate(engine, rows, rules)

    for currency, row in before.items():
        for side in (rows, list(after)):
            mine = [one for one in side if one["BillingCurrency"] == currency]
            assert all(row[name] == add(*(one[name] for one in mine)) for name in COSTS)
    assert before.keys() == {row["BillingCurrency"] for row in after}


@pytest.mark.parametrize(
    ("started", "day"),
    [
        (datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC), date(2026, 2, 1)),
        (datetime(2025, 6, 1, tzinfo=UTC), date(2026, 2, 1)),
        (datetime(2026, 2, 1, tzinfo=UTC), date(2026, 2, 1)),
        (datetime(2026, 2, 28, 23, 59, 59, tzinfo=UTC), date(2026, 2, 28)),
        (datetime(2026, 3, 1, tzinfo=UTC), date(2026, 2, 28)),
        (datetime(2026, 7, 1, tzinfo=UTC), date(2026, 2, 28)),
    ],
)
def test_a_day_outside_the_billing_month_moves_to_its_nearest_end(engine: Engine, started: datetime, day: date) -> None:
    (row,) = allocate(engine, [{"ChargePeriodStart": started, "BilledCost": Decimal(7)}])

    assert (row["x_Day"], row["BilledCost"]) == (day, Decimal(7))


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("value", ["x", "null"])
def test_a_tag_is_found_whatever_its_key(engine: Engine, key: str, value: str) -> None:
    """Engines read `app.kubernetes.io/name` as a path, `/team` as a pointer and `$cost` as a root."""
    (row,) = allocate(engine, [{"Tags": tags.canonical({key: value, "zz": "y"})}])

    assert row["x_Project"] == "by tag"
    assert tags.parse(row["Tags"]) == {key: value}


@pytest.mark.parametrize(
    ("text", "environment"), [('{"project": true}', "set"), ('{"project": null}', None), ("{}", None), (None, None)]
)
def test_a_tag_without_a_value_counts_and_a_missing_one_does_not(
    engine: Engine, text: str | None, environment: str | None
) -> None:
    (row,) = allocate(engine, [{"Tags": text}])

    assert row["x_Environment"] == environment
    assert row["x_Project"] is None


def test_unallocated_cost_is_a_null_project_and_stays(engine: Engine) -> None:
    rows: list[Row] = [
        {"SubAccountId": None, "BilledCost": Decimal(3)},
        {"SubAccountId": "2", "BilledCost": Decimal(4)},
    ]
    found = {row["x_Project"]: row for row in allocate(engine, rows)}

    assert {name: row["BilledCost"] for name, row in found.items()} == {None: Decimal(3), "by account": Decimal(4)}
    assert found[None]["x_AllocationRule"] is None
    assert found[None]["x_Phase"] == "unassigned"


def test_without_any_rule_everything_is_unallocated_and_there(engine: Engine) -> None:
    rows = [{"SubAccountId": name, "BilledCost": Decimal(1), "Tags": '{"project": "x"}'} for name in ("1", "2", None)]
    found = allocate(engine, rows, NOBODY)

    assert {row["x_Project"] for row in found} == {None}
    assert {row["Tags"] for row in found} == {None}
    assert add(*(row["BilledCost"] for row in found)) == 3


def test_rows_that_differ_in_nothing_a_reader_asks_for_become_one(engine: Engine) -> None:
    rows = [{"ChargePeriodStart": FIRST + timedelta(hours=n), "BilledCost": Decimal("0.1")} for n in range(24)]
    (row,) = allocate(engine, rows)

    assert row["BilledCost"] == Decimal("2.4")


def test_the_columns_are_those_of_the_table_and_resources_are_not_known_yet(engine: Engine) -> None:
    (row,) = allocate(engine, [{}])

    assert list(row) == [one.name for one in allocation.columns() if one.name not in allocation.PARTITION_NAMES]
    assert {row[name] for name in RESOURCES} == {None}
    assert row["x_Rules"] == RULES.fingerprint


def test_rows_of_cost_get_the_same_owner_as_their_sums(engine: Engine) -> None:
    rows: list[Row] = [*({"Tags": tags.canonical({key: "x"})} for key in KEYS), {"SubAccountId": "21"}, {}]
    cost = bound(engine, rows)
    found = engine.rows(with_owners(cost, RULES, engine))

    assert [name for name in found[0] if name not in NEEDED] == list(RESULT)
    assert len(found) == len(rows)
    owned = [(row["Tags"], row["SubAccountId"], row["x_Project"]) for row in found]
    for row in rows:
        project = "by tag" if "Tags" in row else "by account" if "SubAccountId" in row else None
        assert (row.get("Tags"), row.get("SubAccountId"), project) in owned


@pytest.mark.parametrize("dialect", ["duckdb", "trino", "databricks"])
def test_every_expression_compiles_for_other_engines(dialect: str) -> None:
    cost = ibis.table({name: BY_NAME[name].type for name in NEEDED}, name="cost")
    owners = ibis.table(
        {f"k{at}": "string" for at in range(len(RULES.columns))} | dict.fromkeys((*RESULT, "x_Shared"), "string"),
        name="a",
    )
    lookups = tuple(
        (column, ibis.table({"value": "string", "told": "string"}, name=f"told_{column}"))
        for column in allocation.told(RULES)
    )
    grouped = allocation.grouped(cost, RULES, lookups)
    direct = allocation.direct(grouped, owners, RULES)
    for expression in (
        allocation.kept_tags(cost, RULES),
        allocation.distinct_values(cost, "ResourceId"),
        grouped,
        allocation.distinct_keys(grouped, RULES),
        allocation.allocated(direct, None, RULES),
        allocation.allocated(direct, direct, RULES),
        allocation.tagged(cost, owners, RULES, lookups),
        allocation.totals(cost),
    ):
        statement = str(ibis.to_sql(expression, dialect=dialect))
        assert statement.startswith(("SELECT", "WITH"))


@pytest.mark.parametrize(
    ("dialect", "written"),
    [
        ("duckdb", 'CAST("t0"."Tags" AS JSON) -> \'$.project\''),
        ("trino", "FORMAT('$[\"%s\"]', 'project')"),
        ("databricks", "`t0`.`Tags`:project"),
    ],
)
def test_a_plain_tag_is_read_without_a_map(dialect: str, written: str) -> None:
    cost = ibis.table({"Tags": "string"}, name="cost")
    statement = str(ibis.to_sql(cost.select(value=allocation.tag(cost.Tags, "project")), dialect=dialect))

    assert written in " ".join(statement.split())
    assert "MAP" not in statement
