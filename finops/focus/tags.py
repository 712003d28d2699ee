"""Tags as every provider writes them, to one form: a JSON object as text, keys sorted.

For tags that arrive as text or nested records and are read in Python; columns of an export are mapped by `cells`.
"""

import ast
import json
import re
import warnings
from collections.abc import Iterable, Mapping

_BARE = re.compile(r'"[^"]*" *:')
"""How an object begins that has lost its braces."""


def canonical(tags: Mapping[str, object]) -> str | None:
    """The JSON text of tags: keys sorted, values as text, valueless tags `true`; None when there are none.

    >>> canonical({"team": "b", "app": None})
    '{"app": true, "team": "b"}'
    """
    if not tags:
        return None
    plain = {
        str(key): True if value is None or value is True or value == "" else _text(value) for key, value in tags.items()
    }
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True)
    # JSON can spell half a character (`\ud800`), which no file can hold.
    return text.encode(errors="replace").decode()


def pairs(records: Iterable[Mapping[str, object]]) -> dict[str, object]:
    """Tags of a list of key and value records (`Key` and `Value` too); the last value of a key wins.

    Raises:
        ValueError: if a record has no such field.
    """
    found: dict[str, object] = {}
    for record in records:
        fields = {str(name).lower(): value for name, value in record.items()}
        if "key" not in fields:
            message = f"Tags {str(record)[:80]!r} are no keys and values"
            raise ValueError(message)
        if fields["key"] is not None:
            found[str(fields["key"])] = fields.get("value")
    return found


def parse(text: str | None) -> dict[str, object]:
    """Tags of one cell: a JSON object, a list of key/value records, or either as Python writes it.

    Raises:
        ValueError: if the text is none of these.

    >>> parse('[{"key": "team", "value": "a"}]')
    {'team': 'a'}
    >>> parse("{'team': 'a'}")
    {'team': 'a'}
    >>> parse("NULL")
    {}
    """
    stripped = (text or "").strip()
    if stripped in {"", "NULL", "null", "None"}:
        return {}
    # Azure's own cost exports leave out the braces.
    value = _literal(f"{{{stripped}}}" if _BARE.match(stripped) else stripped)
    if isinstance(value, Mapping):
        return {str(key): item for key, item in value.items()}
    if isinstance(value, list) and all(isinstance(item, Mapping) for item in value):
        return pairs(value)
    message = f"Tags {stripped[:80]!r} are neither an object nor a list of keys and values"
    raise ValueError(message)


def _literal(text: str) -> object:
    """The value of a JSON or Python literal."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a backslash in a tag is no mistake of ours
            return ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError) as error:
        message = f"Tags {text[:80]!r} are not JSON"
        raise ValueError(message) from error


def _text(value: object) -> str:
    """The value of a tag as text: booleans and numbers as JSON writes them, nested values as JSON text."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
