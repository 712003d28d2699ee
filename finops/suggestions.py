"""Suggestions: currency, projects and the size of a month, from what was sampled; nothing that no row says."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from finops import periods
from finops.money import add
from finops.sampling import Line, Sample

_PROJECT_KEYS = (
    "project", "projectname", "projectid", "app", "application", "appname", "applicationname", "team", "teamname",
    "service", "servicename", "product", "workload", "costcentre", "costcenter", "businessunit", "department",
)  # fmt: skip
"""Tag keys, without case and punctuation, whose values say whose cost it is; the first is the best."""
_NO_VALUE = {"", "-", "n/a", "na", "none", "null", "nil", "undefined", "unknown", "untagged", "unallocated", "tbd"}
"""Values, in lower case, that stand for none."""
_MOST_PROJECTS = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthCost:
    """What a month cost.

    Attributes:
        month: such as `2026-10`.
        currency: that most of its rows are in.
        cost: effective cost in that currency, exact.
        until: the day of its last charge where that is before its end; None for a month charged to its end.
        is_whole: whether all rows of the month were read, as far as can be told.
    """

    month: str
    currency: str
    cost: Decimal
    until: date | None
    is_whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectTag:
    """A tag value, in all its spellings.

    Attributes:
        name: the most frequent spelling.
        values: every spelling, the most frequent one first.
        rows: that carry it.
    """

    name: str
    values: tuple[str, ...]
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestions:
    """What a configuration can start from.

    Attributes:
        currencies: with their rows, the most frequent first.
        tag_key: of a frequent tag that looks like a project's; None where no row has one.
        projects: its values, the dearest first.
        more_projects: how many values are left out.
        other_keys: other tags that could say it, with their rows, the most frequent first.
        last_month: the last ended month that was read; None where none was.
        project_costs: project to what it cost in that month, in that currency.
        repeated: pairs of sources that hold the same bill for the same months, as (one, other, months).
    """

    currencies: Mapping[str, int]
    tag_key: str | None = None
    projects: tuple[ProjectTag, ...] = ()
    more_projects: int = 0
    other_keys: Mapping[str, int]
    last_month: MonthCost | None = None
    project_costs: Mapping[str, Decimal]
    repeated: tuple[tuple[str, str, tuple[str, ...]], ...] = ()


def suggest(samples: Sequence[Sample], *, running_month: str) -> Suggestions:
    """What the samples suggest.

    Args:
        samples: one per source.
        running_month: the month that has not ended, such as `2026-11`.
    """
    lines = [line for sample in samples for line in sample.lines]
    currencies = _counted((line.currency, line.rows) for line in lines if line.currency)
    tagged = [(line, _tags(line.tags)) for line in lines]
    keys = _project_keys(tagged)
    key = _best(keys)
    projects = _projects(tagged, key) if key is not None else []
    last = _last_month(samples, running_month)
    return Suggestions(
        currencies=currencies,
        tag_key=key if projects else None,
        projects=tuple(projects[:_MOST_PROJECTS]),
        more_projects=max(0, len(projects) - _MOST_PROJECTS),
        other_keys={other: rows for other, rows in keys.items() if other != key},
        last_month=last,
        project_costs=_project_costs(tagged, key, projects, last) if key is not None and last else {},
        repeated=tuple(_repeated(samples)),
    )


def _tags(text: str | None) -> dict[str, str]:
    """Tags with a value that says something and can be written down."""
    found = json.loads(text) if text else {}
    return {key: value for key, value in found.items() if key and isinstance(value, str) and _says_something(value)}


def _says_something(value: str) -> bool:
    # Half a surrogate pair, which JSON can carry, is no text that a file can hold.
    return value.strip().lower() not in _NO_VALUE and not re.search("[\ud800-\udfff]", value)


def _project_keys(tagged: Iterable[tuple[Line, Mapping[str, str]]]) -> dict[str, int]:
    """Tag keys that look like a project's, with their rows, the most frequent first."""
    counted: Counter[str] = Counter()
    for line, tags in tagged:
        for key in tags:
            if _word(key) in _PROJECT_KEYS:
                counted[key] += line.rows
    return dict(sorted(counted.items(), key=lambda each: (-each[1], _PROJECT_KEYS.index(_word(each[0])), each[0])))


def _best(keys: Mapping[str, int]) -> str | None:
    """The key that says best whose cost a row is, of those at least half as frequent as the most frequent one."""
    frequent = [key for key, rows in keys.items() if 2 * rows >= max(keys.values())]
    return min(frequent, key=lambda key: _PROJECT_KEYS.index(_word(key)), default=None)


def _projects(tagged: Iterable[tuple[Line, Mapping[str, str]]], key: str) -> list[ProjectTag]:
    """The values of a tag, spellings that differ in case or blanks together, the dearest first."""
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    costs: dict[str, Decimal] = defaultdict(Decimal)
    for line, tags in tagged:
        if (value := tags.get(key)) is not None:
            spellings[_folded(value)][value] += line.rows
            costs[_folded(value)] = add(costs[_folded(value)], line.cost)
    found = []
    for folded in sorted(spellings, key=lambda each: (-costs[each], each)):
        values = tuple(_counted(spellings[folded].items()))
        found.append(ProjectTag(name=values[0].strip(), values=values, rows=spellings[folded].total()))
    return found


def _last_month(samples: Sequence[Sample], running_month: str) -> MonthCost | None:
    """The last ended month that has charges to its end, else the last one; over every source that was read."""
    reached: dict[str, date] = {}
    for sample in samples:
        for line in sample.lines:
            if line.month and line.month < running_month and line.last_day:
                reached[line.month] = max(reached.get(line.month, line.last_day), line.last_day)
    if not reached:
        return None
    full = [month for month, day in reached.items() if _last_day(month) <= day]
    month = max(full or reached)
    lines = [line for sample in samples for line in sample.lines if line.month == month and line.currency]
    currency = next(iter(_counted((line.currency, line.rows) for line in lines if line.currency)), None)
    if currency is None:
        return None
    return MonthCost(
        month=month,
        currency=currency,
        cost=add(*(line.cost for line in lines if line.currency == currency)),
        until=None if month in full else reached[month],
        is_whole=all(month in sample.whole_months or not _holds(sample, month) for sample in samples),
    )


def _last_day(month: str) -> date:
    return periods.month(month).end - timedelta(days=1)


def _holds(sample: Sample, month: str) -> bool:
    """Whether rows of the month may lie in the place: some were read, none could be, or their months say nothing."""
    return not sample.lines or any(line.month in {month, None} for line in sample.lines)


def _project_costs(
    tagged: Iterable[tuple[Line, Mapping[str, str]]], key: str, projects: Collection[ProjectTag], last: MonthCost
) -> dict[str, Decimal]:
    names = {value: project.name for project in projects for value in project.values}
    costs: dict[str, Decimal] = {}
    for line, tags in tagged:
        name = names.get(tags.get(key, ""))
        if name is not None and (line.month, line.currency) == (last.month, last.currency):
            costs[name] = add(costs.get(name, Decimal(0)), line.cost)
    return costs


def _repeated(samples: Sequence[Sample]) -> Iterable[tuple[str, str, tuple[str, ...]]]:
    """Sources that seem to hold the same rows: a bill exported in two formats counts twice."""
    for at, one in enumerate(samples):
        mine = _bills(one)
        for other in samples[at + 1 :]:
            if months := sorted({month for _, month in mine & _bills(other)}):
                yield one.place.name, other.place.name, tuple(months)


def _bills(sample: Sample) -> set[tuple[tuple[str | None, str | None], str]]:
    return {(line.bill, line.month) for line in sample.lines if line.month and line.bill[1]}


def _counted(pairs: Iterable[tuple[str | None, int]]) -> dict[str, int]:
    """Rows per text, the most frequent first."""
    counted: Counter[str] = Counter()
    for text, rows in pairs:
        if text is not None:
            counted[text] += rows
    return dict(sorted(counted.items(), key=lambda each: (-each[1], each[0])))


def _folded(value: str) -> str:
    return value.strip().casefold()


def _word(key: str) -> str:
    """A tag key without case and punctuation."""
    return re.sub(r"[^a-z0-9]", "", key.lower())
