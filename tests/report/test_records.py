"""Records: what a dataclass holds is what its JSON says and what its schema describes; the two cannot drift apart."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from finops.report.forecast_table import SCHEMA_DOCUMENT as FORECAST_SCHEMA
from finops.report.machine import SCHEMA_DOCUMENT as REPORT_SCHEMA
from finops.report.model import NotComputable
from finops.report.records import Pairs, digits, schema_document, to_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A leaf of a tree.

    Attributes:
        not: described.
    """

    name: str
    weight: Decimal | NotComputable


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A tree with everything a record may hold."""

    leaves: tuple[Leaf, ...]
    first: Leaf | None
    colour: Literal["green", "red"]
    height: int
    alive: bool
    planted: date
    seen: datetime | None
    pairs: tuple[tuple[str, Decimal], ...]


PAIRS: Pairs = {(Tree, "pairs"): ("key", "value")}
DOCUMENT = schema_document(Tree, schema="test.tree/1", title="A tree", pairs=PAIRS)
TREE = Tree(
    leaves=(Leaf(name="a", weight=Decimal("1E+3")), Leaf(name="b", weight=NotComputable(reason="too light"))),
    first=None,
    colour="green",
    height=3,
    alive=True,
    planted=date(2026, 10, 1),
    seen=datetime(2026, 10, 1, 6, tzinfo=UTC),
    pairs=(("x", Decimal("-0.00")),),
)
LEAVES = st.builds(
    Leaf,
    name=st.text(),
    weight=st.decimals(allow_nan=False, allow_infinity=False) | st.builds(NotComputable, reason=st.text()),
)
TREES = st.builds(
    Tree,
    leaves=st.lists(LEAVES, max_size=3).map(tuple),
    first=st.none() | LEAVES,
    seen=st.none() | st.datetimes(timezones=st.just(UTC)),
    pairs=st.lists(st.tuples(st.text(), st.decimals(allow_nan=False, allow_infinity=False)), max_size=2).map(tuple),
)


def document(tree: Tree) -> Any:  # noqa: ANN401 - what JSON holds
    return json.loads(to_json(tree, schema="test.tree/1", pairs=PAIRS))


def test_a_record_as_json() -> None:
    assert document(TREE) == {
        "schema": "test.tree/1",
        "leaves": [{"name": "a", "weight": "1000"}, {"name": "b", "weight": {"not_computable": "too light"}}],
        "first": None,
        "colour": "green",
        "height": 3,
        "alive": True,
        "planted": "2026-10-01",
        "seen": "2026-10-01T06:00:00+00:00",
        "pairs": [{"key": "x", "value": "0.00"}],
    }


@given(TREES)
def test_whatever_a_record_holds_follows_its_schema(tree: Tree) -> None:
    Draft202012Validator(DOCUMENT).validate(document(tree))


@pytest.mark.parametrize("schema", [DOCUMENT, FORECAST_SCHEMA, REPORT_SCHEMA])
def test_a_schema_is_a_schema_with_its_name_inside(schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:{schema['properties']['schema']['const'].replace('/', ':')}"


@pytest.mark.parametrize("name", [*TREE.__slots__, "schema"])
def test_every_field_is_described_and_required(name: str) -> None:
    whole = document(TREE)

    assert name in DOCUMENT["properties"]
    del whole[name]
    assert not Draft202012Validator(DOCUMENT).is_valid(whole)


@pytest.mark.parametrize(
    ("field", "value"),
    [("height", "3"), ("colour", "blue"), ("planted", 5), ("surprise", 1), ("first", "leaf"), ("pairs", [["x", "1"]])],
)
def test_what_is_no_record_is_refused(field: str, value: object) -> None:
    assert not Draft202012Validator(DOCUMENT).is_valid({**document(TREE), field: value})


def test_a_record_is_described_by_its_first_line() -> None:
    assert DOCUMENT["$defs"]["Leaf"]["description"] == "A leaf of a tree."
    assert DOCUMENT["$defs"]["NotComputable"]["required"] == ["not_computable"]


def test_half_a_character_does_not_stop_the_text() -> None:
    leaf = Leaf(name="a\ud800b", weight=Decimal(1))

    assert json.loads(to_json(leaf, schema="test.leaf/1").encode())["name"] == "a?b"


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_digits_are_plain_and_keep_the_value(value: Decimal) -> None:
    text = digits(value)

    assert Decimal(text) == value
    assert "E" not in text
    assert not (value == 0 and text.startswith("-"))
