"""Records: frozen dataclasses as JSON, and the JSON Schema read from their types, so that the two cannot drift apart.

Nothing here is localised: ISO dates, amounts as text so that no reader rounds them.
"""

import dataclasses
import json
import types
import typing
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

Pairs = Mapping[tuple[type, str], tuple[str, ...]]
"""(record, field) of fields that hold plain tuples, and what their places are called."""


def to_json(record: object, *, schema: str, pairs: Pairs | None = None) -> str:
    """A record as JSON with its schema's name on top; the same record gives the same text."""
    text = json.dumps({"schema": schema, **_record(record, pairs or {})}, ensure_ascii=False, indent=1)
    return text.encode("utf-8", errors="replace").decode("utf-8")  # a lone surrogate in a name is no text


def schema_document(kind: type, *, schema: str, title: str, pairs: Pairs | None = None) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of what `to_json` writes for records of this kind."""
    definitions: dict[str, Any] = {
        "decimal": {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$", "description": "A number with every digit."}
    }
    described = _record_schema(kind, definitions, pairs or {})
    described["properties"] = {"schema": {"const": schema}, **described["properties"]}
    described["required"] = ["schema", *described["required"]]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:{schema.replace('/', ':')}",
        "title": title,
        **described,
        "$defs": dict(sorted(definitions.items())),
    }


def digits(value: Decimal) -> str:
    """Plain digits with no exponent and no negative zero.

    >>> digits(Decimal("1E+3")), digits(Decimal("-0.00"))
    ('1000', '0.00')
    """
    return format(value.copy_abs() if value.is_zero() else value, "f")


def exact(value: Decimal) -> str:
    """Plain digits without the zeros that say nothing.

    >>> exact(Decimal("1.250000000000000000")), exact(Decimal("100"))
    ('1.25', '100')
    """
    text = digits(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _plain(value: object, pairs: Pairs) -> object:
    if isinstance(value, Decimal):
        return digits(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(item, pairs) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _record(value, pairs)
    return value


def _record(record: Any, pairs: Pairs) -> dict[str, object]:  # noqa: ANN401 - any dataclass
    plain: dict[str, object] = {}
    for field in dataclasses.fields(record):
        value = getattr(record, field.name)
        names = pairs.get((type(record), field.name))
        if names is not None and isinstance(value, tuple):
            plain[field.name] = [
                dict(zip(names, (_plain(part, pairs) for part in item), strict=True)) for item in value
            ]
        else:
            plain[_name(type(record), field.name)] = _plain(value, pairs)
    return plain


def _name(kind: type, field: str) -> str:
    """`NotComputable` says what it is by its only key."""
    return "not_computable" if kind.__name__ == "NotComputable" else field


def _type_schema(kind: Any, definitions: dict[str, Any], pairs: Pairs) -> dict[str, Any]:  # noqa: ANN401 - a type as `typing` holds it
    simple = _SIMPLE.get(kind)
    if simple is not None:
        return dict(simple)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Literal:
        return {"enum": list(arguments)}
    if origin in {typing.Union, types.UnionType}:
        return {"anyOf": [_type_schema(argument, definitions, pairs) for argument in arguments]}
    if origin is tuple:
        return {"type": "array", "items": _type_schema(arguments[0], definitions, pairs)}
    if kind.__name__ not in definitions:
        definitions[kind.__name__] = {}  # stands in until it is known, should it hold itself
        definitions[kind.__name__] = _record_schema(kind, definitions, pairs)
    return {"$ref": f"#/$defs/{kind.__name__}"}


def _record_schema(kind: type, definitions: dict[str, Any], pairs: Pairs) -> dict[str, Any]:
    properties = {
        _name(kind, name): _field_schema(kind, name, hint, definitions, pairs)
        for name, hint in typing.get_type_hints(kind).items()
    }
    return {
        "type": "object",
        "description": (kind.__doc__ or "").partition("\n")[0],
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _field_schema(kind: type, name: str, hint: Any, definitions: dict[str, Any], pairs: Pairs) -> dict[str, Any]:  # noqa: ANN401 - a type
    names = pairs.get((kind, name))
    if names is None:
        return _type_schema(hint, definitions, pairs)
    places = typing.get_args(typing.get_args(hint)[0])
    properties = {label: _type_schema(place, definitions, pairs) for label, place in zip(names, places, strict=True)}
    item = {"type": "object", "properties": properties, "required": list(names), "additionalProperties": False}
    return {"type": "array", "items": item}


_SIMPLE: Final[dict[Any, dict[str, Any]]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    Decimal: {"$ref": "#/$defs/decimal"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
}
