"""Keys and values of CUR 2.0 (product attributes, tags, cost categories): maps in Parquet, JSON text in CSV."""

from typing import TYPE_CHECKING

from finops.focus import cells
from finops_aws.literals import first

if TYPE_CHECKING:
    import ibis.expr.types as ir

_AFTER_KEY = "\x1f"
_AFTER_VALUE = "\x1e"
"""Separators that no tag may contain; they sort before every mark a key may have."""
_NEEDS_CARE = r'["\\\x00-\x1d]|\x1f(?:\x1e|$)'
"""Marks that JSON escapes, and keys without a value."""


def as_map(cell: "ir.Value") -> "ir.MapValue":
    """The map of a map column, or of JSON text that holds an object."""
    return cell if cell.type().is_map() else cells.text(cell).try_cast("json").try_cast("map<string, string>")


def as_text(cell: "ir.Value") -> "ir.StringValue":
    """A map as JSON text, as the engine writes it; of a text column its text. One text is one map."""
    return cell.cast("json").cast("string") if cell.type().is_map() else cells.text(cell)


def canonical(rows: "ir.Table", cell: "ir.Value", *, rename: bool, name: str) -> "ir.Table":
    """Each different map of a column once, with its one form: many rows share few maps.

    Args:
        rows: with the column.
        cell: the column: a map, or JSON text.
        rename: take the owner's prefix from user keys and write `aws:` for the provider's.
        name: of the result: engines compute what has a name once, however often a statement asks for it.

    Returns:
        text: as `as_text` gives it; json: an object with sorted keys, valueless ones `true`, null where it has none.
    """
    maps = rows.select(text=as_text(cell), cell=cell)
    once = maps.group_by("text").agg(cell=maps.cell.arbitrary())
    # Text that is named several times is made first, in a step of its own.
    joined = once.select("text", joined=_members(as_map(once.cell), rename=rename))
    return joined.select("text", json=_json_of_members(joined.joined)).alias(name)


def _members(pairs: "ir.MapValue", *, rename: bool) -> "ir.StringValue":
    """Keys and values in one text with separators, sorted by key: what `_json_of_members` takes.

    Args:
        pairs: text to text.
        rename: take the owner's prefix from user keys and write `aws:` for the provider's.
    """

    def member(pair: "ir.StructValue") -> "ir.StringValue":
        return (_own_key(pair.f1) if rename else pair.f1) + _AFTER_KEY + first(pair.f2, "")

    return pairs.keys().zip(pairs.values()).map(member).sort().join(_AFTER_VALUE).nullif("")


def _json_of_members(joined: "ir.StringValue") -> "ir.StringValue":
    """The members as a JSON object, valueless keys `true`; null where there are none.

    Marks are written around all members at once: several times as fast as escaping each key and value, which only rows
    with a mark that needs it still do.
    """
    plain = '{"' + joined.replace(_AFTER_VALUE, '", "').replace(_AFTER_KEY, '": "') + '"}'
    escaped = "{" + joined.split(_AFTER_VALUE).map(_escaped).join(", ") + "}"
    return joined.re_search(_NEEDS_CARE).ifelse(escaped, plain)


def _own_key(key: "ir.StringValue") -> "ir.StringValue":
    """The tag's own key, as `columns.tag_key` gives it."""
    import ibis

    user, aws = len("user_"), len("aws_")
    return ibis.cases(
        ((key.startswith("user_") | key.startswith("user:")) & (key.length() > user), key.substr(user)),
        (key.startswith("aws_"), "aws:" + key.substr(aws)),
        else_=key,
    )


def _escaped(member: "ir.StringValue") -> "ir.StringValue":
    """One key and its value as JSON."""
    key = member.re_extract(f"^([^{_AFTER_KEY}]*)", 1)
    value = member.substr(key.length() + 1).nullif("")
    return cells.json_text(key) + ": " + value.isnull().ifelse("true", cells.json_text(value))
