"""The text of a first finops.toml: it loads whatever stands in it, and so does every example without its #."""

import re
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops import config, starter
from finops.allocation import Condition
from finops.config import Config
from finops.discovery import Place
from finops.starter import Answers
from finops.suggestions import MonthCost, ProjectTag, Suggestions

NOTHING = Suggestions(currencies={}, other_keys={}, project_costs={})
HOSTILE = "a\"b\\c'd\n[[sources]]\t\x7f\x00\u2028 # é 請求 {}"
SOME = Suggestions(
    currencies={"EUR": 900, "USD": 10},
    tag_key=HOSTILE,
    projects=(ProjectTag(name=HOSTILE, values=(HOSTILE, f" {HOSTILE}"), rows=7),),
    more_projects=3,
    other_keys={f"team{HOSTILE}": 5},
    last_month=MonthCost(month="2026-10", currency="EUR", cost=Decimal("12345.67"), until=None, is_whole=True),
    project_costs={HOSTILE: Decimal("0.5")},
    repeated=(("a", "b", ("2026-09", "2026-10")),),
)
PLACE = Place(name="aws", connector="aws", location=f"x/{HOSTILE}", files=(), notes=(f"broken\n{HOSTILE}",))
ANSWERS = Answers(name="Müller & Söhne", currency="EUR", fiscal_year_start=4)

text_of_files = st.text(st.characters(codec="utf-8"), min_size=1)


def written(answers: Answers = ANSWERS, suggestions: Suggestions = NOTHING, places: tuple[Place, ...] = ()) -> str:
    return starter.text(answers, places, suggestions, [])


def loaded(folder: Path, text: str) -> Config:
    file = folder / "finops.toml"
    file.write_text(text, encoding="utf-8")
    return config.load(file, variables={})


def with_examples(text: str) -> str:
    """The file with every example taken over."""
    return re.sub(r"^#(?=[a-z\[])", "", text, flags=re.MULTILINE)


def test_a_file_that_knows_nothing_loads_and_invents_nothing(tmp_path: Path) -> None:
    read = loaded(tmp_path, written(Answers(name="Cloud costs", currency=None, fiscal_year_start=1)))
    assert (read.sources, read.projects, read.budgets, read.organisation.currency) == ((), (), (), None)


def test_what_was_found_and_answered_is_in_force(tmp_path: Path) -> None:
    read = loaded(tmp_path, written(suggestions=SOME, places=(PLACE,)))
    assert (read.organisation.name, read.organisation.currency) == ("Müller & Söhne", "EUR")
    assert read.organisation.fiscal_year_start == 4
    assert [(entry.connector, entry.source.name) for entry in read.sources] == [("aws", "aws")]
    assert read.sources[0].source.location == f"{tmp_path}/x/{HOSTILE}"
    (rule,) = read.rules.projects
    (condition,) = rule.any_of
    assert isinstance(condition, Condition)
    assert (rule.name, condition.key, condition.values) == (HOSTILE, HOSTILE, (HOSTILE, f" {HOSTILE}"))


@pytest.mark.parametrize("suggestions", [NOTHING, SOME])
@pytest.mark.parametrize("places", [(), (PLACE,)])
def test_every_example_is_right_once_its_hash_is_taken_away(
    tmp_path: Path, suggestions: Suggestions, places: tuple[Place, ...]
) -> None:
    read = loaded(tmp_path, with_examples(written(suggestions=suggestions, places=places)))
    assert (len(read.sources), len(read.projects)) == (1, 1)
    assert [budget.name for budget in read.budgets][:2] == ["total", "whole year"]
    assert [rule.name for rule in (*read.rules.phases, *read.rules.environments)] == ["training", "production"]
    assert read.unused == ()


def test_no_example_shows_what_this_version_does_not_use() -> None:
    sections = set(tomllib.loads(with_examples(written(suggestions=SOME, places=(PLACE,)))))
    later = {name for name, described in config.schema()["properties"].items() if described.get("x-later")}
    assert sections & later == set()


def test_the_size_of_the_last_month_is_a_comment_and_its_limit_a_round_number_above() -> None:
    text = written(suggestions=SOME)
    assert "# The last month in the bills, 2026-10, cost 12,346 EUR (effective cost).\n" in text
    assert "#limit = 13000\n" in text
    assert "#limit = 150000\n" in text


def test_a_month_that_was_read_in_part_says_so() -> None:
    last = MonthCost(month="2026-10", currency="EUR", cost=Decimal(5), until=None, is_whole=False)
    suggestions = Suggestions(currencies={}, other_keys={}, project_costs={}, last_month=last)
    assert "as far as the newest files show" in written(suggestions=suggestions)


@pytest.mark.parametrize("line", written(suggestions=SOME, places=(PLACE,)).splitlines())
def test_lines_stay_lines(line: str) -> None:
    assert line.isprintable()


def test_sources_that_repeat_each_other_are_named() -> None:
    assert "# a and b hold the same bill for 2026-09 to 2026-10" in written(suggestions=SOME)


@given(text_of_files)
def test_any_text_is_the_same_after_reading(value: str) -> None:
    assert tomllib.loads(f"x = {starter.quoted(value)}") == {"x": value}


@given(text_of_files)
def test_any_text_stays_on_its_line_in_a_comment(value: str) -> None:
    assert tomllib.loads(f"# {starter.shown(value)}") == {}
    assert len(starter.shown(value).splitlines()) <= 1
