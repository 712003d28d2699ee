"""Rules: the first match wins, and a condition holds for what a row has, never for what it lacks."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops.allocation import (
    UNASSIGNED,
    AllOf,
    AnyOf,
    Assigner,
    Assignment,
    Condition,
    Field,
    Match,
    Not,
    Rule,
    Rules,
    Shared,
    check_pattern,
)
from finops.allocation.conditions import found_by
from finops.focus import tags
from tests import growth


def tagged(key: str, *values: str, pattern: str | None = None) -> Condition:
    return Condition(field="tag", key=key, values=values, pattern=pattern)


def named(name: str, *alternatives: Match | tuple[Match, ...], **days: date) -> Rule:
    return Rule(
        name=name, any_of=tuple(AllOf(parts=one) if isinstance(one, tuple) else one for one in alternatives), **days
    )


def assigned(rules: Rules, **fields: str) -> Assignment:
    """Whose a row with these fields is; tags are written `tag_KEY`."""
    by_column: dict[str, str | None] = {n: v for n, v in fields.items() if not n.startswith("tag_")}
    by_column["Tags"] = tags.canonical({n.removeprefix("tag_"): v for n, v in fields.items() if n.startswith("tag_")})
    return Assigner(rules).assign(tuple(by_column.get(column) for column in rules.columns))


def test_the_first_match_wins_in_the_order_written() -> None:
    first, second = named("first", tagged("app", "x")), named("second", tagged("app", "x"), tagged("app", "y"))
    rules = Rules(projects=(first, second))

    assert assigned(rules, tag_app="x").project == "first"
    assert assigned(rules, tag_app="y").project == "second"
    assert assigned(Rules(projects=(second, first)), tag_app="x").project == "second"


def test_what_no_rule_claims_has_no_project_and_an_unassigned_phase() -> None:
    rules = Rules(
        projects=(named("search", tagged("app", "search")),), phases=(named("training", tagged("stage", "train")),)
    )

    nobody = Assignment(project=None, rule=None, phase=UNASSIGNED, environment=None)
    assert assigned(rules) == nobody
    assert assigned(rules, tag_app="other", tag_stage="other") == nobody
    assert assigned(Rules()) == nobody


def test_project_phase_and_environment_are_found_apart() -> None:
    rules = Rules(
        projects=(named("search", tagged("app", "search")),),
        phases=(named("training", tagged("stage", "train")),),
        environments=(named("production", tagged("env", pattern="^prod")),),
    )

    assert assigned(rules, tag_stage="train", tag_env="prod-eu") == Assignment(
        project=None, rule=None, phase="training", environment="production"
    )


@pytest.mark.parametrize(
    ("field", "column"),
    [
        ("account", "SubAccountId"),
        ("billing_account", "BillingAccountId"),
        ("service", "ServiceName"),
        ("provider", "ProviderName"),
        ("region", "RegionId"),
        ("resource", "ResourceId"),
        ("ChargeCategory", "ChargeCategory"),
        ("source", "x_Source"),
    ],
)
def test_every_field_looks_at_its_column(field: Field, column: str) -> None:
    equal = Rules(projects=(named("it", Condition(field=field, values=("one", "two"))),))
    matching = Rules(projects=(named("it", Condition(field=field, pattern="^t.o$")),))

    assert equal.columns == matching.columns == (column,)
    assert [Assigner(equal).assign((value,)).project for value in ("one", "two", "ONE", "", None)] == [
        "it",
        "it",
        None,
        None,
        None,
    ]
    assert [Assigner(matching).assign((value,)).project for value in ("two", "twoo", None)] == ["it", None, None]


def test_a_pattern_is_found_anywhere_unless_it_is_anchored() -> None:
    rules = Rules(projects=(named("it", tagged("app", pattern="search")),))

    assert assigned(rules, tag_app="my-search-api").project == "it"
    assert assigned(rules, tag_app="Search").project is None


def test_a_tag_without_a_value_is_true_and_an_empty_pattern_asks_only_for_the_tag() -> None:
    set_at_all = Rules(projects=(named("it", tagged("shared", pattern="")),))

    assert assigned(set_at_all, tag_shared="true").project == "it"
    assert assigned(set_at_all, tag_shared="anything").project == "it"
    assert assigned(set_at_all).project is None
    assert assigned(Rules(projects=(named("it", tagged("shared", "true")),)), tag_shared="true").project == "it"


def test_within_one_alternative_every_condition_must_hold() -> None:
    both = (tagged("app", "x"), Condition(field="provider", values=("AWS",)))
    rules = Rules(projects=(named("it", both, tagged("owner", "me")),))

    assert rules.columns == ("ProviderName", "Tags")
    assert assigned(rules, tag_app="x", ProviderName="AWS").project == "it"
    assert assigned(rules, tag_app="x", ProviderName="GCP").project is None
    assert assigned(rules, tag_app="x").project is None
    assert assigned(rules, tag_owner="me").project == "it"


def test_a_field_that_is_missing_matches_nothing_not_even_everything() -> None:
    rules = Rules(projects=(named("it", Condition(field="region", pattern=".*")),))

    assert assigned(rules).project is None


def test_the_rule_that_matched_is_said_in_words() -> None:
    rules = Rules(
        projects=(
            named("a", (tagged("app", "x", "y"), Condition(field="billing_account", values=("1",)))),
            named("b", tagged("app", pattern="^z")),
            named("c", tagged("shared", pattern="")),
        )
    )

    assert assigned(rules, tag_app="y", BillingAccountId="1").rule == "tag app = x or y and billing account = 1"
    assert assigned(rules, tag_app="zz").rule == "tag app ~ ^z"
    assert assigned(rules, tag_shared="true").rule == "tag shared is set"


@pytest.mark.parametrize("pattern", ["(?=x)", "(?<!x)y", r"(a)\1", "(", "*", "a{1001}"])
def test_what_is_no_linear_expression_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="is not a linear-time regular expression"):
        check_pattern(pattern)
    with pytest.raises(ValueError, match="RE2"):
        Assigner(Rules(projects=(named("it", tagged("app", pattern=pattern)),)))


def test_a_hostile_value_takes_no_longer_than_it_is_long() -> None:
    """Backtracking needs 2 to the power of 40 steps here."""
    rules = Rules(projects=(named("it", tagged("app", pattern="^(a+)+$")),))
    assigner = Assigner(rules)

    def assigned(length: int) -> str | None:
        return assigner.assign((tags.canonical({"app": "a" * length + "!"}),)).project

    assert assigned(40) is None
    assert growth.factor(assigned, small=100_000, large=1_000_000) < 25


def test_the_fingerprint_is_the_same_for_the_same_rules() -> None:
    def rules() -> Rules:
        return Rules(projects=(named("a", tagged("app", "x")), named("b", tagged("app", "y"))))

    assert rules().fingerprint == rules().fingerprint
    assert len(rules().fingerprint) == 16


def test_the_fingerprint_changes_with_every_part_of_a_rule_and_with_their_order() -> None:
    a, b = named("a", tagged("app", "x")), named("b", tagged("app", "y"))
    variants = [
        Rules(),
        Rules(projects=(a,)),
        Rules(projects=(a, b)),
        Rules(projects=(b, a)),
        Rules(phases=(a,)),
        Rules(environments=(a,)),
        Rules(projects=(named("A", tagged("app", "x")),)),
        Rules(projects=(named("a", tagged("App", "x")),)),
        Rules(projects=(named("a", tagged("app", "X")),)),
        Rules(projects=(named("a", tagged("app", pattern="x")),)),
        Rules(projects=(named("a", tagged("app", "x", "y")),)),
        Rules(projects=(named("a", Condition(field="account", values=("x",))),)),
        Rules(projects=(named("a", tagged("app", "x"), tagged("app", "y")),)),
        Rules(projects=(named("a", (tagged("app", "x"), tagged("app", "y"))),)),
        Rules(projects=(named("a", AnyOf(parts=(tagged("app", "x"), tagged("app", "y")))),)),
        Rules(projects=(named("a", Not(part=tagged("app", "x"))),)),
        Rules(projects=(named("a", tagged("app", "x"), start=date(2026, 1, 1)),)),
        Rules(projects=(named("a", tagged("app", "x"), end=date(2026, 1, 1)),)),
        *(
            Rules(projects=(a,), shared=(Shared(rule=b, split="even", to=("a",)),)),
            Rules(projects=(a,), shared=(Shared(rule=b, split="proportional", to=("a",)),)),
            Rules(projects=(a,), shared=(Shared(rule=b, split="proportional", to=("a",), measure="flop"),)),
            Rules(projects=(a,), shared=(Shared(rule=b, split="fixed", to=("a",), parts=(Decimal(1),)),)),
        ),
    ]

    assert len({one.fingerprint for one in variants}) == len(variants)


def test_tag_keys_and_columns_are_those_that_rules_look_at() -> None:
    rules = Rules(
        projects=(named("a", tagged("b.c/d", "1"), Condition(field="service", values=("S3",))),),
        environments=(named("e", tagged("a", "1"), tagged("b.c/d", "2")),),
    )

    assert rules.tag_keys == ("a", "b.c/d")
    assert rules.columns == ("ServiceName", "Tags")


def test_all_any_and_not_combine() -> None:
    dev = tagged("env", "dev")
    rules = Rules(projects=(named("it", (AnyOf(parts=(tagged("app", "x"), tagged("app", "y"))), Not(part=dev))),))

    assert assigned(rules, tag_app="y").project == "it"
    assert assigned(rules, tag_app="y", tag_env="prod").project == "it"
    assert assigned(rules, tag_app="y", tag_env="dev").project is None
    assert assigned(rules, tag_env="prod").project is None
    assert assigned(rules, tag_app="y").rule == "(tag app = x or tag app = y) and not (tag env = dev)"


@pytest.mark.parametrize(
    ("day", "project"),
    [("", "old"), ("2026-02-28", "old"), ("2026-03-01", "new"), ("2026-05-31", "new"), ("2026-06-01", None)],
)
def test_a_dated_rule_applies_from_its_first_day_until_before_its_last(day: str, project: str | None) -> None:
    rules = Rules(
        projects=(
            named("old", tagged("app", "x"), end=date(2026, 3, 1)),
            named("new", tagged("app", "x"), start=date(2026, 3, 1), end=date(2026, 6, 1)),
        )
    )

    assert rules.boundaries == (date(2026, 3, 1), date(2026, 6, 1))
    assert assigned(rules, tag_app="x", x_Day=day).project == project


def test_shared_cost_is_what_no_project_claims() -> None:
    account = Condition(field="account", values=("1",))
    rules = Rules(
        projects=(named("search", tagged("project", "search")),),
        shared=(Shared(rule=named("platform", account), split="even", to=("search",)),),
    )

    assert assigned(rules, SubAccountId="1", tag_project="search") == Assignment(
        project="search", rule="tag project = search", phase=UNASSIGNED, environment=None
    )
    assert assigned(rules, SubAccountId="1") == Assignment(
        project=None, rule="account = 1", phase=UNASSIGNED, environment=None, shared="platform"
    )


def test_a_cost_category_is_read_by_its_key() -> None:
    rules = Rules(projects=(named("it", Condition(field="cost_category", key="Team", values=("a",))),))

    assert assigned(rules, x_CostCategories='{"Team": "a", "Other": "b"}').project == "it"
    assert assigned(rules, x_CostCategories='{"Other": "a"}').project is None


def test_values_that_no_rule_tells_apart_become_one() -> None:
    pattern = Condition(field="resource", pattern="^db-")
    rules = Rules(projects=(named("it", pattern, Condition(field="resource", values=("vm-7",))),))

    assert Assigner(rules).told_apart("ResourceId", ["db-1", "db-2", "vm-7", "vm-8"]) == {
        "db-1": "db-1",
        "db-2": "db-1",
        "vm-7": "vm-7",
    }


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.sampled_from(["", "^a", "b$", "a.*b", "[0-9]+", "(?i)AB", r"\bx\b", "^$", "é"]), min_size=1, unique=True
    ),
    st.lists(st.text("ab0xA éX", max_size=6), min_size=1, max_size=20),
)
def test_many_patterns_at_once_find_what_each_finds_alone(patterns: list[str], texts: list[str]) -> None:
    import re2

    search = found_by(patterns)
    for text in texts:
        assert sorted(search(text)) == [at for at, one in enumerate(patterns) if re2.search(one, text) is not None]


def test_a_tag_and_a_label_are_the_same_thing() -> None:
    for field in ("tag", "label"):
        other = "label" if field == "tag" else "tag"
        rules = Rules(
            projects=(named("no", (Condition(field=field, key="a", pattern="x"), tagged("b", "never"))),),
            phases=(named("yes", Condition(field=other, key="a", pattern="x")),),
        )
        assert assigned(rules, tag_a="x").phase == "yes"
