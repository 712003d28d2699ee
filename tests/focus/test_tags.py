"""Tags of every provider's spelling come to one form, and text that is none is refused."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops.focus import tags

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@settings(deadline=None)
@given(st.dictionaries(TEXT, TEXT.filter(bool), max_size=5))
def test_every_spelling_of_the_same_tags_has_one_canonical_form(pairs: dict[str, str]) -> None:
    records = [{"key": key, "value": value} for key, value in pairs.items()]
    spellings = [
        json.dumps(pairs),
        json.dumps(pairs, ensure_ascii=False),
        repr(pairs),
        json.dumps(records),
        repr(records),
    ]
    forms = {tags.canonical(tags.parse(spelling)) for spelling in spellings}
    assert forms == {json.dumps(pairs, ensure_ascii=False, sort_keys=True) if pairs else None}


@settings(deadline=None)
@given(st.dictionaries(TEXT, st.one_of(TEXT, st.none(), st.booleans(), st.integers(), st.lists(TEXT)), max_size=5))
def test_the_canonical_form_is_canonical(pairs: dict[str, object]) -> None:
    form = tags.canonical(pairs)
    assert form is None or tags.canonical(tags.parse(form)) == form


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_either_tags_or_a_value_error(text: str) -> None:
    try:
        parsed = tags.parse(text)
    except ValueError:
        return
    (tags.canonical(parsed) or "").encode()


@pytest.mark.parametrize("text", [None, "", "  ", "NULL", "null", "None", "{}", "[]"])
def test_no_tags_are_no_tags(text: str | None) -> None:
    assert tags.canonical(tags.parse(text)) is None


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ('{"b": "2", "a": "1"}', '{"a": "1", "b": "2"}'),
        ('{"a": "", "b": null, "c": true}', '{"a": true, "b": true, "c": true}'),
        ('{"a": false, "n": 7, "l": ["x", 1]}', '{"a": "false", "l": "[\\"x\\", 1]", "n": "7"}'),
        ('{"a": "1", "a": "2"}', '{"a": "2"}'),
        ("[{'key': 'team', 'value': 'a'}, {'key': 'live', 'value': None}]", '{"live": true, "team": "a"}'),
        ('[{"Key": "team", "Value": "a"}]', '{"team": "a"}'),
        ("{'path': 'C:\\data'}", '{"path": "C:\\\\data"}'),
        ('{"a": "\\ud800"}', '{"a": "?"}'),
    ],
)
def test_tags_in_their_one_form(text: str, form: str) -> None:
    assert tags.canonical(tags.parse(text)) == form


@pytest.mark.parametrize(
    "text",
    [
        "team=a",
        '"team"',
        "5",
        "[1, 2]",
        '[["team", "a"]]',
        "{",
        "{[]: 1}",
        "[" * 100_000,
        "[{1: 2}]",
        '[{"name": "team"}]',
    ],
)
def test_text_that_holds_no_tags_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Tags"):
        tags.parse(text)
