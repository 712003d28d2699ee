"""Currency, projects and the size of a month, from lines of a sample."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

from finops.discovery import Place
from finops.sampling import Line, Sample
from finops.suggestions import Suggestions, suggest

BILL = ("AWS", "999900001111")


def line(cost: str = "1", *, month: str | None = "2026-09", rows: int = 1, currency: str = "EUR", **tags: str) -> Line:
    """A line of a month charged to its end."""
    last = None if month is None else date(int(month[:4]), int(month[5:]), 30)
    return Line(
        month=month, currency=currency, bill=BILL, tags=json.dumps(tags), rows=rows, cost=Decimal(cost), last_day=last
    )


def sample(*lines: Line, name: str = "aws", whole: tuple[str, ...] = ("2026-09",)) -> Sample:
    place = Place(name=name, connector="aws", location=name, files=())
    return Sample(place=place, lines=lines, whole_months=frozenset(whole))


def of(*lines: Line) -> Suggestions:
    return suggest([sample(*lines)], running_month="2026-11")


def test_nothing_read_suggests_nothing() -> None:
    assert suggest([], running_month="2026-11") == Suggestions(currencies={}, other_keys={}, project_costs={})


def test_the_most_frequent_currency_comes_first() -> None:
    assert list(of(line(currency="USD", rows=2), line(rows=3)).currencies) == ["EUR", "USD"]


def test_a_project_tag_wins_over_one_that_is_not_twice_as_frequent() -> None:
    assert of(line(team="a", rows=19), line(project="b", rows=10)).tag_key == "project"
    assert of(line(team="a", rows=21), line(project="b", rows=10)).tag_key == "team"
    assert of(line(team="a", rows=21), line(project="b", rows=10)).other_keys == {"project": 10}


def test_only_tags_that_can_name_a_project_count() -> None:
    found = of(line(Name="i-1", environment="prod", rows=100))
    assert (found.tag_key, found.projects, found.other_keys) == (None, (), {})


def test_keys_are_compared_without_case_and_punctuation_and_kept_as_they_are() -> None:
    assert of(replace(line(), tags='{"Cost-Centre": "4711"}')).tag_key == "Cost-Centre"


def test_the_dearest_project_comes_first_and_spellings_are_one_project() -> None:
    found = of(line("5", project="Search", rows=3), line("5", project="search ", rows=2), line("9", project="shop"))
    assert [(each.name, each.values, each.rows) for each in found.projects] == [
        ("Search", ("Search", "search "), 5),
        ("shop", ("shop",), 1),
    ]
    assert found.project_costs == {"Search": Decimal(10), "shop": Decimal(9)}


def test_values_that_say_nothing_name_no_project() -> None:
    found = of(line(project="N/A"), line(project=" "), line(project="unknown"), line(project="\ud800"))
    assert (found.tag_key, found.projects) == (None, ())


def test_more_values_than_anybody_reads_are_counted() -> None:
    found = of(*(line(project=f"p{number}") for number in range(30)))
    assert (len(found.projects), found.more_projects) == (25, 5)


def test_the_last_month_is_the_last_ended_one_charged_to_its_end() -> None:
    cut = Line(
        month="2026-10", currency="EUR", bill=BILL, tags=None, rows=1, cost=Decimal(7), last_day=date(2026, 10, 20)
    )
    found = of(line("3"), cut, line("9", month="2026-11"))
    assert found.last_month is not None
    assert (found.last_month.month, found.last_month.cost, found.last_month.until) == ("2026-09", Decimal(3), None)
    alone = of(cut).last_month
    assert alone is not None
    assert (alone.month, alone.until, alone.is_whole) == ("2026-10", date(2026, 10, 20), False)


def test_a_source_of_which_only_first_rows_were_read_leaves_the_month_open() -> None:
    found = suggest([sample(line("3")), sample(line(month=None), name="big", whole=())], running_month="2026-11")
    assert found.last_month is not None
    assert not found.last_month.is_whole


def test_the_same_bill_twice_is_told() -> None:
    found = suggest([sample(line(), name="cur"), sample(line(), name="cur2")], running_month="2026-11")
    assert found.repeated == (("cur", "cur2", ("2026-09",)),)
