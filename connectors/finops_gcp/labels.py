"""Labels and tags of a row as one JSON object: the resource's win over the project's, the provider's keep a prefix."""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from finops.focus import tags

MACHINE_TYPE = "compute.googleapis.com/machine_spec"
"""System label that names the machine type of a virtual machine."""

_PROVIDER_HOST = "googleapis.com/"
_PREFIX = "gcp:"


def of_row(
    labels: object, project_labels: object, system_labels: object, resource_tags: object
) -> tuple[str | None, str | None]:
    """The tags of a row as canonical JSON text, and its machine type; None for what it does not have.

    A tag that shares its key with a label gets its namespace as a prefix. A direct tag wins over an inherited one.

    Args:
        labels: of the resource: a list of keys and values, an object, or either as text.
        project_labels: of its project.
        system_labels: that Google set; keys without its host name get the prefix `gcp:`.
        resource_tags: of the resource manager, with `namespace` and `inherited`.

    Raises:
        ValueError: if one of them is no such list.

    >>> of_row([{"key": "team", "value": "a"}], [{"key": "team", "value": "b"}], None, None)
    ('{"team": "a"}', None)
    """
    own = _pairs(labels)
    merged = _pairs(project_labels) | own
    for record in sorted(_records(resource_tags), key=_is_direct):
        key, value = str(record.get("key")), record.get("value")
        if key in own and own[key] != value:
            key = f"{record.get('namespace') or 'tag'}/{key}"
        merged[key] = value
    system = _pairs(system_labels)
    merged |= {key if _PROVIDER_HOST in key else _PREFIX + key: value for key, value in system.items()}
    machine = system.get(MACHINE_TYPE)
    return tags.canonical(merged), str(machine) if machine else None


def _pairs(cell: object) -> dict[str, object]:
    if not cell:
        return {}
    if isinstance(cell, str):
        return tags.parse(cell)
    if isinstance(cell, Mapping):
        return tags.pairs([cell]) if "key" in cell else dict(cell)
    return tags.pairs(_checked(cell))


def _records(cell: object) -> list[Mapping[str, Any]]:
    """Tags with their namespace; Python's way of writing them gives keys and values only."""
    if isinstance(cell, str) and cell.lstrip().startswith("["):
        with suppress(ValueError):
            cell = json.loads(cell)
    if isinstance(cell, list):
        return list(_checked(cell))
    return [{"key": key, "value": value} for key, value in _pairs(cell).items()]


def _checked(cell: object) -> Iterable[Mapping[str, Any]]:
    if isinstance(cell, list) and all(isinstance(record, Mapping) for record in cell):
        return cell
    message = f"labels {str(cell)[:80]!r} are no list of keys and values"
    raise ValueError(message)


def _is_direct(record: Mapping[str, Any]) -> bool:
    return str(record.get("inherited")).lower() != "true"
