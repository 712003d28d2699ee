"""Entries: the sections of finops.toml that hold rules, as `Rules`; what the schema lets through and makes no sense."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from finops.allocation.conditions import KEYED, AllOf, AnyOf, Condition, Match, Not
from finops.allocation.rules import Rule, Rules, Shared
from finops.allocation.sharing import circle

_WHOLE = (Decimal(100), Decimal(1))
"""What fixed parts may add up to: per cent, or shares."""


class Mistake(Exception):
    """An entry that makes no sense.

    Attributes:
        path: of keys and positions into the data.
        what, todo: as in `FinopsError`, without the place.
    """

    def __init__(self, path: Sequence[str | int], what: str, todo: str) -> None:
        super().__init__(what)
        self.path = path
        self.what = what
        self.todo = todo


def rules(data: Mapping[str, Any], folder: Path) -> Rules:
    """The rules of a configuration that fits the schema.

    Args:
        data: of finops.toml.
        folder: its files are relative to.

    Raises:
        Mistake: for a day that does not exist, a receiver nobody knows, a pool split twice or in a circle.
    """
    kinds = {
        kind: tuple(_rule((kind, at), entry) for at, entry in enumerate(data.get(kind, ())))
        for kind in ("projects", "phases", "environments")
    }
    projects = [one.name for one in kinds["projects"]]
    entries = data.get("shared", ())
    shared = tuple(_shared(("shared", at), entry, projects, folder) for at, entry in enumerate(entries))
    _check_receivers(shared, projects)
    return Rules(**kinds, shared=shared)


def _rule(path: tuple[str | int, ...], entry: Mapping[str, Any], until: str = "to") -> Rule:
    start, end = _day(path, entry, "from"), _day(path, entry, until)
    if start is not None and end is not None and end <= start:
        raise Mistake(
            (*path, until),
            f"{entry['name']!r} ends on {end}, not after its start on {start}",
            f"`{until}` is exclusive: the first day after.",
        )
    return Rule(name=entry["name"], any_of=tuple(map(_match, entry["match"])), start=start, end=end)


def _day(path: tuple[str | int, ...], entry: Mapping[str, Any], key: str) -> date | None:
    if key not in entry:
        return None
    try:
        return date.fromisoformat(str(entry[key]))
    except ValueError as error:
        raise Mistake(
            (*path, key), f"{key} is {str(entry[key])!r}, a day that does not exist", "Write it like 2026-03-01."
        ) from error


def _match(entry: Mapping[str, Any]) -> Match:
    """One table of conditions: everything it names must hold."""
    parts = tuple(_parts(entry))
    return parts[0] if len(parts) == 1 else AllOf(parts=parts)


def _parts(entry: Mapping[str, Any]) -> Iterator[Match]:
    for field, test in entry.items():
        if field in KEYED:
            yield from _keyed(field, test, entry)
        elif field in {"all", "any"}:
            inner = tuple(map(_match, test))
            yield inner[0] if len(inner) == 1 else AllOf(parts=inner) if field == "all" else AnyOf(parts=inner)
        elif field == "not":
            yield Not(part=_match(test))
        elif field not in {"equals", "matches"}:
            pattern = test["matches"] if isinstance(test, Mapping) else None
            yield Condition(field=field, values=() if pattern is not None else _texts(test), pattern=pattern)


def _keyed(field: str, key: str, entry: Mapping[str, Any]) -> Iterator[Condition]:
    """The tests of a tag's value; without one the tag only has to be there."""
    if "equals" in entry:
        yield Condition(field=field, key=key, values=_texts(entry["equals"]))
    if "matches" in entry or "equals" not in entry:
        yield Condition(field=field, key=key, pattern=entry.get("matches", ""))


def _texts(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _shared(path: tuple[str | int, ...], entry: Mapping[str, Any], projects: Sequence[str], folder: Path) -> Shared:
    split = entry["split"]
    _check_keys(path, entry)
    parts = {name: Decimal(str(part)) for name, part in entry.get("parts", {}).items()}
    if split == "fixed" and sum(parts.values()) not in _WHOLE:
        raise Mistake(
            (*path, "parts"),
            f"the parts of {entry['name']!r} add up to {sum(parts.values())}",
            "Make them add up to 100.",
        )
    file = entry.get("file")
    return Shared(
        rule=_rule(path, entry, until="until"),
        split=split,
        to=tuple(parts) if split == "fixed" else tuple(entry.get("to", projects)),
        measure=entry.get("measure", "effective_cost"),
        parts=tuple(parts.values()),
        file=None if file is None else folder / Path(file).expanduser(),
    )


_NEEDED = {"even": (), "proportional": (), "fixed": ("parts",), "metric": ("file",)}
_MEANT_FOR = {"parts": "fixed", "file": "metric", "measure": "proportional"}


def _check_keys(path: tuple[str | int, ...], entry: Mapping[str, Any]) -> None:
    split = entry["split"]
    for key in _NEEDED[split]:
        if key not in entry:
            raise Mistake(path, f"{entry['name']!r} is split {split!r} and lacks {key!r}", f"Add {key} = …")
    for key, meant in _MEANT_FOR.items():
        if key in entry and split != meant:
            raise Mistake(
                (*path, key), f"{key} has no meaning for split = {split!r}", f'Remove it, or write split = "{meant}".'
            )
    if split == "fixed" and "to" in entry:
        raise Mistake((*path, "to"), "a fixed split names its receivers in parts", "Remove `to`.")


def _check_receivers(shared: Sequence[Shared], projects: Sequence[str]) -> None:
    pools = [one.rule.name for one in shared]
    for at, one in enumerate(shared):
        path = ("shared", at, "parts" if one.split == "fixed" else "to")
        if one.rule.name in projects or pools.index(one.rule.name) != at:
            raise Mistake(
                ("shared", at, "name"),
                f"{one.rule.name!r} is the name of {'a project' if one.rule.name in projects else 'another pool'}, too",
                "Give each its own name: a receiver is named by it.",
            )
        if not one.to:
            raise Mistake(("shared", at), f"{one.rule.name!r} has nobody to be split among", "Add to = [...].")
        for name in one.to:
            if name not in (*projects, *pools):
                near = difflib.get_close_matches(name, [*projects, *pools], n=1)
                todo = f"Did you mean {near[0]!r}?" if near else f"Known are {', '.join((*projects, *pools))}."
                raise Mistake(path, f"{one.rule.name!r} is split to {name!r}, which is no project", todo)
            if one.to.count(name) > 1:
                raise Mistake(path, f"{one.rule.name!r} is split to {name!r} twice", "Name every receiver once.")
    if found := circle(shared):
        at = pools.index(found[0])
        raise Mistake(
            ("shared", at),
            f"shared cost goes in a circle: {' → '.join(found)}",
            "Let the last one go to projects only.",
        )
