"""Grouping: the two things Cost Explorer tells charges apart by, beside their kind and day."""

from collections.abc import Mapping
from dataclasses import dataclass

from finops.connector import Source
from finops.errors import ConfigurationError

DEFAULT = "account, service"
_DIMENSIONS: Mapping[str, tuple[str, str]] = {
    "account": ("LINKED_ACCOUNT", "line_item_usage_account_id"),
    "service": ("SERVICE", "product_product_name"),
    "region": ("REGION", "product_region_code"),
    "usage_type": ("USAGE_TYPE", "line_item_usage_type"),
    "operation": ("OPERATION", "line_item_operation"),
    "instance_type": ("INSTANCE_TYPE", "product_instance_type"),
    "availability_zone": ("AZ", "line_item_availability_zone"),
}
"""Word to Cost Explorer's dimension, and to the column of a report that says the same."""
_PAIRS: Mapping[str, tuple[str, str]] = {
    "tag": ("TAG", "resource_tags"),
    "cost_category": ("COST_CATEGORY", "cost_category"),
}
_MOST = 2
"""Groups that one request may have; the kind of charge is a filter, so that it needs none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One thing charges are told apart by.

    Attributes:
        word: as the source says it, for example `account` or `tag:project`.
        type: `DIMENSION`, `TAG` or `COST_CATEGORY`.
        key: of the dimension, tag or cost category.
        column: of a line item that holds it.
    """

    word: str
    type: str
    key: str
    column: str

    @classmethod
    def named(cls, word: str) -> "Group | None":
        """The group of a word; None where there is none."""
        if word in _DIMENSIONS:
            key, column = _DIMENSIONS[word]
            return cls(word=word, type="DIMENSION", key=key, column=column)
        kind, _, key = word.partition(":")
        if kind in _PAIRS and key.strip():
            return cls(word=word, type=_PAIRS[kind][0], key=key, column=_PAIRS[kind][1])
        return None

    def cell(self, value: str) -> str | None:
        """What a column holds for a value of Cost Explorer's; None for its words for nothing.

        >>> Group.named("tag:team").cell("team$search"), Group.named("region").cell("NoRegion")
        ('search', None)
        """
        if self.type != "DIMENSION":
            return value.removeprefix(f"{self.key}$") or None
        return None if not value or value in {"NoRegion", f"No{self.word.title().replace('_', '')}"} else value


Grouping = tuple[Group, ...]
"""One or two groups."""


def grouping(source: Source) -> Grouping:
    """What a source's option `group_by` says.

    Raises:
        ConfigurationError: if it names something Cost Explorer cannot group by, or more than two things.
    """
    text = source.options.get("group_by", DEFAULT)
    words = [word.strip() for word in text.split(",")]
    groups = [Group.named(word) for word in words]
    found = tuple(group for group in groups if group is not None)
    if len(found) != len(words) or len(set(words)) != len(words) or len(words) > _MOST:
        raise NoGrouping(source.name, text)
    return found


class NoGrouping(ConfigurationError):
    """A source groups by what Cost Explorer does not have."""

    def __init__(self, source: str, text: str) -> None:
        super().__init__(
            f"Source {source!r} has group_by = {text!r}.",
            f"Name one or two of {', '.join(_DIMENSIONS)}, tag:KEY or cost_category:NAME, with a comma between them.",
        )
