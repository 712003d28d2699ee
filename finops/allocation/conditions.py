"""Conditions: what a rule asks of a row, combined with all, any and not; patterns are linear-time (RE2)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

Field = str
"""What a condition looks at: a key of `COLUMN_OF`, or the name of a text column of the cost table."""

COLUMN_OF: Mapping[str, str] = {
    "tag": "Tags",
    "label": "Tags",
    "cost_category": "x_CostCategories",
    "account": "SubAccountId",
    "billing_account": "BillingAccountId",
    "service": "ServiceName",
    "provider": "ProviderName",
    "region": "RegionId",
    "resource": "ResourceId",
    "source": "x_Source",
}
"""The column a field looks at; `account` is the account, project or subscription using the service."""

KEYED = ("tag", "label", "cost_category")
"""Fields whose column holds a JSON object, and which look at one key of it."""


_MEMORY = 256 << 20
"""Bytes a search for many patterns may use; its automaton is built as texts need it, so it hardly ever takes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One test of one field: it holds for what a row has, never for what it lacks.

    Attributes:
        field: what is looked at.
        key: of the tag, label or cost category; None for other fields.
        values: texts one of which the field must equal; empty where `pattern` is used.
        pattern: linear-time regular expression (RE2) searched in the field; None where `values` are used.
    """

    field: Field
    key: str | None = None
    values: tuple[str, ...] = ()
    pattern: str | None = None

    @property
    def column(self) -> str:
        """The column of the cost table it looks at."""
        return COLUMN_OF.get(self.field, self.field)

    def __str__(self) -> str:
        """The condition in words, for reports and `x_AllocationRule`."""
        subject = self.field.replace("_", " ") if self.field in COLUMN_OF else self.field
        if self.key is not None:
            subject = f"{subject} {self.key}"
        if self.pattern == "":
            return f"{subject} is set"
        return f"{subject} ~ {self.pattern}" if self.pattern is not None else f"{subject} = {' or '.join(self.values)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf:
    """Holds where every part does."""

    parts: "tuple[Match, ...]"

    def __str__(self) -> str:
        """In words: `tag app = x and provider = AWS`."""
        return " and ".join(f"({part})" if isinstance(part, AnyOf) else str(part) for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """Holds where one part does."""

    parts: "tuple[Match, ...]"

    def __str__(self) -> str:
        """In words: `tag app = x or provider = AWS`."""
        return " or ".join(f"({part})" if isinstance(part, AllOf) else str(part) for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """Holds where its part does not: also where the row lacks what the part looks at."""

    part: "Match"

    def __str__(self) -> str:
        """In words: `not (tag env = dev)`."""
        return f"not ({self.part})"


Match = Condition | AllOf | AnyOf | Not


def conditions(match: Match) -> Iterator[Condition]:
    """Every condition inside, in the order written."""
    if isinstance(match, Condition):
        yield match
    elif isinstance(match, Not):
        yield from conditions(match.part)
    else:
        for part in match.parts:
            yield from conditions(part)


def holds(match: Match, holds_alone: Callable[[Condition], bool]) -> bool:
    """Whether a match holds, given which of its conditions do."""
    if isinstance(match, Condition):
        return holds_alone(match)
    if isinstance(match, Not):
        return not holds(match.part, holds_alone)
    parts = (holds(part, holds_alone) for part in match.parts)
    return all(parts) if isinstance(match, AllOf) else any(parts)


def one_of(match: Match) -> frozenset[Condition] | None:
    """Conditions at least one of which holds wherever the match does; None where it may hold without any."""
    if isinstance(match, Condition):
        return frozenset({match})
    if isinstance(match, Not):
        return None
    needed = [one_of(part) for part in match.parts]
    known = [one for one in needed if one is not None]
    if isinstance(match, AllOf):
        return min(known, key=len, default=None)
    return frozenset().union(*known) if len(known) == len(needed) else None


def check_pattern(pattern: str) -> None:
    """Refuse what is no linear-time expression.

    Raises:
        ValueError: with RE2's own words.
    """
    import re2

    try:
        re2.compile(pattern, options=_options())  # type: ignore[no-untyped-call]
    except re2.error as error:
        message = f"{pattern!r} is not a linear-time regular expression (RE2): {error}"
        raise ValueError(message) from error


def found_by(patterns: Sequence[str]) -> Callable[[str], Sequence[int]]:
    """A search for all patterns in one pass over the text: it returns the positions of those found.

    Raises:
        ValueError: if one is no RE2 expression.
    """
    import re2

    options = _options()  # type: ignore[no-untyped-call]
    options.max_mem = _MEMORY
    searched = re2.Set.SearchSet(options)
    for pattern in patterns:
        check_pattern(pattern)
        searched.Add(pattern)
    searched.Compile()
    return lambda text: searched.Match(text) or ()


def _options():  # type: ignore[no-untyped-def]  # noqa: ANN202 - re2 has no types
    import re2

    options = re2.Options()
    options.log_errors = False  # an error is raised instead; RE2 would print it as well
    return options
